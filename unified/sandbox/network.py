"""A sandbox reached without sockets: a `Transport` that carries requests to the reception in memory.

Opens nothing and reads no host clock: delays are `asyncio.sleep` on the running loop, so that a loop of
virtual time runs hours of traffic in seconds, and exactly alike each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random

from unified.errors import Fault, Kind, Outcome, VenueError
from unified.http import HttpRequest, HttpResponse
from unified.ports import Pool
from unified.sandbox.dialect import Dialect, Incoming
from unified.sandbox.faults import FaultPlan
from unified.sandbox.reception import Breakage, Delivery, Reception


class SandboxNetwork:
    """The way to one simulated venue, and back."""

    def __init__(
        self, dialect: Dialect, plan: FaultPlan | None = None, *, one_way_s: float = 0.01, seed: int = 0
    ) -> None:
        """`one_way_s` is the mean travel time; each way takes half to one and a half of it.

        Beyond some 15 ms a client may be on its way when a ban is announced and still be counted as banned.
        """
        self.dialect = dialect
        self.reception = Reception(dialect, plan)
        self.ledger = self.reception.ledger
        self.urls: Mapping[str, str] = {door: f"https://{door}.{dialect.name}.sandbox" for door in dialect.doors}
        """Door -> base URL, for the environment or the `endpoint` of a client, which takes no plain http."""
        self._doors = {_host(url): door for door, url in self.urls.items()}
        self._one_way_s = one_way_s
        self._chance = Random(f"{seed}/network")

    def transport(self, peer: str = "127.0.0.1") -> SandboxTransport:
        """A way in for one client at one address."""
        return SandboxTransport(self, peer)

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
        self._under_way: set[asyncio.Task[Delivery]] = set()

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        """Deliver once. A request that timed out or was canceled here still runs at the venue."""
        loop = asyncio.get_running_loop()
        line = (request.base, pool)
        fresh, sent_at = line not in self._warm, loop.time()
        carried = loop.create_task(self._carry(self._incoming(request)))
        self._under_way.add(carried)
        carried.add_done_callback(self._under_way.discard)
        self._warm.discard(line)
        try:
            async with asyncio.timeout(timeout):
                delivery = await asyncio.shield(carried)
        except TimeoutError:
            raise _failed(Kind.REQUEST_TIMEOUT, f"no answer in {timeout:g} s") from None
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
        tasks = tuple(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, incoming: Incoming) -> Delivery:
        await asyncio.sleep(self._network.travel_s())
        delivery = await self._network.reception.receive(incoming)
        await asyncio.sleep(self._network.travel_s())
        return delivery

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


def _host(url: str) -> str:
    return url.partition("://")[2]


def _failed(kind: Kind, message: str) -> VenueError:
    return VenueError.of(Fault(kind=kind, outcome=Outcome.UNKNOWN, message=message))
