"""Orders over the WebSocket API of this dialect: requests in frames, answers back into those of REST.

A connection of an Ed25519 key logs in once, and no request on it is signed; with any other key each request is signed
by itself. Opens no socket; which calls there are each venue's table says.

Source: Binance web-socket-api.md, "Request format", "Response format", "Request security", "Session authentication"
(2026-07-21), USD-M "WebSocket API General Info" (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from attrs import evolve

from unified.adapter import Endpoint, Stamp
from unified.entry import Answered, EntryEvent
from unified.errors import Fault
from unified.feeds import Ending, LoggedIn, LoginRefused, Ticket
from unified.http import HttpRequest, Method
from unified.operations import Operation
from unified_binance_dialect.auth import Auth, Parameters
from unified_binance_dialect.stream import frame_of

_WHOLE = frozenset({"orderId", "goodTillDate"})
"""Parameters that are JSON numbers here; prices and quantities are texts, as over REST."""
_COUNTS = {"REQUEST_WEIGHT": "x-mbx-used-weight", "ORDERS": "x-mbx-order-count"}
_REVOKED = 401
_LOGIN = "logon"
"""The id of the login; requests have numbers."""
_MISSING = -1102
FaultOf = Callable[[Mapping[str, Any], int], Fault]
"""What an error object means in a frame of this status."""


class ApiEntry:
    """One connection."""

    def __init__(self, sign_of_life: str, auth: Auth, fault_of: FaultOf) -> None:
        """`sign_of_life` is a request that changes nothing, and is answered."""
        self._ping = orjson.dumps({"id": "alive", "method": sign_of_life}).decode()
        self._auth, self._fault_of = auth, fault_of

    def login(self, ticket: Ticket) -> Sequence[str]:
        """For keys that can log in; `Auth.logs_on` says which."""
        params = self._auth.signed_frame({"timestamp": ticket.stamp.time_ms})
        return [orjson.dumps({"id": _LOGIN, "method": "session.logon", "params": params}).decode()]

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
        if number == _LOGIN:
            return (self._login_answer(said),)
        if type(number) is not int:
            return ()
        return (_answered(number, said), *self._over(said.get("error")))

    def _login_answer(self, said: Mapping[str, Any]) -> LoggedIn | LoginRefused:
        error = said.get("error")
        return LoggedIn() if error is None else LoginRefused(self._fault_of(error, said.get("status", 200)))

    def _over(self, error: Any) -> Iterable[Ending]:
        """Who asks for the key that an unsigned request leaves out knows of no login any more."""
        if self._auth.logs_on and type(error) is dict and error.get("code") == _MISSING:
            return (Ending("the login is over"),) if "apiKey" in str(error.get("msg")) else ()
        return ()


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
    """The same call over the socket: the same parameters, reader, weight and counts; unsigned where the key logs in."""

    def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
        named = {name: int(value) if name in _WHOLE else value for name, value in build(operation).items()}
        timed = {**named, "recvWindow": stamp.window_ms, "timestamp": stamp.time_ms}
        body = orjson.dumps({"method": method, "params": timed if auth.logs_on else auth.signed_frame(timed)})
        return HttpRequest(method=Method.POST, base=base, path=path, body=body)

    return evolve(rest, build=request, example=method)
