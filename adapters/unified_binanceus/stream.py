"""What Binance.US streams: its two lines, how books are joined, the table. A table only.

How frames are read stands in the dialect (stream, stream_rows, stream_account, stream_keys).

Source: binance-us-api-docs web-socket-streams.md and user-data-stream.md at 6b62304 (2024-06-17).
"""

from __future__ import annotations

from attrs import evolve

from unified.adapter import Charge
from unified.feeds import Feed, Line, Streams, Upkeep, consecutive
from unified.instrument import Product
from unified.watches import WatchBalances, WatchBook, WatchCandles, WatchExecutions, WatchTicker, WatchTrades
from unified_binance_dialect.stream import MarketStream, Reach
from unified_binance_dialect.stream_account import spot_events
from unified_binance_dialect.stream_keys import KeepUserStream, KeyedStream, StartUserStream
from unified_binance_dialect.stream_names import longer_than_a_second, spot_names
from unified_binanceus.faults import FAULTS

SPOT = Product.SPOT
MARKET, USER = "market", "user"
"""Names of the lines."""

REACH = Reach(100, 500, 1000, 5000)
BOOK = REACH.rule(consecutive)

_DAY = 86_400.0
_PING_EVERY, _SILENCE = 8.0, 18.0
"""Quiet markets say nothing, and the venue's own pings come every three minutes: a request of ours is answered at once,
two unanswered ones are death."""

_MARKET = Line(
    name=MARKET,
    dialect=lambda: MarketStream(spot_names, FAULTS),
    path=lambda _access: "/stream",
    ping_every=_PING_EVERY,
    silence=_SILENCE,
    lifetime=_DAY,
    most_watches=500,  # 1024 streams, and a ticker takes two
    batch=100,
    connect=(Charge("stream_connects"),),
    frame=(Charge("stream_frames"),),
    source="web-socket-streams.md, general information and limits (2024-06-17)",
)
_USER = evolve(
    _MARKET,
    name=USER,
    dialect=lambda: KeyedStream(MarketStream(spot_names, FAULTS), spot_events),
    path=lambda key: f"/ws/{key.reveal()}",
    access=StartUserStream(product=SPOT),
    access_seconds=_DAY,  # kept alive by the renewal
    upkeep=Upkeep(operation=lambda key: KeepUserStream(product=SPOT, key=key), every=1800.0),
    implied=True,
    source="user-data-stream.md, general information and keep-alive (2024-06-17)",
)

STREAMS: Streams = {
    (WatchTicker, SPOT): Feed(line=_MARKET, example="bookTicker and ticker"),
    (WatchBook, SPOT): Feed(line=_MARKET, fit=REACH.fit, book=BOOK, example="depth@100ms on GET /api/v3/depth"),
    (WatchTrades, SPOT): Feed(line=_MARKET, example="trade"),
    (WatchCandles, SPOT): Feed(line=_MARKET, fit=longer_than_a_second, example="kline"),
    (WatchExecutions, SPOT): Feed(line=_USER, example="executionReport"),
    (WatchBalances, SPOT): Feed(line=_USER, example="outboundAccountPosition"),
}
