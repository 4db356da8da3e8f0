from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.binance.venue import LISTING, SPOT, charged, instrument, parse, refused, sent, walk
from unified.account import VenueTime
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import FetchClosedOrders, FetchFills, FetchServerTime, Page
from unified.wire import milliseconds
from unified_binance_dialect.history import FetchClosedResting, FetchFillPage

START, END = datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 11, 3, 12, tzinfo=UTC)
START_MS, END_MS = milliseconds(START), milliseconds(END)
DAY_MS = 86_400_000


def closed(**terms: Any) -> FetchClosedResting:
    return FetchClosedResting(**{"instrument": SPOT, "listing": LISTING, **terms})


def fills(**terms: Any) -> FetchFillPage:
    return FetchFillPage(**{"instrument": SPOT, "listing": LISTING, **terms})


def order_row(id_: int, time_ms: int, status: str = "FILLED") -> dict[str, Any]:
    row = {"symbol": "BTCUSDT", "orderId": id_, "status": status, "executedQty": "1", "type": "LIMIT", "side": "BUY"}
    return {**row, "time": time_ms, "timeInForce": "GTC", "price": "1", "origQty": "1"}


def fill_row(id_: int, time_ms: int) -> dict[str, Any]:
    row = {"symbol": "BTCUSDT", "id": id_, "orderId": 1, "price": "1", "qty": "1", "isBuyer": True, "isMaker": True}
    return {**row, "commission": "0", "commissionAsset": "BNB", "time": time_ms}


# --- one page


def test_without_a_start_the_newest_rows_are_asked_for_and_no_page_follows() -> None:
    assert sent(closed(limit=5)) == ("GET /api/v3/allOrders", {"symbol": "BTCUSDT", "limit": "5"})
    assert sent(fills(end=END))[1] == {"symbol": "BTCUSDT", "limit": "1000", "endTime": str(END_MS - 1)}
    assert parse(closed(limit=1), [order_row(1, START_MS)]).cursor is None


@pytest.mark.parametrize(
    ("operation", "path", "window", "weight"),
    [
        pytest.param(closed, "GET /api/v3/allOrders", DAY_MS, ("weight_spot", 20), id="spot orders by the day"),
        pytest.param(fills, "GET /api/v3/myTrades", DAY_MS, ("weight_spot", 20), id="spot fills by the day"),
    ],
)
def test_a_walk_begins_with_the_first_window(operation: Any, path: str, window: int, weight: tuple[str, int]) -> None:
    asked = operation(start=START, end=END)
    window_end = str(START_MS + window - 1)
    times = {"startTime": str(START_MS), "endTime": window_end}
    assert sent(asked) == (path, {"symbol": "BTCUSDT", "limit": "1000", **times})
    assert charged(asked)[weight[0]] == weight[1]


def test_a_window_that_is_not_full_leads_to_the_next() -> None:
    page = parse(closed(start=START, end=END), [order_row(1, START_MS)])
    assert page.cursor == f"t{START_MS + DAY_MS}-{END_MS}"
    following = closed(start=START, end=END, cursor=page.cursor)
    assert sent(following)[1]["startTime"] == str(START_MS + DAY_MS)


def test_the_last_window_ends_the_walk() -> None:
    last = closed(start=START, end=END, cursor=f"t{START_MS + 2 * DAY_MS}-{END_MS}")
    assert parse(last, []).cursor is None


def test_a_full_page_is_followed_by_id() -> None:
    page = parse(closed(start=START, end=END, limit=2), [order_row(8, START_MS), order_row(9, START_MS + 1)])
    assert page.cursor == f"i10-{END_MS}"
    following = closed(start=START, end=END, limit=2, cursor=page.cursor)
    assert sent(following)[1] == {"symbol": "BTCUSDT", "limit": "2", "orderId": "10"}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([order_row(10, START_MS)], id="the list is at its end"),
        pytest.param([order_row(10, START_MS), order_row(11, END_MS)], id="the rows have passed the end of the walk"),
    ],
)
def test_a_walk_by_id_ends(rows: list[object]) -> None:
    page = parse(closed(start=START, end=END, limit=2, cursor=f"i10-{END_MS}"), rows)
    assert page.cursor is None
    assert [order.venue_order_id for order in page.items] == ["10"]


