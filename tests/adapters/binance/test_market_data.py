from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binance.venue import LINEAR, LISTING, SPOT, charged, instrument, parse, sent, walk
from unified.errors import Kind, VenueError
from unified.instrument import Product
from unified.market_data import FundingRate, Ticker
from unified.operations import (
    FetchBook,
    FetchFundingRate,
    FetchInstruments,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchVenueStatus,
)
from unified_binance.market_data import FetchBest, FetchBests, FetchDay, FetchDays, FetchFundingIntervals, FetchPremium

BTC = {"symbol": "BTCUSDT"}


@pytest.mark.parametrize(
    ("operation", "path", "parameters", "weight"),
    [
        pytest.param(FetchServerTime(), "GET /api/v3/time", {}, 1, id="spot time"),
        pytest.param(FetchServerTime(product=Product.LINEAR), "GET /fapi/v1/time", {}, 1, id="USD-M time"),
        pytest.param(FetchVenueStatus(), "GET /sapi/v1/system/status", {}, 1, id="status"),
        pytest.param(
            FetchInstruments(), "GET /api/v3/exchangeInfo", {"showPermissionSets": "false"}, 20, id="spot listing"
        ),
        pytest.param(FetchInstruments(product=Product.LINEAR), "GET /fapi/v1/exchangeInfo", {}, 1, id="USD-M listing"),
        pytest.param(FetchTicker(instrument=SPOT), "GET /api/v3/ticker/24hr", BTC, 2, id="spot ticker"),
        pytest.param(FetchTickers(listing=LISTING), "GET /api/v3/ticker/24hr", {}, 80, id="spot tickers"),
        pytest.param(FetchDay(instrument=LINEAR), "GET /fapi/v1/ticker/24hr", BTC, 1, id="USD-M day"),
        pytest.param(FetchBest(instrument=LINEAR), "GET /fapi/v1/ticker/bookTicker", BTC, 2, id="USD-M best prices"),
        pytest.param(
            FetchDays(product=Product.LINEAR, listing=LISTING), "GET /fapi/v1/ticker/24hr", {}, 40, id="USD-M days"
        ),
        pytest.param(
            FetchBests(product=Product.LINEAR, listing=LISTING),
            "GET /fapi/v1/ticker/bookTicker",
            {},
            5,
            id="USD-M bests",
        ),
        pytest.param(FetchPremium(instrument=LINEAR), "GET /fapi/v1/premiumIndex", BTC, 1, id="funding"),
    ],
)
def test_each_call_is_said_and_weighed_as_documented(
    operation: Any, path: str, parameters: dict[str, str], weight: int
) -> None:
    assert sent(operation) == (path, parameters)
    charges = charged(operation)
    assert [cost for bucket, cost in charges.items() if bucket.startswith("weight")] == [weight]
    assert ("raw_spot" in charges) == path.startswith("GET /api")


# --- tickers

DAY = {
    "symbol": "BTCUSDT",
    "lastPrice": "61120.1",
    "openPrice": "60000",
    "highPrice": "62000",
    "lowPrice": "59000",
    "volume": "1000.5",
    "quoteVolume": "61000000",
    "closeTime": 1763680000000,
}
BEST = {"symbol": "BTCUSDT", "bidPrice": "61120.0", "bidQty": "3.1", "askPrice": "61120.1", "askQty": "4.0"}


def test_a_linear_ticker_is_joined_from_two_answers() -> None:
    day = parse(FetchDay(instrument=LINEAR), DAY)
    best = parse(FetchBest(instrument=LINEAR), {**BEST, "time": 1763680000500})
    asked, ticker = walk(FetchTicker(instrument=LINEAR), [day, best])
    assert asked == [FetchDay(instrument=LINEAR), FetchBest(instrument=LINEAR)]
    assert (ticker.last, ticker.bid, ticker.ask) == (Decimal("61120.1"), Decimal("61120.0"), Decimal("61120.1"))
    assert ticker.time == best.time


