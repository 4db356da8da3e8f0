"""Orders that a venue has only acknowledged: every term that was asked for, and nothing that nobody said."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from unified.accepted import accepted, amended
from unified.instrument import Product, unlisted
from unified.operations import AmendOrder, PlaceOrder
from unified.order import OrderStatus, OrderType, Side, TimeInForce

SPOT = unlisted("BTCUSDT", Product.SPOT)
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ASKED = PlaceOrder(
    instrument=SPOT,
    client_order_id="b15",
    side=Side.SELL,
    order_type=OrderType.STOP_LIMIT,
    quantity=Decimal("0.2"),
    price=Decimal(100),
    stop_price=Decimal(101),
    time_in_force=TimeInForce.GTD,
    expires_at=NOW,
    post_only=True,
    reduce_only=True,
)
TERMS = ("instrument", "client_order_id", "side", "order_type", "quantity", "quote_quantity", "price", "stop_price")
FLAGS = ("time_in_force", "expires_at", "post_only", "reduce_only")


def test_an_accepted_order_has_every_term_that_was_asked_for() -> None:
    order = accepted(ASKED, "17", created_at=NOW)
    for name in (*TERMS, *FLAGS):
        assert getattr(order, name) == getattr(ASKED, name), name
    assert (order.venue_order_id, order.status, order.created_at) == ("17", OrderStatus.PENDING_NEW, NOW)
    assert (order.filled_quantity, order.average_price, order.updated_at) == (Decimal(0), None, None)


def test_an_amended_order_keeps_what_was_not_changed() -> None:
    order = accepted(ASKED, "17")
    dearer = amended(AmendOrder(instrument=SPOT, order=order, price=Decimal(99)))
    assert (dearer.price, dearer.quantity, dearer.venue_order_id) == (Decimal(99), Decimal("0.2"), "17")
    more = amended(AmendOrder(instrument=SPOT, order=order, quantity=Decimal(3)), "18", updated_at=NOW)
    assert (more.price, more.quantity) == (Decimal(100), Decimal(3))
    assert (more.venue_order_id, more.status, more.updated_at) == ("18", OrderStatus.PENDING_NEW, NOW)
