from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binance.venue import LINEAR, LISTING, SPOT, charged, instrument, parse, refused, sent, walk
from tests.adapters.calls import refusal
from unified.account import MarginMode
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import (
    CancelAll,
    CancelOrder,
    FetchOpenOrders,
    FetchOrder,
    Page,
    PlaceOrder,
    TestOrder,
)
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified_binance.stops import CancelResting, FetchOpenResting, FetchResting
from unified_binance_dialect.orders import CancelSymbol, all_of

PRICE, QUANTITY, STOP = Decimal("60000.10"), Decimal("0.010"), Decimal(59000)
COMMON = {"symbol": "BTCUSDT", "side": "BUY", "newClientOrderId": "a-1"}
FULL = {**COMMON, "newOrderRespType": "FULL"}
RESULT = {**COMMON, "newOrderRespType": "RESULT"}


def order(**terms: Any) -> PlaceOrder:
    return PlaceOrder(**{"instrument": SPOT, "side": Side.BUY, "client_order_id": "a-1", "quantity": QUANTITY, **terms})


def limit(**terms: Any) -> PlaceOrder:
    return order(price=PRICE, **terms)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        pytest.param(
            limit(),
            {**FULL, "type": "LIMIT", "quantity": "0.010", "price": "60000.10", "timeInForce": "GTC"},
            id="a limit order",
        ),
        pytest.param(
            limit(time_in_force=TimeInForce.IOC),
            {**FULL, "type": "LIMIT", "quantity": "0.010", "price": "60000.10", "timeInForce": "IOC"},
            id="immediate or cancel",
        ),
        pytest.param(
            limit(time_in_force=TimeInForce.FOK),
            {**FULL, "type": "LIMIT", "quantity": "0.010", "price": "60000.10", "timeInForce": "FOK"},
            id="fill or kill",
        ),
        pytest.param(
            limit(post_only=True),
            {**FULL, "type": "LIMIT_MAKER", "quantity": "0.010", "price": "60000.10"},
            id="post-only is a type of its own",
        ),
        pytest.param(
            order(order_type=OrderType.MARKET), {**FULL, "type": "MARKET", "quantity": "0.010"}, id="a market order"
        ),
        pytest.param(
            order(order_type=OrderType.MARKET, quantity=None, quote_quantity=Decimal("1E+2")),
            {**FULL, "type": "MARKET", "quoteOrderQty": "100"},
            id="a market order by quote amount, in plain digits",
        ),
        pytest.param(
            order(order_type=OrderType.STOP_MARKET, stop_price=STOP),
            {**FULL, "type": "STOP_LOSS", "quantity": "0.010", "stopPrice": "59000"},
            id="a stop",
        ),
        pytest.param(
            order(order_type=OrderType.STOP_MARKET, stop_price=STOP, trigger=Trigger.FALLS),
            {**FULL, "type": "TAKE_PROFIT", "quantity": "0.010", "stopPrice": "59000"},
            id="a buy that waits for a fall takes a profit",
        ),
        pytest.param(
            limit(order_type=OrderType.STOP_LIMIT, stop_price=STOP, side=Side.SELL),
            {
                **FULL,
                "side": "SELL",
                "type": "STOP_LOSS_LIMIT",
                "quantity": "0.010",
                "price": "60000.10",
                "stopPrice": "59000",
                "timeInForce": "GTC",
            },
            id="a sell stop with a limit waits for a fall",
        ),
        pytest.param(
            limit(order_type=OrderType.STOP_LIMIT, stop_price=STOP, side=Side.SELL, trigger=Trigger.RISES),
            {
                **FULL,
                "side": "SELL",
                "type": "TAKE_PROFIT_LIMIT",
                "quantity": "0.010",
                "price": "60000.10",
                "stopPrice": "59000",
                "timeInForce": "GTC",
            },
            id="a sell that waits for a rise takes a profit",
        ),
    ],
)
def test_each_kind_of_spot_order_is_said_in_the_venues_words(operation: PlaceOrder, expected: dict[str, str]) -> None:
    assert sent(operation) == ("POST /api/v3/order", expected)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        pytest.param(
            limit(instrument=LINEAR),
            {**RESULT, "type": "LIMIT", "quantity": "0.010", "price": "60000.10", "timeInForce": "GTC"},
            id="a limit order",
        ),
        pytest.param(
            limit(instrument=LINEAR, post_only=True, reduce_only=True),
            {
                **RESULT,
                "type": "LIMIT",
                "quantity": "0.010",
                "price": "60000.10",
                "timeInForce": "GTX",
                "reduceOnly": "true",
            },
            id="post-only is a time in force",
        ),
        pytest.param(
            limit(
                instrument=LINEAR,
                time_in_force=TimeInForce.GTD,
                expires_at=datetime(2025, 11, 21, tzinfo=UTC),
            ),
            {
                **RESULT,
                "type": "LIMIT",
                "quantity": "0.010",
                "price": "60000.10",
                "timeInForce": "GTD",
                "goodTillDate": "1763683200000",
            },
            id="good till a date",
        ),
        pytest.param(
            order(instrument=LINEAR, order_type=OrderType.MARKET, position_side=PositionSide.LONG),
            {**RESULT, "type": "MARKET", "quantity": "0.010", "positionSide": "LONG"},
            id="hedge mode names the position",
        ),
        pytest.param(
            order(instrument=LINEAR, order_type=OrderType.MARKET, position_side=PositionSide.SHORT, reduce_only=True),
            {**RESULT, "type": "MARKET", "quantity": "0.010", "positionSide": "SHORT"},
            id="closing in hedge mode needs no reduce-only",
        ),
    ],
)
def test_each_kind_of_linear_order_is_said_in_the_venues_words(operation: PlaceOrder, expected: dict[str, str]) -> None:
    assert sent(operation) == ("POST /fapi/v1/order", expected)


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(limit(reduce_only=True), id="reduce-only on spot"),
        pytest.param(limit(position_side=PositionSide.LONG), id="a position side on spot"),
        pytest.param(limit(margin_mode=MarginMode.CROSS), id="a margin mode on spot"),
        pytest.param(
            limit(time_in_force=TimeInForce.GTD, expires_at=datetime(2025, 11, 21, tzinfo=UTC)), id="GTD on spot"
        ),
        pytest.param(
            limit(post_only=True, order_type=OrderType.STOP_LIMIT, stop_price=STOP), id="a post-only stop on spot"
        ),
        pytest.param(limit(post_only=True, time_in_force=TimeInForce.IOC), id="post-only that may not rest"),
        pytest.param(order(order_type=OrderType.MARKET, post_only=True), id="a post-only market order"),
        pytest.param(
            order(order_type=OrderType.STOP_MARKET, stop_price=STOP, quantity=None, quote_quantity=PRICE),
            id="a stop by quote amount",
        ),
        pytest.param(
            order(instrument=LINEAR, order_type=OrderType.MARKET, quantity=None, quote_quantity=PRICE),
            id="a linear order by quote amount",
        ),
        pytest.param(limit(instrument=LINEAR, margin_mode=MarginMode.CROSS), id="a margin mode with a linear order"),
        pytest.param(limit(instrument=LINEAR, time_in_force=TimeInForce.GTD), id="GTD without a date"),
        pytest.param(
            limit(instrument=LINEAR, reduce_only=True, position_side=PositionSide.LONG),
            id="reduce-only that would open",
        ),
    ],
)
def test_what_the_venue_cannot_express_never_leaves(operation: PlaceOrder) -> None:
    error = refused(operation)
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)
    assert error.message


