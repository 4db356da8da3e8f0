"""OKX at a glance: hosts, the endpoint table, limits, the clock and what it promises about orders.

Holds tables only; how a call is said and read stands beside each other in the other rooms. What takes several
requests stands in procedures, candles and account.
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
from unified.entry import Entry
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
    SetPositionMode,
    TestOrder,
)
from unified_okx import account, candles, entry, limits, market_data, orders, procedures, queries, stream, symbols
from unified_okx.auth import Auth
from unified_okx.door import NAME, Door
from unified_okx.faults import REST, TRADE, fault_of_code, faults_in
from unified_okx.limits import LIMITS
from unified_okx.misreadings import MISREADINGS

SITES = {
    "global": "https://openapi.okx.com",
    "eea": "https://eea.okx.com",
    "us": "https://us.okx.com",
}
"""By where the account was opened; a key is unknown on the other sites (#overview, 2026-07-06)."""
STREAM_SITES = {
    "production": {
        "global": "wss://ws.okx.com:8443",
        "eea": "wss://wseea.okx.com:8443",
        "us": "wss://wsus.okx.com:8443",
    },
    "demo": {
        "global": "wss://wspap.okx.com:8443",
        "eea": "wss://wseeapap.okx.com:8443",
        "us": "wss://wsuspap.okx.com:8443",
    },
}
"""The global ones by the docs (2026-07-06), the others as OKX clients of 2026 have them. Demo has hosts of its own."""


def _stream_hosts(environment: str) -> Mapping[str, StreamHost]:
    base, names = STREAM_SITES[environment]["global"], (stream.PUBLIC, stream.PRIVATE, stream.BUSINESS, entry.ORDERS)
    return {name: StreamHost(base=base, door=NAME) for name in names}


ENVIRONMENTS = {
    "production": Environment(
        name="production", hosts={NAME: SITES["global"]}, streams=_stream_hosts("production"), real_money=True
    ),
    "demo": Environment(
        name="demo",
        hosts={NAME: SITES["global"]},
        streams=_stream_hosts("demo"),
        real_money=False,
        about="Demo trading: the site's own host with a header on every call, and keys made in demo trading.",
    ),
}
_STATUS_NUMBER = {"production": "1", "demo": "2"}

OPTIONS = (
    Option(name="site", default="global", allowed=tuple(SITES), about="Where the account was opened."),
    Option(
        name="account_level",
        default="spot",
        allowed=("spot", "futures", "multi_currency", "portfolio"),
        about="The account's mode; the last two trade spot as `cross`, and only they can test orders.",
    ),
    Option(
        name="margin_mode",
        default="cross",
        allowed=("cross", "isolated"),
        about="Of swaps, where an order does not say. The docs contradict each other on isolated swaps.",
    ),
    Option(
        name="trade_quote_currency",
        default="",
        about="tradeQuoteCcy of spot orders; some regions refuse orders without it (51000).",
    ),
)
_CROSS_LEVELS = ("multi_currency", "portfolio")


def _at_site(environment: Environment, site: str, overrides: Mapping[str, str]) -> Environment:
    """The environment with the site's hosts, where they are not overridden."""
    there = STREAM_SITES[environment.name][site]
    streams = {
        name: host if {name, NAME} & overrides.keys() else evolve(host, base=there)
        for name, host in environment.streams.items()
    }
    return evolve(environment, hosts={NAME: overrides.get(NAME, SITES[site])}, streams=streams)


def _terms(options: Mapping[str, str]) -> orders.Terms:
    return orders.Terms(
        spot_mode="cross" if options["account_level"] in _CROSS_LEVELS else "cash",
        swap_mode=options["margin_mode"],
        quote_currency=options["trade_quote_currency"],
    )


def _public(door: Door, product: Product, status_number: str) -> Endpoints:
    status = partial(market_data.parse_status, status_number)
    return {
        (FetchServerTime, product): door.public("/public/time", market_data.nothing, market_data.parse_server_time),
        (FetchVenueStatus, product): door.public("/system/status", market_data.nothing, status),
        (FetchInstruments, product): door.public(
            "/public/instruments", symbols.instruments_parameters, symbols.parse_instruments
        ),
        (FetchTicker, product): door.public("/market/ticker", market_data.instrument_only, market_data.parse_ticker),
        (FetchTickers, product): door.public("/market/tickers", market_data.type_only, market_data.parse_tickers),
        (FetchBook, product): door.public(market_data.book_path, market_data.book_parameters, market_data.parse_book),
        (FetchTrades, product): door.public(
            market_data.trades_path, market_data.trades_parameters, market_data.parse_trades
        ),
        (FetchCandles, product): Procedure(steps=candles.WALK.steps, signed=False, example="GET /market/candles"),
        (FetchWindow, product): door.public(candles.window_path, candles.window_parameters, candles.parse_window),
        (account.FetchFeeGroup, product): door.public(
            "/public/instruments", account.group_parameters, account.parse_group
        ),
    }


def _account(door: Door, product: Product) -> Endpoints:
    return {
        (FetchBalances, product): door.signed("/account/balance", market_data.nothing, account.parse_balances),
        (FetchKeyPermissions, product): Procedure(
            steps=account.fetch_permissions, signed=True, example="GET /account/config, /trade/account-rate-limit"
        ),
        (account.FetchKeyConfiguration, product): door.signed(
            "/account/config", market_data.nothing, account.parse_permissions
        ),
        (limits.FetchOrderRate, product): door.signed(
            "/trade/account-rate-limit", market_data.nothing, limits.parse_order_rate
        ),
        (FetchTradingFees, product): Procedure(
            steps=account.fetch_fee, signed=True, example="GET /public/instruments, /account/trade-fee"
        ),
        (account.FetchGroupFee, product): door.signed("/account/trade-fee", account.fee_parameters, account.parse_fee),
    }


def _queries(door: Door, product: Product, terms: orders.Terms) -> Endpoints:
    open_parameters = partial(queries.open_parameters, terms.spot_mode == "cross")
    return {
        (FetchOrder, product): Procedure(
            steps=procedures.fetch_order, signed=True, example="GET /trade/order, then /trade/order-algo"
        ),
        (queries.FetchPlainOrder, product): door.signed("/trade/order", queries.order_parameters, queries.parse_order),
        (queries.FetchStop, product): door.signed("/trade/order-algo", queries.stop_parameters, queries.parse_stop),
        (FetchOpenOrders, product): door.signed(queries.open_path, open_parameters, queries.parse_open),
        (FetchClosedOrders, product): door.signed(queries.closed_path, queries.closed_parameters, queries.parse_closed),
        (FetchFills, product): door.signed(queries.fills_path, queries.fills_parameters, queries.parse_fills),
    }


def _orders(door: Door, product: Product, terms: orders.Terms) -> Endpoints:
    return {
        (PlaceOrder, product): door.order(
            orders.place_path,
            partial(orders.place_body, terms),
            orders.parse_placed,
            limits.place_charges,
            expires=True,
        ),
        (TestOrder, product): door.order(
            "/trade/order-precheck", partial(orders.precheck_body, terms), orders.parse_tested
        ),
        (AmendOrder, product): door.order(
            "/trade/amend-order", orders.amend_body, orders.parse_amended, limits.amend_charges, expires=True
        ),
        (CancelOrder, product): Procedure(
            steps=procedures.cancel_order, signed=True, example="POST /trade/cancel-order or /trade/cancel-algos"
        ),
        (procedures.CancelDirectly, product): door.order(orders.cancel_path, orders.cancel_body, orders.parse_canceled),
        (PlaceBatch, product): door.batch(
            "/trade/batch-orders",
            partial(orders.batch_body, terms),
            orders.parse_placed_batch,
            limits.place_batch_charges,
            expires=True,
        ),
        (CancelBatch, product): door.batch(
            orders.cancel_batch_path,
            orders.cancel_batch_body,
            orders.parse_canceled_batch,
            limits.cancel_batch_charges,
        ),
        (CancelAll, product): Procedure(
            steps=procedures.cancel_all, signed=True, example="pages of open orders, then batches of cancels"
        ),
    }


def _linear(door: Door, terms: orders.Terms) -> Endpoints:
    """What only perpetuals have. The margin mode is said with each order: there is no call that sets it."""
    product = Product.LINEAR
    return {
        (FetchFundingRate, product): door.public(
            "/public/funding-rate", market_data.instrument_only, market_data.parse_funding_rate
        ),
        (FetchPositions, product): door.signed(
            "/account/positions", account.positions_parameters, account.parse_positions
        ),
        (SetLeverage, product): door.setting(
            "/account/set-leverage", partial(account.leverage_body, terms), account.parse_set
        ),
        (SetPositionMode, product): door.setting(
            "/account/set-position-mode", account.position_mode_body, account.parse_set
        ),
    }


def _endpoints(door: Door, terms: orders.Terms, status_number: str) -> Endpoints:
    table: dict[Any, Any] = {}
    for product in (Product.SPOT, Product.LINEAR):
        table |= _public(door, product, status_number)
        table |= _account(door, product)
        table |= _queries(door, product, terms)
        table |= _orders(door, product, terms)
    return {**table, **_linear(door, terms)}


CLOCKS = {
    NAME: ClockRule(
        window_ms=30_000, max_window_ms=30_000, source="OKX docs #overview (2026-07-06): 30 s, both sides (50102)"
    )
}
PLACEMENT = PlacementRule(
    dedup=Dedup.WHILE_OPEN,
    expiry=Expiry(parameter="expTime header", min_ms=500, max_ms=30_000, default_ms=5000),
    visibility=3.0,
    source="OKX docs #order-book-trading-trade (2026-06-30); no visibility delay is documented",
    stops=PlacementRule(
        dedup=Dedup.WHILE_OPEN,
        expiry=Expiry(parameter="OK-ACCESS-TIMESTAMP", min_ms=30_000, max_ms=30_000, default_ms=30_000),
        visibility=5.0,
        source="OKX docs #overview (2026-07-06): expTime is for plain orders; every header is refused after 30 s",
    ),
)


class Okx:
    """OKX, spoken without I/O: spot and USDT-settled linear perpetuals of one account."""

    venue: ClassVar[str] = "okx"
    title: ClassVar[str] = "OKX"
    environments: ClassVar[Mapping[str, Environment]] = ENVIRONMENTS
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret", "passphrase")
    products: ClassVar[tuple[Product, ...]] = (Product.SPOT, Product.LINEAR)
    misreadings: ClassVar[tuple[Misreading, ...]] = MISREADINGS
    limits: ClassVar[tuple[Limit, ...]] = LIMITS
    clocks: ClassVar[Mapping[str, ClockRule]] = CLOCKS
    placement: ClassVar[Mapping[Product, PlacementRule]] = {Product.SPOT: PLACEMENT, Product.LINEAR: PLACEMENT}
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern=r"[A-Za-z0-9]{1,32}", max_length=32)

    def __init__(self, settings: AdapterSettings) -> None:
        environment, options = environment_of(type(self), settings), options_of(type(self), settings)
        credentials = credentials_of(type(self), settings)
        self.environment = _at_site(environment, options["site"], settings.hosts)
        self.account = "" if credentials is None else credentials.fingerprint
        auth, terms = Auth(credentials), _terms(options)
        door = Door(base=self.environment.hosts[NAME], auth=auth, demo=environment.name == "demo")
        self.endpoints = _endpoints(door, terms, _STATUS_NUMBER[environment.name])
        orders_at = self.environment.streams[entry.ORDERS].base
        self.entry: Entry = entry.entry_of(orders_at, auth, terms, self.endpoints)
        self.streams: Streams = stream.streams_of(auth, spot_as_margin=terms.spot_mode == "cross")

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells about time; OKX tells nothing about usage. Never raises."""
        return limits.observe(operation, response)

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code of this venue means."""
        return fault_of_code(code, message, http_status, (surface,) if surface else ())

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """`operation` decides the surface where none is named: calls that write orders have rows of their own."""
        writes_orders = operation in _ORDER_CALLS
        return faults_in(response, (surface,) if surface else TRADE if writes_orders else REST)


_ORDER_CALLS = frozenset(
    call.name for call in (PlaceOrder, AmendOrder, CancelOrder, PlaceBatch, CancelBatch, CancelAll, TestOrder)
)
