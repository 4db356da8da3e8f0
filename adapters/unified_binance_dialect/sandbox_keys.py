"""Dummy accounts of a simulated venue, and the check of what they sign. Nobody's keys: all made up here.

Rules: Binance spot `rest-api.md`, "SIGNED endpoint security" (2026-07-21). HMAC is hex in either case.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from decimal import Decimal

from attrs import field, frozen

from unified.secret import Credentials, Secret

Check = Callable[[bytes, str], bool]
"""Whether a signature belongs to a text."""


def hmac_check(secret: str) -> Check:
    def matches(signed: bytes, signature: str) -> bool:
        wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted.encode(), signature.lower().encode())

    return matches


@frozen(kw_only=True)
class Holder:
    """Who holds a key, and what the key may do."""

    name: str
    credentials: Credentials
    matches: Check = field(repr=False)
    may_trade: bool = True
    may_log_on: bool = False
    """Whether the key opens a session on a WebSocket API."""
    spot: Mapping[str, Decimal]
    margin: Mapping[str, Decimal] = field(factory=dict)


def shared(
    venue: str, name: str, spot: Mapping[str, Decimal], margin: Mapping[str, Decimal], *, may_trade: bool = True
) -> Holder:
    """A holder of a shared secret."""
    secret = f"dummy-{venue}-secret-{name}"
    return Holder(
        name=name,
        credentials=Credentials(key=f"dummy-{venue}-key-{name}", secret=Secret(secret)),
        matches=hmac_check(secret),
        may_trade=may_trade,
        spot=spot,
        margin=margin,
    )
