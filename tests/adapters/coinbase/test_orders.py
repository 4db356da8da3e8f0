from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.calls import response
from tests.adapters.coinbase.venue import (
    BTC,
    BTC_USDC,
    CLIENT_ID,
    ORDER_ID,
    failure,
    limit_order,
    parse,
    recorded,
    refused,
    told,
)
from unified.account import MarginMode
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instrument
from unified.operations import AmendOrder, CancelBatch, CancelOrder, PlaceOrder, TestOrder
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified_coinbase.orders import CancelById, rfc3339

LATER = datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(hours=1)))


def place(**terms: Any) -> PlaceOrder:
    usual: dict[str, Any] = {
        "instrument": BTC,
        "side": Side.BUY,
        "quantity": Decimal("0.2"),
        "price": Decimal("90000.50"),
        "client_order_id": CLIENT_ID,
    }
    return PlaceOrder(**usual | terms)


MARKET: dict[str, Any] = {"order_type": OrderType.MARKET, "price": None}
STOP: dict[str, Any] = {"order_type": OrderType.STOP_LIMIT, "stop_price": Decimal(91000)}
LIMIT_TERMS = {"base_size": "0.2", "limit_price": "90000.50"}

ACCEPTED = {
    "success": True,
    "failure_reason": "UNKNOWN_FAILURE_REASON",
    "order_id": ORDER_ID,
    "success_response": {
        "order_id": ORDER_ID,
        "product_id": "BTC-USD",
        "side": "BUY",
        "client_order_id": CLIENT_ID,
        "attached_order_id": "",
    },
    "order_configuration": {"limit_limit_gtc": {"base_size": "99"}},
}


# --- place


@pytest.mark.parametrize(
    ("order", "configuration"),
    [
        pytest.param(place(), {"limit_limit_gtc": {**LIMIT_TERMS, "post_only": False}}, id="a limit order"),
        pytest.param(
            place(post_only=True), {"limit_limit_gtc": {**LIMIT_TERMS, "post_only": True}}, id="a post-only order"
        ),
        pytest.param(
            place(time_in_force=TimeInForce.GTD, expires_at=LATER, post_only=True),
            {"limit_limit_gtd": {**LIMIT_TERMS, "end_time": "2026-12-01T08:00:00Z", "post_only": True}},
            id="good till a date",
        ),
        pytest.param(place(time_in_force=TimeInForce.FOK), {"limit_limit_fok": LIMIT_TERMS}, id="fill or kill"),
        pytest.param(place(time_in_force=TimeInForce.IOC), {"sor_limit_ioc": LIMIT_TERMS}, id="immediate or cancel"),
        pytest.param(
            place(**MARKET, side=Side.SELL), {"market_market_ioc": {"base_size": "0.2"}}, id="a sale at the market"
        ),
        pytest.param(
            place(**MARKET, quantity=None, quote_quantity=Decimal("1E+2")),
            {"market_market_ioc": {"quote_size": "100"}},
            id="an amount to spend at the market",
        ),
        pytest.param(
            place(**MARKET, time_in_force=TimeInForce.IOC),
            {"market_market_ioc": {"base_size": "0.2"}},
            id="a market order that says IOC",
        ),
        pytest.param(
            place(**STOP),
            {
                "stop_limit_stop_limit_gtc": {
                    **LIMIT_TERMS,
                    "stop_price": "91000",
                    "stop_direction": "STOP_DIRECTION_STOP_UP",
                }
            },
            id="a buy stop waits above",
        ),
        pytest.param(
            place(**STOP, side=Side.SELL, time_in_force=TimeInForce.GTD, expires_at=LATER),
            {
                "stop_limit_stop_limit_gtd": {
                    **LIMIT_TERMS,
                    "stop_price": "91000",
                    "stop_direction": "STOP_DIRECTION_STOP_DOWN",
                    "end_time": "2026-12-01T08:00:00Z",
                }
            },
            id="a sell stop waits below",
        ),
        pytest.param(
            place(**STOP, trigger=Trigger.FALLS),
            {
                "stop_limit_stop_limit_gtc": {
                    **LIMIT_TERMS,
                    "stop_price": "91000",
                    "stop_direction": "STOP_DIRECTION_STOP_DOWN",
                }
            },
            id="a buy that waits for a lower price",
        ),
    ],
)
def test_every_order_has_words(order: PlaceOrder, configuration: dict[str, Any]) -> None:
    terms = {"product_id": "BTC-USD", "side": order.side.name, "order_configuration": configuration}
    assert told(order) == ("POST /orders", {"client_order_id": CLIENT_ID, **terms})
    assert told(TestOrder(instrument=BTC, order=order)) == ("POST /orders/preview", terms)


