"""The hub between links and consumers, on toy links and on Kraken's sandbox."""

from __future__ import annotations

import asyncio

from tests.streaming import stage
from tests.toy import BTC, virtual
from tests.toy_stream import TRADES, Ears, ToyDialer, line, link
from unified.consumers import Newest, Queue
from unified.feeds import Feed, News
from unified.topics import KEYS_REMEMBERED, Topic
from unified.watches import WatchTicker


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
            assert len(topic._keys) == KEYS_REMEMBERED
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


def test_what_belongs_to_an_account_is_whole_when_it_is_caught_up_and_what_is_public_at_once() -> None:
    async def story() -> None:
        async with stage("kraken") as on, on.client.watch_balances(), on.client.watch_trades("BTC/USD"):
            hub, new = on.client._hub, link(ToyDialer(), Ears())
            whole = {}
            for watch, topic in hub._topics.items():
                hub.accepted(new, watch)
                whole[watch.name] = topic.whole
            assert whole == {"watch_balances": False, "watch_trades": True}
            await asyncio.sleep(5)
            assert all(topic.whole for topic in hub._topics.values())

    virtual(story)