def test_open_orders_and_those_of_another_time_are_left_out() -> None:
    rows = [
        order_row(1, START_MS - 1),
        order_row(2, START_MS, "NEW"),
        order_row(3, START_MS, "CANCELED"),
        order_row(4, END_MS),
    ]
    assert [order.venue_order_id for order in parse(closed(start=START, end=END), rows).items] == ["3"]


def test_the_fills_of_one_order_need_no_window() -> None:
    operation = fills(venue_order_id="28", limit=1)
    assert sent(operation)[1] == {"symbol": "BTCUSDT", "orderId": "28", "limit": "1"}
    assert charged(operation)["weight_spot"] == 5
    page = parse(operation, [fill_row(56, START_MS)])
    assert page.items[0].price == Decimal(1)
    following = fills(venue_order_id="28", limit=1, cursor=page.cursor)
    assert sent(following)[1] == {"symbol": "BTCUSDT", "orderId": "28", "limit": "1", "fromId": "57"}
    assert parse(following, []).cursor is None


def test_a_list_of_all_symbols_does_not_exist() -> None:
    assert refused(FetchClosedResting(listing=LISTING)).outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("cursor", ["x1-2", "t1", "t1-", "i-2", "t1-2-3", f"t{'9' * 50}-2", "ta-2"])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    assert refused(closed(start=START, cursor=cursor)).kind is Kind.NOT_SUPPORTED


# --- walks


def test_a_walk_without_an_end_ends_now_by_the_venues_clock() -> None:
    operation = FetchClosedOrders(instrument=SPOT, listing=LISTING, start=START)
    asked, page = walk(operation, [VenueTime(time_us=END_MS * 1000, unit_us=1000), Page(items=(), cursor="t5-9")])
    assert asked == [FetchServerTime(), closed(start=START, end=END)]
    assert page.cursor == "0:t5-9"


def test_a_walk_goes_on_where_its_cursor_says() -> None:
    operation = FetchFills(instrument=SPOT, listing=LISTING, start=START, cursor="0:i7-9")
    asked, page = walk(operation, [Page(items=())])
    assert asked == [fills(start=START, cursor="i7-9")]
    assert page.cursor is None


@pytest.mark.parametrize("cursor", ["2:", "x", "-1:t1-2"])
def test_a_walk_does_not_begin_at_a_strange_cursor(cursor: str) -> None:
    with pytest.raises(VenueError) as raised:
        walk(FetchClosedOrders(instrument=SPOT, listing=LISTING, cursor=cursor), [])
    assert raised.value.outcome is Outcome.NOT_SENT


def venue_page(rows: list[dict[str, Any]], asked: dict[str, str]) -> list[dict[str, Any]]:
    """What the venue documents: rows of a window, or from an id on; the oldest first."""
    if "fromId" in asked:
        found: Iterator[dict[str, Any]] = (row for row in rows if row["id"] >= int(asked["fromId"]))
    else:
        first, last = int(asked["startTime"]), int(asked["endTime"])
        assert last - first < DAY_MS
        found = (row for row in rows if first <= row["time"] <= last)
    return sorted(found, key=lambda row: int(row["id"]))[: int(asked["limit"])]


@given(
    times=st.lists(st.integers(0, 4 * DAY_MS), max_size=30).map(sorted),
    limit=st.integers(1, 7),
    days=st.integers(1, 4),
)
def test_a_walk_sees_every_fill_of_its_time_once(times: list[int], limit: int, days: int) -> None:
    rows = [fill_row(number, START_MS + time) for number, time in enumerate(times, 1)]
    end = START + timedelta(days=days)
    operation: FetchFillPage | None = fills(start=START, end=end, limit=limit)
    seen: list[str] = []
    while operation is not None:
        page = parse(operation, venue_page(rows, sent(operation)[1]))
        seen += [fill.trade_id for fill in page.items]
        operation = None if page.cursor is None else fills(start=START, end=end, limit=limit, cursor=page.cursor)
    assert seen == [str(row["id"]) for row in rows if row["time"] < milliseconds(end)]


def test_rows_of_another_instrument_are_named_by_the_listing() -> None:
    page = parse(fills(instrument=instrument(Product.SPOT, "ETH")), [fill_row(1, START_MS)])
    assert page.items[0].instrument.base == "BTC"
