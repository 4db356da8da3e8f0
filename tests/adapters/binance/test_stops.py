from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.binance.venue import LINEAR, LISTING, charged, instrument, parse, refused, sent, walk
from tests.adapters.calls import refusal
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import CancelAll, CancelOrder, FetchOpenOrders, FetchOrder, Page, PlaceOrder
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified_binance.stops import (
    CancelResting,
    CancelStop,
    CancelStops,
    FetchOpenResting,
    FetchOpenStops,
    FetchResting,
    FetchStop,
    Stop,
)
from unified_binance_dialect.orders import CancelSymbol

STOP_PRICE = Decimal("58000.00")
ROW: dict[str, Any] = {
    "algoId": 2146760,
    "clientAlgoId": "sl-1",
    "algoType": "CONDITIONAL",
    "orderType": "STOP_MARKET",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "positionSide": "BOTH",
    "timeInForce": "GTC",
    "quantity": "0.010",
    "algoStatus": "NEW",
    "triggerPrice": "58000.00",
    "price": "0.00",
    "reduceOnly": True,
    "createTime": 1763680000000,
    "updateTime": 1763680000000,
    "goodTillDate": 0,
}
COMMON = {
    "algoType": "CONDITIONAL",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "clientAlgoId": "sl-1",
    "quantity": "0.010",
    "triggerPrice": "58000.00",
}


def stop(order_type: OrderType = OrderType.STOP_MARKET, **terms: Any) -> PlaceOrder:
    known = {"instrument": LINEAR, "side": Side.SELL, "order_type": order_type, "client_order_id": "sl-1"}
    return PlaceOrder(**{**known, "quantity": Decimal("0.010"), "stop_price": STOP_PRICE, **terms})


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        pytest.param(stop(), {**COMMON, "type": "STOP_MARKET"}, id="a sell stop waits for a fall"),
        pytest.param(
            stop(trigger=Trigger.RISES, reduce_only=True),
            {**COMMON, "type": "TAKE_PROFIT_MARKET", "reduceOnly": "true"},
            id="a sell that waits for a rise takes a profit",
        ),
        pytest.param(
            stop(OrderType.STOP_LIMIT, price=Decimal(57900), time_in_force=TimeInForce.IOC),
            {**COMMON, "type": "STOP", "price": "57900", "timeInForce": "IOC"},
            id="a stop with a limit",
        ),
        pytest.param(
            stop(OrderType.STOP_LIMIT, price=Decimal(57900), trigger=Trigger.RISES, post_only=True),
            {**COMMON, "type": "TAKE_PROFIT", "price": "57900", "timeInForce": "GTX"},
            id="a post-only take-profit",
        ),
        pytest.param(
            stop(side=Side.BUY, position_side=PositionSide.SHORT),
            {**COMMON, "side": "BUY", "type": "STOP_MARKET", "positionSide": "SHORT"},
            id="a buy stop in hedge mode waits for a rise",
        ),
    ],
)
def test_stops_go_to_their_own_door(operation: PlaceOrder, expected: dict[str, str]) -> None:
    assert sent(operation) == ("POST /fapi/v1/algoOrder", expected)
    assert charged(operation) == {"orders_linear_10s": 1, "orders_linear_1m": 1}


def test_a_stop_that_cannot_be_said_never_leaves() -> None:
    assert refused(stop(quantity=None, quote_quantity=Decimal(5))).outcome is Outcome.NOT_SENT


def test_a_placed_stop_is_an_order_under_the_doors_ids() -> None:
    placed = parse(stop(), ROW)
    assert (placed.venue_order_id, placed.client_order_id, placed.status) == ("2146760", "sl-1", OrderStatus.NEW)
    assert (placed.order_type, placed.stop_price, placed.price) == (OrderType.STOP_MARKET, STOP_PRICE, None)
    assert (placed.quantity, placed.reduce_only) == (Decimal("0.010"), True)
    assert placed.created_at == datetime(2025, 11, 20, 23, 6, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("native", "status"),
    [
        ("NEW", OrderStatus.NEW),
        ("TRIGGERING", OrderStatus.NEW),
        ("TRIGGERED", OrderStatus.NEW),
        ("FINISHED", OrderStatus.EXPIRED),
        ("CANCELED", OrderStatus.CANCELED),
        ("REJECTED", OrderStatus.REJECTED),
        ("EXPIRED", OrderStatus.EXPIRED),
    ],
)
def test_every_status_of_a_stop_has_a_word(native: str, status: OrderStatus) -> None:
    assert parse(stop(), {**ROW, "algoStatus": native}).status is status


