from __future__ import annotations

import pytest

from tests.adapters.bitzoom.sandbox_rig import Rig
from unified.sandbox.dialect import Incoming
from unified_bitzoom.sandbox_calls import Refusal
from unified_bitzoom.sandbox_keys import HOLDERS, Gate, canonical

BALANCE = "/api/v1/balance"


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_every_account_is_plainly_a_dummy() -> None:
    assert all(holder.credentials.key.startswith("dummy-") for holder in HOLDERS)
    assert all("dummy" in holder.credentials.secret.reveal() for holder in HOLDERS)


def test_a_signature_lets_in_and_a_wrong_one_does_not(rig: Rig) -> None:
    assert rig.ask("GET", BALANCE).status == 200
    wrong = rig.ask("GET", BALANCE, signature="0" * 64)
    assert (wrong.status, wrong.code) == (401, -1022)


@pytest.mark.parametrize("late_ms", [6000, -6000])
def test_a_timestamp_is_good_for_its_window_on_both_sides(rig: Rig, late_ms: int) -> None:
    assert rig.ask("GET", BALANCE, late_ms=late_ms).code == -1021
    assert len(rig.dialect.take_clock_refusals()) == 1
    assert rig.ask("GET", BALANCE, late_ms=late_ms // 2).status == 200


def test_a_nonce_is_good_once(rig: Rig) -> None:
    assert rig.ask("GET", BALANCE, nonce="same").status == 200
    again = rig.ask("GET", BALANCE, nonce="same")
    assert (again.status, again.content["msg"]) == (401, "nonce reused")
    assert rig.ask("GET", BALANCE, nonce="").status == 401


def test_a_token_lets_in_without_a_signature(rig: Rig) -> None:
    token = rig.dialect.credentials("bearer").secret.reveal()
    for word, status in ((token, 200), ("another", 401)):
        headers = {"authorization": f"Bearer {word}"}
        assert rig.handle(Incoming(door="main", method="GET", path=BALANCE, headers=headers)).status == status


def test_a_logon_is_a_request_of_its_own_method_and_good_once() -> None:
    rig, gate = Rig(), Gate()
    headers = rig.headers(Incoming(door="main", method="WS", path="/ws"), "main")
    data = {name: headers[f"x-bz-{name.lower()}"] for name in ("apiKey", "nonce", "recvWindow", "signature")}
    logon = {**data, "timestamp": int(headers["x-bz-timestamp"])}
    assert gate.logged_on(logon, rig.dialect.now_ms).name == "main"
    for spoilt in (logon, {**logon, "timestamp": "5"}, {**logon, "recvWindow": 5000}, {"token": "nobodys"}):
        with pytest.raises(Refusal):
            gate.logged_on(spoilt, rig.dialect.now_ms)


def test_nobody_is_refused(rig: Rig) -> None:
    assert rig.get(BALANCE).code == -2014


def test_a_query_is_signed_sorted() -> None:
    assert canonical("symbol=B&symbol=A&note=a+b&x=") == "note=a+b&symbol=A&symbol=B&x="
