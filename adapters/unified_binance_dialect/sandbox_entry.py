"""Order entry over the WebSocket API, simulated: which request over HTTP a frame stands for, and its answer.

Written from web-socket-api.md (2026-07-21) and the USD-M WebSocket API pages (2026-05-28), never from the adapters.
What is not signed well is refused before it is weighed; on a connection that has logged in, what bears no signature is
the session's own. Where the papers are silent it decides so: a key that cannot log in is refused with -1022.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from attrs import frozen

from unified.sandbox.dialect import Incoming, Outgoing
from unified.sandbox.entry import Asked
from unified.sandbox.streams import Opening
from unified_binance_dialect.sandbox_calls import Refusal, missing
from unified_binance_dialect.sandbox_keys import Holder
from unified_binance_dialect.sandbox_rows import Row

Calls = Mapping[str, tuple[str, str]]
"""Name of a call -> method and path of the same over HTTP."""
Rates = Iterable[tuple[str, str, int, int]]
"""Type, interval, number of intervals, limit: as `exchangeInfo` tells them."""
_HEADERS = {"REQUEST_WEIGHT": "x-mbx-used-weight", "ORDERS": "x-mbx-order-count"}
_WINDOW_MS, _AHEAD_MS = 5000, 1000


@frozen
class Request:
    """What a frame asks for."""

    number: Any
    method: str
    params: Mapping[str, Any]


def request_of(frame: str) -> Request | None:
    """None where the frame is no request."""
    try:
        said = orjson.loads(frame)
        number, method, params = said.get("id"), said["method"], said.get("params") or {}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None
    return Request(number, method, params) if isinstance(params, dict) else None


class Session:
    """Whose key a connection has logged in with."""

    def __init__(self, holders: Mapping[str, Holder], now_ms: Callable[[], int]) -> None:
        self._holders, self._now_ms = holders, now_ms
        self._connected_ms = now_ms()
        self._holder: Holder | None = None
        self._since_ms: int | None = None

    def log_on(self, params: Mapping[str, Any]) -> Row:
        """Takes Ed25519 keys alone. Raises Refusal."""
        holder = self.timely(params)
        if not holder.may_log_on:
            raise Refusal(-1022, "Signature for this request is not valid.")
        self._holder, self._since_ms = holder, self._now_ms()
        return self.status()

    def log_out(self) -> Row:
        """The connection stays; requests have to be signed again."""
        self._holder = self._since_ms = None
        return self.status()

    def status(self) -> Row:
        return {
            "apiKey": None if self._holder is None else self._holder.credentials.key,
            "authorizedSince": self._since_ms,
            "connectedSince": self._connected_ms,
            "returnRateLimits": True,
            "serverTime": self._now_ms(),
        }

    def holder(self, params: Mapping[str, Any]) -> Holder:
        """Whose request it is: that of its own key, or of the session. Raises Refusal."""
        if self._holder is not None and "apiKey" not in params and "signature" not in params:
            return self._holder
        return self.signed(params)

    def current(self) -> Holder:
        """Who has logged in. Raises Refusal."""
        if self._holder is None:
            raise missing("apiKey")
        return self._holder

    def timely(self, params: Mapping[str, Any]) -> Holder:
        """Who signs a login or a subscription, which has no window of its own. Raises Refusal."""
        stamp = params.get("timestamp")
        known = str(params.get("apiKey")) in self._holders
        if known and not (isinstance(stamp, int) and -_AHEAD_MS < self._now_ms() - stamp <= _WINDOW_MS):
            raise late()
        return self.signed(params)

    def signed(self, params: Mapping[str, Any]) -> Holder:
        """Whose key has signed. Parameters are signed in the order of their names, and not percent-encoded."""
        for name in ("apiKey", "signature"):
            if name not in params:
                raise missing(name)
        holder = self._holders.get(str(params["apiKey"]))
        if holder is None:
            raise Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        text = "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature")
        if not holder.matches(text.encode(), str(params["signature"])):
            raise Refusal(-1022, "Signature for this request is not valid.")
        return holder


def late() -> Refusal:
    return Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")


def order_request(asked: Request, calls: Calls, opening: Opening, session: Session) -> Asked | None:
    """The request over HTTP; None for what is no order. Raises Refusal for one that is not signed well."""
    if asked.method not in calls:
        return None
    holder = session.holder(asked.params)
    method, path = calls[asked.method]
    named = {name: value for name, value in asked.params.items() if name not in ("apiKey", "signature")}
    incoming = Incoming(
        door=opening.door,
        method=method,
        path=path,
        query=urlencode(named),
        headers={"x-mbx-apikey": holder.credentials.key},
        peer=opening.peer,
        session=holder.credentials.key,
    )
    return Asked(incoming=incoming, about={"id": asked.number})


def answer_frame(asked: Asked, answer: Outgoing, said: Any, now_ms: int, rates: Rates) -> Row:
    """An answer over HTTP as a frame says it: status, result or error, and what was used of the limits."""
    frame = {**asked.about, "status": answer.status, "rateLimits": list(_used(answer.headers, rates))}
    if answer.status == 200:
        return {**frame, "result": said}
    wait = answer.headers.get("retry-after")
    until = {} if wait is None else {"data": {"serverTime": now_ms, "retryAfter": now_ms + 1000 * int(wait)}}
    return {**frame, "error": {**until, **said}}


def _used(headers: Mapping[str, str], rates: Rates) -> Iterator[Row]:
    """Of each limit of which the answer tells."""
    for kind, interval, number, limit in rates:
        count = headers.get(f"{_HEADERS.get(kind)}-{number}{interval[0].lower()}")
        if count is not None:
            row = {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}
            yield {**row, "count": int(count)}
