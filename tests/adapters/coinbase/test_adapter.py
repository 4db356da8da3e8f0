from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.coinbase.venue import (
    BTC,
    CLIENT_ID,
    COINBASE,
    CREDENTIALS,
    KEY_NAME,
    LISTING,
    ORDER_ID,
    SEED,
    STAMP,
    adapter,
    build,
    endpoint,
    limit_order,
    order_row,
    product_row,
    spot,
)
from tests.shared import require_shared
from unified.adapter import AdapterSettings, Dedup, Procedure
from unified.errors import ConfigurationError, VenueError
from unified.http import HttpResponse
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


@pytest.mark.parametrize("operation", EXAMPLES, ids=lambda operation: type(operation).__name__)
def test_the_same_question_makes_the_same_bytes(operation: Operation[Any]) -> None:
    how, request = endpoint(operation), build(operation)
    assert request == build(operation)
    assert request.path.startswith("/api/v3/brokerage/")
    assert ("Authorization" in request.headers) is how.signed
    assert how.door in COINBASE.environment.hosts
    buckets = {limit.bucket for limit in COINBASE.limits}
    assert {charge.bucket for charge in how.charges(operation, STAMP.time_ms)} <= buckets


_HOSTILE = 'a&b=c?d#e/../"\n%00'
STRANGE = spot(_HOSTILE, "USD")


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(FetchTicker(instrument=STRANGE), id="a product in a path"),
        pytest.param(FetchBook(instrument=STRANGE), id="a product in a query"),
        pytest.param(FetchById(instrument=BTC, venue_order_id=_HOSTILE), id="an order in a path"),
        pytest.param(FetchProducts(cursor=_HOSTILE), id="a cursor of products"),
        pytest.param(FetchFills(listing=LISTING, cursor=_HOSTILE, venue_order_id=_HOSTILE), id="a cursor of fills"),
    ],
)
def test_nothing_leaves_its_place_in_an_address(operation: Operation[Any]) -> None:
    request = build(operation)
    assert re.fullmatch(r"/api/v3/brokerage(/[A-Za-z0-9_.%-]+)+", request.path)
    assert ".." not in request.path.split("/")
    assert re.fullmatch(r"([a-z_]+=[A-Za-z0-9_.%~-]*&?)*", request.query)


def test_a_hostile_id_in_a_body_is_text() -> None:
    request = build(CancelById(instrument=BTC, venue_order_id=_HOSTILE))
    assert json.loads(request.body) == {"order_ids": [_HOSTILE]}


# --- whatever comes back

_EDIT = {"price": "1", "size": "2", "replace_accept_timestamp": "2026-01-01T00:00:00Z"}
_FILL = {
    "entry_id": "1",
    "order_id": "1",
    "product_id": "BTC-USD",
    "trade_time": "2026-01-01T00:00:00Z",
    "size_in_quote": True,
    "price": "1",
    "size": "1",
    "commission": "1",
    "side": "BUY",
}
_TRADES = {
    "trades": [{"trade_id": "1", "price": "1", "size": "1", "time": "2026-01-01T00:00:00Z", "side": "BUY"}],
    "best_bid": "1",
    "best_ask": "2",
}
_ORDERS = {"orders": [order_row(edit_history=[_EDIT])], "has_next": True, "cursor": "x"}
_RESULTS = {"results": [{"success": True, "failure_reason": "X", "order_id": ORDER_ID}]}
TRUE_ANSWERS: Mapping[type[Operation[Any]], Mapping[str, Any]] = {
    FetchServerTime: {"epochMillis": "1"},
    FetchProducts: {"products": [product_row()], "pagination": {"has_next": True, "next_cursor": "x"}},
    FetchTicker: _TRADES,
    FetchBook: {"pricebook": {"bids": [{"price": "1", "size": "1"}], "asks": [], "time": "2026-01-01T00:00:00Z"}},
    FetchTrades: _TRADES,
    FetchWindow: {"candles": [{"start": "1", "low": "1", "high": "1", "open": "1", "close": "1", "volume": "1"}]},
    FetchWallets: {
        "accounts": [{"uuid": "1", "currency": "BTC", "available_balance": {"value": "1"}, "hold": {"value": "1"}}]
    },
    FetchTradingFees: {"fee_tier": {"maker_fee_rate": "1", "taker_fee_rate": "1"}},
    FetchKeyPermissions: {"can_view": True, "can_trade": True, "can_transfer": True},
    FetchById: {"order": order_row(status="FAILED", edit_history=[_EDIT])},
    FetchOrderList: _ORDERS,
    FetchClosedOrders: _ORDERS,
    FetchFills: {"fills": [_FILL], "cursor": "x"},
    PlaceOrder: {"success": True, "success_response": {"order_id": "1", "client_order_id": CLIENT_ID}},
    TestOrder: {"errs": [], "warning": []},
    AmendOrder: {"success": True, "errors": []},
    CancelById: _RESULTS,
    CancelBatch: _RESULTS,
}
_JUNK: tuple[Any, ...] = (None, True, 5, -1, 10**50, 1e300, "", "x", "1e999999", "NaN", [], {}, [[]], {"a": 1})


@st.composite
def damaged(draw: st.DrawFn, answer: Mapping[str, Any]) -> bytes:
    """A true answer with one of its values replaced, or arbitrary bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=60))
    body: Any = json.loads(json.dumps(answer))
    place = body
    while True:
        key = draw(st.sampled_from(list(range(len(place))) if isinstance(place, list) else list(place)))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
            place[key] = draw(st.sampled_from(_JUNK))
            return json.dumps(body).encode()
        place = place[key]


@pytest.mark.parametrize("operation", EXAMPLES, ids=lambda operation: type(operation).__name__)
def test_the_true_answers_are_read(operation: Operation[Any]) -> None:
    body = json.dumps(TRUE_ANSWERS[type(operation)]).encode()
    endpoint(operation).parse(operation, HttpResponse(status=200, body=body))


@pytest.mark.parametrize("operation", EXAMPLES, ids=lambda operation: type(operation).__name__)
@given(data=st.data())
def test_no_answer_raises_anything_but_an_error_of_the_venue(operation: Operation[Any], data: st.DataObject) -> None:
    body = data.draw(damaged(TRUE_ANSWERS[type(operation)]))
    status = data.draw(st.sampled_from([200, 200, 400, 429, 500]))
    try:
        endpoint(operation).parse(operation, HttpResponse(status=status, body=body))
    except VenueError:
        return
    assert status == 200


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
