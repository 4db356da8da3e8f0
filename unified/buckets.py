"""How full one bucket of a venue may be, at worst. Counts; never waits, never reads a clock, knows no request.

One class per form of rule. A venue counts a request when it arrives, and all that we know of that moment is
that it lies between our reserving and the answer. So a charge is an interval, and every bucket counts so that
the venue's own count cannot be higher, wherever in their intervals the requests arrived:

- what is in flight is charged in full, and neither expires nor drains before it is answered;
- what was answered counts as if it had arrived at the moment of the answer.

Say `advance(now, theta)` before anything else: the rest speaks of that moment. `now` is monotonic seconds. A
`Theta` is the interval in which (venue seconds - monotonic seconds) surely lies; only calendar windows need it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from typing import NamedTuple

from unified.adapter import Concurrency, DecayingCounter, FixedWindow, Limit, LimitRule, RollingWindow, TokenBucket
from unified.operations import Priority
from unified.values import frozen

Theta = tuple[float, float]
"""Lowest and highest (venue seconds since the epoch - monotonic seconds) that are possible now."""

GUARD = 1e-6
"""Seconds; more than the rounding of an epoch in seconds as a float."""
DRIFT = 50e-6
"""How much faster or slower than ours the venue's clock may run."""
STAMP_UNIT = 0.001
"""Seconds; venues keep arrival times in whole milliseconds or finer."""
READ_CEILING = 0.90
"""Reads leave the last tenth of a bucket that more urgent requests use."""
ORDER_CEILING = 0.95
"""Orders leave the last twentieth of a bucket that cancels use."""
_CELLS = 256
"""A rolling window is remembered in so many steps: what falls into one step expires together, at its end."""
_ROUNDING = 1e-9


class Word(NamedTuple):
    """The venue's own count, as an answer told it."""

    used: float
    pending: float
    """Cost of what was under way together with the request: the count may or may not hold it."""
    sent_at: float
    """When the request that carried the count may have left at the earliest."""
    reset_after: float | None
    """Seconds until the count is gone; None where the venue did not say."""


@frozen
class Memory:
    """How long one word, "at most so much is used", holds for those who hear it later."""

    covers: float
    """Seconds for which it covers later use too, as long as that stays below it."""
    lasts: float
    """Seconds after which whatever it covered is free again."""

    @classmethod
    def of(cls, recovery: float) -> Memory:
        """Where use is free again so many seconds after it happened."""
        return cls(covers=recovery, lasts=2 * recovery)


