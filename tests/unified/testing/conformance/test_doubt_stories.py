from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import building, declaring, play, story
from unified.adapter import Dedup
from unified.instrument import Product
from unified.operations import PlaceOrder
from unified.testing.conformance.doubt_stories import STORIES
from unified_paper import Paper


@pytest.mark.parametrize("name", [item.name for item in STORIES])
def test_good_paper_is_let_pass(name: str) -> None:
    assert play(Paper, story(STORIES, name)) == ""


def test_an_adapter_that_sends_every_copy_under_another_id_is_found() -> None:
    def renamed(build: Any, operation: PlaceOrder, stamp: Any) -> Any:
        return build(evolve(operation, client_order_id=f"c{stamp.nonce}"), stamp)

    assert "orders came of one" in play(building(PlaceOrder, renamed), story(STORIES, "the answer is lost"))


def test_an_adapter_that_promises_nothing_stays_honest() -> None:
    rule = evolve(Paper.placement[Product.SPOT], dedup=Dedup.NONE, expiry=None)
    assert play(declaring(placement={Product.SPOT: rule}), story(STORIES, "the answer is lost")) == ""
