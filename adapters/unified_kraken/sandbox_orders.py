"""How Kraken's sandbox reads orders and amendments, and in which words it refuses them. Places nothing.

Not simulated, and refused as a malformed parameter: iceberg, trailing stops, settle-position, scheduled starts,
conditional closes and prices relative to the market. Margin is refused as for an account that may not use it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from unified.instrument import Instrument, Rounding, to_step
from unified.order import OrderType, Side, TimeInForce, Trigger
from unified.sandbox.clock import Moment
from unified.sandbox.orders import NewOrder, SelfTrade
from unified.sandbox.refusal import Reason
from unified.sandbox.wording import fixed
from unified_kraken.sandbox_call import SECOND_US, Call, Fields, Refused, invalid
from unified_kraken.sandbox_pairs import Pair

WORDS: Mapping[Reason, str] = {
    Reason.UNKNOWN_INSTRUMENT: "EQuery:Unknown asset pair",
    Reason.MARKET_CLOSED: "EService:Unavailable",
    Reason.CANCEL_ONLY: "EService:Market in cancel_only mode",
    Reason.POST_ONLY_MODE: "EService:Market in post_only mode",
    Reason.BAD_TICK: "EOrder:Tick size check failed",
    Reason.BAD_LOT: "EGeneral:Invalid arguments:volume",
    Reason.BAD_QUOTE_STEP: "EGeneral:Invalid arguments:volume",
    Reason.PRICE_OUT_OF_RANGE: "EOrder:Invalid price",
    Reason.BELOW_MIN_QUANTITY: "EGeneral:Invalid arguments:volume minimum not met",
    Reason.BELOW_MIN_NOTIONAL: "EOrder:Cost minimum not met",
    Reason.INSUFFICIENT_FUNDS: "EOrder:Insufficient funds",
    Reason.WOULD_TAKE: "EOrder:Post only order",
    Reason.DUPLICATE_CLIENT_ID: "EGeneral:Invalid arguments:cl_ord_id not unique",
    Reason.TOO_MANY_OPEN_ORDERS: "EOrder:Orders limit exceeded",
    Reason.EXPIRY_PASSED: "EGeneral:Invalid arguments:expiretm",
    Reason.NOT_FOUND: "EOrder:Invalid order",
    Reason.ALREADY_CLOSED: "EOrder:Unknown order",
    Reason.BUSY: "EOrder:Cancel pending",
    Reason.NO_CHANGE: "EOrder:No amendable parameters specified",
}
"""Of every refusal of the engine; any other is `EOrder:Invalid order`."""
AMENDING: Mapping[Reason, str] = {
    **WORDS,
    Reason.BELOW_MIN_QUANTITY: "EOrder:Order minimum not met",
    Reason.BAD_ORDER: "EOrder:Order not editable",
}
"""The words of the engine where an order is amended: nothing was validated before."""
OTHERWISE = "EOrder:Invalid order"

_TYPES: Mapping[str, OrderType] = {
    "limit": OrderType.LIMIT,
    "market": OrderType.MARKET,
    "stop-loss": OrderType.STOP_MARKET,
    "take-profit": OrderType.STOP_MARKET,
    "stop-loss-limit": OrderType.STOP_LIMIT,
    "take-profit-limit": OrderType.STOP_LIMIT,
}
_TIMES = {word.name: word for word in TimeInForce}
_SELF_TRADE = {
    "": SelfTrade.CANCEL_TAKER,
    "cancel-newest": SelfTrade.CANCEL_TAKER,
    "cancel-oldest": SelfTrade.CANCEL_MAKER,
    "cancel-both": SelfTrade.CANCEL_BOTH,
}
_FLAGS = frozenset({"post", "fcib", "fciq", "nompp", "viqc"})
_CLIENT_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[0-9a-z-]{1,18}")
"""UUID, its hex digits, or free text. That free text takes no capitals was found by one implementer, undated."""
_MONTH_US = 31 * 86_400 * SECOND_US
_SHORTEST_EXPIRY_S = 5
_DEADLINE_US = (2 * SECOND_US, 60 * SECOND_US)
"""From now (docs.kraken.com, add-order and amend-order, 2026-05-27)."""


def check_deadline(call: Call, moment: Moment, arrived_us: int) -> None:
    """Refuse a deadline that has passed, or that lies outside its window as seen at `arrived_us` (shown time)."""
    deadline_us = call.fields.instant("deadline")
    if deadline_us is None:
        return
    if deadline_us <= moment.shown_us:
        raise Refused("EService:Deadline elapsed")
    if not _DEADLINE_US[0] <= deadline_us - arrived_us <= _DEADLINE_US[1]:
        raise invalid("deadline")


def read_client_id(fields: Fields) -> str | None:
    text = fields.text("cl_ord_id")
    if text and _CLIENT_ID.fullmatch(text) is None:
        raise invalid("cl_ord_id")
    return text or None


def read_userref(fields: Fields) -> str:
    """The text of a group tag, a 32-bit integer; empty where there is none."""
    fields.whole("userref", 0, -(2**31), 2**31 - 1)
    return fields.text("userref")


def read_order(fields: Fields, pair: Pair, instrument: Instrument, now_us: int) -> NewOrder:
    """An order as AddOrder and the items of AddOrderBatch describe it."""
    side = _side(fields)
    word = fields.text("ordertype")
    if word not in _TYPES:
        raise invalid("ordertype")
    _refuse_what_is_missing_here(fields)
    flags = _flags(fields, word, side)
    price, stop = _prices(fields, word, pair)
    time_in_force, expires_us = _lifetime(fields, word, now_us)
    volume = _volume(fields, pair, in_quote="viqc" in flags)
    userref, client_id = read_userref(fields), read_client_id(fields)
    if userref and client_id:
        raise invalid("cl_ord_id")
    return NewOrder(
        instrument=instrument,
        side=side,
        order_type=_TYPES[word],
        quantity=None if "viqc" in flags else volume,
        quote_quantity=volume if "viqc" in flags else None,
        price=price,
        stop_price=stop,
        trigger=_trigger(word, side),
        time_in_force=time_in_force,
        expires_us=expires_us,
        post_only="post" in flags,
        client_order_id=client_id,
        self_trade=_self_trade(fields),
        words={"ordertype": word, "userref": userref},
    )


def describe(asked: NewOrder, pair: Pair) -> str:
    """`buy 1.25000000 XBTUSD @ limit 27500.0`"""
    volume = fixed(asked.quantity or asked.quote_quantity or Decimal(0), pair.lot_decimals)
    word = asked.words["ordertype"].removesuffix("-limit").replace("-", " ")
    parts = [f"{asked.side.value} {volume} {pair.altname} @ {word}"]
    if asked.stop_price is not None:
        parts.append(fixed(asked.stop_price, pair.price_decimals))
    if asked.price is not None:
        parts.append(("-> limit " if asked.stop_price is not None else "") + fixed(asked.price, pair.price_decimals))
    return " ".join(parts)


def read_price(fields: Fields, name: str, pair: Pair) -> Decimal:
    """A price in the pair's decimals; whether it keeps the tick is for the engine to say."""
    value = fields.number(name)
    if value is None:
        raise invalid(name)
    if value <= 0:
        raise Refused("EOrder:Invalid price")
    if not has_places(value, pair.price_decimals):
        raise Refused(
            f"EOrder:Invalid price:{pair.altname} price can only be specified up to {pair.price_decimals} decimals."
        )
    return value


