"""USD-M stops: they wait at a door of their own, and become ordinary orders under a new id when they trigger.

So an order may stand at either door. What is said here asks both, and follows a stop that has triggered.
Signs nothing.

Source: USD-M "New Algo Order" and change log (2025-12-09), trade pages (2026-05-28) and SDK 18.1.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from attrs import evolve

from unified.adapter import Steps
from unified.errors import Fault, Kind, VenueError
from unified.instrument import ZERO, Instrument
from unified.operations import (
    CancelAll,
    CancelOrder,
    FetchOpenOrders,
    FetchOrder,
    InstrumentOperation,
    ListingOperation,
    Page,
    PlaceOrder,
    Priority,
)
from unified.order import Order, OrderStatus, OrderType
from unified.values import frozen
from unified.wire import Json, at_ms_or_none, choice, decimal_or_none, obj, positive_or_none, rows, text, text_or_none
from unified_binance_dialect.auth import Parameters, cannot
from unified_binance_dialect.orders import (
    CancelSymbol,
    all_of,
    check_combination,
    numbers,
    position_flags,
    stops_loss,
    time_in_force,
)
from unified_binance_dialect.rows import Row, instrument_of, terms_of

# --- the operations of either door


@frozen(kw_only=True)
class Stop:
    """A stop, and the ordinary order that it became."""

    order: Order
    actual_order_id: str | None
    """The venue's id of that order; None until it has triggered."""


class FetchResting(FetchOrder):
    """An order at the main door."""

    __slots__ = ()


@frozen(kw_only=True)
class FetchStop(InstrumentOperation[Stop]):
    """A stop at its own door, by either id."""

    name = "get_stop"
    priority = Priority.PRIVATE_READ
    venue_order_id: str | None = None
    client_order_id: str | None = None


class CancelResting(CancelOrder):
    """Cancel at the main door."""

    __slots__ = ()


class CancelStop(CancelOrder):
    """Cancel at the door of the stops."""

    __slots__ = ()


class CancelStops(CancelAll):
    """Cancel the stops of one instrument."""

    __slots__ = ()


class FetchOpenResting(FetchOpenOrders):
    """Open orders at the main door."""

    __slots__ = ()


class FetchOpenStops(FetchOpenOrders):
    """Stops that wait."""

    __slots__ = ()


# --- place


def is_stop(order: PlaceOrder) -> bool:
    return order.order_type.is_stop


def place_parameters(order: PlaceOrder) -> Parameters:
    check_combination(order)
    has_price = order.order_type is OrderType.STOP_LIMIT
    return {
        "algoType": "CONDITIONAL",
        "symbol": order.instrument.symbol,
        "side": order.side.value.upper(),
        "type": ("STOP" if stops_loss(order) else "TAKE_PROFIT") + ("" if has_price else "_MARKET"),
        "clientAlgoId": order.client_order_id,
        **numbers(quantity=order.quantity, price=order.price, triggerPrice=order.stop_price),
        **(time_in_force(order) if has_price else {}),
        **position_flags(order),
    }


def parse_placed(operation: PlaceOrder, answer: Json) -> Order:
    return stop_of(operation.instrument, obj(answer)).order


# --- one stop


def ids(operation: CancelOrder | FetchStop) -> Parameters:
    """The venue's id wins. The door takes no symbol: its ids are unique over all."""
    if operation.venue_order_id:
        return {"algoId": operation.venue_order_id}
    if operation.client_order_id:
        return {"clientAlgoId": operation.client_order_id}
    raise cannot(operation, "a stop is named by its venue_order_id or its client_order_id")


def parse_fetched(operation: FetchStop, answer: Json) -> Stop:
    """A stop of another instrument is not the one that was asked for: ids of the two doors may coincide."""
    row = obj(answer)
    if text(row, "symbol") != operation.instrument.symbol:
        hint = "The stop with this id belongs to another instrument."
        raise VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND, message="no such stop of this instrument", hint=hint))
    return stop_of(operation.instrument, row)


def parse_canceled(operation: CancelOrder, answer: Json) -> Order:
    """Older answers only say that it was done."""
    row = obj(answer)
    if "algoStatus" in row:
        return stop_of(operation.instrument, row).order
    return Order(
        instrument=operation.instrument,
        venue_order_id=text(row, "algoId"),
        client_order_id=text_or_none(row, "clientAlgoId"),
        status=OrderStatus.CANCELED,
    )


_STATUSES = {
    "NEW": OrderStatus.NEW,
    "TRIGGERING": OrderStatus.NEW,
    "TRIGGERED": OrderStatus.NEW,
    "FINISHED": OrderStatus.EXPIRED,  # over; an order that came of it tells more under its own id
    "CANCELED": OrderStatus.CANCELED,
    "REJECTED": OrderStatus.REJECTED,
    "EXPIRED": OrderStatus.EXPIRED,
}


def stop_of(instrument: Instrument, row: Row) -> Stop:
    actual = text_or_none(row, "actualOrderId")
    quantity, filled = positive_or_none(row, "quantity"), decimal_or_none(row, "actualQty") or ZERO
    order = Order(
        instrument=instrument,
        venue_order_id=text(row, "algoId"),
        client_order_id=text_or_none(row, "clientAlgoId"),
        status=_status(text(row, "algoStatus"), quantity, filled),
        quantity=quantity,
        filled_quantity=filled,
        average_price=positive_or_none(row, "actualPrice") if filled else None,
        stop_price=positive_or_none(row, "triggerPrice"),
        created_at=at_ms_or_none(row, "createTime"),
        updated_at=at_ms_or_none(row, "updateTime"),
        **terms_of(row, "orderType", instrument),
    )
    return Stop(order=order, actual_order_id=None if actual in (None, "0") else actual)


