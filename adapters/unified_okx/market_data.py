"""Public market data: parameters out, values in, one pair per endpoint. Signs nothing.

Source: OKX API v5 docs, #order-book-trading-market-data (2026-07-09), #public-data-rest-api (2026-06-29),
#status-get-status (2026-07-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.account import VenueState, VenueStatus, VenueTime
from unified.columns import Numbers
from unified.instrument import Instrument, Product
from unified.market_data import Book, FundingRate, Ticker, Trade
from unified.operations import (
    FetchBook,
    FetchFundingRate,
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
from unified.wire import (
    Json,
    at_ms_or_none,
    children,
    choice,
    decimal,
    integer,
    malformed,
    ms_as_us,
    obj,
    text,
    text_or_none,
)
from unified_okx.symbols import NATIVE_TYPE, to_base

Parameters = Mapping[str, str]

SIDE = {"buy": Side.BUY, "sell": Side.SELL}


def nothing(_operation: Operation[Any]) -> Parameters:
    """No parameters."""
    return {}


def instrument_only(operation: InstrumentOperation[Any]) -> Parameters:
    return {"instId": operation.instrument.symbol}


def type_only(operation: Operation[Any]) -> Parameters:
    return {"instType": NATIVE_TYPE[operation.product]}


def first(rows: list[Json]) -> dict[str, Any]:
    """The row of an answer about one thing."""
    if not rows:
        raise malformed("data: expected a row, found none")
    return obj(rows[0], "data[]")


# --- time and status


def parse_server_time(_operation: FetchServerTime, rows: list[Json]) -> VenueTime:
    return VenueTime(time_us=integer(first(rows), "ts") * 1000, unit_us=1000)


_TRADING = "5"
"""`serviceType` of the whole trading service; others are parts of it (8, 9), streams (0) or other services."""


def parse_status(environment: str, _operation: FetchVenueStatus, rows: list[Json]) -> VenueStatus:
    """`environment` is OKX's number: 1 production, 2 demo. An empty list means that nothing is planned."""
    plans = [row for row in (obj(row, "data[]") for row in rows) if row.get("env", environment) in (environment, "")]
    for state, venue_state in (("ongoing", None), ("pre_open", VenueState.DEGRADED), ("scheduled", VenueState.ONLINE)):
        for row in (row for row in plans if row.get("state") == state):
            whole = VenueState.MAINTENANCE if row.get("serviceType") == _TRADING else VenueState.DEGRADED
            return VenueStatus(
                state=venue_state or whole,
                message=text_or_none(row, "title") or "",
                starts_at=at_ms_or_none(row, "begin"),
                ends_at=at_ms_or_none(row, "end"),
            )
    return VenueStatus(state=VenueState.ONLINE)


# --- prices


def parse_ticker(operation: FetchTicker, rows: list[Json]) -> Ticker:
    return ticker_of(operation.instrument, first(rows))


def parse_tickers(operation: FetchTickers, rows: list[Json]) -> tuple[Ticker, ...]:
    wanted = None if operation.instrument is None else operation.instrument.symbol
    found = []
    for row in (obj(row, "data[]") for row in rows):
        instrument = operation.listing.listed(text(row, "instId"), operation.product)
        if instrument is not None and wanted in (None, instrument.symbol):
            found.append(ticker_of(instrument, row))
    return tuple(found)


_OF_TICKER = Numbers("bidPx", "bidSz", "askPx", "askSz", "last", "open24h", "high24h", "low24h", "vol24h", "volCcy24h")


def ticker_of(instrument: Instrument, row: Mapping[str, Any]) -> Ticker:
    """`vol24h` counts base units for spot and contracts for swaps; `volCcy24h` counts quote, and base for swaps."""
    bid, bid_size, ask, ask_size, last, opened, high, low, volume, currency_volume = _OF_TICKER.of(row)
    spot = instrument.product is Product.SPOT
    return Ticker(
        instrument=instrument,
        bid=bid,
        bid_quantity=None if bid_size is None else to_base(instrument, bid_size),
        ask=ask,
        ask_quantity=None if ask_size is None else to_base(instrument, ask_size),
        last=last,
        open_24h=opened,
        high_24h=high,
        low_24h=low,
        volume_24h=volume if spot else currency_volume,
        quote_volume_24h=currency_volume if spot else None,
        time=at_ms_or_none(row, "ts"),
    )


# --- book

_SHALLOW = 400
_DEEP = 5000


def book_path(operation: FetchBook, _time_ms: int) -> str:
    """/market/books, or /market/books-full above 400 levels"""
    return "/market/books" if operation.depth <= _SHALLOW else "/market/books-full"


def book_parameters(operation: FetchBook) -> Parameters:
    return {"instId": operation.instrument.symbol, "sz": str(min(operation.depth, _DEEP))}


def parse_book(operation: FetchBook, rows: list[Json]) -> Book:
    row = first(rows)
    return Book(
        instrument=operation.instrument,
        raw_bids=children(row, "bids"),
        raw_asks=children(row, "asks"),
        quantity_unit=operation.instrument.contract_size,
        sequence=integer(row, "seqId") if "seqId" in row else None,
        time=at_ms_or_none(row, "ts"),
    )


# --- trades

_NEWEST_TRADES = 500
_OLDER_TRADES = 100


def trades_path(operation: FetchTrades, _time_ms: int) -> str:
    """/market/trades, then /market/history-trades for older pages"""
    return "/market/trades" if operation.cursor is None else "/market/history-trades"


def trades_parameters(operation: FetchTrades) -> Parameters:
    """The cursor is the oldest trade id seen."""
    parameters = {"instId": operation.instrument.symbol, "limit": str(_trades_asked(operation))}
    return parameters if operation.cursor is None else {**parameters, "type": "1", "after": operation.cursor}


def parse_trades(operation: FetchTrades, rows: list[Json]) -> Page[Trade]:
    trades = tuple(trade_of(operation.instrument, obj(row, "data[]")) for row in reversed(rows))
    return Page(items=trades, cursor=trades[0].trade_id if len(trades) >= _trades_asked(operation) else None)


def _trades_asked(operation: FetchTrades) -> int:
    most = _NEWEST_TRADES if operation.cursor is None else _OLDER_TRADES
    return min(operation.limit or most, most)


def trade_of(instrument: Instrument, row: Mapping[str, Any]) -> Trade:
    return Trade(
        instrument=instrument,
        trade_id=text(row, "tradeId"),
        price=decimal(row, "px"),
        quantity=to_base(instrument, decimal(row, "sz")),
        side=choice(SIDE, text(row, "side"), "side"),
        time_us=ms_as_us(row, "ts"),
    )


# --- funding


def parse_funding_rate(operation: FetchFundingRate, rows: list[Json]) -> FundingRate:
    """`fundingTime` is the coming settlement; the contract's interval may be 8, 6, 4, 2 or 1 hours."""
    return funding_of(operation.instrument, first(rows))


def funding_of(instrument: Instrument, row: Mapping[str, Any]) -> FundingRate:
    """A row of an answer or of a stream."""
    coming, following = at_ms_or_none(row, "fundingTime"), at_ms_or_none(row, "nextFundingTime")
    return FundingRate(
        instrument=instrument,
        rate=decimal(row, "fundingRate"),
        next_time=coming,
        interval=following - coming if coming is not None and following is not None else None,
        time=at_ms_or_none(row, "ts"),
    )
