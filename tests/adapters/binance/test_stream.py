"""The table of streams: names, lines and what they cost, against the papers."""

from __future__ import annotations

import pytest

from tests.adapters.binance_dialect.test_stream import LINEAR, SPOT
from unified.errors import VenueError
from unified.instrument import Product
from unified.market_data import Interval
from unified.secret import Secret
from unified.watches import WatchBook, WatchCandles, WatchExecutions, WatchTicker, WatchTrades
from unified_binance.adapter import ENVIRONMENTS
from unified_binance.limits import LIMITS
from unified_binance.stream import SPOT_BOOK, linear_names, streams_of
from unified_binance_dialect.auth import Auth

STREAMS = streams_of(Auth(None))


def test_names_are_those_of_the_papers() -> None:
    assert linear_names(WatchCandles(instrument=LINEAR, interval=Interval.MONTH)) == ("kline_1M",)
    assert linear_names(WatchTrades(instrument=LINEAR)) == ("aggTrade",), "USD-M has aggregates only"
    assert linear_names(WatchTicker(instrument=LINEAR)) == ("bookTicker",)


@pytest.mark.parametrize("environment", list(ENVIRONMENTS))
def test_every_line_has_a_host_and_costs_what_the_limits_hold(environment: str) -> None:
    buckets, hosts = {limit.bucket for limit in LIMITS}, ENVIRONMENTS[environment].streams
    for (_, product), feed in STREAMS.items():
        line = feed.line
        assert hosts[line.name].door == product.value, "who points REST at a sandbox must not stream from production"
        assert {charge.bucket for charge in (*line.connect, *line.frame, *line.frame_weight)} <= buckets
        assert line.ping_every is not None
        assert line.silence < 20 + 1, "within the venue's own heartbeat"


def test_a_listen_key_stands_in_the_path_and_nowhere_else() -> None:
    line = STREAMS[WatchExecutions, Product.LINEAR].line
    assert line.path(Secret("dummy-listen-key")) == "/private/ws/dummy-listen-key"
    assert line.upkeep is not None
    assert line.upkeep.every == 1800.0
    assert "dummy" not in repr(line)


def test_usd_m_has_no_candles_of_a_second() -> None:
    with pytest.raises(VenueError, match="the shortest is 1m"):
        STREAMS[WatchCandles, Product.LINEAR].fit(WatchCandles(instrument=LINEAR, interval=Interval.S1))


def test_books_are_joined_with_a_snapshot_over_rest() -> None:
    assert SPOT_BOOK.base is not None
    fitted = STREAMS[WatchBook, Product.SPOT].fit(WatchBook(instrument=SPOT, depth=10))
    assert isinstance(fitted, WatchBook)
    assert SPOT_BOOK.base(fitted).depth == 100
