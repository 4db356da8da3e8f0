"""Public market data: what to ask out, values in, one pair per endpoint. Signs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.account import VenueState, VenueStatus, VenueTime
from unified.instrument import Instrument, InstrumentStatus, Product
from unified.market_data import Book, Candle, Ticker, Trade
from unified.operations import (
    FetchBook,
    FetchCandles,
    FetchInstruments,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchVenueStatus,
    InstrumentOperation,
    Operation,
    Page,
)
from unified.order import Side
from unified.watches import WatchCandles
from unified.wire import (
    Json,
    at_ms,
    children,
    decimal,
    decimal_or_none,
    flag,
    integer,
    member,
    milliseconds,
    ms_as_us,
    obj,
    text,
)

Said = Mapping[str, str]
MOST_ROWS = 500


def nothing(_operation: Operation[Any]) -> Said:
    """Nothing to say."""
    return {}


def symbol_only(operation: InstrumentOperation[Any]) -> Said:
    return {"symbol": operation.instrument.symbol}


def parse_server_time(_operation: FetchServerTime, answer: Json) -> VenueTime:
    return VenueTime(time_us=integer(obj(answer), "time_us"), unit_us=1)


def parse_status(_operation: FetchVenueStatus, answer: Json) -> VenueStatus:
    return VenueStatus(state=member(VenueState, text(obj(answer), "status"), "status"))


def parse_instruments(_operation: FetchInstruments, answer: Json) -> tuple[Instrument, ...]:
    return tuple(_instrument(obj(row, "instruments[]")) for row in children(obj(answer), "instruments"))


def _instrument(row: dict[str, Any]) -> Instrument:
    return Instrument(
        symbol=text(row, "symbol"),
        product=Product.SPOT,
        base=text(row, "base"),
        quote=text(row, "quote"),
        tick_size=decimal(row, "tick_size"),
        lot_size=decimal(row, "lot_size"),
        min_quantity=decimal(row, "min_quantity"),
        min_notional=decimal(row, "min_notional"),
        status=InstrumentStatus.TRADING if flag(row, "trading") else InstrumentStatus.CLOSED,
    )


def parse_ticker(operation: FetchTicker, answer: Json) -> Ticker:
    return ticker_of(operation.instrument, obj(answer))


def parse_tickers(operation: FetchTickers, answer: Json) -> tuple[Ticker, ...]:
    """Of the instruments that the listing holds; a market opened since is left out until it is refreshed."""
    found = (obj(row, "tickers[]") for row in children(obj(answer), "tickers"))
    listed = ((operation.listing.listed(text(row, "symbol"), operation.product), row) for row in found)
    return tuple(ticker_of(instrument, row) for instrument, row in listed if instrument is not None)


def ticker_of(instrument: Instrument, row: dict[str, Any]) -> Ticker:
    return Ticker(
        instrument=instrument,
        bid=decimal_or_none(row, "bid"),
        bid_quantity=decimal_or_none(row, "bid_quantity"),
        ask=decimal_or_none(row, "ask"),
        ask_quantity=decimal_or_none(row, "ask_quantity"),
        last=decimal_or_none(row, "last"),
        open_24h=decimal(row, "open"),
        high_24h=decimal(row, "high"),
        low_24h=decimal(row, "low"),
        volume_24h=decimal(row, "volume"),
        time=at_ms(row, "time_ms"),
    )


def book_query(operation: FetchBook) -> Said:
    return {"symbol": operation.instrument.symbol, "depth": str(operation.depth)}


def parse_book(operation: FetchBook, answer: Json) -> Book:
    body = obj(answer)
    return Book(
        instrument=operation.instrument,
        raw_bids=children(body, "bids"),
        raw_asks=children(body, "asks"),
        sequence=integer(body, "sequence"),
        time=at_ms(body, "time_ms"),
    )


def trades_query(operation: FetchTrades) -> Said:
    limit = min(operation.limit or MOST_ROWS, MOST_ROWS)
    said = {"symbol": operation.instrument.symbol, "limit": str(limit)}
    return said if operation.cursor is None else {**said, "before": operation.cursor}


def parse_trades(operation: FetchTrades, answer: Json) -> Page[Trade]:
    """Oldest first; an earlier page ends before the oldest trade of this one."""
    rows = [obj(row, "trades[]") for row in children(obj(answer), "trades")]
    trades = tuple(trade_of(operation.instrument, row) for row in rows)
    return Page(items=trades, cursor=trades[0].trade_id if trades else None)


def trade_of(instrument: Instrument, row: dict[str, Any]) -> Trade:
    return Trade(
        instrument=instrument,
        trade_id=text(row, "id"),
        price=decimal(row, "price"),
        quantity=decimal(row, "quantity"),
        side=member(Side, text(row, "side"), "side"),
        time_us=ms_as_us(row, "time_ms"),
    )


def candles_query(operation: FetchCandles) -> Said:
    said = {
        "symbol": operation.instrument.symbol,
        "interval": operation.interval.value,
        "limit": str(min(operation.limit or MOST_ROWS, MOST_ROWS)),
    }
    if operation.cursor is not None:
        said["start_ms"] = operation.cursor
    elif operation.start is not None:
        said["start_ms"] = str(milliseconds(operation.start))
    if operation.end is not None:
        said["end_ms"] = str(milliseconds(operation.end))
    return said


def parse_candles(operation: FetchCandles, answer: Json) -> Page[Candle]:
    """Oldest first. With a start the next page begins after the last candle; without one there is no next."""
    rows = [obj(row, "candles[]") for row in children(obj(answer), "candles")]
    candles = tuple(candle_of(operation, row) for row in rows)
    more = candles and (operation.start is not None or operation.cursor is not None)
    return Page(items=candles, cursor=str(milliseconds(candles[-1].opened_at) + 1) if more else None)


def candle_of(asked: FetchCandles | WatchCandles, row: dict[str, Any]) -> Candle:
    return Candle(
        instrument=asked.instrument,
        interval=asked.interval,
        opened_at=at_ms(row, "opened_ms"),
        open=decimal(row, "open"),
        high=decimal(row, "high"),
        low=decimal(row, "low"),
        close=decimal(row, "close"),
        volume=decimal(row, "volume"),
        closed=flag(row, "closed"),
    )
