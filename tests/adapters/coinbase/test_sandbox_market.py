from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.sandbox_rig import Rig
from unified.sandbox.listing import MarketMode

DOORS = pytest.mark.parametrize("door", [pytest.param("market/", id="open"), pytest.param("", id="with a key")])


def test_the_time_is_told_three_times_as_texts() -> None:
    rig = Rig()
    rig.wait(1.5)
    assert rig.get("time").content == {
        "iso": "2026-11-21T12:00:01Z",
        "epochSeconds": "1795262401",
        "epochMillis": "1795262401500",
    }


# --- products


@DOORS
def test_products(door: str) -> None:
    content = Rig().get(f"{door}products").content
    assert [row["product_id"] for row in content["products"]] == ["BTC-USD", "ETH-USD", "BTC-USDC"]
    assert content["num_products"] == 3
    assert content["pagination"]["has_next"] is False


def test_a_product_tells_rules_state_and_its_day() -> None:
    rig = Rig()
    day = rig.sandbox.engine.ticker(rig.instrument("BTC-USD"))
    row = rig.get("market/products/BTC-USD").content
    expected = {
        "price_increment": "0.01",
        "quote_increment": "0.01",
        "base_increment": "0.00000001",
        "base_min_size": "0.00000001",
        "base_max_size": "3400",
        "quote_min_size": "1",
        "quote_max_size": "150000000",
        "status": "online",
        "trading_disabled": False,
        "product_type": "SPOT",
        "base_currency_id": "BTC",
        "quote_currency_id": "USD",
        "alias": "",
        "alias_to": ["BTC-USDC"],
    }
    assert {name: row[name] for name in expected} == expected
    prices = ("price", "best_bid_price", "best_ask_price", "high_24h", "low_24h")
    assert [Decimal(row[name]) for name in prices] == [day.last, day.bid, day.ask, day.high, day.low]
    assert Decimal(row["volume_24h"]) == day.volume
    assert rig.get("products/BTC-USDC").content["alias"] == "BTC-USD"


@pytest.mark.parametrize(
    ("mode", "flag"),
    [
        pytest.param(MarketMode.CLOSED, "trading_disabled", id="closed"),
        pytest.param(MarketMode.CANCEL_ONLY, "cancel_only", id="cancels only"),
        pytest.param(MarketMode.POST_ONLY, "post_only", id="post-only orders only"),
    ],
)
def test_a_product_tells_how_it_is_restricted(mode: MarketMode, flag: str) -> None:
    rig = Rig()
    rig.sandbox.engine.set_mode(rig.instrument("BTC-USD"), mode)
    row = rig.get("market/products/BTC-USD").content
    flags = ("trading_disabled", "cancel_only", "post_only", "limit_only", "is_disabled")
    assert [name for name in flags if row[name]] == [flag]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"product_ids": ["ETH-USD", "BTC-USDC"]}, ["ETH-USD", "BTC-USDC"], id="some"),
        pytest.param({"limit": 1, "offset": 1}, ["ETH-USD"], id="a page"),
        pytest.param({"product_type": "FUTURE"}, [], id="another type"),
        pytest.param({"product_type": "FUTURE", "get_all_products": "true"}, 3, id="all types"),
    ],
)
def test_products_by_filter(query: dict[str, Any], found: list[str] | int) -> None:
    rows = Rig().get("market/products", **query).content["products"]
    assert found in (len(rows), [row["product_id"] for row in rows])


# --- books, trades, candles


@DOORS
def test_a_book_with_its_middle(door: str) -> None:
    rig = Rig()
    book = rig.sandbox.engine.book(rig.instrument("BTC-USD"), 2)
    content = rig.get(f"{door}product_book", product_id="BTC-USD", limit=2).content
    shown = content["pricebook"]
    for side, levels in (("bids", book.bids), ("asks", book.asks)):
        assert [(Decimal(row["price"]), Decimal(row["size"])) for row in shown[side]] == [
            (level.price, level.quantity) for level in levels
        ]
    bid, ask = book.bids[0].price, book.asks[0].price
    assert (Decimal(content["mid_market"]), Decimal(content["spread_absolute"])) == ((bid + ask) / 2, ask - bid)
    assert shown["time"] == "2026-11-21T12:00:00.000000Z"


