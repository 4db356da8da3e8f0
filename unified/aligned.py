"""A window of the venue's calendar: so much a minute, counted by the venue's clock. One form of `bucket.py`."""

from __future__ import annotations

import math

from unified.adapter import Limit
from unified.bucket import GUARD, ROUNDING, Bucket, Memory, Theta, Word
from unified.operations import Priority
from unified.rolling import RollingLog


class Aligned(Bucket):
    """So much per window of the venue's calendar. Charges every window in which a request may be counted.

    At most two windows can be the present one: `_newest`, which the venue may have entered, and the one before
    it, which it may not have left. When the newest one turns up, everything then in flight is carried into it.
    While the venue's time is not known, or not to half a window, it counts as a rolling window, which is never
    less strict; the count survives the change in both directions.
    """

    __slots__ = (
        "_begins",
        "_blind",
        "_ends",
        "_half",
        "_index",
        "_log",
        "_lowest",
        "_newest",
        "_older",
        "_period",
        "_settled",
        "_steady_until",
        "_theta",
    )

    aligned = True
    eased_by_answers = True

    def __init__(self, limit: Limit, share: float, door: str) -> None:
        super().__init__(limit, share, door)
        self._period = self.period or 0.0
        self._half = self._period / 2
        self._log = RollingLog(self._period)
        self._blind = True
        """Whether the venue's time is not known, so that the log counts."""
        self._theta: Theta | None = None
        self._lowest = 0.0
        """The lower end of theta."""
        self._steady_until = -math.inf
        """Until then, and under this theta, no window begins or ends."""
        self._settled = False
        """Whether the whole interval of the venue's time lies in the newest window."""
        self._index = self.window = -1
        self._begins = self._ends = 0.0
        self._newest = self._older = 0.0

    # --- what time it is

    def advance(self, now: float, theta: Theta | None, /) -> None:
        self.now = now
        if theta is not self._theta or now >= self._steady_until:
            self._look_at(now, theta)

    def _look_at(self, now: float, theta: Theta | None) -> None:
        self._theta = theta
        if theta is None or theta[1] - theta[0] > self._half:
            self._steady_until = -math.inf
            self._go_blind()
            return
        lowest, highest = theta
        latest = now + highest + GUARD
        if self._blind or not self._begins <= latest < self._ends:
            self._turn(latest)
        lowest = self._lowest = lowest - GUARD
        self._steady_until = self._ends - highest - 2 * GUARD
        if now + lowest >= self._begins:
            self._settled = True
            self.window = self._index
        else:
            self._settled = False
            self.window = self._index - 1
            self._steady_until = min(self._steady_until, self._begins - lowest)

    def _turn(self, latest: float) -> None:
        if self._blind:
            self._regain_sight(latest)
            return
        index = int(latest // self._period)
        if index < self._index and self._begins - latest < self._half:
            return  # The interval became narrower: what was charged to the coming window stays charged.
        if index > self._index:
            self._older = self._newest if index == self._index + 1 else self.in_flight
            self._newest = self.in_flight
        else:  # The venue's clock was set back: nothing is known of the windows that come again.
            self._newest = self._older = max(self._newest, self._older + self.in_flight)
        self._place(index)

    def _place(self, index: int) -> None:
        self._index = index
        self._begins = index * self._period
        self._ends = self._begins + self._period

    def _go_blind(self) -> None:
        if not self._blind:
            self._blind = True
            answered = self._newest - self.in_flight
            self._log.add(answered if self._settled else max(answered, self._older), self.now)
            self.window = self._index = -1
        self._log.drop(self.now)

    def _regain_sight(self, latest: float) -> None:
        self._log.drop(self.now)
        self._newest = self._older = self._log.total + self.in_flight
        self._log = RollingLog(self._period)
        self._blind = False
        self._place(int(latest // self._period))

    # --- counting

    @property
    def memory(self) -> Memory:
        if self._blind:
            return Memory.of(self._period)
        left = self._ends - self._lowest + GUARD - self.now
        return Memory(covers=left, lasts=left)

    @property
    def used(self) -> float:
        if self._blind:
            return self._log.total + self.in_flight
        return self._newest if self._settled else max(self._newest, self._older)

    def take(self, cost: float, priority: Priority, now: float, theta: Theta | None) -> float | None:
        self.now = now
        if theta is not self._theta or now >= self._steady_until:
            self._look_at(now, theta)
        used = self._newest + cost
        if self._blind or not self._settled or used > self.ceilings[priority]:
            if self.start(cost, priority):
                return None
            self.charge(cost)
            return self.used
        self.in_flight += cost  # as nearly always: one window, and room in it
        self._newest = used
        return used

    def start(self, cost: float, priority: Priority, extra: float = 0.0) -> float:
        if self._blind:
            return super().start(cost, priority, extra)
        ceiling = self.ceilings[priority]
        if cost > ceiling:
            ceiling = min(cost, self.limit)
        room = ceiling + ROUNDING - cost - extra
        if self._newest > room:
            # Whoever lets others pass must find room in the next window beside what they carry into it.
            crowded = extra > 0 and self.in_flight > room
            return self._ends - self._lowest + GUARD + (self._period if crowded else 0.0)
        if self._settled or self._older <= room:
            return 0.0
        return self._begins - self._lowest + GUARD

    def _frees(self, excess: float) -> float:
        return self._log.frees(excess, self.now)

    def charge(self, cost: float) -> None:
        self.in_flight += cost
        if not self._blind:
            self._newest += cost
            if not self._settled:
                self._older += cost

    def refund(self, cost: float, window: int, /) -> None:
        self.in_flight -= cost
        if not self._blind:
            self._newest -= cost
            if window < self._index:
                self._older -= cost

    def settle(self, cost: float, now: float, theta: Theta | None) -> None:
        self.now = now
        if theta is not self._theta or now >= self._steady_until:
            self._look_at(now, theta)
        self.in_flight -= cost
        self.answered += cost
        if self._blind:
            self._log.add(cost, now)

    def seed(self, cost: float) -> None:
        if self._blind:
            self._log.add(cost, self.now)
        else:
            self._newest += cost
            self._older += cost

    def observe(self, word: Word) -> None:
        """Only an answer that lies in one window for sure says which window it speaks of.

        A count above ours shows that others use the bucket too: then all that may have come on top is added. A
        count below ours is believed only where nothing else was under way that it might not hold yet.
        """
        if self._blind:
            super().observe(word)
            return
        self.venue_used = word.used
        within = word.sent_at + self._lowest >= self._begins
        if within and (word.used > self._newest or word.pending <= ROUNDING):
            self._newest = word.used + word.pending
