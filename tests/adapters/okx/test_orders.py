from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.calls import Calls, response
from tests.adapters.okx.venue import (
    OKX,
    SPOT,
    STAMP,
    SWAP,
    adapter,
    build,
    failure,
    parse,
    recorded,
    refused,
    rows,
    told,
)
from unified.account import MarginMode
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instrument, Product, unlisted
from unified.operations import AmendOrder, CancelBatch, CancelOrder, PlaceBatch, PlaceOrder, TestOrder
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified_okx.procedures import CancelDirectly

BUY, SELL = Side.BUY, Side.SELL
MARKET, STOP_MARKET, STOP_LIMIT = OrderType.MARKET, OrderType.STOP_MARKET, OrderType.STOP_LIMIT
ACK = {"clOrdId": "b15", "ordId": "312269865356374016", "ts": "1695190491421", "sCode": "0", "sMsg": "", "subCode": ""}
REFUSED = {**ACK, "ordId": "", "sCode": "51008", "sMsg": "Insufficient USDT balance", "subCode": "1000"}


def place(instrument: Instrument = SPOT, side: Side = BUY, **terms: Any) -> PlaceOrder:
    exact: dict[str, Any] = {name: Decimal(term) if type(term) is str else term for name, term in terms.items()}
    return PlaceOrder(instrument=instrument, side=side, client_order_id="b15", **{"quantity": Decimal(2)} | exact)


SPOT_BODY = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "clOrdId": "b15", "sz": "2"}
SWAP_BODY = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "buy", "clOrdId": "b15", "sz": "200"}
STOP_BODY = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "sell",
    "ordType": "conditional",
    "algoClOrdId": "b15",
    "sz": "2",
}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


@pytest.mark.parametrize(
    ("order", "body"),
    [
        pytest.param(place(price="2.15"), {**SPOT_BODY, "ordType": "limit", "px": "2.15"}, id="limit"),
        pytest.param(
            place(price="2.15", post_only=True), {**SPOT_BODY, "ordType": "post_only", "px": "2.15"}, id="post-only"
        ),
        pytest.param(
            place(price="2.15", time_in_force=TimeInForce.IOC),
            {**SPOT_BODY, "ordType": "ioc", "px": "2.15"},
            id="immediate or cancel",
        ),
        pytest.param(
            place(price="2.15", time_in_force=TimeInForce.FOK),
            {**SPOT_BODY, "ordType": "fok", "px": "2.15"},
            id="fill or kill",
        ),
        pytest.param(
            place(order_type=MARKET),
            {**SPOT_BODY, "ordType": "market", "tgtCcy": "base_ccy", "banAmend": True},
            id="a market buy says that it counts base units, and must not be shrunk",
        ),
        pytest.param(
            place(order_type=MARKET, quantity=None, quote_quantity="50.5"),
            {**SPOT_BODY, "ordType": "market", "sz": "50.5", "tgtCcy": "quote_ccy", "banAmend": True},
            id="a market buy by amount",
        ),
        pytest.param(
            place(side=SELL, order_type=MARKET, quantity=None, quote_quantity="50"),
            {**SPOT_BODY, "side": "sell", "ordType": "market", "sz": "50", "tgtCcy": "quote_ccy", "banAmend": True},
            id="a market sell by amount",
        ),
        pytest.param(
            place(quantity="1E-7", price="1E+3"),
            {**SPOT_BODY, "ordType": "limit", "sz": "0.0000001", "px": "1000"},
            id="numbers are plain digits",
        ),
        pytest.param(
            place(SWAP, price="2.15"), {**SWAP_BODY, "ordType": "limit", "px": "2.15"}, id="a swap counts contracts"
        ),
        pytest.param(place(SWAP, order_type=MARKET), {**SWAP_BODY, "ordType": "market"}, id="a swap at the market"),
        pytest.param(
            place(SWAP, order_type=MARKET, time_in_force=TimeInForce.IOC),
            {**SWAP_BODY, "ordType": "optimal_limit_ioc"},
            id="a swap at the market, immediate or cancel",
        ),
        pytest.param(
            place(SWAP, price="2", reduce_only=True),
            {**SWAP_BODY, "ordType": "limit", "px": "2", "reduceOnly": True},
            id="reduce-only in one-way mode",
        ),
        pytest.param(
            place(SWAP, price="2", position_side=PositionSide.LONG),
            {**SWAP_BODY, "ordType": "limit", "px": "2", "posSide": "long"},
            id="hedge mode opens by the side of the position",
        ),
        pytest.param(
            place(SWAP, price="2", reduce_only=True, position_side=PositionSide.SHORT),
            {**SWAP_BODY, "ordType": "limit", "px": "2", "posSide": "short"},
            id="hedge mode closes by the side of the position",
        ),
        pytest.param(
            place(SWAP, price="2", margin_mode=MarginMode.ISOLATED),
            {**SWAP_BODY, "tdMode": "isolated", "ordType": "limit", "px": "2"},
            id="an order may say its margin mode",
        ),
    ],
)
def test_plain_orders(order: PlaceOrder, body: dict[str, Any]) -> None:
    assert told(order) == ("POST /trade/order", body)
    assert build(order).headers["expTime"] == str(STAMP.expires_ms)