def _status(native: str, quantity: Decimal | None, filled: Decimal) -> OrderStatus:
    """A stop is finished when the order that came of it is: filled, or ended with what it had got."""
    status = choice(_STATUSES, native, "algoStatus")
    if native == "FINISHED" and filled > ZERO:
        return OrderStatus.FILLED if quantity is None or filled >= quantity else OrderStatus.CANCELED
    return status


# --- an order at either door


@frozen(kw_only=True)
class Found:
    """An order as it stands now, and at which door."""

    order: Order
    waits: bool
    """At the door of the stops."""


def fetch_steps(operation: FetchOrder) -> Steps[Order]:
    found = yield from _find(operation, is_plain=operation.is_stop is False)
    return found.order


def _find(wanted: FetchOrder | CancelOrder, *, is_plain: bool = False) -> Steps[Found]:
    """Look at the main door, then among the stops; follow a stop that has become an order.

    `is_plain`: it was not placed as a stop, so that the main door alone decides.
    """
    instrument, venue_id, client_id = wanted.instrument, wanted.venue_order_id, wanted.client_order_id
    try:
        order: Order = yield FetchResting(instrument=instrument, venue_order_id=venue_id, client_order_id=client_id)
    except VenueError as error:
        if error.kind is not Kind.ORDER_NOT_FOUND or is_plain:
            raise
    else:
        return Found(order=order, waits=False)
    stop: Stop = yield FetchStop(instrument=instrument, venue_order_id=venue_id, client_order_id=client_id)
    if stop.actual_order_id is None:
        return Found(order=stop.order, waits=True)
    return Found(order=(yield from _followed(stop, stop.actual_order_id)), waits=False)


def _followed(stop: Stop, actual_order_id: str) -> Steps[Order]:
    """The order that came of a stop. Where the venue does not show it, the stop proves that it was taken."""
    try:
        actual: Order = yield FetchResting(instrument=stop.order.instrument, venue_order_id=actual_order_id)
    except VenueError as error:
        if error.kind is not Kind.ORDER_NOT_FOUND:
            raise
        status = stop.order.status if stop.order.filled_quantity else OrderStatus.PENDING_NEW
        return evolve(stop.order, venue_order_id=actual_order_id, status=status)
    return _triggered(stop.order, actual)


def _triggered(stop: Order, actual: Order) -> Order:
    """The order that came of a stop, under the terms and the client id that the caller knows."""
    return evolve(actual, client_order_id=stop.client_order_id, order_type=stop.order_type, stop_price=stop.stop_price)


_GONE = (Kind.ORDER_NOT_FOUND, Kind.ORDER_CLOSED)


def cancel_steps(operation: CancelOrder) -> Steps[Order]:
    """Cancel where the caller says it stands; where it is gone from there, look for it and cancel it there."""
    door = CancelStop if operation.is_stop else CancelResting
    instrument = operation.instrument
    try:
        canceled: Order = yield door(
            instrument=instrument,
            venue_order_id=operation.venue_order_id,
            client_order_id=operation.client_order_id,
        )
    except VenueError as refused:
        if refused.kind not in _GONE:
            raise
        gone = refused
    else:
        return canceled
    try:
        found = yield from _find(operation)
    except VenueError as error:
        raise (gone if error.kind is Kind.ORDER_NOT_FOUND else error) from None
    if not found.order.is_open:
        raise gone
    other = CancelStop if found.waits else CancelResting
    moved: Order = yield other(instrument=instrument, venue_order_id=found.order.venue_order_id)
    return moved


# --- many orders


def parse_open(operation: FetchOpenOrders, answer: Json) -> Page[Order]:
    return Page(items=untriggered(operation, answer))


def untriggered(operation: ListingOperation[Any], answer: Json) -> tuple[Order, ...]:
    """A stop that became an order is left out: it stands in the list of orders, under its own id."""
    found = (obj(row, "algoOrders[]") for row in rows(answer))
    stops = (stop_of(instrument_of(operation, row), row) for row in found)
    return tuple(stop.order for stop in stops if stop.actual_order_id is None)


def open_steps(operation: FetchOpenOrders) -> Steps[Page[Order]]:
    """Stops first: one that triggers in between is then seen twice rather than never."""
    product, instrument, listing = operation.product, operation.instrument, operation.listing
    stops: Page[Order] = yield FetchOpenStops(product=product, instrument=instrument, listing=listing)
    resting: Page[Order] = yield FetchOpenResting(product=product, instrument=instrument, listing=listing)
    return Page(items=resting.items + stops.items)


def cancel_all_steps(operation: CancelAll) -> Steps[None]:
    """Stops first, so that one that triggers in between is still canceled as an order."""
    instruments: Iterable[Instrument] = () if operation.instrument is None else (operation.instrument,)
    if operation.instrument is None:
        found = yield from open_steps(FetchOpenOrders(product=operation.product, listing=operation.listing))
        instruments = dict.fromkeys(order.instrument for order in found.items)
    yield from all_of(
        cancel(instrument=instrument, product=operation.product, listing=operation.listing)
        for instrument in instruments
        for cancel in (CancelStops, CancelSymbol)
    )
