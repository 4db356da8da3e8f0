"""Orders and fills as Binance writes them in any of its answers, read into ours. Builds nothing.

Source: Binance spot rest-api.md and enums.md (2026-07-21), USD-M trade pages (2026-05-28) and SDK 18.1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.errors import Fault, Kind, Outcome
from unified.instrument import ZERO, Instrument
from unified.operations import ListingOperation
from unified.order import Commission, Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from unified.wire import (
    at_ms,
    at_ms_or_none,
    choice,
    decimal,
    entry_of,
    flag,
    integer,
    item,
    positive_or_none,
    text,
    text_or_none,
    to_decimal,
)

Row = Mapping[str, Any]

STATUSES = {
    "NEW": OrderStatus.NEW,
    "PENDING_NEW": OrderStatus.NEW,  # a leg of an order list that is not active yet
    "PARTIALLY_FILLED": OrderStatus.PARTIALLY_FILLED,
    "FILLED": OrderStatus.FILLED,
    "PENDING_CANCEL": OrderStatus.PENDING_CANCEL,
    "CANCELED": OrderStatus.CANCELED,
    "REJECTED": OrderStatus.REJECTED,
    "EXPIRED": OrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
}
TYPES = {
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP_LOSS": OrderType.STOP_MARKET,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT_LIMIT": OrderType.STOP_LIMIT,
    "STOP": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP_MARKET,
    "TAKE_PROFIT_MARKET": OrderType.STOP_MARKET,
}
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_TIMES_IN_FORCE = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTD": TimeInForce.GTD,
    "GTX": TimeInForce.GTC,  # USD-M writes post-only as a time in force
}
_END_REASONS = {
    "EXPIRED_IN_MATCH": Kind.SELF_TRADE,
    "EXECUTION_RULE_PRICE_RANGE_EXCEEDED": Kind.INVALID_PRICE,
}


def instrument_of(operation: ListingOperation[Any], row: Row) -> Instrument:
    """The instrument of a row in a list."""
    symbol = text(row, "symbol")
    asked = operation.instrument
    return asked if asked is not None and asked.symbol == symbol else operation.listing.of(symbol, operation.product)


def order_of(instrument: Instrument, row: Row, created: str = "time") -> Order:
    """An order in any of the shapes in which both products write one, stops of USD-M's second door apart.

    `created` is where the moment stands at which it was made: that of its last change in answers that have no other.
    """
    native = text(row, "status")
    filled = decimal(row, "executedQty")
    status = choice(STATUSES, native, "status")
    if status is OrderStatus.NEW and filled:
        status = OrderStatus.PARTIALLY_FILLED
    created_at = changed = at_ms_or_none(row, created)
    if created == "time":
        changed = at_ms_or_none(row, "updateTime") or at_ms_or_none(row, "transactTime")
    return Order(
        instrument=instrument,
        venue_order_id=text(row, "orderId"),
        client_order_id=text_or_none(row, "clientOrderId"),
        status=status,
        filled_quantity=filled,
        average_price=_average_price(row, filled),
        quantity=positive_or_none(row, "origQty" if "origQty" in row else "qty"),
        quote_quantity=positive_or_none(row, "origQuoteOrderQty"),
        stop_price=positive_or_none(row, "stopPrice"),
        created_at=created_at,
        updated_at=changed,
        refusal=_refusal(native, row),
        **terms_of(row, "origType" if "origType" in row else "type", instrument),
    )


def terms_of(row: Row, type_key: str, instrument: Instrument) -> dict[str, Any]:
    """What every kind of order says of itself: side, type, price and flags."""
    native = text(row, type_key)
    time_in_force = text_or_none(row, "timeInForce") or ""
    # Spot calls the market order of a profit what USD-M calls its limit order.
    takes_profit = OrderType.STOP_MARKET if instrument.settle is None else OrderType.STOP_LIMIT
    return {
        "side": entry_of(_SIDES, row, "side"),
        "order_type": takes_profit if native == "TAKE_PROFIT" else TYPES.get(native),
        "price": positive_or_none(row, "price"),
        "time_in_force": _TIMES_IN_FORCE.get(time_in_force),
        "expires_at": at_ms_or_none(row, "goodTillDate"),
        "post_only": native == "LIMIT_MAKER" or time_in_force == "GTX",
        "reduce_only": flag(row, "reduceOnly", default=False),
    }


def _average_price(row: Row, filled: Decimal) -> Decimal | None:
    """USD-M tells it; spot tells what was paid, a negative number where an old order no longer knows."""
    told = positive_or_none(row, "avgPrice")
    # Amended orders write the word with one m.
    paid = positive_or_none(row, "cummulativeQuoteQty" if "cummulativeQuoteQty" in row else "cumulativeQuoteQty")
    return told if told is not None or paid is None or filled <= ZERO else paid / filled


def _refusal(native: str, row: Row) -> Fault | None:
    """Why the engine ended an order, where it says so."""
    reason = native if native == "EXPIRED_IN_MATCH" else text_or_none(row, "expiryReason")
    if reason is None or reason == "NONE":
        return None
    kind = _END_REASONS.get(reason, Kind.UNKNOWN)
    return Fault(kind=kind, outcome=Outcome.REJECTED, code=reason, message=reason)


def fill_of(instrument: Instrument, row: Row) -> Fill:
    """A fill: spot says `isBuyer` and `isMaker` where USD-M says `buyer` and `maker`."""
    buyer = flag(row, "isBuyer" if "isBuyer" in row else "buyer")
    maker = flag(row, "isMaker" if "isMaker" in row else "maker")
    return Fill(
        instrument=instrument,
        trade_id=str(integer(row, "id")),
        venue_order_id=text(row, "orderId"),
        side=Side.BUY if buyer else Side.SELL,
        price=decimal(row, "price"),
        quantity=decimal(row, "qty"),
        commission=Commission(
            currency=text(row, "commissionAsset"), amount=to_decimal(item(row, "commission"), "commission")
        ),
        liquidity=Liquidity.MAKER if maker else Liquidity.TAKER,
        time=at_ms(row, "time"),
    )
