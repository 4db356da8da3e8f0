"""How Kraken's sandbox writes the account's stream: reports of executions, and numbers as WebSocket v2 has them.

Pure; shapes from docs.kraken.com, websocket-v2/executions (2026-05-27). A report of a placement bears the whole order,
later ones what changed only.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

from unified.instrument import ZERO
from unified.order import Liquidity, OrderStatus
from unified.sandbox.orders import EndReason, VenueOrder
from unified.sandbox.refusal import Reason
from unified.sandbox.streams import AccountChange, Happening
from unified.sandbox.wording import plain, rfc3339
from unified_kraken.sandbox_pairs import asset_of, pair_of
from unified_kraken.sandbox_rows import fill_id, order_id

_ENDS = {
    OrderStatus.FILLED: ("filled", "filled"),
    OrderStatus.EXPIRED: ("expired", "expired"),
}
"""Status -> exec_type and order_status; any other end is `canceled`."""


def number(value: Decimal) -> orjson.Fragment:
    """A JSON number with every digit that is not a zero at its end, and one behind the point at least."""
    text = plain(value)
    return orjson.Fragment(text if "." in text else f"{text}.0")


def opened_row(order: VenueOrder) -> dict[str, Any]:
    """An open order in a snapshot."""
    return {**_whole(order), "exec_type": "new", "order_status": _status(order), **_filled(order)}


def reports(change: AccountChange) -> list[dict[str, Any]]:
    """The reports of one thing that happened."""
    order = change.order
    named = {"order_id": order_id(order.order_id), "timestamp": rfc3339(order.updated_us)}
    match change.what:
        case Happening.PLACED:
            pending = {**_whole(order), "exec_type": "pending_new", "order_status": "pending_new", **_nothing_filled()}
            return [pending, {**named, "exec_type": "new", "order_status": "new"}]
        case Happening.FILLED:
            return [_trade(change)]
        case Happening.AMENDED:
            amended = {**_whole(order), "exec_type": "amended", "order_status": _status(order), **_filled(order)}
            return [amended]
    kind, status = _ENDS.get(order.status, ("canceled", "canceled"))
    row = {**named, "exec_type": kind, "order_status": status}
    return [{**row, "cum_qty": number(change.filled_quantity), **_reason(order)}]


def _whole(order: VenueOrder) -> dict[str, Any]:
    asked = order.asked
    row: dict[str, Any] = {
        "order_id": order_id(order.order_id),
        "order_userref": int(order.words["userref"] or 0),
        "symbol": pair_of(order.instrument.symbol).common,
        "side": order.side.value,
        "order_type": order.words["ordertype"],
        "time_in_force": order.time_in_force.value.upper(),
        "timestamp": rfc3339(order.updated_us),
        "post_only": asked.post_only,
        "reduce_only": asked.reduce_only,
    }
    if order.client_order_id is not None:
        row["cl_ord_id"] = order.client_order_id
    if order.price is not None:
        row["limit_price"] = number(order.price)
    if order.quantity is not None:
        row["order_qty"] = number(order.quantity)
    if asked.quote_quantity is not None:
        row["cash_order_qty"] = number(asked.quote_quantity)
    if asked.stop_price is not None:
        row["triggers"] = {"price": number(asked.stop_price), "price_type": "static", "reference": "last"}
    return row


def _nothing_filled() -> dict[str, Any]:
    return {"cum_qty": number(ZERO), "cum_cost": number(ZERO)}


def _filled(order: VenueOrder) -> dict[str, Any]:
    row = {"cum_qty": number(order.filled_quantity), "cum_cost": number(order.filled_quote)}
    average = order.average_price
    return row if average is None else {**row, "avg_price": number(average)}


def _status(order: VenueOrder) -> str:
    return "partially_filled" if order.filled_quantity else "new"


def _trade(change: AccountChange) -> dict[str, Any]:
    order, fill = change.order, change.fill
    assert fill is not None
    pair = pair_of(order.instrument.symbol)
    whole = order.quantity is not None and change.filled_quantity >= order.quantity
    row: dict[str, Any] = {
        "order_id": order_id(order.order_id),
        "exec_id": fill_id(fill),
        "exec_type": "trade",
        "trade_id": fill.trade_id,
        "symbol": pair.common,
        "side": order.side.value,
        "last_qty": number(fill.quantity),
        "last_price": number(fill.price),
        "liquidity_ind": "m" if fill.liquidity is Liquidity.MAKER else "t",
        "cost": number(fill.quote_quantity),
        "order_type": order.words["ordertype"],
        "timestamp": rfc3339(fill.time_us),
        "order_status": "filled" if whole else "partially_filled",
        "cum_qty": number(change.filled_quantity),
        "cum_cost": number(change.filled_quote),
        "avg_price": number(change.filled_quote / change.filled_quantity),
        "fees": [{"asset": asset_of(fill.fee_currency).common, "qty": number(fill.fee)}],
    }
    return row if order.client_order_id is None else {**row, "cl_ord_id": order.client_order_id}


def _reason(order: VenueOrder) -> dict[str, str]:
    if order.refusal is Reason.WOULD_TAKE:
        return {"reason": "Post only order"}
    return {"reason": "User requested"} if order.end is EndReason.CANCELED else {}
