from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import hearing, play, reading, story, telling
from unified.account import Balance, Position
from unified.errors import Fault, Kind
from unified.feeds import LoginRefused, Own
from unified.operations import FetchFills
from unified.order import Fill, Order, OrderStatus
from unified.testing.conformance.own_stream_stories import STORIES
from unified_kraken import Kraken
from unified_okx import Okx


def own(kind: type[Any], **changes: Any) -> Any:
    """Values of this kind are told otherwise."""

    def changed(event: Any) -> Any:
        if not isinstance(event, Own) or not isinstance(event.value, kind):
            return event
        return event._replace(
            value=evolve(event.value, **{name: change(getattr(event.value, name)) for name, change in changes.items()})
        )

    return telling(changed)


def doubled(was: Decimal) -> Decimal:
    return was * 2


def login(event: Any) -> Any:
    return LoginRefused(Fault(kind=Kind.VENUE_FAULT)) if isinstance(event, LoginRefused) else event


def empty(parse: Any, operation: Any, response: Any) -> Any:
    return evolve(parse(operation, response), items=())


MUTANTS = [
    pytest.param(
        "own orders and fills",
        hearing(own(Order, status=lambda _was: OrderStatus.NEW), Okx),
        "is told as new",
        id="orders that stay new",
    ),
    pytest.param(
        "own orders and fills",
        hearing(own(Fill, trade_id=lambda was: f"x{was}"), Okx),
        "are not those of the list",
        id="fills under ids of their own",
    ),
    pytest.param(
        "watched balances",
        hearing(own(Balance, free=lambda was: was * 2), Okx),
        "the account holds",
        id="twice as much",
    ),
    pytest.param(
        "watched positions", hearing(own(Position, quantity=abs), Okx), "a short of", id="positions without their sign"
    ),
    pytest.param("a refused login", hearing(telling(login), Okx), "was not refused", id="a login refused as a fault"),
    pytest.param(
        "torn own orders",
        reading(FetchFills, empty, hearing(own(Fill, quantity=lambda _was: Decimal(1)), Okx)),
        "fills are told as",
        id="wrong fills that nobody asks for",
    ),
]
"""Every story finds one: see test_judge.py."""


@pytest.mark.parametrize("adapter", [Kraken, Okx], ids=lambda adapter: adapter.venue)
@pytest.mark.parametrize("name", [item.name for item in STORIES])
def test_a_good_adapter_is_let_pass(name: str, adapter: Any) -> None:
    assert play(adapter, story(STORIES, name)) == ""


@pytest.mark.parametrize(("name", "mutant", "problem"), MUTANTS)
def test_a_mutant_is_found(name: str, mutant: Any, problem: str) -> None:
    assert problem in play(mutant, story(STORIES, name))
