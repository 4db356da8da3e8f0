"""Walks of candles: windows touch, none is longer than a page, and every page knows where the walk ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.calls import performed
from unified.account import VenueTime
from unified.candle_walk import CandleWalk, FetchWindow, Window, length_ms
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product, unlisted
from unified.market_data import Candle, Interval
from unified.operations import FetchCandles, FetchServerTime, Page
from unified.wire import ceil_milliseconds

SPOT = unlisted("BTCUSDT", Product.SPOT)
START = datetime(2026, 11, 20, 8, tzinfo=UTC)
START_MS = int(START.timestamp()) * 1000
MINUTE, MINUTE_MS = timedelta(minutes=1), 60_000
WALK = CandleWalk("toy", most=1000)
NOTHING: Page[Candle] = Page(items=())


def window(**terms: Any) -> FetchWindow:
    return FetchWindow(instrument=SPOT, **terms)


def test_without_a_start_there_is_no_window_and_no_further_page() -> None:
    for newest in (window(), window(end=START), window(end=START, limit=3)):
        assert WALK.window(newest) is None
        assert WALK.page(newest, []) == NOTHING


def test_a_window_ends_where_a_page_is_full_or_the_walk_ends() -> None:
    asked = window(start=START, end=START + 90 * MINUTE, interval=Interval.H1, limit=1)
    assert WALK.window(asked) == Window(START_MS, START_MS + 60 * MINUTE_MS, START_MS + 90 * MINUTE_MS, 1)
    short = window(start=START, end=START + 5 * MINUTE)
    assert WALK.window(short) == Window(START_MS, START_MS + 5 * MINUTE_MS, START_MS + 5 * MINUTE_MS, 1000)


def test_a_moment_between_two_milliseconds_belongs_to_the_later() -> None:
    found = WALK.window(window(start=START + timedelta(microseconds=1), end=START + MINUTE))
    assert found is not None
    assert found.first_ms == START_MS + 1


@pytest.mark.parametrize("cursor", ["", "1", "x:2", "1:", "1:-2", "9" * 50 + ":1", "\u0661:2", " 1:2"])
def test_a_cursor_of_something_else_is_refused_before_sending(cursor: str) -> None:
    with pytest.raises(VenueError, match="no cursor of") as raised:
        WALK.window(window(start=START, end=START + MINUTE, cursor=cursor))
    assert (raised.value.kind, raised.value.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


def test_a_walk_without_an_end_stops_now() -> None:
    now = VenueTime(time_us=(START_MS + 2 * MINUTE_MS) * 1000, unit_us=1000)
    steps, page = performed(WALK.steps(FetchCandles(instrument=SPOT, start=START)), [now, NOTHING])
    assert page == NOTHING
    assert steps == [FetchServerTime(), window(start=START, end=START + 2 * MINUTE + timedelta(milliseconds=1))]


def test_later_pages_of_it_know_their_end_from_the_cursor() -> None:
    cursor = f"{START_MS + MINUTE_MS}:{START_MS + 2 * MINUTE_MS}"
    steps, _ = performed(WALK.steps(FetchCandles(instrument=SPOT, start=START, cursor=cursor)), [NOTHING])
    (asked,) = steps
    assert isinstance(asked, FetchWindow)
    assert asked.end is None
    assert WALK.window(asked) == Window(
        START_MS + MINUTE_MS, START_MS + 2 * MINUTE_MS, START_MS + 2 * MINUTE_MS, WALK.most
    )


@given(st.integers(0, 5000), st.integers(1, 1200), st.sampled_from([Interval.M1, Interval.H4, Interval.MONTH]))
def test_windows_touch_and_end_where_the_walk_ends(minutes: int, limit: int, interval: Interval) -> None:
    end = START + minutes * MINUTE
    cursor, covered_ms = None, START_MS
    for _ in range(10_000):
        asked = window(start=START, end=end, interval=interval, limit=limit, cursor=cursor)
        found = WALK.window(asked)
        assert found is not None
        assert found.first_ms == covered_ms
        assert found.last_ms - found.first_ms <= found.count * length_ms(interval)
        assert found.count <= WALK.most
        covered_ms, cursor = found.last_ms, WALK.page(asked, []).cursor
        if cursor is None:
            break
    assert covered_ms == ceil_milliseconds(end)


def test_no_month_is_shorter_than_the_step_of_months() -> None:
    assert length_ms(Interval.MONTH) == 28 * 86_400_000
    assert length_ms(Interval.H4) == 4 * 3_600_000
