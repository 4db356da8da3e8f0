"""Rows of the table become requests: reads in the query, orders in a body, the same stamp the same bytes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

from tests.toy import BTC
from unified.adapter import AdapterSettings, Endpoint, Stamp
from unified.http import HttpRequest, Method
from unified.instrument import Product
from unified.operations import FetchBook, FetchOrder, Operation, PlaceOrder
from unified.order import Side
from unified.secret import Credentials, Secret
from unified_paper import Paper

STAMP = Stamp(time_ms=1_800_000_000_000, window_ms=2000, nonce=1, token="0" * 32)
ADAPTER = Paper(AdapterSettings(credentials=Credentials(key="dummy", secret=Secret("dummy"))))


def built(operation: Operation[Any]) -> HttpRequest:
    how = ADAPTER.endpoints[(type(operation), Product.SPOT)]
    assert isinstance(how, Endpoint)
    first, second = how.build(operation, STAMP), how.build(operation, STAMP)
    assert first == second
    return first


def test_a_public_read_has_no_headers_of_its_own() -> None:
    request = built(FetchBook(instrument=BTC, depth=5))
    assert (request.method, request.url) == (
        Method.GET,
        "http://main.paper.sandbox/book?symbol=BTCUSDT&depth=5",
    )
    assert request.headers == {}


def test_a_signed_read_says_everything_in_the_query_escaped() -> None:
    request = built(FetchOrder(instrument=BTC, client_order_id="a&b=c"))
    assert request.query == "client_order_id=a%26b%3Dc"
    assert request.body == b""
    assert "x-paper-sign" in request.headers


def test_an_order_is_a_body_of_texts() -> None:
    order = PlaceOrder(
        instrument=BTC, side=Side.BUY, quantity=Decimal("0.10"), price=Decimal("1E+4"), client_order_id="c1"
    )
    assert orjson.loads(built(order).body) == {
        "symbol": "BTCUSDT",
        "side": "buy",
        "type": "limit",
        "client_order_id": "c1",
        "quantity": "0.10",
        "price": "10000",
        "time_in_force": "gtc",
    }