def test_an_order_names_its_own_product_and_not_the_books() -> None:
    assert told(place(instrument=BTC_USDC))[1]["product_id"] == "BTC-USDC"


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(place(order_type=OrderType.STOP_MARKET, price=None, stop_price=Decimal(1)), id="a stop at market"),
        pytest.param(place(**STOP, time_in_force=TimeInForce.IOC), id="a stop that is IOC"),
        pytest.param(place(order_type=OrderType.STOP_LIMIT), id="a stop without a stop price"),
        pytest.param(place(stop_price=Decimal(1)), id="a limit order with a stop price"),
        pytest.param(place(**MARKET, time_in_force=TimeInForce.FOK), id="a market order that is FOK"),
        pytest.param(place(**MARKET, time_in_force=TimeInForce.GTD, expires_at=LATER), id="a market order with a date"),
        pytest.param(place(**MARKET, post_only=True), id="a post-only market order"),
        pytest.param(place(time_in_force=TimeInForce.IOC, post_only=True), id="a post-only order that does not rest"),
        pytest.param(place(time_in_force=TimeInForce.GTD), id="a date that is not said"),
        pytest.param(place(expires_at=LATER), id="a date that is not asked for"),
        pytest.param(place(quantity=None), id="no quantity"),
        pytest.param(place(price=None), id="no price"),
        pytest.param(place(quantity=None, quote_quantity=Decimal(1)), id="a limit order by amount"),
        pytest.param(place(**MARKET, side=Side.SELL, quantity=None, quote_quantity=Decimal(1)), id="a sale by amount"),
        pytest.param(place(reduce_only=True), id="reduce-only"),
        pytest.param(place(position_side=PositionSide.LONG), id="a position side"),
        pytest.param(place(margin_mode=MarginMode.CROSS), id="a margin mode"),
    ],
)
def test_what_the_venue_has_no_words_for_is_refused(order: PlaceOrder) -> None:
    error = refused(order)
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)
    assert refused(TestOrder(instrument=BTC, order=order)).kind is Kind.NOT_SUPPORTED


def test_an_accepted_order_has_the_terms_that_were_asked_for_and_no_others() -> None:
    assert parse(place(post_only=True), ACCEPTED) == Order(
        instrument=BTC,
        venue_order_id=ORDER_ID,
        client_order_id=CLIENT_ID,
        status=OrderStatus.PENDING_NEW,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=Decimal("0.2"),
        price=Decimal("90000.50"),
        time_in_force=TimeInForce.GTC,
        post_only=True,
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"success": True, "order_id": ORDER_ID}, id="the older shape"),
        pytest.param({"success": True, "success_response": {"order_id": ORDER_ID}}, id="without what is deprecated"),
    ],
)
def test_an_id_is_found_in_both_places(body: dict[str, object]) -> None:
    assert parse(place(), body).venue_order_id == ORDER_ID


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"success": True}, id="a success without an id"),
        pytest.param({"order_id": ORDER_ID}, id="an id without a success"),
        pytest.param({"success": "true", "order_id": ORDER_ID}, id="a success that is text"),
        pytest.param({"success": True, "success_response": [ORDER_ID]}, id="a list of ids"),
        pytest.param(
            {"success": True, "success_response": {"order_id": ORDER_ID, "client_order_id": "another"}},
            id="an answer about another order",
        ),
    ],
)
def test_an_answer_that_is_no_proof_leaves_the_outcome_open(body: dict[str, object]) -> None:
    error = failure(place(), body)
    assert (error.kind, error.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)


