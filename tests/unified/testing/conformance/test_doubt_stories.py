from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import building, declaring, play, reading, refusing, story
from unified.adapter import Dedup
from unified.instrument import Product
from unified.operations import CancelOrder, FetchOrder, PlaceOrder
from unified.testing.conformance.doubt_stories import STORIES
from unified_paper import Paper


def renamed(build: Any, operation: PlaceOrder, stamp: Any) -> Any:
    return build(evolve(operation, client_order_id=f"c{stamp.nonce}"), stamp)


def nowhere(build: Any, operation: CancelOrder, stamp: Any) -> Any:
    return evolve(build(operation, stamp), path="/orders/nowhere")


MUTANTS = [
    *(
        pytest.param(name, building(PlaceOrder, renamed), "orders came of one", id=f"{name}: copies under other ids")
        for name in ("the answer is lost", "the answer comes too late")
    ),
    pytest.param(
        "the request is lost", reading(FetchOrder, refusing), "still in doubt", id="an order that cannot be asked for"
    ),
    pytest.param(
        "a cancel's answer is lost", building(CancelOrder, nowhere), "cancel", id="a cancel that goes elsewhere"
    ),
]
"""Every story finds one: see test_judge.py."""


@pytest.mark.parametrize("name", [item.name for item in STORIES])
def test_good_paper_is_let_pass(name: str) -> None:
    assert play(Paper, story(STORIES, name)) == ""


@pytest.mark.parametrize(("name", "mutant", "problem"), MUTANTS)
def test_a_mutant_is_found(name: str, mutant: Any, problem: str) -> None:
    assert problem in play(mutant, story(STORIES, name))


def test_an_adapter_that_promises_nothing_stays_honest() -> None:
    rule = evolve(Paper.placement[Product.SPOT], dedup=Dedup.NONE, expiry=None)
    assert play(declaring(placement={Product.SPOT: rule}), story(STORIES, "the answer is lost")) == ""
