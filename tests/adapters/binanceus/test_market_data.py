from __future__ import annotations

import pytest

from tests.adapters.binanceus.venue import SPOT, charged, refused, sent
from unified.errors import Kind
from unified.market_data import Interval
from unified.operations import FetchBook, FetchCandles


@pytest.mark.parametrize(
    ("depth", "limit", "weight"), [(7, "7", 1), (101, "101", 5), (1000, "1000", 10), (9999, "5000", 50)]
)
def test_a_book_weighs_by_its_depth(depth: int, limit: str, weight: int) -> None:
    operation = FetchBook(instrument=SPOT, depth=depth)
    assert sent(operation) == ("GET /api/v3/depth", {"symbol": "BTCUSDT", "limit": limit})
    assert charged(operation)["weight"] == weight


def test_there_are_no_candles_of_a_second() -> None:
    assert refused(FetchCandles(instrument=SPOT, interval=Interval.S1)).kind is Kind.NOT_SUPPORTED
    asked = FetchCandles(instrument=SPOT, interval=Interval.M1, limit=5)
    assert sent(asked) == ("GET /api/v3/klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": "5"})
    assert charged(asked)["weight"] == 1
