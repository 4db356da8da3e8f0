"""A sandbox reached without sockets: a `Transport` that carries requests to the reception in memory.

Opens nothing and reads no host clock: delays are `asyncio.sleep` on the running loop, so that a loop of
virtual time runs hours of traffic in seconds, and exactly alike each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from random import Random

from unified.errors import Fault, Kind, Outcome, VenueError
from unified.http import HttpRequest, HttpResponse
from unified.ports import Pool
from unified.sandbox.conversation import Conversation
from unified.sandbox.dialect import Dialect, Incoming, Outgoing
from unified.sandbox.faults import FaultPlan
from unified.sandbox.reception import Breakage, Delivery, Reception
from unified.sandbox.stream_faults import StreamPlan
from unified.sandbox.streams import Opening


class SandboxNetwork:
    """The way to one simulated venue, and back."""

    def __init__(
        self,
        dialect: Dialect,
        plan: FaultPlan | None = None,
        *,
        one_way_s: float = 0.01,
        seed: int = 0,
        streams: StreamPlan | None = None,
    ) -> None:
        """`one_way_s` is the mean travel time; each way takes half to one and a half of it.

        Beyond some 15 ms a client may be on its way when a ban is announced and still be counted as banned.
        """
        self.dialect = dialect
        self.reception = Reception(dialect, plan)
        self.streams = streams or StreamPlan()
        self.ledger = self.reception.ledger
        self.urls: Mapping[str, str] = {door: f"https://{door}.{dialect.name}.sandbox" for door in dialect.doors}
        """Door -> base URL, for the environment or the `endpoint` of a client, which takes no plain http."""
        self._doors = {_host(url): door for door, url in self.urls.items()}
        self._one_way_s = one_way_s
        self._chance = Random(f"{seed}/network")

    def transport(self, peer: str = "127.0.0.1") -> SandboxTransport:
        """A way in for one client at one address."""
        return SandboxTransport(self, peer)

    def dialer(self, peer: str = "127.0.0.1") -> SandboxDialer:
        """A way to its streams for one client at one address."""
        return SandboxDialer(self, peer)

    def door_of(self, base: str) -> str:
        """Raises KeyError for a base URL that is none of ours. The scheme does not matter: nothing is opened."""
        return self._doors[_host(base)]

    def travel_s(self) -> float:
        """How long the next way takes."""
        return self._one_way_s * self._chance.uniform(0.5, 1.5)


class SandboxTransport:
    """`unified.ports.Transport` over a network in memory."""

    def __init__(self, network: SandboxNetwork, peer: str) -> None:
        self._network = network
        self._peer = peer
        self._warm: set[tuple[str, Pool]] = set()
        self._served: set[asyncio.Task[Delivery]] = set()
        self._closed = False

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        """Deliver once. A request that timed out or was canceled here still runs at the venue."""
        loop = asyncio.get_running_loop()
        line = (request.base, pool)
        fresh, sent_at = line not in self._warm, loop.time()
        self._warm.discard(line)
        answered = self._carry(self._incoming(request))
        patience = loop.call_later(timeout, _end, answered, None)
        try:
            delivery = await answered
        finally:
            patience.cancel()
        if delivery is None:
            raise _failed(Kind.REQUEST_TIMEOUT, f"no answer in {timeout:g} s")
        if delivery.breakage is not Breakage.NONE:
            raise _failed(Kind.CONNECTION_LOST, "the connection ended before the answer did")
        self._warm.add(line)
        return HttpResponse(
            status=delivery.answer.status,
            headers={name.lower(): value for name, value in delivery.answer.headers.items()},
            body=delivery.answer.body,
            sent_at=sent_at,
            received_at=loop.time(),
            fresh_connection=fresh,
        )

    async def aclose(self) -> None:
        """Give up what is under way; the venue finishes nothing more of it."""
        self._closed = True
        tasks = tuple(self._served)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _carry(self, incoming: Incoming) -> asyncio.Future[Delivery | None]:
        """The answer to come. Timers bring the request there and the answer back: tasks would cost twice as much."""
        loop, network = asyncio.get_running_loop(), self._network
        answered: asyncio.Future[Delivery | None] = loop.create_future()

        def arrive() -> None:
            if self._closed:
                answered.cancel()
                return
            served = loop.create_task(network.reception.receive(incoming))
            self._served.add(served)
            served.add_done_callback(depart)

        def depart(served: asyncio.Task[Delivery]) -> None:
            self._served.discard(served)
            if served.cancelled():
                answered.cancel()
            elif (failure := served.exception()) is not None:
                if not answered.done():
                    answered.set_exception(failure)
            else:
                loop.call_later(network.travel_s(), _end, answered, served.result())

        loop.call_later(network.travel_s(), arrive)
        return answered

    def _incoming(self, request: HttpRequest) -> Incoming:
        return Incoming(
            door=self._network.door_of(request.base),
            method=request.method.value,
            path=request.path,
            query=request.query,
            headers={"host": _host(request.base), **{name.lower(): value for name, value in request.headers.items()}},
            body=request.body,
            peer=self._peer,
        )


class _Pipe:
    """One direction of a stream: frames arrive after their travel, in their order."""

    def __init__(self, travel_s: Callable[[], float]) -> None:
        self._travel_s = travel_s
        self._arrived: asyncio.Queue[str | None] = asyncio.Queue()
        self._last = 0.0
        self.broken = False

    def put(self, frame: str | None) -> None:
        """None is the end."""
        loop = asyncio.get_running_loop()
        self._last = max(self._last + _SPACING_S, loop.time() + self._travel_s())
        loop.call_at(self._last, self._arrived.put_nowait, frame)

    def cut(self) -> None:
        """End it now: what is on the way is lost."""
        self.broken = True
        self._arrived.put_nowait(None)

    async def get(self) -> str:
        """Raises ConnectionError at the end."""
        frame = None if self.broken else await self._arrived.get()
        if frame is None or self.broken:
            self.broken = True
            raise ConnectionResetError
        return frame


class _VenueWire:
    """The venue's end of a stream in memory."""

    def __init__(self, to_client: _Pipe, to_venue: _Pipe) -> None:
        self._to_client, self._to_venue = to_client, to_venue
        self.code: int | None = None

    async def receive(self) -> str:
        return await self._to_venue.get()

    async def send(self, frame: str) -> None:
        if self._to_client.broken:
            raise ConnectionResetError
        self._to_client.put(frame)

    async def close(self, code: int) -> None:
        self.code = code
        self._to_client.put(None)

    def abort(self) -> None:
        self._to_client.cut()
        self._to_venue.cut()


