"""Paper at a glance: read this first. Its host, the endpoint table, limits, clock and what it promises about orders.

Paper is a venue that exists in memory only (`venue.py`). Its adapter is the smallest complete one, made to be copied:
tables here, one build and one reader per call in `market_data`, `orders` and `account`, streams in `stream`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from unified.adapter import (
    AdapterSettings,
    Charge,
    ClientIdRule,
    ClockRule,
    Dedup,
    Endpoints,
    Environment,
    Expiry,
    FixedWindow,
    Limit,
    Observation,
    Option,
    PlacementRule,
    StreamHost,
    TokenBucket,
    credentials_of,
    environment_of,
    options_of,
)
from unified.catalogue import Misreading
from unified.errors import Fault, Scope
from unified.feeds import Streams
from unified.http import HttpResponse, Method
from unified.instrument import Product
from unified.operations import (
    AmendOrder,
    CancelAll,
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
    FetchVenueStatus,
    Operation,
    PlaceOrder,
    TestOrder,
)
from unified_paper import account, market_data, orders, stream
from unified_paper.auth import Auth
from unified_paper.door import Door
from unified_paper.faults import CATALOGUE, faults_of, usage_of

SPOT = Product.SPOT
ORDERS = (Charge("orders"),)


def _endpoints(door: Door) -> Endpoints:
    get, post, put, delete = Method.GET, Method.POST, Method.PUT, Method.DELETE
    return {
        (FetchServerTime, SPOT): door.public("/time", market_data.nothing, market_data.parse_server_time),
        (FetchVenueStatus, SPOT): door.public("/status", market_data.nothing, market_data.parse_status),
        (FetchInstruments, SPOT): door.public("/instruments", market_data.nothing, market_data.parse_instruments),
        (FetchTicker, SPOT): door.public("/ticker", market_data.symbol_only, market_data.parse_ticker),
        (FetchTickers, SPOT): door.public("/tickers", market_data.nothing, market_data.parse_tickers),
        (FetchBook, SPOT): door.public("/book", market_data.book_query, market_data.parse_book),
        (FetchTrades, SPOT): door.public("/trades", market_data.trades_query, market_data.parse_trades),
        (FetchCandles, SPOT): door.public("/candles", market_data.candles_query, market_data.parse_candles),
        (FetchBalances, SPOT): door.signed(get, "/balances", market_data.nothing, account.parse_balances),
        (FetchTradingFees, SPOT): door.signed(get, "/fees", market_data.symbol_only, account.parse_fees),
        (FetchKeyPermissions, SPOT): door.signed(get, "/key", market_data.nothing, account.parse_permissions),
        (PlaceOrder, SPOT): door.signed(post, "/orders", orders.place, orders.parse_order, ORDERS),
        (TestOrder, SPOT): door.signed(post, "/orders/test", orders.test, orders.parse_nothing),
        (FetchOrder, SPOT): door.signed(get, "/orders", orders.ids, orders.parse_order),
        (CancelOrder, SPOT): door.signed(delete, "/orders", orders.ids, orders.parse_order),
        (AmendOrder, SPOT): door.signed(put, "/orders", orders.amend, orders.parse_order, ORDERS),
        (CancelAll, SPOT): door.signed(delete, "/orders/open", orders.of_instrument, orders.parse_nothing),
        (FetchOpenOrders, SPOT): door.signed(get, "/orders/open", orders.page_query, orders.parse_orders),
        (FetchClosedOrders, SPOT): door.signed(get, "/orders/closed", orders.page_query, orders.parse_orders),
        (FetchFills, SPOT): door.signed(get, "/fills", orders.page_query, orders.parse_fills),
    }


class Paper:
    """The adapter. Everything it knows stands in the tables of this module."""

    venue: ClassVar[str] = "paper"
    title: ClassVar[str] = "Paper"
    environments: ClassVar[Mapping[str, Environment]] = {
        "production": Environment(
            name="production",
            hosts={"main": "http://main.paper.sandbox"},
            streams={
                line: StreamHost(base="ws://main.paper.sandbox", door="main") for line in (stream.MARKET, stream.USER)
            },
            real_money=False,
            about="In memory: give the client transport and dialer of unified_paper.venue.PaperVenue.",
        )
    }
    options: ClassVar[tuple[Option, ...]] = ()
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]] = (SPOT,)
    misreadings: ClassVar[tuple[Misreading, ...]] = ()

    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(bucket="requests", scope=Scope.IP, rule=FixedWindow(limit=1200, period=60), door="main"),
        Limit(bucket="orders", scope=Scope.ACCOUNT, rule=FixedWindow(limit=100, period=10), door="main"),
        Limit(bucket="connects", scope=Scope.IP, rule=FixedWindow(limit=120, period=60), door="main"),
        Limit(bucket="frames", scope=Scope.CONNECTION, rule=TokenBucket(rate=20, burst=20), door="main"),
    )
    clocks: ClassVar[Mapping[str, ClockRule]] = {"main": ClockRule(window_ms=5000, source="sandbox_keys.py")}
    placement: ClassVar[Mapping[Product, PlacementRule]] = {
        SPOT: PlacementRule(
            dedup=Dedup.WHILE_OPEN,
            expiry=Expiry(parameter="x-paper-window", min_ms=100, max_ms=60_000, default_ms=2000),
            visibility=3.0,
            source="sandbox.py",
        )
    }
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern="[a-zA-Z0-9_-]+", max_length=36)

    def __init__(self, settings: AdapterSettings) -> None:
        credentials = credentials_of(type(self), settings)
        options_of(type(self), settings)
        self.environment = environment_of(type(self), settings)
        self.account = "" if credentials is None else credentials.fingerprint
        auth = Auth(credentials)
        self.endpoints = _endpoints(Door(base=self.environment.hosts["main"], auth=auth))
        self.streams: Streams = stream.streams_of(auth)

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells beside its content. Never raises."""
        return usage_of(operation, response)

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code means."""
        return CATALOGUE.fault(code, message=message, http_status=http_status, surfaces=(surface,) if surface else ())

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """Every fault in an answer, read alike whatever was asked at whichever door."""
        del operation, surface
        return faults_of(response)
