"""Who stands in the queue in front of a limiter, and in which order. Grants nothing, refuses nothing, reads no clock.

Requests that differ in nothing but their deadlines stand in one lane: if its first cannot go, none of them can. So
what is known of them is kept once, and a waiter is little more than a future. Who lets them through: `admission.py`.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Mapping, Sequence

from unified.adapter import Charge
from unified.operations import Priority
from unified.permits import Delay, Line, Permit

AGEING_SECONDS = 15.0
"""Who has all the time in the world still moves up one class this often."""
GRANTS_AT_ONCE = 250
"""So many are let out in one turn of the loop, the next ones in the next: a full window must not stop the loop."""
_NOT_LOOKED_AT = Delay(-math.inf)

LaneKey = tuple[Priority, str, str, tuple[tuple[Line, float], ...]]
"""Priority, owner, door, and what a request costs by its limits."""


class Lane:
    """Requests that differ in nothing but their deadlines, in the order in which they came."""

    __slots__ = ("costs", "delay", "door", "key", "owner", "priority", "waiters")

    def __init__(self, key: LaneKey, costs: Mapping[Line, float]) -> None:
        self.key = key
        self.priority, self.owner, self.door, _ = key
        self.costs = costs
        self.delay = _NOT_LOOKED_AT
        """Why the first did not go when it was last looked at."""
        self.waiters: deque[Waiter] = deque()

    def rank(self, now: float) -> tuple[int, float]:
        """Which lane goes first has the lower rank: that of its first."""
        first = self.waiters[0]
        if self.priority is Priority.CANCEL:
            return 0, first.since
        step = min((first.deadline - first.since) / 4, AGEING_SECONDS)
        aged = int((now - first.since) / step) if step > 0 else 0
        return max(Priority.CLOSE, self.priority - aged), first.since

    def moved(self) -> None:
        """The first has gone: nothing is known of the next."""
        self.delay = _NOT_LOOKED_AT

    def hopeless(self, full: Mapping[Line, Lane]) -> Delay | None:
        """The delay of a lane that could not go, where this one asks no less of the same limit."""
        for line, cost in self.costs.items():
            first = full.get(line)
            if first is not None and cost >= first.costs[line] and self.priority >= first.priority:
                return first.delay
        return None


class Waiter:
    """A request that could not go at once. Its future is done when it was granted, refused or given up."""

    __slots__ = ("charges", "deadline", "future", "lane", "since")

    def __init__(
        self, charges: Sequence[Charge], lane: Lane, since: float, deadline: float, future: asyncio.Future[Permit]
    ) -> None:
        self.charges = charges
        self.lane = lane
        self.since = since
        self.deadline = deadline
        self.future = future


class Round:
    """What one round of granting has found so far."""

    __slots__ = ("first", "full", "left", "now", "wake")

    def __init__(self, now: float) -> None:
        self.now = now
        self.left = GRANTS_AT_ONCE
        self.first: dict[Line, Lane] = {}
        """Who waits first for a limit, and so keeps its turn there."""
        self.full: dict[Line, Lane] = {}
        """The first whom a limit itself had no room for."""
        self.wake = math.inf
        """When anything can change by itself."""

    def granted(self) -> None:
        """One more was let out."""
        self.left -= 1
        if not self.left:
            self.wake = self.now

    def blocked(self, lane: Lane) -> None:
        """The lane's first cannot go now, for the reason that its delay tells."""
        for line in lane.costs:
            self.first.setdefault(line, lane)
        at, line_that_is_full, _ = lane.delay
        if line_that_is_full is not None:
            self.full.setdefault(line_that_is_full, lane)
        if at < self.wake:
            self.wake = at


def known_start(delay: Delay) -> float:
    """The earliest start, where it can be known: an answer may make room at any moment."""
    return delay.at if delay.at < math.inf else 0.0
