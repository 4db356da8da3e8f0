from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import play, reading, story
from unified.operations import FetchBalances, FetchKeyPermissions, FetchTradingFees
from unified.testing.conformance.account_stories import STORIES
from unified_paper import Paper


def double(parse: Any, operation: Any, response: Any) -> Any:
    return tuple(evolve(item, free=item.free * 2) for item in parse(operation, response))


def unlocked(parse: Any, operation: Any, response: Any) -> Any:
    return tuple(evolve(item, locked=Decimal(0)) for item in parse(operation, response))


@pytest.mark.parametrize("name", ["balances", "locked balances", "fees", "key permissions"])
def test_good_paper_is_let_pass(name: str) -> None:
    assert play(Paper, story(STORIES, name)) == ""


@pytest.mark.parametrize(
    ("name", "mutant", "problem"),
    [
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
    ],
)
def test_a_mutant_is_found(name: str, mutant: type[Paper], problem: str) -> None:
    assert problem in play(mutant, story(STORIES, name))
