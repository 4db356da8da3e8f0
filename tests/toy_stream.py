"""A line of a few words for tests of streams: frames are JSON lists, and a socket is two queues that a test holds.

Frames of the venue: ["ok", name], ["no", name, kind], ["in"], ["out", kind], ["book", sequence, bids, asks],
["delta", first, sequence, bids, asks], ["tick", price], ["trade", id], ["end"], ["gap"], ["hole"].
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from tests.toy import BTC
from unified.adapter import Charge, Stamp
from unified.book import BookBuilder
from unified.connection import Means
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.feeds import (
    Accepted,
    BookRule,
    Delta,
    Ending,
    Event,
    Gap,
    Line,
    LoggedIn,
    LoginRefused,
    News,
    Own,
    Refused,
    Snapshot,
    Ticket,
    consecutive,
)
from unified.link import Link
from unified.market_data import Ticker
from unified.operations import Operation
from unified.watches import Watch, WatchBook, WatchTicker, WatchTrades

BOOK = WatchBook(instrument=BTC, depth=5)
TICKER = WatchTicker(instrument=BTC)
TRADES = WatchTrades(instrument=BTC)
RULE = BookRule(follows=consecutive)
KINDS: dict[str, Watch[Any]] = {watch.name: watch for watch in (BOOK, TICKER, TRADES)}


def read_ticker(watch: WatchTicker, raw: Any) -> Ticker:
    return Ticker(instrument=watch.instrument, last=Decimal(raw))


class ToyStream:
    """Its dialect: a subscription is ["sub", name], its answer ["ok", name]."""

    def login(self, ticket: Ticket) -> Sequence[str]:
        return ['["login"]']

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        return [json.dumps(["sub", watch.name]) for watch in watches]

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        return [json.dumps(["unsub", watch.name]) for watch in watches]

    def ping(self) -> str | None:
        return '["ping"]'

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        word, *rest = json.loads(frame)
        return [MEANINGS[word](*rest)] if word in MEANINGS else []


MEANINGS: dict[str, Callable[..., Event]] = {
    "ok": lambda name: Accepted(KINDS[name]),
    "no": lambda name, kind: Refused(KINDS[name], Fault(kind=Kind(kind))),
    "in": LoggedIn,
    "out": lambda kind: LoginRefused(Fault(kind=Kind(kind))),
    "book": lambda sequence, bids, asks: Snapshot(BOOK, bids, asks, sequence=sequence),
    "delta": lambda first, sequence, bids, asks: Delta(BOOK, bids, asks, first=first, sequence=sequence),
    "tick": lambda price: News(TICKER, price, read_ticker),
    "trade": lambda key: News(TRADES, key, lambda _watch, raw: raw, key),
    "end": lambda: Ending("a restart"),
    "gap": lambda: Gap(None, "a number was left out"),
    "hole": lambda: Gap((BOOK,), "a number was left out"),
}


class ToySocket:
    """The client's end; the test is the venue."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.sent_at: list[float] = []
        self.frames: asyncio.Queue[str | None] = asyncio.Queue()
        self.closed = False
        self.answers = True
        """Whether logins and subscriptions are accepted by themselves."""
        self.snapshots = True
        """Whether a snapshot follows the acceptance of a book."""

    def say(self, *words: Any) -> None:
        self.frames.put_nowait(json.dumps(words))

    def die(self) -> None:
        self.frames.put_nowait(None)

    async def receive(self) -> str | bytes:
        frame = await self.frames.get()
        if frame is None:
            raise VenueError.of(Fault(kind=Kind.CONNECTION_LOST, code="1006", message="the line went dead"))
        return frame

    async def send(self, frame: str) -> None:
        words = json.loads(frame)
        self.sent.append(words)
        self.sent_at.append(asyncio.get_running_loop().time())
        if self.answers and words[0] == "login":
            self.say("in")
        if self.answers and words[0] == "sub":
            self.say("ok", words[1])
            if words[1] == BOOK.name and self.snapshots:
                self.say("book", 10, [["100", "1"]], [["101", "2"]])

    async def ping(self) -> None:
        self.sent.append(["protocol ping"])

    async def aclose(self) -> None:
        self.closed = True


class ToyDialer:
    """Opens toy sockets, or fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.sockets: list[ToySocket] = []
        self.failures = failures
        self.tried_at: list[float] = []
        self.answers = self.snapshots = True

    async def connect(self, address: str, *, timeout: float) -> ToySocket:
        assert address == "wss://toy/v1"
        self.tried_at.append(asyncio.get_running_loop().time())
        if len(self.tried_at) <= self.failures:
            raise VenueError.of(Fault(kind=Kind.CONNECT_FAILED, outcome=Outcome.NOT_SENT))
        socket = ToySocket()
        socket.answers, socket.snapshots = self.answers, self.snapshots
        self.sockets.append(socket)
        return socket

    async def aclose(self) -> None:
        return None


class Ears:
    """An audience that writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def rule_of(self, watch: WatchBook) -> BookRule:
        return RULE

    def accepted(self, link: Link, watch: Watch[Any]) -> None:
        self.heard.append(("accepted", watch.name))

    def refused(self, watch: Watch[Any], fault: Fault) -> None:
        self.heard.append(("refused", watch.name, fault.kind))

    def news(self, link: Link, news: News) -> None:
        self.heard.append(("news", news.raw))

    def own(self, own: Own) -> None:
        self.heard.append(("own", own.value))

    def unclear(self, watch: Watch[Any]) -> None:
        self.heard.append(("unclear", watch.name))

    def book(self, link: Link, builder: BookBuilder) -> None:
        assert builder.available
        self.heard.append(("book", builder.sequence))

    def down(self, link: Link, watch: Watch[Any], reason: str) -> None:
        self.heard.append(("down", watch.name, reason))

    def count(self, word: str) -> int:
        return sum(heard[0] == word for heard in self.heard)


def line(**changes: Any) -> Line:
    facts: dict[str, Any] = {"name": "toy", "dialect": ToyStream, "path": lambda _access: "/v1", "silence": 5.0}
    return Line(**{**facts, **changes})


def means(dialer: ToyDialer, spent: list[tuple[Charge, ...]] | None = None) -> Means:
    async def run(_operation: Operation[Any]) -> Any:
        return "a token"

    async def spend(charges: tuple[Charge, ...], _door: str) -> None:
        if spent is not None and charges:
            spent.append(charges)

    async def stamp(_door: str) -> Stamp:
        return Stamp(time_ms=1, window_ms=1000, nonce=1, token="0" * 32)

    return Means(dialer=dialer, run=run, spend=spend, stamp=stamp, doubt=lambda _door, _at: None, chance=Random(1))


def link(dialer: ToyDialer, ears: Ears, **changes: Any) -> Link:
    return Link(1, line(**changes), "wss://toy", "main", means(dialer), ears)
