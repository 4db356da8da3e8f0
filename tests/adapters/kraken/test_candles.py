from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.adapters.kraken.venue import BTC_USD, asked, failure, parse, recorded, refused, result
from unified.errors import Kind, Outcome
from unified.market_data import Interval
from unified.operations import FetchCandles

FIRST = datetime(2026, 11, 20, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def row(index: int) -> list[object]:
    opened = int((FIRST + index * MINUTE).timestamp())
    return [opened, "1.0", "3.0", "0.5", "2.0", "1.5", "0.00032101", 1]


ANSWER = result({"XXBTZUSD": [row(0), row(1), row(2), row(3)], "last": row(2)[0]})


@pytest.mark.parametrize(
    ("interval", "minutes"),
    [
        (Interval.M1, "1"),
        (Interval.M5, "5"),
        (Interval.M15, "15"),
        (Interval.M30, "30"),
        (Interval.H1, "60"),
        (Interval.H4, "240"),
        (Interval.D1, "1440"),
        (Interval.W1, "10080"),
    ],
    ids=str,
)
def test_intervals_are_said_in_minutes(interval: Interval, minutes: str) -> None:
    operation = FetchCandles(instrument=BTC_USD, interval=interval)
    assert asked(operation) == ("GET /0/public/OHLC", {"pair": "XXBTZUSD", "interval": minutes})


def test_other_intervals_are_not_offered() -> None:
    error = refused(FetchCandles(instrument=BTC_USD, interval=Interval.MONTH))
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


def test_since_is_exclusive_so_the_second_before_the_start_is_sent() -> None:
    fields = asked(FetchCandles(instrument=BTC_USD, start=FIRST))[1]
    assert fields["since"] == str(int(FIRST.timestamp()) - 1)


def test_the_newest_candles_with_the_running_one_last() -> None:
    page = parse(FetchCandles(instrument=BTC_USD), ANSWER)
    assert [candle.closed for candle in page.items] == [True, True, True, False]
    assert page.cursor is None
    first = page.items[0]
    assert (first.opened_at, first.open, first.high, first.low, first.close) == (
        FIRST,
        Decimal(1),
        Decimal(3),
        Decimal("0.5"),
        Decimal(2),
    )
    assert (str(first.volume), first.quote_volume) == ("0.00032101", None)


def test_without_a_start_a_limit_keeps_the_newest() -> None:
    page = parse(FetchCandles(instrument=BTC_USD, limit=2), ANSWER)
    assert [candle.opened_at for candle in page.items] == [FIRST + 2 * MINUTE, FIRST + 3 * MINUTE]
    assert page.cursor is None


def test_with_a_start_pages_follow_each_other() -> None:
    wanted = FetchCandles(instrument=BTC_USD, start=FIRST + MINUTE, end=FIRST + 3 * MINUTE, limit=1)
    page = parse(wanted, ANSWER)
    assert [candle.opened_at for candle in page.items] == [FIRST + MINUTE]
    following = FetchCandles(
        instrument=BTC_USD, start=FIRST + MINUTE, end=FIRST + 3 * MINUTE, limit=1, cursor=page.cursor
    )
    assert asked(following)[1]["since"] == str(int((FIRST + 2 * MINUTE).timestamp()) - 1)
    page = parse(following, ANSWER)
    assert [candle.opened_at for candle in page.items] == [FIRST + 2 * MINUTE]
    assert page.cursor is None


def test_a_cursor_of_another_make_is_refused() -> None:
    assert refused(FetchCandles(instrument=BTC_USD, cursor="-1")).kind is Kind.NOT_SUPPORTED


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([[1, "1"]], id="a short row"),
        pytest.param([["soon", "1", "1", "1", "1", "1", "1"]], id="no time"),
        pytest.param({"a": 1}, id="no list"),
    ],
)
def test_what_is_no_candle_is_malformed(answer: object) -> None:
    error = failure(FetchCandles(instrument=BTC_USD), result({"XXBTZUSD": answer, "last": 1}))
    assert error.kind is Kind.MALFORMED_RESPONSE


def test_the_recorded_candles_are_read() -> None:
    page = parse(FetchCandles(instrument=BTC_USD), recorded("ExchangeData", "GetKlines.json"))
    first, last = page.items[0], page.items[-1]
    assert (first.opened_at.timestamp(), str(first.open), str(first.volume)) == (1688671200, "30306.1", "3.39243896")
    assert (str(last.high), str(last.low), last.closed) == ("30295.1", "30291.8", False)
