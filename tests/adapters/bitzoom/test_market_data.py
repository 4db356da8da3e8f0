from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bitzoom.venue import BTC, LISTING, parse, refused, sent
from unified.account import VenueState
from unified.errors import Kind, VenueError
from unified.instrument import InstrumentStatus, Product
from unified.market_data import Interval
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
)
from unified.order import Side

LINEAR = Product.LINEAR
SYMBOL = {"symbol": "BTCUSDT"}


@pytest.mark.parametrize(
    ("operation", "path", "said"),
    [
        pytest.param(FetchServerTime(product=LINEAR), "GET /api/gateway/time", {}, id="time"),
        pytest.param(FetchInstruments(product=LINEAR), "GET /api/v1/exchangeinfo", {}, id="listing"),
        pytest.param(FetchTicker(instrument=BTC), "GET /api/v1/ticker/hr24", SYMBOL, id="ticker"),
        pytest.param(FetchTickers(product=LINEAR, listing=LISTING), "GET /api/v1/ticker/hr24", {}, id="tickers"),
        pytest.param(FetchBook(instrument=BTC, depth=30), "GET /api/v1/depth", {**SYMBOL, "limit": "50"}, id="book"),
        pytest.param(FetchTrades(instrument=BTC), "GET /api/v1/trades", {**SYMBOL, "limit": "50"}, id="trades"),
        pytest.param(FetchFundingRate(instrument=BTC), "GET /api/v1/premiumindex", SYMBOL, id="funding"),
    ],
)
def test_each_call_is_said_as_documented(operation: Any, path: str, said: dict[str, str]) -> None:
    assert sent(operation) == (path, said)


def test_the_gateway_that_answers_is_online() -> None:
    assert parse(FetchVenueStatus(product=LINEAR), None).state is VenueState.ONLINE


def test_the_documented_instrument_is_read_by_its_precisions() -> None:
    row = {**SYMBOL, "baseAsset": "BTC", "quoteAsset": "USDT", "pricePrecision": 2, "quantityPrecision": 3}
    (item,) = parse(FetchInstruments(product=LINEAR), {"symbols": [row]})
    assert (item.tick_size, item.lot_size, item.settle) == (Decimal("0.01"), Decimal("0.001"), "USDT")
    assert item.status is InstrumentStatus.TRADING
    (closed,) = parse(FetchInstruments(product=LINEAR), [{**row, "status": "BREAK"}])
    assert closed.status is InstrumentStatus.CLOSED
    with pytest.raises(VenueError) as raised:
        parse(FetchInstruments(product=LINEAR), [{**row, "pricePrecision": 99}])
    assert raised.value.kind is Kind.MALFORMED_RESPONSE


@pytest.mark.parametrize(
    "data", [{"lastPrice": "7.10"}, {"price": "7.10"}, [{"symbol": "X", "price": "1"}, {**SYMBOL, "price": "7.10"}]]
)
def test_a_ticker_is_found_in_each_form(data: object) -> None:
    assert parse(FetchTicker(instrument=BTC), data).last == Decimal("7.10")


@pytest.mark.parametrize("data", [None, [], "text", [{"symbol": "X"}]])
def test_what_is_no_ticker_is_malformed(data: object) -> None:
    with pytest.raises(VenueError) as raised:
        parse(FetchTicker(instrument=BTC), data)
    assert raised.value.kind is Kind.MALFORMED_RESPONSE


def test_tickers_that_the_listing_does_not_hold_are_left_out() -> None:
    rows = [{**SYMBOL, "lastPrice": "1"}, {"symbol": "DOGEUSDT", "lastPrice": "2"}]
    assert [one.instrument for one in parse(FetchTickers(product=LINEAR, listing=LISTING), rows)] == [BTC]


def test_levels_come_as_pairs_or_as_objects() -> None:
    book = parse(FetchBook(instrument=BTC), {"bids": [["7.10", "1"]], "asks": [{"price": "7.20", "amount": "2"}]})
    assert (book.bids[0].price, book.asks[0].price, book.asks[0].quantity) == (
        Decimal("7.10"),
        Decimal("7.20"),
        Decimal(2),
    )


def test_trades_are_sorted_and_cannot_be_paged() -> None:
    rows = [{"id": n, "price": "7", "qty": "1", "time": 1000 - n, "isBuyerMaker": True} for n in range(3)]
    page = parse(FetchTrades(instrument=BTC), rows)
    assert [trade.trade_id for trade in page.items] == ["2", "1", "0"]
    assert page.items[0].side is Side.SELL
    assert refused(FetchTrades(instrument=BTC, cursor="1")).kind is Kind.NOT_SUPPORTED


def test_candles_are_sorted_and_paged_by_time() -> None:
    start = datetime(2025, 11, 20, tzinfo=UTC)
    first_ms = int(start.timestamp() * 1000)
    asked = FetchCandles(instrument=BTC, start=start, limit=2)
    assert sent(asked)[1] == {**SYMBOL, "interval": "1m", "limit": "2", "startTime": str(first_ms)}
    rows = [[first_ms + 60_000, "1", "2", "0.5", "1.5", "9"], [first_ms, "1", "2", "0.5", "1.5", "9"]]
    page = parse(asked, rows)
    assert [candle.opened_at.minute for candle in page.items] == [0, 1]
    assert page.cursor == str(first_ms + 60_001)
    assert refused(FetchCandles(instrument=BTC, interval=Interval.S1)).kind is Kind.NOT_SUPPORTED


def test_funding_is_told_without_an_interval() -> None:
    rate = parse(FetchFundingRate(instrument=BTC), {"lastFundingRate": "0.0001", "markPrice": "7"})
    assert (rate.rate, rate.mark_price, rate.interval) == (Decimal("0.0001"), Decimal(7), None)