def test_an_order_costs_weight_and_a_place_in_each_window() -> None:
    assert charged(limit()) == {"weight_spot": 1, "raw_spot": 1, "orders_spot_10s": 1, "orders_spot_1d": 1}
    assert charged(limit(instrument=LINEAR)) == {"orders_linear_10s": 1, "orders_linear_1m": 1}


ROW: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "orderId": 28,
    "clientOrderId": "a-1",
    "transactTime": 1763680000123,
    "price": "60000.00",
    "origQty": "0.010",
    "executedQty": "0.000",
    "cummulativeQuoteQty": "0.00",
    "status": "NEW",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
}


def test_a_placed_order_is_as_old_as_the_answer_says() -> None:
    placed = parse(limit(), ROW)
    assert (placed.status, placed.venue_order_id, placed.client_order_id) == (OrderStatus.NEW, "28", "a-1")
    assert placed.created_at == datetime(2025, 11, 20, 23, 6, 40, 123000, UTC)
    linear = parse(limit(instrument=LINEAR), {**ROW, "transactTime": None, "updateTime": 1763680000123})
    assert linear.created_at == placed.created_at


def test_an_order_can_be_tested() -> None:
    path, parameters = sent(TestOrder(instrument=SPOT, order=limit()))
    assert (path, parameters) == ("POST /api/v3/order/test", sent(limit())[1])
    assert sent(TestOrder(instrument=LINEAR, order=limit(instrument=LINEAR)))[0] == "POST /fapi/v1/order/test"
    parse(TestOrder(instrument=SPOT, order=limit()), {})
    stop = order(instrument=LINEAR, order_type=OrderType.STOP_MARKET, stop_price=STOP)
    assert refused(TestOrder(instrument=LINEAR, order=stop)).kind is Kind.NOT_SUPPORTED


