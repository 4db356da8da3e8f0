"""The queue in front of the limiter: fairness, permits that neither leak nor appear, and what waiting costs.

Scenarios run in virtual time; only the cost of an acquire is measured by the machine's clock.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from random import Random

from attrs import frozen

from benchmarks.figure import Figure, Sizes, none_of
from unified.adapter import Charge, Concurrency, FixedWindow, Limit, LimitRule, RollingWindow, TokenBucket
from unified.admission import Admission
from unified.buckets import Theta
from unified.errors import Scope
from unified.limiter import Limiter, Permit
from unified.operations import Priority
from unified.testing.loop import run

ROUND_TRIP = 0.05
_WINDOW = 10.0
_AT_ONCE = 250
"""Callers that acquire side by side."""


class Clock:
    """The venue's clock began with the loop's."""

    def theta(self, _door: str, _now: float, /) -> Theta | None:
        return -0.001, 0.001


def figures(sizes: Sizes) -> Iterator[Figure]:
    """The heavy among the light, cancelled callers, a long queue, and an acquire that need not wait."""
    yield _heavy()
    yield _permits(sizes.acquires)
    yield from _long_queue(sizes.waiters)
    yield from _uncontended(sizes.acquires)


def _limit(rule: LimitRule, bucket: str = "b", scope: Scope = Scope.IP) -> Limit:
    return Limit(bucket=bucket, scope=scope, rule=rule, most_urgent=Priority.PUBLIC_READ)


def _admission(*limits: Limit) -> Admission:
    return Admission(Limiter(limits), Clock(), venue="paper")


async def _call(admission: Admission, cost: float = 1) -> float:
    """A request and its answer; when it was let out."""
    permit = await admission.acquire([Charge("b", cost)], priority=Priority.PUBLIC_READ, deadline=math.inf)
    let_at = asyncio.get_running_loop().time()
    await asyncio.sleep(ROUND_TRIP)
    admission.settle(permit)
    return let_at


# --- the heavy among the light


def heavy_beside_light(asked_at: float) -> tuple[float, int]:
    """Seconds until a request of weight 40 was let out beside 50 tasks of weight 1, and how many of those were served.

    The limit is 60 in 10 s; the tasks began at 0 and never rest, for a second beyond that.
    """

    async def main() -> tuple[float, int]:
        admission, served = _admission(_limit(FixedWindow(limit=60, period=_WINDOW))), 0

        async def light() -> None:
            nonlocal served
            while True:
                await _call(admission)
                served += 1

        tasks = [asyncio.create_task(light()) for _ in range(50)]
        await asyncio.sleep(asked_at)
        wanted = asyncio.get_running_loop().time()
        let_at = await _call(admission, 40)
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        return let_at - wanted, served

    return run(main())


def _heavy() -> Figure:
    """Its turn: the fifty that asked before it fill most of the first window that comes."""
    waited = {at: heavy_beside_light(at)[0] for at in (11.0, 13.0, 15.0, 17.0, 19.0)}
    longest = max(seconds - (2 * _WINDOW - at) for at, seconds in waited.items())
    return Figure(
        what="weight 40 beside 50 light tasks",
        required="let out one window (10 s) after the next begins",
        measured=f"{longest:.2f} s; {max(waited.values()):.2f} s after it asked",
        holds=longest <= _WINDOW + ROUND_TRIP,
    )


# --- permits


@frozen
class Permits:
    """What became of the permits of a run in which callers were cancelled."""

    granted: int
    ended: int
    cancelled: int
    in_flight: float
    """Cost that the limits still hold when all is over."""
    queued: int

    @property
    def astray(self) -> float:
        """Permits that leaked or were invented."""
        return abs(self.granted - self.ended) + abs(self.in_flight) + self.queued


def cancelled_callers(acquires: int, seed: int) -> Permits:
    """Let 250 callers acquire, three limits at a time, and cancel 30 % of the calls at any of their awaits."""
    return run(_cancelled_callers(acquires, Random(seed)))


async def _cancelled_callers(acquires: int, chance: Random) -> Permits:
    admission = _admission(
        _limit(RollingWindow(limit=200, period=1)),
        _limit(Concurrency(limit=20), "slots"),
        _limit(FixedWindow(limit=500, period=2), "pair", Scope.ACCOUNT),
    )
    granted = ended = cancelled = 0
    numbers = iter(range(acquires))

    async def one() -> None:
        nonlocal granted, ended
        charges = [Charge("b", chance.randint(1, 3)), Charge("slots"), Charge("pair", 1, chance.choice("xyz"))]
        permit = await admission.acquire(charges, priority=Priority(chance.randint(0, 4)), deadline=math.inf)
        granted += 1
        try:
            await asyncio.sleep(chance.uniform(0, 0.1))
        except asyncio.CancelledError:
            ended += 1
            admission.refund(permit)
            raise
        ended += 1
        admission.settle(permit)

    async def caller() -> None:
        nonlocal cancelled
        for _ in numbers:
            task = asyncio.create_task(one())
            if chance.random() < 0.3:
                await asyncio.sleep(chance.choice([0, 0, 0.01, 0.1, 1.0]))
                cancelled += task.cancel()
            await asyncio.wait([task])

    await asyncio.gather(*(caller() for _ in range(_AT_ONCE)))
    rows = admission.snapshot()
    return Permits(granted, ended, cancelled, sum(row.in_flight for row in rows), sum(row.queued for row in rows))


def _permits(acquires: int) -> Figure:
    found = cancelled_callers(acquires, 1)
    return none_of(
        "permits leaked or invented, 30 % cancelled",
        round(found.astray),
        f"{acquires:,} acquires, {found.cancelled:,} of them cancelled",
        also=found.astray == 0 and found.cancelled > acquires / 10,
    )


# --- a long queue


def _long_queue(waiters: int) -> Iterator[Figure]:
    ideal = waiters / 5000
    took, cpu = _drained(waiters)
    yield Figure(
        what=f"{waiters:,} waiters at 5,000 a second",
        required=f"{ideal:g} s within 5 % (virtual)",
        measured=f"{took:.3f} s",
        holds=abs(took - ideal) <= 0.05 * ideal,
    )
    yield Figure(
        what="CPU per waiter of that queue",
        required="100 us",
        measured=f"{cpu / waiters * 1e6:.1f} us",
        holds=cpu / waiters <= 100e-6,
        by_machine=True,
    )


def _drained(waiters: int) -> tuple[float, float]:
    """Virtual seconds until all were let out, and the CPU seconds that it took."""

    async def main() -> float:
        admission = _admission(_limit(TokenBucket(rate=5000, burst=1)))

        async def one() -> None:
            charge = [Charge("b")]
            admission.settle(await admission.acquire(charge, priority=Priority.PUBLIC_READ, deadline=math.inf))

        await asyncio.gather(*(one() for _ in range(waiters)))
        return asyncio.get_running_loop().time()

    began = time.process_time()
    return run(main()), time.process_time() - began


# --- without waiting


def _uncontended(acquires: int) -> Iterator[Figure]:
    for number, bar in ((1, 2.0), (4, 4.0)):
        micros = min(_acquire_us(number, min(acquires, 20_000)) for _ in range(5))
        yield Figure(
            what=f"uncontended acquire, {'one bucket' if number == 1 else 'four buckets'}",
            required=f"{bar:g} us",
            measured=f"{micros:.2f} us",
            holds=micros <= bar,
            by_machine=True,
        )


def _acquire_us(buckets: int, times: int) -> float:
    """Microseconds of CPU of one acquire that finds room; settling it is not counted."""

    async def main() -> float:
        names = [f"b{number}" for number in range(buckets)]
        admission = _admission(*(_limit(TokenBucket(rate=1e6, burst=10**9), name) for name in names))
        charges, acquire, spent = [Charge(name) for name in names], admission.acquire, 0.0
        for _ in range(times // 100):
            began = time.process_time()
            permits = [await acquire(charges, priority=Priority.PUBLIC_READ, deadline=math.inf) for _ in range(100)]
            spent += time.process_time() - began
            _settle(admission, permits)
        return spent / (times // 100 * 100) * 1e6

    return run(main())


def _settle(admission: Admission, permits: list[Permit]) -> None:
    for permit in permits:
        admission.settle(permit)
