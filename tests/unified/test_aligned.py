"""Windows of the venue's calendar: bursts at their edges, clocks that are wrong or lost, and the venue's own count."""

from __future__ import annotations

import pytest

from benchmarks.line import NARROW, OFFSET, around_edges, run, tails
from tests.counting import MIDDLE, MINUTE, fresh
from unified.adapter import (
    FixedWindow,
)
from unified.bucket import Word
from unified.operations import Priority


@pytest.mark.parametrize("skew", [-0.005, 0.0, 0.005], ids=["clock at the low end", "in the middle", "at the high end"])
def test_bursts_around_the_edges_of_a_minute_never_exceed_it(skew: float) -> None:
    venue = run(
        FixedWindow(limit=1200, period=60), around_edges(60, 6, 1500, 1), tails(2), offset=OFFSET + skew, until=500
    )
    assert venue.worst <= 1200
    assert venue.total > 6000


def test_a_window_of_ten_seconds_holds_against_tails_as_long_as_itself() -> None:
    venue = run(FixedWindow(limit=50, period=10), around_edges(10, 40, 80, 3), tails(4, median=0.3), until=500)
    assert venue.worst <= 50


def test_without_slack_for_the_clock_the_limit_breaks() -> None:
    sure_but_wrong = (OFFSET + 0.05, OFFSET + 0.05)
    venue = run(
        FixedWindow(limit=1200, period=60), around_edges(60, 6, 1500, 1), tails(2, 0.01), sure_but_wrong, until=500
    )
    assert venue.worst > 1200


def test_without_the_carry_of_what_is_in_flight_the_limit_breaks() -> None:
    venue = run(
        FixedWindow(limit=1200, period=60), around_edges(60, 6, 1500, 1), tails(2), settle_at_once=True, until=500
    )
    assert venue.worst > 1200


def test_while_the_clock_is_unknown_a_calendar_window_is_kept_as_a_rolling_one() -> None:
    venue = run(FixedWindow(limit=100, period=10), around_edges(10, 20, 300, 5), tails(6), None, until=300)
    assert 0 < venue.worst <= 100


def test_a_step_back_of_the_clock_frees_nothing() -> None:
    bucket = fresh(MINUTE)
    bucket.charge(60)
    bucket.settle(60, MIDDLE, NARROW)
    bucket.advance(MIDDLE + 1, (OFFSET - 3600.0, OFFSET - 3599.99))
    assert bucket.used == 60


def test_losing_and_regaining_the_clock_keeps_the_count() -> None:
    bucket = fresh(MINUTE)
    bucket.charge(60)
    bucket.settle(50, MIDDLE, NARROW)
    bucket.advance(MIDDLE + 1, None)
    assert bucket.used == 60
    bucket.advance(MIDDLE + 2, NARROW)
    assert bucket.used == 60


def test_a_wide_interval_is_as_good_as_none() -> None:
    bucket = fresh(FixedWindow(limit=1, period=1))
    bucket.advance(MIDDLE, (OFFSET, OFFSET + 0.6))
    bucket.charge(1)
    bucket.settle(1, MIDDLE, (OFFSET, OFFSET + 0.6))
    assert bucket.start(1, Priority.CANCEL) == pytest.approx(MIDDLE + 1, abs=0.01)


def test_a_higher_count_of_the_venue_is_believed_with_all_that_may_come_on_top() -> None:
    bucket = fresh(MINUTE)
    bucket.charge(10)
    bucket.observe(Word(used=50, pending=9, sent_at=MIDDLE, reset_after=None))
    assert bucket.used == 59
    assert bucket.venue_used == 50


def test_a_lower_count_is_not_believed_while_other_requests_are_under_way() -> None:
    bucket = fresh(MINUTE)
    bucket.charge(10)
    bucket.observe(Word(used=2, pending=9, sent_at=MIDDLE, reset_after=None))
    assert bucket.used == 10


def test_a_lower_count_is_believed_when_nothing_else_is_under_way() -> None:
    bucket = fresh(MINUTE)
    bucket.charge(10)
    bucket.settle(10, MIDDLE, NARROW)
    bucket.observe(Word(used=2, pending=0, sent_at=MIDDLE, reset_after=None))
    assert bucket.used == 2


def test_a_count_that_may_be_of_the_window_before_changes_nothing() -> None:
    bucket = fresh(MINUTE)
    bucket.observe(Word(used=90, pending=0, sent_at=MIDDLE - 60, reset_after=None))
    assert bucket.used == 0
