"""Operations as a table: each has a name of its own, a priority, and says whether it writes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from unified import operations
from unified.instrument import Instrument, Instruments, Product, unlisted
from unified.operations import (
    OPERATIONS,
    CancelAll,
    CancelBatch,
    CancelOrder,
    FetchOpenOrders,
    FetchTicker,
    InstrumentOperation,
    ListingOperation,
    Operation,
    PlaceBatch,
    PlaceOrder,
    Priority,
)
from unified.order import Side, Trigger

SPOT = unlisted("BTCUSDT", Product.SPOT)
LINEAR = unlisted("BTCUSDT", Product.LINEAR)
CHANGING = ("Place", "Cancel", "Amend", "Set")


def order(instrument: Instrument = SPOT, **more: Any) -> PlaceOrder:
    return PlaceOrder(instrument=instrument, side=Side.BUY, quantity=Decimal(1), price=Decimal(2), **more)


class TestTable:
    def test_every_operation_stands_in_it_once(self) -> None:
        bases = {Operation, InstrumentOperation, ListingOperation}
        defined = {
            value
            for value in vars(operations).values()
            if isinstance(value, type) and issubclass(value, Operation) and value not in bases
        }
        assert len(OPERATIONS) == len(set(OPERATIONS))
        assert set(OPERATIONS) == defined

    def test_no_name_stands_for_two(self) -> None:
        names = [operation.name for operation in OPERATIONS]
        assert len(names) == len(set(names))

    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
    def test_what_changes_something_says_so(self, operation: type[Operation[Any]]) -> None:
        assert operation.writes is operation.__name__.startswith(CHANGING)

    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
    def test_nothing_that_writes_waits_behind_a_read(self, operation: type[Operation[Any]]) -> None:
        if operation.writes:
            assert operation.priority < Priority.PRIVATE_READ
        assert (operation.priority is Priority.CANCEL) is operation.__name__.startswith("Cancel")


class TestProduct:
    @pytest.mark.parametrize("instrument", [SPOT, LINEAR], ids=lambda item: f"of a {item.product} instrument")
    def test_the_instrument_decides_it(self, instrument: Instrument) -> None:
        assert FetchTicker(instrument=instrument).product is instrument.product
        assert order(instrument).product is instrument.product

    def test_the_items_decide_it_for_a_batch(self) -> None:
        assert PlaceBatch(orders=(order(LINEAR), order(LINEAR))).product is Product.LINEAR
        assert CancelBatch(cancels=(CancelOrder(instrument=SPOT, venue_order_id="1"),)).product is Product.SPOT

    @pytest.mark.parametrize(
        "orders",
        [
            pytest.param((), id="an empty batch"),
            pytest.param((order(SPOT), order(LINEAR)), id="a batch of two products"),
        ],
    )
    def test_a_batch_of_no_one_product_is_refused_when_made(self, orders: tuple[PlaceOrder, ...]) -> None:
        with pytest.raises(ValueError, match="all of one product"):
            PlaceBatch(orders=orders)


class TestPlaceOrder:
    @pytest.mark.parametrize(
        ("side", "trigger", "waits_for"),
        [
            pytest.param(Side.BUY, None, Trigger.RISES, id="a buy stop waits for the price to rise"),
            pytest.param(Side.SELL, None, Trigger.FALLS, id="a sell stop waits for it to fall"),
            pytest.param(Side.SELL, Trigger.RISES, Trigger.RISES, id="a sell that takes profit waits for it to rise"),
        ],
    )
    def test_a_stop_waits_on_one_side_of_the_market(
        self, side: Side, trigger: Trigger | None, waits_for: Trigger
    ) -> None:
        assert PlaceOrder(instrument=SPOT, side=side, trigger=trigger).waits_for is waits_for


def test_a_listing_is_no_part_of_what_is_wanted() -> None:
    listing = Instruments([SPOT])
    assert FetchOpenOrders(listing=listing) == FetchOpenOrders(listing=Instruments())
    assert "Instruments" not in repr(CancelAll(listing=listing, instrument=SPOT))


def test_a_wish_cannot_be_changed_after_it_was_made() -> None:
    wish = order(expires_at=datetime(2030, 1, 1, tzinfo=UTC))
    with pytest.raises(AttributeError):
        wish.price = Decimal(3)  # type: ignore[misc]  # that it cannot be assigned is the point