# --- one order


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        pytest.param(
            FetchOrder(instrument=SPOT, venue_order_id="28", client_order_id="a-1"), "GET /api/v3/order", id="fetch"
        ),
        pytest.param(
            CancelOrder(instrument=SPOT, venue_order_id="28", client_order_id="a-1"),
            "DELETE /api/v3/order",
            id="cancel",
        ),
        pytest.param(FetchResting(instrument=LINEAR, venue_order_id="28"), "GET /fapi/v1/order", id="fetch on USD-M"),
        pytest.param(
            CancelResting(instrument=LINEAR, venue_order_id="28"), "DELETE /fapi/v1/order", id="cancel on USD-M"
        ),
    ],
)
def test_the_venues_id_wins(operation: Any, path: str) -> None:
    assert sent(operation) == (path, {"symbol": "BTCUSDT", "orderId": "28"})


def test_without_the_venues_id_ours_is_used_and_without_either_nothing_leaves() -> None:
    assert sent(FetchOrder(instrument=SPOT, client_order_id="a&b"))[1] == {
        "symbol": "BTCUSDT",
        "origClientOrderId": "a&b",
    }
    assert refused(CancelOrder(instrument=SPOT)).outcome is Outcome.NOT_SENT


def test_a_cancel_answers_with_the_orders_own_id() -> None:
    answer = {**ROW, "status": "CANCELED", "origClientOrderId": "a-1", "clientOrderId": "the-id-of-the-cancel"}
    canceled = parse(CancelOrder(instrument=SPOT, client_order_id="a-1"), answer)
    assert (canceled.client_order_id, canceled.status) == ("a-1", OrderStatus.CANCELED)
    linear = parse(CancelResting(instrument=LINEAR, client_order_id="a-1"), {**ROW, "status": "CANCELED"})
    assert linear.client_order_id == "a-1"


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        pytest.param(-2013, "Order does not exist.", Kind.ORDER_NOT_FOUND, id="never seen"),
        pytest.param(
            -2026,
            "Order was canceled or expired with no executed qty over 90 days ago.",
            Kind.ORDER_NOT_FOUND,
            id="archived",
        ),
    ],
)
def test_an_order_that_the_venue_does_not_show_is_not_found(code: int, message: str, kind: Kind) -> None:
    with pytest.raises(VenueError) as raised:
        parse(FetchOrder(instrument=SPOT, client_order_id="a-1"), {"code": code, "msg": message}, 400)
    assert raised.value.kind is kind


