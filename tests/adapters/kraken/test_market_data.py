from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from tests.adapters.kraken.venue import BTC_USD, BTC_USDT, LISTING, asked, failure, parse, recorded, result
from unified.account import VenueState
from unified.errors import Kind
from unified.market_data import Level
from unified.operations import FetchBook, FetchServerTime, FetchTicker, FetchTickers, FetchVenueStatus

ROW = {
    "a": ["105944.30000", "1", "1.000"],
    "b": ["105944.20000", "2", "2.500"],
    "c": ["105899.40000", "0.00009443"],
    "v": ["0.78648221", "163.28908096"],
    "p": ["105960.64756", "105904.39279"],
    "t": [35, 3276],
    "l": ["105853.50000", "104711.00000"],
    "h": ["106112.00000", "106613.10000"],
    "o": "106021.60000",
}


def test_the_servers_time_has_whole_seconds() -> None:
    assert asked(FetchServerTime()) == ("GET /0/public/Time", {})
    time = parse(FetchServerTime(), result({"unixtime": 1762820224, "rfc1123": "Tue, 11 Nov 25 00:17:04 +0000"}))
    assert (time.time_us, time.unit_us) == (1762820224_000_000, 1_000_000)


@pytest.mark.parametrize(
    ("word", "state", "message"),
    [
        pytest.param("online", VenueState.ONLINE, "", id="online"),
        pytest.param("maintenance", VenueState.MAINTENANCE, "maintenance", id="maintenance"),
        pytest.param("cancel_only", VenueState.DEGRADED, "cancel_only", id="cancels only"),
        pytest.param("post_only", VenueState.DEGRADED, "post_only", id="post-only"),
    ],
)
def test_status(word: str, state: VenueState, message: str) -> None:
    assert asked(FetchVenueStatus()) == ("GET /0/public/SystemStatus", {})
    status = parse(FetchVenueStatus(), result({"status": word, "timestamp": "2025-11-11T00:17:10Z"}))
    assert (status.state, status.message) == (state, message)


def test_an_unknown_status_is_not_taken_for_a_known_one() -> None:
    assert failure(FetchVenueStatus(), result({"status": "asleep"})).kind is Kind.MALFORMED_RESPONSE


def test_the_recorded_status_is_read() -> None:
    assert parse(FetchVenueStatus(), recorded("ExchangeData", "GetSystemStatus.json")).state is VenueState.ONLINE


# --- prices


def test_a_ticker() -> None:
    operation = FetchTicker(instrument=BTC_USDT)
    assert asked(operation) == ("GET /0/public/Ticker", {"pair": "XBTUSDT"})
    ticker = parse(operation, result({"XBTUSDT": ROW}))
    assert (ticker.bid, ticker.bid_quantity) == (Decimal("105944.2"), Decimal("2.5"))
    assert (ticker.ask, ticker.ask_quantity) == (Decimal("105944.3"), Decimal(1))
    assert (ticker.last, ticker.low_24h, ticker.high_24h) == (
        Decimal("105899.4"),
        Decimal(104711),
        Decimal("106613.1"),
    )
    assert ticker.volume_24h == Decimal("163.28908096")
    assert (ticker.open_24h, ticker.time) == (None, None)


@pytest.mark.parametrize("key", ["XXBTZUSD", "XBTUSD", "BTC/USD", "WHATEVER"])
def test_a_single_answer_is_read_under_whatever_name_it_comes(key: str) -> None:
    assert parse(FetchTicker(instrument=BTC_USD), result({key: ROW})).last == Decimal("105899.4")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"A": ROW, "B": ROW}, id="two strangers"),
        pytest.param({"XBTUSD": {**ROW, "a": []}}, id="no ask"),
        pytest.param({"XBTUSD": {**ROW, "c": "1"}}, id="a text in place of a list"),
    ],
)
def test_an_answer_that_does_not_fit_is_malformed(content: object) -> None:
    assert failure(FetchTicker(instrument=BTC_USD), result(content)).kind is Kind.MALFORMED_RESPONSE


def test_prices_may_be_json_numbers_too() -> None:
    ticker = parse(FetchTicker(instrument=BTC_USD), result({"XXBTZUSD": {**ROW, "c": [105899.4, 0.1]}}))
    assert str(ticker.last) == "105899.4"


def test_the_recorded_ticker_is_read() -> None:
    ticker = parse(FetchTicker(instrument=BTC_USD), recorded("ExchangeData", "GetTicker.json"))
    assert (str(ticker.last), str(ticker.volume_24h)) == ("30303.20000", "4412.73601799")


def test_tickers_of_the_listing_only() -> None:
    every = FetchTickers(listing=LISTING)
    assert asked(every) == ("GET /0/public/Ticker", {})
    answer = result({"XXBTZUSD": ROW, "OTHER": ROW, "XBTUSDT": ROW})
    assert [ticker.instrument for ticker in parse(every, answer)] == [BTC_USD, BTC_USDT]


def test_tickers_of_one_instrument() -> None:
    one = evolve(FetchTickers(listing=LISTING), instrument=BTC_USDT)
    assert asked(one)[1] == {"pair": "XBTUSDT"}
    assert [ticker.instrument for ticker in parse(one, result({"XXBTZUSD": ROW, "XBTUSDT": ROW}))] == [BTC_USDT]


# --- books


@pytest.mark.parametrize(
    ("depth", "count"),
    [
        pytest.param(100, "100", id="as many as wanted"),
        pytest.param(9999, "500", id="the deepest there is"),
        pytest.param(0, "1", id="at least one"),
    ],
)
def test_the_depth_is_always_said(depth: int, count: str) -> None:
    operation = FetchBook(instrument=BTC_USD, depth=depth)
    assert asked(operation) == ("GET /0/public/Depth", {"pair": "XXBTZUSD", "count": count})


def test_the_recorded_book_is_read() -> None:
    book = parse(FetchBook(instrument=BTC_USD), recorded("ExchangeData", "GetOrderBook.json"))
    assert book.best_bid == Level(Decimal("30297.00000"), Decimal("1.115"))
    assert [str(level.price) for level in book.asks] == ["30384.10000", "30387.90000", "30393.70000"]
    assert (book.time, book.sequence) == (None, None)
