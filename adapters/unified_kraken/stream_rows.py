"""Reading the rows of Kraken's streams: tickers, trades, candles, and reports of executions. Sends nothing.

Numbers are text here: frames are decoded so (stream.py).

Source: docs.kraken.com, websocket-v2 ticker, trade, ohlc, executions (2026-05-27).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from unified.errors import VenueError
from unified.feeds import Event, Gap, Own, Unclear
from unified.instrument import ZERO, Instrument
from unified.market_data import Candle, Ticker, Trade
from unified.order import Commission, Fill, Liquidity, Order, OrderStatus
from unified.watches import WatchCandles, WatchExecutions, WatchTicker, WatchTrades
from unified.wire import (
    children,
    choice,
    decimal,
    decimal_or_none,
    flag,
    integer,
    item,
    microseconds,
    obj,
    positive_or_none,
    sent_text,
    text,
    text_or_none,
    to_moment,
)
from unified_kraken.order_rows import FORCE, SIDE, TYPE, state_of
from unified_kraken.symbols import instrument_in

Row = Mapping[str, Any]


def read_ticker(watch: WatchTicker, row: Row) -> Ticker:
    return Ticker(
        instrument=watch.instrument,
        bid=positive_or_none(row, "bid"),
        bid_quantity=decimal_or_none(row, "bid_qty"),
        ask=positive_or_none(row, "ask"),
        ask_quantity=decimal_or_none(row, "ask_qty"),
        last=positive_or_none(row, "last"),
        high_24h=decimal_or_none(row, "high"),
        low_24h=decimal_or_none(row, "low"),
        volume_24h=decimal_or_none(row, "volume"),
        time=sent_text(row.get("timestamp")),
    )


def read_trade(watch: WatchTrades, row: Row) -> Trade:
    return Trade(
        instrument=watch.instrument,
        trade_id=text(row, "trade_id"),
        price=decimal(row, "price"),
        quantity=decimal(row, "qty"),
        side=choice(SIDE, text(row, "side"), "side"),
        time_us=microseconds(to_moment(item(row, "timestamp"), "timestamp")),
    )


def read_candle(watch: WatchCandles, row: Row) -> Candle:
    """Whether it is closed the venue does not tell: it is when the next one begins."""
    return Candle(
        instrument=watch.instrument,
        interval=watch.interval,
        opened_at=to_moment(item(row, "interval_begin"), "interval_begin"),
        open=decimal(row, "open"),
        high=decimal(row, "high"),
        low=decimal(row, "low"),
        close=decimal(row, "close"),
        volume=decimal(row, "volume"),
    )


_STATUS = {
    "pending_new": OrderStatus.PENDING_NEW,
    "new": OrderStatus.NEW,
    "partially_filled": OrderStatus.PARTIALLY_FILLED,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
}


class Executions:
    """The channel of own orders and fills: checks its counter, and remembers what later reports leave out."""

    def __init__(self, watch: WatchExecutions) -> None:
        self._watch = watch
        self._sequence: int | None = None
        """None until a snapshot has come: what comes before belongs to an older subscription."""
        self._instruments: dict[str, Instrument] = {}

    def receive(self, said: Row) -> Iterable[Event]:
        """The reports of a frame; a gap where the counter jumps, nothing where the frame came before."""
        number = integer(said, "sequence")
        if said.get("type") == "snapshot":
            self._sequence = number
        elif self._sequence is None or number <= self._sequence:
            return ()
        elif number > self._sequence + 1:
            reason = f"after sequence {self._sequence} came {number}"
            self._sequence = None
            return (Gap((self._watch,), reason),)
        else:
            self._sequence = number
        return [event for row in children(said, "data") for event in self._report(obj(row, "data"))]

    def _report(self, row: Row) -> Iterable[Event]:
        order_id = text(row, "order_id")
        symbol = text_or_none(row, "symbol")
        if symbol is not None:
            self._instruments[order_id] = instrument_in(self._watch.listing, symbol)
        instrument = self._instruments.get(order_id)
        if instrument is None or text_or_none(row, "order_status") not in _STATUS:
            return (Unclear(self._watch),)
        try:
            order = order_of(instrument, row)
            fills = [Own(self._watch, fill_of(instrument, row))] if row.get("exec_type") == "trade" else []
        except VenueError:
            return (Unclear(self._watch),)  # a report that cannot be read: the order itself can be asked for
        if order.status.is_final:
            self._instruments.pop(order_id, None)
        return (*fills, Own(self._watch, order))


def order_of(instrument: Instrument, row: Row) -> Order:
    """What a report tells of an order; what it leaves out is None, and a quantity that it leaves out is zero."""
    filled = decimal_or_none(row, "cum_qty") or ZERO
    status, refusal = state_of(
        choice(_STATUS, text(row, "order_status"), "order_status"), text_or_none(row, "reason") or "", filled
    )
    kind = TYPE.get(text_or_none(row, "order_type") or "")
    created = row.get("exec_type") == "pending_new"
    when = sent_text(row.get("timestamp"))
    triggers = row.get("triggers")
    side = text_or_none(row, "side")
    return Order(
        instrument=instrument,
        venue_order_id=text(row, "order_id"),
        client_order_id=text_or_none(row, "cl_ord_id"),
        status=status,
        side=None if side is None else choice(SIDE, side, "side"),
        order_type=kind,
        quantity=positive_or_none(row, "order_qty"),
        quote_quantity=positive_or_none(row, "cash_order_qty"),
        price=positive_or_none(row, "limit_price"),
        stop_price=positive_or_none(triggers, "price") if isinstance(triggers, dict) else None,
        time_in_force=FORCE.get(text_or_none(row, "time_in_force") or ""),
        post_only=flag(row, "post_only", False),
        reduce_only=flag(row, "reduce_only", False),
        filled_quantity=filled,
        average_price=positive_or_none(row, "avg_price"),
        created_at=when if created else None,
        updated_at=when,
        refusal=refusal,
    )


def fill_of(instrument: Instrument, row: Row) -> Fill:
    """An execution. `exec_id` is the id that TradesHistory has for it."""
    fees = [obj(fee, "fees") for fee in row.get("fees") or ()]
    maker = text_or_none(row, "liquidity_ind")
    commission = Commission(currency=text(fees[0], "asset"), amount=decimal(fees[0], "qty")) if fees else None
    return Fill(
        instrument=instrument,
        trade_id=text(row, "exec_id"),
        venue_order_id=text(row, "order_id"),
        client_order_id=text_or_none(row, "cl_ord_id"),
        side=choice(SIDE, text(row, "side"), "side"),
        price=decimal(row, "last_price"),
        quantity=decimal(row, "last_qty"),
        commission=commission,
        liquidity=None if maker is None else Liquidity.MAKER if maker == "m" else Liquidity.TAKER,
        time=to_moment(item(row, "timestamp"), "timestamp"),
    )
