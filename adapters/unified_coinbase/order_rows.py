"""Reading orders: what a row of the order endpoints says. Builds no request.

Source: docs.cdp.coinbase.com, get-order and list-orders (2026-09-08); the shape seen live 2023-01.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from unified.errors import Fault
from unified.instrument import ZERO, Instrument
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce
from unified.values import frozen
from unified.wire import (
    choice,
    decimal_or_none,
    flag,
    obj,
    optional,
    positive_or_none,
    rows,
    text,
    text_or_none,
    to_moment,
)
from unified_coinbase.faults import reject_fault

Row = Mapping[str, Any]

SIDE = {"BUY": Side.BUY, "SELL": Side.SELL}
QUEUED = ("PENDING", "QUEUED", "CANCEL_QUEUED", "EDIT_QUEUED")
OPEN = ("OPEN",)
FINAL = ("FILLED", "CANCELLED", "EXPIRED", "FAILED")

STATUS = {
    # Nothing but OPEN says that the book has the order; a word for "not known" is asked again like the first two.
    "PENDING": OrderStatus.PENDING_NEW,
    "QUEUED": OrderStatus.PENDING_NEW,
    "UNKNOWN_ORDER_STATUS": OrderStatus.PENDING_NEW,
    "OPEN": OrderStatus.NEW,
    "EDIT_QUEUED": OrderStatus.NEW,
    "CANCEL_QUEUED": OrderStatus.PENDING_CANCEL,
    "FILLED": OrderStatus.FILLED,
    "CANCELLED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "FAILED": OrderStatus.REJECTED,
}


@frozen
class _Nature:
    """What the one key of an `order_configuration` says at once."""

    order_type: OrderType | None
    time_in_force: TimeInForce | None


NATURE = {
    "market_market_ioc": _Nature(OrderType.MARKET, TimeInForce.IOC),
    "market_market_fok": _Nature(OrderType.MARKET, TimeInForce.FOK),
    "limit_limit_gtc": _Nature(OrderType.LIMIT, TimeInForce.GTC),
    "limit_limit_gtd": _Nature(OrderType.LIMIT, TimeInForce.GTD),
    "limit_limit_fok": _Nature(OrderType.LIMIT, TimeInForce.FOK),
    "sor_limit_ioc": _Nature(OrderType.LIMIT, TimeInForce.IOC),
    "stop_limit_stop_limit_gtc": _Nature(OrderType.STOP_LIMIT, TimeInForce.GTC),
    "stop_limit_stop_limit_gtd": _Nature(OrderType.STOP_LIMIT, TimeInForce.GTD),
}
_UNNAMED = _Nature(None, None)
"""Brackets, TWAP and scaled orders have no word here."""


def order_of(instrument: Instrument, row: Row) -> Order:
    """An order as the venue shows it."""
    nature, terms = _configured(row)
    filled = decimal_or_none(row, "filled_size") or ZERO
    quantity, quote_quantity = _quantities(row, terms)
    price = positive_or_none(terms, "limit_price")
    if edit := _last_edit(row):
        price, quantity = positive_or_none(edit, "price") or price, positive_or_none(edit, "size") or quantity
    status = _status(row, filled)
    return Order(
        instrument=instrument,
        venue_order_id=text(row, "order_id"),
        client_order_id=text_or_none(row, "client_order_id"),
        status=status,
        side=SIDE.get(text_or_none(row, "side") or ""),
        order_type=nature.order_type,
        quantity=quantity,
        quote_quantity=quote_quantity,
        price=price,
        stop_price=positive_or_none(terms, "stop_price") or positive_or_none(terms, "stop_trigger_price"),
        time_in_force=nature.time_in_force,
        expires_at=moment_or_none(terms, "end_time"),
        post_only=flag(terms, "post_only", False),
        filled_quantity=filled,
        average_price=positive_or_none(row, "average_filled_price") if filled > ZERO else None,
        created_at=moment_or_none(row, "created_time"),
        updated_at=moment_or_none(row, "last_update_time") or moment_or_none(row, "last_fill_time"),
        refusal=_refusal(row),
    )


def _configured(row: Row) -> tuple[_Nature, Row]:
    """What the order is, and the terms under its key."""
    configuration = optional(row, "order_configuration") or {}
    for key, terms in obj(configuration, "order_configuration").items():
        if terms:
            return NATURE.get(key, _UNNAMED), obj(terms, key)
    return _UNNAMED, {}


def _quantities(row: Row, terms: Row) -> tuple[Decimal | None, Decimal | None]:
    """Base and quote units: one of the two."""
    base, quote = positive_or_none(terms, "base_size"), positive_or_none(terms, "quote_size")
    by_quote = quote is not None and (base is None or flag(row, "size_in_quote", False))
    return (None, quote) if by_quote else (base, None)


def _last_edit(row: Row) -> Row | None:
    """The edit that was accepted last: whether the configuration shows it too is not documented."""
    edits = [obj(edit, "edit_history[]") for edit in rows(optional(row, "edit_history") or [], "edit_history")]
    accepted = [(when, edit) for edit in edits if (when := moment_or_none(edit, "replace_accept_timestamp"))]
    return max(accepted, key=lambda found: found[0])[1] if accepted else None


def _status(row: Row, filled: Decimal) -> OrderStatus:
    status = choice(STATUS, text(row, "status"), "status")
    if status.is_final:
        return OrderStatus.CANCELED if status is OrderStatus.REJECTED and filled > ZERO else status
    if flag(row, "pending_cancel", False):
        return OrderStatus.PENDING_CANCEL
    begun = filled > ZERO and status is not OrderStatus.PENDING_CANCEL
    return OrderStatus.PARTIALLY_FILLED if begun else status


def _refusal(row: Row) -> Fault | None:
    """Why the engine refused an order that was accepted with success before."""
    if row.get("status") != "FAILED":
        return None
    return reject_fault(
        text_or_none(row, "reject_reason") or "REJECT_REASON_UNSPECIFIED", text_or_none(row, "reject_message") or ""
    )


_NEVER = "0001-01-01"


def moment_or_none(row: Row, key: str) -> datetime | None:
    """A moment, or None where it is missing, null, empty or the year one."""
    value = text_or_none(row, key)
    return None if value is None or value.startswith(_NEVER) else to_moment(value, key)
