"""Candles: windows out, values in. Walks from start to end without skipping; signs nothing.

Source: Bybit V5 docs, market/kline.mdx (2026-03).
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.adapter import unsupported
from unified.candle_walk import CandleWalk, FetchWindow
from unified.instrument import Instrument
from unified.market_data import Candle, Interval
from unified.operations import Page
from unified.wire import (
    Json,
    ceil_milliseconds,
    children,
    decimal,
    malformed,
    moment,
    rows,
    to_integer,
)
from unified_bybit.faults import Answer
from unified_bybit.market_data import VENUE, instrument_only

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
WALK = CandleWalk(VENUE, most=1000)


def window_parameters(operation: FetchWindow) -> Mapping[str, str]:
    """`start` and `end` bound the opening time, both included."""
    if operation.interval not in INTERVALS:
        raise unsupported(VENUE, operation, f"candles of {operation.interval} are not offered")
    parameters = {**instrument_only(operation), "interval": INTERVALS[operation.interval]}
    window = WALK.window(operation)
    if window is not None:
        bounds = {"start": str(window.first_ms), "end": str(max(window.first_ms, window.last_ms - 1))}
        return {**parameters, **bounds, "limit": str(window.count)}
    if operation.end is not None:
        parameters["end"] = str(ceil_milliseconds(operation.end) - 1)
    return {**parameters, "limit": str(min(operation.limit or WALK.most, WALK.most))}


def parse_window(operation: FetchWindow, answer: Answer) -> Page[Candle]:
    """Bybit writes the newest first; the newest may still move."""
    found = (_candle(operation.instrument, operation.interval, row) for row in children(answer.result, "list"))
    candles = [candle for candle in found if _is_asked(candle, operation)][::-1]
    return WALK.page(operation, candles)


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
