"""Conditional orders at the USD-M door of the simulated Binance, which have a door and numbers of their own.

Trailing stops are refused: the simulated engine has none. Source: USD-M pages on algo orders (since 2025-12-09).
"""

from __future__ import annotations

from unified.order import OrderType
from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import NewOrder, SelfTrade, VenueOrder
from unified_binance.sandbox_linear import (
    BAD_STP,
    CLIENT_ID,
    TIFS,
    check_band,
    position_side,
    price,
    quantity,
)
from unified_binance.sandbox_rows import ALGO_BASE, algo_order, algo_placed
from unified_binance_dialect.sandbox_calls import (
    Call,
    Endpoint,
    Refusal,
    Security,
    error,
    missing,
    not_required,
    not_valid,
)
from unified_binance_dialect.sandbox_history import NOT_THERE
from unified_binance_dialect.sandbox_refusals import UNKNOWN_ORDER
from unified_binance_dialect.sandbox_rows import Row
from unified_binance_dialect.sandbox_spot import (
    BAD_SIDE,
    BAD_TIF,
    BAD_TYPE,
    SELF_TRADES,
    SIDES,
    check_fresh_id,
    client_id,
    trigger,
)

_TYPES = {
    "STOP": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP_MARKET,
    "TAKE_PROFIT_MARKET": OrderType.STOP_MARKET,
}
_WORKING = {"CONTRACT_PRICE": "CONTRACT_PRICE", "MARK_PRICE": "MARK_PRICE"}
_BAD_WORKING = error(-4031, "Invalid parameter working type")
_MOST_WAITING = 200
_WEEK_MS = 7 * 86_400_000


def read_order(call: Call) -> NewOrder:
    """The conditional order that a request asks for."""
    fields, instrument = call.fields, call.instrument
    if fields.get("algoType") != "CONDITIONAL":
        raise not_valid("algoType")
    side = fields.word("side", SIDES, else_=BAD_SIDE)
    order_type = fields.word("type", _TYPES, else_=BAD_TYPE)
    stop_price = price(fields, "triggerPrice")
    if stop_price is None:
        raise missing("triggerPrice")
    is_limit = order_type is OrderType.STOP_LIMIT
    if is_limit:
        fields.text("price")
    elif "price" in fields:
        raise not_required("price")
    limit = price(fields) if is_limit else None
    check_band(call, instrument, side, limit)
    closes = fields.flag("closePosition")
    position = position_side(call)
    amount = quantity(fields)
    if closes:
        if amount is not None or is_limit:
            raise Refusal(-4137, "Quantity must be zero with closePosition equals true")
        amount = call.account.position(instrument, position).closable(side)
    elif amount is None:
        raise missing("quantity")
    return NewOrder(
        instrument=instrument,
        side=side,
        order_type=order_type,
        quantity=amount,
        price=limit,
        stop_price=stop_price,
        trigger=trigger(side, takes_profit=fields.get("type").startswith("TAKE_PROFIT")),
        time_in_force=fields.word("timeInForce", TIFS, TIFS["GTC"], else_=BAD_TIF) if is_limit else TIFS["GTC"],
        position_side=position,
        reduce_only=closes or fields.flag("reduceOnly"),
        client_order_id=client_id(call, "clientAlgoId", CLIENT_ID),
        self_trade=fields.word("selfTradePreventionMode", SELF_TRADES, SelfTrade.CANCEL_MAKER, else_=BAD_STP),
        words={
            "type": fields.get("type"),
            "tif": fields.get("timeInForce", "GTC"),
            "stp": fields.get("selfTradePreventionMode", "EXPIRE_MAKER"),
            "working": fields.word("workingType", _WORKING, "CONTRACT_PRICE", else_=_BAD_WORKING),
            "close": "true" if closes else "false",
        },
    )


def _conditional(call: Call) -> list[VenueOrder]:
    return [
        order
        for order in call.engine.orders(call.account, call.door.product, call.instrument_if_any)
        if order.order_type.is_stop
    ]


