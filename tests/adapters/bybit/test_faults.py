from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.bybit.venue import TIME_MS, answer, recorded
from tests.adapters.calls import response
from unified.errors import Family, Fault, Kind, Outcome, Scope, VenueError
from unified.http import HttpResponse
from unified_bybit.faults import BANNED_SECONDS, REST, THROTTLED_SECONDS, answer_of, fault_of_code, faults_in, items_of

SPOT = ("rest", "spot")
LINEAR = ("rest", "linear")
CDN = b"<HTML><TITLE>ERROR: The request could not be satisfied</TITLE><H1>403 ERROR</H1>"


def only(given_: HttpResponse, surfaces: tuple[str, ...] = SPOT) -> Fault:
    (fault,) = faults_in(given_, surfaces)
    return fault


@pytest.mark.parametrize(
    ("code", "message", "surfaces", "kind", "outcome"),
    [
        pytest.param(10000, "Server Timeout", REST, Kind.VENUE_TIMEOUT, Outcome.UNKNOWN, id="a late backend"),
        pytest.param(
            10001,
            "params error: symbol invalid",
            REST,
            Kind.UNKNOWN_SYMBOL,
            Outcome.REJECTED,
            id="one number, told apart by its words",
        ),
        pytest.param(
            10001, "params error: qty", REST, Kind.INVALID_REQUEST, Outcome.REJECTED, id="the number without them"
        ),
        pytest.param(
            10002, "invalid request", REST, Kind.TIMESTAMP_OUT_OF_WINDOW, Outcome.REJECTED, id="a stamp too old"
        ),
        pytest.param(10003, "API key is invalid.", REST, Kind.BAD_CREDENTIALS, Outcome.REJECTED, id="a wrong key"),
        pytest.param(10006, "Too many visits", REST, Kind.RATE_LIMITED, Outcome.REJECTED, id="too many of a call"),
        pytest.param(
            10010, "Unmatched IP", REST, Kind.ADDRESS_NOT_ALLOWED, Outcome.REJECTED, id="an address not allowed"
        ),
        pytest.param(10016, "Internal error", REST, Kind.VENUE_FAULT, Outcome.UNKNOWN, id="a broken venue"),
        pytest.param(110072, "OrderLinkedID is duplicate", LINEAR, Kind.DUPLICATE_ORDER, Outcome.DONE, id="linear ids"),
        pytest.param(170141, "Duplicate clientOrderId", SPOT, Kind.DUPLICATE_ORDER, Outcome.DONE, id="spot ids"),
        pytest.param(110043, "leverage not modified", REST, Kind.NO_CHANGE, Outcome.DONE, id="leverage is so already"),
        pytest.param(110025, "Position mode is not modified", REST, Kind.NO_CHANGE, Outcome.DONE, id="mode is so"),
        pytest.param(
            110001,
            "order not exists or too late to cancel",
            LINEAR,
            Kind.ORDER_CLOSED,
            Outcome.REJECTED,
            id="a cancel that came too late",
        ),
        pytest.param(
            170213, "Order does not exist.", SPOT, Kind.ORDER_NOT_FOUND, Outcome.REJECTED, id="no such spot order"
        ),
        pytest.param(
            170131, "Insufficient balance.", SPOT, Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED, id="no money for spot"
        ),
        pytest.param(429, "busy", REST, Kind.OVERLOADED, Outcome.REJECTED, id="everybody's limit"),
    ],
)
def test_codes_in_answers_with_http_200(
    code: int, message: str, surfaces: tuple[str, ...], kind: Kind, outcome: Outcome
) -> None:
    fault = only(answer(code=code, message=message), surfaces)
    assert (fault.kind, fault.outcome, fault.code, fault.message) == (kind, outcome, str(code), message)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"ret_code": 10004, "ret_msg": "error sign!"}, id="the old spelling"),
        pytest.param({"retCode": "10004", "retMsg": "error sign!"}, id="a number written as text"),
        pytest.param({"retCode": 10004, "retMsg": "error sign!", "result": None, "retExtInfo": None}, id="no result"),
        pytest.param({"retCode": 10004, "retMsg": "error sign!", "result": {"list": []}}, id="an empty skeleton"),
    ],
)
@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_code_is_read_in_every_spelling_and_before_the_status(body: object, status: int) -> None:
    fault = only(response(body, status))
    assert (fault.kind, fault.code, fault.message, fault.http_status) == (
        Kind.BAD_SIGNATURE,
        "10004",
        "error sign!",
        status,
    )


