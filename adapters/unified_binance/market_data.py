"""Market data as Binance alone tells it: depths and their weights, tickers and funding of USD-M. Signs nothing.

Source: Binance spot rest-api.md (2026-07-21), USD-M market data pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import evolve

from unified.adapter import Steps
from unified.instrument import Product
from unified.market_data import FundingRate, Ticker
from unified.operations import (
    FetchFundingRate,
    FetchInstruments,
    FetchTicker,
    FetchTickers,
    Operation,
    Priority,
)
from unified.wire import Json, at_ms_or_none, decimal, integer, malformed, obj, positive_or_none, rows, text
from unified_binance_dialect.auth import Parameters
from unified_binance_dialect.market_data import NOTHING, Depths


def instruments_parameters(operation: FetchInstruments) -> Parameters:
    """Permission sets are most of spot's answer and are not read."""
    return {"showPermissionSets": "false"} if operation.product is Product.SPOT else NOTHING


# --- books

SPOT_DEPTHS = Depths(((100, 5), (500, 25), (1000, 50), (5000, 250)))
LINEAR_DEPTHS = Depths(((5, 2), (10, 2), (20, 2), (50, 2), (100, 5), (500, 10), (1000, 20)), only_these=True)


# --- tickers of USD-M


class FetchDay(FetchTicker):
    """The 24 hours of one USD-M instrument, which carry no best bid and ask."""

    __slots__ = ()
    name = "ticker_24h"


class FetchBest(FetchTicker):
    """Best bid and ask of one USD-M instrument."""

    __slots__ = ()
    name = "ticker_best"


class FetchDays(FetchTickers):
    """The 24 hours of all USD-M instruments."""

    __slots__ = ()
    name = "tickers_24h"


class FetchBests(FetchTickers):
    """Best bids and asks of all USD-M instruments."""

    __slots__ = ()
    name = "tickers_best"


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


# --- funding


class FetchPremium(FetchFundingRate):
    """The coming rate of one perpetual, without its interval."""

    __slots__ = ()
    name = "funding_premium"


class FetchFundingIntervals(Operation[Mapping[str, timedelta]]):
    """Symbols whose interval was changed, and what it is now."""

    __slots__ = ()
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
