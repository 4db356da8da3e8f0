"""What the tests of this adapter share: instruments, an adapter with dummy keys, requests and answers."""

from __future__ import annotations

import json
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.adapters.binance.venue import STAMP, instrument
from tests.adapters.calls import Calls, response
from unified.adapter import AdapterSettings
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
CALLS = Calls(VENUE, STAMP)
build, refused, charged, walk = CALLS.build, CALLS.refused, CALLS.charged, CALLS.walk


def sent(operation: Operation[Any]) -> tuple[str, dict[str, Any]]:
    """Method and path, and what stands in the query or the body."""
    request = build(operation)
    said = json.loads(request.body) if request.body else dict(parse_qsl(request.query))
    return f"{request.method} {request.path}", said


def parse(operation: Operation[T], data: object) -> T:
    """What the adapter makes of a success that carries `data`."""
    return CALLS.parse(operation, response({"errorCode": 200, "success": True, "data": data}))
