from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Answer, Params, Rig, check_code
from unified.instrument import Product
from unified.order import OrderStatus
from unified.sandbox.listing import MarketMode

ORDER = "/api/v3/order"
UNKNOWN = (400, -2011, "Unknown order sent.")


@pytest.fixture
def rig() -> Rig:
    return Rig()


def cancel(rig: Rig, **params: object) -> Answer:
    return rig.ask("spot", "DELETE", ORDER, {"symbol": "BTCUSDT", **params})


# --- placing


def test_a_resting_order_answers_in_full(rig: Rig) -> None:
    answer = rig.spot(newClientOrderId="mine-1")
    assert answer.content == {
        "symbol": "BTCUSDT",
        "orderId": 28457001,
        "orderListId": -1,
        "clientOrderId": "mine-1",
        "transactTime": rig.now_ms("spot"),
        "price": "60000.00000000",
        "origQty": "0.01000000",
        "executedQty": "0.00000000",
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        "status": "NEW",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingTime": rig.now_ms("spot"),
        "fills": [],
    }
    (order,) = rig.account().orders
    assert (order.client_order_id, order.price, order.quantity) == ("mine-1", Decimal(60_000), Decimal("0.01"))


def test_a_market_order_tells_its_fills(rig: Rig) -> None:
    told = rig.spot(**MARKET, quantity="1").content
    fills = told["fills"]
    assert told["status"] == "FILLED"
    assert sum(Decimal(fill["qty"]) for fill in fills) == 1
    assert len(fills) > 1
    assert told["cummulativeQuoteQty"] == f"{sum(Decimal(f['qty']) * Decimal(f['price']) for f in fills):.8f}"
    assert {fill["commissionAsset"] for fill in fills} == {"BTC"}


def test_a_market_order_may_spend_an_amount(rig: Rig) -> None:
    told = rig.spot(**MARKET, quantity=None, quoteOrderQty="100").content
    assert told["origQuoteOrderQty"] == "100.00000000"
    assert Decimal(99) < Decimal(told["cummulativeQuoteQty"]) <= 100


@pytest.mark.parametrize(
    ("params", "keys"),
    [
        pytest.param({"newOrderRespType": "ACK"}, {"clientOrderId"}, id="an acknowledgement has no status"),
        pytest.param({"newOrderRespType": "RESULT"}, {"clientOrderId", "status"}, id="a result has no fills"),
        pytest.param({}, {"clientOrderId", "status", "fills"}, id="a limit order answers in full"),
        pytest.param({"type": "LIMIT_MAKER", "timeInForce": None}, {"clientOrderId"}, id="other types acknowledge"),
    ],
)
def test_answers_have_three_depths(rig: Rig, params: Params, keys: set[str]) -> None:
    told = rig.spot(**params).content
    assert {"clientOrderId", "status", "fills"} & set(told) == keys


def test_an_order_without_an_id_gets_one_of_the_venues(rig: Rig) -> None:
    first, second = rig.spot().content["clientOrderId"], rig.spot().content["clientOrderId"]
    assert first != second
    assert re.fullmatch(r"[a-zA-Z0-9]{22}", first)


@pytest.mark.parametrize(
    ("tif", "price", "status"),
    [
        pytest.param("IOC", "60000", "EXPIRED", id="an IOC order that finds nothing expires"),
        pytest.param("FOK", "60000", "EXPIRED", id="a FOK order that finds nothing expires"),
        pytest.param("IOC", "62000", "FILLED", id="an IOC order that crosses fills"),
        pytest.param("FOK", "62000", "FILLED", id="a FOK order that crosses fills"),
    ],
)
def test_orders_for_now_or_never(rig: Rig, tif: str, price: str, status: str) -> None:
    assert rig.spot(timeInForce=tif, price=price).content["status"] == status
    assert rig.account().open == {}


@pytest.mark.parametrize(
    ("side", "native", "stop_price", "moved_to"),
    [
        pytest.param("SELL", "STOP_LOSS", "60000", "59900", id="a stop of a loss sells when the price falls"),
        pytest.param("BUY", "STOP_LOSS", "62000", "62100", id="a stop of a loss buys when the price rises"),
        pytest.param("SELL", "TAKE_PROFIT", "62000", "62100", id="a take-profit sells when the price rises"),
        pytest.param("BUY", "TAKE_PROFIT", "60000", "59900", id="a take-profit buys when the price falls"),
    ],
)
def test_stops_wait_and_fire(rig: Rig, side: str, native: str, stop_price: str, moved_to: str) -> None:
    placed = rig.spot(
        side=side, type=native, stopPrice=stop_price, price=None, timeInForce=None, newOrderRespType="RESULT"
    )
    assert (placed.content["status"], placed.content["stopPrice"]) == ("NEW", f"{stop_price}.00000000")
    assert "workingTime" not in placed.content
    rig.dialect.engine.move_price(rig.instrument(Product.SPOT), Decimal(moved_to))
    (order,) = rig.account().orders
    assert order.status is OrderStatus.FILLED


