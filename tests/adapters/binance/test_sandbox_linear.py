from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Answer, Params, Rig, check_code
from unified.account import PositionMode
from unified.instrument import Product
from unified.sandbox.listing import MarketMode

ORDER, BATCH = "/fapi/v1/order", "/fapi/v1/batchOrders"
UNKNOWN = (400, -2011, "Unknown order sent.")


@pytest.fixture
def rig() -> Rig:
    return Rig()


def cancel(rig: Rig, **params: object) -> Answer:
    return rig.ask("linear", "DELETE", ORDER, {"symbol": "BTCUSDT", **params})


def amend(rig: Rig, **params: object) -> Answer:
    usual = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.010", "price": "60000"}
    return rig.ask("linear", "PUT", ORDER, {**usual, **params})


# --- placing


def test_an_acknowledgement_tells_of_the_order_before_it_traded(rig: Rig) -> None:
    told = rig.linear(newClientOrderId="mine.1", price="62000").content
    assert told == {
        "orderId": 28457001,
        "symbol": "BTCUSDT",
        "status": "NEW",
        "clientOrderId": "mine.1",
        "price": "62000.0",
        "origQty": "0.010",
        "executedQty": "0.000",
        "cumQty": "0.000",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "reduceOnly": False,
        "closePosition": False,
        "side": "BUY",
        "positionSide": "BOTH",
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": "LIMIT",
        "priceMatch": "NONE",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "goodTillDate": 0,
        "updateTime": rig.now_ms("linear"),
    }
    assert rig.account().position(rig.instrument(Product.LINEAR), None).quantity == Decimal("0.01")


def test_a_result_tells_how_it_ended(rig: Rig) -> None:
    told = rig.linear(**MARKET, newOrderRespType="RESULT").content
    assert (told["status"], told["executedQty"], told["price"]) == ("FILLED", "0.010", "0")


def test_an_order_till_a_date_expires(rig: Rig) -> None:
    till = rig.now_ms("linear") // 1000 * 1000 + 700_000
    told = rig.linear(timeInForce="GTD", goodTillDate=till).content
    assert told["goodTillDate"] == till
    rig.wait(701)
    assert rig.account().open == {}
    answer = rig.ask("linear", "GET", ORDER, {"symbol": "BTCUSDT", "orderId": told["orderId"]})
    assert answer.content["status"] == "EXPIRED"


def test_a_reduce_only_order_is_cut_to_the_position(rig: Rig) -> None:
    rig.linear(**MARKET)
    told = rig.linear(**MARKET, side="SELL", quantity="0.050", reduceOnly="true", newOrderRespType="RESULT").content
    assert (told["status"], told["origQty"], told["reduceOnly"]) == ("FILLED", "0.010", True)


