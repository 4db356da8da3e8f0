"""Bybit at a glance: hosts, the endpoint table, limits, the clock and what it promises about orders.

Holds tables only; how a call is said and read stands beside each other in the other rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from attrs import evolve

from unified.adapter import (
    AdapterSettings,
    ClientIdRule,
    ClockRule,
    Dedup,
    Endpoint,
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
from unified.candle_walk import FetchWindow
from unified.catalogue import Misreading
from unified.entry import NO_ENTRY, Entry
from unified.errors import ConfigurationError, Fault
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
    Operation,
    PlaceBatch,
    PlaceOrder,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
    TestOrder,
)
from unified_bybit import (
    account,
    batches,
    candles,
    entry,
    limits,
    market_data,
    orders,
    procedures,
    queries,
    stream,
    symbols,
)
from unified_bybit.auth import Auth
from unified_bybit.door import NAME, Door
from unified_bybit.faults import REST, fault_of_code, faults_in
from unified_bybit.limits import LIMITS
from unified_bybit.misreadings import MISREADINGS

SPOT, LINEAR = Product.SPOT, Product.LINEAR

_SITES = {
    "production": {
        "global": "https://api.bybit.com",
        "nl": "https://api.bybit.nl",
        "tr": "https://api.bybit.tr",
        "kz": "https://api.bybit.kz",
        "ge": "https://api.bybitgeorgia.ge",
        "ae": "https://api.bybit.ae",
        "eu": "https://api.bybit.eu",
        "id": "https://api.bybit.id",
        "jp": "https://api.manepa.jp",
    },
    "testnet": {"global": "https://api-testnet.bybit.com", "jp": "https://api-testnet.manepa.jp"},
    "demo": {"global": "https://api-demo.bybit.com"},
}
"""By environment and by where the account was opened; a key is unknown on other sites (guide.mdx, 2026-07-24)."""


def _streams(market: str, private: str, trade: str = "") -> dict[str, StreamHost]:
    hosts = {stream.SPOT_LINE: market, stream.LINEAR_LINE: market, stream.PRIVATE: private}
    hosts |= {entry.TRADE: trade} if trade else {}
    return {name: StreamHost(base=base, door=NAME) for name, base in hosts.items()}


ENVIRONMENTS = {
    "production": Environment(
        name="production",
        hosts={NAME: _SITES["production"]["global"]},
        streams=_streams("wss://stream.bybit.com", "wss://stream.bybit.com", "wss://stream.bybit.com"),
        real_money=True,
    ),
    "testnet": Environment(
        name="testnet",
        hosts={NAME: _SITES["testnet"]["global"]},
        streams=_streams(
            "wss://stream-testnet.bybit.com", "wss://stream-testnet.bybit.com", "wss://stream-testnet.bybit.com"
        ),
        real_money=False,
        about="Its own accounts and a thin book: market orders often find nothing to fill them.",
    ),
    "demo": Environment(
        name="demo",
        hosts={NAME: _SITES["demo"]["global"]},
        streams=_streams("wss://stream.bybit.com", "wss://stream-demo.bybit.com"),  # markets are production's
        real_money=False,
        about="Real prices and play money for a production login, with keys of its own. Orders are kept 7 days.",
    ),
}
_STATUS_NUMBER = {"production": "1", "testnet": "1", "demo": "2"}

OPTIONS = (
    Option(
        name="region", default="global", allowed=tuple(_SITES["production"]), about="The site that opened the account."
    ),
)


def _public(door: Door, product: Product, status_number: str) -> Endpoints:
    status = partial(market_data.parse_status, status_number)
    ticker, one = "/v5/market/tickers", market_data.instrument_only
    return {
        (FetchServerTime, product): door.public("/v5/market/time", market_data.nothing, market_data.parse_server_time),
        (FetchVenueStatus, product): door.public("/v5/system/status", market_data.nothing, status),
        (FetchInstruments, product): Procedure(
            steps=symbols.fetch_instruments, signed=False, example="GET /v5/market/instruments-info, all pages"
        ),
        (symbols.FetchInstrumentPage, product): door.public(
            "/v5/market/instruments-info", symbols.instruments_parameters, symbols.parse_instruments
        ),
        (FetchTicker, product): door.public(ticker, one, market_data.parse_ticker),
        (FetchTickers, product): door.public(ticker, market_data.instrument_or_all, market_data.parse_tickers),
        (FetchBook, product): door.public("/v5/market/orderbook", market_data.book_parameters, market_data.parse_book),
        (FetchTrades, product): door.public(
            "/v5/market/recent-trade", market_data.trades_parameters, market_data.parse_trades
        ),
        (FetchCandles, product): Procedure(steps=candles.WALK.steps, signed=False, example="GET /v5/market/kline"),
        (FetchWindow, product): door.public("/v5/market/kline", candles.window_parameters, candles.parse_window),
    }


def _account(door: Door, product: Product) -> Endpoints:
    return {
        (FetchBalances, product): door.signed(
            "/v5/account/wallet-balance", account.balances_parameters, account.parse_balances
        ),
        (FetchTradingFees, product): door.signed(
            "/v5/account/fee-rate", market_data.instrument_only, account.parse_fee
        ),
        (FetchKeyPermissions, product): door.signed(
            "/v5/user/query-api", market_data.nothing, account.parse_permissions
        ),
    }


def _queries(door: Door, product: Product) -> Endpoints:
    recent, filed, fills = "/v5/order/realtime", "/v5/order/history", "/v5/execution/list"
    return {
        (FetchOrder, product): Procedure(steps=queries.fetch_order, signed=True, example=f"GET {recent}, then {filed}"),
        (queries.FetchRecentOrder, product): door.signed(recent, queries.order_parameters, queries.parse_order),
        (queries.FetchFiledOrder, product): door.signed(filed, queries.order_parameters, queries.parse_order),
        (FetchOpenOrders, product): door.signed(recent, queries.open_parameters, queries.parse_open),
        (FetchClosedOrders, product): Procedure(steps=queries.closed_steps, signed=True, example=f"GET {filed}"),
        (queries.FetchClosedPage, product): door.signed(filed, queries.closed_parameters, queries.parse_closed),
        (FetchFills, product): Procedure(steps=queries.fills_steps, signed=True, example=f"GET {fills}"),
        (queries.FetchFillPage, product): door.signed(fills, queries.fills_parameters, queries.parse_fills),
    }


def _orders(door: Door, product: Product) -> Endpoints:
    return {
        (PlaceOrder, product): door.order("/v5/order/create", orders.place_body, orders.parse_placed),
        (AmendOrder, product): door.order("/v5/order/amend", orders.amend_body, orders.parse_amended),
        (PlaceBatch, product): door.batch(
            "/v5/order/create-batch",
            batches.place_batch_body,
            batches.parse_placed_batch,
            limits.place_batch_charges,
        ),
        (CancelBatch, product): door.batch(
            "/v5/order/cancel-batch",
            batches.cancel_batch_body,
            batches.parse_canceled_batch,
            limits.cancel_batch_charges,
        ),
        (CancelAll, product): Procedure(
            steps=procedures.cancel_all, signed=True, example="POST /v5/order/cancel-all, each kind of order"
        ),
        (procedures.CancelKind, product): door.order(
            "/v5/order/cancel-all", procedures.cancel_kind_body, procedures.parse_canceled_kind
        ),
    }


def _cancels(door: Door) -> Endpoints:
    """Spot keeps each kind of order behind a filter of its own."""
    path = "/v5/order/cancel"
    return {
        (CancelOrder, LINEAR): door.order(path, orders.cancel_body, orders.parse_canceled),
        (CancelOrder, SPOT): Procedure(steps=procedures.cancel_spot, signed=True, example=f"POST {path}"),
        (orders.CancelBehind, SPOT): door.order(path, orders.cancel_behind_body, orders.parse_canceled),
    }


def _linear(door: Door) -> Endpoints:
    """What only perpetuals have."""
    return {
        (FetchFundingRate, LINEAR): door.public(
            "/v5/market/tickers", market_data.instrument_only, market_data.parse_funding_rate
        ),
        (FetchPositions, LINEAR): Procedure(
            steps=account.fetch_positions, signed=True, example="GET /v5/position/list, all pages"
        ),
        (account.FetchPositionPage, LINEAR): door.signed(
            "/v5/position/list", account.positions_parameters, account.parse_positions
        ),
        (TestOrder, LINEAR): door.order("/v5/order/pre-check", orders.precheck_body, orders.parse_tested),
        (SetLeverage, LINEAR): door.setting("/v5/position/set-leverage", account.leverage_body, account.parse_set),
        (SetMarginMode, LINEAR): door.setting(
            "/v5/account/set-margin-mode", account.margin_mode_body, account.parse_set
        ),
        (SetPositionMode, LINEAR): door.setting(
            "/v5/position/switch-mode", account.position_mode_body, account.parse_set
        ),
    }


_NOT_IN_DEMO = {
    *((operation, product) for operation in (FetchTradingFees, FetchKeyPermissions) for product in Product),
    *((operation, SPOT) for operation in (PlaceBatch, CancelBatch)),
    (TestOrder, LINEAR),
}
"""What is missing in the list of demo.mdx; Bybit answers such calls with 10032."""


def _endpoints(door: Door, environment: str) -> Endpoints:
    table: dict[Any, Any] = {}
    for product in (SPOT, LINEAR):
        table |= _public(door, product, _STATUS_NUMBER[environment])
        table |= _account(door, product)
        table |= _queries(door, product)
        table |= _orders(door, product)
    table |= {**_cancels(door), **_linear(door)}
    missing = _NOT_IN_DEMO if environment == "demo" else set()
    return {key: how for key, how in table.items() if key not in missing}


CLOCKS = {
    NAME: ClockRule(
        window_ms=5000,
        max_window_ms=60_000,
        source="Bybit guide.mdx (2026-07-24): server - recv_window <= timestamp < server + 1 s (10002)",
    )
}
_EXPIRY = Expiry(parameter="X-BAPI-RECV-WINDOW", min_ms=500, max_ms=60_000, default_ms=5000)
_VISIBILITY = 10.0
"""Seconds. No figure is published; ten to fifteen seconds of delay were reported of the older lists."""
PLACEMENT = {
    SPOT: PlacementRule(
        dedup=Dedup.WHILE_OPEN,
        expiry=_EXPIRY,
        visibility=_VISIBILITY,
        source="Bybit create-order.mdx (2026-07-06): ids are unique (170141); for how long is not said",
    ),
    LINEAR: PlacementRule(
        dedup=Dedup.WHILE_OPEN,
        expiry=_EXPIRY,
        visibility=_VISIBILITY,
        moves_price=True,
        source="Bybit create-order.mdx (2026-07-06): ids are always unique (110072); for how long is not said",
    ),
}


class Bybit:
    """Bybit, spoken without I/O: spot and USDT-settled linear perpetuals of one unified account."""

    venue: ClassVar[str] = market_data.VENUE
    title: ClassVar[str] = "Bybit"
    environments: ClassVar[Mapping[str, Environment]] = ENVIRONMENTS
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]] = (SPOT, LINEAR)
    misreadings: ClassVar[tuple[Misreading, ...]] = MISREADINGS
    limits: ClassVar[tuple[Limit, ...]] = LIMITS
    clocks: ClassVar[Mapping[str, ClockRule]] = CLOCKS
    placement: ClassVar[Mapping[Product, PlacementRule]] = PLACEMENT
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern=r"[A-Za-z0-9_-]{1,36}", max_length=36)

    def __init__(self, settings: AdapterSettings) -> None:
        environment, options = environment_of(type(self), settings), options_of(type(self), settings)
        credentials = credentials_of(type(self), settings)
        site = _SITES[environment.name].get(options["region"])
        if site is None:
            allowed = ", ".join(_SITES[environment.name])
            raise ConfigurationError(f"options.region: Bybit's {environment.name} is only at: {allowed}")
        self.environment = evolve(environment, hosts={NAME: settings.hosts.get(NAME, site)})
        self.account = "" if credentials is None else credentials.fingerprint
        auth = Auth(credentials)
        self.endpoints = _endpoints(Door(base=self.environment.hosts[NAME], auth=auth), environment.name)
        # Where the other sites stream from is not known.
        at_home = options["region"] == "global"
        self.streams: Streams = stream.streams_of(auth) if at_home else {}
        trade = self.environment.streams.get(entry.TRADE) if at_home else None
        self.entry: Entry = NO_ENTRY if trade is None else entry.entry_of(trade.base, auth, self.endpoints)

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells about time and limits. Never raises."""
        how = self.endpoints.get((type(operation), operation.product))
        return limits.observe(how.charges(operation, 0) if isinstance(how, Endpoint) else (), response)

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code of this venue means."""
        return fault_of_code(code, message, http_status, (surface,) if surface else ())

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """Every fault in an answer, batch items included. Where neither tells the door, every row of a code may fit."""
        if surface:
            return faults_in(response, (surface,))
        return faults_in(response, REST if operation and operation not in _ORDER_CALLS else ())


_ORDER_CALLS = frozenset(
    call.name for call in (PlaceOrder, AmendOrder, CancelOrder, PlaceBatch, CancelBatch, CancelAll, TestOrder)
)
"""Calls whose codes depend on the product, which an operation's name does not tell."""
