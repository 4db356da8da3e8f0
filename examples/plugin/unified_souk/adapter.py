"""Souk at a glance: read this first. Its host, the endpoint table, limits, clock and what it promises about orders."""

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
    FixedWindow,
    Limit,
    Observation,
    Option,
    PlacementRule,
    credentials_of,
    environment_of,
    options_of,
)
from unified.catalogue import Misreading
from unified.errors import Fault, Scope
from unified.http import HttpResponse, Method
from unified.instrument import Product
from unified.operations import (
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchFills,
    FetchInstruments,
    FetchOpenOrders,
    FetchOrder,
    FetchServerTime,
    FetchTicker,
    Operation,
    PlaceOrder,
)
from unified_souk import market_data, orders
from unified_souk.auth import Auth
from unified_souk.door import Door
from unified_souk.faults import CATALOGUE, faults_of, observed

SPOT = Product.SPOT
SOURCE = "docs/write-an-adapter.md, 'The papers of Souk'"


def _endpoints(door: Door) -> Endpoints:
    get, post, delete = Method.GET, Method.POST, Method.DELETE
    nothing, pair, which, rows = market_data.nothing, market_data.pair, orders.which, orders.rows
    return {
        (FetchServerTime, SPOT): door.row(get, "/v2/clock", nothing, market_data.read_time, signed=False),
        (FetchInstruments, SPOT): door.row(get, "/v2/pairs", nothing, market_data.read_instruments, signed=False),
        (FetchTicker, SPOT): door.row(get, "/v2/price", pair, market_data.read_ticker, signed=False),
        (FetchBook, SPOT): door.row(get, "/v2/book", market_data.depth, market_data.read_book, signed=False),
        (FetchBalances, SPOT): door.row(get, "/v2/purse", nothing, orders.read_balances, signed=True),
        (PlaceOrder, SPOT): door.row(post, "/v2/order", orders.place, orders.read_order, signed=True, orders=1),
        (FetchOrder, SPOT): door.row(get, "/v2/order", which, orders.read_order, signed=True),
        (CancelOrder, SPOT): door.row(delete, "/v2/order", which, orders.read_order, signed=True),
        (FetchOpenOrders, SPOT): door.row(get, "/v2/orders", rows, orders.read_orders, signed=True),
        (FetchFills, SPOT): door.row(get, "/v2/trades", rows, orders.read_fills, signed=True),
    }


class Souk:
    """The adapter. Everything it knows stands in the tables of this module."""

    venue: ClassVar[str] = "souk"
    title: ClassVar[str] = "Souk"
    environments: ClassVar[Mapping[str, Environment]] = {
        "production": Environment(name="production", hosts={"main": "https://api.souk.example"}, real_money=False)
    }
    options: ClassVar[tuple[Option, ...]] = ()
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]] = (SPOT,)
    misreadings: ClassVar[tuple[Misreading, ...]] = ()

    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(bucket="requests", scope=Scope.IP, rule=FixedWindow(limit=300, period=60), door="main"),
        Limit(bucket="orders", scope=Scope.KEY, rule=FixedWindow(limit=20, period=1), door="main"),
    )
    clocks: ClassVar[Mapping[str, ClockRule]] = {"main": ClockRule(window_ms=5000, max_window_ms=30_000, source=SOURCE)}
    placement: ClassVar[Mapping[Product, PlacementRule]] = {
        SPOT: PlacementRule(
            dedup=Dedup.WHILE_OPEN,
            expiry=Expiry(parameter="souk-until", min_ms=500, max_ms=30_000, default_ms=3000),
            visibility=3.0,
            source=SOURCE,
        )
    }
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern="[a-z0-9-]+", max_length=30)

    def __init__(self, settings: AdapterSettings) -> None:
        credentials = credentials_of(type(self), settings)
        options_of(type(self), settings)
        self.environment = environment_of(type(self), settings)
        self.account = "" if credentials is None else credentials.fingerprint
        self.endpoints = _endpoints(Door(base=self.environment.hosts["main"], auth=Auth(credentials)))

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells beside its content. Never raises."""
        del operation
        return observed(response)

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code means."""
        return CATALOGUE.fault(code, message=message, http_status=http_status, surfaces=(surface,) if surface else ())

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """Every fault in an answer, read alike whatever was asked."""
        del operation, surface
        return faults_of(response)
