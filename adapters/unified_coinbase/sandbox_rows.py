"""How the simulated Coinbase writes orders, fills and accounts. Looks up nothing by itself and changes nothing.

Rows: the reference pages of 2026-08-22 with the values that live answers have.
"""

from __future__ import annotations

from decimal import Decimal

import orjson

from unified.instrument import ZERO
from unified.order import Liquidity, OrderStatus, OrderType, Side, TimeInForce
from unified.sandbox.accounts import Account
from unified.sandbox.orders import VenueFill, VenueOrder
from unified.sandbox.refusal import Reason
from unified.sandbox.wording import plain, rfc3339, uuid_of
from unified_coinbase.sandbox_calls import Call, Row
from unified_coinbase.sandbox_memory import public_id_of
from unified_coinbase.sandbox_refusals import reject_reason

_STATUSES = {
    OrderStatus.PENDING_NEW: "PENDING",
    OrderStatus.NEW: "OPEN",
    OrderStatus.PARTIALLY_FILLED: "OPEN",
    OrderStatus.FILLED: "FILLED",
    OrderStatus.PENDING_CANCEL: "CANCEL_QUEUED",
    OrderStatus.CANCELED: "CANCELLED",
    OrderStatus.EXPIRED: "EXPIRED",
    OrderStatus.REJECTED: "FAILED",
}
_TIMES_IN_FORCE = {
    TimeInForce.GTC: "GOOD_UNTIL_CANCELLED",
    TimeInForce.GTD: "GOOD_UNTIL_DATE_TIME",
    TimeInForce.IOC: "IMMEDIATE_OR_CANCEL",
    TimeInForce.FOK: "FILL_OR_KILL",
}
_TYPES = {OrderType.MARKET: "MARKET", OrderType.LIMIT: "LIMIT", OrderType.STOP_LIMIT: "STOP_LIMIT"}
_AVERAGE_STEP = Decimal("1e-16")
_FIAT = ("USD",)


def status_of(order: VenueOrder) -> str:
    """A fill-or-kill order that the book could not fill is canceled, not failed."""
    if order.refusal is Reason.UNFILLABLE_FOK:
        return "CANCELLED"
    return _STATUSES[order.status]


def time_in_force_of(order: VenueOrder) -> str:
    return _TIMES_IN_FORCE[order.time_in_force]


def type_of(order: VenueOrder) -> str:
    return _TYPES[order.order_type]


def order_row(call: Call, order: VenueOrder) -> Row:
    account = call.account
    fees = order.fees.get(order.instrument.quote, ZERO)
    in_quote = order.asked.quote_quantity is not None
    return {
        "order_id": public_id_of(order),
        "product_id": order.instrument.symbol,
        "user_id": user_id(account),
        "order_configuration": configuration(order),
        "side": order.side.value.upper(),
        "client_order_id": order.client_order_id,
        "status": status_of(order),
        "time_in_force": time_in_force_of(order),
        "created_time": rfc3339(order.created_us),
        "completion_percentage": _completion(order),
        "filled_size": plain(order.filled_quantity),
        "average_filled_price": plain((order.average_price or ZERO).quantize(_AVERAGE_STEP)),
        "fee": "",
        "number_of_fills": str(call.memory.count_fills(account, order)),
        "filled_value": plain(order.filled_quote),
        "pending_cancel": order.status is OrderStatus.PENDING_CANCEL,
        "size_in_quote": in_quote,
        "total_fees": plain(fees),
        "size_inclusive_of_fees": in_quote and order.side is Side.BUY,
        "total_value_after_fees": plain(order.filled_quote + (fees if order.side is Side.BUY else -fees)),
        "trigger_status": _trigger_status(order),
        "order_type": type_of(order),
        "reject_reason": reject_reason(order.refusal),
        "settled": order.status is OrderStatus.FILLED,
        "product_type": "SPOT",
        "reject_message": "" if order.refusal is None else order.refusal.value.replace("_", " "),
        "cancel_message": "",
        "order_placement_source": "RETAIL_ADVANCED",
        "outstanding_hold_amount": plain(order.held),
        "is_liquidation": False,
        "last_fill_time": None if order.last_fill is None else rfc3339(order.last_fill.time_us),
        "edit_history": [
            {"price": edit.price, "size": edit.size, "replace_accept_timestamp": rfc3339(edit.time_us)}
            for edit in call.memory.edits(order)
        ],
        "leverage": "",
        "margin_type": "",
        "retail_portfolio_id": portfolio_id(account),
        "originating_order_id": "",
        "attached_order_id": "",
        "attached_order_configuration": None,
        "current_pending_replace": None,
        "last_update_time": rfc3339(order.updated_us),
    }