@pytest.mark.parametrize(
    ("order", "body"),
    [
        pytest.param(
            place(side=SELL, order_type=STOP_MARKET, stop_price="90"),
            {**STOP_BODY, "slTriggerPx": "90", "slOrdPx": "-1", "slTriggerPxType": "last", "tgtCcy": "base_ccy"},
            id="a stop of a loss sells when the price falls",
        ),
        pytest.param(
            place(side=SELL, order_type=STOP_LIMIT, stop_price="120", price="119", trigger=Trigger.RISES),
            {**STOP_BODY, "tpTriggerPx": "120", "tpOrdPx": "119", "tpTriggerPxType": "last"},
            id="a stop of a profit sells when the price rises",
        ),
        pytest.param(
            place(order_type=STOP_LIMIT, stop_price="120", price="121"),
            {**STOP_BODY, "side": "buy", "slTriggerPx": "120", "slOrdPx": "121", "slTriggerPxType": "last"},
            id="a buy stop waits for the price to rise",
        ),
        pytest.param(
            place(order_type=STOP_MARKET, stop_price="90", trigger=Trigger.FALLS, quantity=None, quote_quantity="50"),
            {
                **STOP_BODY,
                "side": "buy",
                "sz": "50",
                "tgtCcy": "quote_ccy",
                "tpTriggerPx": "90",
                "tpOrdPx": "-1",
                "tpTriggerPxType": "last",
            },
            id="a buy in the dip by amount",
        ),
        pytest.param(
            place(SWAP, SELL, order_type=STOP_MARKET, stop_price="90", reduce_only=True),
            {
                **STOP_BODY,
                "instId": "BTC-USDT-SWAP",
                "tdMode": "cross",
                "sz": "200",
                "slTriggerPx": "90",
                "slOrdPx": "-1",
                "slTriggerPxType": "last",
                "reduceOnly": True,
            },
            id="a swap's stop counts contracts",
        ),
    ],
)
def test_stops_say_on_which_side_of_the_market_they_wait(order: PlaceOrder, body: dict[str, Any]) -> None:
    assert told(order) == ("POST /trade/order-algo", body)


UNLISTED = unlisted("NEW-USDT-SWAP", Product.LINEAR)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(place(quantity=None, price="1"), id="no quantity"),
        pytest.param(place(price="1", time_in_force=TimeInForce.GTD), id="good till a date"),
        pytest.param(place(order_type=MARKET, post_only=True), id="a market order that is post-only"),
        pytest.param(place(price="1", post_only=True, time_in_force=TimeInForce.IOC), id="post-only and immediate"),
        pytest.param(place(order_type=MARKET, time_in_force=TimeInForce.FOK), id="market, fill or kill"),
        pytest.param(place(order_type=STOP_LIMIT, price="1", stop_price="1", post_only=True), id="a post-only stop"),
        pytest.param(place(order_type=STOP_MARKET), id="a stop without its price"),
        pytest.param(place(), id="a limit order without a price"),
        pytest.param(place(price="1", quantity=None, quote_quantity="5"), id="a limit order by amount"),
        pytest.param(place(SWAP, order_type=MARKET, quantity=None, quote_quantity="5"), id="a swap by amount"),
        pytest.param(
            place(side=SELL, order_type=STOP_MARKET, stop_price="1", quantity=None, quote_quantity="5"),
            id="a stop that sells by amount",
        ),
        pytest.param(place(price="1", position_side=PositionSide.LONG), id="spot with a side of a position"),
        pytest.param(place(price="1", reduce_only=True), id="spot, reduce-only"),
        pytest.param(place(price="1", margin_mode=MarginMode.CROSS), id="spot on margin"),
        pytest.param(
            place(SWAP, price="1", reduce_only=True, position_side=PositionSide.LONG), id="reduce-only that opens"
        ),
        pytest.param(place(UNLISTED, price="1"), id="a swap of unknown contract size"),
    ],
)
def test_what_the_venue_cannot_express_is_refused_before_sending(order: PlaceOrder) -> None:
    error = refused(order)
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


