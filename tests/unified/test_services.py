"""What lets one client's calls out, and what is given back when they do not come to anything."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from attrs import evolve

from tests.toy import BTC, RULE, Wire, lost, order_of, placed, refusal, toy_client, toy_with, virtual
from unified.adapter import Concurrency, Limit
from unified.breaker import LEAST_CALLS
from unified.errors import AvailabilityError, Kind, Outcome, Scope, VenueError
from unified.instrument import Product
from unified.operations import FetchOrder, FetchTicker
from unified.retry import RetrySettings

TICKER = FetchTicker(instrument=BTC)
ASKED = FetchOrder(instrument=BTC, venue_order_id="v1")
NO_RETRY = RetrySettings(enabled=False)


class TestBreaker:
    def test_a_venue_that_answers_nobody_is_left_alone_and_asked_for_the_time_first(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", lost())
            async with toy_client(wire, retry=NO_RETRY) as client:
                for _ in range(LEAST_CALLS):
                    with pytest.raises(VenueError):
                        await client.run(TICKER)
                sent = wire.count("ticker")
                with pytest.raises(AvailabilityError) as caught:
                    await client.run(TICKER)
                assert (caught.value.kind, caught.value.outcome) == (Kind.OVERLOADED, Outcome.NOT_SENT)
                assert caught.value.retry_after is not None
                assert wire.count("ticker") == sent
                wire.on("ticker", {"last": "2"})
                await asyncio.sleep(5)
                probes = wire.count("server_time")
                assert (await client.run(TICKER)).last == Decimal(2)
                assert wire.count("server_time") > probes

        virtual(story)

    def test_cancels_go_out_all_the_same(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", refusal(Kind.VENUE_FAULT, Outcome.REJECTED))
            wire.on("cancel_order", {"id": "v1", "status": "canceled"})
            async with toy_client(wire, retry=NO_RETRY) as client:
                for _ in range(LEAST_CALLS + 1):
                    with pytest.raises(VenueError):
                        await client.place_order(BTC, "buy", quantity="0.01", price="50000")
                refused = wire.count("place_order")
                await client.cancel_order(order_of(placed("v1")))
                assert refused == LEAST_CALLS

        virtual(story)


class TestPermits:
    def test_what_was_cancelled_before_it_left_is_given_back(self) -> None:
        async def story() -> None:
            narrow = toy_with(limits=(Limit(bucket="calls", scope=Scope.IP, rule=Concurrency(limit=1)),))
            wire = Wire(latency=1.0).on("ticker", {"last": "1"})
            async with toy_client(wire, narrow) as client:
                first = asyncio.create_task(client.run(TICKER))
                second = asyncio.create_task(client.run(TICKER))
                await asyncio.sleep(0.5)
                second.cancel()
                third = asyncio.create_task(client.run(TICKER))
                await asyncio.gather(first, third)
            assert wire.count("ticker") == 2

        virtual(story)

    def test_a_lost_answer_does_not_hold_a_slot_of_concurrency_for_ever(self) -> None:
        async def story() -> None:
            narrow = toy_with(
                limits=(Limit(bucket="calls", scope=Scope.IP, rule=Concurrency(limit=1)),),
                placement={Product.SPOT: evolve(RULE, expiry=None)},
            )
            wire = Wire().on("ticker", lost(), {"last": "1"})
            async with toy_client(wire, narrow) as client:
                started = asyncio.get_running_loop().time()
                assert (await client.run(TICKER)).last == 1
                assert asyncio.get_running_loop().time() - started < 2.0

        virtual(story)
