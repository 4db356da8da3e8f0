"""Candles: windows out, values in. Walks from start to end without skipping; signs nothing.

Source: OKX API v5 docs, #order-book-trading-market-data-get-candlesticks (2026-07-10).
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.adapter import unsupported
from unified.candle_walk import CandleWalk, FetchWindow, length_ms
from unified.instrument import Instrument, Product
from unified.market_data import Candle, Interval
from unified.operations import Page
from unified.wire import (
    Json,
    ceil_milliseconds,
    decimal,
    decimal_or_none,
    malformed,
    milliseconds,
    moment,
    rows,
    to_integer,
)

_NEWEST = 300
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
WALK = CandleWalk("okx", most=100)
"""Rows that every version of the docs grants to the list of old candles."""


def window_path(operation: FetchWindow, time_ms: int) -> str:
    """/market/candles, or /market/history-candles for old ones"""
    window = WALK.window(operation)
    begin = operation.end if window is None else moment(window.first_ms * 1000, "start")
    oldest_ms = time_ms - _RECENTBARS * length_ms(operation.interval)
    return "/market/history-candles" if begin is not None and milliseconds(begin) < oldest_ms else "/market/candles"


def window_parameters(operation: FetchWindow) -> Mapping[str, str]:
    """`after` and `before` are both exclusive: older than the one, newer than the other."""
    if operation.interval not in BAR:
        raise unsupported("okx", operation, f"candles of {operation.interval} are not offered")
    parameters = {"instId": operation.instrument.symbol, "bar": BAR[operation.interval]}
    window = WALK.window(operation)
    if window is not None:
        bounds = {"before": str(window.first_ms - 1), "after": str(window.last_ms)}
        return {**parameters, **bounds, "limit": str(window.count)}
    if operation.end is not None:
        parameters["after"] = str(ceil_milliseconds(operation.end))
    most = _NEWEST if operation.end is None else WALK.most
    return {**parameters, "limit": str(min(operation.limit or most, most))}


def parse_window(operation: FetchWindow, answer: list[Json]) -> Page[Candle]:
    candles = [candle_of(operation.instrument, operation.interval, row) for row in reversed(answer)]
    return WALK.page(operation, candles)


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
