"""Ends what takes too long: one timer for everything that is waited for at once. Sends and repeats nothing.

`asyncio.timeout` sets a timer of the loop for every wait and takes it back, although nearly none ever rings. Here a
wait is only written down; the one timer rings when the earliest of those that were known is due, and looks again.
"""

from __future__ import annotations

import asyncio
import math
from types import TracebackType


class Patience:
    """All waits of one event loop that end together with their time."""

    def __init__(self) -> None:
        self.waits: dict[Wait, None] = {}
        """The blocks that somebody is in."""
        self.rings_at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Let nothing ring any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self.rings_at = None, math.inf

    def arm(self, when: float) -> None:
        """Ring at that time, which is sooner than was known."""
        self.close()
        self.rings_at = when
        self._timer = asyncio.get_running_loop().call_at(when, self._ring)

    def _ring(self) -> None:
        due, self.rings_at = self.rings_at, math.inf
        for wait in self.waits:
            if wait.when <= due:
                wait.expire()
        later = min((wait.when for wait in self.waits if wait.when > due), default=math.inf)
        if later < math.inf:
            self.arm(later)


class Wait:
    """A block that raises TimeoutError if it is not left by `when` (loop seconds). To be entered in a task."""

    __slots__ = ("_before", "_expired", "_patience", "_task", "when")

    def __init__(self, patience: Patience, when: float) -> None:
        self._patience = patience
        self._expired = False
        self.when = when

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be made to stop waiting")
        self._task, self._before = task, task.cancelling()
        patience = self._patience
        patience.waits[self] = None
        if self.when < patience.rings_at:
            patience.arm(self.when)

    def expire(self) -> None:
        """Its time is over: whatever it awaits is cancelled."""
        self._expired = True
        self._task.cancel()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        del self._patience.waits[self]
        # Where somebody else cancels the task as well, that is what happened.
        if self._expired and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error
