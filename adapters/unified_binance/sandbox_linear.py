"""Orders at the USD-M door of the simulated Binance, one by one and in batches. Conditional orders: `sandbox_algo.py`.

Rules: USD-M pages (2026-05-28) and SDK 18.1.0.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import evolve

from unified.account import PositionMode
from unified.instrument import Instrument
from unified.order import OrderType, PositionSide, Side, TimeInForce
from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import NewOrder, SelfTrade, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import at_step
from unified_binance.sandbox_rows import linear_placed
from unified_binance_dialect.sandbox_calls import (
    Call,
    Endpoint,
    Fields,
    Refusal,
    Security,
    error,
    missing,
    not_required,
    not_valid,
)
from unified_binance_dialect.sandbox_history import NOT_THERE
from unified_binance_dialect.sandbox_refusals import UNKNOWN_ORDER, refusal_of
from unified_binance_dialect.sandbox_rows import Row
from unified_binance_dialect.sandbox_spot import (
    BAD_SIDE,
    BAD_TIF,
    BAD_TYPE,
    SELF_TRADES,
    SIDES,
    check_fresh_id,
    client_id,
)

CLIENT_ID = r"^[\.A-Z\:/a-z0-9_-]{1,36}$"
CONDITIONAL = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
_TYPES = {"LIMIT": OrderType.LIMIT, "MARKET": OrderType.MARKET}
TIFS = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTX": TimeInForce.GTC,
    "GTD": TimeInForce.GTD,
}
_POSITION_SIDES = {"BOTH": None, "LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
_DEPTHS = {"ACK": True, "RESULT": False}
BAD_STP = error(-5039, "Invalid self trade prevention mode")
_BAD_DEPTH = error(-1136, "Invalid newOrderRespType.")
_CAP, _FLOOR = Decimal("1.05"), Decimal("0.95")
"""PERCENT_PRICE: a buy may not be dearer, a sell not cheaper than this times the mark price."""
_PRICE_DIGITS, _QUANTITY_DIGITS = 2, 3
"""pricePrecision and quantityPrecision of every instrument here; beyond them it is -1111."""
_SOONEST_MS, _LATEST_MS = 600_000, 253_402_300_799_000
MOST_PLACED, MOST_CANCELED = 5, 10


# --- reading


def amount(fields: Fields, name: str, digits: int) -> Decimal | None:
    value = fields.number(name)
    exponent = 0 if value is None else value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > digits:
        raise Refusal(-1111, "Precision is over the maximum defined for this asset.")
    return value


def price(fields: Fields, name: str = "price") -> Decimal | None:
    return amount(fields, name, _PRICE_DIGITS)


def quantity(fields: Fields) -> Decimal | None:
    found = amount(fields, "quantity", _QUANTITY_DIGITS)
    if found == 0:
        raise Refusal(-4003, "Quantity less than or equal to zero.")
    return found


def position_side(call: Call) -> PositionSide | None:
    """Which position an order works on; it must go with the account's mode."""
    told = call.fields.get("positionSide", "BOTH")
    if told not in _POSITION_SIDES:
        raise Refusal(-4060, "Invalid position side.")
    side = _POSITION_SIDES[told]
    hedged = call.account.position_mode is PositionMode.HEDGE
    if hedged is (side is None):
        raise Refusal(-4061, "Order's position side does not match user's setting.")
    if hedged and "reduceOnly" in call.fields:
        raise not_required("reduceonly")
    return side


