"""Candles walked from a start to an end in windows of one page each, so that none is skipped. Knows no venue's words.

For venues that return the newest candles of a window that holds more than a page: there a window must be no longer
than a page. An adapter makes one `CandleWalk`, writes a window in the venue's words, and reads the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from unified.account import VenueTime
from unified.adapter import Steps, unsupported
from unified.market_data import Candle, Interval
from unified.operations import FetchCandles, FetchServerTime, Page
from unified.values import frozen
from unified.wire import ceil_milliseconds, is_digits, moment

_SHORTEST_MONTH = timedelta(days=28)
_MOMENT_DIGITS = 15


class FetchWindow(FetchCandles):
    """One page of candles; with a start there is an end too, here or in the cursor."""

    __slots__ = ()


@frozen
class Window:
    """Opening times from `first_ms` on and before `last_ms`, `count` of them at most; the walk ends before `end_ms`."""

    first_ms: int
    last_ms: int
    end_ms: int
    count: int

    @property
    def cursor(self) -> str | None:
        """Where the next window begins, and where the walk ends; None for the last."""
        return None if self.last_ms >= self.end_ms else f"{self.last_ms}:{self.end_ms}"


@frozen
class CandleWalk:
    """Walks of one venue, whose pages hold `most` candles."""

    venue: str
    most: int

    def steps(self, operation: FetchCandles) -> Steps[Page[Candle]]:
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

    def window(self, operation: FetchWindow) -> Window | None:
        """No longer than one page, so that none of its candles is left out; None: the newest candles."""
        if operation.cursor is not None:
            first_ms, end_ms = self._walked(operation, operation.cursor)
        elif operation.start is not None and operation.end is not None:
            first_ms, end_ms = ceil_milliseconds(operation.start), ceil_milliseconds(operation.end)
        else:
            return None
        count = min(operation.limit or self.most, self.most)
        return Window(first_ms, min(first_ms + count * length_ms(operation.interval), end_ms), end_ms, count)

    def page(self, operation: FetchWindow, candles: Sequence[Candle]) -> Page[Candle]:
        """The candles of a window, and the way on."""
        window = self.window(operation)
        return Page(items=tuple(candles), cursor=None if window is None else window.cursor)

    def _walked(self, operation: FetchWindow, cursor: str) -> tuple[int, int]:
        first_ms, _, end_ms = cursor.partition(":")
        if not (is_digits(first_ms, _MOMENT_DIGITS) and is_digits(end_ms, _MOMENT_DIGITS)):
            raise unsupported(self.venue, operation, f"{cursor!r:.60} is no cursor of {operation.name}")
        return int(first_ms), int(end_ms)


def length_ms(interval: Interval) -> int:
    """Milliseconds from one candle to the next; for months, of the shortest."""
    return (interval.length or _SHORTEST_MONTH) // timedelta(milliseconds=1)
