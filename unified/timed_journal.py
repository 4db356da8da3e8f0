"""A journal that tells how long orders waited for it. Keeps nothing itself: the journal behind it does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Mapping

from unified.hooks import Hooks, WaitEvent
from unified.operations import PlaceOrder
from unified.ports import Journal
from unified.records import LimitRecord, OrderRecord


class TimedJournal:
    """A `Journal` in front of another one."""

    def __init__(self, journal: Journal, venue: str, hooks: Hooks) -> None:
        self._journal = journal
        self._venue = venue
        self._hooks = hooks
        self.ended = journal.ended
        self.limited = journal.limited

    @property
    def left_over(self) -> Mapping[str, OrderRecord]:
        return self._journal.left_over

    def sending(self, record: OrderRecord) -> Awaitable[None] | None:
        return self._timed(record) if self._hooks.on_wait else self._journal.sending(record)

    async def _timed(self, record: OrderRecord) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        to_wait_for = self._journal.sending(record)
        if to_wait_for is not None:
            await to_wait_for
        seconds = loop.time() - began
        self._hooks.on_wait.emit(
            WaitEvent(venue=self._venue, operation=PlaceOrder.name, seconds=seconds, reason="journal")
        )

    @property
    def limits(self) -> Collection[LimitRecord]:
        return self._journal.limits

    async def aclose(self) -> None:
        await self._journal.aclose()
