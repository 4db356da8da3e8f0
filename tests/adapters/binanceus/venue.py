"""What the tests of this adapter share: instruments, an adapter with dummy keys, requests taken apart, answers made."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.adapters.binance.venue import SIGNED, STAMP, instrument
from tests.adapters.calls import Calls, response
from unified.adapter import AdapterSettings
from unified.instrument import Instruments, Product
from unified.operations import Operation
from unified.secret import Credentials, Secret
from unified_binanceus import BinanceUs

T = TypeVar("T")

SPOT = instrument(Product.SPOT)
LISTING = Instruments([SPOT, instrument(Product.SPOT, "ETH")])
VENUE = BinanceUs(AdapterSettings(credentials=Credentials(key="a-dummy-key", secret=Secret("a-dummy-secret"))))


CALLS = Calls(VENUE, STAMP)
build, refused, charged = CALLS.build, CALLS.refused, CALLS.charged


def sent(operation: Operation[Any]) -> tuple[str, dict[str, str]]:
    """Method and path, and the parameters without what signing adds."""
    request = build(operation)
    fields = dict(parse_qsl(request.query, strict_parsing=True)) if request.query else {}
    return f"{request.method} {request.path}", {name: value for name, value in fields.items() if name not in SIGNED}


def parse(operation: Operation[T], body: object, status: int = 200) -> T:
    return CALLS.parse(operation, response(body, status))
