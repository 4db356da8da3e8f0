from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest

from tests.adapters.binance.sandbox_rig import Rig, sign
from unified.sandbox.dialect import Incoming

ACCOUNT = {"spot": "/api/v3/account", "linear": "/fapi/v3/account"}
TOO_OLD = (400, -1021, "Timestamp for this request is outside of the recvWindow.")
TOO_EARLY = (400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")


@pytest.fixture(params=["spot", "linear"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def asking(rig: Rig, door: str, age_ms: float = 0, **params: object) -> tuple[int, object]:
    query, headers = rig.signed(door, params, stamp=rig.now_ms(door) - round(age_ms))
    answer = rig.handle(Incoming(door=door, method="GET", path=ACCOUNT[door], query=query, headers=headers))
    return answer.status, answer.content if answer.status == 200 else answer.error


# --- keys and signatures


@pytest.mark.parametrize("who", ["hmac", "ed25519", "rsa", "poor", "reader"])
def test_every_type_of_key_signs_in_at_both_doors(rig: Rig, door: str, who: str) -> None:
    assert rig.ask(door, "GET", ACCOUNT[door], who=who).status == 200


def test_a_wrong_signature_is_refused(rig: Rig, door: str) -> None:
    query, headers = rig.signed(door, {}, signature="00" * 32)
    answer = rig.handle(Incoming(door=door, method="GET", path=ACCOUNT[door], query=query, headers=headers))
    assert answer.error == (400, -1022, "Signature for this request is not valid.")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        pytest.param(None, -2014, id="no key at all"),
        pytest.param("with blanks", -2014, id="a key that cannot be one"),
        pytest.param("dummy-unknown", -2015, id="a key of somewhere else"),
    ],
)
def test_a_key_that_is_none_is_refused(rig: Rig, door: str, key: str | None, code: int) -> None:
    query, _ = rig.signed(door, {})
    headers = {} if key is None else {"x-mbx-apikey": key}
    answer = rig.handle(Incoming(door=door, method="GET", path=ACCOUNT[door], query=query, headers=headers))
    assert answer.error[:2] == (401, code)


def test_a_key_that_only_reads_may_not_trade(rig: Rig) -> None:
    refused = (401, -2015, "Invalid API-key, IP, or permissions for action.")
    assert rig.spot("reader").error == refused
    assert rig.linear("reader").error == refused


@pytest.mark.parametrize("missing", ["timestamp", "signature"])
def test_what_a_signed_request_needs_is_asked_for(rig: Rig, door: str, missing: str) -> None:
    query, headers = rig.signed(door, {})
    left = "&".join(part for part in query.split("&") if not part.startswith(missing))
    answer = rig.handle(Incoming(door=door, method="GET", path=ACCOUNT[door], query=left, headers=headers))
    text = f"Mandatory parameter '{missing}' was not sent, was empty/null, or malformed."
    assert answer.error == (400, -1102, text)


def test_query_and_body_are_signed_without_anything_between(rig: Rig, door: str) -> None:
    path = {"spot": "/api/v3/order", "linear": "/fapi/v1/order"}[door]
    credentials = rig.dialect.credentials("hmac")
    query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
    body = f"quantity=0.01&price=60000&timestamp={rig.now_ms(door)}"
    whole = f"{body}&signature={sign(credentials, query + body)}"
    headers = {"x-mbx-apikey": credentials.key}
    incoming = Incoming(door=door, method="POST", path=path, query=query, headers=headers, body=whole.encode())
    assert rig.handle(incoming).status == 200


def test_what_is_signed_is_the_encoded_text(rig: Rig) -> None:
    credentials = rig.dialect.credentials("hmac")
    raw = f"symbol=ÄÖÜ&timestamp={rig.now_ms('spot')}"
    encoded = urlencode({"symbol": "ÄÖÜ", "timestamp": rig.now_ms("spot")})
    headers = {"x-mbx-apikey": credentials.key}

    def code(signed: str) -> int:
        query = f"{encoded}&signature={sign(credentials, signed)}"
        return rig.handle(
            Incoming(door="spot", method="GET", path="/api/v3/openOrders", query=query, headers=headers)
        ).error[1]

    assert code(raw) == -1022
    assert code(encoded) == -1121


def test_usd_m_wants_the_signature_last(rig: Rig) -> None:
    query, headers = rig.signed("linear", {})
    first, _, last = query.rpartition("&")
    incoming = Incoming(door="linear", method="GET", path=ACCOUNT["linear"], query=f"{last}&{first}", headers=headers)
    assert rig.handle(incoming).error[1] == -1022


def test_a_signature_in_base64_must_be_percent_encoded(rig: Rig) -> None:
    credentials = rig.dialect.credentials("ed25519")
    headers = {"x-mbx-apikey": credentials.key}
    texts = (f"recvWindow={5000 + number}&timestamp={rig.now_ms('spot')}" for number in range(100))
    text, signature = next((text, made) for text in texts if "+" in (made := sign(credentials, text)))
    for shown, status in ((quote(signature, safe=""), 200), (signature, 400)):
        query = f"{text}&signature={shown}"
        incoming = Incoming(door="spot", method="GET", path=ACCOUNT["spot"], query=query, headers=headers)
        assert rig.handle(incoming).status == status


# --- timestamps


@pytest.mark.parametrize(
    ("age_ms", "error"),
    [
        pytest.param(0, None, id="now"),
        pytest.param(5000, None, id="just old enough"),
        pytest.param(5001, TOO_OLD, id="too old"),
        pytest.param(-999, None, id="just early enough"),
        pytest.param(-1000, TOO_EARLY, id="a second ahead"),
    ],
)
def test_a_timestamp_is_good_for_the_usual_window(
    rig: Rig, door: str, age_ms: int, error: tuple[int, int, str] | None
) -> None:
    status, content = asking(rig, door, age_ms)
    assert (status, content) == (400, error) if error else status == 200


def test_the_window_can_be_set(rig: Rig, door: str) -> None:
    assert asking(rig, door, 300, recvWindow=200)[1] == TOO_OLD
    assert asking(rig, door, 59_000, recvWindow=60_000)[0] == 200


def test_spot_takes_windows_with_a_fraction_but_none_beyond_a_minute(rig: Rig) -> None:
    assert asking(rig, "spot", 2, recvWindow="1.5")[1] == TOO_OLD
    assert asking(rig, "spot", recvWindow="60001")[1] == (400, -1131, "recvWindow must be less than 60000.")
    assert asking(rig, "linear", recvWindow="1.5")[1] == (
        400,
        -1130,
        "Data sent for parameter 'recvWindow' is not valid.",
    )


def test_spot_takes_timestamps_in_microseconds(rig: Rig) -> None:
    query, headers = rig.signed("spot", {}, stamp=rig.dialect.now_us)
    assert (
        rig.handle(Incoming(door="spot", method="GET", path=ACCOUNT["spot"], query=query, headers=headers)).status
        == 200
    )


@pytest.mark.parametrize(
    ("door", "path", "code"),
    [
        pytest.param("spot", "/api/v3/order", -1021, id="spot says the same again"),
        pytest.param("linear", "/fapi/v1/order", -5028, id="USD-M says it is the engine"),
    ],
)
def test_a_request_that_was_held_up_is_judged_again_before_the_engine(
    rig: Rig, door: str, path: str, code: int
) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    query, headers = rig.signed(door, {**order, "price": "60000", "recvWindow": 1000})
    arrived_us = rig.dialect.clock.true_us()
    rig.wait(1.5)
    late = Incoming(
        door=door, method="POST", path=path, query=query, headers=headers, arrived_us=arrived_us, delayed=True
    )
    assert rig.handle(late).error[1] == code
    assert rig.account().orders == []
    assert len(rig.dialect.take_clock_refusals()) == 1


# --- parameters


def test_spot_refuses_parameters_that_it_does_not_read(rig: Rig) -> None:
    text = "Not all sent parameters were read; read '1' parameter(s) but was sent '2'."
    assert rig.get("spot", "/api/v3/depth", {"symbol": "BTCUSDT", "colour": "red"}).error == (400, -1104, text)
    text = "Too many parameters; expected '0' and received '1'."
    assert rig.get("spot", "/api/v3/time", {"colour": "red"}).error == (400, -1101, text)
    assert rig.get("linear", "/fapi/v1/depth", {"symbol": "BTCUSDT", "colour": "red"}).status == 200


def test_parameters_must_be_there_once_and_not_empty(rig: Rig) -> None:
    assert rig.get("spot", "/api/v3/depth").error[1] == -1102
    assert rig.get("spot", "/api/v3/depth", {"symbol": "BTCUSDT", "limit": ""}).error[1] == -1105
    twice = Incoming(door="spot", method="GET", path="/api/v3/depth", query="symbol=BTCUSDT&symbol=ETHUSDT")
    assert rig.handle(twice).error[1] == -1101


def test_times_come_in_microseconds_where_asked_for(rig: Rig) -> None:
    told = rig.get("spot", "/api/v3/time", x_mbx_time_unit="MICROSECOND").content
    assert told == {"serverTime": rig.dialect.now_us}
    assert rig.get("spot", "/api/v3/time", x_mbx_time_unit="SECOND").error[1] == -1194


def test_the_gateway_stops_what_looks_like_an_attack(rig: Rig) -> None:
    answer = rig.get("spot", "/api/v3/depth", {"symbol": "1 union select x"})
    assert answer.status == 403
    assert "<h1>403 ERROR: The request could not be satisfied" in answer.content
