"""Writing orders: fields out, acknowledgements in. Signs nothing, checks no rule of the instrument.

An accepted order is answered with its id only, so it is PENDING_NEW until asked.
Source: docs.kraken.com, rest-api trading pages, guides spot-clordid and spot-amends (2026-05-27); FOK since 2026-05-12.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from unified.accepted import accepted, amended
from unified.adapter import refuse_if, unsupported
from unified.errors import Fault, Kind, Scope, VenueError
from unified.instrument import ZERO
from unified.operations import (
    AmendOrder,
    CancelBatch,
    CancelOrder,
    Operation,
    PlaceBatch,
    Placed,
    PlaceOrder,
    Priority,
    TestOrder,
)
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce, Trigger
from unified.wire import Json, children, flag, integer, malformed, obj, plain, text, text_or_none
from unified_kraken.faults import SPOT, fault_of
from unified_kraken.seconds import whole_after

VENUE = "kraken"
MOST_IN_A_BATCH = 15
MOST_CANCELS = 50

Fields = Mapping[str, str]

# --- place


def place_fields(order: PlaceOrder) -> Fields:
    """One new order. Raises `not_supported` for what Kraken's spot orders cannot express."""
    return {"pair": order.instrument.symbol, **_terms(order)}


def tested_fields(operation: TestOrder) -> Fields:
    """Checked, never matched."""
    return {**place_fields(operation.order), "validate": "true"}


def batch_members(operation: PlaceBatch) -> Mapping[str, Any]:
    orders = batched(operation)
    return {"pair": orders[0].instrument.symbol, "orders": [dict(_terms(order)) for order in orders]}


def batched(operation: PlaceBatch) -> Sequence[PlaceOrder]:
    """The orders of a batch that Kraken takes. Raises `not_supported` for another."""
    orders = operation.orders
    refuse_if(
        VENUE,
        operation,
        (len({order.instrument.symbol for order in orders}) > 1, "a batch is about one instrument"),
        (not 2 <= len(orders) <= MOST_IN_A_BATCH, f"a batch holds from 2 to {MOST_IN_A_BATCH} orders"),
    )
    return orders


