"""A venue's own sandbox with a light background market, and a way to it that tells the chronicle what passes.

The dialect, the engine's rules about orders and the limits are the sandbox's, unchanged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any, cast

from attrs import evolve

from unified.errors import VenueError
from unified.http import HttpRequest, HttpResponse
from unified.ports import Pool, Transport
from unified.sandbox.dialect import Dialect, Incoming, Outgoing, RequestClass, Setting
from unified.sandbox.faults import Profile
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.registry import sandbox_class
from unified.sandbox.stream_faults import StreamPlan
from unified.simulation.chronicle import SUBJECTS, Chronicle
from unified.simulation.faults import Mixture
from unified.simulation.process import OWNER, Process
from unified.simulation.sockets import LifeDialer

_STEP_US = 20_000_000
_LEVELS = 3
_CARRIED: ContextVar[tuple[str, ...]] = ContextVar("unified_simulated_request", default=())
"""The client order ids that stand in the request under way."""


class SimulatedVenue:
    """One venue, and what it saw of each order."""

    def __init__(self, venue: str, seed: int, faults: Profile, chronicle: Chronicle) -> None:
        now = asyncio.get_running_loop().time
        self.chronicle = chronicle
        self.dialect = _light(venue, self)(Setting(now=now, seed=seed))
        self.network = SandboxNetwork(
            self.dialect, Mixture(faults, seed), seed=seed, streams=StreamPlan(faults, seed=seed)
        )
        self.account = self.dialect.engine.accounts[self.dialect.accounts[0].name]
        self._way, self._dialer = self.network.transport(), self.network.dialer()
        self.framed: set[str] = set()
        """Client order ids that stood in frames."""

    def line(self, process: Process, deadlines: dict[str, float], left_over: tuple[str, ...]) -> Line:
        """A way in for one life of the client. `deadlines` are loop seconds by client order id."""
        return Line(self, self._way, process, deadlines, left_over)

    def dialer(self, process: Process, line: Line) -> LifeDialer:
        """A way to its streams for the life of that line."""

        def ids_in(frame: str) -> tuple[str, ...]:
            found = line.ids_in(frame)
            self.framed.update(found)
            return found

        return LifeDialer(self._dialer, process, line.tell, ids_in, line.check_deadlines)

    @property
    def stream_mishaps(self) -> int:
        """How often something went wrong with a frame."""
        return self.network.streams.happened.total()

    def is_placement(self, request: HttpRequest) -> bool:
        """Whether the request would place an order."""
        door = self.network.door_of(request.base)
        incoming = Incoming(
            door=door, method=request.method.value, path=request.path, query=request.query, body=request.body
        )
        return self.dialect.classify(incoming) is RequestClass.ORDER

    def ids_of(self, incoming: Incoming) -> tuple[str, ...]:
        """The client order ids of a request that came in a frame."""
        if not incoming.session:
            return ()
        said = f"{incoming.query} {incoming.body.decode('utf-8', 'replace')}"
        return tuple(id_ for id_ in sorted(self.framed) if id_ in said)

    async def aclose(self) -> None:
        await self._way.aclose()
        await self._dialer.aclose()
        for failure in self._dialer.failures:
            raise failure


class Line:
    """`unified.ports.Transport` of one life: nothing passes once the process is dead."""

    def __init__(
        self,
        venue: SimulatedVenue,
        way: Transport,
        process: Process,
        deadlines: dict[str, float],
        left_over: tuple[str, ...],
    ) -> None:
        self._venue = venue
        self._way = way
        self._process = process
        self._deadlines = deadlines
        self._left_over = left_over
        self.late_attempts: list[str] = []
        """Client order ids of placements that were sent after the caller's deadline."""

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        if self._process.dead:
            raise asyncio.CancelledError
        ids = self.ids_in(f"{request.path} {request.query} {request.body.decode('utf-8', 'replace')}")
        self.tell("sent", ids, f"{request.method.value} {request.path}")
        if ids and self._venue.is_placement(request):
            self.check_deadlines(ids)
        self._process.reached()
        owner, carried = OWNER.set(None), _CARRIED.set(ids)
        try:
            response = await self._way.send(request, timeout=timeout, pool=pool)
        except VenueError as error:
            self.tell("lost", ids, error.kind)
            raise
        finally:
            OWNER.reset(owner)
            _CARRIED.reset(carried)
        self.tell("answered", ids, f"HTTP {response.status}")
        self._process.reached()
        return response

    async def aclose(self) -> None:
        """What is under way goes on: a venue does not stop because a client went."""

    def check_deadlines(self, ids: Sequence[str]) -> None:
        """Orders with these ids are being sent: is it too late for that?"""
        now = asyncio.get_running_loop().time()
        self.late_attempts += [id_ for id_ in ids if now > self._deadlines.get(id_, 0.0)]

    def ids_in(self, said: str) -> tuple[str, ...]:
        """The client order ids that stand in what is said, of those that it may be about."""
        return tuple(id_ for id_ in dict.fromkeys((*SUBJECTS.get(), *self._left_over)) if id_ in said)

    def tell(self, step: str, ids: Sequence[str], detail: str) -> None:
        """Tell it of each order; of none in particular where there is none."""
        for id_ in ids or ("",):
            self._venue.chronicle.tell(step, id_, detail)


def _light(venue: str, simulated: SimulatedVenue) -> type[Dialect]:
    """The venue's dialect with small books that seldom move; it tells what each request did to its order."""
    base = sandbox_class(venue)

    def handle(self: Dialect, incoming: Incoming) -> Outgoing:
        chronicle, known = simulated.chronicle, simulated.account.by_client_id
        ids = _CARRIED.get() or simulated.ids_of(incoming)
        before = [len(known.get(id_, ())) for id_ in ids]
        answer = base.handle(self, incoming)
        for id_, count in zip(ids, before, strict=True):
            orders = known.get(id_, [])
            made = f"makes order {orders[-1].order_id}" if len(orders) > count else f"HTTP {answer.status}"
            chronicle.tell("executed", id_, f"{incoming.method} {incoming.path}: {made}")
        if not ids:
            chronicle.tell("executed", "", f"{incoming.method} {incoming.path}: HTTP {answer.status}")
        return answer

    changed: dict[str, Any] = {
        "listings": tuple(evolve(item, step_us=_STEP_US, levels=_LEVELS) for item in base.listings),
        "rules": evolve(base.rules, history_minutes=2),
        "handle": handle,
    }
    return cast(type[Dialect], type(base.__name__, (base,), changed))