class SandboxSocket:
    """`unified.ports.Socket` over a stream in memory."""

    def __init__(self, wire: _VenueWire, from_venue: _Pipe, to_venue: _Pipe) -> None:
        self._wire, self._from_venue, self._to_venue = wire, from_venue, to_venue

    async def receive(self) -> str | bytes:
        """The venue's next frame. Raises `connection_lost`."""
        try:
            return await self._from_venue.get()
        except ConnectionError:
            code = self._wire.code
            raise _failed(Kind.CONNECTION_LOST, "the stream ended", None if code is None else str(code)) from None

    async def send(self, frame: str) -> None:
        """Raises `connection_lost`."""
        if self._to_venue.broken:
            raise _failed(Kind.CONNECTION_LOST, "the stream has ended")
        self._to_venue.put(frame)

    async def ping(self) -> None:
        """Answered by whoever carries it; nothing to see here."""

    async def aclose(self) -> None:
        """End it from our side."""
        self._to_venue.put(None)
        self._from_venue.cut()


class SandboxDialer:
    """`unified.ports.Dialer` to a network in memory."""

    def __init__(self, network: SandboxNetwork, peer: str) -> None:
        self._network, self._peer = network, peer
        self._talks: set[asyncio.Task[None]] = set()
        self.failures: list[BaseException] = []
        """What dialects raised: a sandbox that fails must not pass for a venue that does."""

    async def connect(self, address: str, *, timeout: float) -> SandboxSocket:
        """A stream. Raises `connect_failed` where the venue refuses it."""
        network = self._network
        await asyncio.sleep(min(timeout, 2 * network.travel_s()))
        base, _, rest = address.partition("://")[2].partition("/")
        path, _, query = f"/{rest}".partition("?")
        opening = Opening(door=network.door_of(f"wss://{base}"), path=path, query=query, peer=self._peer)
        network.dialect.engine.advance(network.dialect.clock.true_us())
        talk = network.dialect.talk(opening)
        if isinstance(talk, Outgoing):
            fault = Fault(kind=Kind.CONNECT_FAILED, http_status=talk.status, message=f"HTTP {talk.status}")
            raise VenueError.of(fault)
        to_client, to_venue = _Pipe(network.travel_s), _Pipe(network.travel_s)
        wire = _VenueWire(to_client, to_venue)
        led = asyncio.get_running_loop().create_task(
            Conversation(network.reception, talk, wire, network.streams).run(), name="sandbox stream"
        )
        self._talks.add(led)
        led.add_done_callback(lambda task: self._ended(task, wire))
        return SandboxSocket(wire, to_client, to_venue)

    async def aclose(self) -> None:
        """End every stream."""
        talks = tuple(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None], wire: _VenueWire) -> None:
        self._talks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self.failures.append(failure)
            wire.abort()


_SPACING_S = 1e-6


def _end(answered: asyncio.Future[Delivery | None], delivery: Delivery | None) -> None:
    """Unless whoever waited has gone."""
    if not answered.done():
        answered.set_result(delivery)


def _host(url: str) -> str:
    return url.partition("://")[2]


def _failed(kind: Kind, message: str, code: str | None = None) -> VenueError:
    return VenueError.of(Fault(kind=kind, outcome=Outcome.UNKNOWN, message=message, code=code))
