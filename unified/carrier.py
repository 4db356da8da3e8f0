"""One request over one connection of aiohttp's pool, in the bytes that the adapter wrote. Judges and retries nothing.

aiohttp keeps the connections, makes TLS and reads the answer. What its session does anew for every request (merge
headers, look for cookies, make a request and an answer object of sixty fields) costs more than all of our own work,
and nothing of it is wanted: so the bytes are written here. Through a proxy, which wants another form of request, with
an aiohttp whose inside we have not read, and where a test double stands in for `ClientSession._request`, aiohttp's
session sends it. `transport.py` decides what may
leave, and what an answer or a failure means.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from contextvars import ContextVar
from enum import Enum, auto
from functools import cache, lru_cache, partial
from typing import Any, Protocol, cast
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from attrs import define
from yarl import URL

from unified.http import HttpRequest, Method

NO_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=None)
"""aiohttp rounds longer time-outs up to whole seconds; the transport's is set around everything and is exact."""
HEAD_LINES_MAX = 100
HEAD_BYTES_MAX = 8190
"""Of one line."""


class Stage(Enum):
    """How far a request came."""

    STARTED = auto()
    CONNECTING = auto()
    """Waiting for a connection, in the pool or on the network: the only stage that proves that nothing left."""
    SENDING = auto()


@define
class Flight:
    """What is known about one request while it is under way."""

    request: HttpRequest
    sent_at: float
    stage: Stage = Stage.STARTED
    fresh: bool = False


class Answer(Protocol):
    """What is read of an answer: the head is there, the body is to be read."""

    status: int
    content: Any

    @property
    def headers(self) -> Mapping[str, str]: ...

    def close(self) -> None:
        """Give the connection back if the whole answer was read, else close it."""
        ...


_flight: ContextVar[Flight] = ContextVar("_flight")
_REQUEST = aiohttp.ClientSession._request
_KNOWN_INSIDE = aiohttp.__version__.startswith("3.14.")
"""The aiohttp whose connections are written to here: the doors that this uses are not promised to stay."""


def head_of(flight: Flight, session: aiohttp.ClientSession) -> Awaitable[Answer]:
    """Send the request once, and read the head of its answer."""
    connector = session.connector
    if isinstance(connector, Connector) and connector.direct and aiohttp.ClientSession._request is _REQUEST:
        return _written(flight, connector)
    return _asked(flight, session)


def forget_idle(session: aiohttp.ClientSession) -> None:
    """Close the connections that wait for a next request. To be said before the session is closed."""
    if isinstance(session.connector, Connector):
        session.connector.forget_idle()


async def _written(flight: Flight, connector: Connector) -> Answer:
    place = connector.place(flight.request.base)
    connection = connector.idle(place, flight)
    if connection is None:
        connection = await connector.opened(place, [], NO_TIMEOUT, flight)
    protocol = connection.protocol
    try:
        protocol.set_response_params(
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=HEAD_BYTES_MAX,
            max_field_size=HEAD_BYTES_MAX,
            max_headers=HEAD_LINES_MAX,
        )
        protocol.transport.write(wire(flight.request, place.headers["Host"]))
        while True:
            message, content = await protocol.read()
            if message.code >= 200 or message.code == 101:  # others only announce another head
                return _Head(message, content, connector, place, connection, protocol)
    except BaseException:
        connection.close()
        raise


async def _asked(flight: Flight, session: aiohttp.ClientSession) -> Answer:
    request = flight.request
    token = _flight.set(flight)
    try:
        answer = await session.request(
            request.method.value,
            URL(request.url, encoded=True),
            headers=request.headers,
            data=request.body or None,
            allow_redirects=False,
        )
    finally:
        _flight.reset(token)
    return cast(Answer, answer)


class _Head:
    """The head of an answer, and the way to its body."""

    __slots__ = ("_connection", "_connector", "_place", "_protocol", "content", "headers", "status")

    def __init__(
        self,
        message: Any,
        content: Any,
        connector: Connector,
        place: aiohttp.ClientRequest,
        connection: Any,
        protocol: ResponseHandler,
    ) -> None:
        self.status = message.code
        self.headers = message.headers
        self.content = content
        self._connector = connector
        self._place = place
        self._connection = connection
        self._protocol = protocol

    def close(self) -> None:
        if self.content.at_eof():
            self._connector.keep(self._place, self._connection, self._protocol)
        else:
            self._connection.close()


