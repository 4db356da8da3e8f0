from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.calls import refusal
from tests.adapters.kraken.venue import BTC_USD, CLIENT_ID, LISTING, TXID, walk
from unified.errors import Kind, VenueError
from unified.instrument import ZERO
from unified.operations import (
    CancelAll,
    CancelBatch,
    CancelOrder,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    Operation,
    Page,
)
from unified.order import Fill, Order, OrderStatus, Side
from unified_kraken.orders import CancelEverything, CancelTogether
from unified_kraken.queries import (
    FetchByTransaction,
    FetchClosedByClientId,
    FetchFillHistory,
    FetchFillIds,
    FetchFillsById,
    FetchOpenByClientId,
)

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
AT_MS = 1795161600000
OPEN = Order(instrument=BTC_USD, venue_order_id=TXID, client_order_id=CLIENT_ID, status=OrderStatus.NEW, created_at=AT)
FILLED = evolve(OPEN, status=OrderStatus.FILLED)
MISSING, LIMITED = refusal(Kind.ORDER_NOT_FOUND), refusal(Kind.ORDER_RATE_LIMITED)


def failed(operation: Operation[Any], answers: list[object]) -> VenueError:
    with pytest.raises(VenueError) as caught:
        walk(operation, answers)
    return caught.value


# --- one order

BY_OURS = FetchOrder(instrument=BTC_USD, client_order_id=CLIENT_ID, since=AT)
AMONG_OPEN = FetchOpenByClientId(instrument=BTC_USD, client_order_id=CLIENT_ID)
AMONG_CLOSED = FetchClosedByClientId(instrument=BTC_USD, client_order_id=CLIENT_ID, since=AT)


def test_the_venues_id_takes_one_question() -> None:
    steps, order = walk(evolve(BY_OURS, venue_order_id=TXID), [OPEN])
    assert (steps, order) == ([FetchByTransaction(instrument=BTC_USD, venue_order_id=TXID)], OPEN)


@pytest.mark.parametrize(
    ("answers", "steps", "found"),
    [
        pytest.param([(OPEN,)], [AMONG_OPEN], OPEN, id="an open order takes one question"),
        pytest.param([(), (FILLED,)], [AMONG_OPEN, AMONG_CLOSED], FILLED, id="a finished one takes two"),
    ],
)
def test_our_id(answers: list[object], steps: list[Operation[Any]], found: Order) -> None:
    assert walk(BY_OURS, answers) == (steps, found)


def test_an_order_that_no_list_holds_does_not_exist() -> None:
    assert failed(BY_OURS, [(), ()]).kind is Kind.ORDER_NOT_FOUND


def test_of_several_finished_orders_with_one_id_the_newest_is_meant() -> None:
    older = evolve(FILLED, created_at=AT - timedelta(days=1), venue_order_id="O-OLD")
    undated = evolve(FILLED, created_at=None, venue_order_id="O-UNDATED")
    assert walk(BY_OURS, [(), (older, FILLED, undated)])[1] is FILLED


def test_a_question_that_fails_is_no_proof_of_absence() -> None:
    assert failed(BY_OURS, [(), refusal(Kind.REQUEST_TIMEOUT)]).kind is Kind.REQUEST_TIMEOUT


def test_an_order_without_a_name_is_not_asked_for() -> None:
    assert failed(FetchOrder(instrument=BTC_USD), []).kind is Kind.NOT_SUPPORTED


# --- batches of cancels

FIRST = CancelOrder(instrument=BTC_USD, venue_order_id=TXID)
SECOND = CancelOrder(instrument=BTC_USD, venue_order_id="O5KZFT-GH3AD-LP6TLU")
BOTH = CancelBatch(cancels=(FIRST, SECOND))
TOGETHER = CancelTogether(cancels=(FIRST, SECOND))
CANCELED = evolve(OPEN, status=OrderStatus.CANCELED)


def seen(cancel: CancelOrder) -> FetchOrder:
    return FetchOrder(instrument=cancel.instrument, venue_order_id=cancel.venue_order_id)


def test_a_batch_whose_count_is_full_took_one_request() -> None:
    assert walk(BOTH, [(CANCELED, CANCELED)]) == ([TOGETHER], (CANCELED, CANCELED))


def test_where_a_batch_does_not_tell_which_it_is_repeated_one_by_one() -> None:
    steps, items = walk(BOTH, [MISSING, MISSING, CANCELED, FILLED])
    assert steps == [TOGETHER, FIRST, seen(FIRST), SECOND]
    assert items == (CANCELED, FILLED)


def test_an_order_that_cannot_be_found_stays_an_error_of_its_item() -> None:
    _, items = walk(BOTH, [MISSING, MISSING, MISSING, CANCELED])
    assert items == (MISSING, CANCELED)


