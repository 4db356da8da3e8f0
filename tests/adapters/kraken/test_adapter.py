from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.adapters.kraken.venue import (
    BTC_USD,
    CLIENT_ID,
    CREDENTIALS,
    KRAKEN,
    LISTING,
    STAMP,
    TXID,
    adapter,
)
from tests.shared import require_shared
from unified.adapter import AdapterSettings, Dedup, Endpoint, Procedure
from unified.errors import ConfigurationError
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
from unified.order import Order, OrderStatus, Side
from unified_kraken import Kraken
from unified_kraken.account import FetchHoldings
from unified_kraken.orders import CancelEverything, CancelTogether
from unified_kraken.queries import (
    FetchByTransaction,
    FetchClosedByClientId,
    FetchFillHistory,
    FetchFillIds,
    FetchFillsById,
    FetchOpenByClientId,
)
from unified_kraken.stream import FetchStreamToken
from unified_kraken.symbols import NO_ASSETS, FetchAssets, FetchPairs
from unified_kraken.trades import FetchTape

ORDER = PlaceOrder(instrument=BTC_USD, side=Side.BUY, quantity=Decimal(1), price=Decimal(2), client_order_id=CLIENT_ID)
CANCEL = CancelOrder(instrument=BTC_USD, venue_order_id=TXID)
SEEN = Order(instrument=BTC_USD, venue_order_id=TXID, status=OrderStatus.NEW)
EXAMPLES: list[Operation[Any]] = [
    FetchServerTime(),
    FetchVenueStatus(),
    FetchAssets(),
    FetchPairs(assets=NO_ASSETS),
    FetchTicker(instrument=BTC_USD),
    FetchTickers(listing=LISTING),
    FetchBook(instrument=BTC_USD),
    FetchTape(instrument=BTC_USD),
    FetchCandles(instrument=BTC_USD),
    FetchHoldings(),
    FetchTradingFees(instrument=BTC_USD),
    FetchKeyPermissions(),
    FetchStreamToken(),
    FetchByTransaction(instrument=BTC_USD, venue_order_id=TXID),
    FetchOpenByClientId(instrument=BTC_USD, client_order_id=CLIENT_ID),
    FetchClosedByClientId(instrument=BTC_USD, client_order_id=CLIENT_ID),
    FetchOpenOrders(listing=LISTING),
    FetchClosedOrders(listing=LISTING),
    FetchFillHistory(listing=LISTING),
    FetchFillIds(instrument=BTC_USD, venue_order_id=TXID),
    FetchFillsById(listing=LISTING, trade_ids=("T-A",)),
    ORDER,
    TestOrder(instrument=BTC_USD, order=ORDER),
    PlaceBatch(orders=(ORDER, ORDER)),
    AmendOrder(instrument=BTC_USD, order=SEEN, price=Decimal(3)),
    CANCEL,
    CancelTogether(cancels=(CANCEL, CANCEL)),
    CancelEverything(),
]
"""One operation of every kind that takes one request."""
SEVERAL = {FetchInstruments, FetchTrades, FetchBalances, FetchOrder, FetchFills, CancelBatch, CancelAll}


def test_the_examples_are_the_whole_table() -> None:
    procedures = {operation for (operation, _), how in KRAKEN.endpoints.items() if isinstance(how, Procedure)}
    assert procedures == SEVERAL
    assert {type(operation) for operation in EXAMPLES} | SEVERAL == {operation for operation, _ in KRAKEN.endpoints}
    assert {product for _, product in KRAKEN.endpoints} == {Product.SPOT}


# --- what it says of itself


def test_orders_are_placed_under_a_fence_because_ids_come_free_again() -> None:
    rule = KRAKEN.placement[Product.SPOT].of(ORDER)
    assert (rule.dedup, rule.queryable, rule.visibility) == (Dedup.WHILE_OPEN, True, 5.0)
    assert rule.expiry is not None
    assert (rule.expiry.parameter, rule.expiry.min_ms, rule.expiry.max_ms) == ("deadline", 3500, 60_000)
    assert rule.expiry.min_ms <= rule.expiry.default_ms <= rule.expiry.max_ms


def test_client_order_ids_are_uuids() -> None:
    assert KRAKEN.client_ids.uuid
    assert str(UUID(CLIENT_ID)) == CLIENT_ID
    assert len(CLIENT_ID) == KRAKEN.client_ids.max_length


def test_no_request_is_refused_for_its_time() -> None:
    assert all(rule.window_ms is None for rule in KRAKEN.clocks.values())
    assert set(KRAKEN.clocks) == set(KRAKEN.environment.hosts)


def test_settings_that_do_not_exist_are_named() -> None:
    with pytest.raises(ConfigurationError, match="tier"):
        adapter(tier="gold")
    with pytest.raises(ConfigurationError, match="production"):
        Kraken(AdapterSettings(environment="testnet"))


def test_an_endpoint_may_stand_in_for_the_venues() -> None:
    own = Kraken(AdapterSettings(credentials=CREDENTIALS, hosts={"rest": "http://127.0.0.1:9"}))
    how = own.endpoints[FetchServerTime, Product.SPOT]
    assert isinstance(how, Endpoint)
    assert how.build(FetchServerTime(), STAMP).url == "http://127.0.0.1:9/0/public/Time"
    assert own.account == CREDENTIALS.fingerprint
    assert adapter(with_key=False).account == ""


# --- the corpus


def supported() -> set[str]:
    return {how.example for how in KRAKEN.endpoints.values() if isinstance(how, Endpoint)}


def corpus() -> Iterator[tuple[str, str]]:
    folder = require_shared("corpus", "kraken", "spot")
    for path in sorted(folder.rglob("*.json")):
        if "stream" not in path.parts:
            whole = json.loads(path.read_text(encoding="utf-8"))
            yield path.name, f"{whole['method']} {whole['path']}"


def test_every_recorded_answer_of_a_supported_endpoint_is_read_by_a_test() -> None:
    read = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    unread = [name for name, line in corpus() if line in supported() and f'"{name}"' not in read]
    assert unread == []
    assert sum(line in supported() for _, line in corpus()) == 20
