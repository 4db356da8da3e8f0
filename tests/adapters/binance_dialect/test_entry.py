"""The WebSocket API of the dialect: the signature of the papers, answers in the form of REST."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.adapters.binance.venue import BINANCE, SPOT, STAMP
from unified.adapter import Endpoint
from unified.entry import Answered
from unified.errors import Kind, Outcome, VenueError
from unified.feeds import Ending, LoggedIn, LoginRefused, Ticket
from unified.http import HttpRequest, HttpResponse
from unified.operations import PlaceOrder
from unified.order import Side
from unified.secret import Credentials, Secret
from unified_binance.faults import FAULTS
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.entry import ApiEntry, framed

HMAC = Auth(Credentials(key="a-dummy-key", secret=Secret("a-dummy-secret")))
ED25519 = Auth(
    Credentials(
        key="test-key",
        secret=Secret(
            Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode()
        ),
    )
)
BUY = PlaceOrder(instrument=SPOT, side=Side.BUY, price=Decimal(1), quantity=Decimal(1), client_order_id="a-1")


def api(auth: Auth = HMAC, sign_of_life: str = "ping") -> ApiEntry:
    return ApiEntry(sign_of_life, auth, lambda refusal, status: FAULTS.of_frame(refusal, ("spot",), status))


def rest() -> Endpoint[Any, Any]:
    found = BINANCE.endpoints[PlaceOrder, SPOT.product]
    assert isinstance(found, Endpoint)
    return found


def read(**said: Any) -> tuple[int, HttpResponse]:
    (answered,) = api().receive(json.dumps(said))
    assert isinstance(answered, Answered)
    return answered.number, HttpResponse(status=answered.status, headers=answered.headers, body=answered.body)


def test_a_frame_bears_the_signature_of_the_papers() -> None:
    """The worked example of web-socket-api.md, "SIGNED request example (HMAC)": sorted, and not percent-encoded."""
    auth = Auth(
        Credentials(
            key="vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
            secret=Secret("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"),
        )
    )
    said = auth.signed_frame(
        {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.01000000",
            "price": "52000.00",
            "recvWindow": 100,
            "timestamp": 1645423376532,
        }
    )
    assert said["signature"] == "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"


def test_a_request_says_the_parameters_of_rest_with_whole_numbers_as_numbers() -> None:
    parameters = {"symbol": "BTCUSDT", "orderId": "28", "price": "1.50"}
    endpoint = framed("wss://api", "/ws-api/v3", HMAC, "order.cancel", lambda _operation: parameters, rest())
    request = endpoint.build(BUY, STAMP)
    assert isinstance(request, HttpRequest)
    assert (request.base, request.path) == ("wss://api", "/ws-api/v3")
    said = json.loads(api().ask(7, request, None))
    params = said.pop("params")
    assert said == {"id": 7, "method": "order.cancel"}
    assert params.pop("signature")
    assert params == {
        "symbol": "BTCUSDT",
        "orderId": 28,
        "price": "1.50",
        "apiKey": "a-dummy-key",
        "recvWindow": STAMP.window_ms,
        "timestamp": STAMP.time_ms,
    }
    assert endpoint.charges(BUY, 0) == rest().charges(BUY, 0)


def test_an_answer_is_that_of_rest_with_the_counts_in_its_headers() -> None:
    limits = [
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50, "count": 12},
        {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 160000, "count": 4043},
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 321},
        {"rateLimitType": "SOMETHING_NEW", "interval": "MINUTE", "intervalNum": 1, "limit": 1, "count": 1},
    ]
    number, response = read(id=7, status=200, result={"orderId": 28, "status": "NEW"}, rateLimits=limits)
    assert number == 7
    assert json.loads(response.body) == {"orderId": 28, "status": "NEW"}
    usage = {one.bucket: one.used for one in BINANCE.observe(BUY, response).usage}
    assert usage == {"weight_spot": 321, "orders_spot_10s": 12, "orders_spot_1d": 4043}


@pytest.mark.parametrize(
    ("status", "error", "kind", "outcome", "wait"),
    [
        (
            400,
            {"code": -2010, "msg": "Account has insufficient balance for requested action."},
            Kind.INSUFFICIENT_FUNDS,
            Outcome.REJECTED,
            None,
        ),
        (
            418,
            {
                "code": -1003,
                "msg": "Way too much request weight used; IP banned until 1659146400000.",
                "data": {"serverTime": 1659142907531, "retryAfter": 1659146400000},
            },
            Kind.BANNED,
            Outcome.REJECTED,
            3493.0,
        ),
        (503, {"code": -1007, "msg": "Timeout waiting"}, Kind.VENUE_TIMEOUT, Outcome.UNKNOWN, None),
    ],
    ids=["refused", "banned", "unknown"],
)
def test_refusals_are_those_of_the_catalogue(
    status: int, error: dict[str, Any], kind: Kind, outcome: Outcome, wait: float | None
) -> None:
    _, response = read(id=7, status=status, error=error, rateLimits=[])
    with pytest.raises(VenueError) as caught:
        rest().parse(BUY, response)
    fault = caught.value.fault
    assert (fault.kind, fault.outcome, fault.retry_after) == (kind, outcome, wait)


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ({"event": {"e": "serverShutdown", "E": 1}}, True),
        ({"id": None, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key"}}, True),
        ({"id": "alive", "status": 200, "result": {}}, False),
        ({"id": None, "status": 400, "error": {"code": -1135, "msg": "Malformed"}}, False),
    ],
    ids=["a restart", "a revoked key", "a sign of life", "nobody's refusal"],
)
def test_frames_that_answer_nobody(said: dict[str, Any], ends: bool) -> None:
    events = list(api().receive(json.dumps(said)))
    assert [type(event) for event in events] == ([Ending] if ends else [])


def test_a_request_keeps_the_line_alive() -> None:
    assert json.loads(api(sign_of_life="session.status").ping() or "") == {"id": "alive", "method": "session.status"}


# --- a key that logs in


def test_an_ed25519_key_logs_in_with_the_signature_of_the_sheet() -> None:
    """Worked vector 10 of the venue's sheet."""
    assert ED25519.logs_on
    assert not HMAC.logs_on
    (frame,) = api(ED25519).login(Ticket(stamp=evolve(STAMP, time_ms=1700000000000)))
    assert json.loads(frame) == {
        "id": "logon",
        "method": "session.logon",
        "params": {
            "apiKey": "test-key",
            "timestamp": 1700000000000,
            "signature": "GMeMwy/Tw8W5aKrDqTXYqynC+QmY1aGnUmHA6fIyrYoWFcOoPR56zhUIeOtPx31XVBblS6KEYg5kAszjGQFdBQ==",
        },
    }


