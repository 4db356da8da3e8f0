"""Public market data: parameters out, values in, one pair per endpoint. Signs nothing; weighs by the venue's table.

Source: Binance spot rest-api.md (2026-07-21), USD-M market data pages (2026-05-28).
"""

from __future__ import annotations

from typing import Any

from unified.account import VenueState, VenueStatus, VenueTime
from unified.instrument import Instrument
from unified.market_data import Book, Ticker
from unified.operations import (
    FetchBook,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchVenueStatus,
    InstrumentOperation,
    Operation,
)
from unified.values import frozen
from unified.wire import (
    Json,
    at_ms_or_none,
    children,
    decimal_or_none,
    integer,
    obj,
    positive_or_none,
    rows,
    text,
)
from unified_binance_dialect.auth import Parameters

NOTHING: Parameters = {}


def nothing(_operation: Operation[Any]) -> Parameters:
    """No parameters."""
    return NOTHING


def symbol_only(operation: InstrumentOperation[Any]) -> Parameters:
    return {"symbol": operation.instrument.symbol}


# --- time and state of the venue


def parse_server_time(_operation: FetchServerTime, answer: Json) -> VenueTime:
    return VenueTime(time_us=integer(obj(answer), "serverTime") * 1000, unit_us=1000)


def parse_venue_status(_operation: FetchVenueStatus, answer: Json) -> VenueStatus:
    state = VenueState.ONLINE if integer(obj(answer), "status") == 0 else VenueState.MAINTENANCE
    return VenueStatus(state=state, message=text(answer, "msg"))


# --- tickers


def parse_ticker(operation: FetchTicker, answer: Json) -> Ticker:
    return _ticker(operation.instrument, obj(answer))


def parse_tickers(operation: FetchTickers, answer: Json) -> tuple[Ticker, ...]:
    """Those that the listing holds: the merged USD-M and COIN-M system lists symbols of both."""
    found = (obj(row, "ticker[]") for row in rows(answer))
    listed = ((operation.listing.listed(text(row, "symbol"), operation.product), row) for row in found)
    return tuple(_ticker(instrument, row) for instrument, row in listed if instrument is not None)


def _ticker(instrument: Instrument, row: dict[str, Any]) -> Ticker:
    """A ticker of any of the addresses; an empty side of the book is written as zero."""
    bid, ask = positive_or_none(row, "bidPrice"), positive_or_none(row, "askPrice")
    return Ticker(
        instrument=instrument,
        bid=bid,
        bid_quantity=None if bid is None else decimal_or_none(row, "bidQty"),
        ask=ask,
        ask_quantity=None if ask is None else decimal_or_none(row, "askQty"),
        last=positive_or_none(row, "lastPrice"),
        open_24h=positive_or_none(row, "openPrice"),
        high_24h=positive_or_none(row, "highPrice"),
        low_24h=positive_or_none(row, "lowPrice"),
        volume_24h=decimal_or_none(row, "volume"),
        quote_volume_24h=decimal_or_none(row, "quoteVolume"),
        time=at_ms_or_none(row, "time") or at_ms_or_none(row, "closeTime"),
    )


# --- book


@frozen
class Depths:
    """The depths of a book that a door offers, each with its weight, the least first."""

    steps: tuple[tuple[int, int], ...]
    only_these: bool = False
    """Any other number is refused; else any up to the largest may be asked for."""

    def parameters(self, operation: FetchBook) -> Parameters:
        """The least that holds as many levels as are wanted."""
        depth = self._step(operation)[0] if self.only_these else min(operation.depth, self.steps[-1][0])
        return {"symbol": operation.instrument.symbol, "limit": str(depth)}

    def weight(self, operation: FetchBook) -> int:
        return self._step(operation)[1]

    def _step(self, operation: FetchBook) -> tuple[int, int]:
        return next((step for step in self.steps if operation.depth <= step[0]), self.steps[-1])


def parse_book(operation: FetchBook, answer: Json) -> Book:
    body = obj(answer)
    return Book(
        instrument=operation.instrument,
        raw_bids=children(body, "bids"),
        raw_asks=children(body, "asks"),
        sequence=integer(body, "lastUpdateId"),
        time=at_ms_or_none(body, "T"),
    )
