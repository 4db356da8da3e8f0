"""Orders over the WebSocket API of this dialect: signed requests in frames, answers back into those of REST.

Each request is signed by itself, so that every type of key can trade and no login is needed. Opens no socket; which
calls there are each venue's table says.

Source: Binance web-socket-api.md, "Request format", "Response format", "Request security" (2026-07-21), USD-M
"WebSocket API General Info" (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from attrs import evolve

from unified.adapter import Endpoint, Stamp
from unified.entry import Answered, EntryEvent
from unified.feeds import Ending, Ticket
from unified.http import HttpRequest, Method
from unified.operations import Operation
from unified_binance_dialect.auth import Auth, Parameters
from unified_binance_dialect.stream import frame_of

_WHOLE = frozenset({"orderId", "goodTillDate"})
"""Parameters that are JSON numbers here; prices and quantities are texts, as over REST."""
_COUNTS = {"REQUEST_WEIGHT": "x-mbx-used-weight", "ORDERS": "x-mbx-order-count"}
_REVOKED = 401


class ApiEntry:
    """One connection."""

    def __init__(self, sign_of_life: str) -> None:
        """`sign_of_life` is a request that changes nothing, and is answered."""
        self._ping = orjson.dumps({"id": "alive", "method": sign_of_life}).decode()

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Nothing: every request is signed."""
        return ()

    def ping(self) -> str | None:
        """Quiet connections say nothing by themselves for minutes."""
        return self._ping

    def ask(self, number: int, request: HttpRequest, _access: Any) -> str:
        """The request's own object with an id in front."""
        return f'{{"id":{number},{request.body[1:].decode()}'

    def receive(self, frame: str | bytes) -> Iterable[EntryEvent]:
        """What a frame says. Raises `malformed_response`."""
        said = frame_of(frame)
        number, event = said.get("id"), said.get("event")
        if type(event) is dict and event.get("e") == "serverShutdown":
            return (Ending("the venue restarts this connection's server"),)
        if number is None and said.get("status") == _REVOKED:
            return (Ending("the key was refused"),)
        return (_answered(number, said),) if type(number) is int else ()


def _answered(number: int, said: Mapping[str, Any]) -> Answered:
    """The answer that REST would give: the error or the result as the body, counts and waits as headers."""
    status, error = said.get("status"), said.get("error")
    body = said.get("result") if error is None else error
    headers = {**_counts(said.get("rateLimits")), **_wait(error)}
    return Answered(number, orjson.dumps(body), status if type(status) is int else 200, headers)


def _counts(limits: Any) -> dict[str, str]:
    rows = limits if type(limits) is list else []
    return {
        f"{_COUNTS[row['rateLimitType']]}-{row['intervalNum']}{row['interval'][:1].lower()}": str(row["count"])
        for row in rows
        if row.get("rateLimitType") in _COUNTS and "count" in row
    }


def _wait(error: Any) -> dict[str, str]:
    """Seconds, rounded up; here the end of the wait is told as a moment beside the venue's time."""
    data = error.get("data") if type(error) is dict else None
    if type(data) is not dict:
        return {}
    ends, now = data.get("retryAfter"), data.get("serverTime")
    if type(ends) is not int or type(now) is not int:
        return {}
    return {"retry-after": str(max(0, -(-(ends - now) // 1000)))}


def framed(
    base: str, path: str, auth: Auth, method: str, build: Callable[[Any], Parameters], rest: Endpoint[Any, Any]
) -> Endpoint[Any, Any]:
    """The same call over the socket: the same parameters, reader, weight and counts."""

    def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
        named = {name: int(value) if name in _WHOLE else value for name, value in build(operation).items()}
        signed = auth.signed_frame({**named, "recvWindow": stamp.window_ms, "timestamp": stamp.time_ms})
        body = orjson.dumps({"method": method, "params": signed})
        return HttpRequest(method=Method.POST, base=base, path=path, body=body)

    return evolve(rest, build=request, example=method)
