from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.kraken.venue import (
    BTC_USD,
    BTC_USDT,
    CLIENT_ID,
    TXID,
    charged,
    errors,
    failure,
    parse,
    recorded,
    refused,
    result,
    told,
    told_json,
)
from unified.account import MarginMode
from unified.errors import Kind, Outcome, VenueError
from unified.operations import AmendOrder, CancelOrder, PlaceBatch, PlaceOrder, TestOrder
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified_kraken.orders import CancelEverything, CancelTogether

DEADLINE = "2026-11-20T08:00:05.123Z"
LIMIT = PlaceOrder(
    instrument=BTC_USD, side=Side.BUY, quantity=Decimal("1.25"), price=Decimal(27500), client_order_id=CLIENT_ID
)
MARKET = evolve(LIMIT, order_type=OrderType.MARKET, price=None)
STOP = evolve(MARKET, side=Side.SELL, order_type=OrderType.STOP_MARKET, stop_price=Decimal("25000.5"))
STOP_LIMIT = evolve(STOP, order_type=OrderType.STOP_LIMIT, price=Decimal(24900))
BASIC = {"pair": "XXBTZUSD", "volume": "1.25", "cl_ord_id": CLIENT_ID, "deadline": DEADLINE}
BUY, SELL = {**BASIC, "type": "buy"}, {**BASIC, "type": "sell"}


@pytest.mark.parametrize(
    ("order", "fields"),
    [
        pytest.param(LIMIT, {**BUY, "ordertype": "limit", "price": "27500"}, id="limit"),
        pytest.param(
            evolve(LIMIT, time_in_force=TimeInForce.IOC),
            {**BUY, "ordertype": "limit", "price": "27500", "timeinforce": "IOC"},
            id="immediate or cancel",
        ),
        pytest.param(
            evolve(LIMIT, time_in_force=TimeInForce.FOK),
            {**BUY, "ordertype": "limit", "price": "27500", "timeinforce": "FOK"},
            id="fill or kill",
        ),
        pytest.param(
            evolve(LIMIT, time_in_force=TimeInForce.GTD, expires_at=datetime(2026, 11, 20, 9, 0, 0, 1, tzinfo=UTC)),
            {**BUY, "ordertype": "limit", "price": "27500", "timeinforce": "GTD", "expiretm": "1795165201"},
            id="good till a date, in whole seconds",
        ),
        pytest.param(
            evolve(LIMIT, post_only=True),
            {**BUY, "ordertype": "limit", "price": "27500", "oflags": "post"},
            id="post-only",
        ),
        pytest.param(MARKET, {**BUY, "ordertype": "market"}, id="market"),
        pytest.param(
            evolve(MARKET, time_in_force=TimeInForce.IOC), {**BUY, "ordertype": "market"}, id="market is immediate"
        ),
        pytest.param(
            evolve(MARKET, quantity=None, quote_quantity=Decimal("500.5")),
            {**BUY, "ordertype": "market", "volume": "500.5", "oflags": "viqc"},
            id="market for an amount of quote",
        ),
        pytest.param(
            STOP, {**SELL, "ordertype": "stop-loss", "price": "25000.5", "trigger": "last"}, id="a sell stop falls"
        ),
        pytest.param(
            evolve(STOP, side=Side.BUY),
            {**BUY, "ordertype": "stop-loss", "price": "25000.5", "trigger": "last"},
            id="a buy stop rises",
        ),
        pytest.param(
            evolve(STOP, trigger=Trigger.RISES),
            {**SELL, "ordertype": "take-profit", "price": "25000.5", "trigger": "last"},
            id="a sell that takes profit",
        ),
        pytest.param(
            evolve(STOP, side=Side.BUY, trigger=Trigger.FALLS),
            {**BUY, "ordertype": "take-profit", "price": "25000.5", "trigger": "last"},
            id="a buy that takes profit",
        ),
        pytest.param(
            STOP_LIMIT,
            {**SELL, "ordertype": "stop-loss-limit", "price": "25000.5", "price2": "24900", "trigger": "last"},
            id="a stop with a limit",
        ),
        pytest.param(
            evolve(LIMIT, quantity=Decimal("1E-8"), price=Decimal("1E+3")),
            {**BUY, "ordertype": "limit", "volume": "0.00000001", "price": "1000"},
            id="numbers without exponents",
        ),
    ],
)
def test_what_is_said_of_an_order(order: PlaceOrder, fields: dict[str, str]) -> None:
    assert told(order) == ("AddOrder", fields)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"quantity": None}, id="no quantity"),
        pytest.param({"price": None}, id="no price"),
        pytest.param({"order_type": OrderType.STOP_LIMIT}, id="a stop without a trigger"),
        pytest.param({"post_only": True, "time_in_force": TimeInForce.IOC}, id="post-only that does not rest"),
        pytest.param({"post_only": True, "order_type": OrderType.MARKET, "price": None}, id="post-only at market"),
        pytest.param({"time_in_force": TimeInForce.GTD}, id="GTD without an end"),
        pytest.param(
            {"order_type": OrderType.MARKET, "price": None, "time_in_force": TimeInForce.FOK}, id="FOK at market"
        ),
        pytest.param({"quote_quantity": Decimal(1), "quantity": None}, id="a limit for an amount of quote"),
        pytest.param(
            {
                "order_type": OrderType.MARKET,
                "price": None,
                "quote_quantity": Decimal(1),
                "quantity": None,
                "side": Side.SELL,
            },
            id="selling for an amount of quote",
        ),
        pytest.param({"reduce_only": True}, id="reduce-only"),
        pytest.param({"position_side": PositionSide.LONG}, id="a position side"),
        pytest.param({"margin_mode": MarginMode.CROSS}, id="margin"),
    ],
)
def test_what_spot_orders_cannot_express_is_refused_before_it_leaves(changes: dict[str, Any]) -> None:
    error = refused(evolve(LIMIT, **changes))
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


