"""Every form of limit against a simulated venue that counts requests when they arrive, late and out of order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.line import NARROW, OFFSET, Trip, around_edges, run, tails
from benchmarks.windows import saturated
from unified.adapter import (
    Concurrency,
    DecayingCounter,
    FixedWindow,
    Limit,
    LimitRule,
    RollingWindow,
    TokenBucket,
)
from unified.buckets import Bucket, Theta, Word, bucket_of
from unified.errors import Scope
from unified.operations import Priority

# --- calendar windows


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


# --- how much of the limit is used


@pytest.mark.parametrize(
    ("rule", "seconds", "least"),
    [
        pytest.param(FixedWindow(limit=1200, period=60), 600, 0.97, id="a minute is used to 97 percent"),
        pytest.param(FixedWindow(limit=50, period=10), 400, 0.90, id="ten seconds are used to 90 percent"),
        pytest.param(RollingWindow(limit=20, period=1), 200, 0.80, id="a rolling second is used to 80 percent"),
    ],
)
def test_a_saturated_limit_is_used(rule: FixedWindow | RollingWindow, seconds: int, least: float) -> None:
    share, worst = saturated(rule, seconds)
    assert worst <= rule.limit
    assert share >= least


# --- the other forms


@pytest.mark.parametrize(
    ("rule", "capacity"),
    [
        pytest.param(RollingWindow(limit=20, period=2), 20.0, id="rolling window"),
        pytest.param(TokenBucket(rate=5, burst=15), 15.0, id="token bucket"),
        pytest.param(DecayingCounter(limit=60, decay=2.34), 60.0, id="decaying counter"),
    ],
)
def test_saturation_with_heavy_tails_never_exceeds(rule: LimitRule, capacity: float) -> None:
    chance = random.Random(8)
    venue = run(rule, [0.0] * 3000, tails(9, median=0.2), costs=lambda: float(chance.randint(1, 9)), until=300)
    assert venue.worst <= capacity + 1e-6
    assert venue.worst > capacity * 0.8


def test_counting_at_the_moment_of_sending_would_exceed_a_rolling_window() -> None:
    venue = run(RollingWindow(limit=20, period=2), [0.0] * 3000, tails(9, 0.2), settle_at_once=True, until=300)
    assert venue.worst > 20


RULES = st.one_of(
    st.builds(FixedWindow, limit=st.integers(3, 30), period=st.sampled_from([1.0, 5.0, 60.0])),
    st.builds(RollingWindow, limit=st.integers(3, 30), period=st.sampled_from([1.0, 5.0, 60.0])),
    st.builds(TokenBucket, rate=st.floats(0.2, 20), burst=st.integers(3, 30)),
    st.builds(DecayingCounter, limit=st.floats(3, 30), decay=st.floats(0.2, 5)),
)
SECONDS = st.floats(0, 8)


@settings(max_examples=400, deadline=None)
@given(
    rule=RULES,
    wanted=st.lists(st.tuples(st.floats(0, 90), SECONDS, SECONDS, st.sampled_from([0.5, 1.0, 3.0])), max_size=60),
    width=st.floats(0, 2),
    place=st.floats(0, 1),
)
def test_whatever_the_delays_the_venue_counts_no_more_than_it_allows(
    rule: LimitRule, wanted: list[tuple[float, float, float, float]], width: float, place: float
) -> None:
    trips = iter([Trip(there, back) for _, there, back, _ in wanted])
    costs = iter([cost for *_, cost in wanted])
    venue = run(
        rule,
        [at for at, *_ in wanted],
        lambda: next(trips),
        (OFFSET - width * place, OFFSET + width * (1 - place)),
        costs=lambda: next(costs),
    )
    allowed = rule.burst if isinstance(rule, TokenBucket) else rule.limit
    assert venue.worst <= allowed + 1e-6
    assert venue.total == sum(cost for *_, cost in wanted), "nobody waits for ever"


# --- one bucket by hand

MIDDLE = 60.0 - OFFSET % 60 + 90.0
"""A time well inside a minute of the venue's clock."""


def fresh(rule: LimitRule, most_urgent: Priority = Priority.PUBLIC_READ, share: float = 1.0) -> Bucket:
    bucket = bucket_of(Limit(bucket="b", scope=Scope.IP, rule=rule, most_urgent=most_urgent), share, "spot")
    bucket.advance(MIDDLE, NARROW)
    return bucket