class Bucket(ABC):
    """What one rule allows and how much of it may be used."""

    __slots__ = (
        "answered",
        "ceilings",
        "counted",
        "door",
        "in_flight",
        "limit",
        "now",
        "pace",
        "rule",
        "scope",
        "venue_used",
        "window",
    )

    aligned = False
    """Whether it follows the venue's calendar."""
    eased_by_answers = False
    """Whether an answer can let others start sooner: elsewhere only time makes room."""

    def __init__(self, limit: Limit, share: float, door: str) -> None:
        self.scope = limit.scope
        self.door = limit.door or door
        """Whose clock its windows follow."""
        self.now = -math.inf
        self.window = 0
        """The oldest calendar window to which a charge goes now; always 0 where there are none."""
        self.in_flight = 0.0
        self.counted = 0.0
        """Cost of what was answered and still counts, where the form keeps one sum of it."""
        self.answered = 0.0
        """Cost of everything that was ever answered: two readings tell what was under way between them."""
        self.venue_used: float | None = None
        """The venue's own last word."""
        self.set_rule(limit.rule, limit.most_urgent, share)

    def set_rule(self, rule: LimitRule, most_urgent: Priority, share: float) -> None:
        """Go on counting under another limit."""
        self.rule = rule
        # A bucket of one cannot be divided: a share never falls below one request.
        self.limit = max(allowed(rule) * share, min(1.0, allowed(rule)))
        self.ceilings = tuple(self.limit * part for part in _ceilings(most_urgent))
        self.pace = (self.period or 0.0) / self.limit
        """Seconds that a unit of cost takes on the long run; 0 where time alone makes no room."""

    @property
    def period(self) -> float | None:
        """Seconds of its window; None for rules without one."""
        return window_of(self.rule)

    @property
    def form(self) -> str:
        """The kind and the length of its rule: what tells the buckets of one limit apart."""
        return f"{type(self.rule).__name__} {self.period or 0:g}"

    @property
    def memory(self) -> Memory | None:
        """How long a word about what is used now stays true; None where nothing outlasts the process."""
        return Memory.of(self.period) if self.period else None

    @property
    def used(self) -> float:
        """The venue's count is no higher than this, as far as our requests and its own word tell."""
        return self.counted + self.in_flight

    def advance(self, now: float, _theta: Theta | None, /) -> None:
        """It is `now`, and this is what is known of the venue's time."""
        self.now = now

    def start(self, cost: float, priority: Priority, extra: float = 0.0) -> float:
        """0 if `cost` fits now, else the earliest time (later than now) at which it can; infinity where only an
        answer can tell. `extra` asks the same for the case that so much more had just been charged.

        A request heavier than its class's part of the bucket may have an empty bucket to itself.
        """
        ceiling = self.ceilings[priority]
        if cost > ceiling:
            ceiling = min(cost, self.limit)
        excess = self.used + cost + extra - ceiling
        return 0.0 if excess <= _ROUNDING else self._frees(excess)

    def behind(self, ahead: float) -> float:
        """The earliest time at which a request may start before which others that cost `ahead` go.

        Never later than the truth: all that is full may be free in a moment, and be filled once more at once.
        """
        return self.now + (self.used + ahead - 2 * self.limit) * self.pace

    @abstractmethod
    def _frees(self, excess: float) -> float:
        """When the count has fallen by so much, at the earliest."""

    def take(self, cost: float, priority: Priority, now: float, theta: Theta | None) -> float | None:
        """What is used when `cost`, which fits `now`, is charged; None where it does not fit.

        What `advance`, `start` and `charge` say, in one step.
        """
        if self.counted:
            self.advance(now, theta)
        else:
            self.now = now
        ceiling = self.ceilings[priority]
        if cost > ceiling:
            ceiling = min(cost, self.limit)
        used = self.counted + self.in_flight + cost
        if used - ceiling > _ROUNDING:
            return None
        self.in_flight += cost
        return used

    def charge(self, cost: float) -> None:
        """Count a request as being in flight."""
        self.in_flight += cost

    def refund(self, cost: float, _window: int, /) -> None:
        """Forget a request that was never sent. `window` is as it was when it was charged."""
        self.in_flight -= cost

    def settle(self, cost: float, now: float, theta: Theta | None) -> None:
        """The request was answered `now`, so it was counted no later. Says `advance` itself."""
        self.advance(now, theta)
        self.in_flight -= cost
        self.answered += cost
        self.seed(cost)

    @abstractmethod
    def seed(self, cost: float) -> None:
        """Count what surely was counted by now, if at all: answered requests, and those of others."""

    def observe(self, word: Word) -> None:
        """Reconcile with the venue's count. A higher one shows that others use the bucket too."""
        self.venue_used = word.used
        if word.used > self.used:
            self.seed(word.used + word.pending - self.used)


class Concurrent(Bucket):
    """So many under way at once."""

    __slots__ = ()

    eased_by_answers = True

    def _frees(self, _excess: float) -> float:
        return math.inf

    def settle(self, cost: float, now: float, _theta: Theta | None) -> None:
        self.now = now
        self.in_flight -= cost
        self.answered += cost

    def seed(self, _cost: float) -> None:
        """What is answered is over, and what others have under way nothing would ever settle."""


class Leaking(Bucket):
    """A level that falls steadily: the venue's token bucket (GCRA, read from the other side) or decaying counter."""

    __slots__ = ("_rate",)

    def set_rule(self, rule: LimitRule, most_urgent: Priority, share: float) -> None:
        super().set_rule(rule, most_urgent, share)
        rate = rule.rate if isinstance(rule, TokenBucket) else rule.decay if isinstance(rule, DecayingCounter) else 0.0
        self._rate = rate * share * (1 - DRIFT)
        self.pace = 1 / self._rate

    @property
    def memory(self) -> Memory:
        return Memory.of(self.limit / self._rate)

    def advance(self, now: float, _theta: Theta | None, /) -> None:
        if self.counted:
            self.counted = max(0.0, self.counted - self._rate * (now - self.now))
        self.now = now

    def _frees(self, excess: float) -> float:
        return self.now + excess / self._rate + GUARD

    def seed(self, cost: float) -> None:
        self.counted += cost


