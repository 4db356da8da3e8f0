"""The account endpoints of the simulated Coinbase: wallets, fees, the key itself, and what became of orders.

Lists are newest first and paged by a cursor. Changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import orjson

from unified.instrument import ZERO, Product
from unified.sandbox.dialect import Outgoing, json_answer
from unified.sandbox.orders import VenueFill, VenueOrder
from unified.sandbox.wording import plain
from unified_coinbase.sandbox_calls import ApiError, Call, invalid, not_found
from unified_coinbase.sandbox_market import PRODUCT_TYPES
from unified_coinbase.sandbox_memory import public_id_of
from unified_coinbase.sandbox_rows import (
    account_id,
    account_row,
    fill_row,
    order_row,
    portfolio_id,
    status_of,
    time_in_force_of,
    trade_id_of,
    type_of,
)

T = TypeVar("T")

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_STATUSES = (
    "PENDING",
    "OPEN",
    "FILLED",
    "CANCELLED",
    "EXPIRED",
    "FAILED",
    "UNKNOWN_ORDER_STATUS",
    "QUEUED",
    "CANCEL_QUEUED",
    "EDIT_QUEUED",
)
_TIMES_IN_FORCE = (
    "UNKNOWN_TIME_IN_FORCE",
    "GOOD_UNTIL_DATE_TIME",
    "GOOD_UNTIL_CANCELLED",
    "IMMEDIATE_OR_CANCEL",
    "FILL_OR_KILL",
)
_TYPES = (
    "UNKNOWN_ORDER_TYPE",
    "MARKET",
    "LIMIT",
    "STOP",
    "STOP_LIMIT",
    "BRACKET",
    "TWAP",
    "ROLL_OPEN",
    "ROLL_CLOSE",
    "LIQUIDATION",
    "SCALED",
)
_SOURCES = ("UNKNOWN_PLACEMENT_SOURCE", "RETAIL_SIMPLE", "RETAIL_ADVANCED", "RETAIL_ADMIN", "RETAIL_RAISE")
_USUAL_ACCOUNTS, _MOST_ACCOUNTS = 49, 250
_USUAL_FILLS = 100


# --- what the account has and may do


def accounts(call: Call) -> Outgoing:
    limit = min(call.query.whole("limit") or _USUAL_ACCOUNTS, _MOST_ACCOUNTS)
    first = call.query.whole("cursor") or 0
    held = sorted(call.account.spot.total)
    shown = held[first : first + limit]
    has_next = first + len(shown) < len(held)
    return json_answer(
        {
            "accounts": [account_row(call.account, currency) for currency in shown],
            "has_next": has_next,
            "cursor": str(first + len(shown)) if has_next else "",
            "size": len(shown),
        }
    )


def account(call: Call) -> Outgoing:
    for currency in call.account.spot.total:
        if account_id(call.account, currency) == call.names["account_uuid"]:
            return json_answer({"account": account_row(call.account, currency)})
    raise not_found("account not found")


def transaction_summary(call: Call) -> Outgoing:
    """Volumes and fees are JSON numbers."""
    rates = call.engine.fees(call.account, Product.SPOT)
    volume = sum((fill.quote_quantity for fill in call.account.fills), ZERO)
    paid = sum((fill.fee for fill in call.account.fills), ZERO)
    fees, turnover = orjson.Fragment(plain(paid)), orjson.Fragment(plain(volume))
    return json_answer(
        {
            "total_volume": turnover,
            "total_fees": fees,
            "fee_tier": {
                "pricing_tier": "<$10k",
                "taker_fee_rate": plain(rates.taker),
                "maker_fee_rate": plain(rates.maker),
                "aop_from": "0",
                "aop_to": "10000",
            },
            "margin_rate": None,
            "goods_and_services_tax": None,
            "advanced_trade_only_volume": turnover,
            "advanced_trade_only_fees": fees,
            "coinbase_pro_volume": 0,
            "coinbase_pro_fees": 0,
            "total_balance": "",
            "has_promo_fee": False,
            "has_cost_plus_commission": False,
            "volume_breakdown": [{"volume_type": "VOLUME_TYPE_SPOT", "volume": turnover}],
        }
    )


def key_permissions(call: Call) -> Outgoing:
    return json_answer(
        {
            "can_view": True,
            "can_trade": call.holder.may_trade,
            "can_transfer": False,
            "portfolio_uuid": portfolio_id(call.account),
            "portfolio_type": "DEFAULT",
        }
    )


# --- orders and fills


def order(call: Call) -> Outgoing:
    """An id that is none, one that nobody has, and one that queries do not show yet answer differently."""
    number = call.names["order_id"]
    if _UUID.fullmatch(number) is None:
        raise invalid("order_id is not a valid UUID")
    found = call.memory.order(call.account, number)
    if found is None:
        raise not_found("order not found")
    if not call.engine.visible(found):
        raise ApiError(404, "unknown", "order with this orderID was not found")
    return json_answer({"order": order_row(call, found)})


def orders(call: Call) -> Outgoing:
    """Without `limit` all that match: the venue names no default."""
    found = list(filter(_order_filter(call), reversed(call.engine.orders(call.account))))
    shown, cursor = _page(call, found, lambda order: order.order_id, len(found))
    return json_answer(
        {
            "orders": [call.memory.written(order, partial(order_row, call, order)) for order in shown],
            "sequence": "0",
            "has_next": bool(cursor),
            "cursor": cursor,
            "proof_token_required": False,
        }
    )


def _order_filter(call: Call) -> Callable[[VenueOrder], bool]:
    query = call.query
    numbers, symbols = query.all("order_ids"), query.all("product_ids")
    statuses = query.words("order_status", _STATUSES)
    forces, types = query.words("time_in_forces", _TIMES_IN_FORCE), query.words("order_types", _TYPES)
    side = query.word("order_side", ("BUY", "SELL"))
    first, last = query.moment_us("start_date"), query.moment_us("end_date")
    none_here = query.word("order_placement_source", _SOURCES, "RETAIL_ADVANCED") != "RETAIL_ADVANCED"
    none_here = none_here or query.word("product_type", PRODUCT_TYPES, "SPOT") not in PRODUCT_TYPES[:2]

    def matches(order: VenueOrder) -> bool:
        return (
            not none_here
            and (first is None or order.created_us >= first)
            and (last is None or order.created_us < last)
            and (not numbers or public_id_of(order) in numbers)
            and (not symbols or order.instrument.symbol in symbols)
            and (not statuses or status_of(order) in statuses)
            and (not forces or time_in_force_of(order) in forces)
            and (not types or type_of(order) in types)
            and (not side or side == order.side.value.upper())
        )

    return matches


def fills(call: Call) -> Outgoing:
    found = list(filter(_fill_filter(call), reversed(call.engine.fills(call.account))))
    shown, cursor = _page(call, found, lambda fill: fill.trade_id, _USUAL_FILLS)
    return json_answer(
        {"fills": [fill_row(call.account, fill) for fill in shown], "cursor": cursor, "proof_token_required": False}
    )


def _fill_filter(call: Call) -> Callable[[VenueFill], bool]:
    query = call.query
    numbers, symbols, trades = query.all("order_ids"), query.all("product_ids"), query.all("trade_ids")
    first, last = query.moment_us("start_sequence_timestamp"), query.moment_us("end_sequence_timestamp")

    def matches(fill: VenueFill) -> bool:
        return (
            (not numbers or public_id_of(fill.order) in numbers)
            and (not symbols or fill.order.instrument.symbol in symbols)
            and (not trades or trade_id_of(fill) in trades)
            and (first is None or fill.time_us > first)
            and (last is None or fill.time_us < last)
        )

    return matches


def _page(call: Call, found: list[T], number_of: Callable[[T], int], usual: int) -> tuple[list[T], str]:
    """The rows after the cursor, and the next cursor: the number of the last row, empty at the end."""
    after, limit = call.query.whole("cursor"), call.query.whole("limit") or usual
    rest = [item for item in found if after is None or number_of(item) < after]
    shown = rest[:limit]
    return shown, str(number_of(shown[-1])) if len(shown) < len(rest) else ""
