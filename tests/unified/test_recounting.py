"""The venue's own counts: believed where they are higher, and where they are lower only if that is proved."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.limiting import CLOCK, LIMITS, NOW, ORDERS, granted, row
from unified.adapter import Charge, RollingWindow, Usage
from unified.limiter import Limiter


def test_the_venues_count_holds_what_others_use() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("weight", 1))
    granted(limiter, Charge("weight", 7))
    limiter.observe(permit, [Usage(bucket="weight", used=50)], NOW + 1, CLOCK)
    assert row(limiter, "weight").used == 57
    assert row(limiter, "weight").venue_used == 50


def test_a_lone_answer_corrects_our_count_downwards() -> None:
    limiter = Limiter(LIMITS)
    limiter.settle(granted(limiter, Charge("weight", 20)), NOW, CLOCK)
    permit = granted(limiter, Charge("weight", 1), now=NOW + 1)
    limiter.settle(permit, NOW + 2, CLOCK)
    limiter.observe(permit, [Usage(bucket="weight", used=3)], NOW + 2, CLOCK)
    assert row(limiter, "weight").used == 3


def test_an_answer_that_overlapped_with_another_request_corrects_nothing_downwards() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("weight", 1))
    other = granted(limiter, Charge("weight", 20))
    limiter.settle(other, NOW + 1, CLOCK)
    limiter.settle(permit, NOW + 2, CLOCK)
    limiter.observe(permit, [Usage(bucket="weight", used=1)], NOW + 2, CLOCK)
    assert row(limiter, "weight").used == 21


@pytest.mark.parametrize(
    "usage",
    [
        pytest.param(Usage(bucket="orders", remaining=1), id="what remains of the limit that we know"),
        pytest.param(Usage(bucket="orders", remaining=6, limit=10), id="what remains of the limit that it names"),
    ],
)
def test_what_remains_is_read_as_what_is_used(usage: Usage) -> None:
    limiter = Limiter(LIMITS)
    limiter.observe(granted(limiter, Charge("orders")), [usage], NOW, CLOCK)
    assert row(limiter, "orders").used == 4


def test_a_count_goes_to_the_window_that_it_names() -> None:
    limiter = Limiter((ORDERS, evolve(ORDERS, rule=RollingWindow(limit=100, period=1000))))
    permit = granted(limiter, Charge("orders"))
    limiter.observe(permit, [Usage(bucket="orders", used=40, period=1000)], NOW, CLOCK)
    assert [state.used for state in limiter.snapshot(NOW, CLOCK)] == [1, 40]


@pytest.mark.parametrize(
    "usage",
    [
        pytest.param(Usage(bucket="orders", used=40), id="of several windows it names none"),
        pytest.param(Usage(bucket="orders", limit=7), id="it says nothing of use"),
        pytest.param(Usage(bucket="elsewhere", used=40), id="the bucket is not known"),
    ],
)
def test_a_count_that_says_too_little_changes_nothing(usage: Usage) -> None:
    limiter = Limiter((ORDERS, evolve(ORDERS, rule=RollingWindow(limit=100, period=1000))))
    limiter.observe(granted(limiter, Charge("orders")), [usage], NOW, CLOCK)
    assert [state.used for state in limiter.snapshot(NOW, CLOCK)] == [1, 1]
