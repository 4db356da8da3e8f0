from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.venue import BTC, ETH, asked, failure, parse, recorded, refused
from unified.account import VenueTime
from unified.errors import Kind
from unified.market_data import Level, Ticker, Trade
from unified.operations import FetchBook, FetchServerTime, FetchTicker, FetchTrades
from unified.order import Side
from unified.wire import microseconds

TICKER = "GET /market/products/BTC-USD/ticker"


def trade_row(trade_id: str, second: int = 58, side: str = "SELL") -> dict[str, str]:
    return {
        "trade_id": trade_id,
        "product_id": "BTC-USD",
        "price": "68923.67",
        "size": "0.00064",
        "time": f"2026-04-07T00:28:{second:02d}.544778Z",
        "side": side,
        "bid": "",
        "ask": "",
        "exchange": "coinbase",
    }


def trades(*rows: dict[str, str]) -> dict[str, Any]:
    return {"trades": list(rows), "best_bid": "68923.66", "best_ask": "68923.67"}


def at(second: int) -> str:
    return str(int(datetime(2026, 4, 7, 0, 28, second, tzinfo=UTC).timestamp()))


# --- time


def test_the_time_is_asked_for_and_read_to_the_millisecond() -> None:
    assert asked(FetchServerTime()) == ("GET /time", [])
    told = {"iso": "2026-11-20T00:00:00Z", "epochSeconds": "1795132800", "epochMillis": "1795132800123"}
    assert parse(FetchServerTime(), told) == VenueTime(time_us=1795132800123000, unit_us=1_000_000)


# --- ticker


def test_the_ticker_is_the_last_trade_with_the_best_prices() -> None:
    assert asked(FetchTicker(instrument=BTC)) == (TICKER, [("limit", "1")])
    assert parse(FetchTicker(instrument=BTC), trades(trade_row("995098663"))) == Ticker(
        instrument=BTC, bid=Decimal("68923.66"), ask=Decimal("68923.67"), last=Decimal("68923.67")
    )


def test_a_market_without_trades_and_orders_has_an_empty_ticker() -> None:
    body = {"trades": [], "best_bid": "", "best_ask": ""}
    assert parse(FetchTicker(instrument=BTC), body) == Ticker(instrument=BTC)


# --- book

BOOK = {
    "pricebook": {
        "product_id": "BTC-USD",
        "bids": [{"price": "68923.66", "size": "0.17189468"}],
        "asks": [{"price": "68923.67", "size": "0.16987193"}, {"price": "68924", "size": "1"}],
        "time": "2026-04-07T00:28:59.662782Z",
    },
    "last": "68923.665",
}


def test_the_book() -> None:
    operation = FetchBook(instrument=BTC, depth=50)
    assert asked(operation) == ("GET /market/product_book", [("product_id", "BTC-USD"), ("limit", "50")])
    book = parse(operation, BOOK)
    assert book.bids == (Level(Decimal("68923.66"), Decimal("0.17189468")),)
    assert book.asks[1] == Level(Decimal(68924), Decimal(1))
    assert (book.sequence, book.time) == (None, datetime(2026, 4, 7, 0, 28, 59, 662782, tzinfo=UTC))


def test_an_empty_book_without_a_time() -> None:
    book = parse(FetchBook(instrument=BTC), {"pricebook": {"bids": [], "asks": [], "time": ""}})
    assert (book.best_bid, book.best_ask, book.time) == (None, None, None)


@pytest.mark.parametrize(
    "level", [pytest.param({"price": "1"}, id="a level without a size"), pytest.param("1", id="a level that is text")]
)
def test_a_strange_level_is_malformed(level: object) -> None:
    body = {"pricebook": {"bids": [level], "asks": []}}
    assert failure(FetchBook(instrument=BTC), body).kind is Kind.MALFORMED_RESPONSE


# --- trades


def test_the_newest_trades_come_oldest_first_with_the_takers_side() -> None:
    operation = FetchTrades(instrument=BTC)
    assert asked(operation) == (TICKER, [("limit", "1000")])
    page = parse(operation, trades(trade_row("2", 58), trade_row("1", 57, "BUY")))
    assert [trade.trade_id for trade in page.items] == ["1", "2"]
    assert page.items[1] == Trade(
        instrument=BTC,
        trade_id="2",
        price=Decimal("68923.67"),
        quantity=Decimal("0.00064"),
        side=Side.BUY,
        time_us=microseconds(datetime(2026, 4, 7, 0, 28, 58, 544778, tzinfo=UTC)),
    )
    assert page.items[0].side is Side.SELL
    assert page.cursor is None


def test_a_side_that_is_not_told_is_not_guessed() -> None:
    assert parse(FetchTrades(instrument=BTC), trades(trade_row("1", side=""))).items[0].side is None


def test_older_pages_overlap_by_a_second_and_skip_and_repeat_nothing() -> None:
    first = parse(FetchTrades(instrument=BTC, limit=2), trades(trade_row("5", 58), trade_row("4", 57)))
    assert first.cursor == f"{at(58)}:4"
    second = FetchTrades(instrument=BTC, limit=3, cursor=first.cursor)
    assert asked(second) == (TICKER, [("limit", "3"), ("end", at(58))])
    page = parse(second, trades(trade_row("4", 57), trade_row("3", 57), trade_row("2", 56)))
    assert [trade.trade_id for trade in page.items] == ["2", "3"]
    assert page.cursor == f"{at(57)}:2"
    last = FetchTrades(instrument=BTC, limit=3, cursor=page.cursor)
    assert parse(last, trades(trade_row("2", 56), trade_row("1", 50))).cursor is None


def test_a_page_without_the_trade_that_was_seen_is_all_new() -> None:
    operation = FetchTrades(instrument=BTC, limit=2, cursor=f"{at(58)}:9")
    assert len(parse(operation, trades(trade_row("4"), trade_row("3"))).items) == 2


def test_a_second_that_fills_a_page_does_not_hold_the_walk_up() -> None:
    operation = FetchTrades(instrument=BTC, limit=1, cursor=f"{at(58)}:4")
    page = parse(operation, trades(trade_row("4", 57)))
    assert (page.items, page.cursor) == ((), f"{at(57)}:4")


@pytest.mark.parametrize("cursor", ["", "abc", "12", "x:4", "²:4", f"{10**13}:4"])
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    assert refused(FetchTrades(instrument=BTC, cursor=cursor)).kind is Kind.NOT_SUPPORTED


def test_the_recorded_answers_are_read() -> None:
    book = parse(FetchBook(instrument=ETH), recorded("ExchangeData", "GetOrderBook.json"))
    assert book.best_bid == Level(Decimal("2452.77"), Decimal("0.32700476"))
    history = recorded("ExchangeData", "GetTradeHistory.json")
    trade = parse(FetchTrades(instrument=ETH), history).items[0]
    assert (trade.trade_id, trade.price, trade.quantity) == ("22350501", Decimal("140.91"), Decimal(4))
    ticker = parse(FetchTicker(instrument=ETH), history)
    assert (ticker.bid, ticker.ask) == (Decimal("291.13"), Decimal("292.40"))
