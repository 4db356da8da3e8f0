"""All buckets of a venue together: all or nothing, and how a permit ends."""

from __future__ import annotations

import math

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.limiting import CLOCK, LIMITS, NOW, ORDERS, Clock, granted, refused, reserve, row
from unified.adapter import Charge, RollingWindow
from unified.errors import Kind, Outcome, VenueError
from unified.limiter import Limiter
from unified.operations import Priority
from unified.permits import Permit

# --- all or nothing


def test_a_request_that_does_not_fit_everywhere_is_charged_nowhere() -> None:
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("orders", 5))
    delay = refused(limiter, Charge("weight", 10), Charge("orders", 1))
    assert delay.line is not None
    assert delay.line.name == "orders"
    assert row(limiter, "weight").used == 0


def test_the_delay_is_that_of_the_last_bucket_to_have_room() -> None:
    limiter = Limiter(LIMITS)
    limiter.settle(granted(limiter, Charge("orders", 5), Charge("weight", 100)), NOW, CLOCK)
    assert refused(limiter, Charge("orders")).at == pytest.approx(NOW + 10, abs=0.01)
    assert refused(limiter, Charge("orders"), Charge("weight")).at == pytest.approx(60.0, abs=0.01)


def test_a_bucket_that_is_charged_twice_is_charged_for_both() -> None:
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("slots"))
    refused(limiter, Charge("slots"), Charge("weight"), Charge("slots"))
    assert (row(limiter, "slots").used, row(limiter, "weight").used) == (1, 0)


def test_every_window_of_a_limit_is_charged() -> None:
    limiter = Limiter((ORDERS, evolve(ORDERS, rule=RollingWindow(limit=6, period=1000))))
    limiter.settle(granted(limiter, Charge("orders", 5)), NOW, CLOCK)
    assert refused(limiter, Charge("orders", 2)).at == pytest.approx(NOW + 1000, abs=0.1)


@pytest.mark.parametrize(
    "charges",
    [
        pytest.param((Charge("orders", 6),), id="heavier than the whole limit"),
        pytest.param((Charge("orders", 3), Charge("orders", 3)), id="heavier by two charges"),
        pytest.param((Charge("nowhere"),), id="charged to a limit that does not exist"),
    ],
)
def test_what_could_never_go_is_refused_at_once(charges: tuple[Charge, ...]) -> None:
    with pytest.raises(VenueError) as caught:
        reserve(Limiter(LIMITS), *charges)
    assert (caught.value.kind, caught.value.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)


def test_reads_leave_the_last_part_to_orders_and_orders_theirs_to_cancels() -> None:
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("weight", 90), priority=Priority.PUBLIC_READ)
    refused(limiter, Charge("weight"), priority=Priority.PRIVATE_READ)
    granted(limiter, Charge("weight", 5), priority=Priority.ORDER)
    refused(limiter, Charge("weight"), priority=Priority.ORDER)
    granted(limiter, Charge("weight", 5), priority=Priority.CANCEL)


# --- how a permit ends


def test_a_refund_gives_back_and_ends_the_permit() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("weight", 10), Charge("orders", 5))
    limiter.refund(permit)
    limiter.refund(permit)
    limiter.settle(permit, NOW, CLOCK)
    assert {(state.used, state.in_flight) for state in limiter.snapshot(NOW, CLOCK)} == {(0, 0)}


def test_an_answered_request_cannot_be_given_back() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("weight", 10))
    limiter.settle(permit, NOW, CLOCK)
    limiter.refund(permit)
    assert (row(limiter, "weight").used, row(limiter, "weight").in_flight) == (10, 0)


def test_a_lost_request_stays_in_flight_until_it_can_no_longer_arrive() -> None:
    limiter = Limiter(LIMITS)
    limiter.lost(granted(limiter, Charge("weight", 5)), NOW + 5)
    assert limiter.next_release() == NOW + 5
    assert row(limiter, "weight", now=NOW + 4.9).in_flight == 5
    granted(limiter, Charge("weight"), now=NOW + 5)
    assert row(limiter, "weight", now=NOW + 5).in_flight == 1
    assert limiter.next_release() == math.inf


def test_a_slot_of_concurrency_is_free_as_soon_as_its_answer_is_lost() -> None:
    limiter = Limiter(LIMITS)
    limiter.lost(granted(limiter, Charge("slots", 2)), NOW + 5)
    granted(limiter, Charge("slots", 2))


def test_a_lost_request_whose_answer_comes_after_all_is_counted_once() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("slots"))
    limiter.lost(permit, NOW + 5)
    limiter.settle(permit, NOW + 1, CLOCK)
    granted(limiter, Charge("slots"), now=NOW + 6)
    assert row(limiter, "slots", now=NOW + 6).in_flight == 1


def test_nothing_is_known_of_a_request_that_is_asked_about_while_one_waits() -> None:
    """A request kept back by concurrency alone has no time: only an answer can tell."""
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("slots", 2))
    assert refused(limiter, Charge("slots")).at == math.inf


# --- permits neither leak nor appear


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "reserve", "settle", "refund", "lost", "tick", "blind"]),
        st.integers(0, 10),
        st.sampled_from(["weight", "orders", "pair", "slots"]),
        st.sampled_from([0.5, 1.0, 2.0]),
    ),
    max_size=80,
)


class Ledger:
    """What a careful caller would know: which permits it holds, and what they cost."""

    def __init__(self) -> None:
        self.limiter = Limiter(LIMITS)
        self.clock = Clock()
        self.now = NOW
        self.held: list[Permit] = []

    def reserve(self, number: int, bucket: str, cost: float) -> None:
        charges = [Charge(bucket, cost), Charge("weight", 1)]
        got = self.limiter.reserve(
            charges, self.now, priority=Priority(number % 5), owner="me", door="spot", clocks=self.clock
        )
        self.held += [got] if isinstance(got, Permit) else []

    def end(self, what: str, number: int) -> None:
        permit = self.held.pop(number % len(self.held))
        if what == "lost":
            self.limiter.lost(permit, self.now)
        if what == "refund":
            self.limiter.refund(permit)
        else:
            self.limiter.settle(permit, self.now, self.clock)

    def do(self, what: str, number: int, bucket: str, cost: float) -> None:
        if what == "reserve":
            self.reserve(number, bucket, cost)
        elif what == "tick":
            self.now += number * 3.0
        elif what == "blind":
            self.clock.known = None if self.clock.known else CLOCK.known
        elif self.held:
            self.end(what, number)

    def expected(self) -> dict[str, float]:
        costs = {limit.bucket: 0.0 for limit in LIMITS}
        for permit in self.held:
            for charge in permit.charges:
                costs[charge.bucket] += charge.cost
        return costs


@settings(max_examples=300, deadline=None)
@given(steps=STEPS)
def test_what_is_in_flight_is_what_was_granted_and_has_not_ended(steps: list[tuple[str, int, str, float]]) -> None:
    ledger = Ledger()
    for step in steps:
        ledger.do(*step)
    states = ledger.limiter.snapshot(ledger.now, ledger.clock)
    assert {state.bucket: state.in_flight for state in states} == ledger.expected()
    for permit in ledger.held:
        ledger.limiter.refund(permit)
    assert {state.used for state in ledger.limiter.snapshot(ledger.now + 200, ledger.clock)} == {0.0}
