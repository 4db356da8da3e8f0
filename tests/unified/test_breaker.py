"""A breaker opens for a sick venue, lets probes through one by one, and never holds a cancel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.breaker import Admission, Breaker, Pass, Probe, Refuse, State
from unified.errors import Family, Fault, Kind, Outcome, Scope

TIMEOUT = Fault(kind=Kind.REQUEST_TIMEOUT)
REFUSED = Fault(kind=Kind.INSUFFICIENT_FUNDS)


def breaker(chance: float = 1.0) -> Breaker:
    return Breaker(lambda: chance)


def tell(subject: Breaker, fault: Fault | None, now: float, times: int = 1, *, cancel: bool = False) -> None:
    for _ in range(times):
        subject.observe(fault, started_at=now, now=now, cancel=cancel)


def opened(now: float = 100.0) -> Breaker:
    subject = breaker()
    tell(subject, TIMEOUT, now, 10)
    assert subject.reading(now).state is State.OPEN
    return subject


def asked(subject: Breaker, now: float, *, cancel: bool = False) -> type[Admission]:
    return type(subject.allowed(now, cancel=cancel))


@pytest.mark.parametrize(
    ("failures", "successes", "state"),
    [
        pytest.param(9, 0, State.CLOSED, id="nine calls prove nothing"),
        pytest.param(10, 0, State.OPEN, id="ten failures open it"),
        pytest.param(5, 5, State.OPEN, id="so do five of ten"),
        pytest.param(9, 11, State.CLOSED, id="less than half do not"),
    ],
)
def test_half_of_ten_calls_in_a_window_open_it(failures: int, successes: int, state: State) -> None:
    subject = breaker()
    tell(subject, None, 100.0, successes)
    tell(subject, TIMEOUT, 100.0, failures)
    assert subject.reading(100.0).state is state


def test_calls_older_than_the_window_are_forgotten() -> None:
    subject = breaker()
    tell(subject, TIMEOUT, 100.0, 9)
    tell(subject, TIMEOUT, 110.0)
    reading = subject.reading(110.0)
    assert (reading.state, reading.calls, reading.failures) == (State.CLOSED, 1, 1)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        pytest.param(Fault(kind=Kind.CONNECT_FAILED), State.OPEN, id="a venue that cannot be reached is sick"),
        pytest.param(Fault(kind=Kind.VENUE_FAULT), State.OPEN, id="a venue that fails inside is sick"),
        pytest.param(
            Fault(kind=Kind.UNKNOWN, family=Family.AVAILABILITY), State.OPEN, id="an unknown code may still say so"
        ),
        pytest.param(Fault(kind=Kind.RATE_LIMITED), State.CLOSED, id="limits are the limiter's affair"),
        pytest.param(REFUSED, State.CLOSED, id="a refused order is the sign of a venue at work"),
        pytest.param(Fault(kind=Kind.BAD_SIGNATURE), State.CLOSED, id="so is a refused signature"),
        pytest.param(
            Fault(kind=Kind.VENUE_FAULT, scope=Scope.SYMBOL), State.CLOSED, id="one sick instrument is not it"
        ),
        pytest.param(
            Fault(kind=Kind.OVERLOADED, outcome=Outcome.NOT_SENT), State.CLOSED, id="our own refusals do not feed it"
        ),
    ],
)
def test_only_trouble_of_network_and_venue_counts(fault: Fault, state: State) -> None:
    subject = breaker()
    tell(subject, fault, 100.0, 50)
    assert subject.reading(100.0).state is state


def test_it_says_when_to_ask_again_and_then_probes() -> None:
    subject = opened()
    assert subject.allowed(100.25, cancel=False) == Refuse(0.75)
    assert asked(subject, 101.0) is Probe
    assert asked(subject, 101.0) is Refuse, "one probe at a time"


def test_three_probes_in_a_row_close_it() -> None:
    subject = opened()
    for _ in range(3):
        assert asked(subject, 101.0) is Probe
        tell(subject, None, 101.0)
    assert asked(subject, 101.0) is Pass
    assert subject.reading(101.0).state is State.CLOSED


def test_a_venue_that_refuses_the_probe_answers_all_the_same() -> None:
    subject = opened()
    assert asked(subject, 101.0) is Probe
    tell(subject, Fault(kind=Kind.RATE_LIMITED), 101.0)
    assert asked(subject, 101.0) is Probe


def test_a_failed_probe_opens_it_for_twice_as_long_up_to_thirty_seconds() -> None:
    subject, now, pauses = opened(), 100.0, []
    for _ in range(8):
        pauses.append(subject.reading(now).retry_after)
        now += pauses[-1]
        assert asked(subject, now) is Probe
        tell(subject, TIMEOUT, now)
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 30, 30, 30])


def test_a_failed_probe_voids_those_that_passed_before() -> None:
    subject = opened()
    for fault in (None, None, TIMEOUT):
        assert asked(subject, 101.0) is Probe
        tell(subject, fault, 101.0)
    assert asked(subject, 103.0) is Probe
    tell(subject, None, 103.0)
    assert subject.reading(103.0).state is State.HALF_OPEN


def test_callers_do_not_all_come_back_at_one_moment() -> None:
    subject = breaker(chance=0.0)
    tell(subject, TIMEOUT, 100.0, 10)
    assert subject.reading(100.0).retry_after == pytest.approx(0.75)


def closed_again(at: float) -> Breaker:
    subject = opened(at - 1)
    for _ in range(3):
        assert asked(subject, at) is Probe
        tell(subject, None, at)
    return subject


@pytest.mark.parametrize(
    ("healthy", "pause"),
    [
        pytest.param(5.0, 2.0, id="a relapse at once lasts twice as long"),
        pytest.param(10.0, 1.0, id="after a healthy window it starts again at one second"),
    ],
)
def test_a_relapse_is_told_from_a_new_fault(healthy: float, pause: float) -> None:
    subject = closed_again(200.0)
    tell(subject, TIMEOUT, 200.0 + healthy, 10)
    assert subject.reading(200.0 + healthy).retry_after == pytest.approx(pause)


def test_a_probe_that_nobody_answers_is_given_up() -> None:
    subject = opened()
    assert asked(subject, 101.0) is Probe
    assert asked(subject, 110.9) is Refuse
    assert asked(subject, 111.0) is Probe


def test_answers_to_calls_from_before_it_opened_do_not_count() -> None:
    subject = opened()
    assert asked(subject, 101.0) is Probe
    subject.observe(TIMEOUT, started_at=99.5, now=101.1, cancel=False)
    assert subject.reading(101.1).state is State.HALF_OPEN


@given(st.lists(st.tuples(st.floats(0, 40), st.sampled_from([None, TIMEOUT, REFUSED]), st.booleans()), max_size=80))
def test_cancels_pass_in_any_state(story: list[tuple[float, Fault | None, bool]]) -> None:
    subject, now = opened(), 100.0
    for pause, fault, cancel in story:
        now += pause
        assert asked(subject, now, cancel=True) is Pass
        if cancel or asked(subject, now) is not Refuse:
            tell(subject, fault, now, cancel=cancel)


def test_cancels_are_probes_once_a_second() -> None:
    subject = opened()
    tell(subject, None, 100.1, 20, cancel=True)
    assert subject.reading(100.1).state is State.OPEN
    tell(subject, None, 101.1, 20, cancel=True)
    tell(subject, None, 102.1, 20, cancel=True)
    assert subject.reading(102.1).state is State.CLOSED


def test_a_cancel_that_succeeds_lets_no_second_probe_through() -> None:
    subject = opened()
    tell(subject, None, 100.1, cancel=True)
    assert asked(subject, 100.2) is Refuse
    assert asked(subject, 101.0) is Probe
    tell(subject, None, 101.2, cancel=True)
    assert asked(subject, 101.3) is Refuse


def test_a_cancel_that_fails_while_it_is_open_does_not_prolong_it() -> None:
    subject = opened()
    tell(subject, TIMEOUT, 100.5, cancel=True)
    assert asked(subject, 101.0) is Probe


def test_maintenance_opens_it_at_once_until_it_is_over() -> None:
    subject = breaker()
    tell(subject, Fault(kind=Kind.MAINTENANCE, scope=Scope.VENUE, retry_after=600.0), 100.0)
    assert subject.allowed(699.0, cancel=False) == Refuse(1.0)
    assert asked(subject, 700.0) is Probe


def test_maintenance_without_an_end_is_probed_like_any_trouble() -> None:
    subject = breaker()
    tell(subject, Fault(kind=Kind.MAINTENANCE, scope=Scope.VENUE), 100.0, 5)
    assert subject.allowed(100.0, cancel=False) == Refuse(1.0)
    assert asked(subject, 101.0) is Probe


def test_maintenance_of_an_account_closes_no_venue() -> None:
    subject = breaker()
    tell(subject, Fault(kind=Kind.MAINTENANCE, scope=Scope.ACCOUNT, retry_after=600.0), 100.0)
    assert asked(subject, 100.0) is Pass


def test_a_reading_tells_what_it_counted() -> None:
    subject = breaker()
    tell(subject, None, 100.0, 3)
    tell(subject, TIMEOUT, 101.0, 2)
    reading = subject.reading(101.0)
    assert (reading.state, reading.calls, reading.failures) == (State.CLOSED, 5, 2)
    assert (reading.opened, reading.retry_after) == (0, 0.0)
