"""How the simulated OKX reads an order or algo order: every parameter check, and what it asks of the engine.

Places nothing. Parameters: OKX docs, "Place order" (2026-06-30) and "Place algo order". Not simulated, and refused
with 50046: attached TP/SL, and algo orders other than `conditional` (one leg) and `trigger`.
"""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import frozen

from unified.account import MarginMode, PositionMode
from unified.instrument import ZERO, Instrument, Product, Rounding, to_step
from unified.order import OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.sandbox.engine import Engine
from unified.sandbox.orders import NewOrder, SelfTrade
from unified.sandbox.wording import plain
from unified_okx.sandbox_calls import TYPE_OF, Call, Fields
from unified_okx.sandbox_listings import FACTS, MAX_MARKET_VALUE
from unified_okx.sandbox_sayings import Refusal

_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_TAG = re.compile(r"[A-Za-z0-9]{1,16}")
_SIDES = {side.value: side for side in Side}
_POSITION_SIDES = {side.value: side for side in PositionSide}
_TRIGGER_KINDS = {"last": "last", "index": "index", "mark": "mark"}
_UNITS = {"": "", "base_ccy": "base_ccy", "quote_ccy": "quote_ccy"}
_SELF_TRADE = {
    "": SelfTrade.CANCEL_MAKER,
    "cancel_maker": SelfTrade.CANCEL_MAKER,
    "cancel_taker": SelfTrade.CANCEL_TAKER,
    "cancel_both": SelfTrade.CANCEL_BOTH,
}
_ALGO_TYPES = {"conditional": True, "trigger": True} | dict.fromkeys(
    ("oco", "move_order_stop", "chase", "iceberg", "twap", "smart_iceberg"), False
)
"""Whether a type is simulated."""
_AT_MARKET = "-1"


@frozen
class _Kind:
    order_type: OrderType
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False


_KINDS = {
    "market": _Kind(OrderType.MARKET),
    "limit": _Kind(OrderType.LIMIT),
    "post_only": _Kind(OrderType.LIMIT, post_only=True),
    "fok": _Kind(OrderType.LIMIT, TimeInForce.FOK),
    "ioc": _Kind(OrderType.LIMIT, TimeInForce.IOC),
    "optimal_limit_ioc": _Kind(OrderType.MARKET, TimeInForce.IOC),
}


def new_order(call: Call, fields: Fields) -> NewOrder:
    """What an order asks for. Raises `Refusal`."""
    for name in ("instId", "tdMode", "side", "ordType", "sz"):
        fields.need(name)
    instrument = call.instrument(fields.text("instId"))
    kind, side = fields.word("ordType", _KINDS), fields.word("side", _SIDES)
    if fields.text("ordType") == "optimal_limit_ioc" and instrument.product is Product.SPOT:
        raise Refusal("51000", "ordType")
    if fields.has_items("attachAlgoOrds"):
        raise Refusal("50046")
    unit = _unit(fields, instrument, side, is_market=kind.order_type is OrderType.MARKET)
    quantity, quote = _quantities(fields, instrument, unit)
    limit = _limit(call.engine, fields, instrument, side) if kind.order_type.has_price else None
    if kind.order_type is OrderType.MARKET and instrument.product is Product.SPOT:
        _check_market_value(call.engine, instrument, quantity, quote)
    return NewOrder(
        instrument=instrument,
        side=side,
        order_type=kind.order_type,
        quantity=quantity,
        quote_quantity=quote,
        price=limit,
        time_in_force=kind.time_in_force,
        post_only=kind.post_only,
        reduce_only=_reduces(call, fields, instrument),
        position_side=_position_side(call, fields, instrument),
        margin_mode=_margin_mode(call, fields, instrument),
        client_order_id=client_id(fields, "clOrdId"),
        self_trade=_self_trade(fields),
        words={
            "ordType": fields.text("ordType"),
            "tdMode": fields.text("tdMode"),
            "tgtCcy": unit,
            "tag": _tag(fields),
            "stpMode": fields.text("stpMode") or "cancel_maker",
        },
    )


# --- algo orders


