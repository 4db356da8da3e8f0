"""What the tests of this adapter share: instruments, an adapter with dummy keys, requests taken apart, answers made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from unified.adapter import AdapterSettings, Endpoint, Procedure, Stamp, Steps
from unified.errors import Fault, Kind, VenueError
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Instrument, Instruments, Product
from unified.operations import Operation
from unified.secret import Credentials, Secret
from unified_binance import Binance

T = TypeVar("T")

STAMP = Stamp(time_ms=1763680000000, window_ms=3000, nonce=1, token="0" * 32)
KEY = "a-dummy-key"
SIGNED = ("recvWindow", "timestamp", "signature")


def instrument(product: Product, base: str = "BTC") -> Instrument:
    return Instrument(
        symbol=f"{base}USDT",
        product=product,
        base=base,
        quote="USDT",
        settle=None if product is Product.SPOT else "USDT",
        tick_size=Decimal("0.01"),
        lot_size=Decimal("0.00001"),
    )


SPOT, LINEAR = instrument(Product.SPOT), instrument(Product.LINEAR)
LISTING = Instruments([SPOT, LINEAR, instrument(Product.SPOT, "ETH"), instrument(Product.LINEAR, "ETH")])


def adapter(environment: str = "production", *, with_key: bool = True) -> Binance:
    credentials = Credentials(key=KEY, secret=Secret("a-dummy-secret")) if with_key else None
    return Binance(AdapterSettings(environment=environment, credentials=credentials))


BINANCE = adapter()


def endpoint(operation: Operation[Any]) -> Endpoint[Any, Any]:
    how = BINANCE.endpoints[type(operation), operation.product]
    assert isinstance(how, Endpoint)
    return how


def build(operation: Operation[Any], stamp: Stamp = STAMP) -> HttpRequest:
    return endpoint(operation).build(operation, stamp)


def parameters(request: HttpRequest) -> dict[str, str]:
    """The query without what signing adds."""
    return {name: value for name, value in parse_qsl(request.query, strict_parsing=True) if name not in SIGNED}


def sent(operation: Operation[Any]) -> tuple[str, dict[str, str]]:
    """Method and path, and the parameters, of the request of an operation."""
    request = build(operation)
    return f"{request.method} {request.path}", parameters(request) if request.query else {}


def charged(operation: Operation[Any]) -> dict[str, float]:
    return {charge.bucket: charge.cost for charge in endpoint(operation).charges(operation, STAMP.time_ms)}


def response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status=status, body=raw, headers=headers or {})


def parse(operation: Operation[T], body: object, status: int = 200) -> T:
    parsed: T = endpoint(operation).parse(operation, response(body, status))
    return parsed


def refusal(kind: Kind) -> VenueError:
    return VenueError.of(Fault(kind=kind))


def refused(operation: Operation[Any]) -> VenueError:
    """What building it raises."""
    try:
        build(operation)
    except VenueError as error:
        return error
    raise AssertionError(f"{operation} was built")


def steps_of(operation: Operation[T]) -> Steps[T]:
    how = BINANCE.endpoints[type(operation), operation.product]
    assert isinstance(how, Procedure)
    steps: Steps[T] = how.steps(operation)
    return steps


def walk(operation: Operation[T], answers: Iterable[object]) -> tuple[list[Operation[Any]], T]:
    """Perform a procedure: each step gets the next answer, or is thrown it if it is an error."""
    steps, asked, left = steps_of(operation), [], list(answers)
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
