"""An asyncio event loop whose time is virtual: sleeps cost nothing, and every run is alike.

Where nothing is ready, the clock jumps to the next timer. Loopback sockets work: before it jumps, the loop
gives the kernel a moment to deliver. Work for the loop's executors (`asyncio.to_thread`) is done on the spot, and takes
no time; threads that were started otherwise are not seen, and the clock may run on beside them.

    from unified.testing.loop import run
    run(main())
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

TICK = 1e-6
"""What every turn of the loop costs: code that re-arms a timer for now must not stop the clock."""
_SETTLE_S = 0.001
"""Real seconds that sockets get before the clock jumps."""
PATIENCE_S = 3.0
"""Real seconds without timers, work or traffic after which waiting is hopeless."""


class Deadlock(RuntimeError):
    """Every task waits, no timer is set, no work runs, and neither socket nor thread has stirred."""


class _VirtualSelector(selectors.BaseSelector):
    """A selector that turns waiting into a jump of the clock."""

    def __init__(self, start: float, patience_s: float) -> None:
        self._real = selectors.DefaultSelector()
        self._patience_s = patience_s
        self._has_sockets = False
        """Beside the loop's own wake-up socket, which is always there: that one only tells of other threads."""
        self.time = start

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.time += TICK
        if timeout == 0 and not self._has_sockets:
            return []  # the kernel is asked before the clock jumps: half of all turns go without
        ready = self._real.select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            return self._wait_for_others()
        if self._has_sockets:
            ready = self._real.select(_SETTLE_S)
        if not ready:
            self.time += max(0.0, timeout or 0.0)
        return ready

    def _wait_for_others(self) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(self._patience_s)
        if not ready:
            raise Deadlock("every task waits and no timer is set")
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._counted(self._real.register(fileobj, events, data))

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._counted(self._real.unregister(fileobj))

    def _counted(self, key: selectors.SelectorKey) -> selectors.SelectorKey:
        self._has_sockets = len(self._real.get_map()) > 1
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own; `time()` begins at `start`."""

    def __init__(self, start: float = 0.0, *, patience_s: float = PATIENCE_S) -> None:
        self._virtual = _VirtualSelector(start, patience_s)
        super().__init__(self._virtual)

    def time(self) -> float:
        """Virtual monotonic seconds."""
        return self._virtual.time

    def run_in_executor(
        self, _executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """The job is done at once, here: how long a thread takes must change nothing. Its result comes a turn later."""
        future: asyncio.Future[T] = self.create_future()
        try:
            result = func(*args)
        except Exception as error:
            self.call_soon(_unless_cancelled, future, future.set_exception, error)
        else:
            self.call_soon(_unless_cancelled, future, future.set_result, result)
        return future


def _unless_cancelled(future: asyncio.Future[T], tell: Callable[[Any], None], end: Any) -> None:
    if not future.cancelled():
        tell(end)


def run(main: Coroutine[Any, Any, T], *, start: float = 0.0) -> T:
    """Run a coroutine to its end in virtual time. Like `asyncio.run`, for a loop of its own."""
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(start)) as runner:
        return runner.run(main)
