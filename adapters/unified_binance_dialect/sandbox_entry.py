"""Order entry over the WebSocket API, simulated: which request over HTTP a frame stands for, and its answer.

Written from web-socket-api.md (2026-07-21) and the USD-M WebSocket API pages (2026-05-28), never from the adapters.
Every request is signed by itself; `session.logon` is not simulated. What is not signed well is refused before it is
weighed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from attrs import frozen

from unified.sandbox.dialect import Incoming, Outgoing
from unified.sandbox.entry import Asked
from unified.sandbox.streams import Opening
from unified_binance_dialect.sandbox_calls import Refusal
from unified_binance_dialect.sandbox_keys import Holder
from unified_binance_dialect.sandbox_rows import Row

Calls = Mapping[str, tuple[str, str]]
"""Name of a call -> method and path of the same over HTTP."""
_TYPES = {"x-mbx-used-weight": "REQUEST_WEIGHT", "x-mbx-order-count": "ORDERS"}
_INTERVALS = {"s": "SECOND", "m": "MINUTE", "d": "DAY"}


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


def check_signed(params: Mapping[str, Any], holders: Mapping[str, Holder]) -> Holder:
    """Whose request it is. Parameters are signed in the order of their names, and not percent-encoded."""
    holder = holders.get(str(params.get("apiKey")))
    if holder is None:
        raise Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    signed = "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature")
    if not holder.matches(signed.encode(), str(params.get("signature"))):
        raise Refusal(-1022, "Signature for this request is not valid.")
    return holder


def order_request(asked: Request, calls: Calls, opening: Opening, holders: Mapping[str, Holder]) -> Asked | None:
    """The request over HTTP; None for what is no order. Raises Refusal for one that is not signed well."""
    if asked.method not in calls:
        return None
    holder = check_signed(asked.params, holders)
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


def answer_frame(asked: Asked, answer: Outgoing, said: Any, now_ms: int) -> Row:
    """An answer over HTTP as a frame says it: status, result or error, and what was used of the limits."""
    limits = [row for name, value in answer.headers.items() if (row := _limit(name, value)) is not None]
    frame = {**asked.about, "status": answer.status, "rateLimits": limits}
    if answer.status == 200:
        return {**frame, "result": said}
    wait = answer.headers.get("retry-after")
    until = {} if wait is None else {"data": {"serverTime": now_ms, "retryAfter": now_ms + 1000 * int(wait)}}
    return {**frame, "error": {**until, **said}}


def _limit(header: str, value: str) -> Row | None:
    name, _, window = header.rpartition("-")
    if name not in _TYPES:
        return None
    number, interval = int(window[:-1]), _INTERVALS[window[-1]]
    return {"rateLimitType": _TYPES[name], "interval": interval, "intervalNum": number, "count": int(value)}