@pytest.mark.parametrize(
    ("filled", "status"), [("0.010", OrderStatus.FILLED), ("0.004", OrderStatus.CANCELED)], ids=["all", "a part"]
)
def test_a_finished_stop_tells_what_its_order_got(filled: str, status: OrderStatus) -> None:
    row = {**ROW, "algoStatus": "FINISHED", "actualOrderId": "9", "actualQty": filled, "actualPrice": "57990.5"}
    order = parse(stop(), row)
    assert (order.status, order.filled_quantity) == (status, Decimal(filled))
    assert order.average_price == Decimal("57990.5")


# --- one stop


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        pytest.param({"venue_order_id": "7", "client_order_id": "sl-1"}, {"algoId": "7"}, id="the venue's id wins"),
        pytest.param({"client_order_id": "sl-1"}, {"clientAlgoId": "sl-1"}, id="our id"),
    ],
)
def test_a_stop_is_named_by_either_id(ids: dict[str, Any], expected: dict[str, str]) -> None:
    assert sent(FetchStop(instrument=LINEAR, **ids)) == ("GET /fapi/v1/algoOrder", expected)
    assert sent(CancelStop(instrument=LINEAR, **ids)) == ("DELETE /fapi/v1/algoOrder", expected)


def test_a_stop_without_an_id_is_not_asked_for() -> None:
    assert refused(CancelStop(instrument=LINEAR)).outcome is Outcome.NOT_SENT


@pytest.mark.parametrize(
    ("actual", "expected"), [("", None), ("0", None), ("974828356187", "974828356187")], ids=["none", "zero", "an id"]
)
def test_a_stop_tells_the_order_that_came_of_it(actual: str, expected: str | None) -> None:
    found = parse(FetchStop(instrument=LINEAR, client_order_id="sl-1"), {**ROW, "actualOrderId": actual})
    assert found.actual_order_id == expected


def test_a_stop_of_another_instrument_is_not_the_one_asked_for() -> None:
    with pytest.raises(VenueError) as raised:
        parse(FetchStop(instrument=instrument(Product.LINEAR, "ETH"), venue_order_id="2146760"), ROW)
    assert raised.value.kind is Kind.ORDER_NOT_FOUND


def test_a_canceled_stop_is_told_in_full_or_in_brief() -> None:
    operation = CancelStop(instrument=LINEAR, client_order_id="sl-1")
    full = parse(operation, {**ROW, "algoStatus": "CANCELED"})
    brief = parse(operation, {"algoId": 2146760, "clientAlgoId": "sl-1", "code": "200", "msg": "success"})
    assert full.status is brief.status is OrderStatus.CANCELED
    assert full.venue_order_id == brief.venue_order_id == "2146760"
    assert (full.quantity, brief.quantity) == (Decimal("0.010"), None)


# --- an order at either door


def order(**changes: Any) -> Order:
    known = {"instrument": LINEAR, "venue_order_id": "9", "client_order_id": "sl-1", "status": OrderStatus.NEW}
    return Order(**{**known, **changes})


WAITING = Stop(
    order=order(venue_order_id="7", order_type=OrderType.STOP_MARKET, stop_price=STOP_PRICE), actual_order_id=None
)
TRIGGERED = Stop(order=WAITING.order, actual_order_id="9")
NOT_FOUND = refusal(Kind.ORDER_NOT_FOUND)
BY_CLIENT_ID = FetchOrder(instrument=LINEAR, client_order_id="sl-1")


def test_an_order_is_looked_for_at_the_main_door_first() -> None:
    asked, found = walk(BY_CLIENT_ID, [order()])
    assert asked == [FetchResting(instrument=LINEAR, client_order_id="sl-1")]
    assert found == order()


