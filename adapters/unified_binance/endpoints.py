"""The endpoint table: operation -> address, parameters, reader, weight. A table only; nothing is judged here.

Source of paths and weights: Binance spot rest-api.md (2026-07-21), USD-M trade, account and market data pages
(2026-05-28) and SDK 18.1.0, wallet pages (2026-05-28).
"""

from __future__ import annotations

from attrs import evolve

from unified.adapter import Charge, Endpoints, Environment, Procedure
from unified.errors import Kind
from unified.http import Method
from unified.instrument import Product
from unified.operations import (
    AmendOrder,
    CancelAll,
    CancelBatch,
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchCandles,
    FetchClosedOrders,
    FetchFills,
    FetchFundingRate,
    FetchInstruments,
    FetchKeyPermissions,
    FetchOpenOrders,
    FetchOrder,
    FetchPositions,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchTradingFees,
    FetchVenueStatus,
    PlaceBatch,
    PlaceOrder,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
    TestOrder,
)
from unified_binance import account, amendments, batches, closed_stops, limits, market_data, stops
from unified_binance.faults import FAULTS
from unified_binance_dialect import history, market_history, orders, stream_keys
from unified_binance_dialect import market_data as prices
from unified_binance_dialect.account import parse_spot_balances
from unified_binance_dialect.adapter import Dialect
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.door import Door, done_if, either
from unified_binance_dialect.symbols import parse_instruments

SPOT, LINEAR = Product.SPOT, Product.LINEAR
GET, POST, PUT, DELETE = Method.GET, Method.POST, Method.PUT, Method.DELETE


def endpoints_of(environment: Environment, auth: Auth) -> Endpoints:
    spot = Door(
        name="spot",
        base=environment.hosts["spot"],
        auth=auth,
        faults=FAULTS,
        surfaces=("spot",),
        bucket="weight_spot",
        toll=(Charge("raw_spot"),),
    )
    linear = Door(
        name="linear",
        base=environment.hosts["linear"],
        auth=auth,
        faults=FAULTS,
        surfaces=("linear",),
        bucket="weight_linear",
    )
    table = {
        **_spot_market(spot),
        **_spot_orders(spot),
        **_spot_lists(spot),
        **_linear_market(linear),
        **_linear_account(linear),
        **_linear_orders(linear),
        **_linear_lists(linear),
    }
    if environment.real_money:
        wallet = evolve(spot, surfaces=Dialect.wallet_surfaces, bucket="weight_sapi", toll=())
        table |= _production(wallet)
    return table


def _spot_market(door: Door) -> Endpoints:
    """Spot: public data."""
    trades = door.public("/api/v3/trades", market_history.trades_parameters, market_history.parse_trades, 25)
    older_trades = door.public(
        "/api/v3/historicalTrades", market_history.older_trades_parameters, market_history.parse_older_trades, 25
    )
    return {
        (FetchServerTime, SPOT): door.public("/api/v3/time", prices.nothing, prices.parse_server_time, 1),
        (FetchInstruments, SPOT): door.public(
            "/api/v3/exchangeInfo", market_data.instruments_parameters, parse_instruments, 20
        ),
        (FetchTicker, SPOT): door.public("/api/v3/ticker/24hr", prices.symbol_only, prices.parse_ticker, 2),
        (FetchTickers, SPOT): door.public("/api/v3/ticker/24hr", prices.nothing, prices.parse_tickers, 80),
        (FetchBook, SPOT): door.public(
            "/api/v3/depth", market_data.SPOT_DEPTHS.parameters, prices.parse_book, market_data.SPOT_DEPTHS.weight
        ),
        (FetchTrades, SPOT): either(trades, older_trades, market_history.is_older),
        (FetchCandles, SPOT): door.public(
            "/api/v3/klines",
            market_history.candles_parameters,
            market_history.parse_candles,
            limits.candles_weight,
        ),
    }


