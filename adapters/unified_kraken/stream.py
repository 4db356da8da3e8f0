"""Kraken's WebSocket v2: which channel brings what, subscriptions, frames sorted to watches. Opens no socket.

How books are read stands in books, how tickers, trades, candles and executions are in stream_rows. Frames are decoded
once, numbers staying text: Kraken writes money as JSON numbers, and no float ever holds it.

Source: docs.kraken.com, websocket-v2 (2026-05-27): ticker, trade, ohlc, executions, balances.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve

from unified.adapter import Charge
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.feeds import (
    Accepted,
    Delta,
    Event,
    Feed,
    Line,
    News,
    Refused,
    Snapshot,
    Streams,
    Ticket,
    Unclear,
)
from unified.instrument import Product
from unified.market_data import Interval
from unified.operations import Operation, Priority
from unified.secret import Secret
from unified.watches import (
    InstrumentWatch,
    Watch,
    WatchBalances,
    WatchBook,
    WatchCandles,
    WatchExecutions,
    WatchTicker,
    WatchTrades,
)
from unified.wire import Json, child, malformed, obj, text
from unified_kraken.books import BOOK, BookFrame, read_at_once, read_row
from unified_kraken.faults import fault_of
from unified_kraken.stream_rows import Executions, read_candle, read_ticker, read_trade

PUBLIC, PRIVATE = "public", "private"
DEPTHS = (10, 25, 100, 500, 1000)
INTERVALS: Mapping[Interval, int] = {
    Interval.M1: 1,
    Interval.M5: 5,
    Interval.M15: 15,
    Interval.M30: 30,
    Interval.H1: 60,
    Interval.H4: 240,
    Interval.D1: 1440,
    Interval.W1: 10080,
}
_SURFACES = ("ws", "spot")
_NUMBERS_AS_TEXT = json.JSONDecoder(parse_float=str, parse_int=str)
"""Amounts stand in frames as JSON numbers, which must not become floats."""
_POLICY_VIOLATION = 1008
"""After this close code Kraken's own SDK does not connect again (sheet of 2026-10)."""

# --- the token of private channels


class FetchStreamToken(Operation[Secret]):
    """A token for private channels, to be used within 15 minutes; a subscription made with it lasts."""

    __slots__ = ()
    name = "stream_token"
    priority = Priority.PRIVATE_READ


def parse_token(_operation: FetchStreamToken, result: Json) -> Secret:
    return Secret(text(obj(result, "result"), "token"))


# --- what fits


def fitted(watch: WatchBook) -> WatchBook:
    """With the least depth of the venue that holds as many levels."""
    depth = next((depth for depth in DEPTHS if depth >= watch.depth), None)
    if depth is None:
        raise _not_offered(watch, f"books have {DEPTHS[-1]} levels a side at most")
    return evolve(watch, depth=depth)


def _of_known_length(watch: WatchCandles) -> WatchCandles:
    if watch.interval not in INTERVALS:
        raise _not_offered(watch, f"candles of {watch.interval} are not offered; there are: {', '.join(INTERVALS)}")
    return watch


def _not_offered(watch: Watch[Any], why: str) -> VenueError:
    fault = Fault(kind=Kind.NOT_SUPPORTED, outcome=Outcome.NOT_SENT, message=why)
    return VenueError.of(fault, venue="kraken", operation=watch.name)


# --- the dialect

_CHANNELS: Mapping[type[Watch[Any]], str] = {
    WatchBook: "book",
    WatchTicker: "ticker",
    WatchTrades: "trade",
    WatchCandles: "ohlc",
    WatchExecutions: "executions",
    WatchBalances: "balances",
}


def _terms(watch: Watch[Any]) -> dict[str, Any]:
    """What a subscription says beside channel and symbol; an unsubscription must repeat it."""
    match watch:
        case WatchBook():
            return {"depth": watch.depth}
        case WatchTicker():
            return {"event_trigger": "bbo"}
        case WatchCandles():
            return {"interval": INTERVALS[watch.interval]}
    return {}


def _wishes(watch: Watch[Any]) -> dict[str, Any]:
    """What a subscription asks for at its begin. The docs contradict each other about the defaults: all are said."""
    match watch:
        case WatchTrades():
            return {"snapshot": False}
        case WatchExecutions():
            return {"snap_orders": True, "snap_trades": False, "order_status": True}
    return {"snapshot": True}


