"""Paper's streams: requests by id, topics by name, one number for every frame. Opens no socket.

Each frame of a connection, heartbeats included, bears the next number: one that is left out voids all that the
connection has told, and everything is subscribed anew. Rows are those of REST: how they are read stands in
`market_data`, `orders` and `account`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

import orjson

from unified.adapter import Charge
from unified.errors import Fault, VenueError
from unified.feeds import (
    Accepted,
    BookRule,
    Delta,
    Ending,
    Event,
    Feed,
    Gap,
    Line,
    LoggedIn,
    LoginRefused,
    News,
    Own,
    Refused,
    Snapshot,
    Streams,
    Ticket,
    Unclear,
)
from unified.http import Method
from unified.instrument import Product
from unified.market_data import Candle, Ticker, Trade
from unified.watches import (
    Watch,
    WatchBalances,
    WatchBook,
    WatchCandles,
    WatchExecutions,
    WatchTicker,
    WatchTrades,
)
from unified.wire import child, children, integer, malformed, obj, rows, sent_ms, text
from unified_paper.account import balance_of
from unified_paper.auth import Auth
from unified_paper.faults import CATALOGUE
from unified_paper.market_data import candle_of, ticker_of, trade_of
from unified_paper.orders import fill_of, order_of

MARKET, USER = "market", "user"
"""Names of the lines."""
SPOT = Product.SPOT
PATH = "/stream"
Row = dict[str, Any]


def topic_of(watch: Any) -> str:
    """What a watch is called."""
    match watch:
        case WatchExecutions():
            return "orders"
        case WatchBalances():
            return "balances"
        case WatchTicker():
            return f"ticker.{watch.instrument.symbol}"
        case WatchTrades():
            return f"trades.{watch.instrument.symbol}"
        case WatchCandles():
            return f"candles.{watch.instrument.symbol}.{watch.interval.value}"
    return f"book.{watch.instrument.symbol}.{watch.depth}"


class PaperStream:
    """One connection."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._ids = count(1)
        self._number = 0
        """Of the last frame."""
        self._asked: dict[int, Watch[Any] | None] = {}
        """What requests that are not answered yet are about; None for the login."""
        self._watches: dict[str, Watch[Any]] = {}
        """By topic."""

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Raises `bad_credentials` (not_sent) without a key."""
        headers = self._auth.headers(Method.GET, PATH, "", b"", ticket.stamp)
        return [self._request("login", None, {"as": headers})]

    def ping(self) -> str | None:
        """The venue's heartbeats tell enough."""
        return None

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """One request each, so that a refusal names its watch."""
        frames = []
        for watch in watches:
            topic = topic_of(watch)
            self._watches[topic] = watch
            frames.append(self._request("subscribe", watch, {"topic": topic}))
        return frames

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """Their answers are nobody's."""
        topics = [topic for topic in map(topic_of, watches) if self._watches.pop(topic, None) is not None]
        return [_frame({"id": next(self._ids), "do": "unsubscribe", "topic": topic}) for topic in topics]

    def _request(self, what: str, watch: Watch[Any] | None, about: Mapping[str, Any]) -> str:
        number = next(self._ids)
        self._asked[number] = watch
        return _frame({"id": number, "do": what, **about})

    # --- reading

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says; nothing where it came before. Raises `malformed_response`."""
        try:
            said = obj(orjson.loads(frame), "frame")
        except ValueError:
            raise malformed("a frame is not JSON") from None
        number, last = integer(said, "number"), self._number
        if number <= last:
            return ()
        self._number = number
        if number == last + 1:
            return self._understood(said)
        lost = Gap(tuple(self._watches.values()), f"after frame {last} came {number}")
        return (lost, *(() if said.get("kind") == "news" else self._understood(said)))

    def _understood(self, said: Row) -> Iterable[Event]:
        match said.get("kind"):
            case "news":
                watch = self._watches.get(text(said, "topic"))
                return () if watch is None else told(watch, said.get("data"))
            case "done":
                return self._answered(said, None)
            case "refused":
                error = child(said, "error")
                return self._answered(said, CATALOGUE.fault(text(error, "code"), message=text(error, "message")))
            case "ending":
                return (Ending("the venue has announced it"),)
        return ()

    def _answered(self, said: Row, fault: Fault | None) -> Iterable[Event]:
        number = said.get("id")
        if number not in self._asked:
            return () if fault is None or number is not None else (Refused(None, fault),)
        watch = self._asked.pop(number)
        if watch is None:
            return (LoggedIn() if fault is None else LoginRefused(fault),)
        return (Accepted(watch) if fault is None else Refused(watch, fault),)


def _frame(said: Mapping[str, Any]) -> str:
    return orjson.dumps(said).decode()


# --- news


def told(watch: Any, data: Any) -> Iterable[Event]:
    """What a topic's news are to its watch."""
    match watch:
        case WatchBook():
            return (_book(watch, obj(data, "data")),)
        case WatchTicker():
            return (News(watch, obj(data, "data"), read_ticker),)
        case WatchCandles():
            return (News(watch, obj(data, "data"), read_candle),)
        case WatchTrades():
            return [News(watch, row, read_trade, text(row, "id")) for row in rows(data, "data")]
    try:
        return list(_own(watch, data))
    except VenueError:
        return (Unclear(watch),)  # what cannot be read can be asked for


def _book(watch: WatchBook, row: Row) -> Snapshot | Delta:
    bids, asks, number, when = row["bids"], row["asks"], row["sequence"], row.get("time_ms")
    if row["kind"] == "whole":
        return Snapshot(watch, bids, asks, sequence=number, time=when)
    return Delta(watch, bids, asks, sequence=number, time=when)


def _own(watch: WatchExecutions | WatchBalances, data: Any) -> Iterable[Own]:
    """Fills before the orders that they fill."""
    if isinstance(watch, WatchBalances):
        yield from (Own(watch, balance_of(obj(row, "data[]"))) for row in rows(data, "data"))
        return
    for name, read in (("fills", fill_of), ("orders", order_of)):
        for row in children(data, name):
            yield Own(watch, read(watch.listing.of(text(row, "symbol"), SPOT), row))


def read_ticker(watch: WatchTicker, row: Row) -> Ticker:
    return ticker_of(watch.instrument, row)


def read_trade(watch: WatchTrades, row: Row) -> Trade:
    return trade_of(watch.instrument, row)


def read_candle(watch: WatchCandles, row: Row) -> Candle:
    return candle_of(watch, row)


# --- the table

BOOK = BookRule(moment=sent_ms)
"""Whether a change is missing the frames' numbers tell."""


def streams_of(auth: Auth) -> Streams:
    """What can be watched."""
    market, user = (
        Line(
            name=name,
            dialect=partial(PaperStream, auth),
            path=lambda _access: PATH,
            login=name == USER,
            silence=5.0,  # heartbeats come every second
            connect=(Charge("connects"),),
            frame=(Charge("frames"),),
            source="sandbox_stream.py",
        )
        for name in (MARKET, USER)
    )
    return {
        (WatchTicker, SPOT): Feed(line=market, example="ticker.BTCUSDT"),
        (WatchBook, SPOT): Feed(line=market, book=BOOK, example="book.BTCUSDT.10"),
        (WatchTrades, SPOT): Feed(line=market, example="trades.BTCUSDT"),
        (WatchCandles, SPOT): Feed(line=market, example="candles.BTCUSDT.1m"),
        (WatchExecutions, SPOT): Feed(line=user, example="orders"),
        (WatchBalances, SPOT): Feed(line=user, example="balances"),
    }