def _spot_orders(door: Door) -> Endpoints:
    """Spot: balances, fees and orders."""
    cancel_symbol = door.signed(
        DELETE, "/api/v3/openOrders", orders.cancel_symbol_parameters, orders.parse_canceled_all, 1
    )
    return {
        (FetchBalances, SPOT): door.signed(
            GET, "/api/v3/account", account.balances_parameters, parse_spot_balances, 20
        ),
        (FetchTradingFees, SPOT): door.signed(
            GET, "/api/v3/account/commission", prices.symbol_only, account.parse_spot_fees, 20
        ),
        (PlaceOrder, SPOT): door.signed(
            POST, "/api/v3/order", orders.place_parameters, orders.parse_placed, 1, limits.SPOT_ORDER
        ),
        (TestOrder, SPOT): door.signed(POST, "/api/v3/order/test", orders.test_parameters, orders.parse_tested, 1),
        (CancelOrder, SPOT): door.signed(DELETE, "/api/v3/order", orders.ids, orders.parse_canceled, 1),
        (CancelAll, SPOT): Procedure(steps=orders.cancel_all_spot_steps, signed=True, example=cancel_symbol.example),
        # With nothing open spot answers -2011 "Unknown order sent."
        (orders.CancelSymbol, SPOT): done_if(Kind.ORDER_NOT_FOUND, cancel_symbol),
        (AmendOrder, SPOT): door.signed(
            PUT, "/api/v3/order/amend/keepPriority", amendments.amend_spot_parameters, amendments.parse_amended_spot, 4
        ),
        (FetchOrder, SPOT): door.signed(GET, "/api/v3/order", orders.ids, orders.parse_fetched, 4),
    }


def _spot_lists(door: Door) -> Endpoints:
    """Spot: lists of orders and fills."""
    return {
        (FetchOpenOrders, SPOT): door.signed(
            GET, "/api/v3/openOrders", orders.open_parameters, orders.parse_open, orders.per_symbol(6, 80)
        ),
        (FetchClosedOrders, SPOT): Procedure(steps=history.closed_steps, signed=True, example="GET /api/v3/allOrders"),
        (history.FetchClosedResting, SPOT): door.signed(
            GET, "/api/v3/allOrders", history.closed_parameters, history.parse_closed, 20
        ),
        (FetchFills, SPOT): Procedure(steps=history.fills_steps, signed=True, example="GET /api/v3/myTrades"),
        (history.FetchFillPage, SPOT): door.signed(
            GET, "/api/v3/myTrades", history.fills_parameters, history.parse_fills, limits.spot_fills_weight
        ),
    }


def _production(door: Door) -> Endpoints:
    """What stands on the wallet's paths, which neither testnet nor demo have."""
    permissions = door.signed(GET, "/sapi/v1/account/apiRestrictions", prices.nothing, account.parse_permissions, 1)
    return {
        (FetchVenueStatus, SPOT): door.public("/sapi/v1/system/status", prices.nothing, prices.parse_venue_status, 1),
        (FetchKeyPermissions, SPOT): permissions,
        (FetchKeyPermissions, LINEAR): permissions,
    }


