"""What OKX has no single call for: generators of operations, performed one by one by whoever runs them.

Sends nothing itself. Stops live behind doors of their own, and no call cancels everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from unified.adapter import Steps
from unified.errors import Kind, VenueError
from unified.operations import CancelAll, CancelBatch, CancelOrder, FetchOpenOrders, FetchOrder, Page, Placed
from unified.order import Order
from unified_okx.order_rows import Stop, triggered
from unified_okx.orders import MOST_IN_A_BATCH, MOST_STOPS_IN_A_BATCH
from unified_okx.queries import FetchPlainOrder, FetchStop, holds_stops

_GONE = (Kind.ORDER_CLOSED, Kind.ORDER_NOT_FOUND)


class CancelDirectly(CancelOrder):
    """A cancel in one request: of a plain order, or of a stop that still waits."""

    __slots__ = ()


def fetch_order(operation: FetchOrder) -> Steps[Order]:
    """The order; where there is none of that id, the stop, with what became of it if it has triggered."""
    plain = FetchPlainOrder(
        instrument=operation.instrument,
        venue_order_id=operation.venue_order_id,
        client_order_id=operation.client_order_id,
    )
    try:
        order: Order = yield plain
    except VenueError as missing:
        if missing.kind is not Kind.ORDER_NOT_FOUND or operation.is_stop is False:
            raise
    else:
        return order
    stop: Stop = yield FetchStop(
        instrument=operation.instrument,
        venue_order_id=operation.venue_order_id,
        client_order_id=operation.client_order_id,
    )
    if stop.child_id is None:
        return stop.order
    try:
        child: Order = yield evolve(plain, venue_order_id=stop.child_id, client_order_id=None)
    except VenueError as missing:
        if missing.kind is not Kind.ORDER_NOT_FOUND:
            raise
        # The stop exists: a child that is not shown must not look as if nothing had ever been placed.
        return stop.order
    return triggered(stop, child)


def cancel_order(operation: CancelOrder) -> Steps[Order]:
    """Cancel it; a stop that has triggered in the meantime is cancelled as the plain order that it became."""
    direct = CancelDirectly(
        instrument=operation.instrument,
        venue_order_id=operation.venue_order_id,
        client_order_id=operation.client_order_id,
        is_stop=operation.is_stop,
        touched_ms=operation.touched_ms,
    )
    try:
        order: Order = yield direct
    except VenueError as refused:
        if not operation.is_stop or refused.kind not in _GONE:
            raise
        gone = refused
    else:
        return order
    stop: Stop = yield FetchStop(
        instrument=operation.instrument,
        venue_order_id=operation.venue_order_id,
        client_order_id=operation.client_order_id,
    )
    if stop.child_id is None:
        raise gone
    child: Order = yield evolve(direct, venue_order_id=stop.child_id, client_order_id=None, is_stop=False)
    return evolve(child, venue_order_id=stop.order.venue_order_id, client_order_id=stop.order.client_order_id)


def cancel_all(operation: CancelAll) -> Steps[None]:
    """Everything that open_orders shows, page by page, cancelled in batches.

    Orders that end meanwhile are no error; the first other refusal is raised after all was tried.
    """
    refused: list[VenueError] = []
    question = FetchOpenOrders(product=operation.product, instrument=operation.instrument, listing=operation.listing)
    while True:
        page: Page[Order] = yield question
        for batch in _batches(page.items, holds_stops(question)):
            done: tuple[Placed, ...] = yield batch
            refused += [item for item in done if isinstance(item, VenueError) and item.kind not in _GONE]
        if page.cursor is None:
            break
        question = evolve(question, cursor=page.cursor)
    if refused:
        raise refused[0]


def _batches(orders: Sequence[Order], are_stops: bool) -> Iterator[CancelBatch]:
    most = MOST_STOPS_IN_A_BATCH if are_stops else MOST_IN_A_BATCH
    cancels = tuple(
        CancelOrder(instrument=order.instrument, venue_order_id=order.venue_order_id, is_stop=are_stops)
        for order in orders
    )
    for first in range(0, len(cancels), most):
        yield CancelBatch(cancels=cancels[first : first + most])
