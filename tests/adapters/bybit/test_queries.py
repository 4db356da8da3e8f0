from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.bybit.venue import (
    ETHER,
    LISTING,
    PERPETUAL,
    SPOT,
    answer,
    asked,
    failure,
    listed,
    order_row,
    parse,
    recorded,
    refused,
    walk,
)
from tests.adapters.calls import refusal
from unified.account import VenueTime
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instrument, Instruments, Product, unlisted
from unified.operations import FetchClosedOrders, FetchFills, FetchOpenOrders, FetchOrder, FetchServerTime, Page
from unified.order import Commission, Fill, Liquidity, OrderStatus, Side
from unified_bybit.order_rows import order_of
from unified_bybit.queries import FetchClosedPage, FetchFiledOrder, FetchFillPage, FetchRecentOrder

D = Decimal
LINEAR = Product.LINEAR
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def ms(when: datetime) -> int:
    return int(when.timestamp()) * 1000


# --- one order

WANTED = FetchOrder(instrument=SPOT, client_order_id="b15", since=NOW)
RECENT = FetchRecentOrder(instrument=SPOT, client_order_id="b15")
FILED = FetchFiledOrder(instrument=SPOT, client_order_id="b15")
MISSING = refusal(Kind.ORDER_NOT_FOUND)
SEEN = order_of(SPOT, order_row())


def test_an_order_that_is_open_takes_one_question() -> None:
    assert walk(WANTED, [SEEN]) == ([RECENT], SEEN)


def test_an_order_that_the_venue_has_filed_takes_two() -> None:
    assert walk(WANTED, [MISSING, SEEN]) == ([RECENT, FILED], SEEN)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        pytest.param([MISSING, MISSING], Kind.ORDER_NOT_FOUND, id="it is in neither list"),
        pytest.param([refusal(Kind.VENUE_FAULT)], Kind.VENUE_FAULT, id="the first list says nothing"),
        pytest.param([MISSING, refusal(Kind.VENUE_TIMEOUT)], Kind.VENUE_TIMEOUT, id="the second list says nothing"),
    ],
)
def test_only_two_empty_lists_mean_absence(answers: list[VenueError], kind: Kind) -> None:
    with pytest.raises(VenueError) as caught:
        walk(WANTED, answers)
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("operation", "line", "named"),
    [
        pytest.param(RECENT, "GET /v5/order/realtime", {"orderLinkId": "b15"}, id="by our id"),
        pytest.param(FILED, "GET /v5/order/history", {"orderLinkId": "b15"}, id="in the history"),
        pytest.param(
            FetchRecentOrder(instrument=SPOT, venue_order_id="7", client_order_id="b15"),
            "GET /v5/order/realtime",
            {"orderId": "7"},
            id="the venue's id wins",
        ),
    ],
)
def test_one_order_is_asked_for_by_either_id(operation: FetchOrder, line: str, named: dict[str, str]) -> None:
    assert asked(operation) == (line, {"category": "spot", "symbol": "BTCUSDT", **named})


def test_an_empty_list_is_no_such_order() -> None:
    error = failure(RECENT, listed())
    assert (error.kind, error.outcome) == (Kind.ORDER_NOT_FOUND, Outcome.REJECTED)


def test_the_recorded_orders() -> None:
    refused_order = parse(FILED, recorded("Trading", "GetOrderHistory.json"))
    assert (refused_order.status, str(refused_order.quantity)) == (OrderStatus.REJECTED, "0.003")
    (resting,) = parse(FetchOpenOrders(product=LINEAR, listing=LISTING), recorded("Trading", "GetOrders.json")).items
    assert (resting.instrument, str(resting.price), str(resting.quantity)) == (ETHER, "1600.00", "0.10")


# --- open orders


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        pytest.param(FetchOpenOrders(listing=LISTING), {"category": "spot"}, id="all of spot"),
        pytest.param(
            FetchOpenOrders(product=LINEAR, listing=LISTING),
            {"category": "linear", "settleCoin": "USDT"},
            id="linear wants a bound",
        ),
        pytest.param(
            FetchOpenOrders(product=LINEAR, instrument=ETHER, listing=LISTING, cursor="page_args%3D1%26"),
            {"category": "linear", "symbol": "ETHUSDT", "cursor": "page_args=1&"},
            id="the next page of one instrument",
        ),
    ],
)
def test_open_orders_are_asked_for_by_page(operation: FetchOpenOrders, parameters: dict[str, str]) -> None:
    assert asked(operation) == ("GET /v5/order/realtime", {**parameters, "openOnly": "0", "limit": "50"})


def test_open_orders_come_oldest_first_and_closed_ones_are_left_out() -> None:
    rows = (order_row(orderId="3"), order_row(orderId="2", orderStatus="Filled"), order_row(orderId="1"))
    page = parse(FetchOpenOrders(listing=LISTING), listed(*rows, cursor="more"))
    assert [order.venue_order_id for order in page.items] == ["1", "3"]
    assert page.cursor == "more"


