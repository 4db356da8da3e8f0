"""Orders at a simulated spot door: place, test, cancel, replace. Shows no lists of orders, and amends none.

Rules: Binance spot `rest-api.md` (2026-07-21).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from attrs import frozen

from unified.order import OrderType, Side, TimeInForce, Trigger
from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import NewOrder, SelfTrade, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_binance_dialect.sandbox_calls import (
    Call,
    Endpoint,
    Fields,
    Refusal,
    Security,
    error,
    illegal,
    not_required,
)
from unified_binance_dialect.sandbox_refusals import UNKNOWN_ORDER, refusal_of
from unified_binance_dialect.sandbox_rows import Row, spot8, spot_canceled, spot_placed, status

CLIENT_ID = r"^[a-zA-Z0-9-_]{1,36}$"
SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
BAD_SIDE = error(-1117, "Invalid side.")
BAD_TYPE = error(-1116, "Invalid orderType.")
BAD_TIF = error(-1115, "Invalid timeInForce.")
_TIFS = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}
SELF_TRADES = {
    "NONE": SelfTrade.ALLOW,
    "EXPIRE_TAKER": SelfTrade.CANCEL_TAKER,
    "EXPIRE_MAKER": SelfTrade.CANCEL_MAKER,
    "EXPIRE_BOTH": SelfTrade.CANCEL_BOTH,
}
_DEPTHS = {"ACK": "ACK", "RESULT": "RESULT", "FULL": "FULL"}
_FAR = Decimal(5)
"""The filter of prices: one may be five times the market's or a fifth of it."""
_MOST_DIGITS = 8


@frozen(kw_only=True)
class _Type:
    """An order type: what it needs, what it may carry, what the engine calls it."""

    order_type: OrderType
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    takes_profit: bool = False


_TYPES = {
    "LIMIT": _Type(order_type=OrderType.LIMIT, needs=("timeInForce", "quantity", "price"), may=("icebergQty",)),
    "MARKET": _Type(order_type=OrderType.MARKET, may=("quantity", "quoteOrderQty")),
    "LIMIT_MAKER": _Type(order_type=OrderType.LIMIT, needs=("quantity", "price"), may=("icebergQty",)),
    "STOP_LOSS": _Type(order_type=OrderType.STOP_MARKET, needs=("quantity", "stopPrice")),
    "STOP_LOSS_LIMIT": _Type(
        order_type=OrderType.STOP_LIMIT,
        needs=("timeInForce", "quantity", "price", "stopPrice"),
        may=("icebergQty",),
    ),
    "TAKE_PROFIT": _Type(order_type=OrderType.STOP_MARKET, needs=("quantity", "stopPrice"), takes_profit=True),
    "TAKE_PROFIT_LIMIT": _Type(
        order_type=OrderType.STOP_LIMIT,
        needs=("timeInForce", "quantity", "price", "stopPrice"),
        may=("icebergQty",),
        takes_profit=True,
    ),
}
_TERMS = ("timeInForce", "quantity", "price", "stopPrice", "quoteOrderQty", "icebergQty")
ORDER_TYPES = tuple(_TYPES)


# --- reading


def trigger(side: Side, *, takes_profit: bool) -> Trigger:
    """A stop of a loss waits on the far side of the market, one that takes profit on the near side."""
    return Trigger.RISES if (side is Side.BUY) is not takes_profit else Trigger.FALLS


def client_id(call: Call, name: str, legal: str = CLIENT_ID) -> str:
    """The id that the client gave, or a fresh one of the venue's."""
    given = call.fields.get(name)
    if not given:
        return call.mint()
    if re.fullmatch(legal, given) is None:
        raise illegal(name, legal)
    return given


