"""The endpoint table: operation -> address, parameters, reader, weight. A table only; nothing is judged here.

Source of paths and weights: binance-us-api-docs rest-api.md at 6b62304 (2024-06-17); status and fees as ccxt 4.5.90
calls them (2026-10).
"""

from __future__ import annotations

from unified.adapter import Charge, Endpoints, Environment, Procedure
from unified.errors import Kind
from unified.http import Method
from unified.instrument import Product
from unified.operations import (
    CancelAll,
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchCandles,
    FetchClosedOrders,
    FetchFills,
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
from unified_binance_dialect import history, market_data, market_history, orders, stream_keys
from unified_binance_dialect.account import parse_spot_balances
from unified_binance_dialect.auth import Auth, Parameters
from unified_binance_dialect.door import Door, done_if, either
from unified_binance_dialect.symbols import parse_instruments
from unified_binanceus import account, limits
from unified_binanceus.faults import FAULTS
from unified_binanceus.market_data import DEPTHS, candles_parameters

SPOT = Product.SPOT
GET, POST, PUT, DELETE = Method.GET, Method.POST, Method.PUT, Method.DELETE
NOTHING, SYMBOL = market_data.nothing, market_data.symbol_only


def endpoints_of(environment: Environment, auth: Auth) -> Endpoints:
    door = Door(
        name="spot",
        base=environment.hosts["spot"],
        auth=auth,
        faults=FAULTS,
        surfaces=("spot",),
        bucket="weight",
        toll=(Charge("raw"),),
    )
    return {**_market(door), **_orders(door), **_lists(door), **_listen_keys(door)}


def _market(door: Door) -> Endpoints:
    """Public data."""
    trades = door.public("/api/v3/trades", market_history.trades_parameters, market_history.parse_trades, 1)
    older_trades = door.keyed(
        "/api/v3/historicalTrades", market_history.older_trades_parameters, market_history.parse_older_trades, 25
    )
    return {
        (FetchServerTime, SPOT): door.public("/api/v3/time", NOTHING, market_data.parse_server_time, 1),
        (FetchVenueStatus, SPOT): door.public("/sapi/v1/system/status", NOTHING, market_data.parse_venue_status, 1),
        (FetchInstruments, SPOT): door.public("/api/v3/exchangeInfo", NOTHING, parse_instruments, 10),
        (FetchTicker, SPOT): door.public("/api/v3/ticker/24hr", SYMBOL, market_data.parse_ticker, 1),
        (FetchTickers, SPOT): door.public("/api/v3/ticker/24hr", NOTHING, market_data.parse_tickers, 40),
        (FetchBook, SPOT): door.public("/api/v3/depth", DEPTHS.parameters, market_data.parse_book, DEPTHS.weight),
        (FetchTrades, SPOT): either(trades, older_trades, market_history.is_older),
        (FetchCandles, SPOT): door.public("/api/v3/klines", candles_parameters, market_history.parse_candles, 1),
    }


def _orders(door: Door) -> Endpoints:
    """Balances, fees and orders. An order cannot be amended: cancel it and place another."""
    cancel_symbol = door.signed(
        DELETE, "/api/v3/openOrders", orders.cancel_symbol_parameters, orders.parse_canceled_all, 1
    )
    return {
        # The switch that leaves out empty balances is Binance's alone (2023-12): every balance comes.
        (FetchBalances, SPOT): door.signed(GET, "/api/v3/account", NOTHING, parse_spot_balances, 10),
        (FetchTradingFees, SPOT): door.signed(GET, "/sapi/v1/asset/query/trading-fee", SYMBOL, account.parse_fees, 1),
        (PlaceOrder, SPOT): door.signed(
            POST, "/api/v3/order", orders.place_parameters, orders.parse_placed, 1, limits.ORDER
        ),
        (TestOrder, SPOT): door.signed(POST, "/api/v3/order/test", orders.test_parameters, orders.parse_tested, 1),
        (CancelOrder, SPOT): door.signed(DELETE, "/api/v3/order", orders.ids, orders.parse_canceled, 1),
        (CancelAll, SPOT): Procedure(steps=orders.cancel_all_spot_steps, signed=True, example=cancel_symbol.example),
        # With nothing open the answer is -2011 "Unknown order sent."
        (orders.CancelSymbol, SPOT): done_if(Kind.ORDER_NOT_FOUND, cancel_symbol),
        (FetchOrder, SPOT): door.signed(GET, "/api/v3/order", orders.ids, orders.parse_fetched, 2),
    }


def _lists(door: Door) -> Endpoints:
    """Lists of orders and fills."""
    return {
        (FetchOpenOrders, SPOT): door.signed(
            GET, "/api/v3/openOrders", orders.open_parameters, orders.parse_open, orders.per_symbol(3, 40)
        ),
        (FetchClosedOrders, SPOT): Procedure(steps=history.closed_steps, signed=True, example="GET /api/v3/allOrders"),
        (history.FetchClosedResting, SPOT): door.signed(
            GET, "/api/v3/allOrders", history.closed_parameters, history.parse_closed, 10
        ),
        (FetchFills, SPOT): Procedure(steps=history.fills_steps, signed=True, example="GET /api/v3/myTrades"),
        (history.FetchFillPage, SPOT): door.signed(
            GET, "/api/v3/myTrades", history.fills_parameters, history.parse_fills, 10
        ),
    }


def _listen_keys(door: Door) -> Endpoints:
    """The key to the stream of an account."""
    path = "/api/v3/userDataStream"
    return {
        (stream_keys.StartUserStream, SPOT): door.keyed(path, NOTHING, stream_keys.parse_started, 1, POST),
        (stream_keys.KeepUserStream, SPOT): door.keyed(path, _listen_key, stream_keys.parse_kept, 1, PUT),
    }


def _listen_key(operation: stream_keys.KeepUserStream) -> Parameters:
    return {"listenKey": operation.key.reveal()}
