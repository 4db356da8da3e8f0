"""One connection from its opening to its end: logs in, pings, notices silence, renews its access.

What goes over it is the affair of those that build on it: streams (`link.py`), requests for orders (`asking.py`). Never
connects a second time (`keeper.py` does). A connection that ends, for whatever reason, ends whole: `over` holds why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from attrs import evolve

from unified.adapter import Charge, Stamp
from unified.echoes import Spoken
from unified.errors import Kind, VenueError
from unified.feeds import UNREADABLE, AnyLine, Ending, LineDialect, LoggedIn, LoginRefused, Reply, Ticket, Upkeep
from unified.operations import Operation
from unified.ports import Chance, Dialer, Socket
from unified.sockets import lost
from unified.values import frozen
from unified.wire import malformed

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 10.0
"""How long a login, a subscription or a first snapshot may take before the connection is given up."""
UPKEEP_AGAIN = 30.0
"""Seconds until a renewal that failed is tried again."""


@frozen(kw_only=True)
class Means:
    """What connections need of the world."""

    dialer: Dialer
    run: Callable[[Operation[Any]], Coroutine[Any, Any, Any]]
    """Performs an operation: limits, clock and retries included."""
    spend: Callable[[tuple[Charge, ...], str], Coroutine[Any, Any, None]]
    stamp: Callable[[str], Coroutine[Any, Any, Stamp]]
    doubt: Callable[[str, float], None]
    """The venue refused a stamp of this door, made at that loop time: its clock is measured before the next one."""
    chance: Chance


class Connection:
    """One connection."""

    def __init__(self, line: AnyLine, dialect: LineDialect, base: str, door: str, means: Means) -> None:
        self.opened_at = 0.0
        self.heard = 0.0
        """Loop seconds of the last frame."""
        self.useful = False
        """It has done something that it is for."""
        self._line, self._dialect = line, dialect
        self._base, self._door, self._means = base, door, means
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[VenueError] = self._loop.create_future()
        """Done when the connection has ended: why."""
        self.ending = asyncio.Event()
        """The venue has announced the end."""
        self._socket: Socket | None = None
        self._logged_in: asyncio.Future[None] = self._loop.create_future()
        self._spoken = Spoken()
        """Secrets that the venue may repeat."""
        self._stamped_at = 0.0
        self._access: Any = None
        self._access_at = float("-inf")
        self._tasks: dict[asyncio.Task[None], None] = {}  # in the order in which they began; a set would have none
        self._handlers: Mapping[type[Any], Callable[[Any], None]] = {
            LoggedIn: self._on_logged_in,
            LoginRefused: self._on_login_refused,
            Ending: self._on_ending,
            Reply: self._on_reply,
            **self._own_handlers(),
        }

    def _own_handlers(self) -> Mapping[type[Any], Callable[[Any], None]]:
        """Who is told of which event, beside those that every connection has."""
        return {}

    def _key(self) -> str:
        """Under which limits of a connection count this one."""
        return str(id(self))

    def _begin(self) -> None:
        """It is open and logged in."""

    def _ended(self, why: VenueError) -> None:
        """It is over."""

    def _deadline(self) -> float:
        """Loop seconds at which an answer is overdue."""
        return float("inf")

    def _overdue(self, now: float) -> None:
        """That time has come."""

    # --- life

    async def open(self) -> None:
        """Connect and log in. Raises VenueError; the connection is over then."""
        try:
            await self._opened()
        except VenueError as error:
            self.end(error)
            raise
        except asyncio.CancelledError:
            self.end(lost(None, "given up"))
            raise

    async def _opened(self) -> None:
        await self._fresh_access()
        await self._means.spend(self._line.connect, self._door)
        address = f"{self._base}{self._line.path(self._access)}"
        self._spoken.hear_address(address)
        self._socket = await self._means.dialer.connect(address, timeout=CONNECT_SECONDS)
        self.heard = self.opened_at = self._loop.time()
        self._start(self._read, self._socket)
        if self._line.login:
            frames = self._dialect.login(await self._ticket())
            for frame in frames:
                self._spoken.hear_login(frame)
            await self._send(frames)
            await self._answered_login()
        self._begin()
        self._start(self._watch_over)
        if self._line.ping_every is not None:
            self._start(self._keep_alive, self._line.ping_every)
        if self._line.upkeep is not None:
            self._start(self._keep_access, self._line.upkeep)

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
        for task in tuple(self._tasks):
            task.cancel()
        self._ended(why)

    async def aclose(self) -> None:
        """End it and close its socket."""
        self.end(lost(None, "closed by us"))
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.aclose()

    def _start(self, work: Callable[..., Coroutine[Any, Any, None]], *about: Any) -> None:
        task = self._loop.create_task(self._guarded(work, *about))
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)

    async def _guarded(self, work: Callable[..., Coroutine[Any, Any, None]], *about: Any) -> None:
        try:
            await work(*about)
        except VenueError as error:
            self.end(self._spoken.masked_error(error))
        except UNREADABLE as error:  # an answer of a shape that the dialect did not expect
            self.end(malformed(f"a frame could not be read ({type(error).__name__})"))

    # --- sending

    async def _send(self, frames: Iterable[str], cost: tuple[Charge, ...] | None = None) -> None:
        assert self._socket is not None
        charges = (*self._own(self._line.frame if cost is None else cost), *self._line.frame_weight)
        for frame in frames:
            await self._means.spend(charges, self._door)
            await self._socket.send(frame)

    def _own(self, charges: tuple[Charge, ...]) -> tuple[Charge, ...]:
        """Of limits that count this connection alone."""
        return tuple(evolve(charge, key=self._key()) for charge in charges)

    async def _ticket(self) -> Ticket:
        await self._fresh_access()
        stamp = await self._means.stamp(self._door)
        self._stamped_at = self._loop.time()
        return Ticket(stamp=stamp, access=self._access)

    def inherit(self, other: Connection) -> None:
        """Use the access of a connection that it served well, as long as it may be used."""
        self._access, self._access_at = other._access, other._access_at

    async def _fresh_access(self) -> None:
        if self._line.access is not None and self._loop.time() - self._access_at > self._line.access_seconds:
            self._access = await self._means.run(self._line.access)
            self._access_at = self._loop.time()

    async def _keep_alive(self, every: float) -> None:
        socket = self._socket
        assert socket is not None
        while True:
            await asyncio.sleep(every)
            frame = self._dialect.ping()
            await (socket.ping() if frame is None else self._send([frame], self._line.ping_cost))

    async def _keep_access(self, upkeep: Upkeep) -> None:
        """Renew it in time. What can pass is tried again; an access that is over ends the connection."""
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
        """End the connection when nothing comes any more, or when an answer stays away."""
        silence = self._line.silence
        while True:
            now, due = self._loop.time(), self._deadline()
            if now >= self.heard + silence:
                raise lost(None, f"nothing came for {silence:g} s")
            if now >= due:
                self._overdue(now)
            await asyncio.sleep(min(0.5, max(0.001, min(self.heard + silence, due) - now)))

    def _on_logged_in(self, _event: LoggedIn) -> None:
        if not self._logged_in.done():
            self._logged_in.set_result(None)

    def _on_login_refused(self, event: LoginRefused) -> None:
        if event.fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW:
            self._means.doubt(self._door, self._stamped_at)
        raise VenueError.of(event.fault)

    def _on_ending(self, _event: Ending) -> None:
        self.ending.set()

    def _on_reply(self, event: Reply) -> None:
        self._start(self._send, [event.frame])
