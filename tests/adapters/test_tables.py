"""The tables of all installed adapters: every row of one request is tried, and every procedure says what it needs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.tried import tried
from unified.adapter import Endpoint, Procedure
from unified.instrument import Product
from unified.operations import FetchOrder, Operation
from unified.registry import installed
from unified.testing.conformance.examples import of_kind, scene
from unified.testing.conformance.subject import Subject, steps_of


@pytest.mark.parametrize("venue", installed())
def test_every_row_of_one_request_is_tried(venue: str) -> None:
    rows = {row for row, how in tried(venue).adapter.endpoints.items() if isinstance(how, Endpoint)}
    assert {(type(one), one.product) for one in tried(venue).one_of_each()} == rows


def signed_steps(subject: Subject, kind: type[Operation[Any]], product: Product) -> set[bool]:
    """Whether the first steps of a procedure need a key."""
    table = subject.adapter.endpoints
    procedure = table[kind, product]
    assert isinstance(procedure, Procedure)
    taken = [step for one in of_kind(kind, scene(subject, product)) for step in steps_of(procedure, one)]
    return {table[type(step), step.product].signed for step in taken}


@pytest.mark.parametrize("venue", installed())
def test_a_procedure_without_a_key_takes_no_step_that_needs_one(venue: str) -> None:
    subject = tried(venue).subject
    for (kind, product), how in subject.adapter.endpoints.items():
        if isinstance(how, Procedure) and not how.signed:
            assert signed_steps(subject, kind, product) == {False}, kind.name


def test_control_a_step_that_needs_a_key_is_seen() -> None:
    assert signed_steps(tried("kraken").subject, FetchOrder, Product.SPOT) == {True}
