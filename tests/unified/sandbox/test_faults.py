from __future__ import annotations

import pytest

from unified.adapter import AdapterSettings
from unified.registry import adapter_class
from unified.sandbox.faults import (
    LONGEST_BLIND_S,
    NEVER_RUNS,
    FaultPlan,
    Incident,
    IncidentKind,
    Mishap,
    Profile,
)
from unified.sandbox.registry import installed


def mishaps(plan: FaultPlan, count: int = 2000, route: str = "POST /order", *, is_time: bool = False) -> list[Mishap]:
    return [plan.fate(route, is_time=is_time).mishap for _ in range(count)]


def test_without_a_profile_nothing_ever_goes_wrong() -> None:
    plan = FaultPlan()
    assert set(mishaps(plan)) == {Mishap.NONE}
    assert plan.incidents(1e6) == ()
    assert (plan.drift_ppm, plan.visibility_us(1)) == (0, 0)
    assert not plan.happened


def test_once_it_is_calm_nothing_new_goes_wrong() -> None:
    plan = FaultPlan(Profile.HARSH, 1)
    assert plan.incidents(1e3) != ()
    plan.calm()
    assert set(mishaps(plan)) == {Mishap.NONE}
    assert plan.incidents(1e6) == ()


def test_harsh_deals_out_every_mishap_and_counts_it() -> None:
    plan = FaultPlan(Profile.HARSH, 1)
    dealt = mishaps(plan)
    assert set(dealt) == set(Mishap)
    assert plan.happened[Mishap.LOST_ANSWER] == dealt.count(Mishap.LOST_ANSWER)


def test_mild_is_milder_and_time_requests_are_spared_most() -> None:
    def share(profile: Profile, *, is_time: bool = False) -> float:
        dealt = mishaps(FaultPlan(profile, 1), 5000, is_time=is_time)
        return 1 - dealt.count(Mishap.NONE) / len(dealt)

    assert share(Profile.MILD) == pytest.approx(0.053, abs=0.015)
    assert share(Profile.HARSH) == pytest.approx(0.235, abs=0.03)
    assert share(Profile.HARSH, is_time=True) == pytest.approx(0.07, abs=0.02)


def test_the_fate_of_a_route_does_not_depend_on_others() -> None:
    alone, mixed = FaultPlan(Profile.HARSH, 7), FaultPlan(Profile.HARSH, 7)
    expected = [alone.fate("POST /order", is_time=False) for _ in range(100)]
    got = []
    for _ in range(100):
        mixed.fate("GET /book", is_time=False)
        got.append(mixed.fate("POST /order", is_time=False))
    assert got == expected


def test_delays_lie_within_their_bounds() -> None:
    plan = FaultPlan(Profile.HARSH, 3)
    fates = [plan.fate("GET /", is_time=False) for _ in range(500)]
    fates = [fate for fate in fates if fate.mishap is not Mishap.NONE]
    assert len(fates) > 50
    assert all(0.2 <= fate.delay_s <= 3.0 and 0 < fate.cut < 1 for fate in fates)


def test_a_fate_says_whether_the_request_runs() -> None:
    plan = FaultPlan(Profile.HARSH, 3)
    fates = [plan.fate("GET /", is_time=False) for _ in range(500)]
    assert all(fate.runs is (fate.mishap not in NEVER_RUNS) for fate in fates)
    assert {fate.runs for fate in fates} == {True, False}


def incidents_of(seed: int, seconds: int = 600) -> list[Incident]:
    plan = FaultPlan(Profile.HARSH, seed)
    return [incident for second in range(seconds) for incident in plan.incidents(second)]


def test_incidents_come_in_the_course_of_time_and_are_the_same_for_the_same_seed() -> None:
    found = incidents_of(1)
    assert {incident.kind for incident in found} == set(IncidentKind)
    assert found == incidents_of(1)
    assert found != incidents_of(2)


def test_steps_of_the_clock_come_back_to_where_they_began() -> None:
    sizes = [incident.seconds for incident in incidents_of(1) if incident.kind is IncidentKind.CLOCK_STEP]
    assert sizes[:4] == [3.0, -3.0, 3600.0, -3600.0]


def test_bans_and_maintenance_last_one_to_two_seconds() -> None:
    lengths = [incident.seconds for incident in incidents_of(1) if incident.kind is not IncidentKind.CLOCK_STEP]
    assert lengths
    assert all(1 <= length <= 2 for length in lengths)


def test_what_was_missed_in_a_long_silence_happens_once() -> None:
    kinds = [incident.kind for incident in FaultPlan(Profile.HARSH, 1).incidents(3600)]
    assert sorted(kinds) == sorted(set(kinds))


def test_some_orders_are_hidden_for_a_while() -> None:
    plan = FaultPlan(Profile.HARSH, 1)
    hidden = [plan.visibility_us(number) for number in range(1000)]
    assert 100 < sum(delay > 0 for delay in hidden) < 300
    assert max(hidden) <= 2_500_000
    assert hidden == [plan.visibility_us(number) for number in range(1000)]


@pytest.mark.parametrize("venue", installed())
def test_no_adapter_believes_that_an_order_is_absent_while_its_simulated_venue_may_be_blind(venue: str) -> None:
    for product, rule in adapter_class(venue)(AdapterSettings()).placement.items():
        assert rule.visibility > LONGEST_BLIND_S, product


def test_orders_are_hidden_for_as_long_as_is_said() -> None:
    plan = FaultPlan(Profile.HARSH, 1)
    longest_us = max(plan.visibility_us(number) for number in range(20_000))
    assert 0.99 * LONGEST_BLIND_S < longest_us / 1e6 <= LONGEST_BLIND_S
