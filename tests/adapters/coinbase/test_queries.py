from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.calls import response
from tests.adapters.coinbase.venue import (
    BTC,
    BTC_USDC,
    LISTING,
    ORDER_ID,
    asked,
    failure,
    order_row,
    parse,
    recorded,
    refused,
)
from unified.errors import Kind, Outcome
from unified.instrument import Instruments, InstrumentStatus
from unified.operations import FetchClosedOrders, FetchFills
from unified.order import Commission, Fill, Liquidity, OrderStatus, Side
from unified_coinbase.queries import FetchById, FetchOrderList

START, END = datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 11, 20, 9, 30, 0, 500_000, tzinfo=UTC)
BATCH = "GET /orders/historical/batch"
ADVANCED = [("product_type", "SPOT"), ("order_placement_source", "RETAIL_ADVANCED")]


def orders(*rows: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "orders": list(rows),
        "sequence": "0",
        "has_next": False,
        "cursor": "",
        "proof_token_required": False,
    } | more


# --- one order


def test_one_order_by_the_venues_id() -> None:
    operation = FetchById(instrument=BTC, venue_order_id="a/b")
    assert asked(operation) == ("GET /orders/historical/a%2Fb", [])
    assert parse(FetchById(instrument=BTC, venue_order_id=ORDER_ID), {"order": order_row()}).side is Side.SELL


def test_an_order_that_is_not_there_or_of_another_instrument_is_not_found() -> None:
    words = "order with this orderID was not found"
    missing = response({"error": "unknown", "error_details": words, "message": words}, 404)
    operation = FetchById(instrument=BTC_USDC, venue_order_id=ORDER_ID)
    for answer in (missing, response({"order": order_row()})):
        error = failure(operation, answer)
        assert (error.kind, error.outcome) == (Kind.ORDER_NOT_FOUND, Outcome.REJECTED)


def test_an_order_is_not_asked_for_without_an_id() -> None:
    assert refused(FetchById(instrument=BTC)).kind is Kind.INVALID_REQUEST


def test_the_recorded_order_is_read() -> None:
    operation = FetchById(instrument=BTC, venue_order_id="0000-000000-000000")
    order = parse(operation, recorded("Trading", "GetOrder.json"))
    assert (order.client_order_id, order.status) == ("11111-000000-000000", OrderStatus.PENDING_CANCEL)
    assert (order.filled_quantity, order.average_price) == (Decimal("0.001"), Decimal(50))


# --- lists


def test_a_list_says_all_that_it_wants() -> None:
    operation = FetchOrderList(
        instrument=BTC, listing=LISTING, statuses=("PENDING", "QUEUED"), start=START, end=END, limit=20, cursor="c"
    )
    assert asked(operation) == (
        BATCH,
        [
            *ADVANCED,
            ("product_ids", "BTC-USD"),
            ("order_status", "PENDING"),
            ("order_status", "QUEUED"),
            ("start_date", "2026-11-20T08:00:00Z"),
            ("end_date", "2026-11-20T09:30:00.500000Z"),
            ("limit", "20"),
            ("cursor", "c"),
        ],
    )


def test_a_list_of_everything() -> None:
    assert asked(FetchOrderList(listing=LISTING)) == (BATCH, [*ADVANCED, ("limit", "250")])


@pytest.mark.parametrize(("limit", "size"), [(None, "250"), (1, "1"), (1000, "250")])
def test_a_page_is_never_longer_than_is_known_to_be_taken(limit: int | None, size: str) -> None:
    assert dict(asked(FetchOrderList(listing=LISTING, limit=limit))[1])["limit"] == size


def test_closed_orders_are_those_of_the_final_states() -> None:
    line, parameters = asked(FetchClosedOrders(instrument=BTC, listing=LISTING, start=START, limit=5, cursor="c"))
    assert line == BATCH
    assert [value for name, value in parameters if name == "order_status"] == [
        "FILLED",
        "CANCELLED",
        "EXPIRED",
        "FAILED",
    ]
    rest = {name: value for name, value in parameters if name not in ("order_status", *dict(ADVANCED))}
    assert rest == {"product_ids": "BTC-USD", "start_date": "2026-11-20T08:00:00Z", "limit": "5", "cursor": "c"}


def test_rows_about_spot_with_their_instruments() -> None:
    body = orders(
        order_row(),
        order_row(product_id="BTC-USDC"),
        order_row(product_id="BIT-24APR26-CDE", product_type="FUTURE"),
        order_row(product_id="NEW-USD"),
        order_row(product_type="UNKNOWN_PRODUCT_TYPE"),
    )
    found = [order.instrument for order in parse(FetchOrderList(listing=LISTING), body).items]
    assert [item.symbol for item in found] == ["BTC-USD", "BTC-USDC", "NEW-USD", "BTC-USD"]
    assert found[1] is BTC_USDC
    assert found[2].status is InstrumentStatus.UNLISTED


@pytest.mark.parametrize(
    ("more", "cursor"),
    [
        pytest.param({"has_next": True, "cursor": "789100"}, "789100", id="more to come"),
        pytest.param({"has_next": False, "cursor": "789100"}, None, id="the last page"),
        pytest.param({"has_next": True, "cursor": "c"}, None, id="a cursor that stands still"),
    ],
)
def test_the_next_page(more: dict[str, object], cursor: str | None) -> None:
    operation = FetchClosedOrders(listing=LISTING, cursor="c")
    assert parse(operation, orders(**more)).cursor == cursor


