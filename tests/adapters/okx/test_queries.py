from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.calls import Calls, response
from tests.adapters.okx.venue import (
    LISTING,
    SPOT,
    STAMP,
    SWAP,
    adapter,
    asked,
    failure,
    order_row,
    parse,
    recorded,
    refused,
    rows,
    stop_row,
)
from unified.errors import Kind
from unified.instrument import Instruments, Product
from unified.operations import FetchClosedOrders, FetchFills, FetchOpenOrders
from unified.order import Commission, Liquidity, OrderType, Side
from unified_okx.queries import FetchPlainOrder, FetchStop, holds_stops

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
YESTERDAY, LONG_AGO = NOW - timedelta(days=1), NOW - timedelta(days=30)
FILL = {
    "instType": "SPOT",
    "instId": "BTC-USDT",
    "tradeId": "744876980",
    "ordId": "680800019749904384",
    "clOrdId": "",
    "billId": "680800019754098688",
    "side": "buy",
    "fillPx": "51858",
    "fillSz": "0.00192834",
    "execType": "T",
    "fee": "-0.00000192834",
    "feeCcy": "BTC",
    "fillTime": "1708587373361",
    "ts": "1708587373362",
}


def ms(when: datetime) -> int:
    return int(when.timestamp()) * 1000


def opened(**terms: Any) -> FetchOpenOrders:
    return FetchOpenOrders(listing=LISTING, **terms)


def closed(**terms: Any) -> FetchClosedOrders:
    return FetchClosedOrders(listing=LISTING, **terms)


def fills(**terms: Any) -> FetchFills:
    return FetchFills(listing=LISTING, **terms)


# --- one order


@pytest.mark.parametrize(
    ("operation", "line", "parameters"),
    [
        pytest.param(
            FetchPlainOrder(instrument=SPOT, client_order_id="a1b2c3"),
            "GET /trade/order",
            {"instId": "BTC-USDT", "clOrdId": "a1b2c3"},
            id="by our id",
        ),
        pytest.param(
            FetchPlainOrder(instrument=SPOT, venue_order_id="7", client_order_id="a1b2c3"),
            "GET /trade/order",
            {"instId": "BTC-USDT", "ordId": "7"},
            id="the venue's id wins",
        ),
        pytest.param(
            FetchStop(instrument=SPOT, client_order_id="s1"),
            "GET /trade/order-algo",
            {"algoClOrdId": "s1"},
            id="a stop by our id",
        ),
        pytest.param(
            FetchStop(instrument=SPOT, venue_order_id="9"), "GET /trade/order-algo", {"algoId": "9"}, id="a stop"
        ),
    ],
)
def test_one_order_is_asked_for_by_either_id(operation: Any, line: str, parameters: dict[str, str]) -> None:
    assert asked(operation) == (line, parameters)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(response({"code": "51603", "data": [], "msg": "Order does not exist"}), id="a code"),
        pytest.param(rows(), id="an empty list"),
    ],
)
def test_no_such_order(answer: Any) -> None:
    assert failure(FetchPlainOrder(instrument=SPOT, client_order_id="a"), answer).kind is Kind.ORDER_NOT_FOUND
    assert failure(FetchStop(instrument=SPOT, client_order_id="a"), answer).kind is Kind.ORDER_NOT_FOUND


def test_one_order_is_read() -> None:
    plain = FetchPlainOrder(instrument=SPOT, venue_order_id="7")
    assert parse(plain, recorded("Trading", "GetOrderDetails.json")).quote_quantity == 100
    stop = FetchStop(instrument=SPOT, venue_order_id="7")
    assert parse(stop, rows(stop_row())).order.order_type is OrderType.STOP_MARKET


# --- open orders


