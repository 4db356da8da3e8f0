"""What Bybit has no single call for: generators of operations, performed one by one by whoever runs them.

Sends nothing itself. Spot keeps its kinds of orders behind filters, and linear cancels 500 at a time.
"""

from __future__ import annotations

from unified.adapter import Steps
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import CancelAll, CancelOrder, ListingOperation, Priority
from unified.order import Order
from unified.values import frozen
from unified.wire import children, text_or_none
from unified_bybit.door import Body
from unified_bybit.faults import Answer
from unified_bybit.market_data import instrument_or_all
from unified_bybit.orders import CancelBehind
from unified_bybit.symbols import SETTLE

_GONE = (Kind.ORDER_CLOSED, Kind.ORDER_NOT_FOUND)

# --- one spot order

_PLAIN = ("Order",)
_STOPS = ("StopOrder", "tpslOrder", *_PLAIN)
"""A stop that has triggered keeps its id and stands among the plain orders (create-order.mdx, 2026-07-06)."""


def cancel_spot(operation: CancelOrder) -> Steps[Order]:
    """Cancel it behind the filter where it stands; the last refusal is raised where it stands behind none."""
    *earlier, last = _STOPS if operation.is_stop else _PLAIN
    for order_filter in earlier:
        try:
            stop: Order = yield _behind(operation, order_filter)
        except VenueError as refused:
            if refused.kind not in _GONE:
                raise
        else:
            return stop
    order: Order = yield _behind(operation, last)
    return order


def _behind(operation: CancelOrder, order_filter: str) -> CancelBehind:
    return CancelBehind(
        instrument=operation.instrument,
        venue_order_id=operation.venue_order_id,
        client_order_id=operation.client_order_id,
        is_stop=operation.is_stop,
        order_filter=order_filter,
    )


# --- all of them

_MOST = 500
"""Linear cancels so many a request, chosen at random."""
_OF_THE_WEBSITE = ("OcoOrder", "BidirectionalTpslOrder")
"""Kinds that only people place. Where a site does not know such a filter, nothing stands behind it."""
_FILTERS = {
    Product.SPOT: (*_PLAIN, "StopOrder", "tpslOrder", *_OF_THE_WEBSITE),
    Product.LINEAR: ("",),
}
"""Linear cancels every kind where none is named; spot only plain orders."""


@frozen(kw_only=True)
class CancelKind(ListingOperation[int]):
    """Cancel the open orders behind one filter, as many as one request takes. Answers how many those were."""

    name = "cancel_all"
    priority = Priority.CANCEL
    writes = True
    order_filter: str


def cancel_all(operation: CancelAll) -> Steps[None]:
    """Every kind of order, each until nothing is left; the first refusal is raised after all were tried."""
    refused: list[VenueError] = []
    for order_filter in _FILTERS[operation.product]:
        kind = CancelKind(
            product=operation.product,
            instrument=operation.instrument,
            listing=operation.listing,
            order_filter=order_filter,
        )
        try:
            while (yield kind) >= _MOST:
                pass
        except VenueError as refusal:
            if order_filter not in _OF_THE_WEBSITE or refusal.kind is not Kind.INVALID_REQUEST:
                refused.append(refusal)
    if refused:
        raise refused[0]


def cancel_kind_body(operation: CancelKind) -> Body:
    """Linear wants a bound: without an instrument it is the currency of settlement."""
    everything = operation.instrument is None and operation.product is Product.LINEAR
    return {
        **instrument_or_all(operation),
        **({"settleCoin": SETTLE} if everything else {}),
        **({"orderFilter": operation.order_filter} if operation.order_filter else {}),
    }


def parse_canceled_kind(_operation: CancelKind, answer: Answer) -> int:
    """Accepted, not done: the orders end a little later."""
    if text_or_none(answer.result, "success") == "0":
        problem = "cancel-all was answered with success 0"
        raise VenueError.of(Fault(kind=Kind.VENUE_FAULT, outcome=Outcome.UNKNOWN, http_status=200, message=problem))
    return len(children(answer.result, "list"))
