from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bybit.venue import (
    LISTING,
    PERPETUAL,
    SPOT,
    STAMP,
    TIME_MS,
    adapter,
    answer,
    asked,
    failure,
    listed,
    parse,
    recorded,
    refused,
)
from tests.adapters.calls import Calls
from unified.account import VenueState
from unified.errors import Kind, Outcome
from unified.instrument import Instrument, Product
from unified.operations import (
    FetchBook,
    FetchFundingRate,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchVenueStatus,
    Operation,
)
from unified.order import Side

D = Decimal
SPOT_TICKER = {
    "symbol": "BTCUSDT",
    "bid1Price": "20517.96",
    "bid1Size": "2",
    "ask1Price": "20527.77",
    "ask1Size": "1.862172",
    "lastPrice": "20533.13",
    "prevPrice24h": "20393.48",
    "highPrice24h": "21128.12",
    "lowPrice24h": "20318.89",
    "turnover24h": "243765620.65899866",
    "volume24h": "11801.27771",
}
LINEAR_TICKER = {
    **SPOT_TICKER,
    "markPrice": "20500.1",
    "indexPrice": "20500.2",
    "fundingRate": "-0.000125",
    "nextFundingTime": "1760371200000",
    "fundingIntervalHour": "8",
}


@pytest.mark.parametrize(
    ("operation", "line", "parameters"),
    [
        pytest.param(FetchServerTime(), "GET /v5/market/time", {}, id="the time"),
        pytest.param(FetchVenueStatus(), "GET /v5/system/status", {}, id="the status"),
        pytest.param(
            FetchTicker(instrument=SPOT),
            "GET /v5/market/tickers",
            {"category": "spot", "symbol": "BTCUSDT"},
            id="a ticker",
        ),
        pytest.param(
            FetchTickers(product=Product.LINEAR, listing=LISTING),
            "GET /v5/market/tickers",
            {"category": "linear"},
            id="all tickers",
        ),
        pytest.param(
            FetchFundingRate(instrument=PERPETUAL),
            "GET /v5/market/tickers",
            {"category": "linear", "symbol": "BTCUSDT"},
            id="funding stands in the ticker",
        ),
        pytest.param(
            FetchBook(instrument=PERPETUAL, depth=7),
            "GET /v5/market/orderbook",
            {"category": "linear", "symbol": "BTCUSDT", "limit": "7"},
            id="a book of any depth",
        ),
        pytest.param(
            FetchBook(instrument=SPOT, depth=5000),
            "GET /v5/market/orderbook",
            {"category": "spot", "symbol": "BTCUSDT", "limit": "1000"},
            id="the deepest book",
        ),
        pytest.param(
            FetchTrades(instrument=SPOT),
            "GET /v5/market/recent-trade",
            {"category": "spot", "symbol": "BTCUSDT", "limit": "60"},
            id="spot trades",
        ),
        pytest.param(
            FetchTrades(instrument=PERPETUAL, limit=5000),
            "GET /v5/market/recent-trade",
            {"category": "linear", "symbol": "BTCUSDT", "limit": "1000"},
            id="linear trades",
        ),
    ],
)
def test_questions(operation: Operation[Any], line: str, parameters: dict[str, str]) -> None:
    assert asked(operation) == (line, parameters)


# --- time and status


def test_the_server_time_is_read_to_the_millisecond() -> None:
    told = parse(FetchServerTime(), answer({"timeSecond": "1688639403", "timeNano": "1688639403423213947"}))
    assert (told.time_us, told.unit_us) == (1688639403423000, 1000)


def plan(**changes: object) -> dict[str, object]:
    return {
        "id": "4d95b2a0",
        "title": "upgrade",
        "state": "ongoing",
        "begin": "1751596902000",
        "end": "1751597011000",
        "serviceTypes": [1, 2, 3, 4, 5],
        "product": [1, 2],
        "uidSuffix": [],
        "maintainType": 1,
        "env": 1,
        **changes,
    }


@pytest.mark.parametrize(
    ("plans", "state"),
    [
        pytest.param([], VenueState.ONLINE, id="nothing is planned"),
        pytest.param([plan()], VenueState.MAINTENANCE, id="trading is down"),
        pytest.param([plan(serviceTypes=["2"], product=["2"], env="1")], VenueState.MAINTENANCE, id="numbers as text"),
        pytest.param([plan(serviceTypes=[], product=[])], VenueState.MAINTENANCE, id="no list means all"),
        pytest.param([plan(serviceTypes=[5, 4])], VenueState.DEGRADED, id="a part is down"),
        pytest.param([plan(uidSuffix=[3, 7])], VenueState.DEGRADED, id="some accounts are cut off"),
        pytest.param([plan(serviceTypes=[5]), plan()], VenueState.MAINTENANCE, id="the worst of several"),
        pytest.param([plan(product=[1])], VenueState.ONLINE, id="another product"),
        pytest.param([plan(env=2)], VenueState.ONLINE, id="another environment"),
        pytest.param([plan(state="completed"), plan(state="canceled")], VenueState.ONLINE, id="what is over"),
    ],
)
def test_the_status_of_spot(plans: list[object], state: VenueState) -> None:
    assert parse(FetchVenueStatus(), listed(*plans)).state is state


def test_the_next_maintenance_is_announced() -> None:
    later, sooner = plan(state="scheduled", begin="1751700000000"), plan(state="scheduled", title="soon")
    told = parse(FetchVenueStatus(), listed(later, sooner))
    assert (told.state, told.message) == (VenueState.ONLINE, "soon")
    assert told.starts_at == datetime.fromtimestamp(1751596902, UTC)
    assert told.ends_at == datetime.fromtimestamp(1751597011, UTC)


