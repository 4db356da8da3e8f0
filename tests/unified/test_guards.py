"""Breakers and bulkheads of a venue: whom they stop, whom they let wait, what they tell."""

from __future__ import annotations

import asyncio

import pytest

from tests.toy import BTC, Toy, Wire, lost, order_of, placed, refusal, toy_client, toy_with, virtual, world
from unified.adapter import Limit, RollingWindow
from unified.admission import Admission
from unified.breaker import LEAST_CALLS, State
from unified.bulkhead import FIRST
from unified.client import Client
from unified.config import ClientConfig
from unified.door_clocks import DoorClocks
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.guards import Guards
from unified.limiter import Limiter
from unified.operations import FetchTicker
from unified.ports import Pool
from unified.retry import RetrySettings
from unified.secret import Credentials, Secret
from unified.settings import Deadlines, LimitSettings, TransportSettings

TICKER = FetchTicker(instrument=BTC)
CREDENTIALS = Credentials(key="toy-dummy-key", secret=Secret("toy-dummy-secret"))
AMPLE = (Limit(bucket="calls", scope=Scope.IP, rule=RollingWindow(limit=1000, period=1)),)
BUSY = Fault(kind=Kind.OVERLOADED, outcome=Outcome.REJECTED)


def guards(connections: int = 32) -> tuple[Guards, Admission]:
    admission = Admission(Limiter(()), DoorClocks({}))
    return Guards(admission, lambda: 0.5, connections), admission


async def test_every_door_and_pool_has_slots_of_its_own() -> None:
    made, admission = guards()
    made.slot("spot", Pool.READS)
    made.slot("spot", Pool.ORDERS)
    assert made.slot("spot", Pool.READS) is made.slot("spot", Pool.READS)
    made.freed(made.slot("spot", Pool.READS), BUSY, started_at=1e9, now=1e9)
    limits = {row.bucket: row.limit for row in admission.snapshot()}
    assert limits == {"under way, spot reads": 18, "under way, spot orders": FIRST}


async def test_breakers_are_told_by_door_and_kind_of_call() -> None:
    made, _ = guards()
    for _ in range(LEAST_CALLS):
        made.breaker("spot", writes=True).observe(BUSY, started_at=1e9, now=1e9, cancel=False)
    await made.passed("spot", writes=False, cancel=False, ask=None)
    await made.passed("spot", writes=True, cancel=True, ask=None)
    with pytest.raises(VenueError) as caught:
        await made.passed("spot", writes=True, cancel=False, ask=None)
    assert (caught.value.kind, caught.value.outcome) == (Kind.OVERLOADED, Outcome.NOT_SENT)
    found = {name: reading.state for name, reading in made.readings().items()}
    assert found == {"spot reads": State.CLOSED, "spot writes": State.OPEN}


def most_at_once(wire: Wire, latency: float) -> int:
    """The most requests that were under way together."""
    times = [*((at, 1) for at in wire.sent_at), *((at + latency - 1e-9, -1) for at in wire.sent_at)]
    under_way = most = 0
    for _, change in sorted(times):
        under_way += change
        most = max(most, under_way)
    return most


class TestInAClient:
    def test_no_more_are_under_way_than_there_are_slots_and_a_share_takes_none_of_them(self) -> None:
        async def story() -> int:
            wire = Wire(latency=0.5).on("ticker", {"last": "1"})
            async with toy_client(wire, toy_with(limits=AMPLE), limits=LimitSettings(share=0.5)) as client:
                await asyncio.gather(*(client.run(TICKER) for _ in range(50)))
            return most_at_once(wire, 0.5)

        assert FIRST <= virtual(story) <= FIRST + 2, "fifty good answers add a slot or two"

    def test_cancels_need_no_slot(self) -> None:
        async def story() -> None:
            wire = Wire(latency=0.3).on("place_order", placed()).on("cancel_order", {"id": "v1", "status": "canceled"})
            config = ClientConfig(adapter=Toy, transport=TransportSettings(connections=1), credentials=CREDENTIALS)
            async with Client(config, transport=wire, world=world()) as client:
                await client.place_order(BTC, "buy", quantity="0.01", price="50000")
                orders = [
                    asyncio.create_task(client.place_order(BTC, "buy", quantity="0.01", price="50000"))
                    for _ in range(3)
                ]
                await asyncio.sleep(0.1)
                assert max(row.queued for row in client.limits()) == 2
                asked = asyncio.get_running_loop().time()
                await client.cancel_order(order_of(placed("v1")))
                assert asyncio.get_running_loop().time() - asked < 0.4
                await asyncio.gather(*orders)

        virtual(story)

    def test_a_venue_that_answers_late_gets_fewer_requests_at_once(self) -> None:
        async def story() -> float:
            wire = Wire().on("ticker", lost(Kind.REQUEST_TIMEOUT), {"last": "1"})
            async with toy_client(wire, retry=RetrySettings(enabled=False), deadlines=Deadlines(attempt=1)) as client:
                with pytest.raises(VenueError):
                    await client.run(TICKER)
                return next(row.limit for row in client.limits() if row.bucket == "under way, main reads")

        assert virtual(story) == 18

    def test_a_refused_order_takes_no_slot_away(self) -> None:
        async def story() -> float:
            wire = Wire().on("ticker", refusal(Kind.INVALID_REQUEST))
            async with toy_client(wire) as client:
                with pytest.raises(VenueError):
                    await client.run(TICKER)
                return next(row.limit for row in client.limits() if row.bucket == "under way, main reads")

        assert virtual(story) == FIRST
