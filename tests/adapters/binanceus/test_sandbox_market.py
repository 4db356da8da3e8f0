from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.binanceus.sandbox_rig import ORDER, Rig
from unified.instrument import Product

BTC = {"symbol": "BTCUSDT"}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_filters_are_those_of_the_listing_and_only_published_ones(rig: Rig) -> None:
    (row,) = rig.get("/api/v3/exchangeInfo", BTC).content["symbols"]
    item = rig.dialect.engine.instrument(Product.SPOT, "BTCUSDT")
    filters = {found["filterType"]: found for found in row["filters"]}
    assert set(filters) == {
        "PRICE_FILTER",
        "LOT_SIZE",
        "MARKET_LOT_SIZE",
        "MAX_NUM_ORDERS",
        "PERCENT_PRICE",
        "MIN_NOTIONAL",
    }
    assert Decimal(filters["MIN_NOTIONAL"]["minNotional"]) == item.min_notional
    assert "amendAllowed" not in row


def test_the_filters_are_kept(rig: Rig) -> None:
    assert rig.ask("POST", "/api/v3/order", {**ORDER, "price": "1"}).error[2] == "Filter failure: PERCENT_PRICE"
    assert rig.ask("POST", "/api/v3/order", {**ORDER, "quantity": "0.0001"}).error[2] == "Filter failure: MIN_NOTIONAL"


def test_older_trades_want_a_key(rig: Rig) -> None:
    assert rig.get("/api/v3/historicalTrades", BTC).error[:2] == (401, -2014)


def test_there_are_no_candles_of_a_second(rig: Rig) -> None:
    assert rig.get("/api/v3/klines", {**BTC, "interval": "1s"}).error[:2] == (400, -1120)
    assert rig.get("/api/v3/klines", {**BTC, "interval": "1m"}).status == 200


@pytest.mark.parametrize(
    ("path", "params", "weight"),
    [
        ("/api/v3/depth", {**BTC, "limit": 100}, 1),
        ("/api/v3/depth", {**BTC, "limit": 500}, 5),
        ("/api/v3/depth", {**BTC, "limit": 1000}, 10),
        ("/api/v3/depth", {**BTC, "limit": 5000}, 50),
        ("/api/v3/exchangeInfo", {}, 10),
        ("/api/v3/trades", BTC, 1),
        ("/api/v3/ticker/24hr", BTC, 1),
        ("/api/v3/ticker/24hr", {}, 40),
        ("/api/v3/ticker/price", {}, 2),
        ("/sapi/v1/system/status", {}, 1),
    ],
)
def test_each_request_has_its_weight(rig: Rig, path: str, params: dict[str, object], weight: int) -> None:
    assert rig.get(path, params).headers["x-mbx-used-weight-1m"] == str(weight)