_TIME_IN_FORCE = {TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK", TimeInForce.GTD: "GTD"}


def _terms(order: PlaceOrder) -> Fields:
    _refuse_impossible(order)
    by_quote = order.quote_quantity is not None
    terms = {
        "ordertype": _native_type(order),
        "type": order.side.value,
        "volume": plain((order.quote_quantity if by_quote else order.quantity) or ZERO),
        **_prices(order),
        "cl_ord_id": order.client_order_id,
    }
    if order.order_type.has_price and order.time_in_force in _TIME_IN_FORCE:
        terms["timeinforce"] = _TIME_IN_FORCE[order.time_in_force]
    if order.expires_at is not None:
        terms["expiretm"] = str(whole_after(order.expires_at))
    if by_quote or order.post_only:
        terms["oflags"] = "viqc" if by_quote else "post"
    return terms


def _native_type(order: PlaceOrder) -> str:
    """A stop of a loss waits for the worse price, a take-profit for the better one."""
    if not order.order_type.is_stop:
        return order.order_type.value
    is_loss = (order.side is Side.BUY) == (order.waits_for is Trigger.RISES)
    limit = "-limit" if order.order_type is OrderType.STOP_LIMIT else ""
    return f"{'stop-loss' if is_loss else 'take-profit'}{limit}"


def _prices(order: PlaceOrder) -> Fields:
    """`price` is the limit of a limit order and the trigger of a stop, whose limit is `price2`."""
    limit = {} if order.price is None or not order.order_type.has_price else {"price": plain(order.price)}
    if order.stop_price is None:
        return limit
    second = {"price2": limit["price"]} if limit else {}
    return {"price": plain(order.stop_price), **second, "trigger": "last"}


def _refuse_impossible(order: PlaceOrder) -> None:
    """Combinations that Kraken has no words for, and everything that belongs to margin trading."""
    kind, force = order.order_type, order.time_in_force
    at_once = force in (TimeInForce.IOC, TimeInForce.FOK)
    refuse_if(
        VENUE,
        order,
        (order.quantity is None and order.quote_quantity is None, "an order needs a quantity"),
        (kind.has_price and order.price is None, "this order type needs a price"),
        (kind.is_stop and order.stop_price is None, "a stop needs a stop_price"),
        (kind.is_stop and at_once, "stops rest: GTC or GTD only"),
        (kind is OrderType.MARKET and force in (TimeInForce.FOK, TimeInForce.GTD), "market orders have no FOK or GTD"),
        (kind is OrderType.STOP_MARKET and force is TimeInForce.GTD, "stops at market have no GTD"),
        (force is TimeInForce.GTD and order.expires_at is None, "GTD needs expires_at"),
        (order.post_only and (kind is not OrderType.LIMIT or at_once), "post-only is for limit orders that rest"),
        (
            order.quote_quantity is not None and (kind is not OrderType.MARKET or order.side is Side.SELL),
            "quote_quantity is for buying at market",
        ),
        (order.reduce_only or order.position_side is not None, "spot orders reduce no position"),
        (order.margin_mode is not None, "margin trading of spot pairs is not served"),
    )


def parse_placed(order: PlaceOrder, result: Json) -> Order:
    """`txid` is a list here, of one."""
    found = children(obj(result, "result"), "txid")
    if not found or type(found[0]) is not str or not found[0]:
        raise malformed("txid: an accepted order without an id")
    return placed(order, found[0])


def parse_tested(_operation: TestOrder, result: Json) -> None:
    """A success describes the order and gives it no id."""
    if "txid" in obj(result, "result"):
        raise malformed("txid: a tested order was given an id")


def parse_placed_batch(operation: PlaceBatch, result: Json, id_name: str = "txid") -> tuple[Placed, ...]:
    """In the order of the request; here the id is a text, or there is an `error` in its place."""
    items = children(obj(result, "result"), "orders")
    if len(items) != len(operation.orders):
        raise malformed(f"orders: {len(items)} items for {len(operation.orders)} orders")
    told = (obj(item, "orders[]") for item in items)
    return tuple(_item(order, item, id_name) for order, item in zip(operation.orders, told, strict=True))


def _item(order: PlaceOrder, item: Mapping[str, Any], id_name: str) -> Placed:
    refusal = text_or_none(item, "error")
    if refusal is None:
        return placed(order, text(item, id_name))
    return VenueError.of(
        fault_of(refusal, SPOT), venue=VENUE, operation="place_batch", client_order_id=order.client_order_id
    )


def placed(order: PlaceOrder, venue_order_id: str) -> Order:
    """The acknowledgement holds the id only: the terms are those that were asked for and accepted."""
    return accepted(order, venue_order_id)


# --- amend


def amend_fields(operation: AmendOrder) -> Fields:
    """`order_qty` is the new total, what is filled included, as it is here."""
    order = operation.order
    at_market = order.order_type is not None and not order.order_type.has_price
    if operation.price is not None and at_market:
        raise unsupported(VENUE, operation, "this order has no limit price to change")
    price = {} if operation.price is None else {"limit_price": plain(operation.price)}
    quantity = {} if operation.quantity is None else {"order_qty": plain(operation.quantity)}
    return {**which(operation, order.venue_order_id, order.client_order_id), **quantity, **price}


def parse_amended(operation: AmendOrder, result: Json) -> Order:
    """Accepted; what the engine makes of it shows when the order is asked for."""
    text(obj(result, "result"), "amend_id")
    return amended(operation)


# --- cancel


class CancelTogether(CancelBatch):
    """Several cancels in one request, whose answer counts those that took effect and names none."""

    __slots__ = ()


class CancelEverything(Operation[None]):
    """Every open order of the account, margin orders included."""

    __slots__ = ()
    name = "cancel_all"
    priority = Priority.CANCEL
    writes = True


def cancel_fields(operation: CancelOrder) -> Fields:
    return which(operation, operation.venue_order_id, operation.client_order_id)


def parse_canceled(operation: CancelOrder, result: Json) -> Order:
    """`pending` says that the cancel is accepted but not done."""
    row = obj(result, "result")
    if integer(row, "count") == 0 and not flag(row, "pending", False):
        raise _not_there("the answer counts no cancelled order")
    return canceled(operation, done=not flag(row, "pending", False))


def canceled(operation: CancelOrder, *, done: bool) -> Order:
    """What is known of an order after its cancel was accepted."""
    return Order(
        instrument=operation.instrument,
        venue_order_id=operation.venue_order_id or "",
        client_order_id=operation.client_order_id,
        status=OrderStatus.CANCELED if done else OrderStatus.PENDING_CANCEL,
    )


def together_members(operation: CancelTogether) -> Mapping[str, Any]:
    """By transaction id: the documented `cl_ord_ids` beside them is not used by Kraken's own SDK (2026-08-14)."""
    return {"orders": [which(cancel, cancel.venue_order_id, None)["txid"] for cancel in operation.cancels]}


def parse_together(operation: CancelTogether, result: Json) -> tuple[Placed, ...]:
    """Raises `order_not_found` where some were not cancelled: which, the answer does not tell."""
    count, wanted = integer(obj(result, "result"), "count"), len(operation.cancels)
    if count != wanted:
        raise _not_there(f"the answer counts {count} of {wanted} orders")
    return tuple(canceled(cancel, done=False) for cancel in operation.cancels)


def parse_everything(_operation: CancelEverything, result: Json) -> None:
    integer(obj(result, "result"), "count")


# --- what they share


def _not_there(message: str) -> VenueError:
    return VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND, scope=Scope.ORDER, http_status=200, message=message))


_TRANSACTION = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)+")


def which(operation: Operation[Any], venue_order_id: str | None, client_order_id: str | None) -> Fields:
    """Which order is meant: the venue's id wins where both are known.

    The field also takes lists, and numbers as `userref`, which would reach orders that nobody named.
    """
    if venue_order_id:
        if not _TRANSACTION.fullmatch(venue_order_id):
            raise unsupported(VENUE, operation, f"{venue_order_id!r:.40} is no transaction id")
        return {"txid": venue_order_id}
    if not client_order_id:
        raise unsupported(VENUE, operation, "an order needs a name: the venue's id or ours")
    return {"cl_ord_id": client_order_id or ""}
