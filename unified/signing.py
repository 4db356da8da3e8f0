"""Signatures: pure functions of key and message. Builds no header and knows no venue.

A signer is made once per client and keeps the prepared key, so that no later frame holds the bare secret.
`cryptography` is loaded only when a key needs it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any, Protocol

from unified.errors import ConfigurationError
from unified.secret import Secret


class Signer(Protocol):
    """Turns a message into a raw signature."""

    def sign(self, message: bytes) -> bytes: ...


class HmacSigner:
    """HMAC over SHA-256 or SHA-512. The key's pads are hashed once."""

    __slots__ = ("_prepared",)

    def __init__(self, key: bytes, digest: str) -> None:
        self._prepared = hmac.new(key, digestmod=digest)

    def sign(self, message: bytes) -> bytes:
        mac = self._prepared.copy()
        mac.update(message)
        return mac.digest()


def hmac_sha256(secret: Secret) -> HmacSigner:
    """For secrets used as their text."""
    return HmacSigner(secret.reveal().encode(), "sha256")


def hmac_sha512_base64(secret: Secret) -> HmacSigner:
    """For secrets issued as base64. Raises ConfigurationError if it is not base64."""
    try:
        key = base64.b64decode(secret.reveal(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ConfigurationError("credentials.secret: this venue's secret is base64 text; this one cannot be decoded")
    return HmacSigner(key, "sha512")


class KeySigner:
    """A private key: Ed25519, or RSA with PKCS#1 v1.5 and SHA-256."""

    __slots__ = ("_key", "is_rsa")

    def __init__(self, key: Any, *, rsa: bool) -> None:
        self._key = key
        self.is_rsa = rsa

    def sign(self, message: bytes) -> bytes:
        if self.is_rsa:
            from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
            from cryptography.hazmat.primitives.hashes import SHA256

            return bytes(self._key.sign(message, PKCS1v15(), SHA256()))
        return bytes(self._key.sign(message))


def is_pem(secret: Secret) -> bool:
    """Whether the secret is a PEM text rather than a shared secret."""
    return "-----BEGIN" in secret.reveal()


def private_key(secret: Secret) -> Any:
    """The key object of a PEM text (line breaks may be written as backslash n). Raises ConfigurationError."""
    key = _loaded(secret)
    if key is None:
        raise ConfigurationError("credentials.secret: not a readable private key (PEM, unencrypted, is wanted)")
    return key


def _loaded(secret: Secret) -> Any:
    """The key, or None: no frame that holds the text may be part of a traceback."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = secret.reveal().replace("\\n", "\n").strip() + "\n"
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def key_signer(secret: Secret) -> KeySigner:
    """A signer for a PEM of an Ed25519 or RSA key. Raises ConfigurationError for any other key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    key = private_key(secret)
    if isinstance(key, Ed25519PrivateKey | RSAPrivateKey):
        return KeySigner(key, rsa=isinstance(key, RSAPrivateKey))
    raise ConfigurationError("credentials.secret: the private key must be Ed25519 or RSA")


def sha256(message: bytes) -> bytes:
    """The digest of a message, for venues that sign it in place of the message."""
    return hashlib.sha256(message).digest()


def base64_text(raw: bytes) -> str:
    """A signature as text, with its padding."""
    return base64.b64encode(raw).decode()
