"""Reading the rows of Bybit's order lists: plain orders and stops alike. Builds no request.

Source: Bybit V5 docs, order/open-order.mdx (2026-03-16), order/order-list.mdx (2026-05-19), enum.mdx (2026-07-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve

from unified.errors import Fault, Kind, Outcome
from unified.instrument import ZERO, Instrument, Product
from unified.order import Order, OrderStatus, OrderType, TimeInForce
from unified.wire import at_ms_or_none, choice, decimal_or_none, flag, positive_or_none, text, text_or_none
from unified_bybit.faults import ORDER_STREAM, fault_of_code
from unified_bybit.market_data import SIDE

_STATUS = {
    "New": OrderStatus.NEW,
    "Untriggered": OrderStatus.NEW,
    "Triggered": OrderStatus.NEW,
    "PartiallyFilled": OrderStatus.PARTIALLY_FILLED,
    "Filled": OrderStatus.FILLED,
    "Cancelled": OrderStatus.CANCELED,
    "PartiallyFilledCanceled": OrderStatus.CANCELED,
    "Deactivated": OrderStatus.CANCELED,
    "Rejected": OrderStatus.REJECTED,
}
_TIME_IN_FORCE = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "PostOnly": TimeInForce.GTC,
    "RPI": TimeInForce.GTC,
}
_POST_ONLY = ("PostOnly", "RPI")
_NO_WORD = ("TrailingStop", "OcoOrder", "BidirectionalTpslOrder", "MmRateClose")
"""Kinds of stop that have no order type here."""
_TYPE = {
    ("Limit", False): OrderType.LIMIT,
    ("Market", False): OrderType.MARKET,
    ("Limit", True): OrderType.STOP_LIMIT,
    ("Market", True): OrderType.STOP_MARKET,
}


def order_of(instrument: Instrument, row: Mapping[str, Any]) -> Order:
    """A row of the open and closed orders. Empty text means none; so does 0 in prices."""
    native_type, native_time = text(row, "orderType"), text_or_none(row, "timeInForce") or ""
    stop_price = positive_or_none(row, "triggerPrice")
    filled = decimal_or_none(row, "cumExecQty") or ZERO
    by_quote = counts_quote(instrument, row)
    status, refusal = _end(row, filled)
    return Order(
        instrument=instrument,
        venue_order_id=text(row, "orderId"),
        client_order_id=text_or_none(row, "orderLinkId"),
        status=status,
        side=choice(SIDE, text(row, "side"), "side"),
        order_type=_order_type(row, native_type, stop_price is not None),
        quantity=None if by_quote else decimal_or_none(row, "qty"),
        quote_quantity=decimal_or_none(row, "qty") if by_quote else None,
        # A market order of linear shows the bound of its slippage as its price.
        price=positive_or_none(row, "price") if native_type == "Limit" else None,
        stop_price=stop_price,
        time_in_force=_TIME_IN_FORCE.get(native_time),
        post_only=native_time in _POST_ONLY,
        reduce_only=flag(row, "reduceOnly", False),
        filled_quantity=filled,
        average_price=_average(row, filled),
        created_at=at_ms_or_none(row, "createdTime"),
        updated_at=at_ms_or_none(row, "updatedTime"),
        refusal=refusal,
    )


def counts_quote(instrument: Instrument, row: Mapping[str, Any]) -> bool:
    """Whether `qty` counts quote units: Bybit's default for a spot market buy that does not say."""
    if instrument.product is not Product.SPOT or row.get("orderType") != "Market":
        return False
    unit = text_or_none(row, "marketUnit")
    return unit == "quoteCoin" or (unit is None and row.get("side") == "Buy")


def _order_type(row: Mapping[str, Any], native: str, is_stop: bool) -> OrderType | None:
    return None if row.get("stopOrderType") in _NO_WORD else _TYPE.get((native, is_stop))


def _average(row: Mapping[str, Any], filled: Decimal) -> Decimal | None:
    if filled <= ZERO:
        return None
    average, value = positive_or_none(row, "avgPrice"), positive_or_none(row, "cumExecValue")
    return value / filled if average is None and value is not None else average


# --- why the engine ended an order

_NO_REASON = ("", "EC_NoError", "UNKNOWN")
_ENDS_AS = {
    Kind.UNFILLABLE: OrderStatus.EXPIRED,
    Kind.SELF_TRADE: OrderStatus.CANCELED,
    Kind.UNKNOWN: OrderStatus.CANCELED,
}
"""What a `Cancelled` order with a `rejectReason` was: anything else was refused before it could rest."""


def _end(row: Mapping[str, Any], filled: Decimal) -> tuple[OrderStatus, Fault | None]:
    """The status, and why the venue ended the order if it did.

    A cancel that lost the race to a fill leaves a reason on a filled order: that is the cancel's, not the order's.
    """
    native = text(row, "orderStatus")
    status = choice(_STATUS, native, "orderStatus")
    if status.is_open or status is OrderStatus.FILLED:
        return status, None
    reason, refusal = _refusal(row)
    if status is OrderStatus.REJECTED:
        # Stops that fail when they trigger; they can carry fills.
        return (status if filled <= ZERO else OrderStatus.CANCELED), refusal
    if native == "Cancelled" and reason and refusal is not None:
        status = _ENDS_AS.get(refusal.kind, OrderStatus.REJECTED)
        if status is OrderStatus.REJECTED and filled > ZERO:
            status = OrderStatus.CANCELED
    return status, refusal


def _refusal(row: Mapping[str, Any]) -> tuple[bool, Fault | None]:
    """Whether the engine named a reason, and what it means; nothing where somebody wanted the order gone."""
    reason, cause = text_or_none(row, "rejectReason") or "", text_or_none(row, "cancelType") or ""
    named = reason if reason not in _NO_REASON else cause
    if named in _NO_REASON:
        return False, None
    fault = fault_of_code(named, "", None, ORDER_STREAM)
    if fault.kind is Kind.ORDER_CLOSED:
        return False, None
    return named == reason, evolve(fault, outcome=Outcome.REJECTED, retry_after=None)
