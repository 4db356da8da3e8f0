"""Every form of limit against a simulated venue that counts requests when they arrive, late and out of order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.line import NARROW, OFFSET, Trip, run, tails
from benchmarks.windows import saturated
from tests.counting import EVERY_RULE, MIDDLE, fresh
from unified.adapter import (
    DecayingCounter,
    FixedWindow,
    LimitRule,
    RollingWindow,
    TokenBucket,
)
from unified.bucket import Theta, Word
from unified.operations import Priority


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


@pytest.mark.parametrize("rule", EVERY_RULE[1:4])
def test_where_nothing_tells_which_moment_is_meant_a_count_only_tightens(rule: LimitRule) -> None:
    bucket = fresh(rule)
    bucket.charge(10)
    bucket.observe(Word(used=50, pending=5, sent_at=MIDDLE - 1, reset_after=None))
    assert bucket.used == 55
    bucket.observe(Word(used=1, pending=0, sent_at=MIDDLE - 1, reset_after=None))
    assert bucket.used == 55
