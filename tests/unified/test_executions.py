"""Own orders and fills through connections that come and go, on Kraken's sandbox and by hand."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from tests.streaming import Stage, stage
from tests.toy import virtual
from unified.catching_up import CatchUp
from unified.errors import Fault, Kind, VenueError
from unified.executions import LOOK_AGAIN_SECONDS
from unified.hooks import StreamChange
from unified.operations import FetchFills, Operation
from unified.order import Fill
from unified.owed_fills import OwedFills
from unified.sandbox.stream_faults import StreamMishap


def test_own_orders_are_caught_up_after_each_connection() -> None:
    async def story() -> None:
        async with stage("kraken") as on, on.client.watch_orders() as orders:
            await asyncio.sleep(2)
            on.strike(StreamMishap.HALF_OPEN)
            placed = await on.client.place_order("BTC/USD", "buy", quantity="0.01", order_type="market")
            statuses: list[Any] = []
            async for order in orders:
                statuses.append(order.status)
                if order.client_order_id == placed.client_order_id and order.status.is_final:
                    break
            assert statuses, "told by the look-up, or by the connection that followed"

    virtual(story)


async def heard(on: Stage, into: list[Fill]) -> None:
    async with on.client.watch_fills() as fills:
        while True:
            into.append(await anext(fills))


def healed(on: Stage) -> bool:
    return on.counts[StreamChange.HEALED] > 0


def test_healed_is_told_when_nothing_is_missing_and_not_when_the_connection_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fill whose frame is lost is listed late: the connection stands long before the fill is told."""
    look = CatchUp.look

    async def slow_look(self: CatchUp) -> None:
        await asyncio.sleep(20)
        await look(self)

    async def story() -> None:
        told: list[Fill] = []
        async with stage("kraken") as on:
            listening = asyncio.create_task(heard(on, told))
            await asyncio.sleep(60)
            at: dict[StreamChange, float] = {}
            now = asyncio.get_running_loop().time
            on.client.hooks.on_stream.add(lambda event: at.update({event.change: now()}))
            monkeypatch.setattr(CatchUp, "look", slow_look)
            on.strike(StreamMishap.DISCONNECTED)
            await on.client.place_order("BTC/USD", "buy", quantity="0.01", order_type="market")
            await asyncio.sleep(120)
            assert at[StreamChange.GAP] <= at[StreamChange.CONNECTED]
            took = at[StreamChange.HEALED] - at[StreamChange.CONNECTED]
            assert took > 20 + LOOK_AGAIN_SECONDS + 20, "two looks, and what they took"
            assert len(told) == 1
            listening.cancel()

    virtual(story)


def test_healed_waits_for_the_fills_that_orders_owe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists by time show nothing here, and the fills of an order are listed only when a test lets them be."""
    listed = asyncio.Event()
    ask = OwedFills._ask

    async def late_ask(self: OwedFills, order: Any) -> VenueError | None:
        return await ask(self, order) if listed.is_set() else VenueError.of(Fault(kind=Kind.OVERLOADED))

    async def story() -> None:
        told: list[Fill] = []
        async with stage("kraken") as on:
            run = on.client._hub._scheduler.run

            async def no_fills_by_time(operation: Operation[Any], **how: Any) -> Any:
                answer = await run(operation, **how)
                if isinstance(operation, FetchFills) and operation.venue_order_id is None:
                    return type(answer)(items=())
                return answer

            monkeypatch.setattr(on.client._hub._scheduler, "run", no_fills_by_time)
            monkeypatch.setattr(OwedFills, "_ask", late_ask)
            listening = asyncio.create_task(heard(on, told))
            await asyncio.sleep(20)
            on.strike(StreamMishap.DISCONNECTED)
            await on.client.place_order("BTC/USD", "buy", quantity="0.01", order_type="market")
            await asyncio.sleep(60)
            assert (told, healed(on)) == ([], False)
            listed.set()
            await asyncio.sleep(60)
            assert (len(told), healed(on)) == (1, True)
            listening.cancel()

    virtual(story)


@pytest.mark.parametrize("refused", [True, False])
def test_fills_between_an_error_and_the_next_watch_are_told_those_after_leaving_are_not(refused: bool) -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            async with on.client.watch_fills() as fills:
                await asyncio.sleep(20)
                if refused:
                    hub = on.client._hub
                    (watch,) = hub._topics
                    hub.refused(watch, Fault(kind=Kind.BAD_CREDENTIALS))
                    with pytest.raises(VenueError):
                        await anext(fills)
            placed = await on.client.place_order("BTC/USD", "buy", quantity="0.01", order_type="market")
            await asyncio.sleep(60)
            told: list[Fill] = []
            async with on.client.watch_fills() as again:
                with suppress(TimeoutError):
                    async with asyncio.timeout(60):
                        told.append(await anext(again))
                        assert not healed(on), "the first look has told it; the second has still to come"
                        await anext(again)
            assert [fill.venue_order_id for fill in told] == ([placed.venue_order_id] if refused else [])
            assert healed(on) is refused, "what an error tore is a gap"

    virtual(story)


def test_a_look_that_an_error_ended_goes_on_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with stage("kraken") as on, on.client.watch_fills() as fills:
            await asyncio.sleep(20)
            run, asked, answered = on.client._hub._scheduler.run, list[str](), asyncio.Event()

            async def stuck_at_fills(operation: Operation[Any], **how: Any) -> Any:
                asked.append(operation.name)
                if isinstance(operation, FetchFills):
                    await answered.wait()
                return await run(operation, **how)

            hub = on.client._hub
            (watch,) = hub._topics
            monkeypatch.setattr(hub.account._executions[watch.product]._catch_up, "_run", stuck_at_fills)
            hub.unclear(watch)
            await asyncio.sleep(30)
            first = list(asked)
            assert first[-1] == FetchFills.name
            hub.refused(watch, Fault(kind=Kind.BAD_CREDENTIALS))
            with pytest.raises(VenueError):
                await anext(fills)
            answered.set()
            async with on.client.watch_fills():
                await asyncio.sleep(30)
            assert asked[len(first)] == FetchFills.name, "the question that had no answer"
            assert asked[len(first) + 1 :].count(FetchFills.name) == 1, "and the look after it, of its own"

    virtual(story)


def test_what_the_venue_never_lists_is_told_as_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with stage("kraken") as on, on.client.watch_fills():
            await asyncio.sleep(20)
            executions = next(iter(on.client._hub.account._executions.values()))
            placed = await on.client.place_order("BTC/USD", "buy", quantity="0.01", price="50000")
            executions._gave_up(placed, Decimal("0.25"))
            (gap,) = [event for event in on.events if event.change is StreamChange.GAP]
            assert gap.reason.startswith(f"0.25 of order {placed.venue_order_id} is filled")
            assert gap.watch == "watch_executions"

    virtual(story)
