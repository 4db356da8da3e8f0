from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.venue import (
    BTC,
    CLIENT_ID,
    COINBASE,
    CREDENTIALS,
    KEY_NAME,
    LISTING,
    ORDER_ID,
    SEED,
    adapter,
    limit_order,
)
from tests.shared import require_shared
from unified.adapter import AdapterSettings, Dedup, Procedure
from unified.errors import ConfigurationError, VenueError
from unified.instrument import Product
from unified.market_data import Interval
from unified.operations import (
    OPERATIONS,
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
from unified.order import Side
from unified.order_ids import OrderIds, check
from unified.secret import Credentials, Secret
from unified_coinbase import Coinbase
from unified_coinbase.account import FetchWallets
from unified_coinbase.candles import FetchWindow
from unified_coinbase.orders import CancelById
from unified_coinbase.queries import FetchById, FetchOrderList
from unified_coinbase.symbols import FetchProducts

# --- what is offered


def test_everything_is_offered_that_the_venue_has_for_spot() -> None:
    offered = {operation for operation, product in COINBASE.endpoints if product is Product.SPOT}
    no_call = {FetchVenueStatus, PlaceBatch}
    for_derivatives = {FetchFundingRate, FetchPositions, SetLeverage, SetMarginMode, SetPositionMode}
    assert set(OPERATIONS) - offered == no_call | for_derivatives


def test_the_sandbox_has_neither_market_data_nor_time_and_checks_no_clock() -> None:
    sandbox = adapter("sandbox")
    missing = {operation for operation, _ in COINBASE.endpoints} - {operation for operation, _ in sandbox.endpoints}
    assert missing == {
        FetchServerTime,
        FetchInstruments,
        FetchTicker,
        FetchTickers,
        FetchBook,
        FetchTrades,
        FetchCandles,
        FetchProducts,
        FetchWindow,
    }
    assert sandbox.clocks["rest"].window_ms is None
    assert not sandbox.environment.real_money
    assert sandbox.environment.hosts == {"rest": "https://api-sandbox.coinbase.com"}


def test_production_is_real_money() -> None:
    assert COINBASE.environment.real_money
    assert COINBASE.environment.hosts == {"rest": "https://api.coinbase.com"}
    assert adapter(host="http://127.0.0.1:1").environment.hosts == {"rest": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(AdapterSettings(environment="testnet"), id="an environment that does not exist"),
        pytest.param(AdapterSettings(hosts={"spot": "http://127.0.0.1"}), id="a door that does not exist"),
        pytest.param(AdapterSettings(options={"site": "mars"}), id="an option that does not exist"),
        pytest.param(
            AdapterSettings(credentials=Credentials(key="k", secret=Secret("no key"))), id="a secret that is no key"
        ),
        pytest.param(AdapterSettings(credentials=Credentials(key="", secret=Secret(SEED))), id="a key without a name"),
    ],
)
def test_wrong_settings_are_named_at_once(settings: AdapterSettings) -> None:
    with pytest.raises(ConfigurationError):
        Coinbase(settings)


def test_an_account_is_told_by_its_fingerprint() -> None:
    assert COINBASE.account == CREDENTIALS.fingerprint
    assert adapter(with_key=False).account == ""
    assert KEY_NAME not in COINBASE.account


# --- promises


def test_an_id_is_never_used_twice_and_the_token_is_the_fence() -> None:
    rule, clock = COINBASE.placement[Product.SPOT], COINBASE.clocks["rest"]
    assert (rule.dedup, rule.visibility, rule.queryable) == (Dedup.EVER, 5.0, True)
    assert rule.expiry is not None
    fence = {rule.expiry.min_ms, rule.expiry.default_ms, rule.expiry.max_ms, clock.window_ms, clock.max_window_ms}
    assert fence == {115_000}


