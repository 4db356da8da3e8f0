"""Orders in OKX's frames: the example of the papers, answers, refusals, and what goes over REST instead."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.okx.venue import CREDENTIALS, OKX, SPOT, STAMP, SWAP
from unified.adapter import Charge, Endpoint
from unified.entry import Answered
from unified.errors import Kind, Outcome, VenueError
from unified.feeds import Ending, LoggedIn, LoginRefused, Ticket
from unified.http import HttpRequest, HttpResponse
from unified.operations import AmendOrder, CancelBatch, Operation, PlaceBatch, PlaceOrder
from unified.order import Order, OrderStatus, OrderType, Side
from unified_okx.auth import Auth
from unified_okx.entry import PATH, OkxEntry
from unified_okx.procedures import CancelDirectly

CODED = evolve(SWAP, native="10459")
BUY = PlaceOrder(
    instrument=CODED, side=Side.BUY, price=Decimal(60000), quantity=Decimal("0.0001"), client_order_id="a1b2"
)
ORDER = Order(instrument=CODED, status=OrderStatus.NEW, venue_order_id="12345689", client_order_id="a1b2")
CANCEL = CancelDirectly(instrument=CODED, venue_order_id="12345689")


def how(operation: Operation[Any]) -> Endpoint[Any, Any]:
    found = OKX.entry.endpoints[type(operation), operation.product]
    assert isinstance(found, Endpoint)
    return found


def built(operation: Operation[Any]) -> HttpRequest:
    return how(operation).build(operation, STAMP)


def framed(operation: Operation[Any]) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(OkxEntry(Auth(CREDENTIALS)).ask(1512, built(operation), None))
    return frame


def entry() -> OkxEntry:
    return OkxEntry(Auth(CREDENTIALS))


def read(operation: Operation[Any], **said: Any) -> Any:
    """What an answer of the venue means, by way of its frame."""
    frame = json.dumps({"id": "1512", "op": "order", "code": "0", "msg": "", "data": [], **said})
    (answered,) = entry().receive(frame)
    assert isinstance(answered, Answered)
    assert answered.number == 1512
    return how(operation).parse(operation, HttpResponse(status=answered.status, body=answered.body))


def row(**more: str) -> dict[str, str]:
    accepted = {"clOrdId": "a1b2", "ordId": "12345689", "tag": "", "ts": "1695190491421", "sCode": "0", "sMsg": ""}
    return {**accepted, **more}


def test_the_order_of_the_papers() -> None:
    """Source: OKX API v5 docs, #order-book-trading-trade-ws-place-order (2026-07-05)."""
    assert framed(BUY) == {
        "id": "1512",
        "op": "order",
        "expTime": str(STAMP.expires_ms),
        "args": [
            {
                "instIdCode": 10459,
                "tdMode": "cross",
                "side": "buy",
                "ordType": "limit",
                "clOrdId": "a1b2",
                "px": "60000",
                "sz": "0.01",
            }
        ],
    }
    order = read(BUY, data=[row()])
    assert (order.venue_order_id, order.client_order_id, order.status) == ("12345689", "a1b2", OrderStatus.PENDING_NEW)


def test_cancels_amendments_and_batches_name_the_instrument_by_its_code_only() -> None:
    amend = AmendOrder(instrument=CODED, order=ORDER, price=Decimal(61000))
    cases: list[tuple[Operation[Any], str, list[dict[str, Any]]]] = [
        (CANCEL, "cancel-order", [{"instIdCode": 10459, "ordId": "12345689"}]),
        (amend, "amend-order", [{"instIdCode": 10459, "ordId": "12345689", "newPx": "61000"}]),
        (CancelBatch(cancels=(CANCEL,)), "batch-cancel-orders", [{"instIdCode": 10459, "ordId": "12345689"}]),
    ]
    for operation, op, args in cases:
        said = framed(operation)
        assert (said["op"], said["args"]) == (op, args)
        assert ("expTime" in said) == (op == "amend-order")
    batch = framed(PlaceBatch(orders=(BUY, evolve(BUY, client_order_id="c3"))))
    assert batch["op"] == "batch-orders"
    assert [one["clOrdId"] for one in batch["args"]] == ["a1b2", "c3"]
    assert not any("instId" in one for one in batch["args"])