@pytest.mark.parametrize("force", [TimeInForce.IOC, TimeInForce.FOK], ids=str)
def test_stops_rest(force: TimeInForce) -> None:
    assert refused(evolve(STOP_LIMIT, time_in_force=force)).kind is Kind.NOT_SUPPORTED


# --- placed


def test_an_accepted_order_is_only_acknowledged() -> None:
    order = parse(LIMIT, result({"descr": {"order": "buy"}, "txid": [TXID]}))
    assert order == Order(
        instrument=BTC_USD,
        venue_order_id=TXID,
        client_order_id=CLIENT_ID,
        status=OrderStatus.PENDING_NEW,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=Decimal("1.25"),
        price=Decimal(27500),
        time_in_force=TimeInForce.GTC,
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"descr": {}}, id="no ids"),
        pytest.param({"txid": []}, id="an empty list"),
        pytest.param({"txid": [None]}, id="an id that is none"),
        pytest.param({"txid": "A-B"}, id="an id that is no list"),
    ],
)
def test_an_acknowledgement_without_an_id_settles_nothing(content: object) -> None:
    error = failure(LIMIT, result(content))
    assert (error.kind, error.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)


def test_an_id_that_is_in_use_may_be_this_orders_own() -> None:
    error = failure(LIMIT, errors("EGeneral:Invalid arguments:cl_ord_id not unique"))
    assert (error.kind, error.outcome) == (Kind.DUPLICATE_ORDER, Outcome.DONE)


def test_the_recorded_placement_is_read() -> None:
    assert parse(LIMIT, recorded("Trading", "PlaceOrder.json")).venue_order_id == "OUF4EM-FRGI2-MQMWZD"


# --- tested


def test_a_test_is_an_order_that_is_only_checked() -> None:
    test = TestOrder(instrument=BTC_USD, order=LIMIT)
    call, fields = told(test)
    assert call == "AddOrder"
    assert fields == {
        "pair": "XXBTZUSD",
        "ordertype": "limit",
        "type": "buy",
        "volume": "1.25",
        "price": "27500",
        "cl_ord_id": CLIENT_ID,
        "validate": "true",
    }
    parse(test, result({"descr": {"order": "buy 1.25 XBTUSD @ limit 27500"}}))
    assert failure(test, errors("EOrder:Insufficient funds")).kind is Kind.INSUFFICIENT_FUNDS