def test_client_ids_are_uuids() -> None:
    made = OrderIds(1).next(COINBASE.client_ids)
    check(made, COINBASE.client_ids)
    assert re.fullmatch(COINBASE.client_ids.pattern, made)
    with pytest.raises(VenueError):
        check("mine-1", COINBASE.client_ids)


# --- every row of the table

ORDER = PlaceOrder(instrument=BTC, side=Side.BUY, quantity=Decimal(1), price=Decimal(1), client_order_id=CLIENT_ID)
CANCEL = CancelOrder(instrument=BTC, venue_order_id=ORDER_ID)
EXAMPLES: list[Operation[Any]] = [
    FetchServerTime(),
    FetchProducts(),
    FetchTicker(instrument=BTC),
    FetchBook(instrument=BTC),
    FetchTrades(instrument=BTC),
    FetchWindow(instrument=BTC, interval=Interval.M1, first=0, count=1),
    FetchWallets(),
    FetchTradingFees(instrument=BTC),
    FetchKeyPermissions(),
    FetchById(instrument=BTC, venue_order_id=ORDER_ID),
    FetchOrderList(listing=LISTING, start=datetime(2026, 11, 20, tzinfo=UTC)),
    FetchClosedOrders(listing=LISTING),
    FetchFills(listing=LISTING),
    ORDER,
    TestOrder(instrument=BTC, order=ORDER),
    AmendOrder(instrument=BTC, order=limit_order(), price=Decimal(2)),
    CancelById(instrument=BTC, venue_order_id=ORDER_ID),
    CancelBatch(cancels=(CANCEL,)),
]
SEVERAL = {
    FetchInstruments,
    FetchTickers,
    FetchCandles,
    FetchBalances,
    FetchOrder,
    FetchOpenOrders,
    CancelOrder,
    CancelAll,
}


def test_the_examples_are_the_whole_table() -> None:
    procedures = {operation for (operation, _), how in COINBASE.endpoints.items() if isinstance(how, Procedure)}
    assert procedures == SEVERAL
    assert {type(operation) for operation in EXAMPLES} | procedures == {kind for kind, _ in COINBASE.endpoints}


# --- the corpus


NOT_SERVED = {
    "Trading/ClosePosition.json": "positions of derivatives",
    "Trading/GetFuturesPositions.json": "positions of derivatives",
    "Trading/GetPerpetualPosition.json": "positions of derivatives",
    "ExchangeData/GetAggregatedOrderBook.json": "Coinbase Exchange, another product",
    "ExchangeData/GetAssets.json": "Coinbase Exchange, another product",
    "ExchangeData/GetCryptoAssets.json": "the Coinbase App, another product",
    "ExchangeData/GetExchangeRates.json": "the Coinbase App, another product",
    "Account/GetFuturesBalanceSummary.json": "derivatives",
    "Account/GetPerpetualBalances.json": "derivatives",
    "Account/SetPerpetualMultiAssetCollateralMode.json": "derivatives",
    "Account/GetTransaction.json": "the Coinbase App, another product",
    "Account/GetTransactions.json": "the Coinbase App, another product",
}
READ = {
    "Trading/CancelOrders.json",
    "Trading/EditOrder.json",
    "Trading/GetOrder.json",
    "Trading/GetOrders.json",
    "Trading/GetUserTrades.json",
    "Trading/PlaceOrder.json",
    "ExchangeData/GetKlines.json",
    "ExchangeData/GetOrderBook.json",
    "ExchangeData/GetSymbols.json",
    "ExchangeData/GetTradeHistory.json",
    "Account/GetAccounts.json",
    "Account/GetFeeInfo.json",
    "Account/GetFeeInfo2.json",
}


def test_every_recorded_answer_is_read_by_a_test_or_has_a_reason_why_not() -> None:
    corpus = require_shared("corpus", "coinbase")
    files = {path.relative_to(corpus).as_posix() for path in corpus.rglob("*.json")}
    streams = {name for name in files if name.startswith("stream/")}
    assert files - streams == READ | set(NOT_SERVED)
