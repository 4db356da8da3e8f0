from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bybit.venue import PERPETUAL, SPOT, answer, build, failure, parse, place, recorded, told
from tests.adapters.bybit.venue import refused as not_built
from unified.account import MarginMode
from unified.errors import Kind, Outcome
from unified.operations import AmendOrder, CancelOrder, PlaceOrder, TestOrder
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified_bybit.orders import CancelBehind

BUY, SELL = Side.BUY, Side.SELL
MARKET, STOP_MARKET, STOP_LIMIT = OrderType.MARKET, OrderType.STOP_MARKET, OrderType.STOP_LIMIT
D = Decimal

SPOT_BODY = {"category": "spot", "symbol": "BTCUSDT", "side": "Buy", "qty": "2", "orderLinkId": "b15"}
LINEAR_BODY = {**SPOT_BODY, "category": "linear"}
LIMIT = {"orderType": "Limit", "price": "2.15", "timeInForce": "GTC"}
AT_MARKET = {"orderType": "Market", "timeInForce": "IOC"}


@pytest.mark.parametrize(
    ("order", "body"),
    [
        pytest.param(place(price="2.15"), {**SPOT_BODY, **LIMIT}, id="limit"),
        pytest.param(
            place(price="2.15", post_only=True), {**SPOT_BODY, **LIMIT, "timeInForce": "PostOnly"}, id="post-only"
        ),
        pytest.param(
            place(price="2.15", time_in_force=TimeInForce.IOC),
            {**SPOT_BODY, **LIMIT, "timeInForce": "IOC"},
            id="immediate or cancel",
        ),
        pytest.param(
            place(price="2.15", time_in_force=TimeInForce.FOK),
            {**SPOT_BODY, **LIMIT, "timeInForce": "FOK"},
            id="fill or kill",
        ),
        pytest.param(
            place(order_type=MARKET),
            {**SPOT_BODY, **AT_MARKET, "marketUnit": "baseCoin"},
            id="a market buy says that it counts base units",
        ),
        pytest.param(
            place(order_type=MARKET, quantity=None, quote_quantity="50.5"),
            {**SPOT_BODY, **AT_MARKET, "qty": "50.5", "marketUnit": "quoteCoin"},
            id="a market buy by amount",
        ),
        pytest.param(
            place(side=SELL, order_type=MARKET, quantity=None, quote_quantity="50"),
            {**SPOT_BODY, **AT_MARKET, "side": "Sell", "qty": "50", "marketUnit": "quoteCoin"},
            id="a market sell by amount",
        ),
        pytest.param(
            place(quantity="1E-7", price="1E+3"),
            {**SPOT_BODY, **LIMIT, "qty": "0.0000001", "price": "1000"},
            id="numbers are plain digits",
        ),
        pytest.param(
            place(side=SELL, order_type=STOP_MARKET, stop_price="100"),
            {
                **SPOT_BODY,
                **AT_MARKET,
                "side": "Sell",
                "marketUnit": "baseCoin",
                "triggerPrice": "100",
                "orderFilter": "StopOrder",
            },
            id="a spot stop stands behind a filter",
        ),
        pytest.param(
            place(order_type=STOP_LIMIT, stop_price="100", price="101"),
            {**SPOT_BODY, **LIMIT, "price": "101", "triggerPrice": "100", "orderFilter": "StopOrder"},
            id="a spot stop with a limit",
        ),
        pytest.param(place(PERPETUAL, price="2.15"), {**LINEAR_BODY, **LIMIT}, id="a perpetual"),
        pytest.param(
            place(PERPETUAL, order_type=MARKET),
            {**LINEAR_BODY, **AT_MARKET},
            id="a perpetual at the market has no unit",
        ),
        pytest.param(
            place(PERPETUAL, SELL, price="2.15", reduce_only=True),
            {**LINEAR_BODY, **LIMIT, "side": "Sell", "reduceOnly": True},
            id="reduce-only",
        ),
        pytest.param(
            place(PERPETUAL, price="2.15", position_side=PositionSide.LONG),
            {**LINEAR_BODY, **LIMIT, "positionIdx": 1},
            id="hedge mode opens the long side",
        ),
        pytest.param(
            place(PERPETUAL, price="2.15", position_side=PositionSide.SHORT, reduce_only=True),
            {**LINEAR_BODY, **LIMIT, "positionIdx": 2, "reduceOnly": True},
            id="hedge mode closes the short side",
        ),
        pytest.param(
            place(PERPETUAL, SELL, order_type=STOP_MARKET, stop_price="100"),
            {
                **LINEAR_BODY,
                **AT_MARKET,
                "side": "Sell",
                "triggerPrice": "100",
                "triggerDirection": 2,
                "triggerBy": "LastPrice",
            },
            id="a stop of a loss waits for the price to fall",
        ),
        pytest.param(
            place(PERPETUAL, SELL, order_type=STOP_LIMIT, stop_price="100", price="99", trigger=Trigger.RISES),
            {
                **LINEAR_BODY,
                **LIMIT,
                "side": "Sell",
                "price": "99",
                "triggerPrice": "100",
                "triggerDirection": 1,
                "triggerBy": "LastPrice",
            },
            id="a sell that takes profit waits for it to rise",
        ),
    ],
)
def test_orders_are_said_so(order: PlaceOrder, body: dict[str, object]) -> None:
    assert told(order) == ("POST /v5/order/create", body)


