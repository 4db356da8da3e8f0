from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.adapters.binance.venue import LINEAR, LISTING, charged, parse, sent, walk
from unified.instrument import Product
from unified.operations import FetchClosedOrders, Page
from unified.wire import milliseconds
from unified_binance.closed_stops import FetchClosedStops
from unified_binance_dialect.history import FetchClosedResting, FetchFillPage

START, END = datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 11, 3, 12, tzinfo=UTC)
START_MS, END_MS = milliseconds(START), milliseconds(END)
DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (FetchClosedResting, "GET /fapi/v1/allOrders"),
        (FetchClosedStops, "GET /fapi/v1/allAlgoOrders"),
        (FetchFillPage, "GET /fapi/v1/userTrades"),
    ],
)
def test_linear_walks_by_the_week_and_never_beyond_the_end(kind: Any, path: str) -> None:
    operation = kind(product=Product.LINEAR, instrument=LINEAR, listing=LISTING, start=START, end=END)
    assert sent(operation)[0] == path
    assert sent(operation)[1]["endTime"] == str(END_MS - 1)
    longer = kind(
        product=Product.LINEAR, instrument=LINEAR, listing=LISTING, start=START, end=START + timedelta(days=30)
    )
    assert sent(longer)[1]["endTime"] == str(START_MS + 7 * DAY_MS - 1)
    assert charged(operation) == {"weight_linear": 5}


def test_closed_stops_are_those_that_never_became_an_order() -> None:
    row = {"algoId": 1, "orderType": "STOP", "symbol": "BTCUSDT", "side": "SELL", "createTime": START_MS}
    operation = FetchClosedStops(product=Product.LINEAR, instrument=LINEAR, listing=LISTING, start=START, end=END)
    rows = [
        {**row, "algoStatus": "CANCELED"},
        {**row, "algoId": 2, "algoStatus": "NEW"},
        {**row, "algoId": 3, "algoStatus": "FINISHED", "actualOrderId": "9"},
    ]
    assert [order.venue_order_id for order in parse(operation, rows).items] == ["1"]


def test_the_stops_of_linear_come_after_its_orders() -> None:
    wanted: dict[str, Any] = {"product": Product.LINEAR, "instrument": LINEAR, "listing": LISTING}
    asked, page = walk(FetchClosedOrders(**wanted), [Page(items=())])
    assert (type(asked[0]), page.cursor) == (FetchClosedResting, "1:")
    asked, page = walk(FetchClosedOrders(**wanted, cursor=page.cursor), [Page(items=())])
    assert (type(asked[0]), page.cursor) == (FetchClosedStops, None)
