from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import asking, building, play, reading, refusing, story
from unified.account import PositionMode
from unified.instrument import Product
from unified.operations import (
    FetchBalances,
    FetchKeyPermissions,
    FetchPositions,
    FetchTradingFees,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.testing.conformance.account_stories import STORIES
from unified_bybit import Bybit
from unified_okx import Okx
from unified_paper import Paper

LINEAR = Product.LINEAR


def double(parse: Any, operation: Any, response: Any) -> Any:
    return tuple(evolve(item, free=item.free * 2) for item in parse(operation, response))


def turned(parse: Any, operation: Any, response: Any) -> Any:
    return tuple(evolve(item, quantity=abs(item.quantity)) for item in parse(operation, response))


def unlocked(parse: Any, operation: Any, response: Any) -> Any:
    return tuple(evolve(item, locked=Decimal(0)) for item in parse(operation, response))


MUTANTS = [
    pytest.param("balances", reading(FetchBalances, double), "the account holds", id="totals doubled"),
    pytest.param("locked balances", reading(FetchBalances, unlocked), "locks nothing", id="nothing locked"),
    pytest.param(
        "fees",
        reading(FetchTradingFees, lambda p, o, r: evolve(p(o, r), taker=Decimal(10))),
        "fees are fractions",
        id="fees in percent",
    ),
    pytest.param(
        "key permissions",
        reading(FetchKeyPermissions, lambda p, o, r: evolve(p(o, r), trade=False)),
        "may trade is read",
        id="permissions turned round",
    ),
    pytest.param(
        "positions",
        reading(FetchPositions, turned, Okx, LINEAR),
        "a short of",
        id="positions without their sign",
    ),
    pytest.param(
        "leverage", building(SetLeverage, asking(leverage=Decimal(3)), Okx, LINEAR), "7 was set", id="another leverage"
    ),
    pytest.param(
        "margin mode", reading(SetMarginMode, refusing, Bybit, LINEAR), "was refused", id="a mode that cannot be set"
    ),
    pytest.param(
        "position mode",
        building(SetPositionMode, asking(mode=PositionMode.ONE_WAY), Okx, LINEAR),
        "hedge mode was set",
        id="another mode",
    ),
]
"""Every story finds one: see test_judge.py."""


@pytest.mark.parametrize("name", ["balances", "locked balances", "fees", "key permissions"])
def test_good_paper_is_let_pass(name: str) -> None:
    assert play(Paper, story(STORIES, name)) == ""


@pytest.mark.parametrize(("name", "mutant", "problem"), MUTANTS)
def test_a_mutant_is_found(name: str, mutant: Any, problem: str) -> None:
    assert problem in play(mutant, story(STORIES, name))
