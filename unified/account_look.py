"""One look at an account: the questions, one after the other, and what their answers tell.

Asks nothing and waits for nothing itself (`catching_up.py` does). Each page is told as it comes, since what comes twice
is harmless (`merging.Story` counts once); so a look that is refused in its middle can go on where it stood.

Lists come first and single orders last: most orders that are open no longer stand among those that closed, and where a
venue cannot look up one order by itself, every order that is spared spares several requests.

A venue that lists closed orders or fills by instrument only is asked for each instrument that this account is known to
trade: those of every order that is remembered, and those in which this client places orders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from attrs import evolve

from unified.adapter import Steps
from unified.errors import Kind, VenueError
from unified.instrument import Instrument, Instruments, Product
from unified.merging import Key, Story, key_of
from unified.operations import FetchClosedOrders, FetchFills, FetchOpenOrders, FetchOrder, ListingOperation
from unified.order import Fill, Order


class AccountLook:
    """What to ask about one account and product."""

    def __init__(
        self,
        product: Product,
        listing: Instruments,
        story: Story,
        tell: Callable[[Order | Fill], None],
        traded: Callable[[], Iterable[Instrument]],
    ) -> None:
        """`traded` are instruments in which there may be orders that nobody has told of yet."""
        self._product, self._listing, self._story = product, listing, story
        self._tell, self._traded = tell, traded
        self._one_by_one: set[type[ListingOperation[Any]]] = set()
        """What the venue lists by instrument only."""

    @property
    def shows_all_fills(self) -> bool:
        """Whether the venue has a list of the whole account: one of known instruments says nothing about others."""
        return FetchFills not in self._one_by_one

    def steps(self, start: datetime) -> Steps[None]:
        """Orders that are open, that came and went since then, that no longer are open, and fills since then."""
        expected = [order for order in self._story.open_orders if order.instrument.product is self._product]
        still_open = yield from self._listed(FetchOpenOrders(product=self._product, listing=self._listing))
        yield from self._closed_since(start)
        for order in expected:
            if key_of(order.instrument, order.venue_order_id) not in still_open:
                yield from self._look_up(order)
        yield from self._since(FetchFills, start)

    def _closed_since(self, start: datetime) -> Steps[None]:
        """Orders that came and went while nobody told; none where the venue has no such list at all."""
        try:
            yield from self._since(FetchClosedOrders, start)
        except VenueError as error:
            if error.kind is not Kind.NOT_SUPPORTED:
                raise

    def _since(self, listed: type[FetchClosedOrders | FetchFills], start: datetime) -> Steps[None]:
        """All of a list since then: of the whole account, or where the venue has no such list by instrument."""
        if listed not in self._one_by_one:
            try:
                yield from self._listed(listed(product=self._product, listing=self._listing, start=start))
                return
            except VenueError as error:
                if error.kind is not Kind.NOT_SUPPORTED:
                    raise
                self._one_by_one.add(listed)
        for instrument in self._instruments():
            asked = listed(product=self._product, listing=self._listing, start=start, instrument=instrument)
            yield from self._listed(asked)

    def _instruments(self) -> list[Instrument]:
        known = (*self._traded(), *(order.instrument for order in self._story.orders))
        found = {instrument.symbol: instrument for instrument in known if instrument.product is self._product}
        return list(found.values())

    def _listed(self, operation: Any) -> Steps[set[Key]]:
        """Tell a list page by page; the answer is of which orders it spoke."""
        shown = set[Key]()
        while True:
            page = yield operation
            for item in page.items:
                shown.add(key_of(item.instrument, item.venue_order_id))
                if isinstance(item, Fill) and self._story.order(item.instrument, item.venue_order_id) is None:
                    yield from self._ask(item.instrument, item.venue_order_id)
                self._tell(item)
            if page.cursor is None:
                return shown
            operation = evolve(operation, cursor=page.cursor)

    def _look_up(self, order: Order) -> Steps[None]:
        """An order that no list shows, unless it is known to be over by now."""
        known = self._story.order(order.instrument, order.venue_order_id)
        if known is not None and known.is_open:
            yield from self._ask(order.instrument, order.venue_order_id)

    def _ask(self, instrument: Instrument, venue_order_id: str) -> Steps[None]:
        try:
            found = yield FetchOrder(instrument=instrument, venue_order_id=venue_order_id)
        except VenueError as error:
            if error.kind is not Kind.ORDER_NOT_FOUND:
                raise
        else:
            self._tell(found)
