"""Public market data: parameters out, values in, one pair per endpoint. Signs nothing.

No page shows the shape of these answers. Read are the names of the documents this venue's guides were written after,
and whatever does not fit is `malformed_response`.

Source: bitzoom-futures/futures.doc, examples/bitzoom.gateway.json at 42521de (2026-02-13) for paths and parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.account import VenueState, VenueStatus, VenueTime
from unified.adapter import unsupported
from unified.instrument import Instrument, InstrumentStatus, Product
from unified.market_data import Book, Candle, FundingRate, Interval, RawLevel, Ticker, Trade
from unified.operations import (
    FetchBook,
    FetchCandles,
    FetchFundingRate,
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
from unified.watches import WatchCandles, WatchFundingRate, WatchTicker
from unified.wire import (
    Json,
    at_ms_or_none,
    children,
    decimal,
    decimal_or_none,
    flag,
    integer,
    malformed,
    microseconds,
    moment,
    ms_as_us,
    obj,
    positive_or_none,
    rows,
    text,
    text_or_none,
    to_decimal,
    to_integer,
)
from unified_bitzoom.rows import Row, list_of, named

VENUE = "bitzoom"
_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)
_MOST_TRADES, _MOST_CANDLES = 50, 500
_INTERVALS = frozenset(Interval) - {Interval.S1}


def nothing(_operation: Operation[Any]) -> Mapping[str, str]:
    """No parameters."""
    return {}


def symbol_only(operation: InstrumentOperation[Any]) -> Mapping[str, str]:
    return {"symbol": operation.instrument.symbol}


# --- time, state, listing


def parse_server_time(_operation: FetchServerTime, answer: Json) -> VenueTime:
    return time_of(answer)


def time_of(answer: Json) -> VenueTime:
    """A bare number, or one inside an object: which is not documented."""
    if type(answer) is dict:
        answer = answer.get(named(answer, ("serverTime", "time")))
    return VenueTime(time_us=to_integer(answer, "server time") * 1000, unit_us=1000)


def parse_venue_status(_operation: FetchVenueStatus, _answer: Json) -> VenueStatus:
    """The gateway answers at all; what it says is not documented."""
    return VenueStatus(state=VenueState.ONLINE)


def parse_instruments(_operation: FetchInstruments, answer: Json) -> tuple[Instrument, ...]:
    return tuple(_instrument(row) for row in list_of(answer))


def _instrument(row: Row) -> Instrument:
    """Only precisions are documented: that they are the steps is a guess, so the venue may refuse finer ones."""
    word = text_or_none(row, "status") or "TRADING"
    lot = _step(row, "quantityPrecision")
    return Instrument(
        symbol=text(row, "symbol"),
        product=Product.LINEAR,
        base=text(row, "baseAsset"),
        quote=text(row, "quoteAsset"),
        settle=text(row, "quoteAsset"),
        tick_size=_step(row, "pricePrecision"),
        lot_size=lot,
        min_quantity=lot,
        status=InstrumentStatus.TRADING if word.upper() == "TRADING" else InstrumentStatus.CLOSED,
    )


def _step(row: Row, key: str) -> Decimal:
    places = integer(row, key)
    if not 0 <= places <= 18:
        raise malformed(f"{key}: {places} is no precision")
    return Decimal(1).scaleb(-places)


# --- tickers and book


def parse_ticker(operation: FetchTicker | WatchTicker, answer: Json) -> Ticker:
    found = list_of(answer) if type(answer) is list else [obj(answer, "data")]
    symbol = operation.instrument.symbol
    row = next((row for row in found if row.get("symbol", symbol) == symbol), None)
    if row is None:
        raise malformed(f"data: no row of {symbol}")
    return ticker_of(operation.instrument, row)


def parse_tickers(operation: FetchTickers, answer: Json) -> tuple[Ticker, ...]:
    listed = ((operation.listing.listed(text(row, "symbol"), operation.product), row) for row in list_of(answer))
    return tuple(ticker_of(instrument, row) for instrument, row in listed if instrument is not None)


def ticker_of(instrument: Instrument, row: Row) -> Ticker:
    return Ticker(
        instrument=instrument,
        bid=positive_or_none(row, "bidPrice"),
        bid_quantity=decimal_or_none(row, "bidQty"),
        ask=positive_or_none(row, "askPrice"),
        ask_quantity=decimal_or_none(row, "askQty"),
        last=positive_or_none(row, named(row, ("lastPrice", "price"))),
        open_24h=positive_or_none(row, "openPrice"),
        high_24h=positive_or_none(row, "highPrice"),
        low_24h=positive_or_none(row, "lowPrice"),
        volume_24h=decimal_or_none(row, "volume"),
        quote_volume_24h=decimal_or_none(row, "quoteVolume"),
        time=at_ms_or_none(row, "closeTime"),
    )


def book_parameters(operation: FetchBook) -> Mapping[str, str]:
    depth = next((step for step in _DEPTHS if operation.depth <= step), _DEPTHS[-1])
    return {"symbol": operation.instrument.symbol, "limit": str(depth)}


def parse_book(operation: FetchBook, answer: Json) -> Book:
    body = obj(answer, "data")
    return Book(
        instrument=operation.instrument,
        raw_bids=[level_of(row) for row in children(body, "bids")],
        raw_asks=[level_of(row) for row in children(body, "asks")],
        time=at_ms_or_none(body, "time"),
    )


def level_of(row: Json) -> RawLevel:
    """A pair, or an object with a price and an amount."""
    if type(row) is dict:
        return text_of(row, "price"), text_of(row, named(row, ("amount", "quantity", "qty")))
    return rows(row, "level")


def text_of(row: Row, key: str) -> str:
    """A number as text."""
    return str(decimal(row, key))


# --- trades and candles


def trades_parameters(operation: FetchTrades) -> Mapping[str, str]:
    if operation.cursor is not None:
        raise unsupported(VENUE, operation, "the newest trades are all that can be asked for")
    return {"symbol": operation.instrument.symbol, "limit": str(min(operation.limit or _MOST_TRADES, _MOST_TRADES))}


def parse_trades(operation: FetchTrades, answer: Json) -> Page[Trade]:
    trades = sorted((trade_of(operation.instrument, row) for row in list_of(answer)), key=lambda trade: trade.time_us)
    return Page(items=tuple(trades))


def trade_of(instrument: Instrument, row: Row) -> Trade:
    return Trade(
        instrument=instrument,
        trade_id=text(row, named(row, ("id", "tradeId"))),
        price=decimal(row, "price"),
        quantity=decimal(row, named(row, ("qty", "quantity", "amount"))),
        side=Side.SELL if flag(row, "isBuyerMaker") else Side.BUY,
        time_us=ms_as_us(row, "time"),
    )


def candles_parameters(operation: FetchCandles) -> Mapping[str, str]:
    if operation.interval not in _INTERVALS:
        raise unsupported(VENUE, operation, "there are no candles of one second here; the shortest is 1m")
    asked = {
        "symbol": operation.instrument.symbol,
        "interval": operation.interval.value,
        "limit": str(_candle_limit(operation)),
    }
    start = operation.cursor or (None if operation.start is None else str(-(-microseconds(operation.start) // 1000)))
    if start is not None:
        asked["startTime"] = start
    if operation.end is not None:
        asked["endTime"] = str(-(-microseconds(operation.end) // 1000) - 1)
    return asked


def _candle_limit(operation: FetchCandles) -> int:
    return min(operation.limit or _MOST_CANDLES, _MOST_CANDLES)


def parse_candles(operation: FetchCandles, answer: Json) -> Page[Candle]:
    """Sorted here: the order of the rows is not documented."""
    found = (candle_of(operation, rows(row, "klines[]")) for row in rows(answer, "data"))
    candles = tuple(sorted(found, key=lambda candle: candle.opened_at))
    is_last = operation.start is None or len(candles) < _candle_limit(operation)
    following = None if is_last else str(microseconds(candles[-1].opened_at) // 1000 + 1)
    return Page(items=candles, cursor=following)


def candle_of(operation: FetchCandles | WatchCandles, row: list[Any]) -> Candle:
    if len(row) < 6:
        raise malformed(f"klines[]: {len(row)} columns, expected 6 or more")
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
        quote_volume=to_decimal(row[7], "klines[]") if len(row) > 7 else None,
    )


# --- funding


def parse_funding(operation: FetchFundingRate | WatchFundingRate, answer: Json) -> FundingRate:
    """The interval is documented nowhere."""
    row = obj(answer[0] if type(answer) is list and answer else answer, "data")
    return FundingRate(
        instrument=operation.instrument,
        rate=decimal(row, named(row, ("lastFundingRate", "fundingRate"))),
        next_time=at_ms_or_none(row, "nextFundingTime"),
        mark_price=positive_or_none(row, "markPrice"),
        index_price=positive_or_none(row, "indexPrice"),
        time=at_ms_or_none(row, "time"),
    )
