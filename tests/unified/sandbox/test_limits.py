from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.sandbox.clock import Moment
from unified.sandbox.limits import (
    CalendarWindow,
    Counting,
    DecayingCounter,
    Escalation,
    LimitKeeper,
    LimitScope,
    RollingWindow,
    TokenBucket,
    Use,
    VenueLimit,
)

MINUTE = CalendarWindow(limit=3, period_s=60)


def at(seconds: float, *, stepped_s: float = 0) -> Moment:
    return Moment(round(seconds * 1e6), round((seconds + stepped_s) * 1e6))


def keeper(counting: Counting, *, counts_refused: bool = True, escalation: Escalation | None = None) -> LimitKeeper:
    return LimitKeeper(
        [VenueLimit(name="all", counting=counting, counts_refused=counts_refused, escalation=escalation)]
    )


def use(cost: int = 1, key: str = "1.2.3.4") -> list[Use]:
    return [Use(limit="all", key=key, cost=cost)]


def test_a_calendar_window_is_emptied_at_its_edge_and_not_before() -> None:
    limits = keeper(MINUTE)
    assert [limits.admit(use(), at(59.9)) for _ in range(3)] == [None] * 3
    breach = limits.admit(use(), at(59.9))
    assert breach is not None
    assert breach.retry_after_us == 100_000
    assert limits.admit(use(), at(60.0)) is None
    assert limits.used("all", "1.2.3.4", at(60.0)) == 1


def test_a_calendar_window_follows_the_clock_that_is_shown() -> None:
    limits = keeper(MINUTE)
    for _ in range(3):
        assert limits.admit(use(), at(10)) is None
    assert limits.admit(use(), at(11, stepped_s=3600)) is None


def test_a_rolling_window_remembers_each_request_for_its_period() -> None:
    limits = keeper(RollingWindow(limit=2, period_s=1))
    assert limits.admit(use(), at(0.0)) is None
    assert limits.admit(use(), at(0.9)) is None
    assert limits.admit(use(), at(0.99)) is not None
    assert keeper(RollingWindow(limit=2, period_s=1)).admit(use(), at(1.0)) is None


def test_a_rolling_window_lets_in_again_when_the_oldest_is_a_period_old() -> None:
    limits = keeper(RollingWindow(limit=2, period_s=1), counts_refused=False)
    limits.admit(use(), at(0.0))
    limits.admit(use(), at(0.5))
    breach = limits.admit(use(), at(0.6))
    assert breach is not None
    assert breach.retry_after_us == 400_000
    assert limits.admit(use(), at(1.0)) is None


def test_a_token_bucket_gives_its_burst_and_then_its_rate() -> None:
    limits = keeper(TokenBucket(rate=Fraction(2), burst=4), counts_refused=False)
    assert [limits.admit(use(), at(0)) is None for _ in range(5)] == [True] * 4 + [False]
    assert limits.admit(use(), at(0.49)) is not None
    assert limits.admit(use(), at(0.5)) is None


def test_a_decaying_counter_falls_with_time() -> None:
    limits = keeper(DecayingCounter(limit=15, decay=Fraction(33, 100)), counts_refused=False)
    for cost in [2] * 6 + [1] * 3:
        assert limits.admit(use(cost), at(0)) is None
    breach = limits.admit(use(2), at(0))
    assert breach is not None
    assert breach.retry_after_us == 6_060_607  # 2 / 0.33 s
    assert limits.admit(use(2), at(6.060607)) is None


def test_refused_requests_count_where_the_venue_counts_them() -> None:
    for counts, used in ((True, 4), (False, 3)):
        limits = keeper(MINUTE, counts_refused=counts)
        for _ in range(4):
            limits.admit(use(), at(1))
        assert limits.used("all", "1.2.3.4", at(1)) == used


def test_a_cost_that_is_known_afterwards_is_no_violation() -> None:
    limits = keeper(MINUTE)
    limits.charge(use(5)[0], at(1))
    assert limits.violations == 0
    assert limits.wait_us(use()[0], at(1)) == 59_000_000


def test_each_key_has_a_count_of_its_own() -> None:
    limits = keeper(MINUTE)
    assert all(limits.admit(use(3, key), at(1)) is None for key in ("a", "b"))


