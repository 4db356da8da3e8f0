"""A limiter of four limits, and short ways to ask it, for the tests of its modules."""

from __future__ import annotations

from typing import Any

from unified.adapter import Charge, Concurrency, DecayingCounter, FixedWindow, Limit, RollingWindow
from unified.bucket import Theta
from unified.errors import Scope
from unified.limit_states import LimitState
from unified.limiter import Limiter
from unified.operations import Priority
from unified.permits import Delay, Permit

WEIGHT = Limit(bucket="weight", scope=Scope.IP, rule=FixedWindow(limit=100, period=60), door="spot")
ORDERS = Limit(bucket="orders", scope=Scope.ACCOUNT, rule=RollingWindow(limit=5, period=10))
PAIR = Limit(bucket="pair", scope=Scope.ACCOUNT, rule=DecayingCounter(limit=60, decay=1))
SLOTS = Limit(bucket="slots", scope=Scope.IP, rule=Concurrency(limit=2))
LIMITS = (WEIGHT, ORDERS, PAIR, SLOTS)
NOW = 30.0
"""In the middle of a minute of the venue's clock, which began together with ours."""


class Clock:
    """Every door's clock began with ours, and is known to a millisecond."""

    def __init__(self) -> None:
        self.known: Theta | None = (-0.0005, 0.0005)

    def theta(self, door: str, now: float) -> Theta | None:
        return self.known


CLOCK = Clock()


def reserve(
    limiter: Limiter, *charges: Charge, now: float = NOW, owner: str = "me", priority: Priority = Priority.CANCEL
) -> Permit | Delay:
    return limiter.reserve(charges, now, priority=priority, owner=owner, door="spot", clocks=CLOCK)


def granted(limiter: Limiter, *charges: Charge, **how: Any) -> Permit:
    got = reserve(limiter, *charges, **how)
    assert isinstance(got, Permit)
    return got


def refused(limiter: Limiter, *charges: Charge, **how: Any) -> Delay:
    got = reserve(limiter, *charges, **how)
    assert isinstance(got, Delay)
    return got


def row(limiter: Limiter, bucket: str, key: str = "", *, now: float = NOW) -> LimitState:
    (found,) = [state for state in limiter.snapshot(now, CLOCK) if state.bucket == bucket and state.key == key]
    return found
