"""One host of a venue: turns (method, path, parameters, reader, weight) rows into endpoints. Knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from attrs import evolve

from unified.adapter import Charge, Endpoint, Stamp, costs
from unified.errors import Kind, VenueError
from unified.http import HttpRequest, HttpResponse, Method
from unified.operations import Operation
from unified.values import frozen
from unified.wire import Json, query
from unified_binance_dialect.auth import PLAIN, Auth, Parameters
from unified_binance_dialect.faults import Faults

Build = Callable[[Any], Parameters]
Read = Callable[[Any, Json], Any]
Weight = int | Callable[[Any], int]
Charges = tuple[Charge, ...] | Callable[[Any], tuple[Charge, ...]]


@frozen(kw_only=True)
class Door:
    """One system of a venue: its address, its refusals, and what its calls are charged to."""

    name: str
    base: str
    auth: Auth
    faults: Faults
    surfaces: tuple[str, ...]
    """The catalogue's words for it, the most telling first."""
    bucket: str
    """Where the weight is charged."""
    toll: tuple[Charge, ...] = ()
    """What every call pays beside its weight."""

    def public(self, path: str, build: Build, read: Read, weight: Weight, also: Charges = ()) -> Endpoint[Any, Any]:
        """A call that anybody may make."""

        def request(operation: Operation[Any], _stamp: Stamp) -> HttpRequest:
            return self._request(Method.GET, path, query(build(operation)), PLAIN)

        return self._endpoint(request, f"GET {path}", read, weight, also, signed=False)

    def keyed(
        self, path: str, build: Build, read: Read, weight: Weight, method: Method = Method.GET
    ) -> Endpoint[Any, Any]:
        """A call that names a key and signs nothing."""

        def request(operation: Operation[Any], _stamp: Stamp) -> HttpRequest:
            return self._request(method, path, query(build(operation)), self.auth.headers())

        return self._endpoint(request, f"{method} {path}", read, weight, (), signed=True)

    def signed(
        self, method: Method, path: str, build: Build, read: Read, weight: Weight, also: Charges = ()
    ) -> Endpoint[Any, Any]:
        """A call of an account. Everything stands in the query: it is signed whole and sent as it is signed."""

        def request(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
            signed = self.auth.signed_query(build(operation), stamp)
            return self._request(method, path, signed, self.auth.headers())

        return self._endpoint(request, f"{method} {path}", read, weight, also, signed=True)

    def _request(self, method: Method, path: str, query: str, headers: Mapping[str, str]) -> HttpRequest:
        return HttpRequest(method=method, base=self.base, path=path, query=query, headers=headers)

    def _endpoint(
        self,
        request: Callable[[Any, Stamp], HttpRequest],
        example: str,
        read: Read,
        weight: Weight,
        also: Charges,
        *,
        signed: bool,
    ) -> Endpoint[Any, Any]:
        @cache
        def every(cost: int) -> tuple[Charge, ...]:
            return (*((Charge(self.bucket, cost),) if cost else ()), *self.toll)

        def charges(operation: Operation[Any], _time_ms: int) -> tuple[Charge, ...]:
            weighed = every(weight if isinstance(weight, int) else weight(operation))
            return weighed + (also if isinstance(also, tuple) else also(operation))

        return Endpoint(
            build=request,
            parse=lambda operation, response: read(operation, self.faults.answer_of(response, self.surfaces)),
            charges=costs(*every(weight), *also) if isinstance(weight, int) and isinstance(also, tuple) else charges,
            door=self.name,
            signed=signed,
            example=example,
        )


def either(
    first: Endpoint[Any, Any], second: Endpoint[Any, Any], second_if: Callable[[Any], bool]
) -> Endpoint[Any, Any]:
    """One operation behind two addresses of a door: what the operation says decides which is used."""

    def chosen(operation: Operation[Any]) -> Endpoint[Any, Any]:
        return second if second_if(operation) else first

    return Endpoint(
        build=lambda operation, stamp: chosen(operation).build(operation, stamp),
        parse=lambda operation, response: chosen(operation).parse(operation, response),
        charges=lambda operation, time_ms: chosen(operation).charges(operation, time_ms),
        door=first.door,
        signed=first.signed,
        example=f"{first.example} or {second.example}",
    )


def done_if(kind: Kind, endpoint: Endpoint[Any, None]) -> Endpoint[Any, None]:
    """The same endpoint where a refusal of this kind means that there was nothing to do."""

    def parse(operation: Operation[Any], response: HttpResponse) -> None:
        try:
            endpoint.parse(operation, response)
        except VenueError as refused:
            if refused.kind is not kind:
                raise

    return evolve(endpoint, parse=parse)