def test_open_orders_are_three_lists_one_after_the_other() -> None:
    seen, cursor = [], None
    while True:
        operation = opened(cursor=cursor)
        line, parameters = asked(operation)
        assert parameters["instType"] == "SPOT"
        seen.append((line, parameters.get("ordType"), holds_stops(operation)))
        cursor = parse(operation, rows()).cursor
        if cursor is None:
            break
    assert seen == [
        ("GET /trade/orders-pending", None, False),
        ("GET /trade/orders-algo-pending", "conditional,oco", True),
        ("GET /trade/orders-algo-pending", "trigger", True),
    ]


def test_a_full_page_is_followed_by_older_rows_of_the_same_list() -> None:
    page = parse(opened(), rows(*(order_row(ordId=str(200 - number)) for number in range(100))))
    assert [page.items[0].venue_order_id, page.items[-1].venue_order_id] == ["101", "200"]
    line, parameters = asked(opened(cursor=page.cursor))
    assert (line, parameters["after"]) == ("GET /trade/orders-pending", "101")
    stops = parse(opened(cursor="trigger:"), rows(*(stop_row(algoId=str(200 - number)) for number in range(100))))
    assert asked(opened(cursor=stops.cursor))[1]["after"] == "101"


def test_open_orders_of_one_instrument() -> None:
    parameters = asked(opened(instrument=SWAP, product=Product.LINEAR))[1]
    assert parameters == {"instType": "SWAP", "instId": "BTC-USDT-SWAP", "limit": "100"}


def test_a_multi_currency_account_is_asked_for_every_type() -> None:
    multi = adapter(account_level="multi_currency")
    assert asked(opened(), multi)[1] == {"limit": "100"}
    page = Calls(multi, STAMP).parse(opened(), rows(order_row(instType="MARGIN"), order_row(instType="SWAP")))
    assert len(page.items) == 1


def test_swaps_that_are_not_listed_are_left_out_and_new_spot_pairs_are_not() -> None:
    inverse = order_row(instType="SWAP", instId="BTC-USD-SWAP")
    assert parse(opened(product=Product.LINEAR), rows(inverse)).items == ()
    (stranger,) = parse(opened(), rows(order_row(instId="NEW-USDT"))).items
    assert stranger.instrument.symbol == "NEW-USDT"


@pytest.mark.parametrize("cursor", ["", "orders", "iceberg:", "archive:1", "x&y=1:2"])
def test_a_cursor_of_something_else_is_refused_before_sending(cursor: str) -> None:
    assert refused(opened(cursor=cursor)).kind is Kind.NOT_SUPPORTED


def test_recorded_lists_are_read() -> None:
    (order,) = parse(opened(), recorded("Trading", "GetOrders.json")).items
    assert (order.venue_order_id, str(order.price)) == ("301835739059335168", "59200")
    (stop,) = parse(opened(cursor="trigger:"), recorded("Trading", "GetAlgoOrderList.json")).items
    assert (stop.venue_order_id, str(stop.stop_price)) == ("681096944655273984", "100")
    (ended,) = parse(closed(), recorded("Trading", "GetOrderHistory.json")).items
    assert (ended.venue_order_id, str(ended.average_price)) == ("680800019749904384", "51858")


# --- closed orders


def test_closed_orders_without_a_time_are_the_recent_and_then_the_old() -> None:
    assert asked(closed()) == ("GET /trade/orders-history", {"instType": "SPOT", "limit": "100"})
    page = parse(closed(), rows(order_row(ordId="9"), order_row(ordId="8")))
    assert [order.venue_order_id for order in page.items] == ["8", "9"]
    line, parameters = asked(closed(cursor=page.cursor))
    assert (line, parameters["after"]) == ("GET /trade/orders-history-archive", "8")
    assert parse(closed(cursor=page.cursor), rows()).cursor is None


def test_a_full_page_of_closed_orders_goes_on_in_its_list() -> None:
    page = parse(closed(limit=2), rows(order_row(ordId="9"), order_row(ordId="8")))
    line, parameters = asked(closed(limit=2, cursor=page.cursor))
    assert (line, parameters["after"], parameters["limit"]) == ("GET /trade/orders-history", "8", "2")


