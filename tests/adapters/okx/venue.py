"""What the tests of this adapter share: instruments, adapters with a dummy key, requests taken apart, answers made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.shared import require_shared
from unified.adapter import AdapterSettings, Charge, Endpoint, Procedure, Stamp
from unified.errors import Fault, Kind, VenueError
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


def endpoint(operation: Operation[Any], okx: Okx = OKX) -> Endpoint[Any, Any]:
    how = okx.endpoints[type(operation), operation.product]
    assert isinstance(how, Endpoint)
    return how


def build(operation: Operation[Any], okx: Okx = OKX, stamp: Stamp = STAMP) -> HttpRequest:
    return endpoint(operation, okx).build(operation, stamp)


def asked(operation: Operation[Any], okx: Okx = OKX) -> tuple[str, dict[str, str]]:
    """Method and path below the root, and the parameters, of a question."""
    request = build(operation, okx)
    return _line(request), dict(parse_qsl(request.query, strict_parsing=True)) if request.query else {}


def told(operation: Operation[Any], okx: Okx = OKX) -> tuple[str, Any]:
    """Method and path below the root, and the body, of a call that changes something."""
    request = build(operation, okx)
    assert request.query == ""
    return _line(request), json.loads(request.body)


def _line(request: HttpRequest) -> str:
    assert request.path.startswith("/api/v5/")
    return f"{request.method} {request.path.removeprefix('/api/v5')}"


def charged(operation: Operation[Any]) -> tuple[Charge, ...]:
    return endpoint(operation).charges(operation, STAMP.time_ms)


def refused(operation: Operation[Any], okx: Okx = OKX) -> VenueError:
    """What building it raises."""
    try:
        build(operation, okx)
    except VenueError as error:
        return error
    raise AssertionError(f"{operation} was built")


def response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status=status, body=raw, headers=headers or {})


def rows(*data: object) -> HttpResponse:
    """A success with these rows."""
    return response({"code": "0", "msg": "", "data": list(data)})


def parse(operation: Operation[T], answer: HttpResponse, okx: Okx = OKX) -> T:
    value: T = endpoint(operation, okx).parse(operation, answer)
    return value


def failure(operation: Operation[Any], answer: HttpResponse) -> VenueError:
    """What parsing it raises."""
    try:
        parse(operation, answer)
    except VenueError as error:
        return error
    raise AssertionError("the answer was parsed")


def refusal(kind: Kind, code: str | None = None) -> VenueError:
    return VenueError.of(Fault(kind=kind, code=code))


def walk(operation: Operation[T], answers: Iterable[object]) -> tuple[list[Operation[Any]], T]:
    """Perform a procedure: each step gets the next answer, or is thrown it if it is an error."""
    how = OKX.endpoints[type(operation), operation.product]
    assert isinstance(how, Procedure)
    steps, seen, left = how.steps(operation), list[Operation[Any]](), list(answers)
    try:
        step = next(steps)
        while True:
            seen.append(step)
            answer = left.pop(0)
            step = steps.throw(answer) if isinstance(answer, VenueError) else steps.send(answer)
    except StopIteration as end:
        assert left == [], "answers were left over"
        value: T = end.value
        return seen, value


def recorded(*parts: str) -> HttpResponse:
    """The answer in a file of the corpus; skips the test where the corpus is absent."""
    whole = json.loads(require_shared("corpus", "okx", *parts).read_text(encoding="utf-8"))
    return response(whole["response"])


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