def test_an_order_that_is_open_after_all_was_not_cancelled() -> None:
    assert walk(BOTH, [MISSING, MISSING, OPEN, CANCELED])[1] == (MISSING, CANCELED)


def test_another_refusal_is_of_its_item_only() -> None:
    assert walk(BOTH, [MISSING, LIMITED, CANCELED])[1] == (LIMITED, CANCELED)


def test_a_batch_that_was_refused_whole_is_raised() -> None:
    assert failed(BOTH, [LIMITED]).kind is Kind.ORDER_RATE_LIMITED


@pytest.mark.parametrize(
    "cancels",
    [
        pytest.param((FIRST,), id="one order"),
        pytest.param((CancelOrder(instrument=BTC_USD, client_order_id=CLIENT_ID),) * 2, id="orders named by our ids"),
    ],
)
def test_some_batches_go_one_by_one(cancels: tuple[CancelOrder, ...]) -> None:
    steps, items = walk(CancelBatch(cancels=cancels), [CANCELED] * len(cancels))
    assert steps == list(cancels)
    assert items == (CANCELED,) * len(cancels)


def test_a_batch_of_more_than_fifty_is_refused() -> None:
    assert failed(CancelBatch(cancels=(FIRST,) * 51), []).kind is Kind.NOT_SUPPORTED


# --- everything


def test_everything_of_the_account_goes_at_once() -> None:
    assert walk(CancelAll(listing=LISTING), [None]) == ([CancelEverything()], None)


def test_everything_of_one_pair_is_looked_up_and_cancelled_at_its_age() -> None:
    one = CancelAll(listing=LISTING, instrument=BTC_USD)
    undated = evolve(OPEN, venue_order_id="O-B", created_at=None)
    steps, _ = walk(one, [Page(items=(OPEN, undated)), (CANCELED, MISSING)])
    assert steps == [
        FetchOpenOrders(listing=LISTING, instrument=BTC_USD),
        CancelBatch(
            cancels=(
                CancelOrder(instrument=BTC_USD, venue_order_id=TXID, touched_ms=AT_MS),
                CancelOrder(instrument=BTC_USD, venue_order_id="O-B"),
            )
        ),
    ]


def test_what_could_not_be_cancelled_is_raised_after_all_was_tried() -> None:
    one = CancelAll(listing=LISTING, instrument=BTC_USD)
    many = Page(items=(OPEN,) * 60)
    error = failed(one, [many, (LIMITED,) + (CANCELED,) * 49, (CANCELED,) * 10])
    assert error is LIMITED


def test_nothing_open_is_nothing_to_do() -> None:
    one = CancelAll(listing=LISTING, instrument=BTC_USD)
    assert len(walk(one, [Page(items=())])[0]) == 1


# --- fills

FILL = Fill(instrument=BTC_USD, trade_id="T", venue_order_id=TXID, side=Side.BUY, price=ZERO, quantity=ZERO, time=AT)


def test_fills_of_the_account_are_a_page_of_history() -> None:
    wanted = FetchFills(listing=LISTING, instrument=BTC_USD, start=AT, limit=5, cursor="50")
    steps, page = walk(wanted, [Page(items=(FILL,), cursor="51")])
    assert steps == [FetchFillHistory(listing=LISTING, instrument=BTC_USD, start=AT, limit=5, cursor="50")]
    assert page == Page(items=(FILL,), cursor="51")


def test_fills_of_an_order_are_asked_for_by_their_ids_twenty_at_a_time() -> None:
    wanted = FetchFills(listing=LISTING, instrument=BTC_USD, venue_order_id=TXID)
    ids = tuple(f"T-{index}" for index in range(25))
    late = evolve(FILL, time=AT + timedelta(seconds=1))
    steps, page = walk(wanted, [ids, (late,), (FILL,)])
    assert steps == [
        FetchFillIds(instrument=BTC_USD, venue_order_id=TXID),
        FetchFillsById(listing=LISTING, instrument=BTC_USD, trade_ids=ids[:20]),
        FetchFillsById(listing=LISTING, instrument=BTC_USD, trade_ids=ids[20:]),
    ]
    assert page == Page(items=(FILL, late))


def test_an_order_without_fills_takes_one_question() -> None:
    steps, page = walk(FetchFills(listing=LISTING, instrument=BTC_USD, venue_order_id=TXID), [()])
    assert (len(steps), page) == (1, Page(items=()))


def test_fills_of_an_order_need_its_instrument() -> None:
    assert failed(FetchFills(listing=LISTING, venue_order_id=TXID), []).kind is Kind.NOT_SUPPORTED