def find(call: Call) -> VenueOrder | None:
    """The conditional order that a request names, shown or not."""
    number, name = call.fields.whole("algoId"), call.fields.get("clientAlgoId")
    if number is None and not name:
        raise Refusal(-1102, "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!")
    candidates = call.named(name) if number is None else [call.account.by_id.get(number - ALGO_BASE)]
    for order in reversed(candidates):
        if order is not None and order.order_type.is_stop and order.instrument.product is call.door.product:
            return order
    return None


# --- the endpoints


def place(call: Call) -> Row:
    asked = read_order(call)
    check_fresh_id(call, asked)
    if sum(order.is_waiting_stop for order in call.account.open.values()) >= _MOST_WAITING:
        raise Refusal(-4045, "Reach max stop order limit.")
    return algo_placed(call, call.engine.place(call.account, asked))


def cancel(call: Call) -> Row:
    order = find(call)
    if order is None or not order.is_waiting_stop:
        raise UNKNOWN_ORDER()
    call.engine.cancel(call.account, order)
    return {
        "algoId": ALGO_BASE + order.order_id,
        "clientAlgoId": order.client_order_id,
        "code": "200",
        "msg": "success",
    }


def cancel_all(call: Call) -> Row:
    instrument = call.instrument
    for order in tuple(call.account.open.values()):
        if order.instrument is instrument and order.is_waiting_stop:
            call.engine.cancel(call.account, order)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def get(call: Call) -> Row:
    order = find(call)
    if order is None or not call.engine.visible(order):
        raise NOT_THERE()
    return algo_order(call, order)


def open_orders(call: Call) -> list[Row]:
    return [algo_order(call, order) for order in _conditional(call) if order.is_waiting_stop]


def all_orders(call: Call) -> list[Row]:
    fields, limit = call.fields, call.fields.limit(500, 1000)
    first, start, end = fields.whole("algoId"), fields.whole("startTime"), fields.whole("endTime")
    if start is not None and end is not None and end - start > _WEEK_MS:
        raise Refusal(-4165, "Maximum time interval is 7 days")
    found = [
        order
        for order in _conditional(call)
        if (first is None or ALGO_BASE + order.order_id >= first)
        and (start is None or call.time(order.created_us) >= start)
        and (end is None or call.time(order.created_us) <= end)
    ]
    page = found[-limit:] if first is None and start is None else found[:limit]
    return [algo_order(call, order) for order in page]


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/fapi/v1/algoOrder",
        answer=place,
        kind=RequestClass.ORDER,
        security=Security.TRADE,
        takes="algoType! symbol! side! type! positionSide timeInForce quantity price triggerPrice workingType "
        "closePosition reduceOnly clientAlgoId selfTradePreventionMode newOrderRespType",
        weight=0,
        orders=(1, 1),
    ),
    Endpoint(
        method="DELETE",
        path="/fapi/v1/algoOrder",
        answer=cancel,
        kind=RequestClass.CANCEL,
        security=Security.TRADE,
        takes="algoId clientAlgoId",
    ),
    Endpoint(
        method="DELETE",
        path="/fapi/v1/algoOpenOrders",
        answer=cancel_all,
        kind=RequestClass.CANCEL,
        security=Security.TRADE,
        takes="symbol!",
    ),
    Endpoint(
        method="GET",
        path="/fapi/v1/algoOrder",
        answer=get,
        kind=RequestClass.PRIVATE_READ,
        security=Security.READ,
        takes="algoId clientAlgoId",
    ),
    Endpoint(
        method="GET",
        path="/fapi/v1/openAlgoOrders",
        answer=open_orders,
        kind=RequestClass.PRIVATE_READ,
        security=Security.READ,
        takes="algoType symbol algoId",
        weight=lambda fields: 1 if "symbol" in fields else 40,
    ),
    Endpoint(
        method="GET",
        path="/fapi/v1/allAlgoOrders",
        answer=all_orders,
        kind=RequestClass.PRIVATE_READ,
        security=Security.READ,
        takes="symbol! algoId startTime endTime page limit",
        weight=5,
    ),
)
