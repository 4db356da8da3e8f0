"""Runs the main job: starts the venues, trades on all of them at once, and lets each venue judge its client.

Prints nothing (`cli/demo.py` does). Everything goes through real loopback sockets and one configuration file.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from attrs import define, evolve, field, frozen

from unified.adapter import AdapterSettings, Dedup
from unified.client import Client
from unified.demo.audit import Audit, StreamVerdict
from unified.demo.sections import write_config
from unified.demo.sight import DEPTH, Sight
from unified.demo.strategy import Quoter, Records, tidy_up
from unified.demo.watch import Watch
from unified.registry import adapter_class
from unified.sandbox.dialect import Dialect, Setting
from unified.sandbox.faults import FaultPlan, Profile
from unified.sandbox.ledger import Intent, Verdict
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.registry import sandbox_class
from unified.sandbox.server import SandboxServer
from unified.sandbox.stream_faults import UNSEEN, StreamPlan

TIDY_SECONDS = 150.0
"""Longest time after the run in which orders are canceled and doubts are settled; mostly a few seconds are enough.
A lost request to Coinbase may be accepted for two minutes: before that nothing proves that it never will be."""
QUIET_LOOKS = 60
"""Tenths of a second that a request may be under way: the deadline of one attempt, and a little more."""
TOLD_LOOKS = 600
"""Halves of a second that streams may take to tell of the last fills once nothing goes wrong any more: a ban that has
begun may last for a minute, and what was missed is asked for after it. None where no connection has just died."""
QUOTERS = 3
"""Quoting loops for each instrument, so that calls meet in limits and queues as they do in real programs."""


@frozen(kw_only=True)
class Plan:
    """What to run."""

    venues: tuple[str, ...]
    seconds: float
    seed: int
    faults: Profile


@define
class Stage:
    """One venue, its client and what is known of both."""

    venue: str
    server: SandboxServer | SandboxNetwork
    client: Client
    watch: Watch = field(factory=Watch)
    records: Records = field(factory=Records)
    verdict: Verdict | None = None
    """The venue's judgement, once the run is over."""
    unknown_left: int = 0
    """Orders that were in doubt when it judged."""
    streams: StreamVerdict = field(factory=StreamVerdict)
    """What its streams showed, judged by what it knows; nothing where it streams nothing."""

    @property
    def unknown_open(self) -> int:
        """Orders in doubt: now, and once the run is over those that were left."""
        return len(self.client.pending()) if self.verdict is None else self.unknown_left

    @property
    def unknown_outcomes(self) -> int:
        """Doubts of the whole run."""
        return self.watch.settled.total() + self.unknown_open

    @property
    def names(self) -> tuple[str, ...]:
        """What to quote: the first listing of each product."""
        first = {
            listing.instrument.product: listing.instrument.name for listing in reversed(self.server.dialect.listings)
        }
        return tuple(first[product] for product in self.client.products if product in first)


Show = Callable[[Sequence[Stage], float], Awaitable[None]]
"""Told the stages and the seconds left, again and again until the run is over."""


def settles(venue: str) -> bool:
    """Whether every doubt about an order can end there. Where it cannot, nobody can promise that none stays open."""
    rules = adapter_class(venue)(AdapterSettings()).placement.values()
    return all(rule.expiry is not None or rule.dedup is Dedup.EVER for rule in rules)


async def run(plan: Plan, show: Show) -> tuple[Stage, ...]:
    """Trade for the planned time, tidy up, and bring each venue's verdict. Raises ConfigurationError."""
    async with _stages(plan) as stages:
        await traded(stages, plan, show)
        return tuple(stages)


async def traded(stages: Sequence[Stage], plan: Plan, show: Show, *, tidy_s: float = TIDY_SECONDS) -> None:
    """Trade on stages that stand, tidy up, and give each its verdict."""
    loop = asyncio.get_running_loop()
    until = loop.time() + plan.seconds
    shown = loop.create_task(_shown(stages, until, show))
    # Streams stay until the verdicts are in: what they ask in the background would otherwise end half-way, unaccounted.
    async with AsyncExitStack() as stack:
        try:
            await asyncio.gather(*(_traded(stage, plan, until, tidy_s, stack) for stage in stages))
        finally:
            shown.cancel()
            await asyncio.gather(shown, return_exceptions=True)
        await asyncio.gather(*map(_quiet, stages))
        for stage in stages:
            stage.unknown_left = len(stage.client.pending())
            stage.verdict = _judged(stage)


