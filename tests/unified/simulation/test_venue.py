"""The simulated venue: the sandbox's own rules, a light market, and a chronicle of what passes."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from unified.errors import VenueError
from unified.http import HttpRequest, Method
from unified.ports import Pool
from unified.sandbox.faults import Profile
from unified.sandbox.registry import sandbox_class
from unified.simulation.chronicle import SUBJECTS, Chronicle
from unified.simulation.process import Process
from unified.simulation.venue import SimulatedVenue
from unified.testing.loop import run


def venue() -> SimulatedVenue:
    return SimulatedVenue("binance", 1, Profile.NONE, Chronicle(asyncio.get_running_loop().time))


def request(place: SimulatedVenue, method: Method, path: str, query: str = "") -> HttpRequest:
    return HttpRequest(method=method, base=place.network.urls["spot"], path=path, query=query)


def test_rules_and_limits_are_the_sandboxs_own() -> None:
    async def story() -> None:
        place, real = venue(), sandbox_class("binance")
        assert place.dialect.limits == real.limits
        assert place.dialect.rules.client_ids is real.rules.client_ids
        assert [item.instrument for item in place.dialect.listings] == [item.instrument for item in real.listings]

    run(story())


def test_a_request_is_told_of_under_the_id_that_stands_in_it() -> None:
    async def story() -> None:
        place = venue()
        line = place.line(Process(Random(1), None), {}, ("left1",))
        SUBJECTS.set(("mine1",))
        for query in ("newClientOrderId=mine1", "origClientOrderId=left1", ""):
            await line.send(request(place, Method.GET, "/api/v3/order", query), timeout=5, pool=Pool.ORDERS)
        for id_ in ("mine1", "left1"):
            steps = [event.step for event in place.chronicle.of(id_)]
            assert steps == ["sent", "executed", "answered"]

    run(story())


def test_a_placement_after_the_deadline_is_noted() -> None:
    async def story() -> None:
        place = venue()
        line = place.line(Process(Random(1), None), {"mine1": 5.0}, ())
        SUBJECTS.set(("mine1",))
        late = request(place, Method.POST, "/api/v3/order", "newClientOrderId=mine1")
        await line.send(late, timeout=5, pool=Pool.ORDERS)
        assert line.late_attempts == []
        await asyncio.sleep(10)
        await line.send(
            request(place, Method.GET, "/api/v3/order", "origClientOrderId=mine1"), timeout=5, pool=Pool.READS
        )
        assert line.late_attempts == []
        await line.send(late, timeout=5, pool=Pool.ORDERS)
        assert line.late_attempts == ["mine1"]

    run(story())


def test_nothing_passes_once_the_program_is_dead_and_what_is_under_way_arrives() -> None:
    async def story() -> None:
        place = venue()
        process = Process(Random(1), None)
        line = place.line(process, {}, ("left1",))
        with pytest.raises(VenueError):
            await line.send(
                request(place, Method.GET, "/api/v3/order", "origClientOrderId=left1"), timeout=0.0001, pool=Pool.READS
            )
        process.kill()
        await line.aclose()
        await asyncio.sleep(1)
        assert [event.step for event in place.chronicle.of("left1")] == ["sent", "lost", "executed"]
        with pytest.raises(asyncio.CancelledError):
            await line.send(request(place, Method.GET, "/api/v3/time"), timeout=1, pool=Pool.READS)
        await place.aclose()

    run(story())
