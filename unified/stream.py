"""Keeps one connection of a line alive for a set of watches: connects, reconnects, backs off, hands over in time.

Never two connections at once but for a handover, when the new one is complete before the old one goes (make before
break). Reads no frame (`link.py` does). What its watches bring, and that it is gone, the audience is told by the links.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count
from typing import Any

from unified.errors import Family, Fault, Kind, VenueError
from unified.feeds import Line
from unified.hooks import StreamChange
from unified.link import Audience, Link, Means
from unified.operations import Priority
from unified.retry import RetryBudget
from unified.watches import Watch, WatchBook

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
"""Seconds between two attempts to connect."""
STEADY_SECONDS = 10.0
"""A connection that lived so long was no failed attempt: the next one begins at once."""
HANDOVER_SECONDS = 15.0
"""How long a new connection may take to become complete before the old one goes in any case."""
EARLY_SECONDS = 60.0
"""How long before the end of its life a connection is replaced; a tenth of it where it is short."""

_NUMBERS = count(1)

Show = Callable[[StreamChange, str, VenueError | None], None]


class Session:
    """One connection, ever renewed, and what is watched over it."""

    def __init__(
        self, line: Line, base: str, door: str, means: Means, audience: Audience, budget: RetryBudget, show: Show
    ) -> None:
        self.line = line
        self.watches: dict[Watch[Any], None] = {}
        self._base, self._door = base, door
        self._means, self._audience, self._budget, self._show = means, audience, budget, show
        self._link: Link | None = None
        self._failed = 0
        """Connections in a row that did not live for long."""
        self._wait_for = 0.0
        self._task: asyncio.Task[None] | None = None

    def has_room(self, watch: Watch[Any]) -> bool:
        """Whether the watch fits beside the others: frames of two depths of one book cannot be told apart."""
        if len(self.watches) >= self.line.most_watches:
            return False
        return not isinstance(watch, WatchBook) or not any(
            isinstance(other, WatchBook) and other.instrument == watch.instrument for other in self.watches
        )

    def add(self, watch: Watch[Any]) -> None:
        """Watch this too."""
        self.watches[watch] = None
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"stream {self.line.name}")
        elif self._link is not None:
            self._link.want([watch])

    def remove(self, watch: Watch[Any]) -> None:
        """Watch this no longer."""
        self.watches.pop(watch, None)
        if self._link is not None:
            self._link.drop(watch)

    async def aclose(self) -> None:
        """Close the connection, for good."""
        task, link = self._task, self._link
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for known in (link, self._link):
            if known is not None:
                await known.aclose()
        self._link = None

    # --- inside

    async def _run(self) -> None:
        link = await self._connected(StreamChange.CONNECTED)
        while link is not None:
            if await self._needs_successor(link):
                if asyncio.get_running_loop().time() - link.opened_at >= STEADY_SECONDS:
                    self._failed = 0
                old, link = link, await self._connected(StreamChange.RENEWED)
                if link is not None:
                    await link.settled(HANDOVER_SECONDS)
                await old.aclose()
                continue
            error, lived = link.over.result(), asyncio.get_running_loop().time() - link.opened_at
            await link.aclose()
            self._show(StreamChange.LOST, error.message, error)
            if error.code is not None and error.code.isdecimal() and int(error.code) in self.line.terminal:
                self._give_up(error)
                return
            if lived >= STEADY_SECONDS:
                self._failed = 0
            link = await self._connected(StreamChange.CONNECTED)

    async def _needs_successor(self, link: Link) -> bool:
        """Wait for the link's end. True where it is planned or announced, and the link still lives."""
        loop, lifetime = asyncio.get_running_loop(), self.line.lifetime
        rest = None
        if lifetime is not None:
            rest = max(0.0, link.opened_at + lifetime - min(EARLY_SECONDS, lifetime / 10) - loop.time())
        announced = loop.create_task(link.ending.wait())
        try:
            ends: set[asyncio.Future[Any]] = {link.over, announced}
            await asyncio.wait(ends, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
        finally:
            announced.cancel()
        return not link.over.done()

    async def _connected(self, change: StreamChange) -> Link | None:
        """A link that has everything asked for, tried until it succeeds; None where that is hopeless."""
        while True:
            await self._pause()
            link = Link(next(_NUMBERS), self.line, self._base, self._door, self._means, self._audience)
            try:
                await link.open()
            except VenueError as error:
                self._failed += 1
                await link.aclose()
                self._show(StreamChange.LOST, error.message or str(error.kind), error)
                if _is_hopeless(error):
                    self._give_up(error)
                    return None
                self._wait_for = error.retry_after or 0.0
                continue
            except asyncio.CancelledError:
                await link.aclose()
                raise
            self._failed += 1  # taken back when it has lived for a while
            self._budget.succeeded(self._budget.TRANSIENT_COST)
            self._link = link
            link.want(self.watches)
            self._show(change, "", None)
            return link

    async def _pause(self) -> None:
        """Full jitter between growing bounds; the longest pause where the retry budget of the account is used up."""
        if not self._failed:
            return
        jitter, asked = self._means.chance.random(), self._wait_for
        self._wait_for = 0.0
        bound = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failed - 1, 30))
        if self._failed > 1 and not self._budget.take(_LOST, Priority.PUBLIC_READ):
            bound = LONGEST_PAUSE
        await asyncio.sleep(asked + jitter * bound)

    def _give_up(self, error: VenueError) -> None:
        self._link = None
        for watch in tuple(self.watches):
            self._audience.refused(watch, error.fault)


_LOST = Fault(kind=Kind.CONNECTION_LOST)


def _is_hopeless(error: VenueError) -> bool:
    """Whether trying again cannot help: a key that is refused stays refused."""
    return not error.transient and error.fault.family in (Family.AUTH, Family.REQUEST, Family.STREAM)


def first_with_room(sessions: Iterable[Session], watch: Watch[Any]) -> Session | None:
    """The first session that can take the watch too."""
    return next((session for session in sessions if session.has_room(watch)), None)
