"""Coinbase Advanced Trade at a glance: hosts, the endpoint table, limits, the clock and what it promises about orders.

Holds tables only; how a call is said and read stands beside each other in the other rooms. What takes several
requests stands in procedures, symbols, candles and account. Coinbase Exchange is another product with other keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from unified.adapter import (
    AdapterSettings,
    ClientIdRule,
    ClockRule,
    Dedup,
    Endpoints,
    Environment,
    Expiry,
    Limit,
    Observation,
    Option,
    PlacementRule,
    Procedure,
    StreamHost,
    credentials_of,
    environment_of,
    options_of,
)
from unified.catalogue import Misreading
from unified.errors import Fault
from unified.feeds import Streams
from unified.http import HttpResponse
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
    FetchInstruments,
    FetchKeyPermissions,
    FetchOpenOrders,
    FetchOrder,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchTradingFees,
    Operation,
    PlaceOrder,
    TestOrder,
)
from unified_coinbase import account, candles, faults, limits, market_data, orders, procedures, queries, stream, symbols
from unified_coinbase.auth import WINDOW_MS, Auth
from unified_coinbase.door import NAME, Door
from unified_coinbase.misreadings import MISREADINGS

PRODUCTION, SANDBOX = "production", "sandbox"
ENVIRONMENTS = {
    PRODUCTION: Environment(
        name=PRODUCTION,
        hosts={NAME: "https://api.coinbase.com"},
        streams={
            stream.MARKET: StreamHost(base="wss://advanced-trade-ws.coinbase.com", door=NAME),
            stream.USER: StreamHost(base="wss://advanced-trade-ws-user.coinbase.com", door=NAME),
        },
        real_money=True,
    ),
    SANDBOX: Environment(
        name=SANDBOX,
        hosts={NAME: "https://api-sandbox.coinbase.com"},
        real_money=False,
        about="Canned answers to account and order calls, the same for everybody: nothing trades and nothing is kept.",
    ),
}

OPTIONS = (
    Option(
        name="private_per_second",
        default="30",
        about="Signed requests a second of one key. The figure is from older pages; lower it if 429 comes.",
    ),
    Option(name="public_per_second", default="10", about="Public requests a second of one address; the same."),
    Option(
        name="requests_per_hour",
        default="",
        about="10000 keeps the Coinbase App's general rule too; whether it binds Advanced Trade is not said.",
    ),
)


def _public(door: Door) -> Endpoints:
    spot = Product.SPOT
    return {
        (FetchServerTime, spot): door.public("/time", market_data.nothing, market_data.parse_server_time),
        (FetchInstruments, spot): Procedure(
            steps=symbols.fetch_instruments, signed=False, example="GET /market/products, every page"
        ),
        (FetchTickers, spot): Procedure(
            steps=symbols.fetch_tickers, signed=False, example="GET /market/products, every page"
        ),
        (symbols.FetchProducts, spot): door.public(
            "/market/products", symbols.products_parameters, symbols.parse_products
        ),
        (FetchTicker, spot): door.public(
            market_data.ticker_path, market_data.ticker_parameters, market_data.parse_ticker
        ),
        (FetchBook, spot): door.public("/market/product_book", market_data.book_parameters, market_data.parse_book),
        (FetchTrades, spot): door.public(
            market_data.ticker_path, market_data.trades_parameters, market_data.parse_trades
        ),
        (FetchCandles, spot): Procedure(
            steps=candles.fetch_candles, signed=False, example="GET /market/products/{product_id}/candles"
        ),
        (candles.FetchWindow, spot): door.public(candles.window_path, candles.window_parameters, candles.parse_window),
    }


def _account(door: Door) -> Endpoints:
    spot = Product.SPOT
    return {
        (FetchBalances, spot): Procedure(
            steps=account.fetch_balances, signed=True, example="GET /accounts, every page"
        ),
        (account.FetchWallets, spot): door.signed("/accounts", account.wallets_parameters, account.parse_wallets),
        (FetchTradingFees, spot): door.signed("/transaction_summary", account.fees_parameters, account.parse_fees),
        (FetchKeyPermissions, spot): door.signed("/key_permissions", market_data.nothing, account.parse_permissions),
    }


_ORDER_LIST = "/orders/historical/batch"


def _queries(door: Door) -> Endpoints:
    spot = Product.SPOT
    return {
        (FetchOrder, spot): Procedure(
            steps=procedures.fetch_order, signed=True, example=f"GET /orders/historical/{{order_id}} or {_ORDER_LIST}"
        ),
        (queries.FetchById, spot): door.signed(queries.order_path, market_data.nothing, queries.parse_order),
        (queries.FetchOrderList, spot): door.signed(_ORDER_LIST, queries.list_parameters, queries.parse_list),
        (FetchOpenOrders, spot): Procedure(
            steps=procedures.fetch_open, signed=True, example=f"GET {_ORDER_LIST}, queued and open"
        ),
        (FetchClosedOrders, spot): door.signed(_ORDER_LIST, queries.closed_parameters, queries.parse_closed),
        (FetchFills, spot): door.signed("/orders/historical/fills", queries.fills_parameters, queries.parse_fills),
    }


def _orders(door: Door) -> Endpoints:
    spot = Product.SPOT
    return {
        (PlaceOrder, spot): door.order("/orders", orders.place_body, orders.parse_placed),
        (TestOrder, spot): door.order("/orders/preview", orders.preview_body, orders.parse_tested),
        (AmendOrder, spot): door.order("/orders/edit", orders.amend_body, orders.parse_amended),
        (CancelOrder, spot): Procedure(
            steps=procedures.cancel_order, signed=True, example="POST /orders/batch_cancel, after a look by client id"
        ),
        (orders.CancelById, spot): door.batch("/orders/batch_cancel", orders.cancel_body, orders.parse_canceled),
        (CancelBatch, spot): door.batch("/orders/batch_cancel", orders.cancel_batch_body, orders.parse_canceled_batch),
        (CancelAll, spot): Procedure(
            steps=procedures.cancel_all, signed=True, example="open orders, then batches of cancels"
        ),
    }


CLOCKS = {
    # A token lives for two minutes and is dated back, so that a clock that is a little ahead does no harm.
    PRODUCTION: {
        NAME: ClockRule(
            window_ms=WINDOW_MS,
            max_window_ms=WINDOW_MS,
            source="docs.cdp.coinbase.com, authentication (2026-08-22): exp = nbf + 120 s; nbf is dated back by 5 s",
        )
    },
    SANDBOX: {NAME: ClockRule(source="docs.cdp.coinbase.com, sandbox (2026-08-22): no authentication, no /time")},
}
PLACEMENT = PlacementRule(
    dedup=Dedup.EVER,
    expiry=Expiry(parameter="exp of the JWT", min_ms=WINDOW_MS, max_ms=WINDOW_MS, default_ms=WINDOW_MS),
    visibility=5.0,
    source=(
        "docs.cdp.coinbase.com, create-order (2026-08-22): a repeated client_order_id makes no second order; "
        "no visibility delay is documented, a 404 right after a create was seen (2024-04)"
    ),
)


class Coinbase:
    """Coinbase Advanced Trade, spoken without I/O: spot, one portfolio."""

    venue: ClassVar[str] = "coinbase"
    title: ClassVar[str] = "Coinbase Advanced Trade"
    environments: ClassVar[Mapping[str, Environment]] = ENVIRONMENTS
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]] = (Product.SPOT,)
    misreadings: ClassVar[tuple[Misreading, ...]] = MISREADINGS
    placement: ClassVar[Mapping[Product, PlacementRule]] = {Product.SPOT: PLACEMENT}
    # What else is accepted is not documented; a UUID always is.
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern=r"[0-9A-Fa-f-]{36}", max_length=36, uuid=True)

    def __init__(self, settings: AdapterSettings) -> None:
        self.environment = environment_of(type(self), settings)
        credentials = credentials_of(type(self), settings)
        buckets = limits.buckets_of(options_of(type(self), settings))
        self.account = "" if credentials is None else credentials.fingerprint
        self.limits: tuple[Limit, ...] = buckets.limits
        self.clocks: Mapping[str, ClockRule] = CLOCKS[self.environment.name]
        auth = Auth(credentials)
        door = Door(base=self.environment.hosts[NAME], auth=auth, private_charges=buckets.private_charges)
        # The sandbox has no market data, no products, no time and no streams.
        self.streams: Streams = {} if self.environment.name == SANDBOX else stream.streams_of(auth)
        public = {} if self.environment.name == SANDBOX else _public(door)
        self.endpoints: Endpoints = {**public, **_account(door), **_queries(door), **_orders(door)}

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells about time and about the bucket that the operation is charged to. Never raises."""
        how = self.endpoints.get((type(operation), operation.product))
        bucket = limits.PUBLIC if how is not None and not how.signed else limits.PRIVATE
        return limits.observe(bucket, operation, response)

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code of this venue means; codes of Coinbase Exchange are known too, by their surface."""
        surfaces = (surface,) if surface else faults.SURFACES
        return faults.CATALOGUE.fault(code, message=message, http_status=http_status, surfaces=surfaces)

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """Every fault in an answer; its shape tells what it is, `operation` only whose limit a throttle is about."""
        surfaces = (surface,) if surface else faults.SURFACES
        return faults.faults_in(response, public=operation in _PUBLIC_CALLS, surfaces=surfaces)


_PUBLIC_CALLS = frozenset(
    call.name
    for call in (FetchServerTime, FetchInstruments, FetchTicker, FetchTickers, FetchBook, FetchTrades, FetchCandles)
)
