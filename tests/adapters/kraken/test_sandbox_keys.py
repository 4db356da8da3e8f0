from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from attrs import evolve

from tests.adapters.kraken.sandbox_rig import Rig, answer, refusal, result
from unified.sandbox.dialect import Incoming
from unified.secret import Credentials, Secret
from unified_kraken.sandbox_keys import FAILURES_BEFORE_LOCKOUT, LOCKOUT_S, Permission, demo_keys, signature

DOCUMENTED = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
"""The example key of docs.kraken.com, guide spot-rest-auth."""
DUMMY = "a3Jha2VuLWR1bW15LXNlY3JldC1mb3ItdGVzdHMtb25seS0wMTIzNDU2Nzg5YWJjZGVmZ2hpamtsbW5vcHFycw=="


@pytest.fixture
def rig() -> Rig:
    return Rig()


# --- signatures


@pytest.mark.parametrize(
    ("secret", "path", "nonce", "body", "wanted"),
    [
        pytest.param(
            DOCUMENTED,
            "/0/private/AddOrder",
            "1616492376594",
            "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25",
            "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
            id="the documented example",
        ),
        pytest.param(
            DUMMY,
            "/0/private/Balance",
            "1763596800000000000",
            "nonce=1763596800000000000",
            "67uXLj2xLAoFsoj6Cwr6om7GoOrxAmr8yR17+5jAbt8HMiTR/4CebraSc8fEIaoXHc3uB3CrCA9LpkiXSo9vOA==",
            id="a form of nothing but the nonce",
        ),
        pytest.param(
            DUMMY,
            "/0/private/AddOrder",
            "1763596800000000001",
            '{"nonce":"1763596800000000001","ordertype":"limit","type":"buy","volume":"1.25","pair":"XBTUSD",'
            '"price":"27500","cl_ord_id":"6d1b345e-2821-40e2-ad83-4ecb18a06876"}',
            "lJiYl3DvcY+AluiOYlDuf5R44i707BYW6DCilvH0I1QL3hSuRnM/jrk/ipb7ZDrpq0Azf3/YtWta03VLD4dKMQ==",
            id="a JSON body",
        ),
        pytest.param(
            DUMMY,
            "/0/private/AddOrder",
            "1763596800000000002",
            "nonce=1763596800000000002&ordertype=limit&type=sell&volume=0.5&pair=XBTUSD&price=65000.1&expiretm=%2B60"
            "&close%5Bordertype%5D=limit&close%5Bprice%5D=70000&otp=123456",
            "kcj9UJZg0DckeoIxH2BmpyR8c8BkoXATcoUJ/Nv6cTTaMs+Mj9lrCgukhmul52GmsODQyQpVhxpzOBsGag2gRQ==",
            id="a form with escapes",
        ),
    ],
)
def test_known_signatures_verify(secret: str, path: str, nonce: str, body: str, wanted: str) -> None:
    assert signature(Secret(secret), path, nonce, body.encode()) == wanted


def test_forms_and_json_are_both_understood(rig: Rig) -> None:
    assert result(rig.post("Balance")) == result(rig.post_json("Balance"))


def test_a_nonce_may_be_a_json_number(rig: Rig) -> None:
    result(rig.signed("Balance", '{"nonce": 2001}', "maker", kind="application/json", nonce="2001"))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param({"body": b"nonce=1001&asset=XBT"}, id="another body than was signed"),
        pytest.param({"path": "/0/private/BalanceEx"}, id="another path than was signed"),
    ],
)
def test_what_was_changed_after_signing_is_refused(rig: Rig, spoil: dict[str, Any]) -> None:
    signed = rig.incoming("Balance", "nonce=1001", rig.credentials["maker"], kind="", nonce="1001")
    assert refusal(answer(rig.send(evolve(signed, **spoil)))) == "EAPI:Invalid signature"


def test_a_signature_made_with_another_nonce_is_refused(rig: Rig) -> None:
    assert refusal(rig.signed("Balance", "nonce=1001", "maker", nonce="1002")) == "EAPI:Invalid signature"


def test_a_key_of_nobody_is_refused(rig: Rig) -> None:
    told = rig.send(Incoming(door="rest", method="POST", path="/0/private/Balance", body=b"nonce=1"))
    assert refusal(answer(told)) == "EAPI:Invalid key"


