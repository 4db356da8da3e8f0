"""Candles: windows out, values in. Walks from start to end without skipping; signs nothing.

Source: Bybit V5 docs, market/kline.mdx (2026-03).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import frozen

from unified.account import VenueTime
from unified.adapter import Steps, unsupported
from unified.instrument import Instrument
from unified.market_data import Candle, Interval
from unified.operations import FetchCandles, FetchServerTime, Page
from unified.wire import (
    Json,
    children,
    decimal,
    malformed,
    microseconds,
    moment,
    rows,
    to_integer,
)
from unified_bybit.faults import Answer
from unified_bybit.market_data import VENUE, instrument_only

_MOST = 1000
INTERVALS = {
    Interval.M1: "1",
    Interval.M3: "3",
    Interval.M5: "5",
    Interval.M15: "15",
    Interval.M30: "30",
    Interval.H1: "60",
    Interval.H2: "120",
    Interval.H4: "240",
    Interval.H6: "360",
    Interval.H12: "720",
    Interval.D1: "D",
    Interval.W1: "W",
    Interval.MONTH: "M",
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
        end = moment(now.time_us, "now") + timedelta(milliseconds=1)
    page: Page[Candle] = yield FetchWindow(
        instrument=operation.instrument,
        interval=operation.interval,
        start=operation.start,
        end=end,
        limit=operation.limit,
        cursor=operation.cursor,
    )
    return page


@frozen
class _Window:
    """Opening times from `first_ms` on and before `last_ms`; the whole walk ends before `end_ms`."""

    first_ms: int
    last_ms: int
    end_ms: int
    count: int


def _window(operation: FetchWindow) -> _Window | None:
    """No longer than one page, so that none of its candles is left out; None: the newest candles."""
    if operation.cursor is not None:
        first_ms, end_ms = _walked(operation, operation.cursor)
    elif operation.start is not None and operation.end is not None:
        first_ms, end_ms = ceil_ms(operation.start), ceil_ms(operation.end)
    else:
        return None
    count = _asked(operation)
    length_ms = (operation.interval.length or _SHORTEST_MONTH) // timedelta(milliseconds=1)
    return _Window(first_ms, min(first_ms + count * length_ms, end_ms), end_ms, count)


def _walked(operation: FetchWindow, cursor: str) -> tuple[int, int]:
    first_ms, _, end_ms = cursor.partition(":")
    if not (is_number(first_ms) and is_number(end_ms)):
        raise unsupported(VENUE, operation, f"{cursor!r} is no cursor of {operation.name}")
    return int(first_ms), int(end_ms)


def window_parameters(operation: FetchWindow) -> Mapping[str, str]:
    """`start` and `end` bound the opening time, both included."""
    if operation.interval not in INTERVALS:
        raise unsupported(VENUE, operation, f"candles of {operation.interval} are not offered")
    parameters = {**instrument_only(operation), "interval": INTERVALS[operation.interval]}
    window = _window(operation)
    if window is not None:
        bounds = {"start": str(window.first_ms), "end": str(max(window.first_ms, window.last_ms - 1))}
        return {**parameters, **bounds, "limit": str(window.count)}
    if operation.end is not None:
        parameters["end"] = str(ceil_ms(operation.end) - 1)
    return {**parameters, "limit": str(_asked(operation))}


def parse_window(operation: FetchWindow, answer: Answer) -> Page[Candle]:
    """Bybit writes the newest first; the newest may still move."""
    found = (_candle(operation.instrument, operation.interval, row) for row in children(answer.result, "list"))
    candles = tuple(reversed([candle for candle in found if _is_asked(candle, operation)]))
    window = _window(operation)
    if window is None or window.last_ms >= window.end_ms:
        return Page(items=candles)
    return Page(items=candles, cursor=f"{window.last_ms}:{window.end_ms}")


def _is_asked(candle: Candle, operation: FetchWindow) -> bool:
    return operation.end is None or candle.opened_at < operation.end


def _candle(instrument: Instrument, interval: Interval, answer: Json) -> Candle:
    """[opened, open, high, low, close, base volume, quote volume]"""
    row = rows(answer, "candle")
    if len(row) < 7:
        raise malformed(f"candle: expected 7 fields, found {len(row)}")
    fields = dict(zip(("opened", "open", "high", "low", "close", "volume", "turnover"), row, strict=False))
    return Candle(
        instrument=instrument,
        interval=interval,
        opened_at=moment(to_integer(fields["opened"], "opened") * 1000, "opened"),
        open=decimal(fields, "open"),
        high=decimal(fields, "high"),
        low=decimal(fields, "low"),
        close=decimal(fields, "close"),
        volume=decimal(fields, "volume"),
        quote_volume=decimal(fields, "turnover"),
    )


def _asked(operation: FetchWindow) -> int:
    return min(operation.limit or _MOST, _MOST)


def ceil_ms(when: datetime) -> int:
    """The first whole millisecond that is not before `when`."""
    return -(-microseconds(when) // 1000)


def is_number(text: str) -> bool:
    """Whether it is a moment in milliseconds as our cursors write it."""
    return text.isascii() and text.isdecimal() and len(text) < 16
