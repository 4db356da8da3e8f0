from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.adapters.calls import refusal
from tests.adapters.coinbase.venue import BTC, CLIENT_ID, LISTING, ORDER_ID, limit_order, walk
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instruments
from unified.operations import CancelAll, CancelBatch, CancelOrder, FetchOpenOrders, FetchOrder, Page
from unified.order import Order, OrderStatus
from unified_coinbase.order_rows import OPEN, QUEUED
from unified_coinbase.orders import CancelById
from unified_coinbase.queries import FetchById, FetchOrderList

OURS = limit_order()
SINCE = datetime(2026, 11, 20, tzinfo=UTC)


def another(name: str, status: OrderStatus = OrderStatus.NEW) -> Order:
    return limit_order(venue_order_id=name, client_order_id=f"ours of {name}", status=status)


# --- one order


def test_the_venues_id_is_asked_for_at_once_and_wins() -> None:
    operation = FetchOrder(instrument=BTC, venue_order_id=ORDER_ID, client_order_id="ignored")
    steps, order = walk(operation, [OURS])
    assert steps == [FetchById(instrument=BTC, venue_order_id=ORDER_ID)]
    assert order is OURS


def test_our_id_is_looked_for_on_every_page_since_it_was_sent() -> None:
    operation = FetchOrder(instrument=BTC, client_order_id=CLIENT_ID, since=SINCE)
    steps, order = walk(operation, [Page(items=(), cursor="2"), Page(items=(OURS,))])
    assert order is OURS
    first, second = steps
    assert isinstance(first, FetchOrderList)
    assert isinstance(second, FetchOrderList)
    assert (first.statuses, first.start, first.instrument, first.cursor) == ((), SINCE, BTC, None)
    assert first.client_order_id == second.client_order_id == CLIENT_ID
    assert second.cursor == "2"
    assert isinstance(first.listing, Instruments)
    assert list(first.listing) == [BTC]


def test_the_look_up_ends_where_the_order_is_found() -> None:
    steps, _ = walk(FetchOrder(instrument=BTC, client_order_id=CLIENT_ID), [Page(items=(OURS,), cursor="2")])
    assert len(steps) == 1


def test_an_order_on_no_page_is_not_found() -> None:
    with pytest.raises(VenueError) as caught:
        walk(
            FetchOrder(instrument=BTC, client_order_id=CLIENT_ID),
            [Page(items=(), cursor="2"), Page(items=())],
        )
    assert (caught.value.kind, caught.value.outcome) == (Kind.ORDER_NOT_FOUND, Outcome.REJECTED)


def test_a_list_that_is_withheld_proves_nothing() -> None:
    with pytest.raises(VenueError) as caught:
        walk(FetchOrder(instrument=BTC, client_order_id=CLIENT_ID), [refusal(Kind.PERMISSION_DENIED)])
    assert caught.value.kind is Kind.PERMISSION_DENIED


def test_a_question_without_an_id_is_refused() -> None:
    with pytest.raises(VenueError) as caught:
        walk(FetchOrder(instrument=BTC), [])
    assert (caught.value.kind, caught.value.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


# --- open orders


def test_queued_orders_are_read_before_open_ones_and_none_is_shown_twice() -> None:
    early, late = another("a", OrderStatus.PENDING_NEW), another("a")
    leaving = another("b", OrderStatus.PENDING_CANCEL)
    steps, page = walk(
        FetchOpenOrders(listing=LISTING, instrument=BTC),
        [
            Page(items=(early,), cursor="2"),
            Page(items=(leaving,)),
            Page(items=(late,)),
        ],
    )
    assert [(step.statuses, step.cursor) for step in steps if isinstance(step, FetchOrderList)] == [
        (QUEUED, None),
        (QUEUED, "2"),
        (OPEN, None),
    ]
    assert page == Page(items=(late, leaving), cursor=None)


def test_orders_that_ended_while_they_were_read_are_left_out() -> None:
    filled = another("a", OrderStatus.FILLED)
    _, page = walk(FetchOpenOrders(listing=LISTING), [Page(items=(filled,)), Page(items=(OURS,))])
    assert page.items == (OURS,)


# --- cancels


def test_a_cancel_by_the_venues_id_takes_one_request() -> None:
    steps, order = walk(CancelOrder(instrument=BTC, venue_order_id=ORDER_ID, client_order_id=CLIENT_ID), [OURS])
    assert steps == [CancelById(instrument=BTC, venue_order_id=ORDER_ID, client_order_id=CLIENT_ID)]
    assert order is OURS


def test_a_cancel_by_our_id_finds_the_order_first() -> None:
    steps, _ = walk(CancelOrder(instrument=BTC, client_order_id=CLIENT_ID), [OURS, OURS])
    assert steps == [
        FetchOrder(instrument=BTC, client_order_id=CLIENT_ID),
        CancelById(instrument=BTC, venue_order_id=ORDER_ID, client_order_id=CLIENT_ID),
    ]


def test_a_cancel_of_an_order_that_is_not_there_says_so() -> None:
    with pytest.raises(VenueError) as caught:
        walk(CancelOrder(instrument=BTC, client_order_id=CLIENT_ID), [refusal(Kind.ORDER_NOT_FOUND)])
    assert caught.value.kind is Kind.ORDER_NOT_FOUND


def test_everything_is_cancelled_in_batches_of_a_hundred() -> None:
    orders = tuple(another(str(number)) for number in range(101))
    steps, done = walk(CancelAll(listing=LISTING, instrument=BTC), [Page(items=orders), orders[:100], orders[100:]])
    assert done is None
    assert isinstance(steps[0], FetchOpenOrders)
    assert steps[0].instrument is BTC
    sizes = [len(step.cancels) for step in steps if isinstance(step, CancelBatch)]
    assert sizes == [100, 1]


def test_nothing_open_is_nothing_to_cancel() -> None:
    steps, _ = walk(CancelAll(listing=LISTING), [Page(items=())])
    assert len(steps) == 1


def test_orders_that_ended_meanwhile_are_no_error_and_others_are() -> None:
    gone = (refusal(Kind.ORDER_CLOSED), refusal(Kind.ORDER_NOT_FOUND))
    walk(CancelAll(listing=LISTING), [Page(items=(another("a"), another("b"))), gone])
    with pytest.raises(VenueError) as caught:
        walk(
            CancelAll(listing=LISTING), [Page(items=(another("a"), another("b"))), (gone[0], refusal(Kind.ORDER_BUSY))]
        )
    assert caught.value.kind is Kind.ORDER_BUSY
