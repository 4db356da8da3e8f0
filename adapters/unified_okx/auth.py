"""The string to sign and the headers that carry the signature. Pure; builds no query and no body.

Source: OKX API v5 docs, "REST authentication" (#overview, 2026-07-06), "WebSocket login" (#overview-websocket).
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.adapter import Stamp
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.http import Method
from unified.secret import Credentials, Secret
from unified.signing import HmacSigner, base64_text, hmac_sha256
from unified.wire import moment

NO_SECRET = Secret("")


class Auth:
    """Signs with HMAC-SHA256, the one key type of OKX; the passphrase travels in a header of its own."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._key = "" if credentials is None else credentials.key
        self._passphrase = (credentials.passphrase if credentials else None) or NO_SECRET
        self._signer: HmacSigner | None = None if credentials is None else hmac_sha256(credentials.secret)

    def headers(self, method: Method, target: str, body: bytes, stamp: Stamp) -> Mapping[str, str]:
        """`target` is the path with its query exactly as sent: OKX signs both, but not the host."""
        signer = self._signed()
        timestamp = iso_milliseconds(stamp.time_ms)
        signature = signer.sign(f"{timestamp}{method}{target}".encode() + body)
        return {
            "OK-ACCESS-KEY": self._key,
            "OK-ACCESS-SIGN": base64_text(signature),
            "OK-ACCESS-TIMESTAMP": timestamp,
            "OK-ACCESS-PASSPHRASE": self._passphrase.reveal(),
        }

    def login(self, stamp: Stamp) -> Mapping[str, str]:
        """What a stream's login says: here the time is in whole seconds, and no body is signed."""
        signer = self._signed()
        timestamp = str(stamp.time_ms // 1000)
        return {
            "apiKey": self._key,
            "passphrase": self._passphrase.reveal(),
            "timestamp": timestamp,
            "sign": base64_text(signer.sign(f"{timestamp}GET/users/self/verify".encode())),
        }

    def _signed(self) -> HmacSigner:
        if self._signer is None:
            hint = "This call needs an API key with secret and passphrase; none is set."
            raise VenueError.of(Fault(kind=Kind.BAD_CREDENTIALS, outcome=Outcome.NOT_SENT, hint=hint))
        return self._signer


def iso_milliseconds(time_ms: int) -> str:
    """A moment as the header wants it: UTC with exactly three digits after the point (else 50112)."""
    whole = moment(time_ms * 1000, "timestamp")
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z"
