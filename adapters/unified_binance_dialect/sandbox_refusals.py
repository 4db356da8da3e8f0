"""What a simulated venue says when its engine refuses: by the door's table; here the usual one of spot.

Texts: Binance spot `errors.md` (2026-07-21).
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.instrument import Product
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_binance_dialect.sandbox_calls import Call, Refusal, error

SPOT: Mapping[Reason, tuple[int, str]] = {
    Reason.UNKNOWN_INSTRUMENT: (-1121, "Invalid symbol."),
    Reason.MARKET_CLOSED: (-2010, "Market is closed."),
    Reason.CANCEL_ONLY: (-2010, "This order type is not possible in this trading phase."),
    Reason.POST_ONLY_MODE: (-2010, "This order type is not possible in this trading phase."),
    Reason.BAD_ORDER: (-1014, "Unsupported order combination."),
    Reason.BAD_TICK: (-1013, "Filter failure: PRICE_FILTER"),
    Reason.PRICE_OUT_OF_RANGE: (-1013, "Filter failure: PRICE_FILTER"),
    Reason.BAD_LOT: (-1013, "Filter failure: LOT_SIZE"),
    Reason.BELOW_MIN_QUANTITY: (-1013, "Filter failure: LOT_SIZE"),
    Reason.ABOVE_MAX_QUANTITY: (-1013, "Filter failure: LOT_SIZE"),
    Reason.BAD_QUOTE_STEP: (-1111, "Parameter 'quoteOrderQty' has too much precision."),
    Reason.BELOW_MIN_NOTIONAL: (-1013, "Filter failure: NOTIONAL"),
    Reason.ABOVE_MAX_NOTIONAL: (-1013, "Filter failure: NOTIONAL"),
    Reason.INSUFFICIENT_FUNDS: (-2010, "Account has insufficient balance for requested action."),
    Reason.WOULD_TAKE: (-2010, "Order would immediately match and take."),
    Reason.WOULD_TRIGGER: (-2010, "Order would trigger immediately."),
    Reason.DUPLICATE_CLIENT_ID: (-2010, "Duplicate order sent."),
    Reason.NOT_FOUND: (-2013, "Order does not exist."),
    Reason.ALREADY_CLOSED: (-2011, "Unknown order sent."),
    Reason.TOO_MANY_OPEN_ORDERS: (-1013, "Filter failure: MAX_NUM_ORDERS"),
}

UNKNOWN_ORDER = error(-2011, "Unknown order sent.")


def refusal_of(error: EngineRefusal, call: Call) -> Refusal:
    """The venue's words for a refusal of the engine."""
    code, text = call.door.refusals[error.reason]
    if error.reason is Reason.BELOW_MIN_NOTIONAL:
        text = text.format(least=call.instrument.min_notional)
    if call.door.product is Product.SPOT and "LOT_SIZE" in text and call.fields.get("type") == "MARKET":
        too_much = error.reason is Reason.ABOVE_MAX_QUANTITY
        text = "Filter failure: MARKET_LOT_SIZE" if too_much else text
    if code == -4002 and call.fields.get("price").strip("0.") == "":
        return Refusal(-4001, "Price less than 0.")
    return Refusal(code, text)
