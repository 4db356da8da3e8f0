"""The one host of OKX: turns (path, parameters, reader, cost) rows into endpoints. Knows no operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from unified.adapter import Charge, Endpoint, Stamp
from unified.http import HttpRequest, HttpResponse, Method
from unified.operations import Operation
from unified.values import frozen
from unified_okx.auth import Auth
from unified_okx.faults import REST, TRADE, items_of, rows_of
from unified_okx.limits import Cost, charge

NAME = "rest"
ROOT = "/api/v5"

Parameters = Mapping[str, str]
Body = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Path = str | Callable[[Any, int], str]
"""Below the root. A function of the operation and the venue's time where OKX keeps several doors for one thing."""
Read = Callable[[Any, list[Any]], Any]
"""The operation and the rows of `data`."""


@frozen(kw_only=True)
class Door:
    """Address, key and environment."""

    base: str
    auth: Auth
    demo: bool

    def public(self, path: Path, parameters: Callable[[Any], Parameters], read: Read) -> Endpoint[Any, Any]:
        """A call that anybody may make."""
        return self._get(path, parameters, read, signed=False)

    def signed(self, path: Path, parameters: Callable[[Any], Parameters], read: Read) -> Endpoint[Any, Any]:
        """A question about the account."""
        return self._get(path, parameters, read, signed=True)

    def setting(self, path: str, body: Callable[[Any], Body], read: Read) -> Endpoint[Any, Any]:
        """A change of the account's settings."""
        return self._post(path, body, lambda operation, response: read(operation, rows_of(response, REST)))

    def order(
        self, path: Path, body: Callable[[Any], Body], read: Read, cost: Cost | None = None, *, expires: bool = False
    ) -> Endpoint[Any, Any]:
        """A call that writes one order. `expires`: OKX takes it only until the stamp's last moment."""
        return self._post(
            path, body, lambda operation, response: read(operation, rows_of(response, TRADE)), cost, expires=expires
        )

    def batch(
        self, path: Path, body: Callable[[Any], Body], read: Read, cost: Cost, *, expires: bool = False
    ) -> Endpoint[Any, Any]:
        """A call that writes several orders, each with a verdict of its own."""
        return self._post(
            path, body, lambda operation, response: read(operation, items_of(response, TRADE)), cost, expires=expires
        )

    def _get(
        self, path: Path, parameters: Callable[[Any], Parameters], read: Read, *, signed: bool
    ) -> Endpoint[Any, Any]:
        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            query = urlencode(parameters(operation))
            where = ROOT + _path(path, operation, stamp.time_ms)
            target = f"{where}?{query}" if query else where
            headers = {**self._common(), **(self.auth.headers(Method.GET, target, b"", stamp) if signed else {})}
            return HttpRequest(method=Method.GET, base=self.base, path=where, query=query, headers=headers)

        return Endpoint(
            build=request,
            parse=lambda operation, response: read(operation, rows_of(response, REST)),
            charges=_one_request(Method.GET, path),
            door=NAME,
            signed=signed,
            example=_example(Method.GET, path),
        )

    def _post(
        self,
        path: Path,
        body: Callable[[Any], Body],
        parse: Callable[[Any, HttpResponse], Any],
        cost: Cost | None = None,
        *,
        expires: bool = False,
    ) -> Endpoint[Any, Any]:
        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            where = ROOT + _path(path, operation, stamp.time_ms)
            content = json.dumps(body(operation), separators=(",", ":")).encode()
            headers = {
                **self._common(),
                **self.auth.headers(Method.POST, where, content, stamp),
                "Content-Type": "application/json",
                # Not part of the signature (docs, #overview 2026-07-06).
                **({"expTime": str(stamp.expires_ms)} if expires else {}),
            }
            return HttpRequest(method=Method.POST, base=self.base, path=where, headers=headers, body=content)

        return Endpoint(
            build=request,
            parse=parse,
            charges=cost or _one_request(Method.POST, path),
            door=NAME,
            signed=True,
            example=_example(Method.POST, path),
        )

    def _common(self) -> Mapping[str, str]:
        """Demo trading is a header, on public calls too: without it they answer with production's data."""
        return {"x-simulated-trading": "1"} if self.demo else {}


def _path(path: Path, operation: Operation[Any], time_ms: int) -> str:
    return path if isinstance(path, str) else path(operation, time_ms)


def _one_request(method: Method, path: Path) -> Cost:
    def cost(operation: Operation[Any], time_ms: int) -> tuple[Charge, ...]:
        return (charge(f"{method} {_path(path, operation, time_ms)}", operation),)

    return cost


def _example(method: Method, path: Path) -> str:
    """A door with several paths is shown by its function's first line."""
    return f"{method} {path}" if isinstance(path, str) else f"{method} {(path.__doc__ or '').partition(chr(10))[0]}"
