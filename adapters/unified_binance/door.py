"""One host of Binance: turns (method, path, parameters, reader) rows into endpoints. Knows no operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from attrs import frozen

from unified.adapter import Charge, Endpoint, Stamp, costs
from unified.http import HttpRequest, HttpResponse, Method
from unified.operations import Operation
from unified_binance.auth import Auth, Parameters
from unified_binance.faults import answer_of

Build = Callable[[Any], Parameters]
Read = Callable[[Any, Any], Any]
Cost = Callable[[Operation[Any], int], tuple[Charge, ...]]


@frozen(kw_only=True)
class Door:
    """`spot` or `linear`: its address, its surface in the catalogue, its weight bucket."""

    name: str
    base: str
    auth: Auth

    def public(self, path: str, build: Build, read: Read, weight: int | Cost) -> Endpoint[Any, Any]:
        """A call that anybody may make."""
        return Endpoint(
            build=lambda operation, _stamp: HttpRequest(
                method=Method.GET, base=self.base, path=path, query=urlencode(build(operation))
            ),
            parse=self._reader(read),
            charges=self._charges(weight),
            door=self.name,
            signed=False,
            example=f"GET {path}",
        )

    def signed(self, method: Method, path: str, build: Build, read: Read, cost: int | Cost) -> Endpoint[Any, Any]:
        """A call of an account. Everything stands in the query: it is signed whole and sent as it is signed."""

        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            query = self.auth.signed_query(build(operation), stamp)
            return HttpRequest(method=method, base=self.base, path=path, query=query, headers=self.auth.headers())

        return Endpoint(
            build=request,
            parse=self._reader(read),
            charges=self._charges(cost),
            door=self.name,
            signed=True,
            example=f"{method} {path}",
        )

    def _reader(self, read: Read) -> Callable[[Any, HttpResponse], Any]:
        return lambda operation, response: read(operation, answer_of(response, self.name))

    def _charges(self, cost: int | Cost) -> Cost:
        if not isinstance(cost, int):
            return cost
        return costs(Charge(f"weight_{self.name}", cost), *((Charge("raw_spot"),) if self.name == "spot" else ()))
