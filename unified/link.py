"""One stream connection: subscribes, tells what comes to an `Audience`, resyncs books. (`connection.py`: its life.)

Never connects a second time (`stream.py` does) and knows no consumer. Speaks no venue's language, the line's dialect
does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any, Protocol

from attrs import evolve

from unified.book import BookBuilder
from unified.connection import ANSWER_SECONDS, Connection, Means
from unified.errors import Fault, Kind, VenueError
from unified.feeds import (
    APPLY,
    GAP,
    Accepted,
    BookRule,
    Delta,
    Gap,
    Line,
    News,
    Own,
    Refused,
    Snapshot,
    StreamDialect,
    Unclear,
)
from unified.sockets import lost
from unified.watches import Watch, WatchBook

QUIET_AGAIN = 30.0
"""Seconds without a gap after which the next one counts as the first."""
FALLBACK_SECONDS = 1.0
"""How long a stream that begins its books itself is given to do so after its first delta."""
LONGEST_PAUSE = 10.0
"""Between two attempts to get one book whole."""
_PERHAPS_THE_CLOCK = frozenset({Kind.TIMESTAMP_OUT_OF_WINDOW, Kind.UNAUTHORIZED, Kind.BAD_CREDENTIALS})
"""What venues call a stamp by a clock that they have set meanwhile; Coinbase says "authentication failure"."""


class Audience(Protocol):
    """Who is told what a link learns. Called in the loop, between two frames: must not wait."""

    def rule_of(self, watch: WatchBook) -> BookRule: ...

    def accepted(self, link: Link, watch: Watch[Any]) -> None: ...

    def refused(self, watch: Watch[Any], fault: Fault) -> None: ...

    def news(self, link: Link, news: News) -> None: ...

    def own(self, own: Own) -> None: ...

    def unclear(self, watch: Watch[Any]) -> None: ...

    def book(self, link: Link, builder: BookBuilder) -> None:
        """The book is consistent, and changed."""
        ...

    def down(self, link: Link, watch: Watch[Any], reason: str) -> None:
        """What this link brought of the watch is no longer complete."""
        ...


class Link(Connection):
    """One connection."""

    def __init__(
        self,
        number: int,
        line: Line,
        base: str,
        door: str,
        means: Means,
        audience: Audience,
        doubted: set[Watch[Any]] | None = None,
    ) -> None:
        """`doubted`: watches that were refused for what may be the clock, and are asked for once more; shared with
        later connections, since a venue may end the one on which it refused."""
        self.number = number
        """Grows: of two links the one with the higher number is newer."""
        self.line = line
        self.asked: dict[Watch[Any], float] = {}
        """Watches that were subscribed, with the loop time until which an answer is due."""
        self.due: dict[Watch[Any], float] = {}
        """Those that are not complete yet: not accepted, or a book without a snapshot."""
        self.books: dict[Watch[Any], BookBuilder] = {}
        self._stream: StreamDialect = line.dialect()
        self._audience = audience
        self._wanted: set[Watch[Any]] = set()
        self._again: dict[Watch[Any], None] = {}
        """To be unsubscribed before anything else: given up, or to be subscribed anew."""
        self._kick = asyncio.Event()
        self._failures: dict[Watch[Any], tuple[int, float]] = {}
        """Book -> gaps in a row, time of the last."""
        self._doubted: set[Watch[Any]] = set() if doubted is None else doubted
        super().__init__(line, self._stream, base, door, means)

    def _own_handlers(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            Snapshot: self._on_snapshot,
            Delta: self._on_delta,
            News: self._on_news,
            Own: self._on_own,
            Unclear: self._on_unclear,
            Gap: self._on_gap,
            Accepted: self._on_accepted,
            Refused: self._on_refused,
        }

    def _key(self) -> str:
        return str(self.number)

    def _begin(self) -> None:
        self._start(self._write)

    def _ended(self, why: VenueError) -> None:
        for watch in tuple(self.asked):
            self._audience.down(self, watch, why.message or str(why.kind))

    def _deadline(self) -> float:
        return min(self.due.values(), default=inf)

    def _overdue(self, now: float) -> None:
        for watch in [watch for watch, due in self.due.items() if now >= due]:
            builder = self.books.get(watch)
            if builder is None or watch in self._failures:
                raise lost(None, f"{watch.name} of {watch.about} was not answered")
            self._lost_book(builder, "no snapshot came")

    # --- wishes

    def want(self, watches: Iterable[Watch[Any]]) -> None:
        """Subscribe these, as soon as limits allow."""
        self._wanted.update(watches)
        self._kick.set()

    def drop(self, watch: Watch[Any]) -> None:
        """End this subscription."""
        self._wanted.discard(watch)
        self._forget(watch)
        self._kick.set()

    async def settled(self, seconds: float) -> None:
        """Wait until everything that is wanted is complete or refused, `seconds` at most."""
        until = self._loop.time() + seconds
        while not self.over.done() and self._loop.time() < until:
            if not self.due and self._wanted <= self.asked.keys():
                return
            await asyncio.sleep(0.05)

    def _forget(self, watch: Watch[Any]) -> None:
        if self.asked.pop(watch, None) is not None:
            self._again[watch] = None
        self.due.pop(watch, None)
        self.books.pop(watch, None)

    # --- sending

    async def _write(self) -> None:
        while True:
            await self._kick.wait()
            self._kick.clear()
            while self._again:
                gone = tuple(self._again)[: self.line.batch]
                for watch in gone:
                    del self._again[watch]
                await self._send(self._stream.unsubscribe(gone, await self._ticket()))
            while missing := self._missing():
                await self._subscribe(missing)

    def _missing(self) -> list[Watch[Any]]:
        """What to subscribe next. What has still to be unsubscribed comes after that."""
        found = [watch for watch in self._wanted if watch not in self.asked and watch not in self._again]
        return found[: self.line.batch]

    async def _subscribe(self, watches: list[Watch[Any]]) -> None:
        ticket = await self._ticket()
        due = self._loop.time() + ANSWER_SECONDS
        for watch in watches:
            self.asked[watch] = self.due[watch] = due
            if isinstance(watch, WatchBook):
                self.books[watch] = BookBuilder(watch, self._audience.rule_of(watch))
        frames = self._stream.subscribe(watches, ticket)
        for frame in frames:
            self._spoken.hear(frame)
        await self._send(frames)
        if self.line.implied:
            for watch in watches:
                self._on_accepted(Accepted(watch))

    # --- reading

    def _on_news(self, event: News) -> None:
        if event.watch in self.asked:
            self._audience.news(self, event)

    def _on_own(self, event: Own) -> None:
        refusal = getattr(event.value, "refusal", None)
        if refusal is not None:
            event = event._replace(value=evolve(event.value, refusal=self._spoken.masked(refusal)))
        self._audience.own(event)

    def _on_unclear(self, event: Unclear) -> None:
        if event.watch in self.asked:
            self._audience.unclear(event.watch)

    def _on_delta(self, event: Delta) -> None:
        builder = self.books.get(event.watch)
        if builder is None:
            return
        was = builder.available
        step = builder.delta(event, self.heard)
        if step is APPLY:
            self._audience.book(self, builder)
        elif step is GAP and was:
            self._lost_book(builder, builder.problem)
        elif not was and builder.rule.fallback is not None and not builder.fell_back:
            builder.fell_back = True
            self._start(self._fetch_book, builder, FALLBACK_SECONDS)

    def _on_snapshot(self, event: Snapshot) -> None:
        builder = self.books.get(event.watch)
        if builder is not None:
            self._begin_book(builder, event)

    def _begin_book(self, builder: BookBuilder, snapshot: Snapshot) -> None:
        if builder.snapshot(snapshot, self._loop.time()) is GAP:
            self._lost_book(builder, builder.problem)
            return
        self.due.pop(builder.watch, None)
        self._audience.book(self, builder)

    def _on_accepted(self, event: Accepted) -> None:
        watch = event.watch
        if watch not in self.asked:
            return
        self._doubted.discard(watch)
        builder = self.books.get(watch)
        if builder is None:
            self.due.pop(watch, None)
        elif builder.rule.base is not None and not builder.available:
            self.due[watch] = inf  # a look-up may wait for the limits, and has deadlines of its own
            self._start(self._fetch_book, builder, 0.0)
        self._audience.accepted(self, watch)

    def _on_refused(self, event: Refused) -> None:
        watch, fault = event.watch, self._spoken.masked(event.fault)
        if watch is None:
            if fault.kind is not Kind.NO_CHANGE:
                raise VenueError.of(fault)
            return
        if watch not in self.asked:
            return
        if fault.kind is Kind.NO_CHANGE:  # it was subscribed already
            self._on_accepted(Accepted(watch))
        elif self._may_be_the_clock(watch, fault) or fault.transient:
            if fault.kind is Kind.SESSION_EXPIRED:
                self._access_at = float("-inf")
            self._start(self._ask_again, watch, fault.retry_after or 1.0)
        else:
            self._wanted.discard(watch)
            self._forget(watch)
            self._again.pop(watch, None)
            self._doubted.discard(watch)
            self._audience.refused(watch, fault)

    def _may_be_the_clock(self, watch: Watch[Any], fault: Fault) -> bool:
        """Whether to ask once more, by a clock that is measured anew: the venue may have set its own."""
        if fault.kind not in _PERHAPS_THE_CLOCK or watch in self._doubted:
            return False
        self._doubted.add(watch)
        self._means.doubt(self._door, self._stamped_at)
        return True

    async def _ask_again(self, watch: Watch[Any], seconds: float) -> None:
        self.due[watch] = self._loop.time() + seconds + ANSWER_SECONDS
        await asyncio.sleep(seconds)
        if watch in self.asked:
            del self.asked[watch]
            self._kick.set()

    def _on_gap(self, event: Gap) -> None:
        if event.watches is None:
            raise VenueError.of(Fault(kind=Kind.SEQUENCE_GAP, message=event.reason))
        for watch in event.watches:
            builder = self.books.get(watch)
            if builder is not None:
                builder.lose(event.reason)
                self._lost_book(builder, event.reason)
            elif watch in self.asked:
                self._audience.down(self, watch, event.reason)
                self._forget(watch)
                self._kick.set()

    # --- healing a book

    def _lost_book(self, builder: BookBuilder, reason: str) -> None:
        """Get the book whole again: at once the first time, then with growing pauses."""
        watch, now = builder.watch, self._loop.time()
        self._audience.down(self, watch, reason)
        count, last = self._failures.get(watch, (0, now))
        count = 1 if now - last > QUIET_AGAIN else count + 1
        self._failures[watch] = count, now
        pause = 0.0 if count == 1 else min(LONGEST_PAUSE, 0.05 * 2.0**count) * (0.5 + self._means.chance.random() / 2)
        if builder.rule.base is None:
            self.due[watch] = now + pause + ANSWER_SECONDS
            self._start(self._subscribe_again, builder, pause)
        else:
            self.due[watch] = inf
            self._start(self._fetch_book, builder, pause)

    async def _subscribe_again(self, builder: BookBuilder, pause: float) -> None:
        await asyncio.sleep(pause)
        if self.books.get(builder.watch) is builder and not builder.available:
            self._forget(builder.watch)
            self._kick.set()

    async def _fetch_book(self, builder: BookBuilder, pause: float) -> None:
        await asyncio.sleep(pause)
        base = builder.rule.base or builder.rule.fallback
        if base is None or self.books.get(builder.watch) is not builder or builder.available:
            return
        asked = base(builder.watch)
        try:
            book = await self._means.run(asked)
        except VenueError as error:
            self._lost_book(builder, f"no snapshot: {error.message or error.kind}")
            return
        if self.books.get(builder.watch) is builder and not builder.available:
            reach = None if builder.rule.base is None else asked.depth
            self._begin_book(builder, Snapshot(builder.watch, book.raw_bids, book.raw_asks, book.sequence, reach=reach))
