"""What the tests of this adapter share: instruments, adapters with a dummy key, requests taken apart, answers made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from tests.adapters import calls
from tests.adapters.calls import Calls, response
from unified.adapter import AdapterSettings, Stamp
from unified.errors import VenueError
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Instrument, Instruments, Product
from unified.operations import Operation
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce
from unified.secret import Credentials, Secret
from unified_coinbase import Coinbase

T = TypeVar("T")

KEY_NAME = "organizations/00000000-0000-4000-8000-000000000001/apiKeys/00000000-0000-4000-8000-000000000002"
SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA=="
"""A dummy: the bytes 0 to 31 and their public key."""
CREDENTIALS = Credentials(key=KEY_NAME, secret=Secret(SEED))
STAMP = Stamp(time_ms=1763596805000, window_ms=115_000, nonce=1, token=bytes(range(16)).hex())
"""2025-11-20T00:00:05Z: five seconds after the `nbf` of the design's vectors."""
CLIENT_ID = "11111111-0000-4000-8000-000000000001"
ORDER_ID = "62475e97-7485-45eb-a5ac-594805fa2748"


def spot(base: str, quote: str, alias: str = "") -> Instrument:
    return Instrument(
        symbol=f"{base}-{quote}",
        product=Product.SPOT,
        base=base,
        quote=quote,
        tick_size=Decimal("0.01"),
        lot_size=Decimal("0.00000001"),
        native=alias,
    )


BTC, ETH, BTC_USDC = spot("BTC", "USD"), spot("ETH", "USDT"), spot("BTC", "USDC", "BTC-USD")
LISTING = Instruments([BTC, ETH, BTC_USDC])


def adapter(
    environment: str = "production", *, host: str = "", with_key: bool = True, options: Mapping[str, str] | None = None
) -> Coinbase:
    return Coinbase(
        AdapterSettings(
            environment=environment,
            credentials=CREDENTIALS if with_key else None,
            hosts={"rest": host} if host else {},
            options=options or {},
        )
    )


COINBASE = adapter()
CALLS = Calls(COINBASE, STAMP)
build, refused, walk = CALLS.build, CALLS.refused, CALLS.walk


def asked(operation: Operation[Any]) -> tuple[str, list[tuple[str, str]]]:
    """Method and path below the root, and the parameters in their order, of a question."""
    request = build(operation)
    return _line(request), parse_qsl(request.query, strict_parsing=True) if request.query else []


def told(operation: Operation[Any]) -> tuple[str, Any]:
    """Method and path below the root, and the body, of a call that changes something."""
    request = build(operation)
    assert request.query == ""
    assert request.headers["Content-Type"] == "application/json"
    return _line(request), json.loads(request.body)


def _line(request: HttpRequest) -> str:
    root = "/api/v3/brokerage"
    assert request.path.startswith(root)
    return f"{request.method} {request.path.removeprefix(root)}"


def parse(operation: Operation[T], body: object) -> T:
    return CALLS.parse(operation, _answer(body))


def failure(operation: Operation[Any], body: object) -> VenueError:
    """What parsing it raises."""
    return CALLS.failure(operation, _answer(body))


def _answer(body: object) -> HttpResponse:
    return body if isinstance(body, HttpResponse) else response(body)


def recorded(*parts: str) -> HttpResponse:
    """The answer in a file of the corpus; skips the test where the corpus is absent."""
    return calls.recorded("coinbase", *parts)


def limit_order(**changes: Any) -> Order:
    """A resting limit order as it was last seen."""
    terms: dict[str, Any] = {
        "instrument": BTC,
        "venue_order_id": ORDER_ID,
        "client_order_id": CLIENT_ID,
        "status": OrderStatus.NEW,
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "quantity": Decimal("0.2"),
        "price": Decimal(100),
        "time_in_force": TimeInForce.GTC,
    }
    return Order(**terms | changes)


def order_row(**changes: object) -> dict[str, Any]:
    """A resting limit sale, as the order endpoints write it."""
    return {
        "order_id": ORDER_ID,
        "product_id": "BTC-USD",
        "order_configuration": {"limit_limit_gtc": {"base_size": "0.2", "limit_price": "90000.5", "post_only": True}},
        "side": "SELL",
        "client_order_id": CLIENT_ID,
        "status": "OPEN",
        "time_in_force": "GOOD_UNTIL_CANCELLED",
        "created_time": "2026-11-20T08:00:00.947030Z",
        "filled_size": "0",
        "average_filled_price": "0",
        "fee": "",
        "pending_cancel": False,
        "size_in_quote": False,
        "total_fees": "0",
        "order_type": "LIMIT",
        "reject_reason": "REJECT_REASON_UNSPECIFIED",
        "reject_message": "",
        "product_type": "SPOT",
        "last_fill_time": None,
        "edit_history": [],
        "last_update_time": "2026-11-20T08:00:01Z",
        **changes,
    }


def product_row(**changes: object) -> dict[str, Any]:
    """A product of the public list."""
    return {
        "product_id": "BTC-USD",
        "price": "68923.67",
        "volume_24h": "11005.02587005",
        "base_increment": "0.00000001",
        "quote_increment": "0.01",
        "quote_min_size": "1",
        "quote_max_size": "150000000",
        "base_min_size": "0.00000001",
        "base_max_size": "3400",
        "is_disabled": False,
        "status": "online",
        "cancel_only": False,
        "limit_only": False,
        "post_only": False,
        "trading_disabled": False,
        "auction_mode": False,
        "product_type": "SPOT",
        "quote_currency_id": "USD",
        "base_currency_id": "BTC",
        "alias": "",
        "alias_to": ["BTC-USDC"],
        "view_only": False,
        "price_increment": "0.05",
        "display_name": "BTC-USD",
        "approximate_quote_24h_volume": "758506771.41",
        **changes,
    }
