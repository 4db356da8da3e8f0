"""Measures the clocks of a venue's doors: once for everybody, beside the calls wherever it can.

Computes nothing (`clock.py` does) and sends nothing itself: it asks for the server's time through whatever
scheduler wants to know it, so that measuring keeps limits and deadlines like any other call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from unified.calls import without_deadline
from unified.clock import ClockSync
from unified.errors import VenueError
from unified.hooks import Hooks, ResyncEvent

Ask = Callable[[], Awaitable[object]]
"""Fetches the server's time once; the answer reaches the clock as every answer does."""

FIRST_SAMPLES = 3
"""The first may open a connection and is slow; the others make the interval narrow."""
LATER_SAMPLES = 2


class Timekeeper:
    """The clocks of one venue, by door."""

    def __init__(self, venue: str, doors: tuple[str, ...]) -> None:
        self._venue = venue
        self.clocks: Mapping[str, ClockSync] = {door: ClockSync() for door in doors}
        self._measuring: dict[str, asyncio.Task[None]] = {}

    async def measured(self, door: str, ask: Ask, reason: str, hooks: Hooks) -> None:
        """Wait for a measurement of the door's clock; all who wait at the same time share one.

        Raises what asking for the time raised.
        """
        await asyncio.shield(self.measure(door, ask, reason, hooks))

    def measure(self, door: str, ask: Ask, reason: str, hooks: Hooks) -> asyncio.Task[None]:
        """Start measuring in the background, or join the measurement under way."""
        task = self._measuring.get(door)
        if task is None:
            with without_deadline():
                work = self._measure(door, ask, reason, hooks)
                task = asyncio.get_running_loop().create_task(work, name=f"measure clock {door}")
            self._measuring[door] = task
            task.add_done_callback(lambda done: self._measured(door, done))
        return task

    async def _measure(self, door: str, ask: Ask, reason: str, hooks: Hooks) -> None:
        clock = self.clocks[door]
        for sample in range(LATER_SAMPLES if clock.known else FIRST_SAMPLES):
            try:
                await ask()
            except VenueError:
                if sample == 0:
                    raise
                break  # one good answer is enough to go on with
        if hooks.on_resync:
            now = asyncio.get_running_loop().time()
            hooks.on_resync.emit(
                ResyncEvent(
                    venue=self._venue, door=door, reason=reason, half_width=clock.half_width(now), epoch=clock.epoch
                )
            )

    def _measured(self, door: str, task: asyncio.Task[None]) -> None:
        self._measuring.pop(door, None)
        if not task.cancelled():
            task.exception()  # whoever waited has it; a background measurement is tried again by the next call

    async def aclose(self) -> None:
        """Stop measuring."""
        tasks = tuple(self._measuring.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
