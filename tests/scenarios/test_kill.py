"""A trading program is killed over and over, with orders under way; whoever comes next finds out what became of them.

Real processes, a real socket and a real journal. Each life is killed a moment after a seeded number of its orders has
arrived at the venue, which takes its time with each: some orders are carried out after their sender has died.

    UNIFIED_KILLS=200 pytest tests/scenarios/test_kill.py       # twenty unless told
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import orjson

from unified import records
from unified.errors import Outcome
from unified.order import OrderStatus
from unified.records import Step
from unified.sandbox.dialect import Setting
from unified.sandbox.faults import Fate, FaultPlan, Mishap
from unified.sandbox.ledger import Intent
from unified.sandbox.server import SandboxServer
from unified_paper.venue import CREDENTIALS, PaperDialect

ROOT = Path(__file__).resolve().parents[2]
TRADER = Path(__file__).with_name("trader.py")
KILLS = int(os.environ.get("UNIFIED_KILLS", "20"))
PATIENCE_S = 120
ENOUGH = 10_000
"""More orders than any life lasts for."""


class SlowVenue(FaultPlan):
    """Every request waits a little before it is carried out; after some of the orders something happens."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        self._orders_left = 0
        self._event: Callable[[], None] | None = None

    def after(self, orders: int, event: Callable[[], None]) -> None:
        """Let this happen at a moment after so many more orders have arrived."""
        self._orders_left, self._event = orders, event

    def fate(self, route: str, *, is_time: bool) -> Fate:
        if route == "main POST /orders" and self._event is not None:
            self._orders_left -= 1
            if not self._orders_left:
                asyncio.get_running_loop().call_later(self._chance.uniform(0, 0.06), self._event)
        mishap = Mishap.NONE if is_time else Mishap.LATE
        return Fate(mishap=mishap, delay_s=self._chance.uniform(0, 0.05), status=503, retry_after=1.0, cut=0.5)


class Knowledge:
    """What journal and traders have said, over all lives."""

    def __init__(self, folder: Path) -> None:
        self.notes = folder / "notes"
        self.journal = folder / "orders.journal"
        self._journaled: set[str] = set()
        self._ended: dict[str, Outcome] = {}

    def read_journal(self) -> int:
        """Take up what a life has left in the journal; how many orders it left open."""
        payloads, whole = records.unframed(self.journal.read_bytes())
        assert records.is_torn(self.journal.read_bytes(), whole)
        for said in map(orjson.loads, payloads):
            if said["step"] == Step.SENT:
                self._journaled.add(said["id"])
            elif said["step"] == Step.ENDED:
                self._ended[said["id"]] = Outcome(said["outcome"])
        return len(records.history(payloads).open)

    @property
    def journaled(self) -> set[str]:
        return self._journaled

    def outcomes(self) -> dict[str, set[Outcome]]:
        """Every order that was wanted, and what was said of it."""
        said: dict[str, set[Outcome]] = {}
        for line in self.notes.read_text().splitlines():
            word, id_, *outcome = line.split()
            assert word in ("wanted", "known")
            said.setdefault(id_, set()).update(map(Outcome, outcome))
        for id_, outcome_ in self._ended.items():
            said[id_].add(outcome_)
        return said


def write_config(folder: Path, url: str) -> Path:
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text(CREDENTIALS.secret.reveal())
    config = folder / "unified.toml"
    config.write_text(
        f"""
[main]
adapter = "paper"
endpoint = {{ main = "{url}" }}
[main.credentials]
key = "{CREDENTIALS.key}"
secret = "file:secret"
[main.orders]
window_ms = 1000
visibility = 0.3
[main.deadlines]
order = 60
[main.journal]
file = "{folder / "orders.journal"}"
mode = "process"
"""
    )
    return config


async def start(config: Path, knowledge: Knowledge, run: int, orders: int) -> asyncio.subprocess.Process:
    path = os.pathsep.join((str(ROOT), str(ROOT / "adapters")))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(TRADER), str(config), str(knowledge.notes), str(run), str(orders)),
        env={**os.environ, "PYTHONPATH": path},
        stderr=asyncio.subprocess.PIPE,
    )


async def end_of(trader: asyncio.subprocess.Process) -> tuple[int, bytes]:
    """Exit status, and what it complained of."""
    try:
        _, complaints = await asyncio.wait_for(trader.communicate(), PATIENCE_S)
    finally:
        if trader.returncode is None:
            trader.kill()
            await trader.wait()
    assert trader.returncode is not None
    return trader.returncode, complaints


async def test_whatever_moment_a_trader_dies_at_no_order_is_doubled_or_forgotten(tmp_path: Path) -> None:
    chance = Random(20261121)
    plan = SlowVenue(chance)
    dialect = PaperDialect(Setting(now=asyncio.get_running_loop().time))
    knowledge = Knowledge(tmp_path)
    left_open = []
    async with SandboxServer(dialect, plan) as server:
        config = write_config(tmp_path, server.urls["main"])
        for run in range(KILLS):
            trader = await start(config, knowledge, run, ENOUGH)
            plan.after(chance.randint(1, 8), trader.kill)
            status, complaints = await end_of(trader)
            assert (status, complaints) == (-9, b"")
            left_open.append(knowledge.read_journal())
        status, complaints = await end_of(await start(config, knowledge, KILLS, 3))
        assert (status, complaints) == (0, b"")
        assert knowledge.read_journal() == 0
        judge(server, knowledge)
    assert sum(left_open) >= KILLS / 2


def judge(server: SandboxServer, knowledge: Knowledge) -> None:
    """The venue's own books against all that was said."""
    said = knowledge.outcomes()
    done = {id_ for id_, outcomes in said.items() if Outcome.DONE in outcomes}
    not_done = {id_ for id_, outcomes in said.items() if outcomes & {Outcome.REJECTED, Outcome.NOT_SENT}}
    verdict = server.ledger.verdict(
        intents=[Intent(client_order_id=id_, status=OrderStatus.NEW if id_ in done else None) for id_ in said]
    )
    assert (verdict.duplicate_orders, verdict.lost_orders, verdict.orders) == (0, 0, len(done))
    at_the_venue = {order.client_order_id for order in server.dialect.engine.accounts["client"].orders}
    assert at_the_venue == done
    assert not done & not_done
    assert done <= knowledge.journaled
    # Of an order that is not even in the journal nobody can say more than that it was wanted: it never left.
    assert {id_ for id_, outcomes in said.items() if not outcomes & set(Outcome) - {Outcome.UNKNOWN}}.isdisjoint(
        knowledge.journaled
    )
