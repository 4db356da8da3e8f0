from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import building, subject, told
from unified.adapter import Stamp
from unified.errors import Fault, Kind, VenueError
from unified.http import HttpRequest
from unified.operations import FetchOrder, FetchTicker, FetchTrades
from unified.testing.conformance.injection import injection
from unified.testing.conformance.rules import INJECTION
from unified_paper import Paper


def raw_query(build: Any, operation: FetchTicker, stamp: Stamp) -> HttpRequest:
    made: HttpRequest = build(operation, stamp)
    return evolve(made, query=f"symbol={operation.instrument.symbol}")


def in_path(build: Any, operation: FetchTicker, stamp: Stamp) -> HttpRequest:
    made: HttpRequest = build(operation, stamp)
    return evolve(made, path=f"/ticker/{operation.instrument.symbol}")


def in_header(build: Any, operation: FetchTicker, stamp: Stamp) -> HttpRequest:
    made: HttpRequest = build(operation, stamp)
    return evolve(made, headers={"x-symbol": operation.instrument.symbol})


def in_body(build: Any, operation: FetchTicker, stamp: Stamp) -> HttpRequest:
    made: HttpRequest = build(operation, stamp)
    return evolve(made, body=f'{{"symbol":"{operation.instrument.symbol}"}}'.encode())


def refusing(build: Any, operation: FetchTicker, stamp: Stamp) -> HttpRequest:
    if not operation.instrument.symbol.isalnum():
        raise VenueError.of(Fault(kind=Kind.INVALID_REQUEST))
    made: HttpRequest = build(operation, stamp)
    return made


def failing(build: Any, operation: FetchTrades, stamp: Stamp) -> HttpRequest:
    int(operation.cursor or "0", 36)
    made: HttpRequest = build(operation, stamp)
    return made


def test_good_paper_is_let_pass() -> None:
    assert list(injection(subject())) == []


@pytest.mark.parametrize(
    ("mutant", "problem"),
    [
        pytest.param(building(FetchTicker, raw_query), "symbol: an ampersand changes the query", id="a raw ampersand"),
        pytest.param(building(FetchTicker, in_path), "changes the path", id="a raw path"),
        pytest.param(building(FetchTicker, in_header), "stands raw in a header", id="a raw header"),
        pytest.param(building(FetchTicker, in_body), "changes the body", id="a raw body"),
        pytest.param(building(FetchTicker, refusing), "outcome rejected, not not_sent", id="a wrong outcome"),
        pytest.param(building(FetchTrades, failing), "cursor: an ampersand makes build raise", id="another exception"),
    ],
)
def test_a_mutant_is_found(mutant: type[Paper], problem: str) -> None:
    assert problem in told(injection(subject(mutant)), INJECTION)


def test_operations_are_named() -> None:
    assert FetchOrder.name == "get_order"
