"""Candles: windows out, values in. Walks from start to end without skipping; signs nothing.

Source: OKX API v5 docs, #order-book-trading-market-data-get-candlesticks (2026-07-10).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import frozen

from unified.account import VenueTime
from unified.adapter import Steps, unsupported
from unified.instrument import Instrument, Product
from unified.market_data import Candle, Interval
from unified.operations import FetchCandles, FetchServerTime, Page
from unified.wire import Json, decimal, decimal_or_none, malformed, milliseconds, moment, rows, to_integer

_NEWEST = 300
_WINDOW = 100
"""Rows that every version of the docs grants to the list of old candles; a window longer than a page would skip."""
_RECENTBARS = 1000
"""The list of recent candles goes back about 1,440 bars."""

BAR = {
    Interval.S1: "1s",
    Interval.M1: "1m",
    Interval.M3: "3m",
    Interval.M5: "5m",
    Interval.M15: "15m",
    Interval.M30: "30m",
    Interval.H1: "1H",
    Interval.H2: "2H",
    Interval.H4: "4H",
    # From six hours on, names without `utc` open at midnight of UTC+8.
    Interval.H6: "6Hutc",
    Interval.H12: "12Hutc",
    Interval.D1: "1Dutc",
    Interval.D3: "3Dutc",
    Interval.W1: "1Wutc",
    Interval.MONTH: "1Mutc",
}
_SHORTEST_MONTH = timedelta(days=28)


class FetchWindow(FetchCandles):
    """One page of candles; with a start there is an end too."""

    __slots__ = ()


def fetch_candles(operation: FetchCandles) -> Steps[Page[Candle]]:
    """One page. A walk without an end first asks the venue for the time, to know where to stop."""
    end = operation.end
    if operation.start is not None and end is None and operation.cursor is None:
        now: VenueTime = yield FetchServerTime(product=operation.product)
        end = moment(now.time_us, "now") + _length(operation.interval)
    page: Page[Candle] = yield FetchWindow(
        instrument=operation.instrument,
        interval=operation.interval,
        start=operation.start,
        end=end,
        limit=operation.limit,
        cursor=operation.cursor,
    )
    return page


def _length(interval: Interval) -> timedelta:
    return interval.length or _SHORTEST_MONTH


@frozen
class _Window:
    """Opening times from `first_ms` on and before `last_ms`; the whole walk ends before `end_ms`."""

    first_ms: int
    last_ms: int
    end_ms: int
    count: int


def _window(operation: FetchWindow) -> _Window | None:
    """None: the newest candles."""
    if operation.start is None or operation.end is None:
        return None
    first_ms, end_ms = milliseconds(operation.start), milliseconds(operation.end)
    if operation.cursor is not None:
        first_ms, end_ms = _walked(operation, operation.cursor)
    count = min(operation.limit or _WINDOW, _WINDOW)
    length_ms = _length(operation.interval) // timedelta(milliseconds=1)
    return _Window(first_ms, min(first_ms + count * length_ms, end_ms), end_ms, count)


def _walked(operation: FetchWindow, cursor: str) -> tuple[int, int]:
    first_ms, _, end_ms = cursor.partition(":")
    if not (first_ms.isdecimal() and end_ms.isdecimal()) or len(cursor) > 40:
        raise unsupported("okx", operation, f"{cursor!r} is no cursor of {operation.name}")
    return int(first_ms), int(end_ms)


def window_path(operation: FetchWindow, time_ms: int) -> str:
    """/market/candles, or /market/history-candles for old ones"""
    window = _window(operation)
    begin = operation.end if window is None else moment(window.first_ms * 1000, "start")
    oldest_ms = time_ms - _RECENTBARS * (_length(operation.interval) // timedelta(milliseconds=1))
    return "/market/history-candles" if begin is not None and milliseconds(begin) < oldest_ms else "/market/candles"


def window_parameters(operation: FetchWindow) -> Mapping[str, str]:
    """`after` and `before` are both exclusive: older than the one, newer than the other."""
    if operation.interval not in BAR:
        raise unsupported("okx", operation, f"candles of {operation.interval} are not offered")
    parameters = {"instId": operation.instrument.symbol, "bar": BAR[operation.interval]}
    window = _window(operation)
    if window is not None:
        bounds = {"before": str(window.first_ms - 1), "after": str(window.last_ms)}
        return {**parameters, **bounds, "limit": str(window.count)}
    if operation.end is not None:
        parameters["after"] = str(milliseconds(operation.end))
    most = _NEWEST if operation.end is None else _WINDOW
    return {**parameters, "limit": str(min(operation.limit or most, most))}


def parse_window(operation: FetchWindow, answer: list[Json]) -> Page[Candle]:
    candles = tuple(candle_of(operation.instrument, operation.interval, row) for row in reversed(answer))
    window = _window(operation)
    if window is None or window.last_ms >= window.end_ms:
        return Page(items=candles)
    return Page(items=candles, cursor=f"{window.last_ms}:{window.end_ms}")


def candle_of(instrument: Instrument, interval: Interval, answer: Json) -> Candle:
    """[opened, open, high, low, close, contracts or base, base or quote, quote, confirmed]"""
    row = rows(answer, "candle")
    if len(row) < 9:
        raise malformed(f"candle: expected 9 fields, found {len(row)}")
    fields = dict(
        zip(("opened", "open", "high", "low", "close", "vol", "volCcy", "quote", "confirm"), row, strict=False)
    )
    return Candle(
        instrument=instrument,
        interval=interval,
        opened_at=moment(to_integer(fields["opened"], "opened") * 1000, "opened"),
        open=decimal(fields, "open"),
        high=decimal(fields, "high"),
        low=decimal(fields, "low"),
        close=decimal(fields, "close"),
        volume=decimal(fields, "vol" if instrument.product is Product.SPOT else "volCcy"),
        quote_volume=decimal_or_none(fields, "quote"),
        closed=fields["confirm"] == "1",
    )
