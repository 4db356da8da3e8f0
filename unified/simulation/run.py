"""The proof: the production client against a venue's sandbox, in virtual time, through faults and crashes.

Prints nothing (`cli/simulate.py` does). All that is chance, time or order of events follows from the seed.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from attrs import evolve, frozen

from unified.adapter import Dedup
from unified.client import Client
from unified.config import ClientConfig
from unified.instrument import Instrument
from unified.journal import FileJournal
from unified.registry import adapter_class
from unified.sandbox.clock import DEFAULT_BASE_US
from unified.sandbox.faults import Profile
from unified.sandbox.ledger import Verdict
from unified.settings import Deadlines, OrderSettings
from unified.sharing import forget_shared
from unified.simulation.beliefs import Belief, Beliefs
from unified.simulation.chronicle import Chronicle, Event
from unified.simulation.disk import MemoryDisk
from unified.simulation.judge import Judgement, judge
from unified.simulation.process import Process, task_factory
from unified.simulation.trader import Trader
from unified.simulation.venue import SimulatedVenue
from unified.testing import loop as virtual
from unified.world import World

OPTIONS = {"kraken": {"tier": "pro"}}
"""What the sandbox's account is at the venue, where an adapter has to be told."""
WINDOW_MS, VISIBILITY_S = 2000, 3.0
"""Tighter than what most venues promise, so that a proof that comes too early is seen; queries are blind for less."""
_CRASH_AFTER = (30, 600)
"""Moments (writes, syncs, requests, answers) of a life that ends in a crash."""
_DOWN_S, _REBOOT_S = (0.05, 4.0), (60.0, 90.0)
"""How long the program is down after a crash of its own, and after one of its machine."""
_MACHINE_SHARE = 0.3
"""Share of crashes in which the machine dies too, and with it what was not synced."""
_SETTLE_S = 4000.0
"""Longer than the hour by which a venue's clock may be set back: only then can its last orders be decided."""
_HOPELESS_S = 10.0
"""The same at a venue where nothing proves absence: an order that was not found soon never is."""
_LAST_ARRIVAL_S = 15.0
"""After this nothing is under way any more."""


@frozen(kw_only=True)
class Plan:
    """What to prove."""

    orders: int
    """Orders that are wanted at each venue."""
    seed: int
    faults: Profile
    crashes: bool
    entry: str = "rest"
    """The way that orders go: `rest`, or `socket` at venues that take them so."""


CHAPTER = 500
"""Orders of one chapter: simulated venues take longer for each question the more orders they hold."""


def chapters(plan: Plan) -> tuple[Plan, ...]:
    """The plan in parts that can be run apart; part n of seed s is the whole of seed s + n."""
    sizes = [min(CHAPTER, plan.orders - begun) for begun in range(0, plan.orders, CHAPTER)]
    return tuple(evolve(plan, orders=size, seed=plan.seed + number) for number, size in enumerate(sizes))


@frozen(kw_only=True)
class Finding:
    """What one venue's run showed."""

    venue: str
    seed: int
    intents: int
    judgement: Judgement
    verdict: Verdict
    attempts_after_deadline: tuple[str, ...]
    limit_violations: int
    """Requests past a limit or into a ban."""
    unknown: int
    """Calls that ended with an outcome `unknown`."""
    settled: dict[str, int]
    """Outcome -> how many doubts ended so."""
    errors: dict[str, int]
    """Kind and outcome -> how many calls ended so."""
    crashes: int
    mishaps: int
    virtual_s: float
    cpu_s: float
    events: int
    digest: str
    trace: tuple[Event, ...]
    """All events of the first order for which a promise was broken."""

    @property
    def counts(self) -> dict[str, int]:
        """What must be zero: promise -> how often it was broken."""
        return {
            **{name: len(ids) for name, ids in self.judgement.broken.items()},
            "limit_violations": self.limit_violations,
            "attempts_after_deadline": len(self.attempts_after_deadline),
        }

    @property
    def is_clean(self) -> bool:
        return not any(self.counts.values())


def simulate(venue: str, plan: Plan) -> Finding:
    """Run the proof at one venue, in a loop of virtual time. Raises ConfigurationError for an unknown venue."""
    began = time.process_time()

    async def main() -> Run:
        asyncio.get_running_loop().set_task_factory(task_factory)
        run = Run(venue, plan)
        await run.to_the_end()
        return run

    done = virtual.run(main())
    return done.finding(time.process_time() - began)


