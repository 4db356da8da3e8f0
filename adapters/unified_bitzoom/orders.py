"""Orders and fills: parameters out, values in, and what takes several requests. Signs nothing, sends nothing.

There is no look-up of one order, no proven cancel-all, no amending and no batch. Source: bitzoom-futures/futures.doc,
examples/bitzoom.gateway.json at 42521de (2026-02-13), docs/guides/place-order.md (after it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import evolve

from unified.adapter import Steps, unsupported
from unified.errors import Fault, Kind, Scope, VenueError
from unified.instrument import Instrument
from unified.operations import (
    CancelAll,
    CancelOrder,
    FetchClosedOrders,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    InstrumentOperation,
    Page,
    PlaceOrder,
    Priority,
)
from unified.order import Fill, Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.values import frozen
from unified.wire import Json, microseconds, obj, plain
from unified_bitzoom.market_data import VENUE
from unified_bitzoom.rows import CLIENT_IDS, FILLED, IDS, fill_of, instrument_of, list_of, named, order_of

T = TypeVar("T", Order, Fill)

_MOST = 100
_PAGES = 5
"""Pages of history that one look goes back: five hundred orders."""


# --- place


def place_parameters(order: PlaceOrder) -> Mapping[str, Any]:
    """Numbers as text, as the spec types them. What the papers leave undefined (isSize, isMargin) is left out."""
    refuse = _cannot(order)
    if refuse:
        raise unsupported(VENUE, order, refuse)
    said: dict[str, Any] = {
        "symbol": order.instrument.symbol,
        "side": order.side.value.upper(),
        "type": _native_type(order),
        "clientOrderId": order.client_order_id,
    }
    values = {"quantity": order.quantity, "price": order.price, "stopPrice": order.stop_price}
    said |= {name: plain(value) for name, value in values.items() if value is not None}
    if order.order_type.has_price:
        said["timeInForce"] = "GTX" if order.post_only else order.time_in_force.value.upper()
    if order.position_side is not None:
        said["positionSide"] = order.position_side.value.upper()
    elif order.reduce_only:
        said["reduceOnly"] = True
    return said


def _cannot(order: PlaceOrder) -> str:
    if order.quote_quantity is not None:
        return "orders take quantity only"
    if order.time_in_force is TimeInForce.GTD:
        return "orders cannot expire by themselves; place GTC and cancel it"
    if order.post_only and (not order.order_type.has_price or order.time_in_force is not TimeInForce.GTC):
        return "post-only is for limit orders that are good till canceled"
    if order.margin_mode is not None:
        return "the margin mode belongs to the symbol; use set_margin_mode"
    opens = (order.side is Side.BUY) == (order.position_side is PositionSide.LONG)
    if order.reduce_only and order.position_side is not None and opens:
        return "this order would open the position, so it cannot be reduce-only"
    return ""


def _native_type(order: PlaceOrder) -> str:
    if not order.order_type.is_stop:
        return order.order_type.value.upper()
    loss = (order.side is Side.BUY) == (order.waits_for is Trigger.RISES)
    word = "STOP" if loss else "TAKE_PROFIT"
    return word if order.order_type is OrderType.STOP_LIMIT else f"{word}_MARKET"


def parse_placed(operation: PlaceOrder, answer: Json) -> Order:
    """The documented answer does not repeat the client id; it is the one that was sent."""
    row = obj(answer, "data")
    order = order_of(operation.instrument, row)
    if order.status.is_final and order.status is not OrderStatus.FILLED and not any(name in row for name in FILLED):
        # It has ended, and how much of it had filled is not told: an acknowledgement, to be looked up.
        order = evolve(order, status=OrderStatus.PENDING_NEW)
    return order if order.client_order_id else evolve(order, client_order_id=operation.client_order_id)


# --- cancel


class CancelBySpec(CancelOrder):
    """At the address of the gateway's own specification."""

    __slots__ = ()


class CancelByGuide(CancelOrder):
    """At the address that the guides name."""

    __slots__ = ()


def cancel_steps(operation: CancelOrder) -> Steps[Order]:
    """The papers disagree on the address: where the first does not exist, the other is asked."""
    asked: dict[str, Any] = {
        "instrument": operation.instrument,
        "venue_order_id": operation.venue_order_id,
        "client_order_id": operation.client_order_id,
    }
    try:
        canceled: Order = yield CancelBySpec(**asked)
    except VenueError as refused:
        if refused.kind is not Kind.NOT_SUPPORTED:
            raise
        canceled = yield CancelByGuide(**asked)
    return canceled


def cancel_parameters(operation: CancelOrder) -> Mapping[str, Any]:
    said: dict[str, Any] = {"symbol": operation.instrument.symbol}
    if operation.venue_order_id:
        id_ = operation.venue_order_id
        return {**said, "orderId": int(id_) if id_.isdecimal() and len(id_) < 19 else id_}
    if operation.client_order_id:
        return {**said, "origClientOrderId": operation.client_order_id}
    raise unsupported(VENUE, operation, "an order is named by its venue_order_id or its client_order_id")


def parse_canceled(operation: CancelOrder, answer: Json) -> Order:
    """What comes back is not documented: an order, or nothing but that it was done."""
    row = answer if type(answer) is dict else {}
    if "status" in row and "side" in row:
        return order_of(operation.instrument, row)
    return Order(
        instrument=operation.instrument,
        venue_order_id=str(row.get(named(row, IDS)) or operation.venue_order_id or ""),
        client_order_id=operation.client_order_id or row.get(named(row, CLIENT_IDS)),
        status=OrderStatus.CANCELED,
    )


