"""Writing orders: bodies out, acknowledgements in. Signs nothing, checks no rule of the instrument.

OKX only acknowledges: an accepted order is PENDING_NEW and an accepted cancel PENDING_CANCEL until asked.
Source: OKX API v5 docs, #order-book-trading-trade (2026-06-30) and the algo trading pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from unified.accepted import accepted, amended
from unified.account import MarginMode
from unified.adapter import refuse_if, unsupported
from unified.errors import VenueError
from unified.instrument import ZERO, InstrumentStatus, Product
from unified.operations import (
    AmendOrder,
    CancelBatch,
    CancelOrder,
    Operation,
    PlaceBatch,
    Placed,
    PlaceOrder,
    TestOrder,
)
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.values import frozen
from unified.wire import Json, at_ms_or_none, malformed, obj, plain, text_or_none
from unified_okx.faults import Item
from unified_okx.market_data import first
from unified_okx.symbols import to_native

VENUE = "okx"
MOST_IN_A_BATCH = 20
MOST_STOPS_IN_A_BATCH = 10

Body = Mapping[str, Any]
Asked = TypeVar("Asked", PlaceOrder, CancelOrder)


@frozen(kw_only=True)
class Terms:
    """What the account's settings make of an order."""

    spot_mode: str
    """`cash`, or `cross` for multi-currency and portfolio accounts."""
    swap_mode: str
    """`cross` or `isolated`, where an order does not say."""
    quote_currency: str = ""
    """`tradeQuoteCcy` of spot orders; some regions require it."""


# --- place


def place_path(order: PlaceOrder, _time_ms: int) -> str:
    """/trade/order, or /trade/order-algo for a stop"""
    return "/trade/order-algo" if order.order_type.is_stop else "/trade/order"


def place_body(terms: Terms, order: PlaceOrder) -> Body:
    """One new order of any type. Raises `not_supported` for what OKX cannot express."""
    _refuse_impossible(terms, order)
    kind = _stop_terms(order) if order.order_type.is_stop else _plain_terms(order)
    return {
        "instId": order.instrument.symbol,
        "tdMode": _trade_mode(terms, order),
        "side": order.side.value,
        **kind,
        **_size(order),
        **_position_terms(order),
        **({"tradeQuoteCcy": terms.quote_currency} if terms.quote_currency and _is_spot(order) else {}),
    }


def batch_body(terms: Terms, operation: PlaceBatch) -> Sequence[Body]:
    refuse_if(
        VENUE,
        operation,
        (len(operation.orders) > MOST_IN_A_BATCH, f"a batch holds at most {MOST_IN_A_BATCH} orders"),
        (any(order.order_type.is_stop for order in operation.orders), "stops cannot stand in a batch"),
    )
    return [place_body(terms, order) for order in operation.orders]


def precheck_body(terms: Terms, operation: TestOrder) -> Body:
    """The precheck knows margin accounts only, and says nothing about the matching engine."""
    refuse_if(
        VENUE,
        operation,
        (terms.spot_mode == "cash", "only multi-currency and portfolio accounts can test an order"),
        (operation.order.order_type.is_stop, "stops cannot be tested"),
    )
    body = place_body(terms, operation.order)
    return {name: value for name, value in body.items() if name != "clOrdId"}


def _is_spot(order: PlaceOrder) -> bool:
    return order.product is Product.SPOT


_TIME_IN_FORCE = {TimeInForce.GTC: "limit", TimeInForce.IOC: "ioc", TimeInForce.FOK: "fok"}


def _plain_terms(order: PlaceOrder) -> Body:
    terms = {"ordType": _native_type(order), "clOrdId": order.client_order_id}
    return terms if order.price is None or not order.order_type.has_price else {**terms, "px": plain(order.price)}


def _native_type(order: PlaceOrder) -> str:
    """Post-only and time in force are order types here."""
    if order.order_type is OrderType.MARKET:
        return "market" if _is_spot(order) or order.time_in_force is TimeInForce.GTC else "optimal_limit_ioc"
    return "post_only" if order.post_only else _TIME_IN_FORCE[order.time_in_force]


def _stop_terms(order: PlaceOrder) -> Body:
    """A `conditional` order says on which side of the market it waits: a stop of a loss or of a profit.

    A `trigger` order would not: it waits on whichever side its price happens to lie.
    """
    is_loss = (order.side is Side.BUY) == (order.waits_for is Trigger.RISES)
    name = "sl" if is_loss else "tp"
    return {
        "ordType": "conditional",
        "algoClOrdId": order.client_order_id,
        f"{name}TriggerPx": plain(order.stop_price) if order.stop_price is not None else "",
        f"{name}OrdPx": "-1" if order.price is None or not order.order_type.has_price else plain(order.price),
        f"{name}TriggerPxType": "last",
    }