class KrakenStream:
    """One connection."""

    def __init__(self) -> None:
        self._last_id = 0
        self._asked: dict[str, dict[str | None, Watch[Any]]] = {}
        """Request id -> symbol -> watch, until the venue has answered for each symbol."""
        self._watches: dict[tuple[str, str], Any] = {}
        """Channel and symbol (with the interval of candles) -> watch."""
        self._executions: Executions | None = None
        self._balances: WatchBalances | None = None
        self._readers: Mapping[str, Callable[[dict[str, Any]], Iterable[Event]]] = {
            "book": lambda said: self._book(read_row(said["type"], said["data"][0])),
            "ticker": self._ticker,
            "trade": self._trades,
            "ohlc": self._candles,
            "executions": self._own_orders,
            "balances": self._own_balances,
        }

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Nothing: a private subscription carries its token."""
        return ()

    def ping(self) -> str | None:
        """The venue's own ping, which it answers on any connection."""
        return self._frame("ping", {}, {})

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """One frame for all symbols that ask for the same."""
        frames = []
        for alike in _alike(watches):
            params = {**_params(alike, ticket), **_wishes(alike[0])}
            symbols = {_symbol(watch): watch for watch in alike}
            for symbol, watch in symbols.items():
                self._remember(watch, symbol)
            frames.append(self._frame("subscribe", params, symbols))
        return frames

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        return [self._frame("unsubscribe", _params(alike, ticket), {}) for alike in _alike(watches)]

    def _frame(self, method: str, params: Mapping[str, Any], symbols: dict[str | None, Watch[Any]]) -> str:
        self._last_id += 1
        if symbols:
            self._asked[str(self._last_id)] = symbols
        said = {"method": method, **({"params": params} if params else {}), "req_id": self._last_id}
        return json.dumps(said, separators=(",", ":"))

    def _remember(self, watch: Watch[Any], symbol: str | None) -> None:
        if isinstance(watch, WatchExecutions):
            self._executions = Executions(watch)
        elif isinstance(watch, WatchBalances):
            self._balances = watch
        else:
            self._watches[_key(watch, symbol or "")] = watch

    # --- reading

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says. Raises `malformed_response`."""
        try:
            if isinstance(frame, bytes):
                frame = frame.decode()
            book = read_at_once(frame)
            if book is not None:
                return self._book(book)
            said = _NUMBERS_AS_TEXT.decode(frame)
            channel = said.get("channel")
        except (ValueError, AttributeError, RecursionError):
            raise malformed("a frame is not a JSON object") from None
        reader = self._readers.get(channel)
        if reader is not None:
            return reader(said)
        return () if channel is not None else self._answer(said)

    def _answer(self, said: dict[str, Any]) -> Iterable[Event]:
        """The answer to a request of ours; those to pings and unsubscriptions say nothing that matters."""
        if said.get("method") not in ("subscribe", None):
            return ()
        asked = self._asked.get(said.get("req_id", ""), {})
        if said.get("success") is True:
            return [Accepted(watch) for watch in self._answered(asked, child(said, "result"), said)]
        words = said.get("error")
        if not isinstance(words, str):
            return ()
        fault = fault_of(words, _SURFACES)
        watches = self._answered(asked, said, said)
        return [Refused(watch, fault) for watch in watches] or ([] if asked else [Refused(None, fault)])

    def _answered(
        self, asked: dict[str | None, Watch[Any]], row: Mapping[str, Any], said: Mapping[str, Any]
    ) -> list[Watch[Any]]:
        """The watches that an answer is about; all of its request where it names no symbol."""
        symbol = row.get("symbol")
        watches = list(asked.values()) if symbol is None else [asked[symbol]] if symbol in asked else []
        for watch in watches:
            asked.pop(_symbol(watch), None)
        if not asked:
            self._asked.pop(said.get("req_id", ""), None)
        return watches

    def _book(self, told: BookFrame) -> Iterable[Event]:
        watch = self._watches.get(("book", told.symbol))
        if watch is None:
            return ()
        if told.kind == "snapshot":
            return (Snapshot(watch, told.bids, told.asks, time=told.time, checksum=int(told.checksum)),)
        return (Delta(watch, told.bids, told.asks, time=told.time, checksum=int(told.checksum)),)

    def _ticker(self, said: dict[str, Any]) -> Iterable[Event]:
        return self._news("ticker", said, read_ticker)

    def _trades(self, said: dict[str, Any]) -> Iterable[Event]:
        return [
            News(watch, row, read_trade, row["trade_id"])
            for row in said["data"]
            if (watch := self._watches.get(("trade", row["symbol"]))) is not None
        ]

    def _candles(self, said: dict[str, Any]) -> Iterable[Event]:
        return [
            News(watch, row, read_candle)
            for row in said["data"]
            if (watch := self._watches.get((f"ohlc {row['interval']}", row["symbol"]))) is not None
        ]

    def _news(self, channel: str, said: dict[str, Any], read: Callable[[Any, Any], Any]) -> Iterable[Event]:
        found = [(self._watches.get((channel, row["symbol"])), row) for row in said["data"]]
        return [News(watch, row, read) for watch, row in found if watch is not None]

    def _own_orders(self, said: dict[str, Any]) -> Iterable[Event]:
        return () if self._executions is None else self._executions.receive(said)

    def _own_balances(self, _said: dict[str, Any]) -> Iterable[Event]:
        """Totals only, and nothing about what orders hold: the venue is asked."""
        return () if self._balances is None else (Unclear(self._balances),)


def _key(watch: Watch[Any], symbol: str) -> tuple[str, str]:
    if isinstance(watch, WatchCandles):
        return f"ohlc {INTERVALS[watch.interval]}", symbol
    return _CHANNELS[type(watch)], symbol


def _symbol(watch: Watch[Any]) -> str | None:
    """`BTC/USD`, as everybody says it: WebSocket v2 knows neither XBT nor XDG."""
    return f"{watch.instrument.base}/{watch.instrument.quote}" if isinstance(watch, InstrumentWatch) else None


def _alike(watches: Sequence[Watch[Any]]) -> list[list[Watch[Any]]]:
    """Watches that one frame can name together."""
    groups: dict[tuple[Any, ...], list[Watch[Any]]] = {}
    for watch in watches:
        groups.setdefault((type(watch), *_terms(watch).values()), []).append(watch)
    return list(groups.values())


def _params(alike: Sequence[Watch[Any]], ticket: Ticket) -> dict[str, Any]:
    params: dict[str, Any] = {"channel": _CHANNELS[type(alike[0])], **_terms(alike[0])}
    if alike[0].private:
        return {**params, "token": ticket.access.reveal()}
    return {**params, "symbol": [_symbol(watch) for watch in alike]}


# --- the table


def _line(name: str, access: FetchStreamToken | None = None) -> Line:
    return Line(
        name=name,
        dialect=KrakenStream,
        path=lambda _access: "/v2",
        access=access,
        access_seconds=600.0,
        ping_every=30.0,
        # A heartbeat comes every second without other traffic; 5 to 10 s without a frame are taken for death.
        silence=5.0,
        most_watches=200,
        batch=50,
        connect=(Charge("stream_connects"),),
        frame=(Charge("stream_frames"),),
        terminal=frozenset({_POLICY_VIOLATION}),
        source="docs.kraken.com, websocket-v2 heartbeat and book (2026-05-27); no lifetime is documented",
    )


_PUBLIC_LINE, _PRIVATE_LINE = _line(PUBLIC), _line(PRIVATE, FetchStreamToken(product=Product.SPOT))
STREAMS: Streams = {
    (WatchTicker, Product.SPOT): Feed(line=_PUBLIC_LINE, example="ticker"),
    (WatchBook, Product.SPOT): Feed(line=_PUBLIC_LINE, fit=fitted, book=BOOK, example="book"),
    (WatchTrades, Product.SPOT): Feed(line=_PUBLIC_LINE, example="trade"),
    (WatchCandles, Product.SPOT): Feed(line=_PUBLIC_LINE, fit=_of_known_length, example="ohlc"),
    (WatchExecutions, Product.SPOT): Feed(line=_PRIVATE_LINE, example="executions"),
    (WatchBalances, Product.SPOT): Feed(line=_PRIVATE_LINE, example="balances, then POST /0/private/BalanceEx"),
}