def test_an_order_carries_its_last_moment() -> None:
    headers = build(place(price="1")).headers
    assert (headers["X-BAPI-TIMESTAMP"], headers["X-BAPI-RECV-WINDOW"]) == ("1763640000000", "5000")


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(place(quantity=None, price="1"), id="no quantity"),
        pytest.param(place(price="1", time_in_force=TimeInForce.GTD), id="good till date"),
        pytest.param(place(order_type=MARKET, post_only=True), id="post-only at the market"),
        pytest.param(place(price="1", post_only=True, time_in_force=TimeInForce.IOC), id="post-only that never rests"),
        pytest.param(place(order_type=MARKET, time_in_force=TimeInForce.FOK), id="fill or kill at the market"),
        pytest.param(place(order_type=STOP_MARKET), id="a stop without its price"),
        pytest.param(place(), id="a limit without its price"),
        pytest.param(place(price="1", quantity=None, quote_quantity="5"), id="an amount with a limit"),
        pytest.param(
            place(PERPETUAL, order_type=MARKET, quantity=None, quote_quantity="5"), id="an amount of a perpetual"
        ),
        pytest.param(place(price="1", position_side=PositionSide.LONG), id="a side of a spot position"),
        pytest.param(place(price="1", reduce_only=True), id="reduce-only on spot"),
        pytest.param(place(price="1", margin_mode=MarginMode.CROSS), id="spot on margin"),
        pytest.param(place(PERPETUAL, price="1", margin_mode=MarginMode.CROSS), id="a margin mode with an order"),
        pytest.param(
            place(PERPETUAL, price="1", position_side=PositionSide.LONG, reduce_only=True), id="reducing what it opens"
        ),
    ],
)
def test_what_the_venue_has_no_words_for_is_not_sent(order: PlaceOrder) -> None:
    error = not_built(order)
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


def test_an_accepted_order_is_pending() -> None:
    order = place(price="2.15", post_only=True)
    placed = parse(order, answer({"orderId": "1321003749386327552", "orderLinkId": "b15"}))
    assert placed == Order(
        instrument=SPOT,
        venue_order_id="1321003749386327552",
        client_order_id="b15",
        status=OrderStatus.PENDING_NEW,
        side=BUY,
        order_type=OrderType.LIMIT,
        quantity=D(2),
        price=D("2.15"),
        time_in_force=TimeInForce.GTC,
        post_only=True,
    )


@pytest.mark.parametrize(
    "result",
    [
        pytest.param({"orderId": "1", "orderLinkId": "another"}, id="another order's"),
        pytest.param({"orderId": "", "orderLinkId": "b15"}, id="without an id"),
        pytest.param({}, id="empty"),
    ],
)
def test_an_acknowledgement_that_does_not_fit_leaves_the_outcome_open(result: object) -> None:
    error = failure(place(price="1"), answer(result))
    assert (error.kind, error.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)


@pytest.mark.parametrize(
    ("order", "code"),
    [pytest.param(place(price="1"), 170141, id="spot"), pytest.param(place(PERPETUAL, price="1"), 110072, id="linear")],
)
def test_an_id_that_was_used_means_that_an_order_stands(order: PlaceOrder, code: int) -> None:
    error = failure(order, answer(code=code, message="duplicate"))
    assert (error.kind, error.outcome) == (Kind.DUPLICATE_ORDER, Outcome.DONE)


# --- test