def cancel_all_steps(operation: CancelAll) -> Steps[None]:
    """One by one: the call for all stands in the guides only. An order that ended by itself in between is fine."""
    found: Page[Order] = yield FetchOpenOrders(
        product=operation.product, instrument=operation.instrument, listing=operation.listing
    )
    failed: VenueError | None = None
    for order in found.items:
        try:
            yield CancelOrder(instrument=order.instrument, venue_order_id=order.venue_order_id)
        except VenueError as error:
            if error.kind not in (Kind.ORDER_CLOSED, Kind.ORDER_NOT_FOUND):
                failed = failed or error
    if failed is not None:
        raise failed


# --- one order


class FetchOpenOf(InstrumentOperation[tuple[Order, ...]]):
    """Open orders of one instrument."""

    __slots__ = ()
    name = "open_orders_of"
    priority = Priority.PRIVATE_READ


@frozen(kw_only=True)
class FetchClosedOf(InstrumentOperation[tuple[Order, ...]]):
    """One page of the history of one instrument."""

    name = "closed_orders_of"
    priority = Priority.PRIVATE_READ
    page: int = 1


def fetch_steps(operation: FetchOrder) -> Steps[Order]:
    """Among open orders, then back through the history: there is no call for one order.

    What was open at the first look is found there, what closed since is found in the history.
    """
    if not operation.venue_order_id and not operation.client_order_id:
        raise unsupported(VENUE, operation, "an order is named by its venue_order_id or its client_order_id")
    instrument = operation.instrument
    among: tuple[Order, ...] = yield FetchOpenOf(instrument=instrument)
    for number in range(1, _PAGES + 1):
        found = next((order for order in among if _is_meant(operation, order)), None)
        if found is not None:
            return found
        among = yield FetchClosedOf(instrument=instrument, page=number)
        if _is_last(operation, among):
            break
    found = next((order for order in among if _is_meant(operation, order)), None)
    if found is not None:
        return found
    message = "neither open orders nor the history show this order"
    hint = "The venue has no look-up of one order and does not promise to show client ids: this proves nothing."
    fault = Fault(kind=Kind.ORDER_NOT_FOUND, scope=Scope.ORDER, http_status=200, message=message, hint=hint)
    raise VenueError.of(fault)


def _is_meant(operation: FetchOrder, order: Order) -> bool:
    if operation.venue_order_id:
        return order.venue_order_id == operation.venue_order_id
    return order.client_order_id == operation.client_order_id


def _is_last(operation: FetchOrder, page: tuple[Order, ...]) -> bool:
    """No page follows, or those that follow are older than the order can be."""
    times = [order.created_at for order in page if order.created_at is not None]
    return len(page) < _MOST or (operation.since is not None and bool(times) and min(times) < operation.since)


def open_of_parameters(operation: FetchOpenOf) -> Mapping[str, str]:
    return {"symbol": operation.instrument.symbol}


def closed_of_parameters(operation: FetchClosedOf) -> Mapping[str, str]:
    return {"symbol": operation.instrument.symbol, "page": str(operation.page), "limit": str(_MOST)}


def parse_orders_of(operation: FetchOpenOf | FetchClosedOf, answer: Json) -> tuple[Order, ...]:
    return tuple(_orders_of(operation.instrument, answer))


def _orders_of(instrument: Instrument, answer: Json) -> list[Order]:
    return [order_of(instrument, row) for row in list_of(answer) if row.get("symbol") == instrument.symbol]


# --- lists


def open_parameters(operation: FetchOpenOrders) -> Mapping[str, str]:
    return {} if operation.instrument is None else {"symbol": operation.instrument.symbol}


def parse_open(operation: FetchOpenOrders, answer: Json) -> Page[Order]:
    return Page(items=tuple(order_of(instrument_of(operation, row), row) for row in list_of(answer)))


def history_parameters(operation: FetchClosedOrders | FetchFills) -> Mapping[str, str]:
    """Pages are counted from one; the cursor is the number of the next."""
    said = {"page": operation.cursor or "1", "limit": str(_limit(operation))}
    if not said["page"].isdecimal():
        raise unsupported(VENUE, operation, "this cursor is not from a page of this list")
    if operation.instrument is not None:
        said["symbol"] = operation.instrument.symbol
    if operation.start is not None:
        said["starttime"] = str(-(-microseconds(operation.start) // 1000))
    if operation.end is not None:
        said["endtime"] = str(-(-microseconds(operation.end) // 1000) - 1)
    return said


def _limit(operation: FetchClosedOrders | FetchFills) -> int:
    return min(operation.limit or _MOST, _MOST)


def parse_closed(operation: FetchClosedOrders, answer: Json) -> Page[Order]:
    page = _page(operation, answer, order_of)
    return evolve(page, items=tuple(order for order in page.items if order.status.is_final))


def parse_fills(operation: FetchFills, answer: Json) -> Page[Fill]:
    """The venue cannot be asked for those of one order: they are picked out here."""
    page = _page(operation, answer, fill_of)
    wanted = operation.venue_order_id
    return evolve(page, items=tuple(fill for fill in page.items if wanted in (None, fill.venue_order_id)))


def _page(
    operation: FetchClosedOrders | FetchFills, answer: Json, read: Callable[[Instrument, Mapping[str, Any]], T]
) -> Page[T]:
    found = list_of(answer)
    items = tuple(read(instrument_of(operation, row), row) for row in found)
    number = int(operation.cursor or "1")
    return Page(items=items, cursor=str(number + 1) if len(found) >= _limit(operation) else None)
