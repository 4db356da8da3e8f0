from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.calls import response
from tests.adapters.coinbase.venue import COINBASE
from unified.errors import Family, Fault, Kind, Outcome, Scope, VenueError
from unified.http import HttpResponse
from unified_coinbase.faults import answer_of, faults_in, item_fault, no_such_order, reject_fault

HTML_429 = b"<html> <head> <title>Coinbase</title></head><body>Too many</body></html>"


def create(**error: str) -> dict[str, Any]:
    return {"success": False, "failure_reason": "UNKNOWN_FAILURE_REASON", "error_response": error}


def edit(**reasons: str) -> dict[str, Any]:
    return {"success": False, "errors": [reasons]}


def live(error: str, details: str) -> dict[str, str]:
    return {"error": error, "error_details": details, "message": details}


def raised(answer: HttpResponse, *, public: bool = False) -> Fault:
    with pytest.raises(VenueError) as caught:
        answer_of(answer, public=public)
    return caught.value.fault


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        pytest.param(
            response(create(error="UNKNOWN_FAILURE_REASON", new_order_failure_reason="INSUFFICIENT_FUND")),
            Kind.INSUFFICIENT_FUNDS,
            "INSUFFICIENT_FUND",
            id="a refused order with HTTP 200",
        ),
        pytest.param(
            response(
                create(
                    error="UNKNOWN_FAILURE_REASON",
                    preview_failure_reason="PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE",
                    new_order_failure_reason="UNKNOWN_FAILURE_REASON",
                )
            ),
            Kind.WOULD_TRIGGER,
            "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE",
            id="the preview's reason where the order's own says nothing",
        ),
        pytest.param(
            response(
                create(
                    error="INVALID_SIDE",
                    preview_failure_reason="PREVIEW_INVALID_SIDE",
                    new_order_failure_reason="INSUFFICIENT_FUND",
                )
            ),
            Kind.INSUFFICIENT_FUNDS,
            "INSUFFICIENT_FUND",
            id="the order's own reason before all others",
        ),
        pytest.param(
            response(
                create(
                    error="UNSUPPORTED_ORDER_CONFIGURATION",
                    message="source is not enabled for trading",
                    new_order_failure_reason="",
                )
            ),
            Kind.ACCOUNT_RESTRICTED,
            "UNSUPPORTED_ORDER_CONFIGURATION",
            id="the deprecated field, split by its message",
        ),
        pytest.param(
            response(create(new_order_failure_reason="DUPLICATE_CLIENT_ORDER_ID")),
            Kind.DUPLICATE_ORDER,
            "DUPLICATE_CLIENT_ORDER_ID",
            id="a client order id that was used before",
        ),
        pytest.param(
            response(create(error="UNKNOWN_FAILURE_REASON", message="?")),
            Kind.UNKNOWN,
            "UNKNOWN_FAILURE_REASON",
            id="a refusal that gives no reason stays unknown",
        ),
        pytest.param(response({"success": False}), Kind.UNKNOWN, None, id="a refusal that says nothing at all"),
        pytest.param(
            response(
                edit(
                    edit_failure_reason="ONLY_OPEN_ORDERS_CAN_BE_EDITED",
                    preview_failure_reason="UNKNOWN_PREVIEW_FAILURE_REASON",
                )
            ),
            Kind.ORDER_CLOSED,
            "ONLY_OPEN_ORDERS_CAN_BE_EDITED",
            id="a refused edit",
        ),
        pytest.param(
            response(
                edit(
                    edit_failure_reason="UNKNOWN_EDIT_ORDER_FAILURE_REASON",
                    preview_failure_reason="PREVIEW_INVALID_SIZE_PRECISION",
                )
            ),
            Kind.INVALID_QUANTITY,
            "PREVIEW_INVALID_SIZE_PRECISION",
            id="an edit that its preview refused",
        ),
        pytest.param(
            response({"success": False, "errors": {"edit_failure_reason": "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST"}}),
            Kind.NO_CHANGE,
            "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST",
            id="an object in place of the list of errors",
        ),
        pytest.param(
            response({"success": False, "error_response": {"edit_order_failure_reason": "ORDER_NOT_FOUND"}}),
            Kind.ORDER_NOT_FOUND,
            "ORDER_NOT_FOUND",
            id="the older shape of a refused edit",
        ),
        pytest.param(
            response({"errs": ["PREVIEW_TRADING_DISABLED"], "warning": []}),
            Kind.MARKET_CLOSED,
            "PREVIEW_TRADING_DISABLED",
            id="a preview that would be refused",
        ),
        pytest.param(
            response(live("NOT_FOUND", "valid product_id is required"), 404),
            Kind.UNKNOWN_SYMBOL,
            "NOT_FOUND",
            id="the live form, split by its details",
        ),
        pytest.param(
            response(live("unknown", "order with this orderID was not found"), 404),
            Kind.ORDER_NOT_FOUND,
            "unknown",
            id="an order that does not exist",
        ),
        pytest.param(
            response({"error": "not found", "code": 5, "message": "no such order", "details": []}, 404),
            Kind.ORDER_NOT_FOUND,
            "NOT_FOUND",
            id="google's number where the word is no code",
        ),
        pytest.param(
            response({"error": "PERMISSION_DENIED", "code": 7, "message": "no", "details": []}, 403),
            Kind.PERMISSION_DENIED,
            "PERMISSION_DENIED",
            id="the documented form",
        ),
        pytest.param(
            response({"error_details": "Missing required scopes"}, 403),
            Kind.PERMISSION_DENIED,
            None,
            id="details without a code",
        ),
        pytest.param(
            response({"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}, 429),
            Kind.RATE_LIMITED,
            "rate_limit_exceeded",
            id="the form of the Coinbase App",
        ),
        pytest.param(response(HTML_429, 429), Kind.RATE_LIMITED, None, id="a page in place of a throttle"),
        pytest.param(response(b"Unauthorized", 401), Kind.UNAUTHORIZED, None, id="one word of plain text"),
        pytest.param(response(b"<html>blocked</html>", 403), Kind.BANNED, None, id="a page of the network"),
        pytest.param(response(b"<html></html>", 502), Kind.VENUE_FAULT, None, id="a broken gateway"),
        pytest.param(response(b"", 504), Kind.VENUE_TIMEOUT, None, id="an empty answer of a late gateway"),
        pytest.param(response({}, 503), Kind.OVERLOADED, None, id="an object that says nothing, by its status"),
        pytest.param(response({"success": True}, 500), Kind.VENUE_FAULT, None, id="a success with a status of failure"),
        pytest.param(response(b""), Kind.MALFORMED_RESPONSE, None, id="an empty body with HTTP 200"),
        pytest.param(response(b'{"orders":[{"order_'), Kind.MALFORMED_RESPONSE, None, id="a cut body"),
        pytest.param(response(b"<html></html>"), Kind.MALFORMED_RESPONSE, None, id="a page with HTTP 200"),
        pytest.param(response([1]), Kind.MALFORMED_RESPONSE, None, id="a list in place of an object"),
        pytest.param(response({}, 302), Kind.MALFORMED_RESPONSE, None, id="a redirection"),
        pytest.param(
            response({"orders": [], "proof_token_required": True}),
            Kind.PERMISSION_DENIED,
            "proof_token_required",
            id="a list that is withheld is not an empty one",
        ),
    ],
)
def test_every_shape_is_read(answer: HttpResponse, kind: Kind, code: str | None) -> None:
    fault = raised(answer)
    assert (fault.kind, fault.code) == (kind, code)
    assert faults_in(answer) == (fault,)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"success": True, "failure_reason": "UNKNOWN_FAILURE_REASON"}, id="a create"),
        pytest.param(
            {
                "success": True,
                "errors": [{"edit_failure_reason": "UNKNOWN_EDIT_ORDER_FAILURE_REASON"}],
                "error_response": {"error_details": "words of an example"},
            },
            id="an edit",
        ),
        pytest.param({"errs": [], "warning": ["BIG_ORDER"]}, id="a preview with a warning"),
        pytest.param({"errs": ["UNKNOWN_PREVIEW_FAILURE_REASON"]}, id="a preview with the default reason"),
        pytest.param(
            {"results": [{"success": True, "failure_reason": "UNKNOWN_CANCEL_FAILURE_REASON", "order_id": "1"}]},
            id="a cancel",
        ),
        pytest.param({"orders": [], "proof_token_required": False}, id="an empty list"),
    ],
)
def test_default_reasons_beside_a_success_mean_nothing(body: dict[str, Any]) -> None:
    assert answer_of(response(body)) == body
    assert faults_in(response(body)) == ()


