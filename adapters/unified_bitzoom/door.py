"""The one host of Bitzoom: turns (method, path, build, read) rows into endpoints. Knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from unified.adapter import Charge, Endpoint, Stamp, costs
from unified.http import HttpRequest, HttpResponse, Method
from unified.operations import Operation
from unified.values import frozen
from unified.wire import Json
from unified_bitzoom.auth import Auth
from unified_bitzoom.faults import answer_of
from unified_bitzoom.limits import PRIVATE, PUBLIC

Said = Mapping[str, Any]
Build = Callable[[Any], Said]
Read = Callable[[Any, Json], Any]


@frozen(kw_only=True)
class Door:
    """GET speaks in the query, POST and DELETE in a JSON body: what is signed is what is sent."""

    base: str
    auth: Auth

    def public(self, path: str, build: Build, read: Read) -> Endpoint[Any, Any]:
        """A call that anybody may make."""

        def request(operation: Operation[Any], _stamp: Stamp) -> HttpRequest:
            return HttpRequest(method=Method.GET, base=self.base, path=path, query=_query(build(operation)))

        return _endpoint(request, read, PUBLIC, f"GET {path}", signed=False)

    def signed(
        self, method: Method, path: str, build: Build, read: Read, charges: tuple[Charge, ...] = PRIVATE
    ) -> Endpoint[Any, Any]:
        """A call of an account. Some GETs here change something: their operation says so, not the method."""

        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            said, in_query = build(operation), method is Method.GET
            query = _query(said) if in_query else ""
            body = b"" if in_query else orjson.dumps(dict(said))
            headers = dict(self.auth.headers(method.value, path, query, body, stamp))
            if body:
                headers["Content-Type"] = "application/json"
            return HttpRequest(method=method, base=self.base, path=path, query=query, headers=headers, body=body)

        return _endpoint(request, read, charges, f"{method} {path}", signed=True)


def _query(said: Said) -> str:
    return urlencode(said, quote_via=quote, safe="")


def _endpoint(
    request: Callable[[Any, Stamp], HttpRequest], read: Read, charges: tuple[Charge, ...], example: str, *, signed: bool
) -> Endpoint[Any, Any]:
    def parse(operation: Operation[Any], response: HttpResponse) -> Any:
        return read(operation, answer_of(response))

    return Endpoint(build=request, parse=parse, charges=costs(*charges), door="main", signed=signed, example=example)