def _linear_market(door: Door) -> Endpoints:
    """USD-M: public data."""
    trades = door.public("/fapi/v1/trades", market_history.trades_parameters, market_history.parse_trades, 5)
    older_trades = door.keyed(
        "/fapi/v1/historicalTrades", market_history.older_trades_parameters, market_history.parse_older_trades, 20
    )
    return {
        (FetchServerTime, LINEAR): door.public("/fapi/v1/time", prices.nothing, prices.parse_server_time, 1),
        (FetchInstruments, LINEAR): door.public(
            "/fapi/v1/exchangeInfo", market_data.instruments_parameters, parse_instruments, 1
        ),
        (FetchTicker, LINEAR): Procedure(
            steps=market_data.ticker_steps, signed=False, example="GET /fapi/v1/ticker/24hr and bookTicker"
        ),
        (market_data.FetchDay, LINEAR): door.public("/fapi/v1/ticker/24hr", prices.symbol_only, prices.parse_ticker, 1),
        (market_data.FetchBest, LINEAR): door.public(
            "/fapi/v1/ticker/bookTicker", prices.symbol_only, prices.parse_ticker, 2
        ),
        (FetchTickers, LINEAR): Procedure(
            steps=market_data.tickers_steps, signed=False, example="GET /fapi/v1/ticker/24hr and bookTicker"
        ),
        (market_data.FetchDays, LINEAR): door.public("/fapi/v1/ticker/24hr", prices.nothing, prices.parse_tickers, 40),
        (market_data.FetchBests, LINEAR): door.public(
            "/fapi/v1/ticker/bookTicker", prices.nothing, prices.parse_tickers, 5
        ),
        (FetchBook, LINEAR): door.public(
            "/fapi/v1/depth", market_data.LINEAR_DEPTHS.parameters, prices.parse_book, market_data.LINEAR_DEPTHS.weight
        ),
        (FetchTrades, LINEAR): either(trades, older_trades, market_history.is_older),
        (FetchCandles, LINEAR): door.public(
            "/fapi/v1/klines",
            market_history.candles_parameters,
            market_history.parse_candles,
            limits.candles_weight,
        ),
        (FetchFundingRate, LINEAR): Procedure(
            steps=market_data.funding_steps, signed=False, example="GET /fapi/v1/premiumIndex and fundingInfo"
        ),
        (market_data.FetchPremium, LINEAR): door.public(
            "/fapi/v1/premiumIndex", prices.symbol_only, market_data.parse_premium, 1
        ),
        (market_data.FetchFundingIntervals, LINEAR): door.public(
            "/fapi/v1/fundingInfo",
            prices.nothing,
            market_data.parse_funding_intervals,
            0,
            limits.FUNDING,
        ),
    }


def _linear_account(door: Door) -> Endpoints:
    """USD-M: balances, positions and settings."""
    return {
        (FetchBalances, LINEAR): door.signed(
            GET, "/fapi/v3/balance", account.balances_parameters, account.parse_linear_balances, 5
        ),
        (FetchTradingFees, LINEAR): door.signed(
            GET, "/fapi/v1/commissionRate", prices.symbol_only, account.parse_linear_fees, 20
        ),
        (FetchPositions, LINEAR): door.signed(
            GET, "/fapi/v3/positionRisk", account.positions_parameters, account.parse_positions, 5
        ),
        (stream_keys.StartUserStream, LINEAR): door.keyed(
            "/fapi/v1/listenKey", prices.nothing, stream_keys.parse_started, 1, POST
        ),
        # The venue knows by the API key which listen key is meant.
        (stream_keys.KeepUserStream, LINEAR): door.keyed(
            "/fapi/v1/listenKey", prices.nothing, stream_keys.parse_kept, 1, PUT
        ),
        (SetLeverage, LINEAR): door.signed(
            POST, "/fapi/v1/leverage", account.leverage_parameters, account.parse_set, 1
        ),
        (SetMarginMode, LINEAR): door.signed(
            POST, "/fapi/v1/marginType", account.margin_mode_parameters, account.parse_set, 1
        ),
        (SetPositionMode, LINEAR): door.signed(
            POST, "/fapi/v1/positionSide/dual", account.position_mode_parameters, account.parse_set, 1
        ),
    }


