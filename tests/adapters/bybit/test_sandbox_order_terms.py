"""What orders may be at Bybit's sandbox, spot and linear: terms, limits of prices, stops."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.bybit.sandbox_orders import REALTIME, jump, kind
from tests.adapters.bybit.sandbox_user import User
from unified.errors import Kind


@pytest.mark.parametrize(
    ("category", "more", "code", "kind_of_it"),
    [
        pytest.param("spot", {"symbol": "NOPE"}, 170121, Kind.UNKNOWN_SYMBOL, id="spot, an unknown symbol"),
        pytest.param("linear", {"symbol": "NOPE"}, 10001, Kind.UNKNOWN_SYMBOL, id="linear, an unknown symbol"),
        pytest.param("spot", {"price": "59500.01"}, 170134, Kind.INVALID_PRICE, id="spot, off the tick"),
        pytest.param("linear", {"price": "59500.01"}, 10001, Kind.INVALID_REQUEST, id="linear, off the tick"),
        pytest.param("spot", {"qty": "0.0100001"}, 170137, Kind.INVALID_QUANTITY, id="spot, off the lot"),
        pytest.param("linear", {"qty": "0.0101"}, 10001, Kind.INVALID_QUANTITY, id="linear, off the lot"),
        pytest.param("spot", {"qty": "0.00001"}, 170140, Kind.INVALID_NOTIONAL, id="spot, worth too little"),
        pytest.param("linear", {"qty": "0.0001"}, 10001, Kind.INVALID_QUANTITY, id="linear, below the least"),
        pytest.param("spot", {"qty": "0"}, 170136, Kind.INVALID_QUANTITY, id="spot, nothing"),
        pytest.param("spot", {"qty": "84"}, 170381, Kind.INVALID_QUANTITY, id="spot, too much"),
        pytest.param("linear", {"qty": "1190.001"}, 10001, Kind.INVALID_QUANTITY, id="linear, too much"),
        pytest.param("spot", {"qty": "60"}, 170131, Kind.INSUFFICIENT_FUNDS, id="spot, more than there is"),
        pytest.param("linear", {"qty": "600"}, 110007, Kind.INSUFFICIENT_FUNDS, id="linear, more than there is"),
        pytest.param("spot", {"price": "60700"}, 170193, Kind.INVALID_PRICE, id="spot, a buy above the limit"),
        pytest.param(
            "spot", {"side": "Sell", "price": "59300"}, 170194, Kind.INVALID_PRICE, id="spot, a sell below the limit"
        ),
        pytest.param("linear", {"price": "0"}, 110003, Kind.INVALID_PRICE, id="linear, no price at all"),
        pytest.param("spot", {"price": None}, 10001, Kind.INVALID_REQUEST, id="a limit order without a price"),
        pytest.param("spot", {"qty": 0.01}, 10001, Kind.INVALID_REQUEST, id="a quantity that is no text"),
        pytest.param("spot", {"side": "buy"}, 10001, Kind.INVALID_REQUEST, id="a side in small letters"),
        pytest.param("spot", {"orderType": "Stop"}, 170116, Kind.INVALID_ORDER, id="spot, an unknown type"),
        pytest.param("linear", {"orderType": "Stop"}, 10001, Kind.INVALID_REQUEST, id="linear, an unknown type"),
        pytest.param("spot", {"timeInForce": "GTD"}, 170115, Kind.INVALID_ORDER, id="spot, an unknown time in force"),
        pytest.param("linear", {"timeInForce": "GTD"}, 10001, Kind.INVALID_REQUEST, id="linear, the same"),
        pytest.param("linear", {"timeInForce": "RPI"}, 110119, Kind.PERMISSION_DENIED, id="linear, RPI"),
        pytest.param("spot", {"timeInForce": "RPI"}, 170355, Kind.PERMISSION_DENIED, id="spot, RPI"),
        pytest.param("spot", {"isLeverage": 1}, 170036, Kind.PERMISSION_DENIED, id="spot on margin"),
        pytest.param("linear", {"takeProfit": "70000"}, 10001, Kind.INVALID_REQUEST, id="with take-profit"),
        pytest.param("linear", {"positionIdx": 1}, 10001, Kind.INVALID_ORDER, id="a side in one-way mode"),
        pytest.param("linear", {"reduceOnly": True}, 110017, Kind.REDUCE_ONLY_REJECTED, id="nothing to reduce"),
        pytest.param(
            "linear",
            {"reduceOnly": True, "closeOnTrigger": True, "qty": "0"},
            110017,
            Kind.REDUCE_ONLY_REJECTED,
            id="nothing to close",
        ),
        pytest.param("linear", {"orderLinkId": "a" * 37}, 10001, Kind.INVALID_REQUEST, id="an id that is too long"),
        pytest.param("spot", {"orderLinkId": "a.b"}, 10001, Kind.INVALID_REQUEST, id="an id with a dot"),
        pytest.param("option", {}, 10001, Kind.INVALID_REQUEST, id="another category"),
    ],
)
def test_what_is_refused_before_the_acknowledgement(
    category: str, more: dict[str, object], code: int, kind_of_it: Kind
) -> None:
    user = User()
    told = user.place(category, **more)
    assert told["retCode"] == code, told
    assert kind(told, category) is kind_of_it
    assert told["result"] == {}
    assert user.venue.engine.accounts["one"].orders == []


def test_an_order_worth_too_little_is_refused_by_contracts_unless_it_reduces() -> None:
    user = User()
    jump(user, "linear", "4000")
    told = user.place("linear", qty="0.001", price="3990")
    assert (told["retCode"], kind(told, "linear")) == (110094, Kind.INVALID_NOTIONAL)
    user.placed("linear", qty="0.002", orderType="Market", price=None)
    assert user.place("linear", qty="0.001", price="3990", side="Sell", reduceOnly=True)["retCode"] == 0


def test_a_spot_market_buy_is_by_quote_quantity_unless_it_says_otherwise() -> None:
    user = User()
    buy = user.order(user.placed("spot", orderType="Market", price=None, qty="100"), "spot")
    assert (buy["marketUnit"], buy["qty"]) == ("quoteCoin", "100")
    assert 99 < Decimal(buy["cumExecValue"]) < 100
    assert (buy["orderStatus"], buy["rejectReason"]) == ("PartiallyFilledCanceled", "EC_CancelByOrderValueZero")
    sell = user.order(user.placed("spot", orderType="Market", price=None, side="Sell"), "spot")
    assert (sell["marketUnit"], sell["cumExecQty"], sell["orderStatus"]) == ("baseCoin", "0.010000", "Filled")
    told = user.place("spot", orderType="Market", price=None, qty="100.00000001")
    assert (told["retCode"], kind(told, "spot")) == (170148, Kind.INVALID_QUANTITY)


def test_a_price_beyond_the_limit_is_moved_by_contracts_and_refused_where_the_account_wants_that() -> None:
    user = User()
    assert user.order(user.placed("linear", price="70000", timeInForce="IOC"))["price"] == "61200.00"
    told = user.post("/v5/account/set-limit-px-action", category="linear", modifyEnable=False)
    assert (told["retCode"], told["retMsg"]) == (0, "success")
    high, low = user.place("linear", price="70000"), user.place("linear", side="Sell", price="50000")
    assert [high["retCode"], low["retCode"]] == [110121, 110120]
    assert {kind(high, "linear"), kind(low, "linear")} == {Kind.INVALID_PRICE}
    user.post("/v5/account/set-limit-px-action", category="spot", modifyEnable=True)
    assert user.order(user.placed("spot", price="70000", timeInForce="IOC"), "spot")["price"] == "60600.0"
    assert user.get("/v5/account/user-setting-config")["result"] == {"lpaSpot": True, "lpaPerp": True}


# --- stops


def test_a_stop_in_contracts_has_a_direction() -> None:
    user = User()
    stop = {"orderType": "Market", "price": None, "triggerPrice": "60600", "triggerDirection": 1}
    row = user.order(user.placed("linear", **stop))
    assert (row["orderStatus"], row["stopOrderType"], row["triggerDirection"]) == ("Untriggered", "Stop", 1)
    assert (row["triggerPrice"], row["triggerBy"]) == ("60600.00", "LastPrice")
    jump(user, "linear", "60700")
    assert user.order(row["orderId"])["orderStatus"] == "Filled"


@pytest.mark.parametrize(
    ("trigger", "direction", "code", "kind_of_it"),
    [
        pytest.param("59000", 1, 110092, Kind.WOULD_TRIGGER, id="rising to where it was"),
        pytest.param("61000", 2, 110093, Kind.WOULD_TRIGGER, id="falling to where it was"),
        pytest.param("61000", None, 10001, Kind.INVALID_REQUEST, id="no direction"),
        pytest.param("61000", 3, 10001, Kind.INVALID_REQUEST, id="an unknown direction"),
    ],
)
def test_a_stop_must_lie_ahead(trigger: str, direction: int | None, code: int, kind_of_it: Kind) -> None:
    told = User().place("linear", triggerPrice=trigger, triggerDirection=direction)
    assert (told["retCode"], kind(told, "linear")) == (code, kind_of_it)


@pytest.mark.parametrize("order_filter", ["StopOrder", "tpslOrder"])
def test_spot_finds_a_stop_only_under_its_filter(order_filter: str) -> None:
    user = User()
    stop = {"triggerPrice": "59000", "side": "Sell", "price": "58900", "orderFilter": order_filter}
    order_id = user.placed("spot", **stop)
    assert user.order(order_id, "spot")["orderStatus"] == "Untriggered"
    query = {"category": "spot", "symbol": "BTCUSDT"}
    assert len(user.listed(REALTIME, **query)) == 1
    assert user.listed(REALTIME, orderFilter="Order", **query) == []
    assert len(user.listed(REALTIME, orderFilter=order_filter, **query)) == 1
    assert user.post("/v5/order/cancel", orderId=order_id, **query)["retCode"] == 170213
    assert user.post("/v5/order/cancel-all", **query)["result"]["list"] == []
    assert user.post("/v5/order/cancel", orderId=order_id, orderFilter=order_filter, **query)["retCode"] == 0
    user.wait(0.1)
    row = user.order(order_id, "spot")
    assert (row["orderStatus"], row["cancelType"]) == ("Deactivated", "CancelByUser")


def test_a_spot_stop_needs_its_filter_and_a_known_one() -> None:
    user = User()
    for order_filter in ("Order", "OcoOrder"):
        told = user.place("spot", triggerPrice="59000", orderFilter=order_filter)
        assert (told["retCode"], kind(told, "spot")) == (170201, Kind.INVALID_REQUEST)
    assert user.get(REALTIME, category="spot", orderFilter="Nothing")["retCode"] == 170201
    assert user.post("/v5/order/cancel-all", category="spot", orderFilter="OcoOrder")["result"]["list"] == []


def test_a_stop_that_cannot_be_paid_is_rejected_when_it_triggers() -> None:
    user = User()
    user.who = "poor"
    stop = {"triggerPrice": "60600", "price": "60700", "qty": "0.01", "orderFilter": "StopOrder"}
    order_id = user.placed("spot", **stop)
    jump(user, "spot", "60650")
    assert user.order(order_id, "spot")["orderStatus"] == "Rejected"
