"""Bitzoom at a glance: its host, its two ways in, its endpoint table, and how little it promises about orders.

Experimental: the venue's papers contradict each other, and nothing here was ever seen in a live answer.

Source: bitzoom-futures/futures.doc at 42521de (2026-02-13) and its newer files; see README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from unified.account import VenueTime
from unified.adapter import (
    AdapterSettings,
    ClientIdRule,
    ClockRule,
    Dedup,
    Endpoints,
    Environment,
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
from unified.errors import ConfigurationError, Fault, VenueError
from unified.feeds import Streams
from unified.http import HttpResponse, Method
from unified.instrument import Product
from unified.operations import (
    CancelAll,
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchCandles,
    FetchClosedOrders,
    FetchFills,
    FetchFundingRate,
    FetchInstruments,
    FetchOpenOrders,
    FetchOrder,
    FetchPositions,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchTradingFees,
    FetchVenueStatus,
    Operation,
    PlaceOrder,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified_bitzoom import account, market_data, orders, stream
from unified_bitzoom.auth import auth_of
from unified_bitzoom.door import Door
from unified_bitzoom.faults import CATALOGUE, answer_of, faults_of
from unified_bitzoom.limits import LIMITS, ORDER
from unified_bitzoom.misreadings import MISREADINGS

LINEAR = Product.LINEAR
GET, POST, DELETE = Method.GET, Method.POST, Method.DELETE

_SIGNED_ONLY = "https://api1.riverwa.com"
"""Where a bearer token must never go."""


def _streams(base: str) -> Mapping[str, StreamHost]:
    return {line: StreamHost(base=base, door="main") for line in (stream.MARKET, stream.USER)}


ENVIRONMENTS = {
    "production": Environment(
        name="production",
        hosts={"main": _SIGNED_ONLY},
        streams=_streams("wss://api1.riverwa.com"),
        real_money=True,
        about="The newer gateway, for signed keys. The plain http address of version 1.0 is not offered.",
    ),
    "testnet": Environment(
        name="testnet",
        hosts={"main": "https://testnet.bitzoom.com"},
        # By the papers' rule for addresses; the page itself names one socket in clear for both environments.
        streams=_streams("wss://testnet.bitzoom.com"),
        real_money=False,
        about="Version 1.0, for bearer tokens. Unproven.",
    ),
}

PLACEMENT = {
    LINEAR: PlacementRule(
        dedup=Dedup.NONE,
        expiry=None,
        visibility=10.0,
        source="bitzoom-futures/futures.doc at 42521de (2026-02-13) and newer: uniqueness of ids, the fate of a late "
        "request and a look-up of one order are documented nowhere; placing twice is warned of, not prevented",
    )
}


def _public(door: Door) -> Endpoints:
    nothing, symbol = market_data.nothing, market_data.symbol_only
    return {
        (FetchServerTime, LINEAR): door.public("/api/gateway/time", nothing, market_data.parse_server_time),
        (FetchVenueStatus, LINEAR): door.public("/api/gateway/ping", nothing, market_data.parse_venue_status),
        (FetchInstruments, LINEAR): door.public("/api/v1/exchangeinfo", nothing, market_data.parse_instruments),
        (FetchTicker, LINEAR): door.public("/api/v1/ticker/hr24", symbol, market_data.parse_ticker),
        (FetchTickers, LINEAR): door.public("/api/v1/ticker/hr24", nothing, market_data.parse_tickers),
        (FetchBook, LINEAR): door.public("/api/v1/depth", market_data.book_parameters, market_data.parse_book),
        (FetchTrades, LINEAR): door.public("/api/v1/trades", market_data.trades_parameters, market_data.parse_trades),
        (FetchCandles, LINEAR): door.public(
            "/api/v1/klines", market_data.candles_parameters, market_data.parse_candles
        ),
        (FetchFundingRate, LINEAR): door.public("/api/v1/premiumindex", symbol, market_data.parse_funding),
    }


def _account(door: Door) -> Endpoints:
    nothing, symbol = market_data.nothing, market_data.symbol_only
    return {
        (FetchBalances, LINEAR): door.signed(GET, "/api/v1/balance", nothing, account.parse_balances),
        (FetchTradingFees, LINEAR): door.signed(GET, "/api/v1/commissionrate", symbol, account.parse_fees),
        (FetchPositions, LINEAR): door.signed(
            GET, "/api/v1/positionrisk", account.positions_parameters, account.parse_positions
        ),
        # These two change the account, though they are said by GET.
        (SetLeverage, LINEAR): door.signed(GET, "/api/v1/leverage", account.leverage_parameters, account.parse_set),
        (SetMarginMode, LINEAR): door.signed(
            GET, "/api/v1/margintype", account.margin_mode_parameters, account.parse_set
        ),
        (SetPositionMode, LINEAR): door.signed(
            POST, "/api/v1/positionSide/dual", account.position_mode_parameters, account.parse_set
        ),
    }


def _orders(door: Door) -> Endpoints:
    by_spec = door.signed(DELETE, "/api/v1/deleteorder", orders.cancel_parameters, orders.parse_canceled)
    by_guide = door.signed(DELETE, "/api/v1/order", orders.cancel_parameters, orders.parse_canceled)
    return {
        (PlaceOrder, LINEAR): door.signed(POST, "/api/v1/order", orders.place_parameters, orders.parse_placed, ORDER),
        (CancelOrder, LINEAR): Procedure(
            steps=orders.cancel_steps, signed=True, example="DELETE /api/v1/deleteorder or order"
        ),
        (orders.CancelBySpec, LINEAR): by_spec,
        (orders.CancelByGuide, LINEAR): by_guide,
        (CancelAll, LINEAR): Procedure(
            steps=orders.cancel_all_steps, signed=True, example="GET /api/v1/openorders, then one by one"
        ),
        (FetchOrder, LINEAR): Procedure(
            steps=orders.fetch_steps, signed=True, example="GET /api/v1/openorders, then historyorder"
        ),
        (orders.FetchOpenOf, LINEAR): door.signed(
            GET, "/api/v1/openorders", orders.open_of_parameters, orders.parse_orders_of
        ),
        (orders.FetchClosedOf, LINEAR): door.signed(
            GET, "/api/v1/historyorder", orders.closed_of_parameters, orders.parse_orders_of
        ),
        (FetchOpenOrders, LINEAR): door.signed(GET, "/api/v1/openorders", orders.open_parameters, orders.parse_open),
        (FetchClosedOrders, LINEAR): door.signed(
            GET, "/api/v1/historyorder", orders.history_parameters, orders.parse_closed
        ),
        (FetchFills, LINEAR): door.signed(GET, "/api/v1/historytrade", orders.history_parameters, orders.parse_fills),
    }


class Bitzoom:
    """The adapter. Everything it knows stands in the tables of this folder."""

    venue: ClassVar[str] = "bitzoom"
    title: ClassVar[str] = "Bitzoom"
    environments: ClassVar[Mapping[str, Environment]] = ENVIRONMENTS
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            name="auth",
            default="hmac",
            allowed=("hmac", "bearer"),
            about="How calls of the account are let in: by signed keys, or by a token of version 1.0 as the secret.",
        ),
    )
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]] = (LINEAR,)
    misreadings: ClassVar[tuple[Misreading, ...]] = MISREADINGS
    limits: ClassVar[tuple[Limit, ...]] = LIMITS
    clocks: ClassVar[Mapping[str, ClockRule]] = {
        "main": ClockRule(window_ms=5000, source="docs/guides/api-key-authentication.md at 435a1fa (after 2026-02-13)")
    }
    placement: ClassVar[Mapping[Product, PlacementRule]] = PLACEMENT
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern=r"[A-Za-z0-9_-]{1,32}", max_length=32)
    """Nothing is documented; what every venue takes is taken."""

    def __init__(self, settings: AdapterSettings) -> None:
        credentials = credentials_of(type(self), settings)
        form = options_of(type(self), settings)["auth"]
        self.environment = environment_of(type(self), settings)
        base = self.environment.hosts["main"]
        if form == "bearer" and credentials is not None and base.rstrip("/") == _SIGNED_ONLY:
            raise ConfigurationError(
                "options.auth: a bearer token is for version 1.0; the production host takes signed keys, and must not "
                'see the token. Set environment = "testnet" or an endpoint of your own.'
            )
        self.account = "" if credentials is None else credentials.fingerprint
        auth = auth_of(credentials, form)
        door = Door(base=base, auth=auth)
        self.endpoints: Endpoints = {**_public(door), **_account(door), **_orders(door)}
        self.streams: Streams = stream.streams_of(auth)

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """The time, where it was asked for; no answer tells of limits. Never raises."""
        return Observation(time=_time(response) if isinstance(operation, FetchServerTime) else None)

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code of this venue means."""
        surfaces = (surface,) if surface else ()
        return CATALOGUE.fault(code, message=message, http_status=http_status, surfaces=surfaces)

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """The fault of an answer, read alike whatever was asked."""
        del operation, surface
        return faults_of(response)


def _time(response: HttpResponse) -> VenueTime | None:
    try:
        return market_data.time_of(answer_of(response))
    except VenueError:
        return None