@pytest.mark.parametrize(
    ("start", "line"),
    [
        pytest.param(YESTERDAY, "GET /trade/orders-history", id="of the last week"),
        pytest.param(LONG_AGO, "GET /trade/orders-history-archive", id="of the last three months"),
    ],
)
def test_a_start_decides_the_list(start: datetime, line: str) -> None:
    operation = closed(start=start, end=NOW)
    parameters = {
        "instType": "SPOT",
        "begin": str(ms(start) - 1),
        "end": str(ms(NOW) + 1),
        "limit": "100",
    }
    assert asked(operation) == (line, parameters)
    assert parse(operation, rows()).cursor is None
    page = parse(closed(start=start, limit=1), rows(order_row(ordId="8")))
    assert asked(closed(start=start, cursor=page.cursor)) == (
        line,
        {"instType": "SPOT", "begin": str(ms(start) - 1), "limit": "100", "after": "8"},
    )


def test_bounds_are_kept_to_the_millisecond() -> None:
    inside, before, at_end = (order_row(cTime=str(ms(YESTERDAY) + offset)) for offset in (0, -1, 86_400_000))
    page = parse(closed(start=YESTERDAY, end=NOW), rows(at_end, inside, before))
    assert [order.created_at for order in page.items] == [YESTERDAY]


# --- fills


def test_fills_are_asked_for_by_order_and_time() -> None:
    operation = fills(instrument=SPOT, venue_order_id="7", start=YESTERDAY, end=NOW, limit=500)
    line, parameters = asked(operation)
    assert line == "GET /trade/fills"
    assert parameters == {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "ordId": "7",
        "begin": str(ms(YESTERDAY) - 1),
        "end": str(ms(NOW) + 60_001),
        "limit": "100",
    }
    assert asked(fills(start=LONG_AGO))[0] == "GET /trade/fills-history"


def test_fills_without_a_time_are_the_recent_and_then_the_old() -> None:
    page = parse(fills(), rows(FILL))
    line, parameters = asked(fills(cursor=page.cursor))
    assert (line, parameters["after"]) == ("GET /trade/fills-history", FILL["billId"])


def test_what_is_paid_is_positive() -> None:
    (fill,) = parse(fills(), recorded("Trading", "GetUserTrades.json")).items
    assert fill.commission == Commission(currency="BTC", amount=Decimal("0.00000192834"))
    assert (fill.side, fill.liquidity, fill.client_order_id) == (Side.BUY, Liquidity.TAKER, None)
    assert (str(fill.price), str(fill.quantity), fill.trade_id) == ("51858", "0.00192834", "744876980")


def test_a_rebate_is_negative_and_a_swap_counts_contracts() -> None:
    row = {**FILL, "instType": "SWAP", "instId": "BTC-USDT-SWAP", "fillSz": "3", "fee": "0.5", "execType": "M"}
    (fill,) = parse(fills(product=Product.LINEAR), rows(row)).items
    assert (fill.quantity, fill.liquidity) == (Decimal("0.03"), Liquidity.MAKER)
    assert fill.commission == Commission(currency="BTC", amount=Decimal("-0.5"))


def test_a_fill_belongs_to_the_window_of_its_own_time() -> None:
    booked_later = {**FILL, "fillTime": str(ms(NOW) - 1), "ts": str(ms(NOW) + 5)}
    assert len(parse(fills(start=YESTERDAY, end=NOW), rows(booked_later)).items) == 1
    assert parse(fills(start=NOW), rows(booked_later)).items == ()
    (alone,) = parse(fills(), rows({**FILL, "fillTime": "", "fee": "", "feeCcy": ""})).items
    assert (ms(alone.time), alone.commission) == (1708587373000, None)


def test_an_empty_listing_loses_no_spot_order() -> None:
    page = parse(FetchOpenOrders(listing=Instruments()), rows(order_row()))
    assert len(page.items) == 1
