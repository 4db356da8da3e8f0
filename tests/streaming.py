"""A client on the streams of a simulated venue in virtual time, and what happened to its connections."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from attrs import define

from unified.client import Client
from unified.hooks import StreamChange, StreamEvent
from unified.ports import Dialer
from unified.sandbox.dialect import Dialect, Setting
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.registry import sandbox_class
from unified.sandbox.stream_faults import StreamMishap, StreamPlan
from unified.settings import OrderSettings
from unified.sharing import forget_shared
from unified.world import World


@define
class Stage:
    client: Client
    network: SandboxNetwork
    dialect: Any
    """The sandbox itself: `dialect.engine` is the truth."""
    events: list[StreamEvent]

    @property
    def counts(self) -> Counter[StreamChange]:
        """How often each thing happened."""
        return Counter(event.change for event in self.events)

    def strike(self, *mishaps: StreamMishap) -> None:
        """Let these happen to the next frames."""
        self.network.streams.strike(*mishaps)

    def set_clock(self, seconds: float) -> None:
        """The venue sets the time of day that it shows by so much."""
        self.dialect.engine.advance(self.dialect.clock.true_us())
        self.dialect.clock.step(seconds)
        self.dialect.engine.advance(self.dialect.clock.true_us())
        self.dialect.keeper.clock_stepped()
        self.network.ledger.clock_stepped()


class _Wall:
    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def time_ns(self) -> int:
        return self._dialect.now_us * 1000


def client_on(network: SandboxNetwork, dialer: Dialer, account: int = 0, **settings: Any) -> Client:
    """A client of the venue behind the network."""
    return Client(
        network.dialect.name,
        endpoint=dict(network.urls),
        credentials=network.dialect.accounts[account].credentials,
        transport=network.transport(),
        dialer=dialer,
        **settings,
    )


@asynccontextmanager
async def stage(
    venue: str,
    chances: Mapping[StreamMishap, float] | None = None,
    seed: int = 1,
    account: int = 0,
    entry: str = "rest",
) -> AsyncIterator[Stage]:
    """A stage whose frames meet mishaps by these chances (per thousand); orders go by REST or over a socket."""
    loop = asyncio.get_running_loop()
    forget_shared()
    dialect = sandbox_class(venue)(Setting(now=loop.time, seed=seed))
    network = SandboxNetwork(dialect, seed=seed, streams=StreamPlan(seed=seed, chances=chances or {}))
    dialer = network.dialer()
    world = World(chance=Random(seed), wall=_Wall(dialect), boottime=loop.time)
    client = client_on(network, dialer, account, world=world, orders=OrderSettings(entry=entry))
    events: list[StreamEvent] = []
    client.hooks.on_stream.add(events.append)
    async with client:
        yield Stage(client, network, dialect, events)
    assert dialer.failures == []