def test_what_it_asks_for_on_that_connection_is_not_signed() -> None:
    endpoint = framed("wss://api", "/ws-api/v3", ED25519, "order.cancel", lambda _operation: {"symbol": "X"}, rest())
    request = endpoint.build(BUY, STAMP)
    assert isinstance(request, HttpRequest)
    assert json.loads(request.body)["params"] == {
        "symbol": "X",
        "recvWindow": STAMP.window_ms,
        "timestamp": STAMP.time_ms,
    }


def test_a_login_is_answered() -> None:
    (event,) = api(ED25519).receive('{"id":"logon","status":200,"result":{"apiKey":"test-key"}}')
    assert event == LoggedIn()
    refusal = {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
    (event,) = api(ED25519).receive(json.dumps({"id": "logon", "status": 400, "error": refusal}))
    assert isinstance(event, LoginRefused)
    assert event.fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW


@pytest.mark.parametrize(
    ("auth", "name", "ends"), [(ED25519, "apiKey", True), (ED25519, "symbol", False), (HMAC, "apiKey", False)]
)
def test_a_connection_that_has_forgotten_the_login_is_left(auth: Auth, name: str, ends: bool) -> None:
    refusal = {"code": -1102, "msg": f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."}
    events = list(api(auth).receive(json.dumps({"id": 7, "status": 400, "error": refusal})))
    assert [type(event) for event in events] == [Answered, Ending][: 1 + ends]


@pytest.mark.parametrize("frame", ["", "[]", "{"])
def test_a_frame_that_cannot_be_read_is_malformed(frame: str) -> None:
    with pytest.raises(VenueError) as caught:
        list(api().receive(frame))
    assert caught.value.kind is Kind.MALFORMED_RESPONSE
