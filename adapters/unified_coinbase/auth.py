"""The token that signs one request. Pure; builds no request and reads no clock.

Every request carries a JSON Web Token of its own, bound to method, host and path (the query and the body are not
signed) and good for two minutes. ES256 or EdDSA, by the key that the secret holds.

Source: docs.cdp.coinbase.com/get-started/authentication (2026-08-22), the official SDK's jwt_generator.py (1.8.4,
2026-06-19).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from unified.adapter import Stamp
from unified.errors import ConfigurationError, Fault, Kind, Outcome, VenueError
from unified.http import Method
from unified.secret import Credentials, Secret
from unified.signing import is_pem, private_key

LIFETIME_SECONDS = 120
"""From `nbf` to `exp`."""
BACKDATED_SECONDS = 5
"""`nbf` lies so far in the past: a token that is one second early was refused (SDK issue 19, 2024-02)."""
WINDOW_MS = (LIFETIME_SECONDS - BACKDATED_SECONDS) * 1000
"""How long after its stamp a request may be accepted."""

_ISSUER = "cdp"
_SEED_BYTES = 32


class Auth:
    """Signs with an ECDSA P-256 or an Ed25519 key."""

    def __init__(self, credentials: Credentials | None) -> None:
        """Raises ConfigurationError for a secret that holds neither kind of key."""
        self._name = "" if credentials is None else credentials.key
        self._key = None if credentials is None else _private_key(credentials.secret)
        self._algorithm = "" if credentials is None else _algorithm(self._key)

    def headers(self, method: Method, host: str, path: str, stamp: Stamp) -> Mapping[str, str]:
        """`host` is the one that is addressed, with its port where it is not the usual one; no query."""
        return {"Authorization": f"Bearer {self.token(stamp, f'{method} {host}{path}')}"}

    def token(self, stamp: Stamp, uri: str = "") -> str:
        """A token for one request, or, without `uri`, for one message of a stream."""
        if self._key is None:
            hint = "This call needs an API key with its private key; none is set."
            raise VenueError.of(Fault(kind=Kind.BAD_CREDENTIALS, outcome=Outcome.NOT_SENT, hint=hint))
        import jwt

        begins = stamp.time_ms // 1000 - BACKDATED_SECONDS
        claims: dict[str, Any] = {
            "sub": self._name,
            "iss": _ISSUER,
            "nbf": begins,
            "exp": begins + LIFETIME_SECONDS,
        }
        if uri:
            claims["uri"] = uri
        named = {"kid": self._name, "nonce": stamp.token}
        return jwt.encode(claims, self._key, algorithm=self._algorithm, headers=named, sort_headers=True)


def _private_key(secret: Secret) -> Any:
    """A PEM of either type (its label does not tell which), or the base64 of an Ed25519 seed."""
    return private_key(secret) if is_pem(secret) else _ed25519(secret)


def _ed25519(secret: Secret) -> Any:
    key = _of_seed(secret)
    if key is None:
        raise ConfigurationError(
            "credentials.secret: not a readable private key (a PEM, or base64 of the 32 or 64 bytes of an Ed25519 key)"
        )
    return key


def _of_seed(secret: Secret) -> Any:
    """The key, or None: no frame that holds the text may be part of a traceback."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        raw = base64.b64decode(secret.reveal(), validate=True)
    except (binascii.Error, ValueError):
        return None
    # 64 bytes are the seed and, after it, the public key.
    known = len(raw) in (_SEED_BYTES, 2 * _SEED_BYTES)
    return Ed25519PrivateKey.from_private_bytes(raw[:_SEED_BYTES]) if known else None


def _algorithm(key: Any) -> str:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if isinstance(key, Ed25519PrivateKey):
        return "EdDSA"
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    raise ConfigurationError("credentials.secret: the private key must be ECDSA P-256 or Ed25519")
