"""What the tests of this adapter share: instruments, an adapter with dummy keys, requests taken apart, answers made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.adapters.binance.venue import SIGNED, STAMP, instrument
from unified.adapter import AdapterSettings, Endpoint
from unified.errors import VenueError
from unified.http import HttpResponse
from unified.instrument import Instruments, Product
from unified.operations import Operation
from unified.secret import Credentials, Secret
from unified_binanceus import BinanceUs

T = TypeVar("T")

SPOT = instrument(Product.SPOT)
LISTING = Instruments([SPOT, instrument(Product.SPOT, "ETH")])
VENUE = BinanceUs(AdapterSettings(credentials=Credentials(key="a-dummy-key", secret=Secret("a-dummy-secret"))))


def endpoint(operation: Operation[Any]) -> Endpoint[Any, Any]:
    how = VENUE.endpoints[type(operation), operation.product]
    assert isinstance(how, Endpoint)
    return how


def sent(operation: Operation[Any]) -> tuple[str, dict[str, str]]:
    """Method and path, and the parameters without what signing adds."""
    request = endpoint(operation).build(operation, STAMP)
    fields = dict(parse_qsl(request.query, strict_parsing=True)) if request.query else {}
    return f"{request.method} {request.path}", {name: value for name, value in fields.items() if name not in SIGNED}


def charged(operation: Operation[Any]) -> dict[str, float]:
    return {charge.bucket: charge.cost for charge in endpoint(operation).charges(operation, STAMP.time_ms)}


def response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status=status, body=raw, headers=headers or {})


def parse(operation: Operation[T], body: object, status: int = 200) -> T:
    parsed: T = endpoint(operation).parse(operation, response(body, status))
    return parsed


def refused(operation: Operation[Any]) -> VenueError:
    """What building it raises."""
    try:
        endpoint(operation).build(operation, STAMP)
    except VenueError as error:
        return error
    raise AssertionError(f"{operation} was built")
