from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.okx.venue import SPOT, STAMP, SWAP, asked, failure, parse, recorded, refused, rows, walk
from unified.account import VenueTime
from unified.candle_walk import FetchWindow
from unified.errors import Kind
from unified.market_data import Candle, Interval
from unified.operations import FetchCandles, FetchServerTime, Page

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOUR_AGO = NOW - timedelta(hours=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOTHING: Page[Candle] = Page(items=())


def ms(when: datetime) -> str:
    return str(int(when.timestamp()) * 1000)


def window(**terms: Any) -> FetchWindow:
    return FetchWindow(instrument=SPOT, **terms)


def row(opened: datetime) -> list[str]:
    return [ms(opened), "3.721", "3.743", "3.677", "3.708", "8422410", "22698348.04828491", "12698348.5", "1"]


# --- what is asked


def test_without_a_start_the_newest_are_asked_for() -> None:
    assert asked(window()) == ("GET /market/candles", {"instId": "BTC-USDT", "bar": "1m", "limit": "300"})


def test_bounds_of_the_venue_are_exclusive() -> None:
    line, parameters = asked(window(start=HOUR_AGO, end=NOW))
    assert line == "GET /market/candles"
    assert parameters["before"] == str(int(ms(HOUR_AGO)) - 1)
    assert (parameters["after"], parameters["limit"]) == (ms(NOW), "100")


def test_old_candles_stand_behind_another_door() -> None:
    assert asked(window(start=LONG_AGO, end=NOW))[0] == "GET /market/history-candles"
    assert asked(window(end=LONG_AGO)) == (
        "GET /market/history-candles",
        {"instId": "BTC-USDT", "bar": "1m", "after": ms(LONG_AGO), "limit": "100"},
    )


@pytest.mark.parametrize(
    ("interval", "bar"),
    [
        pytest.param(Interval.S1, "1s", id="a second"),
        pytest.param(Interval.M1, "1m", id="a minute"),
        pytest.param(Interval.H4, "4H", id="four hours"),
        pytest.param(Interval.H6, "6Hutc", id="six hours open at midnight UTC"),
        pytest.param(Interval.D1, "1Dutc", id="a day opens at midnight UTC"),
        pytest.param(Interval.W1, "1Wutc", id="a week opens at midnight UTC"),
        pytest.param(Interval.MONTH, "1Mutc", id="a month is no minute"),
    ],
)
def test_intervals(interval: Interval, bar: str) -> None:
    assert asked(window(interval=interval))[1]["bar"] == bar


def test_an_interval_that_is_not_offered_is_refused_before_sending() -> None:
    assert refused(window(interval=Interval.H8)).kind is Kind.NOT_SUPPORTED


# --- walking


def test_pages_follow_each_other_without_a_gap() -> None:
    start, seen = NOW - timedelta(minutes=250), []
    cursor: str | None = None
    while True:
        operation = window(start=start, end=NOW, cursor=cursor)
        parameters = asked(operation)[1]
        seen.append((int(parameters["before"]) + 1, int(parameters["after"])))
        cursor = parse(operation, rows()).cursor
        if cursor is None:
            break
    assert [begin for begin, _ in seen] == [int(ms(start)), *(end for _, end in seen[:-1])]
    assert seen[-1][1] == int(ms(NOW))
    assert len(seen) == 3


def test_a_month_is_walked_in_steps_that_no_month_is_shorter_than() -> None:
    operation = window(start=LONG_AGO, end=NOW, interval=Interval.MONTH, limit=12)
    parameters = asked(operation)[1]
    assert int(parameters["after"]) - int(parameters["before"]) - 1 == 12 * 28 * 86_400_000


def test_a_walk_without_an_end_first_asks_for_the_time() -> None:
    time = VenueTime(time_us=int(ms(NOW)) * 1000, unit_us=1000)
    steps, page = walk(FetchCandles(instrument=SPOT, start=HOUR_AGO), [time, NOTHING])
    assert page == NOTHING
    assert steps == [FetchServerTime(), window(start=HOUR_AGO, end=NOW + timedelta(milliseconds=1))]


def test_later_pages_know_their_end_from_the_cursor() -> None:
    cursor = f"{ms(HOUR_AGO)}:{ms(NOW)}"
    steps, _ = walk(FetchCandles(instrument=SPOT, start=LONG_AGO, cursor=cursor), [NOTHING])
    assert steps == [window(start=LONG_AGO, cursor=cursor)]
    parameters = asked(steps[0])[1]
    assert (parameters["before"], parameters["after"]) == (str(int(ms(HOUR_AGO)) - 1), ms(NOW))


# --- what comes back


def test_candles_are_oldest_first() -> None:
    page = parse(window(), rows(row(NOW), row(HOUR_AGO)))
    assert [candle.opened_at for candle in page.items] == [HOUR_AGO, NOW]
    assert page.items[0].closed is True


def test_volumes_are_base_and_quote_units() -> None:
    (spot,) = parse(window(), rows(row(NOW))).items
    (swap,) = parse(FetchWindow(instrument=SWAP), rows(row(NOW))).items
    assert (spot.volume, swap.volume) == (Decimal(8422410), Decimal("22698348.04828491"))
    assert spot.quote_volume == swap.quote_volume == Decimal("12698348.5")


@pytest.mark.parametrize("name", ["GetKlines.json", "GetKlineHistory.json"])
def test_recorded_candles_are_read(name: str) -> None:
    page = parse(FetchWindow(instrument=SWAP), recorded("ExchangeData", name))
    assert [str(candle.open) for candle in page.items] == ["3.731", "3.721"]
    assert [candle.closed for candle in page.items] == [False, False]


@pytest.mark.parametrize("bad", [["1", "2"], {"o": "1"}, "candle", [*row(NOW)[:3], None, *row(NOW)[4:]]])
def test_what_is_no_candle_is_malformed(bad: object) -> None:
    assert failure(window(), rows(bad)).kind is Kind.MALFORMED_RESPONSE


def test_the_stamp_decides_what_is_old() -> None:
    recent = NOW - timedelta(minutes=900)
    assert int(ms(NOW)) <= STAMP.time_ms < int(ms(NOW)) + 1000
    assert asked(window(start=recent, end=NOW))[0] == "GET /market/candles"
