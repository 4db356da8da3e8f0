"""Orders as values: which states are open, what is left, which words belong together."""

from __future__ import annotations

from decimal import Decimal

import pytest

from unified.instrument import Product, unlisted
from unified.order import Order, OrderStatus, OrderType, Side

BTC = unlisted("BTCUSDT", Product.SPOT)


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        pytest.param(OrderStatus.PENDING_NEW, True, id="acknowledged is open"),
        pytest.param(OrderStatus.NEW, True, id="new is open"),
        pytest.param(OrderStatus.PARTIALLY_FILLED, True, id="partially filled is open"),
        pytest.param(OrderStatus.PENDING_CANCEL, True, id="a cancel that is not done leaves it open"),
        pytest.param(OrderStatus.FILLED, False, id="filled is final"),
        pytest.param(OrderStatus.CANCELED, False, id="canceled is final"),
        pytest.param(OrderStatus.REJECTED, False, id="rejected is final"),
        pytest.param(OrderStatus.EXPIRED, False, id="expired is final"),
    ],
)
def test_a_status_is_open_or_final(status: OrderStatus, is_open: bool) -> None:
    order = Order(instrument=BTC, venue_order_id="1", status=status)
    assert order.is_open is status.is_open is is_open
    assert status.is_final is not is_open


def test_no_status_is_left_without_a_judgement() -> None:
    assert {status for status in OrderStatus if status.is_open} | {s for s in OrderStatus if s.is_final} == set(
        OrderStatus
    )


def test_what_remains_is_what_was_wanted_less_what_was_filled() -> None:
    order = Order(
        instrument=BTC,
        venue_order_id="1",
        status=OrderStatus.PARTIALLY_FILLED,
        quantity=Decimal("1.5"),
        filled_quantity=Decimal("0.4"),
    )
    assert order.remaining_quantity == Decimal("1.1")


def test_an_order_by_amount_does_not_know_its_remaining_quantity() -> None:
    order = Order(instrument=BTC, venue_order_id="1", status=OrderStatus.NEW, quote_quantity=Decimal(50))
    assert order.remaining_quantity is None


@pytest.mark.parametrize("side", Side, ids=lambda side: f"{side} has one opposite")
def test_sides_are_opposite_in_pairs(side: Side) -> None:
    assert side.opposite is not side
    assert side.opposite.opposite is side


@pytest.mark.parametrize(
    ("order_type", "is_stop", "has_price"),
    [
        pytest.param(OrderType.LIMIT, False, True, id="a limit order has a price"),
        pytest.param(OrderType.MARKET, False, False, id="a market order has none"),
        pytest.param(OrderType.STOP_LIMIT, True, True, id="a stop limit waits and has a price"),
        pytest.param(OrderType.STOP_MARKET, True, False, id="a stop market waits and has none"),
    ],
)
def test_a_type_tells_what_it_needs(order_type: OrderType, is_stop: bool, has_price: bool) -> None:
    assert (order_type.is_stop, order_type.has_price) == (is_stop, has_price)