def _expires_us(call: Call, tif: TimeInForce) -> int | None:
    if tif is not TimeInForce.GTD:
        return None
    till_ms = call.fields.whole("goodTillDate")
    if till_ms is None:
        raise missing("goodTillDate")
    if not call.now_us // 1000 + _SOONEST_MS < till_ms < _LATEST_MS:
        raise refusal_of(EngineRefusal(Reason.EXPIRY_PASSED), call)
    return call.shown_us(till_ms // 1000 * 1000)


def _check_terms(fields: Fields, order_type: OrderType) -> None:
    fields.text("quantity")
    if order_type is OrderType.LIMIT:
        fields.text("timeInForce")
        fields.text("price")
        return
    for name in ("timeInForce", "price"):
        if name in fields:
            raise not_required(name)


def read_order(call: Call) -> NewOrder:
    """The order that a request asks for."""
    fields, instrument = call.fields, call.instrument
    side = fields.word("side", SIDES, else_=BAD_SIDE)
    if fields.get("type") in CONDITIONAL:
        raise Refusal(
            -4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
        )
    order_type = fields.word("type", _TYPES, else_=BAD_TYPE)
    _check_terms(fields, order_type)
    tif = fields.word("timeInForce", TIFS, TimeInForce.GTC, else_=BAD_TIF)
    asked = NewOrder(
        instrument=instrument,
        side=side,
        order_type=order_type,
        quantity=quantity(fields),
        price=price(fields),
        time_in_force=tif,
        expires_us=_expires_us(call, tif),
        post_only=fields.get("timeInForce") == "GTX",
        position_side=position_side(call),
        reduce_only=fields.flag("reduceOnly"),
        client_order_id=client_id(call, "newClientOrderId", CLIENT_ID),
        self_trade=fields.word("selfTradePreventionMode", SELF_TRADES, SelfTrade.CANCEL_MAKER, else_=BAD_STP),
        words={
            "type": fields.get("type"),
            "tif": fields.get("timeInForce", "GTC"),
            "stp": fields.get("selfTradePreventionMode", "EXPIRE_MAKER"),
        },
    )
    check_band(call, instrument, side, asked.price)
    return asked


def check_band(call: Call, instrument: Instrument, side: Side, limit: Decimal | None) -> None:
    mark = call.engine.market(instrument).mark
    cap, floor = mark * _CAP, mark * _FLOOR
    if limit is not None and side is Side.BUY and limit > cap:
        raise Refusal(-4016, f"Limit price can't be higher than {at_step(cap, instrument.tick_size)}.")
    if limit is not None and side is Side.SELL and limit < floor:
        raise Refusal(-4024, f"Limit price can't be lower than {at_step(floor, instrument.tick_size)}.")


def find(call: Call) -> VenueOrder | None:
    """The order that a request names, shown or not; None where there is none. A waiting conditional is none."""
    instrument = call.instrument
    order_id, name = call.fields.whole("orderId"), call.fields.get("origClientOrderId")
    if order_id is None and not name:
        raise Refusal(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
    candidates = call.named(name) if order_id is None else [call.account.by_id.get(order_id)]
    for order in reversed(candidates):
        if order is not None and order.instrument is instrument and is_recorded(order):
            return order
    return None


def is_recorded(order: VenueOrder) -> bool:
    """Not a conditional order that never triggered, nor one that the matching engine refused."""
    return order.refusal is not Reason.UNFILLABLE_FOK and (order.triggered or not order.order_type.is_stop)


# --- one order


def place(call: Call) -> Row:
    bare = call.fields.word("newOrderRespType", _DEPTHS, True, else_=_BAD_DEPTH)
    asked = read_order(call)
    check_fresh_id(call, asked)
    order = call.engine.place(call.account, asked)
    if order.refusal is Reason.UNFILLABLE_FOK:
        raise EngineRefusal(order.refusal)
    return linear_placed(call, order, bare=bare)


def test(call: Call) -> Row:
    """Checks an order and places none."""
    asked = read_order(call)
    call.engine.test(call.account, asked)
    order = VenueOrder(
        order_id=0,
        account=call.account.name,
        asked=asked,
        client_order_id=asked.client_order_id,
        price=asked.price,
        quantity=asked.quantity,
        created_us=call.engine.now_us,
        updated_us=call.engine.now_us,
        visible_from_us=0,
    )
    return linear_placed(call, order, bare=True)


def cancel(call: Call) -> Row:
    order = find(call)
    if order is None or not order.is_open:
        raise UNKNOWN_ORDER()
    return linear_placed(call, call.engine.cancel(call.account, order))


def cancel_all(call: Call) -> Row:
    instrument = call.instrument
    for order in tuple(call.account.open.values()):
        if order.instrument is instrument and not order.is_waiting_stop:
            call.engine.cancel(call.account, order)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def amend(call: Call) -> Row:
    """Change price and quantity; the order goes to the end of its queue."""
    order = find(call)
    side = call.fields.word("side", SIDES, else_=BAD_SIDE)
    wanted, limit = quantity(call.fields), price(call.fields)
    if wanted is None or limit is None:
        raise missing("quantity" if wanted is None else "price")
    if order is None or not order.is_open:
        raise NOT_THERE()
    if order.order_type is not OrderType.LIMIT:
        raise Refusal(-5025, "Only limit order is supported.")
    if side is not order.side:
        raise not_valid("side")
    check_band(call, order.instrument, side, limit)
    try:
        call.engine.amend(call.account, order, price=limit, quantity=wanted, keeps_priority=False)
    except EngineRefusal as refusal:
        if refusal.reason is not Reason.WOULD_TAKE:
            raise
        call.engine.cancel(call.account, order)
    return linear_placed(call, order)


# --- batches


def _each(call: Call, items: list[Fields], one: Callable[[Call], Row]) -> list[Row]:
    """What each item answers, in the order of the request: an order, or an error of its own."""
    answers = []
    for item in items:
        part = evolve(call, fields=item)
        try:
            answers.append(one(part))
        except EngineRefusal as refusal:
            answers.append(refusal_of(refusal, part).content)
        except Refusal as refusal:
            answers.append(refusal.content)
    return answers


def _items(call: Call) -> list[Fields]:
    raw = call.fields.array("batchOrders")
    if not 1 <= len(raw) <= MOST_PLACED:
        raise Refusal(-4082, f"Invalid number of batch place orders: {len(raw)}")
    if not all(isinstance(item, dict) for item in raw):
        raise not_valid("batchOrders")
    return [Fields({name: _text(value) for name, value in item.items()}) for item in raw]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def place_batch(call: Call) -> list[Row]:
    return _each(call, _items(call), place)


def amend_batch(call: Call) -> list[Row]:
    return _each(call, _items(call), amend)


def cancel_batch(call: Call) -> list[Row]:
    symbol = call.instrument.symbol
    ids, names = call.fields.array("orderIdList"), call.fields.array("origClientOrderIdList")
    if not ids and not names:
        raise Refusal(-1102, "Param 'orderIdList' or 'origClientOrderIdList' must be sent, but both were empty/null!")
    if max(len(ids), len(names)) > MOST_CANCELED:
        raise Refusal(-4032, "Exceed maximum cancel order size.")
    items = [Fields({"symbol": symbol, "orderId": str(number)}) for number in ids] or [
        Fields({"symbol": symbol, "origClientOrderId": str(name)}) for name in names
    ]
    return _each(call, items, cancel)


# --- the table

_ORDER = (
    "symbol! side! type! positionSide timeInForce quantity reduceOnly price newClientOrderId newOrderRespType "
    "selfTradePreventionMode goodTillDate"
)
_TRADE = Endpoint(method="POST", path="", answer=place, security=Security.TRADE)

ENDPOINTS = (
    evolve(_TRADE, path="/fapi/v1/order", kind=RequestClass.ORDER, takes=_ORDER, weight=0, orders=(1, 1)),
    evolve(_TRADE, path="/fapi/v1/order/test", answer=test, kind=RequestClass.WRITE, takes=_ORDER, weight=0),
    evolve(
        _TRADE,
        method="DELETE",
        path="/fapi/v1/order",
        answer=cancel,
        kind=RequestClass.CANCEL,
        takes="symbol! orderId origClientOrderId",
    ),
    evolve(
        _TRADE,
        method="DELETE",
        path="/fapi/v1/allOpenOrders",
        answer=cancel_all,
        kind=RequestClass.CANCEL,
        takes="symbol!",
    ),
    evolve(
        _TRADE,
        method="PUT",
        path="/fapi/v1/order",
        answer=amend,
        kind=RequestClass.WRITE,
        takes="symbol! side! quantity! price! orderId origClientOrderId",
        weight=0,
        orders=(1, 1),
    ),
    evolve(
        _TRADE,
        path="/fapi/v1/batchOrders",
        answer=place_batch,
        kind=RequestClass.ORDER,
        takes="batchOrders!",
        weight=5,
        orders=(5, 1),
    ),
    evolve(
        _TRADE,
        method="PUT",
        path="/fapi/v1/batchOrders",
        answer=amend_batch,
        kind=RequestClass.WRITE,
        takes="batchOrders!",
        weight=5,
        orders=(5, 1),
    ),
    evolve(
        _TRADE,
        method="DELETE",
        path="/fapi/v1/batchOrders",
        answer=cancel_batch,
        kind=RequestClass.CANCEL,
        takes="symbol! orderIdList origClientOrderIdList",
    ),
)
