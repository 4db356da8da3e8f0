"""The string to sign and the headers. Pure.

Signed are time, window, method, path, query and body, one after the other; HMAC-SHA256, lower-case hex.
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.adapter import Stamp
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.http import Method
from unified.secret import Credentials
from unified.signing import hmac_sha256


class Auth:
    """Makes the headers of signed calls."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._key = "" if credentials is None else credentials.key
        self._signer = None if credentials is None else hmac_sha256(credentials.secret)

    def headers(self, method: Method, path: str, query: str, body: bytes, stamp: Stamp) -> Mapping[str, str]:
        """Raises `bad_credentials` (not_sent) where there is no key."""
        if self._signer is None:
            hint = "This call needs an API key; none is set."
            raise VenueError.of(Fault(kind=Kind.BAD_CREDENTIALS, outcome=Outcome.NOT_SENT, hint=hint))
        time, window = str(stamp.time_ms), str(stamp.window_ms)
        signed = f"{time}{window}{method}{path}{query}".encode() + body
        return {
            "x-paper-key": self._key,
            "x-paper-time": time,
            "x-paper-window": window,
            "x-paper-sign": self._signer.sign(signed).hex(),
        }
