"""Orders happen exactly once: fresh simulations through every venue, and the same with one protection taken away.

A client without a protection must be caught: a proof that cannot fail proves nothing. The command for longer runs
stands in tests/README.md.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest

from unified import intent as life
from unified.adapter import PlacementRule
from unified.carryover import Carryover
from unified.changes import Changes
from unified.doubt import Doubt
from unified.errors import Outcome, VenueError
from unified.intent import Intent, Phase
from unified.order import Order
from unified.records import LimitRecord, OrderRecord
from unified.sandbox.faults import Profile
from unified.scheduler import Scheduler
from unified.simulation import run as simulation
from unified.simulation.run import Finding, Plan, chapters, simulate

PROVABLE = ("binance", "binanceus", "bybit", "coinbase", "kraken", "okx")
VENUES = (*PROVABLE, "bitzoom")
"""In the last nothing proves that an order does not exist: what was not found stays in doubt, and says so."""
FRESH = int(os.environ.get("UNIFIED_SEED", time.time_ns() // 1_000_000 % 1_000_000_000))
"""A new seed for each run; the variable repeats it."""
ORDERS = int(os.environ.get("UNIFIED_ORDERS", "100000"))
"""Through harsh faults and crashes, at all venues together."""
FEWER = min(400, ORDERS)
"""In each of the runs through less."""
PARTS = 8
"""Tests that share the orders of a venue, so that processes can share the tests."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Programs that die with orders in doubt say so in the log; here that is the point."""
    log = logging.getLogger("unified")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    yield
    log.setLevel(before)


def proved(venue: str, plan: Plan) -> Finding:
    """What the plan showed: no broken promise. Where there is one, the command that repeats it is told."""
    finding = simulate(venue, plan)
    events = "\n".join(map(str, finding.trace))
    crashes = "on" if plan.crashes else "off"
    again = (
        f"unified simulate --venue {venue} --orders {plan.orders} --seed {plan.seed}"
        f" --faults {plan.faults} --crashes {crashes}"
    )
    assert finding.is_clean, f"{again}: {dict(finding.counts)}\n{events}"
    assert venue not in PROVABLE or not finding.judgement.undecided, f"{again}: {finding.judgement.undecided}"
    return finding


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("venue", VENUES)
def test_every_order_happens_at_most_once_and_every_outcome_is_true(venue: str, part: int) -> None:
    plan = Plan(orders=-(-ORDERS // len(VENUES)), seed=FRESH, faults=Profile.HARSH, crashes=True)
    found = [proved(venue, chapter) for chapter in chapters(plan)[part::PARTS]]
    assert venue not in PROVABLE or all(finding.judgement.orders for finding in found)


@pytest.mark.parametrize("faults", [Profile.NONE, Profile.MILD], ids=lambda faults: f"{faults} faults")
@pytest.mark.parametrize("venue", VENUES)
def test_neither_do_crashes_alone_or_with_few_faults_break_a_promise(venue: str, faults: Profile) -> None:
    assert proved(venue, Plan(orders=FEWER, seed=FRESH, faults=faults, crashes=True)).judgement.orders


@pytest.mark.parametrize("venue", VENUES)
def test_faults_alone_break_no_promise_either(venue: str) -> None:
    assert not proved(venue, Plan(orders=FEWER, seed=FRESH, faults=Profile.MILD, crashes=False)).crashes


# --- without one protection


class Forgetful:
    """A journal that keeps nothing."""

    left_over: Mapping[str, OrderRecord] = {}
    limits: Collection[LimitRecord] = ()

    def __init__(self, *_where: Any, durable: bool) -> None:
        pass

    async def sending(self, record: OrderRecord) -> None:
        pass

    def ended(self, client_order_id: str, outcome: Outcome) -> None:
        pass

    def limited(self, record: LimitRecord) -> None:
        pass

    async def aclose(self) -> None:
        pass


def without_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "FileJournal", Forgetful)


def without_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no copy could come late: what is not shown after the visibility is taken for absent."""

    def settled_at_ms(intent: Intent, rule: PlacementRule) -> int:
        return 0

    monkeypatch.setattr(life, "settled_at_ms", settled_at_ms)


def without_visibility(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every accepted order were shown at once."""
    real = life.settled_at_ms

    def settled_at_ms(intent: Intent, rule: PlacementRule) -> int | None:
        settled_ms = real(intent, rule)
        return None if settled_ms is None else intent.fence_ms

    monkeypatch.setattr(life, "settled_at_ms", settled_at_ms)


def with_belief_in_the_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "proves_absence", lambda intent, asked_ms, rule: True)


def with_the_same_id_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "may_send", lambda intent, rule: intent.phase in (Phase.READY, Phase.UNKNOWN))


def with_a_clock_that_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fence and a visibility that are judged by more than the venue's clock has surely reached."""
    real = Scheduler.venue_ms
    # Left alone, our own clock would still see to it that an order has time to come into sight.
    monkeypatch.setattr(Doubt, "sure_ms", lambda self, venue_ms: venue_ms)

    def venue_ms(self: Scheduler, product: Any) -> int | None:
        lower = real(self, product)
        return None if lower is None else lower + 5000

    monkeypatch.setattr(Scheduler, "venue_ms", venue_ms)


TWICE_OR_LIED = {"duplicates", "false_rejected"}


def with_belief_in_old_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if an amendment without an answer had never arrived."""

    async def after_amend(_self: Changes, _wanted: Any, _fence_ms: int, error: VenueError, _deadline: float) -> Order:
        raise error.about(outcome=Outcome.REJECTED)

    monkeypatch.setattr(Changes, "_after_amend", after_amend)


@pytest.mark.parametrize(
    ("take_away", "broken"),
    [
        pytest.param(without_journal, {"forgotten"}, id="no journal"),
        pytest.param(without_fence, TWICE_OR_LIED, id="no fence"),
        pytest.param(without_visibility, TWICE_OR_LIED, id="no time to come into sight"),
        pytest.param(with_belief_in_the_first_answer, TWICE_OR_LIED, id="not found is believed at once"),
        pytest.param(with_the_same_id_at_once, {"duplicates"}, id="the same id again at once"),
        pytest.param(with_a_clock_that_is_ahead, TWICE_OR_LIED, id="a fence by a clock ahead"),
        pytest.param(with_belief_in_old_terms, {"false_amended"}, id="no look after an amendment"),
    ],
)
def test_without_one_protection_the_client_is_caught(
    take_away: Any, broken: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_away(monkeypatch)
    for seed in range(12):
        finding = simulate("binance", Plan(orders=300, seed=seed, faults=Profile.HARSH, crashes=True))
        caught = {name for name, count in finding.counts.items() if count}
        if caught & broken:
            assert finding.trace, "a broken promise comes with the events of its order"
            return
    pytest.fail(f"{take_away.__name__}: no promise was broken in twelve runs")


def test_without_what_earlier_processes_spent_the_client_passes_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kraken has the limits that take longest to recover."""
    monkeypatch.setattr(Carryover, "inherit", lambda self, limiter, owner: None)
    for seed in (
        22,
        *range(60),
    ):  # the first one is known to do it, as long as nothing about the course of events changes
        finding = simulate("kraken", Plan(orders=120, seed=seed, faults=Profile.HARSH, crashes=True))
        if finding.limit_violations:
            return
    pytest.fail("no limit was passed in sixty runs")
