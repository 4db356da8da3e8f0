"""What an order at the simulated Bybit may be: its parameters read, checked as the venue checks before it acknowledges.

Parameters and checks: Bybit V5, pages of order (2026-07-24). TP/SL of an order, spot margin and RPI orders are not
simulated, and refused. Places nothing (`sandbox_orders.py` does).
"""

from __future__ import annotations

import re
from decimal import Decimal

from unified.account import PositionMode
from unified.instrument import ZERO, Instrument
from unified.order import OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.sandbox.orders import NewOrder, SelfTrade
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_bybit.sandbox_calls import Call, Fields, Refusal, wrong
from unified_bybit.sandbox_market import price_limits
from unified_bybit.sandbox_rows import price

_SIDES = {"Buy": Side.BUY, "Sell": Side.SELL}
_TIMES = {"GTC": TimeInForce.GTC, "PostOnly": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}
_TYPES = {
    ("Limit", False): OrderType.LIMIT,
    ("Market", False): OrderType.MARKET,
    ("Limit", True): OrderType.STOP_LIMIT,
    ("Market", True): OrderType.STOP_MARKET,
}
_SELF_TRADES = {
    "None": SelfTrade.ALLOW,
    "CancelMaker": SelfTrade.CANCEL_MAKER,
    "CancelTaker": SelfTrade.CANCEL_TAKER,
    "CancelBoth": SelfTrade.CANCEL_BOTH,
}
_INDEXES = {0: None, 1: PositionSide.LONG, 2: PositionSide.SHORT}
_TRIGGERS = {1: Trigger.RISES, 2: Trigger.FALLS}
_LINK_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")
NOT_SIMULATED = ("takeProfit", "stopLoss", "slippageTolerance")
_SLIPPAGE = Decimal("0.05")
"""How far from the last price the limit lies into which the venue turns a market order in a contract."""


def new_order(call: Call, fields: Fields) -> NewOrder:
    """The order of a create, checked as the venue checks before it acknowledges."""
    item = call.engine.instrument(call.product, fields.text("symbol"))
    _check_simulated(fields, item)
    native, is_stop = fields.text("orderType"), "triggerPrice" in fields
    if native not in ("Limit", "Market"):
        raise Refusal(170116, "Invalid orderType.") if item.settle is None else wrong("OrderType invalid")
    side = fields.word("side", _SIDES)
    tif = "IOC" if native == "Market" else fields.get("timeInForce", "GTC")
    if tif not in _TIMES:
        raise Refusal(170115, "Invalid timeInForce.") if item.settle is None else wrong("TimeInForce invalid")
    by_quote = _is_by_quote(fields, item, side, native, is_stop=is_stop)
    position_side = _position_side(call, fields, item)
    limit = _needed(fields, "price") if native == "Limit" else None
    asked = _needed(fields, "qty")
    if asked == ZERO and item.settle is not None and fields.flag("reduceOnly") and fields.flag("closeOnTrigger"):
        asked = _whole_position(call, item, side, position_side)
    return NewOrder(
        instrument=item,
        side=side,
        order_type=_TYPES[native, is_stop],
        quantity=None if by_quote else asked,
        quote_quantity=asked if by_quote else None,
        price=limit if is_stop or limit is None else within_limits(call, item, side, limit),
        stop_price=fields.number("triggerPrice"),
        trigger=_trigger(call, fields, item) if is_stop else None,
        time_in_force=_TIMES[tif],
        post_only=tif == "PostOnly",
        reduce_only=item.settle is not None and fields.flag("reduceOnly"),
        position_side=position_side,
        client_order_id=_link_id(fields),
        self_trade=fields.word("smpType", _SELF_TRADES, "None"),
        words={
            "type": native,
            "tif": tif,
            "stop": _stop_word(fields, item) if is_stop else "",
            "by": fields.get("triggerBy", "LastPrice") if is_stop else "",
            "close": str(fields.flag("closeOnTrigger")).lower(),
            "unit": _unit(item, native, by_quote=by_quote),
            "last": price(item, call.engine.market(item).last),
            "bound": _bound(call, item, side),
        },
    )


def _needed(fields: Fields, name: str) -> Decimal:
    found = fields.number(name)
    if found is None:
        raise wrong(f"{name} is required")
    return found


