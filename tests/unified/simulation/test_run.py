"""A whole run: it judges, it crashes and goes on, and one seed is one run whatever else changes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Awaitable, Iterator

import pytest
from attrs import evolve

from unified.errors import ConfigurationError
from unified.http import HttpRequest, HttpResponse
from unified.passages import Passage
from unified.sandbox.faults import Profile
from unified.sandbox.limits import RollingWindow
from unified.sandbox.registry import sandbox_class
from unified.scheduler import _Call
from unified.simulation.run import Plan, chapters, simulate

PLAN = Plan(orders=120, seed=5, faults=Profile.HARSH, crashes=True)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    log = logging.getLogger("unified")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    yield
    log.setLevel(before)


def test_it_crashes_meets_mishaps_settles_and_keeps_every_promise() -> None:
    finding = simulate("okx", evolve(PLAN, orders=240))
    assert finding.is_clean, finding.trace
    assert finding.crashes > 1
    assert finding.mishaps > 20
    assert 0 < finding.judgement.orders <= finding.intents <= 240
    assert finding.settled.keys() <= {"done", "rejected"}
    assert finding.virtual_s > 30 > finding.cpu_s > 0


def test_one_seed_is_one_run_and_another_is_another() -> None:
    first, again, other = (simulate("binance", evolve(PLAN, seed=seed)) for seed in (5, 5, 6))
    assert first.digest == again.digest != other.digest
    assert first.counts == again.counts


def test_one_seed_is_one_run_whatever_the_hash_seed() -> None:
    program = (
        "from unified.sandbox.faults import Profile\n"
        "from unified.simulation.run import Plan, simulate\n"
        "plan = Plan(orders=60, seed=5, faults=Profile.HARSH, crashes=True)\n"
        "print([simulate(venue, plan).digest for venue in ('binance', 'bybit', 'coinbase', 'kraken', 'okx')])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(said) == 1


def test_without_faults_and_crashes_nothing_is_in_doubt() -> None:
    finding = simulate("kraken", Plan(orders=40, seed=1, faults=Profile.NONE, crashes=False))
    assert finding.is_clean
    assert (finding.crashes, finding.mishaps, finding.unknown, finding.settled) == (0, 0, 0, {})


def test_requests_past_a_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """At a venue that lets fewer orders through than its papers say."""
    real = sandbox_class("okx")
    fewer = RollingWindow(limit=5, period_s=2)
    limits = tuple(evolve(limit, counting=fewer) if limit.name == "place" else limit for limit in real.limits)
    monkeypatch.setattr(real, "limits", limits)
    finding = simulate("okx", Plan(orders=60, seed=1, faults=Profile.NONE, crashes=False))
    assert finding.counts["limit_violations"] > 0
    assert not finding.is_clean


def test_an_attempt_after_the_deadline_is_counted_with_its_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unified.simulation.trader._PATIENCE_S", (0.0005,))
    real = _Call._handed

    def handed(call: _Call, request: HttpRequest, passage: Passage, now: float) -> Awaitable[HttpResponse]:
        call._deadline += 60.0
        return real(call, request, passage, now)

    monkeypatch.setattr(_Call, "_handed", handed)
    finding = simulate("binance", Plan(orders=60, seed=1, faults=Profile.NONE, crashes=False))
    assert finding.counts["attempts_after_deadline"] > 0
    assert finding.trace[0].step == "wanted"


def test_an_unknown_venue_is_named() -> None:
    with pytest.raises(ConfigurationError, match="atlantis"):
        simulate("atlantis", PLAN)


def test_a_long_plan_is_run_in_chapters_that_can_be_repeated_alone() -> None:
    parts = chapters(evolve(PLAN, orders=1200))
    assert [(part.orders, part.seed) for part in parts] == [(500, 5), (500, 6), (200, 7)]
    assert {(part.faults, part.crashes) for part in parts} == {(Profile.HARSH, True)}
