"""One life of a program: the tasks that belong to it, and its sudden end. Knows nothing of orders.

A crash is no shutdown: what the program would still do on its way out reaches neither the disk nor the network,
because both are told of its death first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import Context, ContextVar
from random import Random
from typing import Any, cast

OWNER: ContextVar[Process | None] = ContextVar("unified_simulated_process", default=None)
"""The process to which a new task belongs; None for what goes on at the venue or under way."""

_LATEST_S = 0.03
"""A crash comes at a moment that matters, or up to so much later."""


class Process:
    """Tasks that live and die together."""

    def __init__(self, chance: Random, moments: int | None) -> None:
        """`moments` is the number of the moment (a write, a sync, a request, an answer) at which it crashes."""
        self._chance = chance
        self._moments = moments
        self._tasks: dict[asyncio.Task[Any], None] = {}  # in the order in which they began; a set would have none
        self._ended = asyncio.Event()
        self.dead = False

    def reached(self) -> None:
        """A moment has come at which a crash would matter."""
        if self._moments is None or self.dead:
            return
        self._moments -= 1
        if self._moments == 0:
            delay = self._chance.choice((0.0, self._chance.uniform(0.0, _LATEST_S)))
            asyncio.get_running_loop().call_later(delay, self.kill)

    async def run(self, main: Coroutine[Any, Any, None]) -> bool:
        """Run to the end; whether it got there alive."""
        token = OWNER.set(self)
        task = asyncio.get_running_loop().create_task(main)
        OWNER.reset(token)
        task.add_done_callback(lambda _: self._ended.set())
        await self._ended.wait()
        if not self.dead:
            task.result()
            return True
        while self._tasks:  # what is cancelled once may go on waiting in order to end well; the dead do not
            self._cancel()
            await asyncio.sleep(0)
        return False

    def kill(self) -> None:
        """The end, at once."""
        if not self._ended.is_set():
            self.dead = True
            self._ended.set()

    def _cancel(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    def joined(self, task: asyncio.Task[Any]) -> None:
        """A task of this process begins; what a dead one begins does not run."""
        self._tasks[task] = None
        task.add_done_callback(self._gone)
        if self.dead:
            task.cancel()

    def _gone(self, task: asyncio.Task[Any]) -> None:
        del self._tasks[task]
        if self.dead and not task.cancelled():
            task.exception()  # nobody is left to hear of it


def task_factory(
    loop: asyncio.AbstractEventLoop,
    coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    *,
    context: Context | None = None,
    **options: Any,
) -> asyncio.Future[Any]:
    """Makes tasks that know their process: for `loop.set_task_factory`. Later Pythons pass their names as well."""
    task = asyncio.Task(cast(Coroutine[Any, Any, Any], coro), loop=loop, context=context, **options)
    owner = OWNER.get() if context is None else context.get(OWNER)
    if owner is not None:
        owner.joined(task)
    return task
