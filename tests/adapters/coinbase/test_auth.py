from __future__ import annotations

import base64
import json
from hashlib import sha256

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.calls import Calls
from tests.adapters.coinbase.venue import COINBASE, CREDENTIALS, KEY_NAME, SEED, STAMP, adapter, build
from unified.adapter import Stamp
from unified.errors import ConfigurationError, Kind, Outcome, VenueError
from unified.http import Method
from unified.operations import FetchKeyPermissions
from unified.secret import Credentials, Secret
from unified_coinbase.auth import WINDOW_MS, Auth

HEADER = (
    "eyJhbGciOiJFZERTQSIsImtpZCI6Im9yZ2FuaXphdGlvbnMvMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAxL2FwaUtleXMvMDAw"
    "MDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAyIiwibm9uY2UiOiIwMDAxMDIwMzA0MDUwNjA3MDgwOTBhMGIwYzBkMGUwZiIsInR5cCI6"
    "IkpXVCJ9"
)
REST = HEADER + (
    ".eyJzdWIiOiJvcmdhbml6YXRpb25zLzAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMS9hcGlLZXlzLzAwMDAwMDAwLTAwMDAtND"
    "AwMC04MDAwLTAwMDAwMDAwMDAwMiIsImlzcyI6ImNkcCIsIm5iZiI6MTc2MzU5NjgwMCwiZXhwIjoxNzYzNTk2OTIwLCJ1cmkiOiJHRVQgYXBpLm"
    "NvaW5iYXNlLmNvbS9hcGkvdjMvYnJva2VyYWdlL2FjY291bnRzIn0.l9of5KZ4GgjDp7QXUb0ghxVwGKpUehtylsGWQYEP_T1fGrxBPgSamKlTMp"
    "cOymwGCF-o03nHxbAetZCkXhEBBA"
)
STREAM = HEADER + (
    ".eyJzdWIiOiJvcmdhbml6YXRpb25zLzAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMS9hcGlLZXlzLzAwMDAwMDAwLTAwMDAtND"
    "AwMC04MDAwLTAwMDAwMDAwMDAwMiIsImlzcyI6ImNkcCIsIm5iZiI6MTc2MzU5NjgwMCwiZXhwIjoxNzYzNTk2OTIwfQ.LOYkJRmjK831BE2XYpy"
    "fDI31mxDtcIyN1lch8GcEG4dlvEmk9_eSEv7xh1wrlVjq5Gb_A59d9wDbzVEUoizuAw"
)
ES256_SIGNED_PART = (
    "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9yZ2FuaXphdGlvbnMvMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAxL2FwaUtleXMvMDAw"
    "MDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAyIiwibm9uY2UiOiIwMDAxMDIwMzA0MDUwNjA3MDgwOTBhMGIwYzBkMGUwZiIsInR5cCI6"
    "IkpXVCJ9.eyJzdWIiOiJvcmdhbml6YXRpb25zLzAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMS9hcGlLZXlzLzAwMDAwMDAwLTA"
    "wMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMiIsImlzcyI6ImNkcCIsIm5iZiI6MTc2MzU5NjgwMCwiZXhwIjoxNzYzNTk2OTIwLCJ1cmkiOiJQT1N"
    "UIGFwaS5jb2luYmFzZS5jb20vYXBpL3YzL2Jyb2tlcmFnZS9vcmRlcnMifQ"
)
ORDERS = "POST api.coinbase.com/api/v3/brokerage/orders"
P256 = ec.derive_private_key(int.from_bytes(sha256(b"dummy-es256-key").digest()), ec.SECP256R1())
SEC1 = P256.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def auth(secret: str) -> Auth:
    return Auth(Credentials(key=KEY_NAME, secret=Secret(secret)))


