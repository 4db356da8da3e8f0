from __future__ import annotations

import base64
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.rsa import rsa_crt_dmp1 as dmp1
from cryptography.hazmat.primitives.asymmetric.rsa import rsa_crt_dmq1 as dmq1
from cryptography.hazmat.primitives.asymmetric.rsa import rsa_crt_iqmp as iqmp
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.adapters.bybit.venue import BYBIT, CREDENTIALS, SPOT, STAMP, adapter, build, place
from tests.adapters.calls import Calls
from unified.adapter import Stamp
from unified.errors import ConfigurationError, Kind, Outcome, VenueError
from unified.operations import FetchBalances, FetchBook
from unified.secret import Credentials, Secret
from unified_bybit.auth import Auth

ORDER = (
    '{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"50000",'
    '"timeInForce":"PostOnly","orderLinkId":"abc-1"}'
)


@pytest.mark.parametrize(
    ("payload", "signature"),
    [
        pytest.param(
            "category=linear&symbol=BTCUSDT&orderLinkId=abc-1",
            "758abc33112dfd0a5dc3e8b813958d5be9eb11511d6b35d2030b78ef7bcd39b6",
            id="a query as it is sent",
        ),
        pytest.param(
            "category=linear&orderLinkId=abc-1&symbol=BTCUSDT",
            "5568df2970381c3151823c046ad4fd6f3214987fe206be1c719a581ed4e64db4",
            id="the same, sorted",
        ),
        pytest.param(
            "category=linear&cursor=page_token%3D39380%26&limit=50",
            "88f612ce0cbd87cd242a90d9207d879abc809c7fa6ed1185c45143046f0e5aa1",
            id="a cursor as it came",
        ),
        pytest.param(ORDER, "7a81d1f64f3abcfc89298998ad478f7ddc4cd9d2ef33db55e9091066320ff1ae", id="a body"),
        pytest.param("", "1ec4802d0ef33873cfc907ab770b1121435ed320040882232a71fd99c4b3e2be", id="nothing"),
    ],
)
def test_signatures_equal_those_of_the_venues_own_library(payload: str, signature: str) -> None:
    assert Auth(CREDENTIALS).headers(payload.encode(), STAMP)["X-BAPI-SIGN"] == signature


def test_a_signature_equals_that_of_another_project() -> None:
    stamp = Stamp(time_ms=1700000000000, window_ms=5000, nonce=1, token="0" * 32)
    auth = Auth(Credentials(key="test_api_key", secret=Secret("test_secret")))
    signature = auth.headers(b"category=linear&symbol=BTCUSDT", stamp)["X-BAPI-SIGN"]
    assert signature == "fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7"


_P = (
    "f9b405111a5b7829934f61bc049404d918e2a7496043f080b07df7b69056acc6"
    "3e29bb63884c6264cb32e7dc2d171ec8c295f4602d382cd36a77b4603d6523e7"
)
_Q = (
    "f38681c80a7fc0f77f8a26176b3183649981110001f9a36c134052b119789"
    "00d7dc47dff33bd6fd35fac87e010f6be93f96a6c61f548b2e89c5fe361a1d39e81"
)


@cache
def rsa_key() -> RSAPrivateKey:
    """The test key, built from its two primes."""
    p, q, e = int(_P, 16), int(_Q, 16), 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = RSAPrivateNumbers(p, q, d, dmp1(d, p), dmq1(d, q), iqmp(p, q), RSAPublicNumbers(e, p * q))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def pem(key: object) -> Secret:
    assert hasattr(key, "private_bytes")
    return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def test_a_key_of_ones_own_signs_with_rsa_in_base64() -> None:
    auth = Auth(Credentials(key="testApiKey00000001", secret=pem(rsa_key())))
    signature = auth.headers(b"category=linear&symbol=BTCUSDT&orderLinkId=abc-1", STAMP)["X-BAPI-SIGN"]
    assert signature == (
        "jLaMzFvaP2C7FWdSLXqD7J3GtI6bGs1BsgFEwWvZDXI6X327A+kfAUd7b1yeRW6uSAuG1moDa8Kko7DxKLWW6WfWkABXAT0ukDfzFUy7Lc6y"
        "EO7mCD8eGvG0u0tilEyQeGCFw0VQvj380JQpUO1uYpmj5GhkQcT2dEB3KjFEPUQ="
    )
    assert len(base64.b64decode(signature)) == 128


def test_another_key_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ConfigurationError):
        Auth(Credentials(key="k", secret=pem(ec_key(SECP256R1()))))


def test_the_headers_name_key_time_and_window() -> None:
    assert dict(build(place(quantity="0.001", price="50000")).headers) == {
        "X-BAPI-API-KEY": "testApiKey00000001",
        "X-BAPI-TIMESTAMP": "1763640000000",
        "X-BAPI-RECV-WINDOW": "5000",
        "X-BAPI-SIGN": build(place(quantity="0.001", price="50000")).headers["X-BAPI-SIGN"],
        "Content-Type": "application/json",
    }


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(VenueError) as caught:
        Calls(adapter(with_key=False), STAMP).build(FetchBalances())
    assert (caught.value.kind, caught.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)


def test_no_secret_is_shown() -> None:
    request = build(FetchBalances())
    shown = f"{request!r} {Auth(CREDENTIALS)!r} {BYBIT!r}"
    assert all(word not in shown for word in (CREDENTIALS.secret.reveal(), request.headers["X-BAPI-SIGN"]))


def test_public_calls_carry_no_key() -> None:
    assert build(FetchBook(instrument=SPOT)).headers == {}