def test_limits_of_one_name_are_charged_together_and_the_longest_wait_is_told() -> None:
    limits = LimitKeeper(
        [
            VenueLimit(name="all", counting=CalendarWindow(limit=1, period_s=10)),
            VenueLimit(name="all", counting=CalendarWindow(limit=1, period_s=60)),
        ]
    )
    assert limits.admit(use(), at(0)) is None
    breach = limits.admit(use(), at(0))
    assert breach is not None
    assert breach.retry_after_us == 60_000_000
    assert [limits.used("all", "1.2.3.4", at(0), which=number) for number in (0, 1)] == [2, 2]


def test_violations_are_counted() -> None:
    limits = keeper(MINUTE)
    for _ in range(5):
        limits.admit(use(), at(1))
    assert limits.violations == 2


def test_a_window_that_nobody_could_know_after_a_step_of_the_clock_accuses_nobody() -> None:
    limits = keeper(MINUTE)
    limits.clock_stepped()
    for minute in (0, 1):
        for _ in range(4):
            limits.admit(use(), at(60 * minute + 2))
    assert (limits.violations, limits.violations_at_clock_step) == (0, 2)
    limits.clock_told(at(100))
    limits.admit(use(), at(110))
    assert (limits.violations, limits.violations_at_clock_step) == (0, 3), "this window began before the time was told"
    for _ in range(4):
        limits.admit(use(), at(185))
    assert (limits.violations, limits.violations_at_clock_step) == (1, 3)


def test_a_ban_refuses_until_its_end_and_counts_those_who_could_know() -> None:
    limits = keeper(MINUTE)
    keys = [(LimitScope.IP, "1.2.3.4")]
    limits.ban(*keys[0], 2.0, at(10), announced=True)
    assert limits.meet(keys, at(10.05)) == pytest.approx(1.95)
    assert limits.while_banned == 0
    assert limits.meet(keys, at(10.06)) == pytest.approx(1.94)
    assert limits.while_banned == 1
    assert limits.meet(keys, at(12)) is None
    assert limits.meet([(LimitScope.KEY, "1.2.3.4")], at(11)) is None


def test_a_ban_that_was_told_to_a_dying_process_is_announced_again() -> None:
    limits = keeper(MINUTE)
    keys = [(LimitScope.IP, "1.2.3.4")]
    limits.ban(*keys[0], 60.0, at(10), announced=True)
    limits.reader_died(at(10.01))  # at once, or by the time the next process begins
    assert limits.meet(keys, at(12)) is not None
    assert limits.while_banned == 0
    limits.reader_died(at(12.1))
    assert limits.meet(keys, at(12.2)) is not None
    assert limits.while_banned == 1, "the answer had arrived when the process died"


def test_a_longer_ban_stays_when_a_shorter_one_follows() -> None:
    limits = keeper(MINUTE)
    limits.ban(LimitScope.IP, "a", 10, at(0), announced=True)
    limits.ban(LimitScope.IP, "a", 1, at(1), announced=True)
    assert limits.meet([(LimitScope.IP, "a")], at(5)) == pytest.approx(5)


def test_repeated_refusals_escalate_to_bans_that_double() -> None:
    limits = keeper(
        CalendarWindow(limit=1, period_s=3600),
        escalation=Escalation(refusals=2, within_s=60, first_s=120, longest_s=200),
    )
    keys = [(LimitScope.IP, "1.2.3.4")]
    for second in range(4):
        assert limits.meet(keys, at(second)) is None
        limits.admit(use(), at(second))
    assert limits.meet(keys, at(4)) == pytest.approx(119)  # the announcement
    assert limits.while_banned == 0
    limits.admit(use(), at(4))
    assert limits.meet(keys, at(5)) == pytest.approx(199)
    assert limits.while_banned == 1


def test_old_refusals_are_forgiven() -> None:
    limits = keeper(
        CalendarWindow(limit=1, period_s=3600),
        escalation=Escalation(refusals=1, within_s=10, first_s=120, longest_s=120),
    )
    for second in (0, 1, 20, 40):
        limits.admit(use(), at(second))
    assert limits.meet([(LimitScope.IP, "1.2.3.4")], at(41)) is None


@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(1, 3)), max_size=60))
def test_no_stretch_of_a_rolling_period_ever_holds_more_than_the_limit(gaps: list[tuple[int, int]]) -> None:
    limits = keeper(RollingWindow(limit=5, period_s=2), counts_refused=False)
    admitted: list[tuple[int, int]] = []
    now_us = 0
    for gap_us, cost in gaps:
        now_us += gap_us
        if limits.admit(use(cost), Moment(now_us, now_us)) is None:
            admitted.append((now_us, cost))
    for start_us, _ in admitted:
        assert sum(cost for time_us, cost in admitted if start_us <= time_us < start_us + 2_000_000) <= 5
