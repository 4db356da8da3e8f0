"""What clients of one venue share, and how one client comes to it."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from attrs import evolve

from tests.toy import BTC, RULE, Toy, Wire, lost, order_of, placed, refusal, toy_client, toy_with, virtual
from unified.adapter import ClockRule, Concurrency, Endpoint, Limit
from unified.breaker import LEAST_CALLS
from unified.errors import AvailabilityError, Kind, Outcome, Scope, VenueError
from unified.instrument import Product
from unified.operations import FetchOrder, FetchTicker
from unified.retry import RetrySettings
from unified.secret import Credentials, Secret
from unified.settings import OrderSettings

TICKER = FetchTicker(instrument=BTC)
ASKED = FetchOrder(instrument=BTC, venue_order_id="v1")
NO_RETRY = RetrySettings(enabled=False)


class TestSharing:
    def test_clients_of_one_venue_share_its_clock(self) -> None:
        async def story() -> None:
            first, second = Wire().on("get_order", placed()), Wire().on("get_order", placed())
            async with toy_client(first) as one, toy_client(second) as other:
                await one.get_order(BTC, venue_order_id="v1")
                await other.get_order(BTC, venue_order_id="v1")
            assert first.count("server_time") > 0
            assert second.count("server_time") == 0

        virtual(story)

    def test_the_last_to_leave_forgets_what_was_shared(self) -> None:
        async def story() -> None:
            for _ in range(2):
                wire = Wire().on("get_order", placed())
                async with toy_client(wire) as client:
                    await client.get_order(BTC, venue_order_id="v1")
                assert wire.count("server_time") > 0

        virtual(story)

    def test_nonces_of_one_account_rise_over_all_its_clients(self) -> None:
        async def story() -> None:
            stamps = []

            class Numbered(Toy):
                pass

            wire = Wire().on("get_order", placed())
            async with toy_client(wire, Numbered) as one, toy_client(wire, Numbered) as other:
                for client in (one, other, one):
                    access = client._access  # the stamp is not visible from outside
                    endpoint = client._scheduler.how(ASKED)
                    assert isinstance(endpoint, Endpoint)
                    route = access.route(endpoint, FetchOrder, Product.SPOT, FetchOrder.priority)
                    passage = await access.admit(route, ASKED, 1e9)
                    stamps.append(access.stamp(passage, asyncio.get_running_loop().time()).nonce)
            assert stamps == sorted(set(stamps))

        virtual(story)


class TestWindows:
    @pytest.mark.parametrize(
        ("wanted", "window"),
        [
            pytest.param(None, 2000, id="the venue's default where nothing is set"),
            pytest.param(700, 700, id="the caller's where it is set"),
            pytest.param(100, 100, id="no less than the venue allows"),
        ],
    )
    def test_an_order_carries_its_own_window(self, wanted: int | None, window: int) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", placed())
            async with toy_client(wire, orders=OrderSettings(window_ms=wanted)) as client:
                await client.place_order(BTC, "buy", quantity="0.01", price="50000")
            (body,) = (body for name, body in wire.sent if name == "place_order")
            assert body["expires_ms"] - body["time_ms"] == window

        virtual(story)

    def test_other_calls_carry_the_doors_window(self) -> None:
        async def story() -> None:
            wire = Wire().on("get_order", placed())
            async with toy_client(wire) as client:
                await client.get_order(BTC, venue_order_id="v1")
            (body,) = (body for name, body in wire.sent if name == "get_order")
            assert body["expires_ms"] - body["time_ms"] == 5000

        virtual(story)

    def test_a_venue_that_checks_no_time_is_not_asked_for_it_before_a_read(self) -> None:
        async def story() -> None:
            timeless = toy_with(clocks={"main": ClockRule()})
            wire = Wire().on("get_order", placed())
            async with toy_client(wire, timeless) as client:
                await client.get_order(BTC, venue_order_id="v1")
            assert wire.count("server_time") == 0

        virtual(story)

    def test_an_order_with_an_expiry_needs_the_time_all_the_same(self) -> None:
        async def story() -> None:
            timeless = toy_with(clocks={"main": ClockRule()})
            wire = Wire().on("place_order", placed())
            async with toy_client(wire, timeless) as client:
                await client.place_order(BTC, "buy", quantity="0.01", price="50000")
            assert wire.count("server_time") > 0

        virtual(story)


class TestDeadlines:
    def test_a_measurement_that_takes_longer_than_the_call_does_not_hold_it_up(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", refusal(Kind.TIMESTAMP_OUT_OF_WINDOW, Outcome.REJECTED))
            async with toy_client(wire) as client:
                with pytest.raises(VenueError):
                    await client.place_order(BTC, "buy", quantity="0.01", price="50000", deadline=1.0)
                wire.on("server_time", 60.0)
                began = asyncio.get_running_loop().time()
                with pytest.raises(VenueError) as caught:
                    await client.place_order(BTC, "buy", quantity="0.01", price="50000", deadline=1.0)
                assert caught.value.outcome is not Outcome.UNKNOWN
                assert asyncio.get_running_loop().time() - began <= 1.001

        virtual(story)


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


def test_accounts_are_told_apart_by_their_keys() -> None:
    one, other = (Credentials(key=f"dummy-key-{name}", secret=Secret("dummy")) for name in "ab")
    assert one.fingerprint != other.fingerprint
