"""Reading the rows of Coinbase's streams: tickers, trades, candles, and the states of own orders. Sends nothing.

The channel `user` tells cumulative states under names of its own, and no executions: a filled quantity that grows makes
the client ask for them.
Source: docs.cdp.coinbase.com, websocket-channels (2026-08-22); frames seen live 2024-10-04.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from unified.errors import VenueError
from unified.feeds import Event, Own, Unclear
from unified.instrument import ZERO, Instrument
from unified.market_data import Candle, Ticker, Trade
from unified.order import Order, OrderStatus, OrderType, TimeInForce
from unified.watches import WatchCandles, WatchExecutions, WatchTicker, WatchTrades
from unified.wire import Json, choice, decimal_or_none, flag, obj, positive_or_none, sent_text, text, text_or_none
from unified_coinbase.candles import candle_of
from unified_coinbase.faults import reject_fault
from unified_coinbase.market_data import trade_of
from unified_coinbase.order_rows import SIDE, STATUS, moment_or_none
from unified_coinbase.symbols import is_spot

Row = Mapping[str, Any]


def read_ticker(watch: WatchTicker, raw: tuple[Row, Any]) -> Ticker:
    """The row, and the frame's time."""
    row, when = raw
    return Ticker(
        instrument=watch.instrument,
        bid=positive_or_none(row, "best_bid"),
        bid_quantity=decimal_or_none(row, "best_bid_quantity"),
        ask=positive_or_none(row, "best_ask"),
        ask_quantity=decimal_or_none(row, "best_ask_quantity"),
        last=positive_or_none(row, "price"),
        high_24h=positive_or_none(row, "high_24_h"),
        low_24h=positive_or_none(row, "low_24_h"),
        volume_24h=decimal_or_none(row, "volume_24_h"),
        time=sent_text(when),
    )


def read_trade(watch: WatchTrades, row: Row) -> Trade:
    return trade_of(watch.instrument, row)


def read_candle(watch: WatchCandles, row: Row) -> Candle:
    """Whether it is closed the venue does not tell: it is when the next one begins."""
    return candle_of(watch.instrument, watch.interval, row)


_TYPES = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "STOP_LIMIT": OrderType.STOP_LIMIT,
}
_TIMES_IN_FORCE = {
    "GOOD_UNTIL_CANCELLED": TimeInForce.GTC,
    "GOOD_UNTIL_DATE_TIME": TimeInForce.GTD,
    "IMMEDIATE_OR_CANCEL": TimeInForce.IOC,
    "FILL_OR_KILL": TimeInForce.FOK,
}


class Orders:
    """Own orders on the channel `user`: states as they are told."""

    def __init__(self, watch: WatchExecutions) -> None:
        self._watch = watch

    def receive(self, rows: Iterable[Json]) -> list[Event]:
        """The rows of one event."""
        return [event for row in rows for event in self._report(obj(row, "orders[]"))]

    def _report(self, row: Row) -> Iterable[Event]:
        if not is_spot(row):
            return ()
        try:
            order = order_of(self._watch.listing.of(text(row, "product_id"), self._watch.product), row)
        except VenueError:
            return (Unclear(self._watch),)  # the order itself can be asked for
        return (Own(self._watch, order),)


def order_of(instrument: Instrument, row: Row) -> Order:
    """A state of an order; what the channel does not tell is None, and known from elsewhere."""
    filled = decimal_or_none(row, "cumulative_quantity") or ZERO
    order_type = _TYPES.get((text_or_none(row, "order_type") or "").upper().replace(" ", "_"))
    status = _status(row, filled)
    return Order(
        instrument=instrument,
        venue_order_id=text(row, "order_id"),
        client_order_id=text_or_none(row, "client_order_id"),
        status=status,
        side=SIDE.get((text_or_none(row, "order_side") or "").upper()),
        order_type=order_type,
        quantity=_quantity(row, order_type, status, filled),
        price=positive_or_none(row, "limit_price"),
        stop_price=positive_or_none(row, "stop_price"),
        time_in_force=_TIMES_IN_FORCE.get(text_or_none(row, "time_in_force") or ""),
        expires_at=moment_or_none(row, "end_time"),
        post_only=flag(row, "post_only", False),
        filled_quantity=filled,
        average_price=positive_or_none(row, "avg_price") if filled > ZERO else None,
        created_at=moment_or_none(row, "creation_time"),
        refusal=reject_fault(text_or_none(row, "reject_reason") or "REJECT_REASON_UNSPECIFIED", "")
        if row.get("status") == "FAILED"
        else None,
    )


def _status(row: Row, filled: Decimal) -> OrderStatus:
    status = choice(STATUS, text(row, "status"), "status")
    if filled <= ZERO:
        return status
    if status is OrderStatus.REJECTED:
        return OrderStatus.CANCELED
    return OrderStatus.PARTIALLY_FILLED if status in (OrderStatus.NEW, OrderStatus.PENDING_NEW) else status


def _quantity(row: Row, order_type: OrderType | None, status: OrderStatus, filled: Decimal) -> Decimal | None:
    """What is left counts what the order was sized in, and is zero at the end: only of open limit orders it tells."""
    left = decimal_or_none(row, "leaves_quantity")
    if left is None or status.is_final or order_type not in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        return None
    return filled + left
