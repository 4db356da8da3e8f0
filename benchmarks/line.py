"""A simulated venue that counts requests when they arrive, late and out of order, and a bucket that meters them.

Judges nothing: tests and figures do. Time is a number that the events move on; nothing waits and nothing is sent.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count

from attrs import frozen

from unified.adapter import DecayingCounter, FixedWindow, Limit, LimitRule, RollingWindow, TokenBucket
from unified.bucket import Theta, allowed
from unified.buckets import bucket_of
from unified.errors import Scope
from unified.operations import Priority

OFFSET = 1_700_000_000.0
"""Venue seconds at monotonic 0; not a multiple of a minute, as in life."""
_ROUNDING = 1e-6
NARROW = (OFFSET - 0.005, OFFSET + 0.005)


# --- the venue


class VenueCount:
    """What the venue itself counts, by its own clock, and the most it ever counted."""

    def __init__(self, rule: LimitRule) -> None:
        self._rule = rule
        self._windows: dict[int, float] = {}
        self._log: deque[tuple[float, float]] = deque()
        self._logged = 0.0
        self._level = 0.0
        self._level_at = 0.0
        self.most = allowed(rule)
        self.worst = 0.0
        self.over = 0
        """How often the count rose above the limit."""
        self.total = 0.0
        self.arrivals = 0

    def arrive(self, cost: float, at: float) -> None:
        """A request arrives at this time of the venue's clock."""
        self.total += cost
        self.arrivals += 1
        match self._rule:
            case FixedWindow(period=period):
                index = int(at // period)
                self._windows[index] = self._windows.get(index, 0.0) + cost
                now = self._windows[index]
            case RollingWindow(period=period):
                while self._log and self._log[0][0] <= at - period:
                    self._logged -= self._log.popleft()[1]
                self._log.append((at, cost))
                now = self._logged = self._logged + cost
            case TokenBucket(rate=rate) | DecayingCounter(decay=rate):
                self._level = max(0.0, self._level - rate * (at - self._level_at)) + cost
                self._level_at = at
                now = self._level
            case _:
                raise AssertionError(self._rule)
        self.worst = max(self.worst, now)
        self.over += now - cost <= self.most + _ROUNDING < now

    def whole_windows(self, begin: float, end: float) -> list[float]:
        """Counts of the calendar windows that lie between two times of the venue's clock."""
        assert isinstance(self._rule, FixedWindow)
        period = self._rule.period
        return [self._windows.get(index, 0.0) for index in range(math.ceil(begin / period), int(end // period))]


@frozen
class Trip:
    """How long a request takes there and back, in seconds."""

    there: float
    back: float


def tails(seed: int, median: float = 0.06) -> Callable[[], Trip]:
    """Delays as of a real line: a median, a heavy tail, and one in two hundred that takes up to eight seconds."""
    chance = random.Random(seed)

    def leg() -> float:
        slow = chance.uniform(0.5, 8.0) if chance.random() < 0.005 else 0.0
        return min(8.0, median * chance.lognormvariate(0.0, 0.4) + slow)

    return lambda: Trip(leg(), leg())


class Line:
    """A bucket, the requests that wait for it, and the venue at the far end of a slow line."""

    def __init__(
        self, rule: LimitRule, trips: Callable[[], Trip], theta: Theta | None, offset: float, settle_at_once: bool
    ) -> None:
        self.venue = VenueCount(rule)
        self._bucket = bucket_of(Limit(bucket="b", scope=Scope.IP, rule=rule, door="spot"), 1.0, "")
        self._trips = trips
        self._theta = theta
        self._offset = offset
        self._settle_at_once = settle_at_once
        self._events: list[tuple[float, int, Callable[[float], None], float]] = []
        self._tickets = count()
        self._waiting: deque[float] = deque()
        self._woken = math.inf

    def at(self, time: float, what: Callable[[float], None], cost: float = 0.0) -> None:
        heapq.heappush(self._events, (time, next(self._tickets), what, cost))

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self._now, _, what, cost = heapq.heappop(self._events)
            self._bucket.advance(self._now, self._theta)
            what(cost)
            self._send()

    def want(self, cost: float) -> None:
        self._waiting.append(cost)

    def _arrive(self, cost: float) -> None:
        self.venue.arrive(cost, self._now + self._offset)

    def _answer(self, cost: float) -> None:
        self._bucket.settle(cost, self._now, self._theta)

    def _wake(self, _nothing: float) -> None:
        if self._now >= self._woken:  # an older and later alarm must not set another one
            self._woken = math.inf

    def _send(self) -> None:
        while self._waiting:
            start = self._bucket.start(self._waiting[0], Priority.CANCEL)
            if start:
                assert start > self._now, "a refusal names a later time"
                if start < self._woken:
                    self._woken = start
                    self.at(start, self._wake)
                return
            cost, trip = self._waiting.popleft(), self._trips()
            self._bucket.charge(cost)
            self.at(self._now + trip.there, self._arrive, cost)
            if self._settle_at_once:
                self._answer(cost)
            else:
                self.at(self._now + trip.there + trip.back, self._answer, cost)


def run(
    rule: LimitRule,
    wanted: Iterable[float],
    trips: Callable[[], Trip],
    theta: Theta | None = NARROW,
    *,
    offset: float = OFFSET,
    costs: Callable[[], float] = lambda: 1.0,
    settle_at_once: bool = False,
    until: float = math.inf,
) -> VenueCount:
    """Send requests as soon as the bucket lets them, each no sooner than it is wanted."""
    line = Line(rule, trips, theta, offset, settle_at_once)
    for at in wanted:
        line.at(at, line.want, costs())
    line.run(until)
    return line.venue


def around_edges(period: float, windows: int, each: int, seed: int) -> list[float]:
    """Bursts as an adversary would time them: half a second before and after every edge of the venue's windows."""
    chance = random.Random(seed)
    first = math.ceil(OFFSET / period) * period - OFFSET + period
    return [
        edge + chance.uniform(-0.5, 0.5)
        for edge in (first + number * period for number in range(windows))
        for _ in range(each)
    ]
