from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bybit.venue import PERPETUAL, SPOT, answer, asked, failure, parse, recorded, refused, walk
from unified.account import VenueTime
from unified.candle_walk import FetchWindow
from unified.errors import Kind
from unified.market_data import Interval
from unified.operations import FetchCandles, FetchServerTime, Page

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROW = ["1670608800000", "17071", "17073", "17027", "17055.5", "268.611", "4581334.62"]


def ms(when: datetime) -> str:
    return str(int(when.timestamp() * 1000))


def window(**terms: Any) -> FetchWindow:
    return FetchWindow(instrument=SPOT, **terms)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        pytest.param(window(), {"interval": "1", "limit": "1000"}, id="the newest"),
        pytest.param(
            window(end=START, interval=Interval.D1, limit=3),
            {"interval": "D", "limit": "3", "end": str(int(ms(START)) - 1)},
            id="the newest before a moment",
        ),
        pytest.param(
            window(start=START, end=START + 5 * MINUTE),
            {"interval": "1", "limit": "1000", "start": ms(START), "end": str(int(ms(START + 5 * MINUTE)) - 1)},
            id="between two moments",
        ),
        pytest.param(
            window(start=START, end=START + 90 * MINUTE, interval=Interval.H1, limit=1),
            {"interval": "60", "limit": "1", "start": ms(START), "end": str(int(ms(START + 60 * MINUTE)) - 1)},
            id="no further than a page goes",
        ),
        pytest.param(
            window(cursor=f"{ms(START)}:{ms(START + 2 * MINUTE)}"),
            {"interval": "1", "limit": "1000", "start": ms(START), "end": str(int(ms(START + 2 * MINUTE)) - 1)},
            id="where the page before ended",
        ),
    ],
)
def test_windows(operation: FetchWindow, parameters: dict[str, str]) -> None:
    assert asked(operation) == ("GET /v5/market/kline", {"category": "spot", "symbol": "BTCUSDT", **parameters})


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(window(interval=Interval.S1), id="a second"),
        pytest.param(window(interval=Interval.H8), id="eight hours"),
        pytest.param(window(interval=Interval.D3), id="three days"),
        pytest.param(window(cursor="1"), id="half a cursor"),
        pytest.param(window(cursor="a:b"), id="a cursor of words"),
    ],
)
def test_what_is_not_offered(operation: FetchWindow) -> None:
    assert refused(operation).kind is Kind.NOT_SUPPORTED


def test_candles_come_oldest_first() -> None:
    page = parse(window(), answer({"list": [["1670608860000", *ROW[1:]], ROW]}))
    assert [candle.opened_at.minute for candle in page.items] == [0, 1]
    first = page.items[0]
    assert (first.open, first.high, first.low, first.close) == (
        Decimal(17071),
        Decimal(17073),
        Decimal(17027),
        Decimal("17055.5"),
    )
    assert (first.volume, first.quote_volume) == (Decimal("268.611"), Decimal("4581334.62"))
    assert page.cursor is None


def test_a_candle_after_the_end_is_left_out() -> None:
    opened = datetime.fromtimestamp(1670608800, UTC)
    assert parse(window(end=opened), answer({"list": [ROW]})).items == ()


@pytest.mark.parametrize("row", [ROW[:6], "text", {"start": "1"}], ids=["short", "text", "object"])
def test_a_row_of_another_shape_is_malformed(row: object) -> None:
    assert failure(window(), answer({"list": [row]})).kind is Kind.MALFORMED_RESPONSE


def test_the_recorded_candles() -> None:
    page = parse(FetchWindow(instrument=PERPETUAL, interval=Interval.H1), recorded("ExchangeData", "GetKlines.json"))
    assert [str(candle.close) for candle in page.items] == ["17071.5", "17071", "17055.5"]
    assert page.items[0].opened_at < page.items[1].opened_at < page.items[2].opened_at


def test_a_walk_without_an_end_stops_now() -> None:
    now = VenueTime(time_us=int(ms(START + 2 * MINUTE)) * 1000, unit_us=1000)
    page: Page[Any] = Page(items=())
    steps, _ = walk(FetchCandles(instrument=SPOT, start=START), [now, page])
    assert steps[0] == FetchServerTime()
    assert isinstance(steps[1], FetchWindow)
    assert steps[1].end == START + 2 * MINUTE + timedelta(milliseconds=1)


def test_a_walk_with_an_end_asks_once() -> None:
    page: Page[Any] = Page(items=())
    steps, answered = walk(FetchCandles(instrument=SPOT, start=START, end=START + MINUTE), [page])
    assert ([type(step) for step in steps], answered) == ([FetchWindow], page)
