from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.bitzoom.venue import BTC, CALLS, build
from tests.adapters.calls import response
from unified.errors import Kind, VenueError
from unified.http import Method
from unified.operations import FetchTicker, PlaceOrder, SetLeverage
from unified.order import OrderType, Side

ORDER = PlaceOrder(
    instrument=BTC, side=Side.BUY, order_type=OrderType.MARKET, quantity=Decimal("0.01"), client_order_id="a-1"
)


def test_a_get_speaks_in_its_query() -> None:
    request = build(SetLeverage(instrument=BTC, leverage=Decimal(5)))
    assert (request.method, request.query, request.body) == (Method.GET, "symbol=BTCUSDT&leverage=5", b"")
    assert "Content-Type" not in request.headers


def test_everything_else_speaks_in_a_json_body() -> None:
    request = build(ORDER)
    assert (request.query, request.headers["Content-Type"]) == ("", "application/json")
    assert request.body.startswith(b'{"symbol":"BTCUSDT","side":"BUY"')
    assert request == build(ORDER)


def test_what_parse_gets_is_the_data_of_a_success() -> None:
    how, asked = CALLS.endpoint(FetchTicker(instrument=BTC)), FetchTicker(instrument=BTC)
    assert how.parse(asked, response({"success": True, "result": {"lastPrice": "7"}})).last == 7
    with pytest.raises(VenueError) as raised:
        how.parse(asked, response({"code": -1120, "msg": "Invalid symbol"}))
    assert raised.value.kind is Kind.UNKNOWN_SYMBOL
