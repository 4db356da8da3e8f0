"""What streams tell of orders in doubt."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from tests.toy import BTC, virtual
from unified.merging import Story
from unified.operations import PlaceOrder
from unified.order import Order, OrderStatus, OrderType, Side
from unified.witness import Witness

NOW = datetime(2026, 11, 21, tzinfo=UTC)
WANTED = PlaceOrder(
    instrument=BTC,
    side=Side.BUY,
    order_type=OrderType.LIMIT,
    quantity=Decimal(2),
    price=Decimal(5),
    client_order_id="c1",
)
TOLD = Order(
    instrument=BTC,
    venue_order_id="v1",
    client_order_id="c1",
    side=Side.BUY,
    quantity=Decimal(2),
    price=Decimal(5),
    status=OrderStatus.NEW,
    filled_quantity=Decimal(0),
    created_at=NOW,
)


@pytest.fixture
def story() -> Story:
    return Story()


def test_an_order_that_was_told_is_seen(story: Story) -> None:
    witness = Witness(story)
    assert witness.order(WANTED, NOW) is None
    story.take_order(TOLD)
    assert witness.order(WANTED, NOW) == TOLD


@pytest.mark.parametrize(
    "told",
    [
        evolve(TOLD, client_order_id="c2"),
        evolve(TOLD, created_at=None),
        evolve(TOLD, created_at=NOW - timedelta(milliseconds=1)),
        evolve(TOLD, price=Decimal(6)),
        evolve(TOLD, instrument=evolve(BTC, symbol="ETHUSDT")),
    ],
    ids=["another id", "made nobody says when", "made before: the id was used twice", "another price", "elsewhere"],
)
def test_what_may_be_another_order_is_not_taken_for_it(story: Story, told: Order) -> None:
    story.take_order(told)
    assert Witness(story).order(WANTED, NOW) is None


def test_waiting_ends_when_the_order_is_told_of(story: Story) -> None:
    async def scene() -> tuple[float, float]:
        witness, loop = Witness(story), asyncio.get_running_loop()
        began = loop.time()
        await witness.wait(WANTED, 30.0)
        alone = loop.time() - began
        loop.call_later(1.0, witness.told, evolve(TOLD, client_order_id="c2"))
        loop.call_later(2.0, witness.told, TOLD)
        began = loop.time()
        await witness.wait(WANTED, 30.0)
        return alone, loop.time() - began

    assert virtual(scene) == pytest.approx((30.0, 2.0), abs=0.001)
