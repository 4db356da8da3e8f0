"""What Binance takes over its WebSocket APIs, and what goes over REST instead."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.binance.venue import BINANCE, LINEAR, SPOT, STAMP
from unified.adapter import Endpoint
from unified.http import HttpRequest
from unified.operations import AmendOrder, CancelOrder, Operation, PlaceBatch, PlaceOrder
from unified.order import Order, OrderStatus, OrderType, Side
from unified_binance.entry import LINEAR_PATH, SPOT_PATH
from unified_binance.stops import CancelResting

BUY = PlaceOrder(instrument=SPOT, side=Side.BUY, price=Decimal(100), quantity=Decimal(1), client_order_id="a-1")
PERPETUAL = evolve(BUY, instrument=LINEAR)
ORDER = Order(
    instrument=LINEAR,
    status=OrderStatus.NEW,
    venue_order_id="28",
    side=Side.BUY,
    order_type=OrderType.LIMIT,
    price=Decimal(100),
    quantity=Decimal(2),
)


def built(operation: Operation[Any]) -> HttpRequest:
    how = BINANCE.entry.endpoints[type(operation), operation.product]
    assert isinstance(how, Endpoint)
    request = how.build(operation, STAMP)
    assert isinstance(request, HttpRequest)
    return request


@pytest.mark.parametrize(
    ("operation", "path", "method"),
    [
        (BUY, SPOT_PATH, "order.place"),
        (CancelOrder(instrument=SPOT, venue_order_id="28"), SPOT_PATH, "order.cancel"),
        (
            AmendOrder(instrument=SPOT, order=evolve(ORDER, instrument=SPOT), quantity=Decimal(1)),
            SPOT_PATH,
            "order.amend.keepPriority",
        ),
        (PERPETUAL, LINEAR_PATH, "order.place"),
        (CancelResting(instrument=LINEAR, venue_order_id="28"), LINEAR_PATH, "order.cancel"),
        (AmendOrder(instrument=LINEAR, order=ORDER, price=Decimal(99)), LINEAR_PATH, "order.modify"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_call_goes_to_the_api_of_its_product(operation: Operation[Any], path: str, method: str) -> None:
    request = built(operation)
    said = json.loads(request.body)
    assert (request.over_socket, request.path, said["method"]) == (True, path, method)
    assert "signature" in said["params"]
    line = next(one for one in BINANCE.entry.lines if one.place == path)
    assert BINANCE.environment.streams[line.name].base == request.base


def test_stops_of_perpetuals_and_batches_go_over_rest() -> None:
    stop = evolve(PERPETUAL, order_type=OrderType.STOP_MARKET, price=None, stop_price=Decimal(120))
    assert not built(stop).over_socket
    assert built(evolve(BUY, order_type=OrderType.STOP_LIMIT, stop_price=Decimal(120))).over_socket
    assert (PlaceBatch, LINEAR.product) not in BINANCE.entry.endpoints