def test_the_accounts_level_decides_how_spot_is_traded() -> None:
    multi = adapter(account_level="multi_currency")
    assert told(place(price="1"), multi)[1]["tdMode"] == "cross"
    assert told(place(price="1", margin_mode=MarginMode.CROSS), multi)[1]["tdMode"] == "cross"
    assert Calls(multi, STAMP).refused(place(price="1", margin_mode=MarginMode.ISOLATED)).kind is Kind.NOT_SUPPORTED


def test_options_change_the_margin_mode_and_the_currency_of_trading() -> None:
    other = adapter(margin_mode="isolated", trade_quote_currency="USDC")
    assert told(place(SWAP, price="1"), other)[1]["tdMode"] == "isolated"
    assert "tradeQuoteCcy" not in told(place(SWAP, price="1"), other)[1]
    assert told(place(price="1"), other)[1]["tradeQuoteCcy"] == "USDC"


# --- acknowledgements


def test_an_acknowledged_order_has_not_met_the_engine() -> None:
    order = place(price="2.15")
    placed = parse(order, rows(ACK))
    assert (placed.venue_order_id, placed.client_order_id) == ("312269865356374016", "b15")
    assert placed.status is OrderStatus.PENDING_NEW
    assert (placed.side, placed.order_type, placed.quantity, placed.price) == (
        BUY,
        OrderType.LIMIT,
        order.quantity,
        order.price,
    )


def test_a_placed_stop_has_an_id_of_its_own_kind() -> None:
    order = place(side=SELL, order_type=STOP_MARKET, stop_price="90")
    placed = parse(order, rows({"algoId": "12345689", "algoClOrdId": "b15", "sCode": "0", "sMsg": ""}))
    assert (placed.venue_order_id, placed.order_type, placed.stop_price) == ("12345689", STOP_MARKET, order.stop_price)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param([], id="no acknowledgement"),
        pytest.param([{**ACK, "ordId": ""}], id="an acknowledgement without an id"),
        pytest.param([{**ACK, "clOrdId": "another"}], id="an acknowledgement of another order"),
    ],
)
def test_an_acknowledgement_that_does_not_fit_leaves_the_outcome_open(data: list[dict[str, str]]) -> None:
    error = failure(place(price="1"), rows(*data))
    assert (error.kind, error.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)


def test_a_refused_order_is_an_error() -> None:
    error = failure(place(price="1"), response({"code": "1", "msg": "", "data": [REFUSED]}))
    assert (error.kind, error.outcome, error.code) == (Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED, "51008_1000")


# --- batches


def test_a_batch_is_a_list_and_fenced() -> None:
    batch = PlaceBatch(orders=(place(price="1"), place(side=SELL, price="3")))
    line, body = told(batch)
    assert line == "POST /trade/batch-orders"
    assert [(order["side"], order["px"]) for order in body] == [("buy", "1"), ("sell", "3")]
    assert build(batch).headers["expTime"] == str(STAMP.expires_ms)


def test_each_order_of_a_batch_has_its_own_fate() -> None:
    batch = PlaceBatch(orders=(place(price="1"), place(price="2")))
    first, second = parse(batch, response({"code": "2", "msg": "", "data": [ACK, REFUSED]}))
    assert isinstance(first, Order)
    assert isinstance(second, VenueError)
    assert (second.kind, second.client_order_id, second.operation) == (Kind.INSUFFICIENT_FUNDS, "b15", "place_batch")


