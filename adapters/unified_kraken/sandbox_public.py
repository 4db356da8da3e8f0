"""The public calls of Kraken's sandbox: time, status, assets, pairs, tickers, books, trades, candles.

Reads the engine and changes nothing. With `assetVersion=1` answers bear the common names (BTC/USD).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from unified.instrument import Instrument, Product
from unified.market_data import Interval
from unified.sandbox.engine import Engine
from unified.sandbox.tape import DAY_US, TapeCandle, bounds
from unified.sandbox.wording import rfc3339
from unified_kraken.sandbox_call import SECOND_US, Fields, invalid
from unified_kraken.sandbox_pairs import ASSETS, PAIRS, Pair, asset_of, pair_of
from unified_kraken.sandbox_rows import book_row, candle_row, ticker_row, trade_rows

_INTERVALS: Mapping[str, Interval] = {
    "1": Interval.M1,
    "5": Interval.M5,
    "15": Interval.M15,
    "30": Interval.M30,
    "60": Interval.H1,
    "240": Interval.H4,
    "1440": Interval.D1,
    "10080": Interval.W1,
}
"""Minutes. Kraken's 21600 (15 days) is longer than anything that happens here."""
_CANDLES = 720
_LARGEST_PAGE = 1000
_DEEPEST_BOOK = 500
_DEFAULT_DEPTH = 100


def instrument_of(engine: Engine, pair: Pair) -> Instrument:
    return engine.instrument(Product.SPOT, pair.id)


def time(engine: Engine, _fields: Fields) -> dict[str, Any]:
    """Whole seconds: Kraken tells no finer time here."""
    now_s = engine.now_us // SECOND_US
    shown = datetime.fromtimestamp(now_s, UTC)
    return {"unixtime": now_s, "rfc1123": shown.strftime("%a, %d %b %y %H:%M:%S +0000")}


def status(engine: Engine, _fields: Fields) -> dict[str, Any]:
    return {"status": "online", "timestamp": rfc3339(engine.now_us, digits=0)}


def assets(_engine: Engine, fields: Fields) -> dict[str, Any]:
    common = _common(fields)
    if fields.text("aclass") not in ("", "currency"):
        return {}
    chosen = [asset_of(name) for name in fields.listed("asset")] or list(ASSETS)
    return {asset.common if common else asset.id: asset.row() for asset in chosen}


def pairs(engine: Engine, fields: Fields) -> dict[str, Any]:
    part = fields.text("info") or "info"
    if part not in ("info", "leverage", "fees", "margin"):
        raise invalid("info")
    # Asked for as BTC/USD, a pair is told under that name: python-kraken-sdk 3.1.1 lives by it (read 2026-11-21).
    asked = fields.listed("pair")
    return {
        pair.common if pair.common in asked else _name(pair, fields): _rules(engine, pair, part, fields)
        for pair in _chosen(fields)
    }


def ticker(engine: Engine, fields: Fields) -> dict[str, Any]:
    """Of the pairs asked for, of all without."""
    rows = {}
    for pair in _chosen(fields):
        instrument = instrument_of(engine, pair)
        today = engine.market(instrument).tape.since(engine.now_us - engine.now_us % DAY_US)
        rows[_name(pair, fields)] = ticker_row(engine.ticker(instrument), today, pair)
    return rows


def depth(engine: Engine, fields: Fields) -> dict[str, Any]:
    pair = pair_of(fields.required("pair"))
    count = fields.whole("count", _DEFAULT_DEPTH, 1, _DEEPEST_BOOK)
    return {_name(pair, fields): book_row(engine.book(instrument_of(engine, pair), count), pair)}


def trades(engine: Engine, fields: Fields) -> dict[str, Any]:
    """Those after the cursor, oldest first; without a cursor the newest."""
    pair = pair_of(fields.required("pair"))
    count = fields.whole("count", _LARGEST_PAGE, 1, _LARGEST_PAGE)
    rows = trade_rows(engine.market(instrument_of(engine, pair)).tape.trades(), pair)
    since_ns = _cursor(fields)
    chosen = rows[-count:] if since_ns is None else [row for row in rows if row[0] > since_ns][:count]
    last = chosen[-1][0] if chosen else since_ns or engine.now_us * 1000
    return {_name(pair, fields): [row for _, row in chosen], "last": str(last)}


def candles(engine: Engine, fields: Fields) -> dict[str, Any]:
    """The newest 720 that are complete, and the running one, which is there always, whatever `since` is and whether
    or not it has seen a trade (docs.kraken.com, get-ohlc-data, 2026-11-21); `last` is the newest that is complete."""
    pair = pair_of(fields.required("pair"))
    interval = _INTERVALS.get(fields.text("interval") or "1")
    if interval is None:
        raise invalid("interval")
    since_s = fields.whole("since", -1, 0, 2**40)
    made = engine.candles(instrument_of(engine, pair), interval)
    complete = [candle for candle in made if candle.closes_us <= engine.now_us][-_CANDLES:]
    running = made[-1] if made and made[-1].closes_us > engine.now_us else _untraded(engine, pair, interval)
    shown = [candle for candle in complete if candle.opened_us // SECOND_US > since_s]
    last = complete[-1].opened_us // SECOND_US if complete else max(since_s, 0)
    return {_name(pair, fields): [candle_row(candle, pair) for candle in (*shown, running)], "last": last}


def _untraded(engine: Engine, pair: Pair, interval: Interval) -> TapeCandle:
    """The running candle before its first trade."""
    opened_us, closes_us = bounds(interval, engine.now_us)
    price = engine.ticker(instrument_of(engine, pair)).last
    return TapeCandle(opened_us=opened_us, closes_us=closes_us, open=price, high=price, low=price, close=price)


def _common(fields: Fields) -> bool:
    return fields.text("assetVersion") == "1"


def _name(pair: Pair, fields: Fields) -> str:
    """An answer bears the pair's id, by whichever name it was asked for."""
    return pair.common if _common(fields) else pair.id


def _rules(engine: Engine, pair: Pair, part: str, fields: Fields) -> dict[str, Any]:
    """One entry of AssetPairs, or the part of it that was asked for."""
    match part:
        case "leverage":
            return pair.leverage()
        case "fees":
            return pair.fees()
        case "margin":
            return pair.margin()
    return pair.row(engine.market(instrument_of(engine, pair)).mode, common=_common(fields))


def _chosen(fields: Fields) -> list[Pair]:
    return [pair_of(name) for name in fields.listed("pair")] or list(PAIRS)


def _cursor(fields: Fields) -> int | None:
    """Nanoseconds; a short number is seconds, as the first page is often asked for."""
    text = fields.text("since")
    if not text:
        return None
    value = fields.number("since")
    if value is None or value < 0:
        raise invalid("since")
    return int(value if value > 10**15 else value * 1_000_000_000)
