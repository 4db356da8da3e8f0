"""The streams of the simulated Binance.US: which path leads to what, and accounts behind listen keys.

Written from binance-us-api-docs web-socket-streams.md and user-data-stream.md at 6b62304 (2024-06-17), never from the
adapter. What streams say the dialect has; a listen key is a stream like others. Where the papers are silent it takes
the reading that is worse for a client: no end is announced, of a connection or of a listen key, and a key that is none
is taken for a stream that does not exist, which stays silent.
"""

from __future__ import annotations

from unified.sandbox.engine import Engine
from unified.sandbox.streams import Opening, Talk
from unified_binance_dialect.sandbox_calls import Door, ListenKeys
from unified_binance_dialect.sandbox_listen_keys import account_source
from unified_binance_dialect.sandbox_stream import Maker, MarketTalk, Patience, Source, combined
from unified_binance_dialect.sandbox_stream_account import spot_news
from unified_binance_dialect.sandbox_stream_rows import maker

_RAW = "/ws/"
_FRAMES = 5


def talk_of(opening: Opening, door: Door, engine: Engine, keys: ListenKeys) -> Talk | None:
    """Who leads a connection to this path; None where there is none."""
    path, raw = combined(opening.path)
    if path != "/stream":
        return None
    talk = MarketTalk(engine, _every(door, engine, keys), Patience(engine, _FRAMES), raw=raw)
    if opening.path.startswith(_RAW):
        talk.subscribe([opening.path.removeprefix(_RAW)])
    return talk


def _every(door: Door, engine: Engine, keys: ListenKeys) -> Maker:
    market = maker(engine, door)

    def make(stream: str) -> Source | None:
        owner = keys.owner(stream)
        if owner is None:
            return market(stream)
        return account_source(lambda: keys.lives(stream, engine.true_us), spot_news(engine, engine.accounts[owner]))

    return make