def test_a_dated_future_is_no_perpetual() -> None:
    page = parse(FetchOpenOrders(product=LINEAR, listing=LISTING), listed(order_row(symbol="BTC-26DEC26")))
    assert page.items == ()


# --- weeks


def closed(**terms: Any) -> FetchClosedPage:
    return FetchClosedPage(listing=LISTING, **terms)


def fills(**terms: Any) -> FetchFillPage:
    return FetchFillPage(listing=LISTING, **terms)


@pytest.mark.parametrize(
    ("operation", "line", "parameters"),
    [
        pytest.param(closed(), "GET /v5/order/history", {"limit": "50"}, id="the newest orders"),
        pytest.param(
            closed(start=NOW, end=NOW + DAY, limit=20),
            "GET /v5/order/history",
            {"limit": "20", "startTime": str(ms(NOW)), "endTime": str(ms(NOW + DAY) - 1)},
            id="less than a week",
        ),
        pytest.param(
            closed(start=NOW, end=NOW + 30 * DAY, instrument=SPOT),
            "GET /v5/order/history",
            {
                "symbol": "BTCUSDT",
                "limit": "50",
                "startTime": str(ms(NOW)),
                "endTime": str(ms(NOW + 7 * DAY) - 1),
            },
            id="the first week of several",
        ),
        pytest.param(
            closed(end=NOW),
            "GET /v5/order/history",
            {"limit": "50", "startTime": str(ms(NOW - 7 * DAY)), "endTime": str(ms(NOW) - 1)},
            id="the week before a moment",
        ),
        pytest.param(
            closed(cursor=f"{ms(NOW)}:{ms(NOW + DAY)}:page%3A2"),
            "GET /v5/order/history",
            {"limit": "50", "startTime": str(ms(NOW)), "endTime": str(ms(NOW + DAY) - 1), "cursor": "page:2"},
            id="the next page of a week",
        ),
        pytest.param(fills(limit=1000), "GET /v5/execution/list", {"execType": "Trade", "limit": "100"}, id="fills"),
        pytest.param(
            fills(venue_order_id="7", start=NOW, end=NOW + DAY, cursor="::p%3A2"),
            "GET /v5/execution/list",
            {"orderId": "7", "limit": "100", "cursor": "p:2"},
            id="fills of one order know no time",
        ),
    ],
)
def test_pages_of_weeks(operation: Any, line: str, parameters: dict[str, str]) -> None:
    assert asked(operation) == (line, {"category": "spot", **parameters})


@pytest.mark.parametrize("cursor", ["", "1", "1:2", "a:b:c", "1::x", f"{'9' * 30}:1:"])
def test_a_cursor_of_another_list_is_not_sent(cursor: str) -> None:
    assert refused(closed(cursor=cursor)).kind is Kind.NOT_SUPPORTED
    assert refused(fills(cursor=cursor)).kind is Kind.NOT_SUPPORTED


@given(st.integers(1, 60 * 24), st.lists(st.integers(0, 2), max_size=12))
def test_weeks_touch_and_every_page_of_each_is_read(hours: int, pages: list[int]) -> None:
    end = NOW + timedelta(hours=hours)
    cursor, covered, left = None, ms(NOW), list(pages)
    while True:
        operation = closed(start=NOW, end=end, cursor=cursor)
        parameters = asked(operation)[1]
        assert int(parameters["startTime"]) == covered
        assert 0 < int(parameters["endTime"]) + 1 - covered <= 7 * 86_400_000
        more = left.pop() if left else 0
        given_ = listed(order_row(), cursor="next") if more else listed()
        cursor = parse(operation, given_).cursor
        if cursor is None:
            break
        if not more:
            covered = int(parameters["endTime"]) + 1
    assert int(parameters["endTime"]) + 1 == ms(end)


def test_closed_orders_are_final_and_lie_within_the_time() -> None:
    created = ms(NOW)
    rows = (
        order_row(orderId="4", orderStatus="Filled", createdTime=str(created + 10)),
        order_row(orderId="3", orderStatus="Cancelled", createdTime=str(created)),
        order_row(orderId="2", orderStatus="New", createdTime=str(created)),
        order_row(orderId="1", orderStatus="Filled", createdTime=str(created - 1)),
    )
    page = parse(closed(start=NOW, end=NOW + timedelta(milliseconds=10)), listed(*rows))
    assert [order.venue_order_id for order in page.items] == ["3"]


