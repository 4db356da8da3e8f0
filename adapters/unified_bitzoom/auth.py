"""The two ways in: signed API keys, and the bearer tokens of version 1.0. Pure; builds no parameters.

Source: bitzoom-futures/futures.doc, docs/guides/api-key-authentication.md at 435a1fa and
examples/hmac/known-answer-vectors.json at 3bcd596 (both after 2026-02-13); tokens: version 1.0 (2026-02-13).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from unified.adapter import Stamp
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.secret import Credentials, Secret
from unified.signing import hmac_sha256, sha256

STREAM = "/ws"
"""The path of streams, which their logon signs."""


class Auth(Protocol):
    """Makes the headers of a call of an account. Raises `bad_credentials` (not_sent) where there is no key."""

    def headers(self, method: str, path: str, query: str, body: bytes, stamp: Stamp) -> Mapping[str, str]: ...

    def logon(self, stamp: Stamp) -> Mapping[str, Any]:
        """What a frame says that logs a connection on."""
        ...


class Nobody:
    """No credentials."""

    def headers(self, method: str, path: str, query: str, body: bytes, stamp: Stamp) -> Mapping[str, str]:
        del query, body, stamp
        hint = f"{method} {path} needs an API key; none is set."
        raise VenueError.of(Fault(kind=Kind.BAD_CREDENTIALS, outcome=Outcome.NOT_SENT, hint=hint))

    def logon(self, stamp: Stamp) -> Mapping[str, Any]:
        return self.headers("WS", STREAM, "", b"", stamp)


class SignedKey:
    """HMAC-SHA256 over seven lines, with a word that is used once."""

    def __init__(self, key: str, secret: Secret) -> None:
        self._key = key
        self._signer = hmac_sha256(secret)

    def headers(self, method: str, path: str, query: str, body: bytes, stamp: Stamp) -> Mapping[str, str]:
        time, window = str(stamp.time_ms), str(stamp.window_ms)
        text = signed_text(time, stamp.token, window, method, path, query, body)
        return {
            "X-BZ-APIKEY": self._key,
            "X-BZ-TIMESTAMP": time,
            "X-BZ-NONCE": stamp.token,
            "X-BZ-RECVWINDOW": window,
            "X-BZ-SIGNATURE": self._signer.sign(text).hex(),
        }

    def logon(self, stamp: Stamp) -> Mapping[str, Any]:
        """The time is a number here, the window a text."""
        signed = self.headers("WS", STREAM, "", b"", stamp)
        return {
            "apiKey": self._key,
            "timestamp": stamp.time_ms,
            "nonce": stamp.token,
            "recvWindow": signed["X-BZ-RECVWINDOW"],
            "signature": signed["X-BZ-SIGNATURE"],
        }


class Bearer:
    """A token of version 1.0. Nothing is signed: no page defines the text of the signature that the spec lists."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def headers(self, method: str, path: str, query: str, body: bytes, stamp: Stamp) -> Mapping[str, str]:
        del method, path, query, body, stamp
        return {"Authorization": f"Bearer {self._token.reveal()}"}

    def logon(self, stamp: Stamp) -> Mapping[str, Any]:
        del stamp
        return {"token": self._token.reveal()}


def auth_of(credentials: Credentials | None, form: str) -> Auth:
    """The way in that the option `auth` names."""
    if credentials is None:
        return Nobody()
    return Bearer(credentials.secret) if form == "bearer" else SignedKey(credentials.key, credentials.secret)


def signed_text(time: str, nonce: str, window: str, method: str, path: str, query: str, body: bytes) -> bytes:
    """Seven lines; the window's is empty where its header is left out."""
    lines = (time, nonce, window, method, path, canonical(query), sha256(body).hex())
    return "\n".join(lines).encode()


def canonical(query: str) -> str:
    """A query as it is signed: decoded, sorted by key and value, and encoded as a form."""
    return urlencode(sorted(parse_qsl(query, keep_blank_values=True)))
