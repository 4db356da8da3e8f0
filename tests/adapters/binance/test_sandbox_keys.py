from __future__ import annotations

import hashlib
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.adapters.binance.sandbox_rig import sign
from unified_binance.sandbox_keys import holders
from unified_binance_dialect.sandbox_keys import Holder

ED25519_TEXT = (
    "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000"
)


def holder(name: str) -> Holder:
    return next(item for item in holders() if item.name == name)


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
