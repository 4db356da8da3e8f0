from __future__ import annotations

import pytest

from tests.adapters.bybit.venue import LISTING, PERPETUAL, SPOT, answer, failure, parse, recorded, told, walk
from tests.adapters.calls import refusal
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import CancelAll, CancelOrder
from unified.order import Order, OrderStatus
from unified_bybit.orders import CancelBehind
from unified_bybit.procedures import CancelKind

MISSING, CLOSED = refusal(Kind.ORDER_NOT_FOUND), refusal(Kind.ORDER_CLOSED)
ACCEPTED = Order(instrument=SPOT, venue_order_id="7", status=OrderStatus.PENDING_CANCEL)
PLAIN = CancelOrder(instrument=SPOT, venue_order_id="7", client_order_id="a")
STOP = CancelOrder(instrument=SPOT, venue_order_id="7", client_order_id="a", is_stop=True)

# --- one


def behind(order_filter: str, *, is_stop: bool = True) -> CancelBehind:
    return CancelBehind(
        instrument=SPOT, venue_order_id="7", client_order_id="a", is_stop=is_stop, order_filter=order_filter
    )


def test_a_plain_order_takes_one_call() -> None:
    assert walk(PLAIN, [ACCEPTED]) == ([behind("Order", is_stop=False)], ACCEPTED)


def test_a_stop_stands_behind_its_filter() -> None:
    assert walk(STOP, [ACCEPTED]) == ([behind("StopOrder")], ACCEPTED)


@pytest.mark.parametrize("gone", [pytest.param(CLOSED, id="closed"), pytest.param(MISSING, id="missing")])
def test_a_stop_of_the_other_kind_or_one_that_has_triggered_is_found(gone: VenueError) -> None:
    assert walk(STOP, [gone, ACCEPTED])[0] == [behind("StopOrder"), behind("tpslOrder")]
    steps, canceled = walk(STOP, [gone, gone, ACCEPTED])
    assert steps == [behind("StopOrder"), behind("tpslOrder"), behind("Order")]
    assert canceled is ACCEPTED


@pytest.mark.parametrize(
    ("operation", "answers", "kind"),
    [
        pytest.param(STOP, [MISSING, MISSING, CLOSED], Kind.ORDER_CLOSED, id="a stop behind no filter"),
        pytest.param(PLAIN, [MISSING], Kind.ORDER_NOT_FOUND, id="a plain order is looked for once"),
        pytest.param(STOP, [refusal(Kind.VENUE_FAULT)], Kind.VENUE_FAULT, id="a fault is no absence"),
    ],
)
def test_a_cancel_that_fails(operation: CancelOrder, answers: list[VenueError], kind: Kind) -> None:
    with pytest.raises(VenueError) as caught:
        walk(operation, answers)
    assert caught.value.kind is kind


# --- all


def kind(order_filter: str, product: Product = Product.SPOT) -> CancelKind:
    return CancelKind(product=product, listing=LISTING, order_filter=order_filter)


SPOT_KINDS = [kind(name) for name in ("Order", "StopOrder", "tpslOrder", "OcoOrder", "BidirectionalTpslOrder")]


def test_every_kind_of_spot_order_is_cancelled_plain_ones_first() -> None:
    assert walk(CancelAll(listing=LISTING), [3, 0, 0, 0, 0]) == (SPOT_KINDS, None)


def test_linear_is_asked_until_less_than_a_whole_lot_is_left() -> None:
    everything = CancelAll(product=Product.LINEAR, listing=LISTING)
    assert walk(everything, [500, 500, 12])[0] == [kind("", Product.LINEAR)] * 3


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([refusal(Kind.OVERLOADED), 0, refusal(Kind.INVALID_REQUEST), 0, 0], id="plain orders"),
        pytest.param([0, refusal(Kind.OVERLOADED), 0, 0, 0], id="stops"),
        pytest.param([0, 0, 0, refusal(Kind.OVERLOADED), 0], id="a kind of the website"),
    ],
)
def test_a_refusal_stops_no_other_kind_and_is_raised_at_the_end(answers: list[object]) -> None:
    with pytest.raises(VenueError) as caught:
        walk(CancelAll(listing=LISTING), answers)
    assert caught.value.kind is Kind.OVERLOADED


def test_a_filter_that_a_site_does_not_know_hides_no_orders() -> None:
    unknown = refusal(Kind.INVALID_REQUEST)
    assert walk(CancelAll(listing=LISTING), [1, 1, 0, unknown, unknown]) == (SPOT_KINDS, None)
    with pytest.raises(VenueError):
        walk(CancelAll(listing=LISTING), [1, unknown, 0, 0, 0])


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        pytest.param(kind("StopOrder"), {"category": "spot", "orderFilter": "StopOrder"}, id="spot stops"),
        pytest.param(
            CancelKind(product=Product.SPOT, instrument=SPOT, listing=LISTING, order_filter="Order"),
            {"category": "spot", "symbol": "BTCUSDT", "orderFilter": "Order"},
            id="of one pair",
        ),
        pytest.param(kind("", Product.LINEAR), {"category": "linear", "settleCoin": "USDT"}, id="all perpetuals"),
        pytest.param(
            CancelKind(product=Product.LINEAR, instrument=PERPETUAL, listing=LISTING, order_filter=""),
            {"category": "linear", "symbol": "BTCUSDT"},
            id="of one perpetual",
        ),
    ],
)
def test_what_is_cancelled(operation: CancelKind, body: dict[str, str]) -> None:
    assert told(operation) == ("POST /v5/order/cancel-all", body)


def test_an_answer_tells_how_many() -> None:
    assert parse(kind("Order"), recorded("Trading", "CancelAllOrder.json")) == 2
    assert parse(kind("Order"), answer({"list": [], "success": "1"})) == 0


def test_an_answer_that_says_it_failed_is_no_success() -> None:
    error = failure(kind("Order"), answer({"list": [], "success": "0"}))
    assert (error.kind, error.outcome) == (Kind.VENUE_FAULT, Outcome.UNKNOWN)