def new_algo(call: Call, fields: Fields) -> NewOrder:
    """What an algo order asks for. Raises `Refusal`."""
    for name in ("instId", "tdMode", "side", "ordType", "sz"):
        fields.need(name)
    instrument = call.instrument(fields.text("instId"))
    if not fields.word("ordType", _ALGO_TYPES):
        raise Refusal("50046")
    side = fields.word("side", _SIDES)
    leg = _leg(fields)
    stop, limit = _leg_prices(fields, leg)
    unit = _algo_unit(fields, instrument, side, leg, is_market=limit is None)
    quantity, quote = _quantities(fields, instrument, unit)
    if quote is not None:
        quantity = to_step(quote / stop, instrument.lot_size, Rounding.DOWN)
    return NewOrder(
        instrument=instrument,
        side=side,
        order_type=OrderType.STOP_MARKET if limit is None else OrderType.STOP_LIMIT,
        quantity=quantity,
        price=limit,
        stop_price=stop,
        trigger=_trigger(call.engine, instrument, side, leg, stop),
        reduce_only=_reduces(call, fields, instrument),
        position_side=_position_side(call, fields, instrument),
        margin_mode=_margin_mode(call, fields, instrument),
        client_order_id=client_id(fields, "algoClOrdId"),
        self_trade=SelfTrade.CANCEL_MAKER,
        words={
            "ordType": fields.text("ordType"),
            "tdMode": fields.text("tdMode"),
            "tgtCcy": unit,
            "tag": _tag(fields),
            "stpMode": "cancel_maker",
            "leg": leg,
            "sz": fields.text("sz"),
            "triggerPxType": fields.word(_names(leg)[1], _TRIGGER_KINDS, "last"),
        },
    )


def _leg(fields: Fields) -> str:
    """`trigger`, `sl` or `tp`: under which names the prices stand."""
    if fields.text("ordType") == "trigger":
        return "trigger"
    sent = [leg for leg in ("sl", "tp") if fields.text(f"{leg}TriggerPx")]
    if not sent:
        raise Refusal("50015", "tpTriggerPx", "slTriggerPx")
    if len(sent) > 1:
        # Two legs are an `oco`.
        raise Refusal("50024", "tpTriggerPx", "slTriggerPx")
    return sent[0]


def _names(leg: str) -> tuple[str, str, str]:
    """Trigger price, its type and order price."""
    if leg == "trigger":
        return "triggerPx", "triggerPxType", "orderPx"
    return f"{leg}TriggerPx", f"{leg}TriggerPxType", f"{leg}OrdPx"


def _leg_prices(fields: Fields, leg: str) -> tuple[Decimal, Decimal | None]:
    """Trigger price and limit; no limit means at market."""
    trigger_name, _, limit_name = _names(leg)
    fields.need(trigger_name)
    stop = fields.number(trigger_name)
    if stop is None or stop <= ZERO:
        raise Refusal("51000", trigger_name)
    if fields.need(limit_name) == _AT_MARKET:
        return stop, None
    return stop, fields.number(limit_name)


def _algo_unit(fields: Fields, instrument: Instrument, side: Side, leg: str, *, is_market: bool) -> str:
    if leg == "trigger":
        if fields.text("tgtCcy"):
            raise Refusal("51281")
        return ""
    return _unit(fields, instrument, side, is_market=is_market)


def _trigger(engine: Engine, instrument: Instrument, side: Side, leg: str, stop: Decimal) -> Trigger:
    """On which side of the market it waits: a stop against the position, a profit with it, else towards its price."""
    upwards = stop > engine.market(instrument).last
    rises = upwards if leg == "trigger" else (side is Side.BUY) is (leg == "sl")
    return Trigger.RISES if rises else Trigger.FALLS


# --- what both share


def client_id(fields: Fields, name: str) -> str | None:
    text = fields.text(name)
    if text and _CLIENT_ID.fullmatch(text) is None:
        raise Refusal("51000", name)
    return text or None


def _tag(fields: Fields) -> str:
    text = fields.text("tag")
    if text and _TAG.fullmatch(text) is None:
        raise Refusal("51000", "tag")
    return text


def _unit(fields: Fields, instrument: Instrument, side: Side, *, is_market: bool) -> str:
    """`tgtCcy` as the venue understands it: by default a market buy counts quote, a market sell base."""
    unit = fields.word("tgtCcy", _UNITS) if fields.text("tgtCcy") else ""
    if instrument.product is not Product.SPOT:
        if unit:
            raise Refusal("59110", TYPE_OF[instrument.product])
        return ""
    if not is_market:
        return ""
    return unit or ("quote_ccy" if side is Side.BUY else "base_ccy")