def _linear_orders(door: Door) -> Endpoints:
    """USD-M: orders at the main door and stops at theirs."""
    place = door.signed(POST, "/fapi/v1/order", orders.place_parameters, orders.parse_placed, 0, limits.LINEAR_ORDER)
    place_stop = door.signed(
        POST, "/fapi/v1/algoOrder", stops.place_parameters, stops.parse_placed, 0, limits.LINEAR_ORDER
    )
    cancel_symbol = door.signed(
        DELETE, "/fapi/v1/allOpenOrders", orders.cancel_symbol_parameters, orders.parse_canceled_all, 1
    )
    cancel_stops = door.signed(
        DELETE, "/fapi/v1/algoOpenOrders", orders.cancel_symbol_parameters, orders.parse_canceled_all, 1
    )
    return {
        (PlaceOrder, LINEAR): either(place, place_stop, stops.is_stop),
        (TestOrder, LINEAR): door.signed(POST, "/fapi/v1/order/test", orders.test_parameters, orders.parse_tested, 1),
        (CancelOrder, LINEAR): Procedure(
            steps=stops.cancel_steps, signed=True, example="DELETE /fapi/v1/order or algoOrder"
        ),
        (stops.CancelResting, LINEAR): door.signed(DELETE, "/fapi/v1/order", orders.ids, orders.parse_canceled, 1),
        (stops.CancelStop, LINEAR): door.signed(DELETE, "/fapi/v1/algoOrder", stops.ids, stops.parse_canceled, 1),
        (CancelAll, LINEAR): Procedure(
            steps=stops.cancel_all_steps, signed=True, example="DELETE /fapi/v1/algoOpenOrders and allOpenOrders"
        ),
        (orders.CancelSymbol, LINEAR): done_if(Kind.ORDER_NOT_FOUND, cancel_symbol),
        (stops.CancelStops, LINEAR): done_if(Kind.ORDER_NOT_FOUND, cancel_stops),
        (AmendOrder, LINEAR): door.signed(
            PUT,
            "/fapi/v1/order",
            amendments.amend_linear_parameters,
            amendments.parse_amended_linear,
            0,
            limits.LINEAR_ORDER,
        ),
        (PlaceBatch, LINEAR): door.signed(
            POST,
            "/fapi/v1/batchOrders",
            batches.place_batch_parameters,
            batches.parse_placed_batch,
            5,
            limits.linear_batch,
        ),
        (CancelBatch, LINEAR): door.signed(
            DELETE, "/fapi/v1/batchOrders", batches.cancel_batch_parameters, batches.parse_canceled_batch, 1
        ),
        (FetchOrder, LINEAR): Procedure(
            steps=stops.fetch_steps, signed=True, example="GET /fapi/v1/order, then algoOrder"
        ),
        (stops.FetchResting, LINEAR): door.signed(GET, "/fapi/v1/order", orders.ids, orders.parse_fetched, 1),
        (stops.FetchStop, LINEAR): door.signed(GET, "/fapi/v1/algoOrder", stops.ids, stops.parse_fetched, 1),
    }


def _linear_lists(door: Door) -> Endpoints:
    """USD-M: lists of orders and fills."""
    return {
        (FetchOpenOrders, LINEAR): Procedure(
            steps=stops.open_steps, signed=True, example="GET /fapi/v1/openAlgoOrders and openOrders"
        ),
        (stops.FetchOpenResting, LINEAR): door.signed(
            GET, "/fapi/v1/openOrders", orders.open_parameters, orders.parse_open, orders.per_symbol(1, 40)
        ),
        (stops.FetchOpenStops, LINEAR): door.signed(
            GET, "/fapi/v1/openAlgoOrders", orders.open_parameters, stops.parse_open, orders.per_symbol(1, 40)
        ),
        (FetchClosedOrders, LINEAR): Procedure(
            steps=closed_stops.closed_steps, signed=True, example="GET /fapi/v1/allOrders, then allAlgoOrders"
        ),
        (history.FetchClosedResting, LINEAR): door.signed(
            GET, "/fapi/v1/allOrders", history.closed_parameters, history.parse_closed, 5
        ),
        (closed_stops.FetchClosedStops, LINEAR): door.signed(
            GET, "/fapi/v1/allAlgoOrders", closed_stops.closed_stops_parameters, closed_stops.parse_closed_stops, 5
        ),
        (FetchFills, LINEAR): Procedure(steps=history.fills_steps, signed=True, example="GET /fapi/v1/userTrades"),
        (history.FetchFillPage, LINEAR): door.signed(
            GET, "/fapi/v1/userTrades", history.fills_parameters, history.parse_fills, 5
        ),
    }
