"""What the simulated Coinbase says when its engine refuses: a table for each kind of request. Decides nothing.

Names: the enumerations of the reference pages (2026-08-22) and of the venue's OpenAPI file (2026). Coinbase documents
names without causes; which one belongs to which cause is our reading. Some causes have a name among the reasons of a
preview only: then a create says so and leaves its own reason at its default.
"""

from __future__ import annotations

from attrs import frozen

from unified.order import Trigger
from unified.sandbox.market import trigger_of
from unified.sandbox.orders import NewOrder
from unified.sandbox.refusal import EngineRefusal, Reason

NO_REASON = "UNKNOWN_FAILURE_REASON"
NO_PREVIEW_REASON = "UNKNOWN_PREVIEW_FAILURE_REASON"
NO_CANCEL_REASON = "UNKNOWN_CANCEL_FAILURE_REASON"
NO_EDIT_REASON = "UNKNOWN_EDIT_ORDER_FAILURE_REASON"
NOT_REJECTED = "REJECT_REASON_UNSPECIFIED"


@frozen
class Failure:
    """Why an order was refused."""

    preview: str
    """Without its prefix `PREVIEW_`."""
    create: str = NO_REASON
    message: str = ""

    @property
    def preview_reason(self) -> str:
        return f"PREVIEW_{self.preview}"


class OrderRefused(Exception):
    """An order that the venue refuses with an answer of HTTP 200."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.preview)
        self.failure = failure


def _both(name: str, message: str = "") -> Failure:
    return Failure(name, name, message)


UNSUPPORTED = Failure(
    "INVALID_ORDER_CONFIG", "UNSUPPORTED_ORDER_CONFIGURATION", "This order configuration is not supported"
)
BAD_SIDE = _both("INVALID_SIDE")
BAD_PRODUCT = _both("INVALID_PRODUCT_ID")
BAD_PRICE = _both("INVALID_LIMIT_PRICE")
BAD_STOP_PRICE = Failure("INVALID_STOP_PRICE")
NOT_NUMERIC = Failure("NON_NUMERIC_ORDER_SIZE")
NO_END_TIME = _both("GTD_ORDERS_MUST_HAVE_END_TIME")
POST_ONLY_FOK = _both("POST_ONLY_NOT_ALLOWED_WITH_FOK")
_ABOVE_LAST = Failure("STOP_PRICE_ABOVE_LAST_TRADE_PRICE")
_BELOW_LAST = Failure("STOP_PRICE_BELOW_LAST_TRADE_PRICE")

_PLACE = {
    Reason.UNKNOWN_INSTRUMENT: BAD_PRODUCT,
    Reason.MARKET_CLOSED: _both("TRADING_DISABLED"),
    Reason.CANCEL_ONLY: Failure("NOT_ALLOWED_BY_MARKET_STATE", "ORDER_ENTRY_DISABLED"),
    Reason.POST_ONLY_MODE: Failure("NOT_ALLOWED_BY_MARKET_STATE"),
    Reason.BAD_ORDER: UNSUPPORTED,
    Reason.BAD_TICK: _both("INVALID_PRICE_PRECISION", "Too many decimals in order price"),
    Reason.BAD_LOT: _both("INVALID_SIZE_PRECISION", "Too many decimals in order amount"),
    Reason.BAD_QUOTE_STEP: Failure("INVALID_QUOTE_SIZE_PRECISION"),
    Reason.PRICE_OUT_OF_RANGE: BAD_PRICE,
    Reason.BELOW_MIN_QUANTITY: Failure("INVALID_BASE_SIZE_TOO_SMALL"),
    Reason.ABOVE_MAX_QUANTITY: Failure("INVALID_BASE_SIZE_TOO_LARGE"),
    Reason.BELOW_MIN_NOTIONAL: Failure("INVALID_QUOTE_SIZE_TOO_SMALL"),
    Reason.ABOVE_MAX_NOTIONAL: Failure("INVALID_QUOTE_SIZE_TOO_LARGE"),
    Reason.INSUFFICIENT_FUNDS: _both("INSUFFICIENT_FUND", "Insufficient balance in source account"),
    Reason.WOULD_TAKE: _both("INVALID_LIMIT_PRICE_POST_ONLY"),
    Reason.NO_LIQUIDITY: _both("INVALID_NO_LIQUIDITY"),
    Reason.EXPIRY_PASSED: _both("END_TIME_IS_IN_THE_PAST"),
}

_REJECTED = {
    Reason.TOO_MANY_OPEN_ORDERS: "TOO_MANY_OPEN_ORDERS",
    Reason.INSUFFICIENT_FUNDS: "REJECT_REASON_INSUFFICIENT_FUNDS",
}
"""Reasons of an order that was acknowledged and then failed."""

_CANCEL = {
    Reason.NOT_FOUND: "UNKNOWN_CANCEL_ORDER",
    Reason.ALREADY_CLOSED: "INVALID_CANCEL_REQUEST",
    Reason.BUSY: "DUPLICATE_CANCEL_REQUEST",
    Reason.MARKET_CLOSED: "COMMANDER_REJECTED_CANCEL_ORDER",
}
ALREADY_FILLED = "ORDER_IS_FULLY_FILLED"

_EDIT = {
    Reason.NOT_FOUND: "ORDER_NOT_FOUND",
    Reason.ALREADY_CLOSED: "ONLY_OPEN_ORDERS_CAN_BE_EDITED",
    Reason.NO_CHANGE: "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST",
    Reason.BAD_ORDER: "ONLY_LIMIT_ORDER_EDITS_SUPPORTED",
    Reason.BAD_TICK: "INVALID_EDITED_PRICE",
    Reason.PRICE_OUT_OF_RANGE: "INVALID_EDITED_PRICE",
    Reason.BAD_LOT: "INVALID_EDITED_SIZE",
    Reason.BELOW_MIN_QUANTITY: "INVALID_EDITED_SIZE",
    Reason.ABOVE_MAX_QUANTITY: "INVALID_EDITED_SIZE",
}
"""Everything else is told by the reason of the preview alone."""


def place_failure(error: EngineRefusal, asked: NewOrder) -> Failure:
    if error.reason is Reason.WOULD_TRIGGER:
        return _BELOW_LAST if trigger_of(asked) is Trigger.RISES else _ABOVE_LAST
    return _PLACE[error.reason]


def reject_reason(reason: Reason | None) -> str:
    return NOT_REJECTED if reason is None else _REJECTED.get(reason, NOT_REJECTED)


def cancel_failure(error: EngineRefusal) -> str:
    return _CANCEL[error.reason]


def edit_failure(error: EngineRefusal) -> tuple[str, str]:
    """Reason of the edit, and of its preview."""
    preview = _PLACE.get(error.reason)
    is_edits_own = preview is None or error.reason is Reason.BAD_ORDER
    return (
        _EDIT.get(error.reason, NO_EDIT_REASON),
        NO_PREVIEW_REASON if preview is None or is_edits_own else preview.preview_reason,
    )
