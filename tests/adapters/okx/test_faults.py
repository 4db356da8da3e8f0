from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.calls import response
from tests.adapters.okx.venue import OKX
from unified.errors import Family, Fault, Kind, Outcome, Scope, VenueError
from unified.http import HttpResponse
from unified_okx.faults import REST, TRADE, fault_of_code, faults_in, items_of, no_such_order, rows_of


def envelope(code: str, *items: object, msg: str = "") -> dict[str, object]:
    return {"code": code, "msg": msg, "data": list(items)}


def item(code: str, sub: str = "", message: str = "") -> dict[str, str]:
    return {"ordId": "" if code != "0" else "1", "sCode": code, "sMsg": message, "subCode": sub}


def only(answer: HttpResponse, surfaces: tuple[str, ...] = TRADE) -> Fault:
    (fault,) = faults_in(answer, surfaces)
    return fault


ACCEPTED, POOR = item("0"), item("51008", "1000", "Insufficient USDT balance")


@pytest.mark.parametrize(
    ("answer", "kind", "outcome", "code"),
    [
        pytest.param(
            response({"msg": "Invalid OK-ACCESS-KEY", "code": "50111"}, 401),
            Kind.BAD_CREDENTIALS,
            Outcome.REJECTED,
            "50111",
            id="the door's own refusal has no data",
        ),
        pytest.param(
            response(envelope("51603", msg="Order does not exist")),
            Kind.ORDER_NOT_FOUND,
            Outcome.REJECTED,
            "51603",
            id="a refused call with HTTP 200",
        ),
        pytest.param(
            response({"code": "51603", "msg": "Order does not exist"}),
            Kind.ORDER_NOT_FOUND,
            Outcome.REJECTED,
            "51603",
            id="the same without data",
        ),
        pytest.param(
            response(envelope("1", POOR, msg="All operations failed")),
            Kind.INSUFFICIENT_FUNDS,
            Outcome.REJECTED,
            "51008_1000",
            id="an item's code with its sub-code",
        ),
        pytest.param(
            response(envelope("0", POOR)),
            Kind.INSUFFICIENT_FUNDS,
            Outcome.REJECTED,
            "51008_1000",
            id="a refused item under a code of success",
        ),
        pytest.param(
            response(envelope("1", item("51008", "7777"))),
            Kind.INSUFFICIENT_FUNDS,
            Outcome.REJECTED,
            "51008_7777",
            id="an unknown sub-code falls back on its code",
        ),
        pytest.param(
            response(envelope("1", msg="Operation failed.")),
            Kind.UNKNOWN,
            Outcome.UNKNOWN,
            "1",
            id="every item failed but none is there",
        ),
        pytest.param(
            response(envelope("50004", msg="API endpoint request timeout"), 400),
            Kind.VENUE_TIMEOUT,
            Outcome.UNKNOWN,
            "50004",
            id="an undecided call that looks like a bad request",
        ),
        pytest.param(
            response(envelope("50013"), 429),
            Kind.OVERLOADED,
            Outcome.REJECTED,
            "50013",
            id="a busy venue that looks like a limit",
        ),
        pytest.param(
            response(envelope("50036"), 200),
            Kind.DEADLINE_PASSED,
            Outcome.REJECTED,
            "50036",
            id="the order's own deadline",
        ),
        pytest.param(
            response(envelope("1", item("51016"))),
            Kind.DUPLICATE_ORDER,
            Outcome.DONE,
            "51016",
            id="an id of a pending order",
        ),
        pytest.param(b"", None, None, None, id="an empty body"),
        pytest.param(b'{"code":"0","data":[{"ordId', None, None, None, id="a cut body"),
        pytest.param(b"<html>hello</html>", None, None, None, id="a page of HTML"),
        pytest.param(b"[1,2]", None, None, None, id="a list instead of an envelope"),
        pytest.param(b'{"data":[]}', None, None, None, id="an envelope without a code"),
        pytest.param(b'{"code":"0"}', None, None, None, id="a success without data"),
        pytest.param(b'{"code":"0","data":{"a":1}}', None, None, None, id="data that is no list"),
        pytest.param(b'{"code":true,"data":[]}', None, None, None, id="a code that is no text"),
    ],
)
def test_every_envelope_is_read_by_its_shape_and_code(
    answer: HttpResponse | bytes, kind: Kind | None, outcome: Outcome | None, code: str | None
) -> None:
    fault = only(answer if isinstance(answer, HttpResponse) else response(answer))
    assert fault.kind is (kind or Kind.MALFORMED_RESPONSE)
    assert fault.outcome is (outcome or Outcome.UNKNOWN)
    assert fault.code == code


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        pytest.param(403, Kind.ADDRESS_NOT_ALLOWED, Outcome.REJECTED, id="a block at the gateway"),
        pytest.param(429, Kind.RATE_LIMITED, Outcome.REJECTED, id="a limit at the gateway"),
        pytest.param(502, Kind.VENUE_FAULT, Outcome.UNKNOWN, id="a broken gateway"),
        pytest.param(503, Kind.MAINTENANCE, Outcome.UNKNOWN, id="an unavailable venue may have taken the order"),
        pytest.param(504, Kind.VENUE_TIMEOUT, Outcome.UNKNOWN, id="a late origin"),
        pytest.param(521, Kind.CONNECT_FAILED, Outcome.NOT_SENT, id="an origin that refused the connection"),
    ],
)
def test_only_an_answer_without_a_code_is_read_by_its_status(status: int, kind: Kind, outcome: Outcome) -> None:
    fault = only(response(b"<html>blocked</html>", status))
    assert (fault.kind, fault.outcome, fault.http_status, fault.code) == (kind, outcome, status, None)


