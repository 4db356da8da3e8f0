"""Doubts that the library ends by itself: when it looks, how often, and what it tells meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from attrs import evolve

from tests.toy import RULE, Toy, Wire, lost, placed, refusal, toy_client, toy_with, virtual
from unified.adapter import Observation
from unified.client import Client
from unified.errors import Kind, Outcome, VenueError
from unified.hooks import SettledEvent
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import FetchOrder, Operation
from unified.terms import Terms

TERMS: Terms = {"quantity": "0.01", "price": "50000"}
NOT_FOUND = refusal(Kind.ORDER_NOT_FOUND)
NOTHING_PROVES = toy_with(placement={Product.SPOT: evolve(RULE, expiry=None)})


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


def test_a_look_tells_the_adapter_that_the_order_is_no_stop() -> None:
    """Where stops stand behind another door, that one need not be asked."""
    asked: list[Operation[Any]] = []

    def observe(self: Toy, operation: Operation[Any], response: HttpResponse) -> Observation:
        asked.append(operation)
        return Toy.observe(self, operation, response)

    async def story() -> None:
        wire = Wire().on("place_order", lost()).on("get_order", placed())
        async with toy_client(wire, toy_with(observe=observe)) as client:
            await client.place_order("BTC/USDT", "buy", **TERMS)

    virtual(story)
    assert [look.is_stop for look in asked if isinstance(look, FetchOrder)] == [False]


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


class TestTheCallersWord:
    """Where nothing proves that an order does not exist, somebody has to look at the venue and say so."""

    @staticmethod
    async def in_doubt(client: Client) -> str:
        with pytest.raises(VenueError):
            await client.place_order("BTC/USDT", "buy", **TERMS, deadline=0.2)
        (pending,) = client.pending()
        return pending.client_order_id

    @pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.REJECTED])
    def test_it_ends_a_doubt_that_nothing_else_ends(self, outcome: Outcome) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND)
            ended: list[SettledEvent] = []
            async with toy_client(wire, NOTHING_PROVES) as client:
                client.hooks.on_settled.add(ended.append)
                id_ = await self.in_doubt(client)
                assert len(await client.settle(timeout=3600)) == 1, "control: nothing else ends it"
                client.resolve(id_, outcome)
                assert await client.settle() == client.pending() == ()
            assert [(event.client_order_id, event.outcome) for event in ended] == [(id_, outcome)]
            assert wire.count("place_order") == 1

        virtual(story)

    def test_an_order_that_will_be_proved_is_not_taken_on_anybodys_word(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND)
            async with toy_client(wire) as client:
                id_ = await self.in_doubt(client)
                with pytest.raises(VenueError, match="will be proved, by the venue's clock after") as caught:
                    client.resolve(id_, "rejected")
                assert (caught.value.kind, caught.value.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)
                assert len(client.pending()) == 1
                await client.settle()

        virtual(story)

    @pytest.mark.parametrize(
        ("id_", "outcome", "words"),
        [
            ("nobody", "rejected", "no order nobody is in doubt"),
            ("", "unknown", "not unknown"),
            ("", "not_sent", "not not_sent"),
            ("", "gone", "'gone' is not one of"),
        ],
    )
    def test_a_word_that_says_nothing_is_refused(self, id_: str, outcome: str, words: str) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND)
            async with toy_client(wire, NOTHING_PROVES) as client:
                known = await self.in_doubt(client)
                with pytest.raises(VenueError, match=words):
                    client.resolve(id_ or known, outcome)
                assert len(client.pending()) == 1
                client.resolve(known, "rejected")

        virtual(story)