def test_a_batch_whose_answer_has_another_length_is_not_guessed_at() -> None:
    batch = PlaceBatch(orders=(place(price="1"), place(price="2")))
    assert failure(batch, rows(ACK)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(PlaceBatch(orders=(place(price="1"),) * 21), id="more than twenty"),
        pytest.param(PlaceBatch(orders=(place(order_type=STOP_MARKET, stop_price="1"),)), id="with a stop"),
    ],
)
def test_batches_that_do_not_exist_are_refused_before_sending(batch: PlaceBatch) -> None:
    assert refused(batch).kind is Kind.NOT_SUPPORTED


# --- test orders


def test_only_margin_accounts_can_test_an_order() -> None:
    operation = TestOrder(instrument=SPOT, order=place(price="2.15"))
    assert refused(operation).kind is Kind.NOT_SUPPORTED
    body = {**without(SPOT_BODY, "clOrdId"), "tdMode": "cross", "ordType": "limit", "px": "2.15"}
    portfolio = adapter(account_level="portfolio")
    assert told(operation, portfolio) == ("POST /trade/order-precheck", body)
    stop = TestOrder(instrument=SPOT, order=place(order_type=STOP_MARKET, stop_price="1"))
    assert Calls(portfolio, STAMP).refused(stop).kind is Kind.NOT_SUPPORTED
    how = OKX.endpoints[TestOrder, Product.SPOT]
    assert how.example == "POST /trade/order-precheck"


def test_a_recorded_test_is_a_success_without_a_value() -> None:
    operation: Any = TestOrder(instrument=SPOT, order=place(price="1"))
    assert parse(operation, recorded("Trading", "CheckOrder.json")) is None


# --- amends

RESTING = Order(
    instrument=SWAP,
    venue_order_id="12344",
    client_order_id="b15",
    status=OrderStatus.PARTIALLY_FILLED,
    order_type=OrderType.LIMIT,
    price=Decimal(1),
    quantity=Decimal(2),
    filled_quantity=Decimal("0.5"),
)


def test_an_amend_says_the_new_total_in_contracts() -> None:
    both = AmendOrder(instrument=SWAP, order=RESTING, price=Decimal("1.5"), quantity=Decimal(3))
    body = {"instId": "BTC-USDT-SWAP", "ordId": "12344", "newPx": "1.5", "newSz": "300"}
    assert told(both) == ("POST /trade/amend-order", body)
    assert build(both).headers["expTime"] == str(STAMP.expires_ms)
    only_price = AmendOrder(instrument=SWAP, order=RESTING, price=Decimal("1.5"))
    assert told(only_price)[1] == without(body, "newSz")


def test_an_accepted_amend_has_not_met_the_engine() -> None:
    operation = AmendOrder(instrument=SWAP, order=RESTING, quantity=Decimal(3))
    amended = parse(operation, rows({**ACK, "ordId": "12344"}))
    assert (amended.status, amended.quantity, amended.price) == (OrderStatus.PENDING_NEW, Decimal(3), Decimal(1))
    assert amended.filled_quantity == RESTING.filled_quantity


def test_a_stop_is_not_amended() -> None:
    stop = evolve(RESTING, order_type=STOP_LIMIT)
    assert refused(AmendOrder(instrument=SWAP, order=stop, price=Decimal(2))).kind is Kind.NOT_SUPPORTED


# --- cancels