def test_a_stop_that_waits_is_found_at_its_own_door() -> None:
    asked, found = walk(BY_CLIENT_ID, [NOT_FOUND, WAITING])
    assert asked[1] == FetchStop(instrument=LINEAR, client_order_id="sl-1")
    assert found == WAITING.order


def test_an_order_that_is_known_to_be_no_stop_is_not_looked_for_among_them() -> None:
    with pytest.raises(VenueError) as raised:
        walk(evolve(BY_CLIENT_ID, is_stop=False), [NOT_FOUND])
    assert raised.value.kind is Kind.ORDER_NOT_FOUND
    _, found = walk(evolve(BY_CLIENT_ID, is_stop=True), [NOT_FOUND, WAITING])
    assert found == WAITING.order


def test_a_stop_that_triggered_is_followed_and_keeps_its_terms() -> None:
    actual = order(client_order_id="the-venues", order_type=OrderType.MARKET, filled_quantity=Decimal(1))
    asked, found = walk(BY_CLIENT_ID, [NOT_FOUND, TRIGGERED, actual])
    assert asked[2] == FetchResting(instrument=LINEAR, venue_order_id="9")
    assert (found.venue_order_id, found.client_order_id, found.filled_quantity) == ("9", "sl-1", Decimal(1))
    assert (found.order_type, found.stop_price) == (OrderType.STOP_MARKET, STOP_PRICE)


def test_an_order_that_does_not_show_yet_does_not_make_its_stop_absent() -> None:
    _, found = walk(BY_CLIENT_ID, [NOT_FOUND, TRIGGERED, NOT_FOUND])
    assert (found.venue_order_id, found.client_order_id, found.status) == ("9", "sl-1", OrderStatus.PENDING_NEW)


def test_a_finished_stop_whose_order_is_gone_tells_what_it_got() -> None:
    finished = Stop(order=order(status=OrderStatus.FILLED, filled_quantity=Decimal(1)), actual_order_id="9")
    _, found = walk(BY_CLIENT_ID, [NOT_FOUND, finished, NOT_FOUND])
    assert (found.status, found.filled_quantity) == (OrderStatus.FILLED, Decimal(1))


def test_a_failure_to_follow_a_stop_is_raised() -> None:
    with pytest.raises(VenueError) as raised:
        walk(BY_CLIENT_ID, [NOT_FOUND, TRIGGERED, refusal(Kind.VENUE_FAULT)])
    assert raised.value.kind is Kind.VENUE_FAULT


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        pytest.param([NOT_FOUND, NOT_FOUND], Kind.ORDER_NOT_FOUND, id="neither door knows it"),
        pytest.param([refusal(Kind.VENUE_FAULT)], Kind.VENUE_FAULT, id="the first door does not answer"),
        pytest.param([NOT_FOUND, refusal(Kind.VENUE_FAULT)], Kind.VENUE_FAULT, id="the second door does not answer"),
    ],
)
def test_an_order_is_not_found_only_where_both_doors_say_so(answers: list[VenueError], kind: Kind) -> None:
    with pytest.raises(VenueError) as raised:
        walk(BY_CLIENT_ID, answers)
    assert raised.value.kind is kind


CANCEL = CancelOrder(instrument=LINEAR, client_order_id="sl-1")
CANCEL_STOP = CancelOrder(instrument=LINEAR, client_order_id="sl-1", is_stop=True)
CANCELED = order(status=OrderStatus.CANCELED)


@pytest.mark.parametrize(
    ("operation", "door"), [(CANCEL, CancelResting), (CANCEL_STOP, CancelStop)], ids=["an order", "a stop"]
)
def test_a_cancel_goes_where_the_caller_says_the_order_stands(operation: CancelOrder, door: Any) -> None:
    asked, canceled = walk(operation, [CANCELED])
    assert asked == [door(instrument=LINEAR, client_order_id="sl-1")]
    assert canceled == CANCELED


