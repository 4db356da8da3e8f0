"""Whether a shown order is the wanted one, term by term."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from tests.toy import BTC, order_of, placed
from unified.errors import Fault, Kind, OrderError, Outcome
from unified.operations import PlaceOrder
from unified.order import Order, OrderStatus, OrderType, Side
from unified.verdicts import accepted, economic_difference

WANTED = PlaceOrder(instrument=BTC, side=Side.BUY, quantity=Decimal("0.01"), price=Decimal(50_000))
SHOWN = order_of(placed())


@pytest.mark.parametrize(
    ("shown", "term"),
    [
        pytest.param(evolve(SHOWN, side=Side.SELL), "side", id="another side"),
        pytest.param(evolve(SHOWN, order_type=OrderType.MARKET), "order type", id="another type"),
        pytest.param(evolve(SHOWN, quantity=Decimal(1)), "quantity", id="another quantity"),
        pytest.param(evolve(SHOWN, price=Decimal(1)), "price", id="another price"),
    ],
)
def test_the_first_term_that_differs_is_named(shown: Order, term: str) -> None:
    assert str(economic_difference(WANTED, shown)).startswith(term)


def test_the_same_terms_in_other_digits_are_the_same() -> None:
    assert economic_difference(WANTED, evolve(SHOWN, price=Decimal("50000.000"), quantity=Decimal("0.010"))) is None


def test_terms_that_an_answer_does_not_carry_are_not_compared() -> None:
    assert economic_difference(WANTED, evolve(SHOWN, side=None, quantity=None, price=None)) is None


def test_a_price_that_may_have_been_moved_is_not_compared() -> None:
    assert economic_difference(WANTED, evolve(SHOWN, price=Decimal(1)), with_price=False) is None


def test_an_order_that_the_engine_refused_is_raised_as_its_refusal() -> None:
    refused = evolve(SHOWN, status=OrderStatus.REJECTED, refusal=Fault(kind=Kind.WOULD_TAKE), client_order_id="c1")
    with pytest.raises(OrderError) as caught:
        accepted(refused, "toy")
    error = caught.value
    assert (error.kind, error.outcome, error.venue, error.client_order_id) == (
        Kind.WOULD_TAKE,
        Outcome.REJECTED,
        "toy",
        "c1",
    )


def test_an_order_that_was_partly_filled_before_it_ended_is_an_order() -> None:
    filled = evolve(
        SHOWN, status=OrderStatus.REJECTED, refusal=Fault(kind=Kind.WOULD_TAKE), filled_quantity=Decimal("0.001")
    )
    assert accepted(filled, "toy") is filled