def _quantities(fields: Fields, instrument: Instrument, unit: str) -> tuple[Decimal | None, Decimal | None]:
    """Base units or quote units, whichever `sz` counts."""
    amount_sent = fields.number("sz")
    if amount_sent is None or amount_sent <= ZERO:
        raise Refusal("51000", "sz")
    if unit == "quote_ccy":
        return None, amount_sent
    return amount_sent * instrument.contract_size, None


def _limit(engine: Engine, fields: Fields, instrument: Instrument, side: Side) -> Decimal:
    limit = fields.number("px")
    if limit is None:
        raise Refusal("51204")
    if limit <= ZERO:
        raise Refusal("51000", "px")
    return within_band(engine, instrument, side, limit, clamps=fields.text("pxAmendType") == "1")


def band(engine: Engine, instrument: Instrument) -> tuple[Decimal, Decimal]:
    """The highest price of a buy and the lowest of a sell now."""
    last, width = engine.market(instrument).last, FACTS[instrument.symbol].band
    return (
        to_step(last * (1 + width), instrument.tick_size, Rounding.DOWN),
        to_step(last * (1 - width), instrument.tick_size, Rounding.UP),
    )


def within_band(engine: Engine, instrument: Instrument, side: Side, limit: Decimal, *, clamps: bool) -> Decimal:
    """The price, or the edge of the band where the order lets the venue change it."""
    highest, lowest = band(engine, instrument)
    inside = limit <= highest if side is Side.BUY else limit >= lowest
    if inside:
        return limit
    if not clamps:
        raise Refusal("51006", plain(highest), plain(lowest))
    return highest if side is Side.BUY else lowest


def _check_market_value(
    engine: Engine, instrument: Instrument, quantity: Decimal | None, quote: Decimal | None
) -> None:
    last = engine.market(instrument).last
    value = quote if quote is not None else (quantity or ZERO) * last
    if value > MAX_MARKET_VALUE:
        raise Refusal("51201", f"{MAX_MARKET_VALUE} USDT")
    if quote is not None and quote < instrument.min_quantity * last:
        raise Refusal("51020")


def _reduces(call: Call, fields: Fields, instrument: Instrument) -> bool:
    """Long/short mode ignores the flag: there the side of the position tells."""
    wanted = fields.flag("reduceOnly")
    if wanted and instrument.product is Product.SPOT:
        raise Refusal("51139")
    return wanted and call.account.position_mode is PositionMode.ONE_WAY


def _position_side(call: Call, fields: Fields, instrument: Instrument) -> PositionSide | None:
    text = fields.text("posSide")
    hedged = call.account.position_mode is PositionMode.HEDGE and instrument.product is Product.LINEAR
    if (text not in _POSITION_SIDES) if hedged else (text not in ("", "net")):
        raise Refusal("51000", "posSide")
    return _POSITION_SIDES.get(text)


def _margin_mode(call: Call, fields: Fields, instrument: Instrument) -> MarginMode | None:
    """Spot is `cash` in futures mode and `cross` in multi-currency mode; margin trading is not simulated."""
    text = fields.text("tdMode")
    if instrument.product is Product.SPOT:
        if text != ("cross" if call.holder.level == "3" else "cash"):
            raise Refusal("51000", "tdMode")
        return None
    if text not in ("cross", "isolated"):
        raise Refusal("51000", "tdMode")
    return MarginMode(text)


def _self_trade(fields: Fields) -> SelfTrade:
    text = fields.text("stpMode")
    if text not in _SELF_TRADE:
        raise Refusal("51000", "stpMode")
    if text == "cancel_both" and fields.text("ordType") == "fok":
        raise Refusal("54036")
    return _SELF_TRADE[text]


def new_values(fields: Fields) -> tuple[Decimal | None, Decimal | None]:
    """New price and new size of an amendment; the size in the venue's unit."""
    if not fields.text("newSz") and not fields.text("newPx"):
        raise Refusal("51500")
    found = []
    for name in ("newPx", "newSz"):
        value = fields.number(name)
        if value is not None and value <= ZERO:
            raise Refusal("51000", name)
        found.append(value)
    return found[0], found[1]