def test_a_stop_that_triggered_meanwhile_is_canceled_as_an_order() -> None:
    asked, canceled = walk(CANCEL_STOP, [NOT_FOUND, NOT_FOUND, TRIGGERED, order(), CANCELED])
    assert asked[-1] == CancelResting(instrument=LINEAR, venue_order_id="9")
    assert canceled == CANCELED


def test_a_stop_that_was_taken_for_an_order_is_canceled_at_its_door() -> None:
    asked, _ = walk(CANCEL, [NOT_FOUND, NOT_FOUND, WAITING, CANCELED])
    assert asked[-1] == CancelStop(instrument=LINEAR, venue_order_id="7")


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([NOT_FOUND, order(status=OrderStatus.FILLED)], id="it has filled"),
        pytest.param([NOT_FOUND, NOT_FOUND, NOT_FOUND], id="no door knows it"),
    ],
)
def test_a_cancel_of_what_is_gone_says_what_the_venue_said(answers: list[object]) -> None:
    with pytest.raises(VenueError) as raised:
        walk(CANCEL, answers)
    assert raised.value is NOT_FOUND


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([refusal(Kind.VENUE_FAULT)], id="the cancel itself is in doubt"),
        pytest.param([NOT_FOUND, refusal(Kind.VENUE_FAULT)], id="the look after it fails"),
    ],
)
def test_a_cancel_in_doubt_stays_in_doubt(answers: list[object]) -> None:
    with pytest.raises(VenueError) as raised:
        walk(CANCEL, answers)
    assert (raised.value.kind, raised.value.outcome) == (Kind.VENUE_FAULT, Outcome.UNKNOWN)


# --- many orders


def test_open_orders_are_those_of_both_doors() -> None:
    asked, page = walk(
        FetchOpenOrders(product=Product.LINEAR, listing=LISTING, instrument=LINEAR),
        [Page(items=(WAITING.order,)), Page(items=(order(),))],
    )
    assert [sent(step) for step in asked] == [
        ("GET /fapi/v1/openAlgoOrders", {"symbol": "BTCUSDT"}),
        ("GET /fapi/v1/openOrders", {"symbol": "BTCUSDT"}),
    ]
    assert page.items == (order(), WAITING.order)


def test_a_stop_that_became_an_order_is_listed_once() -> None:
    operation = FetchOpenStops(product=Product.LINEAR, listing=LISTING)
    page = parse(operation, [ROW, {**ROW, "algoId": 8, "algoStatus": "TRIGGERED", "actualOrderId": "9"}])
    assert [one.venue_order_id for one in page.items] == ["2146760"]
    assert charged(operation) == {"weight_linear": 40}


def test_cancel_all_takes_the_stops_first() -> None:
    asked, _ = walk(CancelAll(product=Product.LINEAR, listing=LISTING, instrument=LINEAR), [None, None])
    assert [sent(step) for step in asked] == [
        ("DELETE /fapi/v1/algoOpenOrders", {"symbol": "BTCUSDT"}),
        ("DELETE /fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"}),
    ]


def test_cancel_all_without_a_symbol_asks_first_where_something_is_open() -> None:
    eth = order(instrument=instrument(Product.LINEAR, "ETH"))
    answers = [Page(items=(WAITING.order,)), Page(items=(order(), eth)), None, None, None, None]
    asked, _ = walk(CancelAll(product=Product.LINEAR, listing=LISTING), answers)
    assert [type(step) for step in asked[:2]] == [FetchOpenStops, FetchOpenResting]
    assert [(type(step), sent(step)[1]["symbol"]) for step in asked[2:]] == [
        (CancelStops, "BTCUSDT"),
        (CancelSymbol, "BTCUSDT"),
        (CancelStops, "ETHUSDT"),
        (CancelSymbol, "ETHUSDT"),
    ]


def test_orders_are_canceled_also_where_the_stops_could_not_be() -> None:
    operation = CancelAll(product=Product.LINEAR, listing=LISTING, instrument=LINEAR)
    with pytest.raises(VenueError) as raised:
        walk(operation, [refusal(Kind.VENUE_FAULT), None])
    assert raised.value.kind is Kind.VENUE_FAULT
