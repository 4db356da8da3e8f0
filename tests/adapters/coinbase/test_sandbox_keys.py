from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.adapters.coinbase.sandbox_rig import HOST, ROOT, Rig, holder, token
from unified_coinbase.sandbox_keys import HOLDERS, TokenError, claims_of, curve_key

SIGNED_AT = 1_763_596_800


def part(**content: Any) -> str:
    raw = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def vector(algorithm: str, uri: str, signature: str) -> str:
    """A token to the byte, with a signature that was made elsewhere."""
    kid = "organizations/00000000-0000-4000-8000-000000000001/apiKeys/00000000-0000-4000-8000-000000000002"
    head = part(alg=algorithm, kid=kid, nonce="000102030405060708090a0b0c0d0e0f", typ="JWT")
    return f"{head}.{part(sub=kid, iss='cdp', nbf=SIGNED_AT, exp=SIGNED_AT + 120, uri=uri)}.{signature}"


EDWARDS = vector(
    "EdDSA",
    f"GET {HOST}{ROOT}/accounts",
    "l9of5KZ4GgjDp7QXUb0ghxVwGKpUehtylsGWQYEP_T1fGrxBPgSamKlTMpcOymwGCF-o03nHxbAetZCkXhEBBA",
)
CURVE = vector(
    "ES256",
    f"POST {HOST}{ROOT}/orders",
    "1FAWoaEw6QhjlN6lRH6cFeIZOdah3epLR43Ka-r4WKtQNHxl1pkeSbZsv6gAwUu3hU6GkGYeybnBoOfmV_EQSg",
)


def test_a_token_of_ed25519_made_elsewhere_lets_in() -> None:
    rig = Rig(base_us=SIGNED_AT * 1_000_000)
    assert rig.send("GET", "accounts", signed=False, headers={"authorization": f"Bearer {EDWARDS}"}).status == 200


def test_a_token_of_es256_made_elsewhere_verifies() -> None:
    claims = claims_of(CURVE, curve_key("dummy-es256-key"))
    assert (claims["uri"], claims["exp"]) == (f"POST {HOST}{ROOT}/orders", SIGNED_AT + 120)
    with pytest.raises(TokenError):
        claims_of(CURVE, curve_key("another"))


@pytest.mark.parametrize("name", [item.name for item in HOLDERS if not item.addresses])
def test_every_dummy_key_opens_its_account(name: str) -> None:
    assert Rig(name=name).get("accounts").status == 200


def test_keys_are_issued_in_every_form() -> None:
    secrets = [item.secret for item in HOLDERS]
    pems = [secret.replace("\\n", "\n").encode() for secret in secrets if "BEGIN" in secret]
    assert [len(base64.b64decode(secret)) for secret in secrets if "BEGIN" not in secret] == [64, 32]
    assert {type(load_pem_private_key(pem, None)).__name__ for pem in pems} == {
        "Ed25519PrivateKey",
        "ECPrivateKey",
    }
    assert sum("BEGIN EC PRIVATE" in secret for secret in secrets) == 2
    assert sum("\\n" in secret for secret in secrets) == 1


# --- whatever is wrong is the same 401


