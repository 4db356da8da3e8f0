"""How the simulated Coinbase writes own orders on the channel `user`: cumulative states, and no executions.

Pure; names and forms from docs.cdp.coinbase.com, websocket-channels (2026-08-22), which differ from those over REST.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from unified.instrument import ZERO
from unified.order import OrderStatus, Side
from unified.sandbox.accounts import Account
from unified.sandbox.orders import VenueOrder
from unified.sandbox.streams import AccountChange, Happening
from unified.sandbox.wording import plain, rfc3339
from unified_coinbase.sandbox_memory import Memory, public_id_of
from unified_coinbase.sandbox_refusals import reject_reason
from unified_coinbase.sandbox_rows import portfolio_id, status_of, time_in_force_of, type_of

_NEVER = "0001-01-01T00:00:00Z"
_AVERAGE_STEP = Decimal("1e-16")


def order_state(memory: Memory, account: Account, order: VenueOrder) -> dict[str, Any]:
    """An order as it stands."""
    return _state(memory, account, order, status_of(order), order.filled_quantity, order.filled_quote)


def changed_state(memory: Memory, account: Account, change: AccountChange) -> dict[str, Any]:
    """An order as it stood when this happened."""
    order, filled = change.order, change.filled_quantity
    whole = order.quantity is not None and filled >= order.quantity
    if change.what is Happening.ENDED:
        status = status_of(order)
    else:
        status = "FILLED" if whole and change.what is Happening.FILLED else "OPEN"
    return _state(memory, account, order, status, filled, change.filled_quote)


def _state(
    memory: Memory, account: Account, order: VenueOrder, status: str, filled: Decimal, filled_quote: Decimal
) -> dict[str, Any]:
    fees = order.fees.get(order.instrument.quote, ZERO)
    return {
        "order_id": public_id_of(order),
        "client_order_id": order.client_order_id or "",
        "product_id": order.instrument.symbol,
        "product_type": "SPOT",
        "order_side": order.side.value.upper(),
        "order_type": type_of(order).replace("_", " ").title(),
        "status": status,
        "time_in_force": time_in_force_of(order),
        "limit_price": "" if order.price is None else plain(order.price),
        "stop_price": "" if order.asked.stop_price is None else plain(order.asked.stop_price),
        "post_only": "true" if order.asked.post_only else "false",
        "avg_price": plain((filled_quote / filled).quantize(_AVERAGE_STEP)) if filled else "0",
        "cumulative_quantity": plain(filled),
        "leaves_quantity": _left(order, status, filled, filled_quote),
        "filled_value": plain(filled_quote),
        "number_of_fills": str(memory.count_fills(account, order)),
        "completion_percentage": "100.00" if status == "FILLED" else "0",
        "total_fees": plain(fees),
        "total_value_after_fees": plain(filled_quote + (fees if order.side is Side.BUY else -fees)),
        "outstanding_hold_amount": plain(order.held),
        "cancel_reason": "User requested cancel" if order.status is OrderStatus.CANCELED else "",
        "reject_reason": "" if order.refusal is None else reject_reason(order.refusal),
        "trigger_status": "INVALID_ORDER_TYPE" if not order.order_type.is_stop else "STOP_PENDING",
        "retail_portfolio_id": portfolio_id(account),
        "creation_time": rfc3339(order.created_us),
        "end_time": _NEVER,
        "start_time": _NEVER,
    }


def _left(order: VenueOrder, status: str, filled: Decimal, filled_quote: Decimal) -> str:
    """In the currency in which the order was sized; zero once it is over."""
    if status not in ("PENDING", "OPEN", "CANCEL_QUEUED"):
        return "0"
    if order.asked.quote_quantity is not None:
        return plain(order.asked.quote_quantity - filled_quote)
    return plain((order.quantity or ZERO) - filled)
