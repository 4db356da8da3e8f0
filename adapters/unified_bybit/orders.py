"""Writing orders one by one: bodies out, acknowledgements in. Signs nothing, checks no rule of the instrument.

Bybit only acknowledges: an accepted order is PENDING_NEW and an accepted cancel PENDING_CANCEL until asked.
Source: Bybit V5 docs, order/create-order.mdx (2026-07-06), order/amend-order.mdx, order/cancel-order.mdx.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.accepted import accepted, amended
from unified.adapter import refuse_if, unsupported
from unified.instrument import ZERO, Product
from unified.operations import AmendOrder, CancelOrder, PlaceOrder, TestOrder
from unified.order import Order, OrderStatus, PositionSide, Side, TimeInForce, Trigger
from unified.values import frozen
from unified.wire import at_ms_or_none, malformed, plain, text_or_none
from unified_bybit.door import Body
from unified_bybit.faults import Answer
from unified_bybit.market_data import VENUE, instrument_only

_SIDE = {Side.BUY: "Buy", Side.SELL: "Sell"}
_TIME_IN_FORCE = {TimeInForce.GTC: "GTC", TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}
_DIRECTION = {Trigger.RISES: 1, Trigger.FALLS: 2}
_POSITION = {PositionSide.LONG: 1, PositionSide.SHORT: 2}

# --- place


def place_body(order: PlaceOrder) -> Body:
    """One new order of any type. Raises `not_supported` for what Bybit cannot express."""
    _refuse_impossible(order)
    return {
        **instrument_only(order),
        "side": _SIDE[order.side],
        "orderType": "Limit" if order.order_type.has_price else "Market",
        **_size(order),
        **_price(order),
        "timeInForce": _time_in_force(order),
        **_trigger(order),
        **({"reduceOnly": True} if order.reduce_only else {}),
        **({} if order.position_side is None else {"positionIdx": _POSITION[order.position_side]}),
        "orderLinkId": order.client_order_id,
    }


def precheck_body(operation: TestOrder) -> Body:
    """Tells what the order would do to the margin; knows no stops and no isolated margin."""
    if operation.order.order_type.is_stop:
        raise unsupported(VENUE, operation, "stops cannot be tested")
    return place_body(operation.order)


def parse_tested(_operation: TestOrder, _answer: Answer) -> None:
    """A success says all there is."""


def _is_spot(order: PlaceOrder) -> bool:
    return order.product is Product.SPOT


def _size(order: PlaceOrder) -> Body:
    """The unit of a spot order at market is always said: left out, Bybit reads a buy in quote units."""
    if order.quote_quantity is not None:
        return {"qty": plain(order.quote_quantity), "marketUnit": "quoteCoin"}
    unit = {"marketUnit": "baseCoin"} if _is_spot(order) and not order.order_type.has_price else {}
    return {"qty": plain(order.quantity or ZERO), **unit}


def _price(order: PlaceOrder) -> Body:
    return {} if order.price is None or not order.order_type.has_price else {"price": plain(order.price)}


def _time_in_force(order: PlaceOrder) -> str:
    """Post-only is a time in force here, and orders at market are always IOC."""
    if not order.order_type.has_price:
        return "IOC"
    return "PostOnly" if order.post_only else _TIME_IN_FORCE[order.time_in_force]


def _trigger(order: PlaceOrder) -> Body:
    """Linear says on which side a stop waits. Spot cannot: there it is the side on which its price lies on arrival."""
    if not order.order_type.is_stop or order.stop_price is None:
        return {}
    if _is_spot(order):
        return {"triggerPrice": plain(order.stop_price), "orderFilter": "StopOrder"}
    return {
        "triggerPrice": plain(order.stop_price),
        "triggerDirection": _DIRECTION[order.waits_for],
        "triggerBy": "LastPrice",
    }


def _refuse_impossible(order: PlaceOrder) -> None:
    """Combinations that Bybit has no words for."""
    spot, at_market = _is_spot(order), not order.order_type.has_price
    opens = order.position_side is not None and (order.position_side is PositionSide.LONG) == (order.side is Side.BUY)
    refuse_if(
        VENUE,
        order,
        (order.quantity is None and order.quote_quantity is None, "an order needs a quantity"),
        (order.time_in_force is TimeInForce.GTD, "orders have no GTD; use GTC and cancel it"),
        (order.post_only and at_market, "a market order cannot be post-only"),
        (order.post_only and order.time_in_force is not TimeInForce.GTC, "a post-only order rests: GTC only"),
        (at_market and order.time_in_force is TimeInForce.FOK, "market orders have no FOK"),
        (order.order_type.is_stop and order.stop_price is None, "a stop needs a stop_price"),
        (order.order_type.has_price and order.price is None, "this order type needs a price"),
        (order.quote_quantity is not None and not (spot and at_market), "quote_quantity is for spot market orders"),
        (spot and order.position_side is not None, "spot has no position side"),
        (spot and order.reduce_only, "spot has no reduce-only"),
        (spot and order.margin_mode is not None, "margin trading of spot pairs is not served"),
        (order.margin_mode is not None, "the margin mode belongs to the account: use set_margin_mode"),
        (order.reduce_only and opens, "this side opens the position: it cannot be reduce-only"),
    )


def parse_placed(order: PlaceOrder, answer: Answer) -> Order:
    return placed(order, answer.result)


def placed(order: PlaceOrder, row: Mapping[str, Any]) -> Order:
    """The acknowledgement holds ids only: the terms are those that were asked for and accepted."""
    if text_or_none(row, "orderLinkId") not in (None, order.client_order_id):
        raise malformed("orderLinkId: the answer is about another order")
    return accepted(order, _id(row), created_at=at_ms_or_none(row, "createAt"))


# --- amend


def amend_body(operation: AmendOrder) -> Body:
    """`qty` is the new total, what is filled included, as it is here. Stops are amended like others."""
    order = operation.order
    price, quantity = operation.price, operation.quantity
    return {
        **instrument_only(operation),
        **which(order.venue_order_id, order.client_order_id),
        **({} if quantity is None else {"qty": plain(quantity)}),
        **({} if price is None else {"price": plain(price)}),
    }


def parse_amended(operation: AmendOrder, answer: Answer) -> Order:
    """Accepted only: the terms are the new ones, and PENDING_NEW says that the engine has not spoken."""
    return amended(operation, _id(answer.result))


# --- cancel


@frozen(kw_only=True)
class CancelBehind(CancelOrder):
    """A spot cancel in one request: behind one filter, each of which holds one kind of order."""

    order_filter: str


def cancel_body(operation: CancelOrder) -> Body:
    """Linear finds every kind of order by its id."""
    named = which(operation.venue_order_id, operation.client_order_id)
    return {**instrument_only(operation), **named}


def cancel_behind_body(operation: CancelBehind) -> Body:
    return {**cancel_body(operation), "orderFilter": operation.order_filter}


def parse_canceled(operation: CancelOrder, answer: Answer) -> Order:
    return canceled(operation, answer.result)


def canceled(operation: CancelOrder, row: Mapping[str, Any]) -> Order:
    return Order(
        instrument=operation.instrument,
        venue_order_id=_id(row),
        client_order_id=text_or_none(row, "orderLinkId") or operation.client_order_id,
        status=OrderStatus.PENDING_CANCEL,
    )


# --- what they share


def which(venue_order_id: str | None, client_order_id: str | None) -> Mapping[str, str]:
    """Which order is meant: the venue's id wins where both are known, and only one is sent."""
    return {"orderId": venue_order_id} if venue_order_id else {"orderLinkId": client_order_id or ""}


def _id(row: Mapping[str, Any]) -> str:
    found = text_or_none(row, "orderId")
    if found is None:
        raise malformed("orderId: an accepted order without an id")
    return found
