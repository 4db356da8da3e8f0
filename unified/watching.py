"""Brings streams to their consumers: finds or opens a connection for a watch, joins, fans out.

The only place that knows both sessions and consumers. Equal watches share one subscription; the last consumer that
leaves ends it. What belongs to an account is handed on to those who keep it complete (`own_streams.py`). Decides
nothing about retries (`stream.py`) and reads no frame.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from unified.adapter import Adapter, unsupported_watch
from unified.book import BookBuilder
from unified.consumers import Consumer, Newest, Queue
from unified.errors import Fault, VenueError
from unified.feeds import BookRule, Feed, Line, News, Own, streams_of
from unified.hooks import Hooks, StreamChange, StreamEvent
from unified.instrument import Product
from unified.link import Link
from unified.merging import Story
from unified.order import Order
from unified.own_streams import OwnStreams
from unified.ports import Dialer
from unified.reconciling import OwnMeans
from unified.scheduler import Scheduler
from unified.services import Access
from unified.stream import Session, first_with_room
from unified.topics import Topic
from unified.watches import Watch, WatchBook


class Hub:
    """All streams of one client."""

    def __init__(
        self,
        adapter: Adapter,
        scheduler: Scheduler,
        access: Access,
        dialer: Dialer,
        hooks: Hooks,
        story: Story,
        witness: Callable[[Order], None],
    ) -> None:
        """`witness` is told each order that has changed, before anybody who watches."""
        self.story = story
        """Own orders and fills, as streams and look-ups tell them."""
        self._adapter, self._scheduler, self._access = adapter, scheduler, access
        self._dialer, self._hooks = dialer, hooks
        self._streams = streams_of(adapter)
        self._topics: dict[Watch[Any], Topic] = {}
        self._sessions: list[Session] = []
        self._work: set[asyncio.Task[None]] = set()
        means = OwnMeans(run=scheduler.run, start=self._start, refused=self.refused, whole=self._whole)
        self.account = OwnStreams(story, witness, means, self._missing, self._now_ms)

    # --- consumers come and go

    def fit(self, watch: Watch[Any]) -> Watch[Any]:
        """The watch as the venue offers it. Raises `not_supported` (not_sent) where it does not."""
        return self._feed(watch).fit(watch)

    def offers(self, watch: type[Watch[Any]], product: Product) -> bool:
        """Whether the venue streams it."""
        return (watch, product) in self._streams

    def _feed(self, watch: Watch[Any]) -> Feed:
        feed = self._streams.get((type(watch), watch.product))
        if feed is None:
            raise unsupported_watch(self._adapter.venue, watch.name, str(watch.product))
        return feed

    def join(self, watch: Watch[Any], consumer: Consumer) -> None:
        """Bring what this fitted watch brings to the consumer."""
        topic = self._topics.get(watch)
        if topic is None:
            topic = self._topics[watch] = Topic(watch, self._feed(watch))
            if watch.private:
                self.account.begin(topic)
            self._place(topic)
        topic.add(consumer)
        if isinstance(consumer, Newest):
            consumer.offer(topic)
        elif isinstance(consumer, Queue) and watch.private:
            for value in self.account.known(watch):
                consumer.offer(value)

    def leave(self, watch: Watch[Any], consumer: Consumer) -> None:
        """Bring it no more; the last consumer ends the subscription."""
        topic = self._topics.get(watch)
        if topic is None:
            return
        topic.drop(consumer)
        if not topic.watched:
            self.account.leave(watch)
            self._end(topic)

    def _place(self, topic: Topic) -> None:
        line = topic.feed.line
        session = first_with_room((one for one in self._sessions if one.line is line), topic.watch)
        if session is None:
            session = self._opened(line)
            self._sessions.append(session)
        topic.session = session
        session.add(topic.watch)

    def _opened(self, line: Line) -> Session:
        host = self._adapter.environment.streams[line.name]
        means = self._access.means(self._dialer, self._scheduler.run)

        def show(change: StreamChange, reason: str, error: VenueError | None) -> None:
            self._show(change, line=line.name, reason=reason, fault=None if error is None else error.fault)

        return Session(line, host.base, host.door, means, self, self._access.shared.budget, show)

    def _end(self, topic: Topic) -> None:
        self._topics.pop(topic.watch, None)
        topic.source = None
        self.account.end(topic.watch)
        session = topic.session
        if session is None:
            return
        session.remove(topic.watch)
        if not session.watches and session in self._sessions:
            self._sessions.remove(session)
            self._start(session.aclose())

    async def aclose(self) -> None:
        """End every stream. Consumers that still wait stop."""
        for topic in tuple(self._topics.values()):
            for consumer in topic.consumers:
                consumer.close()
            self._end(topic)
        await asyncio.gather(*self._work, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    # --- what links tell

    def rule_of(self, watch: WatchBook) -> BookRule:
        """How the venue's books are built."""
        rule = self._feed(watch).book
        assert rule is not None, "a feed of books has a rule"
        return rule

    def accepted(self, link: Link, watch: Watch[Any]) -> None:
        """The venue streams it now; what belongs to an account is whole when it is caught up."""
        topic = self._topics.get(watch)
        if topic is None or isinstance(watch, WatchBook):
            return
        if not topic.outranks(link):
            topic.source = link
        if watch.private:
            self.account.catch_up(watch)
        else:
            self._whole(topic)

    def refused(self, watch: Watch[Any], fault: Fault) -> None:
        """It will not be streamed: consumers are told, and the watch ends."""
        topic = self._topics.get(watch)
        if topic is None:
            return
        error = VenueError.of(fault, venue=self._adapter.venue, operation=watch.name)
        self._show(StreamChange.REFUSED, watch=watch, reason=fault.message, fault=fault)
        for consumer in topic.consumers:
            consumer.fail(error)
        self._end(topic)

    def news(self, link: Link, news: News) -> None:
        """Something public. Of two connections the newer is believed; of trades each counts once, whoever brings it."""
        topic = self._topics.get(news.watch)
        if topic is None:
            return
        if news.key:
            if not topic.is_new(news.key):
                return
        elif topic.outranks(link):
            return
        topic.latest = news
        topic.queue(news)
        topic.touch()

    def book(self, link: Link, builder: BookBuilder) -> None:
        """A consistent book changed."""
        topic = self._topics.get(builder.watch)
        if topic is None or (topic.source is not link and topic.outranks(link)):
            return
        topic.source, topic.builder = link, builder
        if not topic.whole:
            self._whole(topic)
        topic.touch()

    def down(self, link: Link, watch: Watch[Any], reason: str) -> None:
        """What this link brought is no longer complete."""
        topic = self._topics.get(watch)
        if topic is None or (topic.source is not None and topic.source is not link):
            return
        self.account.down(watch)
        topic.source = topic.builder = None
        if topic.whole:
            topic.whole = False
            topic.gaps += 1
            self._show(StreamChange.GAP, watch=watch, reason=reason)

    def own(self, own: Own) -> None:
        """Something about the account."""
        self.account.told(own)

    def unclear(self, watch: Watch[Any]) -> None:
        """Something about the account changed that has to be asked for."""
        self.account.catch_up(watch)

    def _whole(self, topic: Topic) -> None:
        """Nothing is missing any more."""
        if not topic.whole:
            topic.whole = True
            if topic.gaps:
                self._show(StreamChange.HEALED, watch=topic.watch)

    def _now_ms(self, topic: Topic) -> int:
        """The venue's time, where the topic comes from."""
        return self._access.stamping.now_ms(self._adapter.environment.streams[topic.feed.line.name].door)

    # --- showing

    def _show(
        self,
        change: StreamChange,
        *,
        line: str = "",
        watch: Watch[Any] | None = None,
        reason: str = "",
        fault: Fault | None = None,
    ) -> None:
        if self._hooks.on_stream:
            self._hooks.on_stream.emit(
                StreamEvent(
                    venue=self._adapter.venue,
                    change=change,
                    line=line,
                    watch="" if watch is None else watch.name,
                    about="" if watch is None else watch.about,
                    reason=reason,
                    fault=fault,
                )
            )

    def _missing(self, watch: Watch[Any], what: str) -> None:
        self._show(StreamChange.GAP, watch=watch, reason=what)

    def overflowed(self, watch: Watch[Any], bound: int) -> None:
        """A consumer's queue is full."""
        self._show(StreamChange.OVERFLOW, watch=watch, reason=f"{bound} values wait")
