"""The string to sign, where the signature goes, and the refusal of what cannot be said. Pure; builds no parameters.

Source: Binance spot REST "Request security" and key-type FAQ (2026-07-21), USD-M general info (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from unified.adapter import Stamp, unsupported
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.operations import Operation
from unified.secret import Credentials
from unified.signing import KeySigner, base64_text, hmac_sha256, is_pem, key_signer
from unified.wire import query

Parameters = Mapping[str, str]
PLAIN: Mapping[str, str] = MappingProxyType({"Accept": "application/json"})
"""Of every call: without it an unknown path answers with a page of HTML (spot changelog 2023-12-04)."""


class Auth:
    """Signs queries with the key's own algorithm: HMAC (hex), RSA or Ed25519 (base64)."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._key = "" if credentials is None else credentials.key
        self._headers = MappingProxyType({**PLAIN, "X-MBX-APIKEY": self._key})
        self._private = credentials is not None and is_pem(credentials.secret)
        self._signer = (
            None
            if credentials is None
            else (key_signer(credentials.secret) if self._private else hmac_sha256(credentials.secret))
        )

    @property
    def logs_on(self) -> bool:
        """Whether the key can open a session on a WebSocket API, in which requests need no signature: Ed25519 alone."""
        return isinstance(self._signer, KeySigner) and not self._signer.is_rsa

    def headers(self) -> Mapping[str, str]:
        """For every call that names the key. Raises VenueError (not_sent) where there is none."""
        if not self._key:
            raise _no_key()
        return self._headers

    def signed_query(self, parameters: Parameters, stamp: Stamp) -> str:
        """The query with timestamp, window and, last, its signature.

        Percent-encoding comes before signing: spot refuses the other order since 2026-01-15.
        """
        text = query({**parameters, "recvWindow": str(stamp.window_ms), "timestamp": str(stamp.time_ms)})
        return f"{text}&signature={self.signature(text)}"

    def signed_frame(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a request in a frame with key and signature: signed sorted, and not percent-encoded."""
        if self._signer is None:
            raise _no_key()
        named = {"apiKey": self._key, **parameters}
        raw = self._signer.sign("&".join(f"{name}={named[name]}" for name in sorted(named)).encode())
        return {**named, "signature": base64_text(raw) if self._private else raw.hex()}

    def signature(self, text: str) -> str:
        """The signature of a text, ready to stand in a query. Raises VenueError (not_sent) without a key."""
        if self._signer is None:
            raise _no_key()
        raw = self._signer.sign(text.encode())
        return quote(base64_text(raw), safe="") if self._private else raw.hex()


def cannot(operation: Operation[Any], why: str) -> VenueError:
    """The dialect has no words for this. Which venue it is, the scheduler adds."""
    return unsupported("", operation, why)


def _no_key() -> VenueError:
    hint = "This call needs an API key; none is set."
    return VenueError.of(Fault(kind=Kind.BAD_CREDENTIALS, outcome=Outcome.NOT_SENT, hint=hint))