def test_all_items_and_all_reasons_are_shown() -> None:
    items = [
        {"success": True, "failure_reason": "UNKNOWN_CANCEL_FAILURE_REASON", "order_id": "1"},
        {"success": False, "failure_reason": "UNKNOWN_CANCEL_ORDER", "order_id": "2"},
        {"success": False, "failure_reason": "ORDER_IS_FULLY_FILLED", "order_id": "3"},
    ]
    kinds = [fault.kind for fault in faults_in(response({"results": items}))]
    assert kinds == [Kind.ORDER_NOT_FOUND, Kind.ORDER_CLOSED]
    both = {"success": False, "errors": [{"edit_failure_reason": "INVALID_EDITED_SIZE"}] * 2}
    assert len(faults_in(response(both))) == 2


def test_a_cancel_that_gives_no_reason_settles_nothing() -> None:
    row = {"success": False, "failure_reason": "UNKNOWN_CANCEL_FAILURE_REASON", "order_id": "1"}
    fault = item_fault(row, response({"results": [row]}))
    assert fault is not None
    assert (fault.kind, fault.outcome) == (Kind.UNKNOWN, Outcome.UNKNOWN)


def test_a_server_error_leaves_the_outcome_open_and_a_refusal_does_not() -> None:
    assert raised(response(b"", 502)).outcome is Outcome.UNKNOWN
    assert raised(response({}, 503)).outcome is Outcome.UNKNOWN
    assert raised(response(create(new_order_failure_reason="INSUFFICIENT_FUND"))).outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, 1.0, id="the window where nothing is said"),
        pytest.param({"x-ratelimit-reset": "3"}, 3.0, id="the reset"),
        pytest.param({"retry-after": "7", "x-ratelimit-reset": "3"}, 7.0, id="Retry-After before it"),
        pytest.param({"x-ratelimit-reset": "0"}, 1.0, id="no wait at all is not believed"),
        pytest.param({"x-ratelimit-reset": "1795132800"}, 1.0, id="a moment is no number of seconds"),
        pytest.param({"retry-after": "Fri, 20 Nov 2026 00:00:01 GMT"}, 1.0, id="a date is no number either"),
    ],
)
def test_how_long_a_throttle_lasts(headers: dict[str, str], seconds: float) -> None:
    assert raised(response(HTML_429, 429, headers)).retry_after == seconds


