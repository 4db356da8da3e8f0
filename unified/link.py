"""One stream connection from its opening to its end: logs in, subscribes, pings, notices silence, resyncs books.

Never connects a second time (`stream.py` does) and knows no consumer: what it learns it tells an `Audience`. A link
that ends, for whatever reason, ends whole: `over` holds why. Speaks no venue's language, the line's dialect does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from math import inf
from typing import Any, Protocol

from attrs import evolve, frozen

from unified.adapter import Charge, Stamp
from unified.book import BookBuilder
from unified.errors import Fault, Kind, VenueError
from unified.feeds import (
    Accepted,
    BookRule,
    Delta,
    Ending,
    Gap,
    Line,
    LoggedIn,
    LoginRefused,
    News,
    Own,
    Refused,
    Reply,
    Snapshot,
    Step,
    StreamDialect,
    Ticket,
    Unclear,
    Upkeep,
)
from unified.operations import Operation
from unified.ports import Chance, Dialer, Socket
from unified.sockets import lost
from unified.watches import Watch, WatchBook
from unified.wire import malformed

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 10.0
"""How long a login, a subscription or a first snapshot may take before the connection is given up."""
QUIET_AGAIN = 30.0
"""Seconds without a gap after which the next one counts as the first."""
FALLBACK_SECONDS = 1.0
"""How long a stream that begins its books itself is given to do so after its first delta."""
UPKEEP_AGAIN = 30.0
"""Seconds until a renewal that failed is tried again."""
LONGEST_PAUSE = 10.0
"""Between two attempts to get one book whole."""


_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


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


@frozen(kw_only=True)
class Means:
    """What links need of the world."""

    dialer: Dialer
    run: Callable[[Operation[Any]], Coroutine[Any, Any, Any]]
    """Performs an operation: limits, clock and retries included."""
    spend: Callable[[tuple[Charge, ...], str], Coroutine[Any, Any, None]]
    stamp: Callable[[str], Coroutine[Any, Any, Stamp]]
    chance: Chance


class Link:
    """One connection."""

    def __init__(self, number: int, line: Line, base: str, door: str, means: Means, audience: Audience) -> None:
        self.number = number
        """Grows: of two links the one with the higher number is newer."""
        self.line = line
        self.opened_at = 0.0
        self.heard = 0.0
        """Loop seconds of the last frame."""
        self.asked: dict[Watch[Any], float] = {}
        """Watches that were subscribed, with the loop time until which an answer is due."""
        self.due: dict[Watch[Any], float] = {}
        """Those that are not complete yet: not accepted, or a book without a snapshot."""
        self.books: dict[Watch[Any], BookBuilder] = {}
        self._base, self._door = base, door
        self._means, self._audience = means, audience
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[VenueError] = self._loop.create_future()
        """Done when the link has ended: why."""
        self.ending = asyncio.Event()
        """The venue has announced the end."""
        self._dialect: StreamDialect = line.dialect()
        self._socket: Socket | None = None
        self._logged_in: asyncio.Future[None] = self._loop.create_future()
        self._access: Any = None
        self._access_at = 0.0
        self._wanted: set[Watch[Any]] = set()
        self._again: dict[Watch[Any], None] = {}
        """To be unsubscribed before anything else: given up, or to be subscribed anew."""
        self._kick = asyncio.Event()
        self._failures: dict[Watch[Any], tuple[int, float]] = {}
        """Book -> gaps in a row, time of the last."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._handlers: dict[type[Any], Callable[[Any], None]] = {
            Snapshot: self._on_snapshot,
            Delta: self._on_delta,
            News: self._on_news,
            Own: self._on_own,
            Unclear: self._on_unclear,
            Gap: self._on_gap,
            Accepted: self._on_accepted,
            Refused: self._on_refused,
            LoggedIn: self._on_logged_in,
            LoginRefused: self._on_login_refused,
            Ending: self._on_ending,
            Reply: self._on_reply,
        }

    # --- life

    async def open(self) -> None:
        """Connect and log in. Raises VenueError; the link is over then."""
        try:
            await self._opened()
        except VenueError as error:
            self.end(error)
            raise
        except asyncio.CancelledError:
            self.end(lost(None, "given up"))
            raise

    async def _opened(self) -> None:
        await self._renew_access()
        await self._means.spend(self.line.connect, self._door)
        address = f"{self._base}{self.line.path(self._access)}"
        self._socket = await self._means.dialer.connect(address, timeout=CONNECT_SECONDS)
        self.heard = self.opened_at = self._loop.time()
        self._start(self._read, self._socket)
        if self.line.login:
            await self._send(self._dialect.login(await self._ticket()))
            await self._answered_login()
        self._start(self._write)
        self._start(self._watch_over)
        if self.line.ping_every is not None:
            self._start(self._keep_alive, self.line.ping_every)
        if self.line.upkeep is not None:
            self._start(self._keep_access, self.line.upkeep)

    async def _answered_login(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                ends: set[asyncio.Future[Any]] = {self._logged_in, self.over}
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise lost(None, "the login was not answered") from None
        if self.over.done():
            raise self.over.result()
        self._logged_in.result()

    def end(self, why: VenueError) -> None:
        """End it now. May be called twice; the first reason stays."""
        if self.over.done():
            return
        self.over.set_result(why)
        if not self._logged_in.done():
            self._logged_in.cancel()
        for task in self._tasks:
            task.cancel()
        for watch in tuple(self.asked):
            self._audience.down(self, watch, why.message or str(why.kind))

    async def aclose(self) -> None:
        """End it and close its socket."""
        self.end(lost(None, "closed by us"))
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.aclose()

    def _start(self, work: Callable[..., Coroutine[Any, Any, None]], *about: Any) -> None:
        task = self._loop.create_task(self._guarded(work, *about))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Callable[..., Coroutine[Any, Any, None]], *about: Any) -> None:
        try:
            await work(*about)
        except VenueError as error:
            self.end(error)
        except _UNFORESEEN as error:  # an answer of a shape that the dialect did not expect
            self.end(malformed(f"a frame could not be read ({type(error).__name__})"))

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
                await self._send(self._dialect.unsubscribe(gone, await self._ticket()))
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
        await self._send(self._dialect.subscribe(watches, ticket))
        if self.line.implied:
            for watch in watches:
                self._on_accepted(Accepted(watch))

    async def _send(self, frames: Iterable[str], cost: tuple[Charge, ...] | None = None) -> None:
        assert self._socket is not None
        each = self.line.frame if cost is None else cost
        own = (evolve(charge, key=str(self.number)) for charge in each)
        charges = (*own, *self.line.frame_weight)
        for frame in frames:
            await self._means.spend(charges, self._door)
            await self._socket.send(frame)

    async def _ticket(self) -> Ticket:
        if self._loop.time() - self._access_at > self.line.access_seconds:
            await self._renew_access()
        return Ticket(stamp=await self._means.stamp(self._door), access=self._access)

    async def _renew_access(self) -> None:
        if self.line.access is not None:
            self._access = await self._means.run(self.line.access)
            self._access_at = self._loop.time()

    async def _keep_alive(self, every: float) -> None:
        socket = self._socket
        assert socket is not None
        while True:
            await asyncio.sleep(every)
            frame = self._dialect.ping()
            await (socket.ping() if frame is None else self._send([frame], self.line.ping_cost))

    async def _keep_access(self, upkeep: Upkeep) -> None:
        """Renew it in time. What can pass is tried again; an access that is over ends the link."""
        pause = upkeep.every
        while True:
            await asyncio.sleep(pause)
            pause = upkeep.every
            try:
                await self._means.run(upkeep.operation(self._access))
            except VenueError as error:
                if not error.transient or error.kind is Kind.SESSION_EXPIRED:
                    raise
                pause = min(upkeep.every, max(UPKEEP_AGAIN, error.retry_after or 0.0))

    # --- reading

    async def _read(self, socket: Socket) -> None:
        receive, understand, handlers, now = socket.receive, self._dialect.receive, self._handlers, self._loop.time
        while True:
            frame = await receive()
            self.heard = now()
            for event in understand(frame):
                handlers[type(event)](event)

    async def _watch_over(self) -> None:
        """End the link when nothing comes any more, or when an answer stays away."""
        silence = self.line.silence
        while True:
            now = self._loop.time()
            deadlines = [self.heard + silence, *self.due.values()]
            if now >= min(deadlines):
                if now >= self.heard + silence:
                    raise lost(None, f"nothing came for {silence:g} s")
                self._overdue([watch for watch, due in self.due.items() if now >= due])
            await asyncio.sleep(min(0.5, max(0.001, min(deadlines) - now)))

    def _overdue(self, watches: list[Watch[Any]]) -> None:
        for watch in watches:
            builder = self.books.get(watch)
            if builder is None or watch in self._failures:
                raise lost(None, f"{watch.name} of {watch.about} was not answered")
            self._lost_book(builder, "no snapshot came")

    def _on_news(self, event: News) -> None:
        if event.watch in self.asked:
            self._audience.news(self, event)

    def _on_own(self, event: Own) -> None:
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
        if step is Step.APPLY:
            self._audience.book(self, builder)
        elif step is Step.GAP and was:
            self._lost_book(builder, builder.problem)
        elif not was and builder.rule.fallback is not None and not builder.fell_back:
            builder.fell_back = True
            self._start(self._fetch_book, builder, FALLBACK_SECONDS)

    def _on_snapshot(self, event: Snapshot) -> None:
        builder = self.books.get(event.watch)
        if builder is not None:
            self._begin_book(builder, event)

    def _begin_book(self, builder: BookBuilder, snapshot: Snapshot) -> None:
        if builder.snapshot(snapshot, self._loop.time()) is Step.GAP:
            self._lost_book(builder, builder.problem)
            return
        self.due.pop(builder.watch, None)
        self._audience.book(self, builder)

    def _on_accepted(self, event: Accepted) -> None:
        watch = event.watch
        if watch not in self.asked:
            return
        builder = self.books.get(watch)
        if builder is None:
            self.due.pop(watch, None)
        elif builder.rule.base is not None and not builder.available:
            self.due[watch] = inf  # a look-up may wait for the limits, and has deadlines of its own
            self._start(self._fetch_book, builder, 0.0)
        self._audience.accepted(self, watch)

    def _on_refused(self, event: Refused) -> None:
        watch, fault = event.watch, event.fault
        if watch is None:
            if fault.kind is not Kind.NO_CHANGE:
                raise VenueError.of(fault)
            return
        if watch not in self.asked:
            return
        if fault.kind is Kind.NO_CHANGE:  # it was subscribed already
            self._on_accepted(Accepted(watch))
        elif fault.transient:
            if fault.kind is Kind.SESSION_EXPIRED:
                self._access_at = float("-inf")
            self._start(self._ask_again, watch, fault.retry_after or 1.0)
        else:
            self._wanted.discard(watch)
            self._forget(watch)
            self._again.pop(watch, None)
            self._audience.refused(watch, fault)

    async def _ask_again(self, watch: Watch[Any], seconds: float) -> None:
        self.due[watch] = self._loop.time() + seconds + ANSWER_SECONDS
        await asyncio.sleep(seconds)
        if watch in self.asked:
            del self.asked[watch]
            self._kick.set()

    def _on_logged_in(self, _event: LoggedIn) -> None:
        if not self._logged_in.done():
            self._logged_in.set_result(None)

    def _on_login_refused(self, event: LoginRefused) -> None:
        raise VenueError.of(event.fault)

    def _on_ending(self, _event: Ending) -> None:
        self.ending.set()

    def _on_reply(self, event: Reply) -> None:
        self._start(self._send, [event.frame])

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
