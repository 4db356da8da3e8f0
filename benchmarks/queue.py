"""The queue in front of the limiter: fairness, permits that neither leak nor appear, and what waiting costs.

Scenarios run in virtual time; only the cost of an acquire is measured by the machine's clock.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from random import Random
from typing import Any

from attrs import frozen

from benchmarks.figure import Figure, Sizes, none_of
from benchmarks.heap import settled_heap
from unified.adapter import Charge, Concurrency, FixedWindow, Limit, LimitRule, RollingWindow, TokenBucket
from unified.admission import Admission
from unified.bucket import Theta
from unified.errors import Scope
from unified.limiter import Limiter
from unified.operations import Priority
from unified.permits import Permit
from unified.testing.loop import VirtualTimeLoop, run

ROUND_TRIP = 0.05
_WINDOW = 10.0
_AT_ONCE = 250
"""Callers that acquire side by side."""


class Clock:
    """The venue's clock began 20 seconds before the loop's: in the middle of a minute, at the edge of ten seconds."""

    def theta(self, _door: str, _now: float, /) -> Theta | None:
        return 19.999, 20.001


def figures(sizes: Sizes) -> Iterator[Figure]:
    """The heavy among the light, cancelled callers, a long queue, and an acquire that need not wait."""
    yield _heavy()
    yield from _permits(sizes.acquires)
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


def cancelled_callers(acquires: int, seed: int, queue: type[Admission] = Admission) -> Permits:
    """Let 250 callers acquire, three limits at a time, and cancel 30 % of the calls at any of their awaits."""
    return run(_cancelled_callers(acquires, Random(seed), queue))


class _Forgetful(Admission):
    """Gives nothing back of what was granted to a caller who had gone by then, as naive queues do."""

    def _give_up(self, waiter: Any) -> None:
        if waiter.future.cancelled():
            super()._give_up(waiter)


async def _cancelled_callers(acquires: int, chance: Random, queue: type[Admission]) -> Permits:
    limits = (
        _limit(RollingWindow(limit=200, period=1)),
        _limit(Concurrency(limit=20), "slots"),
        _limit(FixedWindow(limit=500, period=2), "pair", Scope.ACCOUNT),
    )
    admission = queue(Limiter(limits), Clock(), venue="paper")
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


def _permits(acquires: int) -> Iterator[Figure]:
    found = cancelled_callers(acquires, 1)
    yield none_of(
        "permits leaked or invented, 30 % cancelled",
        round(found.astray),
        f"{acquires:,} acquires, {found.cancelled:,} of them cancelled",
        also=found.astray == 0 and found.cancelled > acquires / 10,
    )
    kept, lost = (cancelled_at_the_grant(queue) for queue in (Admission, _Forgetful))
    yield Figure(
        what="control: without giving back what was granted to callers who had gone",
        required="more than 0",
        measured=f"{lost:g} of 20; {kept:g} with it",
        holds=lost > 0 == kept,
    )


def cancelled_at_the_grant(queue: type[Admission]) -> float:
    """Slots that are held for ever after twenty callers were cancelled in the moment in which they were granted."""

    async def main() -> float:
        admission = queue(Limiter([_limit(Concurrency(limit=20))]), Clock(), venue="paper")

        async def one() -> Permit:
            return await admission.acquire([Charge("b")], priority=Priority.PUBLIC_READ, deadline=math.inf)

        permits = [await one() for _ in range(20)]
        tasks = [asyncio.create_task(one()) for _ in permits]
        await asyncio.sleep(0)
        _settle(admission, permits)  # grants a slot to each task, none of which has heard of it yet
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return admission.snapshot()[0].in_flight

    return run(main())


# --- a long queue

LONGEST_TURN_MS = 20.0
"""See docs/decisions/0014."""
_BURST = 100
"""Of the long queue so many come in one turn of the loop."""


def _long_queue(waiters: int) -> Iterator[Figure]:
    yield _longest_turn(waiters, "as a program runs that leaves its garbage collector alone", None)
    with settled_heap():
        yield from _queue_cost(waiters)
        yield _longest_turn(waiters, "after gc.freeze(), as programs are advised to run", LONGEST_TURN_MS)


def _queue_cost(waiters: int) -> Iterator[Figure]:
    ideal = waiters / 5000
    rounds = [_drained(waiters, TokenBucket(rate=5000, burst=1)) for _ in range(_ROUNDS)]
    took, cpu = rounds[0].virtual_s, min(drained.cpu_s for drained in rounds) / waiters * 1e6
    yield Figure(
        what=f"{waiters:,} waiters at 5,000 a second",
        required=f"{ideal:g} s within 5 % (virtual)",
        measured=f"{took:.3f} s",
        holds=abs(took - ideal) <= 0.05 * ideal,
    )
    yield Figure(
        what="CPU per waiter of that queue, its task and its timer included",
        required="40 us",
        measured=f"{cpu:.1f} us; best of {_ROUNDS} rounds",
        holds=cpu <= 40,
        by_machine=True,
    )


def _longest_turn(waiters: int, how: str, most_ms: float | None) -> Figure:
    """A window that opens lets thousands out at the same moment: other tasks must get their turns between them."""
    rounds = [_drained(waiters, RollingWindow(limit=5000, period=1)) for _ in range(_ROUNDS)]
    longest = min(drained.longest_turn_s for drained in rounds) * 1000
    return Figure(
        what=f"longest turn of the loop while a window lets 5,000 of {waiters:,} waiters out, {how}",
        required="told beside the next" if most_ms is None else f"{most_ms:g} ms",
        measured=f"{longest:.1f} ms; best of {_ROUNDS} rounds",
        holds=most_ms is None or longest <= most_ms,
        by_machine=True,
    )


@frozen
class _Drained:
    """What it took until all were let out."""

    virtual_s: float
    cpu_s: float
    longest_turn_s: float
    """CPU time of the longest turn of the loop."""


class _TimedLoop(VirtualTimeLoop):
    """Knows how long its longest turn was."""

    longest_turn_s = 0.0

    def _run_once(self) -> None:
        began = time.process_time()
        super()._run_once()  # type: ignore[misc]  # a loop's turn has no public name
        self.longest_turn_s = max(self.longest_turn_s, time.process_time() - began)


def _drained(waiters: int, rule: LimitRule) -> _Drained:
    loop = _TimedLoop()

    async def main() -> float:
        admission = _admission(_limit(rule))

        async def one() -> None:
            charge = [Charge("b")]
            admission.settle(await admission.acquire(charge, priority=Priority.PUBLIC_READ, deadline=math.inf))

        tasks = []
        for _ in range(0, waiters, _BURST):
            tasks += [asyncio.create_task(one()) for _ in range(_BURST)]
            await asyncio.sleep(0)
        await asyncio.wait(tasks)
        return loop.time()

    began = time.process_time()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        took = runner.run(main())
    return _Drained(took, time.process_time() - began, loop.longest_turn_s)


# --- without waiting

_ROUNDS = 5
"""CPU time is that of the best of so many rounds: what else the machine does only adds to it."""
_AMPLE: tuple[LimitRule, ...] = (
    TokenBucket(rate=1e6, burst=10**9),
    RollingWindow(limit=10**9, period=10),
    FixedWindow(limit=10**9, period=60),
)


def _uncontended(acquires: int) -> Iterator[Figure]:
    for number, bar in ((1, 2.0), (4, 4.0)):
        micros = max(_acquire_us(rule, number, acquires) for rule in _AMPLE)
        yield Figure(
            what=f"uncontended acquire, {'one bucket' if number == 1 else 'four buckets'}",
            required=f"{bar:g} us",
            measured=f"{micros:.2f} us in the slowest of {len(_AMPLE)} forms",
            holds=micros <= bar,
            by_machine=True,
        )


def _acquire_us(rule: LimitRule, buckets: int, acquires: int) -> float:
    """Microseconds of CPU of one acquire that finds room, in the best tenth of the rounds; settling is left out."""

    async def main() -> float:
        names = [f"b{number}" for number in range(buckets)]
        admission = _admission(*(_limit(rule, name) for name in names))
        charges, acquire, spent = [Charge(name) for name in names], admission.acquire, list[float]()
        for _ in range(min(acquires, 100_000) // 100):
            began = time.process_time()
            permits = [await acquire(charges, priority=Priority.PUBLIC_READ, deadline=math.inf) for _ in range(100)]
            spent.append(time.process_time() - began)
            _settle(admission, permits)
        return sorted(spent)[len(spent) // 10] / 100 * 1e6

    return run(main())


def _settle(admission: Admission, permits: list[Permit]) -> None:
    for permit in permits:
        admission.settle(permit)
