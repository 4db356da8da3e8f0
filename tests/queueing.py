"""Callers that acquire and settle, for the tests of the queue in front of a limiter."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from unified.adapter import Charge, Limit, LimitRule
from unified.admission import Admission
from unified.bucket import Theta
from unified.errors import Scope, VenueError
from unified.limiter import Limiter
from unified.operations import Priority
from unified.permits import Permit

LIGHT = (Charge("b"),)
ROUND_TRIP = 0.05


class Clock:
    """The venue's clock began with the loop's."""

    def theta(self, door: str, now: float) -> Theta | None:
        return -0.001, 0.001


def limit(rule: LimitRule, *, bucket: str = "b", scope: Scope = Scope.IP, reads: bool = True) -> Limit:
    """A limit that only reads use, so that nothing of it is kept back, or one that cancels use too."""
    urgent = Priority.PUBLIC_READ if reads else Priority.CANCEL
    return Limit(bucket=bucket, scope=scope, rule=rule, most_urgent=urgent)


def door(*limits: Limit) -> Admission:
    return Admission(Limiter(limits), Clock(), venue="paper")


async def acquire(
    admission: Admission,
    charges: Sequence[Charge] = LIGHT,
    *,
    priority: Priority = Priority.PUBLIC_READ,
    deadline: float = math.inf,
    owner: str = "me",
) -> Permit:
    return await admission.acquire(charges, priority=priority, deadline=deadline, owner=owner, door="spot")


async def call(admission: Admission, charges: Sequence[Charge] = LIGHT, **how: Any) -> float:
    """A whole request; the answer is when it was let through."""
    permit = await acquire(admission, charges, **how)
    let_at = now()
    await asyncio.sleep(ROUND_TRIP)
    admission.settle(permit)
    return let_at


def now() -> float:
    return asyncio.get_running_loop().time()


async def turns(number: int = 3) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


def in_flight(admission: Admission) -> float:
    return sum(state.in_flight for state in admission.snapshot())


async def refusal(waiting: Coroutine[Any, Any, Permit]) -> VenueError:
    with pytest.raises(VenueError) as caught:
        await waiting
    return caught.value
