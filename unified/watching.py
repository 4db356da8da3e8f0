"""Brings streams to their consumers: finds or opens a connection for a watch, joins, fans out, catches up.

The only place that knows both sessions and consumers. Equal watches share one subscription; the last consumer that
leaves ends it. Decides nothing about retries (`stream.py`) and reads no frame.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

from attrs import evolve

from unified.account import Balance, Position
from unified.adapter import Adapter, unsupported_watch
from unified.book import BookBuilder
from unified.catching_up import CatchUp
from unified.consumers import Consumer, Newest, Queue
from unified.errors import Fault, VenueError
from unified.feeds import BookRule, Feed, Line, News, Own, streams_of
from unified.hooks import Hooks, StreamChange, StreamEvent
from unified.instrument import Instrument, Product
from unified.link import Link
from unified.merging import Story
from unified.operations import FetchBalances, FetchPositions, PlaceOrder
from unified.order import Fill, Order
from unified.owed_fills import OwedFills
from unified.ports import Dialer
from unified.retry import TRANSIENT_BASE
from unified.scheduler import Scheduler
from unified.services import Access
from unified.stream import Session, first_with_room
from unified.watches import AccountWatch, Watch, WatchBalances, WatchBook, WatchExecutions, WatchPositions, WatchTrades

KEYS_REMEMBERED = 4_096
"""Trades of one topic whose ids are remembered: two connections bring the same ones during a handover."""


class Topic:
    """One watch that somebody watches."""

    def __init__(self, watch: Watch[Any], feed: Feed) -> None:
        self.watch, self.feed = watch, feed
        self.begun_at = asyncio.get_running_loop().time()
        self.session: Session | None = None
        self.newest: dict[Newest[Topic], None] = {}
        self.queues: dict[Queue, None] = {}
        self.source: Link | None = None
        """The connection that is believed."""
        self.builder: BookBuilder | None = None
        self.latest: Any = None
        """The last News, or the last value of an account."""
        self.gaps = 0
        self.whole = False
        self.keys: OrderedDict[str, None] = OrderedDict()
        self.values: dict[Any, Any] = {}
        """Of balances and positions: what was told last, by currency or instrument."""
        self.catching: asyncio.Task[None] | None = None
        self.catch_up: CatchUp | None = None
        self.owed: OwedFills | None = None
        """Of orders and fills."""
        self.proved_at: float | None = None
        """Loop seconds of the last own event: whatever came before it has come."""
        self.fresh: set[Any] = set()
        """What frames have told since the venue was asked last: its answer may be older than they are."""
        self.again = False
        """Something changed while it was being asked for."""

    @property
    def watched(self) -> bool:
        return bool(self.newest or self.queues)


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
        self._witness = witness
        self._adapter, self._scheduler, self._access = adapter, scheduler, access
        self._dialer, self._hooks = dialer, hooks
        self._streams = streams_of(adapter)
        self._topics: dict[Watch[Any], Topic] = {}
        self._executions: dict[Product, Topic] = {}
        """Own orders and fills: the topic that is watched, or the last one where an error has ended it."""
        self._traded: dict[tuple[Product, str], Instrument] = {}
        self._sessions: list[Session] = []
        self._work: set[asyncio.Task[None]] = set()

    # --- consumers come and go

    def fit(self, watch: Watch[Any]) -> Watch[Any]:
        """The watch as the venue offers it. Raises `not_supported` (not_sent) where it does not."""
        return self._feed(watch).fit(watch)

    def offers(self, watch: type[Watch[Any]], product: Product) -> bool:
        """Whether the venue streams it."""
        return (watch, product) in self._streams

    def placing(self, order: PlaceOrder) -> None:
        """An order is about to be placed: its fills have to be looked for, whatever the streams tell."""
        instrument = order.instrument
        self._traded[instrument.product, instrument.symbol] = instrument
        topic = self._executions.get(instrument.product)
        if topic is None or topic.owed is None:
            return
        topic.owed.placing(order.client_order_id)
        if topic.catch_up is not None:
            topic.catch_up.note_time()

    def shown(self, order: Order) -> None:
        """An answer shows an own order as it is: as good as a frame, and all that tells where the frame is lost.

        Stops have numbers of their own until they trigger: streams and catching up tell of them.
        """
        topic = self._executions.get(order.instrument.product)
        is_stop = order.order_type is not None and order.order_type.is_stop
        if topic is not None and order.venue_order_id and not is_stop:
            self._tell_own(topic, order)

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
            if isinstance(watch, WatchExecutions):
                self._take_over(topic, watch)
            self._place(topic)
        if isinstance(consumer, Queue):
            topic.queues[consumer] = None
            for value in self._known(topic):
                consumer.offer(value)
        elif isinstance(consumer, Newest):
            topic.newest[consumer] = None
            consumer.offer(topic)

    def _take_over(self, topic: Topic, watch: WatchExecutions) -> None:
        """Go on where an error ended the watch, so that nothing is lost in between; else begin now."""
        former = self._executions.get(watch.product)
        if former is None:
            topic.owed = self._owed_of(watch)
        else:
            topic.owed, topic.catch_up, topic.begun_at = former.owed, former.catch_up, former.begun_at
        self._executions[watch.product] = topic

    def _known(self, topic: Topic) -> tuple[Any, ...]:
        """What a consumer that comes later would otherwise never hear of: only changes are told again."""
        if isinstance(topic.watch, WatchExecutions):
            return tuple(order for order in self.story.open_orders if order.instrument.product is topic.watch.product)
        return tuple(topic.values.values())

    def leave(self, watch: Watch[Any], consumer: Consumer) -> None:
        """Bring it no more; the last consumer ends the subscription."""
        topic = self._topics.get(watch)
        if topic is None:
            return
        if isinstance(consumer, Queue):
            topic.queues.pop(consumer, None)
        elif isinstance(consumer, Newest):
            topic.newest.pop(consumer, None)
        if not topic.watched:
            if topic.owed is not None:
                del self._executions[watch.product]
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

        return Session(line, host.base, host.door, means, self, self._access.budget, show)

    def _end(self, topic: Topic) -> None:
        self._topics.pop(topic.watch, None)
        if topic.catching is not None:
            topic.catching.cancel()
        if topic.owed is not None:
            topic.owed.stop()
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
            for consumer in (*topic.queues, *topic.newest):
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
        """The venue streams it now; what belongs to an account is caught up."""
        topic = self._topics.get(watch)
        if topic is None or isinstance(watch, WatchBook):
            return
        if topic.source is None or link.number > topic.source.number:
            topic.source = link
        if watch.private:
            self._catch_up(topic)
        self._whole(topic)

    def refused(self, watch: Watch[Any], fault: Fault) -> None:
        """It will not be streamed: consumers are told, and the watch ends."""
        topic = self._topics.get(watch)
        if topic is None:
            return
        error = VenueError.of(fault, venue=self._adapter.venue, operation=watch.name)
        self._show(StreamChange.REFUSED, watch=watch, reason=fault.message, fault=fault)
        for consumer in (*topic.queues, *topic.newest):
            consumer.fail(error)
        self._end(topic)

    def news(self, link: Link, news: News) -> None:
        """Something public. Of two connections the newer is believed; of trades each counts once, whoever brings it."""
        topic = self._topics.get(news.watch)
        if topic is None:
            return
        if news.key:
            if news.key in topic.keys:
                return
            topic.keys[news.key] = None
            if len(topic.keys) > KEYS_REMEMBERED:
                topic.keys.popitem(last=False)
        elif topic.source is not None and link.number < topic.source.number:
            return
        topic.latest = news
        for queue in topic.queues:
            queue.offer(news)
        for newest in topic.newest:
            newest.offer(topic)

    def book(self, link: Link, builder: BookBuilder) -> None:
        """A consistent book changed."""
        topic = self._topics.get(builder.watch)
        if topic is None:
            return
        if topic.source is not link:
            if topic.source is not None and link.number < topic.source.number:
                return
            topic.source = link
        topic.builder = builder
        if not topic.whole:
            self._whole(topic)
        for newest in topic.newest:
            newest.offer(topic)

    def down(self, link: Link, watch: Watch[Any], reason: str) -> None:
        """What this link brought is no longer complete."""
        topic = self._topics.get(watch)
        if topic is None or (topic.source is not None and topic.source is not link):
            return
        asking = topic.catching is not None and not topic.catching.done()
        if topic.catch_up is not None and topic.proved_at is not None and not asking:
            # Not while something is asked for that frames have only told of. And not when the line was last heard:
            # heartbeats prove nothing about what came before them.
            topic.catch_up.complete_until(asyncio.get_running_loop().time() - topic.proved_at)
        topic.source = topic.builder = None
        if topic.whole:
            topic.whole = False
            topic.gaps += 1
            self._show(StreamChange.GAP, watch=watch, reason=reason)

    def own(self, own: Own) -> None:
        """Something about the account."""
        topic = self._topics.get(own.watch)
        if topic is not None:
            topic.proved_at = asyncio.get_running_loop().time()
            if topic.catch_up is not None:
                topic.catch_up.note_time()
            topic.fresh.add(_key_of(own.value))
            self._tell_own(topic, own.value)

    def unclear(self, watch: Watch[Any]) -> None:
        """Something about the account changed that has to be asked for."""
        topic = self._topics.get(watch)
        if topic is not None:
            self._catch_up(topic)

    def _whole(self, topic: Topic) -> None:
        if not topic.whole:
            topic.whole = True
            if topic.gaps:
                self._show(StreamChange.HEALED, watch=topic.watch)

    # --- the account

    def _tell_own(self, topic: Topic, value: Any) -> None:
        new: Any = value
        if isinstance(value, Order):
            new = self.story.take_order(value)
            if new is not None:
                self._witness(new)
            if topic.owed is not None:
                topic.owed.note(value)
        elif isinstance(value, Fill):
            new = value if self.story.take_fill(value) else None
        else:
            key = _key_of(value)
            new = None if topic.values.get(key) == value else value
            topic.values[key] = value
        if new is not None:
            for queue in topic.queues:
                queue.offer(new)

    def _catch_up(self, topic: Topic) -> None:
        """Ask for what may have been missed; what changes meanwhile is asked for again."""
        if topic.catching is not None and not topic.catching.done():
            topic.again = True
            return
        topic.catching = self._start(self._caught_up(topic))

    async def _caught_up(self, topic: Topic) -> None:
        pause = TRANSIENT_BASE
        look = self._look_of(topic)
        while True:
            topic.again = False
            try:
                await look()
            except VenueError as error:
                if not error.transient:
                    self.refused(topic.watch, error.fault)
                    return
                await asyncio.sleep(error.retry_after or pause)
                pause = min(10.0, pause * 2)
                continue
            if not topic.again:
                return

    def _look_of(self, topic: Topic) -> Callable[[], Coroutine[Any, Any, None]]:
        watch = topic.watch
        assert isinstance(watch, AccountWatch)
        if isinstance(watch, WatchExecutions):
            if topic.catch_up is None:
                assert topic.owed is not None, "made with the topic"
                topic.catch_up = CatchUp(
                    self._scheduler.run,
                    watch.product,
                    watch.listing,
                    self.story,
                    topic.owed,
                    lambda value: self._tell_of(watch.product, value),
                    lambda: self._access.now_ms(self._adapter.environment.streams[topic.feed.line.name].door),
                    lambda: tuple(self._traded.values()),
                )
                # From when it was watched on, however long the first connection took to come about.
                topic.catch_up.complete_until(asyncio.get_running_loop().time() - topic.begun_at)
            return topic.catch_up.run
        return lambda: self._look(topic, watch)

    def _owed_of(self, watch: WatchExecutions) -> OwedFills:
        def give_up(order: Order, owed: Decimal) -> None:
            reason = f"{owed} of order {order.venue_order_id} is filled, and the venue lists no fill of it"
            self._show(StreamChange.GAP, watch=watch, reason=reason)

        run, tell = self._scheduler.run, lambda fill: self._tell_of(watch.product, fill)
        return OwedFills(run, watch.product, watch.listing, self.story, tell, give_up)

    def _tell_of(self, product: Product, value: Order | Fill) -> None:
        """What was asked for goes to whoever watches now."""
        topic = self._executions.get(product)
        if topic is not None:
            self._tell_own(topic, value)

    async def _look(self, topic: Topic, watch: AccountWatch[Any]) -> None:
        """Balances or positions as they are now; what is no longer listed is told as nothing."""
        now: dict[Any, Any]
        gone: dict[Any, Any]
        topic.fresh.clear()
        if isinstance(watch, WatchBalances):
            now = {_key_of(item): item for item in await self._scheduler.run(FetchBalances(product=watch.product))}
            gone = {key: evolve(old, free=0 * old.free, locked=0 * old.locked) for key, old in topic.values.items()}
        else:
            assert isinstance(watch, WatchPositions)
            listed = await self._scheduler.run(FetchPositions(product=watch.product, listing=watch.listing))
            now = {_key_of(item): item for item in listed}
            gone = {key: evolve(old, quantity=0 * old.quantity) for key, old in topic.values.items()}
        for key, value in ({**gone, **now}).items():
            if key not in topic.fresh:
                self._tell_own(topic, value)

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

    def overflowed(self, watch: Watch[Any], bound: int) -> None:
        """A consumer's queue is full."""
        self._show(StreamChange.OVERFLOW, watch=watch, reason=f"{bound} values wait")


def _key_of(value: Any) -> Any:
    """What an own event is about: a currency, a position, else the order or fill itself."""
    if isinstance(value, Balance):
        return value.currency
    if isinstance(value, Position):
        return value.instrument.symbol, value.position_side
    return None


def keeps_all(watch: Watch[Any]) -> bool:
    """Whether every value counts (trades, own events), or the newest state is enough."""
    return watch.private or isinstance(watch, WatchTrades)
