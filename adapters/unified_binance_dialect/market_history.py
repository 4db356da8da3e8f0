"""Public trades and candles, page by page: parameters out, values in. Signs nothing.

Source: Binance spot rest-api.md (2026-07-21), USD-M market data pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from unified.columns import decimals, flags, integers, moments_ms, together
from unified.instrument import Product
from unified.market_data import Candle, Interval, Trade
from unified.operations import FetchCandles, FetchTrades, Page
from unified.order import Side
from unified.wire import (
    Json,
    ceil_milliseconds,
    is_digits,
    malformed,
    moment,
    rows,
    to_decimal,
    to_integer,
)
from unified_binance_dialect.auth import Parameters, cannot

# --- trades

_MOST_TRADES = 1000
_MOST_OLDER_TRADES = 500
"""What both products give a page of `historicalTrades`."""


def trades_parameters(operation: FetchTrades) -> Parameters:
    return {"symbol": operation.instrument.symbol, "limit": str(min(operation.limit or _MOST_TRADES, _MOST_TRADES))}


def is_older(operation: FetchTrades) -> bool:
    """Whether the page asked for lies behind the newest."""
    return operation.cursor is not None


def older_trades_parameters(operation: FetchTrades) -> Parameters:
    """The ids just before the page that was seen last: the cursor is its first id."""
    limit = min(operation.limit or _MOST_OLDER_TRADES, _MOST_OLDER_TRADES)
    first = _older_than(operation)
    return {
        "symbol": operation.instrument.symbol,
        "limit": str(min(limit, first)),
        "fromId": str(max(first - limit, 0)),
    }


_TAKERS = (Side.BUY, Side.SELL)
"""By whether the buyer's order was in the book before: then a seller took it."""


def parse_trades(operation: FetchTrades, answer: Json) -> Page[Trade]:
    found = rows(answer)
    ids = integers(found, "id")
    trades = together(
        Trade,
        repeat(operation.instrument, len(found)),
        map(str, ids),
        decimals(found, "price"),
        decimals(found, "qty"),
        [_TAKERS[is_seller] for is_seller in flags(found, "isBuyerMaker")],
        moments_ms(found, "time"),
    )
    first = min(ids, default=0)
    return Page(items=trades, cursor=str(first) if first > 0 else None)


def parse_older_trades(operation: FetchTrades, answer: Json) -> Page[Trade]:
    """USD-M leaves ids out, so a page may reach into the one before; what was seen already is cut off."""
    seen_from = _older_than(operation)
    page = parse_trades(operation, answer)
    asked_from = int(older_trades_parameters(operation)["fromId"])
    items = tuple(trade for trade in page.items if int(trade.trade_id) < seen_from)
    return Page(items=items, cursor=str(asked_from) if asked_from > 0 and page.items else None)


def _older_than(operation: FetchTrades) -> int:
    if operation.cursor is None or not is_digits(operation.cursor, 19):
        raise cannot(operation, "this cursor is not from a page of trades")
    return int(operation.cursor)


# --- candles

_MOST_CANDLES = {Product.SPOT: 1000, Product.LINEAR: 1500}
_COLUMNS = 12


def candles_parameters(operation: FetchCandles) -> Parameters:
    """The venue selects by the time of opening, both ends included; ours excludes the end."""
    if operation.interval is Interval.S1 and operation.product is Product.LINEAR:
        raise cannot(operation, "USD-M has no candles of one second; the shortest is 1m")
    parameters = {
        "symbol": operation.instrument.symbol,
        "interval": operation.interval.value,
        "limit": str(candle_limit(operation)),
    }
    start = operation.cursor or (None if operation.start is None else str(ceil_milliseconds(operation.start)))
    if start is not None:
        parameters["startTime"] = start
    if operation.end is not None:
        parameters["endTime"] = str(ceil_milliseconds(operation.end) - 1)
    return parameters


def candle_limit(operation: FetchCandles) -> int:
    """Rows of a page."""
    most = _MOST_CANDLES[operation.product]
    return min(operation.limit or most, most)


def parse_candles(operation: FetchCandles, answer: Json) -> Page[Candle]:
    """Oldest first. Without a start these are the newest, and no page follows."""
    candles = tuple(_candle(operation, rows(row, "klines[]")) for row in rows(answer))
    is_last = operation.start is None or len(candles) < candle_limit(operation)
    return Page(items=candles, cursor=None if is_last else str(ceil_milliseconds(candles[-1].opened_at) + 1))


def _candle(operation: FetchCandles, row: Sequence[Any]) -> Candle:
    if len(row) < _COLUMNS:
        raise malformed(f"klines[]: {len(row)} columns, expected {_COLUMNS}")
    opened, high, low, close, volume = (to_decimal(value, "klines[]") for value in row[1:6])
    return Candle(
        instrument=operation.instrument,
        interval=operation.interval,
        opened_at=moment(to_integer(row[0], "open time") * 1000, "open time"),
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume,
        quote_volume=to_decimal(row[7], "quote volume"),
    )
