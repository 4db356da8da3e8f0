"""What is known of an order that the venue has accepted and not yet described. Reads no answer.

For venues that only acknowledge: their answer to a new order or an amendment holds an id. The terms are then those
that were asked for, and `PENDING_NEW` says that the engine has not spoken. Where the answer holds the order itself,
read that instead.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from unified.operations import AmendOrder, PlaceOrder
from unified.order import Order, OrderStatus


def accepted(order: PlaceOrder, venue_order_id: str, *, created_at: datetime | None = None) -> Order:
    """A new order, under the id that the venue gave it."""
    return Order(
        instrument=order.instrument,
        venue_order_id=venue_order_id,
        client_order_id=order.client_order_id or None,
        status=OrderStatus.PENDING_NEW,
        side=order.side,
        order_type=order.order_type,
        quantity=order.quantity,
        quote_quantity=order.quote_quantity,
        price=order.price,
        stop_price=order.stop_price,
        time_in_force=order.time_in_force,
        expires_at=order.expires_at,
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        created_at=created_at,
    )


def amended(operation: AmendOrder, venue_order_id: str | None = None, *, updated_at: datetime | None = None) -> Order:
    """The order with its new terms, and what the answer says of its id and time, if it does."""
    order = operation.order
    return evolve(
        order,
        venue_order_id=venue_order_id or order.venue_order_id,
        status=OrderStatus.PENDING_NEW,
        price=order.price if operation.price is None else operation.price,
        quantity=order.quantity if operation.quantity is None else operation.quantity,
        updated_at=updated_at or order.updated_at,
    )
