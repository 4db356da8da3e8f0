from __future__ import annotations

import hashlib

import pytest

from tests.adapters.binance.venue import STAMP
from tests.adapters.bitzoom.venue import BTC, adapter
from unified.adapter import AdapterSettings, Endpoint, Stamp
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import FetchBalances, FetchTicker
from unified.secret import Secret
from unified.signing import hmac_sha256
from unified_bitzoom import Bitzoom
from unified_bitzoom.auth import SignedKey, canonical, signed_text

SECRET = Secret("demo_secret_7f3b9c2d")
ORDER = b'{"symbol":"BTCUSDT","side":"BUY","quantity":"0.001"}'
REPEATED = "symbol=BTCUSDT&status=OPEN&symbol=ETHUSDT&note=a+b"


@pytest.mark.parametrize(
    ("time", "nonce", "window", "method", "path", "query", "body", "signature"),
    [
        pytest.param(
            "1712345678901",
            "nonce-query-001",
            "5000",
            "GET",
            "/api/v1/orders",
            REPEATED,
            b"",
            "d22824629e10376a6f57a6bf070c31a775cd8b2f79c074aff47c64f99fbb3bfe",
            id="a query with a repeated name",
        ),
        pytest.param(
            "1712345678902",
            "nonce-body-002",
            "5000",
            "POST",
            "/api/v1/order",
            "",
            ORDER,
            "8ee420956fa04a933228405e2309d758deac840e27775b79327781622cd8b4ac",
            id="a body",
        ),
        pytest.param(
            "1712345678903",
            "nonce-window-003",
            "",
            "GET",
            "/api/v1/balance",
            "asset=USDT",
            b"",
            "5ea342a4c52796528777d9bc1e81425e4ec89e913df342dcca2faad52a8c19ba",
            id="no window",
        ),
        pytest.param(
            "1712345678904",
            "nonce-ws-004",
            "5000",
            "WS",
            "/ws",
            "",
            b"",
            "bf722fcb6a09c94e9edd249d09f22be0ca5870f5de13b9eee2ac59de2fb8a8f4",
            id="the socket",
        ),
    ],
)
def test_the_published_signatures_come_out(
    time: str, nonce: str, window: str, method: str, path: str, query: str, body: bytes, signature: str
) -> None:
    text = signed_text(time, nonce, window, method, path, query, body)
    assert hmac_sha256(SECRET).sign(text).hex() == signature
    assert hmac_sha256(SECRET).sign(text + b"\n").hex() != signature


def test_the_headers_carry_what_was_signed() -> None:
    stamp = Stamp(time_ms=1700000000000, window_ms=5000, nonce=1, token="n-1")
    key = SignedKey("a-dummy-key", Secret("my-test-secret"))
    headers = key.headers("GET", "/api/v1/openorders", "symbol=BTCUSDT", b"", stamp)
    assert headers == {
        "X-BZ-APIKEY": "a-dummy-key",
        "X-BZ-TIMESTAMP": "1700000000000",
        "X-BZ-NONCE": "n-1",
        "X-BZ-RECVWINDOW": "5000",
        "X-BZ-SIGNATURE": "f66d1bfc864583b01b089ad4c75b9ff8357f375162c803e0a1a54ac45e6a8d53",
    }


def test_a_query_is_signed_sorted_and_form_encoded() -> None:
    assert canonical(REPEATED) == "note=a+b&status=OPEN&symbol=BTCUSDT&symbol=ETHUSDT"
    assert canonical("b=&a=%2F") == "a=%2F&b="
    assert canonical("") == ""
    empty = signed_text("1", "n", "", "GET", "/", "", b"").split(b"\n")
    assert empty[-1].decode() == hashlib.sha256(b"").hexdigest()


def test_a_token_goes_as_it_is_and_signs_nothing() -> None:
    made = adapter("testnet", auth="bearer")
    how = made.endpoints[FetchBalances, Product.LINEAR]
    assert isinstance(how, Endpoint)
    request = how.build(FetchBalances(product=Product.LINEAR), STAMP)
    assert dict(request.headers) == {"Authorization": "Bearer a-dummy-secret"}
    assert "a-dummy-secret" not in repr(request)


def test_public_calls_name_nobody_and_the_others_need_a_key() -> None:
    nobody = Bitzoom(AdapterSettings())
    public, private = (nobody.endpoints[operation, Product.LINEAR] for operation in (FetchTicker, FetchBalances))
    assert isinstance(public, Endpoint)
    assert isinstance(private, Endpoint)
    assert dict(public.build(FetchTicker(instrument=BTC), STAMP).headers) == {}
    with pytest.raises(VenueError) as raised:
        private.build(FetchBalances(product=Product.LINEAR), STAMP)
    assert (raised.value.kind, raised.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)
