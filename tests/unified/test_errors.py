"""The error model: outcomes join, kinds know their family, errors travel and say what they know."""

from __future__ import annotations

import copy
import itertools
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified import errors
from unified.errors import (
    Attempt,
    AuthError,
    Family,
    Fault,
    Kind,
    OrderError,
    Outcome,
    Scope,
    ThrottleError,
    TransportError,
    UnknownError,
    VenueError,
    with_outcome,
)

OUTCOMES = st.sampled_from(Outcome)

FAULTS = st.builds(
    Fault,
    kind=st.sampled_from(Kind),
    outcome=OUTCOMES,
    scope=st.sampled_from(Scope),
    retry_after=st.none() | st.floats(0, 1e6),
    code=st.none() | st.text(),
    message=st.text(),
    hint=st.text(),
    request_id=st.none() | st.text(),
    sure=st.booleans(),
)


class TestOutcome:
    @given(OUTCOMES, OUTCOMES, OUTCOMES)
    def test_joining_is_the_join_of_a_lattice(self, a: Outcome, b: Outcome, c: Outcome) -> None:
        assert a.joined(a) is a
        assert a.joined(b) is b.joined(a)
        assert a.joined(b).joined(c) is a.joined(b.joined(c))
        assert a.joined(b) in (a, b)

    @pytest.mark.parametrize(
        ("first", "second", "whole"),
        [
            pytest.param(
                Outcome.UNKNOWN, Outcome.REJECTED, Outcome.UNKNOWN, id="a refused second never settles a first"
            ),
            pytest.param(Outcome.UNKNOWN, Outcome.NOT_SENT, Outcome.UNKNOWN, id="an unsent second settles nothing"),
            pytest.param(Outcome.UNKNOWN, Outcome.DONE, Outcome.DONE, id="a state that holds settles what was unknown"),
            pytest.param(Outcome.NOT_SENT, Outcome.REJECTED, Outcome.REJECTED, id="refused is more than not sent"),
        ],
    )
    def test_two_attempts_make_one_outcome(self, first: Outcome, second: Outcome, whole: Outcome) -> None:
        assert first.joined(second) is whole


class TestKind:
    @pytest.mark.parametrize("kind", Kind, ids=str)
    def test_a_kind_is_found_by_its_word_and_written_as_it(self, kind: Kind) -> None:
        assert Kind(kind.value) is kind
        assert f"{kind}" == kind.value == kind.name.lower()

    def test_every_family_has_a_kind_and_a_class_of_its_own(self) -> None:
        classes = {family: type(VenueError.of(Fault(kind=kind))) for kind in Kind for family in [kind.family]}
        assert set(classes) == set(Family)
        assert len(set(classes.values())) == len(Family)
        assert VenueError not in classes.values()

    def test_only_what_was_handed_over_can_have_an_unknown_outcome(self) -> None:
        unsettled = {kind.family for kind in Kind if kind.usual_outcome is Outcome.UNKNOWN}
        assert unsettled == {Family.TRANSPORT, Family.AVAILABILITY, Family.UNKNOWN}

    def test_only_a_state_that_holds_counts_as_done(self) -> None:
        assert {kind for kind in Kind if kind.usual_outcome is Outcome.DONE} == {Kind.DUPLICATE_ORDER, Kind.NO_CHANGE}

    @pytest.mark.parametrize(
        "kind",
        [Kind.BANNED, Kind.DEADLINE_PASSED, Kind.BAD_SIGNATURE, Kind.INSUFFICIENT_FUNDS, Kind.UNKNOWN],
        ids=lambda kind: f"{kind} is not tried again by itself",
    )
    def test_what_another_try_cannot_mend_is_not_transient(self, kind: Kind) -> None:
        assert not kind.transient


class TestFault:
    @pytest.mark.parametrize("kind", Kind, ids=str)
    def test_a_fault_takes_outcome_and_family_of_its_kind(self, kind: Kind) -> None:
        fault = Fault(kind=kind)
        assert (fault.outcome, fault.family, fault.transient) == (kind.usual_outcome, kind.family, kind.transient)

    def test_an_unknown_code_may_keep_the_family_that_its_number_implies(self) -> None:
        error = VenueError.of(Fault(kind=Kind.UNKNOWN, family=Family.ORDER))
        assert isinstance(error, OrderError)
        assert error.kind is Kind.UNKNOWN

    @given(FAULTS, OUTCOMES)
    def test_another_outcome_changes_nothing_else(self, fault: Fault, outcome: Outcome) -> None:
        changed = with_outcome(fault, outcome)
        assert changed.outcome is outcome
        assert with_outcome(changed, fault.outcome) == fault