def test_a_refused_order_is_raised() -> None:
    body = {"success": False, "error_response": {"new_order_failure_reason": "INSUFFICIENT_FUND"}}
    error = failure(place(), body)
    assert (error.kind, error.outcome) == (Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED)


def test_a_tested_order_is_refused_or_says_nothing() -> None:
    operation = TestOrder(instrument=BTC, order=place())
    assert parse(operation, {"errs": [], "order_total": "1", "warning": []}) is None
    assert failure(operation, {"errs": ["PREVIEW_INSUFFICIENT_FUND"]}).kind is Kind.INSUFFICIENT_FUNDS


def test_the_recorded_placement_is_read_although_it_shows_default_reasons() -> None:
    order = parse(place(client_order_id="0000-00000-000000"), recorded("Trading", "PlaceOrder.json"))
    assert order.venue_order_id == "11111-00000-000000"


# --- amend


def amend(order: Order, price: Decimal | None = None, quantity: Decimal | None = None) -> AmendOrder:
    return AmendOrder(instrument=order.instrument, order=order, price=price, quantity=quantity)


@pytest.mark.parametrize(
    ("operation", "terms"),
    [
        pytest.param(amend(limit_order(), price=Decimal(101)), {"price": "101", "size": "0.2"}, id="the price"),
        pytest.param(amend(limit_order(), quantity=Decimal(1)), {"price": "100", "size": "1"}, id="the quantity"),
        pytest.param(
            amend(limit_order(order_type=OrderType.STOP_LIMIT, stop_price=Decimal(99)), price=Decimal(98)),
            {"price": "98", "size": "0.2", "stop_price": "99"},
            id="a stop keeps its stop price",
        ),
    ],
)
def test_an_amend_repeats_what_stays(operation: AmendOrder, terms: dict[str, str]) -> None:
    assert told(operation) == ("POST /orders/edit", {"order_id": ORDER_ID, **terms})


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(amend(limit_order(quantity=None), price=Decimal(1)), id="no quantity to repeat"),
        pytest.param(amend(limit_order(price=None), quantity=Decimal(1)), id="no price to repeat"),
        pytest.param(amend(limit_order(venue_order_id=""), price=Decimal(1)), id="no id of the venue"),
        pytest.param(amend(limit_order(time_in_force=TimeInForce.GTD), price=Decimal(1)), id="an order with a date"),
        pytest.param(amend(limit_order(order_type=OrderType.MARKET), price=Decimal(1)), id="a market order"),
        pytest.param(amend(limit_order(order_type=None), price=Decimal(1)), id="a bracket"),
    ],
)
def test_what_cannot_be_amended_is_refused(operation: AmendOrder) -> None:
    assert refused(operation).kind is Kind.NOT_SUPPORTED


def test_an_accepted_amend_is_pending() -> None:
    before = limit_order(filled_quantity=Decimal("0.1"))
    after = parse(amend(before, price=Decimal(101)), {"success": True, "errors": []})
    assert after == evolve(before, price=Decimal(101), status=OrderStatus.PENDING_NEW)
    assert parse(amend(before, quantity=Decimal(1)), {"success": True}).quantity == Decimal(1)


def test_an_amend_that_is_refused_or_says_nothing() -> None:
    same = {"success": False, "errors": [{"edit_failure_reason": "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST"}]}
    error = failure(amend(limit_order(), price=Decimal(100)), same)
    assert (error.kind, error.outcome) == (Kind.NO_CHANGE, Outcome.DONE)
    assert failure(amend(limit_order(), price=Decimal(1)), {}).kind is Kind.MALFORMED_RESPONSE


def test_the_recorded_edit_is_read_although_it_shows_default_reasons() -> None:
    operation = amend(limit_order(), price=Decimal(101))
    assert parse(operation, recorded("Trading", "EditOrder.json")).price == Decimal(101)


# --- cancel


