"""What the tests of this adapter share: instruments, adapters with a dummy key, requests taken apart, answers made."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.adapters import calls
from tests.adapters.calls import Calls, response
from unified.adapter import AdapterSettings, Stamp
from unified.http import HttpResponse
from unified.instrument import Instrument, Instruments, Product
from unified.operations import Operation, PlaceOrder
from unified.order import Side
from unified.secret import Credentials, Secret
from unified_bybit import Bybit

T = TypeVar("T")

STAMP = Stamp(time_ms=1763640000000, window_ms=5000, nonce=1, token="0" * 32)
"""2025-11-20T12:00:00Z, the moment of the signature vectors."""
CREDENTIALS = Credentials(key="testApiKey00000001", secret=Secret("testSecret000000000000000000000000001"))
TIME_MS = 1672211918471
"""The time of the envelopes that are made here."""

SPOT = Instrument(
    symbol="BTCUSDT",
    product=Product.SPOT,
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.1"),
    lot_size=Decimal("0.000001"),
)
PERPETUAL = Instrument(
    symbol="BTCUSDT",
    product=Product.LINEAR,
    base="BTC",
    quote="USDT",
    settle="USDT",
    tick_size=Decimal("0.1"),
    lot_size=Decimal("0.001"),
)
ETHER = Instrument(
    symbol="ETHUSDT",
    product=Product.LINEAR,
    base="ETH",
    quote="USDT",
    settle="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.01"),
)
LISTING = Instruments([SPOT, PERPETUAL, ETHER])


def adapter(environment: str = "production", *, with_key: bool = True, **options: str) -> Bybit:
    credentials = CREDENTIALS if with_key else None
    return Bybit(AdapterSettings(environment=environment, credentials=credentials, options=options))


BYBIT = adapter()
CALLS = Calls(BYBIT, STAMP)
build, refused, walk = CALLS.build, CALLS.refused, CALLS.walk
parse, failure = CALLS.parse, CALLS.failure


def asked(operation: Operation[Any]) -> tuple[str, dict[str, str]]:
    """Method and path, and the parameters, of a question."""
    request = build(operation)
    assert request.body == b""
    return f"{request.method} {request.path}", dict(
        parse_qsl(request.query, strict_parsing=True, keep_blank_values=True)
    )


def told(operation: Operation[Any]) -> tuple[str, Any]:
    """Method and path, and the body, of a call that changes something."""
    request = build(operation)
    assert request.query == ""
    return f"{request.method} {request.path}", json.loads(request.body)


def answer(result: object = None, code: int = 0, message: str = "OK", extra: object = None) -> HttpResponse:
    """An envelope as Bybit writes it."""
    body = {"retCode": code, "retMsg": message, "result": result or {}, "retExtInfo": extra or {}, "time": TIME_MS}
    return response(body)


def listed(*rows: object, cursor: str = "") -> HttpResponse:
    """A success with these rows."""
    return answer({"list": list(rows), "nextPageCursor": cursor})


def recorded(*parts: str) -> HttpResponse:
    """The answer in a file of the corpus; skips the test where the corpus is absent."""
    return calls.recorded("bybit", *parts)


def place(instrument: Instrument = SPOT, side: Side = Side.BUY, **terms: Any) -> PlaceOrder:
    """An order of 2 units under the id b15; numbers may be written as text."""
    exact: dict[str, Any] = {name: Decimal(term) if type(term) is str else term for name, term in terms.items()}
    return PlaceOrder(instrument=instrument, side=side, client_order_id="b15", **{"quantity": Decimal(2)} | exact)


def order_row(**changes: object) -> dict[str, object]:
    """A row of the order lists: a resting limit buy."""
    return {
        "orderId": "fd4300ae-7847-404e-b947-b46980a4d140",
        "orderLinkId": "b15",
        "symbol": "BTCUSDT",
        "price": "1600.00",
        "qty": "0.10",
        "side": "Buy",
        "orderStatus": "New",
        "cancelType": "UNKNOWN",
        "rejectReason": "EC_NoError",
        "avgPrice": "",
        "cumExecQty": "0.00",
        "cumExecValue": "0",
        "timeInForce": "GTC",
        "orderType": "Limit",
        "stopOrderType": "UNKNOWN",
        "triggerPrice": "0.00",
        "reduceOnly": False,
        "createdTime": "1684738540559",
        "updatedTime": "1684738540561",
        **changes,
    }