def has_places(value: Decimal, places: int) -> bool:
    """No more decimals than so many."""
    return to_step(value, Decimal(1).scaleb(-places), Rounding.DOWN) == value


# --- the parts of an order


def _side(fields: Fields) -> Side:
    text = fields.text("type")
    if text not in ("buy", "sell"):
        raise invalid("type")
    return Side(text)


def _refuse_what_is_missing_here(fields: Fields) -> None:
    """See the module's beginning."""
    if fields.text("leverage") not in ("", "0", "none"):
        raise Refused("EOrder:Cannot open position")
    if fields.flag("reduce_only"):
        raise Refused("EOrder:Reduce only:No position exists")
    if fields.text("trigger") == "index":
        raise invalid("Index unavailable")
    if fields.text("trigger") not in ("", "last"):
        raise invalid("trigger")
    if fields.text("starttm") not in ("", "0"):
        raise invalid("starttm")
    if any(name.partition("[")[0] == "close" for name in fields.values):
        raise invalid("close")


def _flags(fields: Fields, word: str, side: Side) -> frozenset[str]:
    """Whatever a client prefers, the fee is paid in the quote asset here."""
    flags = frozenset(fields.listed("oflags"))
    if not flags <= _FLAGS or {"fcib", "fciq"} <= flags or ("post" in flags and word != "limit"):
        raise invalid("oflags")
    if "viqc" in flags and (word, side) != ("market", Side.BUY):
        raise invalid("viqc")
    return flags


def _prices(fields: Fields, word: str, pair: Pair) -> tuple[Decimal | None, Decimal | None]:
    """Limit and trigger price."""
    if word == "market":
        return None, None
    first = read_price(fields, "price", pair)
    if word == "limit":
        return first, None
    return (read_price(fields, "price2", pair) if word.endswith("-limit") else None), first


def _lifetime(fields: Fields, word: str, now_us: int) -> tuple[TimeInForce, int | None]:
    """Time in force and expiry; an expiry alone means good till date."""
    text = fields.text("timeinforce") or "GTC"
    expires_us = _expiry(fields.text("expiretm"), now_us)
    if text not in _TIMES or (text == "FOK" and not word.endswith("limit")):
        raise invalid("timeinforce")
    if (text == "GTD" and expires_us is None) or (text in ("IOC", "FOK") and expires_us is not None):
        raise invalid("expiretm")
    return (TimeInForce.GTD if expires_us is not None else _TIMES[text]), expires_us


def _expiry(text: str, now_us: int) -> int | None:
    """`+30` from now or a Unix time in seconds; none or 0 is no expiry."""
    if text in ("", "0"):
        return None
    digits = text.removeprefix("+")
    if not digits.isdecimal() or (text.startswith("+") and int(digits) < _SHORTEST_EXPIRY_S):
        raise invalid("expiretm")
    expires_us = int(digits) * SECOND_US + (now_us if text.startswith("+") else 0)
    if expires_us > now_us + _MONTH_US:
        raise invalid("expiretm")
    return expires_us


def _volume(fields: Fields, pair: Pair, *, in_quote: bool) -> Decimal:
    volume = fields.number("volume")
    places = pair.cost_decimals if in_quote else pair.lot_decimals
    if volume is None or volume <= 0 or not has_places(volume, places):
        raise invalid("volume")
    return volume


def _trigger(word: str, side: Side) -> Trigger | None:
    """A stop of a loss waits beyond the market, a take-profit before it."""
    if word in ("limit", "market"):
        return None
    loss = word.startswith("stop-loss")
    return Trigger.RISES if loss is (side is Side.BUY) else Trigger.FALLS


def _self_trade(fields: Fields) -> SelfTrade:
    text = fields.text("stptype")
    if text not in _SELF_TRADE:
        raise invalid("stptype")
    return _SELF_TRADE[text]
