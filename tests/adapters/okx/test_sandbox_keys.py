from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.okx.sandbox_rig import Reply, Rig, order, stamp_of
from unified_okx.sandbox_keys import HOLDERS, signature

DOCS = "22582BD0CFF14C41EDBF1AB98506286D"
"""The dummy secret of the venue's documentation."""


@pytest.mark.parametrize(
    ("secret", "signed", "expected"),
    [
        pytest.param(
            DOCS,
            "2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC",
            "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=",
            id="a query is signed with the path",
        ),
        pytest.param(
            DOCS,
            "2026-11-20T08:00:00.123ZPOST/api/v5/trade/order"
            '{"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","px":"2.15","sz":"2"}',
            "B2oFm04fGZ4U6oaPSKea3UKK/NHVVD3917bUO/fCBxw=",
            id="a body is signed as it is sent",
        ),
        pytest.param(
            DOCS,
            "2026-11-20T08:00:00.123ZGET/api/v5/account/config",
            "UMspBsoEIp30+8RRIyc+QdrWFFZRO64ChW49l0IQcgU=",
            id="a path alone",
        ),
        pytest.param(
            "0123456789ABCDEF0123456789ABCDEF",
            '2026-11-20T08:00:00.123ZPOST/api/v5/trade/cancel-batch-orders[{"instId":"BTC-USDT","clOrdId":"a1b2c3"}]',
            "EURoFWAuk39j6XThbHHEJYqRouX2LZou9M85XXVwrO8=",
            id="a list as body",
        ),
        pytest.param(
            "chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO",
            "2020-12-08T09:08:57.715ZGET/api/v5/account/balance",
            "PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=",
            id="a vector of others",
        ),
    ],
)
def test_published_vectors(secret: str, signed: str, expected: str) -> None:
    assert signature(secret, signed.encode()) == expected


def asked(rig: Rig, headers: dict[str, str] | None = None, **more: Any) -> Reply:
    return rig.send("GET", "account/config", headers=headers, **more)


@pytest.mark.parametrize(
    ("headers", "code", "message"),
    [
        pytest.param({"ok-access-key": ""}, "50103", '"OK-ACCESS-KEY" cannot be empty', id="no key"),
        pytest.param({"ok-access-passphrase": ""}, "50104", "PASSPHRASE", id="no passphrase"),
        pytest.param({"ok-access-sign": ""}, "50106", "SIGN", id="no signature"),
        pytest.param({"ok-access-timestamp": ""}, "50107", "TIMESTAMP", id="no timestamp"),
        pytest.param({"ok-access-key": "nobody"}, "50111", "Invalid OK-ACCESS-KEY", id="a key of the wrong form"),
        pytest.param(
            {"ok-access-key": "00000000-0000-4000-a000-000000000000"}, "50119", "doesn't exist", id="an unknown key"
        ),
        pytest.param({"ok-access-passphrase": "wrong"}, "50105", "incorrect", id="a wrong passphrase"),
        pytest.param({"ok-access-sign": "wrong"}, "50113", "Invalid signature", id="a wrong signature"),
        pytest.param({"ok-access-timestamp": "1795262400000"}, "50112", "Invalid", id="milliseconds as timestamp"),
        pytest.param(
            {"ok-access-timestamp": "2026-11-21T12:00:00Z"}, "50112", "Invalid", id="a timestamp without milliseconds"
        ),
        pytest.param(
            {"ok-access-timestamp": "2026-13-41T12:00:00.000Z"}, "50112", "Invalid", id="a day that does not exist"
        ),
    ],
)
def test_what_is_wrong_with_the_headers_is_refused_without_data(
    headers: dict[str, str], code: str, message: str
) -> None:
    reply = asked(Rig(), headers)
    assert (reply.status, reply.code) == (401, code)
    assert message in reply.content["msg"]
    assert "data" not in reply.content


@pytest.mark.parametrize(
    ("off_us", "code"),
    [
        pytest.param(-30_000_000, "0", id="thirty seconds old"),
        pytest.param(30_000_000, "0", id="thirty seconds ahead"),
        pytest.param(-30_001_000, "50102", id="too old"),
        pytest.param(30_001_000, "50102", id="too far ahead"),
    ],
)
def test_a_timestamp_lies_within_thirty_seconds(off_us: int, code: str) -> None:
    rig = Rig()
    stamp = stamp_of(rig.sandbox.now_us + off_us)
    secret = rig.credentials().secret.reveal()
    signed = f"{stamp}GET/api/v5/account/config".encode()
    headers = {"ok-access-timestamp": stamp, "ok-access-sign": signature(secret, signed)}
    assert asked(rig, headers).code == code
    assert len(rig.sandbox.take_clock_refusals()) == (code == "50102")


def test_the_venue_may_show_another_time_than_it_did() -> None:
    rig = Rig()
    rig.sandbox.clock.step(-3600)
    assert asked(rig).code == "0"
    late = rig.signed_headers("GET", "/api/v5/account/config", "")
    rig.sandbox.clock.step(3600)
    assert asked(rig, late).code == "50102"


def test_a_key_of_demo_trading_needs_its_header() -> None:
    assert asked(Rig(), name="demo").code == "50101"
    assert asked(Rig(), {"x-simulated-trading": "1"}, name="demo").code == "0"
    assert asked(Rig(), {"x-simulated-trading": "1"}).code == "0"


def test_a_key_may_be_bound_to_addresses() -> None:
    refused = asked(Rig(), name="elsewhere")
    assert (refused.status, refused.code) == (401, "50110")
    assert "127.0.0.1" in refused.content["msg"]
    assert asked(Rig(), name="elsewhere", peer="203.0.113.7").code == "0"


def test_a_key_that_only_reads_places_nothing() -> None:
    rig = Rig(name="reader")
    assert asked(rig).row["perm"] == "read_only"
    refused = rig.place()
    assert (refused.status, refused.code) == (401, "50120")
    assert rig.account.orders == []


def test_another_body_than_the_signed_one_is_refused() -> None:
    rig = Rig()
    headers = rig.signed_headers("POST", "/api/v5/trade/order", json.dumps(order(sz="1")))
    assert rig.post("trade/order", order(sz="2"), headers=headers).code == "50113"


def test_every_account_is_a_plain_dummy_with_a_number_of_its_own() -> None:
    assert len({holder.uid for holder in HOLDERS}) == len(HOLDERS)
    for holder in HOLDERS:
        assert holder.credentials.passphrase is not None
        for text in (holder.credentials.key, holder.credentials.secret.reveal()):
            assert text.startswith("dummy-")