MINUTE = FixedWindow(limit=100, period=60)
EVERY_RULE = [
    pytest.param(MINUTE, id="calendar window"),
    pytest.param(RollingWindow(limit=100, period=60), id="rolling window"),
    pytest.param(TokenBucket(rate=1, burst=100), id="token bucket"),
    pytest.param(DecayingCounter(limit=100, decay=1), id="decaying counter"),
    pytest.param(Concurrency(limit=100), id="concurrency"),
]


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_what_was_never_sent_is_forgotten(rule: LimitRule) -> None:
    bucket = fresh(rule)
    bucket.charge(40)
    bucket.refund(40, bucket.window)
    assert bucket.used == bucket.in_flight == 0


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_what_is_in_flight_stays_charged_however_long_it_takes(rule: LimitRule) -> None:
    bucket = fresh(rule)
    bucket.charge(100)
    bucket.advance(10_000.0, NARROW)
    assert bucket.used == 100
    assert bucket.start(1, Priority.CANCEL) > 10_000.0


@pytest.mark.parametrize(
    ("most_urgent", "reads", "orders", "cancels"),
    [
        pytest.param(Priority.CANCEL, 90, 95, 100, id="cancels use it"),
        pytest.param(Priority.ORDER, 90, 100, 100, id="orders use it"),
        pytest.param(Priority.PUBLIC_READ, 100, 100, 100, id="only reads use it"),
    ],
)
def test_the_last_part_is_kept_for_the_urgent(most_urgent: Priority, reads: int, orders: int, cancels: int) -> None:
    tops = {Priority.PUBLIC_READ: reads, Priority.PRIVATE_READ: reads, Priority.ORDER: orders}
    for priority, top in (tops | {Priority.CLOSE: cancels, Priority.CANCEL: cancels}).items():
        bucket = fresh(MINUTE, most_urgent)
        bucket.charge(top - 1)
        assert bucket.start(1, priority) == 0
        bucket.charge(1)
        assert bucket.start(1, priority) > MIDDLE


def test_a_read_heavier_than_its_part_may_have_an_empty_bucket_to_itself() -> None:
    bucket = fresh(MINUTE, Priority.CANCEL)
    assert bucket.start(95, Priority.PUBLIC_READ) == 0
    bucket.charge(1)
    assert bucket.start(95, Priority.PUBLIC_READ) > MIDDLE


@pytest.mark.parametrize("theta", [NARROW, None], ids=["the venue's time is known", "it is not"])
@pytest.mark.parametrize("rule", EVERY_RULE)
def test_one_step_says_what_is_used_or_charges_nothing(rule: LimitRule, theta: Theta | None) -> None:
    one, other = fresh(rule), fresh(rule)
    for bucket in (one, other):
        bucket.advance(MIDDLE, theta)
    other.charge(0.75)
    assert one.take(0.75, Priority.CANCEL, MIDDLE, theta) == other.used == one.used == one.in_flight
    assert one.take(one.limit, Priority.CANCEL, MIDDLE, theta) is None
    assert one.used == other.used


def test_a_share_takes_its_part_of_the_limit_but_never_less_than_one_request() -> None:
    assert fresh(MINUTE, share=0.5).limit == 50
    assert fresh(TokenBucket(rate=1, burst=1), share=0.5).limit == 1


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


# --- the venue's own count


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


@pytest.mark.parametrize("rule", EVERY_RULE[1:4])
def test_where_nothing_tells_which_moment_is_meant_a_count_only_tightens(rule: LimitRule) -> None:
    bucket = fresh(rule)
    bucket.charge(10)
    bucket.observe(Word(used=50, pending=5, sent_at=MIDDLE - 1, reset_after=None))
    assert bucket.used == 55
    bucket.observe(Word(used=1, pending=0, sent_at=MIDDLE - 1, reset_after=None))
    assert bucket.used == 55


def test_what_others_used_is_gone_when_the_venue_said_it_would_be() -> None:
    bucket = fresh(RollingWindow(limit=100, period=60))
    bucket.observe(Word(used=100, pending=0, sent_at=MIDDLE - 1, reset_after=3.0))
    assert bucket.start(1, Priority.CANCEL) == pytest.approx(MIDDLE + 3, abs=0.01)