def test_a_test_that_placed_an_order_is_no_success() -> None:
    assert failure(TestOrder(instrument=BTC_USD, order=LIMIT), result({"txid": [TXID]})).outcome is Outcome.UNKNOWN


# --- batches

OTHER = evolve(LIMIT, side=Side.SELL, price=Decimal(36000), client_order_id="7e2c456f-2821-40e2-ad83-4ecb18a06876")
BATCH = PlaceBatch(orders=(LIMIT, OTHER))


def test_a_batch_names_its_pair_and_deadline_once() -> None:
    call, members = told_json(BATCH)
    assert call == "AddOrderBatch"
    assert (members["pair"], members["deadline"], sorted(members)) == (
        "XXBTZUSD",
        DEADLINE,
        ["deadline", "orders", "pair"],
    )
    assert members["orders"][1] == {
        "ordertype": "limit",
        "type": "sell",
        "volume": "1.25",
        "price": "36000",
        "cl_ord_id": OTHER.client_order_id,
    }


@pytest.mark.parametrize(
    "orders",
    [
        pytest.param((LIMIT,), id="one order"),
        pytest.param((LIMIT,) * 16, id="sixteen orders"),
        pytest.param((LIMIT, evolve(LIMIT, instrument=BTC_USDT)), id="two pairs"),
        pytest.param((LIMIT, evolve(LIMIT, reduce_only=True)), id="an order that cannot be said"),
    ],
)
def test_batches_that_cannot_be(orders: tuple[PlaceOrder, ...]) -> None:
    assert refused(PlaceBatch(orders=orders)).kind is Kind.NOT_SUPPORTED


def test_each_order_of_a_batch_has_its_own_answer() -> None:
    answer = result({"orders": [{"txid": TXID}, {"error": "EGeneral:Invalid arguments:volume minimum not met"}]})
    placed, error = parse(BATCH, answer)
    assert isinstance(placed, Order)
    assert (placed.venue_order_id, placed.status) == (TXID, OrderStatus.PENDING_NEW)
    assert isinstance(error, VenueError)
    assert (error.kind, error.outcome, error.client_order_id) == (
        Kind.INVALID_QUANTITY,
        Outcome.REJECTED,
        OTHER.client_order_id,
    )


def test_an_answer_about_other_orders_is_not_taken_apart_by_guessing() -> None:
    assert failure(BATCH, result({"orders": [{"txid": TXID}]})).kind is Kind.MALFORMED_RESPONSE


def test_the_recorded_batch_is_read() -> None:
    placed = parse(BATCH, recorded("Trading", "PlaceMultipleOrders.json"))
    assert [order.venue_order_id for order in placed if isinstance(order, Order)] == [
        "O5OR23-ADFAD-Y2G61C",
        "9K6KFS-5H3PL-XBRC7A",
    ]


# --- amend

RESTING = Order(
    instrument=BTC_USD,
    venue_order_id=TXID,
    client_order_id=CLIENT_ID,
    status=OrderStatus.NEW,
    side=Side.BUY,
    order_type=OrderType.LIMIT,
    quantity=Decimal("1.25"),
    price=Decimal(27500),
)


def amend(**changes: Any) -> AmendOrder:
    return evolve(AmendOrder(instrument=BTC_USD, order=RESTING, price=Decimal(27400)), **changes)


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        pytest.param(amend(), {"txid": TXID, "limit_price": "27400"}, id="another price"),
        pytest.param(
            amend(price=None, quantity=Decimal(2)), {"txid": TXID, "order_qty": "2"}, id="another total quantity"
        ),
        pytest.param(
            amend(order=evolve(RESTING, venue_order_id="")),
            {"cl_ord_id": CLIENT_ID, "limit_price": "27400"},
            id="named by our id",
        ),
    ],
)
def test_amends_carry_a_deadline_too(operation: AmendOrder, fields: dict[str, str]) -> None:
    assert told(operation) == ("AmendOrder", {**fields, "deadline": DEADLINE})


def test_a_stop_at_market_has_no_limit_price_to_change() -> None:
    assert refused(amend(order=evolve(RESTING, order_type=OrderType.STOP_MARKET))).kind is Kind.NOT_SUPPORTED


