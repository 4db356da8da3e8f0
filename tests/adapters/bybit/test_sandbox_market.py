from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bybit.sandbox_user import User, content
from unified.instrument import Product
from unified.sandbox.listing import MarketMode

MARKET = "/v5/market"


def test_both_categories_list_the_same_symbols_under_rules_of_their_own() -> None:
    user = User()
    spot = {row["symbol"]: row for row in user.listed(f"{MARKET}/instruments-info", category="spot")}
    linear = {row["symbol"]: row for row in user.listed(f"{MARKET}/instruments-info", category="linear")}
    assert set(spot) == set(linear) == {"BTCUSDT", "ETHUSDT"}
    assert spot["BTCUSDT"]["lotSizeFilter"]["basePrecision"] == "0.000001"
    assert spot["BTCUSDT"]["priceFilter"] == {"tickSize": "0.1"}
    assert linear["BTCUSDT"]["priceFilter"]["tickSize"] == "0.10"
    assert linear["BTCUSDT"]["lotSizeFilter"]["qtyStep"] == "0.001"
    assert (linear["BTCUSDT"]["settleCoin"], linear["BTCUSDT"]["fundingInterval"]) == ("USDT", 480)


def test_contracts_are_paged_and_spot_is_not() -> None:
    user = User()
    first = user.get(f"{MARKET}/instruments-info", category="linear", limit=1)["result"]
    query = f"category=linear&limit=1&cursor={first['nextPageCursor']}"
    second = content(user.send("GET", f"{MARKET}/instruments-info", query))["result"]
    assert [row["symbol"] for row in (*first["list"], *second["list"])] == ["BTCUSDT", "ETHUSDT"]
    assert second["nextPageCursor"] == ""
    spot = user.get(f"{MARKET}/instruments-info", category="spot", limit=1)["result"]
    assert (len(spot["list"]), "nextPageCursor" in spot) == (2, False)


def test_a_closed_market_is_listed_only_where_its_status_is_asked_for() -> None:
    user = User()
    engine = user.venue.engine
    engine.set_mode(engine.instrument(Product.LINEAR, "ETHUSDT"), MarketMode.CLOSED)
    for status, symbols in (("Trading", ["BTCUSDT"]), ("Closed", ["ETHUSDT"])):
        rows = user.listed(f"{MARKET}/instruments-info", category="linear", status=status)
        assert [row["symbol"] for row in rows] == symbols
    assert len(user.listed(f"{MARKET}/instruments-info", category="linear", baseCoin="BTC")) == 1


@pytest.mark.parametrize("path", ["instruments-info", "tickers", "recent-trade"])
def test_an_unknown_symbol_is_an_empty_list_of_spot_and_an_error_of_contracts(path: str) -> None:
    user = User()
    assert user.listed(f"{MARKET}/{path}", category="spot", symbol="NOPEUSDT") == []
    told = user.get(f"{MARKET}/{path}", category="linear", symbol="NOPEUSDT")
    assert (told["retCode"], told["retMsg"]) == (10001, "params error: symbol invalid")


@pytest.mark.parametrize("path", ["orderbook", "kline", "price-limit"])
def test_endpoints_without_a_list_refuse_an_unknown_symbol(path: str) -> None:
    user = User()
    for category, text in (("spot", "Not supported symbols"), ("linear", "params error: symbol invalid")):
        told = user.get(f"{MARKET}/{path}", category=category, symbol="NOPEUSDT", interval="1")
        assert (told["retCode"], told["retMsg"]) == (10001, text)


@pytest.mark.parametrize("path", ["instruments-info", "tickers", "orderbook", "recent-trade", "funding/history"])
@pytest.mark.parametrize("category", ["", "option", "SPOT"])
def test_a_category_must_be_there_and_known(path: str, category: str) -> None:
    told = User().get(f"{MARKET}/{path}", category=category, symbol="BTCUSDT")
    assert (told["retCode"], told["result"]) == (10001, {})


def test_tickers_agree_with_the_book() -> None:
    user = User()
    user.wait(20)
    for category, depth in (("spot", 1), ("linear", 25)):
        (ticker,) = user.listed(f"{MARKET}/tickers", category=category, symbol="BTCUSDT")
        book = user.get(f"{MARKET}/orderbook", category=category, symbol="BTCUSDT")["result"]
        assert [ticker["bid1Price"], Decimal(ticker["bid1Size"])] == [book["b"][0][0], Decimal(book["b"][0][1])]
        assert ticker["ask1Price"] == book["a"][0][0]
        assert (len(book["b"]), book["s"]) == (min(depth, 20), "BTCUSDT")
        assert Decimal(ticker["lowPrice24h"]) <= Decimal(ticker["lastPrice"]) <= Decimal(ticker["highPrice24h"])
        assert ("fundingRate" in ticker, "usdIndexPrice" in ticker) == (category == "linear", category == "spot")


