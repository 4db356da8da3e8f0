from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from tests.adapters.kraken.venue import (
    BTC_USD,
    BTC_USDT,
    CLIENT_ID,
    LISTING,
    TXID,
    errors,
    failure,
    fill_row,
    order_row,
    parse,
    recorded,
    refused,
    result,
    told,
)
from unified.errors import Kind
from unified.http import HttpResponse
from unified.instrument import InstrumentStatus
from unified.operations import FetchClosedOrders, FetchOpenOrders
from unified.order import OrderStatus
from unified_kraken.queries import (
    FetchByTransaction,
    FetchClosedByClientId,
    FetchFillHistory,
    FetchFillIds,
    FetchFillsById,
    FetchOpenByClientId,
)

OPENED = datetime(2023, 7, 5, 19, 4, 0, 864800, tzinfo=UTC)
SECOND = timedelta(seconds=1)

# --- one order

BY_ID = FetchByTransaction(instrument=BTC_USD, venue_order_id=TXID)
AMONG_OPEN = FetchOpenByClientId(instrument=BTC_USD, client_order_id=CLIENT_ID)
AMONG_CLOSED = FetchClosedByClientId(instrument=BTC_USD, client_order_id=CLIENT_ID)


def test_an_order_by_the_venues_id() -> None:
    assert told(BY_ID) == ("QueryOrders", {"txid": TXID})
    order = parse(BY_ID, result({TXID: order_row()}))
    assert (order.venue_order_id, order.instrument, order.status) == (TXID, BTC_USD, OrderStatus.NEW)


def test_an_id_that_is_none_is_not_sent() -> None:
    assert refused(evolve(BY_ID, venue_order_id="17")).kind is Kind.NOT_SUPPORTED


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(errors("EOrder:Invalid order"), id="an error"),
        pytest.param(result({}), id="an empty answer"),
        pytest.param(result({"OTHER-ORDER": order_row()}), id="another order"),
    ],
)
def test_an_order_that_does_not_exist(answer: HttpResponse) -> None:
    assert failure(BY_ID, answer).kind is Kind.ORDER_NOT_FOUND


def test_an_order_of_another_pair_is_shown_as_that() -> None:
    order = parse(BY_ID, result({TXID: order_row(pair="SUIUSD")}))
    assert (order.instrument.symbol, order.instrument.status) == ("SUIUSD", InstrumentStatus.UNLISTED)


def test_an_order_by_our_id_among_the_open_ones() -> None:
    assert told(AMONG_OPEN) == ("OpenOrders", {"cl_ord_id": CLIENT_ID})
    (order,) = parse(AMONG_OPEN, result({"open": {TXID: order_row()}}))
    assert order.client_order_id == CLIENT_ID
    assert parse(AMONG_OPEN, result({"open": {}})) == ()


def test_orders_without_the_id_are_left_out_if_the_filter_is_ignored() -> None:
    answer = result(
        {"open": {"A-A": order_row(cl_ord_id=None), "B-B": order_row(cl_ord_id="0" * 32), TXID: order_row()}}
    )
    assert [order.venue_order_id for order in parse(AMONG_OPEN, answer)] == [TXID]


def test_an_id_may_come_back_in_another_spelling() -> None:
    answer = result({"open": {TXID: order_row(cl_ord_id=CLIENT_ID.replace("-", "").upper())}})
    assert len(parse(AMONG_OPEN, answer)) == 1


def test_an_order_by_our_id_among_the_closed_ones() -> None:
    assert told(AMONG_CLOSED) == ("ClosedOrders", {"cl_ord_id": CLIENT_ID})
    since = evolve(AMONG_CLOSED, since=OPENED)
    assert told(since) == ("ClosedOrders", {"cl_ord_id": CLIENT_ID, "start": "1688583840"})
    row = order_row(status="closed", vol_exec="0.5")
    answer = result({"closed": {TXID: row, "O-OLD": {**row, "opentm": 1688583840.0}}, "count": 2})
    assert [order.venue_order_id for order in parse(since, answer)] == [TXID]
    assert len(parse(AMONG_CLOSED, answer)) == 2
    assert parse(AMONG_CLOSED, result({"closed": {}, "count": 0})) == ()


@pytest.mark.parametrize("operation", [AMONG_OPEN, AMONG_CLOSED], ids=["open", "closed"])
def test_an_answer_without_its_list_is_no_proof_of_absence(operation: FetchOpenByClientId) -> None:
    assert failure(operation, result({})).kind is Kind.MALFORMED_RESPONSE


def test_the_recorded_orders_are_read() -> None:
    stop = parse(evolve(BY_ID, venue_order_id="OBCMZD-JIEE7-77TH3F"), recorded("Trading", "GetOrders.json"))
    assert (stop.status, str(stop.filled_quantity), str(stop.average_price)) == (
        OrderStatus.FILLED,
        "1.25000000",
        "27500.0",
    )
    trailing = parse(evolve(BY_ID, venue_order_id="OICRC3-KX7OB-QB2B2S"), recorded("Trading", "GetOrders2.json"))
    assert (trailing.status, trailing.order_type, str(trailing.quantity)) == (OrderStatus.CANCELED, None, "49.96000")


# --- lists of orders


def test_open_orders_come_in_one_answer() -> None:
    every = FetchOpenOrders(listing=LISTING)
    assert told(every) == ("OpenOrders", {})
    answer = result({"open": {TXID: order_row(), "B-B": order_row(pair="XBTUSDT"), "C-C": order_row(pair="SUIUSD")}})
    page = parse(every, answer)
    assert [order.instrument.symbol for order in page.items] == ["XXBTZUSD", "XBTUSDT", "SUIUSD"]
    assert page.cursor is None
    assert [order.venue_order_id for order in parse(evolve(every, instrument=BTC_USDT), answer).items] == ["B-B"]


