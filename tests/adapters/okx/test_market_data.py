from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.calls import Calls
from tests.adapters.okx.venue import LISTING, SPOT, STAMP, SWAP, adapter, asked, failure, parse, recorded, rows
from unified.account import VenueState
from unified.errors import Kind
from unified.instrument import Instruments, Product
from unified.market_data import Level
from unified.operations import (
    FetchBook,
    FetchFundingRate,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchVenueStatus,
)
from unified.order import Side

TICKER = {
    "instId": "BTC-USDT",
    "last": "30236",
    "askPx": "30228.7",
    "askSz": "1.55896972",
    "bidPx": "30228.6",
    "bidSz": "0.23393",
    "open24h": "29700.4",
    "high24h": "31073",
    "low24h": "28020.3",
    "volCcy24h": "525802090.6",
    "vol24h": "17602.13",
    "ts": "1652459224956",
}
TRADE = {"side": "sell", "sz": "3", "px": "102537.9", "tradeId": "734864333", "ts": "1747087163557"}


def at(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


# --- time and status


def test_the_servers_time_counts_milliseconds() -> None:
    assert asked(FetchServerTime()) == ("GET /public/time", {})
    time = parse(FetchServerTime(), recorded("ExchangeData", "GetServerTime.json"))
    assert (time.time_us, time.unit_us) == (1597026383085000, 1000)


def plan(**changes: str) -> dict[str, str]:
    return {
        "title": "Upgrade",
        "state": "ongoing",
        "begin": "1672823400000",
        "end": "1672823520000",
        "serviceType": "5",
        "env": "1",
        **changes,
    }


@pytest.mark.parametrize(
    ("plans", "state"),
    [
        pytest.param([], VenueState.ONLINE, id="nothing is planned"),
        pytest.param([plan()], VenueState.MAINTENANCE, id="trading is down"),
        pytest.param([plan(serviceType="8")], VenueState.DEGRADED, id="a part of the accounts is down"),
        pytest.param([plan(state="pre_open")], VenueState.DEGRADED, id="cancels and post-only orders are taken"),
        pytest.param([plan(state="scheduled")], VenueState.ONLINE, id="it is announced"),
        pytest.param([plan(env="2")], VenueState.ONLINE, id="it is about the other environment"),
        pytest.param([plan(state="scheduled"), plan()], VenueState.MAINTENANCE, id="what goes on comes first"),
    ],
)
def test_status(plans: list[dict[str, str]], state: VenueState) -> None:
    assert asked(FetchVenueStatus()) == ("GET /system/status", {})
    assert parse(FetchVenueStatus(), rows(*plans)).state is state


def test_status_tells_what_and_when_and_demo_looks_for_its_own() -> None:
    status = Calls(adapter("demo"), STAMP).parse(FetchVenueStatus(), rows(plan(env="2", state="scheduled")))
    assert (status.message, status.starts_at, status.ends_at) == ("Upgrade", at(1672823400000), at(1672823520000))


# --- tickers


def test_a_spot_ticker() -> None:
    operation = FetchTicker(instrument=SPOT)
    assert asked(operation) == ("GET /market/ticker", {"instId": "BTC-USDT"})
    ticker = parse(operation, rows(TICKER))
    assert (ticker.bid, ticker.ask_quantity, ticker.last) == (
        Decimal("30228.6"),
        Decimal("1.55896972"),
        Decimal(30236),
    )
    assert (ticker.volume_24h, ticker.quote_volume_24h) == (Decimal("17602.13"), Decimal("525802090.6"))
    assert ticker.time == at(1652459224956)


def test_a_swaps_ticker_is_told_in_base_units() -> None:
    ticker = parse(FetchTicker(instrument=SWAP), rows({**TICKER, "bidSz": "11", "volCcy24h": "2222.5"}))
    assert ticker.bid_quantity == Decimal("0.11")
    assert (ticker.volume_24h, ticker.quote_volume_24h) == (Decimal("2222.5"), None)


def test_empty_fields_of_a_ticker_are_none() -> None:
    ticker = parse(FetchTicker(instrument=SPOT), rows({**TICKER, "bidPx": "", "bidSz": "", "ts": ""}))
    assert (ticker.bid, ticker.bid_quantity, ticker.time) == (None, None, None)


def test_the_recorded_ticker_is_read() -> None:
    ticker = parse(FetchTicker(instrument=SWAP), recorded("ExchangeData", "GetTicker.json"))
    assert (str(ticker.last), str(ticker.low_24h)) == ("9999.99", "8888.88")


def test_tickers_of_the_listing_only() -> None:
    every = FetchTickers(product=Product.SPOT, listing=LISTING)
    assert asked(every) == ("GET /market/tickers", {"instType": "SPOT"})
    (ticker,) = parse(every, rows({**TICKER, "instId": "OTHER-USDT"}, TICKER))
    assert ticker.instrument is SPOT


def test_the_recorded_tickers_are_read_where_their_instruments_are_listed() -> None:
    recording = recorded("ExchangeData", "GetTickers.json")
    listing = Instruments([evolve(SWAP, symbol="LTC-USD-SWAP")])
    assert parse(FetchTickers(product=Product.LINEAR, listing=LISTING), recording) == ()
    (ticker,) = parse(FetchTickers(product=Product.LINEAR, listing=listing), recording)
    assert (str(ticker.last), str(ticker.bid), ticker.bid_quantity) == ("9999.99", "8888.88", Decimal("0.05"))


# --- books


@pytest.mark.parametrize(
    ("depth", "line", "size"),
    [
        pytest.param(1, "GET /market/books", "1", id="the top"),
        pytest.param(400, "GET /market/books", "400", id="the deepest of the near door"),
        pytest.param(401, "GET /market/books-full", "401", id="the far door"),
        pytest.param(9999, "GET /market/books-full", "5000", id="the deepest there is"),
    ],
)
def test_the_depth_is_always_said(depth: int, line: str, size: str) -> None:
    assert asked(FetchBook(instrument=SPOT, depth=depth)) == (line, {"instId": "BTC-USDT", "sz": size})


def test_a_swaps_book_counts_contracts() -> None:
    row = {"asks": [["111.06", "55154", "0", "2"]], "bids": [["111.05", "57745", "0", "2"]], "ts": "1", "seqId": 363}
    book = parse(FetchBook(instrument=SWAP), rows(row))
    assert book.best_ask == Level(Decimal("111.06"), Decimal("551.54"))
    assert book.sequence == 363


def test_the_recorded_book_is_read() -> None:
    book = parse(FetchBook(instrument=SPOT), recorded("ExchangeData", "GetOrderBook.json"))
    assert book.bids == (Level(Decimal("41006.3"), Decimal("0.30178218")),)
    assert (book.sequence, book.time) == (None, at(1629966436396))


# --- trades


def test_trades_are_oldest_first_and_page_back_by_id() -> None:
    operation = FetchTrades(instrument=SWAP, limit=2)
    assert asked(operation) == ("GET /market/trades", {"instId": "BTC-USDT-SWAP", "limit": "2"})
    page = parse(operation, rows({**TRADE, "tradeId": "9"}, {**TRADE, "tradeId": "8", "side": "buy"}))
    assert [(trade.trade_id, trade.side) for trade in page.items] == [("8", Side.BUY), ("9", Side.SELL)]
    assert page.items[0].quantity == Decimal("0.03")
    assert page.cursor == "8"


def test_older_trades_stand_behind_another_door() -> None:
    operation = FetchTrades(instrument=SPOT, cursor="8")
    parameters = {"instId": "BTC-USDT", "limit": "100", "type": "1", "after": "8"}
    assert asked(operation) == ("GET /market/history-trades", parameters)
    assert parse(operation, rows(TRADE)).cursor is None


def test_without_a_limit_the_largest_page_is_asked_for() -> None:
    assert asked(FetchTrades(instrument=SPOT))[1]["limit"] == "500"


@pytest.mark.parametrize("name", ["GetRecentTrades.json", "GetTradeHistory.json"])
def test_recorded_trades_are_read(name: str) -> None:
    page = parse(FetchTrades(instrument=SPOT), recorded("ExchangeData", name))
    assert [(str(trade.price), trade.trade_id) for trade in page.items] == [
        ("29964.1", "242720719"),
        ("29963.2", "242720720"),
    ]


# --- funding


def test_funding_tells_the_coming_settlement_and_the_contracts_own_interval() -> None:
    operation = FetchFundingRate(instrument=SWAP)
    assert asked(operation) == ("GET /public/funding-rate", {"instId": "BTC-USDT-SWAP"})
    row = {"fundingRate": "0.00005", "fundingTime": "1777291200000", "nextFundingTime": "1777305600000", "ts": "1"}
    funding = parse(operation, rows(row))
    assert (funding.rate, funding.next_time) == (Decimal("0.00005"), at(1777291200000))
    assert funding.interval == timedelta(hours=4)


def test_the_recorded_funding_rate_is_read() -> None:
    funding = parse(FetchFundingRate(instrument=SWAP), recorded("ExchangeData", "GetFundingRates.json"))
    assert (str(funding.rate), funding.interval) == ("0.0000792386885340", timedelta(hours=8))


# --- answers that do not fit


@pytest.mark.parametrize(
    ("operation", "data"),
    [
        pytest.param(FetchServerTime(), [], id="no row"),
        pytest.param(FetchServerTime(), [{"ts": "soon"}], id="a time that is no number"),
        pytest.param(FetchTicker(instrument=SPOT), ["BTC"], id="a row that is no object"),
        pytest.param(FetchTicker(instrument=SPOT), [{**TICKER, "last": "NaN"}], id="a price that is no number"),
        pytest.param(FetchTrades(instrument=SPOT), [{**TRADE, "side": "both"}], id="a side that does not exist"),
        pytest.param(FetchBook(instrument=SPOT), [{"asks": {}, "bids": []}], id="a side of the book that is no list"),
    ],
)
def test_what_does_not_fit_is_malformed(operation: Any, data: list[Any]) -> None:
    assert failure(operation, rows(*data)).kind is Kind.MALFORMED_RESPONSE
