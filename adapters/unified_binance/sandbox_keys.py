"""Dummy accounts of the simulated Binance, and its keys that are no shared secret. Nobody's keys: all made up here.

Rules: Binance spot `rest-api.md`, "SIGNED endpoint security" (2026-07-21). RSA (PKCS#1 v1.5, SHA-256)
and Ed25519 are base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from decimal import Decimal
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicKey,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from unified.secret import Credentials, Secret
from unified_binance_dialect.sandbox_keys import Check, Holder, shared

_RICH = {"USDT": Decimal(2_000_000), "BTC": Decimal(40), "ETH": Decimal(800), "BNB": Decimal(10)}
_POOR = {"USDT": Decimal(20)}
_MARGIN = {"USDT": Decimal(1_000_000)}
_EXPONENT = 65_537


def key_check(key: Ed25519PublicKey | RSAPublicKey) -> Check:
    def matches(signed: bytes, signature: str) -> bool:
        try:
            raw = base64.b64decode(signature.encode(), validate=True)
            if isinstance(key, RSAPublicKey):
                key.verify(raw, signed, PKCS1v15(), SHA256())
            else:
                key.verify(raw, signed)
        except (InvalidSignature, binascii.Error):
            return False
        return True

    return matches


@cache
def holders() -> tuple[Holder, ...]:
    """Every account of the sandbox: one for each type of key, one without much money, one that only reads."""
    return (
        shared("binance", "hmac", _RICH, _MARGIN),
        _with_key("ed25519", Ed25519PrivateKey.from_private_bytes(bytes(range(32)))),
        _with_key("rsa", _rsa_key()),
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


def _rsa_key() -> RSAPrivateKey:
    """A key that anybody can make again: two primes next to hashes of plain words."""
    p, q = _prime("binance-test-p", 73), _prime("binance-test-q", 332)
    private = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    return RSAPrivateNumbers(
        p=p,
        q=q,
        d=private,
        dmp1=rsa_crt_dmp1(private, p),
        dmq1=rsa_crt_dmq1(private, q),
        iqmp=rsa_crt_iqmp(p, q),
        public_numbers=RSAPublicNumbers(e=_EXPONENT, n=p * q),
    ).private_key()


def _prime(word: str, steps: int) -> int:
    """The prime that lies so many odd numbers above the hash of a word, with its two top bits set."""
    digest = b"".join(hashlib.sha256(f"{word}{part}".encode()).digest() for part in range(4))
    return (int.from_bytes(digest, "big") | 3 << 1022 | 1) + 2 * steps
