"""Asks for the fills that an order's filled quantity proves to be missing, order by order.

No clock takes part. Fills by time (`catching_up.py`) miss what the venue dated by a clock that was wrong; an order that
is filled further than its fills tell (`merging.Story`) owes the rest, whenever that was. A frame may be on its way, and
venues list late: each order is asked for again and again, with growing pauses, one question at a time. What the venue
does not list in the end is said to be missing, and given up.

Orders of which nobody tells, and which this client has not placed, are not found so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from decimal import Decimal
from typing import Any

from attrs import evolve

from unified.errors import VenueError
from unified.instrument import Instruments, Product
from unified.merging import Key, Story, key_of
from unified.operations import FetchFills, Operation
from unified.order import Fill, Order
from unified.retry import TRANSIENT_BASE

PAUSES = (0.25, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0)
"""Seconds before each question about one order. The first is for a frame that is on its way."""
_LONGEST_PAUSE = 10.0
"""After an error that can pass; such a question does not count."""


class OwedFills:
    """One account and product."""

    def __init__(
        self,
        run: Callable[[Operation[Any]], Coroutine[Any, Any, Any]],
        product: Product,
        listing: Instruments,
        story: Story,
        tell: Callable[[Fill], None],
        give_up: Callable[[Order, Decimal], None],
    ) -> None:
        """`give_up` is told the order, and how much of it no fill has told."""
        self._run, self._product, self._listing = run, product, listing
        self._story, self._tell, self._give_up = story, tell, give_up
        self.turn = asyncio.Lock()
        """Held by whoever asks: what is about to be answered is not asked for again beside it."""
        self._looked = self._asks = False
        self._ours: set[str] = set()
        """Client ids of orders that were placed before the first look."""
        self._chases: dict[Key, asyncio.Task[None]] = {}

    def placing(self, client_order_id: str) -> None:
        """All fills of this order count, whenever it is heard of."""
        if not self._looked:
            self._ours.add(client_order_id)

    def begin(self) -> None:
        """The account has been looked at. What others' orders had filled before the first time is of the past."""
        if self._asks:
            return
        if not self._looked:
            self._forget_the_past()
        self._looked = self._asks = True
        for order in self._story.owing(self._product):
            self.note(order)

    def _forget_the_past(self) -> None:
        for order in self._story.owing(self._product):
            if order.client_order_id not in self._ours:
                self._story.write_off(order)
        self._ours.clear()

    def note(self, order: Order) -> None:
        """This order was told of: if it owes fills they are asked for, unless they come in time."""
        key = key_of(order.instrument, order.venue_order_id)
        if not self._asks or key in self._chases or not self._story.owed(order):
            return
        chase = asyncio.get_running_loop().create_task(self._chase(order))
        self._chases[key] = chase
        chase.add_done_callback(lambda done: self._over(key, done))

    def _over(self, key: Key, chase: asyncio.Task[None]) -> None:
        if self._chases.get(key) is chase:
            del self._chases[key]

    async def settled(self) -> None:
        """Wait until what is owed now has been told, or said to be missing."""
        if self._chases:
            await asyncio.wait(tuple(self._chases.values()))

    def stop(self) -> None:
        """Ask no more until the account has been looked at again."""
        self._asks = False
        for chase in self._chases.values():
            chase.cancel()
        self._chases.clear()

    async def _chase(self, order: Order) -> None:
        asked, pause, failing = 0, PAUSES[0], TRANSIENT_BASE
        while True:
            await asyncio.sleep(pause)
            async with self.turn:
                if not self._story.owed(order):
                    return
                error = await self._ask(order)
            if error is not None and error.transient:
                pause = error.retry_after or failing
                failing = min(_LONGEST_PAUSE, failing * 2)
                continue
            asked += 1
            if asked == len(PAUSES):
                break
            pause = PAUSES[asked]
        owed = self._story.owed(order)
        if owed:
            self._story.write_off(order)
            self._give_up(order, owed)

    async def _ask(self, order: Order) -> VenueError | None:
        """Tell the fills that the venue lists; an error is answered, not raised: nobody waits for this."""
        try:
            async for fill in self._fills_of(order):
                self._tell(fill)
        except VenueError as error:
            return error
        return None

    async def _fills_of(self, order: Order) -> AsyncIterator[Fill]:
        operation = FetchFills(
            product=self._product,
            listing=self._listing,
            instrument=order.instrument,
            venue_order_id=order.venue_order_id,
        )
        while True:
            page = await self._run(operation)
            for fill in page.items:
                yield fill
            if page.cursor is None:
                return
            operation = evolve(operation, cursor=page.cursor)