class TestVenueError:
    @given(FAULTS, st.none() | OUTCOMES, st.none() | st.integers(0, 2**53))
    def test_an_error_survives_pickle_and_copy(self, fault: Fault, outcome: Outcome | None, fence: int | None) -> None:
        attempt = Attempt(number=1, operation="ticker", started_at=1.5, elapsed=0.25, outcome=fault.outcome)
        error = VenueError.of(
            fault,
            venue="binance",
            operation="place_order",
            client_order_id="a-1",
            attempts=(attempt,),
            fence_ms=fence,
            outcome=outcome,
        )
        for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
            assert type(twin) is type(error)
            assert vars(twin) == vars(error)
            assert str(twin) == str(error)

    def test_saying_more_keeps_what_was_known(self) -> None:
        error = VenueError.of(Fault(kind=Kind.RATE_LIMITED, retry_after=2.0), venue="okx", outcome=Outcome.UNKNOWN)
        told = error.about(operation="ticker", client_order_id="a-1")
        assert isinstance(told, ThrottleError)
        assert (told.venue, told.operation, told.client_order_id) == ("okx", "ticker", "a-1")
        assert (told.outcome, told.retry_after, error.operation) == (Outcome.UNKNOWN, 2.0, "")

    def test_saying_more_keeps_the_cause(self) -> None:
        with pytest.raises(TransportError) as info:
            raise VenueError.of(Fault(kind=Kind.CONNECTION_LOST)) from ConnectionResetError()
        assert isinstance(info.value.about(venue="okx").__cause__, ConnectionResetError)

    def test_another_fault_makes_an_error_of_its_own_family(self) -> None:
        error = VenueError.of(Fault(kind=Kind.UNKNOWN))
        assert isinstance(error, UnknownError)
        assert isinstance(error.about(fault=Fault(kind=Kind.BAD_CREDENTIALS)), AuthError)

    def test_the_outcome_of_the_call_may_be_stronger_than_that_of_its_last_fault(self) -> None:
        error = VenueError.of(Fault(kind=Kind.RATE_LIMITED), outcome=Outcome.UNKNOWN)
        assert (error.outcome, error.fault.outcome) == (Outcome.UNKNOWN, Outcome.REJECTED)

    def test_its_text_says_where_what_whether_and_what_next(self) -> None:
        fault = Fault(
            kind=Kind.INSUFFICIENT_FUNDS, code="-2010", message="Account has insufficient balance.", hint="Order less."
        )
        error = VenueError.of(fault, venue="binance", operation="place_order", client_order_id="a-1")
        assert str(error) == (
            "binance place_order: insufficient_funds (outcome rejected), venue said -2010 "
            "'Account has insufficient balance.', client order id a-1. Order less."
        )
        assert repr(error) == f"<OrderError {error}>"

    @pytest.mark.parametrize(
        ("fault", "text"),
        [
            pytest.param(
                Fault(kind=Kind.INVALID_PRICE, outcome=Outcome.NOT_SENT, message="price 0 is not above zero"),
                "invalid_price (outcome not_sent), price 0 is not above zero",
                id="what was never sent was said by us",
            ),
            pytest.param(
                Fault(kind=Kind.MALFORMED_RESPONSE, message="price: missing in dict"),
                "malformed_response (outcome unknown), price: missing in dict",
                id="an answer that cannot be read is described by us",
            ),
            pytest.param(
                Fault(kind=Kind.VENUE_FAULT, message="Internal error"),
                "venue_fault (outcome unknown), venue said 'Internal error'",
                id="words without a code are the venue's",
            ),
            pytest.param(
                Fault(kind=Kind.UNKNOWN, code="7"), "unknown (outcome unknown), venue said 7", id="so is a code alone"
            ),
        ],
    )
    def test_its_text_puts_no_words_into_the_mouth_of_the_venue(self, fault: Fault, text: str) -> None:
        assert str(VenueError.of(fault)) == text

    def test_its_text_tells_the_wait_and_how_often_it_was_tried(self) -> None:
        attempts = tuple(
            Attempt(number=n, operation="ticker", started_at=0.0, elapsed=0.1, outcome=Outcome.REJECTED) for n in (1, 2)
        )
        error = VenueError.of(Fault(kind=Kind.RATE_LIMITED, retry_after=1.5), attempts=attempts)
        assert str(error) == "rate_limited (outcome rejected), retry after 1.5 s, 2 attempts"

    @pytest.mark.parametrize("kind", Kind, ids=str)
    def test_an_error_is_caught_as_its_family_and_as_a_venue_error(self, kind: Kind) -> None:
        caught = getattr(errors, f"{kind.family.title()}Error")
        with pytest.raises(caught) as info:
            raise VenueError.of(Fault(kind=kind))
        assert isinstance(info.value, VenueError)

    def test_a_configuration_error_is_no_venue_error(self) -> None:
        assert issubclass(errors.ConfigurationError, ValueError)
        assert not issubclass(errors.ConfigurationError, VenueError)


def test_the_words_of_the_model_do_not_overlap_within_a_list() -> None:
    for words in (Kind, Outcome, Scope, Family):
        values = [word.value for word in words]
        assert all(a != b for a, b in itertools.combinations(values, 2))


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("no\n2026-11-21 INFO order filled", id="a line of its own in a log"),
        pytest.param("\x1b[2Jno", id="a command to the terminal"),
        pytest.param("a\u202eb", id="another direction of writing"),
        pytest.param("half a character: \ud800", id="what cannot be encoded"),
        pytest.param("x" * 10**6, id="a million characters"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.INVALID_REQUEST, Kind.CONNECTION_LOST])
def test_a_venues_words_are_a_part_of_one_line(said: str, kind: Kind) -> None:
    error = VenueError.of(Fault(kind=kind, code=said, message=said))
    for shown in (str(error), repr(error)):
        assert shown.isprintable()
        assert shown.encode()
        assert len(shown) < 2000
    assert error.message == said
