"""The faults of the proof: rougher than the sandbox's under harsh, the same otherwise, the same for one seed."""

from __future__ import annotations

from collections import Counter

from unified.sandbox.faults import FaultPlan, Mishap, Profile
from unified.simulation.faults import Mixture


def dealt(plan: FaultPlan, *, is_time: bool = False) -> Counter[Mishap]:
    return Counter(plan.fate("main POST /order", is_time=is_time).mishap for _ in range(4000))


def test_harsh_loses_and_delays_more_than_the_sandbox_alone() -> None:
    plain, rough = dealt(FaultPlan(Profile.HARSH, 3)), dealt(Mixture(Profile.HARSH, 3))
    for mishap in (Mishap.LOST_REQUEST, Mishap.LATE, Mishap.LOST_ANSWER):
        assert rough[mishap] > 1.4 * plain[mishap]
    assert 0.04 < rough[Mishap.LOST_REQUEST] / 4000 < 0.06
    assert 0.06 < rough[Mishap.LATE] / 4000 < 0.09


def test_mild_and_time_questions_are_the_sandboxs_own() -> None:
    assert dealt(Mixture(Profile.MILD, 3)) == dealt(FaultPlan(Profile.MILD, 3))
    assert dealt(Mixture(Profile.HARSH, 3), is_time=True) == dealt(FaultPlan(Profile.HARSH, 3), is_time=True)


def test_late_requests_come_up_to_eight_seconds_late() -> None:
    plan = Mixture(Profile.HARSH, 5)
    fates = [plan.fate("main POST /order", is_time=False) for _ in range(4000)]
    assert 7.5 < max(fate.delay_s for fate in fates if fate.mishap is Mishap.LATE) <= 8.0


def test_orders_stay_invisible_for_less_than_the_proof_waits() -> None:
    blind = [Mixture(Profile.HARSH, 5).visibility_us(number) for number in range(2000)]
    assert 0.25 < sum(map(bool, blind)) / 2000 < 0.35
    assert 2_500_000 < max(blind) < 3_000_000
    assert blind == [Mixture(Profile.HARSH, 5).visibility_us(number) for number in range(2000)]
    assert max(Mixture(Profile.NONE, 5).visibility_us(number) for number in range(50)) == 0