def test_linear_tickers_are_joined_by_symbol() -> None:
    eth = instrument(Product.LINEAR, "ETH")
    days = (Ticker(instrument=LINEAR, last=Decimal(1)), Ticker(instrument=eth, last=Decimal(2)))
    bests = (Ticker(instrument=LINEAR, bid=Decimal(3)),)
    asked, tickers = walk(FetchTickers(product=Product.LINEAR, listing=LISTING), [days, bests])
    assert [type(step) for step in asked] == [FetchDays, FetchBests]
    assert [(ticker.last, ticker.bid) for ticker in tickers] == [(Decimal(1), Decimal(3)), (Decimal(2), None)]


# --- book


@pytest.mark.parametrize(
    ("asked", "depth", "limit", "weight"),
    [
        pytest.param(SPOT, 7, "7", 5, id="spot gives any depth"),
        pytest.param(SPOT, 100, "100", 5, id="spot up to 100"),
        pytest.param(SPOT, 101, "101", 25, id="spot up to 500"),
        pytest.param(SPOT, 1000, "1000", 50, id="spot up to 1000"),
        pytest.param(SPOT, 9999, "5000", 250, id="spot's deepest"),
        pytest.param(LINEAR, 7, "10", 2, id="USD-M gives the next step"),
        pytest.param(LINEAR, 51, "100", 5, id="USD-M up to 100"),
        pytest.param(LINEAR, 500, "500", 10, id="USD-M up to 500"),
        pytest.param(LINEAR, 9999, "1000", 20, id="USD-M's deepest"),
    ],
)
def test_the_least_depth_that_is_enough_is_asked_for(asked: Any, depth: int, limit: str, weight: int) -> None:
    operation = FetchBook(instrument=asked, depth=depth)
    assert sent(operation)[1] == {"symbol": "BTCUSDT", "limit": limit}
    assert charged(operation)[f"weight_{asked.product}"] == weight


# --- funding

PREMIUM = {
    "symbol": "BTCUSDT",
    "markPrice": "61120.10",
    "indexPrice": "61118.40",
    "lastFundingRate": "-0.00010000",
    "nextFundingTime": 1763683200000,
    "time": 1763680000000,
}


def test_a_funding_rate_is_told_with_its_interval() -> None:
    premium = parse(FetchPremium(instrument=LINEAR), PREMIUM)
    intervals = parse(FetchFundingIntervals(product=Product.LINEAR), [{"symbol": "BTCUSDT", "fundingIntervalHours": 4}])
    asked, rate = walk(FetchFundingRate(instrument=LINEAR), [premium, intervals])
    assert sent(asked[1]) == ("GET /fapi/v1/fundingInfo", {})
    assert charged(asked[1]) == {"funding_linear": 1}
    assert rate == FundingRate(
        instrument=LINEAR,
        rate=Decimal("-0.0001"),
        next_time=datetime(2025, 11, 21, tzinfo=UTC),
        interval=timedelta(hours=4),
        mark_price=Decimal("61120.10"),
        index_price=Decimal("61118.40"),
        time=datetime(2025, 11, 20, 23, 6, 40, tzinfo=UTC),
    )


def test_a_symbol_whose_interval_was_never_changed_settles_every_eight_hours() -> None:
    _, rate = walk(FetchFundingRate(instrument=LINEAR), [parse(FetchPremium(instrument=LINEAR), PREMIUM), {}])
    assert rate.interval == timedelta(hours=8)


@pytest.mark.parametrize("hours", [0, -8, 25, 10**12], ids=["none", "negative", "more than a day", "absurd"])
def test_an_interval_that_cannot_be_is_malformed(hours: int) -> None:
    with pytest.raises(VenueError) as raised:
        parse(FetchFundingIntervals(product=Product.LINEAR), [{"symbol": "X", "fundingIntervalHours": hours}])
    assert raised.value.kind is Kind.MALFORMED_RESPONSE
