from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.venue import BTC, LISTING
from unified.feeds import Own, Unclear
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce
from unified.watches import WatchExecutions
from unified.wire import sent_text
from unified_coinbase.stream_rows import Orders, order_of

WATCH = WatchExecutions(listing=LISTING)
ROW: dict[str, Any] = {
    "order_id": "YYY",
    "client_order_id": "XXX",
    "product_id": "BTC-USD",
    "product_type": "SPOT",
    "order_side": "BUY",
    "order_type": "Limit",
    "status": "OPEN",
    "time_in_force": "GOOD_UNTIL_CANCELLED",
    "limit_price": "50000",
    "stop_price": "",
    "post_only": "false",
    "avg_price": "50000",
    "cumulative_quantity": "0.01",
    "leaves_quantity": "0.03",
    "reject_reason": "",
    "creation_time": "2024-06-21T18:29:13.909347Z",
    "end_time": "0001-01-01T00:00:00Z",
}
"""The example of the docs, user channel, shortened and half filled."""


def test_a_state_is_read_under_the_names_of_the_channel() -> None:
    order = order_of(BTC, ROW)
    assert (order.venue_order_id, order.client_order_id, order.side) == ("YYY", "XXX", Side.BUY)
    assert (order.order_type, order.time_in_force) == (OrderType.LIMIT, TimeInForce.GTC)
    assert (order.status, order.filled_quantity) == (OrderStatus.PARTIALLY_FILLED, Decimal("0.01"))
    assert (order.quantity, order.price, order.expires_at) == (Decimal("0.04"), Decimal(50000), None)
    assert order.created_at == sent_text("2024-06-21T18:29:13.909347Z")


@pytest.mark.parametrize(
    ("changes", "status", "quantity"),
    [
        ({"status": "FILLED", "leaves_quantity": "0"}, OrderStatus.FILLED, None),
        ({"status": "PENDING", "cumulative_quantity": "0"}, OrderStatus.PENDING_NEW, Decimal("0.03")),
        ({"status": "CANCEL_QUEUED"}, OrderStatus.PENDING_CANCEL, Decimal("0.04")),
        ({"status": "CANCELLED", "leaves_quantity": "0"}, OrderStatus.CANCELED, None),
        ({"status": "EXPIRED"}, OrderStatus.EXPIRED, None),
        ({"status": "FAILED", "cumulative_quantity": "0"}, OrderStatus.REJECTED, None),
        ({"status": "FAILED"}, OrderStatus.CANCELED, None),
        ({"order_type": "Market", "leaves_quantity": "1500"}, OrderStatus.PARTIALLY_FILLED, None),
        ({"order_type": "Stop Limit"}, OrderStatus.PARTIALLY_FILLED, Decimal("0.04")),
    ],
)
def test_states_and_what_is_left(changes: dict[str, str], status: OrderStatus, quantity: Decimal | None) -> None:
    """What is left of a market order may count quote units, and at the end nothing is left of any."""
    order = order_of(BTC, {**ROW, **changes})
    assert (order.status, order.quantity) == (status, quantity)


def test_a_failed_order_says_why() -> None:
    order = order_of(BTC, {**ROW, "status": "FAILED", "cumulative_quantity": "0", "reject_reason": "WOULD_CROSS"})
    assert order.refusal is not None
    assert order_of(BTC, ROW).refusal is None


def test_a_state_tells_how_much_is_filled_and_no_fill() -> None:
    (event,) = Orders(WATCH).receive([ROW])
    assert isinstance(event, Own)
    assert isinstance(event.value, Order)
    assert event.value.filled_quantity == Decimal(ROW["cumulative_quantity"])


def test_what_cannot_be_read_is_asked_for_and_what_is_not_spot_is_left_out() -> None:
    assert Orders(WATCH).receive([{**ROW, "status": "STRANGE"}]) == [Unclear(WATCH)]
    assert Orders(WATCH).receive([{**ROW, "product_type": "FUTURE"}]) == []
