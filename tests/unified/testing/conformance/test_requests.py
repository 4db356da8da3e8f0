from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import count
from typing import Any

import orjson
import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import building, declaring, performing, subject, told
from unified.adapter import Charge, Stamp, costs
from unified.errors import Fault, Kind, VenueError
from unified.http import HttpRequest
from unified.operations import AmendOrder, FetchBalances, FetchTicker, PlaceOrder
from unified.order import OrderType, TimeInForce
from unified.testing.conformance import requests
from unified.testing.conformance.rules import BUILD, LIMITS, NUMBERS, SECRETS, SIGNED, STAMPS, TERMS, Finding, Rule
from unified.testing.conformance.subject import STAMP, Subject
from unified_paper import Paper

Check = Callable[[Subject], Iterable[Finding]]
COUNTER = count()


def same(build: Any, operation: Any, stamp: Stamp) -> HttpRequest:
    made: HttpRequest = build(operation, stamp)
    return made


def forgetful(build: Any, operation: PlaceOrder, stamp: Stamp) -> HttpRequest:
    return same(build, evolve(operation, post_only=False), stamp)


def hasty(build: Any, operation: PlaceOrder, stamp: Stamp) -> HttpRequest:
    return same(build, evolve(operation, time_in_force=TimeInForce.GTC), stamp)


def rounding(build: Any, operation: PlaceOrder, stamp: Stamp) -> HttpRequest:
    made = same(build, operation, stamp)
    said = orjson.loads(made.body)
    return evolve(made, body=orjson.dumps({**said, "quantity": float(said.get("quantity", 1))}))


def exponential(build: Any, operation: PlaceOrder, stamp: Stamp) -> HttpRequest:
    made = same(build, operation, stamp)
    said = orjson.loads(made.body)
    return evolve(made, body=orjson.dumps({**said, "quantity": str(Decimal(said.get("quantity", 1)).normalize())}))


def raising(build: Any, operation: Any, stamp: Stamp) -> HttpRequest:
    raise KeyError("symbol")


def dishonest(build: Any, operation: Any, stamp: Stamp) -> HttpRequest:
    raise VenueError.of(Fault(kind=Kind.INVALID_REQUEST))


def unkeyed(build: Any, operation: Any, stamp: Stamp) -> HttpRequest:
    try:
        return same(build, operation, stamp)
    except VenueError:
        return HttpRequest(method="GET", base="http://main.paper.sandbox", path="/balances")  # type: ignore[arg-type]


@pytest.mark.parametrize("check", [requests.requests, requests.terms])
def test_good_paper_is_let_pass(check: Check) -> None:
    assert list(check(subject())) == []


@pytest.mark.parametrize(
    ("check", "rule", "mutant", "problem"),
    [
        pytest.param(
            requests.requests,
            BUILD,
            building(FetchTicker, lambda b, o, s: evolve(same(b, o, s), query=f"n={next(COUNTER)}")),
            "makes another request",
            id="a counter in the request",
        ),
        pytest.param(
            requests.requests,
            BUILD,
            building(FetchTicker, lambda b, o, s: evolve(same(b, o, s), base="https://elsewhere")),
            "not to the host of its door",
            id="another host",
        ),
        pytest.param(
            requests.requests,
            BUILD,
            building(FetchTicker, lambda b, o, s: evolve(same(b, o, s), path="/a b")),
            "percent-encoded",
            id="a blank in the path",
        ),
        pytest.param(
            requests.requests,
            BUILD,
            building(FetchTicker, lambda b, o, s: evolve(same(b, o, s), headers={"x": "a\r\nb: c"})),
            "printable ASCII",
            id="a header that breaks",
        ),
        pytest.param(requests.requests, BUILD, building(FetchTicker, raising), "raises KeyError", id="a KeyError"),
        pytest.param(
            requests.requests, BUILD, building(FetchTicker, dishonest), "outcome rejected", id="a wrong outcome"
        ),
        pytest.param(
            requests.requests,
            STAMPS,
            building(FetchBalances, lambda b, o, s: same(b, o, STAMP)),
            "carries no time",
            id="a time that stands still",
        ),
        pytest.param(
            requests.requests,
            STAMPS,
            building(PlaceOrder, lambda b, o, s: same(b, o, evolve(s, window_ms=1))),
            "does not send the stamp",
            id="a window that is not sent",
        ),
        pytest.param(
            requests.requests,
            SIGNED,
            building(FetchBalances, unkeyed),
            "does not refuse",
            id="a signed call that goes out without a key",
        ),
        pytest.param(
            requests.requests,
            SIGNED,
            performing(FetchBalances, lambda how: evolve(how, signed=False)),
            "cannot be built without credentials",
            id="a signed call that is not declared so",
        ),
        pytest.param(
            requests.requests,
            LIMITS,
            performing(FetchTicker, lambda how: evolve(how, charges=costs(Charge("weight")))),
            "charges the bucket 'weight'",
            id="an unknown bucket",
        ),
        pytest.param(
            requests.requests,
            LIMITS,
            performing(FetchTicker, lambda how: evolve(how, charges=costs())),
            "charges no bucket",
            id="a call for nothing",
        ),
        pytest.param(
            requests.requests,
            LIMITS,
            performing(FetchTicker, lambda how: evolve(how, charges=costs(Charge("requests", float("nan"))))),
            "costs nan",
            id="a price that is no number",
        ),
        pytest.param(
            requests.terms, TERMS, building(PlaceOrder, forgetful), "post_only makes no", id="post-only dropped"
        ),
        pytest.param(requests.terms, TERMS, building(PlaceOrder, hasty), "time_in_force makes no", id="a term dropped"),
        pytest.param(
            requests.terms,
            TERMS,
            building(AmendOrder, lambda b, o, s: same(b, evolve(o, price=None), s)),
            "the new price is not sent",
            id="an amended price dropped",
        ),
        pytest.param(requests.terms, TERMS, building(PlaceOrder, dishonest), "plain limit order", id="no order at all"),
        pytest.param(
            requests.terms, NUMBERS, building(PlaceOrder, rounding), "does not stand", id="a float in the body"
        ),
        pytest.param(requests.terms, NUMBERS, building(PlaceOrder, exponential), "0.00000001", id="an exponent"),
    ],
)
def test_a_mutant_is_found(check: Check, rule: Rule, mutant: type[Paper], problem: str) -> None:
    assert problem in told(check(subject(mutant)), rule)


def test_a_secret_in_an_address_is_found() -> None:
    made = subject()
    assert made.credentials is not None
    secret = made.credentials.secret.reveal()
    mutant = building(FetchTicker, lambda b, o, s: evolve(same(b, o, s), query=f"secret={secret}"))
    assert "a secret stands in the URL" in told(requests.requests(subject(mutant)), SECRETS)


def test_a_secret_in_the_repr_of_an_adapter_is_found() -> None:
    def shown(self: Any) -> str:
        return f"Paper({subject().credentials.secret.reveal()})"  # type: ignore[union-attr]

    assert "the repr of the adapter" in told(requests.requests(subject(declaring(__repr__=shown))), SECRETS)


def test_variants_change_what_they_say() -> None:
    assert OrderType.LIMIT.has_price
