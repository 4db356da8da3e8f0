"""The table of streams: names, lines and what they cost, against the papers."""

from __future__ import annotations

import pytest

from tests.adapters.binanceus.venue import SPOT, VENUE
from unified.errors import VenueError
from unified.feeds import consecutive
from unified.instrument import Product
from unified.market_data import Interval
from unified.secret import Secret
from unified.watches import WatchBook, WatchCandles, WatchExecutions
from unified_binance_dialect.stream_keys import KeyedStream
from unified_binanceus.limits import LIMITS
from unified_binanceus.stream import BOOK, STREAMS


def test_every_line_has_a_host_and_costs_what_the_limits_hold() -> None:
    buckets, hosts = {limit.bucket for limit in LIMITS}, VENUE.environment.streams
    assert VENUE.streams is STREAMS
    for feed in STREAMS.values():
        line = feed.line
        assert (hosts[line.name].base, hosts[line.name].door) == ("wss://stream.binance.us:9443", "spot")
        assert {charge.bucket for charge in (*line.connect, *line.frame)} <= buckets
        assert (line.lifetime, line.ping_every) == (86_400, 8)


def test_the_account_stands_behind_a_listen_key_that_is_renewed() -> None:
    line = STREAMS[WatchExecutions, Product.SPOT].line
    key = Secret("dummy-listen-key")
    assert line.path(key) == "/ws/dummy-listen-key"
    assert line.upkeep is not None
    assert line.upkeep.every == 1800
    renewal = line.upkeep.operation(key)
    assert "dummy" not in f"{line!r} {renewal!r}"
    assert isinstance(line.dialect(), KeyedStream)


def test_books_are_joined_with_a_snapshot_over_rest() -> None:
    fitted = STREAMS[WatchBook, Product.SPOT].fit(WatchBook(instrument=SPOT, depth=100))
    assert isinstance(fitted, WatchBook)
    assert BOOK.base is not None
    assert (BOOK.follows, fitted.depth, BOOK.base(fitted).depth) == (consecutive, 250, 500)


def test_there_are_no_candles_of_a_second() -> None:
    with pytest.raises(VenueError, match="the shortest is 1m"):
        STREAMS[WatchCandles, Product.SPOT].fit(WatchCandles(instrument=SPOT, interval=Interval.S1))
