from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Params, Rig
from unified.instrument import Product
from unified.sandbox.dialect import Incoming

API = {"spot": "/api/v3", "linear": "/fapi/v1"}


PRODUCTS = {"spot": Product.SPOT, "linear": Product.LINEAR}


BTC: Params = {"symbol": "BTCUSDT"}


HOUR_MS = 3_600_000


@pytest.fixture(params=["spot", "linear"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.wait(120)
    return rig


def test_each_door_tells_the_time_of_its_own_clock(rig: Rig, door: str) -> None:
    assert rig.get(door, f"{API[door]}/time").content == {"serverTime": rig.now_ms(door)}
    assert rig.get(door, f"{API[door]}/ping").content == {}


def test_only_the_time_answers_are_stamped(rig: Rig, door: str) -> None:
    for path, stamped in ((f"{API[door]}/time", True), (f"{API[door]}/exchangeInfo", False)):
        assert rig.dialect.handle(Incoming(door=door, method="GET", path=path)).stamped is stamped


def test_the_state_of_the_venue_is_told_without_a_key(rig: Rig) -> None:
    assert rig.get("spot", "/sapi/v1/system/status").content == {"status": 0, "msg": "normal"}


def test_spot_tells_the_rules_of_some_symbols_only(rig: Rig) -> None:
    path = "/api/v3/exchangeInfo"
    assert [row["symbol"] for row in rig.get("spot", path, {"symbol": "ETHUSDT"}).content["symbols"]] == ["ETHUSDT"]
    some = rig.get("spot", path, {"symbols": '["ETHUSDT","BTCUSDT"]'}).content["symbols"]
    assert [row["symbol"] for row in some] == ["ETHUSDT", "BTCUSDT"]
    assert rig.get("spot", path, {"symbols": '["NOSUCH"]'}).error == (400, -1121, "Invalid symbol.")


def test_the_book_is_in_order_and_holds_our_orders(rig: Rig, door: str) -> None:
    bid = rig.get(door, f"{API[door]}/depth", BTC).content["bids"][0]
    place = rig.spot if door == "spot" else rig.linear
    quantity = "3"
    place(price=bid[0].rstrip("0").rstrip("."), quantity=quantity)
    book = rig.get(door, f"{API[door]}/depth", BTC).content
    assert Decimal(book["bids"][0][1]) == Decimal(bid[1]) + 3
    bids, asks = ([Decimal(price) for price, _ in book[side]] for side in ("bids", "asks"))
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert bids[0] < asks[0]
    assert ("E" in book) is (door == "linear")


def test_public_trades_come_oldest_first(rig: Rig, door: str) -> None:
    (rig.spot if door == "spot" else rig.linear)(**MARKET)
    rows = rig.get(door, f"{API[door]}/trades", BTC).content
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert rows[-1]["isBuyerMaker"] is False
    assert rig.get(door, f"{API[door]}/trades", {**BTC, "limit": 1}).content == rows[-1:]


def test_older_trades_are_found_by_id_and_usd_m_wants_a_key_for_them(rig: Rig, door: str) -> None:
    path = f"{API[door]}/historicalTrades"
    key = {"x_mbx_apikey": "dummy-binance-key-hmac"}
    rows = rig.get(door, path, BTC, **key).content
    assert rows == rig.get(door, f"{API[door]}/trades", {**BTC, "limit": len(rows)}).content
    assert rig.get(door, path, {**BTC, "fromId": rows[1]["id"], "limit": 2}, **key).content == rows[1:3]
    assert rig.get("linear", "/fapi/v1/historicalTrades", BTC).error[:2] == (401, -2014)
    unknown = rig.get("linear", "/fapi/v1/historicalTrades", BTC, x_mbx_apikey="dummy-unknown")
    assert unknown.error[:2] == (401, -2015)


def test_aggregated_trades_are_found_by_id_and_by_time(rig: Rig, door: str) -> None:
    path = f"{API[door]}/aggTrades"
    rows = rig.get(door, path, BTC).content
    assert len(rows) > 5
    assert rig.get(door, path, {**BTC, "fromId": rows[2]["a"], "limit": 2}).content == rows[2:4]
    times = {**BTC, "startTime": rows[1]["T"], "endTime": rows[1]["T"]}
    assert rows[1] in rig.get(door, path, times).content
    assert all(row["T"] == rows[1]["T"] for row in rig.get(door, path, times).content)


def test_candles_come_oldest_first_without_gaps(rig: Rig, door: str) -> None:
    path = f"{API[door]}/klines"
    rows = rig.get(door, path, {**BTC, "interval": "5m", "limit": 10}).content
    assert len(rows) == 10
    assert all(later[0] - earlier[0] == 300_000 for earlier, later in pairwise(rows))
    assert all(row[6] == row[0] + 299_999 and len(row) == 12 for row in rows)
    assert rows[-1][0] <= rig.now_ms("spot") < rows[-1][0] + 300_000
    from_second = {**BTC, "interval": "5m", "startTime": rows[1][0], "limit": 2}
    assert rig.get(door, path, from_second).content == rows[1:3]
    to_third = {**BTC, "interval": "5m", "endTime": rows[2][0], "limit": 2}
    assert rig.get(door, path, to_third).content == rows[1:3]


@pytest.mark.parametrize(("door_", "interval"), [("spot", "1x"), ("spot", "1H"), ("linear", "1s")])
def test_an_interval_must_be_one_of_the_doors(rig: Rig, door_: str, interval: str) -> None:
    answer = rig.get(door_, f"{API[door_]}/klines", {**BTC, "interval": interval})
    assert answer.error == (400, -1120, "Invalid interval.")


def test_a_day_is_told_for_one_symbol_or_for_all(rig: Rig, door: str) -> None:
    path = f"{API[door]}/ticker/24hr"
    one, every = rig.get(door, path, BTC).content, rig.get(door, path).content
    assert every[0] == one
    assert Decimal(one["lowPrice"]) <= Decimal(one["lastPrice"]) <= Decimal(one["highPrice"])
    assert Decimal(one["priceChange"]) == Decimal(one["lastPrice"]) - Decimal(one["openPrice"])
    assert ("bidPrice" in one) is (door == "spot")


def test_spot_has_a_short_form_of_the_day(rig: Rig) -> None:
    mini = rig.get("spot", "/api/v3/ticker/24hr", {**BTC, "type": "MINI"}).content
    assert "priceChange" not in mini
    assert rig.get("spot", "/api/v3/ticker/24hr", {**BTC, "type": "MAXI"}).error[1] == -1139


def test_the_best_prices_are_those_of_the_book(rig: Rig, door: str) -> None:
    book = rig.get(door, f"{API[door]}/depth", BTC).content
    best = rig.get(door, f"{API[door]}/ticker/bookTicker", BTC).content
    assert [best["bidPrice"], best["bidQty"]] == book["bids"][0]
    assert [best["askPrice"], best["askQty"]] == book["asks"][0]
    assert ("time" in best) is (door == "linear")


def test_the_last_price_is_that_of_the_last_trade(rig: Rig, door: str) -> None:
    path = "/api/v3/ticker/price" if door == "spot" else "/fapi/v2/ticker/price"
    last = rig.get(door, f"{API[door]}/trades", {**BTC, "limit": 1}).content[0]
    assert rig.get(door, path, BTC).content["price"] == last["price"]
    assert len(rig.get(door, path).content) == 2
