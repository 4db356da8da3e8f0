"""Asks over REST what a stream of the account may have missed, and merges it into what is known.

Runs after each (re)connect, and whenever the stream says that something changed without saying what. Orders that were
open and are missing from the list of open ones are looked up one by one; fills are asked for from the last moment up
to which the stream was surely complete. What comes twice is harmless: `merging.Story` counts once. What a list by time
leaves out, orders prove (`owed_fills.py`).

A venue that lists closed orders or fills by instrument only is asked for each instrument that this account is known to
trade: those of every order that is remembered, and those in which this client places orders.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from datetime import datetime
from math import inf
from typing import Any

from attrs import evolve

from unified.errors import Kind, VenueError
from unified.instrument import Instrument, Instruments, Product
from unified.merging import Story, key_of
from unified.operations import (
    FetchClosedOrders,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    ListingOperation,
    Operation,
)
from unified.order import Fill, Order
from unified.owed_fills import OwedFills
from unified.wire import moment

OVERLAP_MS = 5_000
"""How far before the last complete moment fills are asked for: clocks differ, and venues list late."""
_STEP_MS = 1_000
"""A clock that moved by more than this against ours has been set, and not only measured better."""
LOOK_AGAIN_SECONDS = 5.0
"""A second look after the first: a fill may be missing from lists for a while, and its frame may be the lost one."""

Run = Callable[[Operation[Any]], Coroutine[Any, Any, Any]]


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class CatchUp:
    """One account and product."""

    def __init__(
        self,
        run: Run,
        product: Product,
        listing: Instruments,
        story: Story,
        owed: OwedFills,
        tell: Callable[[Order | Fill], None],
        now_ms: Callable[[], int],
        traded: Callable[[], Iterable[Instrument]] = tuple,
    ) -> None:
        """`traded` are instruments in which there may be orders that nobody has told of yet."""
        self._run, self._product, self._listing = run, product, listing
        self._story, self._owed, self._tell, self._now_ms = story, owed, tell, now_ms
        self._traded = traded
        self._one_by_one: set[type[ListingOperation[Any]]] = set()
        """What the venue lists by instrument only."""
        self._since_at: float | None = None
        """Up to here everything is known, in loop seconds: the venue's clock may be set back and forward."""
        self._levels: list[tuple[float, int]] = []
        """From when on at the earliest, in loop seconds, and how far the venue's clock was ahead of that, in ms."""
        self._noted_at = -inf

    def begin(self) -> None:
        """Fills count from now on, if they did not yet."""
        if self._since_at is None:
            self.complete_until(0.0)

    def complete_until(self, seconds_ago: float) -> None:
        """The stream was complete until then."""
        self.note_time()
        until = _loop_time() - seconds_ago
        if self._since_at is None or until > self._since_at:
            self._known_until(until)

    def note_time(self) -> None:
        """Something happens at the venue: see how its clock goes."""
        at = _loop_time()
        level = self._now_ms() - round(at * 1000)
        if not self._levels or abs(level - self._levels[-1][1]) > _STEP_MS:
            self._levels.append((self._noted_at, level))
        self._noted_at = at

    def _known_until(self, at: float) -> None:
        self._since_at = at
        while len(self._levels) > 1 and self._levels[1][0] <= at:
            del self._levels[0]

    def _start(self) -> datetime:
        """The earliest time that a fill can bear which is not known yet, however the clock was set since."""
        since = self._since_at
        assert since is not None
        earliest_ms = min(round(max(since, begun) * 1000) + level for begun, level in self._levels)
        return moment((earliest_ms - OVERLAP_MS) * 1000, "since")

    async def run(self) -> None:
        """Look, and look again a little later. Raises VenueError."""
        began_at = _loop_time()
        await self.look()
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        await self.look()
        # A list of the whole account has shown all fills from before the first look; those of instruments that we know
        # of say nothing about others.
        if (self._since_at is None or began_at > self._since_at) and FetchFills not in self._one_by_one:
            self._known_until(began_at)

    async def look(self) -> None:
        """Ask for orders that are open, that no longer are, that came and went, and for fills. Raises VenueError."""
        self.begin()
        self.note_time()
        async with self._owed.turn:
            await self._look()
        self._owed.begin()

    async def _look(self) -> None:
        known = (order for order in self._story.open_orders if order.instrument.product is self._product)
        expected = {key_of(order.instrument, order.venue_order_id): order for order in known}
        async for order in self._pages(FetchOpenOrders(product=self._product, listing=self._listing)):
            expected.pop(key_of(order.instrument, order.venue_order_id), None)
            self._tell(order)
        for order in expected.values():
            await self._look_up(order)
        start = self._start()
        for order in await self._closed_since(start):
            self._tell(order)
        fills = await self._since(FetchFills, start)
        for fill in {key_of(fill.instrument, fill.venue_order_id): fill for fill in fills}.values():
            if self._story.order(fill.instrument, fill.venue_order_id) is None:
                await self._ask(fill.instrument, fill.venue_order_id)
        for fill in fills:
            self._tell(fill)

    async def _closed_since(self, start: datetime) -> list[Order]:
        """Orders that came and went while nobody told; none where the venue has no such list at all."""
        try:
            return await self._since(FetchClosedOrders, start)
        except VenueError as error:
            if error.kind is not Kind.NOT_SUPPORTED:
                raise
            return []

    async def _since(self, listed: type[FetchClosedOrders | FetchFills], start: datetime) -> list[Any]:
        """All of a list since then: of the whole account, or where the venue has no such list by instrument."""
        if listed not in self._one_by_one:
            try:
                return await self._all(listed(product=self._product, listing=self._listing, start=start))
            except VenueError as error:
                if error.kind is not Kind.NOT_SUPPORTED:
                    raise
                self._one_by_one.add(listed)
        return [
            item
            for instrument in self._instruments()
            for item in await self._all(
                listed(product=self._product, listing=self._listing, start=start, instrument=instrument)
            )
        ]

    def _instruments(self) -> list[Instrument]:
        known = (*self._traded(), *(order.instrument for order in self._story.orders))
        found = {instrument.symbol: instrument for instrument in known if instrument.product is self._product}
        return list(found.values())

    async def _all(self, operation: Any) -> list[Any]:
        return [item async for item in self._pages(operation)]

    async def _look_up(self, order: Order) -> None:
        """An order that is not among the open ones: over, or not listed yet."""
        known = self._story.order(order.instrument, order.venue_order_id)
        if known is not None and known.is_open:
            await self._ask(order.instrument, order.venue_order_id)

    async def _ask(self, instrument: Instrument, venue_order_id: str) -> None:
        try:
            found = await self._run(FetchOrder(instrument=instrument, venue_order_id=venue_order_id))
        except VenueError as error:
            if error.kind is not Kind.ORDER_NOT_FOUND:
                raise
        else:
            self._tell(found)

    async def _pages(self, operation: Any) -> AsyncIterator[Any]:
        while True:
            page = await self._run(operation)
            for item in page.items:
                yield item
            if page.cursor is None:
                return
            operation = evolve(operation, cursor=page.cursor)