# --- nonces


@pytest.mark.parametrize(
    "nonce",
    [
        pytest.param("5000", id="the same again"),
        pytest.param("4999", id="a lower one"),
        pytest.param(str(2**64), id="more than 64 bits"),
        pytest.param("-6000", id="a negative one"),
        pytest.param("6000.5", id="a fraction"),
        pytest.param("now", id="no number"),
    ],
)
def test_a_nonce_that_does_not_rise_is_refused(rig: Rig, nonce: str) -> None:
    result(rig.signed("Balance", "nonce=5000", "maker", nonce="5000"))
    assert refusal(rig.signed("Balance", f"nonce={nonce}", "maker", nonce=nonce)) == "EAPI:Invalid nonce"


def test_a_missing_nonce_is_an_invalid_one(rig: Rig) -> None:
    signed = rig.incoming("Balance", "asset=XBT", rig.credentials["maker"], kind="", nonce="x")
    unsigned = {**signed.headers, "api-sign": signature(rig.credentials["maker"].secret, signed.path, "", signed.body)}
    assert refusal(answer(rig.send(evolve(signed, headers=unsigned)))) == "EAPI:Invalid nonce"


def test_each_key_has_its_own_nonce(rig: Rig) -> None:
    result(rig.signed("Balance", "nonce=5000", "maker", nonce="5000"))
    result(rig.signed("Balance", "nonce=10", "reader", nonce="10"))


def test_a_refused_request_has_used_its_nonce(rig: Rig) -> None:
    body = urlencode({"nonce": 5000, "pair": "NOPE"})
    assert refusal(rig.signed("AddOrder", body, "maker", nonce="5000")) == "EQuery:Unknown asset pair"
    assert refusal(rig.signed("AddOrder", body, "maker", nonce="5000")) == "EAPI:Invalid nonce"


def test_a_request_whose_signature_is_wrong_has_not(rig: Rig) -> None:
    rig.signed("Balance", "nonce=5000", "maker", nonce="5001")
    result(rig.signed("Balance", "nonce=5000", "maker", nonce="5000"))


# --- lockout


def wrong(rig: Rig) -> str:
    rig.nonce += 1
    real = rig.credentials["taker"]
    forged = Credentials(key=real.key, secret=Secret(DUMMY))
    return refusal(answer(rig.send(rig.incoming("Balance", f"nonce={rig.nonce}", forged, kind=""))))


def test_wrong_signatures_in_a_row_lock_the_key_out_for_a_quarter_of_an_hour(rig: Rig) -> None:
    assert {wrong(rig) for _ in range(FAILURES_BEFORE_LOCKOUT)} == {"EAPI:Invalid signature"}
    assert refusal(rig.post("Balance", "taker")) == "EGeneral:Temporary lockout"
    result(rig.post("Balance", "maker"))
    rig.seconds += LOCKOUT_S - 1
    assert refusal(rig.post("Balance", "taker")) == "EGeneral:Temporary lockout"
    assert rig.venue.keeper.while_banned == 1
    rig.seconds += 1
    result(rig.post("Balance", "taker"))


def test_a_right_signature_in_between_forgives(rig: Rig) -> None:
    for _ in range(3):
        for _ in range(FAILURES_BEFORE_LOCKOUT - 1):
            wrong(rig)
        result(rig.post("Balance", "taker"))


def test_wrong_nonces_lock_nobody_out(rig: Rig) -> None:
    for _ in range(3 * FAILURES_BEFORE_LOCKOUT):
        rig.signed("GetApiKeyInfo", "nonce=0", "maker", nonce="0")
    rig.seconds += 1
    assert refusal(rig.signed("GetApiKeyInfo", "nonce=0", "maker", nonce="0")) == "EAPI:Invalid nonce"


# --- the keys themselves


def test_the_keys_are_plain_dummies_of_every_tier() -> None:
    keys = demo_keys()
    assert {key.tier.name for key in keys} == {"starter", "intermediate", "pro"}
    assert all("dummy" in key.text for key in keys)
    assert len({key.credentials.fingerprint for key in keys}) == len(keys)


def test_only_the_last_key_may_do_less() -> None:
    *full, reader = demo_keys()
    assert all(key.permissions == set(Permission) for key in full)
    assert not reader.permissions & {Permission.MODIFY, Permission.CLOSE}