def resting(product: Product = Product.SPOT, **changes: Any) -> Order:
    known = {
        "instrument": instrument(product),
        "venue_order_id": "33",
        "client_order_id": "a-2",
        "status": OrderStatus.NEW,
        "side": Side.SELL,
        "order_type": OrderType.LIMIT,
        "quantity": Decimal("5.0"),
        "price": Decimal("6.0"),
    }
    return Order(**{**known, **changes})


# --- many orders


@pytest.mark.parametrize(
    ("operation", "path", "bucket", "one", "all_"),
    [
        pytest.param(FetchOpenOrders, "GET /api/v3/openOrders", "weight_spot", 6, 80, id="spot"),
        pytest.param(FetchOpenResting, "GET /fapi/v1/openOrders", "weight_linear", 1, 40, id="USD-M"),
    ],
)
def test_open_orders_of_all_symbols_are_dear(operation: Any, path: str, bucket: str, one: int, all_: int) -> None:
    asked = SPOT if operation is FetchOpenOrders else LINEAR
    single = operation(product=asked.product, instrument=asked, listing=LISTING)
    every = operation(product=asked.product, listing=LISTING)
    assert (sent(single), sent(every)) == ((path, {"symbol": "BTCUSDT"}), (path, {}))
    assert (charged(single)[bucket], charged(every)[bucket]) == (one, all_)
    page = parse(every, [ROW, {**ROW, "symbol": "ETHUSDT", "orderId": 29}])
    assert [order.instrument.base for order in page.items] == ["BTC", "ETH"]
    assert page.cursor is None


def test_cancel_all_of_a_symbol_is_one_call() -> None:
    asked, _ = walk(CancelAll(instrument=SPOT, listing=LISTING), [None])
    assert [sent(step) for step in asked] == [("DELETE /api/v3/openOrders", {"symbol": "BTCUSDT"})]


def test_cancel_all_of_spot_goes_symbol_by_symbol() -> None:
    eth = instrument(Product.SPOT, "ETH")
    found = Page(items=(resting(), resting(instrument=eth), resting()))
    asked, _ = walk(CancelAll(listing=LISTING), [found, None, None])
    assert isinstance(asked[0], FetchOpenOrders)
    assert [sent(step)[1]["symbol"] for step in asked[1:]] == ["BTCUSDT", "ETHUSDT"]


def test_one_symbol_that_fails_does_not_spare_the_others() -> None:
    eth = instrument(Product.SPOT, "ETH")
    steps = [CancelSymbol(instrument=one, listing=LISTING) for one in (SPOT, eth)]
    walked = all_of(steps)
    assert next(walked) == steps[0]
    assert walked.throw(refusal(Kind.VENUE_FAULT)) == steps[1]
    with pytest.raises(VenueError) as raised:
        walked.send(None)
    assert raised.value.kind is Kind.VENUE_FAULT


@pytest.mark.parametrize(
    ("asked", "body", "status"),
    [
        pytest.param(SPOT, [ROW], 200, id="spot lists what it canceled"),
        pytest.param(SPOT, {"code": -2011, "msg": "Unknown order sent."}, 400, id="spot had nothing open"),
        pytest.param(LINEAR, {"code": 200, "msg": "The operation of cancel all open order is done."}, 200, id="USD-M"),
    ],
)
def test_cancel_all_succeeds_also_where_nothing_was_open(asked: Any, body: object, status: int) -> None:
    assert parse(CancelSymbol(instrument=asked, product=asked.product, listing=LISTING), body, status) is None


def test_the_call_for_one_symbol_needs_one() -> None:
    assert refused(CancelSymbol(listing=LISTING)).outcome is Outcome.NOT_SENT
