"""`unified simulate`: what it prints, and how it ends."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.unified.cli.typed import Shell
from unified.cli import simulate as command
from unified.sandbox import registry as sandboxes
from unified.sandbox.faults import Profile
from unified.simulation.chronicle import Event
from unified.simulation.run import Finding, Plan, simulate

ZERO = ("duplicates", "false_rejected", "false_done", "forgotten", "limit_violations", "attempts_after_deadline")


def broken(venue: str, plan: Plan) -> Finding:
    """A run in which one order was placed twice and another is undecided."""
    finding = simulate(venue, plan)
    judgement = evolve(finding.judgement, duplicates=("twice1",), undecided=("open1",))
    return evolve(finding, judgement=judgement, trace=(Event(1.5, "sent", "twice1", "POST /order"),))


def test_one_venue_as_json(shell: Shell) -> None:
    done = shell("simulate", "--orders", "40", "--seed", "3", "--venue", "okx", "--json")
    said = done.json
    assert (done.status, done.err) == (0, "")
    assert (said["promises_kept"], said["seed"], said["faults"], said["crashes"]) == (True, 3, "harsh", True)
    assert set(said["venues"]) == {"okx"}
    counts = said["venues"]["okx"]
    assert [counts[name] for name in ZERO] == [0] * len(ZERO)
    assert said["all"]["intents"] == counts["intents"] > 0
    assert len(said["event_hash"]) == len(counts["event_hash"]) == 32
    assert counts["undecided_orders"] == counts["traces"] == []


def test_all_venues_as_a_table_and_the_same_again(shell: Shell) -> None:
    first, again = (shell("simulate", "--orders", "50", "--faults", "mild", "--crashes", "off") for _ in range(2))
    assert first.status == 0
    heading = first.out.splitlines()[0].split()
    assert heading == [*(name for name in sandboxes.installed() if name != "paper"), "all"]
    assert "duplicates" in first.out
    assert first.out.splitlines()[-1] == "Every order happened at most once."
    hashes = {out.split("event hash ")[1].split()[0] for out in (first.out, again.out)}
    assert len(hashes) == 1


def test_a_broken_promise_ends_with_1_and_the_events_of_its_order(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "simulate_venue", broken)
    done = shell("simulate", "--orders", "5", "--venue", "okx", "--faults", "none", "--crashes", "off")
    assert done.status == 1
    assert "okx, seed 7: open1 is undecided" in done.out
    assert "okx, seed 7: all that happened to twice1" in done.out
    assert "1.500000  sent      twice1  POST /order" in done.out
    assert done.out.splitlines()[-1] == "Promises were broken at okx."


def test_a_venue_that_cannot_be_simulated_is_named(shell: Shell) -> None:
    done = shell("simulate", "--venue", "atlantis")
    assert done.status == 2
    assert "no sandbox for 'atlantis'" in done.err


def test_without_any_sandbox_it_says_so(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "installed", tuple)
    assert "none that is installed brings a sandbox" in shell("simulate").err


@pytest.mark.parametrize("name", list(Profile))
def test_the_words_for_faults_are_those_of_the_demo(shell: Shell, name: Profile) -> None:
    assert name in shell("simulate", "--help").out