def test_an_accepted_amend_has_the_new_terms_and_awaits_the_engine() -> None:
    amended = parse(amend(), result({"amend_id": "TTW6PD-RC36L-ZZSWNU"}))
    assert amended == evolve(RESTING, price=Decimal(27400), status=OrderStatus.PENDING_NEW)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("EOrder:Unknown order", Kind.ORDER_NOT_FOUND, id="no such order"),
        pytest.param("EOrder:No amendable parameters specified", Kind.NO_CHANGE, id="nothing to change"),
        pytest.param("EOrder:Post only order", Kind.WOULD_TAKE, id="it would take"),
    ],
)
def test_refused_amends(text: str, kind: Kind) -> None:
    assert failure(amend(), errors(text)).kind is kind


# --- cancel

CANCEL = CancelOrder(instrument=BTC_USD, venue_order_id=TXID, client_order_id=CLIENT_ID)


def test_the_venues_id_wins() -> None:
    assert told(CANCEL) == ("CancelOrder", {"txid": TXID})
    assert told(evolve(CANCEL, venue_order_id=None)) == ("CancelOrder", {"cl_ord_id": CLIENT_ID})


@pytest.mark.parametrize("id_", ["17", "-1", "A-B,C-D", "OU22CG", "A-B\n"])
def test_what_would_name_other_orders_is_refused(id_: str) -> None:
    error = refused(evolve(CANCEL, venue_order_id=id_))
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


def test_a_cancel_needs_a_name() -> None:
    assert refused(evolve(CANCEL, venue_order_id=None, client_order_id=None)).kind is Kind.NOT_SUPPORTED


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param({"count": 1, "pending": False}, OrderStatus.CANCELED, id="done"),
        pytest.param({"count": 1}, OrderStatus.CANCELED, id="done, without a word on pending"),
        pytest.param({"count": 1, "pending": True}, OrderStatus.PENDING_CANCEL, id="accepted but not done"),
        pytest.param({"count": 0, "pending": True}, OrderStatus.PENDING_CANCEL, id="accepted and not counted yet"),
    ],
)
def test_a_cancel(content: object, status: OrderStatus) -> None:
    order = parse(CANCEL, result(content))
    assert (order.status, order.venue_order_id, order.side) == (status, TXID, None)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("EOrder:Unknown order", id="filled or cancelled before"),
        pytest.param("EOrder:Invalid order", id="never minted, or gone"),
    ],
)
def test_an_order_that_is_gone(text: str) -> None:
    assert failure(CANCEL, errors(text)).kind is Kind.ORDER_NOT_FOUND


def test_a_cancel_that_counts_nothing_found_nothing() -> None:
    assert failure(CANCEL, result({"count": 0})).kind is Kind.ORDER_NOT_FOUND


def test_the_recorded_cancel_is_read() -> None:
    assert parse(CANCEL, recorded("Trading", "CancelOrder.json")).status is OrderStatus.CANCELED


def test_several_cancels_go_together_by_the_venues_ids() -> None:
    together = CancelTogether(cancels=(CANCEL, evolve(CANCEL, venue_order_id="O5KZFT-GH3AD-LP6TLU")))
    assert told_json(together) == ("CancelOrderBatch", {"orders": [TXID, "O5KZFT-GH3AD-LP6TLU"]})
    assert [item.status for item in parse(together, result({"count": 2})) if isinstance(item, Order)] == [
        OrderStatus.PENDING_CANCEL,
        OrderStatus.PENDING_CANCEL,
    ]


def test_cancels_of_which_some_are_missing_tell_only_that() -> None:
    error = failure(CancelTogether(cancels=(CANCEL, CANCEL)), recorded("Trading", "CancelMultipleOrders.json"))
    assert (error.kind, error.message) == (Kind.ORDER_NOT_FOUND, "the answer counts 1 of 2 orders")


def test_everything_goes_at_once() -> None:
    everything = CancelEverything()
    assert told(everything) == ("CancelAll", {})
    parse(everything, recorded("Trading", "CancelAllOrders.json"))
    assert [charge.bucket for charge in charged(everything)] == ["nonces", "calls"]
