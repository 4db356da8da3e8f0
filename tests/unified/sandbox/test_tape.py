from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from unified.market_data import Interval
from unified.order import Side
from unified.sandbox.tape import MINUTE_US, Tape, TapeTrade, bounds, history

NOON_US = 1_795_262_400_000_000


def trade(number: int, price: int, after_s: float, side: Side = Side.BUY) -> TapeTrade:
    time_us = NOON_US + round(after_s * 1e6)
    return TapeTrade(trade_id=number, price=Decimal(price), quantity=Decimal(2), side=side, time_us=time_us)


def tape() -> Tape:
    made = Tape()
    for number, (price, after_s, side) in enumerate(
        ((100, 0, Side.BUY), (105, 10, Side.SELL), (95, 70, Side.BUY), (98, 70.5, Side.BUY))
    ):
        made.add(trade(number, price, after_s, side))
    return made


def test_minutes_are_made_of_their_trades() -> None:
    first, second = tape().candles(Interval.M1, None, None)
    assert [first.open, first.high, first.low, first.close] == [100, 105, 100, 105]
    assert (first.volume, first.quote_volume, first.trades) == (Decimal(4), Decimal(410), 2)
    assert (first.taker_buy_volume, first.taker_buy_quote_volume) == (Decimal(2), Decimal(200))
    assert (second.opened_us, second.closes_us) == (NOON_US + MINUTE_US, NOON_US + 2 * MINUTE_US)


def test_longer_candles_join_the_minutes_and_shorter_ones_come_from_the_trades() -> None:
    (hour,) = tape().candles(Interval.H1, None, None)
    assert [hour.open, hour.high, hour.low, hour.close, hour.trades] == [100, 105, 95, 98, 4]
    assert len(tape().candles(Interval.S1, None, None)) == 3


def test_the_end_of_a_range_is_not_in_it() -> None:
    candles = tape().candles(Interval.M1, NOON_US, NOON_US + MINUTE_US)
    assert [candle.opened_us for candle in candles] == [NOON_US]


@pytest.mark.parametrize(
    ("interval", "opens", "closes"),
    [
        pytest.param(Interval.D1, (2026, 11, 21), (2026, 11, 22), id="a day"),
        pytest.param(Interval.W1, (2026, 11, 16), (2026, 11, 23), id="a week begins on Monday"),
        pytest.param(Interval.MONTH, (2026, 11, 1), (2026, 12, 1), id="a month"),
    ],
)
def test_the_calendar_of_long_intervals(
    interval: Interval, opens: tuple[int, int, int], closes: tuple[int, int, int]
) -> None:
    wanted = tuple(int(datetime(*day, tzinfo=UTC).timestamp()) * 1_000_000 for day in (opens, closes))
    assert bounds(interval, NOON_US) == wanted


def test_december_is_followed_by_january() -> None:
    december_us = int(datetime(2026, 12, 31, 23, tzinfo=UTC).timestamp()) * 1_000_000
    assert bounds(Interval.MONTH, december_us)[1] == int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


def test_the_history_leads_to_the_first_price_without_gaps() -> None:
    candles = list(
        history(
            Random(1),
            price=Decimal(100),
            step=Decimal(1),
            quantity=Decimal(1),
            lot=Decimal("0.1"),
            end_us=NOON_US + 5,
            minutes=30,
        )
    )
    assert [candle.opened_us for candle in candles] == [NOON_US - (30 - n) * MINUTE_US for n in range(30)]
    assert candles[-1].close == 100
    assert all(earlier.close == later.open for earlier, later in pairwise(candles))
    assert all(candle.low <= min(candle.open, candle.close) for candle in candles)