def verdict(order_id: str, reason: str = "") -> dict[str, object]:
    return {
        "success": not reason,
        "failure_reason": reason or "UNKNOWN_CANCEL_FAILURE_REASON",
        "order_id": order_id,
    }


def cancel(venue_order_id: str | None = ORDER_ID, instrument: Instrument = BTC) -> CancelById:
    return CancelById(instrument=instrument, venue_order_id=venue_order_id, client_order_id=CLIENT_ID)


PENDING = Order(instrument=BTC, venue_order_id=ORDER_ID, client_order_id=CLIENT_ID, status=OrderStatus.PENDING_CANCEL)


def test_a_cancel_names_one_id_and_is_accepted_only() -> None:
    assert told(cancel()) == ("POST /orders/batch_cancel", {"order_ids": [ORDER_ID]})
    assert parse(cancel(), {"results": [verdict(ORDER_ID)]}) == PENDING


def test_a_cancel_whose_twin_is_under_way_is_accepted() -> None:
    assert parse(cancel(), {"results": [verdict(ORDER_ID, "DUPLICATE_CANCEL_REQUEST")]}) == PENDING


@pytest.mark.parametrize(
    ("results", "kind", "outcome"),
    [
        pytest.param(
            [verdict(ORDER_ID, "UNKNOWN_CANCEL_ORDER")], Kind.ORDER_NOT_FOUND, Outcome.REJECTED, id="unknown order"
        ),
        pytest.param(
            [verdict(ORDER_ID, "ORDER_IS_FULLY_FILLED")], Kind.ORDER_CLOSED, Outcome.DONE, id="already filled"
        ),
        pytest.param([verdict("another")], Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="a verdict on another order"),
        pytest.param([], Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="no verdict"),
    ],
)
def test_a_cancel_that_is_not_accepted(results: list[Any], kind: Kind, outcome: Outcome) -> None:
    error = failure(cancel(), {"results": results})
    assert (error.kind, error.outcome, error.client_order_id) == (kind, outcome, CLIENT_ID)


def test_a_batch_has_a_verdict_for_each_in_the_order_of_the_request() -> None:
    cancels = tuple(CancelOrder(instrument=BTC, venue_order_id=name) for name in ("a", "b", "c"))
    operation = CancelBatch(cancels=cancels)
    assert told(operation) == ("POST /orders/batch_cancel", {"order_ids": ["a", "b", "c"]})
    answers = parse(operation, {"results": [verdict("b", "ORDER_IS_FULLY_FILLED"), verdict("a")]})
    assert isinstance(answers[0], Order)
    assert answers[0].venue_order_id == "a"
    kinds = [answer.kind for answer in answers if isinstance(answer, VenueError)]
    assert kinds == [Kind.ORDER_CLOSED, Kind.MALFORMED_RESPONSE]


def test_a_batch_that_is_refused_as_a_whole_is_raised() -> None:
    operation = CancelBatch(cancels=(CancelOrder(instrument=BTC, venue_order_id="a"),))
    answer = response({"error": "INVALID_ARGUMENT", "message": "at most 100 orders"}, 400)
    assert failure(operation, answer).kind is Kind.INVALID_REQUEST


def test_a_batch_that_cannot_be_sent() -> None:
    nameless = CancelOrder(instrument=BTC, client_order_id=CLIENT_ID)
    many = tuple(CancelOrder(instrument=BTC, venue_order_id=str(number)) for number in range(101))
    for cancels in ((nameless,), many):
        assert refused(CancelBatch(cancels=cancels)).kind is Kind.NOT_SUPPORTED
    assert refused(cancel(None)).kind is Kind.NOT_SUPPORTED


def test_the_recorded_cancel_is_read() -> None:
    assert parse(cancel("0000-00000"), recorded("Trading", "CancelOrders.json")).venue_order_id == "0000-00000"


def test_moments_are_written_in_utc() -> None:
    assert rfc3339(datetime(2026, 11, 20, 8, 0, 0, 120_000, tzinfo=UTC)) == "2026-11-20T08:00:00.120000Z"
