"""Orders at Bybit's sandbox, spot and linear: from their placing to their end, alone and in batches."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.bybit.sandbox_orders import BOTH, FILLS, NOT_FOUND, REALTIME, kind, market_of
from tests.adapters.bybit.sandbox_user import User
from unified.errors import Kind
from unified.sandbox.listing import MarketMode

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


def test_a_closed_market_refuses() -> None:
    user = User()
    for category, code in (("spot", 170151), ("linear", 110074)):
        user.venue.engine.set_mode(market_of(user, category), MarketMode.CLOSED)
        told = user.place(category)
        assert (told["retCode"], kind(told, category)) == (code, Kind.MARKET_CLOSED)


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