def _whole_position(call: Call, item: Instrument, side: Side, position_side: PositionSide | None) -> Decimal:
    closable = call.account.position(item, position_side).closable(side)
    if not closable:
        raise EngineRefusal(Reason.REDUCE_ONLY, "nothing to close")
    return closable


def _check_simulated(fields: Fields, item: Instrument) -> None:
    for name in NOT_SIMULATED:
        if name in fields:
            raise wrong(f"{name} is not simulated")
    if fields.whole("isLeverage"):
        raise Refusal(170036, "Spot margin trading is not enabled.")
    if fields.get("timeInForce") == "RPI":
        raise Refusal(170355 if item.settle is None else 110119, "RPI orders are for approved market makers.")


def _is_by_quote(fields: Fields, item: Instrument, side: Side, native: str, *, is_stop: bool) -> bool:
    """Only spot market orders may be; a buy is unless it says otherwise."""
    if item.settle is not None or native != "Market":
        return False
    default = "quoteCoin" if side is Side.BUY else "baseCoin"
    by_quote = fields.word("marketUnit", {"baseCoin": False, "quoteCoin": True}, default)
    if by_quote and is_stop:
        raise wrong("marketUnit quoteCoin of a stop is not simulated")
    return by_quote


def _position_side(call: Call, fields: Fields, item: Instrument) -> PositionSide | None:
    index = fields.whole("positionIdx") or 0
    if item.settle is None:
        return None
    is_hedge = call.account.position_mode is PositionMode.HEDGE
    if index not in _INDEXES or is_hedge is (index == 0):
        raise Refusal(10001, "position idx not match position mode")
    return _INDEXES[index]


def _link_id(fields: Fields) -> str | None:
    said = fields.get("orderLinkId")
    if said and _LINK_ID.fullmatch(said) is None:
        raise wrong("OrderLinkId invalid" if len(said) <= 36 else "order link id is longer than 36")
    return said or None


def _trigger(call: Call, fields: Fields, item: Instrument) -> Trigger:
    """Spot has no direction: it lies where the trigger price lies."""
    level, last = fields.number("triggerPrice") or ZERO, call.engine.market(item).last
    if item.settle is None:
        return Trigger.RISES if level > last else Trigger.FALLS
    direction = _TRIGGERS.get(fields.whole("triggerDirection") or 0)
    if direction is None:
        raise wrong("TriggerDirection invalid")
    if direction is Trigger.RISES and level <= last:
        raise Refusal(110092, f"expect Rising, but trigger_price[{_scaled(level)}] <= current[{_scaled(last)}]")
    if direction is Trigger.FALLS and level >= last:
        raise Refusal(110093, f"expect Falling, but trigger_price[{_scaled(level)}] >= current[{_scaled(last)}]")
    return direction


def _scaled(value: Decimal) -> int:
    """As the venue's texts write prices of contracts."""
    return int(value * 10_000)


def _stop_word(fields: Fields, item: Instrument) -> str:
    if item.settle is not None:
        return "Stop"
    said = fields.get("orderFilter", "Order")
    if said not in ("StopOrder", "tpslOrder"):
        raise Refusal(170201, "Invalid orderFilter parameter.")
    return "Stop" if said == "StopOrder" else said


def within_limits(call: Call, item: Instrument, side: Side, asked: Decimal) -> Decimal:
    """Beyond the price limit spot refuses, while contracts move the price to it; the account may have it otherwise."""
    highest, lowest = price_limits(call, item)
    kept = min(asked, highest) if side is Side.BUY else max(asked, lowest)
    moves = not call.records.kept_prices.get((call.account.name, item.product), item.settle is None)
    if kept == asked or moves:
        return kept
    word, code = ("higher", 0) if side is Side.BUY else ("lower", 1)
    text = f"{word} than {price(item, kept)}{item.quote}."
    if item.settle is None:
        raise Refusal((170193, 170194)[code], f"{side.value.capitalize()} order price cannot be {text}")
    raise Refusal((110121, 110120)[code], f"Order price cannot be {text}")


def _unit(item: Instrument, native: str, *, by_quote: bool) -> str:
    if item.settle is not None or native != "Market":
        return ""
    return "quoteCoin" if by_quote else "baseCoin"


def _bound(call: Call, item: Instrument, side: Side) -> str:
    """What an order without a price shows: contracts the limit that a market order has become."""
    last = call.engine.market(item).last
    return "0" if item.settle is None else price(item, last * (1 + (_SLIPPAGE if side is Side.BUY else -_SLIPPAGE)))
