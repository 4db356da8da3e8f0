from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.binance.sandbox_rig import Params, Rig
from unified.instrument import Product
from unified.sandbox.limits import CalendarWindow
from unified.sandbox.listing import MarketMode

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


# --- rules


def test_the_filters_are_those_of_the_listing(rig: Rig, door: str) -> None:
    info = rig.get(door, f"{API[door]}/exchangeInfo").content
    assert [row["symbol"] for row in info["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    for row in info["symbols"]:
        item = rig.instrument(PRODUCTS[door], row["symbol"])
        filters = {found["filterType"]: found for found in row["filters"]}
        assert Decimal(filters["PRICE_FILTER"]["tickSize"]) == item.tick_size
        assert Decimal(filters["LOT_SIZE"]["stepSize"]) == item.lot_size
        assert Decimal(filters["LOT_SIZE"]["minQty"]) == item.min_quantity
        notional = filters["NOTIONAL"]["minNotional"] if door == "spot" else filters["MIN_NOTIONAL"]["notional"]
        assert Decimal(notional) == item.min_notional
        assert (row["status"], row["baseAsset"], row["quoteAsset"]) == ("TRADING", item.base, "USDT")


def test_the_limits_that_are_told_are_those_that_are_kept(rig: Rig, door: str) -> None:
    seconds = {"SECOND": 1, "MINUTE": 60, "DAY": 86_400}
    info = rig.get(door, f"{API[door]}/exchangeInfo").content
    told = {(row["limit"], row["intervalNum"] * seconds[row["interval"]]) for row in info["rateLimits"]}
    kept = {
        (limit.counting.limit, limit.counting.period_s)
        for limit in rig.dialect.limits
        if isinstance(limit.counting, CalendarWindow) and limit.name.startswith(door) and limit.name != "linear funding"
    }
    assert told == kept


@pytest.mark.parametrize(
    ("mode", "spot", "linear"),
    [
        pytest.param(MarketMode.CLOSED, "BREAK", "CLOSE", id="closed"),
        pytest.param(MarketMode.CANCEL_ONLY, "CANCEL_ONLY", "SETTLING", id="cancel-only"),
    ],
)
def test_a_market_that_does_not_trade_has_another_status(rig: Rig, mode: MarketMode, spot: str, linear: str) -> None:
    for door, status in (("spot", spot), ("linear", linear)):
        rig.dialect.engine.set_mode(rig.instrument(PRODUCTS[door]), mode)
        assert rig.get(door, f"{API[door]}/exchangeInfo").content["symbols"][0]["status"] == status


# --- book and trades


def test_the_depth_of_the_book_is_limited(rig: Rig) -> None:
    assert len(rig.get("spot", "/api/v3/depth", {**BTC, "limit": 7}).content["asks"]) == 7
    assert rig.get("spot", "/api/v3/depth", {**BTC, "limit": 9000}).status == 200
    assert len(rig.get("linear", "/fapi/v1/depth", {**BTC, "limit": 5}).content["asks"]) == 5
    assert rig.get("linear", "/fapi/v1/depth", {**BTC, "limit": 7}).error == (400, -4021, "7 is not valid depth limit.")


# --- candles


# --- tickers


# --- funding


def test_the_next_funding_is_told(rig: Rig) -> None:
    told = rig.get("linear", "/fapi/v1/premiumIndex", BTC).content
    assert told["lastFundingRate"] == "0.00010000"
    assert 0 < told["nextFundingTime"] - told["time"] <= 8 * HOUR_MS + 400
    assert told["nextFundingTime"] % (8 * HOUR_MS) == 0
    assert [row["symbol"] for row in rig.get("linear", "/fapi/v1/premiumIndex").content] == ["BTCUSDT", "ETHUSDT"]


def test_past_fundings_come_oldest_first(rig: Rig) -> None:
    path = "/fapi/v1/fundingRate"
    rows = rig.get("linear", path, {**BTC, "limit": 5}).content
    times = [row["fundingTime"] for row in rows]
    assert times == list(range(times[0], times[0] + 5 * 8 * HOUR_MS, 8 * HOUR_MS))
    assert times[-1] <= rig.now_ms("linear") < times[-1] + 8 * HOUR_MS
    window = {**BTC, "startTime": times[1] - 1, "endTime": times[2]}
    assert rig.get("linear", path, window).content == rows[1:3]
    assert rig.get("linear", path, {**BTC, "startTime": 2, "endTime": 1}).error[1] == -1130
    both = rig.get("linear", path, {"limit": 3}).content
    assert [row["fundingTime"] for row in both] == sorted(row["fundingTime"] for row in both)


def test_only_unusual_intervals_of_funding_are_told(rig: Rig) -> None:
    (row,) = rig.get("linear", "/fapi/v1/fundingInfo").content
    assert (row["symbol"], row["fundingIntervalHours"]) == ("ETHUSDT", 4)


# --- weights


@pytest.mark.parametrize(
    ("path", "params", "weight"),
    [
        ("/api/v3/depth", {**BTC, "limit": 100}, 5),
        ("/api/v3/depth", {**BTC, "limit": 101}, 25),
        ("/api/v3/depth", {**BTC, "limit": 1000}, 50),
        ("/api/v3/depth", {**BTC, "limit": 5000}, 250),
        ("/api/v3/exchangeInfo", {}, 20),
        ("/api/v3/trades", BTC, 25),
        ("/api/v3/klines", {**BTC, "interval": "1m"}, 2),
        ("/api/v3/ticker/24hr", BTC, 2),
        ("/api/v3/ticker/24hr", {"symbols": '["BTCUSDT","ETHUSDT"]'}, 2),
        ("/api/v3/ticker/24hr", {}, 80),
        ("/api/v3/ticker/bookTicker", BTC, 2),
        ("/api/v3/ticker/bookTicker", {}, 4),
        ("/fapi/v1/depth", {**BTC, "limit": 50}, 2),
        ("/fapi/v1/depth", {**BTC, "limit": 100}, 5),
        ("/fapi/v1/depth", BTC, 10),
        ("/fapi/v1/depth", {**BTC, "limit": 1000}, 20),
        ("/fapi/v1/klines", {**BTC, "interval": "1m", "limit": 99}, 1),
        ("/fapi/v1/klines", {**BTC, "interval": "1m"}, 5),
        ("/fapi/v1/klines", {**BTC, "interval": "1m", "limit": 100}, 2),
        ("/fapi/v1/klines", {**BTC, "interval": "1m", "limit": 1500}, 10),
        ("/fapi/v1/ticker/24hr", {}, 40),
        ("/fapi/v1/premiumIndex", BTC, 1),
        ("/fapi/v1/premiumIndex", {}, 10),
        ("/fapi/v1/fundingRate", BTC, 0),
    ],
)
def test_each_request_has_its_weight(rig: Rig, path: str, params: Params, weight: int) -> None:
    door = "spot" if path.startswith("/api") else "linear"
    before = int(rig.get(door, f"{API[door]}/ping").headers["x-mbx-used-weight-1m"])
    assert int(rig.get(door, path, params).headers["x-mbx-used-weight-1m"]) == before + weight
