"""What a topic knows of its consumers and of whom it believes."""

from __future__ import annotations

from tests.toy import BTC, virtual
from tests.toy_stream import TICKER, TRADES, Ears, ToyDialer, line, link
from unified.consumers import Newest, Queue
from unified.feeds import Feed
from unified.instrument import Instruments
from unified.topics import KEYS_REMEMBERED, Topic, keeps_all
from unified.watches import WatchExecutions


def test_each_consumer_is_brought_its_kind_and_whoever_has_left_nothing() -> None:
    async def story() -> None:
        topic = Topic(TICKER, Feed(line=line()))
        queue, newest = Queue("watch_ticker"), Newest[Topic](lambda known: known.latest)
        assert not topic.watched
        for consumer in (queue, newest):
            topic.add(consumer)
        assert topic.watched
        assert set(topic.consumers) == {queue, newest}
        topic.latest = "state"
        topic.queue("value")
        topic.touch()
        assert (await queue.take(), await newest.take()) == ("value", "state")
        for consumer in (queue, newest):
            topic.drop(consumer)
        assert not topic.watched

    virtual(story)


def test_a_key_is_new_once_and_not_remembered_for_ever() -> None:
    async def story() -> None:
        topic = Topic(TRADES, Feed(line=line()))
        assert [topic.is_new(key) for key in ("a", "a", "b")] == [True, False, True]
        for number in range(KEYS_REMEMBERED):
            topic.is_new(f"n{number}")
        assert topic.is_new("a"), "forgotten, the oldest first"
        assert not topic.is_new(f"n{KEYS_REMEMBERED - 1}")

    virtual(story)


def test_a_newer_connection_outranks_an_older_one() -> None:
    async def story() -> None:
        topic = Topic(TICKER, Feed(line=line()))
        old, new = link(ToyDialer(), Ears()), link(ToyDialer(), Ears())
        new.number = old.number + 1
        assert not topic.outranks(old), "nobody is believed yet"
        topic.source = new
        assert topic.outranks(old)
        assert not topic.outranks(new)

    virtual(story)


def test_what_counts_is_queued_and_what_ages_is_not() -> None:
    assert keeps_all(TRADES)
    assert keeps_all(WatchExecutions(listing=Instruments([BTC])))
    assert not keeps_all(TICKER)
