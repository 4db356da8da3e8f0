from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.bybit.venue import ETHER, PERPETUAL, SPOT, answer, failure, parse, place, recorded, refused, told
from unified.errors import Kind, Outcome, VenueError
from unified.operations import CancelBatch, CancelOrder, Operation, PlaceBatch, PlaceOrder
from unified.order import Order, OrderStatus, OrderType, Side
from unified_bybit.batches import MOST_IN_A_BATCH

ORDERS = (place(PERPETUAL, price="1"), place(ETHER, Side.SELL, price="2"))
CANCELS = (
    CancelOrder(instrument=SPOT, venue_order_id="1666800494330512128"),
    CancelOrder(instrument=SPOT, client_order_id="1666800494330512129"),
)
OK = {"code": 0, "msg": "OK"}


def test_the_category_stands_once() -> None:
    limit = {"orderType": "Limit", "timeInForce": "GTC", "qty": "2", "orderLinkId": "b15"}
    assert told(PlaceBatch(orders=ORDERS)) == (
        "POST /v5/order/create-batch",
        {
            "category": "linear",
            "request": [
                {"symbol": "BTCUSDT", "side": "Buy", "price": "1", **limit},
                {"symbol": "ETHUSDT", "side": "Sell", "price": "2", **limit},
            ],
        },
    )
    assert told(CancelBatch(cancels=CANCELS)) == (
        "POST /v5/order/cancel-batch",
        {
            "category": "spot",
            "request": [
                {"symbol": "BTCUSDT", "orderId": "1666800494330512128"},
                {"symbol": "BTCUSDT", "orderLinkId": "1666800494330512129"},
            ],
        },
    )


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(PlaceBatch(orders=ORDERS[:1] * (MOST_IN_A_BATCH + 1)), id="too many orders"),
        pytest.param(CancelBatch(cancels=CANCELS[:1] * (MOST_IN_A_BATCH + 1)), id="too many cancels"),
        pytest.param(
            CancelBatch(cancels=(CancelOrder(instrument=SPOT, venue_order_id="1", is_stop=True),)), id="a spot stop"
        ),
    ],
)
def test_what_a_batch_cannot_hold(operation: Operation[object]) -> None:
    assert refused(operation).kind is Kind.NOT_SUPPORTED


def test_linear_stops_may_stand_in_batches() -> None:
    stop = place(PERPETUAL, order_type=OrderType.STOP_MARKET, stop_price="5")
    assert told(PlaceBatch(orders=(stop,)))[1]["request"][0]["triggerDirection"] == 1
    told(CancelBatch(cancels=(CancelOrder(instrument=PERPETUAL, venue_order_id="1", is_stop=True),)))


def test_each_item_has_its_own_outcome() -> None:
    rows = [{"orderId": "1", "orderLinkId": "b15", "createAt": "1713434102752"}, {"orderId": "", "orderLinkId": "b15"}]
    verdicts = [OK, {"code": 110007, "msg": "ab not enough for new order"}]
    taken, left = parse(PlaceBatch(orders=ORDERS), answer({"list": rows}, extra={"list": verdicts}))
    assert isinstance(taken, Order)
    assert (taken.status, taken.price, taken.venue_order_id) == (OrderStatus.PENDING_NEW, Decimal(1), "1")
    assert taken.created_at is not None
    assert isinstance(left, VenueError)
    assert (left.kind, left.outcome, left.client_order_id) == (Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED, "b15")


def test_a_batch_over_the_limit_fails_from_there_on() -> None:
    rows = [{"orderId": "1", "orderLinkId": "b15"}, {"orderId": "", "orderLinkId": "b15"}]
    verdicts = [OK, {"code": 10006, "msg": "Too many visits"}]
    taken, left = parse(PlaceBatch(orders=ORDERS), answer({"list": rows}, extra={"list": verdicts}))
    assert isinstance(taken, Order)
    assert isinstance(left, VenueError)
    assert (left.kind, left.outcome) == (Kind.RATE_LIMITED, Outcome.REJECTED)


@pytest.mark.parametrize("count", [pytest.param(1, id="too few"), pytest.param(3, id="too many")])
def test_an_answer_of_another_length_is_not_taken_apart(count: int) -> None:
    rows = [{"orderId": "1", "orderLinkId": "b15"}] * count
    error = failure(PlaceBatch(orders=ORDERS), answer({"list": rows}, extra={"list": [OK] * count}))
    assert (error.kind, error.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)


def test_a_batch_that_is_refused_whole_is_raised() -> None:
    assert failure(PlaceBatch(orders=ORDERS), answer(code=10016)).outcome is Outcome.UNKNOWN


def named(client_order_id: str) -> PlaceOrder:
    return PlaceOrder(
        instrument=SPOT, side=Side.BUY, quantity=Decimal(1), price=Decimal(1), client_order_id=client_order_id
    )


def test_the_recorded_batches() -> None:
    placed = parse(
        PlaceBatch(orders=(named("spot-btc-03"), named("spot-atom-03"))),
        recorded("Trading", "PlaceMultipleOrders.json"),
    )
    assert [order.venue_order_id for order in placed if isinstance(order, Order)] == [
        "1666800494330512128",
        "1666800494330512129",
    ]
    canceled, gone = parse(CancelBatch(cancels=CANCELS), recorded("Trading", "CancelMultipleOrders.json"))
    assert isinstance(canceled, Order)
    assert canceled.status is OrderStatus.PENDING_CANCEL
    assert isinstance(gone, VenueError)
    assert (gone.kind, gone.client_order_id) == (Kind.ORDER_NOT_FOUND, "1666800494330512129")