def refused(rig: Rig, **more: Any) -> None:
    reply = rig.send("GET", "accounts", **more)
    assert (reply.status, reply.content) == (401, "Unauthorized")
    assert reply.headers["content-type"] == "text/plain"


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"sub": "somebody"}, id="another subject"),
        pytest.param({"iss": "somebody"}, id="another issuer"),
        pytest.param({"uri": f"POST {HOST}{ROOT}/accounts"}, id="another method"),
        pytest.param({"uri": f"GET {HOST}{ROOT}/orders"}, id="another path"),
        pytest.param({"uri": f"GET {HOST}{ROOT}/accounts?limit=2"}, id="the query in it"),
        pytest.param({"uri": f"GET https://{HOST}{ROOT}/accounts"}, id="the scheme in it"),
        pytest.param({"uri": None}, id="no address, as for a socket"),
        pytest.param({"uri": None, "uris": [f"GET {HOST}{ROOT}/orders"]}, id="another path in a list"),
        pytest.param({"uri": None, "uris": f"GET {HOST}{ROOT}/accounts"}, id="a list that is none"),
        pytest.param({"nbf": None}, id="no beginning"),
        pytest.param({"exp": None}, id="no end"),
    ],
)
def test_a_token_must_be_made_for_this_request(claims: dict[str, Any]) -> None:
    rig = Rig()
    refused(rig, claims=claims)
    assert rig.sandbox.take_clock_refusals() == ()


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"iss": "coinbase-cloud", "aud": ["retail_rest_api_proxy"]}, id="the issuer of before 2024"),
        pytest.param({"uri": None, "uris": [f"GET {HOST}{ROOT}/accounts"]}, id="requests in a list"),
    ],
)
def test_tokens_as_other_clients_make_them_are_taken(claims: dict[str, Any]) -> None:
    assert Rig().send("GET", "accounts", claims=claims).status == 200


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="nothing"),
        pytest.param("Basic abc", id="another scheme"),
        pytest.param("Bearer abc", id="no token"),
        pytest.param("Bearer a.b.c", id="nonsense in three parts"),
    ],
)
def test_a_token_must_be_there(authorization: str) -> None:
    refused(Rig(), headers={"authorization": authorization})


def test_a_token_must_be_signed_by_the_key_that_it_names() -> None:
    rig = Rig()
    forged = jwt.encode(
        {"sub": holder("first").key_name},
        holder("third").private_key,
        algorithm="EdDSA",
        headers={"kid": holder("first").key_name},
    )
    unsigned = jwt.encode({"sub": "x"}, "", algorithm="none", headers={"kid": holder("first").key_name})
    unknown = jwt.encode({"sub": "x"}, holder("third").private_key, algorithm="EdDSA", headers={"kid": "nobody"})
    for made in (forged, unsigned, unknown):
        refused(rig, headers={"authorization": f"Bearer {made}"})


def test_the_host_is_the_one_that_was_asked_or_the_venues_own() -> None:
    rig = Rig()
    uri = f"GET 127.0.0.1:8080{ROOT}/accounts"
    assert rig.send("GET", "accounts", headers={"host": "127.0.0.1:8080"}, claims={"uri": uri}).status == 200
    assert rig.send("GET", "accounts", headers={"host": "127.0.0.1:8080"}).status == 200
    refused(rig, claims={"uri": uri})


def test_an_address_that_is_not_on_the_keys_list() -> None:
    rig = Rig(name="elsewhere")
    refused(rig)
    assert rig.send("GET", "accounts", peer="203.0.113.7").status == 200


# --- the clock


@pytest.mark.parametrize(
    ("begins_in_s", "ends_in_s", "valid"),
    [
        pytest.param(0, 120, True, id="from now on"),
        pytest.param(-119, 1, True, id="about to end"),
        pytest.param(1, 121, False, id="not yet"),
        pytest.param(-120, 0, False, id="ended this second"),
    ],
)
def test_a_token_holds_from_its_beginning_until_before_its_end(begins_in_s: int, ends_in_s: int, valid: bool) -> None:
    rig = Rig()
    now_s = rig.sandbox.now_us // 1_000_000
    claims = {"nbf": now_s + begins_in_s, "exp": now_s + ends_in_s}
    if valid:
        assert rig.send("GET", "accounts", claims=claims).status == 200
    else:
        refused(rig, claims=claims)
    assert len(rig.sandbox.take_clock_refusals()) == (not valid)


def test_the_clock_is_looked_at_when_the_request_runs() -> None:
    """Also of one that was held up on its way; and on the clock that the venue shows."""
    rig = Rig()
    made = token(holder("first"), f"GET {HOST}{ROOT}/accounts", rig.sandbox.now_us // 1_000_000)
    rig.sandbox.clock.step(121)
    refused(rig, headers={"authorization": f"Bearer {made}"})
    rig.sandbox.clock.step(-122)
    refused(rig, headers={"authorization": f"Bearer {made}"})
    assert len(rig.sandbox.take_clock_refusals()) == 2
