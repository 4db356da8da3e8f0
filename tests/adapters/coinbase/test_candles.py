from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.coinbase.venue import BTC, COINBASE, ETH, asked, failure, parse, recorded, walk
from unified.account import VenueTime
from unified.adapter import Procedure
from unified.errors import Kind, VenueError
from unified.market_data import Candle, Interval
from unified.operations import FetchCandles, FetchServerTime, Page
from unified.wire import moment
from unified_coinbase.candles import FetchWindow

HOUR = 3600
DAY = datetime(2026, 11, 20, tzinfo=UTC)
NOON = int((DAY + timedelta(hours=12)).timestamp())
NOW = VenueTime(time_us=(NOON + 60) * 1_000_000, unit_us=1000)


def candle_row(start: int) -> dict[str, str]:
    return {"start": str(start), "low": "1", "high": "4", "open": "2", "close": "3", "volume": "355.82896243"}


def candle(start: int, interval: Interval = Interval.H1) -> Candle:
    return Candle(
        instrument=BTC,
        interval=interval,
        opened_at=moment(start * 1_000_000, "start"),
        open=Decimal(2),
        high=Decimal(4),
        low=Decimal(1),
        close=Decimal(3),
        volume=Decimal("355.82896243"),
    )


# --- one window


def test_a_window_names_both_ends() -> None:
    operation = FetchWindow(instrument=BTC, interval=Interval.H1, first=NOON, count=3)
    assert asked(operation) == (
        "GET /market/products/BTC-USD/candles",
        [
            ("start", str(NOON)),
            ("end", str(NOON + 3 * HOUR - 1)),
            ("granularity", "ONE_HOUR"),
            ("limit", "3"),
        ],
    )


def test_candles_come_oldest_first_and_none_beyond_the_window() -> None:
    operation = FetchWindow(instrument=BTC, interval=Interval.H1, first=NOON, count=2)
    rows = [candle_row(NOON + hours * HOUR) for hours in (2, 1, 0, -1)]
    assert parse(operation, {"candles": rows}) == (candle(NOON), candle(NOON + HOUR))


def test_the_recorded_answer_is_read() -> None:
    operation = FetchWindow(instrument=ETH, interval=Interval.M1, first=1639508040, count=1)
    (found,) = parse(operation, recorded("ExchangeData", "GetKlines.json"))
    assert (found.close, found.volume) == (Decimal("140.21"), Decimal(56437345))


def test_a_candle_without_a_price_is_malformed() -> None:
    operation = FetchWindow(instrument=BTC, interval=Interval.H1, first=NOON, count=1)
    assert failure(operation, {"candles": [{"start": "1"}]}).kind is Kind.MALFORMED_RESPONSE


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        (Interval.M1, "ONE_MINUTE"),
        (Interval.M5, "FIVE_MINUTE"),
        (Interval.M15, "FIFTEEN_MINUTE"),
        (Interval.M30, "THIRTY_MINUTE"),
        (Interval.H1, "ONE_HOUR"),
        (Interval.H2, "TWO_HOUR"),
        (Interval.H4, "FOUR_HOUR"),
        (Interval.H6, "SIX_HOUR"),
        (Interval.D1, "ONE_DAY"),
    ],
)
def test_the_venues_words(interval: Interval, word: str) -> None:
    parameters = dict(asked(FetchWindow(instrument=BTC, interval=interval, first=0, count=1))[1])
    assert interval.length is not None
    assert (parameters["granularity"], parameters["end"]) == (word, str(int(interval.length.total_seconds()) - 1))


# --- walks


def test_the_newest_candles_end_at_the_venues_now() -> None:
    operation = FetchCandles(instrument=BTC, interval=Interval.H1, limit=3)
    steps, page = walk(operation, [NOW, (candle(NOON),)])
    window = FetchWindow(instrument=BTC, interval=Interval.H1, first=NOON - 2 * HOUR, count=3)
    assert steps == [FetchServerTime(), window]
    assert page == Page(items=(candle(NOON),), cursor=None)


def test_the_last_candles_before_an_end() -> None:
    operation = FetchCandles(instrument=BTC, interval=Interval.H1, end=DAY, limit=2)
    steps, page = walk(operation, [()])
    first = int(DAY.timestamp()) - 2 * HOUR
    assert steps == [FetchWindow(instrument=BTC, interval=Interval.H1, first=first, count=2)]
    assert page.cursor is None


def test_a_walk_without_an_end_keeps_the_end_that_it_asked_for() -> None:
    start = DAY + timedelta(hours=9, minutes=30)
    operation = FetchCandles(instrument=BTC, interval=Interval.H1, start=start, limit=2)
    steps, page = walk(operation, [NOW, ()])
    assert steps[1] == FetchWindow(instrument=BTC, interval=Interval.H1, first=NOON - 2 * HOUR, count=2)
    assert page.cursor == f"{NOON}:{NOON + 61}"
    steps, page = walk(FetchCandles(instrument=BTC, interval=Interval.H1, limit=2, cursor=page.cursor), [()])
    assert steps == [FetchWindow(instrument=BTC, interval=Interval.H1, first=NOON, count=1)]
    assert page.cursor is None


def test_a_range_in_which_nothing_opens_asks_nothing() -> None:
    start = DAY + timedelta(minutes=1)
    operation = FetchCandles(instrument=BTC, interval=Interval.H1, start=start, end=start + timedelta(minutes=5))
    assert walk(operation, []) == ([], Page(items=()))


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.none() | st.integers(1, 400))
def test_a_walk_covers_its_range_once_in_windows_that_the_venue_takes(
    start: int, length: int, limit: int | None
) -> None:
    begin, end = DAY + timedelta(seconds=start), DAY + timedelta(seconds=start + length)
    operation: FetchCandles = FetchCandles(instrument=BTC, interval=Interval.H1, start=begin, end=end, limit=limit)
    opened: list[int] = []
    while True:
        how = COINBASE.endpoints[FetchCandles, BTC.product]
        assert isinstance(how, Procedure)
        steps = how.steps(operation)
        try:
            window = next(steps)
            assert isinstance(window, FetchWindow)
            assert 1 <= window.count < 350
            opened += range(window.first, window.first + window.count * HOUR, HOUR)
            steps.send(())
        except StopIteration as done:
            if done.value.cursor is None:
                break
            operation = FetchCandles(instrument=BTC, interval=Interval.H1, limit=limit, cursor=done.value.cursor)
    low, high = begin.timestamp(), end.timestamp()
    first = -(-int(low) // HOUR) * HOUR
    assert opened == [at for at in range(first, int(high) + HOUR, HOUR) if low <= at < high]


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(FetchCandles(instrument=BTC, interval=Interval.W1), id="weeks"),
        pytest.param(FetchCandles(instrument=BTC, interval=Interval.H1, cursor="a:b"), id="a foreign cursor"),
        pytest.param(FetchCandles(instrument=BTC, interval=Interval.H1, cursor="5"), id="half a cursor"),
    ],
)
def test_what_the_venue_cannot_do_is_refused(operation: FetchCandles) -> None:
    with pytest.raises(VenueError) as caught:
        walk(operation, [])
    assert caught.value.kind is Kind.NOT_SUPPORTED
