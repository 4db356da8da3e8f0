"""Orders in Bybit's frames: the example of the papers, answers, refusals, logins."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.bybit.venue import CREDENTIALS, ETHER, PERPETUAL, SPOT, STAMP, adapter
from unified.adapter import AdapterSettings, Charge, Endpoint
from unified.entry import NO_ENTRY, Answered
from unified.errors import Kind, Outcome, VenueError
from unified.feeds import Ending, LoggedIn, LoginRefused, Ticket
from unified.http import HttpResponse
from unified.operations import AmendOrder, CancelBatch, CancelOrder, Operation, PlaceBatch, PlaceOrder
from unified.order import Order, OrderStatus, Side
from unified_bybit import Bybit
from unified_bybit.auth import Auth
from unified_bybit.entry import PATH, BybitEntry
from unified_bybit.limits import ADDRESS, ORDER_FRAMES
from unified_bybit.orders import CancelBehind

BYBIT = adapter()
TICKET = Ticket(stamp=STAMP)
BUY = PlaceOrder(
    instrument=ETHER,
    side=Side.BUY,
    price=Decimal(2800),
    quantity=Decimal("0.2"),
    post_only=True,
    client_order_id="abc-1",
)
ORDER = Order(instrument=ETHER, status=OrderStatus.NEW, venue_order_id="a4c1718e", client_order_id="abc-1")
CANCEL = CancelOrder(instrument=ETHER, venue_order_id="a4c1718e")
LIMITS = {"X-Bapi-Limit": "10", "X-Bapi-Limit-Status": "9", "X-Bapi-Limit-Reset-Timestamp": "1711001595208"}


def entry() -> BybitEntry:
    one = BybitEntry(Auth(CREDENTIALS))
    one.login(TICKET)
    return one


def how(operation: Operation[Any], bybit: Bybit = BYBIT) -> Endpoint[Any, Any]:
    found = bybit.entry.endpoints[type(operation), operation.product]
    assert isinstance(found, Endpoint)
    return found


def framed(operation: Operation[Any]) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(entry().ask(7, how(operation).build(operation, STAMP), None))
    return frame


def response(**said: Any) -> HttpResponse:
    number = f"{STAMP.token[:16]}-7"
    header = {**LIMITS, "Traceid": "abc", "Timenow": "1711001595209"}
    frame = {"reqId": number, "retCode": 0, "retMsg": "OK", "op": "order.create", "data": {}, "header": header}
    answered, *rest = entry().receive(json.dumps({**frame, "retExtInfo": {}, **said}))
    assert isinstance(answered, Answered)
    assert answered.number == 7
    assert rest == ([Ending("the server is leaving")] if said.get("retCode") in (10016, 10019) else [])
    return HttpResponse(status=answered.status, headers=answered.headers, body=answered.body)


def read(operation: Operation[Any], **said: Any) -> Any:
    return how(operation).parse(operation, response(**said))


def test_the_order_of_the_papers() -> None:
    """Source: Bybit V5 docs, websocket/trade/guideline.mdx (2026-07-24)."""
    assert framed(BUY) == {
        "reqId": f"{STAMP.token[:16]}-7",
        "header": {"X-BAPI-TIMESTAMP": str(STAMP.time_ms), "X-BAPI-RECV-WINDOW": str(STAMP.window_ms)},
        "op": "order.create",
        "args": [
            {
                "category": "linear",
                "symbol": "ETHUSDT",
                "side": "Buy",
                "orderType": "Limit",
                "qty": "0.2",
                "price": "2800",
                "timeInForce": "PostOnly",
                "orderLinkId": "abc-1",
            }
        ],
    }
    assert len(framed(BUY)["reqId"]) <= 36
    order = read(BUY, data={"orderId": "a4c1718e", "orderLinkId": "abc-1"})
    assert (order.venue_order_id, order.status) == ("a4c1718e", OrderStatus.PENDING_NEW)


@pytest.mark.parametrize(
    ("operation", "op"),
    [
        (AmendOrder(instrument=ETHER, order=ORDER, price=Decimal(2900)), "order.amend"),
        (CANCEL, "order.cancel"),
        (CancelBehind(instrument=SPOT, venue_order_id="1", order_filter="Order"), "order.cancel"),
        (PlaceBatch(orders=(BUY, BUY)), "order.create-batch"),
        (CancelBatch(cancels=(CANCEL, CANCEL)), "order.cancel-batch"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_word_takes_the_body_of_rest(operation: Operation[Any], op: str) -> None:
    said = framed(operation)
    rest = BYBIT.endpoints[type(operation), operation.product]
    assert isinstance(rest, Endpoint)
    assert said["op"] == op
    assert said["args"] == [json.loads(rest.build(operation, STAMP).body)]


def test_a_batch_tells_of_each_item() -> None:
    two = PlaceBatch(orders=(BUY, evolve(BUY, client_order_id="abc-2")))
    rows = [{"orderId": "1", "orderLinkId": "abc-1"}, {"orderId": "", "orderLinkId": "abc-2"}]
    verdicts = [{"code": 0, "msg": "OK"}, {"code": 110007, "msg": "ab not enough"}]
    placed, refused = read(two, data={"list": rows}, retExtInfo={"list": verdicts})
    assert isinstance(placed, Order)
    assert isinstance(refused, VenueError)
    assert refused.kind is Kind.INSUFFICIENT_FUNDS


@pytest.mark.parametrize(
    ("code", "words", "kind", "outcome"),
    [
        (170131, "Insufficient balance.", Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED),
        (10403, "Too many frames", Kind.RATE_LIMITED, Outcome.REJECTED),
        (10019, "draining", Kind.MAINTENANCE, Outcome.REJECTED),
        (10016, "Service error", Kind.VENUE_FAULT, Outcome.UNKNOWN),
        (20006, "reqId is duplicated", Kind.INVALID_REQUEST, Outcome.REJECTED),
    ],
)
def test_refusals_are_those_of_the_catalogue(code: int, words: str, kind: Kind, outcome: Outcome) -> None:
    order = evolve(BUY, instrument=SPOT) if code == 170131 else BUY
    with pytest.raises(VenueError) as caught:
        read(order, retCode=code, retMsg=words)
    assert (caught.value.kind, caught.value.outcome) == (kind, outcome)


def test_answers_tell_limits_and_time_as_over_rest() -> None:
    seen = BYBIT.observe(BUY, response())
    assert seen.time is not None
    assert seen.time.time_us == 1711001595209000
    assert [(usage.bucket, usage.remaining) for usage in seen.usage] == [("POST /v5/order/create linear", 9)]


def test_frames_are_counted_in_place_of_calls_and_orders_with_those_of_rest() -> None:
    rest = BYBIT.endpoints[PlaceOrder, PERPETUAL.product]
    assert isinstance(rest, Endpoint)
    charged = how(BUY).charges(BUY, 0)
    assert charged[0] == Charge(ORDER_FRAMES)
    assert charged[1:] == tuple(one for one in rest.charges(BUY, 0) if one.bucket != ADDRESS)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"retCode": 0}, None),
        ({"retCode": 20001, "retMsg": "Repeat auth"}, None),
        ({"retCode": 10001, "retMsg": "Params Error"}, Kind.TIMESTAMP_OUT_OF_WINDOW),
        ({"retCode": 10004, "retMsg": "Invalid sign"}, Kind.BAD_SIGNATURE),
        ({"retCode": 10003, "retMsg": "Too many sessions under the same UID"}, Kind.TOO_MANY_STREAMS),
    ],
    ids=["accepted", "accepted before", "too late", "badly signed", "one session too many"],
)
def test_logins(said: dict[str, Any], kind: Kind | None) -> None:
    (event,) = entry().receive(json.dumps({"op": "auth", "connId": "a", **said}))
    if kind is None:
        assert isinstance(event, LoggedIn)
    else:
        assert isinstance(event, LoginRefused)
        assert event.fault.kind is kind


@pytest.mark.parametrize(
    "said",
    [
        {"op": "pong", "retCode": 0, "retMsg": "OK", "data": ["1711002002529"]},
        {"op": "order.create", "retCode": 10005, "retMsg": "no rights, and no id"},
        {"op": "order.create", "retCode": 0, "reqId": "somebody-else-7"},
        {"op": "order.create", "retCode": 0, "reqId": "7"},
    ],
    ids=["a pong", "no id", "a foreign id", "no word of ours"],
)
def test_what_answers_nobody_says_nothing(said: dict[str, Any]) -> None:
    assert list(entry().receive(json.dumps(said))) == []


@pytest.mark.parametrize("frame", ["", "[]", "{"])
def test_a_frame_that_cannot_be_read_is_malformed(frame: str) -> None:
    with pytest.raises(VenueError) as caught:
        list(entry().receive(frame))
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


def test_demo_trading_and_other_sites_have_no_such_door() -> None:
    assert adapter("demo").entry is NO_ENTRY
    assert adapter(region="eu").entry is NO_ENTRY
    assert Bybit(AdapterSettings(environment="testnet")).entry.lines[0].place == PATH
