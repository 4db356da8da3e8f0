"""Bitzoom's streams: one envelope for all, pushes by subscription id, and the table of what can be watched.

Confirmations name the channel and no request, so each channel is asked one thing at a time. Depth pushes are whole
books without a number: each replaces the book. What pushes of the account look like is not documented: that one is not
as the last was means that something has changed, which is then asked for over REST. How market pushes are read stands
in stream_rows. Opens no socket.

Source: bitzoom-futures/futures.doc, docs/websocket.md and docs/authentication.md at 3bcd596 (after 2026-02-13); the
types of arguments as its WebSocketTester sends them (2026-02-13).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson
from attrs import evolve

from unified.adapter import Charge
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.feeds import (
    Accepted,
    BookRule,
    Event,
    Feed,
    Gap,
    Line,
    LoggedIn,
    LoginRefused,
    Refused,
    Reply,
    Streams,
    Ticket,
    Unclear,
)
from unified.instrument import Product
from unified.market_data import Interval
from unified.watches import (
    Watch,
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
from unified.wire import Json, malformed, sent_ms
from unified_bitzoom.auth import STREAM, Auth
from unified_bitzoom.faults import fault_of_frame
from unified_bitzoom.rows import TOTALS, named
from unified_bitzoom.stream_rows import READERS

LINEAR = Product.LINEAR
MARKET, USER = "market", "user"
"""Names of the lines."""

LOGON, PROBE = "logon", "/api/v1/exchangeinfo"
"""The second is asked for nothing but an answer: it is the one channel without arguments."""
ORDERS, BALANCE, POSITIONS = "/api/v1/openorders", "/api/v1/balance", "/api/v1/positionrisk"
_DEPTHS = (5, 10, 20)
_TRADES, _CANDLES = 50, 2


class Topic(NamedTuple):
    """One subscription of the venue."""

    channel: str
    data: str
    """Its arguments, as JSON."""

    def frame(self, event: str) -> str:
        """A request about it."""
        said = {"channel": self.channel, "event": event, "data": orjson.Fragment(self.data)}
        return orjson.dumps(said).decode()


def topics_of(watch: Any) -> tuple[Topic, ...]:
    """What a watch needs. An order that fills at once never is an open one: positions and the fee tell of it."""
    match watch:
        case WatchExecutions():
            return (_topic(ORDERS), _topic(POSITIONS), _topic(BALANCE))
        case WatchBalances():
            return (_topic(BALANCE),)
        case WatchPositions():
            return (_topic(POSITIONS),)
    symbol = watch.instrument.symbol
    match watch:
        case WatchBook():
            return (_topic("/api/v1/depth", symbol=symbol, limit=str(watch.depth)),)
        case WatchTrades():
            return (_topic("/api/v1/trades", symbol=symbol, limit=_TRADES),)
        case WatchCandles():
            interval = watch.interval.value
            return (_topic("/api/v1/klines", symbol=symbol, interval=interval, limit=_CANDLES),)
        case WatchTicker():
            return (_topic("/api/v1/ticker/hr24", symbol=symbol),)
    return (_topic("/api/v1/premiumindex", symbol=symbol),)


def _topic(channel: str, **data: Any) -> Topic:
    return Topic(channel, orjson.dumps(data).decode())


class _Request(NamedTuple):
    event: str
    topic: Topic


class BitzoomStream:
    """One connection."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._watches: dict[Topic, dict[Watch[Any], int]] = {}
        """What a topic is for, and the venue's time (ms) when that was asked for."""
        self._lacking: dict[Watch[Any], set[Topic]] = {}
        """What has still to be confirmed of a watch."""
        self._requests: dict[str, deque[_Request]] = {}
        """By channel; the first of each is on its way."""
        self._topics: dict[str, Topic] = {}
        self._ended: dict[str, Topic] = {}
        """By subscription id: what is pushed, what was."""
        self._last: dict[tuple[Watch[Any], Topic], Any] = {}
        """What the last push of the account showed of what matters to a watch."""
        self._probing = False

    def login(self, ticket: Ticket) -> Sequence[str]:
        """The logon. Raises VenueError (not_sent) without a key."""
        return [orjson.dumps({"event": "sub", "channel": LOGON, "data": self._auth.logon(ticket.stamp)}).decode()]

    def ping(self) -> str | None:
        """A harmless subscription and its end by turns: no ping is documented, and both are answered."""
        self._probing = not self._probing
        return Topic(PROBE, "{}").frame("sub" if self._probing else "unsub")

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """The first of each channel; the others follow when that is answered."""
        frames, active = [], set(self._topics.values())
        for watch in watches:
            topics = topics_of(watch)
            self._lacking[watch] = {topic for topic in topics if topic not in active}
            for topic in topics:
                is_new = topic not in self._watches
                self._watches.setdefault(topic, {})[watch] = ticket.stamp.time_ms
                if is_new:
                    frames += self._ask(_Request("sub", topic))
        if any(not self._lacking[watch] for watch in watches):
            frames.append(self.ping() or "")  # its answer brings the word that there is nothing to wait for
        return frames

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """What nobody else on this connection needs."""
        frames = []
        for watch in watches:
            self._lacking.pop(watch, None)
            for topic in topics_of(watch):
                needed_by = self._watches.get(topic, {})
                needed_by.pop(watch, None)
                self._last.pop((watch, topic), None)
                if not needed_by and self._watches.pop(topic, None) is not None:
                    frames += self._end(topic)
        return frames

    def _ask(self, request: _Request) -> list[str]:
        waiting = self._requests.setdefault(request.topic.channel, deque())
        waiting.append(request)
        return [request.topic.frame(request.event)] if len(waiting) == 1 else []

    def _end(self, topic: Topic) -> list[str]:
        for number in [number for number, known in self._topics.items() if known == topic]:
            self._ended[number] = self._topics.pop(number)
        waiting = self._requests.setdefault(topic.channel, deque())
        begun = _Request("sub", topic)
        if begun not in waiting:
            return self._ask(_Request("unsub", topic))
        if waiting[0] != begun:
            waiting.remove(begun)
            return []
        waiting[0] = _Request("unsub", topic)
        return [topic.frame("unsub")]

    # --- reading

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says: one object a line. Raises `malformed_response`."""
        text = frame.decode("utf-8", "replace") if isinstance(frame, bytes) else frame
        events = [event for line in text.split("\n") if line.strip() for event in self._understood(line)]
        settled = [watch for watch, lacking in self._lacking.items() if not lacking]
        for watch in settled:
            del self._lacking[watch]
        return [*(Accepted(watch) for watch in settled), *events]

    def _understood(self, line: str) -> Iterable[Event]:
        try:
            said = orjson.loads(line)
            channel, event, data = said["channel"], said["event"], said.get("data")
        except (ValueError, TypeError, LookupError, AttributeError):
            raise malformed("a line of a frame is not an object with channel and event") from None
        if channel == LOGON:
            return _logon(event, data)
        if channel == PROBE:
            return ()
        match event:
            case "sub":
                return self._confirmed(channel, data)
            case "unsub":
                return self._ended_by_venue(channel, data)
            case "error":
                return self._refused(channel, data)
        return self._pushed(event, data)

    def _confirmed(self, channel: str, data: Json) -> Iterable[Event]:
        """The keys are ids. Of a doubled confirmation none is new, and the next request is still on its way."""
        request = self._first(channel)
        if request is None or request.event != "sub" or type(data) is not dict:
            return ()
        new = [number for number in data if self._may_be(number, request.topic)]
        if not new:
            return ()
        for number in new:
            self._topics[number] = request.topic
        for lacking in self._lacking.values():
            lacking.discard(request.topic)
        return self._next(channel)

    def _may_be(self, number: str, topic: Topic) -> bool:
        return number not in self._topics and self._ended.get(number, topic) == topic

    def _ended_by_venue(self, channel: str, data: Json) -> Iterable[Event]:
        request = self._first(channel)
        if request is None or request.event != "unsub":
            return ()
        ended = self._ended.get(data, request.topic) if type(data) is str else request.topic
        return self._next(channel) if ended == request.topic else ()

    def _refused(self, channel: str, data: Json) -> Iterable[Event]:
        """The request on its way is refused; where there is none, what was subscribed may have ended."""
        fault, request = fault_of_frame(channel, data), self._first(channel)
        if request is None:
            about = [watch for topic, known in self._watches.items() if topic.channel == channel for watch in known]
            return (Gap(tuple(about), "the venue told an error of this channel") if about else Refused(None, fault),)
        if request.event == "unsub":
            return self._next(channel)
        refused = self._watches.pop(request.topic, {})
        for watch in refused:
            self._lacking.pop(watch, None)
        return [*(Refused(watch, fault) for watch in refused), *self._next(channel)]

    def _first(self, channel: str) -> _Request | None:
        waiting = self._requests.get(channel)
        return waiting[0] if waiting else None

    def _next(self, channel: str) -> list[Event]:
        """The first request is answered: the one behind it may go."""
        waiting = self._requests[channel]
        waiting.popleft()
        return [Reply(waiting[0].topic.frame(waiting[0].event))] if waiting else []

    def _pushed(self, number: Any, data: Json) -> Iterable[Event]:
        topic = self._topics.get(number) if type(number) is str else None
        if topic is None:
            return ()
        watches = self._watches[topic]
        if topic.channel in (ORDERS, BALANCE, POSITIONS):
            return self._changed(topic, watches, data)
        return [event for watch, since_ms in watches.items() for event in READERS[type(watch)](watch, data, since_ms)]

    def _changed(self, topic: Topic, watches: Iterable[Watch[Any]], data: Json) -> Iterable[Event]:
        events = []
        for watch in watches:
            shown = data if isinstance(watch, WatchBalances) else _essence(topic.channel, data)
            if (watch, topic) not in self._last or self._last[watch, topic] != shown:
                self._last[watch, topic] = shown
                events.append(Unclear(watch))
        return events


def _logon(event: Any, data: Json) -> Iterable[Event]:
    match event:
        case "success":
            return (LoggedIn(),)
        case "error":
            return (LoginRefused(fault_of_frame(LOGON, data)),)
    return ()


def _essence(channel: str, data: Json) -> Any:
    """How much there is of each position and currency: marks, profits and what is free move all the time.

    All of the push where that cannot be told, and of orders.
    """
    try:
        if channel == POSITIONS:
            return sorted((row["symbol"], str(row.get("positionSide")), str(row["positionAmt"])) for row in data)
        if channel == BALANCE:
            return sorted((row["asset"], str(row[named(row, TOTALS)])) for row in data)
    except (TypeError, LookupError, AttributeError):
        pass
    return data


# --- the table


def _fit_depth(watch: WatchBook) -> WatchBook:
    """Raises `not_supported` (not_sent) beyond what is streamed."""
    depth = next((depth for depth in _DEPTHS if depth >= watch.depth), None)
    if depth is None:
        raise _unsupported(watch, f"streamed books have {_DEPTHS[-1]} levels a side at most")
    return evolve(watch, depth=depth)


def _fit_candles(watch: WatchCandles) -> WatchCandles:
    if watch.interval is Interval.S1:
        raise _unsupported(watch, "there are no candles of one second here; the shortest is 1m")
    return watch


def _unsupported(watch: Watch[Any], why: str) -> VenueError:
    return VenueError.of(Fault(kind=Kind.NOT_SUPPORTED, outcome=Outcome.NOT_SENT, message=why), operation=watch.name)


BOOK = BookRule(moment=sent_ms)


def streams_of(auth: Auth) -> Streams:
    """What can be watched."""
    market = Line(
        name=MARKET,
        dialect=partial(BitzoomStream, auth),
        path=lambda _access: STREAM,
        ping_every=8.0,
        silence=18.0,  # two of ours unanswered; only version 1.0 speaks of pings, one in 30 min
        lifetime=86_400.0,
        most_watches=50,  # of 200: a channel confirms one after the other, and all within ten seconds
        batch=20,
        connect=(Charge("stream_connects"),),
        frame=(Charge("stream_frames"),),
        source="docs/websocket.md at 3bcd596 (after 2026-02-13); limits and lifetime of version 1.0 (2026-02-13)",
    )
    user = evolve(market, name=USER, login=True)
    return {
        (WatchTicker, LINEAR): Feed(line=market, example="/ticker/hr24"),
        (WatchBook, LINEAR): Feed(line=market, fit=_fit_depth, book=BOOK, example="/depth"),
        (WatchTrades, LINEAR): Feed(line=market, example="/trades"),
        (WatchCandles, LINEAR): Feed(line=market, fit=_fit_candles, example="/klines"),
        (WatchMarkPrice, LINEAR): Feed(line=market, example="/premiumindex"),
        (WatchFundingRate, LINEAR): Feed(line=market, example="/premiumindex"),
        (WatchExecutions, LINEAR): Feed(
            line=user, example="/openorders, /positionrisk and /balance, then the lists of orders and fills"
        ),
        (WatchBalances, LINEAR): Feed(line=user, example="/balance, then GET /api/v1/balance"),
        (WatchPositions, LINEAR): Feed(line=user, example="/positionrisk, then GET /api/v1/positionrisk"),
    }