def test_demo_has_a_status_of_its_own() -> None:
    demo = Calls(adapter("demo"), STAMP)
    assert demo.parse(FetchVenueStatus(), listed(plan(env=2))).state is VenueState.MAINTENANCE
    assert demo.parse(FetchVenueStatus(), listed(plan(env=1))).state is VenueState.ONLINE


def test_the_recorded_status() -> None:
    told = parse(FetchVenueStatus(product=Product.LINEAR), recorded("ExchangeData", "GetSystemStatus.json"))
    assert told.state is VenueState.ONLINE


# --- prices


def test_a_ticker_is_read_digit_by_digit() -> None:
    told = parse(FetchTicker(instrument=SPOT), listed(SPOT_TICKER))
    assert (told.bid, told.bid_quantity, told.ask, told.ask_quantity) == (
        D("20517.96"),
        D(2),
        D("20527.77"),
        D("1.862172"),
    )
    assert (told.last, told.open_24h, told.high_24h, told.low_24h) == (
        D("20533.13"),
        D("20393.48"),
        D("21128.12"),
        D("20318.89"),
    )
    assert (told.volume_24h, told.quote_volume_24h) == (D("11801.27771"), D("243765620.65899866"))
    assert told.time == datetime.fromtimestamp(TIME_MS / 1000, UTC)


def test_an_empty_book_is_none_and_not_zero() -> None:
    told = parse(FetchTicker(instrument=SPOT), listed({**SPOT_TICKER, "bid1Price": "", "bid1Size": ""}))
    assert (told.bid, told.bid_quantity) == (None, None)


@pytest.mark.parametrize("instrument", [SPOT, PERPETUAL], ids=lambda one: one.name)
def test_an_empty_list_is_an_unknown_symbol(instrument: Instrument) -> None:
    error = failure(FetchTicker(instrument=instrument), listed())
    assert (error.kind, error.outcome) == (Kind.UNKNOWN_SYMBOL, Outcome.REJECTED)


def test_only_listed_symbols_have_a_ticker() -> None:
    told = parse(FetchTickers(listing=LISTING), listed(SPOT_TICKER, {**SPOT_TICKER, "symbol": "NEWUSDT"}))
    assert [ticker.instrument for ticker in told] == [SPOT]


def test_the_recorded_tickers() -> None:
    told = parse(FetchTicker(instrument=SPOT), recorded("ExchangeData", "GetSpotTickers.json"))
    assert (str(told.last), str(told.quote_volume_24h)) == ("20533.13", "243765620.65899866")
    linear = parse(FetchTicker(instrument=PERPETUAL), recorded("ExchangeData", "GetLinearInverseTickers.json"))
    assert (str(linear.bid), str(linear.ask)) == ("16596.00", "16597.50")
    funding = parse(FetchFundingRate(instrument=PERPETUAL), recorded("ExchangeData", "GetLinearInverseTickers.json"))
    assert (str(funding.rate), funding.interval) == ("-0.001034", None)


def test_funding() -> None:
    told = parse(FetchFundingRate(instrument=PERPETUAL), listed(LINEAR_TICKER))
    assert (told.rate, told.interval) == (D("-0.000125"), timedelta(hours=8))
    assert told.next_time == datetime.fromtimestamp(1760371200, UTC)
    assert (told.mark_price, told.index_price) == (D("20500.1"), D("20500.2"))


def test_a_senseless_interval_is_none() -> None:
    told = parse(FetchFundingRate(instrument=PERPETUAL), listed({**LINEAR_TICKER, "fundingIntervalHour": "9" * 30}))
    assert told.interval is None


# --- books and trades


def test_a_book() -> None:
    row = {"s": "BTCUSDT", "a": [["65557.7", "16.6"]], "b": [["65485.4", "47.0"]], "ts": 1716863719031, "u": 230704}
    told = parse(FetchBook(instrument=SPOT), answer(row))
    assert (told.best_bid, told.best_ask) == ((D("65485.4"), D(47)), (D("65557.7"), D("16.6")))
    assert (told.sequence, told.time) == (230704, datetime(2024, 5, 28, 2, 35, 19, 31000, UTC))


def test_the_recorded_book() -> None:
    told = parse(FetchBook(instrument=PERPETUAL), recorded("ExchangeData", "GetOrderbook.json"))
    assert [str(number) for number in told.bids[0]] == ["62710.2", "5.52"]


def test_trades_come_oldest_first() -> None:
    row = {"execId": "2", "price": "16618.49", "size": "0.00012", "side": "Buy", "time": "1672052955758"}
    page = parse(FetchTrades(instrument=SPOT), listed(row, {**row, "execId": "1", "side": "Sell"}))
    assert [(trade.trade_id, trade.side) for trade in page.items] == [("1", Side.SELL), ("2", Side.BUY)]
    assert (page.items[1].price, page.items[1].quantity, page.cursor) == (D("16618.49"), D("0.00012"), None)


def test_there_are_no_older_trades() -> None:
    assert refused(FetchTrades(instrument=SPOT, cursor="1")).kind is Kind.NOT_SUPPORTED


def test_the_recorded_trades() -> None:
    (trade,) = parse(FetchTrades(instrument=SPOT), recorded("ExchangeData", "GetTradeHistory.json")).items
    assert (trade.trade_id, str(trade.price), str(trade.quantity)) == ("2100000000007764263", "16618.49", "0.00012")
