"""What the tests of this adapter share: instruments, an adapter with dummy keys, requests and answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.adapters.binance.venue import STAMP, instrument
from unified.adapter import AdapterSettings, Endpoint, Procedure
from unified.errors import VenueError
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Instruments, Product
from unified.operations import Operation
from unified.secret import Credentials, Secret
from unified_bitzoom import Bitzoom

T = TypeVar("T")

BTC, ETH = instrument(Product.LINEAR), instrument(Product.LINEAR, "ETH")
LISTING = Instruments([BTC, ETH])


def adapter(environment: str = "production", **options: str) -> Bitzoom:
    credentials = Credentials(key="a-dummy-key", secret=Secret("a-dummy-secret"))
    return Bitzoom(AdapterSettings(environment=environment, credentials=credentials, options=options))


VENUE = adapter()


def endpoint(operation: Operation[Any]) -> Endpoint[Any, Any]:
    how = VENUE.endpoints[type(operation), operation.product]
    assert isinstance(how, Endpoint)
    return how


def build(operation: Operation[Any]) -> HttpRequest:
    return endpoint(operation).build(operation, STAMP)


def sent(operation: Operation[Any]) -> tuple[str, dict[str, Any]]:
    """Method and path, and what stands in the query or the body."""
    request = build(operation)
    said = json.loads(request.body) if request.body else dict(parse_qsl(request.query))
    return f"{request.method} {request.path}", said


def charged(operation: Operation[Any]) -> dict[str, float]:
    return {charge.bucket: charge.cost for charge in endpoint(operation).charges(operation, STAMP.time_ms)}


def response(body: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def parse(operation: Operation[T], data: object) -> T:
    """What the adapter makes of a success that carries `data`."""
    parsed: T = endpoint(operation).parse(operation, response({"errorCode": 200, "success": True, "data": data}))
    return parsed


def refused(operation: Operation[Any]) -> VenueError:
    """What building it raises."""
    try:
        build(operation)
    except VenueError as error:
        return error
    raise AssertionError(f"{operation} was built")


def walk(operation: Operation[T], answers: Iterable[object]) -> tuple[list[Operation[Any]], T]:
    """Perform a procedure: each step gets the next answer, or is thrown it if it is an error."""
    how = VENUE.endpoints[type(operation), operation.product]
    assert isinstance(how, Procedure)
    steps, asked, left = how.steps(operation), [], list(answers)
    try:
        step = next(steps)
        while True:
            asked.append(step)
            answer = left.pop(0)
            step = steps.throw(answer) if isinstance(answer, VenueError) else steps.send(answer)
    except StopIteration as end:
        assert left == [], "answers were left over"
        value: T = end.value
        return asked, value