def test_an_id_is_taken_only_while_its_order_is_open(rig: Rig) -> None:
    assert rig.spot(newClientOrderId="same").status == 200
    assert rig.spot(newClientOrderId="same").error == (400, -2010, "Duplicate order sent.")
    assert rig.linear(newClientOrderId="same").status == 200
    assert cancel(rig, origClientOrderId="same").status == 200
    assert rig.spot(newClientOrderId="same").status == 200


POST_ONLY: Params = {"type": "LIMIT_MAKER", "timeInForce": None}
STOP: Params = {"side": "SELL", "type": "STOP_LOSS", "price": None, "timeInForce": None}


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        pytest.param({"symbol": "NOSUCH"}, -1121, "Invalid symbol.", id="an unknown symbol"),
        pytest.param({"side": "HOLD"}, -1117, "Invalid side.", id="an unknown side"),
        pytest.param({"type": "ICEBERG"}, -1116, "Invalid orderType.", id="an unknown type"),
        pytest.param({"timeInForce": "DAY"}, -1115, "Invalid timeInForce.", id="an unknown time in force"),
        pytest.param({"price": None}, -1102, "Mandatory parameter 'price'", id="a limit order without a price"),
        pytest.param({"price": "abc"}, -1100, "Illegal characters found in parameter 'price'", id="a price in letters"),
        pytest.param(
            {**MARKET, "price": "1"}, -1106, "Parameter 'price' sent when not required.", id="a price too many"
        ),
        pytest.param({**MARKET, "quantity": None}, -1102, "Param 'quantity' or 'quoteOrderQty'", id="neither quantity"),
        pytest.param({**MARKET, "quoteOrderQty": "9"}, -1128, "Combination of optional", id="both quantities"),
        pytest.param({"price": "60000.001"}, -1013, "Filter failure: PRICE_FILTER", id="a price off the tick"),
        pytest.param({"price": "60000.000000001"}, -1111, "Parameter 'price' has too much", id="too many digits"),
        pytest.param({"quantity": "0.000011"}, -1013, "Filter failure: LOT_SIZE", id="a quantity off the lot"),
        pytest.param({"quantity": "0.000001"}, -1013, "Filter failure: LOT_SIZE", id="a quantity too small"),
        pytest.param({**MARKET, "quantity": "121"}, -1013, "Filter failure: MARKET_LOT_SIZE", id="too much at market"),
        pytest.param({"quantity": "0.00005"}, -1013, "Filter failure: NOTIONAL", id="too little money"),
        pytest.param({"price": "12000"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE", id="a price far away"),
        pytest.param(
            {"quantity": "100"}, -2010, "Account has insufficient balance for requested action.", id="too dear"
        ),
        pytest.param({**POST_ONLY, "price": "62000"}, -2010, "Order would immediately match and take.", id="post-only"),
        pytest.param({**STOP, "stopPrice": "62000"}, -2010, "Order would trigger immediately.", id="a stop reached"),
        pytest.param({**STOP, "trailingDelta": "10"}, -2010, "Trailing stop orders are not supported", id="trailing"),
        pytest.param({"newClientOrderId": "a b"}, -1100, "'newClientOrderId'; legal range is", id="an illegal id"),
        pytest.param({"newClientOrderId": "x" * 37}, -1100, "'newClientOrderId'", id="an id too long"),
        pytest.param({"newOrderRespType": "ALL"}, -1130, "Data sent for parameter 'newOrderRespType'", id="bad depth"),
        pytest.param({"selfTradePreventionMode": "X"}, -1130, "'selfTradePreventionMode'", id="bad self-trade mode"),
    ],
)
def test_what_is_refused_is_refused_in_the_venues_words(rig: Rig, params: Params, code: int, text: str) -> None:
    answer = rig.spot(**params)
    assert answer.error[:2] == (400, code)
    assert text in answer.error[2]
    assert rig.account().orders == []


@pytest.mark.parametrize(
    ("mode", "text"),
    [(MarketMode.CLOSED, "Market is closed."), (MarketMode.CANCEL_ONLY, "not possible in this trading phase")],
)
def test_a_market_that_does_not_trade_says_so(rig: Rig, mode: MarketMode, text: str) -> None:
    rig.dialect.engine.set_mode(rig.instrument(Product.SPOT), mode)
    assert rig.spot().error[1] == -2010
    assert text in rig.spot().error[2]


def test_a_poor_account_cannot_buy_much(rig: Rig) -> None:
    assert rig.spot("poor").error[1] == -2010
    assert rig.spot("poor", quantity="0.0001").status == 200


# --- test orders


def test_a_test_order_is_checked_and_not_placed(rig: Rig) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "100"}
    priced = {**order, "price": "60000"}
    assert rig.ask("spot", "POST", f"{ORDER}/test", priced).content == {}
    assert rig.ask("spot", "POST", f"{ORDER}/test", {**order, "price": "0.001"}).error[1] == -1013
    told = rig.ask("spot", "POST", f"{ORDER}/test", {**priced, "computeCommissionRates": "true"}).content
    assert told["standardCommissionForOrder"] == {"maker": "0.00100000", "taker": "0.00100000"}
    assert rig.account().orders == []


