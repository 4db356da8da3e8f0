"""Who waits, who goes first, who is refused; in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from benchmarks.queue import cancelled_callers
from tests.queueing import Clock, acquire, call, door, in_flight, limit, now, refusal, turns
from unified.adapter import (
    Charge,
    Concurrency,
    FixedWindow,
    LimitRule,
    Observation,
    RollingWindow,
    TokenBucket,
    Usage,
)
from unified.admission import Admission
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.lanes import GRANTS_AT_ONCE
from unified.limiter import Limiter
from unified.testing.loop import run

# --- without a queue


async def test_what_fits_goes_without_giving_way_to_other_tasks() -> None:
    waiting = acquire(door(limit(RollingWindow(limit=2, period=1))))
    with pytest.raises(StopIteration):
        waiting.send(None)


async def test_what_waits_for_one_limit_does_not_hold_up_another() -> None:
    admission = door(limit(Concurrency(limit=1)), limit(Concurrency(limit=1), bucket="other"))
    await acquire(admission)
    queued = asyncio.create_task(acquire(admission))
    await turns()
    passing = acquire(admission, [Charge("other")])
    with pytest.raises(StopIteration):
        passing.send(None)
    queued.cancel()


# --- refusals


def test_what_cannot_start_before_its_deadline_is_refused_at_once() -> None:
    async def main() -> tuple[VenueError, float]:
        admission = door(limit(RollingWindow(limit=1, period=10)))
        await call(admission)
        asked = now()
        return await refusal(acquire(admission, deadline=now() + 5)), now() - asked

    error, took = run(main())
    assert (error.kind, error.outcome, error.venue) == (Kind.RATE_LIMITED, Outcome.NOT_SENT, "paper")
    assert error.retry_after == pytest.approx(10, abs=0.1)
    assert took < 0.001
    assert "'b'" in error.hint


def test_what_only_an_answer_could_let_through_is_refused_at_its_deadline() -> None:
    async def main() -> tuple[VenueError, float]:
        admission = door(limit(Concurrency(limit=1)))
        await acquire(admission)
        return await refusal(acquire(admission, deadline=5)), now()

    error, ended = run(main())
    assert (error.kind, error.outcome, error.retry_after) == (Kind.RATE_LIMITED, Outcome.NOT_SENT, None)
    assert ended == pytest.approx(5, abs=0.001)


def test_nothing_starts_after_its_deadline_even_if_there_is_room() -> None:
    async def main() -> VenueError:
        await asyncio.sleep(1)
        return await refusal(acquire(door(limit(Concurrency(limit=1))), deadline=0.5))

    assert run(main()).outcome is Outcome.NOT_SENT


def test_a_ban_refuses_all_who_wait_at_once_and_all_who_come() -> None:
    async def main() -> list[VenueError]:
        admission = door(limit(RollingWindow(limit=1, period=10)))
        permit = await acquire(admission)
        queued = asyncio.create_task(refusal(acquire(admission, deadline=30)))
        await turns()
        fault = Fault(kind=Kind.BANNED, scope=Scope.IP, retry_after=120, message="way too fast")
        (gate,) = admission.refused(permit, fault)
        assert gate.until == pytest.approx(120, abs=0.1)
        errors = [await queued, await refusal(acquire(admission, deadline=30, owner="you"))]
        assert now() < 0.1
        return errors

    for error in run(main()):
        assert (error.kind, error.outcome, error.scope) == (Kind.BANNED, Outcome.NOT_SENT, Scope.IP)
        assert error.retry_after == pytest.approx(120, abs=0.1)


def test_who_stands_behind_somebody_patient_is_told_at_once_that_a_ban_outlasts_its_deadline() -> None:
    async def main() -> float:
        admission = door(limit(RollingWindow(limit=1, period=10)))
        permit = await acquire(admission)
        patient = asyncio.create_task(acquire(admission))
        await turns()
        hurried = asyncio.create_task(refusal(acquire(admission, deadline=30)))
        await turns()
        admission.refused(permit, Fault(kind=Kind.BANNED, scope=Scope.IP, retry_after=120))
        assert (await hurried).kind is Kind.BANNED
        patient.cancel()
        return now()

    assert run(main()) < 0.001


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(TokenBucket(rate=10, burst=10), id="token bucket"),
        pytest.param(RollingWindow(limit=10, period=1), id="rolling window"),
        pytest.param(FixedWindow(limit=10, period=1), id="calendar window"),
    ],
)
def test_a_queue_that_is_too_long_refuses_at_once_and_only_whom_it_could_not_serve(rule: LimitRule) -> None:
    async def main() -> tuple[int, int, int]:
        admission = door(limit(rule))

        async def one() -> str:
            began = now()
            try:
                await call(admission, deadline=10)
            except VenueError as error:
                return "told at once" if now() - began < 0.01 and error.retry_after else "told late"
            return "served"

        fates = await asyncio.gather(*(one() for _ in range(300)))
        return fates.count("served"), fates.count("told at once"), fates.count("told late")

    served, at_once, late = run(main())
    assert served >= 95, "ten seconds at ten a second"
    assert at_once >= 170, "who stands so far behind surely comes too late"
    assert served + at_once + late == 300


def test_who_has_time_waits_for_a_gate_to_open() -> None:
    async def main() -> float:
        admission = door(limit(RollingWindow(limit=5, period=1)))
        permit = await acquire(admission)
        admission.refused(permit, Fault(kind=Kind.RATE_LIMITED, scope=Scope.IP, retry_after=7))
        return await call(admission, deadline=30)

    assert run(main()) == pytest.approx(7, abs=0.001)


async def test_what_is_heavier_than_the_limit_is_refused_even_behind_a_queue() -> None:
    admission = door(limit(Concurrency(limit=2)))
    await acquire(admission, [Charge("b", 2)])
    queued = asyncio.create_task(acquire(admission))
    await turns()
    error = await refusal(acquire(admission, [Charge("b", 3)]))
    assert (error.kind, error.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)
    queued.cancel()


# --- what became of it


def test_a_lost_request_frees_its_slot_without_any_other_event() -> None:
    async def main() -> float:
        admission = door(limit(Concurrency(limit=1)))
        permit = await acquire(admission)
        waiting = asyncio.create_task(call(admission))
        await asyncio.sleep(1)
        admission.lost(permit, until=3)
        return await waiting

    assert run(main()) == pytest.approx(1, abs=0.001)


async def test_a_refund_lets_the_next_one_through() -> None:
    admission = door(limit(RollingWindow(limit=1, period=1000)))
    permit = await acquire(admission)
    queued = asyncio.create_task(acquire(admission))
    await turns()
    admission.refund(permit)
    assert (await queued).held


async def test_what_the_venue_says_reaches_the_limits() -> None:
    admission = door(limit(RollingWindow(limit=100, period=60)))
    permit = await acquire(admission)
    admission.observe(
        permit,
        Observation(usage=(Usage(bucket="b", used=30),), limits=(limit(RollingWindow(limit=50, period=60)),)),
    )
    (state,) = admission.snapshot()
    assert (state.used, state.limit, state.venue_used) == (30, 50, 30)


async def test_a_raised_limit_lets_the_queue_through() -> None:
    admission = door(limit(RollingWindow(limit=1, period=1000)))
    permit = await acquire(admission)
    queued = asyncio.create_task(acquire(admission))
    await turns()
    assert admission.snapshot()[0].queued == 1
    admission.observe(permit, Observation(limits=(limit(RollingWindow(limit=2, period=1000)),)))
    assert (await queued).held
    assert admission.snapshot()[0].queued == 0


# --- cancellation


async def test_who_is_cancelled_after_the_grant_gives_it_back() -> None:
    admission = door(limit(Concurrency(limit=1)))
    holder = await acquire(admission)
    first, second = asyncio.create_task(acquire(admission)), asyncio.create_task(acquire(admission))
    await turns()
    admission.settle(holder)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await second).held
    assert in_flight(admission) == 1


async def test_who_is_cancelled_while_being_refused_leaves_nothing_behind() -> None:
    admission = door(limit(Concurrency(limit=1)))
    holder = await acquire(admission)
    queued = asyncio.create_task(acquire(admission, deadline=now() + 60))
    await turns()
    admission.refused(holder, Fault(kind=Kind.BANNED, scope=Scope.IP, retry_after=600))
    queued.cancel()
    with pytest.raises(asyncio.CancelledError):
        await queued
    assert admission.snapshot()[0].queued == 0


async def test_a_cancelled_heavy_request_no_longer_holds_back_the_light() -> None:
    admission = door(limit(Concurrency(limit=2)))
    await acquire(admission)
    heavy = asyncio.create_task(acquire(admission, [Charge("b", 2)]))
    await turns()
    light = asyncio.create_task(acquire(admission))
    await turns()
    assert not light.done()
    heavy.cancel()
    assert (await light).held


@pytest.mark.parametrize("seed", range(3))
def test_permits_neither_leak_nor_appear_when_a_third_of_the_callers_is_cancelled(seed: int) -> None:
    permits = cancelled_callers(10_000, seed)
    assert permits.granted == permits.ended
    assert (permits.in_flight, permits.queued) == (0, 0)
    assert permits.cancelled > 1000


# --- cost


def test_waiting_does_not_poll() -> None:
    class Counted(Limiter):
        asked = 0

        def reserve(self, *args: Any, **how: Any) -> Any:
            self.asked += 1
            return super().reserve(*args, **how)

    async def main() -> int:
        limiter = Counted([limit(FixedWindow(limit=1, period=60))])
        admission = Admission(limiter, Clock())
        await call(admission)
        await call(admission)
        assert now() > 60
        return limiter.asked

    assert run(main()) <= 5


def test_a_long_queue_of_equals_is_served_in_time_that_grows_with_its_length_only() -> None:
    class Counted(Limiter):
        asked = 0

        def reserve(self, *args: Any, **how: Any) -> Any:
            self.asked += 1
            return super().reserve(*args, **how)

    async def main() -> int:
        limiter = Counted([limit(RollingWindow(limit=100, period=1))])
        admission = Admission(limiter, Clock())
        await asyncio.gather(*(call(admission) for _ in range(2000)))
        return limiter.asked

    assert run(main()) < 8 * 2000


def test_a_window_that_opens_for_thousands_leaves_other_tasks_their_turns() -> None:
    async def main() -> int:
        admission, granted, most, before = door(limit(RollingWindow(limit=1000, period=1))), 0, 0, 0

        async def one() -> None:
            nonlocal granted
            admission.settle(await acquire(admission))
            granted += 1

        tasks = [asyncio.create_task(one()) for _ in range(2000)]
        await asyncio.sleep(1)
        while granted < 2000:
            before = granted
            await asyncio.sleep(0)
            most = max(most, granted - before)
        await asyncio.wait(tasks)
        return most

    assert 0 < run(main()) <= GRANTS_AT_ONCE < 1000
