"""Asks over REST what a stream of the account may have missed, and merges it into what is known.

A look (`account_look.py` says what it asks) runs after each (re)connect, and whenever the stream says that something
changed without saying what. Fills and closed orders are asked for from the last moment up to which everything is surely
known; what a list by time leaves out, orders prove (`owed_fills.py`).

A look that fails keeps its place: the next try goes on with the question that was refused, so that each page is asked
for once however many refusals come. Only a look that came to its end says that something is known. Tries nothing again
by itself (`executions.py` does).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from math import inf
from typing import Any

from unified.account_look import AccountLook
from unified.adapter import Steps
from unified.errors import VenueError
from unified.instrument import Instrument, Instruments, Product
from unified.merging import Story
from unified.operations import Operation
from unified.order import Fill, Order
from unified.owed_fills import OwedFills
from unified.wire import moment

OVERLAP_MS = 5_000
"""How far before the last complete moment fills are asked for: clocks differ, and venues list late."""
LISTED_SECONDS = 5.0
"""A look shows what happened so long before it began: a venue may list later what was done since."""
_STEP_MS = 1_000
"""A clock that moved by more than this against ours has been set, and not only measured better."""

Run = Callable[[Operation[Any]], Coroutine[Any, Any, Any]]


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class _Walk:
    """Questions one after the other, and the one that is not answered yet."""

    def __init__(self, steps: Steps[None]) -> None:
        self.begun_at = _loop_time()
        self._steps = steps
        self._question: Operation[Any] | None = next(steps)

    async def go_on(self, run: Run) -> None:
        """Ask until there is nothing left to ask. Raises VenueError; what can pass leaves the question as it stood."""
        while self._question is not None:
            try:
                answer = await run(self._question)
            except VenueError as error:
                if error.transient:
                    raise
                self._hand(self._steps.throw, error)
            else:
                self._hand(self._steps.send, answer)

    def _hand(self, over: Callable[[Any], Operation[Any]], answer: Any) -> None:
        try:
            self._question = over(answer)
        except StopIteration:
            self._question = None


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
        self._run, self._owed, self._now_ms = run, owed, now_ms
        self._asks = AccountLook(product, listing, story, tell, traded)
        self._walk: _Walk | None = None
        """A look that has not come to its end."""
        self._since_at: float | None = None
        """Up to here everything is known, in loop seconds: the venue's clock may be set back and forward."""
        self._levels: list[tuple[float, int]] = []
        """From when on at the earliest, in loop seconds, and how far the venue's clock was ahead of that, in ms."""
        self._noted_at = -inf

    def begin(self, seconds_ago: float = 0.0) -> None:
        """Fills count from then on, if they did not yet."""
        if self._since_at is None:
            self._since_at = _loop_time() - seconds_ago
            self.note_time()

    def complete_until(self, seconds_ago: float) -> None:
        """The stream was complete until then."""
        self.note_time()
        self._known_until(_loop_time() - seconds_ago)

    def note_time(self) -> None:
        """Something happens at the venue: see how its clock goes. Nothing before the begin is asked for."""
        if self._since_at is None:
            return
        at = _loop_time()
        level = self._now_ms() - round(at * 1000)
        if not self._levels or abs(level - self._levels[-1][1]) > _STEP_MS:
            self._levels.append((self._noted_at, level))
        self._noted_at = at

    def _known_until(self, at: float) -> None:
        if self._since_at is None or at <= self._since_at:
            return
        self._since_at = at
        while len(self._levels) > 1 and self._levels[1][0] <= at:
            del self._levels[0]

    def _start(self) -> datetime:
        """The earliest time that a fill can bear which is not known yet, however the clock was set since."""
        since = self._since_at
        assert since is not None
        earliest_ms = min(round(max(since, begun) * 1000) + level for begun, level in self._levels)
        return moment((earliest_ms - OVERLAP_MS) * 1000, "since")

    async def look(self) -> None:
        """Ask for what is not known, from where the last look was refused if it was. Raises VenueError."""
        self.begin()
        self.note_time()
        async with self._owed.turn:
            begun_at = await self._walked()
        if self._asks.shows_all_fills:
            self._known_until(begun_at - LISTED_SECONDS)
        self._owed.begin()

    async def _walked(self) -> float:
        """Bring a look to its end; the answer is when it began."""
        left, self._walk = self._walk, None
        walk = left or _Walk(self._asks.steps(self._start()))
        try:
            await walk.go_on(self._run)
        except (VenueError, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) or error.transient:
                self._walk = walk
            elif left is not None:  # its place may have become void, as cursors do: begin again before believing that
                return await self._walked()
            raise
        return walk.begun_at