def test_the_key_in_the_echo_of_a_signed_text_is_left_out() -> None:
    said = "error sign! origin_string[1701783394711secretKeyName5000]"
    assert only(answer(code=10004, message=said)).message == "error sign! origin_string[...]"


@pytest.mark.parametrize(
    ("body", "status", "kind", "outcome", "scope"),
    [
        pytest.param(
            b"access too frequent", 403, Kind.BANNED, Outcome.REJECTED, Scope.IP, id="the limit of the address"
        ),
        pytest.param(CDN + b"Request blocked.", 403, Kind.BANNED, Outcome.REJECTED, Scope.IP, id="a page of the CDN"),
        pytest.param(
            CDN + b"configured to block access from your country",
            403,
            Kind.ACCOUNT_RESTRICTED,
            Outcome.REJECTED,
            Scope.IP,
            id="a blocked country",
        ),
        pytest.param(
            CDN + b"Bad request.", 403, Kind.INVALID_REQUEST, Outcome.REJECTED, Scope.REQUEST, id="a GET with a body"
        ),
        pytest.param(b"", 401, Kind.BAD_CREDENTIALS, Outcome.REJECTED, Scope.KEY, id="an empty refusal of the key"),
        pytest.param(b"", 404, Kind.NOT_SUPPORTED, Outcome.REJECTED, Scope.REQUEST, id="a wrong path"),
        pytest.param(b"{}", 429, Kind.OVERLOADED, Outcome.REJECTED, Scope.VENUE, id="an object without a code"),
        pytest.param(b"<html>", 502, Kind.VENUE_FAULT, Outcome.UNKNOWN, Scope.VENUE, id="a broken gateway"),
        pytest.param(b'{"retCode":0', 504, Kind.VENUE_TIMEOUT, Outcome.UNKNOWN, Scope.VENUE, id="a cut late answer"),
        pytest.param(
            b'{"retCode":0,"result":{}}',
            502,
            Kind.VENUE_FAULT,
            Outcome.UNKNOWN,
            Scope.VENUE,
            id="success with a status of failure",
        ),
        pytest.param(b"", 200, Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, Scope.REQUEST, id="an empty success"),
        pytest.param(
            b'{"retCode":0,"res', 200, Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, Scope.REQUEST, id="a cut one"
        ),
        pytest.param(b"<html>hi</html>", 200, Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, Scope.REQUEST, id="a web page"),
        pytest.param(b"[1]", 200, Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, Scope.REQUEST, id="a list"),
        pytest.param(b'{"a":1}', 200, Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, Scope.REQUEST, id="no code"),
        pytest.param(
            b'{"retCode":true}', 200, Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, Scope.REQUEST, id="a code of no kind"
        ),
    ],
)
def test_an_answer_without_a_code_is_read_by_its_status_and_words(
    body: bytes, status: int, kind: Kind, outcome: Outcome, scope: Scope
) -> None:
    fault = only(response(body, status))
    assert (fault.kind, fault.outcome, fault.scope, fault.code) == (kind, outcome, scope, None)


def test_an_account_call_without_known_door_still_reads_a_page() -> None:
    assert only(response(CDN, 502), ()).kind is Kind.VENUE_FAULT


# --- when to come back

RESET = "x-bapi-limit-reset-timestamp"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        pytest.param({RESET: str(TIME_MS + 350)}, 0.35, id="the header, by the answer's own time"),
        pytest.param({RESET: str(TIME_MS)}, THROTTLED_SECONDS, id="a header that is not about the future"),
        pytest.param({RESET: str(TIME_MS + 10**9)}, THROTTLED_SECONDS, id="a header from another world"),
        pytest.param({RESET: "soon"}, THROTTLED_SECONDS, id="a header that is no number"),
        pytest.param({}, THROTTLED_SECONDS, id="no header"),
        pytest.param({"retry-after": "7"}, 7.0, id="a header that is not documented"),
    ],
)
def test_a_limit_tells_when_to_come_back(headers: dict[str, str], wait: float) -> None:
    limited = response({"retCode": 10006, "retMsg": "Too many visits", "time": TIME_MS}, headers=headers)
    assert only(limited).retry_after == pytest.approx(wait)


def test_a_banned_address_waits_ten_minutes_and_a_blocked_country_is_told_no_time() -> None:
    assert only(response(b"access too frequent", 403)).retry_after == BANNED_SECONDS == 600
    assert only(response(CDN + b"block access from your country", 403)).retry_after is None
    assert only(response(b"", 429)).retry_after is None


