from __future__ import annotations

import pytest

from tests.unified.testing.conformance.mutants import subject
from unified.instrument import Product
from unified.operations import OPERATIONS, PlaceOrder
from unified.testing.conformance.examples import examples, of_kind, scene, variants


@pytest.mark.parametrize("kind", OPERATIONS)
def test_every_operation_of_the_library_has_an_example(kind: type) -> None:
    for product in Product:
        made = of_kind(kind, scene(subject(), product))
        assert made
        assert {type(operation) for operation in made} == {kind}


def test_every_field_of_an_order_has_a_variant() -> None:
    changed = set()
    order = scene(subject(), Product.SPOT).order
    for variant in variants(order).values():
        changed |= {name for name in PlaceOrder.__annotations__ if getattr(variant, name) != getattr(order, name)}
    assert changed == set(PlaceOrder.__annotations__)


def test_the_examples_cover_the_table() -> None:
    made = subject()
    assert {(type(item), item.product) for item in examples(made)} == set(made.adapter.endpoints)
