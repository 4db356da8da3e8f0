"""A venue that answers too late whatever comes too thick: how much gets through, with a bulkhead and without.

The venue is a queue on paper: eight requests at a time, a tenth of a second each, in the order of arrival, also for
callers who have gone. Guards, limiter and queue are the library's; time is virtual.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator

from benchmarks.figure import Figure, Sizes
from unified.adapter import Charge
from unified.admission import Admission
from unified.door_clocks import DoorClocks
from unified.errors import Fault, Kind
from unified.guards import Guards
from unified.limiter import Limiter
from unified.operations import Priority
from unified.ports import Pool
from unified.testing.loop import run

CALLERS = 400
PATIENCE = 1.0
"""Seconds that a caller waits for an answer."""
WORKERS, WORK = 8, 0.1
CAPACITY = WORKERS / WORK
SECONDS, WARM = 120.0, 60.0
LEAST, MOST_WITHOUT = 0.8, 0.4


class Venue:
    """Answers when it has worked off what came before."""

    def __init__(self) -> None:
        self._free_at = [0.0] * WORKERS

    async def ask(self) -> bool:
        """Whether the answer came in time."""
        now = asyncio.get_running_loop().time()
        worker = min(range(WORKERS), key=self._free_at.__getitem__)
        self._free_at[worker] = max(self._free_at[worker], now) + WORK
        takes = self._free_at[worker] - now
        await asyncio.sleep(min(takes, PATIENCE))
        return takes <= PATIENCE


async def goodput(connections: int | None) -> float:
    """Answers a second to callers who ask again at once; None takes the bulkhead away."""
    loop, venue, answers = asyncio.get_running_loop(), Venue(), 0
    admission = Admission(Limiter(()), DoorClocks({}))
    guards = Guards(admission, lambda: 0.5, connections or CALLERS)

    async def caller() -> None:
        nonlocal answers
        while loop.time() < SECONDS:
            slot: list[Charge] = [] if connections is None else [guards.slot("spot", Pool.READS)]
            permit = await admission.acquire(slot, priority=Priority.PUBLIC_READ, deadline=math.inf)
            started = loop.time()
            answered = await venue.ask()
            admission.settle(permit)
            fault = None if answered else Fault(kind=Kind.REQUEST_TIMEOUT)
            if slot:
                guards.freed(slot[0], fault, started_at=started, now=loop.time())
            answers += answered and WARM <= loop.time() < SECONDS

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return answers / (SECONDS - WARM)


def figures(_sizes: Sizes) -> Iterator[Figure]:
    """What gets through of what the venue could do."""
    held, control = run(goodput(CALLERS)) / CAPACITY, run(goodput(None)) / CAPACITY
    yield Figure(
        what=f"answers in time of an overloaded venue, {CALLERS} callers who ask again at once",
        required=f"at least {LEAST:.0%} of what it can do",
        measured=f"{held:.0%}",
        holds=held >= LEAST,
    )
    yield Figure(
        what="control: the same without a bulkhead",
        required=f"less than {MOST_WITHOUT:.0%}",
        measured=f"{control:.0%}",
        holds=control < MOST_WITHOUT,
    )
