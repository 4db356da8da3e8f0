"""Reading the rows of market streams: best prices, days, trades, candles, marks, funding. Sends nothing.

Source: Binance web-socket-streams.md (2026-07-21), USD-M "Websocket Market Streams" (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.market_data import Candle, FundingRate, MarkPrice, Ticker, Trade
from unified.order import Side
from unified.watches import WatchCandles, WatchFundingRate, WatchMarkPrice, WatchTicker, WatchTrades
from unified.wire import at_ms, at_ms_or_none, child, decimal, decimal_or_none, flag, ms_as_us, positive_or_none, text

Row = Mapping[str, Any]
NOTHING: Row = {}


def read_ticker(watch: WatchTicker, parts: tuple[Row, Row]) -> Ticker:
    """Best prices, newer than the day beside them; either may not have come yet."""
    best, day = parts
    prices = best or day
    bid, ask = positive_or_none(prices, "b"), positive_or_none(prices, "a")
    return Ticker(
        instrument=watch.instrument,
        bid=bid,
        bid_quantity=None if bid is None else decimal_or_none(prices, "B"),
        ask=ask,
        ask_quantity=None if ask is None else decimal_or_none(prices, "A"),
        last=positive_or_none(day, "c"),
        open_24h=positive_or_none(day, "o"),
        high_24h=positive_or_none(day, "h"),
        low_24h=positive_or_none(day, "l"),
        volume_24h=decimal_or_none(day, "v"),
        quote_volume_24h=decimal_or_none(day, "q"),
        time=at_ms_or_none(best, "E") or at_ms_or_none(day, "E"),
    )


def read_trade(watch: WatchTrades, row: Row) -> Trade:
    """A trade, or on USD-M an aggregate of those that one order made, with a number of its own."""
    return Trade(
        instrument=watch.instrument,
        trade_id=trade_id(row),
        price=decimal(row, "p"),
        quantity=decimal(row, "q"),
        side=Side.SELL if flag(row, "m") else Side.BUY,
        time_us=ms_as_us(row, "T"),
    )


def trade_id(row: Row) -> str:
    """What counts once."""
    return text(row, "a" if row.get("e") == "aggTrade" else "t")


def read_candle(watch: WatchCandles, row: Row) -> Candle:
    candle = child(row, "k")
    return Candle(
        instrument=watch.instrument,
        interval=watch.interval,
        opened_at=at_ms(candle, "t"),
        open=decimal(candle, "o"),
        high=decimal(candle, "h"),
        low=decimal(candle, "l"),
        close=decimal(candle, "c"),
        volume=decimal(candle, "v"),
        quote_volume=decimal(candle, "q"),
        closed=flag(candle, "x"),
    )


def read_mark(watch: WatchMarkPrice, row: Row) -> MarkPrice:
    return MarkPrice(
        instrument=watch.instrument,
        mark_price=decimal(row, "p"),
        index_price=positive_or_none(row, "i"),
        time=at_ms(row, "E"),
    )


def read_funding(watch: WatchFundingRate, row: Row) -> FundingRate:
    """The stream does not tell the interval; the fetch does."""
    return FundingRate(
        instrument=watch.instrument,
        rate=decimal(row, "r"),
        next_time=at_ms_or_none(row, "T"),
        mark_price=positive_or_none(row, "p"),
        index_price=positive_or_none(row, "i"),
        time=at_ms(row, "E"),
    )