def test_books_have_depths_and_bounds() -> None:
    user = User()
    told = user.get(f"{MARKET}/orderbook", category="linear", symbol="BTCUSDT", limit=3)["result"]
    bids, asks = ([Decimal(level[0]) for level in told[side]] for side in "ba")
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert (len(bids), len(asks), bids[0] < asks[0]) == (3, 3, True)
    assert user.get(f"{MARKET}/orderbook", category="linear", symbol="BTCUSDT", limit=1001)["retCode"] == 10001


def test_public_trades_come_newest_first() -> None:
    user = User()
    user.wait(60)
    rows = user.listed(f"{MARKET}/recent-trade", category="linear", symbol="BTCUSDT", limit=7)
    assert len({row["execId"] for row in rows}) == 7
    assert [int(row["seq"]) for row in rows] == sorted((int(row["seq"]) for row in rows), reverse=True)
    assert {row["side"] for row in rows} <= {"Buy", "Sell"}
    assert user.get(f"{MARKET}/recent-trade", category="spot", symbol="BTCUSDT", limit=61)["retCode"] == 10001
    assert user.get(f"{MARKET}/recent-trade", category="spot")["retCode"] == 10001


def candles(user: User, **more: object) -> Any:
    return user.listed(f"{MARKET}/kline", symbol="BTCUSDT", interval="1", **more)


def test_candles_come_newest_first_and_contracts_are_the_default() -> None:
    user = User()
    user.wait(90)
    rows = candles(user)
    opened = [int(row[0]) for row in rows]
    assert (len(rows), len(rows[0])) == (200, 7)
    assert opened == list(range(opened[0], opened[0] - 200 * 60_000, -60_000))
    assert opened[0] + 60_000 > user.venue.now_ms >= opened[0]
    assert candles(user, category="linear") == rows != candles(user, category="spot")


def test_candles_between_two_times_include_both_ends() -> None:
    user = User()
    opened = [int(row[0]) for row in candles(user, limit=10)]
    found = candles(user, start=opened[5], end=opened[2])
    assert [int(row[0]) for row in found] == opened[2:6]
    assert [int(row[0]) for row in candles(user, start=opened[5], limit=2)] == [opened[4], opened[5]]
    assert [int(row[0]) for row in candles(user, end=opened[5], limit=2)] == [opened[5], opened[6]]


@pytest.mark.parametrize("interval", ["60", "720", "D", "W", "M"])
def test_candles_of_every_length(interval: str) -> None:
    rows = User().listed(f"{MARKET}/kline", category="spot", symbol="ETHUSDT", interval=interval)
    assert rows
    assert User().get(f"{MARKET}/kline", symbol="ETHUSDT", interval="1h")["retCode"] == 10001


def test_funding_settles_every_eight_hours() -> None:
    user = User()
    (ticker,) = user.listed(f"{MARKET}/tickers", category="linear", symbol="BTCUSDT")
    rows = user.listed(f"{MARKET}/funding/history", category="linear", symbol="BTCUSDT", limit=3)
    times = [int(row["fundingRateTimestamp"]) for row in rows]
    assert [int(ticker["nextFundingTime"]) - time for time in times] == [28_800_000 * number for number in (1, 2, 3)]
    assert {row["fundingRate"] for row in rows} == {ticker["fundingRate"]}
    ended = {"category": "linear", "symbol": "BTCUSDT", "startTime": times[2], "endTime": times[1]}
    assert len(user.listed(f"{MARKET}/funding/history", **ended)) == 2
    del ended["endTime"]
    assert user.get(f"{MARKET}/funding/history", **ended)["retCode"] == 10001
    assert user.get(f"{MARKET}/funding/history", category="spot", symbol="BTCUSDT")["retCode"] == 10001


def test_price_limits_lie_around_the_mark() -> None:
    user = User()
    linear = user.get(f"{MARKET}/price-limit", category="linear", symbol="BTCUSDT")["result"]
    spot = user.get(f"{MARKET}/price-limit", category="spot", symbol="BTCUSDT")["result"]
    assert (linear["buyLmt"], linear["sellLmt"]) == ("61200.00", "58800.00")
    assert (spot["buyLmt"], spot["sellLmt"], spot["ts"]) == ("60600.0", "59400.0", str(user.venue.now_ms))


def test_the_status_page_tells_of_what_was_announced() -> None:
    user = User()
    assert user.listed("/v5/system/status") == []
    now_us = user.venue.now_us
    user.venue.announce("past", begin_us=now_us - 2_000_000, end_us=now_us - 1_000_000)
    user.venue.announce("coming", begin_us=now_us + 1_000_000, end_us=now_us + 3_000_000)
    assert [row["state"] for row in user.listed("/v5/system/status")] == ["scheduled", "completed"]
    user.wait(2)
    (row,) = user.listed("/v5/system/status", state="ongoing")
    assert (row["title"], row["begin"]) == ("coming", str((now_us + 1_000_000) // 1000))
    assert user.listed("/v5/system/status", id=row["id"]) == [row]
