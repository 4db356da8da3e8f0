from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.kraken.venue import BTC_USD, asked, failure, parse, recorded, result, walk
from unified.errors import Kind, VenueError
from unified.market_data import Trade
from unified.operations import FetchTrades, Operation, Page
from unified.order import Side
from unified.wire import microseconds
from unified_kraken.trades import FetchTape, Tape, fetch_trades

ROW = ["105899.40000", "0.00009443", 1762820035.9822779, "s", "m", "", 10219207]
BEGIN = datetime(2026, 11, 20, tzinfo=UTC)


def trade(id_: int, at: float) -> Trade:
    return Trade(
        instrument=BTC_USD,
        trade_id=str(id_),
        price=Decimal(1),
        quantity=Decimal(1),
        side=Side.BUY,
        time_us=microseconds(BEGIN + timedelta(seconds=at)),
    )


class Venue:
    """Answers as Kraken does: the newest trades, or the first ones after a moment."""

    def __init__(self, trades: Iterable[Trade]) -> None:
        self.trades = tuple(trades)
        self.asked: list[FetchTape] = []

    def answer(self, step: Operation[Any]) -> Tape:
        assert isinstance(step, FetchTape)
        self.asked.append(step)
        if step.since_ns is None:
            found = self.trades[-step.count :]
        else:
            since_ns = step.since_ns
            found = tuple(one for one in self.trades if microseconds(one.time) * 1000 > since_ns)[: step.count]
        return Tape(trades=found, last_ns=microseconds(found[-1].time) * 1000 if found else step.since_ns or 0)

    def page(self, operation: FetchTrades) -> Page[Trade]:
        steps = fetch_trades(operation)
        try:
            step = next(steps)
            while True:
                step = steps.send(self.answer(step))
        except StopIteration as end:
            page: Page[Trade] = end.value
            return page

    def everything(self, limit: int | None = None) -> list[str]:
        """The ids of all pages, the newest page first."""
        found: list[str] = []
        cursor: str | None = None
        for _ in range(1000):
            page = self.page(FetchTrades(instrument=BTC_USD, limit=limit, cursor=cursor))
            found = [one.trade_id for one in page.items] + found
            cursor = page.cursor
            if cursor is None:
                return found
        raise AssertionError("the walk does not end")


def test_a_tape_is_asked_for_by_nanoseconds() -> None:
    assert asked(FetchTape(instrument=BTC_USD, count=5)) == ("GET /0/public/Trades", {"pair": "XXBTZUSD", "count": "5"})
    assert asked(FetchTape(instrument=BTC_USD, since_ns=1762820035982277754))[1]["since"] == "1762820035982277754"


def test_a_trade() -> None:
    tape = parse(FetchTape(instrument=BTC_USD), result({"XXBTZUSD": [ROW], "last": "1762820035982277754"}))
    (one,) = tape.trades
    assert (one.trade_id, str(one.price), str(one.quantity), one.side) == (
        "10219207",
        "105899.40000",
        "0.00009443",
        Side.SELL,
    )
    assert one.time == datetime(2025, 11, 11, 0, 13, 55, 982277, tzinfo=UTC)
    assert tape.last_ns == 1762820035982277754


def test_the_recorded_trades_are_read() -> None:
    tape = parse(FetchTape(instrument=BTC_USD), recorded("ExchangeData", "GetTradeHistory.json"))
    assert [(one.trade_id, str(one.price), one.side) for one in tape.trades] == [
        ("61044952", "30243.40000", Side.BUY),
        ("61044953", "30243.30000", Side.SELL),
        ("61044956", "30243.30000", Side.SELL),
    ]
    assert tape.last_ns == 1688671969993150842


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(ROW[:6], id="a row without an id"),
        pytest.param([*ROW[:3], "x", *ROW[4:]], id="an unknown side"),
        pytest.param([*ROW[:3], ["b"], *ROW[4:]], id="a side that is a list"),
    ],
)
def test_what_is_no_trade_is_malformed(row: object) -> None:
    error = failure(FetchTape(instrument=BTC_USD), result({"XXBTZUSD": [row], "last": "1"}))
    assert error.kind is Kind.MALFORMED_RESPONSE


# --- pages


def test_the_newest_page_takes_one_call() -> None:
    venue = Venue(trade(id_, id_) for id_ in range(30))
    page = venue.page(FetchTrades(instrument=BTC_USD, limit=10))
    assert [one.trade_id for one in page.items] == [str(id_) for id_ in range(20, 30)]
    assert [step.count for step in venue.asked] == [10]
    assert page.cursor is not None


def test_an_older_page_usually_takes_one_call_too() -> None:
    venue = Venue(trade(id_, id_) for id_ in range(5000))
    page = venue.page(FetchTrades(instrument=BTC_USD))
    older = venue.page(FetchTrades(instrument=BTC_USD, cursor=page.cursor))
    assert len(venue.asked) == 2
    assert older.items[-1].trade_id == "3999"
    assert len(older.items) > 700


def test_a_lull_is_stepped_over_and_a_burst_walked_through() -> None:
    lull = [trade(id_, id_ / 100) for id_ in range(2500)] + [trade(2500 + id_, 900_000 + id_) for id_ in range(20)]
    assert Venue(lull).everything(limit=10) == [str(id_) for id_ in range(2520)]


@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=60),
    st.integers(1, 20),
)
def test_pages_hold_every_trade_once(gaps: list[int], limit: int) -> None:
    at, trades = 0.0, []
    for id_, gap in enumerate(gaps):
        at += gap
        trades.append(trade(id_, at))
    assert Venue(trades).everything(limit) == [one.trade_id for one in trades]


def test_a_market_without_trades_has_an_empty_page() -> None:
    assert Venue([]).page(FetchTrades(instrument=BTC_USD)) == Page(items=())


def test_a_walk_that_does_not_go_on_is_malformed() -> None:
    full = tuple(trade(id_, 0) for id_ in range(1000))
    stuck = Tape(trades=full, last_ns=0)
    with pytest.raises(VenueError) as caught:
        walk(FetchTrades(instrument=BTC_USD, cursor="5000:9000000:5000000"), [stuck])
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


@pytest.mark.parametrize("cursor", ["", "1:2", "1:2:-3", "1:2:3:4", "a:b:c", "1:2:" + "9" * 40])
def test_a_cursor_of_another_make_is_refused(cursor: str) -> None:
    with pytest.raises(VenueError) as caught:
        walk(FetchTrades(instrument=BTC_USD, cursor=cursor), [])
    assert caught.value.kind is Kind.NOT_SUPPORTED
