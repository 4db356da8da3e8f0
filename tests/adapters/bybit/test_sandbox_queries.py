"""Questions about orders and fills to Bybit's sandbox: what is listed, for how long, and in which order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.bybit.sandbox_orders import FILLS, HISTORY, REALTIME, jump
from tests.adapters.bybit.sandbox_user import User, content


def test_what_is_not_found_is_an_empty_list() -> None:
    user = User()
    told = user.get(REALTIME, category="linear", symbol="BTCUSDT", orderLinkId="never-sent")
    assert (told["retCode"], told["result"]) == (0, {"list": [], "nextPageCursor": "", "category": "linear"})
    assert user.listed(HISTORY, category="linear", orderLinkId="never-sent") == []
    assert user.listed(FILLS, category="linear", orderId="0") == []


def test_realtime_of_contracts_needs_a_symbol_or_a_coin() -> None:
    user = User()
    assert user.get(REALTIME, category="linear", orderLinkId="a")["retCode"] == 10001
    assert user.get(REALTIME, category="linear", baseCoin="BTC")["retCode"] == 0
    assert user.get(REALTIME, category="spot")["retCode"] == 0


def test_realtime_lists_open_orders_and_finds_closed_ones() -> None:
    user = User()
    closed = user.placed("linear", orderType="Market", price=None)
    alive = user.placed("linear")
    query = {"category": "linear", "settleCoin": "USDT"}
    assert [row["orderId"] for row in user.listed(REALTIME, **query)] == [alive]
    assert [row["orderId"] for row in user.listed(REALTIME, openOnly=1, **query)] == [closed]
    assert user.order(closed)["orderStatus"] == "Filled"
    assert user.listed(REALTIME, category="linear", symbol="ETHUSDT") == []


def test_an_order_that_queries_do_not_show_yet_exists_all_the_same() -> None:
    user = User()
    user.venue.engine.visibility_us = lambda _order_id: 2_000_000
    assert user.place("spot", orderLinkId="mine-1")["retCode"] == 0
    assert user.listed(REALTIME, category="spot", orderLinkId="mine-1") == []
    assert user.place("spot", orderLinkId="mine-1")["retCode"] == 170141
    user.wait(2)
    assert len(user.listed(REALTIME, category="spot", orderLinkId="mine-1")) == 1


def test_open_orders_come_in_pages_newest_first() -> None:
    user = User()
    placed = [user.placed("spot") for _ in range(5)]
    seen, cursor = [], ""
    for size in (2, 2, 1):
        query = f"category=spot&limit=2{cursor and '&cursor=' + cursor}"
        result = content(user.send("GET", REALTIME, query))["result"]
        assert len(result["list"]) == size
        seen += [row["orderId"] for row in result["list"]]
        cursor = result["nextPageCursor"]
    assert (seen, cursor) == (placed[::-1], "")


def test_history_holds_closed_orders_only_and_lags_behind() -> None:
    user = User()
    order_id = user.placed("spot", orderType="Market", price=None, qty="100", orderLinkId="mine-1")
    user.placed("spot")
    assert user.listed(HISTORY, category="spot", orderLinkId="mine-1") == []
    user.wait(0.5)
    assert [row["orderId"] for row in user.listed(HISTORY, category="spot", orderLinkId="mine-1")] == [order_id]
    assert len(user.listed(HISTORY, category="spot")) == 1
    assert user.listed(HISTORY, category="spot", orderStatus="Filled") == []
    assert len(user.listed(HISTORY, category="spot", orderStatus="PartiallyFilledCanceled")) == 1
    assert user.listed(HISTORY, category="linear") == []


def test_history_does_not_hide_what_ended_before_the_clock_was_set_back() -> None:
    user = User()
    order_id = user.placed("spot", orderType="Market", price=None, qty="100")
    user.venue.clock.step(-3600)
    assert len(user.listed(HISTORY, category="spot", orderId=order_id)) == 1


def test_history_forgets_an_unfilled_order_after_a_day_and_keeps_a_filled_one() -> None:
    user = User()
    filled = user.placed("spot", orderType="Market", price=None, qty="100")
    unfilled = user.placed("spot", timeInForce="IOC")
    user.wait(1)
    assert len(user.listed(HISTORY, category="spot")) == 2
    account = user.venue.engine.accounts["one"]
    for order in account.orders:
        order.created_us -= 90_000_000_000
        order.updated_us -= 90_000_000_000
    assert [row["orderId"] for row in user.listed(HISTORY, category="spot")] == [filled]
    assert user.listed(HISTORY, category="spot", orderId=unfilled) == []


@pytest.mark.parametrize("path", [HISTORY, FILLS])
@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        pytest.param(7, 0, 1, id="seven days until now"),
        pytest.param(7, None, 1, id="seven days from their start"),
        pytest.param(None, 0, 1, id="seven days to their end"),
        pytest.param(0, None, 0, id="from now on"),
        pytest.param(None, 1, 0, id="until yesterday"),
        pytest.param(8, 1, 0, id="seven days that ended yesterday"),
        pytest.param(8, 0, None, id="eight days"),
        pytest.param(0, 1, None, id="an end before the start"),
    ],
)
def test_histories_span_seven_days_at_most(path: str, start: int | None, end: int | None, count: int | None) -> None:
    user = User()
    user.placed("spot", orderType="Market", price=None, qty="100")
    user.wait(1)
    days = {"startTime": start, "endTime": end}
    times = {name: user.venue.now_ms - ago * 86_400_000 for name, ago in days.items() if ago is not None}
    told = user.get(path, category="spot", **times)
    if count is None:
        assert (told["retCode"], told["retMsg"]) == (10001, "params error: the time range must not exceed 7 days")
    else:
        assert len(told["result"]["list"]) == count


def test_fills_tell_who_paid_what() -> None:
    user = User()
    user.placed("spot", orderType="Market", price=None, qty="0.01", side="Sell", orderLinkId="mine-1")
    resting = user.placed("spot", price="59900")
    jump(user, "spot", "59000")
    maker, taker = user.listed(FILLS, category="spot", symbol="BTCUSDT")
    assert (taker["isMaker"], taker["side"], taker["feeCurrency"], taker["orderLinkId"]) == (
        False,
        "Sell",
        "USDT",
        "mine-1",
    )
    assert Decimal(taker["execFee"]) == Decimal(taker["execValue"]) * Decimal(taker["feeRate"])
    assert (maker["isMaker"], maker["orderId"], maker["feeCurrency"]) == (True, resting, "BTC")
    assert (maker["execPrice"], maker["execQty"], maker["execType"]) == ("59900.0", "0.010000", "Trade")
    assert user.listed(FILLS, category="spot", orderId=resting, symbol="ETHUSDT") == [maker]
    assert user.listed(FILLS, category="spot", orderLinkId="mine-1") == [taker]
    assert user.listed(FILLS, category="spot", execType="Funding") == []
    assert user.listed(FILLS, category="spot", symbol="ETHUSDT") == []
    first = user.get(FILLS, category="spot", limit=1)["result"]
    second = content(user.send("GET", FILLS, f"category=spot&limit=1&cursor={first['nextPageCursor']}"))["result"]
    assert [*first["list"], *second["list"], second["nextPageCursor"]] == [maker, taker, ""]


def test_contracts_leave_the_currency_of_a_fee_empty() -> None:
    user = User()
    user.placed("linear", orderType="Market", price=None)
    (fill,) = user.listed(FILLS, category="linear", symbol="BTCUSDT")
    assert (fill["feeCurrency"], fill["feeRate"]) == ("", "0.00055")
