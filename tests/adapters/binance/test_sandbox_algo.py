from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Answer, Params, Rig, told
from unified.instrument import Product

ALGO = "/fapi/v1/algoOrder"


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.linear(**MARKET, quantity="0.100")
    return rig


def place(rig: Rig, **params: object) -> Answer:
    """A stop that would sell the position's tenth when the price falls."""
    usual = {
        "algoType": "CONDITIONAL",
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "STOP_MARKET",
        "quantity": "0.010",
        "triggerPrice": "60000",
        "reduceOnly": "true",
        "clientAlgoId": "stop-1",
    }
    return rig.ask("linear", "POST", ALGO, told({**usual, **params}))


def query(rig: Rig, **params: object) -> Answer:
    return rig.ask("linear", "GET", ALGO, params)


def move(rig: Rig, price: int) -> None:
    rig.dialect.engine.move_price(rig.instrument(Product.LINEAR), Decimal(price))


def test_a_conditional_order_has_a_number_of_its_own_and_is_no_order_yet(rig: Rig) -> None:
    answer = place(rig).content
    assert answer["algoId"] > 10**15
    assert (answer["clientAlgoId"], answer["algoStatus"], answer["orderType"]) == ("stop-1", "NEW", "STOP_MARKET")
    assert (answer["triggerPrice"], answer["quantity"], answer["reduceOnly"]) == ("60000.0", "0.010", True)
    assert rig.ask("linear", "GET", "/fapi/v1/openOrders").content == []
    unseen = {"symbol": "BTCUSDT", "origClientOrderId": "stop-1"}
    assert rig.ask("linear", "GET", "/fapi/v1/order", unseen).error[1] == -2013
    assert [row["clientAlgoId"] for row in rig.ask("linear", "GET", "/fapi/v1/openAlgoOrders").content] == ["stop-1"]


def test_a_triggered_order_tells_what_it_has_become(rig: Rig) -> None:
    algo_id = place(rig).content["algoId"]
    assert query(rig, algoId=algo_id).content["actualOrderId"] == ""
    move(rig, 59_900)
    found = query(rig, clientAlgoId="stop-1").content
    assert (found["algoStatus"], found["actualType"], found["actualQty"]) == ("FINISHED", "MARKET", "0.010")
    order = rig.ask("linear", "GET", "/fapi/v1/order", {"symbol": "BTCUSDT", "orderId": found["actualOrderId"]})
    assert (order.content["status"], order.content["type"]) == ("FILLED", "MARKET")
    assert rig.ask("linear", "GET", "/fapi/v1/openAlgoOrders").content == []


def test_a_triggered_limit_order_may_rest(rig: Rig) -> None:
    place(rig, type="STOP", price="60500", timeInForce="GTC")
    move(rig, 59_900)
    assert query(rig, clientAlgoId="stop-1").content["algoStatus"] == "TRIGGERED"
    (row,) = rig.ask("linear", "GET", "/fapi/v1/openOrders").content
    assert (row["type"], row["price"]) == ("LIMIT", "60500.0")


def test_a_closing_order_takes_the_whole_position(rig: Rig) -> None:
    answer = place(rig, closePosition="true", quantity=None, reduceOnly=None).content
    assert (answer["quantity"], answer["closePosition"]) == ("0.100", True)
    move(rig, 59_900)
    assert rig.dialect.engine.positions(rig.account()) == ()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"algoType": "VP"}, -1130, id="another algorithm"),
        pytest.param({"type": "TRAILING_STOP_MARKET"}, -1116, id="a trailing stop"),
        pytest.param({"triggerPrice": None}, -1102, id="no trigger"),
        pytest.param({"quantity": None}, -1102, id="no quantity"),
        pytest.param({"price": "60000"}, -1106, id="a market order with a price"),
        pytest.param({"type": "STOP"}, -1102, id="a limit order without a price"),
        pytest.param({"triggerPrice": "62000"}, -2021, id="a trigger that is reached"),
        pytest.param({"triggerPrice": "60000.05"}, -4014, id="a trigger off the tick"),
        pytest.param({"closePosition": "true"}, -4137, id="a closing order with a quantity"),
        pytest.param({"workingType": "INDEX"}, -4031, id="an unknown working type"),
        pytest.param({"side": "BUY", "triggerPrice": "62000"}, -2022, id="nothing to reduce"),
    ],
)
def test_what_is_refused_is_refused_with_the_venues_code(rig: Rig, params: Params, code: int) -> None:
    assert place(rig, **params).error[:2] == (400, code)


def test_an_id_is_taken_only_while_its_order_is_open(rig: Rig) -> None:
    place(rig)
    assert place(rig).error[1] == -4116
    answer = rig.ask("linear", "DELETE", ALGO, {"clientAlgoId": "stop-1"}).content
    assert (answer["clientAlgoId"], answer["code"], answer["msg"]) == ("stop-1", "200", "success")
    assert query(rig, clientAlgoId="stop-1").content["algoStatus"] == "CANCELED"
    assert place(rig).status == 200


def test_what_does_not_wait_cannot_be_canceled_or_found(rig: Rig) -> None:
    place(rig)
    move(rig, 59_900)
    assert rig.ask("linear", "DELETE", ALGO, {"clientAlgoId": "stop-1"}).error[:2] == (400, -2011)
    assert rig.ask("linear", "DELETE", ALGO, {"algoId": 5}).error[:2] == (400, -2011)
    assert query(rig, algoId=5).error[:2] == (400, -2013)
    assert query(rig).error[:2] == (400, -1102)


def test_canceling_all_orders_leaves_the_conditional_ones_and_the_other_way_round(rig: Rig) -> None:
    place(rig)
    rig.linear()
    rig.ask("linear", "DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    assert len(rig.ask("linear", "GET", "/fapi/v1/openAlgoOrders", {"symbol": "BTCUSDT"}).content) == 1
    rig.linear()
    assert rig.ask("linear", "DELETE", "/fapi/v1/algoOpenOrders", {"symbol": "BTCUSDT"}).content["code"] == 200
    assert rig.ask("linear", "GET", "/fapi/v1/openAlgoOrders").content == []
    assert len(rig.ask("linear", "GET", "/fapi/v1/openOrders").content) == 1


def test_all_conditional_orders_are_listed_from_one_on(rig: Rig) -> None:
    first, second = (place(rig, clientAlgoId=name).content["algoId"] for name in ("a", "b"))
    path = "/fapi/v1/allAlgoOrders"
    assert [row["algoId"] for row in rig.ask("linear", "GET", path, {"symbol": "BTCUSDT"}).content] == [first, second]
    later = {"symbol": "BTCUSDT", "algoId": second}
    assert [row["algoId"] for row in rig.ask("linear", "GET", path, later).content] == [second]
    week = {"symbol": "BTCUSDT", "startTime": 1, "endTime": 8 * 86_400_000}
    assert rig.ask("linear", "GET", path, week).error[1] == -4165
