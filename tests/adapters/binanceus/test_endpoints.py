from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binanceus.venue import LISTING, SPOT, VENUE, build, charged, parse, refused, sent
from unified.adapter import Stamp
from unified.errors import Kind, Outcome
from unified.operations import (
    CancelOrder,
    FetchBalances,
    FetchInstruments,
    FetchOpenOrders,
    FetchOrder,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchTradingFees,
    FetchVenueStatus,
    PlaceOrder,
    TestOrder,
)
from unified.order import OrderStatus, OrderType, Side
from unified.secret import Credentials, Secret
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.history import FetchClosedResting, FetchFillPage
from unified_binance_dialect.orders import CancelSymbol
from unified_binance_dialect.stream_keys import KeepUserStream, StartUserStream

BTC = {"symbol": "BTCUSDT"}
ORDER = PlaceOrder(
    instrument=SPOT, side=Side.BUY, quantity=Decimal("0.01"), price=Decimal(60_000), client_order_id="a-1"
)


@pytest.mark.parametrize(
    ("operation", "path", "parameters", "weight"),
    [
        pytest.param(FetchServerTime(), "GET /api/v3/time", {}, 1, id="time"),
        pytest.param(FetchVenueStatus(), "GET /sapi/v1/system/status", {}, 1, id="status"),
        pytest.param(FetchInstruments(), "GET /api/v3/exchangeInfo", {}, 10, id="listing"),
        pytest.param(FetchTicker(instrument=SPOT), "GET /api/v3/ticker/24hr", BTC, 1, id="ticker"),
        pytest.param(FetchTickers(listing=LISTING), "GET /api/v3/ticker/24hr", {}, 40, id="tickers"),
        pytest.param(
            FetchTrades(instrument=SPOT, limit=5), "GET /api/v3/trades", {**BTC, "limit": "5"}, 1, id="trades"
        ),
        pytest.param(FetchBalances(), "GET /api/v3/account", {}, 10, id="balances"),
        pytest.param(FetchTradingFees(instrument=SPOT), "GET /sapi/v1/asset/query/trading-fee", BTC, 1, id="fees"),
        pytest.param(
            FetchOrder(instrument=SPOT, client_order_id="a-1"),
            "GET /api/v3/order",
            {**BTC, "origClientOrderId": "a-1"},
            2,
            id="one order",
        ),
        pytest.param(
            CancelOrder(instrument=SPOT, venue_order_id="7"),
            "DELETE /api/v3/order",
            {**BTC, "orderId": "7"},
            1,
            id="cancel",
        ),
        pytest.param(
            CancelSymbol(instrument=SPOT, listing=LISTING), "DELETE /api/v3/openOrders", BTC, 1, id="cancel a symbol"
        ),
        pytest.param(
            FetchOpenOrders(instrument=SPOT, listing=LISTING), "GET /api/v3/openOrders", BTC, 3, id="open of a symbol"
        ),
        pytest.param(FetchOpenOrders(listing=LISTING), "GET /api/v3/openOrders", {}, 40, id="all open"),
        pytest.param(
            FetchClosedResting(instrument=SPOT, listing=LISTING, limit=5),
            "GET /api/v3/allOrders",
            {**BTC, "limit": "5"},
            10,
            id="closed",
        ),
        pytest.param(
            FetchFillPage(instrument=SPOT, listing=LISTING, limit=5),
            "GET /api/v3/myTrades",
            {**BTC, "limit": "5"},
            10,
            id="fills",
        ),
    ],
)
def test_each_call_is_said_and_weighed_as_documented(
    operation: Any, path: str, parameters: dict[str, str], weight: int
) -> None:
    assert sent(operation) == (path, parameters)
    assert charged(operation) == {"weight": weight, "raw": 1}


def test_an_order_weighs_one_and_counts_in_both_windows() -> None:
    path, parameters = sent(ORDER)
    assert (path, parameters["type"], parameters["newClientOrderId"]) == ("POST /api/v3/order", "LIMIT", "a-1")
    assert charged(ORDER) == {"weight": 1, "raw": 1, "orders_1s": 1, "orders_1d": 1}
    assert sent(TestOrder(instrument=SPOT, order=ORDER))[0] == "POST /api/v3/order/test"
    stop = PlaceOrder(
        instrument=SPOT, side=Side.SELL, order_type=OrderType.STOP_MARKET, quantity=Decimal(1), stop_price=Decimal(9)
    )
    assert sent(stop)[1]["type"] == "STOP_LOSS"


def test_older_trades_name_the_key() -> None:
    older = FetchTrades(instrument=SPOT, cursor="1000")
    request = build(older)
    assert (request.path, request.headers["X-MBX-APIKEY"]) == ("/api/v3/historicalTrades", "a-dummy-key")


def test_listen_keys_name_the_api_key_and_are_renewed_by_their_name() -> None:
    kept = KeepUserStream(key=Secret("dummy-listen-key"))
    request = build(kept)
    assert (f"{request.method} {request.path}", request.query) == (
        "PUT /api/v3/userDataStream",
        "listenKey=dummy-listen-key",
    )
    assert request.headers["X-MBX-APIKEY"] == "a-dummy-key"
    assert sent(StartUserStream()) == ("POST /api/v3/userDataStream", {})
    assert charged(kept) == charged(StartUserStream()) == {"weight": 1, "raw": 1}
    assert parse(StartUserStream(), {"listenKey": "dummy-listen-key"}).reveal() == "dummy-listen-key"


def test_what_spot_cannot_express_never_leaves() -> None:
    error = refused(PlaceOrder(instrument=SPOT, side=Side.BUY, quantity=Decimal(1), reduce_only=True))
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


def test_an_order_is_read_as_it_was_placed() -> None:
    row = {**BTC, "orderId": 28, "clientOrderId": "a-1", "transactTime": 1763680000123, "price": "60000.00"}
    row |= {"origQty": "0.01", "executedQty": "0.00", "cummulativeQuoteQty": "0.00", "status": "NEW"}
    placed = parse(ORDER, {**row, "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "tradeGroupId": 2})
    assert (placed.status, placed.venue_order_id, placed.price) == (OrderStatus.NEW, "28", Decimal(60_000))


SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        pytest.param(
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
            "&timestamp=1499827319559",
            "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
            id="all in the query",
        ),
        pytest.param(
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&recvWindow=5000"
            "&timestamp=1499827319559",
            "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77",
            id="query and body with nothing between",
        ),
    ],
)
def test_the_published_signatures_come_out(text: str, signature: str) -> None:
    assert Auth(Credentials(key="k", secret=Secret(SECRET))).signature(text) == signature


def test_a_stamp_is_told_in_whole_milliseconds() -> None:
    stamp = Stamp(time_ms=1763680000000, window_ms=3000, nonce=1, token="")
    query = build(ORDER, stamp).query
    assert "&recvWindow=3000&timestamp=1763680000000&signature=" in query
    assert {how.door for how in VENUE.endpoints.values() if hasattr(how, "door")} == {"spot"}
