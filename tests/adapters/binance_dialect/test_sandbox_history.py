from __future__ import annotations

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Answer, Params, Rig

DAY_MS = 86_400_000
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


@pytest.fixture(params=["spot", "linear"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def place(rig: Rig, door: str, **params: object) -> int:
    answer = rig.spot(**params) if door == "spot" else rig.linear(**params)
    return int(answer.content["orderId"])


def ask(rig: Rig, door: str, what: str, **params: object) -> Answer:
    return rig.ask(door, "GET", PATHS[door][what], {**ASKED, **params})


def ids(answer: Answer, name: str = "orderId") -> list[int]:
    return [row[name] for row in answer.content]


# --- one order


def test_an_order_is_found_by_either_id(rig: Rig, door: str) -> None:
    order_id = place(rig, door, newClientOrderId="mine")
    for params in ({"orderId": order_id}, {"origClientOrderId": "mine"}):
        found = ask(rig, door, "order", **params).content
        assert (found["orderId"], found["clientOrderId"], found["status"]) == (order_id, "mine", "NEW")
        assert found["time"] == found["updateTime"] == rig.now_ms(door)


def test_of_an_id_that_was_used_again_the_latest_is_found(rig: Rig, door: str) -> None:
    first, last = (place(rig, door, **MARKET, newClientOrderId="again") for _ in range(2))
    assert ask(rig, door, "order", origClientOrderId="again").content["orderId"] == last > first


def test_an_order_that_never_was_does_not_exist(rig: Rig, door: str) -> None:
    assert ask(rig, door, "order", orderId=1).error == (400, -2013, "Order does not exist.")
    assert ask(rig, door, "order").error[:2] == (400, -1102)
    assert ask(rig, door, "order", symbol="NOSUCH", orderId=1).error[:2] == (400, -1121)


def test_a_new_order_may_be_hidden_from_queries_but_not_from_cancels(rig: Rig, door: str) -> None:
    rig.dialect.engine.visibility_us = lambda _: 1_000_000
    order_id = place(rig, door)
    assert ask(rig, door, "order", orderId=order_id).error[1] == -2013
    assert ask(rig, door, "open").content == []
    assert rig.ask(door, "DELETE", PATHS[door]["order"], {**ASKED, "orderId": order_id}).status == 200
    rig.wait(1)
    assert ask(rig, door, "order", orderId=order_id).content["status"] == "CANCELED"


# --- lists


def test_open_orders_are_those_of_a_symbol_or_of_all(rig: Rig, door: str) -> None:
    bitcoin = place(rig, door)
    ether = place(rig, door, symbol="ETHUSDT", price="3000", quantity="0.1")
    place(rig, door, **MARKET)
    assert ids(ask(rig, door, "open")) == [bitcoin]
    assert ids(rig.ask(door, "GET", PATHS[door]["open"])) == [bitcoin, ether]


def test_all_orders_come_oldest_first_and_the_newest_of_them_unless_asked(rig: Rig, door: str) -> None:
    made = [place(rig, door) for _ in range(4)]
    assert ids(ask(rig, door, "all")) == made
    assert ids(ask(rig, door, "all", limit=2)) == made[2:]
    assert ids(ask(rig, door, "all", orderId=made[1], limit=2)) == made[1:3]


def test_all_orders_of_a_window(rig: Rig, door: str) -> None:
    place(rig, door)
    rig.wait(60)
    begun = rig.now_ms(door)
    inside = place(rig, door)
    rig.wait(60)
    place(rig, door)
    assert ids(ask(rig, door, "all", startTime=begun, endTime=begun + 1000)) == [inside]
    assert ids(ask(rig, door, "all", startTime=begun, limit=1)) == [inside]


@pytest.mark.parametrize(
    ("door", "days", "error"),
    [
        pytest.param("spot", 1, (400, -1127, "More than 24 hours between startTime and endTime."), id="spot: a day"),
        pytest.param("linear", 7, (400, -4165, "Maximum time interval is 7 days"), id="USD-M: a week"),
    ],
)
@pytest.mark.parametrize("what", ["all", "fills"])
def test_windows_have_a_longest(rig: Rig, door: str, days: int, error: tuple[int, int, str], what: str) -> None:
    end = rig.now_ms(door)
    assert ask(rig, door, what, startTime=end - days * DAY_MS, endTime=end).status == 200
    assert ask(rig, door, what, startTime=end - days * DAY_MS - 1, endTime=end).error == error


# --- fills


def test_fills_are_paged_by_id_and_by_time(rig: Rig, door: str) -> None:
    first = place(rig, door, **MARKET)
    rig.wait(10)
    begun = rig.now_ms(door)
    second = place(rig, door, **MARKET)
    every = ask(rig, door, "fills").content
    assert {row["orderId"] for row in every} == {first, second}
    assert ids(ask(rig, door, "fills", fromId=every[-1]["id"]), "id") == [every[-1]["id"]]
    assert ids(ask(rig, door, "fills", limit=1), "id") == [every[-1]["id"]]
    assert {row["orderId"] for row in ask(rig, door, "fills", startTime=begun).content} == {second}
    assert {row["orderId"] for row in ask(rig, door, "fills", orderId=first).content} == {first}


def test_fills_are_not_asked_for_by_id_and_time_at_once(rig: Rig, door: str) -> None:
    assert ask(rig, door, "fills", fromId=1, startTime=1).error[:2] == (400, -1128)


ROWS: dict[str, Params] = {
    "spot": {"isBuyer": True, "isMaker": False, "isBestMatch": True, "commissionAsset": "BTC", "orderListId": -1},
    "linear": {"buyer": True, "maker": False, "side": "BUY", "positionSide": "BOTH", "commissionAsset": "USDT"},
}


def test_a_fill_tells_who_took_and_what_it_cost(rig: Rig, door: str) -> None:
    place(rig, door, **MARKET)
    row = ask(rig, door, "fills").content[0]
    assert ROWS[door].items() <= row.items()
    assert row["time"] == rig.now_ms(door)
    assert float(row["commission"]) > 0
