"""RSA keys for simulated accounts, which anybody can make again from plain words. Never for an account of a real venue.

The bits of a prime begin with the hash of a word, so that the key is the same on every machine and stands in no file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
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

_EXPONENT = 65_537


def rsa_key(p: int, q: int) -> RSAPrivateKey:
    """The key of two primes."""
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


def prime_of(word: str, steps: int) -> int:
    """The prime that lies so many odd numbers above the hash of a word, with its two top bits set."""
    digest = b"".join(hashlib.sha256(f"{word}{part}".encode()).digest() for part in range(4))
    return (int.from_bytes(digest, "big") | 3 << 1022 | 1) + 2 * steps


def rsa_matches(key: RSAPublicKey, signed: bytes, signature: str) -> bool:
    """Whether a signature in base64 (PKCS#1 v1.5, SHA-256) is that of the text."""
    try:
        key.verify(base64.b64decode(signature.encode(), validate=True), signed, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True
