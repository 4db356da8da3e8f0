from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.kraken.venue import (
    BTC_USD,
    CLIENT_ID,
    CREDENTIALS,
    DUMMY_SECRET,
    KRAKEN,
    LISTING,
    STAMP,
    TXID,
    adapter,
    endpoint,
    response,
)
from tests.shared import require_shared
from unified.adapter import AdapterSettings, Charge, Dedup, Endpoint, Procedure
from unified.errors import ConfigurationError, Kind, VenueError
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


@pytest.mark.parametrize("operation", EXAMPLES, ids=lambda operation: type(operation).__name__)
def test_the_same_question_makes_the_same_bytes(operation: Operation[Any]) -> None:
    how = endpoint(operation)
    request = how.build(operation, STAMP)
    assert request == how.build(operation, STAMP)
    assert request.path.startswith("/0/private/" if how.signed else "/0/public/")
    assert how.example == f"{request.method} {request.path}"
    assert ("API-Sign" in request.headers) is how.signed
    assert how.door in KRAKEN.environment.hosts
    charges = how.charges(operation, STAMP.time_ms)
    assert {charge.bucket for charge in charges} <= {limit.bucket for limit in KRAKEN.limits}
    assert (Charge("nonces") in charges) is how.signed


@pytest.mark.parametrize("operation", EXAMPLES, ids=lambda operation: type(operation).__name__)
def test_no_secret_shows_in_a_request(operation: Operation[Any]) -> None:
    request = endpoint(operation).build(operation, STAMP)
    assert DUMMY_SECRET not in f"{request!r}{request.url}{request.body!r}{request.headers}"
    assert "API-Sign" not in repr(request)


_HOSTILE = 'a&b=c?d#e/../"\n%00'


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(CancelOrder(instrument=BTC_USD, client_order_id=_HOSTILE), id="a cancel"),
        pytest.param(FetchOpenByClientId(instrument=BTC_USD, client_order_id=_HOSTILE), id="a look-up"),
        pytest.param(FetchFillsById(listing=LISTING, trade_ids=(_HOSTILE,)), id="ids of fills"),
    ],
)
def test_no_argument_leaves_its_place(operation: Operation[Any]) -> None:
    request = endpoint(operation).build(operation, STAMP)
    assert request.body.count(b"&") == 1
    assert request.path.startswith("/0/private/")


# --- whatever comes back

_WORDS = st.sampled_from(["", "0", "1", "-1", "1e99999", "NaN", "open", "buy", "limit", "XBTUSD", "XXBTZUSD", TXID])
_FIELDS = ["error", "result", "open", "closed", "trades", "orders", "txid", "count", "pending", "descr", "pair", "type"]
_PARTS = [
    "ordertype",
    "status",
    "vol",
    "vol_exec",
    "price",
    "altname",
    "base",
    "quote",
    "lot_decimals",
    "pair_decimals",
]
_OTHERS = ["XXBTZUSD", TXID, "a", "b", "c", "asks", "bids", "last", "fees", "fee", "permissions", "balance", "unixtime"]
_NAMES = st.sampled_from([*_FIELDS, *_PARTS, *_OTHERS])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _WORDS,
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(_NAMES, inner, max_size=9),
    max_leaves=20,
)


@given(st.sampled_from(EXAMPLES), _JSON, st.sampled_from([200, 503]))
def test_no_answer_makes_reading_fail_otherwise_than_as_a_venue_error(
    operation: Operation[Any], content: object, status: int
) -> None:
    for body in (content, {"error": [], "result": content}, {"error": [], "result": {"XXBTZUSD": content}}):
        try:
            endpoint(operation).parse(operation, response(json.dumps(body).encode(), status))
        except VenueError as error:
            told = error.kind
        else:
            told = Kind.UNKNOWN
        assert told in Kind


@given(st.sampled_from(EXAMPLES), st.binary(max_size=80))
def test_no_bytes_are_read_as_a_success(operation: Operation[Any], body: bytes) -> None:
    with pytest.raises(VenueError):
        endpoint(operation).parse(operation, response(body))


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
