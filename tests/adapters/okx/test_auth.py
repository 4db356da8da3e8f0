from __future__ import annotations

import base64

import pytest

from tests.adapters.calls import Calls
from tests.adapters.okx.venue import CREDENTIALS, OKX, SPOT, STAMP, adapter, build
from unified.adapter import Stamp
from unified.errors import Kind, Outcome, VenueError
from unified.http import Method
from unified.operations import FetchBalances, FetchBook
from unified.secret import Credentials, Secret
from unified_okx.auth import Auth, iso_milliseconds

DOCS = "22582BD0CFF14C41EDBF1AB98506286D"
OTHER = "0123456789ABCDEF0123456789ABCDEF"
THIRD_PARTY = "chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO"


def stamp(time_ms: int) -> Stamp:
    return Stamp(time_ms=time_ms, window_ms=5000, nonce=1, token="0" * 32)


OLD, NEW = stamp(1607418537715), stamp(1795161600123)

PLACED = '{"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","px":"2.15","sz":"2"}'


@pytest.mark.parametrize(
    ("secret", "when", "method", "target", "body", "signature"),
    [
        pytest.param(
            DOCS,
            OLD,
            Method.GET,
            "/api/v5/account/balance?ccy=BTC",
            "",
            "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=",
            id="the query is signed with the path",
        ),
        pytest.param(
            DOCS,
            OLD,
            Method.POST,
            "/api/v5/account/set-leverage",
            '{"instId":"BTC-USDT","lever":"5","mgnMode":"isolated"}',
            "eCnnCgWLjlQ9XnpUkrcny3qNq3WW/81KNrDr/XR6Xv8=",
            id="a body is signed as it is sent",
        ),
        pytest.param(
            DOCS,
            NEW,
            Method.POST,
            "/api/v5/trade/order",
            PLACED,
            "B2oFm04fGZ4U6oaPSKea3UKK/NHVVD3917bUO/fCBxw=",
            id="an order",
        ),
        pytest.param(
            DOCS,
            NEW,
            Method.GET,
            "/api/v5/account/config",
            "",
            "UMspBsoEIp30+8RRIyc+QdrWFFZRO64ChW49l0IQcgU=",
            id="a question without parameters has an empty body",
        ),
        pytest.param(
            OTHER,
            NEW,
            Method.POST,
            "/api/v5/trade/cancel-batch-orders",
            '[{"instId":"BTC-USDT","clOrdId":"a1b2c3"}]',
            "EURoFWAuk39j6XThbHHEJYqRouX2LZou9M85XXVwrO8=",
            id="a batch has a list as its body",
        ),
        pytest.param(
            OTHER,
            NEW,
            Method.GET,
            "/api/v5/trade/order?instId=BTC-USDT&clOrdId=a1b2c3",
            "",
            "mcfwcK2JM96PD9uG/Ko7dW+H2ZGrNGQTEAI5ELIU0Fw=",
            id="several parameters keep their order",
        ),
        pytest.param(
            THIRD_PARTY,
            OLD,
            Method.GET,
            "/api/v5/account/balance",
            "",
            "PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=",
            id="the secret is used as its text, not decoded",
        ),
    ],
)
def test_signatures_equal_the_published_ones(
    secret: str, when: Stamp, method: Method, target: str, body: str, signature: str
) -> None:
    auth = Auth(Credentials(key="k", secret=Secret(secret), passphrase=Secret("p")))
    assert auth.headers(method, target, body.encode(), when)["OK-ACCESS-SIGN"] == signature


@pytest.mark.parametrize(
    ("time_ms", "text"),
    [
        pytest.param(1607418537715, "2020-12-08T09:08:57.715Z", id="the docs' own moment"),
        pytest.param(1795161600000, "2026-11-20T08:00:00.000Z", id="a whole second keeps its zeros"),
        pytest.param(1795161600007, "2026-11-20T08:00:00.007Z", id="a small fraction keeps its zeros"),
    ],
)
def test_the_header_has_exactly_milliseconds(time_ms: int, text: str) -> None:
    assert iso_milliseconds(time_ms) == text


def test_a_signed_call_names_key_passphrase_and_time() -> None:
    headers = build(FetchBalances()).headers
    assert headers["OK-ACCESS-KEY"] == "a-dummy-key"
    assert headers["OK-ACCESS-PASSPHRASE"] == "a-dummy-passphrase"
    assert headers["OK-ACCESS-TIMESTAMP"] == "2026-11-20T08:00:00.123Z"
    assert len(base64.b64decode(headers["OK-ACCESS-SIGN"])) == 32


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(VenueError) as caught:
        Calls(adapter(with_key=False), STAMP).build(FetchBalances())
    assert (caught.value.kind, caught.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)


def test_no_secret_is_shown() -> None:
    request = build(FetchBalances())
    shown = f"{request!r} {Auth(CREDENTIALS)!r} {OKX!r}"
    assert all(word not in shown for word in (DOCS, "a-dummy-passphrase", request.headers["OK-ACCESS-SIGN"]))


def test_public_calls_carry_no_key() -> None:
    assert build(FetchBook(instrument=SPOT)).headers == {}


@pytest.mark.parametrize(
    ("seconds", "signature"),
    [
        ("1704876947", "5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU="),
        ("1538054050", "+LdIr8lkkvhr5hoA3g9TMC0+uQJ849ftAcocA/ouu4M="),
    ],
)
def test_a_streams_login_signs_whole_seconds(seconds: str, signature: str) -> None:
    said = Auth(CREDENTIALS).login(stamp(int(seconds) * 1000 + 999))
    assert (said["timestamp"], said["sign"]) == (seconds, signature)
    assert Auth(CREDENTIALS).login(stamp(int(seconds) * 1000 + 1000))["sign"] != signature
