"""Orders of the reference adapter: what is said, and what is read from the answer."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.toy import BTC
from unified.errors import Kind, VenueError
from unified.instrument import Instruments
from unified.operations import CancelOrder, FetchClosedOrders, FetchFills, FetchOpenOrders, FetchOrder, PlaceOrder
from unified.order import OrderStatus, OrderType, Side, TimeInForce
from unified_paper import orders

ROW = {
    "id": 28457001,
    "client_order_id": "c1",
    "symbol": "BTCUSDT",
    "status": "partially_filled",
    "side": "buy",
    "type": "limit",
    "time_in_force": "gtc",
    "post_only": True,
    "quantity": "0.010",
    "price": "50000.00",
    "filled_quantity": "0.004",
    "average_price": "50000",
    "created_ms": 1_800_000_000_000,
    "updated_ms": 1_800_000_000_500,
    "refusal": "",
}


def test_an_order_is_read_digit_for_digit() -> None:
    order = orders.parse_order(FetchOrder(instrument=BTC), ROW)
    assert (order.venue_order_id, order.status) == ("28457001", OrderStatus.PARTIALLY_FILLED)
    assert (str(order.quantity), str(order.price), order.remaining_quantity) == ("0.010", "50000.00", Decimal("0.006"))
    assert order.created_at == datetime.fromtimestamp(1_800_000_000, UTC)


def test_a_late_refusal_has_its_kind() -> None:
    order = orders.parse_order(FetchOrder(instrument=BTC), {**ROW, "status": "rejected", "refusal": "would_take"})
    assert order.refusal is not None
    assert order.refusal.kind is Kind.WOULD_TAKE


def test_a_word_that_is_none_of_ours_is_malformed() -> None:
    with pytest.raises(VenueError) as caught:
        orders.parse_order(FetchOrder(instrument=BTC), {**ROW, "status": "thinking"})
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


def test_a_stop_says_on_which_side_it_waits() -> None:
    stop = PlaceOrder(
        instrument=BTC,
        side=Side.SELL,
        order_type=OrderType.STOP_MARKET,
        quantity=Decimal(1),
        stop_price=Decimal(40_000),
        client_order_id="c1",
    )
    assert orders.place(stop)["trigger"] == "falls"


def test_an_order_with_an_end_says_when() -> None:
    order = PlaceOrder(
        instrument=BTC,
        side=Side.BUY,
        quantity=Decimal(1),
        price=Decimal(1),
        time_in_force=TimeInForce.GTD,
        expires_at=datetime(2027, 1, 15, 8, tzinfo=UTC),
    )
    assert orders.place(order)["expires_ms"] == "1800000000000"


def test_the_venues_id_wins() -> None:
    assert orders.ids(CancelOrder(instrument=BTC, venue_order_id="1", client_order_id="c")) == {"id": "1"}
    assert orders.ids(CancelOrder(instrument=BTC, client_order_id="c")) == {"client_order_id": "c"}


def test_rows_of_symbols_that_the_listing_does_not_hold_are_kept() -> None:
    answer = {"orders": [ROW], "cursor": "100"}
    page = orders.parse_orders(FetchOpenOrders(listing=Instruments()), answer)
    assert (page.items[0].instrument.name, page.cursor) == ("BTCUSDT", "100")


def test_pages_are_asked_for_by_cursor_and_time() -> None:
    when = datetime.fromtimestamp(1_800_000_000, UTC)
    closed = FetchClosedOrders(listing=Instruments(), instrument=BTC, start=when, cursor="100")
    assert orders.page_query(closed) == {"symbol": "BTCUSDT", "cursor": "100", "start_ms": "1800000000000"}
    assert orders.page_query(FetchFills(listing=Instruments(), venue_order_id="9")) == {"id": "9"}


def test_the_end_of_an_order_is_read() -> None:
    order = orders.parse_order(FetchOrder(instrument=BTC), {**ROW, "expires_ms": 1_800_000_000_000})
    assert order.expires_at == datetime.fromtimestamp(1_800_000_000, UTC)
    assert orders.parse_order(FetchOrder(instrument=BTC), ROW).expires_at is None
