from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binance.venue import (
    charged,
    instrument,
    parse,
    refused,
    sent,
)
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import (
    AmendOrder,
)
from unified.order import Order, OrderStatus, OrderType, Side

ROW: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "orderId": 28,
    "clientOrderId": "a-1",
    "transactTime": 1763680000123,
    "price": "60000.00",
    "origQty": "0.010",
    "executedQty": "0.000",
    "cummulativeQuoteQty": "0.00",
    "status": "NEW",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
}


def resting(product: Product = Product.SPOT, **changes: Any) -> Order:
    known = {
        "instrument": instrument(product),
        "venue_order_id": "33",
        "client_order_id": "a-2",
        "status": OrderStatus.NEW,
        "side": Side.SELL,
        "order_type": OrderType.LIMIT,
        "quantity": Decimal("5.0"),
        "price": Decimal("6.0"),
    }
    return Order(**{**known, **changes})


def amend(order: Order, **changes: Any) -> AmendOrder:
    return AmendOrder(instrument=order.instrument, order=order, **changes)


def test_spot_lowers_the_quantity_and_keeps_the_orders_id() -> None:
    expected = {"symbol": "BTCUSDT", "orderId": "33", "newQty": "4", "newClientOrderId": "a-2"}
    assert sent(amend(resting(), quantity=Decimal(4))) == ("PUT /api/v3/order/amend/keepPriority", expected)
    same_price = amend(resting(), quantity=Decimal(4), price=Decimal("6.00"))
    assert sent(same_price)[1] == expected


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"price": Decimal(7)}, id="another price"),
        pytest.param({"quantity": Decimal(6)}, id="more quantity"),
        pytest.param({"quantity": Decimal(4), "price": Decimal(7)}, id="less quantity at another price"),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_spot_cannot_amend_is_canceled_and_placed_instead(changes: dict[str, Decimal]) -> None:
    error = refused(amend(resting(), **changes))
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)
    assert "cancel" in error.message


def test_an_amended_spot_order_stands_within_the_answer() -> None:
    row = {"qty": "4.0", "cumulativeQuoteQty": "0.0", "origClientOrderId": "a-2", "clientOrderId": "a-2"}
    inner = {key: value for key, value in ROW.items() if key not in ("origQty", "cummulativeQuoteQty", "transactTime")}
    answer = {"transactTime": 1763680009500, "executionId": 75, "amendedOrder": {**inner, **row}}
    amended = parse(amend(resting(), quantity=Decimal(4)), answer)
    assert (amended.quantity, amended.client_order_id) == (Decimal("4.0"), "a-2")
    assert amended.updated_at == datetime(2025, 11, 20, 23, 6, 49, 500000, UTC)


def test_linear_repeats_what_does_not_change() -> None:
    order = resting(Product.LINEAR)
    expected = {"symbol": "BTCUSDT", "orderId": "33", "side": "SELL", "quantity": "5.0", "price": "7"}
    assert sent(amend(order, price=Decimal(7))) == ("PUT /fapi/v1/order", expected)
    assert sent(amend(order, quantity=Decimal(4)))[1] == {**expected, "quantity": "4", "price": "6.0"}
    assert charged(amend(order, price=Decimal(7))) == {"orders_linear_10s": 1, "orders_linear_1m": 1}
    assert parse(amend(order, price=Decimal(7)), ROW).status is OrderStatus.NEW


def test_linear_amends_limit_orders_only() -> None:
    stop = resting(Product.LINEAR, order_type=OrderType.STOP_LIMIT)
    bare = resting(Product.LINEAR, side=None)
    assert {refused(amend(one, price=Decimal(7))).kind for one in (stop, bare)} == {Kind.NOT_SUPPORTED}


def test_an_amend_without_a_difference_is_no_change() -> None:
    with pytest.raises(VenueError) as raised:
        parse(
            amend(resting(Product.LINEAR), price=Decimal(6)),
            {"code": -5027, "msg": "No need to modify the order."},
            400,
        )
    assert (raised.value.kind, raised.value.outcome) == (Kind.NO_CHANGE, Outcome.DONE)
