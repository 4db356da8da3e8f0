"""How many requests of one class may be under way at a venue at once: fewer while it struggles, more while it copes.

One `Bulkhead` per venue, door and pool of connections. Decides; never waits, never sends, never reads a clock: the
slots are kept by the limiter, like every other limit, with its queue and its priorities. Cancels need no slot.

Additive increase, multiplicative decrease: a request that the venue was too busy for, or that got no answer in time,
takes a tenth of the slots away, once for all requests that were under way together; as many quick answers as there are
slots add one. An answer that took much longer than the quickest adds nothing: it stood in a queue.
"""

from __future__ import annotations

import math

from unified.errors import Fault, Kind, Outcome

FIRST = 20
"""Slots to begin with, where the pool has as many connections."""
FEWEST = 2
SHRINK = 0.9
SLOW = 3.0
"""An answer that took so many times as long as the quickest one stood in a queue."""
QUICK_SECONDS = 0.2
"""An answer within these is quick in any case: turns of a busy loop and the jitter of a line take as long."""
MEMORY_SECONDS = 60.0
"""The quickest answer is that of so many seconds, or twice as many at most."""
OVERLOADED = frozenset({Kind.OVERLOADED, Kind.REQUEST_TIMEOUT})


class Bulkhead:
    """The slots of one class of requests. Times are monotonic seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._slots = float(min(FIRST, most))
        self._good = 0
        self._shrunk_at = -math.inf
        self._quickest = math.inf
        self._before = math.inf
        """The quickest answer of the span before this one."""
        self._span_ends = -math.inf

    @property
    def slots(self) -> int:
        """So many may be under way at once."""
        return int(self._slots)

    def observe(self, fault: Fault | None, *, started_at: float, now: float) -> bool:
        """A request that left at `started_at` has ended; None says that it succeeded. Answers whether slots changed."""
        before = int(self._slots)
        if fault is not None and fault.kind in OVERLOADED:
            if fault.outcome is not Outcome.NOT_SENT and started_at >= self._shrunk_at:
                self._shrink(now)
        elif fault is None and self._is_quick(now - started_at, now):
            self._grow()
        return int(self._slots) != before

    def _shrink(self, now: float) -> None:
        self._slots = max(float(min(FEWEST, self._most)), self._slots * SHRINK)
        self._shrunk_at = now
        self._good = 0

    def _grow(self) -> None:
        self._good += 1
        if self._good >= self._slots:
            self._slots = min(self._slots + 1, float(self._most))
            self._good = 0

    def _is_quick(self, elapsed: float, now: float) -> bool:
        if now >= self._span_ends:
            self._before = self._quickest
            self._quickest = math.inf
            self._span_ends = now + MEMORY_SECONDS
        if elapsed < self._quickest:
            self._quickest = elapsed
        return elapsed <= QUICK_SECONDS or elapsed <= SLOW * min(self._quickest, self._before)
