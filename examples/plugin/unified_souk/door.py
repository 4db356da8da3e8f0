"""The one host of Souk: turns rows of (method, path, say, read) into endpoints. Knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from attrs import frozen

from unified.adapter import Charge, Endpoint, Stamp, costs
from unified.http import HttpRequest, Method
from unified.operations import Operation
from unified_souk.auth import Auth
from unified_souk.faults import answer_of

Say = Callable[[Any], Mapping[str, Any]]
Read = Callable[[Any, Any], Any]


@frozen(kw_only=True)
class Door:
    """Souk takes what is posted as a JSON body, everything else in the query."""

    base: str
    auth: Auth

    def row(
        self, method: Method, path: str, say: Say, read: Read, *, signed: bool, orders: int = 0
    ) -> Endpoint[Any, Any]:
        """An endpoint; `orders` is what it costs in the bucket of that name."""

        def build(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            query, body = self._written(method, say(operation))
            target = f"{path}?{query}" if query else path
            headers = self.auth.headers(method, target, body, stamp) if signed else {}
            return HttpRequest(method=method, base=self.base, path=path, query=query, headers=headers, body=body)

        charges = (Charge("requests"), *((Charge("orders", orders),) if orders else ()))
        return Endpoint(
            build=build,
            parse=lambda operation, response: read(operation, answer_of(response)),
            charges=costs(*charges),
            door="main",
            signed=signed,
            example=f"{method} {path}",
        )

    @staticmethod
    def _written(method: Method, said: Mapping[str, Any]) -> tuple[str, bytes]:
        return ("", orjson.dumps(said)) if method is Method.POST else (urlencode(said), b"")
