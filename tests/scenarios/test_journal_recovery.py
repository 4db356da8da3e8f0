"""A program dies with an order under way; the next one, with the same journal, settles it before it trades there again.

A crash is a copy of the journal, taken at that moment: what the first client does afterwards does not reach it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.toy import BTC, EPOCH_MS, RULE, Reply, Toy, Wire, lost, placed, refusal, toy_client, toy_with, virtual
from unified import records
from unified.client import Client
from unified.doubt import Pending
from unified.errors import Kind, Outcome, VenueError
from unified.hooks import SettledEvent
from unified.instrument import Instrument, Product
from unified.journal import FileJournal
from unified.order import Order
from unified.secret import Credentials, Secret
from unified.settings import OrderSettings
from unified.terms import Terms

AFTER: Terms = {"quantity": "0.01", "price": "50000", "client_order_id": "after1"}
ETH = evolve(BTC, symbol="ETHUSDT", base="ETH")
NOT_FOUND = refusal(Kind.ORDER_NOT_FOUND)
FOUND = placed("v1", client_order_id="before1")
NEVER = 600.0


def opened(path: Path) -> FileJournal:
    account = Credentials(key="toy-dummy-key", secret=Secret("toy-dummy-secret")).fingerprint
    return FileJournal(path, "toy", account, durable=False)


def now() -> float:
    return asyncio.get_running_loop().time()


async def crashed(folder: Path, *ids: str, adapter: type[Toy] = Toy) -> Path:
    """The journal of a program that died while these orders were under way."""
    wire = Wire().on("place_order", NEVER).on("get_order", NOT_FOUND)
    first = toy_client(wire, adapter, journal=opened(folder / "first.journal"), orders=OrderSettings(settle_on_close=0))
    calls = [asyncio.create_task(buy(first, id_)) for id_ in ids]
    await asyncio.sleep(1)
    assert wire.count("place_order") == len(ids)
    copy = Path(shutil.copy(folder / "first.journal", folder / "orders.journal"))
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await first.aclose()
    return copy


async def buy(client: Client, id_: str, instrument: Instrument = BTC, deadline: float = 30) -> Order:
    """Place one order under an id of ours."""
    terms: Terms = {"quantity": "0.01", "price": "50000", "client_order_id": id_}
    return await client.place_order(instrument, "buy", deadline=deadline, **terms)


def left_over(path: Path) -> list[str]:
    """Ids that the journal still keeps."""
    return list(records.history(records.unframed(path.read_bytes())[0]).open)


def told(wire: Wire) -> list[tuple[str, str]]:
    """Questions after orders and orders, in the sequence in which they left."""
    return [(name, body["client_order_id"]) for name, body in wire.sent if name in ("get_order", "place_order")]


def story(test: Coroutine[Any, Any, None]) -> None:
    async def run() -> None:
        await test

    virtual(run)


class TestGate:
    def test_an_order_of_before_is_settled_before_a_new_one_leaves(self, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1")
            events: list[SettledEvent] = []
            wire = Wire().on("get_order", FOUND).on("place_order", placed("v2"))
            client = toy_client(wire, journal=opened(path))
            client.hooks.on_settled.add(events.append)
            async with client:
                order = await buy(client, "after1")
                assert order.venue_order_id == "v2"
                assert client.pending() == ()
            assert told(wire) == [("get_order", "before1"), ("place_order", "after1")]
            assert [(event.client_order_id, event.outcome) for event in events] == [("before1", Outcome.DONE)]
            assert left_over(path) == []

        story(test())

    def test_an_order_that_never_arrived_holds_the_gate_until_its_absence_is_proved(self, tmp_path: Path) -> None:
        async def test() -> None:
            events: list[SettledEvent] = []
            path = await crashed(tmp_path, "before1")
            (record,) = records.history(records.unframed(path.read_bytes())[0]).open.values()
            wire = Wire().on("get_order", NOT_FOUND).on("place_order", placed("v2"))
            client = toy_client(wire, journal=opened(path))
            client.hooks.on_settled.add(events.append)
            async with client:
                await buy(client, "after1")
            left_at = wire.sent_at[[name for name, _ in wire.sent].index("place_order")]
            assert record.fence_ms is not None
            proof_at = (record.fence_ms - EPOCH_MS) / 1000 + RULE.visibility
            assert proof_at < left_at < proof_at + 0.5
            assert wire.count("place_order") == 1
            assert [(event.client_order_id, event.outcome) for event in events] == [("before1", Outcome.REJECTED)]
            assert left_over(path) == []

        story(test())

    def test_the_order_of_before_is_never_sent_again(self, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1")
            wire = Wire().on("get_order", NOT_FOUND).on("place_order", placed("v2"))
            async with toy_client(wire, journal=opened(path)) as client:
                assert await client.settle(30) == ()
            assert wire.count("place_order") == 0

        story(test())

    def test_an_order_on_another_instrument_is_not_held_up(self, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1")
            wire = Wire().on("get_order", NOT_FOUND).on("place_order", placed("v2"))
            async with toy_client(wire, journal=opened(path)) as client:
                began = now()
                await buy(client, "after1", ETH)
                assert now() - began < 0.5
                assert [item.client_order_id for item in client.pending()] == ["before1"]
            assert left_over(path) == []

        story(test())

    def test_switched_off_it_holds_nothing_up(self, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1")
            wire = Wire().on("get_order", NOT_FOUND).on("place_order", placed("v2"))
            async with toy_client(wire, journal=opened(path), orders=OrderSettings(gate=False)) as client:
                began = now()
                await buy(client, "after1")
                assert now() - began < 0.5
                assert [item.client_order_id for item in client.pending()] == ["before1"]
            assert left_over(path) == []

        story(test())

    def test_the_callers_word_opens_it_where_nothing_can_be_proved(self, tmp_path: Path) -> None:
        async def test() -> None:
            unproved = toy_with(placement={Product.SPOT: evolve(RULE, expiry=None)})
            path = await crashed(tmp_path, "before1", adapter=unproved)
            wire = Wire().on("get_order", NOT_FOUND).on("place_order", placed("v2"))
            async with toy_client(wire, unproved, journal=opened(path)) as client:
                with pytest.raises(VenueError):
                    await buy(client, "after1", deadline=60)
                waiting = asyncio.create_task(buy(client, "after2", deadline=60))
                await asyncio.sleep(1)
                client.resolve("before1", Outcome.REJECTED)
                began = now()
                await waiting
                assert now() - began < 0.5
            assert left_over(path) == []

        story(test())

    def test_a_gate_that_outlasts_the_deadline_refuses_the_order_before_it_leaves(self, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1", "before2")
            wire = Wire().on("get_order", NOT_FOUND).on("place_order", placed("v2"))
            async with toy_client(wire, journal=opened(path)) as client:
                began = now()
                with pytest.raises(VenueError) as caught:
                    await buy(client, "after1", deadline=1)
                assert (caught.value.kind, caught.value.outcome) == (Kind.ORDER_BUSY, Outcome.NOT_SENT)
                assert "2 orders of an earlier run" in caught.value.fault.message
                assert now() - began == pytest.approx(1, abs=0.1)
                assert wire.count("place_order") == 0
                await buy(client, "after1", deadline=30)
            assert wire.count("place_order") == 1

        story(test())

    def test_a_batch_waits_like_an_order(self, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1")
            rows = {"items": [placed("v2", client_order_id="after1")]}
            wire = Wire().on("get_order", FOUND).on("place_batch", rows)
            async with toy_client(wire, journal=opened(path)) as client:
                await client.place_batch([await client.order(BTC, "buy", **AFTER)])
            assert [name for name, _ in wire.sent if name in ("get_order", "place_batch")] == [
                "get_order",
                "place_batch",
            ]

        story(test())

    def test_the_same_id_waits_for_its_earlier_order_even_where_the_gate_is_off(self, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1")
            wire = Wire().on("get_order", NOT_FOUND).on("place_order", placed("v2", client_order_id="before1"))
            async with toy_client(wire, journal=opened(path), orders=OrderSettings(gate=False)) as client:
                with pytest.raises(VenueError) as caught:
                    await buy(client, "before1", deadline=1)
                assert (caught.value.kind, wire.count("place_order")) == (Kind.ORDER_BUSY, 0)
                await buy(client, "before1", ETH)
            assert wire.count("place_order") == 1
            assert left_over(path) == []

        story(test())


class TestLater:
    def test_without_a_block_the_first_order_begins_the_recovery(self, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1")
            wire = Wire().on("get_order", FOUND).on("place_order", placed("v2"))
            client = toy_client(wire, journal=opened(path))
            await buy(client, "after1")
            assert told(wire) == [("get_order", "before1"), ("place_order", "after1")]
            await client.aclose()

        story(test())

    def test_what_is_in_doubt_is_shown_with_its_terms_and_its_fence(self, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1")
            wire = Wire().on("get_order", NOT_FOUND)
            async with toy_client(wire, journal=opened(path)) as client:
                (item,) = client.pending()
                assert isinstance(item, Pending)
                assert (item.client_order_id, item.instrument, item.sends) == ("before1", "BTC/USDT", 1)
                assert str(item.order.price) == "50000"
                assert item.fence is not None
                assert 0 < item.fence.timestamp() - EPOCH_MS / 1000 < 10

        story(test())

    @pytest.mark.parametrize(
        "reply",
        [
            pytest.param(lost(), id="connections that die"),
            pytest.param(refusal(Kind.OVERLOADED), id="a venue that is overloaded"),
        ],
    )
    def test_what_cannot_be_settled_is_left_for_the_next_process(self, reply: Reply, tmp_path: Path) -> None:
        async def test() -> None:
            path = await crashed(tmp_path, "before1")
            wire = Wire().on("get_order", reply)
            async with toy_client(wire, journal=opened(path), orders=OrderSettings(settle_on_close=5)):
                pass
            wire = Wire().on("get_order", FOUND)
            async with toy_client(wire, journal=opened(path)) as client:
                assert await client.settle(5) == ()
            assert left_over(path) == []

        story(test())

    def test_an_order_that_ended_before_the_crash_is_not_asked_after(self, tmp_path: Path) -> None:
        async def test() -> None:
            wire = Wire().on("place_order", placed("v1"))
            first = toy_client(wire, journal=opened(tmp_path / "first.journal"))
            await buy(first, "before1")
            path = Path(shutil.copy(tmp_path / "first.journal", tmp_path / "orders.journal"))
            await first.aclose()
            wire = Wire().on("place_order", placed("v2"))
            async with toy_client(wire, journal=opened(path)) as client:
                await buy(client, "after1")
            assert told(wire) == [("place_order", "after1")]

        story(test())

    def test_where_nothing_proves_absence_the_doubt_and_the_gate_stay(self, tmp_path: Path) -> None:
        adapter = toy_with(placement={Product.SPOT: evolve(RULE, expiry=None)})

        async def test() -> None:
            path = await crashed(tmp_path, "before1", adapter=adapter)
            wire = Wire().on("get_order", NOT_FOUND).on("place_order", placed("v2"))
            settings = OrderSettings(settle_on_close=0)
            async with toy_client(wire, adapter, journal=opened(path), orders=settings) as client:
                with pytest.raises(VenueError) as caught:
                    await buy(client, "after1", deadline=60)
                assert caught.value.kind is Kind.ORDER_BUSY
                assert [item.fence for item in client.pending()] == [None]
            assert left_over(path) == ["before1"]

        story(test())
