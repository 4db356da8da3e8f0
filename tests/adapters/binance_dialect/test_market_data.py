from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.adapters.binance.venue import LINEAR, LISTING, SPOT, parse
from unified.account import VenueState, VenueTime
from unified.market_data import Level
from unified.operations import (
    FetchBook,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchVenueStatus,
)


def test_the_time_is_exact_to_the_millisecond() -> None:
    assert parse(FetchServerTime(), {"serverTime": 1763680000123}) == VenueTime(time_us=1763680000123000, unit_us=1000)


@pytest.mark.parametrize(
    ("status", "state"), [(0, VenueState.ONLINE), (1, VenueState.MAINTENANCE)], ids=["normal", "maintenance"]
)
def test_the_state_of_the_venue_is_told(status: int, state: VenueState) -> None:
    told = parse(FetchVenueStatus(), {"status": status, "msg": "its words"})
    assert (told.state, told.message) == (state, "its words")


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


def test_a_spot_ticker_holds_the_day_and_the_best_prices() -> None:
    ticker = parse(FetchTicker(instrument=SPOT), {**DAY, **BEST})
    assert (ticker.bid, ticker.bid_quantity) == (Decimal("61120.0"), Decimal("3.1"))
    assert (ticker.ask, ticker.ask_quantity) == (Decimal("61120.1"), Decimal("4.0"))
    assert (ticker.last, ticker.open_24h) == (Decimal("61120.1"), Decimal(60000))
    assert (ticker.high_24h, ticker.low_24h) == (Decimal(62000), Decimal(59000))
    assert (ticker.volume_24h, ticker.quote_volume_24h) == (Decimal("1000.5"), Decimal(61000000))
    assert ticker.time == datetime(2025, 11, 20, 23, 6, 40, tzinfo=UTC)


def test_an_empty_side_of_the_book_has_no_price() -> None:
    ticker = parse(FetchTicker(instrument=SPOT), {**DAY, **BEST, "bidPrice": "0.00", "bidQty": "0.00"})
    assert (ticker.bid, ticker.bid_quantity) == (None, None)


def test_tickers_that_the_listing_does_not_hold_are_left_out() -> None:
    rows = [{**DAY, **BEST}, {**DAY, **BEST, "symbol": "BTCUSD_PERP"}, {**DAY, **BEST, "symbol": "ETHUSDT"}]
    assert [ticker.instrument.base for ticker in parse(FetchTickers(listing=LISTING), rows)] == ["BTC", "ETH"]


def test_a_book_keeps_the_venues_digits() -> None:
    answer = {
        "lastUpdateId": 1027024,
        "T": 1763680000195,
        "bids": [["61119.990", "4.31"]],
        "asks": [["61120.00", "1.20"]],
    }
    book = parse(FetchBook(instrument=LINEAR), answer)
    assert book.best_bid == Level(Decimal("61119.990"), Decimal("4.31"))
    assert (book.sequence, book.time) == (1027024, datetime(2025, 11, 20, 23, 6, 40, 195000, UTC))