def _size(order: PlaceOrder) -> Body:
    """`sz` counts contracts for swaps, base units for spot, and what `tgtCcy` says for spot market orders.

    That is always sent: left out, OKX reads a market buy in quote units.
    """
    at_market = order.order_type in (OrderType.MARKET, OrderType.STOP_MARKET)
    if order.quote_quantity is not None:
        size = {"sz": plain(order.quote_quantity), "tgtCcy": "quote_ccy"}
    else:
        unit = {"tgtCcy": "base_ccy"} if _is_spot(order) and at_market else {}
        size = {"sz": plain(to_native(order.instrument, order.quantity or ZERO)), **unit}
    # Else OKX may shrink a spot market order to what the account can pay.
    return {**size, "banAmend": True} if _is_spot(order) and order.order_type is OrderType.MARKET else size


def _position_terms(order: PlaceOrder) -> Body:
    """In hedge mode the side of the position says what closes; `reduceOnly` belongs to one-way mode."""
    if order.position_side is not None:
        return {"posSide": order.position_side.value}
    return {"reduceOnly": True} if order.reduce_only else {}


def _trade_mode(terms: Terms, order: PlaceOrder) -> str:
    if _is_spot(order):
        return terms.spot_mode
    return terms.swap_mode if order.margin_mode is None else order.margin_mode.value


def _refuse_impossible(terms: Terms, order: PlaceOrder) -> None:
    """Combinations that OKX has no words for."""
    spot, stop = _is_spot(order), order.order_type.is_stop
    at_market = not order.order_type.has_price
    flags = order.post_only or order.time_in_force is not TimeInForce.GTC
    opens = order.position_side is not None and (order.position_side is PositionSide.LONG) == (order.side is Side.BUY)
    refuse_if(
        VENUE,
        order,
        (order.quantity is None and order.quote_quantity is None, "an order needs a quantity"),
        (order.time_in_force is TimeInForce.GTD, "orders have no GTD; use GTC and cancel it"),
        (order.post_only and at_market, "a market order cannot be post-only"),
        (order.post_only and order.time_in_force is not TimeInForce.GTC, "a post-only order rests: GTC only"),
        (at_market and order.time_in_force is TimeInForce.FOK, "market orders have no FOK"),
        (stop and flags, "stops are GTC and never post-only"),
        (stop and order.stop_price is None, "a stop needs a stop_price"),
        (order.order_type.has_price and order.price is None, "this order type needs a price"),
        (order.quote_quantity is not None and not (spot and at_market), "quote_quantity is for spot market orders"),
        (stop and order.quote_quantity is not None and order.side is Side.SELL, "a stop sells base units only"),
        (spot and order.position_side is not None, "spot has no position side"),
        (spot and order.reduce_only, "spot has no reduce-only"),
        (spot and _borrows(terms, order), "margin trading of spot pairs is not served"),
        (order.reduce_only and opens, "this side opens the position: it cannot be reduce-only"),
        (
            not spot and order.instrument.status is InstrumentStatus.UNLISTED,
            "the listing does not hold this swap: its contract size is unknown",
        ),
    )


def _borrows(terms: Terms, order: PlaceOrder) -> bool:
    return order.margin_mode is MarginMode.ISOLATED or (
        order.margin_mode is MarginMode.CROSS and terms.spot_mode == "cash"
    )


def parse_placed(order: PlaceOrder, rows: list[Json]) -> Order:
    """The acknowledgement holds ids only: the terms are those that were asked for and accepted."""
    return placed(order, first(rows))


def placed(order: PlaceOrder, row: Mapping[str, Any]) -> Order:
    venue_name, client_name = _names(order.order_type.is_stop)
    if row.get(client_name, "") not in ("", order.client_order_id):
        raise malformed(f"{client_name}: the answer is about another order")
    return accepted(order, _id(row, venue_name), created_at=at_ms_or_none(row, "ts"))


def parse_placed_batch(operation: PlaceBatch, items: list[Item]) -> tuple[Placed, ...]:
    return _each(operation, operation.orders, items, placed)


def parse_tested(operation: TestOrder, rows: list[Json]) -> None:
    """A success says all there is."""


# --- amend


