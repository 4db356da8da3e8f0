"""The one host of Advanced Trade: turns (path, parameters, reader) rows into endpoints. Knows no operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from unified.adapter import Charge, Endpoint, Stamp, costs
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.http import HttpRequest, HttpResponse, Method
from unified.operations import Operation
from unified.values import frozen
from unified_coinbase.auth import Auth
from unified_coinbase.faults import answer_of
from unified_coinbase.limits import PUBLIC

NAME = "rest"
ROOT = "/api/v3/brokerage"

Parameters = Mapping[str, str | Sequence[str]]
"""A sequence repeats its name."""
Path = str | Callable[[Any], str]
"""Below the root; a function of the operation where an id stands in it."""
Read = Callable[[Any, dict[str, Any]], Any]
"""The operation and the body of a success."""

_UNCACHED = {"Cache-Control": "no-cache"}
"""Public answers come out of a cache of one second unless told otherwise (rest-api page, 2026-08-22)."""


def segment(value: str) -> str:
    """An id as one part of a path. Raises `invalid_request` (not_sent) for one that would be another path."""
    if value in ("", ".", ".."):
        message = f"{value!r} is no id"
        raise VenueError.of(Fault(kind=Kind.INVALID_REQUEST, outcome=Outcome.NOT_SENT, message=message))
    return quote(value, safe="")


@frozen(kw_only=True)
class Door:
    """Address, key and the price of a signed call."""

    base: str
    auth: Auth
    private_charges: tuple[Charge, ...]

    def public(self, path: Path, parameters: Callable[[Any], Parameters], read: Read) -> Endpoint[Any, Any]:
        """A call that anybody may make."""

        def request(operation: Operation[Any], _stamp: Stamp) -> HttpRequest:
            where, query = ROOT + _path(path, operation), _query(parameters(operation))
            return HttpRequest(method=Method.GET, base=self.base, path=where, query=query, headers=_UNCACHED)

        return Endpoint(
            build=request,
            parse=lambda operation, response: read(operation, answer_of(response, public=True)),
            charges=costs(Charge(PUBLIC)),
            door=NAME,
            signed=False,
            example=_example(Method.GET, path),
        )

    def signed(self, path: Path, parameters: Callable[[Any], Parameters], read: Read) -> Endpoint[Any, Any]:
        """A question about the account."""

        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            where, query = ROOT + _path(path, operation), _query(parameters(operation))
            headers = self.auth.headers(Method.GET, self._host, where, stamp)
            return HttpRequest(method=Method.GET, base=self.base, path=where, query=query, headers=headers)

        return self._private(Method.GET, path, request, lambda operation, answer: read(operation, answer_of(answer)))

    def order(self, path: str, body: Callable[[Any], Mapping[str, Any]], read: Read) -> Endpoint[Any, Any]:
        """A call that writes orders."""
        return self.batch(path, body, lambda operation, answer: read(operation, answer_of(answer)))

    def batch(
        self,
        path: str,
        body: Callable[[Any], Mapping[str, Any]],
        parse: Callable[[Any, HttpResponse], Any],
    ) -> Endpoint[Any, Any]:
        """The same for several orders, each with a verdict of its own: `parse` sees the whole answer."""

        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            where, content = ROOT + path, json.dumps(body(operation), separators=(",", ":")).encode()
            signed = self.auth.headers(Method.POST, self._host, where, stamp)
            headers = {**signed, "Content-Type": "application/json"}
            return HttpRequest(method=Method.POST, base=self.base, path=where, headers=headers, body=content)

        return self._private(Method.POST, path, request, parse)

    @property
    def _host(self) -> str:
        """What the token is bound to: the host that is addressed, its port included."""
        return self.base.partition("://")[2]

    def _private(
        self,
        method: Method,
        path: Path,
        request: Callable[[Operation[Any], Stamp], HttpRequest],
        parse: Callable[[Any, HttpResponse], Any],
    ) -> Endpoint[Any, Any]:
        return Endpoint(
            build=request,
            parse=parse,
            charges=costs(*self.private_charges),
            door=NAME,
            signed=True,
            example=_example(method, path),
        )


def _path(path: Path, operation: Operation[Any]) -> str:
    return path if isinstance(path, str) else path(operation)


def _query(parameters: Parameters) -> str:
    return urlencode(parameters, doseq=True, quote_via=quote, safe="")


def _example(method: Method, path: Path) -> str:
    """A path with an id in it is shown by its function's first line."""
    return f"{method} {path}" if isinstance(path, str) else f"{method} {(path.__doc__ or '').partition(chr(10))[0]}"
