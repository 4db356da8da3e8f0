"""What a push says, read as the REST answer that it resembles. Knows no connection; what does not fit is malformed.

No page shows the shape of these pushes but that of a price: "the answers of REST pushed again" is how they are read.

Source: bitzoom-futures/futures.doc, docs/websocket.md at 3bcd596 (after 2026-02-13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from unified.feeds import Event, News, Snapshot
from unified.market_data import Candle, FundingRate, MarkPrice, Ticker, Trade
from unified.watches import (
    InstrumentWatch,
    Watch,
    WatchBook,
    WatchCandles,
    WatchFundingRate,
    WatchMarkPrice,
    WatchTicker,
    WatchTrades,
)
from unified.wire import Json, at_ms_or_none, children, decimal, integer, malformed, obj, rows, text, to_integer
from unified_bitzoom.market_data import candle_of, level_of, parse_funding, parse_ticker, trade_of
from unified_bitzoom.rows import list_of, named

Read = Callable[[Any, Json, int], Iterable[Event]]
"""(watch, what was pushed, the venue's time in ms when it was subscribed) -> what it says."""

_NEWEST = 2
"""Candles of a push that may be new: the one that has closed, and the one that runs."""


def book_events(watch: WatchBook, data: Json, _since_ms: int) -> Iterable[Event]:
    """The whole book, as deep as it was asked for."""
    row = _own_row(watch, data)
    bids, asks = ([level_of(level) for level in children(row, side)] for side in ("bids", "asks"))
    return (Snapshot(watch, bids, asks, time=row.get("time")),)


def trade_events(watch: WatchTrades, data: Json, since_ms: int) -> Iterable[Event]:
    """The newest trades, in no promised order; those of before the subscription are left out."""
    found = list_of(data) if type(data) is list else [_own_row(watch, data)]
    fresh = sorted((row for row in found if integer(row, "time") >= since_ms), key=lambda row: integer(row, "time"))
    return [News(watch, row, _read_trade, text(row, named(row, ("id", "tradeId")))) for row in fresh]


def candle_events(watch: WatchCandles, data: Json, _since_ms: int) -> Iterable[Event]:
    """Candles in no promised order, of which the newest count."""
    found = sorted((rows(row, "klines[]") for row in rows(data, "data")), key=_opened)
    return [News(watch, row, _read_candle) for row in found[-_NEWEST:]]


def _opened(row: list[Any]) -> int:
    if not row:
        raise malformed("klines[]: an empty row")
    return to_integer(row[0], "open time")


def _told_by(read: Callable[[Any, Any], Any]) -> Read:
    return lambda watch, data, _since_ms: (News(watch, data, read),)


def _read_trade(watch: WatchTrades, row: Any) -> Trade:
    return trade_of(watch.instrument, row)


def _read_candle(watch: WatchCandles, row: Any) -> Candle:
    return candle_of(watch, row)


def _read_ticker(watch: WatchTicker, data: Any) -> Ticker:
    return parse_ticker(watch, data)


def _read_funding(watch: WatchFundingRate, data: Any) -> FundingRate:
    return parse_funding(watch, _own_row(watch, data))


def _read_mark(watch: WatchMarkPrice, data: Any) -> MarkPrice:
    row = _own_row(watch, data)
    told = parse_funding(WatchFundingRate(instrument=watch.instrument), row)
    return MarkPrice(
        instrument=watch.instrument,
        mark_price=decimal(row, "markPrice"),
        index_price=told.index_price,
        time=at_ms_or_none(row, "time"),
    )


def _own_row(watch: InstrumentWatch[Any], data: Json) -> dict[str, Any]:
    """The row, if it is of this instrument or does not say. Raises `malformed_response`: a push went astray."""
    row = obj(data[0] if type(data) is list and data else data, "data")
    symbol = watch.instrument.symbol
    if row.get("symbol", symbol) != symbol:
        raise malformed(f"data: a push of another symbol than {symbol}")
    return row


READERS: Mapping[type[Watch[Any]], Read] = {
    WatchTicker: _told_by(_read_ticker),
    WatchBook: book_events,
    WatchTrades: trade_events,
    WatchCandles: candle_events,
    WatchMarkPrice: _told_by(_read_mark),
    WatchFundingRate: _told_by(_read_funding),
}
