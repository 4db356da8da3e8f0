"""What the simulated OKX says when its engine refuses: a table for each kind of request. Decides nothing.

Codes: OKX docs, "Error code, REST API" (2026-07-13). Where the docs name none (a price off its tick) 51000 with
the parameter's name stands in.
"""

from __future__ import annotations

from unified.instrument import Product
from unified.order import OrderType, Side
from unified.sandbox.accounts import VenuePosition
from unified.sandbox.orders import NewOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import plain
from unified_okx.sandbox_listings import MAX_LIMIT_VALUE, MAX_PENDING
from unified_okx.sandbox_sayings import Refusal

_PLACE: dict[Reason, tuple[str, tuple[str, ...]]] = {
    Reason.MARKET_CLOSED: ("51022", ()),
    Reason.CANCEL_ONLY: ("51022", ()),
    Reason.POST_ONLY_MODE: ("54012", ()),
    Reason.BAD_ORDER: ("51000", ("ordType",)),
    Reason.BAD_TICK: ("51000", ("px",)),
    Reason.PRICE_OUT_OF_RANGE: ("51000", ("px",)),
    Reason.BAD_LOT: ("51121", ()),
    Reason.BELOW_MIN_QUANTITY: ("51020", ()),
    Reason.ABOVE_MAX_QUANTITY: ("51005", ()),
    Reason.ABOVE_MAX_NOTIONAL: ("51185", (plain(MAX_LIMIT_VALUE),)),
    Reason.DUPLICATE_CLIENT_ID: ("51016", ()),
    Reason.TOO_MANY_OPEN_ORDERS: ("51102", (str(MAX_PENDING),)),
    Reason.WOULD_TRIGGER: ("51250", ()),
}

_AMEND: dict[Reason, tuple[str, tuple[str, ...]]] = {
    **_PLACE,
    Reason.BAD_TICK: ("51000", ("newPx",)),
    Reason.PRICE_OUT_OF_RANGE: ("51000", ("newPx",)),
    Reason.NOT_FOUND: ("51603", ()),
    Reason.ALREADY_CLOSED: ("51503", ()),
    # The venue has no word for an order that its engine has not seen yet; this one says that it is busy.
    Reason.BUSY: ("51513", ()),
    Reason.BAD_ORDER: ("51506", ()),
    Reason.WOULD_TAKE: ("51511", ()),
}

_CANCEL = {
    Reason.NOT_FOUND: "51400",
    Reason.ALREADY_CLOSED: "51400",
    Reason.BUSY: "51410",
    Reason.MARKET_CLOSED: "51022",
}

_REACHED = {
    ("sl", Side.BUY): "51278",
    ("sl", Side.SELL): "51280",
    ("tp", Side.BUY): "51277",
    ("tp", Side.SELL): "51279",
}
"""A stop on the wrong side of the last price."""


def place_refusal(error: EngineRefusal, asked: NewOrder, held: VenuePosition) -> Refusal:
    """Why a placement was refused. `held` is the position that the order would change."""
    match error.reason:
        case Reason.INSUFFICIENT_FUNDS:
            return _short_of_funds(asked)
        case Reason.POSITION_LIMIT:
            return Refusal("51004", asked.instrument.symbol, sub="1104" if asked.side is Side.BUY else "1105")
        case Reason.REDUCE_ONLY:
            return _nothing_to_reduce(asked, held)
        case Reason.ABOVE_MAX_QUANTITY if asked.order_type is OrderType.MARKET:
            return Refusal("51202")
        case Reason.BAD_TICK | Reason.PRICE_OUT_OF_RANGE if asked.order_type.is_stop:
            return Refusal("51250")
        case Reason.DUPLICATE_CLIENT_ID if asked.order_type.is_stop:
            return Refusal("51065")
        case Reason.WOULD_TRIGGER if (asked.words["leg"], asked.side) in _REACHED:
            return Refusal(_REACHED[asked.words["leg"], asked.side])
    code, words = _PLACE[error.reason]
    return Refusal(code, *words)


def _nothing_to_reduce(asked: NewOrder, held: VenuePosition) -> Refusal:
    if held.closable(asked.side):
        return Refusal("51112")
    return Refusal("51170" if held.quantity else "51169")


def _short_of_funds(asked: NewOrder) -> Refusal:
    instrument = asked.instrument
    if instrument.product is Product.SPOT:
        currency = instrument.quote if asked.side is Side.BUY else instrument.base
        return Refusal("51008", currency, "balance", sub="1000")
    return Refusal("51008", instrument.settle, "margin", sub="1001")


def amend_refusal(error: EngineRefusal) -> Refusal:
    if error.reason is Reason.INSUFFICIENT_FUNDS:
        return Refusal("51502", sub="1030")
    code, words = _AMEND[error.reason]
    return Refusal(code, *words)


def cancel_refusal(error: EngineRefusal) -> Refusal:
    return Refusal(_CANCEL[error.reason])
