"""What Coinbase has no single call for: generators of operations, performed one by one by whoever runs them.

Sends nothing itself. No call finds an order by client order id, cancels by it, or cancels everything; and the list of
open orders hides those that are on their way into the book or out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from unified.adapter import Steps, unsupported
from unified.errors import Kind, VenueError
from unified.instrument import Instruments
from unified.operations import CancelAll, CancelBatch, CancelOrder, FetchOpenOrders, FetchOrder, Page, Placed
from unified.order import Order
from unified_coinbase.faults import no_such_order
from unified_coinbase.market_data import VENUE
from unified_coinbase.order_rows import OPEN, QUEUED
from unified_coinbase.orders import MOST_CANCELS, CancelById
from unified_coinbase.queries import FetchById, FetchOrderList

_GONE = (Kind.ORDER_CLOSED, Kind.ORDER_NOT_FOUND)


def fetch_order(operation: FetchOrder) -> Steps[Order]:
    """By the venue's id at once; by ours through all pages of the product's orders, from `since` on."""
    if operation.venue_order_id:
        order: Order = yield FetchById(instrument=operation.instrument, venue_order_id=operation.venue_order_id)
        return order
    wanted = operation.client_order_id
    if not wanted:
        raise unsupported(VENUE, operation, "an order is asked for by one of its ids")
    question = FetchOrderList(
        instrument=operation.instrument,
        listing=Instruments([operation.instrument]),
        start=operation.since,
        client_order_id=wanted,
    )
    while True:
        page: Page[Order] = yield question
        if page.items:
            return page.items[0]
        if page.cursor is None:
            raise no_such_order(wanted)
        question = evolve(question, cursor=page.cursor)


def fetch_open(operation: FetchOpenOrders) -> Steps[Page[Order]]:
    """Everything that is not final, on one page.

    OPEN alone leaves out what is queued, and may not be asked for together with other states. The queued ones are
    read first: an order that enters the book meanwhile is then seen twice rather than never.
    """
    found: dict[str, Order] = {}
    for statuses in (QUEUED, OPEN):
        question = FetchOrderList(
            product=operation.product, instrument=operation.instrument, listing=operation.listing, statuses=statuses
        )
        while True:
            page: Page[Order] = yield question
            found.update((order.venue_order_id, order) for order in page.items)
            if page.cursor is None:
                break
            question = evolve(question, cursor=page.cursor)
    return Page(items=tuple(order for order in found.values() if order.is_open))


def cancel_order(operation: CancelOrder) -> Steps[Order]:
    """By the venue's id at once; by ours after the order was found."""
    venue_order_id, client_order_id = operation.venue_order_id, operation.client_order_id
    if not venue_order_id:
        known: Order = yield FetchOrder(instrument=operation.instrument, client_order_id=client_order_id)
        venue_order_id = known.venue_order_id
    order: Order = yield CancelById(
        instrument=operation.instrument, venue_order_id=venue_order_id, client_order_id=client_order_id
    )
    return order


def cancel_all(operation: CancelAll) -> Steps[None]:
    """Everything that open_orders shows, in batches.

    Orders that end meanwhile are no error; the first other refusal is raised after all was tried.
    """
    page: Page[Order] = yield FetchOpenOrders(
        product=operation.product, instrument=operation.instrument, listing=operation.listing
    )
    refused: list[VenueError] = []
    for batch in _batches(page.items):
        verdicts: tuple[Placed, ...] = yield batch
        refused += [item for item in verdicts if isinstance(item, VenueError) and item.kind not in _GONE]
    if refused:
        raise refused[0]


def _batches(orders: Sequence[Order]) -> Iterator[CancelBatch]:
    for first in range(0, len(orders), MOST_CANCELS):
        some = orders[first : first + MOST_CANCELS]
        yield CancelBatch(
            cancels=tuple(
                CancelOrder(instrument=order.instrument, venue_order_id=order.venue_order_id) for order in some
            )
        )
