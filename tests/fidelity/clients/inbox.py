"""What a client's callbacks bring, from whichever thread, for a coroutine to wait for. Reads nothing of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any


class Inbox:
    """Things in the order in which they came; made where the event loop runs."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._things: asyncio.Queue[Any] = asyncio.Queue()

    def put(self, thing: Any) -> None:
        """From any thread; an exception is raised where somebody waits."""
        self._loop.call_soon_threadsafe(self._things.put_nowait, thing)

    async def take(self, wanted: Callable[[Any], Any] = lambda _thing: True) -> Any:
        """The next that is wanted; those before it are dropped."""
        while True:
            thing = await self._things.get()
            if isinstance(thing, Exception):
                raise thing
            if wanted(thing):
                return thing


class Logged(Exception):
    """A refusal that a client writes to its log and tells in no other way."""


class Log(logging.Handler):
    """Puts the lines of a client's log into an inbox, where it tells in no other way what it was answered."""

    def __init__(self, inbox: Inbox, name: str, level: int) -> None:
        super().__init__(level)
        self._inbox = inbox
        logger = logging.getLogger(name)
        logger.addHandler(self)
        logger.setLevel(level)

    def emit(self, record: logging.LogRecord) -> None:
        self._inbox.put(record.getMessage())
