"""The names of market streams that watches need, where venues of this make agree. Subscribes nothing (`stream` does).

Source: Binance web-socket-streams.md (2026-07-21); binance-us-api-docs web-socket-streams.md at 6b62304 (2024-06-17).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from unified.errors import Fault, Kind, Outcome, VenueError
from unified.market_data import Interval
from unified.watches import Watch, WatchBook, WatchCandles, WatchTicker, WatchTrades

Names = Callable[[Any], tuple[str, ...]]
"""The streams that bring what a watch wants, without their symbol: `depth@100ms`."""


def by_kind(table: Mapping[type[Watch[Any]], tuple[str, ...]]) -> Names:
    """Names by the kind of the watch; candles are named by their length."""

    def names(watch: Any) -> tuple[str, ...]:
        return (f"kline_{watch.interval}",) if isinstance(watch, WatchCandles) else table[type(watch)]

    return names


spot_names = by_kind(
    {
        WatchTicker: ("bookTicker", "ticker"),
        WatchBook: ("depth@100ms",),
        WatchTrades: ("trade",),
    }
)
"""Those of a spot market."""


def longer_than_a_second(watch: WatchCandles) -> WatchCandles:
    """For markets without candles of a second. Raises `not_supported` (not_sent) for these."""
    if watch.interval is not Interval.S1:
        return watch
    why = "there are no candles of one second here; the shortest is 1m"
    fault = Fault(kind=Kind.NOT_SUPPORTED, outcome=Outcome.NOT_SENT, message=why)
    raise VenueError.of(fault, operation=watch.name)
