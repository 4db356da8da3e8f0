"""What the account's streams tell of orders in doubt: often the first word, and sooner than any look.

Knows no stream (`executions.py` tells it) and ends no doubt (`settlement.py` does). Where nobody watches the account it
knows nothing, and says nothing: that an order is not here proves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from unified.merging import Story
from unified.operations import PlaceOrder
from unified.order import Order
from unified.verdicts import economic_difference


class Witness:
    """Sees the orders of one account as they are told."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._awaited: dict[str, asyncio.Event] = {}
        self._show: Callable[[Order], None] = lambda _order: None

    def show_with(self, show: Callable[[Order], None]) -> None:
        """Who makes a look-up's order part of the story, where somebody watches."""
        self._show = show

    def found(self, order: Order) -> None:
        """A look-up has found the order before any stream told of it."""
        self._show(order)

    def told(self, order: Order) -> None:
        """The story has something new of this order."""
        awaited = self._awaited.get(order.client_order_id or "")
        if awaited is not None:
            awaited.set()

    def order(self, wanted: PlaceOrder, since: datetime) -> Order | None:
        """The wanted order, if it was told of and the venue made it since then: ids may have been used before."""
        seen = self._story.newest(wanted.instrument, wanted.client_order_id)
        if seen is None or seen.created_at is None or seen.created_at < since:
            return None
        return None if economic_difference(wanted, seen) else seen

    async def wait(self, wanted: PlaceOrder, seconds: float) -> None:
        """Return when something is told of the order, and after so many seconds at the latest."""
        told = self._awaited.setdefault(wanted.client_order_id, asyncio.Event())
        told.clear()
        try:
            async with asyncio.timeout(seconds):
                await told.wait()
        except TimeoutError:
            return
        finally:
            self._awaited.pop(wanted.client_order_id, None)
