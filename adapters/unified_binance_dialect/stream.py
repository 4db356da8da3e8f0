"""Market streams on one connection: subscriptions by stream name, frames sorted to watches. Opens no socket.

Which names a watch needs each venue's table says (`stream_names`). How rows are read stands in stream_rows, the streams
of an account in stream_account. A stream name that does not exist is accepted and stays silent: names come from the
listing.

Source: Binance web-socket-streams.md (2026-07-21), USD-M "Websocket Market Streams" (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from attrs import evolve

from unified.errors import Fault, Kind, Outcome, VenueError
from unified.feeds import (
    Accepted,
    BookRule,
    Delta,
    Ending,
    Event,
    Follows,
    News,
    Refused,
    Ticket,
)
from unified.operations import FetchBook
from unified.watches import (
    Watch,
    WatchBook,
    WatchCandles,
    WatchFundingRate,
    WatchMarkPrice,
    WatchTicker,
    WatchTrades,
)
from unified.wire import malformed, sent_ms
from unified_binance_dialect.faults import Faults
from unified_binance_dialect.stream_names import Names
from unified_binance_dialect.stream_rows import (
    NOTHING,
    Row,
    read_candle,
    read_funding,
    read_mark,
    read_ticker,
    read_trade,
    trade_id,
)

SURFACES = ("ws-stream",)


def frame_of(frame: str | bytes) -> dict[str, Any]:
    """A frame, decoded once; money is text in all of them. Raises `malformed_response`."""
    try:
        said = orjson.loads(frame)
    except orjson.JSONDecodeError:
        raise malformed("a frame is not JSON") from None
    if type(said) is not dict:
        raise malformed("a frame is not a JSON object")
    return said


class MarketStream:
    """One connection to the path of combined streams."""

    def __init__(self, names: Names, faults: Faults) -> None:
        self._names, self._faults = names, faults
        self._last_id = 0
        self._asked: dict[int, tuple[Watch[Any], ...]] = {}
        self._watches: dict[str, dict[Watch[Any], None]] = {}
        """Stream -> what it is for."""
        self._tickers: dict[Watch[Any], tuple[Row, Row]] = {}
        """Best prices and day, as they came last."""
        self._readers: Mapping[type[Watch[Any]], Callable[[Any, Row], Event]] = {
            WatchBook: _delta,
            WatchTicker: self._ticker,
            WatchTrades: lambda watch, row: News(watch, row, read_trade, trade_id(row)),
            WatchCandles: lambda watch, row: News(watch, row, read_candle),
            WatchMarkPrice: lambda watch, row: News(watch, row, read_mark),
            WatchFundingRate: lambda watch, row: News(watch, row, read_funding),
        }

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Nothing: market streams are for anybody."""
        return ()

    def ping(self) -> str | None:
        """Any request is answered: this one changes nothing."""
        return self._request("LIST_SUBSCRIPTIONS")

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """One frame for all of them."""
        for watch in watches:
            for stream in self._streams(watch):
                self._watches.setdefault(stream, {})[watch] = None
        streams = [stream for watch in watches for stream in self._streams(watch)]
        frame = self._request("SUBSCRIBE", streams)
        self._asked[self._last_id] = tuple(watches)
        return [frame]

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """What nobody else on this connection needs."""
        unused = []
        for watch in watches:
            self._tickers.pop(watch, None)
            for stream in self._streams(watch):
                needed_by = self._watches.get(stream, {})
                needed_by.pop(watch, None)
                if not needed_by and self._watches.pop(stream, None) is not None:
                    unused.append(stream)
        return [self._request("UNSUBSCRIBE", unused)] if unused else []

    def _streams(self, watch: Any) -> list[str]:
        return [f"{watch.instrument.symbol.lower()}@{name}" for name in self._names(watch)]

    def _request(self, method: str, streams: Iterable[str] | None = None) -> str:
        self._last_id += 1
        params = {} if streams is None else {"params": list(dict.fromkeys(streams))}
        return orjson.dumps({"method": method, **params, "id": self._last_id}).decode()

    # --- reading

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says. Raises `malformed_response`."""
        said = frame_of(frame)
        row = said.get("data")
        if row is None:
            return self._answer(said)
        watches = self._watches.get(said.get("stream", ""))
        if watches is None:
            return _notice(row)
        return [self._readers[type(watch)](watch, row) for watch in watches]

    def _answer(self, said: Row) -> Iterable[Event]:
        """The answer to a request; refusals come bare or under `error`."""
        if "e" in said:
            return _notice(said)
        watches = self._asked.pop(said.get("id", 0), ())
        refusal = said.get("error", said)
        if "code" not in refusal:
            return [Accepted(watch) for watch in watches]
        fault = self._faults.of_frame(refusal, SURFACES)
        return [Refused(watch, fault) for watch in watches] or [Refused(None, fault)]

    def _ticker(self, watch: WatchTicker, row: Row) -> Event:
        best, day = self._tickers.get(watch, (NOTHING, NOTHING))
        parts = (best, row) if row.get("e") == "24hrTicker" else (row, day)
        self._tickers[watch] = parts
        return News(watch, parts, read_ticker)


def _delta(watch: WatchBook, row: Row) -> Event:
    return Delta(watch, row["b"], row["a"], row["u"], row["U"], row.get("pu"), row.get("E"))


def _notice(row: Any) -> Sequence[Event]:
    """What belongs to no subscription: that the venue will close the connection, or nothing that matters."""
    if type(row) is dict and row.get("e") == "serverShutdown":
        return (Ending("the venue restarts this connection's server"),)
    return ()


# --- books


class Reach:
    """Depths of books that are joined with a snapshot of at least twice as many levels."""

    def __init__(self, *limits: int) -> None:
        """`limits` are those of the snapshot's call, the least first."""
        self._limits = limits

    def fit(self, watch: WatchBook) -> WatchBook:
        """With the depth that a snapshot bears. Raises `not_supported` (not_sent) beyond the largest."""
        limit = next((limit for limit in self._limits if limit >= 2 * watch.depth), None)
        if limit is None:
            why = f"books have {self._limits[-1] // 2} levels a side at most"
            fault = Fault(kind=Kind.NOT_SUPPORTED, outcome=Outcome.NOT_SENT, message=why)
            raise VenueError.of(fault, operation=watch.name)
        return evolve(watch, depth=limit // 2)

    def base(self, watch: WatchBook) -> FetchBook:
        """The snapshot that the watch is joined with."""
        return FetchBook(instrument=watch.instrument, depth=2 * watch.depth)

    def rule(self, follows: Follows) -> BookRule:
        """Books that are joined so; there is no checksum."""
        return BookRule(follows=follows, base=self.base, moment=sent_ms)
