"""The text that Souk wants signed, and the headers. Pure."""

from __future__ import annotations

from base64 import b64encode
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

    def headers(self, method: Method, target: str, body: bytes, stamp: Stamp) -> Mapping[str, str]:
        """Signed are five lines: last moment, time, method, path with query, body."""
        if self._signer is None:
            raise VenueError.of(
                Fault(kind=Kind.BAD_CREDENTIALS, outcome=Outcome.NOT_SENT, hint="Souk needs a key here.")
            )
        until, now = str(stamp.expires_ms), str(stamp.time_ms)
        signed = "\n".join((until, now, method, target, "")).encode() + body
        return {
            "souk-key": self._key,
            "souk-time": now,
            "souk-until": until,
            "souk-sign": b64encode(self._signer.sign(signed)).decode(),
        }