class _Line(ResponseHandler):
    """A connection of aiohttp's that goes on reading only where it had stopped: aiohttp says so for each answer twice,
    and each time lets its parser run once more over nothing."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        if self._reading_paused or self._buffer_paused:
            super().resume_reading(resume_parser)


_Idle = tuple[Any, ResponseHandler, float]
"""A connection, what speaks on it, and since when it waits."""


class Connector(aiohttp.TCPConnector):
    """aiohttp's pool, which also says when a request leaves, and gives no connection out that is not clean."""

    def __init__(self, *, direct: bool, **options: Any) -> None:
        """`direct`: whether connections lead to the venue itself, not to a proxy."""
        super().__init__(**options)
        self.direct = direct and _KNOWN_INSIDE
        if self.direct:
            made: Any = partial(_Line, loop=self._loop)
            self._factory = made
        self._seen: WeakSet[object] = WeakSet()
        self._places: dict[str, aiohttp.ClientRequest] = {}
        self._idle: dict[aiohttp.ClientRequest, list[_Idle]] = {}
        """Connections that wait for a next request; the latest last. Not in aiohttp's own pool, since
        to give one back there and to get it again costs as much as to read an answer."""
        self._idle_seconds = float(options.get("keepalive_timeout", 15.0))

    def place(self, base: str) -> aiohttp.ClientRequest:
        """Where requests of a base address go, as aiohttp wants it told; made once for each."""
        place = self._places.get(base)
        if place is None:
            place = aiohttp.ClientRequest("GET", URL(base), loop=self._loop)
            # However it is written: connections to one place are counted together.
            same = (known for known in self._places.values() if known.connection_key == place.connection_key)
            place = self._places[base] = next(same, place)
        return place

    def idle(self, place: aiohttp.ClientRequest, flight: Flight) -> Any:
        """A connection that waits for a request, if there is one that is fit for it."""
        kept = self._idle.get(place)
        while kept:
            connection, protocol, since = kept.pop()
            fresh_enough = flight.sent_at - since <= self._idle_seconds
            if fresh_enough and protocol.is_connected() and not protocol.should_close:
                flight.stage = Stage.SENDING
                return connection
            # The venue closed it, or said something on it that nobody asked for.
            connection.close()
        return None

    def keep(self, place: aiohttp.ClientRequest, connection: Any, protocol: ResponseHandler) -> None:
        """Keep a connection whose answer was read for a next request, and close the oldest if nobody needed it."""
        if self._waiters or protocol.should_close:
            connection.release()  # to whoever waits in aiohttp's queue, or to its end
            return
        kept, now = self._idle.setdefault(place, []), self._loop.time()
        kept.append((connection, protocol, now))
        if now - kept[0][2] > self._idle_seconds:
            kept.pop(0)[0].close()

    def forget_idle(self) -> None:
        """Close the connections that wait for a next request."""
        for kept in self._idle.values():
            while kept:
                kept.pop()[0].close()

    async def connect(self, req: aiohttp.ClientRequest, traces: Any, timeout: aiohttp.ClientTimeout) -> Any:
        return await self.opened(req, traces, timeout, _flight.get())

    async def opened(
        self, req: aiohttp.ClientRequest, traces: Any, timeout: aiohttp.ClientTimeout, flight: Flight
    ) -> Any:
        """A connection of aiohttp's making; noted is when the request can leave."""
        flight.stage = Stage.CONNECTING
        connection = await self._clean(req, traces, timeout, flight)
        flight.sent_at = self._loop.time()
        flight.stage = Stage.SENDING
        return connection

    async def _clean(
        self, req: aiohttp.ClientRequest, traces: Any, timeout: aiohttp.ClientTimeout, flight: Flight
    ) -> Any:
        while True:
            try:
                connection = await super().connect(req, traces, timeout)
            except asyncio.CancelledError:
                if not self.closed or _being_cancelled():
                    raise
                # Closing the pool cancels the futures of those who queue: nobody meant their tasks.
                raise aiohttp.ClientConnectionError from None
            protocol = connection.protocol
            assert protocol is not None
            flight.fresh = protocol not in self._seen
            if protocol.is_connected() and not protocol.should_close:
                if flight.fresh:
                    self._seen.add(protocol)
                return connection
            # The venue closed it, or said something on it that nobody asked for.
            connection.close()
            if flight.fresh:
                raise aiohttp.ClientConnectionError


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


# --- the bytes


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # slow to import, slow to ask: not before it is sent

    try:
        return version("unified-trading")
    except PackageNotFoundError:
        return "source"  # run from a checkout that was not installed


@cache
def own_headers() -> Mapping[str, str]:
    """What every request says beside the adapter's own headers; an adapter's word stands in place of ours."""
    return {"User-Agent": f"unified/{_version()}", "Accept": "application/json", "Accept-Encoding": "gzip"}


def wire(request: HttpRequest, host: str) -> bytes:
    """The request as it leaves: method and target as they were signed, host, headers, body."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    own = "".join([f"{name}: {value}\r\n" for name, value in request.headers.items()])
    body = request.body
    length = f"Content-Length: {len(body)}\r\n" if body or request.method is not Method.GET else ""
    ours = _headers_beside(tuple(request.headers))
    return f"{request.method} {target} HTTP/1.1\r\nHost: {host}\r\n{own}{ours}{length}\r\n".encode("ascii") + body


@lru_cache(maxsize=64)
def _headers_beside(names: tuple[str, ...]) -> str:
    """The lines of `own_headers` that the adapter's headers leave."""
    taken = {name.lower() for name in names}
    return "".join(f"{name}: {value}\r\n" for name, value in own_headers().items() if name.lower() not in taken)
