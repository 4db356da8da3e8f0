from __future__ import annotations

import hashlib
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.adapters.binance.sandbox_rig import sign
from unified_binance.sandbox_keys import Holder, hmac_check, holders

SPOT_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
LINEAR_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
ED25519_TEXT = (
    "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000"
)


def holder(name: str) -> Holder:
    return next(item for item in holders() if item.name == name)


@pytest.mark.parametrize(
    ("secret", "text", "signature"),
    [
        pytest.param(
            SPOT_SECRET,
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
            "&timestamp=1499827319559",
            "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
            id="the example of the spot documentation",
        ),
        pytest.param(
            SPOT_SECRET,
            "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC"
            "&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
            "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
            id="a symbol that is not ASCII, signed as it is encoded",
        ),
        pytest.param(
            SPOT_SECRET,
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&recvWindow=5000"
            "&timestamp=1499827319559",
            "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77",
            id="query and body with nothing between them",
        ),
        pytest.param(
            LINEAR_SECRET,
            "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000"
            "&timestamp=1591702613943",
            "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
            id="the example of the USD-M page",
        ),
        pytest.param(
            "my-test-secret",
            "symbol=BTCUSDT&timestamp=1700000000000",
            "aca8da5ff8aedb0f562d80cae0be3148d8e0a5c2a52716260f1310209c5d0f9d",
            id="the smallest",
        ),
    ],
)
def test_published_hmac_signatures_are_accepted_in_either_case(secret: str, text: str, signature: str) -> None:
    matches = hmac_check(secret)
    assert matches(text.encode(), signature)
    assert matches(text.encode(), signature.upper())
    assert not matches(text.encode() + b"0", signature)


def test_a_known_ed25519_signature_is_accepted_and_its_case_matters() -> None:
    signature = unquote(
        "m5loLRxgkb9HyW0wkZ4KNrpck881bx5D0OrKNnPklvk4tlGjEJkhiP9DoyC0sc1lXA%2FTWugjVPrMb%2FbfNdmdBw%3D%3D"
    )
    matches = holder("ed25519").matches
    assert matches(ED25519_TEXT.encode(), signature)
    assert not matches(ED25519_TEXT.encode(), signature.swapcase())
    assert not matches(ED25519_TEXT.encode(), "no base64!")


def test_the_rsa_key_is_the_one_that_anybody_can_make_again() -> None:
    key = load_pem_private_key(holder("rsa").credentials.secret.reveal().encode(), password=None)
    assert isinstance(key, RSAPrivateKey)
    modulus = key.public_key().public_numbers().n.to_bytes(256, "big")
    assert hashlib.sha256(modulus).hexdigest() == "26a414f5a374a6e1ef31d726e1c4e125fdeafc72fd09d5d3331e2557fb5b977e"
    signature = sign(holder("rsa").credentials, ED25519_TEXT)
    assert signature.startswith("OUAgJAEHTzKUOW8v9gBJ55QEnXZRiACTsQAhiUREzRQU0uh7")
    assert signature.endswith("oN6ioseHLYgC/hUQ==")
    assert holder("rsa").matches(ED25519_TEXT.encode(), signature)
    assert not holder("rsa").matches(b"something else", signature)


def test_every_account_is_plainly_a_dummy_and_most_are_rich() -> None:
    assert {item.name for item in holders()} == {"hmac", "ed25519", "rsa", "poor", "reader"}
    assert all(item.credentials.key.startswith("dummy-") for item in holders())
    assert sum(item.spot["USDT"] > 1_000_000 for item in holders()) == 4
    assert [item.name for item in holders() if not item.may_trade] == ["reader"]
