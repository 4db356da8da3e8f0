"""The hub between links and consumers, on toy links and on Kraken's sandbox."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from tests.streaming import stage
from tests.toy import BTC, virtual
from tests.toy_stream import TRADES, Ears, ToyDialer, line, link
from unified.account import Balance
from unified.consumers import Newest, Queue
from unified.errors import Fault, Kind, VenueError
from unified.feeds import Feed, News, Own
from unified.order import Fill
from unified.sandbox.stream_faults import StreamMishap
from unified.watches import WatchBalances, WatchExecutions, WatchTicker, WatchTrades
from unified.watching import KEYS_REMEMBERED, Topic, keeps_all


def test_a_trade_that_two_connections_bring_counts_once() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            hub, queue = on.client._hub, Queue("watch_trades")
            topic = hub._topics[TRADES] = Topic(TRADES, Feed(line=line()))
            topic.queues[queue] = None
            old, new = link(ToyDialer(), Ears()), link(ToyDialer(), Ears())
            new.number = 2
            hub.accepted(old, TRADES)
            for one, key in ((old, "1"), (new, "1"), (new, "2"), (old, "2"), (old, "3")):
                hub.news(one, News(TRADES, key, lambda _watch, raw: raw, key))
            assert [(await queue.take()).raw for _ in range(3)] == ["1", "2", "3"]
            for number in range(2 * KEYS_REMEMBERED):
                hub.news(old, News(TRADES, number, lambda _watch, raw: raw, f"n{number}"))
            assert len(topic.keys) == KEYS_REMEMBERED
            del hub._topics[TRADES]

    virtual(story)


def test_of_two_connections_the_newer_one_is_believed() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            hub, watch = on.client._hub, WatchTicker(instrument=BTC)
            topic = hub._topics[watch] = Topic(watch, Feed(line=line()))
            newest = Newest[Topic](lambda known: known.latest.raw)
            topic.newest[newest] = None
            old, new = link(ToyDialer(), Ears()), link(ToyDialer(), Ears())
            new.number = 2
            for one in (old, new):
                hub.accepted(one, watch)
            hub.news(new, News(watch, "new", lambda _watch, raw: raw))
            hub.news(old, News(watch, "old", lambda _watch, raw: raw))
            assert await newest.take() == "new"
            hub.down(old, watch, "closed")
            assert topic.whole, "the end of the older one concerns nobody"
            hub.down(new, watch, "lost")
            assert not topic.whole
            del hub._topics[watch]

    virtual(story)


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


@pytest.mark.parametrize("refused", [True, False])
def test_fills_between_an_error_and_the_next_watch_are_told_those_after_leaving_are_not(refused: bool) -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            async with on.client.watch_fills() as fills:
                await asyncio.sleep(2)
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
            assert [fill.venue_order_id for fill in told] == ([placed.venue_order_id] if refused else [])

    virtual(story)


def test_what_counts_is_queued_and_what_ages_is_not() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            listing = await on.client.instruments()
            assert keeps_all(WatchTrades(instrument=BTC))
            assert keeps_all(WatchExecutions(listing=listing))
            assert not keeps_all(WatchTicker(instrument=BTC))

    virtual(story)


def test_an_answer_that_was_on_its_way_does_not_undo_what_frames_told_meanwhile() -> None:
    async def story() -> None:
        async with stage("binance") as on, on.client.watch_balances() as balances:
            async with asyncio.timeout(5):
                told = {(await anext(balances)).currency for _ in range(4)}
            assert "BTC" in told
            hub = on.client._hub
            topic = next(topic for topic in hub._topics.values() if isinstance(topic.watch, WatchBalances))
            watch = topic.watch
            assert isinstance(watch, WatchBalances)
            look = asyncio.create_task(hub._look(topic, watch))
            await asyncio.sleep(0.001)
            newer = Balance(currency="BTC", free=Decimal(7), locked=Decimal(0))
            hub.own(Own(watch, newer))
            await look
            assert topic.values["BTC"] == newer
            await hub._look(topic, watch)
            assert topic.values["BTC"] != newer, "the next answer is newer again"

    virtual(story)
