"""Orders at Bybit's sandbox, spot and linear.

Long because every order type, flag and refusal of two products has its own small story here.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.bybit.sandbox_user import User, content
from unified.catalogue import Catalogue
from unified.errors import Kind
from unified.instrument import Instrument, Product
from unified.sandbox.listing import MarketMode
from unified_bybit import sandbox_orders

CATALOGUE = Catalogue(Path(sandbox_orders.__file__).with_name("errors.csv"))
REALTIME, HISTORY, FILLS = "/v5/order/realtime", "/v5/order/history", "/v5/execution/list"
BOTH = pytest.mark.parametrize("category", ["spot", "linear"])
NOT_FOUND = {"spot": 170213, "linear": 110001}


def kind(told: Any, category: str) -> Kind:
    row = CATALOGUE.find(str(told["retCode"]), message=told["retMsg"], http_status=200, surfaces=("rest", category))
    assert row is not None, told
    return row.kind


def market_of(user: User, category: str) -> Instrument:
    return user.venue.engine.instrument(Product(category), "BTCUSDT")


def jump(user: User, category: str, price: str) -> None:
    user.venue.engine.move_price(market_of(user, category), Decimal(price))
    user.wait(0.1)


# --- placing


@BOTH
def test_an_order_is_acknowledged_first_and_seen_later(category: str) -> None:
    user = User()
    order = {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.01", "price": "59500"}
    told = user.post("/v5/order/create", category=category, orderLinkId="mine-1", **order)
    assert told["retCode"] == 0
    assert set(told["result"]) == {"orderId", "orderLinkId"}
    query = {"category": category, "symbol": "BTCUSDT", "orderLinkId": "mine-1"}
    assert user.listed(REALTIME, **query) == []
    user.wait(0.02)
    (row,) = user.listed(REALTIME, **query)
    assert row["orderId"] == told["result"]["orderId"]
    assert (row["orderStatus"], row["cancelType"], row["rejectReason"]) == ("New", "UNKNOWN", "EC_NoError")
    assert (Decimal(row["price"]), Decimal(row["qty"]), row["timeInForce"]) == (Decimal(59_500), Decimal("0.01"), "GTC")


def test_spot_counts_its_orders_and_contracts_have_uuids() -> None:
    user = User()
    assert user.placed("spot").isdecimal()
    assert len(user.placed("linear")) == 36


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


@BOTH
def test_an_id_is_good_for_one_order_for_ever(category: str) -> None:
    user = User()
    order_id = user.placed(category, orderLinkId="mine-1")
    again = user.place(category, orderLinkId="mine-1")
    assert (again["retCode"], kind(again, category)) == (
        {"spot": 170141, "linear": 110072}[category],
        Kind.DUPLICATE_ORDER,
    )
    user.post("/v5/order/cancel", category=category, symbol="BTCUSDT", orderId=order_id)
    user.wait(1)
    assert user.place(category, orderLinkId="mine-1", price="59400")["retCode"] == again["retCode"]
    maker = user.place(category, orderLinkId="mine-1", price="60100", timeInForce="PostOnly")
    assert maker["retCode"] == again["retCode"]
    user.who = "two"
    assert user.place(category, orderLinkId="mine-1")["retCode"] == 0


def test_a_refused_order_does_not_use_its_id_up() -> None:
    user = User()
    assert user.place("spot", orderLinkId="mine-1", price="1.23")["retCode"] != 0
    assert user.place("spot", orderLinkId="mine-1")["retCode"] == 0


# --- what the engine finds later


def test_contracts_end_a_post_only_order_that_would_take_after_its_acknowledgement() -> None:
    user = User()
    row = user.order(user.placed("linear", timeInForce="PostOnly", price="60100"))
    assert (row["orderStatus"], row["cancelType"]) == ("Cancelled", "UNKNOWN")
    assert (row["rejectReason"], row["cumExecQty"], row["leavesQty"]) == (
        "EC_PostOnlyWillTakeLiquidity",
        "0.000",
        "0.000",
    )
    resting = user.order(user.placed("linear", timeInForce="PostOnly"))
    assert (resting["orderStatus"], resting["timeInForce"]) == ("New", "PostOnly")


def test_spot_sees_at_once_that_a_post_only_price_would_take() -> None:
    user = User()
    told = user.place("spot", timeInForce="PostOnly", price="60100")
    assert (told["retCode"], kind(told, "spot")) == (170218, Kind.WOULD_TAKE)


@BOTH
def test_fill_or_kill_that_cannot_be_filled_is_killed_later(category: str) -> None:
    user = User()
    row = user.order(user.placed(category, timeInForce="FOK", qty="30"), category)
    assert (row["orderStatus"], row["rejectReason"]) == ("Cancelled", "EC_CancelForNoFullFill")


@BOTH
def test_the_rest_of_an_immediate_order_is_cancelled(category: str) -> None:
    user = User()
    nothing = user.order(user.placed(category, timeInForce="IOC"), category)
    assert (nothing["orderStatus"], nothing["rejectReason"]) == ("Cancelled", "EC_NoImmediateQtyToFill")
    assert nothing["avgPrice"] == ""
    part = user.order(user.placed(category, timeInForce="IOC", qty="20", price="60030"), category)
    ended = {"spot": "PartiallyFilledCanceled", "linear": "Cancelled"}[category]
    assert (part["orderStatus"], part["rejectReason"]) == (ended, "EC_NoImmediateQtyToFill")
    assert 0 < Decimal(part["cumExecQty"]) < 20


@BOTH
def test_market_orders_fill(category: str) -> None:
    user = User()
    more = {"marketUnit": "baseCoin"} if category == "spot" else {}
    row = user.order(user.placed(category, orderType="Market", price=None, **more), category)
    assert (row["orderStatus"], row["orderType"], row["timeInForce"]) == ("Filled", "Market", "IOC")
    assert Decimal(row["cumExecQty"]) == Decimal(row["qty"]) == Decimal("0.01")
    assert Decimal(row["cumExecValue"]) == Decimal(row["avgPrice"]) * Decimal("0.01")
    assert row["cumFeeDetail"] == ({"BTC": "0.00001"} if category == "spot" else {"USDT": row["cumExecFee"]})


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


def test_orders_of_one_account_meet_as_they_were_told_to() -> None:
    user = User()
    resting = user.placed("linear", price="59999", side="Buy", qty="0.001")
    taker = user.placed("linear", price="59999", side="Sell", qty="0.001", smpType="CancelTaker")
    row = user.order(taker)
    assert (row["orderStatus"], row["cancelType"], row["smpType"]) == ("Cancelled", "CancelBySmp", "CancelTaker")
    assert user.order(resting)["orderStatus"] == "New"
    assert user.order(user.placed("linear", price="59999", side="Sell", qty="0.001"))["orderStatus"] == "Filled"
    fills = user.listed(FILLS, category="linear", symbol="BTCUSDT")
    assert len({fill["execId"] for fill in fills}) == len(fills) == 2


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


def test_a_closed_market_refuses() -> None:
    user = User()
    for category, code in (("spot", 170151), ("linear", 110074)):
        user.venue.engine.set_mode(market_of(user, category), MarketMode.CLOSED)
        told = user.place(category)
        assert (told["retCode"], kind(told, category)) == (code, Kind.MARKET_CLOSED)


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


# --- cancelling


@BOTH
def test_a_cancel_is_accepted_first_and_done_later(category: str) -> None:
    user = User()
    order_id = user.placed(category, orderLinkId="mine-1")
    query = {"category": category, "symbol": "BTCUSDT"}
    told = user.post("/v5/order/cancel", orderLinkId="mine-1", **query)
    assert told["result"] == {"orderId": order_id, "orderLinkId": "mine-1"}
    assert user.order(order_id, category)["orderStatus"] == "New"
    busy = user.post("/v5/order/cancel", orderId=order_id, **query)
    assert kind(busy, category) is Kind.ORDER_BUSY
    user.wait(0.1)
    row = user.order(order_id, category)
    assert (row["orderStatus"], row["cancelType"], row["rejectReason"]) == (
        "Cancelled",
        "CancelByUser",
        "EC_PerCancelRequest",
    )
    assert user.post("/v5/order/cancel", orderId=order_id, **query)["retCode"] == NOT_FOUND[category]


@BOTH
@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"orderId": "12345"}, id="an unknown id"),
        pytest.param({"orderLinkId": "never-sent"}, id="an unknown id of the client"),
        pytest.param({"orderId": "12345", "orderLinkId": "mine-1"}, id="the venue's id wins"),
    ],
)
def test_what_is_not_there_cannot_be_cancelled_or_amended(category: str, named: dict[str, str]) -> None:
    user = User()
    user.placed(category, orderLinkId="mine-1")
    query = {"category": category, "symbol": "BTCUSDT"}
    assert user.post("/v5/order/cancel", **query, **named)["retCode"] == NOT_FOUND[category]
    assert user.post("/v5/order/amend", **query, **named, price="59400")["retCode"] == NOT_FOUND[category]


def test_an_order_is_found_under_its_own_account_category_and_symbol_only() -> None:
    user = User()
    order_id = user.placed("linear")
    for symbol, category in (("ETHUSDT", "linear"), ("BTCUSDT", "spot")):
        told = user.post("/v5/order/cancel", category=category, symbol=symbol, orderId=order_id)
        assert told["retCode"] == NOT_FOUND[category]
    assert user.post("/v5/order/cancel", category="linear", symbol="BTCUSDT")["retCode"] == 10001
    user.who = "two"
    told = user.post("/v5/order/cancel", category="linear", symbol="BTCUSDT", orderId=order_id)
    assert told["retCode"] == 110001


def test_cancel_all_takes_what_it_is_told_to() -> None:
    user = User()
    bitcoin, ether = user.placed("linear"), user.placed("linear", symbol="ETHUSDT", price="2990", qty="0.1")
    stop = user.placed("linear", triggerPrice="61000", triggerDirection=1)
    spot = user.placed("spot")
    assert user.post("/v5/order/cancel-all", category="linear")["retCode"] == 10001
    told = user.post("/v5/order/cancel-all", category="linear", symbol="BTCUSDT", orderFilter="Order")["result"]
    assert ([row["orderId"] for row in told["list"]], told["success"]) == ([bitcoin], "1")
    told = user.post("/v5/order/cancel-all", category="linear", settleCoin="USDT")["result"]
    assert {row["orderId"] for row in told["list"]} == {ether, stop}
    assert [row["orderId"] for row in user.post("/v5/order/cancel-all", category="spot")["result"]["list"]] == [spot]
    user.wait(0.1)
    assert user.post("/v5/order/cancel-all", category="spot")["result"] == {"list": [], "success": "1"}


# --- amending


@BOTH
def test_an_amended_order_keeps_its_ids(category: str) -> None:
    user = User()
    order_id = user.placed(category, orderLinkId="mine-1")
    query = {"category": category, "symbol": "BTCUSDT", "orderId": order_id}
    told = user.post("/v5/order/amend", price="59400", qty="0.02", **query)
    assert told["result"] == {"orderId": order_id, "orderLinkId": "mine-1"}
    row = user.order(order_id, category)
    assert (Decimal(row["price"]), Decimal(row["qty"]), row["orderStatus"]) == (Decimal(59_400), Decimal("0.02"), "New")
    same = user.post("/v5/order/amend", price="59400", **query)
    assert (same["retCode"], kind(same, category)) == (10001, Kind.NO_CHANGE)
    assert kind(user.post("/v5/order/amend", qty="0", **query), category) is Kind.INVALID_QUANTITY
    assert user.post("/v5/order/amend", triggerPrice="1", **query)["retCode"] == 10001


@BOTH
def test_an_amendment_below_what_is_filled_is_refused(category: str) -> None:
    user = User()
    order_id = user.placed(category, qty="20", price="60030")
    filled = Decimal(user.order(order_id, category)["cumExecQty"])
    assert user.order(order_id, category)["orderStatus"] == "PartiallyFilled"
    query = {"category": category, "symbol": "BTCUSDT", "orderId": order_id}
    told = user.post("/v5/order/amend", qty=str(filled), **query)
    assert told["retCode"] == {"spot": 170313, "linear": 110064}[category]


def test_amendments_are_too_late_for_closed_orders_and_wrong_for_market_orders() -> None:
    user = User()
    order_id = user.placed("linear", orderType="Market", price=None)
    told = user.post("/v5/order/amend", category="linear", symbol="BTCUSDT", orderId=order_id, price="59000")
    assert (told["retCode"], told["retMsg"]) == (110001, "order not exists or too late to replace")
    stop = {"orderType": "Market", "price": None, "side": "Sell", "triggerPrice": "59000", "orderFilter": "StopOrder"}
    order_id = user.placed("spot", **stop)
    query = {"category": "spot", "symbol": "BTCUSDT", "orderFilter": "StopOrder", "orderId": order_id}
    told = user.post("/v5/order/amend", price="58000", **query)
    assert (told["retCode"], kind(told, "spot")) == (170312, Kind.NOT_SUPPORTED)


@BOTH
def test_a_post_only_order_cannot_be_amended_into_the_other_side(category: str) -> None:
    user = User()
    order_id = user.placed(category, timeInForce="PostOnly")
    told = user.post("/v5/order/amend", category=category, symbol="BTCUSDT", orderId=order_id, price="60100")
    assert told["retCode"] == {"spot": 170218, "linear": 110032}[category]
    assert user.order(order_id, category)["orderStatus"] == "New"


# --- batches


def batch(*orders: dict[str, str]) -> list[dict[str, str]]:
    common = {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.01", "price": "59500"}
    return [{**common, **order} for order in orders]


@BOTH
def test_a_batch_answers_in_two_lists(category: str) -> None:
    user = User()
    asked = batch({"orderLinkId": "one"}, {"orderLinkId": "two", "qty": "5000"}, {"orderLinkId": "three"})
    told = user.post("/v5/order/create-batch", category=category, request=asked)
    rows, codes = told["result"]["list"], told["retExtInfo"]["list"]
    assert (told["retCode"], [row["orderLinkId"] for row in rows]) == (0, ["one", "two", "three"])
    assert [code["code"] for code in codes] == [0, {"spot": 170381, "linear": 10001}[category], 0]
    assert (rows[1]["orderId"], rows[1]["createAt"], rows[1]["category"]) == ("", "", category)
    assert rows[0]["createAt"] == str(user.venue.now_ms)
    user.wait(0.1)
    again = [{"symbol": "BTCUSDT", "orderLinkId": name, "price": "59400"} for name in ("one", "two")]
    amended = user.post("/v5/order/amend-batch", category=category, request=again)
    assert [code["code"] for code in amended["retExtInfo"]["list"]] == [0, NOT_FOUND[category]]
    assert Decimal(user.order(rows[0]["orderId"], category)["price"]) == 59_400
    ends = [{"symbol": "BTCUSDT", "orderId": rows[0]["orderId"]}, {"symbol": "BTCUSDT", "orderId": "0"}]
    cancelled = user.post("/v5/order/cancel-batch", category=category, request=ends)
    assert [code["code"] for code in cancelled["retExtInfo"]["list"]] == [0, NOT_FOUND[category]]


@pytest.mark.parametrize(("category", "most"), [("spot", 10), ("linear", 20)])
def test_a_batch_has_a_largest_size(category: str, most: int) -> None:
    user = User()
    asked = batch(*({"orderLinkId": f"n{number}"} for number in range(most + 1)))
    assert user.post("/v5/order/create-batch", category=category, request=asked)["retCode"] == 10001
    assert user.post("/v5/order/create-batch", category=category, request=[])["retCode"] == 10001
    assert user.venue.engine.accounts["one"].orders == []


def test_batches_are_counted_in_orders_and_what_does_not_fit_fails_one_by_one() -> None:
    user = User()
    asked = batch(*({"orderLinkId": f"n{number}"} for number in range(12)))
    told = user.post("/v5/order/create-batch", category="linear", request=asked)
    assert told["retCode"] == 0
    assert [code["code"] for code in told["retExtInfo"]["list"]] == [0] * 10 + [10006] * 2
    assert user.place("linear")["retCode"] == 0
    body = b'{"category":"linear","request":[{"symbol":"BTCUSDT"}]}'
    assert user.send("POST", "/v5/order/create-batch", body=body).headers["X-Bapi-Limit-Status"] == "0"
    user.wait(1)
    told = user.post("/v5/order/create-batch", category="linear", request=batch({"orderLinkId": "late"}))
    assert told["retExtInfo"]["list"] == [{"code": 0, "msg": "OK"}]


# --- queries


def test_what_is_not_found_is_an_empty_list() -> None:
    user = User()
    told = user.get(REALTIME, category="linear", symbol="BTCUSDT", orderLinkId="never-sent")
    assert (told["retCode"], told["result"]) == (0, {"list": [], "nextPageCursor": "", "category": "linear"})
    assert user.listed(HISTORY, category="linear", orderLinkId="never-sent") == []
    assert user.listed(FILLS, category="linear", orderId="0") == []


def test_realtime_of_contracts_needs_a_symbol_or_a_coin() -> None:
    user = User()
    assert user.get(REALTIME, category="linear", orderLinkId="a")["retCode"] == 10001
    assert user.get(REALTIME, category="linear", baseCoin="BTC")["retCode"] == 0
    assert user.get(REALTIME, category="spot")["retCode"] == 0


def test_realtime_lists_open_orders_and_finds_closed_ones() -> None:
    user = User()
    closed = user.placed("linear", orderType="Market", price=None)
    alive = user.placed("linear")
    query = {"category": "linear", "settleCoin": "USDT"}
    assert [row["orderId"] for row in user.listed(REALTIME, **query)] == [alive]
    assert [row["orderId"] for row in user.listed(REALTIME, openOnly=1, **query)] == [closed]
    assert user.order(closed)["orderStatus"] == "Filled"
    assert user.listed(REALTIME, category="linear", symbol="ETHUSDT") == []


def test_an_order_that_queries_do_not_show_yet_exists_all_the_same() -> None:
    user = User()
    user.venue.engine.visibility_us = lambda _order_id: 2_000_000
    assert user.place("spot", orderLinkId="mine-1")["retCode"] == 0
    assert user.listed(REALTIME, category="spot", orderLinkId="mine-1") == []
    assert user.place("spot", orderLinkId="mine-1")["retCode"] == 170141
    user.wait(2)
    assert len(user.listed(REALTIME, category="spot", orderLinkId="mine-1")) == 1


def test_open_orders_come_in_pages_newest_first() -> None:
    user = User()
    placed = [user.placed("spot") for _ in range(5)]
    seen, cursor = [], ""
    for size in (2, 2, 1):
        query = f"category=spot&limit=2{cursor and '&cursor=' + cursor}"
        result = content(user.send("GET", REALTIME, query))["result"]
        assert len(result["list"]) == size
        seen += [row["orderId"] for row in result["list"]]
        cursor = result["nextPageCursor"]
    assert (seen, cursor) == (placed[::-1], "")


def test_history_holds_closed_orders_only_and_lags_behind() -> None:
    user = User()
    order_id = user.placed("spot", orderType="Market", price=None, qty="100", orderLinkId="mine-1")
    user.placed("spot")
    assert user.listed(HISTORY, category="spot", orderLinkId="mine-1") == []
    user.wait(0.5)
    assert [row["orderId"] for row in user.listed(HISTORY, category="spot", orderLinkId="mine-1")] == [order_id]
    assert len(user.listed(HISTORY, category="spot")) == 1
    assert user.listed(HISTORY, category="spot", orderStatus="Filled") == []
    assert len(user.listed(HISTORY, category="spot", orderStatus="PartiallyFilledCanceled")) == 1
    assert user.listed(HISTORY, category="linear") == []


def test_history_does_not_hide_what_ended_before_the_clock_was_set_back() -> None:
    user = User()
    order_id = user.placed("spot", orderType="Market", price=None, qty="100")
    user.venue.clock.step(-3600)
    assert len(user.listed(HISTORY, category="spot", orderId=order_id)) == 1


def test_history_forgets_an_unfilled_order_after_a_day_and_keeps_a_filled_one() -> None:
    user = User()
    filled = user.placed("spot", orderType="Market", price=None, qty="100")
    unfilled = user.placed("spot", timeInForce="IOC")
    user.wait(1)
    assert len(user.listed(HISTORY, category="spot")) == 2
    account = user.venue.engine.accounts["one"]
    for order in account.orders:
        order.created_us -= 90_000_000_000
        order.updated_us -= 90_000_000_000
    assert [row["orderId"] for row in user.listed(HISTORY, category="spot")] == [filled]
    assert user.listed(HISTORY, category="spot", orderId=unfilled) == []


@pytest.mark.parametrize("path", [HISTORY, FILLS])
@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        pytest.param(7, 0, 1, id="seven days until now"),
        pytest.param(7, None, 1, id="seven days from their start"),
        pytest.param(None, 0, 1, id="seven days to their end"),
        pytest.param(0, None, 0, id="from now on"),
        pytest.param(None, 1, 0, id="until yesterday"),
        pytest.param(8, 1, 0, id="seven days that ended yesterday"),
        pytest.param(8, 0, None, id="eight days"),
        pytest.param(0, 1, None, id="an end before the start"),
    ],
)
def test_histories_span_seven_days_at_most(path: str, start: int | None, end: int | None, count: int | None) -> None:
    user = User()
    user.placed("spot", orderType="Market", price=None, qty="100")
    user.wait(1)
    days = {"startTime": start, "endTime": end}
    times = {name: user.venue.now_ms - ago * 86_400_000 for name, ago in days.items() if ago is not None}
    told = user.get(path, category="spot", **times)
    if count is None:
        assert (told["retCode"], told["retMsg"]) == (10001, "params error: the time range must not exceed 7 days")
    else:
        assert len(told["result"]["list"]) == count


def test_fills_tell_who_paid_what() -> None:
    user = User()
    user.placed("spot", orderType="Market", price=None, qty="0.01", side="Sell", orderLinkId="mine-1")
    resting = user.placed("spot", price="59900")
    jump(user, "spot", "59000")
    maker, taker = user.listed(FILLS, category="spot", symbol="BTCUSDT")
    assert (taker["isMaker"], taker["side"], taker["feeCurrency"], taker["orderLinkId"]) == (
        False,
        "Sell",
        "USDT",
        "mine-1",
    )
    assert Decimal(taker["execFee"]) == Decimal(taker["execValue"]) * Decimal(taker["feeRate"])
    assert (maker["isMaker"], maker["orderId"], maker["feeCurrency"]) == (True, resting, "BTC")
    assert (maker["execPrice"], maker["execQty"], maker["execType"]) == ("59900.0", "0.010000", "Trade")
    assert user.listed(FILLS, category="spot", orderId=resting, symbol="ETHUSDT") == [maker]
    assert user.listed(FILLS, category="spot", orderLinkId="mine-1") == [taker]
    assert user.listed(FILLS, category="spot", execType="Funding") == []
    assert user.listed(FILLS, category="spot", symbol="ETHUSDT") == []
    first = user.get(FILLS, category="spot", limit=1)["result"]
    second = content(user.send("GET", FILLS, f"category=spot&limit=1&cursor={first['nextPageCursor']}"))["result"]
    assert [*first["list"], *second["list"], second["nextPageCursor"]] == [maker, taker, ""]


def test_contracts_leave_the_currency_of_a_fee_empty() -> None:
    user = User()
    user.placed("linear", orderType="Market", price=None)
    (fill,) = user.listed(FILLS, category="linear", symbol="BTCUSDT")
    assert (fill["feeCurrency"], fill["feeRate"]) == ("", "0.00055")


# --- before placing


def test_a_pre_check_of_contracts_tells_margin_rates_and_places_nothing() -> None:
    user = User()
    order = {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "1", "price": "59500"}
    told = user.post("/v5/order/pre-check", category="linear", orderLinkId="mine-1", **order)
    assert told["result"]["orderLinkId"] == "mine-1"
    assert (told["result"]["preImrE4"], told["result"]["postImrE4"]) == (0, 19)
    assert user.post("/v5/order/pre-check", category="linear", **{**order, "qty": "700"})["retCode"] == 110007
    assert user.post("/v5/order/pre-check", category="spot", **order)["retCode"] == 10001
    assert user.venue.engine.accounts["one"].orders == []