# --- canceling


def test_a_cancel_has_an_id_of_its_own(rig: Rig) -> None:
    rig.spot(newClientOrderId="mine")
    told = cancel(rig, origClientOrderId="mine", newClientOrderId="cancel-1").content
    assert (told["origClientOrderId"], told["clientOrderId"], told["status"]) == ("mine", "cancel-1", "CANCELED")
    assert cancel(rig, origClientOrderId="mine").error == UNKNOWN


def test_what_is_not_open_cannot_be_canceled(rig: Rig) -> None:
    filled = rig.spot(**MARKET).content["orderId"]
    assert cancel(rig, orderId=filled).error == UNKNOWN
    assert cancel(rig, orderId=1).error == UNKNOWN
    assert cancel(rig, origClientOrderId="never").error == UNKNOWN
    neither = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
    assert cancel(rig).error == (400, -1102, neither)


def test_an_order_of_another_account_or_product_is_not_found(rig: Rig) -> None:
    others = rig.spot("rsa").content["orderId"]
    linear = rig.linear().content["orderId"]
    assert cancel(rig, orderId=others).error == UNKNOWN
    assert cancel(rig, orderId=linear).error == UNKNOWN


def test_two_ids_that_do_not_belong_together(rig: Rig) -> None:
    order_id = rig.spot(newClientOrderId="mine").content["orderId"]
    assert cancel(rig, orderId=order_id, origClientOrderId="other").error[1] == -2039
    assert cancel(rig, orderId=order_id, origClientOrderId="mine").status == 200


def test_a_cancel_may_be_restricted(rig: Rig) -> None:
    order_id = rig.spot().content["orderId"]
    text = "Order was not canceled due to cancel restrictions."
    assert cancel(rig, orderId=order_id, cancelRestrictions="ONLY_PARTIALLY_FILLED").error == (400, -2011, text)
    assert cancel(rig, orderId=order_id, cancelRestrictions="SOMETIMES").error[1] == -1145
    assert cancel(rig, orderId=order_id, cancelRestrictions="ONLY_NEW").status == 200


def test_all_orders_of_a_symbol_are_canceled_at_once_and_none_is_an_error(rig: Rig) -> None:
    path = "/api/v3/openOrders"
    rig.spot(), rig.spot(), rig.spot(symbol="ETHUSDT", price="3000", quantity="0.1")
    rows = rig.ask("spot", "DELETE", path, {"symbol": "BTCUSDT"}).content
    assert [row["status"] for row in rows] == ["CANCELED", "CANCELED"]
    assert rig.ask("spot", "DELETE", path, {"symbol": "BTCUSDT"}).error == UNKNOWN
    assert len(rig.account().open) == 1


# --- cancel and replace


def replace(rig: Rig, mode: str = "STOP_ON_FAILURE", **params: object) -> Answer:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    return rig.ask(
        "spot", "POST", f"{ORDER}/cancelReplace", {**order, "price": "59000", "cancelReplaceMode": mode, **params}
    )


def test_both_halves_of_a_replacement_may_succeed(rig: Rig) -> None:
    order_id = rig.spot(newClientOrderId="old").content["orderId"]
    told = replace(rig, cancelOrderId=order_id, newClientOrderId="new").content
    assert (told["cancelResult"], told["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    assert told["cancelResponse"]["origClientOrderId"] == "old"
    assert told["newOrderResponse"]["clientOrderId"] == "new"


@pytest.mark.parametrize(
    ("mode", "params", "status", "code", "results"),
    [
        pytest.param(
            "STOP_ON_FAILURE",
            {"cancelOrderId": 1},
            400,
            -2022,
            ("FAILURE", "NOT_ATTEMPTED"),
            id="the cancel fails and nothing else is tried",
        ),
        pytest.param(
            "ALLOW_FAILURE",
            {"cancelOrderId": 1},
            409,
            -2021,
            ("FAILURE", "SUCCESS"),
            id="the cancel fails and the order is placed all the same",
        ),
        pytest.param(
            "ALLOW_FAILURE",
            {"cancelOrderId": 1, "quantity": "100"},
            400,
            -2022,
            ("FAILURE", "FAILURE"),
            id="both fail",
        ),
        pytest.param(
            "STOP_ON_FAILURE",
            {"quantity": "100"},
            409,
            -2021,
            ("SUCCESS", "FAILURE"),
            id="the cancel works and the order fails",
        ),
    ],
)
def test_each_half_of_a_replacement_may_fail_alone(
    rig: Rig, mode: str, params: Params, status: int, code: int, results: tuple[str, str]
) -> None:
    order_id = rig.spot().content["orderId"]
    answer = replace(rig, mode, **{"cancelOrderId": order_id, **params})
    data = answer.content["data"]
    assert answer.error[:2] == (status, code)
    assert (data["cancelResult"], data["newOrderResult"]) == results
    for half in ("cancelResponse", "newOrderResponse"):
        if data[half] is not None and "code" in data[half]:
            check_code("spot", status, data[half])
