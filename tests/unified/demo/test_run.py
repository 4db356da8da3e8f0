"""The whole run, through loopback sockets and in virtual time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from unified.demo.run import Plan, Stage, run, settles
from unified.errors import ConfigurationError
from unified.executions import Executions
from unified.owed_fills import OwedFills
from unified.sandbox.faults import Mishap, Profile
from unified.testing.loop import run as in_virtual_time


class Seen:
    """What was shown."""

    def __init__(self) -> None:
        self.left: list[float] = []
        self.venues: set[str] = set()

    async def show(self, stages: Sequence[Stage], left: float) -> None:
        self.left.append(left)
        self.venues |= {stage.venue for stage in stages}


def ran(*venues: str, faults: Profile, seconds: float = 10.0) -> tuple[tuple[Stage, ...], Seen]:
    seen = Seen()
    plan = Plan(venues=venues, seconds=seconds, seed=7, faults=faults)
    return in_virtual_time(run(plan, seen.show)), seen


@pytest.mark.parametrize("faults", Profile)
def test_the_venue_judges_its_client_and_finds_nothing(faults: Profile) -> None:
    (stage,), seen = ran("paper", faults=faults)
    assert stage.verdict is not None
    assert stage.verdict.is_clean
    assert (stage.verdict.lost_orders, stage.verdict.unattributed_requests) == (0, 0)
    assert stage.verdict.orders > 5
    assert stage.unknown_open == 0
    assert len(stage.watch.attempts) >= stage.verdict.requests
    assert seen.left[0] == pytest.approx(10.0, abs=0.5)
    assert seen.left[-1] == 0.0


def test_several_venues_run_side_by_side() -> None:
    stages, seen = ran("paper", "binance", faults=Profile.NONE, seconds=3.0)
    assert seen.venues == {stage.venue for stage in stages} == {"paper", "binance"}
    assert all(stage.verdict is not None and stage.verdict.is_clean for stage in stages)
    assert stages[1].names == ("BTC/USDT", "BTC/USDT:USDT")


def test_harsh_venues_leave_doubts_and_every_one_is_settled() -> None:
    (stage,), _ = ran("paper", faults=Profile.HARSH, seconds=30.0)
    assert stage.unknown_outcomes == stage.watch.settled.total() > 0


def test_a_venue_whose_orders_neither_expire_nor_keep_their_ids_cannot_settle_every_doubt() -> None:
    assert {venue: settles(venue) for venue in ("paper", "coinbase", "kraken", "bitzoom")} == {
        "paper": True,
        "coinbase": True,
        "kraken": True,
        "bitzoom": False,
    }


@pytest.mark.parametrize("deaf", [False, True])
def test_a_fill_is_lost_if_a_venue_that_answers_could_not_tell_it(deaf: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end is calm: whoever asks then hears of all fills, whoever never asks has lost those that no frame told."""
    if deaf:
        monkeypatch.setattr(Executions, "catch_up", lambda _self: None)
        monkeypatch.setattr(OwedFills, "note", lambda _self, _order: None)
    (stage,), _ = ran("coinbase", faults=Profile.HARSH, seconds=20.0)  # whose frames tell of fills, and not them
    assert stage.server.reception.plan.fate("POST /any", is_time=False).mishap is Mishap.NONE
    assert (stage.streams.fills > 0, stage.streams.lost_fills > 0) == (not deaf, deaf)


def test_an_unknown_venue_is_named() -> None:
    with pytest.raises(ConfigurationError, match="no sandbox for 'atlantis'"):
        ran("atlantis", faults=Profile.NONE)