@pytest.mark.parametrize(
    ("said", "kind", "outcome"),
    [
        ({"code": "1", "data": [row(ordId="", sCode="51008")]}, Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED),
        ({"code": "60013", "msg": "Invalid args"}, Kind.INVALID_REQUEST, Outcome.REJECTED),
        ({"code": "50011", "msg": "Rate limit reached"}, Kind.ORDER_RATE_LIMITED, Outcome.REJECTED),
    ],
    ids=["an item", "the frame", "a limit"],
)
def test_refusals_are_those_of_the_catalogue(said: dict[str, Any], kind: Kind, outcome: Outcome) -> None:
    with pytest.raises(VenueError) as caught:
        read(BUY, **said)
    assert (caught.value.kind, caught.value.outcome) == (kind, outcome)


def test_a_batch_tells_of_each_item() -> None:
    two = PlaceBatch(orders=(BUY, evolve(BUY, client_order_id="c3")))
    placed, refused = read(two, op="batch-orders", code="2", data=[row(), row(clOrdId="c3", ordId="", sCode="51008")])
    assert isinstance(placed, Order)
    assert isinstance(refused, VenueError)


def test_what_the_connection_has_no_words_for_goes_over_rest() -> None:
    stop = evolve(BUY, order_type=OrderType.STOP_LIMIT, stop_price=Decimal(61000))
    for operation in (stop, evolve(BUY, instrument=SPOT), evolve(CANCEL, is_stop=True), PlaceBatch(orders=(stop,))):
        if isinstance(operation, PlaceBatch):
            with pytest.raises(VenueError):
                built(operation)
        else:
            assert not built(operation).over_socket
    request = built(BUY)
    assert request.over_socket
    assert request.path == PATH


def test_orders_share_the_counts_of_rest() -> None:
    rest = OKX.endpoints[PlaceOrder, BUY.product]
    assert isinstance(rest, Endpoint)
    assert how(BUY).charges(BUY, 0) == rest.charges(BUY, 0)
    assert Charge("POST /trade/order", key=CODED.symbol) in how(BUY).charges(BUY, 0)


def test_logins_notices_and_a_login_that_is_over() -> None:
    one = entry()
    one.login(Ticket(stamp=STAMP))
    assert list(one.receive('{"event":"login","code":"0","msg":"","connId":"a"}')) == [LoggedIn()]
    one.login(Ticket(stamp=STAMP))
    (refused,) = one.receive('{"event":"error","code":"60006","msg":"Timestamp request expired"}')
    assert isinstance(refused, LoginRefused)
    assert refused.fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW
    (ending,) = one.receive('{"event":"notice","code":"64008","msg":"soon"}')
    assert isinstance(ending, Ending)
    answered, over = one.receive('{"id":"7","event":"error","code":"60011","msg":"Please log in"}')
    assert isinstance(answered, Answered)
    assert isinstance(over, Ending)
    with pytest.raises(VenueError) as caught:
        how(BUY).parse(BUY, HttpResponse(status=200, body=answered.body))
    assert caught.value.kind is Kind.SESSION_EXPIRED


@pytest.mark.parametrize(
    "frame", ["pong", '{"event":"channel-conn-count","channel":"orders"}', '{"id":"x","op":"order"}']
)
def test_what_is_no_answer_of_ours_says_nothing(frame: str) -> None:
    assert list(entry().receive(frame)) == []


@pytest.mark.parametrize("frame", ["", "[]", "{"])
def test_a_frame_that_cannot_be_read_is_malformed(frame: str) -> None:
    with pytest.raises(VenueError) as caught:
        list(entry().receive(frame))
    assert caught.value.kind is Kind.MALFORMED_RESPONSE
