"""What Kraken has no single call for: generators of operations, performed one by one by whoever runs them.

Sends nothing itself. There is no look-up by client id alone, no cancel-all of one pair, no verdict on each order of a
batch of cancels, and no list of the fills of one order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from unified.adapter import Steps, unsupported
from unified.errors import Fault, Kind, Scope, VenueError
from unified.operations import (
    CancelAll,
    CancelBatch,
    CancelOrder,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    Page,
    Placed,
)
from unified.order import Fill, Order
from unified.wire import milliseconds
from unified_kraken.orders import MOST_CANCELS, VENUE, CancelEverything, CancelTogether
from unified_kraken.queries import (
    MOST_FILLS,
    FetchByTransaction,
    FetchClosedByClientId,
    FetchFillHistory,
    FetchFillIds,
    FetchFillsById,
    FetchOpenByClientId,
)

_GONE = (Kind.ORDER_CLOSED, Kind.ORDER_NOT_FOUND)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

# --- one order


def fetch_order(operation: FetchOrder) -> Steps[Order]:
    """By the venue's id in one call; by ours among open orders, then among closed ones.

    In this order nothing slips through that was visible at the first look: what was open then is found there, what
    closed since is found here. What was not visible yet is the fence's affair, not another look's: each costs counter.
    """
    if operation.venue_order_id:
        order: Order = yield FetchByTransaction(
            instrument=operation.instrument, venue_order_id=operation.venue_order_id
        )
        return order
    if not operation.client_order_id:
        raise unsupported(VENUE, operation, "an order needs a name: the venue's id or ours")
    among_open = FetchOpenByClientId(instrument=operation.instrument, client_order_id=operation.client_order_id)
    among_closed = FetchClosedByClientId(
        instrument=operation.instrument, client_order_id=operation.client_order_id, since=operation.since
    )
    for question in (among_open, among_closed):
        found: tuple[Order, ...] = yield question
        if found:
            return max(found, key=lambda order: order.created_at or _LONG_AGO)
    message = "neither open nor closed orders hold this client order id"
    raise VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND, scope=Scope.ORDER, http_status=200, message=message))


# --- cancels


def cancel_batch(operation: CancelBatch) -> Steps[tuple[Placed, ...]]:
    """In one request where every id is the venue's; one by one where that leaves open which were cancelled."""
    cancels = operation.cancels
    if len(cancels) > MOST_CANCELS:
        raise unsupported(VENUE, operation, f"a batch holds at most {MOST_CANCELS} cancels")
    if len(cancels) > 1 and all(cancel.venue_order_id for cancel in cancels):
        try:
            done: tuple[Placed, ...] = yield CancelTogether(cancels=cancels)
        except VenueError as refused:
            if refused.kind not in _GONE:
                raise
        else:
            return done
    return (yield from _one_by_one(cancels))


def _one_by_one(cancels: Sequence[CancelOrder]) -> Steps[tuple[Placed, ...]]:
    answers: list[Placed] = []
    for cancel in cancels:
        try:
            answer: Placed = yield cancel
        except VenueError as refused:
            answer = refused
            if refused.kind in _GONE:
                answer = yield from _seen(cancel, refused)
        answers.append(answer)
    return tuple(answers)


def _seen(cancel: CancelOrder, refused: VenueError) -> Steps[Placed]:
    """An order that could not be cancelled: as the venue shows it, if it is over; else the refusal."""
    try:
        order: Order = yield FetchOrder(
            instrument=cancel.instrument,
            venue_order_id=cancel.venue_order_id,
            client_order_id=cancel.client_order_id,
        )
    except VenueError:
        return refused
    return order if order.status.is_final else refused


def cancel_all(operation: CancelAll) -> Steps[None]:
    """The account's orders in one call; those of one pair by looking them up and cancelling them.

    Orders that end meanwhile are no error; the first other refusal is raised after all was tried.
    """
    if operation.instrument is None:
        yield CancelEverything(product=operation.product)
        return
    page: Page[Order] = yield FetchOpenOrders(
        product=operation.product, instrument=operation.instrument, listing=operation.listing
    )
    refused: list[VenueError] = []
    for batch in _batches(page.items):
        done: tuple[Placed, ...] = yield batch
        refused += [item for item in done if isinstance(item, VenueError) and item.kind not in _GONE]
    if refused:
        raise refused[0]


def _batches(orders: Sequence[Order]) -> Iterator[CancelBatch]:
    cancels = tuple(
        CancelOrder(
            instrument=order.instrument,
            venue_order_id=order.venue_order_id,
            touched_ms=None if order.created_at is None else milliseconds(order.created_at),
        )
        for order in orders
    )
    for first in range(0, len(cancels), MOST_CANCELS):
        yield CancelBatch(cancels=cancels[first : first + MOST_CANCELS])


# --- fills


def fetch_fills(operation: FetchFills) -> Steps[Page[Fill]]:
    """A page of the account's fills; those of one order by their ids, which the order tells."""
    if operation.venue_order_id is None:
        page: Page[Fill] = yield FetchFillHistory(
            product=operation.product,
            instrument=operation.instrument,
            listing=operation.listing,
            start=operation.start,
            end=operation.end,
            limit=operation.limit,
            cursor=operation.cursor,
        )
        return page
    if operation.instrument is None:
        raise unsupported(VENUE, operation, "fills of an order are asked for with its instrument")
    trade_ids: tuple[str, ...] = yield FetchFillIds(
        instrument=operation.instrument, venue_order_id=operation.venue_order_id
    )
    fills: list[Fill] = []
    for first in range(0, len(trade_ids), MOST_FILLS):
        some: tuple[Fill, ...] = yield FetchFillsById(
            product=operation.product,
            instrument=operation.instrument,
            listing=operation.listing,
            trade_ids=trade_ids[first : first + MOST_FILLS],
        )
        fills += some
    return Page(items=tuple(sorted(fills, key=lambda fill: fill.time)))
