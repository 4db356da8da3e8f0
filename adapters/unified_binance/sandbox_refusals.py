"""What the simulated Binance says when its engine refuses. A table for each door; decides nothing.

Texts: spot `errors.md` (2026-07-21), USD-M "Error Codes" (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.sandbox.refusal import Reason
from unified_binance_dialect.sandbox_refusals import SPOT as USUAL

SPOT: Mapping[Reason, tuple[int, str]] = {
    **USUAL,
    Reason.NO_CHANGE: (-2038, "The requested action would change no state; rejecting."),
}

LINEAR: Mapping[Reason, tuple[int, str]] = {
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
