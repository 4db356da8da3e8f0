"""Candles: parameters out, values in. Kraken tells the newest 720 of an interval and nothing older.

Source: docs.kraken.com, rest-api get-ohlc-data (2026-05-27).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from unified.adapter import unsupported
from unified.instrument import Instrument
from unified.market_data import Candle, Interval
from unified.operations import FetchCandles, Page
from unified.wire import Json, is_digits, malformed, moment, rows, to_decimal
from unified_kraken.market_data import of_pair
from unified_kraken.orders import VENUE
from unified_kraken.seconds import to_seconds, whole_before

_MINUTES = {
    Interval.M1: "1",
    Interval.M5: "5",
    Interval.M15: "15",
    Interval.M30: "30",
    Interval.H1: "60",
    Interval.H4: "240",
    Interval.D1: "1440",
    Interval.W1: "10080",
}


def candles_parameters(operation: FetchCandles) -> Mapping[str, str]:
    if operation.interval not in _MINUTES:
        raise unsupported(VENUE, operation, f"candles of {operation.interval} are not offered")
    start = _start(operation)
    since = {} if start is None else {"since": str(whole_before(start) - 1)}
    return {"pair": operation.instrument.symbol, "interval": _MINUTES[operation.interval], **since}


def parse_candles(operation: FetchCandles, result: Json) -> Page[Candle]:
    """The last row of the answer is always the running candle."""
    found = rows(of_pair(result, operation.instrument), operation.instrument.symbol)
    newest = len(found) - 1
    candles = [
        _candle(operation.instrument, operation.interval, rows(row, "candle"), closed=index < newest)
        for index, row in enumerate(found)
    ]
    start = _start(operation)
    wanted = [candle for candle in candles if _within(candle.opened_at, start, operation.end)]
    most = operation.limit or len(wanted)
    if start is None:
        return Page(items=tuple(wanted[-most:] if most else ()))
    rest = wanted[most:]
    return Page(items=tuple(wanted[:most]), cursor=str(whole_before(rest[0].opened_at)) if rest else None)


def _start(operation: FetchCandles) -> datetime | None:
    """Where the page begins: the cursor is the second at which its first candle opened."""
    if operation.cursor is None:
        return operation.start
    if not is_digits(operation.cursor, 11):
        raise unsupported(VENUE, operation, f"{operation.cursor!r:.40} is no cursor of {operation.name}")
    return moment(int(operation.cursor) * 1_000_000, "cursor")


def _within(when: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or when >= start) and (end is None or when < end)


def _candle(instrument: Instrument, interval: Interval, row: list[Json], *, closed: bool) -> Candle:
    """[opened, open, high, low, close, average price, volume, trades]"""
    if len(row) < 7:
        raise malformed(f"candle: expected 8 fields, found {len(row)}")
    opened, open_, high, low, close, _average, volume = row[:7]
    return Candle(
        instrument=instrument,
        interval=interval,
        opened_at=to_seconds(opened, "opened"),
        open=to_decimal(open_, "open"),
        high=to_decimal(high, "high"),
        low=to_decimal(low, "low"),
        close=to_decimal(close, "close"),
        volume=to_decimal(volume, "volume"),
        closed=closed,
    )
