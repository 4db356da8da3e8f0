"""Public market data: parameters out, values in, one pair per endpoint. Signs nothing.

Source: Binance spot rest-api.md (2026-07-21), USD-M market data pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from attrs import evolve, frozen

from unified.account import VenueState, VenueStatus, VenueTime
from unified.adapter import Steps
from unified.instrument import Instrument, Product
from unified.market_data import Book, FundingRate, Ticker
from unified.operations import (
    FetchBook,
    FetchFundingRate,
    FetchInstruments,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchVenueStatus,
    InstrumentOperation,
    Operation,
    Priority,
)
from unified.wire import (
    Json,
    at_ms_or_none,
    children,
    decimal,
    decimal_or_none,
    integer,
    malformed,
    obj,
    positive_or_none,
    rows,
    text,
)
from unified_binance.auth import Parameters

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


def instruments_parameters(operation: FetchInstruments) -> Parameters:
    """Permission sets are most of spot's answer and are not read."""
    return {"showPermissionSets": "false"} if operation.product is Product.SPOT else NOTHING


# --- tickers


@frozen(kw_only=True)
class FetchDay(FetchTicker):
    """The 24 hours of one USD-M instrument, which carry no best bid and ask."""

    name = "ticker_24h"


@frozen(kw_only=True)
class FetchBest(FetchTicker):
    """Best bid and ask of one USD-M instrument."""

    name = "ticker_best"


@frozen(kw_only=True)
class FetchDays(FetchTickers):
    """The 24 hours of all USD-M instruments."""

    name = "tickers_24h"


@frozen(kw_only=True)
class FetchBests(FetchTickers):
    """Best bids and asks of all USD-M instruments."""

    name = "tickers_best"


def parse_ticker(operation: FetchTicker, answer: Json) -> Ticker:
    return _ticker(operation.instrument, obj(answer))


def parse_tickers(operation: FetchTickers, answer: Json) -> tuple[Ticker, ...]:
    """Those that the listing holds: the merged USD-M and COIN-M system lists symbols of both."""
    found = (obj(row, "ticker[]") for row in rows(answer))
    listed = ((operation.listing.listed(text(row, "symbol"), operation.product), row) for row in found)
    return tuple(_ticker(instrument, row) for instrument, row in listed if instrument is not None)


def ticker_steps(operation: FetchTicker) -> Steps[Ticker]:
    """USD-M tells the day and the best prices at two addresses."""
    day: Ticker = yield FetchDay(instrument=operation.instrument)
    best: Ticker = yield FetchBest(instrument=operation.instrument)
    return _joined(day, best)


def tickers_steps(operation: FetchTickers) -> Steps[tuple[Ticker, ...]]:
    days: tuple[Ticker, ...] = yield FetchDays(product=operation.product, listing=operation.listing)
    bests: tuple[Ticker, ...] = yield FetchBests(product=operation.product, listing=operation.listing)
    best_of = {best.instrument.symbol: best for best in bests}
    return tuple(_joined(day, best_of.get(day.instrument.symbol, day)) for day in days)


def _joined(day: Ticker, best: Ticker) -> Ticker:
    return evolve(
        day, bid=best.bid, bid_quantity=best.bid_quantity, ask=best.ask, ask_quantity=best.ask_quantity, time=best.time
    )


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

_SPOT_BOOK_WEIGHTS = ((100, 5), (500, 25), (1000, 50), (5000, 250))
_LINEAR_BOOK_WEIGHTS = ((5, 2), (10, 2), (20, 2), (50, 2), (100, 5), (500, 10), (1000, 20))


def _book_depth(operation: FetchBook) -> tuple[int, int]:
    """The depth to ask for and its weight: spot takes any number, linear a step."""
    if operation.product is Product.SPOT:
        asked = min(operation.depth, 5000)
        return asked, next(weight for most, weight in _SPOT_BOOK_WEIGHTS if asked <= most)
    return next((step for step in _LINEAR_BOOK_WEIGHTS if operation.depth <= step[0]), _LINEAR_BOOK_WEIGHTS[-1])


def book_parameters(operation: FetchBook) -> Parameters:
    return {"symbol": operation.instrument.symbol, "limit": str(_book_depth(operation)[0])}


def book_weight(operation: FetchBook) -> int:
    return _book_depth(operation)[1]


def parse_book(operation: FetchBook, answer: Json) -> Book:
    body = obj(answer)
    return Book(
        instrument=operation.instrument,
        raw_bids=children(body, "bids"),
        raw_asks=children(body, "asks"),
        sequence=integer(body, "lastUpdateId"),
        time=at_ms_or_none(body, "T"),
    )


# --- funding


@frozen(kw_only=True)
class FetchPremium(FetchFundingRate):
    """The coming rate of one perpetual, without its interval."""

    name = "funding_premium"


@frozen(kw_only=True)
class FetchFundingIntervals(Operation[Mapping[str, timedelta]]):
    """Symbols whose interval was changed, and what it is now."""

    name = "funding_intervals"
    priority = Priority.PUBLIC_READ


_USUAL_INTERVAL = timedelta(hours=8)
"""Of every symbol that the list of changed ones does not hold."""


def funding_steps(operation: FetchFundingRate) -> Steps[FundingRate]:
    """A rate means nothing without its interval, and that stands at another address."""
    premium: FundingRate = yield FetchPremium(instrument=operation.instrument)
    intervals: Mapping[str, timedelta] = yield FetchFundingIntervals(product=operation.product)
    return evolve(premium, interval=intervals.get(operation.instrument.symbol, _USUAL_INTERVAL))


def parse_premium(operation: FetchFundingRate, answer: Json) -> FundingRate:
    row = obj(answer)
    return FundingRate(
        instrument=operation.instrument,
        rate=decimal(row, "lastFundingRate"),
        next_time=at_ms_or_none(row, "nextFundingTime"),
        mark_price=positive_or_none(row, "markPrice"),
        index_price=positive_or_none(row, "indexPrice"),
        time=at_ms_or_none(row, "time"),
    )


def parse_funding_intervals(_operation: FetchFundingIntervals, answer: Json) -> Mapping[str, timedelta]:
    found = (obj(row, "fundingInfo[]") for row in rows(answer))
    return {text(row, "symbol"): _hours(integer(row, "fundingIntervalHours")) for row in found}


def _hours(count: int) -> timedelta:
    if not 0 < count <= 24:
        raise malformed(f"fundingIntervalHours: {count} is no interval")
    return timedelta(hours=count)
