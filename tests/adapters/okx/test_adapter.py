from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.calls import response
from tests.adapters.okx.venue import CREDENTIALS, LISTING, OKX, SPOT, SWAP, adapter
from tests.shared import require_shared
from unified.account import MarginMode, PositionMode
from unified.adapter import AdapterSettings, Dedup, Endpoint, Procedure
from unified.candle_walk import FetchWindow
from unified.errors import ConfigurationError, Kind
from unified.instrument import Product
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
from unified.order import Order, OrderStatus, OrderType, Side
from unified.secret import Credentials, Secret
from unified_okx import Okx
from unified_okx.account import FetchFeeGroup, FetchGroupFee, FetchKeyConfiguration
from unified_okx.limits import FetchOrderRate
from unified_okx.procedures import CancelDirectly
from unified_okx.queries import FetchPlainOrder, FetchStop

LINEAR_ONLY = {FetchFundingRate, FetchPositions, SetLeverage, SetPositionMode}


# --- what is offered


@pytest.mark.parametrize("product", Product)
def test_everything_is_offered_that_the_venue_has(product: Product) -> None:
    offered = {operation for operation, served in OKX.endpoints if served is product}
    missing = {SetMarginMode} | (LINEAR_ONLY if product is Product.SPOT else set())
    assert set(OPERATIONS) - offered == missing


def test_the_venue_has_no_call_that_sets_a_margin_mode() -> None:
    assert MarginMode.ISOLATED.value in next(option for option in Okx.options if option.name == "margin_mode").allowed
    assert (SetMarginMode, Product.LINEAR) not in OKX.endpoints


# --- hosts


@pytest.mark.parametrize(
    ("site", "host"),
    [
        pytest.param("global", "https://openapi.okx.com", id="global"),
        pytest.param("eea", "https://eea.okx.com", id="Europe"),
        pytest.param("us", "https://us.okx.com", id="America"),
    ],
)
@pytest.mark.parametrize("environment", ["production", "demo"])
def test_the_site_decides_the_host(environment: str, site: str, host: str) -> None:
    made = adapter(environment, site=site)
    assert made.environment.hosts == {"rest": host}
    assert made.environment.real_money is (environment == "production")


def test_a_host_of_the_callers_own_wins() -> None:
    made = Okx(AdapterSettings(hosts={"rest": "https://www.okx.com"}, options={"site": "eea"}))
    assert made.environment.hosts == {"rest": "https://www.okx.com"}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(AdapterSettings(environment="testnet"), id="an environment that does not exist"),
        pytest.param(AdapterSettings(options={"site": "mars"}), id="a site that does not exist"),
        pytest.param(AdapterSettings(options={"account_level": "9"}), id="a level that does not exist"),
        pytest.param(AdapterSettings(credentials=Credentials(key="k", secret=Secret("s"))), id="no passphrase"),
    ],
)
def test_wrong_settings_are_named_at_once(settings: AdapterSettings) -> None:
    with pytest.raises(ConfigurationError):
        Okx(settings)


def test_an_account_is_told_by_its_fingerprint() -> None:
    assert OKX.account == CREDENTIALS.fingerprint
    assert adapter(with_key=False).account == ""


# --- promises


def test_a_plain_order_and_a_stop_have_fences_of_their_own() -> None:
    for product in Product:
        rule = OKX.placement[product]
        assert rule.dedup is Dedup.WHILE_OPEN
        assert rule.expiry is not None
        assert rule.expiry.default_ms == 5000
        stops = rule.stops
        assert stops is not None
        assert stops.expiry is not None
        window_ms = OKX.clocks["rest"].window_ms
        assert stops.expiry.min_ms == stops.expiry.default_ms == stops.expiry.max_ms == window_ms == 30_000


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        pytest.param("aB3" * 10, True, id="letters and digits"),
        pytest.param("a" * 33, False, id="too long"),
        pytest.param("a-b", False, id="a dash"),
        pytest.param("", False, id="empty"),
    ],
)
def test_client_ids(text: str, fits: bool) -> None:
    assert bool(re.fullmatch(OKX.client_ids.pattern, text)) is fits


# --- every row of the table

ORDER = PlaceOrder(instrument=SPOT, side=Side.BUY, quantity=Decimal(1), price=Decimal(1), client_order_id="a")
ON_SWAP = PlaceOrder(instrument=SWAP, side=Side.BUY, quantity=Decimal(1), price=Decimal(1), client_order_id="a")
STOP = PlaceOrder(
    instrument=SPOT,
    side=Side.SELL,
    order_type=OrderType.STOP_MARKET,
    quantity=Decimal(1),
    stop_price=Decimal(1),
    client_order_id="s",
)
START = datetime(2026, 11, 20, 7, tzinfo=UTC)


