"""The string to sign, the nonce in the body and the headers. Pure; knows no call.

Source: docs.kraken.com, guide spot-rest-auth (2026-05-27). HMAC is the only kind of key that this API has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from unified.adapter import Stamp
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.secret import Credentials, Secret
from unified.signing import HmacSigner, base64_text, hmac_sha512_base64, sha256
from unified.values import frozen

NO_PASSWORD = Secret("")


@frozen
class Signed:
    """A body and the headers that vouch for it."""

    headers: Mapping[str, str]
    body: bytes


class Auth:
    """Signs path and body with HMAC-SHA512. A passphrase is the static password of a key with API 2FA (`otp`)."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._key = "" if credentials is None else credentials.key
        self._password = (credentials.passphrase if credentials else None) or NO_PASSWORD
        self._signer: HmacSigner | None = None if credentials is None else hmac_sha512_base64(credentials.secret)

    def form(self, path: str, fields: Mapping[str, str], stamp: Stamp) -> Signed:
        """A flat body: `+` and brackets are percent-encoded before signing, as they are sent."""
        body = urlencode({"nonce": str(stamp.nonce), **fields, **self._otp()}).encode()
        return self.signed(path, str(stamp.nonce), body, "application/x-www-form-urlencoded")

    def nested(self, path: str, fields: Mapping[str, Any], stamp: Stamp) -> Signed:
        """A body with lists in it, as JSON. Its nonce must be the one that is signed."""
        members = {"nonce": str(stamp.nonce), **fields, **self._otp()}
        body = json.dumps(members, separators=(",", ":")).encode()
        return self.signed(path, str(stamp.nonce), body, "application/json")

    def signed(self, path: str, nonce: str, body: bytes, content_type: str) -> Signed:
        """`body` exactly as it is sent. Raises VenueError (not_sent) without a key."""
        if self._signer is None:
            hint = "This call needs an API key and its private key; none is set."
            raise VenueError.of(Fault(kind=Kind.BAD_CREDENTIALS, outcome=Outcome.NOT_SENT, hint=hint))
        signature = self._signer.sign(path.encode() + sha256(nonce.encode() + body))
        headers = {"API-Key": self._key, "API-Sign": base64_text(signature), "Content-Type": content_type}
        return Signed(headers, body)

    def _otp(self) -> Mapping[str, str]:
        return {"otp": self._password.reveal()} if self._password else {}
