"""Keeps a stream of the account complete: asks after each connection and after each change that nobody told of.

What is asked, and how answers and frames are merged, `executions.py` (orders, fills) and `holdings.py` (balances,
positions) say. A gap is healed when a question that was put after the connection stood has been answered to its end,
and not when the connection stands.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from unified.errors import Fault, VenueError
from unified.link import Link
from unified.operations import Operation
from unified.retry import TRANSIENT_BASE
from unified.topics import Topic
from unified.values import frozen
from unified.watches import Watch

LONGEST_PAUSE = 10.0
"""Between two tries, where the venue does not say how long to wait."""

Start = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


@frozen(kw_only=True)
class OwnMeans:
    """What streams of the account need of others."""

    run: Callable[[Operation[Any]], Coroutine[Any, Any, Any]]
    start: Start
    """Runs something in the background."""
    refused: Callable[[Watch[Any], Fault], None]
    """The account cannot be asked: the watch ends."""
    whole: Callable[[Topic], None]
    """Nothing is missing any more."""


async def until_answered(ask: Callable[[], Awaitable[None]]) -> None:
    """Ask, and after errors that can pass ask again. Raises VenueError of those that cannot."""
    pause = TRANSIENT_BASE
    while True:
        try:
            return await ask()
        except VenueError as error:
            if not error.transient:
                raise
            await asyncio.sleep(error.retry_after or pause)
            pause = min(LONGEST_PAUSE, pause * 2)


class OwnStream(ABC):
    """One watch of the account."""

    def __init__(self, topic: Topic, means: OwnMeans) -> None:
        self.topic, self._means = topic, means
        self._asking: asyncio.Task[None] | None = None
        self._again = False
        """Something changed while it was being asked for."""

    @property
    def is_asking(self) -> bool:
        """Whether a question is under way."""
        return self._asking is not None and not self._asking.done()

    def catch_up(self) -> None:
        """Ask for what may have been missed; what changes meanwhile is asked for again."""
        if self.is_asking:
            self._again = True
        else:
            self._asking = self._means.start(self._caught_up())

    def stop(self) -> None:
        """Nobody watches any more."""
        if self._asking is not None:
            self._asking.cancel()

    @abstractmethod
    def told(self, value: Any) -> None:
        """A frame told of something."""

    @abstractmethod
    def down(self) -> None:
        """The connection that was believed has gone."""

    @abstractmethod
    def known(self) -> tuple[Any, ...]:
        """What a consumer that comes later would otherwise never hear of: only changes are told again."""

    @abstractmethod
    async def _ask(self) -> None:
        """Bring all that frames may have left out. Raises VenueError."""

    @abstractmethod
    async def _proved(self) -> None:
        """Wait until the answers are known to hold everything."""

    async def _caught_up(self) -> None:
        try:
            while True:
                self._again, source = False, self.topic.source
                await self._ask()
                if source is not None and not self.topic.whole:
                    self._means.start(self._heal(source))
                if not self._again:
                    return
        except VenueError as error:
            self._means.refused(self.topic.watch, error.fault)

    async def _heal(self, source: Link) -> None:
        """The gap is over, unless that connection has gone, or been followed by one after which is asked again."""
        await self._proved()
        if self.topic.source is source:
            self._means.whole(self.topic)