def _check_terms(fields: Fields, wanted: _Type) -> None:
    for name in wanted.needs:
        fields.text(name)
    for name in _TERMS:
        if name in fields and name not in wanted.needs + wanted.may:
            raise not_required(name)
    if wanted.order_type is OrderType.MARKET and ("quantity" in fields) is ("quoteOrderQty" in fields):
        if "quantity" in fields:
            raise Refusal(-1128, "Combination of optional parameters invalid.")
        raise Refusal(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!")


def amount(fields: Fields, name: str) -> Decimal | None:
    """A number of no more digits than the venue takes."""
    value = fields.number(name)
    exponent = 0 if value is None else value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > _MOST_DIGITS:
        raise Refusal(-1111, f"Parameter '{name}' has too much precision.")
    return value


def read_order(call: Call) -> NewOrder:
    """The order that a request asks for."""
    fields, instrument = call.fields, call.instrument
    side = fields.word("side", SIDES, else_=BAD_SIDE)
    wanted = fields.word("type", _TYPES, else_=BAD_TYPE)
    native = fields.get("type")
    if "trailingDelta" in fields:
        raise Refusal(-2010, "Trailing stop orders are not supported for this symbol.")
    _check_terms(fields, wanted)
    stop_price = amount(fields, "stopPrice")
    return NewOrder(
        instrument=instrument,
        side=side,
        order_type=wanted.order_type,
        quantity=amount(fields, "quantity"),
        quote_quantity=amount(fields, "quoteOrderQty"),
        price=amount(fields, "price"),
        stop_price=stop_price,
        trigger=None if stop_price is None else trigger(side, takes_profit=wanted.takes_profit),
        time_in_force=fields.word("timeInForce", _TIFS, TimeInForce.GTC, else_=BAD_TIF),
        post_only=native == "LIMIT_MAKER",
        client_order_id=client_id(call, "newClientOrderId"),
        self_trade=fields.word("selfTradePreventionMode", SELF_TRADES, SelfTrade.CANCEL_MAKER),
        words={
            "type": native,
            "tif": fields.get("timeInForce", "GTC"),
            "stp": fields.get("selfTradePreventionMode", "EXPIRE_MAKER"),
            "iceberg": spot8(amount(fields, "icebergQty")),
        },
    )


def check_fresh_id(call: Call, asked: NewOrder) -> None:
    """A client id may stand for one open order only; once that is over it is free again."""
    same = next((order for order in call.named(asked.client_order_id or "") if order.is_open), None)
    if same is not None:
        raise EngineRefusal(Reason.DUPLICATE_CLIENT_ID, asked.client_order_id or "", order=same)


def _check_band(call: Call, asked: NewOrder) -> None:
    mark = call.engine.market(asked.instrument).mark
    if asked.price is not None and not mark / _FAR <= asked.price <= mark * _FAR:
        raise Refusal(-1013, f"Filter failure: {call.door.band}")


# --- the endpoints


def place(call: Call) -> Row:
    asked = read_order(call)
    usual = "FULL" if call.fields.get("type") in ("MARKET", "LIMIT") else "ACK"
    depth = call.fields.word("newOrderRespType", _DEPTHS, usual)
    _check_band(call, asked)
    check_fresh_id(call, asked)
    before = len(call.account.fills)
    order = call.engine.place(call.account, asked)
    return spot_placed(call, order, depth, [fill for fill in call.account.fills[before:] if fill.order is order])


def test(call: Call) -> Row:
    """Checks an order and places none; the venue does not look at the balance here."""
    asked = read_order(call)
    _check_band(call, asked)
    try:
        call.engine.test(call.account, asked)
    except EngineRefusal as refusal:
        if refusal.reason is not Reason.INSUFFICIENT_FUNDS:
            raise
    if not call.fields.flag("computeCommissionRates"):
        return {}
    rates = call.engine.fees(call.account, call.door.product)
    told = {"maker": spot8(rates.maker), "taker": spot8(rates.taker)}
    none = {"maker": spot8(None), "taker": spot8(None)}
    return {
        "standardCommissionForOrder": told,
        "specialCommissionForOrder": none,
        "taxCommissionForOrder": none,
        "discount": {"enabledForAccount": False, "enabledForSymbol": False, "discountAsset": "BNB", "discount": "0"},
    }


def find(call: Call, by_id: str = "orderId", by_name: str = "origClientOrderId") -> VenueOrder | None:
    """The order that a request names, shown or not; None where there is none."""
    instrument, order_id, name = call.instrument, call.fields.whole(by_id), call.fields.get(by_name)
    if order_id is None and not name:
        raise Refusal(-1102, f"Param '{by_name}' or '{by_id}' must be sent, but both were empty/null!")
    same_name = reversed(call.named(name))
    found = next(same_name, None) if order_id is None else call.account.by_id.get(order_id)
    if found is None or found.instrument is not instrument:
        return None
    if order_id is not None and name and found.client_order_id != name:
        raise Refusal(-2039, "Client order ID is not correct for this order ID.")
    return found


def cancel(call: Call) -> Row:
    order = find(call)
    if order is None or not order.is_open:
        raise UNKNOWN_ORDER()
    _check_restriction(call, order)
    cancel_id = client_id(call, "newClientOrderId")
    return spot_canceled(call, call.engine.cancel(call.account, order), cancel_id)


def _check_restriction(call: Call, order: VenueOrder) -> None:
    wanted = call.fields.get("cancelRestrictions")
    allowed = {"": status(order), "ONLY_NEW": "NEW", "ONLY_PARTIALLY_FILLED": "PARTIALLY_FILLED"}.get(wanted)
    if allowed is None:
        raise Refusal(-1145, "Invalid value for parameter 'cancelRestrictions'.")
    if status(order) != allowed:
        raise Refusal(-2011, "Order was not canceled due to cancel restrictions.")


def cancel_all(call: Call) -> list[Row]:
    cancel_id = call.mint()
    done = call.engine.cancel_all(call.account, call.door.product, call.instrument)
    if not done:
        raise UNKNOWN_ORDER()
    return [spot_canceled(call, order, cancel_id) for order in done]


# --- cancel and replace

_MODES = {"STOP_ON_FAILURE": True, "ALLOW_FAILURE": False}


def replace(call: Call) -> Row:
    """Cancel one order and place another. Not one transaction: each half may fail alone."""
    stops = call.fields.word("cancelReplaceMode", _MODES)
    read_order(call)
    canceled, cancel_failed = _attempt(call, _cancel_half)
    if cancel_failed and stops:
        placed, place_failed, place_word = None, True, "NOT_ATTEMPTED"
    else:
        placed, place_failed = _attempt(call, place)
        place_word = "FAILURE" if place_failed else "SUCCESS"
    data = {
        "cancelResult": "FAILURE" if cancel_failed else "SUCCESS",
        "newOrderResult": place_word,
        "cancelResponse": canceled,
        "newOrderResponse": placed,
    }
    if cancel_failed and place_failed:
        raise Refusal(-2022, "Order cancel-replace failed.", data=data)
    if cancel_failed or place_failed:
        raise Refusal(-2021, "Order cancel-replace partially failed.", 409, data=data)
    return data


def _cancel_half(call: Call) -> Row:
    order = find(call, "cancelOrderId", "cancelOrigClientOrderId")
    if order is None or not order.is_open:
        raise UNKNOWN_ORDER()
    _check_restriction(call, order)
    cancel_id = client_id(call, "cancelNewClientOrderId")
    return spot_canceled(call, call.engine.cancel(call.account, order), cancel_id)


def _attempt(call: Call, half: Any) -> tuple[Row, bool]:
    """What one half answers, and whether it failed."""
    try:
        return half(call), False
    except EngineRefusal as refusal:
        return refusal_of(refusal, call).content, True
    except Refusal as refusal:
        return refusal.content, True


# --- the table

_ORDER = (
    "symbol! side! type! timeInForce quantity quoteOrderQty price newClientOrderId strategyId strategyType stopPrice "
    "trailingDelta icebergQty newOrderRespType selfTradePreventionMode"
)


def trading(*, orders: tuple[int, ...], free_when_done: bool) -> tuple[Endpoint, ...]:
    """The rows of the table that place, test, cancel and replace. `orders` is what one adds to the order counts."""
    row = partial(Endpoint, security=Security.TRADE, free_when_done=free_when_done)
    posts, cancels = partial(row, method="POST"), partial(row, method="DELETE", kind=RequestClass.CANCEL)
    return (
        posts(path="/api/v3/order", answer=place, kind=RequestClass.ORDER, takes=_ORDER, orders=orders),
        cancels(
            path="/api/v3/order",
            answer=cancel,
            takes="symbol! orderId origClientOrderId newClientOrderId cancelRestrictions",
        ),
        cancels(path="/api/v3/openOrders", answer=cancel_all, takes="symbol!"),
        posts(
            path="/api/v3/order/cancelReplace",
            answer=replace,
            kind=RequestClass.WRITE,
            takes=f"{_ORDER} cancelReplaceMode! cancelNewClientOrderId cancelOrigClientOrderId cancelOrderId "
            "cancelRestrictions orderRateLimitExceededMode",
            orders=orders,
        ),
    )


def trial(more: str = "", weight: Callable[[Fields], int] | int = 1) -> Endpoint:
    """The row of the table that checks an order and places none; `more` are parameters of the venue's own."""
    return Endpoint(
        method="POST",
        path="/api/v3/order/test",
        answer=test,
        kind=RequestClass.WRITE,
        security=Security.TRADE,
        takes=f"{_ORDER} {more}",
        weight=weight,
    )
