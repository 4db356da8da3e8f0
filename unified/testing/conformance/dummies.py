"""Dummy credentials of every form that venues issue, until the adapter takes one. Opens no account anywhere."""

from __future__ import annotations

import base64

from attrs import evolve
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from unified.adapter import Adapter, AdapterClass, AdapterSettings
from unified.errors import ConfigurationError
from unified.secret import Credentials, Secret

_BYTES = b"plainly a dummy of the conformance kit, opens nothing at all...."
KEY = "conformance-dummy-key"
PASSPHRASE = Secret("conformance-dummy-passphrase")


def secrets() -> tuple[str, ...]:
    """Texts that look like what venues issue: plain, base64, an Ed25519 seed, private keys as PEM."""
    ed = ed25519.Ed25519PrivateKey.from_private_bytes(_BYTES[:32])
    elliptic = ec.derive_private_key(20_261_121, ec.SECP256R1())
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    sec1 = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    return (
        "conformance-dummy-secret-0123456789",
        base64.b64encode(_BYTES).decode(),
        base64.b64encode(_BYTES[:32]).decode(),
        ed.private_bytes(*pem).decode(),
        elliptic.private_bytes(*sec1).decode(),
    )


def with_credentials(adapter: AdapterClass, settings: AdapterSettings, known: Credentials | None) -> Credentials | None:
    """Credentials that the adapter takes: the known ones, else the first dummy that fits. None where it needs none."""
    if not adapter.credential_fields:
        return None
    for credentials in [known] if known is not None else map(_made, secrets()):
        if taken(adapter, evolve(settings, credentials=credentials)) is not None:
            return credentials
    return None


def _made(secret: str) -> Credentials:
    return Credentials(key=KEY, secret=Secret(secret), passphrase=PASSPHRASE)


def taken(adapter: AdapterClass, settings: AdapterSettings) -> Adapter | None:
    """The adapter with these settings; None where it refuses them."""
    try:
        return adapter(settings)
    except ConfigurationError:
        return None
