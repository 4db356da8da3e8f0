"""Whether an order that a venue shows is the one that was wanted, and whether it was taken. Pure; asks nobody."""

from __future__ import annotations

from attrs import evolve

from unified.errors import Outcome, VenueError
from unified.operations import PlaceOrder
from unified.order import Order, OrderStatus


def accepted(order: Order, venue: str) -> Order:
    """The order, unless the engine refused it: then its refusal is raised."""
    if order.status is OrderStatus.REJECTED and order.refusal is not None and not order.filled_quantity:
        raise VenueError.of(
            evolve(order.refusal, outcome=Outcome.REJECTED),
            venue=venue,
            operation="place_order",
            client_order_id=order.client_order_id,
        )
    return order


def economic_difference(wanted: PlaceOrder, found: Order, *, with_price: bool = True) -> str | None:
    """The first term in which an order differs from the one that was wanted; None where it is the same.

    Terms that the answer does not carry are not compared, nor the price where the venue may have moved it.
    """
    price = wanted.price if with_price and wanted.order_type.has_price else None
    terms = (
        ("side", wanted.side, found.side),
        ("order type", wanted.order_type, found.order_type),
        ("quantity", wanted.quantity, found.quantity),
        ("quote quantity", wanted.quote_quantity, found.quote_quantity),
        ("price", price, found.price),
        ("stop price", wanted.stop_price, found.stop_price),
    )
    for term, ours, theirs in terms:
        if ours is not None and theirs is not None and ours != theirs:
            return f"{term} ({theirs}, not {ours})"
    return None