def test_of_a_list_only_the_order_of_an_id_is_read() -> None:
    others = [order_row(client_order_id="another"), order_row(client_order_id="a third", created_time="never")]
    body = orders(*others, order_row(client_order_id="mine"))
    (found,) = parse(FetchOrderList(listing=LISTING, client_order_id="mine"), body).items
    assert found.client_order_id == "mine"
    assert failure(FetchOrderList(listing=LISTING), body).kind is Kind.MALFORMED_RESPONSE, "control"


def test_a_list_that_is_withheld_is_an_error_and_not_an_empty_list() -> None:
    error = failure(FetchOrderList(listing=LISTING), orders(proof_token_required=True))
    assert (error.kind, error.code) == (Kind.PERMISSION_DENIED, "proof_token_required")


def test_the_recorded_list_is_read_with_numbers_that_are_no_text() -> None:
    (order,) = parse(FetchOrderList(listing=LISTING), recorded("Trading", "GetOrders.json")).items
    assert (order.venue_order_id, order.status) == ("0000-000000-000000", OrderStatus.PENDING_CANCEL)
    assert order.quantity == Decimal("0.001")


# --- fills


def fill_row(**changes: object) -> dict[str, Any]:
    return {
        "entry_id": "e1",
        "trade_id": "t1",
        "order_id": ORDER_ID,
        "trade_time": "2026-11-20T08:30:00.123456Z",
        "trade_type": "FILL",
        "price": "45123.45",
        "size": "0.005",
        "commission": "1.14",
        "product_id": "BTC-USD",
        "product_type": "SPOT",
        "liquidity_indicator": "MAKER",
        "size_in_quote": False,
        "side": "BUY",
        **changes,
    }


def fills(*rows: dict[str, Any], cursor: str = "") -> dict[str, Any]:
    return {"fills": list(rows), "cursor": cursor, "proof_token_required": False}


def test_fills_are_asked_for_with_a_minute_to_spare() -> None:
    operation = FetchFills(
        instrument=BTC, listing=LISTING, venue_order_id=ORDER_ID, start=START, end=END, limit=1000, cursor="c"
    )
    assert asked(operation) == (
        "GET /orders/historical/fills",
        [
            ("order_ids", ORDER_ID),
            ("product_ids", "BTC-USD"),
            ("start_sequence_timestamp", "2026-11-20T07:59:00Z"),
            ("end_sequence_timestamp", "2026-11-20T09:31:00.500000Z"),
            ("limit", "100"),
            ("cursor", "c"),
        ],
    )
    assert asked(FetchFills(listing=LISTING))[1] == [("limit", "100")]


def test_a_fill() -> None:
    page = parse(FetchFills(listing=LISTING), fills(fill_row(), cursor="789100"))
    assert page.cursor == "789100"
    assert page.items == (
        Fill(
            instrument=BTC,
            trade_id="e1",
            venue_order_id=ORDER_ID,
            side=Side.BUY,
            price=Decimal("45123.45"),
            quantity=Decimal("0.005"),
            commission=Commission(currency="USD", amount=Decimal("1.14")),
            liquidity=Liquidity.MAKER,
            time=datetime(2026, 11, 20, 8, 30, 0, 123456, tzinfo=UTC),
        ),
    )


def test_only_fills_within_the_range_are_kept() -> None:
    times = ("2026-11-20T07:59:59Z", "2026-11-20T08:00:00Z", "2026-11-20T09:30:00.5Z")
    body = fills(*(fill_row(entry_id=time, trade_time=time) for time in times))
    found = parse(FetchFills(listing=LISTING, start=START, end=END), body)
    assert [fill.trade_id for fill in found.items] == ["2026-11-20T08:00:00Z"]
    assert found.cursor is None


@pytest.mark.parametrize("kind", ["REVERSAL", "CORRECTION", "SYNTHETIC"])
def test_what_is_no_execution_is_left_out(kind: str) -> None:
    assert parse(FetchFills(listing=LISTING), fills(fill_row(trade_type=kind))).items == ()


def test_a_size_in_quote_units_becomes_base_units_of_the_lot() -> None:
    (fill,) = parse(FetchFills(listing=LISTING), fills(fill_row(size="10", price="3", size_in_quote=True))).items
    assert fill.quantity == Decimal("3.33333333")
    broken = fills(fill_row(size="10", price="0", size_in_quote=True))
    assert failure(FetchFills(listing=LISTING), broken).kind is Kind.MALFORMED_RESPONSE


def test_a_commission_without_a_known_currency_is_not_guessed() -> None:
    (fill,) = parse(FetchFills(listing=Instruments()), fills(fill_row())).items
    assert fill.commission is None
    (fill,) = parse(FetchFills(listing=LISTING), fills(fill_row(commission=""))).items
    assert fill.commission is None


def test_a_trade_id_stands_in_for_a_missing_entry() -> None:
    (fill,) = parse(FetchFills(listing=LISTING), fills(fill_row(entry_id=""))).items
    assert fill.trade_id == "t1"


def test_the_recorded_fills_are_read() -> None:
    page = parse(FetchFills(listing=LISTING), recorded("Trading", "GetUserTrades.json"))
    assert page.cursor == "789100"
    (fill,) = page.items
    assert (fill.price, fill.quantity) == (Decimal("10000.00"), Decimal("0.001"))
    assert fill.commission == Commission(currency="USD", amount=Decimal("1.25"))
    assert fill.liquidity is None