def test_a_request_id_is_kept() -> None:
    refused = response({"retCode": 10005, "retMsg": "no"}, headers={"traceid": "abc"})
    assert only(refused).request_id == "abc"


# --- several verdicts

TAKEN = {"category": "spot", "symbol": "BTCUSDT", "orderId": "1666", "orderLinkId": "a"}
LEFT = {"category": "spot", "symbol": "BTCUSDT", "orderId": "", "orderLinkId": "b"}


def test_a_batch_is_judged_item_by_item() -> None:
    verdicts = [{"code": 0, "msg": "OK"}, {"code": 170213, "msg": "Order does not exist."}]
    given_ = answer({"list": [TAKEN, LEFT]}, extra={"list": verdicts})
    taken, refused = items_of(given_, SPOT)
    assert taken == TAKEN
    assert isinstance(refused, Fault)
    assert (refused.kind, refused.message) == (Kind.ORDER_NOT_FOUND, "Order does not exist.")
    assert faults_in(given_, SPOT) == (refused,)


def test_an_item_over_the_limit_waits_as_a_call_does() -> None:
    (refused,) = items_of(answer({"list": [LEFT]}, extra={"list": [{"code": 10006, "msg": ""}]}), SPOT)
    assert isinstance(refused, Fault)
    assert (refused.kind, refused.retry_after) == (Kind.RATE_LIMITED, THROTTLED_SECONDS)


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param({}, id="no verdicts"),
        pytest.param({"list": []}, id="too few"),
        pytest.param({"list": [{"msg": "OK"}]}, id="a verdict without a code"),
        pytest.param({"list": [7]}, id="a verdict of no kind"),
    ],
)
def test_a_batch_without_its_verdicts_is_never_a_success(extra: object) -> None:
    with pytest.raises(VenueError) as caught:
        items_of(answer({"list": [TAKEN]}, extra=extra), SPOT)
    assert (caught.value.kind, caught.value.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)


def test_a_refused_margin_mode_tells_its_reasons() -> None:
    fault = only(recorded("Account", "SetMarginMode.json"), REST)
    assert fault.kind is Kind.MARGIN_REJECTED
    assert fault.message == "Set margin mode failed: Equity needs to be equal to or greater than 1000 USDC"


# --- codes alone


@pytest.mark.parametrize(
    ("code", "family"),
    [
        pytest.param("110999", Family.ORDER, id="110xxx is derivatives"),
        pytest.param("170999", Family.ORDER, id="170xxx is spot"),
        pytest.param("10999", Family.REQUEST, id="10xxx is any request"),
        pytest.param("20999", Family.STREAM, id="20xxx is sockets"),
        pytest.param("999999999", Family.UNKNOWN, id="a number outside the scheme"),
    ],
)
def test_an_unknown_code_keeps_the_family_of_its_number(code: str, family: Family) -> None:
    fault = fault_of_code(code, "", 200, REST)
    assert (fault.kind, fault.outcome, fault.family) == (Kind.UNKNOWN, Outcome.UNKNOWN, family)


def test_a_success_holds_no_fault() -> None:
    assert faults_in(answer({"list": []}), REST) == ()
    assert faults_in(answer({"list": [TAKEN]}, extra={"list": [{"code": 0, "msg": "OK"}]}), SPOT) == ()
    assert answer_of(answer({"a": 1}), REST).result == {"a": 1}


_WORDS = st.sampled_from(["", "0", "1", "10006", "170213", "OK"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["retCode", "ret_code", "retMsg", "result", "retExtInfo", "list", "code", "reasons", "time"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(_JSON, st.sampled_from([200, 400, 403, 429, 503]))
def test_no_json_makes_reading_fail_otherwise_than_as_a_fault(body: object, status: int) -> None:
    given_ = response(json.dumps(body).encode(), status)
    assert all(isinstance(fault, Fault) for fault in faults_in(given_, SPOT))
    try:
        items_of(given_, SPOT)
    except VenueError as error:
        told = error.fault.http_status
    else:
        told = 200
    assert told in (None, status)


@given(st.binary(max_size=60), st.sampled_from([200, 403, 500]))
def test_no_bytes_are_a_success(body: bytes, status: int) -> None:
    with pytest.raises(VenueError):
        answer_of(response(body, status), REST)
