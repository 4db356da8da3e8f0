"""Keeps one connection alive: connects, reconnects, backs off, hands over in time. Knows not what goes over it.

Never two connections at once but for a handover, when the new one is complete before the old one goes (make before
break). Streams (`stream.py`) and orders over sockets (`socket_transport.py`) each say what a connection is to them.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from unified.calls import without_deadline
from unified.connection import Connection, Means
from unified.errors import Family, Fault, Kind, VenueError
from unified.feeds import AnyLine
from unified.hooks import StreamChange
from unified.operations import Priority
from unified.retry import RetryBudget

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
"""Seconds between two attempts to connect."""
STEADY_SECONDS = 10.0
"""A connection that lived so long was no failed attempt: the next one begins at once."""
HANDOVER_SECONDS = 15.0
"""How long a new connection may take to become complete before the old one goes in any case."""
EARLY_SECONDS = 60.0
"""How long before the end of its life a connection is replaced; a tenth of it where it is short."""

Show = Callable[[StreamChange, str, VenueError | None], None]
C = TypeVar("C", bound=Connection)


class Keeper(ABC, Generic[C]):
    """One connection, ever renewed."""

    def __init__(self, line: AnyLine, means: Means, budget: RetryBudget, show: Show) -> None:
        self._kept, self._means, self._budget, self._show = line, means, budget, show
        self._link: C | None = None
        self._failed = 0
        """Connections in a row that did not live for long."""
        self._wait_for = 0.0
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    def _made(self) -> C:
        """A new connection, not yet open."""

    @abstractmethod
    def _up(self, link: C) -> None:
        """It is open: use it."""

    @abstractmethod
    async def _handed_over(self, old: C, new: C) -> None:
        """Wait until the old one is needed no more, `HANDOVER_SECONDS` at most."""

    @abstractmethod
    def _not_up(self, error: VenueError) -> None:
        """An attempt to connect failed; another one follows."""

    @abstractmethod
    def _given_up(self, error: VenueError) -> None:
        """It is not tried any more."""

    def _keep(self) -> bool:
        """See to it that it is kept; whether that begins now."""
        if self._task is not None and not self._task.done():
            return False
        with without_deadline():  # it outlives the call that wanted it first
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"stream {self._kept.name}")
        return True

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
                self._judge(link)
                old, link = link, await self._connected(StreamChange.RENEWED)
                if link is not None:
                    await self._handed_over(old, link)
                await old.aclose()
                continue
            self._judge(link)
            error = link.over.result()
            await link.aclose()
            self._show(StreamChange.LOST, error.message, error)
            if error.code is not None and error.code.isdecimal() and int(error.code) in self._kept.terminal:
                self._give_up(error)
                return
            link = await self._connected(StreamChange.CONNECTED)

    def _judge(self, link: C) -> None:
        """After a connection that was of use the next one begins at once."""
        if link.useful or asyncio.get_running_loop().time() - link.opened_at >= STEADY_SECONDS:
            self._failed = 0

    async def _needs_successor(self, link: C) -> bool:
        """Wait for the link's end. True where it is planned or announced, and the link still lives."""
        loop, lifetime = asyncio.get_running_loop(), self._kept.lifetime
        rest = None
        if lifetime is not None:
            rest = max(0.0, link.opened_at + lifetime - min(EARLY_SECONDS, lifetime / 10) - loop.time())
        announced = loop.create_task(link.ending.wait())
        try:
            ends: set[asyncio.Future[VenueError] | asyncio.Task[bool]] = {link.over, announced}
            await asyncio.wait(ends, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
        finally:
            announced.cancel()
        return not link.over.done()

    async def _connected(self, change: StreamChange) -> C | None:
        """A link that has everything asked for, tried until it succeeds; None where that is hopeless."""
        while True:
            await self._pause()
            link = self._made()
            try:
                await link.open()
            except VenueError as error:
                self._failed += 1
                await link.aclose()
                self._show(StreamChange.LOST, error.message or str(error.kind), error)
                if _is_hopeless(error):
                    self._give_up(error)
                    return None
                self._not_up(error)
                self._wait_for = error.retry_after or 0.0
                continue
            except asyncio.CancelledError:
                await link.aclose()
                raise
            self._failed += 1  # taken back when it has lived for a while
            self._budget.succeeded(self._budget.TRANSIENT_COST)
            self._link = link
            self._up(link)
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
        self._given_up(error)


_LOST = Fault(kind=Kind.CONNECTION_LOST)


def _is_hopeless(error: VenueError) -> bool:
    """Whether trying again cannot help: a key that is refused stays refused."""
    return not error.transient and error.fault.family in (Family.AUTH, Family.REQUEST, Family.STREAM)
