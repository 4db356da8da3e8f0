from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.unified.testing.conformance.mutants import declaring, reading, subject, told
from tests.unified.testing.conformance.test_answers import GOOD
from unified.adapter import Observation
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.http import HttpResponse
from unified.operations import CancelOrder, FetchBalances, FetchTicker, PlaceOrder
from unified.testing.conformance import damage
from unified.testing.conformance.rules import DAMAGE, OBSERVED, SETTLED
from unified_paper import Paper


def careless(_parse: Any, _operation: Any, response: HttpResponse) -> Any:
    return orjson.loads(response.body)["balances"][0]["free"]


def never_sent(parse: Any, operation: Any, response: HttpResponse) -> Any:
    raise VenueError.of(Fault(kind=Kind.UNKNOWN, outcome=Outcome.NOT_SENT))


def refused(parse: Any, operation: Any, response: HttpResponse) -> Any:
    raise VenueError.of(Fault(kind=Kind.VENUE_FAULT, outcome=Outcome.REJECTED))


def test_good_paper_is_let_pass() -> None:
    made = subject(answers=GOOD)
    assert [*damage.damage(made, count=20), *damage.settled(made), *damage.observed(made)] == []


@pytest.mark.parametrize(
    ("mutant", "problem"),
    [
        pytest.param(reading(FetchBalances, careless), "parse raises KeyError", id="a KeyError out of parse"),
        pytest.param(reading(FetchBalances, careless), "parse raises JSONDecodeError", id="HTML out of parse"),
        pytest.param(reading(FetchBalances, lambda *_: ()), "no JSON is read as a success", id="HTML as a success"),
        pytest.param(reading(FetchBalances, never_sent), "told as not_sent", id="an answer that was never sent"),
    ],
)
def test_what_damage_breaks_is_found(mutant: type[Paper], problem: str) -> None:
    assert problem in told(damage.damage(subject(mutant, GOOD), count=40), DAMAGE)


@pytest.mark.parametrize("kind", [PlaceOrder, CancelOrder])
def test_an_unreadable_answer_that_is_taken_for_a_refusal_is_found(kind: Any) -> None:
    found = told(damage.settled(subject(reading(kind, refused))), SETTLED)
    assert "a page with HTTP 502 is told as rejected" in found
    assert "an empty 200 is told as rejected" in found


def test_a_read_settles_nothing_anyway() -> None:
    assert list(damage.settled(subject(reading(FetchTicker, refused)))) == []


def counting(self: Paper, operation: Any, response: HttpResponse) -> Observation:
    int(response.header("x-paper-used") or "0")
    return Observation()


def believing(self: Paper, response: HttpResponse, **about: str) -> tuple[Fault, ...]:
    return (Fault(kind=Kind.CONNECT_FAILED),)


def stumbling(self: Paper, response: HttpResponse, **about: str) -> tuple[Fault, ...]:
    return tuple(orjson.loads(response.body))


@pytest.mark.parametrize(
    ("mutant", "problem"),
    [
        pytest.param(declaring(observe=counting), "observe raises ValueError", id="a header that is no number"),
        pytest.param(declaring(observe=lambda *_: None), "observe answers NoneType", id="nothing observed"),
        pytest.param(declaring(faults=believing), "as not_sent", id="a fault that was never sent"),
        pytest.param(declaring(faults=stumbling), "faults raises JSONDecodeError", id="HTML"),
    ],
)
def test_what_breaks_beside_the_content_is_found(mutant: type[Paper], problem: str) -> None:
    assert problem in told(damage.observed(subject(mutant)), OBSERVED)


def test_an_unknown_code_must_stay_unknown() -> None:
    assert list(damage.unknown_codes(subject())) == []
    guess = declaring(fault=lambda self, code, **_: Fault(kind=Kind.INVALID_REQUEST, code=code))
    assert "told as invalid_request" in next(damage.unknown_codes(subject(guess)))
