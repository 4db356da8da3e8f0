from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.binance_dialect.test_stream_account import BALANCES, EXECUTIONS, FILLED
from unified.adapter import Stamp
from unified.errors import Kind, VenueError
from unified.feeds import Ending, Gap, LoggedIn, LoginRefused, Own, Refused, Ticket
from unified.secret import Credentials, Secret
from unified_binance.stream_spot import SpotUserStream
from unified_binance_dialect.auth import Auth

TICKET = Ticket(stamp=Stamp(time_ms=1700000000000, window_ms=3000, nonce=1, token=""))


def connection() -> SpotUserStream:
    one = SpotUserStream(Auth(Credentials(key="test-key", secret=Secret("my-test-secret"))))
    one.login(TICKET)
    one.subscribe([EXECUTIONS, BALANCES], TICKET)
    return one


def test_the_subscription_is_signed_as_the_worked_vector() -> None:
    (frame,) = SpotUserStream(Auth(Credentials(key="test-key", secret=Secret("my-test-secret")))).login(TICKET)
    asked = json.loads(frame)
    assert asked["method"] == "userDataStream.subscribe.signature"
    assert asked["params"] == {
        "apiKey": "test-key",
        "timestamp": 1700000000000,
        "signature": "68a02040cb1a101b0d9a154a0527f5150dcfbd596828c371a75a080ca32fb453",
    }


def test_without_a_key_nothing_leaves() -> None:
    with pytest.raises(VenueError) as refused:
        SpotUserStream(Auth(None)).login(TICKET)
    assert refused.value.kind is Kind.BAD_CREDENTIALS


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"id": 1, "status": 200, "result": {"subscriptionId": 0}}, LoggedIn),
        ({"id": 1, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key"}}, LoginRefused),
        ({"id": None, "status": 400, "error": {"code": -1100, "msg": "Illegal"}}, Refused),
        ({"subscriptionId": 0, "event": {"e": "eventStreamTerminated", "E": 1}}, Gap),
        ({"event": {"e": "serverShutdown", "E": 1}}, Ending),
        ({"id": 2, "status": 200, "result": {}}, None),
    ],
)
def test_frames_say_what_the_papers_say(frame: Any, kind: type[Any] | None) -> None:
    assert [type(event) for event in connection().receive(json.dumps(frame))] == ([] if kind is None else [kind])


def test_a_refusal_for_too_much_tells_the_wait() -> None:
    error = {"code": -1003, "msg": "Too much", "data": {"serverTime": 1000, "retryAfter": 31_000}}
    (event,) = connection().receive(json.dumps({"id": 1, "status": 429, "error": error}))
    assert isinstance(event, LoginRefused)
    assert (event.fault.kind, event.fault.retry_after) == (Kind.RATE_LIMITED, 30.0)


def test_events_come_in_their_wrapping_until_nobody_watches() -> None:
    one, frame = connection(), json.dumps({"subscriptionId": 0, "event": FILLED})
    assert [type(event) for event in one.receive(frame)] == [Own, Own]
    one.unsubscribe([EXECUTIONS], TICKET)
    assert list(one.receive(frame)) == []
    first, second = (json.loads(one.ping() or "")["id"] for _ in range(2))
    assert first != second
