from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from unified.adapter import Stamp
from unified.errors import Kind, Outcome, VenueError
from unified.secret import Credentials, Secret
from unified.wire import query
from unified_binance_dialect.auth import Auth

DOCS_KEY = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
LINEAR_KEY = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
ORDER = {
    "symbol": "LTCBTC",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "0.1",
}
STAMP = Stamp(time_ms=1499827319559, window_ms=5000, nonce=1, token="0" * 32)
TEXT_OF_KEY_PAIRS = (
    "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000"
)


def auth(secret: str) -> Auth:
    return Auth(Credentials(key="a-dummy-key", secret=Secret(secret)))


def pem(key: rsa.RSAPrivateKey | Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def ed25519_pem() -> str:
    return pem(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def is_prime(number: int) -> bool:
    """Miller and Rabin, with bases enough for a key that guards nothing."""
    odd, halvings = number - 1, 0
    while odd % 2 == 0:
        odd, halvings = odd // 2, halvings + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(halvings - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def prime_from(seed: str) -> int:
    """A prime that the seed alone decides, so that no private key has to be kept in a file."""
    number = int.from_bytes(b"".join(sha256(f"{seed}{index}".encode()).digest() for index in range(4)), "big")
    number |= (3 << 1022) | 1
    while (number - 1) % 65537 == 0 or not is_prime(number):
        number += 2
    return number


def rsa_key() -> rsa.RSAPrivateKey:
    p, q, e = prime_from("binance-test-p"), prime_from("binance-test-q"), 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    ).private_key()


def test_a_query_is_signed_as_the_venue_documents_it() -> None:
    """Source: spot rest-api.md, the worked example of a signed order."""
    assert auth(DOCS_KEY).signed_query(ORDER, STAMP) == (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
        "&timestamp=1499827319559&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    )


def test_a_symbol_beyond_ascii_is_encoded_before_it_is_signed() -> None:
    """Source: spot rest-api.md, the example with a symbol of full-width digits."""
    query = auth(DOCS_KEY).signed_query({**ORDER, "symbol": "\uff11\uff12\uff13\uff14\uff15\uff16"}, STAMP)
    assert query.startswith("symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY")
    assert query.endswith("&signature=e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3")


@pytest.mark.parametrize(
    ("secret", "text", "signature"),
    [
        pytest.param(
            DOCS_KEY,
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&recvWindow=5000"
            "&timestamp=1499827319559",
            "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77",
            id="query and body glued together",
        ),
        pytest.param(
            DOCS_KEY,
            "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&price=52000.00"
            "&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC"
            "&timestamp=1645423376532&type=LIMIT",
            "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
            id="the text of a socket call",
        ),
        pytest.param(
            LINEAR_KEY,
            "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000"
            "&timestamp=1591702613943",
            "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
            id="a USD-M order",
        ),
        pytest.param(
            LINEAR_KEY,
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=9000&recvWindow=5000"
            "&timestamp=1591702613943",
            "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4",
            id="a USD-M order in query and body",
        ),
        pytest.param(
            "my-test-secret",
            "symbol=BTCUSDT&timestamp=1700000000000",
            "aca8da5ff8aedb0f562d80cae0be3148d8e0a5c2a52716260f1310209c5d0f9d",
            id="the smallest query",
        ),
        pytest.param(
            "my-test-secret",
            "apiKey=test-key&timestamp=1700000000000",
            "68a02040cb1a101b0d9a154a0527f5150dcfbd596828c371a75a080ca32fb453",
            id="a subscription to the user stream",
        ),
    ],
)
def test_shared_secrets_sign_in_hex(secret: str, text: str, signature: str) -> None:
    assert auth(secret).signature(text) == signature


def test_a_batch_is_encoded_as_the_official_client_encodes_it() -> None:
    order = (
        '[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.001",'
        '"price":"10001","newClientOrderId":"t-1"}]'
    )
    text = query({"batchOrders": order, "timestamp": "1700000000000"})
    assert auth("my-test-secret").signature(text) == "e49ffa66812a6805b387d704e67c6f33f3e1129474b6c225f67003da72f38a27"


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        pytest.param(
            TEXT_OF_KEY_PAIRS,
            "m5loLRxgkb9HyW0wkZ4KNrpck881bx5D0OrKNnPklvk4tlGjEJkhiP9DoyC0sc1lXA/TWugjVPrMb/bfNdmdBw==",
            id="an order",
        ),
        pytest.param(
            "apiKey=test-key&timestamp=1700000000000",
            "GMeMwy/Tw8W5aKrDqTXYqynC+QmY1aGnUmHA6fIyrYoWFcOoPR56zhUIeOtPx31XVBblS6KEYg5kAszjGQFdBQ==",
            id="a login of a socket",
        ),
    ],
)
def test_ed25519_keys_sign_in_base64_made_fit_for_a_query(text: str, signature: str) -> None:
    signed = auth(ed25519_pem()).signature(text)
    assert not set(signed) & set("+/=")
    assert unquote(signed) == signature


def test_rsa_keys_sign_in_base64_made_fit_for_a_query() -> None:
    key = rsa_key()
    modulus = key.public_key().public_numbers().n.to_bytes(256, "big")
    assert sha256(modulus).hexdigest() == "26a414f5a374a6e1ef31d726e1c4e125fdeafc72fd09d5d3331e2557fb5b977e"
    signed = unquote(auth(pem(key)).signature(TEXT_OF_KEY_PAIRS))
    assert signed.startswith("OUAgJAEHTzKUOW8v9gBJ55QEnXZRiACTsQAhiUREzRQU0uh7")
    assert signed.endswith("oN6ioseHLYgC/hUQ==")
    assert len(base64.b64decode(signed)) == 256


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(Auth.headers, id="naming the key"),
        pytest.param(lambda auth: auth.signature("a=1"), id="signing a text"),
        pytest.param(lambda auth: auth.signed_query({}, STAMP), id="signing a query"),
    ],
)
def test_without_a_key_nothing_is_signed(call: Callable[[Auth], object]) -> None:
    with pytest.raises(VenueError) as raised:
        call(Auth(None))
    assert (raised.value.kind, raised.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)


@pytest.mark.parametrize("secret", [DOCS_KEY, ed25519_pem()], ids=["a shared secret", "a private key"])
def test_the_secret_stands_in_nothing_that_is_shown(secret: str) -> None:
    shown = f"{auth(secret)!r} {vars(auth(secret))!r} {auth(secret).headers()!r}"
    assert secret not in shown
    assert secret.splitlines()[-1] not in shown


def test_what_looks_like_syntax_in_a_value_stays_a_value() -> None:
    assert query({"symbol": "BTC&side=SELL", "id": "a b/c?#+%"}) == "symbol=BTC%26side%3DSELL&id=a%20b%2Fc%3F%23%2B%25"
