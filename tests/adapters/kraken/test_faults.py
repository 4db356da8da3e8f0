from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.calls import response
from tests.adapters.kraken.venue import KRAKEN, errors, result
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.http import HttpResponse
from unified_kraken.faults import CANCEL, SPOT, answer_of, fault_of, faults_in

AT = {"date": "Thu, 03 Sep 2026 21:33:00 GMT"}
AT_SECONDS = 1788471180


@pytest.mark.parametrize(
    ("text", "kind", "code", "detail"),
    [
        pytest.param("EOrder:Insufficient funds", Kind.INSUFFICIENT_FUNDS, "EOrder:Insufficient funds", "", id="plain"),
        pytest.param(
            "EOrder:Insufficient funds (insufficient user funds)",
            Kind.INSUFFICIENT_FUNDS,
            "EOrder:Insufficient funds",
            "(insufficient user funds)",
            id="a detail in brackets",
        ),
        pytest.param(
            "EAccount:Invalid permissions:XMR trading restricted for PL.",
            Kind.ACCOUNT_RESTRICTED,
            "EAccount:Invalid permissions",
            "XMR trading restricted for PL.",
            id="a detail after one more colon",
        ),
        pytest.param(
            "EService: Throttled: 1788471234",
            Kind.RATE_LIMITED,
            "EService:Throttled",
            "1788471234",
            id="blanks around the colons",
        ),
        pytest.param(
            "EGeneral:Internal error:5", Kind.VENUE_FAULT, "EGeneral:Internal error", "5", id="a number as detail"
        ),
        pytest.param(
            "EGeneral:Invalid arguments:volume minimum not met",
            Kind.INVALID_QUANTITY,
            "EGeneral:Invalid arguments:volume minimum not met",
            "",
            id="the longest known start wins",
        ),
        pytest.param(
            "EGeneral:Invalid arguments:nothing known",
            Kind.INVALID_REQUEST,
            "EGeneral:Invalid arguments",
            "nothing known",
            id="an unknown detail falls back on its reason",
        ),
        pytest.param(
            "EOrder:Some new reason", Kind.INVALID_ORDER, "EOrder:Some new reason", "", id="an unknown reason"
        ),
        pytest.param("ENew:Reason", Kind.UNKNOWN, "ENew:Reason", "", id="an unknown category"),
        pytest.param("EAPI:Invalid nonce.", Kind.NONCE_REJECTED, "EAPI:Invalid nonce", "", id="a final period"),
        pytest.param("Price(s) not found", Kind.INVALID_PRICE, None, "Price(s) not found", id="a sentence"),
    ],
)
def test_a_string_is_read_by_its_grammar(text: str, kind: Kind, code: str | None, detail: str) -> None:
    fault = fault_of(text, SPOT)
    assert (fault.kind, fault.code, fault.message) == (kind, code, detail)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("EService:Deadline elapsed", Kind.VENUE_TIMEOUT, id="the deadline at the venue"),
        pytest.param("EService:Unavailable", Kind.MAINTENANCE, id="unavailable"),
        pytest.param("EService:Busy", Kind.OVERLOADED, id="busy"),
        pytest.param("EGeneral:Internal error", Kind.VENUE_FAULT, id="an internal error"),
        pytest.param("EOrder:Reduce only:Position is closed", Kind.REDUCE_ONLY_REJECTED, id="a part of it was done"),
    ],
)
def test_these_settle_nothing(text: str, kind: Kind) -> None:
    fault = fault_of(text, SPOT)
    assert (fault.kind, fault.outcome) == (kind, Outcome.UNKNOWN)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        pytest.param(
            ("EOrder:Insufficient funds", "EService:Unavailable", "EAPI:Rate limit exceeded"),
            Kind.MAINTENANCE,
            id="a doubt before all",
        ),
        pytest.param(
            ("EOrder:Insufficient funds", "EAPI:Invalid key", "EAPI:Rate limit exceeded"),
            Kind.RATE_LIMITED,
            id="then a limit",
        ),
        pytest.param(("EOrder:Insufficient funds", "EAPI:Invalid key"), Kind.BAD_CREDENTIALS, id="then the key"),
        pytest.param(
            ("EOrder:Insufficient funds", "EOrder:Invalid price"), Kind.INSUFFICIENT_FUNDS, id="else what comes first"
        ),
        pytest.param(("WOdd:Warning", "EOrder:Invalid price"), Kind.INVALID_PRICE, id="a warning never speaks first"),
        pytest.param(("WDatabase:No change",), Kind.NO_CHANGE, id="a warning alone, without a result"),
    ],
)
def test_the_most_severe_of_several_speaks(texts: tuple[str, ...], kind: Kind) -> None:
    with pytest.raises(VenueError) as caught:
        answer_of(errors(*texts), SPOT)
    assert caught.value.kind is kind
    assert len(faults_in(errors(*texts), SPOT)) == sum(text.startswith("E") for text in texts) or 1


