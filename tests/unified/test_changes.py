"""Cancels and amendments through the client's door: what the venue answers, and what the caller is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import pytest
from attrs import evolve

from tests.toy import Toy, Wire, lost, order_of, placed, refusal, toy_client, virtual
from unified.adapter import AdapterSettings, Charge, Endpoint
from unified.errors import Kind, OrderError, Outcome, VenueError
from unified.hooks import SettledEvent
from unified.instrument import Product
from unified.operations import CancelOrder
from unified.order import Order, OrderStatus

RESTING = order_of(placed("v1", client_order_id="c1"))
ACKNOWLEDGED = {"id": "v1", "status": "pending_cancel"}
NOT_FOUND = refusal(Kind.ORDER_NOT_FOUND)
SECOND = timedelta(seconds=1)
BEGIN = datetime(1970, 1, 1, tzinfo=UTC) + SECOND


class TestCancel:
    def test_a_bare_acknowledgement_keeps_what_was_known_of_the_order(self) -> None:
        async def story() -> None:
            wire = Wire().on("cancel_order", ACKNOWLEDGED)
            async with toy_client(wire) as client:
                canceled = await client.cancel_order(RESTING)
            assert canceled.status is OrderStatus.PENDING_CANCEL
            assert (canceled.price, canceled.side) == (RESTING.price, RESTING.side)

        virtual(story)

    @pytest.mark.parametrize("status", [OrderStatus.FILLED, OrderStatus.CANCELED])
    @pytest.mark.parametrize("kind", [Kind.ORDER_CLOSED, Kind.ORDER_NOT_FOUND, Kind.INVALID_REQUEST])
    def test_an_order_that_is_already_gone_is_told_apart_into_filled_and_canceled(
        self, kind: Kind, status: OrderStatus
    ) -> None:
        async def story() -> None:
            wire = Wire().on("cancel_order", refusal(kind)).on("get_order", placed("v1", status=status))
            async with toy_client(wire) as client:
                assert (await client.cancel_order(RESTING)).status is status

        virtual(story)

    def test_a_cancel_whose_answer_was_lost_is_repeated_by_the_venues_id(self) -> None:
        async def story() -> None:
            wire = Wire().on("cancel_order", lost(), refusal(Kind.ORDER_CLOSED))
            wire.on("get_order", placed("v1", status=OrderStatus.CANCELED))
            events: list[SettledEvent] = []
            async with toy_client(wire) as client:
                client.hooks.on_settled.add(events.append)
                assert (await client.cancel_order(RESTING)).status is OrderStatus.CANCELED
            asked = [body["venue_order_id"] for name, body in wire.sent if name == "cancel_order"]
            assert asked == ["v1", "v1"]
            assert [event.outcome for event in events] == [Outcome.DONE]

        virtual(story)

    def test_a_cancel_that_is_refused_while_the_order_lives_is_raised(self) -> None:
        async def story() -> None:
            wire = Wire().on("cancel_order", NOT_FOUND).on("get_order", placed("v1"))
            async with toy_client(wire) as client:
                with pytest.raises(OrderError) as caught:
                    await client.cancel_order(RESTING)
            assert caught.value.kind is Kind.ORDER_NOT_FOUND

        virtual(story)

    def test_a_cancel_that_stays_in_doubt_says_unknown(self) -> None:
        async def story() -> None:
            wire = Wire().on("cancel_order", lost()).on("get_order", lost())
            async with toy_client(wire) as client:
                with pytest.raises(VenueError) as caught:
                    await client.cancel_order(RESTING)
            assert caught.value.outcome is Outcome.UNKNOWN
            assert wire.count("cancel_order") == 5

        virtual(story)

    def test_confirm_waits_until_the_cancel_is_done(self) -> None:
        async def story() -> None:
            wire = Wire().on("cancel_order", ACKNOWLEDGED)
            wire.on("get_order", placed("v1", status="pending_cancel"), placed("v1", status="canceled"))
            async with toy_client(wire) as client:
                assert (await client.cancel_order(RESTING, confirm=True)).status is OrderStatus.CANCELED

        virtual(story)

    def test_an_acknowledged_order_is_given_back_though_the_confirming_look_is_refused(self) -> None:
        async def story() -> None:
            wire = Wire().on("place_order", placed("v1", status="pending_new"))
            wire.on("get_order", refusal(Kind.PERMISSION_DENIED))
            async with toy_client(wire) as client:
                order = await client.place_order("BTC/USDT", "buy", quantity="0.01", price="50000", confirm=True)
            assert (order.venue_order_id, order.status) == ("v1", OrderStatus.PENDING_NEW)

        virtual(story)


class TestAmend:
    def test_an_amended_order_is_given_back(self) -> None:
        async def story() -> None:
            wire = Wire().on("amend_order", placed("v1", price="49999.00"))
            async with toy_client(wire) as client:
                assert (await client.amend_order(RESTING, price="49999")).price == Decimal("49999.00")

        virtual(story)

    def test_an_amendment_that_breaks_a_rule_is_not_sent(self) -> None:
        async def story() -> None:
            wire = Wire()
            async with toy_client(wire) as client:
                with pytest.raises(OrderError) as caught:
                    await client.amend_order(RESTING, price="49999.001")
            assert caught.value.outcome is Outcome.NOT_SENT
            assert wire.sent == []

        virtual(story)

    def test_an_amendment_in_doubt_is_never_sent_again_and_found_by_its_new_terms(self) -> None:
        async def story() -> None:
            wire = Wire().on("amend_order", lost()).on("get_order", placed("v1"), placed("v1", price="49999.00"))
            async with toy_client(wire) as client:
                assert (await client.amend_order(RESTING, price="49999")).price == Decimal("49999.00")
            assert wire.count("amend_order") == 1

        virtual(story)

    def test_an_amendment_that_does_not_show_after_the_fence_surely_did_not_happen(self) -> None:
        async def story() -> None:
            wire = Wire().on("amend_order", lost()).on("get_order", placed("v1"))
            async with toy_client(wire) as client:
                with pytest.raises(VenueError) as caught:
                    await client.amend_order(RESTING, price="49999")
            assert caught.value.outcome is Outcome.REJECTED
            assert wire.sent_at[-1] - wire.sent_at[0] >= 3.0
            assert wire.count("amend_order") == 1

        virtual(story)

    def test_an_amendment_without_a_change_gives_the_order_as_it_is(self) -> None:
        async def story() -> None:
            wire = Wire().on("amend_order", refusal(Kind.NO_CHANGE)).on("get_order", placed("v1"))
            async with toy_client(wire) as client:
                assert (await client.amend_order(RESTING, price="50000")).venue_order_id == "v1"

        virtual(story)

    def test_an_amendment_of_an_order_that_ended_is_refused_in_the_end(self) -> None:
        async def story() -> None:
            wire = Wire().on("amend_order", lost()).on("get_order", placed("v1", status="filled"))
            async with toy_client(wire) as client:
                with pytest.raises(VenueError) as caught:
                    await client.amend_order(RESTING, price="49999")
            assert caught.value.outcome is Outcome.REJECTED

        virtual(story)


class Aged(Toy):
    """A venue that charges cancels by age: keeps what it is told of it."""

    told: ClassVar[list[int | None]] = []

    def __init__(self, settings: AdapterSettings) -> None:
        super().__init__(settings)
        self.endpoints = {**self.endpoints, (CancelOrder, Product.SPOT): self._by_age()}

    def _by_age(self) -> Endpoint[CancelOrder, Order]:
        how = self.endpoints[CancelOrder, Product.SPOT]
        assert isinstance(how, Endpoint)

        def charges(operation: CancelOrder, time_ms: int) -> tuple[Charge, ...]:
            self.told.append(operation.touched_ms)
            return (Charge("calls"),)

        return evolve(how, charges=charges)


@pytest.mark.parametrize(
    ("order", "touched_ms"),
    [
        pytest.param(RESTING, None, id="without a date"),
        pytest.param(evolve(RESTING, created_at=BEGIN), 1_000, id="since it was created"),
        pytest.param(evolve(RESTING, created_at=BEGIN, updated_at=BEGIN + SECOND), 2_000, id="since it was updated"),
    ],
)
def test_a_cancel_tells_how_old_the_order_is_where_the_venue_has_dated_it(order: Order, touched_ms: int | None) -> None:
    async def story() -> None:
        async with toy_client(Wire().on("cancel_order", ACKNOWLEDGED), Aged) as client:
            await client.cancel_order(order)

    Aged.told.clear()
    virtual(story)
    assert Aged.told == [touched_ms]


class TestBatches:
    def test_cancels_of_a_batch_are_not_offered_where_the_venue_has_none(self) -> None:
        async def story() -> None:
            wire = Wire()
            async with toy_client(wire) as client:
                with pytest.raises(VenueError) as caught:
                    await client.cancel_batch([RESTING])
            assert caught.value.kind is Kind.NOT_SUPPORTED

        virtual(story)