class Run:
    """One venue and the lives of its client."""

    def __init__(self, venue: str, plan: Plan) -> None:
        loop = asyncio.get_running_loop()
        self._name = venue
        self._adapter = adapter_class(venue)
        self._plan = plan
        self._started = loop.time()
        self._virtual_s = 0.0
        self._seed = f"{plan.seed}/{venue}"
        self._chance = Random(f"{self._seed}/lives")
        self._chronicle = Chronicle(loop.time)
        self._venue = SimulatedVenue(venue, plan.seed, plan.faults, self._chronicle)
        self._beliefs = Beliefs()
        self._numbers: Iterator[int] = iter(range(plan.orders))
        self._content = b""
        self._late: list[str] = []
        self._crashes = 0
        self._machine_died = False

    async def to_the_end(self) -> None:
        """Life after life until every order was wanted, then wait until nothing is under way."""
        venue = self._venue.dialect
        while not await self._live():
            self._crashes += 1
            died = venue.clock.moment()
            await asyncio.sleep(self._chance.uniform(*(_REBOOT_S if self._machine_died else _DOWN_S)))
            venue.keeper.reader_died(died)
        await asyncio.sleep(_LAST_ARRIVAL_S)
        await self._venue.aclose()
        self._virtual_s = asyncio.get_running_loop().time() - self._started

    async def _live(self) -> bool:
        """One life; whether it came to its end without a crash."""
        process = Process(self._chance, self._chance.randint(*_CRASH_AFTER) if self._plan.crashes else None)
        disk = MemoryDisk(self._content, self._chance, process)
        survived = await process.run(self._program(process, disk))
        self._machine_died = not survived and self._chance.random() < _MACHINE_SHARE
        self._content = disk.end(machine_too=self._machine_died)
        forget_shared()
        if not survived:
            self._chronicle.tell("crashed", "")
            self._remember_crash()
        return survived

    def _remember_crash(self) -> None:
        for id_, belief in self._beliefs.of.items():
            if belief in (Belief.WANTED, Belief.UNKNOWN):
                self._chronicle.tell("crashed", id_)

    async def _program(self, process: Process, disk: MemoryDisk) -> None:
        """What runs in one life: settle what the last one left, place orders, settle again."""
        config = self._config()
        adapter = config.adapter_class(config.adapter_settings())
        journal = FileJournal(disk, adapter.venue, adapter.account, durable=True)
        line = self._venue.line(process, self._beliefs.deadlines, tuple(journal.left_over))
        dialer = self._venue.dialer(process, line)
        client = Client(config, transport=line, world=self._world(), journal=journal, dialer=dialer)
        provable = all(rule.expiry is not None or rule.dedup is Dedup.EVER for rule in adapter.placement.values())
        patience = _SETTLE_S if provable else _HOPELESS_S
        try:
            async with client:
                trader = Trader(
                    client, self._instruments(client), self._price, self._seed, self._beliefs, self._chronicle
                )
                if self._chance.random() < 0.75:  # else new orders wait at the client's own gate
                    await client.settle(patience)
                await trader.run(self._numbers)
                await client.settle(patience)
        finally:
            self._late += line.late_attempts
            await dialer.hang_up()

    def _config(self) -> ClientConfig:
        return ClientConfig(
            adapter=self._adapter,
            credentials=self._venue.dialect.accounts[0].credentials,
            endpoint=self._venue.network.urls,
            options=OPTIONS.get(self._name, {}),
            deadlines=Deadlines(attempt=1.5),
            orders=OrderSettings(window_ms=WINDOW_MS, visibility=VISIBILITY_S, entry=self._plan.entry),
        )

    def _world(self) -> World:
        loop = asyncio.get_running_loop()
        return World(chance=Random(f"{self._seed}/world/{self._crashes}"), wall=_Wall(), boottime=loop.time)

    def _instruments(self, client: Client) -> tuple[str, ...]:
        """The first instrument of each product."""
        first = {
            listing.instrument.product: listing.instrument.name for listing in reversed(self._venue.dialect.listings)
        }
        return tuple(first[product] for product in client.products if product in first)

    def _price(self, instrument: Instrument) -> Decimal:
        """Where the market stands: what a program would see in the book."""
        engine = self._venue.dialect.engine
        return engine.market(engine.instrument(instrument.product, instrument.symbol)).mark

    def finding(self, cpu_s: float) -> Finding:
        """What the run showed, once it is over."""
        beliefs, keeper = self._beliefs, self._venue.dialect.keeper
        judgement = judge(self._venue.account.orders, beliefs)
        broken = [ids[0] for ids in (*judgement.broken.values(), self._late) if ids]
        return Finding(
            venue=self._name,
            seed=self._plan.seed,
            intents=len(beliefs.of),
            judgement=judgement,
            verdict=self._venue.network.ledger.verdict(),
            attempts_after_deadline=tuple(self._late),
            limit_violations=keeper.violations + keeper.while_banned,
            unknown=beliefs.unknown,
            settled={str(outcome): count for outcome, count in sorted(beliefs.settled.items())},
            errors=dict(sorted(beliefs.kinds.items())),
            crashes=self._crashes,
            mishaps=Counter(self._venue.network.reception.plan.happened).total() + self._venue.stream_mishaps,
            virtual_s=self._virtual_s,
            cpu_s=cpu_s,
            events=self._chronicle.events,
            digest=self._chronicle.digest,
            trace=self._chronicle.of(broken[0]) if broken else (),
        )


class _Wall:
    """A time of day that follows the virtual clock."""

    def time_ns(self) -> int:
        return DEFAULT_BASE_US * 1000 + int(asyncio.get_running_loop().time() * 1e9)