def test_a_whole_book_where_no_depth_is_asked() -> None:
    shown = Rig().get("market/product_book", product_id="BTC-USD").content["pricebook"]
    assert len(shown["bids"]) == len(shown["asks"]) == 20


def test_the_best_of_some_or_of_all() -> None:
    rig = Rig()
    assert [row["product_id"] for row in rig.get("best_bid_ask").content["pricebooks"]] == [
        "BTC-USD",
        "ETH-USD",
        "BTC-USDC",
    ]
    (row,) = rig.get("best_bid_ask", product_ids=["ETH-USD"]).content["pricebooks"]
    assert (len(row["bids"]), len(row["asks"])) == (1, 1)


@DOORS
def test_trades_newest_first_with_the_makers_side(door: str) -> None:
    rig = Rig()
    rig.wait(30)
    trades = rig.sandbox.engine.trades(rig.instrument("BTC-USD"), 5)
    content = rig.get(f"{door}products/BTC-USD/ticker", limit=5).content
    assert [(row["trade_id"], Decimal(row["size"]), row["side"]) for row in content["trades"]] == [
        (str(trade.trade_id), trade.quantity, trade.side.opposite.value.upper()) for trade in reversed(trades)
    ]
    best = rig.sandbox.engine.book(rig.instrument("BTC-USD"), 1)
    assert (Decimal(content["best_bid"]), Decimal(content["best_ask"])) == (best.bids[0].price, best.asks[0].price)


def test_trades_of_a_stretch_of_time() -> None:
    rig = Rig()
    rig.wait(30)
    now = rig.sandbox.now_us // 1_000_000
    rows = rig.get("market/products/BTC-USD/ticker", limit=1000, start=now - 20, end=now - 10).content["trades"]
    assert rows
    assert all("12:00:10" <= row["time"][11:19] < "12:00:20" for row in rows)


@DOORS
def test_candles_newest_first(door: str) -> None:
    rig = Rig()
    now = rig.sandbox.now_us // 1_000_000
    rows = rig.get(
        f"{door}products/BTC-USD/candles", start=now - 3600, end=now, granularity="FIVE_MINUTE", limit=4
    ).content["candles"]
    assert [int(row["start"]) - now for row in rows] == [-300, -600, -900, -1200]
    assert all(Decimal(row["low"]) <= Decimal(row["open"]) <= Decimal(row["high"]) for row in rows)


def test_at_most_350_candles() -> None:
    rig = Rig()
    now = rig.sandbox.now_us // 1_000_000

    def asked(minutes: int) -> Any:
        return rig.get("market/products/BTC-USD/candles", start=now - 60 * minutes, end=now, granularity="ONE_MINUTE")

    assert len(asked(350).content["candles"]) == 350
    refused = asked(351)
    assert (refused.status, refused.content["error"]) == (400, "INVALID_ARGUMENT")
    assert "number of candles requested" in refused.content["message"]


@pytest.mark.parametrize(
    ("path", "query", "status", "error"),
    [
        pytest.param("market/products/XYZ-USD", {}, 404, "NOT_FOUND", id="an unknown product"),
        pytest.param("market/products/XYZ-USD/ticker", {"limit": 1}, 404, "NOT_FOUND", id="trades of none"),
        pytest.param("market/product_book", {}, 400, "INVALID_ARGUMENT", id="a book of nothing"),
        pytest.param("market/products/BTC-USD/ticker", {}, 400, "INVALID_ARGUMENT", id="trades without a number"),
        pytest.param("market/products/BTC-USD/candles", {}, 400, "INVALID_ARGUMENT", id="candles of no time"),
        pytest.param(
            "market/products/BTC-USD/candles",
            {"start": 1, "end": 2, "granularity": "ONE_YEAR"},
            400,
            "unknown",
            id="candles of an unknown length",
        ),
        pytest.param(
            "market/products/BTC-USD/candles",
            {"start": 2, "end": 1, "granularity": "ONE_DAY"},
            400,
            "INVALID_ARGUMENT",
            id="candles that end before they begin",
        ),
        pytest.param("market/products", {"product_type": "OPTIONS"}, 400, "unknown", id="an unknown type"),
    ],
)
def test_bad_questions(path: str, query: dict[str, Any], status: int, error: str) -> None:
    reply = Rig().get(path, **query)
    assert (reply.status, reply.content["error"]) == (status, error)
