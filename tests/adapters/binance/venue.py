"""What the tests of this adapter share: instruments, an adapter with dummy keys, requests taken apart, answers made."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.adapters.calls import Calls, response
from unified.adapter import AdapterSettings, Stamp
from unified.http import HttpRequest
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
CALLS = Calls(BINANCE, STAMP)
build, refused, charged = CALLS.build, CALLS.refused, CALLS.charged
steps, walk = CALLS.steps, CALLS.walk


def parameters(request: HttpRequest) -> dict[str, str]:
    """The query without what signing adds."""
    return {name: value for name, value in parse_qsl(request.query, strict_parsing=True) if name not in SIGNED}


def sent(operation: Operation[Any]) -> tuple[str, dict[str, str]]:
    """Method and path, and the parameters, of the request of an operation."""
    request = build(operation)
    return f"{request.method} {request.path}", parameters(request) if request.query else {}


def parse(operation: Operation[T], body: object, status: int = 200) -> T:
    return CALLS.parse(operation, response(body, status))
