"""Kraken at a glance: host, options, the endpoint table, limits and what it promises about orders.

Holds tables only; how a call is said and read stands beside each other in the other rooms. What takes several
requests stands in procedures, trades, symbols and account.
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
    PlaceBatch,
    PlaceOrder,
    TestOrder,
)
from unified.wire import json_of
from unified_kraken import (
    account,
    candles,
    entry,
    limits,
    market_data,
    orders,
    procedures,
    queries,
    stream,
    symbols,
    trades,
)
from unified_kraken.auth import Auth
from unified_kraken.door import NAME, Door
from unified_kraken.faults import CANCEL, CATALOGUE, SPOT, fault_of, faults_in
from unified_kraken.limits import TIERS, calls, limits_of
from unified_kraken.misreadings import MISREADINGS

ENVIRONMENTS = {
    "production": Environment(
        name="production",
        hosts={NAME: "https://api.kraken.com"},
        streams={
            stream.PUBLIC: StreamHost(base="wss://ws.kraken.com", door=NAME),
            stream.PRIVATE: StreamHost(base="wss://ws-auth.kraken.com", door=NAME),
            entry.ORDERS: StreamHost(base="wss://ws-auth.kraken.com", door=NAME),
        },
        real_money=True,
        about="Kraken has no sandbox; test_order lets it check an order without placing it.",
    ),
}

OPTIONS = (
    Option(
        name="tier",
        default="starter",
        allowed=tuple(TIERS),
        about="The account's verification level, which sets its limits; the venue does not tell it.",
    ),
    Option(
        name="history_cost",
        default="2",
        allowed=("2", "4"),
        about="What a call for fills costs: 2 by the pages of October 2026, 4 by those of May 2026.",
    ),
)

_PRODUCT = Product.SPOT


def _public(door: Door) -> Endpoints:
    return {
        (FetchServerTime, _PRODUCT): door.public("Time", market_data.nothing, market_data.parse_server_time),
        (FetchVenueStatus, _PRODUCT): door.public("SystemStatus", market_data.nothing, market_data.parse_status),
        (FetchInstruments, _PRODUCT): Procedure(
            steps=symbols.fetch_instruments, signed=False, example="GET /0/public/Assets, then /0/public/AssetPairs"
        ),
        # The fees in these lists are floats; nobody reads them.
        (symbols.FetchAssets, _PRODUCT): door.public("Assets", market_data.nothing, symbols.parse_assets, load=json_of),
        (symbols.FetchPairs, _PRODUCT): door.public(
            "AssetPairs", market_data.nothing, symbols.parse_pairs, load=json_of
        ),
        (FetchTicker, _PRODUCT): door.public("Ticker", market_data.pair_only, market_data.parse_ticker),
        (FetchTickers, _PRODUCT): door.public("Ticker", market_data.tickers_parameters, market_data.parse_tickers),
        (FetchBook, _PRODUCT): door.public("Depth", market_data.book_parameters, market_data.parse_book, load=json_of),
        (FetchTrades, _PRODUCT): Procedure(steps=trades.fetch_trades, signed=False, example="GET /0/public/Trades"),
        (trades.FetchTape, _PRODUCT): door.public("Trades", trades.tape_parameters, trades.parse_tape),
        (FetchCandles, _PRODUCT): door.public("OHLC", candles.candles_parameters, candles.parse_candles),
    }


def _account(door: Door) -> Endpoints:
    return {
        (FetchBalances, _PRODUCT): Procedure(
            steps=account.fetch_balances, signed=True, example="POST /0/private/BalanceEx"
        ),
        (account.FetchHoldings, _PRODUCT): door.private(
            "BalanceEx", market_data.nothing, account.parse_holdings, calls(1)
        ),
        (FetchTradingFees, _PRODUCT): door.private("TradeVolume", market_data.pair_only, account.parse_fees, calls(1)),
        (stream.FetchStreamToken, _PRODUCT): door.private(
            "GetWebSocketsToken", market_data.nothing, stream.parse_token, calls(1)
        ),
        (FetchKeyPermissions, _PRODUCT): door.private(
            "GetApiKeyInfo", market_data.nothing, account.parse_permissions, calls(1)
        ),
    }


_CLOSED_COST = 2
"""One by the docs, two by the counter of Kraken's own SDK (0.1.0, 2026-08-14)."""


def _queries(door: Door, history: int) -> Endpoints:
    return {
        (FetchOrder, _PRODUCT): Procedure(
            steps=procedures.fetch_order,
            signed=True,
            example="POST /0/private/QueryOrders, or OpenOrders, ClosedOrders and OpenOrders",
        ),
        (queries.FetchByTransaction, _PRODUCT): door.private(
            "QueryOrders", queries.transaction_fields, queries.parse_transaction, calls(1), surfaces=CANCEL
        ),
        (queries.FetchOpenByClientId, _PRODUCT): door.private(
            "OpenOrders", queries.client_id_fields, queries.parse_open_by_client_id, calls(1)
        ),
        (queries.FetchClosedByClientId, _PRODUCT): door.private(
            "ClosedOrders", queries.closed_client_id_fields, queries.parse_closed_by_client_id, calls(_CLOSED_COST)
        ),
        (FetchOpenOrders, _PRODUCT): door.private("OpenOrders", queries.open_fields, queries.parse_open, calls(1)),
        (FetchClosedOrders, _PRODUCT): door.private(
            "ClosedOrders", queries.closed_fields, queries.parse_closed, calls(_CLOSED_COST)
        ),
        (FetchFills, _PRODUCT): Procedure(
            steps=procedures.fetch_fills,
            signed=True,
            example="POST /0/private/TradesHistory, or QueryOrders and QueryTrades",
        ),
        (queries.FetchFillHistory, _PRODUCT): door.private(
            "TradesHistory", queries.history_fields, queries.parse_history, calls(history)
        ),
        (queries.FetchFillIds, _PRODUCT): door.private(
            "QueryOrders", queries.fill_ids_fields, queries.parse_fill_ids, calls(1), surfaces=CANCEL
        ),
        (queries.FetchFillsById, _PRODUCT): door.private(
            "QueryTrades", queries.fills_by_id_fields, queries.parse_fills_by_id, calls(history)
        ),
    }


