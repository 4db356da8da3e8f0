from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import declaring, performing, subject, told
from unified.adapter import Charge, ClientIdRule, ClockRule, Environment, FixedWindow, Limit
from unified.errors import Scope
from unified.instrument import Product
from unified.operations import CancelOrder, FetchInstruments, FetchOrder, FetchServerTime, FetchTicker
from unified.testing.conformance import declared
from unified.testing.conformance.rules import CLIENT_IDS, CLOCKS, LIMITS, NAMES, PLACEMENT, TABLE, Finding, Rule
from unified.testing.conformance.subject import Subject
from unified_paper import Paper

Check = Callable[[Subject], Iterable[Finding]]
RULE = Paper.placement[Product.SPOT]


def hosts(address: str) -> dict[str, Environment]:
    return {"production": Environment(name="production", hosts={"main": address}, real_money=True)}


@pytest.mark.parametrize(
    "check", [declared.names, declared.table, declared.limits, declared.clocks, declared.placement]
)
def test_good_paper_is_let_pass(check: Check) -> None:
    assert list(check(subject())) == []
    assert list(declared.client_ids(subject())) == []


@pytest.mark.parametrize(
    ("check", "rule", "mutant", "problem"),
    [
        pytest.param(declared.names, NAMES, declaring(venue="Paper 1"), "lower-case letters", id="a name with a blank"),
        pytest.param(declared.names, NAMES, declaring(title=""), "title: is empty", id="no title"),
        pytest.param(
            declared.names, NAMES, declaring(environments=hosts("https://a.b/")), "no slash", id="a host with a path"
        ),
        pytest.param(
            declared.names, NAMES, declaring(environments=hosts("https://x.invalid")), "placeholder", id="a placeholder"
        ),
        pytest.param(
            declared.table, TABLE, performing(FetchInstruments, lambda how: None), "instruments", id="no listing"
        ),
        pytest.param(
            declared.table, TABLE, performing(CancelOrder, lambda how: None), "able to cancel", id="no cancel"
        ),
        pytest.param(declared.table, TABLE, performing(FetchOrder, lambda how: None), "get_order", id="no look-up"),
        pytest.param(
            declared.table,
            TABLE,
            performing(FetchTicker, lambda how: evolve(how, door="x")),
            "door 'x'",
            id="a wrong door",
        ),
        pytest.param(
            declared.table,
            TABLE,
            performing(FetchTicker, lambda how: evolve(how, example="")),
            "example",
            id="no example",
        ),
        pytest.param(
            declared.limits,
            LIMITS,
            declaring(limits=(Limit(bucket="a", scope=Scope.ORDER, rule=FixedWindow(limit=0, period=1)),)),
            "counts nothing",
            id="a scope that counts nothing",
        ),
        pytest.param(declared.limits, LIMITS, declaring(limits=()), "are empty", id="no limits"),
        pytest.param(declared.clocks, CLOCKS, declaring(clocks={}), "is missing", id="no clock"),
        pytest.param(
            declared.clocks,
            CLOCKS,
            declaring(clocks={"main": ClockRule(window_ms=5)}),
            "source",
            id="no source of a clock",
        ),
        pytest.param(
            declared.clocks,
            CLOCKS,
            performing(FetchServerTime, lambda how: None),
            "FetchServerTime",
            id="no way to ask",
        ),
        pytest.param(declared.placement, PLACEMENT, declaring(placement={}), "is missing", id="no promises"),
        pytest.param(
            declared.placement,
            PLACEMENT,
            declaring(placement={Product.SPOT: evolve(RULE, visibility=-1.0)}),
            "visibility",
            id="a negative time",
        ),
        pytest.param(
            declared.placement,
            PLACEMENT,
            declaring(placement={Product.SPOT: evolve(RULE, source="")}),
            "source",
            id="promises without a source",
        ),
        pytest.param(
            declared.client_ids,
            CLIENT_IDS,
            declaring(client_ids=ClientIdRule(pattern="[A-Z]{4}", max_length=4)),
            "no id of ours",
            id="ids too short",
        ),
        pytest.param(
            declared.client_ids,
            CLIENT_IDS,
            declaring(client_ids=ClientIdRule(pattern="(?s).*", max_length=40)),
            "a line break",
            id="ids with line breaks",
        ),
        pytest.param(
            declared.client_ids,
            CLIENT_IDS,
            declaring(client_ids=ClientIdRule(pattern="[", max_length=40)),
            "no regular expression",
            id="no pattern",
        ),
    ],
)
def test_a_mutant_is_found(check: Check, rule: Rule, mutant: Any, problem: str) -> None:
    assert problem in told(check(subject(mutant)), rule)


def test_a_charge_is_a_value() -> None:
    assert Charge("requests").cost == 1
