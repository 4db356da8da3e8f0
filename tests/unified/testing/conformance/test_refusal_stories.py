from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import building, play, reading, story
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.instrument import Rounding, to_step
from unified.operations import CancelOrder, FetchBalances, FetchOrder, FetchTicker, PlaceOrder
from unified.testing.conformance.refusal_stories import STORIES
from unified.testing.conformance.subject import STAMP
from unified_okx import Okx
from unified_paper import Paper


def telling(was: Kind, **changes: Any) -> Any:
    """One kind of refusal is told otherwise."""

    def changed(parse: Any, operation: Any, response: Any) -> Any:
        try:
            return parse(operation, response)
        except VenueError as error:
            if error.kind is was:
                facts = {"kind": was, "code": error.code, **changes}
                raise VenueError.of(Fault(**facts)) from None
            raise

    return changed


def whole_lots(build: Any, order: Any, stamp: Any) -> Any:
    """Half of the venue's lot is what the story's instrument tells."""
    lot = order.instrument.lot_size * 2
    return build(evolve(order, quantity=to_step(order.quantity, lot, Rounding.DOWN)), stamp)


MUTANTS = [
    pytest.param(
        "half a lot",
        building(PlaceOrder, whole_lots),
        "half a lot was not refused",
        id="half a lot rounded away",
    ),
    pytest.param(
        "half a lot",
        reading(PlaceOrder, telling(Kind.INVALID_QUANTITY, kind=Kind.VENUE_FAULT)),
        "half a lot is recognised as venue_fault",
        id="half a lot as a fault of the venue",
    ),
    pytest.param(
        "missing funds",
        reading(PlaceOrder, telling(Kind.INSUFFICIENT_FUNDS, kind=Kind.INVALID_ORDER)),
        "recognised as invalid_order",
        id="missing funds as another kind",
    ),
    pytest.param(
        "a repeated id",
        reading(PlaceOrder, telling(Kind.DUPLICATE_ORDER, outcome=Outcome.REJECTED)),
        "told with outcome rejected",
        id="a duplicate told as rejected",
    ),
    pytest.param(
        "an unknown symbol",
        reading(FetchTicker, telling(Kind.UNKNOWN_SYMBOL, kind=Kind.UNKNOWN)),
        "recognised as unknown",
        id="a symbol not recognised",
    ),
    pytest.param(
        "an unknown order",
        reading(FetchOrder, telling(Kind.ORDER_NOT_FOUND, kind=Kind.VENUE_FAULT)),
        "recognised as venue_fault",
        id="an order that is not there as a fault",
    ),
    pytest.param(
        "a wrong secret",
        reading(FetchBalances, telling(Kind.BAD_SIGNATURE, kind=Kind.INVALID_REQUEST)),
        "a wrong secret is recognised as invalid_request",
        id="a wrong secret as a wrong request",
    ),
    pytest.param(
        "an old stamp",
        reading(FetchBalances, telling(Kind.TIMESTAMP_OUT_OF_WINDOW, kind=Kind.INVALID_REQUEST)),
        "a stamp of an hour ago is recognised as invalid_request",
        id="an old stamp as a wrong request",
    ),
    pytest.param(
        "a clock that was set",
        building(FetchBalances, lambda b, o, s: b(o, evolve(STAMP, time_ms=s.time_ms - 10_000))),
        "was refused",
        id="stamps that are always old",
    ),
    pytest.param(
        "canceling an unknown order",
        reading(CancelOrder, telling(Kind.ORDER_NOT_FOUND, kind=Kind.VENUE_FAULT)),
        "recognised as venue_fault",
        id="a cancel of nothing as a fault",
    ),
    pytest.param(
        "a key that only reads",
        reading(PlaceOrder, telling(Kind.PERMISSION_DENIED, kind=Kind.INVALID_ORDER), Okx),
        "recognised as invalid_order",
        id="a missing permission as a wrong order",
    ),
]
"""Every story finds one: see test_judge.py."""


@pytest.mark.parametrize("name", [item.name for item in STORIES])
def test_good_paper_is_let_pass(name: str) -> None:
    assert play(Paper, story(STORIES, name)) == ""


@pytest.mark.parametrize(("name", "mutant", "problem"), MUTANTS)
def test_a_mutant_is_found(name: str, mutant: Any, problem: str) -> None:
    assert problem in play(mutant, story(STORIES, name))