def amend_body(operation: AmendOrder) -> Body:
    """`newSz` is the new total, what is filled included, as it is here."""
    order = operation.order
    if _is_a_stop(order):
        raise unsupported(VENUE, operation, "a stop cannot be amended here; cancel it and place another")
    changes = {}
    if operation.price is not None:
        changes["newPx"] = plain(operation.price)
    if operation.quantity is not None:
        changes["newSz"] = plain(to_native(operation.instrument, operation.quantity))
    named = which(False, order.venue_order_id, order.client_order_id)
    return {"instId": operation.instrument.symbol, **named, **changes}


def _is_a_stop(order: Order) -> bool:
    return order.order_type is not None and order.order_type.is_stop


def parse_amended(operation: AmendOrder, rows: list[Json]) -> Order:
    """Accepted only: the terms are the new ones, and PENDING_NEW says that the engine has not spoken."""
    row = first(rows)
    return amended(operation, _id(row, "ordId"), updated_at=at_ms_or_none(row, "ts"))


# --- cancel


def cancel_path(operation: CancelOrder, _time_ms: int) -> str:
    """/trade/cancel-order, or /trade/cancel-algos for a stop"""
    return "/trade/cancel-algos" if operation.is_stop else "/trade/cancel-order"


def cancel_body(operation: CancelOrder) -> Body | Sequence[Body]:
    """Stops are cancelled by a list, also where it is one."""
    return [_cancel(operation)] if operation.is_stop else _cancel(operation)


def _cancel(operation: CancelOrder) -> Body:
    named = which(operation.is_stop, operation.venue_order_id, operation.client_order_id)
    return {"instId": operation.instrument.symbol, **named}


def parse_canceled(operation: CancelOrder, rows: list[Json]) -> Order:
    return canceled(operation, first(rows))


def canceled(operation: CancelOrder, row: Mapping[str, Any]) -> Order:
    venue_name, client_name = _names(operation.is_stop)
    return Order(
        instrument=operation.instrument,
        venue_order_id=_id(row, venue_name),
        client_order_id=text_or_none(row, client_name) or operation.client_order_id,
        status=OrderStatus.PENDING_CANCEL,
        updated_at=at_ms_or_none(row, "ts"),
    )


def cancel_batch_path(operation: CancelBatch, _time_ms: int) -> str:
    """/trade/cancel-batch-orders, or /trade/cancel-algos for stops"""
    return "/trade/cancel-algos" if operation.cancels[0].is_stop else "/trade/cancel-batch-orders"


def cancel_batch_body(operation: CancelBatch) -> Sequence[Body]:
    cancels = operation.cancels
    most = MOST_STOPS_IN_A_BATCH if cancels[0].is_stop else MOST_IN_A_BATCH
    refuse_if(
        VENUE,
        operation,
        (len({cancel.is_stop for cancel in cancels}) > 1, "stops and others cannot share a batch"),
        (len(cancels) > most, f"such a batch holds at most {most} cancels"),
    )
    return [_cancel(cancel) for cancel in cancels]


def parse_canceled_batch(operation: CancelBatch, items: list[Item]) -> tuple[Placed, ...]:
    return _each(operation, operation.cancels, items, canceled)


# --- what they share


def which(is_stop: bool, venue_order_id: str | None, client_order_id: str | None) -> Mapping[str, str]:
    """Which order is meant: the venue's id wins where both are known."""
    venue_name, client_name = _names(is_stop)
    return {venue_name: venue_order_id} if venue_order_id else {client_name: client_order_id or ""}


def _names(is_stop: bool) -> tuple[str, str]:
    """The venue's id and ours, as this door writes them."""
    return ("algoId", "algoClOrdId") if is_stop else ("ordId", "clOrdId")


def _id(row: Mapping[str, Any], key: str) -> str:
    found = text_or_none(row, key)
    if found is None:
        raise malformed(f"{key}: an accepted order without an id")
    return found


def _each(
    operation: Operation[Any],
    asked: Sequence[Asked],
    items: list[Item],
    read: Callable[[Asked, Mapping[str, Any]], Order],
) -> tuple[Placed, ...]:
    """The answer keeps the order of the request; one that does not fit it is not taken apart by guessing."""
    if len(items) != len(asked):
        raise malformed(f"data: {len(items)} items for {len(asked)} orders")
    return tuple(
        read(one, obj(item))
        if isinstance(item, dict)
        else VenueError.of(item, venue=VENUE, operation=operation.name, client_order_id=one.client_order_id)
        for one, item in zip(asked, items, strict=True)
    )
