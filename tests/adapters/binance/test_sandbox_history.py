from __future__ import annotations

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Answer, Rig

PATHS = {
    "spot": {
        "order": "/api/v3/order",
        "open": "/api/v3/openOrders",
        "all": "/api/v3/allOrders",
        "fills": "/api/v3/myTrades",
    },
    "linear": {
        "order": "/fapi/v1/order",
        "open": "/fapi/v1/openOrders",
        "all": "/fapi/v1/allOrders",
        "fills": "/fapi/v1/userTrades",
    },
}


ASKED = {"symbol": "BTCUSDT"}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def place(rig: Rig, door: str, **params: object) -> int:
    answer = rig.spot(**params) if door == "spot" else rig.linear(**params)
    return int(answer.content["orderId"])


def ask(rig: Rig, door: str, what: str, **params: object) -> Answer:
    return rig.ask(door, "GET", PATHS[door][what], {**ASKED, **params})


def test_queries_tell_prices_that_acknowledgements_leave_out(rig: Rig) -> None:
    spot = ask(rig, "spot", "order", orderId=place(rig, "spot", **MARKET)).content
    linear = ask(rig, "linear", "order", orderId=place(rig, "linear", **MARKET)).content
    assert float(spot["cummulativeQuoteQty"]) == pytest.approx(611, abs=2)
    assert float(linear["avgPrice"]) == pytest.approx(61_120, abs=100)
    assert float(linear["cumQuote"]) == pytest.approx(611, abs=2)


def test_usd_m_can_look_for_an_open_order_only(rig: Rig) -> None:
    resting, filled = place(rig, "linear"), place(rig, "linear", **MARKET)
    path = "/fapi/v1/openOrder"
    assert rig.ask("linear", "GET", path, {**ASKED, "orderId": resting}).content["status"] == "NEW"
    assert rig.ask("linear", "GET", path, {**ASKED, "orderId": filled}).error[1] == -2013


def test_usd_m_refuses_a_window_that_ends_before_it_begins(rig: Rig) -> None:
    assert ask(rig, "linear", "all", startTime=2, endTime=1).error[:2] == (400, -1023)
