"""Candles: windows out, values in. Walks from start to end without skipping; signs nothing.

The venue wants both ends of every window and refuses one of 350 candles or more; whether its end belongs to it is
not said, so a window ends one second before the next candle.
Source: docs.cdp.coinbase.com, get-public-product-candles (2026-09-08); newest first, seen live 2026-04-07.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from unified.account import VenueTime
from unified.adapter import Steps, unsupported
from unified.instrument import Instrument
from unified.market_data import Candle, Interval
from unified.operations import FetchCandles, FetchServerTime, InstrumentOperation, Operation, Page, Priority
from unified.values import frozen
from unified.wire import children, decimal, integer, microseconds, moment, obj
from unified_coinbase.door import segment
from unified_coinbase.market_data import VENUE

_MOST = 349
_GRANULARITY = {
    Interval.M1: ("ONE_MINUTE", 60),
    Interval.M5: ("FIVE_MINUTE", 300),
    Interval.M15: ("FIFTEEN_MINUTE", 900),
    Interval.M30: ("THIRTY_MINUTE", 1800),
    Interval.H1: ("ONE_HOUR", 3600),
    Interval.H2: ("TWO_HOUR", 7200),
    Interval.H4: ("FOUR_HOUR", 14_400),
    Interval.H6: ("SIX_HOUR", 21_600),
    Interval.D1: ("ONE_DAY", 86_400),
}
"""The venue's word, and seconds. All open at multiples of their length since the epoch."""


@frozen(kw_only=True)
class FetchWindow(InstrumentOperation[tuple[Candle, ...]]):
    """Candles opened from `first` on, `count` of them at most."""

    name = "candle_window"
    priority = Priority.PUBLIC_READ
    interval: Interval
    first: int
    """Seconds since the epoch, a multiple of the interval."""
    count: int


def fetch_candles(operation: FetchCandles) -> Steps[Page[Candle]]:
    """One page. Where the caller names no end, the venue is asked for the time first."""
    length = _granularity(operation)[1]
    if operation.cursor is not None:
        first, end = _walked(operation, operation.cursor)
    else:
        end = yield from _end(operation)
        first = -1 if operation.start is None else -(-_second(operation.start) // length) * length
    last = (end - 1) // length * length
    count = max(1, min(operation.limit or _MOST, _MOST))
    if first < 0:
        first = last - (count - 1) * length
    count = min(count, (last - first) // length + 1)
    if count < 1:
        return Page(items=())
    candles: tuple[Candle, ...] = yield FetchWindow(
        instrument=operation.instrument, interval=operation.interval, first=first, count=count
    )
    following = first + count * length
    return Page(items=candles, cursor=f"{following}:{end}" if following <= last else None)


def _granularity(operation: FetchCandles | FetchWindow) -> tuple[str, int]:
    if operation.interval not in _GRANULARITY:
        raise unsupported(VENUE, operation, f"candles of {operation.interval} are not offered")
    return _GRANULARITY[operation.interval]


def _end(operation: FetchCandles) -> Steps[int]:
    """The second before which candles must have opened."""
    if operation.end is not None:
        return _second(operation.end)
    now: VenueTime = yield FetchServerTime(product=operation.product)
    return now.time_us // 1_000_000 + 1


def _second(when: datetime) -> int:
    """Seconds since the epoch, rounded up: the same candles open at it or after it."""
    return -(-microseconds(when) // 1_000_000)


def _walked(operation: Operation[Any], cursor: str) -> tuple[int, int]:
    first, _, end = cursor.partition(":")
    if not (cursor.isascii() and first.isdecimal() and end.isdecimal() and len(cursor) < 30):
        raise unsupported(VENUE, operation, f"{cursor!r:.60} is no cursor of {operation.name}")
    return int(first), int(end)


def window_path(operation: FetchWindow) -> str:
    """/market/products/{product_id}/candles"""
    return f"/market/products/{segment(operation.instrument.symbol)}/candles"


def window_parameters(operation: FetchWindow) -> Mapping[str, str]:
    word, length = _granularity(operation)
    return {
        "start": str(operation.first),
        "end": str(operation.first + operation.count * length - 1),
        "granularity": word,
        "limit": str(operation.count),
    }


def parse_window(operation: FetchWindow, body: Mapping[str, Any]) -> tuple[Candle, ...]:
    """Oldest first, and only those that were asked for."""
    found = [
        candle_of(operation.instrument, operation.interval, obj(row, "candles[]")) for row in children(body, "candles")
    ]
    length = _granularity(operation)[1]
    begin = moment(operation.first * 1_000_000, "start")
    end = moment((operation.first + operation.count * length) * 1_000_000, "end")
    return tuple(
        sorted((candle for candle in found if begin <= candle.opened_at < end), key=lambda candle: candle.opened_at)
    )


def candle_of(instrument: Instrument, interval: Interval, row: Mapping[str, Any]) -> Candle:
    return Candle(
        instrument=instrument,
        interval=interval,
        opened_at=moment(integer(row, "start") * 1_000_000, "start"),
        open=decimal(row, "open"),
        high=decimal(row, "high"),
        low=decimal(row, "low"),
        close=decimal(row, "close"),
        volume=decimal(row, "volume"),
    )
