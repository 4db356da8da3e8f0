"""Orders in Kraken's frames: the words of the socket, the token, answers, refusals, and what goes over REST instead."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.kraken.venue import BTC_USD, CLIENT_ID, KRAKEN, STAMP, TXID
from unified.adapter import Charge, Endpoint
from unified.entry import Answered
from unified.errors import Kind, Outcome, VenueError
from unified.feeds import Ending, LoggedIn, LoginRefused, Ticket
from unified.http import HttpRequest, HttpResponse
from unified.operations import AmendOrder, CancelOrder, Operation, PlaceBatch, PlaceOrder
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce
from unified.secret import Secret
from unified_kraken.entry import KrakenEntry

TOKEN = Secret("a-dummy-token")
BUY = PlaceOrder(
    instrument=BTC_USD,
    side=Side.BUY,
    price=Decimal("26500.40"),
    quantity=Decimal("1.20000000"),
    client_order_id=CLIENT_ID,
)
ORDER = Order(instrument=BTC_USD, status=OrderStatus.NEW, venue_order_id=TXID, quantity=Decimal("1.2"))


def how(operation: Operation[Any]) -> Endpoint[Any, Any]:
    found = KRAKEN.entry.endpoints[type(operation), operation.product]
    assert isinstance(found, Endpoint)
    return found


def built(operation: Operation[Any]) -> HttpRequest:
    request = how(operation).build(operation, STAMP)
    assert isinstance(request, HttpRequest)
    return request


def framed(operation: Operation[Any]) -> dict[str, Any]:
    """The frame, its numbers as they are written."""
    frame = KrakenEntry().ask(7, built(operation), TOKEN)
    said: dict[str, Any] = json.loads(frame, parse_float=Decimal, parse_int=Decimal)
    return said


def read(operation: Operation[Any], **said: Any) -> Any:
    (answered,) = KrakenEntry().receive(json.dumps({"method": "add_order", "req_id": 7, **said}))
    assert isinstance(answered, Answered)
    assert answered.number == 7
    return how(operation).parse(operation, HttpResponse(status=answered.status, body=answered.body))


def test_an_order_in_the_words_of_the_socket() -> None:
    """Source: docs.kraken.com, websocket-v2 add_order (2026-05-27)."""
    assert framed(BUY) == {
        "method": "add_order",
        "req_id": 7,
        "params": {
            "token": "a-dummy-token",
            "symbol": "BTC/USD",
            "side": "buy",
            "order_type": "limit",
            "order_qty": Decimal("1.2"),
            "limit_price": Decimal("26500.4"),
            "cl_ord_id": CLIENT_ID,
            "deadline": "2026-11-20T08:00:05.123Z",
        },
    }
    order = read(BUY, success=True, result={"order_id": TXID, "cl_ord_id": CLIENT_ID})
    assert (order.venue_order_id, order.status) == (TXID, OrderStatus.PENDING_NEW)


@pytest.mark.parametrize(
    ("changes", "params"),
    [
        ({"post_only": True}, {"post_only": True}),
        ({"time_in_force": TimeInForce.IOC}, {"time_in_force": "ioc"}),
        (
            {"time_in_force": TimeInForce.GTD, "expires_at": datetime(2026, 12, 1, tzinfo=UTC)},
            {"time_in_force": "gtd", "expire_time": "2026-12-01T00:00:00.000Z"},
        ),
        (
            {"order_type": OrderType.MARKET, "price": None, "quantity": None, "quote_quantity": Decimal(100)},
            {"order_type": "market", "cash_order_qty": Decimal(100)},
        ),
    ],
    ids=["post-only", "ioc", "gtd", "by quote"],
)
def test_terms(changes: dict[str, Any], params: dict[str, Any]) -> None:
    assert framed(evolve(BUY, **changes))["params"].items() >= params.items()


@pytest.mark.parametrize("quantity", ["0.00000001", "123456789012345678.12345678", "1E-7"])
def test_every_digit_of_a_number_leaves(quantity: str) -> None:
    assert framed(evolve(BUY, quantity=Decimal(quantity)))["params"]["order_qty"] == Decimal(quantity)


def test_a_batch_is_about_one_symbol_and_each_order_has_an_outcome() -> None:
    """Source: docs.kraken.com, websocket-v2 batch_add (2026-05-27)."""
    sell = evolve(BUY, side=Side.SELL, post_only=True, client_order_id="another")
    batch = PlaceBatch(orders=(BUY, sell))
    said = framed(batch)
    terms = {"order_type": "limit", "order_qty": Decimal("1.2"), "limit_price": Decimal("26500.4")}
    assert said == {
        "method": "batch_add",
        "req_id": 7,
        "params": {
            "token": "a-dummy-token",
            "symbol": "BTC/USD",
            "deadline": "2026-11-20T08:00:05.123Z",
            "orders": [
                {"side": "buy", **terms, "cl_ord_id": CLIENT_ID},
                {"side": "sell", **terms, "post_only": True, "cl_ord_id": "another"},
            ],
        },
    }
    assert how(batch).charges(batch, 0) == (Charge("engine", 1, "XXBTZUSD"),)
    items = [{"order_id": TXID}, {"success": False, "error": "EOrder:Insufficient funds"}]
    for told in ({"success": True, "result": items}, {"success": True, "result": {"orders": items}}):
        made, refused = read(batch, **told)
        assert isinstance(made, Order)
        assert (made.venue_order_id, refused.kind) == (TXID, Kind.INSUFFICIENT_FUNDS)
        assert refused.client_order_id == "another"
    made, _ = read(batch, success=False, error="EOrder:Insufficient funds", result=items)
    assert isinstance(made, Order), "whatever is said of the whole"
    with pytest.raises(VenueError) as caught:
        read(batch, success=True, result=items[:1])
    assert (caught.value.kind, caught.value.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)
    with pytest.raises(VenueError) as caught:
        read(batch, success=False, error="EOrder:Invalid price")
    assert caught.value.outcome is Outcome.REJECTED
    stop = evolve(BUY, order_type=OrderType.STOP_LIMIT, stop_price=Decimal(27000))
    assert not built(PlaceBatch(orders=(BUY, stop))).over_socket


def test_amendments_repeat_the_quantity_and_cancels_name_one_order() -> None:
    amend = AmendOrder(instrument=BTC_USD, order=ORDER, price=Decimal(26000))
    said = framed(amend)
    assert said["method"] == "amend_order"
    assert (said["params"]["order_id"], said["params"]["order_qty"]) == (TXID, Decimal("1.2"))
    assert "deadline" in said["params"]
    assert read(amend, success=True, result={"amend_id": "TTW6PD"}).price == Decimal(26000)
    assert framed(CancelOrder(instrument=BTC_USD, venue_order_id=TXID))["params"]["order_id"] == [TXID]
    cancel = CancelOrder(instrument=BTC_USD, client_order_id=CLIENT_ID)
    assert framed(cancel)["params"]["cl_ord_id"] == [CLIENT_ID]
    assert read(cancel, success=True, result={"order_id": TXID}).status is OrderStatus.PENDING_CANCEL


@pytest.mark.parametrize(
    ("said", "kind", "outcome"),
    [
        ({"success": False, "error": "EOrder:Insufficient funds"}, Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED),
        ({"error": "EService:Deadline elapsed"}, Kind.VENUE_TIMEOUT, Outcome.UNKNOWN),
        ({"success": "yes", "error": "Exceeded msg rate"}, Kind.RATE_LIMITED, Outcome.REJECTED),
    ],
)
def test_refusals_are_those_of_the_catalogue(said: dict[str, Any], kind: Kind, outcome: Outcome) -> None:
    with pytest.raises(VenueError) as caught:
        read(BUY, **said)
    assert (caught.value.kind, caught.value.outcome) == (kind, outcome)


def test_a_token_that_is_over_ends_the_connection() -> None:
    frame = json.dumps({"method": "add_order", "req_id": 7, "success": False, "error": "EAPI:Invalid token"})
    answered, ending = KrakenEntry().receive(frame)
    assert isinstance(answered, Answered)
    assert isinstance(ending, Ending)
    with pytest.raises(VenueError) as caught:
        how(BUY).parse(BUY, HttpResponse(status=200, body=answered.body))
    assert caught.value.kind is Kind.SESSION_EXPIRED


def test_the_login_is_a_subscription_that_proves_the_token() -> None:
    (frame,) = KrakenEntry().login(Ticket(stamp=STAMP, access=TOKEN))
    said = json.loads(frame)
    assert (said["method"], said["params"]["channel"], said["params"]["token"]) == (
        "subscribe",
        "executions",
        "a-dummy-token",
    )
    answer = {"method": "subscribe", "req_id": said["req_id"]}
    assert list(KrakenEntry().receive(json.dumps({**answer, "success": True, "result": {}}))) == [LoggedIn()]
    (refused,) = KrakenEntry().receive(json.dumps({**answer, "success": False, "error": "EAPI:Invalid token"}))
    assert isinstance(refused, LoginRefused)
    assert refused.fault.kind is Kind.SESSION_EXPIRED


def test_stops_and_amendments_of_unknown_quantity_go_over_rest() -> None:
    stop = evolve(BUY, order_type=OrderType.STOP_LIMIT, stop_price=Decimal(27000))
    assert not built(stop).over_socket
    amend = AmendOrder(instrument=BTC_USD, order=evolve(ORDER, quantity=None), price=Decimal(26000))
    assert not built(amend).over_socket
    assert built(BUY).over_socket


def test_the_engine_counts_alike_and_rest_does_not_count() -> None:
    assert how(BUY).charges(BUY, 0) == (Charge("engine", 1, "XXBTZUSD"),)
    cancel = CancelOrder(instrument=BTC_USD, venue_order_id=TXID)
    assert how(cancel).charges(cancel, 0) == (Charge("engine", 8, "XXBTZUSD"),)


@pytest.mark.parametrize(
    "frame",
    [
        '{"channel":"heartbeat"}',
        '{"method":"pong","time_in":"x","time_out":"y"}',
        '{"channel":"executions","type":"update","data":[{"order_id":"O"}],"sequence":3}',
    ],
)
def test_signs_of_life_say_nothing(frame: str) -> None:
    assert list(KrakenEntry().receive(frame)) == []


@pytest.mark.parametrize("frame", ["", "[]", "{"])
def test_a_frame_that_cannot_be_read_is_malformed(frame: str) -> None:
    with pytest.raises(VenueError) as caught:
        list(KrakenEntry().receive(frame))
    assert caught.value.kind is Kind.MALFORMED_RESPONSE