def configuration(order: VenueOrder) -> Row:
    """As it was sent, with what was edited since."""
    found: dict[str, Row] = orjson.loads(order.words["configuration"])
    if order.amendments:
        for part in found.values():
            part |= {"base_size": plain(order.quantity or ZERO), "limit_price": plain(order.price or ZERO)}
    return found


def _completion(order: VenueOrder) -> str:
    done, whole = order.filled_quantity, order.quantity
    if whole is None:
        done, whole = order.filled_quote, order.asked.quote_quantity
    if order.status is OrderStatus.FILLED:
        return "100"
    return plain((done / whole * 100).quantize(Decimal("0.01"))) if whole else "0"


def _trigger_status(order: VenueOrder) -> str:
    if not order.order_type.is_stop:
        return "INVALID_ORDER_TYPE"
    return "STOP_TRIGGERED" if order.triggered else "STOP_PENDING"


def fill_row(account: Account, fill: VenueFill) -> Row:
    """`size` counts what the order was sized in."""
    in_quote = fill.order.asked.quote_quantity is not None
    return {
        "entry_id": uuid_of(fill.trade_id, f"coinbase entry {public_id_of(fill.order)}"),
        "trade_id": trade_id_of(fill),
        "order_id": public_id_of(fill.order),
        "trade_time": rfc3339(fill.time_us),
        "trade_type": "FILL",
        "price": plain(fill.price),
        "size": plain(fill.quote_quantity if in_quote else fill.quantity),
        "commission": plain(fill.fee),
        "product_id": fill.order.instrument.symbol,
        "sequence_timestamp": rfc3339(fill.time_us),
        "liquidity_indicator": "MAKER" if fill.liquidity is Liquidity.MAKER else "TAKER",
        "size_in_quote": in_quote,
        "user_id": user_id(account),
        "side": fill.side.value.upper(),
        "retail_portfolio_id": portfolio_id(account),
        "fillSource": "FILL_SOURCE_CLOB",
        "commission_detail_total": {"total_commission": plain(fill.fee)},
    }


def trade_id_of(fill: VenueFill) -> str:
    return uuid_of(fill.trade_id, "coinbase trade")


def account_row(account: Account, currency: str) -> Row:
    is_fiat = currency in _FIAT
    return {
        "uuid": account_id(account, currency),
        "name": "Cash (USD)" if is_fiat else f"{currency} Wallet",
        "currency": currency,
        "available_balance": {"value": plain(account.spot.free(currency)), "currency": currency},
        "default": True,
        "active": True,
        "created_at": "2023-01-01T00:00:00Z",
        "updated_at": "2023-01-01T00:00:00Z",
        "deleted_at": None,
        "type": "ACCOUNT_TYPE_FIAT" if is_fiat else "ACCOUNT_TYPE_CRYPTO",
        "ready": True,
        "hold": {"value": plain(account.spot.held.get(currency, ZERO)), "currency": currency},
        "retail_portfolio_id": portfolio_id(account),
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
    }


# --- ids that only have to stay the same


def account_id(account: Account, currency: str) -> str:
    return uuid_of(0, f"coinbase wallet {account.name} {currency}")


def portfolio_id(account: Account) -> str:
    return uuid_of(0, f"coinbase portfolio {account.name}")


def user_id(account: Account) -> str:
    return uuid_of(0, f"coinbase user {account.name}")
