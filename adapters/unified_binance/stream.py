"""What Binance streams: lines of both products, the names of market streams, how books are joined. A table only.

How frames are read stands in the dialect (stream, stream_rows, stream_account), in stream_spot and in stream_linear.

Source: Binance web-socket-streams.md and web-socket-api.md (2026-07-21), USD-M "Websocket Market Streams", "User Data
Streams" and the split of 2026-03-05 (2026-05-28).
"""

from __future__ import annotations

from attrs import evolve

from unified.adapter import Charge
from unified.feeds import Feed, Line, Streams, Upkeep, consecutive, linked
from unified.instrument import Product
from unified.watches import (
    WatchBalances,
    WatchBook,
    WatchCandles,
    WatchExecutions,
    WatchFundingRate,
    WatchMarkPrice,
    WatchPositions,
    WatchTicker,
    WatchTrades,
)
from unified_binance.faults import FAULTS
from unified_binance.stream_linear import linear_events
from unified_binance.stream_spot import SpotUserStream
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.stream import MarketStream, Reach
from unified_binance_dialect.stream_keys import KeepUserStream, KeyedStream, StartUserStream
from unified_binance_dialect.stream_names import by_kind, longer_than_a_second, spot_names

SPOT, LINEAR = Product.SPOT, Product.LINEAR
MARKET, USER = "spot_market", "spot_user"
PUBLIC, LINEAR_MARKET, PRIVATE = "linear_public", "linear_market", "linear_private"
"""Names of the lines. USD-M has three paths: books and best prices, everything else of markets, the account."""

linear_names = by_kind(
    {
        WatchTicker: ("bookTicker",),
        WatchBook: ("depth@100ms",),
        WatchTrades: ("aggTrade",),
        WatchMarkPrice: ("markPrice@1s",),
        WatchFundingRate: ("markPrice@1s",),
    }
)
"""The streams of a perpetual."""

# --- books: no checksum on either

SPOT_REACH, LINEAR_REACH = Reach(100, 500, 1000, 5000), Reach(100, 500, 1000)
SPOT_BOOK, LINEAR_BOOK = SPOT_REACH.rule(consecutive), LINEAR_REACH.rule(linked)

# --- lines

_DAY = 86_400.0
_PING_EVERY, _SILENCE = 8.0, 18.0
"""Quiet markets say nothing: a request of ours is answered at once, two unanswered ones are death. The venue's own
pings come every 20 s on spot and every 3 min on USD-M, too rarely to go by."""

_SPOT_MARKET = Line(
    name=MARKET,
    dialect=lambda: MarketStream(spot_names, FAULTS),
    path=lambda _access: "/stream",
    ping_every=_PING_EVERY,
    silence=_SILENCE,
    lifetime=_DAY,
    most_watches=500,  # 1024 streams, and a ticker takes two
    batch=100,
    connect=(Charge("stream_connects_spot"),),
    frame=(Charge("stream_frames_spot"),),
    source="web-socket-streams.md, general information and limits (2026-07-21)",
)


def _linear_market(name: str, path: str) -> Line:
    return Line(
        name=name,
        dialect=lambda: MarketStream(linear_names, FAULTS),
        path=lambda _access: path,
        ping_every=_PING_EVERY,
        silence=_SILENCE,
        lifetime=_DAY,
        most_watches=1000,
        batch=100,
        connect=(Charge("stream_connects_linear"),),
        frame=(Charge("stream_frames_linear"),),
        source="USD-M Websocket Market Streams, Connect (2026-05-28), paths of 2026-03-05",
    )


_LINEAR_PUBLIC = _linear_market(PUBLIC, "/public/stream")
_LINEAR_MARKET = _linear_market(LINEAR_MARKET, "/market/stream")
_LINEAR_USER = evolve(
    _linear_market(PRIVATE, ""),
    dialect=lambda: KeyedStream(MarketStream(linear_names, FAULTS), linear_events),
    path=lambda key: f"/private/ws/{key.reveal()}",
    access=StartUserStream(product=LINEAR),
    access_seconds=_DAY,  # kept alive by the renewal
    upkeep=Upkeep(operation=lambda key: KeepUserStream(product=LINEAR, key=key), every=1800.0),
    implied=True,
    source="USD-M User Data Streams, Connect (2026-05-28)",
)


def _spot_user(auth: Auth) -> Line:
    return evolve(
        _SPOT_MARKET,
        name=USER,
        dialect=lambda: SpotUserStream(auth),
        path=lambda _access: "/ws-api/v3",
        login=True,
        implied=True,
        connect=(Charge("stream_connects_spot"), Charge("weight_spot", 3)),
        frame=(),
        frame_weight=(Charge("weight_spot"),),  # the login weighs two: one more stands in `connect`
        source="web-socket-api.md, general information and user data stream (2026-07-21)",
    )


# --- the table


def streams_of(auth: Auth) -> Streams:
    """What can be watched, by product."""
    user = _spot_user(auth)
    return {
        (WatchTicker, SPOT): Feed(line=_SPOT_MARKET, example="bookTicker and ticker"),
        (WatchBook, SPOT): Feed(
            line=_SPOT_MARKET, fit=SPOT_REACH.fit, book=SPOT_BOOK, example="depth@100ms on GET /api/v3/depth"
        ),
        (WatchTrades, SPOT): Feed(line=_SPOT_MARKET, example="trade"),
        (WatchCandles, SPOT): Feed(line=_SPOT_MARKET, example="kline"),
        (WatchExecutions, SPOT): Feed(line=user, example="executionReport"),
        (WatchBalances, SPOT): Feed(line=user, example="outboundAccountPosition"),
        (WatchTicker, LINEAR): Feed(line=_LINEAR_PUBLIC, example="bookTicker"),
        (WatchBook, LINEAR): Feed(
            line=_LINEAR_PUBLIC, fit=LINEAR_REACH.fit, book=LINEAR_BOOK, example="depth@100ms on GET /fapi/v1/depth"
        ),
        (WatchTrades, LINEAR): Feed(line=_LINEAR_MARKET, example="aggTrade"),
        (WatchCandles, LINEAR): Feed(line=_LINEAR_MARKET, fit=longer_than_a_second, example="kline"),
        (WatchMarkPrice, LINEAR): Feed(line=_LINEAR_MARKET, example="markPrice@1s"),
        (WatchFundingRate, LINEAR): Feed(line=_LINEAR_MARKET, example="markPrice@1s"),
        (WatchExecutions, LINEAR): Feed(line=_LINEAR_USER, example="ORDER_TRADE_UPDATE and ALGO_UPDATE"),
        (WatchBalances, LINEAR): Feed(line=_LINEAR_USER, example="ACCOUNT_UPDATE, then GET /fapi/v3/balance"),
        (WatchPositions, LINEAR): Feed(line=_LINEAR_USER, example="ACCOUNT_UPDATE"),
    }
