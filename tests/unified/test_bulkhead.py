"""How many slots: fewer for a venue that struggles, more for one that copes."""

from __future__ import annotations

import pytest

from unified.bulkhead import FEWEST, FIRST, MEMORY_SECONDS, QUICK_SECONDS, SLOW, Bulkhead
from unified.errors import Fault, Kind, Outcome

BUSY = Fault(kind=Kind.OVERLOADED, outcome=Outcome.REJECTED)


def answered(bulkhead: Bulkhead, times: int, *, at: float = 0.0, took: float = 0.1) -> None:
    for _ in range(times):
        bulkhead.observe(None, started_at=at, now=at + took)


def test_it_begins_with_what_is_usual_or_with_all_connections() -> None:
    assert Bulkhead(100).slots == FIRST
    assert Bulkhead(3).slots == 3


def test_a_window_of_quick_answers_adds_a_slot_until_all_connections_are_used() -> None:
    bulkhead = Bulkhead(FIRST + 1)
    answered(bulkhead, FIRST - 1)
    assert bulkhead.slots == FIRST
    answered(bulkhead, 1)
    assert bulkhead.slots == FIRST + 1
    answered(bulkhead, 500)
    assert bulkhead.slots == FIRST + 1


@pytest.mark.parametrize("fault", [BUSY, Fault(kind=Kind.REQUEST_TIMEOUT)], ids=["too busy", "no answer in time"])
def test_trouble_takes_a_tenth_once_for_all_that_were_under_way(fault: Fault) -> None:
    bulkhead = Bulkhead(100)
    for _ in range(30):
        bulkhead.observe(fault, started_at=1.0, now=2.0)
    assert bulkhead.slots == 18
    bulkhead.observe(fault, started_at=2.5, now=3.0)
    assert bulkhead.slots == 16


def test_some_slots_are_always_left() -> None:
    bulkhead = Bulkhead(100)
    for second in range(100):
        bulkhead.observe(BUSY, started_at=second, now=second + 0.5)
    assert bulkhead.slots == FEWEST


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(kind=Kind.INSUFFICIENT_FUNDS), id="a refused order"),
        pytest.param(Fault(kind=Kind.RATE_LIMITED), id="a limit"),
        pytest.param(Fault(kind=Kind.OVERLOADED, outcome=Outcome.NOT_SENT), id="our own breaker"),
        pytest.param(Fault(kind=Kind.CONNECT_FAILED), id="no connection"),
    ],
)
def test_other_trouble_changes_nothing(fault: Fault) -> None:
    bulkhead = Bulkhead(100)
    bulkhead.observe(fault, started_at=1.0, now=2.0)
    assert bulkhead.slots == FIRST


def test_answers_that_stood_in_a_queue_add_nothing() -> None:
    bulkhead = Bulkhead(100)
    answered(bulkhead, 1, took=QUICK_SECONDS)
    answered(bulkhead, 10 * FIRST, took=QUICK_SECONDS * SLOW + 0.01)
    assert bulkhead.slots == FIRST


def test_a_line_that_became_longer_is_what_is_usual_after_a_while() -> None:
    bulkhead = Bulkhead(100)
    answered(bulkhead, 1, took=0.1)
    for second in range(1, int(3 * MEMORY_SECONDS)):
        answered(bulkhead, 1, at=float(second), took=0.5)
    assert bulkhead.slots > FIRST


def test_an_answer_within_a_moment_is_quick_however_quick_another_one_was() -> None:
    bulkhead = Bulkhead(100)
    answered(bulkhead, 1, took=0.001)
    answered(bulkhead, FIRST, took=QUICK_SECONDS - 0.001)
    assert bulkhead.slots == FIRST + 1