def pkcs8(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def parts(token: str) -> tuple[dict[str, object], dict[str, object]]:
    header, claims, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return json.loads(header), json.loads(claims)


# --- the vectors of the design


def test_an_ed25519_token_for_a_request_equals_the_published_one() -> None:
    headers = auth(SEED).headers(Method.GET, "api.coinbase.com", "/api/v3/brokerage/accounts", STAMP)
    assert headers == {"Authorization": f"Bearer {REST}"}


def test_an_ed25519_token_for_a_stream_has_no_uri() -> None:
    assert auth(SEED).token(STAMP) == STREAM


def test_an_es256_token_signs_the_published_text_and_verifies() -> None:
    token = auth(SEC1).token(STAMP, ORDERS)
    assert token.rpartition(".")[0] == ES256_SIGNED_PART
    public = ec.EllipticCurvePublicNumbers(
        x=0x8883E43FB9178955CE9AFBBED1DCAB7D511540E7EA3A19E149B18429F589DA08,
        y=0xF1FDE89CFB13122283EDB9C2585D4B73D92E087AFBCE7458F03F2BED6469659E,
        curve=ec.SECP256R1(),
    ).public_key()
    claims = jwt.decode(token, public, algorithms=["ES256"], options={"verify_exp": False, "verify_nbf": False})
    assert claims["uri"] == ORDERS
    assert len(base64.urlsafe_b64decode(token.rpartition(".")[2] + "==")) == 64


# --- forms of the secret


@pytest.mark.parametrize(
    ("secret", "algorithm"),
    [
        pytest.param(SEC1, "ES256", id="a SEC1 PEM"),
        pytest.param(SEC1.replace("\n", "\\n"), "ES256", id="a PEM whose line breaks were written out"),
        pytest.param(pkcs8(P256), "ES256", id="a PKCS8 PEM of an ECDSA key"),
        pytest.param(pkcs8(ED25519), "EdDSA", id="a PKCS8 PEM of an Ed25519 key"),
        pytest.param(SEED, "EdDSA", id="64 bytes: seed and public key"),
        pytest.param(base64.b64encode(bytes(range(32))).decode(), "EdDSA", id="32 bytes: the seed alone"),
    ],
)
def test_the_key_decides_the_algorithm(secret: str, algorithm: str) -> None:
    header, _ = parts(auth(secret).token(STAMP, ORDERS))
    assert list(header.items()) == [
        ("alg", algorithm),
        ("kid", KEY_NAME),
        ("nonce", STAMP.token),
        ("typ", "JWT"),
    ]


def test_every_form_of_an_ed25519_key_signs_alike() -> None:
    forms = (SEED, base64.b64encode(bytes(range(32))).decode(), pkcs8(ED25519))
    assert len({auth(secret).token(STAMP, ORDERS) for secret in forms}) == 1


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("not base64!", id="neither PEM nor base64"),
        pytest.param(base64.b64encode(bytes(31)).decode(), id="base64 of too few bytes"),
        pytest.param("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----", id="a damaged PEM"),
        pytest.param(pkcs8(ec.derive_private_key(7, ec.SECP384R1())), id="another curve"),
        pytest.param(pkcs8(rsa.generate_private_key(65537, 2048)), id="an RSA key"),
    ],
)
def test_a_secret_without_such_a_key_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^credentials\.secret: ") as caught:
        auth(secret)
    assert secret not in str(caught.value)


# --- claims


def test_the_token_names_the_host_that_is_addressed_and_no_query() -> None:
    made = adapter(host="http://127.0.0.1:8080")
    token = Calls(made, STAMP).build(FetchKeyPermissions()).headers["Authorization"].removeprefix("Bearer ")
    assert parts(token)[1]["uri"] == "GET 127.0.0.1:8080/api/v3/brokerage/key_permissions"


@given(st.integers(min_value=10_000, max_value=2**42))
def test_the_token_is_valid_as_long_as_the_stamp_says(time_ms: int) -> None:
    stamp = Stamp(time_ms=time_ms, window_ms=WINDOW_MS, nonce=1, token="00")
    _, claims = parts(auth(SEED).token(stamp))
    begins, ends = claims["nbf"], claims["exp"]
    assert isinstance(begins, int)
    assert isinstance(ends, int)
    assert (ends - begins, begins) == (120, time_ms // 1000 - 5)
    # The fence lies at the token's end or less than a second after it, never before it.
    assert ends * 1000 <= stamp.expires_ms < ends * 1000 + 1000


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(VenueError) as caught:
        Calls(adapter(with_key=False), STAMP).build(FetchKeyPermissions())
    assert (caught.value.kind, caught.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)


def test_no_secret_and_no_token_is_shown() -> None:
    request = build(FetchKeyPermissions())
    shown = f"{request!r} {Auth(CREDENTIALS)!r} {COINBASE!r}"
    assert SEED not in shown
    assert request.headers["Authorization"] not in shown