class _Log:
    """What was answered within a window that rolls, in cells that expire together."""

    __slots__ = ("_cells", "_life", "_step", "total")

    def __init__(self, period: float) -> None:
        self._cells: deque[list[float]] = deque()
        """Expiry, cost, birth; oldest first."""
        self._life = period * (1 + DRIFT) + STAMP_UNIT
        self._step = period / _CELLS
        self.total = 0.0

    def drop(self, now: float) -> float:
        """Forget what has expired; what is left."""
        cells = self._cells
        while cells and cells[0][0] <= now:
            self.total -= cells.popleft()[1]
        if not cells:
            self.total = 0.0
        return self.total

    def add(self, cost: float, now: float, reset_after: float | None = None) -> float:
        """Count what was answered now; the new total."""
        life = self._life if reset_after is None else min(self._life, reset_after + STAMP_UNIT)
        expiry = now + life
        self.total += cost
        if self._cells:
            last = self._cells[-1]
            expiry = max(expiry, last[0])
            if now - last[2] < self._step:
                last[0] = expiry
                last[1] += cost
                return self.total
        self._cells.append([expiry, cost, now])
        return self.total

    def frees(self, excess: float, now: float) -> float:
        """When so much has expired; what is in flight can do so no sooner than a whole life from now."""
        for expiry, cost, _ in self._cells:
            excess -= cost
            if excess <= _ROUNDING:
                return expiry
        return now + self._life


class Rolling(Bucket):
    """So much in any stretch of `period` seconds."""

    __slots__ = ("_log",)

    def __init__(self, limit: Limit, share: float, door: str) -> None:
        super().__init__(limit, share, door)
        self._log = _Log(self.period or 0.0)

    def advance(self, now: float, _theta: Theta | None, /) -> None:
        self.now = now
        if self.counted:
            self.counted = self._log.drop(now)

    def _frees(self, excess: float) -> float:
        return self._log.frees(excess, self.now)

    def seed(self, cost: float) -> None:
        self.counted = self._log.add(cost, self.now)

    def observe(self, word: Word) -> None:
        self.venue_used = word.used
        if word.used > self.used:
            self.counted = self._log.add(word.used + word.pending - self.used, self.now, word.reset_after)


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
        self._log = _Log(self._period)
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
        self._log = _Log(self._period)
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
        room = ceiling + _ROUNDING - cost - extra
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
        if within and (word.used > self._newest or word.pending <= _ROUNDING):
            self._newest = word.used + word.pending


def allowed(rule: LimitRule) -> float:
    """The most that the rule allows at once."""
    return rule.burst if isinstance(rule, TokenBucket) else rule.limit


def window_of(rule: LimitRule) -> float | None:
    """Seconds of the rule's window; None where it has none."""
    return rule.period if isinstance(rule, FixedWindow | RollingWindow) else None


def _ceilings(most_urgent: Priority) -> tuple[float, ...]:
    """How much of a bucket each priority may use, given the most urgent kind of request in it."""
    reads = READ_CEILING if most_urgent <= Priority.ORDER else 1.0
    orders = ORDER_CEILING if most_urgent <= Priority.CLOSE else 1.0
    parts = {Priority.ORDER: orders, Priority.PRIVATE_READ: reads, Priority.PUBLIC_READ: reads}
    return tuple(parts.get(priority, 1.0) for priority in Priority)


def bucket_of(limit: Limit, share: float, door: str) -> Bucket:
    """An empty bucket under the limit's rule; `door` is for limits that name none."""
    return _FORMS[type(limit.rule)](limit, share, door)


_FORMS: dict[type[LimitRule], type[Bucket]] = {
    FixedWindow: Aligned,
    RollingWindow: Rolling,
    TokenBucket: Leaking,
    DecayingCounter: Leaking,
    Concurrency: Concurrent,
}
