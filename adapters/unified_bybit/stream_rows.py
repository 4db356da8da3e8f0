"""Reading the rows of Bybit's streams, where they differ from those over REST. Sends nothing.

Source: Bybit V5 docs, websocket/public and websocket/private pages (2026-07-24).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from unified.account import Balance, Position
from unified.instrument import Instrument, Product
from unified.market_data import Candle, FundingRate, MarkPrice, Ticker, Trade
from unified.order import Order
from unified.watches import WatchCandles, WatchFundingRate, WatchMarkPrice, WatchTicker, WatchTrades
from unified.wire import (
    at_ms,
    at_ms_or_none,
    children,
    choice,
    decimal,
    decimal_or_none,
    flag,
    ms_as_us,
    obj,
    positive_or_none,
    text,
)
from unified_bybit.account import balance_of, position_of
from unified_bybit.market_data import SIDE
from unified_bybit.order_rows import order_of

Row = Mapping[str, Any]


def read_ticker(watch: WatchTicker, row: Row) -> Ticker:
    """All that has come of it so far; spot has its best prices from the book of one level."""
    return Ticker(
        instrument=watch.instrument,
        bid=positive_or_none(row, "bid1Price"),
        bid_quantity=decimal_or_none(row, "bid1Size"),
        ask=positive_or_none(row, "ask1Price"),
        ask_quantity=decimal_or_none(row, "ask1Size"),
        last=positive_or_none(row, "lastPrice"),
        open_24h=positive_or_none(row, "prevPrice24h"),
        high_24h=positive_or_none(row, "highPrice24h"),
        low_24h=positive_or_none(row, "lowPrice24h"),
        volume_24h=decimal_or_none(row, "volume24h"),
        quote_volume_24h=decimal_or_none(row, "turnover24h"),
        time=at_ms_or_none(row, "ts"),
    )


def best_of(row: Row) -> dict[str, Any]:
    """The best prices of a book of one level, under the names of a ticker."""
    bid, ask = (row[side][0] if row[side] else ("", "") for side in ("b", "a"))
    return {"bid1Price": bid[0], "bid1Size": bid[1], "ask1Price": ask[0], "ask1Size": ask[1]}


def read_trade(watch: WatchTrades, row: Row) -> Trade:
    return Trade(
        instrument=watch.instrument,
        trade_id=text(row, "i"),
        price=decimal(row, "p"),
        quantity=decimal(row, "v"),
        side=choice(SIDE, text(row, "S"), "S"),
        time_us=ms_as_us(row, "T"),
    )


def read_candle(watch: WatchCandles, row: Row) -> Candle:
    return Candle(
        instrument=watch.instrument,
        interval=watch.interval,
        opened_at=at_ms(row, "start"),
        open=decimal(row, "open"),
        high=decimal(row, "high"),
        low=decimal(row, "low"),
        close=decimal(row, "close"),
        volume=decimal(row, "volume"),
        quote_volume=decimal_or_none(row, "turnover"),
        closed=flag(row, "confirm"),
    )


def read_mark(watch: WatchMarkPrice, row: Row) -> MarkPrice:
    return MarkPrice(
        instrument=watch.instrument,
        mark_price=decimal(row, "markPrice"),
        index_price=positive_or_none(row, "indexPrice"),
        time=at_ms_or_none(row, "ts"),
    )


def read_funding(watch: WatchFundingRate, row: Row) -> FundingRate:
    """The interval is the fetch's to tell."""
    return FundingRate(
        instrument=watch.instrument,
        rate=decimal(row, "fundingRate"),
        next_time=at_ms_or_none(row, "nextFundingTime"),
        mark_price=positive_or_none(row, "markPrice"),
        index_price=positive_or_none(row, "indexPrice"),
        time=at_ms_or_none(row, "ts"),
    )


def told_order(instrument: Instrument, row: Row) -> Order:
    """Fields may be missing: a market order of spot that does not say what its quantity counts tells none."""
    unclear = instrument.product is Product.SPOT and row.get("orderType") == "Market" and not row.get("marketUnit")
    return order_of(instrument, {**row, "qty": None} if unclear else row)


def told_balances(row: Row) -> Iterable[Balance]:
    return [balance_of(obj(coin, "coin[]")) for coin in children(row, "coin")]


def told_position(instrument: Instrument, row: Row) -> Position:
    """The entry price goes by another name here."""
    return position_of(instrument, {**row, "avgPrice": row.get("entryPrice")})
