"""Dummy accounts of the simulated Bitzoom, and how it lets a request in: signed keys, or bearer tokens.

Nobody's keys: all made up here. Rules: bitzoom-futures/futures.doc, docs/guides/api-key-authentication.md at 435a1fa
(after 2026-02-13): seven lines, HMAC-SHA256, a nonce that was never seen, a timestamp within its window.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from attrs import frozen

from unified.sandbox.dialect import Incoming
from unified.secret import Credentials, Secret
from unified_bitzoom.sandbox_calls import Refusal

_USUAL_WINDOW, _LONGEST_WINDOW = 5000, 60_000
_LOGON = ("apiKey", "timestamp", "nonce", "recvWindow", "signature")


@frozen(kw_only=True)
class Holder:
    """Who holds a key, and what it may do."""

    name: str
    credentials: Credentials
    bearer: bool = False
    """The secret is a token and signs nothing."""
    may_trade: bool = True
    money: Decimal = Decimal(1_000_000)


def _holder(name: str, *, bearer: bool = False, may_trade: bool = True, money: int = 1_000_000) -> Holder:
    what = "token" if bearer else "secret"
    credentials = Credentials(key=f"dummy-bitzoom-key-{name}", secret=Secret(f"dummy-bitzoom-{what}-{name}"))
    return Holder(name=name, credentials=credentials, bearer=bearer, may_trade=may_trade, money=Decimal(money))


HOLDERS = (
    _holder("main"),
    _holder("bearer", bearer=True),
    _holder("poor", money=20),
    _holder("reader", may_trade=False),
)


class Gate:
    """Tells whose request it is. Remembers every nonce."""

    def __init__(self) -> None:
        self._by_key = {holder.credentials.key: holder for holder in HOLDERS if not holder.bearer}
        self._by_token = {holder.credentials.secret.reveal(): holder for holder in HOLDERS if holder.bearer}
        self._seen: set[str] = set()

    def holder_of(self, incoming: Incoming, now_ms: int) -> Holder:
        """Raises Refusal."""
        token = incoming.header("authorization")
        if token:
            holder = self._by_token.get(token.removeprefix("Bearer "))
            if holder is None:
                raise Refusal(-1002, "Unauthorized", 401)
            return holder
        return self._signer(incoming, now_ms)

    def logged_on(self, data: Mapping[str, Any], now_ms: int) -> Holder:
        """Whose logon of a stream this is: by token, or signed as a request WS /ws. Raises Refusal."""
        token, headers = data.get("token"), {"authorization": f"Bearer {data.get('token')}"}
        if token is None:
            if type(data.get("timestamp")) is not int or not isinstance(data.get("recvWindow", ""), str):
                raise Refusal(-1130, "Invalid data")
            headers = {f"x-bz-{name.lower()}": str(data.get(name, "")) for name in _LOGON}
        return self.holder_of(Incoming(door="main", method="WS", path="/ws", headers=headers), now_ms)

    def _signer(self, incoming: Incoming, now_ms: int) -> Holder:
        holder = self._by_key.get(incoming.header("x-bz-apikey"))
        if holder is None:
            raise Refusal(-2014, "API key format invalid", 401)
        time, nonce = incoming.header("x-bz-timestamp"), incoming.header("x-bz-nonce")
        window = incoming.header("x-bz-recvwindow")
        secret = holder.credentials.secret.reveal().encode()
        made = hmac.new(secret, _text(incoming, time, nonce, window), hashlib.sha256)
        if not hmac.compare_digest(made.hexdigest().encode(), incoming.header("x-bz-signature").encode()):
            raise Refusal(-1022, "Invalid signature", 401)
        _check_time(time, window, now_ms)
        if nonce in self._seen or not nonce:
            raise Refusal(None, "nonce reused", 401)
        self._seen.add(nonce)
        return holder


def _text(incoming: Incoming, time: str, nonce: str, window: str) -> bytes:
    body = hashlib.sha256(incoming.body).hexdigest()
    return "\n".join((time, nonce, window, incoming.method, incoming.path, canonical(incoming.query), body)).encode()


def canonical(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)


def _check_time(time: str, window: str, now_ms: int) -> None:
    """Both sides are taken to count, as the window's page does not say otherwise."""
    most = int(window) if window.isdecimal() else _USUAL_WINDOW
    if not time.isdecimal() or abs(now_ms - int(time)) > min(most, _LONGEST_WINDOW):
        raise Refusal(-1021, "Timestamp outside recv window", 400)


def by_name() -> Mapping[str, Holder]:
    return {holder.name: holder for holder in HOLDERS}
