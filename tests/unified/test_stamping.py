"""How long requests may be accepted, and whether the clock is known well enough for it."""

from __future__ import annotations

import asyncio

import pytest

from tests.toy import BTC, Wire, placed, refusal, toy_client, toy_with, virtual
from unified.adapter import ClockRule
from unified.errors import Kind, Outcome, VenueError
from unified.settings import OrderSettings


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
