from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.bitzoom.venue import VENUE
from tests.adapters.calls import response
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.http import HttpResponse
from unified_bitzoom.faults import answer_of, fault_of_frame, faults_of


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"code": 0, "msg": "success", "data": {"a": 1}}, id="code and msg"),
        pytest.param({"errorCode": 200, "success": True, "data": {"a": 1}, "host": "testing env"}, id="errorCode"),
        pytest.param({"success": True, "result": {"a": 1}}, id="success alone"),
    ],
)
def test_each_envelope_of_a_success_is_opened(body: object) -> None:
    assert answer_of(response(body)) == {"a": 1}
    assert VENUE.faults(response(body)) == ()


@pytest.mark.parametrize(
    ("body", "status", "kind", "outcome"),
    [
        pytest.param({"code": -2011, "msg": "Order not found"}, 200, Kind.ORDER_NOT_FOUND, Outcome.REJECTED, id="code"),
        pytest.param({"errorCode": -2010, "success": False}, 200, Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED, id="x"),
        pytest.param({"code": 0, "success": False}, 200, Kind.UNKNOWN, Outcome.UNKNOWN, id="a code against success"),
        pytest.param({"errorCode": 200, "success": False}, 200, Kind.UNKNOWN, Outcome.UNKNOWN, id="only success false"),
        pytest.param({"errorCode": 429, "success": False}, 200, Kind.RATE_LIMITED, Outcome.REJECTED, id="a status"),
        pytest.param({"success": False, "msg": "nonce reused"}, 401, Kind.NONCE_REJECTED, Outcome.REJECTED, id="text"),
        pytest.param({"code": 0, "data": {}}, 502, Kind.VENUE_FAULT, Outcome.UNKNOWN, id="a status against the code"),
        pytest.param({"code": -1007, "msg": "Timeout"}, 504, Kind.VENUE_TIMEOUT, Outcome.UNKNOWN, id="a time-out"),
        pytest.param(b"<html>504</html>", 504, Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="a page"),
        pytest.param(b"", 503, Kind.OVERLOADED, Outcome.UNKNOWN, id="an empty 503"),
        pytest.param({}, 200, Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="nothing that says so"),
        pytest.param(b'{"code":', 200, Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="a cut answer"),
        pytest.param({"code": -31337}, 200, Kind.UNKNOWN, Outcome.UNKNOWN, id="a new code"),
    ],
)
def test_each_refusal_is_read(body: object, status: int, kind: Kind, outcome: Outcome) -> None:
    with pytest.raises(VenueError) as raised:
        answer_of(response(body, status))
    assert (raised.value.kind, raised.value.outcome) == (kind, outcome)


def test_the_id_of_the_trace_is_kept() -> None:
    (fault,) = faults_of(response({"traceid": "e94c", "errorCode": -1120, "success": False, "errorMessage": "x"}))
    assert (fault.request_id, fault.message, fault.code) == ("e94c", "x", "-1120")


def test_over_the_limit_a_minute_is_waited_unless_the_venue_says_otherwise() -> None:
    (fault,) = faults_of(response({"code": -1003, "msg": "Rate limit exceeded"}, 429))
    assert fault.retry_after == 60
    told = HttpResponse(status=429, headers={"retry-after": "7"}, body=b'{"code":-1003}')
    assert faults_of(told)[0].retry_after == 7


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "errorCode", "success", "data", "msg"]), inner, max_size=4)
    ),
    max_leaves=9,
)


@given(body=st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()), status=st.integers(100, 599))
def test_any_answer_is_a_value_or_a_venue_error(body: bytes, status: int) -> None:
    answer = response(body, status)
    with suppress(VenueError):
        answer_of(answer)
    assert all(isinstance(fault, Fault) for fault in faults_of(answer))


@pytest.mark.parametrize(
    ("channel", "data", "kind"),
    [
        pytest.param("/api/v1/depth", {}, Kind.SUBSCRIPTION_REJECTED, id="nothing is said"),
        pytest.param("/api/v1/depth", "no", Kind.SUBSCRIPTION_REJECTED, id="no object"),
        pytest.param("/api/v1/depth", {"code": -3004}, Kind.TOO_MANY_STREAMS, id="a code of streams"),
        pytest.param("/api/v1/depth", {"errorCode": -1003, "msg": "x"}, Kind.RATE_LIMITED, id="a code of REST"),
        pytest.param("logon", {}, Kind.BAD_CREDENTIALS, id="a logon"),
        pytest.param("logon", {"msg": "bad signature"}, Kind.BAD_CREDENTIALS, id="a logon with a text"),
    ],
)
def test_an_error_in_a_frame_tells_mostly_where_it_belongs(channel: str, data: object, kind: Kind) -> None:
    assert fault_of_frame(channel, data).kind is kind
