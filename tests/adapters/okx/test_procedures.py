from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.calls import refusal
from tests.adapters.okx.venue import LISTING, SPOT, order_row, stop_row, walk
from unified.errors import Kind, VenueError
from unified.instrument import Product
from unified.operations import CancelAll, CancelBatch, CancelOrder, FetchOpenOrders, FetchOrder, Page
from unified.order import Order, OrderStatus, OrderType
from unified_okx.order_rows import Stop, order_of, stop_of
from unified_okx.procedures import CancelDirectly
from unified_okx.queries import FetchPlainOrder, FetchStop

MISSING, CLOSED = refusal(Kind.ORDER_NOT_FOUND), refusal(Kind.ORDER_CLOSED)
PLAIN = order_of(SPOT, order_row())
CHILD = order_of(SPOT, order_row(ordId="7", clOrdId="", state="filled", accFillSz="10", avgPx="99"))
WAITING = stop_of(SPOT, stop_row())
TRIGGERED = stop_of(SPOT, stop_row(state="effective", ordId="7"))
WANTED = FetchOrder(instrument=SPOT, client_order_id="s1")
ASK_PLAIN = FetchPlainOrder(instrument=SPOT, client_order_id="s1")
ASK_STOP = FetchStop(instrument=SPOT, client_order_id="s1")
ASK_CHILD = FetchPlainOrder(instrument=SPOT, venue_order_id="7")


# --- one order


def test_a_plain_order_takes_one_question() -> None:
    assert walk(WANTED, [PLAIN]) == ([ASK_PLAIN], PLAIN)


def test_an_order_that_is_known_to_be_no_stop_is_not_looked_for_among_them() -> None:
    with pytest.raises(VenueError) as caught:
        walk(evolve(WANTED, is_stop=False), [MISSING])
    assert caught.value.kind is Kind.ORDER_NOT_FOUND
    asked, seen = walk(evolve(WANTED, is_stop=True), [MISSING, WAITING])
    assert (asked, seen) == ([ASK_PLAIN, ASK_STOP], WAITING.order)


def test_a_waiting_stop_takes_two() -> None:
    assert walk(WANTED, [MISSING, WAITING]) == ([ASK_PLAIN, ASK_STOP], WAITING.order)


def test_a_triggered_stop_lives_on_as_its_plain_order() -> None:
    steps, seen = walk(WANTED, [MISSING, TRIGGERED, CHILD])
    assert steps == [ASK_PLAIN, ASK_STOP, ASK_CHILD]
    assert (seen.status, seen.filled_quantity, seen.order_type) == (
        OrderStatus.FILLED,
        Decimal(10),
        OrderType.STOP_MARKET,
    )
    assert seen.client_order_id == "s1"


def test_a_child_that_is_not_shown_yet_never_looks_like_absence() -> None:
    _, seen = walk(WANTED, [MISSING, TRIGGERED, MISSING])
    assert seen.status is OrderStatus.PENDING_NEW


def test_an_order_that_neither_door_knows_does_not_exist() -> None:
    with pytest.raises(VenueError) as caught:
        walk(WANTED, [MISSING, MISSING])
    assert caught.value.kind is Kind.ORDER_NOT_FOUND


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([refusal(Kind.VENUE_FAULT)], id="the first door"),
        pytest.param([MISSING, refusal(Kind.VENUE_FAULT)], id="the second door"),
        pytest.param([MISSING, TRIGGERED, refusal(Kind.VENUE_FAULT)], id="the child's door"),
    ],
)
def test_a_door_that_fails_says_nothing_about_the_order(answers: list[Any]) -> None:
    with pytest.raises(VenueError) as caught:
        walk(WANTED, answers)
    assert caught.value.kind is Kind.VENUE_FAULT


# --- one cancel

CANCEL = CancelOrder(instrument=SPOT, client_order_id="s1", is_stop=True, touched_ms=5)
DIRECT = CancelDirectly(instrument=SPOT, client_order_id="s1", is_stop=True, touched_ms=5)
ACCEPTED = Order(instrument=SPOT, venue_order_id="7", status=OrderStatus.PENDING_CANCEL)


def test_a_cancel_takes_one_call() -> None:
    assert walk(CANCEL, [ACCEPTED]) == ([DIRECT], ACCEPTED)


@pytest.mark.parametrize("gone", [pytest.param(CLOSED, id="closed"), pytest.param(MISSING, id="missing")])
def test_a_stop_that_has_triggered_is_cancelled_as_its_plain_order(gone: VenueError) -> None:
    steps, canceled = walk(CANCEL, [gone, TRIGGERED, ACCEPTED])
    child = CancelDirectly(instrument=SPOT, venue_order_id="7", is_stop=False, touched_ms=5)
    assert steps == [DIRECT, ASK_STOP, child]
    assert (canceled.venue_order_id, canceled.client_order_id) == (WAITING.order.venue_order_id, "s1")


def test_a_stop_that_is_gone_without_an_order_stays_gone() -> None:
    with pytest.raises(VenueError) as caught:
        walk(CANCEL, [CLOSED, WAITING])
    assert caught.value.kind is Kind.ORDER_CLOSED


def test_a_plain_order_that_is_gone_is_not_looked_for_among_stops() -> None:
    with pytest.raises(VenueError) as caught:
        walk(evolve(CANCEL, is_stop=False), [CLOSED])
    assert caught.value.kind is Kind.ORDER_CLOSED


def test_a_cancel_that_failed_otherwise_is_not_repeated_by_another_door() -> None:
    with pytest.raises(VenueError) as caught:
        walk(CANCEL, [refusal(Kind.VENUE_TIMEOUT)])
    assert caught.value.kind is Kind.VENUE_TIMEOUT


# --- all


EVERYTHING = CancelAll(product=Product.SPOT, listing=LISTING)
NONE_LEFT: Page[Order] = Page(items=())


def orders(count: int) -> tuple[Order, ...]:
    return tuple(evolve(PLAIN, venue_order_id=str(number)) for number in range(count))


def test_everything_is_cancelled_in_batches_of_the_venues_size() -> None:
    pages = [Page(items=orders(45), cursor="trigger:"), Page(items=orders(11))]
    steps, _ = walk(EVERYTHING, [pages[0], (), (), (), pages[1], (), ()])
    batches = [step for step in steps if isinstance(step, CancelBatch)]
    assert [len(batch.cancels) for batch in batches] == [20, 20, 5, 10, 1]
    assert [batch.cancels[0].is_stop for batch in batches] == [False, False, False, True, True]
    assert [step.cursor for step in steps if isinstance(step, FetchOpenOrders)] == [None, "trigger:"]


def test_orders_that_ended_meanwhile_are_no_error() -> None:
    page = Page(items=orders(3))
    assert walk(EVERYTHING, [page, (ACCEPTED, CLOSED, MISSING)])[1] is None


def test_another_refusal_is_raised_after_everything_was_tried() -> None:
    busy = refusal(Kind.ORDER_BUSY)
    first, second = Page(items=orders(1), cursor="trigger:"), Page(items=orders(1))
    with pytest.raises(VenueError) as caught:
        walk(EVERYTHING, [first, (busy,), second, (ACCEPTED,)])
    assert caught.value is busy


def test_nothing_open_takes_no_cancel() -> None:
    steps, _ = walk(EVERYTHING, [NONE_LEFT])
    assert steps == [FetchOpenOrders(product=Product.SPOT, listing=LISTING)]


def test_a_stop_is_told_with_its_child() -> None:
    assert Stop(order=WAITING.order, child_id=None) == WAITING
