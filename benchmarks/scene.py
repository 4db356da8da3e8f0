"""A venue in memory and clients of it, for figures: production clients, the venue's own dialect, virtual time.

The background market moves seldom, but for one that is asked to be busy: figures about streams are about its changes.
Everything else is the sandbox's, unchanged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar, cast

from attrs import evolve, frozen

from unified.client import Client
from unified.errors import VenueError
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Product
from unified.ports import Pool, Transport
from unified.sandbox.dialect import Dialect, Incoming, Setting
from unified.sandbox.faults import FaultPlan
from unified.sandbox.listing import Listing
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.registry import sandbox_class
from unified.sandbox.stream_faults import StreamPlan
from unified.world import World

P = TypeVar("P", bound="Tap")

_STEP_US = 20_000_000
_LEVELS = 3
_BUSY_STEP_US = 100_000
_BUSY_LEVELS = 20
Market = tuple[Product, str]
"""Product and symbol."""
OPTIONS = {"kraken": {"tier": "pro"}}
"""What the first account of a sandbox is, where an adapter has to be told."""


@frozen
class Sent:
    """One request as the transport was given it."""

    at: float
    """Loop seconds."""
    request: HttpRequest


class Tap:
    """A transport that notes what passes, and fails what it is told to fail."""

    def __init__(self, way: Transport) -> None:
        self._way = way
        self.sent: list[Sent] = []
        self.answers: list[HttpResponse] = []
        self.fails: Callable[[HttpRequest], VenueError | None] = lambda _request: None

    def count(self, path: str) -> int:
        """How many requests went to a path that ends so."""
        return sum(sent.request.path.endswith(path) for sent in self.sent)

    def noted(self, sent: Sent, /) -> None:
        """A request leaves: for those who look closer."""

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        sent = Sent(asyncio.get_running_loop().time(), request)
        self.sent.append(sent)
        self.noted(sent)
        error = self.fails(request)
        if error is not None:
            raise error
        response = await self._way.send(request, timeout=timeout, pool=pool)
        self.answers.append(response)
        return response

    async def aclose(self) -> None:
        await self._way.aclose()


class Wall:
    """A time of day that follows the loop."""

    def time_ns(self) -> int:
        return 1_795_262_400_000_000_000 + int(asyncio.get_running_loop().time() * 1e9)


class Scene:
    """One venue, reached by as many clients as are asked for."""

    def __init__(
        self,
        venue: str,
        plan: FaultPlan | None = None,
        seed: int = 1,
        *,
        streams: StreamPlan | None = None,
        busy: Market | None = None,
    ) -> None:
        """`busy` is the market that moves ten times a second."""
        loop = asyncio.get_running_loop()
        self.name = venue
        self.dialect = _quiet(venue, busy)(Setting(now=loop.time, seed=seed))
        self.network = SandboxNetwork(self.dialect, plan, seed=seed, streams=streams)
        self.dialer = self.network.dialer()
        self._seed = seed

    def client(self, **settings: Any) -> tuple[Client, Tap]:
        """A client of the first account, and what it sends. All of them share one process and one address."""
        return self.tapped(Tap, **settings)

    def tapped(self, tapping: type[P], **settings: Any) -> tuple[Client, P]:
        """The same with a tap of another kind."""
        tap = tapping(self.network.transport())
        world = World(chance=Random(self._seed), wall=Wall(), boottime=asyncio.get_running_loop().time)
        credentials = self.dialect.accounts[0].credentials
        client = Client(
            self.name,
            transport=tap,
            dialer=self.dialer,
            world=world,
            credentials=credentials,
            endpoint=self.network.urls,
            options=OPTIONS.get(self.name, {}),
            **settings,
        )
        return client, tap

    def step_clock(self, seconds: float) -> None:
        """Step the time of day that the venue shows, as an incident of its fault plan would."""
        moment = self.dialect.clock.moment()
        self.dialect.engine.advance(moment.true_us)
        self.dialect.clock.step(seconds)
        self.dialect.keeper.clock_stepped()
        self.network.ledger.clock_stepped()

    def ban(self, seconds: float) -> None:
        """Ban the clients' address at the venue's main door; the first request that meets the ban hears of it."""
        incoming = Incoming(door=self.dialect.doors[0], method="GET", path="/")
        self.dialect.keeper.ban(*self.dialect.ban_keys(incoming)[0], seconds, self.dialect.moment, announced=False)


def _quiet(venue: str, busy: Market | None) -> type[Dialect]:
    base = sandbox_class(venue)

    def paced(listing: Listing) -> Listing:
        if (listing.instrument.product, listing.instrument.symbol) == busy:
            return evolve(listing, step_us=_BUSY_STEP_US, levels=_BUSY_LEVELS)
        return evolve(listing, step_us=_STEP_US, levels=_LEVELS)

    changed: dict[str, Any] = {
        "listings": tuple(map(paced, base.listings)),
        "rules": evolve(base.rules, history_minutes=2),
    }
    return cast(type[Dialect], type(base.__name__, (base,), changed))
