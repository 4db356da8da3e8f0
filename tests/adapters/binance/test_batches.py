from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binance.venue import LINEAR, charged, instrument, parse, refused, sent
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import CancelBatch, CancelOrder, PlaceBatch, PlaceOrder
from unified.order import Order, OrderStatus, OrderType, Side

ROW = {
    "orderId": 22542179,
    "clientOrderId": "t-0",
    "symbol": "BTCUSDT",
    "price": "10001",
    "origQty": "0.001",
    "executedQty": "0",
    "status": "NEW",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
    "updateTime": 1763680000123,
}
REFUSED = {"code": -2022, "msg": "ReduceOnly Order is rejected."}


def order(number: int, **terms: Any) -> PlaceOrder:
    known = {"instrument": LINEAR, "side": Side.BUY, "quantity": Decimal("0.001"), "client_order_id": f"t-{number}"}
    return PlaceOrder(**{**known, "price": Decimal(10001), **terms})


def batch(count: int) -> PlaceBatch:
    return PlaceBatch(orders=tuple(order(number) for number in range(count)))


def cancels(*ids: tuple[str | None, str | None], **terms: Any) -> CancelBatch:
    return CancelBatch(
        cancels=tuple(
            CancelOrder(**{"instrument": LINEAR, "venue_order_id": venue, "client_order_id": client, **terms})
            for venue, client in ids
        )
    )


def test_a_batch_is_a_list_in_one_parameter_without_blanks() -> None:
    path, parameters = sent(batch(2))
    assert path == "POST /fapi/v1/batchOrders"
    assert list(parameters) == ["batchOrders"]
    assert " " not in parameters["batchOrders"]
    assert json.loads(parameters["batchOrders"])[1] == sent(order(1))[1]


def test_a_batch_counts_its_orders_in_ten_seconds_and_once_in_the_minute() -> None:
    assert charged(batch(3)) == {"weight_linear": 5, "orders_linear_10s": 3, "orders_linear_1m": 1}


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(batch(6), id="more than five"),
        pytest.param(
            PlaceBatch(orders=(order(0, order_type=OrderType.STOP_LIMIT, stop_price=Decimal(9)),)), id="a stop"
        ),
        pytest.param(cancels(*[("1", None)] * 11), id="more than ten cancels"),
        pytest.param(cancels(("1", None), is_stop=True), id="a cancel of a stop"),
        pytest.param(cancels(("1", None), (None, "t-1")), id="ids of both kinds"),
        pytest.param(cancels((None, None)), id="no id at all"),
        pytest.param(cancels(("1,2", None)), id="an id that is no number"),
        pytest.param(
            CancelBatch(
                cancels=(
                    CancelOrder(instrument=LINEAR, venue_order_id="1"),
                    CancelOrder(instrument=instrument(Product.LINEAR, "ETH"), venue_order_id="2"),
                )
            ),
            id="two symbols",
        ),
    ],
)
def test_a_batch_that_the_venue_does_not_take_never_leaves(operation: PlaceBatch | CancelBatch) -> None:
    error = refused(operation)
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


@pytest.mark.parametrize(
    ("operation", "name", "ids"),
    [
        pytest.param(cancels(("1", "t-1"), ("2", None)), "orderIdList", "[1,2]", id="by the venue's ids"),
        pytest.param(cancels((None, "t-1"), ("2", "t-2")), "origClientOrderIdList", '["t-1","t-2"]', id="by our ids"),
    ],
)
def test_a_batch_of_cancels_names_all_orders_alike(operation: CancelBatch, name: str, ids: str) -> None:
    assert sent(operation) == ("DELETE /fapi/v1/batchOrders", {"symbol": "BTCUSDT", name: ids})
    assert charged(operation) == {"weight_linear": 1}


def test_each_item_of_an_answer_is_an_order_or_an_error() -> None:
    first, second = parse(batch(2), [ROW, REFUSED])
    assert isinstance(first, Order)
    assert (first.venue_order_id, first.status) == ("22542179", OrderStatus.NEW)
    assert isinstance(second, VenueError)
    assert (second.kind, second.outcome) == (Kind.REDUCE_ONLY_REJECTED, Outcome.REJECTED)
    assert second.client_order_id == "t-1"


def test_each_cancel_of_a_batch_is_answered() -> None:
    gone = {"code": -2011, "msg": "Unknown order sent."}
    first, second = parse(cancels((None, "t-0"), (None, "t-1")), [{**ROW, "status": "CANCELED"}, gone])
    assert isinstance(first, Order)
    assert (first.status, first.client_order_id) == (OrderStatus.CANCELED, "t-0")
    assert isinstance(second, VenueError)
    assert (second.kind, second.client_order_id) == (Kind.ORDER_NOT_FOUND, "t-1")


@pytest.mark.parametrize(
    "body", [[ROW], [ROW, ROW, ROW], {}, [ROW, None]], ids=["too few", "too many", "no list", "a hole"]
)
def test_an_answer_that_does_not_match_the_batch_is_malformed(body: object) -> None:
    with pytest.raises(VenueError) as raised:
        parse(batch(2), body)
    assert (raised.value.kind, raised.value.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)