def test_an_id_is_taken_only_while_its_order_is_open(rig: Rig) -> None:
    rig.linear(newClientOrderId="same")
    assert rig.linear(newClientOrderId="same").error == (400, -4116, "ClientOrderId is duplicated.")
    assert cancel(rig, origClientOrderId="same").content["status"] == "CANCELED"
    assert rig.linear(newClientOrderId="same").status == 200


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"symbol": "NOSUCH"}, -1121, id="an unknown symbol"),
        pytest.param({"side": "HOLD"}, -1117, id="an unknown side"),
        pytest.param({"type": "ICEBERG"}, -1116, id="an unknown type"),
        pytest.param({"type": "STOP_MARKET"}, -4120, id="a conditional order at the wrong door"),
        pytest.param({"timeInForce": "DAY"}, -1115, id="an unknown time in force"),
        pytest.param({"price": None}, -1102, id="a limit order without a price"),
        pytest.param({"timeInForce": None}, -1102, id="a limit order without a time in force"),
        pytest.param({**MARKET, "price": "60000"}, -1106, id="a market order with a price"),
        pytest.param({"price": "60000.123"}, -1111, id="a price with too many digits"),
        pytest.param({"price": "60000.05"}, -4014, id="a price off the tick"),
        pytest.param({"price": "0"}, -4001, id="a price of nothing"),
        pytest.param({"quantity": "0.0101"}, -1111, id="a quantity with too many digits"),
        pytest.param({"quantity": "0"}, -4003, id="a quantity of nothing"),
        pytest.param({"quantity": "1001"}, -4005, id="a quantity too large"),
        pytest.param({"price": "65000"}, -4016, id="a buy beyond the band"),
        pytest.param({"side": "SELL", "price": "57000"}, -4024, id="a sell beyond the band"),
        pytest.param({"quantity": "200"}, -2019, id="too little margin"),
        pytest.param({"timeInForce": "GTX", "price": "62000"}, -5022, id="a post-only order that would take"),
        pytest.param({"timeInForce": "FOK"}, -5021, id="a fill-or-kill order that finds nothing"),
        pytest.param({"reduceOnly": "true"}, -2022, id="nothing to reduce"),
        pytest.param({"reduceOnly": "yes"}, -1130, id="a flag that is none"),
        pytest.param({"positionSide": "LONG"}, -4061, id="a position side in one-way mode"),
        pytest.param({"positionSide": "UP"}, -4060, id="an unknown position side"),
        pytest.param({"timeInForce": "GTD"}, -1102, id="a date that is missing"),
        pytest.param({"timeInForce": "GTD", "goodTillDate": "1"}, -5040, id="a date that has passed"),
        pytest.param({"newClientOrderId": "a b"}, -1100, id="an illegal id"),
        pytest.param({"newOrderRespType": "FULL"}, -1136, id="an unknown depth"),
        pytest.param({"selfTradePreventionMode": "X"}, -5039, id="an unknown self-trade mode"),
    ],
)
def test_what_is_refused_is_refused_with_the_venues_code(rig: Rig, params: Params, code: int) -> None:
    assert rig.linear(**params).error[:2] == (400, code)
    shown = rig.ask("linear", "GET", "/fapi/v1/allOrders", {"symbol": "BTCUSDT"}).content
    assert shown == []


def test_the_least_notional_is_told(rig: Rig) -> None:
    text = "Order's notional must be no smaller than 20 (unless you choose reduce only)"
    assert rig.linear(symbol="ETHUSDT", quantity="0.001", price="3000").error == (400, -4164, text)


def test_a_market_that_does_not_trade_says_so(rig: Rig) -> None:
    rig.dialect.engine.set_mode(rig.instrument(Product.LINEAR), MarketMode.CLOSED)
    assert rig.linear().error[1] == -4141


def test_in_hedge_mode_every_order_names_its_position(rig: Rig) -> None:
    rig.dialect.engine.set_position_mode(rig.account(), PositionMode.HEDGE)
    assert rig.linear().error[1] == -4061
    assert rig.linear(positionSide="LONG", reduceOnly="false").error == (
        400,
        -1106,
        "Parameter 'reduceonly' sent when not required.",
    )
    assert rig.linear(**MARKET, positionSide="LONG").content["positionSide"] == "LONG"
    assert rig.linear(**MARKET, positionSide="SHORT", side="SELL").status == 200
    assert len(rig.dialect.engine.positions(rig.account())) == 2


def test_a_test_order_is_checked_and_not_placed(rig: Rig) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010"}
    told = rig.ask("linear", "POST", f"{ORDER}/test", {**order, "price": "60000"}).content
    assert (told["status"], told["price"]) == ("NEW", "60000.0")
    assert rig.ask("linear", "POST", f"{ORDER}/test", {**order, "price": "60000.05"}).error[1] == -4014
    assert rig.account().orders == []


# --- canceling and amending


def test_what_is_not_open_cannot_be_canceled(rig: Rig) -> None:
    filled = rig.linear(**MARKET).content["orderId"]
    assert cancel(rig, orderId=filled).error == UNKNOWN
    assert cancel(rig, orderId=1).error == UNKNOWN
    assert cancel(rig).error[1] == -1102
    assert cancel(rig, orderId=rig.spot().content["orderId"]).error == UNKNOWN


def test_all_orders_are_canceled_even_if_there_is_none(rig: Rig) -> None:
    done = {"code": 200, "msg": "The operation of cancel all open order is done."}
    rig.linear(), rig.linear()
    for _ in range(2):
        assert rig.ask("linear", "DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"}).content == done
    assert rig.account().open == {}


