"""A `Transport` that carries requests to ws addresses over the venue's sockets, and all others as another one does.

Sends exactly once, like every transport; connects when the first request comes, and stays connected (`keeper.py`).
Knows no order: what a request says, and what follows an error, is decided above.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from unified.adapter import Adapter, StreamHost
from unified.asking import Asking, not_sent
from unified.connection import Means
from unified.entry import EntryLine, entry_of
from unified.errors import Family, Outcome, VenueError, with_outcome
from unified.hooks import Hooks, StreamChange, StreamEvent
from unified.http import HttpRequest, HttpResponse
from unified.keeper import HANDOVER_SECONDS, Keeper, Show
from unified.operations import Operation
from unified.ports import Dialer, Pool, Transport
from unified.retry import RetryBudget
from unified.services import Access

Run = Callable[[Operation[Any]], Coroutine[Any, Any, Any]]
"""Performs an operation. A token is asked for as a read: orders that wait for it hold the slots of orders."""


class SocketTransport:
    """The ways of a client that places orders over sockets."""

    def __init__(self, http: Transport, adapter: Adapter, access: Access, dialer: Dialer, hooks: Hooks) -> None:
        self._http, self._adapter, self._access = http, adapter, access
        self._dialer, self._hooks = dialer, hooks
        self._run: Run | None = None
        self._kept: dict[tuple[str, str], Kept] = {}
        hosts = adapter.environment.streams
        self._lines = {(hosts[line.name].base, line.place): line for line in entry_of(adapter).lines}
        """Base and path of a request -> the line that it goes over."""
        self._closed = False

    def run_with(self, run: Run) -> None:
        """Who performs what a connection needs first: a token."""
        self._run = run

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        """The answer. `timeout` in seconds covers everything, a new connection included.

        Raises VenueError of the transport family, `not_sent` before the frame left and `unknown` after it.
        """
        if not request.over_socket:
            return await self._http.send(request, timeout=timeout, pool=pool)
        if self._closed:
            raise not_sent("the transport is closed")
        return await self._over(request).send(request, asyncio.get_running_loop().time() + timeout)

    async def aclose(self) -> None:
        """Close every connection. Requests under way fail, `unknown` if they had left. May be called twice."""
        self._closed = True
        await asyncio.gather(*(kept.aclose() for kept in self._kept.values()))
        await self._http.aclose()

    def _over(self, request: HttpRequest) -> Kept:
        place = request.base, request.path
        kept = self._kept.get(place)
        if kept is None:
            line = self._lines[place]
            host = self._adapter.environment.streams[line.name]
            kept = self._kept[place] = Kept(
                line, host, self._means(), self._access.shared.budget, self._show(line.name)
            )
        return kept

    def _means(self) -> Means:
        if self._run is None:
            raise RuntimeError("nobody to ask for a token: run_with was not called")
        return self._access.means(self._dialer, self._run)

    def _show(self, line: str) -> Show:
        def show(change: StreamChange, reason: str, error: VenueError | None) -> None:
            if self._hooks.on_stream:
                fault = None if error is None else error.fault
                event = StreamEvent(venue=self._adapter.venue, change=change, line=line, reason=reason, fault=fault)
                self._hooks.on_stream.emit(event)

        return show


class Kept(Keeper[Asking]):
    """One line, and the connection that stands for it now."""

    def __init__(self, line: EntryLine, host: StreamHost, means: Means, budget: RetryBudget, show: Show) -> None:
        super().__init__(line, means, budget, show)
        self._line, self._host = line, host
        self._next: asyncio.Future[Asking] = asyncio.get_running_loop().create_future()
        """The connection that those who wait will get, or why there is none."""

    async def send(self, request: HttpRequest, until: float) -> HttpResponse:
        """The answer, which must come before that loop time. Raises as `Asking.ask` does."""
        return await (await self._ready(until)).ask(request, until)

    async def _ready(self, until: float) -> Asking:
        """A connection to send on. Where there is none, the outcome of the next attempt to make one."""
        link, loop = self._link, asyncio.get_running_loop()
        if link is not None and not link.over.done() and not link.ending.is_set():
            return link
        self._keep()
        coming = self._next
        await asyncio.wait({coming}, timeout=max(0.0, until - loop.time()))
        if not coming.done():
            raise not_sent("no connection came about in time")
        error = coming.exception()
        if isinstance(error, VenueError):
            raise VenueError.of(error.fault)
        return coming.result()

    async def aclose(self) -> None:
        """Close the connection, for good."""
        self._settle(None, not_sent("the transport is closed"))
        await super().aclose()

    # --- what it is to the keeper

    def _made(self) -> Asking:
        made = Asking(self._line, self._host.base, self._host.door, self._means, self._stray)
        last = self._link
        if last is not None and last.useful and not last.ending.is_set():
            made.inherit(last)
        return made

    def _stray(self, number: int) -> None:
        self._show(StreamChange.STRAY, f"an answer to request {number}, for which nobody waits", None)

    def _up(self, link: Asking) -> None:
        self._settle(link, None)

    async def _handed_over(self, old: Asking, _new: Asking) -> None:
        await old.drained(HANDOVER_SECONDS)

    def _not_up(self, error: VenueError) -> None:
        if error.fault.family is Family.AUTH:
            self._link = None  # its access is not to be used again
        self._settle(None, _why(error))

    def _given_up(self, error: VenueError) -> None:
        self._settle(None, _why(error))

    def _settle(self, link: Asking | None, error: VenueError | None) -> None:
        """Tell those who wait; who comes later waits for the next."""
        coming, self._next = self._next, asyncio.get_running_loop().create_future()
        if link is not None:
            coming.set_result(link)
        elif error is not None:
            coming.set_exception(error)
            coming.exception()  # nobody may be waiting


def _why(error: VenueError) -> VenueError:
    """Why a request did not leave: the venue's refusal of the login, or that there is no connection."""
    if error.fault.family is Family.TRANSPORT:
        return not_sent(f"no connection: {error.message or error.kind}")
    return VenueError.of(with_outcome(error.fault, Outcome.NOT_SENT))
