from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bitzoom.venue import BTC, LISTING, parse, refused, sent, walk
from unified.account import MarginMode
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import (
    CancelAll,
    CancelOrder,
    FetchClosedOrders,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    Page,
    PlaceOrder,
)
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified_bitzoom.orders import CancelByGuide, CancelBySpec, FetchClosedOf, FetchOpenOf

LINEAR = Product.LINEAR


def order(**terms: Any) -> PlaceOrder:
    usual = {"instrument": BTC, "side": Side.BUY, "quantity": Decimal("0.010"), "client_order_id": "a-1"}
    return PlaceOrder(**{**usual, **terms})


SAID = {"symbol": "BTCUSDT", "side": "BUY", "clientOrderId": "a-1", "quantity": "0.010"}


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        pytest.param(
            order(price=Decimal("7.10")), {"type": "LIMIT", "price": "7.10", "timeInForce": "GTC"}, id="limit"
        ),
        pytest.param(
            order(price=Decimal(7), post_only=True), {"type": "LIMIT", "price": "7", "timeInForce": "GTX"}, id="maker"
        ),
        pytest.param(
            order(price=Decimal(7), time_in_force=TimeInForce.IOC),
            {"type": "LIMIT", "price": "7", "timeInForce": "IOC"},
            id="for now",
        ),
        pytest.param(order(order_type=OrderType.MARKET), {"type": "MARKET"}, id="market"),
        pytest.param(
            order(order_type=OrderType.MARKET, reduce_only=True), {"type": "MARKET", "reduceOnly": True}, id="reducing"
        ),
        pytest.param(
            order(order_type=OrderType.MARKET, position_side=PositionSide.LONG),
            {"type": "MARKET", "positionSide": "LONG"},
            id="hedged",
        ),
        pytest.param(
            order(order_type=OrderType.STOP_MARKET, stop_price=Decimal(8)),
            {"type": "STOP_MARKET", "stopPrice": "8"},
            id="the stop of a loss",
        ),
        pytest.param(
            order(order_type=OrderType.STOP_LIMIT, stop_price=Decimal(6), price=Decimal(7), trigger=Trigger.FALLS),
            {"type": "TAKE_PROFIT", "stopPrice": "6", "price": "7", "timeInForce": "GTC"},
            id="a profit",
        ),
    ],
)
def test_each_kind_of_order_is_said_in_the_venues_words(operation: PlaceOrder, said: dict[str, Any]) -> None:
    assert sent(operation) == ("POST /api/v1/order", {**SAID, **said})


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(order(order_type=OrderType.MARKET, quantity=None, quote_quantity=Decimal(7)), id="by amount"),
        pytest.param(order(price=Decimal(7), time_in_force=TimeInForce.GTD), id="good till a date"),
        pytest.param(order(price=Decimal(7), post_only=True, time_in_force=TimeInForce.FOK), id="maker for now"),
        pytest.param(order(price=Decimal(7), margin_mode=MarginMode.CROSS), id="a margin mode"),
        pytest.param(order(price=Decimal(7), reduce_only=True, position_side=PositionSide.LONG), id="opens"),
    ],
)
def test_what_the_venue_cannot_express_never_leaves(operation: PlaceOrder) -> None:
    assert (refused(operation).kind, refused(operation).outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


def test_the_documented_answer_to_a_placement_is_read() -> None:
    row = {"orderId": 123456789, "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "price": "50000.00"}
    placed = parse(order(), {**row, "quantity": "0.001", "status": "NEW", "createTime": 1763680000000})
    assert (placed.venue_order_id, placed.status, placed.client_order_id) == ("123456789", OrderStatus.NEW, "a-1")
    assert placed.created_at == datetime(2025, 11, 20, 23, 6, 40, tzinfo=UTC)


def test_what_a_placement_does_not_tell_of_fills_is_not_taken_for_nothing() -> None:
    row = {"orderId": 1, "symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    filled = parse(order(), {**row, "status": "FILLED"})
    assert (filled.status, filled.filled_quantity) == (OrderStatus.FILLED, Decimal("0.010"))
    assert parse(order(), {**row, "status": "EXPIRED"}).status is OrderStatus.PENDING_NEW
    assert parse(order(), {**row, "status": "EXPIRED", "executedQty": "0.002"}).status is OrderStatus.EXPIRED


# --- cancel


def refusal(kind: Kind) -> VenueError:
    return VenueError.of(Fault(kind=kind))


def test_a_cancel_asks_the_other_address_only_where_the_first_does_not_exist() -> None:
    wanted = CancelOrder(instrument=BTC, venue_order_id="7")
    done = Order(instrument=BTC, venue_order_id="7", status=OrderStatus.CANCELED)
    asked, _ = walk(wanted, [done])
    assert [type(step) for step in asked] == [CancelBySpec]
    asked, canceled = walk(wanted, [refusal(Kind.NOT_SUPPORTED), done])
    assert [type(step) for step in asked] == [CancelBySpec, CancelByGuide]
    assert canceled == done
    with pytest.raises(VenueError):
        walk(wanted, [refusal(Kind.ORDER_NOT_FOUND)])


def test_a_cancel_names_the_order_by_a_number_or_by_our_id() -> None:
    by_venue = CancelBySpec(instrument=BTC, venue_order_id="7", client_order_id="a-1")
    assert sent(by_venue) == ("DELETE /api/v1/deleteorder", {"symbol": "BTCUSDT", "orderId": 7})
    by_client = CancelByGuide(instrument=BTC, client_order_id="a-1")
    assert sent(by_client) == ("DELETE /api/v1/order", {"symbol": "BTCUSDT", "origClientOrderId": "a-1"})
    assert refused(CancelBySpec(instrument=BTC)).outcome is Outcome.NOT_SENT
    assert parse(by_venue, None).status is OrderStatus.CANCELED


def resting(id_: str, name: str = "") -> Order:
    return Order(
        instrument=BTC,
        venue_order_id=id_,
        client_order_id=name or None,
        status=OrderStatus.NEW,
        created_at=datetime(2025, 11, 20, tzinfo=UTC),
    )


def test_all_are_canceled_one_by_one_and_an_order_that_is_gone_is_fine() -> None:
    found = Page(items=(resting("1"), resting("2")))
    asked, _ = walk(CancelAll(product=LINEAR, listing=LISTING), [found, refusal(Kind.ORDER_CLOSED), resting("2")])
    assert [type(step) for step in asked] == [FetchOpenOrders, CancelOrder, CancelOrder]
    with pytest.raises(VenueError) as raised:
        walk(CancelAll(product=LINEAR, listing=LISTING), [found, refusal(Kind.VENUE_FAULT), resting("2")])
    assert raised.value.kind is Kind.VENUE_FAULT


# --- one order


def test_an_order_is_looked_for_among_open_ones_and_then_in_the_history() -> None:
    wanted = FetchOrder(instrument=BTC, client_order_id="a-1")
    asked, order = walk(wanted, [(resting("1"), resting("2", "a-1"))])
    assert [type(step) for step in asked] == [FetchOpenOf]
    assert order.venue_order_id == "2"
    page = tuple(resting(str(number)) for number in range(100))
    asked, order = walk(wanted, [(), page, (resting("500", "a-1"),)])
    assert [getattr(step, "page", None) for step in asked] == [None, 1, 2]
    assert order.venue_order_id == "500"


def test_an_order_that_is_shown_nowhere_is_not_found_and_the_hint_says_what_that_is_worth() -> None:
    with pytest.raises(VenueError) as raised:
        walk(FetchOrder(instrument=BTC, client_order_id="a-1"), [(), (resting("1"),)])
    assert raised.value.kind is Kind.ORDER_NOT_FOUND
    assert "proves nothing" in raised.value.hint


def test_the_history_is_left_where_it_is_older_than_the_order_can_be() -> None:
    since = datetime(2025, 11, 21, tzinfo=UTC)
    page = tuple(resting(str(number)) for number in range(100))
    with pytest.raises(VenueError):
        walk(FetchOrder(instrument=BTC, client_order_id="a-1", since=since), [(), page])


def test_the_pages_of_one_instrument_hold_no_other() -> None:
    assert sent(FetchOpenOf(instrument=BTC)) == ("GET /api/v1/openorders", {"symbol": "BTCUSDT"})
    page = FetchClosedOf(instrument=BTC, page=3)
    assert sent(page) == ("GET /api/v1/historyorder", {"symbol": "BTCUSDT", "page": "3", "limit": "100"})
    row = {"order_id": 1, "symbol": "BTCUSDT", "side": "buy", "type": "limit", "status": "filled", "orig_qty": "1"}
    assert len(parse(page, {"total": 2, "rows": [row, {**row, "symbol": "ETHUSDT"}]})) == 1


# --- lists


ROW = {"order_id": 1, "symbol": "BTCUSDT", "side": "buy", "type": "limit", "orig_qty": "1", "status": "filled"}


def test_closed_orders_and_fills_are_paged_by_number() -> None:
    start, end = datetime(2025, 11, 20, tzinfo=UTC), datetime(2025, 11, 21, tzinfo=UTC)
    closed = FetchClosedOrders(product=LINEAR, listing=LISTING, start=start, end=end, limit=2)
    assert sent(closed)[1] == {"page": "1", "limit": "2", "starttime": "1763596800000", "endtime": "1763683199999"}
    page = parse(closed, {"total": 9, "rows": [ROW, {**ROW, "status": "new"}]})
    assert ([one.status for one in page.items], page.cursor) == ([OrderStatus.FILLED], "2")
    assert parse(closed, {"total": 9, "rows": [ROW]}).cursor is None
    assert refused(FetchClosedOrders(product=LINEAR, listing=LISTING, cursor="x")).kind is Kind.NOT_SUPPORTED


def test_fills_of_one_order_are_picked_out() -> None:
    row = {"tradeId": 5, "orderId": 1, "symbol": "BTCUSDT", "side": "sell", "price": "7", "quantity": "1", "time": 1000}
    rows = [row, {**row, "tradeId": 6, "orderId": 2}]
    page = parse(FetchFills(product=LINEAR, listing=LISTING, venue_order_id="2"), rows)
    assert [fill.trade_id for fill in page.items] == ["6"]


def test_open_orders_are_named_by_the_listing() -> None:
    page = parse(FetchOpenOrders(product=LINEAR, listing=LISTING), [{**ROW, "symbol": "ETHUSDT", "status": "NEW"}])
    assert page.items[0].instrument.base == "ETH"
