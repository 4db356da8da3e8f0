"""What the tests of this adapter share: instruments, adapters with a dummy key, requests taken apart, answers made."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.adapters import calls
from tests.adapters.calls import Calls, response
from unified.adapter import AdapterSettings, Stamp
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Instrument, Instruments, Product
from unified.operations import Operation
from unified.secret import Credentials, Secret
from unified_okx import Okx

T = TypeVar("T")

STAMP = Stamp(time_ms=1795161600123, window_ms=5000, nonce=1, token="0" * 32)
"""2026-11-20T08:00:00.123Z"""
CREDENTIALS = Credentials(
    key="a-dummy-key", secret=Secret("22582BD0CFF14C41EDBF1AB98506286D"), passphrase=Secret("a-dummy-passphrase")
)
"""The secret is the published dummy of the venue's documentation."""

SPOT = Instrument(
    symbol="BTC-USDT",
    product=Product.SPOT,
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.1"),
    lot_size=Decimal("0.00000001"),
)
SWAP = Instrument(
    symbol="BTC-USDT-SWAP",
    product=Product.LINEAR,
    base="BTC",
    quote="USDT",
    settle="USDT",
    tick_size=Decimal("0.1"),
    lot_size=Decimal("0.0001"),
    contract_size=Decimal("0.01"),
)
LISTING = Instruments([SPOT, SWAP])


def adapter(environment: str = "production", *, with_key: bool = True, **options: str) -> Okx:
    credentials = CREDENTIALS if with_key else None
    return Okx(AdapterSettings(environment=environment, credentials=credentials, options=options))


OKX = adapter()
CALLS = Calls(OKX, STAMP)
build, refused, charged = CALLS.build, CALLS.refused, CALLS.charges
parse, failure, walk = CALLS.parse, CALLS.failure, CALLS.walk


def asked(operation: Operation[Any], okx: Okx = OKX) -> tuple[str, dict[str, str]]:
    """Method and path below the root, and the parameters, of a question."""
    request = Calls(okx, STAMP).build(operation)
    return _line(request), dict(parse_qsl(request.query, strict_parsing=True)) if request.query else {}


def told(operation: Operation[Any], okx: Okx = OKX) -> tuple[str, Any]:
    """Method and path below the root, and the body, of a call that changes something."""
    request = Calls(okx, STAMP).build(operation)
    assert request.query == ""
    return _line(request), json.loads(request.body)


def _line(request: HttpRequest) -> str:
    assert request.path.startswith("/api/v5/")
    return f"{request.method} {request.path.removeprefix('/api/v5')}"


def rows(*data: object) -> HttpResponse:
    """A success with these rows."""
    return response({"code": "0", "msg": "", "data": list(data)})


def recorded(*parts: str) -> HttpResponse:
    """The answer in a file of the corpus; skips the test where the corpus is absent."""
    return calls.recorded("okx", *parts)


def order_row(**changes: object) -> dict[str, object]:
    """A plain order of the lists: a resting limit buy."""
    return {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "ordId": "680800019749904384",
        "clOrdId": "b15",
        "algoClOrdId": "",
        "side": "buy",
        "ordType": "limit",
        "px": "2.15",
        "sz": "2",
        "tgtCcy": "",
        "tdMode": "cash",
        "posSide": "net",
        "reduceOnly": "false",
        "state": "live",
        "accFillSz": "0",
        "avgPx": "",
        "cancelSource": "",
        "cancelSourceReason": "",
        "cTime": "1708587373361",
        "uTime": "1708587373362",
        **changes,
    }


def stop_row(**changes: object) -> dict[str, object]:
    """A waiting stop of the lists: sells at the market when the price falls."""
    return {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "algoId": "681096944655273984",
        "algoClOrdId": "s1",
        "ordId": "",
        "ordIdList": [],
        "side": "sell",
        "ordType": "conditional",
        "slTriggerPx": "100",
        "slOrdPx": "-1",
        "tpTriggerPx": "",
        "tpOrdPx": "",
        "triggerPx": "",
        "ordPx": "",
        "sz": "10",
        "tgtCcy": "",
        "reduceOnly": "false",
        "state": "live",
        "failCode": "",
        "cTime": "1708658165774",
        "uTime": "1708679675245",
        **changes,
    }
