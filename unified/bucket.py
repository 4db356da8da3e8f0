"""One bucket of a venue, however it counts: how full it may be, at worst. Counts; never waits, reads no clock.

A venue counts a request when it arrives, and all that we know of that moment is that it lies between our reserving and
the answer. So a charge is an interval, and every bucket counts so that the venue's own count cannot be higher, wherever
in their intervals the requests arrived:

- what is in flight is charged in full, and neither expires nor drains before it is answered;
- what was answered counts as if it had arrived at the moment of the answer.

Say `advance(now, theta)` before anything else: the rest speaks of that moment. `now` is monotonic seconds. A
`Theta` is the interval in which (venue seconds - monotonic seconds) surely lies; only calendar windows need it.
The forms are in `rolling.py`, `aligned.py` and, with the choice among them, in `buckets.py`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

from unified.adapter import FixedWindow, Limit, LimitRule, RollingWindow, TokenBucket
from unified.operations import Priority
from unified.values import frozen

Theta = tuple[float, float]
"""Lowest and highest (venue seconds since the epoch - monotonic seconds) that are possible now."""

GUARD = 1e-6
"""Seconds; more than the rounding of an epoch in seconds as a float."""
DRIFT = 50e-6
"""How much faster or slower than ours the venue's clock may run."""
READ_CEILING = 0.90
"""Reads leave the last tenth of a bucket that more urgent requests use."""
ORDER_CEILING = 0.95
"""Orders leave the last twentieth of a bucket that cancels use."""
ROUNDING = 1e-9


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
        return 0.0 if excess <= ROUNDING else self._frees(excess)

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
        if used - ceiling > ROUNDING:
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
