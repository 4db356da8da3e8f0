"""What OKX has no single call for: generators of operations, performed one by one by whoever runs them.

Sends nothing itself. Stops live behind doors of their own, and no call cancels everything.
"""

from __future__ import annotations

from attrs import evolve, frozen

from unified.adapter import Steps
from unified.errors import Kind, VenueError
from unified.operations import CancelAll, CancelBatch, CancelOrder, FetchOpenOrders, FetchOrder
from unified.order import Order
from unified_okx.order_rows import triggered
from unified_okx.orders import MOST_IN_A_BATCH, MOST_STOPS_IN_A_BATCH
from unified_okx.queries import ALGORITHMS, ORDERS, FetchPlainOrder, FetchStop, is_stop_list, whole_list

_GONE = (Kind.ORDER_CLOSED, Kind.ORDER_NOT_FOUND)


@frozen(kw_only=True)
class CancelDirectly(CancelOrder):
    """A cancel in one request: of a plain order, or of a stop that still waits."""


def fetch_order(operation: FetchOrder) -> Steps[Order]:
    """The order; where there is none of that id, the stop, with what became of it if it has triggered."""
    instrument, by_id = operation.instrument, operation.venue_order_id
    try:
        order: Order = yield FetchPlainOrder(
            instrument=instrument, venue_order_id=by_id, client_order_id=operation.client_order_id
        )
    except VenueError as missing:
        if missing.kind is not Kind.ORDER_NOT_FOUND:
            raise
    else:
        return order
    stop = yield FetchStop(instrument=instrument, venue_order_id=by_id, client_order_id=operation.client_order_id)
    if stop.child_id is None:
        return stop.order  # type: ignore[no-any-return]
    child = yield FetchPlainOrder(instrument=instrument, venue_order_id=stop.child_id)
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
    stop = yield FetchStop(
        instrument=operation.instrument,
        venue_order_id=operation.venue_order_id,
        client_order_id=operation.client_order_id,
    )
    if stop.child_id is None:
        raise gone
    child: Order = yield evolve(direct, venue_order_id=stop.child_id, client_order_id=None, is_stop=False)
    return evolve(child, venue_order_id=stop.order.venue_order_id, client_order_id=stop.order.client_order_id)


def cancel_all(operation: CancelAll) -> Steps[None]:
    """Every open order, stop and algorithm: page by page, cancelled in batches.

    Orders that end meanwhile are no error; the first other refusal is raised after all was tried.
    """
    refused: list[VenueError] = []
    for start in (ORDERS, *ALGORITHMS):
        cursor: str | None = whole_list(start)
        while cursor is not None:
            page = yield FetchOpenOrders(
                product=operation.product, instrument=operation.instrument, listing=operation.listing, cursor=cursor
            )
            is_stop = is_stop_list(cursor)
            most = MOST_STOPS_IN_A_BATCH if is_stop else MOST_IN_A_BATCH
            cancels = tuple(
                CancelOrder(instrument=order.instrument, venue_order_id=order.venue_order_id, is_stop=is_stop)
                for order in page.items
            )
            for at in range(0, len(cancels), most):
                done = yield CancelBatch(cancels=cancels[at : at + most])
                refused += [item for item in done if isinstance(item, VenueError) and item.kind not in _GONE]
            cursor = page.cursor
    if refused:
        raise refused[0]