def test_only_a_throttle_is_told_by_the_reset() -> None:
    assert raised(response(b"", 502, {"x-ratelimit-reset": "1"})).retry_after is None


def test_a_throttle_is_about_the_key_or_in_public_about_the_address() -> None:
    assert raised(response(HTML_429, 429)).scope is Scope.KEY
    assert raised(response(HTML_429, 429), public=True).scope is Scope.IP
    assert COINBASE.faults(response(HTML_429, 429), operation="book")[0].scope is Scope.IP
    assert COINBASE.faults(response(HTML_429, 429), operation="place_order")[0].scope is Scope.KEY


def test_the_venues_words_are_kept_and_a_page_is_not() -> None:
    assert raised(response(b"Unauthorized", 401)).message == "Unauthorized"
    assert raised(response({"error": "unknown", "message": "a", "error_details": "b"}, 400)).message == "a; b"
    assert "Coinbase" not in raised(response(HTML_429, 429)).message


def test_the_trace_of_the_network_is_the_request_id() -> None:
    assert raised(response(b"", 502, {"cf-ray": "8f1-FRA"})).request_id == "8f1-FRA"


def test_an_unknown_reason_of_a_preview_keeps_its_family() -> None:
    fault = COINBASE.fault("PREVIEW_SOMETHING_NEW")
    assert (fault.kind, fault.family, fault.outcome) == (Kind.UNKNOWN, Family.ORDER, Outcome.UNKNOWN)


def test_codes_of_the_other_product_are_known_by_their_surface() -> None:
    fault = COINBASE.fault("", message="Insufficient funds", http_status=400, surface="exchange")
    assert fault.kind is Kind.INSUFFICIENT_FUNDS
    answer = response({"message": "request timestamp expired"}, 400)
    assert COINBASE.faults(answer, surface="exchange")[0].kind is Kind.TIMESTAMP_OUT_OF_WINDOW


def test_a_refusal_of_the_engine_is_final() -> None:
    fault = reject_fault("TOO_MANY_OPEN_ORDERS", "too many")
    assert (fault.kind, fault.outcome, fault.scope) == (Kind.TOO_MANY_OPEN_ORDERS, Outcome.REJECTED, Scope.ORDER)
    assert reject_fault("SOMETHING_NEW", "").outcome is Outcome.REJECTED


def test_a_search_without_a_find_names_the_id() -> None:
    error = no_such_order("abc")
    assert (error.kind, error.outcome) == (Kind.ORDER_NOT_FOUND, Outcome.REJECTED)
    assert "abc" in error.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["success", "errors", "errs", "error", "error_response", "message", "code", "id"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()), st.sampled_from([200, 404, 429]))
def test_reading_faults_never_raises_anything_else(body: bytes, status: int) -> None:
    answer = HttpResponse(status=status, body=body)
    if faults := faults_in(answer):
        assert raised(answer) in faults