def test_a_linear_order_can_be_checked() -> None:
    operation = TestOrder(instrument=PERPETUAL, order=place(PERPETUAL, price="2.15"))
    assert told(operation) == ("POST /v5/order/pre-check", {**LINEAR_BODY, **LIMIT})
    parse(operation, recorded("Trading", "PreCheckOrder.json"))
    assert failure(operation, answer(code=110007, message="ab not enough")).kind is Kind.INSUFFICIENT_FUNDS


def test_a_stop_cannot_be_checked() -> None:
    stop = place(PERPETUAL, order_type=STOP_MARKET, stop_price="1")
    assert not_built(TestOrder(instrument=PERPETUAL, order=stop)).kind is Kind.NOT_SUPPORTED


# --- amend

SEEN = Order(
    instrument=PERPETUAL,
    venue_order_id="7",
    client_order_id="b15",
    status=OrderStatus.PARTIALLY_FILLED,
    side=SELL,
    price=D(10),
    quantity=D(3),
    filled_quantity=D(1),
)


@pytest.mark.parametrize(
    ("terms", "changes"),
    [
        pytest.param({"price": D("11.5")}, {"price": "11.5"}, id="price"),
        pytest.param({"quantity": D(4)}, {"qty": "4"}, id="total quantity"),
        pytest.param({"price": D(11), "quantity": D(4)}, {"qty": "4", "price": "11"}, id="both"),
    ],
)
def test_an_amend_says_what_changes(terms: dict[str, Any], changes: dict[str, str]) -> None:
    operation = AmendOrder(instrument=PERPETUAL, order=SEEN, **terms)
    body = {"category": "linear", "symbol": "BTCUSDT", "orderId": "7", **changes}
    assert told(operation) == ("POST /v5/order/amend", body)


def test_an_accepted_amend_is_pending_and_keeps_the_rest() -> None:
    operation = AmendOrder(instrument=PERPETUAL, order=SEEN, price=D(11))
    amended = parse(operation, recorded("Trading", "EditOrder.json"))
    assert (amended.status, amended.price, amended.quantity, amended.filled_quantity) == (
        OrderStatus.PENDING_NEW,
        D(11),
        D(3),
        D(1),
    )
    assert amended.venue_order_id == "c6f055d9-7f21-4079-913d-e6523a9cfffa"


def test_an_amend_without_a_change() -> None:
    operation = AmendOrder(instrument=PERPETUAL, order=SEEN, price=D(10))
    assert failure(operation, answer(code=10001, message="The order is not modified")).kind is Kind.NO_CHANGE


# --- cancel


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        pytest.param(
            CancelOrder(instrument=PERPETUAL, venue_order_id="7", client_order_id="b15", is_stop=True),
            {"category": "linear", "symbol": "BTCUSDT", "orderId": "7"},
            id="the venue's id wins, and linear has no filter",
        ),
        pytest.param(
            CancelBehind(instrument=SPOT, client_order_id="b15", order_filter="StopOrder"),
            {"category": "spot", "symbol": "BTCUSDT", "orderLinkId": "b15", "orderFilter": "StopOrder"},
            id="spot names the filter",
        ),
    ],
)
def test_cancels_are_said_so(operation: CancelOrder, body: dict[str, str]) -> None:
    assert told(operation) == ("POST /v5/order/cancel", body)


def test_an_accepted_cancel_is_pending() -> None:
    canceled = parse(CancelOrder(instrument=PERPETUAL, venue_order_id="7"), recorded("Trading", "CancelOrder.json"))
    assert (canceled.status, canceled.client_order_id) == (OrderStatus.PENDING_CANCEL, "linear-004")
    assert canceled.venue_order_id == "c6f055d9-7f21-4079-913d-e6523a9cfffa"


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        pytest.param(110001, "order not exists or too late to cancel", Kind.ORDER_CLOSED, id="too late"),
        pytest.param(110001, "Order does not exist", Kind.ORDER_NOT_FOUND, id="not there"),
    ],
)
def test_a_cancel_of_what_is_gone(code: int, message: str, kind: Kind) -> None:
    operation = CancelOrder(instrument=PERPETUAL, venue_order_id="7")
    assert failure(operation, answer(code=code, message=message)).kind is kind


def test_the_recorded_acknowledgement() -> None:
    order = PlaceOrder(instrument=SPOT, side=BUY, quantity=D(1), price=D(1), client_order_id="spot-test-postonly")
    assert parse(order, recorded("Trading", "PlaceOrder.json")).venue_order_id == "1321003749386327552"
