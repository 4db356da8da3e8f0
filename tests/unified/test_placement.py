"""Placement through the client's door: what the venue does to a request, and what comes of the order."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from tests.toy import RULE, Toy, Wire, lost, placed, refusal, toy_client, toy_with, virtual
from unified.adapter import Dedup
from unified.errors import Kind, OrderError, Outcome, TransportError, VenueError
from unified.hooks import SettledEvent
from unified.instrument import Product
from unified.order import OrderStatus
from unified.settings import Deadlines, OrderSettings
from unified.terms import Terms

NOT_FOUND = refusal(Kind.ORDER_NOT_FOUND)
TERMS: Terms = {"quantity": "0.01", "price": "50000"}
MINE: Terms = {**TERMS, "client_order_id": "mine1"}


class TestAnswers:
    def test_an_order_that_is_taken_is_given_back(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", placed("v7"))
            async with toy_client(wire) as client:
                order = await client.place_order("BTC/USDT", "buy", **TERMS)
                assert order.venue_order_id == "v7"
                assert client.pending() == ()
            assert wire.closed

        virtual(story)

    def test_a_refusal_is_raised_as_it_is(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", refusal(Kind.INSUFFICIENT_FUNDS))
            async with toy_client(wire) as client:
                with pytest.raises(OrderError) as caught:
                    await client.place_order("BTC/USDT", "buy", **TERMS)
                assert caught.value.kind is Kind.INSUFFICIENT_FUNDS
                assert caught.value.outcome is Outcome.REJECTED
            assert wire.count("place_order") == 1

        virtual(story)

    def test_an_order_that_never_left_is_sent_again_under_its_id(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost(Kind.CONNECT_FAILED), placed())
            async with toy_client(wire) as client:
                await client.place_order("BTC/USDT", "buy", **TERMS)
            ids = {body["client_order_id"] for name, body in wire.sent if name == "place_order"}
            assert (wire.count("place_order"), len(ids)) == (2, 1)
            assert wire.count("get_order") == 0

        virtual(story)


class TestDoubts:
    def test_an_order_whose_answer_was_lost_is_found_and_given_back(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", placed("v9"))
            events: list[SettledEvent] = []
            async with toy_client(wire) as client:
                client.hooks.on_settled.add(events.append)
                order = await client.place_order("BTC/USDT", "buy", **TERMS)
            assert order.venue_order_id == "v9"
            assert wire.count("place_order") == 1
            assert [event.outcome for event in events] == [Outcome.DONE]

        virtual(story)

    def test_an_absent_order_goes_out_again_only_after_fence_and_visibility(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost(), placed()).on("get_order", NOT_FOUND)
            async with toy_client(wire) as client:
                await client.place_order("BTC/USDT", "buy", **TERMS)
            first, second = (at for at, (name, _) in zip(wire.sent_at, wire.sent, strict=True) if name == "place_order")
            # window 2 s and visibility 1 s, plus what the clock is not sure of
            assert 3.0 <= second - first < 3.2
            ids = {body["client_order_id"] for name, body in wire.sent if name == "place_order"}
            assert len(ids) == 1

        virtual(story)

    def test_a_venue_that_sets_its_clock_forward_does_not_shorten_the_time_to_come_into_sight(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND)
            async with toy_client(wire, orders=OrderSettings(resend=False)) as client:
                loop = asyncio.get_running_loop()
                placing = asyncio.create_task(client.place_order("BTC/USDT", "buy", **TERMS))
                await asyncio.sleep(0.2)
                wire.offset = 3600.0
                await client.server_time()
                began = loop.time()
                with pytest.raises(TransportError):
                    await placing
            # the fence passed at once; an order accepted just before that may stay unseen for the whole visibility
            assert loop.time() - began >= RULE.visibility

        virtual(story)

    def test_many_doubts_are_looked_up_few_at_a_time(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", 1.0, NOT_FOUND)
            client = toy_client(wire, orders=OrderSettings(settle_on_close=0.1), deadlines=Deadlines(attempt=1.0))
            calls = [client.place_order("BTC/USDT", "buy", deadline=0.15, **TERMS) for _ in range(8)]
            await asyncio.gather(*calls, return_exceptions=True)
            assert len(client.pending()) == 8
            wire.replies["get_order"] = [0.9]
            before, began = wire.count("get_order"), asyncio.get_running_loop().time()
            await asyncio.sleep(0.9)
            assert asyncio.get_running_loop().time() < began + 1
            assert wire.count("get_order") - before <= 4
            await client.aclose()

        virtual(story)

    def test_an_absent_order_is_not_sent_again_where_the_caller_forbids_it(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND)
            async with toy_client(wire, orders=OrderSettings(resend=False)) as client:
                with pytest.raises(TransportError) as caught:
                    await client.place_order("BTC/USDT", "buy", **TERMS)
            assert caught.value.outcome is Outcome.REJECTED  # proved absent
            assert (caught.value.venue, caught.value.operation) == ("toy", "place_order")
            assert wire.count("place_order") == 1

        virtual(story)

    def test_where_nothing_expires_nothing_is_ever_sent_again(self) -> None:
        async def story() -> None:
            endless = toy_with(placement={Product.SPOT: evolve(RULE, expiry=None)})
            wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND)
            client = toy_client(wire, endless, orders=OrderSettings(settle_on_close=1.0))
            with pytest.raises(VenueError) as caught:
                await client.place_order("BTC/USDT", "buy", **TERMS)
            assert caught.value.outcome is Outcome.UNKNOWN
            assert caught.value.fence_ms is None
            await asyncio.sleep(3600)
            (pending,) = client.pending()
            assert pending.fence is None
            assert pending.age > 3600
            await client.aclose()
            assert wire.count("place_order") == 1

        virtual(story)

    def test_where_ids_are_permanent_the_same_id_goes_out_again_at_once_and_what_comes_back_is_compared(self) -> None:
        async def story() -> None:
            forever = toy_with(placement={Product.SPOT: evolve(RULE, dedup=Dedup.EVER)})
            wire = Wire().on("place_order", lost(), placed("echo")).on("get_order", NOT_FOUND, placed("first"))
            async with toy_client(wire, forever) as client:
                order = await client.place_order("BTC/USDT", "buy", **TERMS)
            assert order.venue_order_id == "first"
            assert wire.sent_at[-1] < 1.0
            assert wire.count("place_order") == 2

        virtual(story)

    def test_looks_that_fail_after_the_proof_is_due_keep_their_distance(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", refusal(Kind.PERMISSION_DENIED))
            async with toy_client(wire, orders=OrderSettings(settle_on_close=0.0)) as client:
                with pytest.raises(VenueError) as caught:
                    await client.place_order("BTC/USDT", "buy", **TERMS, deadline=30.0)
            assert caught.value.outcome is Outcome.UNKNOWN
            assert 10 < wire.count("get_order") < 30

        virtual(story)

    def test_a_deadline_in_the_middle_of_a_doubt_says_unknown_and_settles_in_the_background(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", lost()).on("get_order", NOT_FOUND, NOT_FOUND, NOT_FOUND, placed("late"))
            async with toy_client(wire) as client:
                with pytest.raises(VenueError) as caught:
                    await client.place_order("BTC/USDT", "buy", **TERMS, deadline=0.5)
                error = caught.value
                assert error.outcome is Outcome.UNKNOWN
                assert error.client_order_id == client.pending()[0].client_order_id
                assert error.fence_ms is not None
                assert await client.settle() == ()
            assert wire.count("place_order") == 1

        virtual(story)

    def test_a_canceled_caller_leaves_an_order_that_is_settled_in_the_background(self) -> None:
        async def story() -> None:
            wire = Wire(latency=0.5).on("place_order", placed("v1")).on("get_order", placed("v1"))
            async with toy_client(wire) as client:
                await client.server_time()
                await client.instruments()
                task = asyncio.create_task(client.place_order("BTC/USDT", "buy", **TERMS))
                await asyncio.sleep(0.2)  # in the middle of the order's own half second
                assert wire.count("place_order") == 1
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert len(client.pending()) == 1
                assert await client.settle() == ()

        virtual(story)

    def test_a_canceled_caller_whose_order_never_left_leaves_nothing(self) -> None:
        async def story() -> None:
            wire = Wire(latency=0.5).on("place_order", placed("v1"))
            async with toy_client(wire) as client:
                task = asyncio.create_task(client.place_order("BTC/USDT", "buy", **TERMS))
                await asyncio.sleep(0.1)  # still measuring the clock
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert client.pending() == ()
            assert wire.count("place_order") == 0

        virtual(story)


class TestDuplicates:
    def test_a_duplicate_with_our_terms_is_our_order(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", refusal(Kind.DUPLICATE_ORDER)).on("get_order", placed("v3"))
            async with toy_client(wire) as client:
                order = await client.place_order("BTC/USDT", "buy", **MINE)
            assert order.venue_order_id == "v3"

        virtual(story)

    def test_a_duplicate_with_other_terms_is_refused(self) -> None:
        async def story() -> None:
            other = placed("v3", price="1.00")
            wire = Wire().on("place_order", refusal(Kind.DUPLICATE_ORDER)).on("get_order", other)
            async with toy_client(wire) as client:
                with pytest.raises(OrderError) as caught:
                    await client.place_order("BTC/USDT", "buy", **MINE)
            assert caught.value.kind is Kind.DUPLICATE_ORDER
            assert caught.value.outcome is Outcome.REJECTED
            assert "price" in caught.value.message

        virtual(story)

    def test_a_price_that_the_venue_may_move_is_not_compared(self) -> None:
        async def story() -> None:
            moving = toy_with(placement={Product.SPOT: evolve(RULE, moves_price=True)})
            wire = Wire().on("place_order", lost()).on("get_order", placed("v3", price="49000.00"))
            async with toy_client(wire, moving) as client:
                order = await client.place_order("BTC/USDT", "buy", **TERMS)
            assert order.venue_order_id == "v3"

        virtual(story)


class TestBatches:
    def test_each_item_of_a_batch_has_its_own_outcome(self) -> None:
        async def story() -> None:
            answer = {"items": [placed("a"), refusal(Kind.WOULD_TAKE)]}
            wire = Wire().on("place_batch", answer)
            async with toy_client(wire) as client:
                orders = [await client.order("BTC/USDT", "buy", **TERMS) for _ in range(2)]
                first, second = await client.place_batch(orders)
            assert not isinstance(first, VenueError)
            assert isinstance(second, VenueError)
            assert (first.venue_order_id, second.kind) == ("a", Kind.WOULD_TAKE)

        virtual(story)

    def test_a_batch_whose_answer_was_lost_is_looked_up_order_by_order(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_batch", lost()).on("get_order", placed("a"), NOT_FOUND)
            async with toy_client(wire) as client:
                orders = [await client.order("BTC/USDT", "buy", **TERMS) for _ in range(2)]
                answers = await client.place_batch(orders)
            outcomes = sorted(item.outcome if isinstance(item, VenueError) else "placed" for item in answers)
            assert outcomes == ["placed", Outcome.REJECTED]
            assert wire.count("place_batch") == 1

        virtual(story)


class TestConfirm:
    def test_confirm_raises_what_the_engine_refused_after_the_acknowledgement(self) -> None:
        async def story() -> None:
            acknowledged = placed(status=OrderStatus.PENDING_NEW)
            refused = placed(status=OrderStatus.REJECTED, refusal=Kind.WOULD_TAKE)
            wire = Wire().on("place_order", acknowledged).on("get_order", acknowledged, refused)
            async with toy_client(wire) as client:
                with pytest.raises(OrderError) as caught:
                    await client.place_order("BTC/USDT", "buy", **TERMS, confirm=True)
            assert caught.value.kind is Kind.WOULD_TAKE

        virtual(story)


def test_the_toy_is_an_adapter_with_its_usual_rule() -> None:
    assert Toy.placement[Product.SPOT] is RULE
