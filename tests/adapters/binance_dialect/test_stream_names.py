from __future__ import annotations

import pytest

from tests.adapters.binance_dialect.test_stream import LINEAR, SPOT
from unified.errors import Kind, Outcome, VenueError
from unified.market_data import Interval
from unified.watches import WatchBook, WatchCandles, WatchMarkPrice, WatchTicker, WatchTrades
from unified_binance_dialect.stream_names import by_kind, longer_than_a_second, spot_names


def test_spot_names_are_those_of_the_papers() -> None:
    assert spot_names(WatchTicker(instrument=SPOT)) == ("bookTicker", "ticker")
    assert spot_names(WatchBook(instrument=SPOT)) == ("depth@100ms",)
    assert spot_names(WatchTrades(instrument=SPOT)) == ("trade",)


def test_candles_are_named_by_their_length_in_every_table() -> None:
    names = by_kind({WatchMarkPrice: ("markPrice@1s",)})
    assert names(WatchMarkPrice(instrument=LINEAR)) == ("markPrice@1s",)
    candles = WatchCandles(instrument=SPOT, interval=Interval.MONTH)
    assert names(candles) == spot_names(candles) == ("kline_1M",)


def test_candles_of_a_second_are_refused_before_anything_is_sent() -> None:
    minutes = WatchCandles(instrument=SPOT)
    assert longer_than_a_second(minutes) is minutes
    with pytest.raises(VenueError) as refused:
        longer_than_a_second(WatchCandles(instrument=SPOT, interval=Interval.S1))
    assert (refused.value.kind, refused.value.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)
