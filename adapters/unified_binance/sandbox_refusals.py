"""What the simulated Binance says when its engine refuses. A table for each door; decides nothing.

Texts: spot `errors.md` (2026-07-21), USD-M "Error Codes" (2026-05-28).
"""

from __future__ import annotations

from unified.instrument import Product
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_binance.sandbox_calls import Call, Refusal, error

_SPOT: dict[Reason, tuple[int, str]] = {
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
    Reason.NO_CHANGE: (-2038, "The requested action would change no state; rejecting."),
    Reason.TOO_MANY_OPEN_ORDERS: (-1013, "Filter failure: MAX_NUM_ORDERS"),
}

_LINEAR: dict[Reason, tuple[int, str]] = {
    Reason.UNKNOWN_INSTRUMENT: (-1121, "Invalid symbol."),
    Reason.MARKET_CLOSED: (-4141, "Symbol is closed."),
    Reason.CANCEL_ONLY: (-4140, "Invalid symbol status for opening position."),
    Reason.POST_ONLY_MODE: (-4140, "Invalid symbol status for opening position."),
    Reason.BAD_ORDER: (-1014, "Unsupported order combination."),
    Reason.BAD_TICK: (-4014, "Price not increased by tick size."),
    Reason.PRICE_OUT_OF_RANGE: (-4002, "Price greater than max price."),
    Reason.BAD_LOT: (-4023, "Qty not increased by step size."),
    Reason.BELOW_MIN_QUANTITY: (-4004, "Quantity less than min quantity."),
    Reason.ABOVE_MAX_QUANTITY: (-4005, "Quantity greater than max quantity."),
    Reason.BELOW_MIN_NOTIONAL: (
        -4164,
        "Order's notional must be no smaller than {least} (unless you choose reduce only)",
    ),
    Reason.ABOVE_MAX_NOTIONAL: (-4005, "Quantity greater than max quantity."),
    Reason.INSUFFICIENT_FUNDS: (-2019, "Margin is insufficient."),
    Reason.WOULD_TAKE: (
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected. "
        "The order will not be recorded in the order history",
    ),
    Reason.WOULD_TRIGGER: (-2021, "Order would immediately trigger."),
    Reason.UNFILLABLE_FOK: (
        -5021,
        "Due to the order could not be filled immediately, the FOK order has been rejected. "
        "The order will not be recorded in the order history",
    ),
    Reason.DUPLICATE_CLIENT_ID: (-4116, "ClientOrderId is duplicated."),
    Reason.NOT_FOUND: (-2013, "Order does not exist."),
    Reason.ALREADY_CLOSED: (-2011, "Unknown order sent."),
    Reason.NO_CHANGE: (-5027, "No need to modify the order."),
    Reason.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Reason.TOO_MANY_OPEN_ORDERS: (-2025, "Reach max open order limit."),
    Reason.POSITION_LIMIT: (-2027, "Exceeded the maximum allowable position at current leverage."),
    Reason.LEVERAGE: (-4028, "Leverage is not valid"),
    Reason.EXPIRY_PASSED: (
        -5040,
        "The goodTillDate timestamp must be greater than the current time plus 600 seconds "
        "and smaller than 253402300799000 (UTC 9999-12-31 23:59:59)",
    ),
}

TABLES = {Product.SPOT: _SPOT, Product.LINEAR: _LINEAR}
"""By product. A reason that is missing cannot come up at that door."""

UNKNOWN_ORDER = error(-2011, "Unknown order sent.")


def refusal_of(error: EngineRefusal, call: Call) -> Refusal:
    """The venue's words for a refusal of the engine."""
    code, text = TABLES[call.door.product][error.reason]
    if error.reason is Reason.BELOW_MIN_NOTIONAL:
        text = text.format(least=call.instrument.min_notional)
    if call.door.product is Product.SPOT and "LOT_SIZE" in text and call.fields.get("type") == "MARKET":
        too_much = error.reason is Reason.ABOVE_MAX_QUANTITY
        text = "Filter failure: MARKET_LOT_SIZE" if too_much else text
    if code == -4002 and call.fields.get("price").strip("0.") == "":
        return Refusal(-4001, "Price less than 0.")
    return Refusal(code, text)
