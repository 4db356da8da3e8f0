"""Dummy accounts of the simulated Binance, and its keys that are no shared secret. Nobody's keys: all made up here.

Rules: Binance spot `rest-api.md`, "SIGNED endpoint security" (2026-07-21). RSA (PKCS#1 v1.5, SHA-256)
and Ed25519 are base64.
"""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from functools import cache, partial

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from unified.sandbox.dummy_rsa import prime_of, rsa_key, rsa_matches
from unified.secret import Credentials, Secret
from unified_binance_dialect.sandbox_keys import Check, Holder, shared

_RICH = {"USDT": Decimal(2_000_000), "BTC": Decimal(40), "ETH": Decimal(800), "BNB": Decimal(10)}
_POOR = {"USDT": Decimal(20)}
_MARGIN = {"USDT": Decimal(1_000_000)}


def key_check(key: Ed25519PublicKey | RSAPublicKey) -> Check:
    return partial(rsa_matches, key) if isinstance(key, RSAPublicKey) else partial(_ed25519_matches, key)


def _ed25519_matches(key: Ed25519PublicKey, signed: bytes, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature.encode(), validate=True), signed)
    except (InvalidSignature, binascii.Error):
        return False
    return True


@cache
def holders() -> tuple[Holder, ...]:
    """Every account of the sandbox: one for each type of key, one without much money, one that only reads."""
    return (
        shared("binance", "hmac", _RICH, _MARGIN),
        _with_key("ed25519", Ed25519PrivateKey.from_private_bytes(bytes(range(32)))),
        _with_key("rsa", rsa_key(prime_of("binance-test-p", 73), prime_of("binance-test-q", 332))),
        shared("binance", "poor", _POOR, _POOR),
        shared("binance", "reader", _RICH, _MARGIN, may_trade=False),
    )


def _with_key(name: str, key: Ed25519PrivateKey | RSAPrivateKey) -> Holder:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Holder(
        name=name,
        credentials=Credentials(key=f"dummy-binance-key-{name}", secret=Secret(pem)),
        matches=key_check(key.public_key()),
        may_log_on=isinstance(key, Ed25519PrivateKey),
        spot=_RICH,
        margin=_MARGIN,
    )
