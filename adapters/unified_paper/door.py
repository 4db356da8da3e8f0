"""The one host of Paper: turns (method, path, build, read, charges) rows into endpoints. Knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from unified.adapter import Charge, Endpoint, Stamp, costs
from unified.http import HttpRequest, HttpResponse, Method
from unified.operations import Operation
from unified.values import frozen
from unified_paper.auth import Auth
from unified_paper.faults import answer_of

Build = Callable[[Any], Mapping[str, str]]
Read = Callable[[Any, Any], Any]

REQUEST = Charge("requests")


@frozen(kw_only=True)
class Door:
    """Reads and deletes say what they want in the query, the others in a JSON body."""

    base: str
    auth: Auth

    def public(self, path: str, build: Build, read: Read) -> Endpoint[Any, Any]:
        """A call that anybody may make."""
        return Endpoint(
            build=lambda operation, _stamp: HttpRequest(
                method=Method.GET, base=self.base, path=path, query=urlencode(build(operation))
            ),
            parse=_reader(read),
            charges=costs(REQUEST),
            door="main",
            signed=False,
            example=f"GET {path}",
        )

    def signed(
        self, method: Method, path: str, build: Build, read: Read, charges: tuple[Charge, ...] = ()
    ) -> Endpoint[Any, Any]:
        """A call of an account: what is signed is what is sent."""

        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            said, in_query = build(operation), method in (Method.GET, Method.DELETE)
            query = urlencode(said) if in_query else ""
            body = b"" if in_query else orjson.dumps(said)
            headers = self.auth.headers(method, path, query, body, stamp)
            return HttpRequest(method=method, base=self.base, path=path, query=query, headers=headers, body=body)

        return Endpoint(
            build=request,
            parse=_reader(read),
            charges=costs(REQUEST, *charges),
            door="main",
            signed=True,
            example=f"{method} {path}",
        )


def _reader(read: Read) -> Callable[[Any, HttpResponse], Any]:
    return lambda operation, response: read(operation, answer_of(response))