def _orders(door: Door) -> Endpoints:
    return {
        (PlaceOrder, _PRODUCT): door.private(
            "AddOrder", orders.place_fields, orders.parse_placed, limits.place_charges, expires=True
        ),
        (TestOrder, _PRODUCT): door.private(
            "AddOrder", orders.tested_fields, orders.parse_tested, limits.place_charges
        ),
        (PlaceBatch, _PRODUCT): door.batch(
            "AddOrderBatch", orders.batch_members, orders.parse_placed_batch, limits.place_batch_charges, expires=True
        ),
        (AmendOrder, _PRODUCT): door.private(
            "AmendOrder",
            orders.amend_fields,
            orders.parse_amended,
            limits.amend_charges,
            surfaces=CANCEL,
            expires=True,
        ),
        (CancelOrder, _PRODUCT): door.private(
            "CancelOrder", orders.cancel_fields, orders.parse_canceled, limits.cancel_charges, surfaces=CANCEL
        ),
        (CancelBatch, _PRODUCT): Procedure(
            steps=procedures.cancel_batch, signed=True, example="POST /0/private/CancelOrderBatch or CancelOrder"
        ),
        (orders.CancelTogether, _PRODUCT): door.batch(
            "CancelOrderBatch",
            orders.together_members,
            orders.parse_together,
            limits.cancel_batch_charges,
            surfaces=CANCEL,
        ),
        (CancelAll, _PRODUCT): Procedure(
            steps=procedures.cancel_all, signed=True, example="POST /0/private/CancelAll, or OpenOrders and cancels"
        ),
        (orders.CancelEverything, _PRODUCT): door.private(
            "CancelAll", market_data.nothing, orders.parse_everything, calls(1), surfaces=CANCEL
        ),
    }


PLACEMENT = PlacementRule(
    dedup=Dedup.WHILE_OPEN,
    # The venue wants a deadline at least 2 s ahead of its clock on arrival. Its time is told in whole seconds, so that
    # our lower bound may be a second behind, and the request travels for a while.
    expiry=Expiry(parameter="deadline", min_ms=3500, max_ms=60_000, default_ms=5000),
    visibility=5.0,
    source=(
        "docs.kraken.com, guide spot-clordid and rest-api add-order (2026-05-27); reuse of an id after a fill seen "
        "2026-09-12; no visibility delay is published"
    ),
)


class Kraken:
    """Kraken, spoken without I/O: spot orders of one account, without margin."""

    venue: ClassVar[str] = "kraken"
    title: ClassVar[str] = "Kraken"
    environments: ClassVar[Mapping[str, Environment]] = ENVIRONMENTS
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]] = (_PRODUCT,)
    misreadings: ClassVar[tuple[Misreading, ...]] = MISREADINGS
    clocks: ClassVar[Mapping[str, ClockRule]] = {
        NAME: ClockRule(source="guide spot-rest-auth (2026-05-27): no request carries a time, only a nonce")
    }
    placement: ClassVar[Mapping[Product, PlacementRule]] = {_PRODUCT: PLACEMENT}
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(
        pattern=r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", max_length=36, uuid=True
    )

    streams: ClassVar[Streams] = stream.STREAMS

    def __init__(self, settings: AdapterSettings) -> None:
        self.environment = environment_of(type(self), settings)
        options, credentials = options_of(type(self), settings), credentials_of(type(self), settings)
        self.account = "" if credentials is None else credentials.fingerprint
        self.limits = limits_of(TIERS[options["tier"]])
        door = Door(base=self.environment.hosts[NAME], auth=Auth(credentials))
        history = int(options["history_cost"])
        self.endpoints: Endpoints = {**_public(door), **_account(door), **_queries(door, history), **_orders(door)}
        self.entry: Entry = entry.entry_of(self.environment.streams[entry.ORDERS].base, self.endpoints)

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells about time; Kraken tells nothing about usage. Never raises."""
        return limits.observe(operation, response)

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What an error string of this venue means; `message` may hold its detail."""
        if ":" not in code and CATALOGUE.holds(code):  # a code of futures or of a stream, or a whole family: EAPI
            return CATALOGUE.fault(
                code, message=message, http_status=http_status, surfaces=(surface,) if surface else ()
            )
        text = f"{code}:{message}" if code and message else code or message
        answer = None if http_status is None else HttpResponse(status=http_status)
        return fault_of(text, (surface,) if surface else (), answer)

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """`operation` decides the surface where none is named: cancels and look-ups have rows of their own."""
        about_an_order = operation in _ABOUT_AN_ORDER
        return faults_in(response, (surface,) if surface else CANCEL if about_an_order else SPOT)


_ABOUT_AN_ORDER = frozenset(call.name for call in (CancelOrder, CancelBatch, CancelAll, AmendOrder, FetchOrder))