@pytest.mark.parametrize("whole", [FetchClosedOrders, FetchFills])
def test_a_walk_without_an_end_stops_now(whole: Any) -> None:
    now = VenueTime(time_us=ms(NOW) * 1000, unit_us=1000)
    page: Page[Any] = Page(items=())
    steps, answered = walk(whole(listing=LISTING, start=NOW - DAY), [now, page])
    assert steps[0] == FetchServerTime()
    assert getattr(steps[1], "end", None) == NOW + timedelta(milliseconds=1)
    assert answered is page


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(FetchClosedOrders(listing=LISTING, start=NOW - DAY, end=NOW, limit=7), id="closed orders"),
        pytest.param(FetchClosedOrders(listing=LISTING), id="the newest"),
        pytest.param(FetchFills(listing=LISTING, start=NOW, cursor="1:2:"), id="where a walk goes on"),
        pytest.param(FetchFills(listing=LISTING, start=NOW, venue_order_id="7"), id="fills of one order"),
    ],
)
def test_other_walks_take_one_question(operation: Any) -> None:
    page: Page[Any] = Page(items=())
    (step,), answered = walk(operation, [page])
    assert isinstance(step, FetchClosedPage | FetchFillPage)
    assert (step.start, step.end, step.limit, step.cursor) == (
        operation.start,
        operation.end,
        operation.limit,
        operation.cursor,
    )
    assert answered is page


def test_an_empty_stretch_of_time_needs_no_question() -> None:
    assert walk(FetchClosedOrders(listing=LISTING, start=NOW, end=NOW), []) == ([], Page(items=()))


# --- fills

FILL = {
    "symbol": "BTCUSDT",
    "orderId": "8c065341",
    "orderLinkId": "",
    "side": "Buy",
    "execId": "e0cbe81d",
    "execPrice": "1190.15",
    "execQty": "0.1",
    "execFee": "0.071409",
    "feeRate": "0.0006",
    "feeCurrency": "",
    "execType": "Trade",
    "execTime": "1672282722429",
    "isMaker": False,
}


def test_a_fill() -> None:
    (fill,) = parse(fills(product=LINEAR), listed(FILL)).items
    assert fill == Fill(
        instrument=PERPETUAL,
        trade_id="e0cbe81d",
        venue_order_id="8c065341",
        side=Side.BUY,
        price=D("1190.15"),
        quantity=D("0.1"),
        commission=Commission(currency="USDT", amount=D("0.071409")),
        liquidity=Liquidity.TAKER,
        time=datetime(2022, 12, 29, 2, 58, 42, 429000, UTC),
    )


@pytest.mark.parametrize("kind", ["Funding", "AdlTrade", "BustTrade", "Settle", "Delivery", "CorporateAction", ""])
def test_other_rows_are_no_fills(kind: str) -> None:
    assert parse(fills(), listed({**FILL, "execType": kind})).items == ()


@pytest.mark.parametrize(
    ("instrument", "changes", "currency"),
    [
        pytest.param(SPOT, {}, "BTC", id="a spot buy pays in what it receives"),
        pytest.param(SPOT, {"side": "Sell"}, "USDT", id="a spot sell too"),
        pytest.param(SPOT, {"isMaker": True}, "BTC", id="a maker who pays too"),
        pytest.param(SPOT, {"isMaker": True, "feeRate": "-0.0001"}, "USDT", id="a rebate is the other way round"),
        pytest.param(SPOT, {"isMaker": True, "feeRate": "", "execFee": "-1"}, "USDT", id="a rebate by its amount"),
        pytest.param(SPOT, {"feeCurrency": "MNT"}, "MNT", id="the currency that is named"),
        pytest.param(PERPETUAL, {"side": "Sell"}, "USDT", id="linear pays in the settle currency"),
    ],
)
def test_the_currency_of_a_commission(instrument: Instrument, changes: dict[str, Any], currency: str) -> None:
    operation = fills(product=instrument.product)
    (fill,) = parse(operation, listed({**FILL, **changes})).items
    assert fill.commission is not None
    assert fill.commission.currency == currency


@pytest.mark.parametrize("changes", [{"symbol": "NEWUSDT"}, {"execFee": ""}], ids=["an unlisted pair", "no amount"])
def test_a_commission_that_is_not_told_is_none(changes: dict[str, str]) -> None:
    (fill,) = parse(fills(), listed({**FILL, **changes})).items
    assert fill.commission is None


def test_an_unlisted_spot_fill_is_not_lost() -> None:
    (fill,) = parse(fills(), listed({**FILL, "symbol": "NEWUSDT"})).items
    assert fill.instrument == unlisted("NEWUSDT", Product.SPOT)


def test_fills_of_one_order_are_walked_by_the_venues_cursor() -> None:
    operation = fills(venue_order_id="7")
    assert parse(operation, listed(FILL, cursor="132766%3A2")).cursor == "::132766%3A2"
    assert parse(operation, listed(FILL)).cursor is None


def test_the_recorded_fills() -> None:
    contract = Instrument(
        symbol="ETHPERP", product=LINEAR, base="ETH", quote="USDC", settle="USDC", tick_size=D(1), lot_size=D(1)
    )
    operation = FetchFillPage(product=LINEAR, listing=Instruments([contract]))
    page = parse(operation, recorded("Trading", "GetUserTrades.json"))
    assert [str(fill.price) for fill in page.items] == ["1190.15"]
    assert page.cursor == "::132766%3A2%2C132766%3A2"


def test_a_list_that_is_none_is_malformed() -> None:
    assert failure(fills(), answer({"list": None})).kind is Kind.MALFORMED_RESPONSE
