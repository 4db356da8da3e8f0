"""Dummy accounts of the simulated Bybit, and the check of what they sign. Nobody's keys: all made up here.

Rules: Bybit V5 guide, "Authentication" (2026-07-24). A key that the venue generated signs with HMAC-SHA256 (lower-case
hex), a key of one's own with RSA (PKCS#1 v1.5, SHA-256; base64).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, partial

from attrs import field, frozen
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from unified.sandbox.dummy_rsa import prime_of, rsa_key, rsa_matches
from unified.secret import Credentials, Secret

Check = Callable[[bytes, str], bool]
"""Whether a signature belongs to a text."""

_RICH = {"USDT": Decimal(3_000_000), "BTC": Decimal(40), "ETH": Decimal(800)}
_POOR = {"USDT": Decimal(20)}
_FIRST_UID = 100_000_001
_ELSEWHERE = "203.0.113.7"
"""An address that only documents use (RFC 5737)."""


def hmac_check(secret: str) -> Check:
    def matches(signed: bytes, signature: str) -> bool:
        wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted.encode(), signature.encode())

    return matches


@frozen(kw_only=True)
class Holder:
    """Who holds a key, and what the key may do."""

    name: str
    uid: int
    credentials: Credentials
    matches: Check = field(repr=False)
    may_trade: bool = True
    addresses: tuple[str, ...] = ("*",)
    """From where the key may be used; a star is anywhere."""
    funds: dict[str, Decimal] = field(factory=lambda: dict(_RICH))
    """One wallet for spot and perpetuals."""


class LoginError(Exception):
    """A stream's login is refused: in these words, with this code where the door has codes."""

    def __init__(self, code: int, words: str) -> None:
        self.code = code
        super().__init__(words)


def logged_in(known: Mapping[str, Holder], args: object, now_ms: int) -> Holder:
    """Whose login this is. Raises LoginError."""
    if not isinstance(args, list) or len(args) != 3:
        raise LoginError(10001, "Params Error")
    holder, expires = known.get(str(args[0])), str(args[1])  # ccxt 4.5.90 writes the number as a text
    if not expires.isdecimal() or int(expires) <= now_ms:
        raise LoginError(10001, "request expired")
    if holder is None or not holder.matches(f"GET/realtime{expires}".encode(), str(args[2])):
        raise LoginError(10004, "error:apikey or sign invalid")
    return holder


@cache
def holders() -> tuple[Holder, ...]:
    """Every account: three with a generated key, one with its own, then one each for what venues refuse."""
    return (
        _generated("one", 0),
        _generated("two", 1),
        _generated("three", 2),
        _with_own_key("rsa", 3),
        _generated("poor", 4, funds=_POOR),
        _generated("reader", 5, may_trade=False),
        _generated("elsewhere", 6, addresses=(_ELSEWHERE,)),
    )


def _generated(
    name: str,
    number: int,
    *,
    may_trade: bool = True,
    addresses: tuple[str, ...] = ("*",),
    funds: dict[str, Decimal] | None = None,
) -> Holder:
    secret = f"dummy-bybit-secret-{name}"
    return Holder(
        name=name,
        uid=_FIRST_UID + number,
        credentials=Credentials(key=f"dummy-bybit-key-{name}", secret=Secret(secret)),
        matches=hmac_check(secret),
        may_trade=may_trade,
        addresses=addresses,
        funds=dict(funds or _RICH),
    )


def _with_own_key(name: str, number: int) -> Holder:
    key = rsa_key(prime_of("bybit-test-p", 744), prime_of("bybit-test-q", 48))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Holder(
        name=name,
        uid=_FIRST_UID + number,
        credentials=Credentials(key=f"dummy-bybit-key-{name}", secret=Secret(pem)),
        matches=partial(rsa_matches, key.public_key()),
    )
