"""Who goes first, and who may use the gaps; in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.queue import heavy_beside_light
from tests.queueing import ROUND_TRIP, acquire, call, door, limit, now, turns
from unified.adapter import Charge, Concurrency, FixedWindow, RollingWindow, TokenBucket
from unified.errors import VenueError
from unified.operations import Priority
from unified.testing.loop import run


def test_the_urgent_go_first_and_equals_in_the_order_in_which_they_came() -> None:
    async def main() -> list[str]:
        admission, served = door(limit(Concurrency(limit=1))), list[str]()
        holder = await acquire(admission)

        async def one(priority: Priority, number: int) -> None:
            permit = await acquire(admission, priority=priority)
            served.append(f"{priority.name} {number}")
            admission.settle(permit)

        tasks = [asyncio.create_task(one(priority, n)) for n in (1, 2) for priority in reversed(Priority)]
        await turns()
        admission.settle(holder)
        await asyncio.gather(*tasks)
        return served

    assert run(main()) == [f"{priority.name} {number}" for priority in Priority for number in (1, 2)]


def test_who_has_waited_long_moves_up_but_never_before_a_cancel() -> None:
    async def main() -> tuple[float, float]:
        admission = door(limit(RollingWindow(limit=1, period=1)))

        async def stream(priority: Priority, number: int) -> None:
            for _ in range(number):
                await call(admission, priority=priority)

        orders = [asyncio.create_task(stream(Priority.ORDER, 60)) for _ in range(3)]
        await turns()
        aged = await call(admission, deadline=now() + 20)
        for task in orders:
            task.cancel()
        cancels = [asyncio.create_task(stream(Priority.CANCEL, 60)) for _ in range(3)]
        await turns()
        began = now()
        with pytest.raises(VenueError):
            await call(admission, deadline=now() + 20)
        ended = now() - began
        for task in cancels:
            task.cancel()
        return aged, ended

    aged, ended = run(main())
    assert 10 <= aged <= 14
    assert ended == pytest.approx(20, abs=0.1)


def test_a_heavy_request_beside_fifty_light_tasks_is_served_within_a_window_and_its_turn() -> None:
    waited, served = heavy_beside_light(11)
    # Its turn: the fifty that asked before it fill most of the first window that comes.
    assert waited <= 9 + 10 + ROUND_TRIP
    assert served >= 60 + 60 + 60 - 40, "the light ones used what it left them"


def test_light_requests_use_a_gap_that_costs_the_heavy_one_nothing() -> None:
    async def main() -> tuple[float, float]:
        admission = door(limit(FixedWindow(limit=10, period=10)))
        await call(admission, [Charge("b", 5)])
        heavy = asyncio.create_task(call(admission, [Charge("b", 8)]))
        await turns()
        return await call(admission), await heavy

    light, heavy = run(main())
    assert light < 1
    assert heavy == pytest.approx(10, abs=0.1)


def test_light_requests_do_not_take_what_the_heavy_one_waits_for() -> None:
    async def main() -> tuple[float, float]:
        admission = door(limit(TokenBucket(rate=1, burst=10)))
        await call(admission, [Charge("b", 8)])
        heavy = asyncio.create_task(call(admission, [Charge("b", 8)]))
        await turns()
        return await call(admission), await heavy

    light, heavy = run(main())
    assert heavy == pytest.approx(6, abs=0.1)
    assert light > heavy


def test_a_cancel_goes_at_once_while_reads_take_all_they_can() -> None:
    async def main() -> float:
        admission = door(limit(FixedWindow(limit=1200, period=60), reads=False))

        async def reader() -> None:
            while True:
                await call(admission, [Charge("b", 20)])

        readers = [asyncio.create_task(reader()) for _ in range(100)]
        await asyncio.sleep(5)
        waited = [await call(admission, priority=Priority.CANCEL) - now() + ROUND_TRIP for _ in range(20)]
        for task in readers:
            task.cancel()
        return max(waited)

    assert run(main()) <= 0.05
