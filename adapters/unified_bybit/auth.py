"""The string to sign and the headers that carry the signature. Pure; builds no query and no body.

Source: Bybit V5 docs, integration guidance (guide.mdx, 2026-07-24).
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.adapter import Stamp
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.secret import Credentials
from unified.signing import Signer, base64_text, hmac_sha256, is_pem, key_signer

_LOGIN_MS = 10_000


class Auth:
    """Signs with the account's secret: an HMAC of a key that Bybit made, or an RSA key of one's own.

    Raises ConfigurationError for a PEM text that holds no readable key.
    """

    def __init__(self, credentials: Credentials | None) -> None:
        self._key = "" if credentials is None else credentials.key
        self._signer: Signer | None = None
        self._is_pem = False
        if credentials is not None:
            self._is_pem = is_pem(credentials.secret)
            self._signer = key_signer(credentials.secret) if self._is_pem else hmac_sha256(credentials.secret)

    def login(self, stamp: Stamp) -> tuple[str, int, str]:
        """The arguments of a stream's login, valid for ten seconds: one is too few for clocks and ways (pybit #152)."""
        if self._signer is None:
            raise _no_key()
        expires = stamp.time_ms + _LOGIN_MS
        return self._key, expires, self._text(self._signer.sign(f"GET/realtime{expires}".encode()))

    def _text(self, signature: bytes) -> str:
        return base64_text(signature) if self._is_pem else signature.hex()

    def headers(self, payload: bytes, stamp: Stamp) -> Mapping[str, str]:
        """`payload` is the query or the body exactly as it is sent: Bybit signs neither method nor path."""
        if self._signer is None:
            raise _no_key()
        signature = self._signer.sign(f"{stamp.time_ms}{self._key}{stamp.window_ms}".encode() + payload)
        return {
            "X-BAPI-API-KEY": self._key,
            "X-BAPI-TIMESTAMP": str(stamp.time_ms),
            "X-BAPI-RECV-WINDOW": str(stamp.window_ms),
            "X-BAPI-SIGN": self._text(signature),
        }


def _no_key() -> VenueError:
    hint = "This call needs an API key and its secret; none is set."
    return VenueError.of(Fault(kind=Kind.BAD_CREDENTIALS, outcome=Outcome.NOT_SENT, hint=hint))
