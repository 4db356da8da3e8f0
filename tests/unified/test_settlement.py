"""Doubts that the library ends by itself: when it looks, how often, and what it tells meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from tests.toy import Wire, lost, placed, refusal, toy_client, virtual
from unified.errors import Kind, Outcome, VenueError
from unified.hooks import SettledEvent
from unified.terms import Terms

TERMS: Terms = {"quantity": "0.01", "price": "50000"}
NOT_FOUND = refusal(Kind.ORDER_NOT_FOUND)


def test_what_is_pending_shows_instrument_age_sends_and_fence() -> None:
    async def story() -> None:
        wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND)
        async with toy_client(wire) as client:
            with pytest.raises(VenueError):
                await client.place_order("BTC/USDT", "buy", **TERMS, deadline=0.2)
            await asyncio.sleep(1)
            (pending,) = client.pending()
            assert (pending.instrument, pending.sends) == ("BTC/USDT", 1)
            assert 1 <= pending.age < 2
            assert pending.fence is not None
            assert pending.fence > await client.server_time()
            assert await client.settle() == ()

    virtual(story)


def test_settling_stops_waiting_when_its_time_is_over() -> None:
    async def story() -> None:
        wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND)
        async with toy_client(wire) as client:
            with pytest.raises(VenueError):
                await client.place_order("BTC/USDT", "buy", **TERMS, deadline=0.2)
            assert len(await client.settle(timeout=0.1)) == 1

    virtual(story)


def test_looks_become_rarer_and_the_last_one_proves() -> None:
    async def story() -> None:
        wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND)
        async with toy_client(wire) as client:
            with pytest.raises(VenueError):
                await client.place_order("BTC/USDT", "buy", **TERMS, deadline=0.2)
            await client.settle()
        looks = [at for at, (name, _) in zip(wire.sent_at, wire.sent, strict=True) if name == "get_order"]
        assert 3 <= len(looks) <= 10
        assert looks[-1] - looks[0] >= 2.9  # window 2 s and visibility 1 s, by the lower bound of the venue's clock

    virtual(story)


def test_many_doubts_are_looked_up_a_few_at_a_time() -> None:
    async def story() -> None:
        wire = Wire(latency=0.2).on("place_order", lost()).on("get_order", placed())
        ended: list[SettledEvent] = []
        async with toy_client(wire) as client:
            client.hooks.on_settled.add(ended.append)
            await client.instruments()
            await client.server_time()
            await asyncio.gather(
                *(client.place_order("BTC/USDT", "buy", **TERMS, deadline=0.25) for _ in range(10)),
                return_exceptions=True,
            )
            assert await client.settle() == ()
        assert len(ended) == 10

    virtual(story)


def test_an_order_that_goes_out_again_is_told_of_once_when_its_end_is_known() -> None:
    async def story() -> None:
        wire = Wire().on("place_order", lost(), placed()).on("get_order", *[refusal(Kind.ORDER_NOT_FOUND)] * 20)
        ended: list[SettledEvent] = []
        async with toy_client(wire) as client:
            client.hooks.on_settled.add(ended.append)
            await client.place_order("BTC/USDT", "buy", **TERMS)
        assert wire.count("place_order") == 2
        assert [event.outcome for event in ended] == [Outcome.DONE]

    virtual(story)
