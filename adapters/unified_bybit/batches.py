"""Several orders in one request: bodies out, one verdict an item in. Signs nothing.

Source: Bybit V5 docs, order/batch-place.mdx, order/batch-cancel.mdx, rate-limit.mdx (2026-05-22).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from unified.adapter import unsupported
from unified.errors import VenueError
from unified.instrument import Product
from unified.operations import CancelBatch, CancelOrder, Operation, PlaceBatch, Placed, PlaceOrder
from unified.order import Order
from unified.wire import malformed
from unified_bybit.door import Body
from unified_bybit.faults import Item
from unified_bybit.market_data import VENUE, category
from unified_bybit.orders import cancel_body, canceled, place_body, placed

MOST_IN_A_BATCH = 10
"""What every page of the docs grants. Each order counts: more than a second's orders would fail one by one."""

Asked = TypeVar("Asked", PlaceOrder, CancelOrder)


def place_batch_body(operation: PlaceBatch) -> Body:
    if len(operation.orders) > MOST_IN_A_BATCH:
        raise unsupported(VENUE, operation, f"a batch holds at most {MOST_IN_A_BATCH} orders")
    return {**category(operation), "request": [_item(place_body(order)) for order in operation.orders]}


def parse_placed_batch(operation: PlaceBatch, items: list[Item]) -> tuple[Placed, ...]:
    return _each(operation, operation.orders, items, placed)


def cancel_batch_body(operation: CancelBatch) -> Body:
    """The list of spot has no filter, so that it cannot name stops."""
    cancels, spot = operation.cancels, operation.product is Product.SPOT
    if len(cancels) > MOST_IN_A_BATCH:
        raise unsupported(VENUE, operation, f"a batch holds at most {MOST_IN_A_BATCH} cancels")
    if spot and any(cancel.is_stop for cancel in cancels):
        raise unsupported(VENUE, operation, "spot stops are cancelled one by one")
    return {**category(operation), "request": [_item(cancel_body(cancel)) for cancel in cancels]}


def parse_canceled_batch(operation: CancelBatch, items: list[Item]) -> tuple[Placed, ...]:
    return _each(operation, operation.cancels, items, canceled)


def _item(body: Body) -> Body:
    """The category stands once, above the list."""
    return {name: value for name, value in body.items() if name != "category"}


def _each(
    operation: Operation[Any],
    asked: Sequence[Asked],
    items: list[Item],
    read: Callable[[Asked, Mapping[str, Any]], Order],
) -> tuple[Placed, ...]:
    """The answer keeps the order of the request; one that does not fit it is not taken apart by guessing."""
    if len(items) != len(asked):
        raise malformed(f"result.list: {len(items)} items for {len(asked)} orders")
    return tuple(
        read(one, item)
        if isinstance(item, dict)
        else VenueError.of(item, venue=VENUE, operation=operation.name, client_order_id=one.client_order_id)
        for one, item in zip(asked, items, strict=True)
    )
