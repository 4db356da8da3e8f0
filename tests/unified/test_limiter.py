"""All buckets of a venue together: all or nothing, whose requests count together, what the venue says."""

from __future__ import annotations

import math
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from unified.adapter import (
    Charge,
    Concurrency,
    DecayingCounter,
    FixedWindow,
    Limit,
    RollingWindow,
    TokenBucket,
    Usage,
)
from unified.bucket import Theta
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.limiter import BAN_SECONDS, Delay, Limiter, LimitState, Permit
from unified.operations import Priority

WEIGHT = Limit(bucket="weight", scope=Scope.IP, rule=FixedWindow(limit=100, period=60), door="spot")
ORDERS = Limit(bucket="orders", scope=Scope.ACCOUNT, rule=RollingWindow(limit=5, period=10))
PAIR = Limit(bucket="pair", scope=Scope.ACCOUNT, rule=DecayingCounter(limit=60, decay=1))
SLOTS = Limit(bucket="slots", scope=Scope.IP, rule=Concurrency(limit=2))
LIMITS = (WEIGHT, ORDERS, PAIR, SLOTS)
NOW = 30.0
"""In the middle of a minute of the venue's clock, which began together with ours."""


class Clock:
    """Every door's clock began with ours, and is known to a millisecond."""

    def __init__(self) -> None:
        self.known: Theta | None = (-0.0005, 0.0005)

    def theta(self, door: str, now: float) -> Theta | None:
        return self.known


CLOCK = Clock()


def reserve(
    limiter: Limiter, *charges: Charge, now: float = NOW, owner: str = "me", priority: Priority = Priority.CANCEL
) -> Permit | Delay:
    return limiter.reserve(charges, now, priority=priority, owner=owner, door="spot", clocks=CLOCK)


def granted(limiter: Limiter, *charges: Charge, **how: Any) -> Permit:
    got = reserve(limiter, *charges, **how)
    assert isinstance(got, Permit)
    return got


def refused(limiter: Limiter, *charges: Charge, **how: Any) -> Delay:
    got = reserve(limiter, *charges, **how)
    assert isinstance(got, Delay)
    return got


def row(limiter: Limiter, bucket: str, key: str = "", *, now: float = NOW) -> LimitState:
    (found,) = [state for state in limiter.snapshot(now, CLOCK) if state.bucket == bucket and state.key == key]
    return found


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


# --- who counts together


def test_accounts_share_the_address_but_not_their_own_limits() -> None:
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("weight", 60), Charge("orders", 5), owner="me")
    granted(limiter, Charge("weight", 40), Charge("orders", 5), owner="you")
    refused(limiter, Charge("weight"), owner="them")
    refused(limiter, Charge("orders"), owner="me")
    granted(limiter, Charge("orders"), owner="them")


def test_each_key_has_a_bucket_of_its_own() -> None:
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("pair", 60, "XBTUSD"))
    refused(limiter, Charge("pair", 1, "XBTUSD"))
    granted(limiter, Charge("pair", 60, "ETHUSD"))


def test_a_share_scales_what_we_allow_ourselves() -> None:
    limiter = Limiter(LIMITS, share=0.5)
    granted(limiter, Charge("weight", 50))
    refused(limiter, Charge("weight", 1))


@pytest.mark.parametrize("share", [0, -1, 1.01])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        Limiter(LIMITS, share=share)


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


# --- what the venue says


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


def test_a_published_limit_takes_the_place_of_the_old_and_the_count_goes_on() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("weight", 40))
    limiter.publish([evolve(WEIGHT, rule=FixedWindow(limit=50, period=60))], NOW, CLOCK)
    refused(limiter, Charge("weight", 11))
    limiter.refund(permit)
    granted(limiter, Charge("weight", 50))


def test_a_window_that_is_new_starts_as_full_as_the_old() -> None:
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("weight", 40))
    limiter.publish([evolve(WEIGHT, rule=FixedWindow(limit=300, period=300))], NOW, CLOCK)
    assert (row(limiter, "weight").limit, row(limiter, "weight").used) == (300, 40)


def test_published_limits_leave_rules_of_other_forms_alone() -> None:
    burst = evolve(WEIGHT, rule=TokenBucket(rate=10, burst=20))
    limiter = Limiter((WEIGHT, burst))
    limiter.publish([evolve(WEIGHT, rule=FixedWindow(limit=50, period=60))], NOW, CLOCK)
    granted(limiter, Charge("weight", 20))
    refused(limiter, Charge("weight", 1))


# --- gates


def throttled(kind: Kind, scope: Scope, retry_after: float | None = 7.0) -> Fault:
    return Fault(kind=kind, scope=scope, retry_after=retry_after, message="too fast")


def test_a_ban_of_the_address_stops_every_account_at_once() -> None:
    limiter = Limiter(LIMITS)
    (gate,) = limiter.refused(granted(limiter, Charge("weight")), throttled(Kind.BANNED, Scope.IP), NOW)
    delay = refused(limiter, Charge("weight"), owner="you")
    assert delay.gate is gate
    assert (delay.at, gate.banned) == (NOW + 7, True)
    granted(limiter, Charge("weight"), now=NOW + 7)


def test_a_symbols_refusal_stops_the_keys_of_the_request_only() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("weight"), Charge("pair", 1, "XBTUSD"))
    limiter.refused(permit, throttled(Kind.ORDER_RATE_LIMITED, Scope.SYMBOL), NOW)
    refused(limiter, Charge("pair", 1, "XBTUSD"))
    granted(limiter, Charge("pair", 1, "ETHUSD"))


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        pytest.param(throttled(Kind.BANNED, Scope.IP, None), BAN_SECONDS, id="a ban lasts two minutes"),
        pytest.param(throttled(Kind.RATE_LIMITED, Scope.IP, None), 60.0, id="an address waits for a window of it"),
        pytest.param(throttled(Kind.RATE_LIMITED, Scope.ACCOUNT, None), 10.0, id="an account for one of its own"),
    ],
)
def test_where_the_venue_names_no_wait(fault: Fault, wait: float) -> None:
    limiter = Limiter(LIMITS)
    (gate,) = limiter.refused(granted(limiter, Charge("weight"), Charge("orders")), fault, NOW)
    assert gate.until == NOW + wait


def test_a_refusal_of_a_request_without_windows_lasts_a_second() -> None:
    limiter = Limiter(LIMITS)
    (gate,) = limiter.refused(granted(limiter, Charge("slots")), throttled(Kind.RATE_LIMITED, Scope.IP, None), NOW)
    assert gate.until == NOW + 1


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.family != "throttle"])
def test_faults_that_are_no_throttling_shut_nothing(kind: Kind) -> None:
    limiter = Limiter(LIMITS)
    assert limiter.refused(granted(limiter, Charge("weight")), throttled(kind, Scope.IP), NOW) == ()


# --- showing


def test_limits_that_nobody_charged_are_shown_empty() -> None:
    assert {(state.bucket, state.used) for state in Limiter(LIMITS).snapshot(NOW, CLOCK)} == {
        ("weight", 0),
        ("orders", 0),
        ("pair", 0),
        ("slots", 0),
    }


def test_a_row_tells_why_and_until_when_it_is_closed() -> None:
    limiter = Limiter(LIMITS)
    limiter.refused(granted(limiter, Charge("orders")), throttled(Kind.RATE_LIMITED, Scope.ACCOUNT), NOW)
    assert (row(limiter, "orders").closed_until, row(limiter, "orders").reason) == (NOW + 7, "too fast")
    assert row(limiter, "weight").closed_until is None


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
