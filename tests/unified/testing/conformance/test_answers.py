from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import reading, subject, told
from unified.http import HttpResponse
from unified.instrument import Instrument, Instruments, Product
from unified.operations import FetchBalances, FetchInstruments, FetchServerTime, Operation
from unified.testing.conformance import answers
from unified.testing.conformance.rules import ANSWERS, EVIDENCE, INSTRUMENTS
from unified_paper import Paper

ROW = (
    '{"symbol":"BTCUSDT","base":"BTC","quote":"USDT","tick_size":"0.01","lot_size":"0.001",'
    '"min_quantity":"0.001","min_notional":"5","trading":true}'
)
GOOD: Mapping[Operation[Any], bytes] = {
    FetchServerTime(): b'{"time_us":1800000000000000}',
    FetchBalances(): b'{"balances":[{"currency":"BTC","free":"1","locked":"0"}]}',
    FetchInstruments(): f'{{"instruments":[{ROW}]}}'.encode(),
}
COUNTER = count()


def test_good_answers_are_let_pass() -> None:
    made = subject(answers=GOOD)
    made.listings |= answers.listings(made)
    assert [item.symbol for item in made.listings[Product.SPOT]] == ["BTCUSDT"]
    assert list(answers.answers(made)) == list(answers.instruments(made)) == []


def changed(**changes: Any) -> Any:
    return lambda parse, operation, response: tuple(evolve(item, **changes) for item in parse(operation, response))


@pytest.mark.parametrize(
    ("mutant", "problem"),
    [
        pytest.param(reading(FetchBalances, changed(free=1.0)), "balances[].free is a float", id="a float"),
        pytest.param(reading(FetchBalances, changed(free=Decimal("NaN"))), "is NaN", id="no number"),
        pytest.param(
            reading(FetchBalances, changed(free=datetime.now(UTC).replace(tzinfo=None))),
            "no time zone",
            id="a naive time",
        ),
        pytest.param(
            reading(FetchBalances, lambda p, o, r: (*p(o, r), next(COUNTER))),
            "is another value",
            id="a counter in a parser",
        ),
        pytest.param(
            reading(FetchBalances, lambda p, o, r: dict[str, int]()["free"]), "parse raises KeyError", id="a KeyError"
        ),
    ],
)
def test_a_mutant_is_found(mutant: type[Paper], problem: str) -> None:
    assert problem in told(answers.answers(subject(mutant, GOOD)), ANSWERS)


def test_a_recorded_answer_that_cannot_be_read_is_found() -> None:
    assert "balances: missing" in told(answers.answers(subject(answers={FetchBalances(): b"{}"})), ANSWERS)


def test_calls_without_an_answer_are_the_to_do_list() -> None:
    missing = told(answers.evidence(subject(answers=GOOD)), EVIDENCE)
    assert "ticker spot: no answer was read: record one as ticker.spot.http" in missing
    assert "balances spot" not in missing


def item(**changes: Any) -> Instrument:
    fine = Decimal("0.01")
    values = {"symbol": "BTCUSDT", "product": Product.SPOT, "base": "BTC", "quote": "USDT", "lot_size": fine}
    return Instrument(**{**values, "tick_size": fine, **changes})


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        pytest.param([item(), item(symbol="BTC-USDT")], "several instruments", id="one name for two"),
        pytest.param([item(base="")], "no base", id="no base"),
        pytest.param([item(settle="USDT")], "None for spot", id="a settled spot"),
        pytest.param([item(tick_size=Decimal(0))], "not above zero", id="no tick"),
    ],
)
def test_instruments_that_cannot_be_told_apart_are_found(items: list[Instrument], problem: str) -> None:
    made = subject()
    made.listings[Product.SPOT] = Instruments(items)
    assert problem in told(answers.instruments(made), INSTRUMENTS)


def test_the_longest_answers_are_samples() -> None:
    made = subject(answers=GOOD)
    (sample,) = answers.samples(made.exchanges, most=1)[FetchInstruments, Product.SPOT]
    assert isinstance(sample.response, HttpResponse)
