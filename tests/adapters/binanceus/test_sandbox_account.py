from __future__ import annotations

import pytest

from tests.adapters.binanceus.sandbox_rig import ORDER, Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize(
    ("path", "params", "weight"),
    [
        ("/api/v3/account", {}, 10),
        ("/api/v3/openOrders", {"symbol": "BTCUSDT"}, 3),
        ("/api/v3/openOrders", {}, 40),
        ("/api/v3/allOrders", {"symbol": "BTCUSDT"}, 10),
        ("/api/v3/myTrades", {"symbol": "BTCUSDT"}, 10),
        ("/api/v3/rateLimit/order", {}, 20),
    ],
)
def test_each_read_has_its_weight(rig: Rig, path: str, params: dict[str, object], weight: int) -> None:
    answer = rig.ask("GET", path, params)
    assert (answer.status, answer.headers["x-mbx-used-weight-1m"]) == (200, str(weight))


def test_placing_and_canceling_weigh_one_also_when_they_succeed(rig: Rig) -> None:
    placed = rig.ask("POST", "/api/v3/order", ORDER)
    assert (placed.status, placed.headers["x-mbx-used-weight-1m"]) == (200, "1")
    assert placed.headers["x-mbx-order-count-1s"] == "1"
    order = {"symbol": "BTCUSDT", "orderId": placed.content["orderId"]}
    assert rig.ask("GET", "/api/v3/order", order).content["status"] == "NEW"
    canceled = rig.ask("DELETE", "/api/v3/order", order)
    assert (canceled.content["status"], canceled.headers["x-mbx-used-weight-1m"]) == ("CANCELED", "4")


def test_a_filled_order_stays_on_the_count(rig: Rig) -> None:
    market = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert rig.ask("POST", "/api/v3/order", market).headers["x-mbx-order-count-1s"] == "1"


def test_fees_come_as_a_list(rig: Rig) -> None:
    row = {"symbol": "BTCUSDT", "makerCommission": "0.0010", "takerCommission": "0.0010"}
    path = "/sapi/v1/asset/query/trading-fee"
    assert rig.ask("GET", path, {"symbol": "BTCUSDT"}).content == [row]
    assert [found["symbol"] for found in rig.ask("GET", path).content] == ["BTCUSDT", "ETHUSDT"]


def test_parameters_of_binance_alone_are_refused(rig: Rig) -> None:
    assert rig.ask("GET", "/api/v3/account", {"omitZeroBalances": "true"}).error[:2] == (400, -1104)