def test_a_warning_beside_a_result_is_no_error() -> None:
    answer = response({"error": ["WDatabase:No change"], "result": {"count": 1}})
    assert answer_of(answer, SPOT) == {"count": 1}
    assert faults_in(answer, SPOT) == ()


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        pytest.param(errors("EService: Throttled: 1788471234", headers=AT), 54.0, id="the moment that the text names"),
        pytest.param(errors(f"EService:Throttled:{AT_SECONDS - 9}", headers=AT), 0.0, id="a moment that has passed"),
        pytest.param(errors("EService: Throttled: 1788471234"), None, id="a moment without the venue's time"),
        pytest.param(errors("EService:Throttled:soon", headers=AT), None, id="no moment"),
        pytest.param(errors("EGeneral:Temporary lockout"), 900.0, id="a lockout"),
        pytest.param(errors("EAPI:Rate limit exceeded"), 3.0, id="the counter of the key"),
        pytest.param(errors("EOrder:Rate limit exceeded"), None, id="the engine's counter"),
        pytest.param(errors("EAPI:Rate limit exceeded", headers={"retry-after": "7"}), 7.0, id="a header is believed"),
        pytest.param(response(b"error code: 1015", 429), 600.0, id="the content network"),
        pytest.param(response(b"slow down", 429, {"retry-after": "30"}), 30.0, id="a header of the content network"),
    ],
)
def test_when_to_try_again(answer: HttpResponse, seconds: float | None) -> None:
    (fault,) = faults_in(answer, SPOT)
    assert fault.retry_after == seconds


@pytest.mark.parametrize(
    ("answer", "kind", "outcome"),
    [
        pytest.param(
            response(b"<html>Bad gateway</html>", 502), Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="a page of HTML"
        ),
        pytest.param(response(b"", 502), Kind.VENUE_FAULT, Outcome.UNKNOWN, id="an empty 502"),
        pytest.param(response(b"", 504), Kind.VENUE_TIMEOUT, Outcome.UNKNOWN, id="an empty 504"),
        pytest.param(response(b"error code: 520", 520), Kind.VENUE_FAULT, Outcome.UNKNOWN, id="an odd answer's text"),
        pytest.param(response(b"error code: 1015", 429), Kind.BANNED, Outcome.REJECTED, id="a ban of the address"),
        pytest.param(response(b"", 200), Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="nothing at all"),
        pytest.param(response(b'{"error":[],"res', 200), Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="a cut body"),
        pytest.param(response([], 200), Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="a list"),
        pytest.param(response({"error": [5]}), Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="an error that is no text"),
        pytest.param(
            response({"error": [], "result": {}}, 503), Kind.VENUE_FAULT, Outcome.UNKNOWN, id="a success with HTTP 503"
        ),
        pytest.param(
            response({"error": ["EOrder:Insufficient funds"]}, 500),
            Kind.INSUFFICIENT_FUNDS,
            Outcome.REJECTED,
            id="the string decides before the status",
        ),
        pytest.param(
            response({"error": ["EService:Unavailable"]}, 503),
            Kind.MAINTENANCE,
            Outcome.UNKNOWN,
            id="maintenance with its own status",
        ),
    ],
)
def test_envelopes(answer: HttpResponse, kind: Kind, outcome: Outcome) -> None:
    with pytest.raises(VenueError) as caught:
        answer_of(answer, SPOT)
    assert (caught.value.kind, caught.value.outcome) == (kind, outcome)
    assert [fault.kind for fault in faults_in(answer, SPOT)] == [kind]


def test_a_success_without_a_result_is_malformed() -> None:
    with pytest.raises(VenueError) as caught:
        answer_of(errors(), SPOT)
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


def test_refused_items_of_a_batch_are_faults_of_the_answer() -> None:
    answer = result({"orders": [{"txid": "A-B"}, {"error": "EGeneral:Invalid arguments:volume minimum not met"}]})
    assert [fault.kind for fault in faults_in(answer, SPOT)] == [Kind.INVALID_QUANTITY]


def test_about_an_order_the_same_string_means_that_there_is_none() -> None:
    assert fault_of("EOrder:Invalid order", SPOT).kind is Kind.INVALID_ORDER
    assert fault_of("EOrder:Invalid order", CANCEL).kind is Kind.ORDER_NOT_FOUND


def test_the_adapter_explains_strings_answers_and_statuses() -> None:
    assert KRAKEN.fault("EAccount:Invalid permissions", message="XMR trading").message == "XMR trading"
    assert KRAKEN.fault("", http_status=504).kind is Kind.VENUE_TIMEOUT
    lost = errors("EOrder:Invalid order")
    kinds = [[fault.kind for fault in KRAKEN.faults(lost, operation=operation)] for operation in ("", "cancel_order")]
    assert kinds == [[Kind.INVALID_ORDER], [Kind.ORDER_NOT_FOUND]]
    assert [fault.kind for fault in KRAKEN.faults(lost, surface="spot_cancel")] == [Kind.ORDER_NOT_FOUND]


_PIECES = st.sampled_from(["E", "W", "EOrder", "EService", ":", " ", "(", ".", "Throttled", "Rate limit exceeded", "9"])


@given(st.lists(_PIECES, max_size=12).map("".join) | st.text(max_size=600))
def test_no_string_makes_reading_fail(text: str) -> None:
    answer = response(json.dumps({"error": [text]}).encode(), headers=AT)
    assert all(isinstance(fault, Fault) for fault in faults_in(answer, SPOT))
    assert fault_of(text, SPOT).kind in Kind


@given(st.binary(max_size=60), st.sampled_from([200, 403, 502]))
def test_no_bytes_are_taken_for_a_success(body: bytes, status: int) -> None:
    assert faults_in(response(body, status), SPOT)
