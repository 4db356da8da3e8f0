"""Orders: parameters out, values in, one pair per endpoint. Signs nothing, checks no rule of the instrument.

Source: Binance spot rest-api.md and enums.md (2026-07-21), USD-M trade pages (2026-05-28) and SDK 18.1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.instrument import ZERO, Instrument, Product
from unified.operations import CancelOrder, FetchOrder, PlaceOrder
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.wire import (
    Json,
    at_ms_or_none,
    choice,
    decimal,
    decimal_or_none,
    flag,
    obj,
    plain,
    positive_or_none,
    text,
    text_or_none,
)
from unified_binance.auth import Parameters

_STATUS = {
    "NEW": OrderStatus.NEW,
    "PENDING_NEW": OrderStatus.NEW,
    "PARTIALLY_FILLED": OrderStatus.PARTIALLY_FILLED,
    "FILLED": OrderStatus.FILLED,
    "PENDING_CANCEL": OrderStatus.PENDING_CANCEL,
    "CANCELED": OrderStatus.CANCELED,
    "REJECTED": OrderStatus.REJECTED,
    "EXPIRED": OrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
}
_TYPE = {
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP_LOSS": OrderType.STOP_MARKET,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.STOP_MARKET,
    "TAKE_PROFIT_LIMIT": OrderType.STOP_LIMIT,
}
_SIDE = {"BUY": Side.BUY, "SELL": Side.SELL}
_POSITION_SIDE = {PositionSide.LONG: "LONG", PositionSide.SHORT: "SHORT"}
_TIME_IN_FORCE = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTD": TimeInForce.GTD,
    "GTX": TimeInForce.GTC,  # USD-M writes post-only as a time in force
}


def _native_type(order: PlaceOrder) -> str:
    """Spot's words: a stop of a loss and a stop of a profit differ by the side on which they wait."""
    if order.order_type.is_stop:
        is_loss = (order.side is Side.BUY) == (order.waits_for is Trigger.RISES)
        stop = "STOP_LOSS" if is_loss else "TAKE_PROFIT"
        return f"{stop}_LIMIT" if order.order_type is OrderType.STOP_LIMIT else stop
    if order.post_only and order.product is Product.SPOT:
        return "LIMIT_MAKER"
    return order.order_type.value.upper()


def place_parameters(order: PlaceOrder) -> Parameters:
    """One new order; the answer is asked for in full, so that fills and status come with it."""
    native = _native_type(order)
    parameters = {
        "symbol": order.instrument.symbol,
        "side": order.side.value.upper(),
        "type": native,
        "newClientOrderId": order.client_order_id,
        "newOrderRespType": "FULL" if order.product is Product.SPOT else "RESULT",
    }
    for name, value in (("quantity", order.quantity), ("quoteOrderQty", order.quote_quantity), ("price", order.price)):
        if value is not None:
            parameters[name] = plain(value)
    if order.stop_price is not None:
        parameters["stopPrice"] = plain(order.stop_price)
    if order.order_type.has_price and native != "LIMIT_MAKER":
        parameters["timeInForce"] = "GTX" if order.post_only else order.time_in_force.value.upper()
    if order.product is Product.LINEAR:
        parameters |= _linear_flags(order)
    return parameters


def _linear_flags(order: PlaceOrder) -> Parameters:
    if order.position_side is not None:
        return {"positionSide": _POSITION_SIDE[order.position_side]}
    return {"reduceOnly": "true"} if order.reduce_only else {}


def ids(operation: CancelOrder | FetchOrder) -> Parameters:
    """Which order: the venue's id is the fastest and wins where both are known."""
    if operation.venue_order_id is not None:
        return {"symbol": operation.instrument.symbol, "orderId": operation.venue_order_id}
    return {"symbol": operation.instrument.symbol, "origClientOrderId": operation.client_order_id or ""}


def parse_placed(operation: PlaceOrder, answer: Json) -> Order:
    return order_of(operation.instrument, obj(answer))


def parse_fetched(operation: FetchOrder, answer: Json) -> Order:
    return order_of(operation.instrument, obj(answer))


def parse_canceled(operation: CancelOrder, answer: Json) -> Order:
    """The answer's `clientOrderId` is the id of the cancel itself on spot; the order's is `origClientOrderId`."""
    row = obj(answer)
    return order_of(operation.instrument, {**row, "clientOrderId": row.get("origClientOrderId", row.get("clientOrderId"))})


def order_of(instrument: Instrument, row: Mapping[str, Any]) -> Order:
    """An order in any of the shapes in which both products write one."""
    native = text(row, "type")
    filled = decimal(row, "executedQty")
    return Order(
        instrument=instrument,
        venue_order_id=text(row, "orderId"),
        client_order_id=text_or_none(row, "clientOrderId"),
        status=_status(text(row, "status"), filled),
        side=choice(_SIDE, text(row, "side"), "side"),
        order_type=_TYPE.get(native),
        quantity=positive_or_none(row, "origQty"),
        quote_quantity=positive_or_none(row, "origQuoteOrderQty"),
        price=positive_or_none(row, "price"),
        stop_price=positive_or_none(row, "stopPrice"),
        time_in_force=_TIME_IN_FORCE.get(row.get("timeInForce", "")),
        post_only=native == "LIMIT_MAKER" or row.get("timeInForce") == "GTX",
        reduce_only=flag(row, "reduceOnly", default=False),
        filled_quantity=filled,
        average_price=_average_price(row, filled),
        created_at=at_ms_or_none(row, "time") or at_ms_or_none(row, "workingTime"),
        updated_at=at_ms_or_none(row, "updateTime") or at_ms_or_none(row, "transactTime"),
    )


def _status(native: str, filled: Decimal) -> OrderStatus:
    status = choice(_STATUS, native, "status")
    return OrderStatus.PARTIALLY_FILLED if status is OrderStatus.NEW and filled > ZERO else status


def _average_price(row: Mapping[str, Any], filled: Decimal) -> Decimal | None:
    """Linear tells it; spot tells what was paid, a negative number where an old order no longer knows."""
    told = positive_or_none(row, "avgPrice")
    paid = decimal_or_none(row, "cummulativeQuoteQty")
    if told is not None or paid is None or paid <= ZERO or filled <= ZERO:
        return told
    return paid / filled
