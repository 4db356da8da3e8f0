"""The one host of Bybit: turns (path, parameters, reader, cost) rows into endpoints. Knows no operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from unified.adapter import Endpoint, Stamp
from unified.http import HttpRequest, HttpResponse, Method
from unified.operations import Operation
from unified.values import frozen
from unified_bybit.auth import Auth
from unified_bybit.faults import REST, Answer, answer_of, items_of
from unified_bybit.limits import Cost, one_request

NAME = "rest"

Parameters = Mapping[str, str]
Body = Mapping[str, Any]
Read = Callable[[Any, Answer], Any]

CURSOR = "cursor"


@frozen(kw_only=True)
class Door:
    """Address and key."""

    base: str
    auth: Auth

    def public(self, path: str, parameters: Callable[[Any], Parameters], read: Read) -> Endpoint[Any, Any]:
        """A call that anybody may make."""
        return self._get(path, parameters, read, signed=False)

    def signed(self, path: str, parameters: Callable[[Any], Parameters], read: Read) -> Endpoint[Any, Any]:
        """A question about the account."""
        return self._get(path, parameters, read, signed=True)

    def setting(self, path: str, body: Callable[[Any], Body], read: Read) -> Endpoint[Any, Any]:
        """A change of the account's settings."""
        return self._post(path, body, lambda operation, response: read(operation, answer_of(response, REST)))

    def order(self, path: str, body: Callable[[Any], Body], read: Read) -> Endpoint[Any, Any]:
        """A call that writes orders and has one verdict."""
        return self._post(
            path, body, lambda operation, response: read(operation, answer_of(response, surfaces_of(operation)))
        )

    def batch(self, path: str, body: Callable[[Any], Body], read: Callable[..., Any], cost: Cost) -> Endpoint[Any, Any]:
        """A call that writes several orders, each with a verdict of its own."""
        return self._post(
            path, body, lambda operation, response: read(operation, items_of(response, surfaces_of(operation))), cost
        )

    def _get(
        self, path: str, parameters: Callable[[Any], Parameters], read: Read, *, signed: bool
    ) -> Endpoint[Any, Any]:
        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            query = encoded(parameters(operation))
            headers = self.auth.headers(query.encode(), stamp) if signed else {}
            return HttpRequest(method=Method.GET, base=self.base, path=path, query=query, headers=headers)

        return Endpoint(
            build=request,
            parse=lambda operation, response: read(operation, answer_of(response, REST)),
            charges=one_request(f"GET {path}"),
            door=NAME,
            signed=signed,
            example=f"GET {path}",
        )

    def _post(
        self,
        path: str,
        body: Callable[[Any], Body],
        parse: Callable[[Any, HttpResponse], Any],
        cost: Cost | None = None,
    ) -> Endpoint[Any, Any]:
        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            content = json.dumps(body(operation), separators=(",", ":")).encode()
            headers = {**self.auth.headers(content, stamp), "Content-Type": "application/json"}
            return HttpRequest(method=Method.POST, base=self.base, path=path, headers=headers, body=content)

        return Endpoint(
            build=request,
            parse=parse,
            charges=cost or one_request(f"POST {path}"),
            door=NAME,
            signed=True,
            example=f"POST {path}",
        )


def surfaces_of(operation: Operation[Any]) -> tuple[str, ...]:
    """The catalogue's words for a call that writes orders: spot has codes of its own."""
    return *REST, operation.product.value


def encoded(parameters: Parameters) -> str:
    """The query as it is signed and sent. Bybit's cursors come percent-encoded and go back as they came."""
    return "&".join(f"{name}={quote(text, safe='%' if name == CURSOR else '')}" for name, text in parameters.items())
