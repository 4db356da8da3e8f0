"""Reading orders and fills. Builds no request.

Source: docs.kraken.com, rest-api get-open-orders, get-closed-orders, get-trade-history (2026-05-27).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve

from unified.errors import Fault, Kind, Outcome, Scope
from unified.instrument import ZERO, Instrument, Rounding
from unified.order import Commission, Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from unified.wire import (
    child,
    choice,
    decimal,
    decimal_or_none,
    flag,
    positive_or_none,
    text,
    text_or_none,
    to_decimal,
)
from unified_kraken.faults import CATALOGUE, SPOT, fault_of
from unified_kraken.seconds import at_seconds, at_seconds_or_none

SIDE = {"buy": Side.BUY, "sell": Side.SELL}

_STATUS = {
    # Accepted and waiting for the book, for its start or for its trigger.
    "pending": OrderStatus.NEW,
    "open": OrderStatus.NEW,
    "closed": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
}
TYPE = {
    "limit": OrderType.LIMIT,
    "market": OrderType.MARKET,
    "stop-loss": OrderType.STOP_MARKET,
    "take-profit": OrderType.STOP_MARKET,
    "stop-loss-limit": OrderType.STOP_LIMIT,
    "take-profit-limit": OrderType.STOP_LIMIT,
}
FORCE = {force.value.upper(): force for force in TimeInForce}

# --- orders


def pair_of(row: Mapping[str, Any]) -> str:
    """What the row calls its pair: the altname."""
    return text(child(row, "descr"), "pair")


def order_of(instrument: Instrument, venue_order_id: str, row: Mapping[str, Any]) -> Order:
    """An order of the account. `price` is the average of its fills; its terms stand in `descr`."""
    terms = child(row, "descr")
    kind = TYPE.get(text(terms, "ordertype"))
    flags = (text_or_none(row, "oflags") or "").split(",")
    by_quote = "viqc" in flags
    filled = _filled(instrument, row, by_quote)
    status, refusal = _state(row, filled)
    volume = decimal(row, "vol")
    return Order(
        instrument=instrument,
        venue_order_id=venue_order_id,
        client_order_id=text_or_none(row, "cl_ord_id"),
        status=status,
        side=choice(SIDE, text(terms, "type"), "type"),
        order_type=kind,
        quantity=None if by_quote else volume,
        quote_quantity=volume if by_quote else None,
        price=_price(terms, "price2" if kind is OrderType.STOP_LIMIT else "price") if kind and kind.has_price else None,
        stop_price=_price(terms, "price") if kind and kind.is_stop else None,
        time_in_force=_time_in_force(row),
        expires_at=at_seconds_or_none(row, "expiretm"),
        post_only="post" in flags,
        reduce_only=flag(row, "reduce_only", False),
        filled_quantity=filled,
        average_price=positive_or_none(row, "price") if filled > ZERO else None,
        created_at=at_seconds_or_none(row, "opentm"),
        updated_at=at_seconds_or_none(row, "closetm"),
        refusal=refusal,
    )


def _time_in_force(row: Mapping[str, Any]) -> TimeInForce | None:
    """Told by some answers only; an end of its life makes an order GTD."""
    ends = at_seconds_or_none(row, "expiretm")
    return FORCE.get(text_or_none(row, "timeinforce") or "", None if ends is None else TimeInForce.GTD)


def _price(terms: Mapping[str, Any], key: str) -> Decimal | None:
    """A price; None for zero and for relative ones (`+1.0000%`), which are no price yet."""
    value = text_or_none(terms, key) or "0"
    if value[0] in "+-#" or value.endswith("%"):
        return None
    price = to_decimal(value, key)
    return price if price > ZERO else None


def _filled(instrument: Instrument, row: Mapping[str, Any], by_quote: bool) -> Decimal:
    """Base units. Of an order by quote amount the docs let `vol_exec` count either unit: its cost tells which."""
    executed = decimal(row, "vol_exec")
    cost, average = decimal_or_none(row, "cost") or ZERO, decimal_or_none(row, "price") or ZERO
    if not by_quote or executed == ZERO or average <= ZERO:
        return executed
    if abs(executed * average - cost) <= abs(executed - cost):
        return executed
    return instrument.round_quantity(cost / average, Rounding.NEAREST)


_BY_THE_USER = ("", "None", "User requested", "User canceled")


def _state(row: Mapping[str, Any], filled: Decimal) -> tuple[OrderStatus, Fault | None]:
    """A post-only order that would have taken is given an id and then `canceled`: it was refused."""
    status = choice(_STATUS, text(row, "status"), "status")
    return state_of(status, text_or_none(row, "reason") or "", filled)


def state_of(status: OrderStatus, reason: str, filled: Decimal) -> tuple[OrderStatus, Fault | None]:
    """What a status and its reason mean together, in answers and on streams alike."""
    if status is OrderStatus.NEW and filled > ZERO:
        return OrderStatus.PARTIALLY_FILLED, None
    if status is not OrderStatus.CANCELED or reason in _BY_THE_USER:
        return status, None
    refusal = _refusal(reason)
    refused = refusal.kind is Kind.WOULD_TAKE and filled == ZERO
    return OrderStatus.REJECTED if refused else status, refusal


def _refusal(reason: str) -> Fault:
    """The engine's reasons are words of its refusals, where they are known at all."""
    code = f"EOrder:{reason}"
    if CATALOGUE.holds(code):
        return evolve(fault_of(code, SPOT), outcome=Outcome.REJECTED, message=reason)
    hint = "The order was accepted and then ended by the venue's engine."
    return Fault(kind=Kind.UNKNOWN, outcome=Outcome.REJECTED, scope=Scope.ORDER, message=reason, hint=hint, sure=False)


# --- fills


def fill_of(instrument: Instrument, trade_id: str, row: Mapping[str, Any]) -> Fill:
    """An execution. Its fee counts quote units, whichever currency the order preferred to pay in."""
    fee = decimal_or_none(row, "fee")
    maker = flag(row, "maker") if "maker" in row else None
    currency = instrument.quote
    return Fill(
        instrument=instrument,
        trade_id=trade_id,
        venue_order_id=text(row, "ordertxid"),
        client_order_id=text_or_none(row, "cl_ord_id"),
        side=choice(SIDE, text(row, "type"), "type"),
        price=decimal(row, "price"),
        quantity=decimal(row, "vol"),
        commission=None if fee is None or not currency else Commission(currency=currency, amount=fee),
        liquidity=None if maker is None else Liquidity.MAKER if maker else Liquidity.TAKER,
        time=at_seconds(row, "time"),
    )
