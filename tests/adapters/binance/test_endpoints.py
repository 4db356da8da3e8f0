"""Every row of the table: covered by an example here, said the same way twice, safe with any answer.

The recorded answers of the corpus are read through it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from hypothesis import strategies as st

from tests.adapters.binance.venue import BINANCE, LINEAR, LISTING, SPOT, sent
from tests.adapters.calls import response
from tests.adapters.recordings import names_of
from tests.shared import require_shared
from unified.account import MarginMode, PositionMode
from unified.adapter import Endpoint, Procedure
from unified.errors import VenueError
from unified.instrument import Instrument, Product
from unified.market_data import Book, Levels, Trade
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
from unified.secret import Secret
from unified_binance import closed_stops, market_data, stops
from unified_binance_dialect import history, orders, stream_keys

ABSENT = {
    (operation, Product.SPOT)
    for operation in (
        PlaceBatch,
        CancelBatch,
        FetchPositions,
        FetchFundingRate,
        SetLeverage,
        SetMarginMode,
        SetPositionMode,
    )
} | {(FetchVenueStatus, Product.LINEAR)}
"""What Binance does not offer: batches on spot, futures matters on spot, a status of USD-M."""


def test_all_that_the_venue_offers_is_in_the_table() -> None:
    wanted = {(operation, product) for operation in OPERATIONS for product in Product} - ABSENT
    assert {key for key in BINANCE.endpoints if key[0] in OPERATIONS} == wanted


def order(instrument: Instrument, **terms: Any) -> PlaceOrder:
    known = {"instrument": instrument, "side": Side.BUY, "quantity": Decimal(1), "price": Decimal(9)}
    return PlaceOrder(**{**known, "client_order_id": "a-1", **terms})


def resting(instrument: Instrument) -> Order:
    return Order(
        instrument=instrument,
        venue_order_id="1",
        client_order_id="a-1",
        status=OrderStatus.NEW,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=Decimal(2),
        price=Decimal(9),
    )


START = datetime(2025, 11, 1, tzinfo=UTC)


def both(product: Product) -> list[Operation[Any]]:
    """One operation for each row of a product that all products have."""
    item = SPOT if product is Product.SPOT else LINEAR
    lists: dict[str, Any] = {"product": product, "listing": LISTING, "instrument": item}
    return [
        FetchServerTime(product=product),
        FetchInstruments(product=product),
        FetchTicker(instrument=item),
        FetchTickers(product=product, listing=LISTING),
        FetchBook(instrument=item),
        FetchTrades(instrument=item),
        FetchCandles(instrument=item, start=START),
        FetchBalances(product=product),
        FetchTradingFees(instrument=item),
        FetchKeyPermissions(product=product),
        order(item),
        TestOrder(instrument=item, order=order(item)),
        CancelOrder(instrument=item, venue_order_id="1"),
        CancelAll(**lists),
        orders.CancelSymbol(**lists),
        AmendOrder(instrument=item, order=resting(item), quantity=Decimal(1)),
        FetchOrder(instrument=item, venue_order_id="1"),
        FetchOpenOrders(**lists),
        FetchClosedOrders(**lists, start=START, end=START),
        history.FetchClosedResting(**lists, start=START, end=START),
        FetchFills(**lists),
        history.FetchFillPage(**lists, start=START, end=START),
    ]


LISTS: dict[str, Any] = {"product": Product.LINEAR, "listing": LISTING, "instrument": LINEAR}
EXAMPLES: list[Operation[Any]] = [
    *both(Product.SPOT),
    FetchVenueStatus(),
    *both(Product.LINEAR),
    market_data.FetchDay(instrument=LINEAR),
    market_data.FetchBest(instrument=LINEAR),
    market_data.FetchDays(product=Product.LINEAR, listing=LISTING),
    market_data.FetchBests(product=Product.LINEAR, listing=LISTING),
    FetchFundingRate(instrument=LINEAR),
    market_data.FetchPremium(instrument=LINEAR),
    market_data.FetchFundingIntervals(product=Product.LINEAR),
    FetchPositions(**LISTS),
    SetLeverage(instrument=LINEAR, leverage=Decimal(5)),
    SetMarginMode(instrument=LINEAR, mode=MarginMode.CROSS),
    SetPositionMode(product=Product.LINEAR, mode=PositionMode.HEDGE),
    PlaceBatch(orders=(order(LINEAR), order(LINEAR))),
    CancelBatch(cancels=(CancelOrder(instrument=LINEAR, venue_order_id="1"),) * 2),
    stops.CancelResting(instrument=LINEAR, venue_order_id="1"),
    stops.CancelStop(instrument=LINEAR, venue_order_id="1"),
    stops.CancelStops(**LISTS),
    stops.FetchResting(instrument=LINEAR, venue_order_id="1"),
    stops.FetchStop(instrument=LINEAR, venue_order_id="1"),
    stops.FetchOpenResting(**LISTS),
    stops.FetchOpenStops(**LISTS),
    closed_stops.FetchClosedStops(**LISTS, start=START, end=START),
    stream_keys.StartUserStream(product=Product.LINEAR),
    stream_keys.KeepUserStream(product=Product.LINEAR, key=Secret("dummy")),
]


def key(operation: Operation[Any]) -> tuple[type[Operation[Any]], Product]:
    return type(operation), operation.product


SINGLE: list[Operation[Any]] = [
    operation for operation in EXAMPLES if isinstance(BINANCE.endpoints[key(operation)], Endpoint)
]
STOP = order(LINEAR, order_type=OrderType.STOP_LIMIT, stop_price=Decimal(9))
"""The second address of a row that has two."""


def test_every_row_has_an_example() -> None:
    assert {key(operation) for operation in EXAMPLES} == set(BINANCE.endpoints)


def how(operation: Operation[Any]) -> Endpoint[Any, Any]:
    found = BINANCE.endpoints[key(operation)]
    assert isinstance(found, Endpoint)
    return found


def test_every_procedure_needs_a_key_where_a_step_does() -> None:
    signed = {found.signed for found in BINANCE.endpoints.values() if isinstance(found, Procedure)}
    assert signed == {True, False}
    public = [operation for operation in EXAMPLES if isinstance(BINANCE.endpoints[key(operation)], Procedure)]
    for operation in public:
        found = BINANCE.endpoints[key(operation)]
        assert isinstance(found, Procedure)
        step = next(found.steps(operation))
        assert how(step).signed == found.signed


# --- no answer breaks the table

WORDS = [
    *("symbol", "orderId", "status", "side", "type", "executedQty", "algoId", "algoStatus", "orderType", "code", "msg"),
    *("balances", "symbols", "filters", "amendedOrder", "serverTime", "bids", "asks", "lastUpdateId", "time", "id"),
    *("price", "qty", "NEW", "BUY", "LIMIT", "BTCUSDT", "1", "-1", "1e9999999", "NaN"),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=5)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=12),
    max_leaves=20,
)


# --- the corpus

NEWEST: list[Operation[Any]] = [
    *(
        history.FetchClosedResting(listing=LISTING, instrument=SPOT),
        history.FetchFillPage(listing=LISTING, instrument=SPOT),
    ),
    *(history.FetchClosedResting(**LISTS), closed_stops.FetchClosedStops(**LISTS), history.FetchFillPage(**LISTS)),
]
"""Read without a window, so that no recorded row lies outside of it."""

READERS: list[Operation[Any]] = [
    operation for operation in (*SINGLE, STOP) if key(operation) not in [key(one) for one in NEWEST]
] + [
    *NEWEST,
    *(FetchTrades(instrument=item, cursor=str(10**12)) for item in (SPOT, LINEAR)),
]


def reader(product: Product, address: str, answer: object) -> Operation[Any] | None:
    """The operation that would have got this answer; one of all instruments where the answer is a list of tickers."""
    found = [one for one in READERS if one.product is product and sent(one)[0] == address]
    if len(found) > 1:
        found = [one for one in found if isinstance(one, FetchTickers) == isinstance(answer, list)]
    return found[0] if found else None


UNREADABLE = {
    "spot/live/api_v3_order.post.0.json": "its answer was not recorded",
    "spot/live/api_v3_order_test.post.0.json": "its answer was not recorded",
    "spot/live/api_v3_order_test.post.1.json": "its answer was not recorded",
    "linear/live/fapi_v1_ticker_24hr.get.0.json": "a refusal, which is no answer of a ticker",
    "linear/live/fapi_v1_premiumIndex.get.1.json": "all symbols, which nothing here asks for",
}
"""Files of supported endpoints that are not read as an answer, and why."""

COMPUTED = {"average_price", "locked", "maker", "taker", "quote_step", "contract_size", "quantity_unit"}
"""Numbers that no answer holds: they are worked out of it, or ours."""


def recordings() -> Iterator[tuple[str, dict[str, Any]]]:
    corpus = require_shared("corpus", "binance")
    for product in ("spot", "linear"):
        for path in sorted((corpus / product).rglob("*.json")):
            if "stream" not in path.parts:
                yield path.relative_to(corpus).as_posix(), json.loads(path.read_text(encoding="utf-8"))


def numbers_in(value: object) -> Iterator[Decimal]:
    """Every number that a value shows, those of its instrument and those that are computed left out."""
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, Book):
        yield from numbers_in((value.bids, value.asks))
    elif isinstance(value, tuple | list | Levels) and not isinstance(value, Trade):
        for item in value:
            yield from numbers_in(item)
    elif not isinstance(value, VenueError):
        for name in names_of(value):
            if name not in COMPUTED and not (name == "instrument" and isinstance(getattr(value, name), Instrument)):
                yield from numbers_in(getattr(value, name))


def texts_in(value: object) -> Iterator[Decimal]:
    """Every number that an answer holds, as text or as JSON."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        try:
            yield Decimal(value)
        except InvalidOperation:
            return


def test_every_recorded_answer_is_read_to_the_digit() -> None:
    files = numbers = 0
    for name, recorded in recordings():
        answer = recorded["response"]
        operation = reader(Product(name.partition("/")[0]), f"{recorded['method']} {recorded['path']}", answer)
        if operation is None or name in UNREADABLE:
            continue
        try:
            shown_numbers = set(numbers_in(how(operation).parse(operation, response(answer))))
        except VenueError as error:
            raise AssertionError(f"{name}: {error}") from error
        assert shown_numbers <= set(texts_in(answer)) | {Decimal(0)}, name
        files, numbers = files + 1, numbers + len(shown_numbers)
    assert (files, numbers) > (60, 1000)


def test_what_is_not_read_is_a_recording_of_a_call_that_is_made_here() -> None:
    recorded = dict(recordings())
    for name in UNREADABLE:
        address = f"{recorded[name]['method']} {recorded[name]['path']}"
        assert reader(Product(name.partition("/")[0]), address, recorded[name]["response"]) is not None