@pytest.mark.parametrize(
    ("cancel", "line", "body"),
    [
        pytest.param(
            CancelDirectly(instrument=SPOT, venue_order_id="7", client_order_id="b15"),
            "POST /trade/cancel-order",
            {"instId": "BTC-USDT", "ordId": "7"},
            id="the venue's id wins",
        ),
        pytest.param(
            CancelDirectly(instrument=SPOT, client_order_id="b15"),
            "POST /trade/cancel-order",
            {"instId": "BTC-USDT", "clOrdId": "b15"},
            id="by our id",
        ),
        pytest.param(
            CancelDirectly(instrument=SPOT, venue_order_id="7", is_stop=True),
            "POST /trade/cancel-algos",
            [{"instId": "BTC-USDT", "algoId": "7"}],
            id="a stop, in a list",
        ),
        pytest.param(
            CancelDirectly(instrument=SPOT, client_order_id="s1", is_stop=True),
            "POST /trade/cancel-algos",
            [{"instId": "BTC-USDT", "algoClOrdId": "s1"}],
            id="a stop by our id",
        ),
    ],
)
def test_cancels(cancel: CancelDirectly, line: str, body: object) -> None:
    assert told(cancel) == (line, body)
    assert "expTime" not in build(cancel).headers


def test_an_accepted_cancel_is_not_done() -> None:
    canceled = parse(CancelDirectly(instrument=SPOT, client_order_id="b15"), rows(ACK))
    assert (canceled.status, canceled.venue_order_id) == (OrderStatus.PENDING_CANCEL, "312269865356374016")


def cancels(count: int, *, is_stop: bool = False) -> tuple[CancelOrder, ...]:
    return (CancelOrder(instrument=SPOT, venue_order_id="7", is_stop=is_stop),) * count


def test_batches_of_cancels() -> None:
    item = {"instId": "BTC-USDT", "ordId": "7"}
    assert told(CancelBatch(cancels=cancels(2))) == ("POST /trade/cancel-batch-orders", [item, item])
    stops = CancelBatch(cancels=cancels(2, is_stop=True))
    assert told(stops) == ("POST /trade/cancel-algos", [{"instId": "BTC-USDT", "algoId": "7"}] * 2)


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(CancelBatch(cancels=cancels(21)), id="more than twenty"),
        pytest.param(CancelBatch(cancels=cancels(11, is_stop=True)), id="more than ten stops"),
        pytest.param(CancelBatch(cancels=cancels(1) + cancels(1, is_stop=True)), id="stops and others"),
    ],
)
def test_batches_of_cancels_that_do_not_exist_are_refused_before_sending(batch: CancelBatch) -> None:
    assert refused(batch).kind is Kind.NOT_SUPPORTED


def test_each_cancel_of_a_batch_has_its_own_fate() -> None:
    gone = {**ACK, "sCode": "51400", "sMsg": "gone", "subCode": ""}
    first, second = parse(CancelBatch(cancels=cancels(2)), response({"code": "2", "msg": "", "data": [ACK, gone]}))
    assert isinstance(first, Order)
    assert isinstance(second, VenueError)
    assert (second.kind, second.outcome) == (Kind.ORDER_CLOSED, Outcome.DONE)


# --- recorded answers


def test_recorded_acknowledgements_are_read() -> None:
    order = evolve(place(price="1"), client_order_id="oktswap6")
    other = evolve(order, client_order_id="oktswap7")
    assert parse(order, recorded("Trading", "PlaceOrder.json")).venue_order_id == "312269865356374016"
    batch = PlaceBatch(orders=(order, other))
    placed = parse(batch, recorded("Trading", "PlaceMultipleOrders.json"))
    assert [item.venue_order_id for item in placed if isinstance(item, Order)] == ["12345689", "12344"]
    single = CancelDirectly(instrument=SPOT, client_order_id="oktswap6")
    assert parse(single, recorded("Trading", "CancelOrder.json")).client_order_id == "oktswap6"
    canceled = parse(CancelBatch(cancels=cancels(2)), recorded("Trading", "CancelMultipleOrders.json"))
    assert [item.client_order_id for item in canceled if isinstance(item, Order)] == ["oktswap6", "oktswap7"]
    amend = AmendOrder(instrument=SWAP, order=RESTING, price=Decimal(2))
    assert parse(amend, recorded("Trading", "AmendOrder.json")).venue_order_id == "12344"
    stop = place(side=SELL, order_type=STOP_MARKET, stop_price="1")
    assert parse(stop, recorded("Trading", "PlaceAlgoOrder.json")).venue_order_id == "12345689"
    waiting = CancelDirectly(instrument=SPOT, venue_order_id="1234", is_stop=True)
    assert parse(waiting, recorded("Trading", "CancelAlgoOrder.json")).venue_order_id == "1234"