def examples(product: Product) -> list[Operation[Any]]:
    """One operation of every kind that takes one request, and of every door that it may go to."""
    spot = product is Product.SPOT
    one, order = (SPOT, ORDER) if spot else (SWAP, ON_SWAP)
    seen = Order(instrument=one, venue_order_id="1", status=OrderStatus.NEW)
    cancel = CancelOrder(instrument=one, venue_order_id="1")
    stop = CancelOrder(instrument=one, venue_order_id="1", is_stop=True)
    every: list[Operation[Any]] = [
        FetchServerTime(product=product),
        FetchVenueStatus(product=product),
        FetchInstruments(product=product),
        FetchTicker(instrument=one),
        FetchTickers(product=product, listing=LISTING),
        FetchBook(instrument=one),
        FetchTrades(instrument=one),
        FetchWindow(instrument=one),
        FetchWindow(instrument=one, start=START, end=START),
        FetchBalances(product=product),
        FetchKeyConfiguration(product=product),
        FetchOrderRate(product=product),
        FetchFeeGroup(instrument=one),
        FetchGroupFee(instrument=one, group="1"),
        FetchPlainOrder(instrument=one, client_order_id="a"),
        FetchStop(instrument=one, client_order_id="a"),
        FetchOpenOrders(product=product, listing=LISTING),
        FetchOpenOrders(product=product, listing=LISTING, cursor="trigger:"),
        FetchClosedOrders(product=product, listing=LISTING),
        FetchFills(product=product, listing=LISTING),
        order,
        PlaceBatch(orders=(order,)),
        AmendOrder(instrument=one, order=seen, price=Decimal(2)),
        CancelDirectly(instrument=one, venue_order_id="1"),
        CancelDirectly(instrument=one, venue_order_id="1", is_stop=True),
        CancelBatch(cancels=(cancel,)),
        CancelBatch(cancels=(stop,)),
    ]
    if spot:
        return [*every, STOP, TestOrder(instrument=one, order=order)]
    return [
        *every,
        FetchFundingRate(instrument=one),
        FetchPositions(product=product, listing=LISTING),
        SetLeverage(instrument=one, leverage=Decimal(3)),
        SetPositionMode(product=product, mode=PositionMode.HEDGE),
        TestOrder(instrument=one, order=order),
    ]


EXAMPLES = [operation for product in Product for operation in examples(product)]
SEVERAL = {FetchOrder, FetchCandles, FetchTradingFees, FetchKeyPermissions, CancelOrder, CancelAll}
MARGIN = adapter(account_level="portfolio")


def test_the_examples_are_the_whole_table() -> None:
    shown = {(type(operation), operation.product) for operation in EXAMPLES}
    procedures = {key for key, row in OKX.endpoints.items() if isinstance(row, Procedure)}
    assert {operation for operation, _ in procedures} == SEVERAL
    assert shown | procedures == set(OKX.endpoints)


# --- explaining answers


def test_an_answer_is_explained_with_and_without_its_operation() -> None:
    limited = response({"code": "50011", "msg": "Too many requests", "data": []}, 429)
    assert [fault.kind for fault in OKX.faults(limited)] == [Kind.RATE_LIMITED]
    assert [fault.kind for fault in OKX.faults(limited, operation="place_order")] == [Kind.ORDER_RATE_LIMITED]
    assert [fault.kind for fault in OKX.faults(limited, surface="trade")] == [Kind.ORDER_RATE_LIMITED]
    assert OKX.faults(response({"code": "0", "msg": "", "data": []})) == ()


# --- the corpus

NOT_READ = {
    "Account/GetFeeRates.json": "an old shape: the rates of today stand in feeGroup, which it does not have",
}
"""Recorded answers of supported endpoints that no operation reads, with the reason."""


def supported() -> set[str]:
    lines = set()
    for endpoint in OKX.endpoints.values():
        if isinstance(endpoint, Endpoint):
            method, _, paths = endpoint.example.partition(" ")
            lines |= {f"{method} /api/v5{path}" for path in re.findall(r"/[a-z/-]+[a-z]", paths)}
    return lines


def corpus() -> Iterator[tuple[str, str]]:
    folder = require_shared("corpus", "okx")
    for path in sorted(folder.rglob("*.json")):
        if "stream" not in path.parts:
            whole = json.loads(path.read_text(encoding="utf-8"))
            yield path.relative_to(folder).as_posix(), f"{whole['method']} {whole['path']}"


def test_every_recorded_answer_of_a_supported_endpoint_is_read_by_a_test() -> None:
    read = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    unread = [
        name
        for name, line in corpus()
        if line in supported() and name not in NOT_READ and name.split("/")[1] not in read
    ]
    assert unread == []
