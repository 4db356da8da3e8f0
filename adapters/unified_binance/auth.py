"""The string to sign and where the signature goes. Pure; builds no parameters.

Source: Binance spot REST "Request security" and key-type FAQ (2026-07-21), USD-M general info (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from unified.adapter import Stamp
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.secret import Credentials
from unified.signing import base64_text, hmac_sha256, is_pem, key_signer

Parameters = Mapping[str, str]


class Auth:
    """Signs queries with the key's own algorithm: HMAC (hex), RSA or Ed25519 (base64)."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._key = "" if credentials is None else credentials.key
        self._private = credentials is not None and is_pem(credentials.secret)
        self._signer = (
            None
            if credentials is None
            else (key_signer(credentials.secret) if self._private else hmac_sha256(credentials.secret))
        )

    def headers(self) -> Mapping[str, str]:
        """For every call that names the key."""
        return {"X-MBX-APIKEY": self._key}

    def signed_query(self, parameters: Parameters, stamp: Stamp) -> str:
        """The query with timestamp, window and, last, its signature.

        Percent-encoding comes before signing: spot refuses the other order since 2026-01-15.
        """
        if self._signer is None:
            raise VenueError.of(
                Fault(kind=Kind.BAD_CREDENTIALS, outcome=Outcome.NOT_SENT, hint="This call needs an API key; none is set.")
            )
        query = urlencode({**parameters, "recvWindow": str(stamp.window_ms), "timestamp": str(stamp.time_ms)})
        raw = self._signer.sign(query.encode())
        signature = quote(base64_text(raw), safe="") if self._private else raw.hex()
        return f"{query}&signature={signature}"