async def _traded(stage: Stage, plan: Plan, until: float, tidy_s: float, stack: AsyncExitStack) -> None:
    """Trade at one venue by what its streams show, tidy up, and judge what they have shown."""
    client, records, loop = stage.client, stage.records, asyncio.get_running_loop()
    dialect = stage.server.dialect
    account = dialect.engine.accounts[dialect.accounts[0].name]
    audit = Audit(dialect.engine, account, stage.names, DEPTH, loop.time)
    client.hooks.on_stream.add(audit.event)
    sight = await stack.enter_async_context(Sight(client, records, stage.names, audit))
    async with asyncio.TaskGroup() as group:
        for number, name in enumerate(stage.names * QUOTERS):
            chance = random.Random(f"{plan.seed}/{stage.venue}/{number}").random
            group.create_task(Quoter(client, name, records, chance, sight).run(until))
    await tidy_up(client, records, loop.time() + tidy_s)
    if sight.streams_all:
        stage.streams = await _told(stage, audit)


async def _told(stage: Stage, audit: Audit) -> StreamVerdict:
    """The verdict on its streams.

    That fills are told after any gap can only be judged of a venue that answers, so nothing goes wrong from now on. A
    fill that is told now is late, one that is not told in the end is lost.
    """
    server = stage.server
    server.reception.plan.calm()
    server.streams.calm()
    late = audit.verdict(0).lost_fills
    for _ in range(TOLD_LOOKS):
        if not audit.verdict(0).lost_fills:
            break
        await asyncio.sleep(0.5)
    found = audit.verdict(server.streams.happened.total())
    return evolve(found, late_fills=late - found.lost_fills)


async def _shown(stages: Sequence[Stage], until: float, show: Show) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await show(stages, max(0.0, until - loop.time()))
        await asyncio.sleep(0.25)


@asynccontextmanager
async def _stages(plan: Plan) -> AsyncIterator[list[Stage]]:
    """Servers and clients, started and closed in order."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="unified-demo-")))
        now = asyncio.get_running_loop().time
        servers = {}
        for number, venue in enumerate(plan.venues):
            dialect = sandbox_class(venue)(Setting(now=now, seed=plan.seed + number, base_us=_venue_time(plan, venue)))
            faults = FaultPlan(plan.faults, plan.seed + number)
            streams = stream_plan(plan.faults, plan.seed + number, type(dialect))
            servers[venue] = await stack.enter_async_context(SandboxServer(dialect, faults, streams))
        file = write_config(folder, {venue: (server.dialect, server.urls) for venue, server in servers.items()})
        stages = []
        for venue, server in servers.items():
            client = await stack.enter_async_context(Client.from_file(file, venue))
            stage = Stage(venue, server, client)
            stage.watch.follow(client)
            stages.append(stage)
        yield stages


def stream_plan(faults: Profile, seed: int, dialect: type[Dialect]) -> StreamPlan:
    """What befalls a venue's streams: all that a client of that venue can notice."""
    return StreamPlan(faults, seed, spared=() if dialect.counts_account_frames else UNSEEN)


def _venue_time(plan: Plan, venue: str) -> int:
    """Microseconds since the epoch: the machine's clock, off by up to two seconds as real ones are."""
    skew = random.Random(f"{plan.seed}/{venue}/clock").uniform(-2.0, 2.0)
    return time.time_ns() // 1000 + int(skew * 1e6)


async def _quiet(stage: Stage) -> None:
    """Let requests in the background (clocks, listings) end: one under way would count as one nobody sent."""
    for _ in range(QUIET_LOOKS):
        if not _judged(stage).unattributed_requests:
            return
        await asyncio.sleep(0.1)


def _judged(stage: Stage) -> Verdict:
    """The venue's ledger against what the client believes and says it has sent."""
    records = stage.records
    intents = (_intent(records, id_) for id_ in records.wanted)
    return stage.server.ledger.verdict(intents=intents, attempts=stage.watch.attempts)


def _intent(records: Records, id_: str) -> Intent:
    known = records.known.get(id_)
    if known is None:
        return Intent(client_order_id=id_, status=None)
    return Intent(client_order_id=id_, status=known.status, filled_quantity=known.filled_quantity)
