"""Which form of `bucket.py` a rule wants, and the two forms in which nothing expires at a moment: slots and leaks.

Windows have modules of their own: `rolling.py` and `aligned.py`.
"""

from __future__ import annotations

import math

from unified.adapter import Concurrency, DecayingCounter, FixedWindow, Limit, LimitRule, RollingWindow, TokenBucket
from unified.aligned import Aligned
from unified.bucket import DRIFT, GUARD, Bucket, Memory, Theta
from unified.operations import Priority
from unified.rolling import Rolling


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
