from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import asking, building, declaring, play, reading, story
from unified.adapter import AdapterSettings, Endpoint
from unified.errors import Fault, Kind, VenueError
from unified.http import Method
from unified.instrument import Product
from unified.operations import (
    AmendOrder,
    CancelAll,
    CancelBatch,
    CancelOrder,
    FetchClosedOrders,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    PlaceBatch,
    PlaceOrder,
    TestOrder,
)
from unified.order import OrderStatus
from unified.testing.conformance.order_stories import STORIES
from unified_okx import Okx
from unified_paper import Paper

PLAYED = [item.name for item in STORIES if "batch" not in item.name]


def order(**changes: Any) -> Any:
    return lambda parse, operation, response: evolve(parse(operation, response), **changes)


def empty(parse: Any, operation: Any, response: Any) -> Any:
    return evolve(parse(operation, response), items=())


def refused(parse: Any, operation: Any, response: Any) -> Any:
    fault = Fault(kind=Kind.INVALID_ORDER)
    return tuple(VenueError.of(fault) for _ in parse(operation, response))


def placing_what_it_should_check(self: Paper, settings: AdapterSettings) -> None:
    Paper.__init__(self, settings)
    check, place = self.endpoints[TestOrder, Product.SPOT], self.endpoints[PlaceOrder, Product.SPOT]
    assert isinstance(check, Endpoint)
    assert isinstance(place, Endpoint)
    build = place.build
    placing = evolve(check, build=lambda operation, stamp: build(operation.order, stamp))
    self.endpoints = {**self.endpoints, (TestOrder, Product.SPOT): placing}


MUTANTS = [
    pytest.param(
        "from placing to canceling",
        reading(FetchOrder, order(quantity=Decimal(9))),
        "quantity is read as 9",
        id="a wrong quantity",
    ),
    pytest.param(
        "from placing to canceling", reading(FetchOpenOrders, empty), "0 are listed", id="open orders left out"
    ),
    pytest.param(
        "from placing to canceling",
        reading(CancelOrder, order(status=OrderStatus.FILLED)),
        "filled",
        id="canceled read as filled",
    ),
    pytest.param("amending", building(AmendOrder, asking(quantity=None)), "booked is", id="half an amendment"),
    pytest.param("fills", reading(FetchFills, empty), "fills are read as []", id="fills left out"),
    pytest.param(
        "fills of a time",
        building(FetchFills, lambda b, o, s: b(evolve(o, start=None), s)),
        "fills from",
        id="the start of a time dropped",
    ),
    pytest.param(
        "every form of order", building(PlaceOrder, asking(post_only=False)), "post-only", id="post-only dropped"
    ),
    pytest.param(
        "cancel_all",
        building(CancelAll, lambda b, o, s: evolve(b(o, s), path="/orders/test", method=Method.POST)),
        "cancel_all",
        id="cancel_all that cancels nothing",
    ),
    pytest.param(
        "test_order",
        declaring(__init__=placing_what_it_should_check),
        "the order was placed, not only checked",
        id="a check that places",
    ),
    pytest.param(
        "closed orders", reading(FetchClosedOrders, empty), "among the closed ones as None", id="closed orders left out"
    ),
    pytest.param(
        "a market order",
        building(PlaceOrder, lambda b, o, s: b(evolve(o, quantity=o.quantity * 2), s)),
        "the venue has booked",
        id="twice as much",
    ),
    pytest.param("stops", reading(FetchOrder, order(stop_price=Decimal(1))), "is read as 1", id="a wrong stop price"),
    pytest.param(
        "a market order by amount",
        building(PlaceOrder, lambda b, o, s: b(evolve(o, quote_quantity=o.quote_quantity * 2), s)),
        "was to be spent",
        id="twice the amount",
    ),
    pytest.param(
        "batches", reading(PlaceBatch, refused, Okx), "a good order was told as refused", id="good orders refused"
    ),
    pytest.param(
        "cancel_batch",
        building(CancelBatch, lambda b, o, s: b(evolve(o, cancels=o.cancels[:1] * 2), s), Okx),
        "cancel",
        id="one canceled twice",
    ),
]
"""Every story finds one: see test_judge.py."""


@pytest.mark.parametrize("name", PLAYED)
def test_good_paper_is_let_pass(name: str) -> None:
    assert play(Paper, story(STORIES, name)) == ""


@pytest.mark.parametrize(("name", "mutant", "problem"), MUTANTS)
def test_a_mutant_is_found(name: str, mutant: Any, problem: str) -> None:
    assert problem in play(mutant, story(STORIES, name))
