"""Why the engine refuses something: one exception, one closed list of reasons.

Knows no venue's codes: each dialect turns a reason into its venue's own words.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unified.sandbox.orders import VenueOrder


class Reason(StrEnum):
    """Every reason for which the engine refuses a request or ends an order on its own."""

    UNKNOWN_INSTRUMENT = "unknown_instrument"
    MARKET_CLOSED = "market_closed"
    CANCEL_ONLY = "cancel_only"
    POST_ONLY_MODE = "post_only_mode"
    """The market takes post-only orders only."""
    BAD_ORDER = "bad_order"
    """Type, flags or time in force do not go together, or a value that the type needs is missing."""
    BAD_TICK = "bad_tick"
    BAD_LOT = "bad_lot"
    BAD_QUOTE_STEP = "bad_quote_step"
    PRICE_OUT_OF_RANGE = "price_out_of_range"
    BELOW_MIN_QUANTITY = "below_min_quantity"
    ABOVE_MAX_QUANTITY = "above_max_quantity"
    BELOW_MIN_NOTIONAL = "below_min_notional"
    ABOVE_MAX_NOTIONAL = "above_max_notional"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    WOULD_TAKE = "would_take"
    WOULD_TRIGGER = "would_trigger"
    UNFILLABLE_FOK = "unfillable_fok"
    NO_LIQUIDITY = "no_liquidity"
    """A market order met an empty side."""
    DUPLICATE_CLIENT_ID = "duplicate_client_id"
    NOT_FOUND = "not_found"
    ALREADY_CLOSED = "already_closed"
    """The order reached a final state before; `EngineRefusal.order` holds it."""
    BUSY = "busy"
    """The order is still being placed or canceled."""
    NO_CHANGE = "no_change"
    REDUCE_ONLY = "reduce_only"
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders"
    POSITION_LIMIT = "position_limit"
    LEVERAGE = "leverage"
    """A leverage beyond what the instrument allows."""
    POSITION_OPEN = "position_open"
    """The mode cannot change while positions or orders are open."""
    EXPIRY_PASSED = "expiry_passed"
    """A good-till-date order whose date has passed."""


class EngineRefusal(Exception):
    """The engine refused a request; nothing changed. `order` is the one it was about, where there is one."""

    def __init__(self, reason: Reason, text: str = "", *, order: VenueOrder | None = None) -> None:
        super().__init__(f"{reason}: {text}" if text else str(reason))
        self.reason = reason
        self.text = text
        self.order = order
