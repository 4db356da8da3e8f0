"""The one host of Kraken: turns (call, parameters, reader, cost) rows into endpoints. Knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from unified.adapter import Endpoint, Stamp
from unified.http import HttpRequest, HttpResponse, Method
from unified.operations import Operation
from unified.values import frozen
from unified.wire import Json, exact_json, moment
from unified_kraken.auth import Auth, Signed
from unified_kraken.faults import SPOT, Load, answer_of
from unified_kraken.limits import PUBLIC, Cost

NAME = "rest"

Parameters = Callable[[Any], Mapping[str, str]]
Members = Callable[[Any], Mapping[str, Any]]
Read = Callable[[Any, Json], Any]
"""The operation and the answer's `result`."""


@frozen(kw_only=True)
class Door:
    """Address and key."""

    base: str
    auth: Auth

    def public(self, call: str, parameters: Parameters, read: Read, *, load: Load = exact_json) -> Endpoint[Any, Any]:
        """A call that anybody may make. `load`: a faster reader, for answers that hold no number but in text."""
        path = f"/0/public/{call}"

        def request(operation: Operation[Any], _stamp: Stamp) -> HttpRequest:
            query = urlencode(parameters(operation))
            return HttpRequest(method=Method.GET, base=self.base, path=path, query=query)

        def parse(operation: Operation[Any], response: HttpResponse) -> Any:
            return read(operation, answer_of(response, SPOT, load))

        return _endpoint(request, parse, PUBLIC, f"GET {path}", signed=False)

    def private(
        self,
        call: str,
        parameters: Parameters,
        read: Read,
        cost: Cost,
        *,
        surfaces: Sequence[str] = SPOT,
        expires: bool = False,
    ) -> Endpoint[Any, Any]:
        """A call of the account. `expires`: Kraken refuses it after the stamp's last moment."""
        return self._signed(call, parameters, self.auth.form, read, cost, surfaces, expires)

    def batch(
        self,
        call: str,
        members: Members,
        read: Read,
        cost: Cost,
        *,
        surfaces: Sequence[str] = SPOT,
        expires: bool = False,
    ) -> Endpoint[Any, Any]:
        """A call about several orders: its body nests, so it is JSON."""
        return self._signed(call, members, self.auth.nested, read, cost, surfaces, expires)

    def _signed(
        self,
        call: str,
        members: Members,
        sign: Callable[[str, Mapping[str, Any], Stamp], Signed],
        read: Read,
        cost: Cost,
        surfaces: Sequence[str],
        expires: bool,
    ) -> Endpoint[Any, Any]:
        path = f"/0/private/{call}"

        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            signed = sign(path, {**members(operation), **(deadline(stamp) if expires else {})}, stamp)
            return HttpRequest(method=Method.POST, base=self.base, path=path, headers=signed.headers, body=signed.body)

        def parse(operation: Operation[Any], response: HttpResponse) -> Any:
            return read(operation, answer_of(response, surfaces))

        return _endpoint(request, parse, cost, f"POST {path}", signed=True)


def deadline(stamp: Stamp) -> Mapping[str, str]:
    """The request's last moment at the engine, RFC 3339 with milliseconds."""
    return {"deadline": rfc3339(stamp.expires_ms)}


def rfc3339(time_ms: int) -> str:
    """A moment, with milliseconds."""
    whole = moment(time_ms * 1000, "time")
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z"


def _endpoint(
    build: Callable[[Any, Stamp], HttpRequest],
    parse: Callable[[Any, HttpResponse], Any],
    cost: Cost,
    example: str,
    *,
    signed: bool,
) -> Endpoint[Any, Any]:
    return Endpoint(build=build, parse=parse, charges=cost, door=NAME, signed=signed, example=example)