def test_an_amendment_changes_price_and_quantity_and_keeps_the_id(rig: Rig) -> None:
    rig.linear(newClientOrderId="mine")
    told = amend(rig, origClientOrderId="mine", price="60001.5", quantity="0.020").content
    assert (told["price"], told["origQty"], told["clientOrderId"]) == ("60001.5", "0.020", "mine")
    assert "avgPrice" not in told


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({}, -5027, id="nothing changes"),
        pytest.param({"orderId": "1"}, -2013, id="there is no such order"),
        pytest.param({"price": "60000.05"}, -4014, id="the price is off the tick"),
        pytest.param({"quantity": "200"}, -2019, id="there is too little margin"),
        pytest.param({"side": "SELL"}, -1130, id="the side is not the order's"),
    ],
)
def test_an_amendment_may_be_refused(rig: Rig, params: Params, code: int) -> None:
    order_id = rig.linear().content["orderId"]
    assert amend(rig, **{"orderId": order_id, **params}).error[:2] == (400, code)


def test_a_market_order_cannot_be_amended_while_it_is_gone(rig: Rig) -> None:
    order_id = rig.linear(**MARKET).content["orderId"]
    assert amend(rig, orderId=order_id).error == (400, -2013, "Order does not exist.")


def test_a_post_only_order_that_is_amended_into_the_market_ends(rig: Rig) -> None:
    order_id = rig.linear(timeInForce="GTX").content["orderId"]
    assert amend(rig, orderId=order_id, price="62000").content["status"] == "CANCELED"


# --- batches


def batch(rig: Rig, method: str, items: list[dict[str, object]]) -> Answer:
    answer = rig.ask("linear", method, BATCH, {"batchOrders": json.dumps(items, separators=(",", ":"))})
    for row in answer.content if answer.status == 200 else ():
        if "code" in row:
            check_code("linear", 400, row)
    return answer


def item(**params: object) -> dict[str, object]:
    usual = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010"}
    return {**usual, "price": "60000", **params}


def test_each_order_of_a_batch_answers_for_itself(rig: Rig) -> None:
    rows = batch(rig, "POST", [item(newClientOrderId="a"), item(price="1"), item(reduceOnly=True)]).content
    assert rows[0]["clientOrderId"] == "a"
    assert [row.get("code") for row in rows] == [None, -4002, -2022]


def test_orders_are_amended_together(rig: Rig) -> None:
    ids = [rig.linear().content["orderId"] for _ in range(2)]
    rows = batch(rig, "PUT", [item(orderId=ids[0], price="60001"), item(orderId=ids[1])]).content
    assert rows[0]["price"] == "60001.0"
    assert rows[1]["code"] == -5027


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param("[]", -4082, id="an empty batch"),
        pytest.param(json.dumps([item()] * 6), -4082, id="six orders"),
        pytest.param("[1]", -1130, id="items that are no orders"),
        pytest.param("what", -1130, id="no JSON"),
    ],
)
def test_a_batch_must_be_one(rig: Rig, value: str, code: int) -> None:
    assert rig.ask("linear", "POST", BATCH, {"batchOrders": value}).error[:2] == (400, code)


def test_orders_are_canceled_together_by_either_id(rig: Rig) -> None:
    first, second = (rig.linear(newClientOrderId=name).content["orderId"] for name in "ab")
    ids = {"symbol": "BTCUSDT", "orderIdList": f"[{first},1]"}
    rows = rig.ask("linear", "DELETE", BATCH, ids).content
    assert rows[0]["status"] == "CANCELED"
    assert rows[1] == {"code": -2011, "msg": "Unknown order sent."}
    names = {"symbol": "BTCUSDT", "origClientOrderIdList": '["b"]'}
    assert rig.ask("linear", "DELETE", BATCH, names).content[0]["orderId"] == second


def test_no_more_than_ten_orders_are_canceled_together(rig: Rig) -> None:
    ids = json.dumps(list(range(11)))
    assert rig.ask("linear", "DELETE", BATCH, {"symbol": "BTCUSDT", "orderIdList": ids}).error[1] == -4032
    assert rig.ask("linear", "DELETE", BATCH, {"symbol": "BTCUSDT"}).error[1] == -1102