def test_success_with_a_status_of_failure_is_believed_neither_way() -> None:
    fault = only(response(envelope("0", ACCEPTED), 502))
    assert (fault.kind, fault.outcome) == (Kind.VENUE_FAULT, Outcome.UNKNOWN)


@pytest.mark.parametrize(
    ("answer", "surfaces", "kind", "scope", "wait"),
    [
        pytest.param(
            response(envelope("50011"), 429),
            REST,
            Kind.RATE_LIMITED,
            Scope.ACCOUNT,
            2.0,
            id="a question waits one window",
        ),
        pytest.param(
            response(envelope("1", item("50011"))),
            TRADE,
            Kind.ORDER_RATE_LIMITED,
            Scope.SYMBOL,
            2.0,
            id="an order waits one window",
        ),
        pytest.param(
            response(envelope("50061")), TRADE, Kind.ORDER_RATE_LIMITED, Scope.ACCOUNT, 2.0, id="the account's orders"
        ),
        pytest.param(
            response(envelope("50011"), 429, {"retry-after": "7"}),
            REST,
            Kind.RATE_LIMITED,
            Scope.ACCOUNT,
            7.0,
            id="a header is believed",
        ),
        pytest.param(
            response(envelope("50011"), 429, {"retry-after": "Wed, 21 Oct"}),
            REST,
            Kind.RATE_LIMITED,
            Scope.ACCOUNT,
            2.0,
            id="a header that is no number is not",
        ),
        pytest.param(
            response(b"<html>slow down</html>", 429), REST, Kind.RATE_LIMITED, Scope.IP, 60.0, id="the gateway's limit"
        ),
    ],
)
def test_limits_tell_when_to_come_back(
    answer: HttpResponse, surfaces: tuple[str, ...], kind: Kind, scope: Scope, wait: float
) -> None:
    fault = only(answer, surfaces)
    assert (fault.kind, fault.scope, fault.retry_after) == (kind, scope, wait)


def test_a_batch_that_is_partly_done_keeps_its_order() -> None:
    answer = response(envelope("2", ACCEPTED, POOR))
    accepted, refused = items_of(answer, TRADE)
    assert accepted == ACCEPTED
    assert isinstance(refused, Fault)
    assert refused.message == "Insufficient USDT balance"
    assert faults_in(answer, TRADE) == (refused,)


def test_a_success_holds_no_fault() -> None:
    answer = response(envelope("0", ACCEPTED))
    assert rows_of(answer, TRADE) == [ACCEPTED]
    assert faults_in(answer, TRADE) == ()


@pytest.mark.parametrize(
    ("code", "family"),
    [
        pytest.param("50199", Family.AUTH, id="501xx is about the key"),
        pytest.param("50999", Family.REQUEST, id="50xxx is general"),
        pytest.param("51999", Family.ORDER, id="51xxx is about orders"),
        pytest.param("59999", Family.POSITION, id="59xxx is about the account's settings"),
        pytest.param("64999", Family.STREAM, id="6xxxx is about streams"),
        pytest.param("7", Family.UNKNOWN, id="a number outside the scheme"),
    ],
)
def test_an_unknown_code_keeps_the_family_of_its_number(code: str, family: Family) -> None:
    fault = fault_of_code(code, "", 200, REST)
    assert (fault.kind, fault.outcome, fault.family) == (Kind.UNKNOWN, Outcome.UNKNOWN, family)


def test_an_answer_without_an_order_says_that_there_is_none() -> None:
    assert no_such_order([]).kind is Kind.ORDER_NOT_FOUND


def test_people_can_ask_what_a_code_means() -> None:
    assert OKX.fault("51008_1000").kind is Kind.INSUFFICIENT_FUNDS
    assert OKX.fault("50113").kind is Kind.BAD_SIGNATURE
    assert OKX.fault("50011", surface="trade").kind is Kind.ORDER_RATE_LIMITED


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["0", "1", "51008", "sCode"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "data", "msg", "sCode", "subCode", "sMsg"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(_JSON, st.sampled_from([200, 400, 401, 429, 503]))
def test_no_json_makes_reading_fail_otherwise_than_as_a_fault(body: object, status: int) -> None:
    answer = response(json.dumps(body).encode(), status)
    faults = faults_in(answer, TRADE)
    if not faults:
        assert rows_of(answer, TRADE) is not None
        return
    with pytest.raises(VenueError) as caught:
        rows_of(answer, TRADE)
    assert caught.value.fault == faults[0]


@given(st.binary(max_size=60), st.sampled_from([200, 500]))
def test_no_bytes_make_reading_fail_otherwise_than_as_a_fault(body: bytes, status: int) -> None:
    assert len(faults_in(response(body, status), REST)) <= 1