def test_the_recorded_open_orders_are_read() -> None:
    page = parse(FetchOpenOrders(listing=LISTING), recorded("Trading", "GetOpenOrders.json"))
    assert [(order.status, str(order.filled_quantity)) for order in page.items] == [
        (OrderStatus.PARTIALLY_FILLED, "0.37500000"),
        (OrderStatus.NEW, "0E-8"),
    ]


CLOSED = FetchClosedOrders(listing=LISTING)


def test_closed_orders_are_bounded_by_their_creation() -> None:
    assert told(CLOSED) == ("ClosedOrders", {"closetime": "open"})
    bounded = evolve(CLOSED, start=OPENED, end=OPENED + SECOND)
    assert told(bounded)[1] == {"closetime": "open", "start": "1688583839", "end": "1688583842"}
    row = order_row(status="closed")
    answer = result(
        {
            "closed": {
                "C-C": {**row, "opentm": 1688583841.8648},
                "B-B": row,
                "A-A": {**row, "opentm": 1688583840.8647},
            },
            "count": 3,
        }
    )
    assert [order.venue_order_id for order in parse(bounded, answer).items] == ["B-B"]


def test_pages_follow_each_other_until_all_are_counted() -> None:
    row = order_row(status="closed")
    rows = {f"O-{index}": row for index in range(50)}
    page = parse(CLOSED, result({"closed": rows, "count": 51}))
    assert (page.items[0].venue_order_id, page.cursor) == ("O-49", "50")
    following = evolve(CLOSED, cursor=page.cursor)
    assert told(following)[1]["ofs"] == "50"
    assert parse(following, result({"closed": {"O-50": row}, "count": 51})).cursor is None


def test_a_smaller_page_is_cut_from_the_venues() -> None:
    rows = {name: order_row(status="closed") for name in ("C-C", "B-B", "A-A")}
    page = parse(evolve(CLOSED, limit=2), result({"closed": rows, "count": 3}))
    assert ([order.venue_order_id for order in page.items], page.cursor) == (["B-B", "C-C"], "2")


def test_without_a_count_a_full_page_may_not_be_the_last() -> None:
    full = {f"O-{index}": order_row(status="closed") for index in range(50)}
    assert parse(CLOSED, result({"closed": full})).cursor == "50"
    assert parse(CLOSED, result({"closed": {}})).cursor is None


@pytest.mark.parametrize("cursor", ["-1", "a", "1" * 13])
def test_a_cursor_of_another_make_is_refused(cursor: str) -> None:
    assert refused(evolve(CLOSED, cursor=cursor)).kind is Kind.NOT_SUPPORTED


def test_the_recorded_closed_orders_are_read() -> None:
    page = parse(CLOSED, recorded("Trading", "GetClosedOrders.json"))
    assert [(order.instrument.symbol, order.status, str(order.stop_price)) for order in page.items] == [
        ("XBTEUR", OrderStatus.CANCELED, "27743.0"),
        ("XBTGBP", OrderStatus.CANCELED, "23667.0"),
    ]


# --- fills

HISTORY = FetchFillHistory(listing=LISTING)


def test_fills_of_the_account() -> None:
    assert told(HISTORY) == ("TradesHistory", {})
    assert told(evolve(HISTORY, cursor="50", start=OPENED))[1] == {"start": "1688583839", "ofs": "50"}
    answer = result({"trades": {"T-B": fill_row(pair="XBTUSDT"), "T-A": fill_row()}, "count": 60})
    page = parse(HISTORY, answer)
    assert ([fill.trade_id for fill in page.items], page.cursor) == (["T-A", "T-B"], "2")
    assert [fill.trade_id for fill in parse(evolve(HISTORY, instrument=BTC_USDT), answer).items] == ["T-B"]
    assert parse(evolve(HISTORY, start=OPENED + timedelta(hours=1)), answer).items == ()


def test_the_recorded_fills_are_read() -> None:
    page = parse(HISTORY, recorded("Trading", "GetUserTrades.json"))
    assert [(fill.trade_id, str(fill.price), str(fill.quantity)) for fill in page.items] == [
        ("TCWJEG-FL4SZ-3FKGH6", "30010.00000", "0.01000000"),
        ("THVRQM-33VKH-UCI7BS", "30010.00000", "0.02000000"),
    ]


def test_the_fills_of_an_order_are_told_by_the_order() -> None:
    operation = FetchFillIds(instrument=BTC_USD, venue_order_id=TXID)
    assert told(operation) == ("QueryOrders", {"txid": TXID, "trades": "true"})
    assert parse(operation, result({TXID: order_row(trades=["T-A", "T-B"])})) == ("T-A", "T-B")
    assert parse(operation, result({TXID: order_row()})) == ()
    assert failure(operation, errors("EOrder:Invalid order")).kind is Kind.ORDER_NOT_FOUND


def test_fills_by_their_ids() -> None:
    operation = FetchFillsById(listing=LISTING, trade_ids=("T-A", "T-B"))
    assert told(operation) == ("QueryTrades", {"txid": "T-A,T-B"})
    fills = parse(operation, recorded("Trading", "GetUserTradeDetails.json"))
    assert [(fill.instrument.symbol, str(fill.quantity)) for fill in fills] == [
        ("XXBTZUSD", "0.02000000"),
        ("XXBTZEUR", "0.00020000"),
    ]
