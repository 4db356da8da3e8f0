"""What the tests of this adapter share: instruments, adapters with a dummy key, requests taken apart, answers made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.adapters import calls
from tests.adapters.calls import Calls, response
from unified.adapter import AdapterSettings, Charge, Stamp
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Instrument, Instruments, Product
from unified.operations import Operation
from unified.secret import Credentials, Secret
from unified_kraken import Kraken

T = TypeVar("T")

STAMP = Stamp(time_ms=1795161600123, window_ms=5000, nonce=1795161600123000000, token="0" * 32)
"""2026-11-20T08:00:00.123Z"""
DUMMY_SECRET = "a3Jha2VuLWR1bW15LXNlY3JldC1mb3ItdGVzdHMtb25seS0wMTIzNDU2Nzg5YWJjZGVmZ2hpamtsbW5vcHFycw=="
"""Base64 of a plain sentence."""
CREDENTIALS = Credentials(key="a-dummy-key", secret=Secret(DUMMY_SECRET))
CLIENT_ID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"
TXID = "O26VBY-ISGAE-JP5TLU"

BTC_USD = Instrument(
    symbol="XXBTZUSD",
    product=Product.SPOT,
    base="BTC",
    quote="USD",
    tick_size=Decimal("0.1"),
    lot_size=Decimal("0.00000001"),
    min_quantity=Decimal("0.0001"),
    min_notional=Decimal("0.5"),
    quote_step=Decimal("0.00001"),
    aliases=("XBTUSD", "XBT/USD"),
)
BTC_USDT = Instrument(
    symbol="XBTUSDT",
    product=Product.SPOT,
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.1"),
    lot_size=Decimal("0.00000001"),
    aliases=("XBT/USDT",),
)
LISTING = Instruments([BTC_USD, BTC_USDT])


def adapter(*, with_key: bool = True, **options: str) -> Kraken:
    return Kraken(AdapterSettings(credentials=CREDENTIALS if with_key else None, options=options))


KRAKEN = adapter()
CALLS = Calls(KRAKEN, STAMP)
build, refused = CALLS.build, CALLS.refused
parse, failure, walk = CALLS.parse, CALLS.failure, CALLS.walk


def asked(operation: Operation[Any]) -> tuple[str, dict[str, str]]:
    """Method and path of a public question, and its parameters."""
    request = build(operation)
    assert request.body == b""
    assert request.headers == {}
    return f"{request.method} {request.path}", _pairs(request.query)


def told(operation: Operation[Any]) -> tuple[str, dict[str, str]]:
    """The call of a signed form and its fields, without the nonce."""
    request = build(operation)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    fields = _pairs(request.body.decode())
    assert fields.pop("nonce") == str(STAMP.nonce)
    return _call(request), fields


def told_json(operation: Operation[Any]) -> tuple[str, dict[str, Any]]:
    """The call of a signed JSON body and its members, without the nonce."""
    request = build(operation)
    assert request.headers["Content-Type"] == "application/json"
    members: dict[str, Any] = json.loads(request.body)
    assert members.pop("nonce") == str(STAMP.nonce)
    return _call(request), members


def _call(request: HttpRequest) -> str:
    assert request.query == ""
    assert request.method == "POST"
    assert request.path.startswith("/0/private/")
    return request.path.removeprefix("/0/private/")


def _pairs(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, strict_parsing=True, keep_blank_values=True)) if text else {}


def charged(operation: Operation[Any], kraken: Kraken = KRAKEN) -> tuple[Charge, ...]:
    return Calls(kraken, STAMP).charges(operation)


def result(content: object) -> HttpResponse:
    """A success."""
    return response({"error": [], "result": content})


def errors(*texts: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A refusal, with HTTP 200 as nearly all are."""
    return response({"error": list(texts)}, headers=headers)


def recorded(*parts: str) -> HttpResponse:
    """The answer in a file of the corpus, digit for digit; skips the test where the corpus is absent."""
    return calls.recorded("kraken", "spot", *parts)


def order_row(**changes: object) -> dict[str, object]:
    """An order of the lists: a resting limit buy."""
    terms = {
        "pair": "XBTUSD",
        "type": "buy",
        "ordertype": "limit",
        "price": "29500.0",
        "price2": "0",
        "leverage": "none",
        "order": "buy 0.50000000 XBTUSD @ limit 29500.0",
        "close": "",
    }
    described = {name: changes.pop(name) for name in list(changes) if name in ("pair", "type", "ordertype", "price2")}
    if "limit" in changes:
        described["price"] = changes.pop("limit")
    return {
        "refid": None,
        "userref": 0,
        "cl_ord_id": CLIENT_ID,
        "status": "open",
        "opentm": 1688583840.8648,
        "starttm": 0,
        "expiretm": 0,
        "descr": {**terms, **described},
        "vol": "0.50000000",
        "vol_exec": "0.00000000",
        "cost": "0.00000",
        "fee": "0.00000",
        "price": "0.00000",
        "stopprice": "0.00000",
        "limitprice": "0.00000",
        "misc": "",
        "oflags": "fciq",
        **changes,
    }


def fill_row(**changes: object) -> dict[str, object]:
    """A fill of the lists: a maker's buy."""
    return {
        "ordertxid": TXID,
        "postxid": "TKH2SE-M7IF5-CFI7LT",
        "pair": "XXBTZUSD",
        "time": 1688585840.8921,
        "type": "buy",
        "ordertype": "limit",
        "price": "29500.50",
        "cost": "14750.25",
        "fee": "23.60",
        "vol": "0.50000000",
        "margin": "0.00000",
        "misc": "",
        "trade_id": 1001,
        "maker": True,
        **changes,
    }
