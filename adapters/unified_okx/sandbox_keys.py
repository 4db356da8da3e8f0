"""Dummy accounts of the simulated OKX, and the check of what they sign. Nobody's keys: all made up here.

Rules: OKX docs, "REST authentication" (2026-07-06). One type of key: HMAC-SHA256 in Base64 over timestamp, method,
path with query and body, keyed with the secret's text, and a passphrase in the clear.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from unified.sandbox.dialect import Incoming
from unified.sandbox.wording import microseconds
from unified.secret import Credentials, Secret
from unified_okx.sandbox_sayings import Refusal

WINDOW_US = 30_000_000
"""How far a timestamp may lie from the venue's clock, either way."""
_RICH = {"USDT": Decimal(3_000_000), "BTC": Decimal(40), "ETH": Decimal(800), "SOL": Decimal(5_000)}
_POOR = {"USDT": Decimal(20)}
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEADERS = (
    ("ok-access-key", "50103"),
    ("ok-access-passphrase", "50104"),
    ("ok-access-sign", "50106"),
    ("ok-access-timestamp", "50107"),
)


@frozen(kw_only=True)
class Holder:
    """Who holds a key, and what the key may do."""

    name: str
    """Of the account."""
    credentials: Credentials
    level: str = "2"
    """`acctLv`: 2 is futures mode (spot orders are `cash`), 3 multi-currency (spot orders are `cross`)."""
    may_trade: bool = True
    demo_only: bool = False
    """Belongs to demo trading; every other dummy works with and without `x-simulated-trading`."""
    addresses: tuple[str, ...] = ()
    """Allow-list; empty for any."""
    funds: dict[str, Decimal] = field(factory=lambda: dict(_RICH))

    @property
    def options(self) -> dict[str, str]:
        """What a client must say of the account: orders are worded by its level."""
        return {"account_level": "multi_currency"} if self.level == "3" else {}

    @property
    def permissions(self) -> str:
        """`perm`."""
        return "read_only,trade" if self.may_trade else "read_only"

    @property
    def uid(self) -> str:
        """The venue's number of the account; ever the same for the same name."""
        return str(int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:7], "big") + 10**17)


def _dummy(word: str) -> Credentials:
    return Credentials(
        key=f"dummy-okx-key-{word}",
        secret=Secret(f"dummy-okx-secret-{word}"),
        passphrase=Secret(f"dummy-okx-passphrase-{word}"),
    )


HOLDERS = (
    Holder(name="first", credentials=_dummy("first")),
    Holder(name="second", credentials=_dummy("second")),
    Holder(name="third", credentials=_dummy("third")),
    Holder(name="poor", credentials=_dummy("poor"), funds=_POOR),
    Holder(name="multi", credentials=_dummy("multi"), level="3"),
    Holder(name="reader", credentials=_dummy("reader"), may_trade=False),
    Holder(name="demo", credentials=_dummy("demo"), demo_only=True),
    Holder(name="elsewhere", credentials=_dummy("elsewhere"), addresses=("203.0.113.7",)),
)
_BY_KEY = {holder.credentials.key: holder for holder in HOLDERS}


def verified(incoming: Incoming, shown_us: int) -> Holder:
    """Whose request this is. Raises the venue's refusal; 50102 is the one for a timestamp out of the window."""
    for name, code in _HEADERS:
        if not incoming.header(name):
            raise Refusal(code)
    _check_timestamp(incoming.header("ok-access-timestamp"), shown_us)
    key = incoming.header("ok-access-key")
    holder = _BY_KEY.get(key)
    if holder is None:
        raise Refusal("50119" if _UUID.fullmatch(key) else "50111")
    if holder.demo_only and incoming.header("x-simulated-trading") != "1":
        raise Refusal("50101")
    if holder.addresses and incoming.peer not in holder.addresses:
        raise Refusal("50110", incoming.peer)
    _check_signature(incoming, holder.credentials)
    return holder


def of_session(key: str) -> Holder:
    """Whose request it is that came over a stream which has logged in with this key."""
    return _BY_KEY[key]


LOGIN_PATH = "/users/self/verify"


def logged_in(said: Mapping[str, Any], shown_us: int, peer: str) -> Holder:
    """Whose login this is. Raises LoginError with the venue's code."""
    key, passphrase, timestamp, sign = (str(said.get(name) or "") for name in _LOGIN_FIELDS)
    for value, code in zip((key, sign, passphrase), ("60001", "60002", "60003"), strict=True):
        if not value:
            raise LoginError(code)
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) == 10):
        raise LoginError("60004")
    if abs(shown_us - int(timestamp) * 1_000_000) > WINDOW_US:
        raise LoginError("60006")
    holder = _BY_KEY.get(key)
    if holder is None:
        raise LoginError("60032" if _UUID.fullmatch(key) else "60005")
    if holder.addresses and peer not in holder.addresses:
        raise LoginError("60009")
    wanted = holder.credentials.passphrase or Secret("")
    if not hmac.compare_digest(wanted.reveal().encode(), passphrase.encode()):
        raise LoginError("60024")
    signed = f"{timestamp}GET{LOGIN_PATH}".encode()
    if not hmac.compare_digest(signature(holder.credentials.secret.reveal(), signed).encode(), sign.encode()):
        raise LoginError("60007")
    return holder


class LoginError(Exception):
    """A stream's login is refused with this code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


_LOGIN_FIELDS = ("apiKey", "passphrase", "timestamp", "sign")


def _check_timestamp(text: str, shown_us: int) -> None:
    stamped_us = microseconds(text) if _TIMESTAMP.fullmatch(text) else None
    if stamped_us is None:
        raise Refusal("50112")
    if abs(shown_us - stamped_us) > WINDOW_US:
        raise Refusal("50102")


def _check_signature(incoming: Incoming, credentials: Credentials) -> None:
    passphrase = credentials.passphrase or Secret("")
    if not hmac.compare_digest(passphrase.reveal().encode(), incoming.header("ok-access-passphrase").encode()):
        raise Refusal("50105")
    target = f"{incoming.path}?{incoming.query}" if incoming.query else incoming.path
    signed = f"{incoming.header('ok-access-timestamp')}{incoming.method}{target}".encode() + incoming.body
    wanted = signature(credentials.secret.reveal(), signed)
    if not hmac.compare_digest(wanted.encode(), incoming.header("ok-access-sign").encode()):
        raise Refusal("50113")


def signature(secret: str, signed: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
