"""Coinbase's WebSocket: one message for each channel and product, one counter for the connection. Opens no socket.

How rows are read stands in stream_rows. Every connection also subscribes `heartbeats`, which keep it alive and prove
that it lives. Private subscriptions carry a token of their own. Books have no checksum: the counter alone, which runs
over all channels, acknowledgements included, tells that a frame is missing, and then every channel begins anew.

Source: docs.cdp.coinbase.com, websocket-overview, websocket-channels (2026-08-22); that the counter is one for the
connection is how clients of 2026 read it and what frames recorded 2024-10-04 show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from attrs import evolve

from unified.adapter import Charge
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.feeds import (
    Accepted,
    BookRule,
    Delta,
    Event,
    Feed,
    Gap,
    Line,
    News,
    Refused,
    Snapshot,
    StreamDialect,
    Streams,
    Ticket,
    Unclear,
)
from unified.instrument import Product
from unified.market_data import Interval
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
from unified.wire import child, children, integer, item, malformed, obj, sent_text, text, text_or_none
from unified_coinbase.auth import Auth
from unified_coinbase.faults import CATALOGUE
from unified_coinbase.limits import STREAM_CONNECTS, STREAM_MESSAGES
from unified_coinbase.stream_rows import Orders, read_candle, read_ticker, read_trade

MARKET, USER = "market", "user"
DEPTH = 100_000
"""Levels a side: the channel has the whole book, and this stands for it."""
_SURFACES = ("advanced-ws",)
BOOK = BookRule(moment=sent_text)

# --- what fits


def _whole_book(watch: WatchBook) -> WatchBook:
    return evolve(watch, depth=DEPTH)


def _five_minutes(watch: WatchCandles) -> WatchCandles:
    if watch.interval is not Interval.M5:
        why = f"candles of {watch.interval} are not streamed; there are: {Interval.M5}"
        fault = Fault(kind=Kind.NOT_SUPPORTED, outcome=Outcome.NOT_SENT, message=why)
        raise VenueError.of(fault, venue="coinbase", operation=watch.name)
    return watch


# --- the dialect

_CHANNELS: Mapping[type[Watch[Any]], str] = {
    WatchBook: "level2",
    WatchTicker: "ticker",
    WatchTrades: "market_trades",
    WatchCandles: "candles",
    WatchExecutions: "user",
    WatchBalances: "user",
}


class CoinbaseStream:
    """One connection."""

    def __init__(self, auth: Auth, *, signs: bool) -> None:
        self._auth, self._signs = auth, signs
        self._number: int | None = None
        """Of the last frame."""
        self._watches: dict[tuple[str, str], list[Watch[Any]]] = {}
        """By channel and product. A product that shares the book of another is answered with the other's name."""
        self._pending: dict[Watch[Any], None] = {}
        """In the order in which they were asked for, until the venue has answered."""
        self._orders: Orders | None = None
        self._begun = False

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Nothing: each private message carries a token."""
        return ()

    def ping(self) -> str | None:
        return None

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """One message each: a refusal names neither channel nor product, and is the answer to the oldest."""
        frames = [] if self._begun else [self._message("subscribe", "heartbeats", None, ticket)]
        self._begun = True
        for watch in watches:
            for key in _keys(watch):
                known = self._watches.setdefault(key, [])
                if watch not in known:
                    known.append(watch)
            if isinstance(watch, WatchExecutions):
                self._orders = Orders(watch)
            self._pending[watch] = None
            frames.append(self._message("subscribe", _CHANNELS[type(watch)], watch, ticket))
        return frames

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """Channels that another watch still needs stay."""
        frames = []
        for watch in watches:
            keys = _keys(watch)
            for key in keys:
                known = self._watches.get(key, [])
                if watch in known:
                    known.remove(watch)
            self._pending.pop(watch, None)
            if not any(self._watches.get(key) for key in keys):
                frames.append(self._message("unsubscribe", _CHANNELS[type(watch)], watch, ticket))
        return frames

    def _message(self, kind: str, channel: str, watch: Watch[Any] | None, ticket: Ticket) -> str:
        said: dict[str, Any] = {"type": kind, "channel": channel}
        if isinstance(watch, InstrumentWatch):
            said["product_ids"] = [watch.instrument.symbol]
        if self._signs:
            said["jwt"] = self._auth.token(ticket.stamp)
        return orjson.dumps(said).decode()

    # --- reading

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says. Raises `malformed_response`."""
        try:
            said = orjson.loads(frame)
            channel = said.get("channel")
        except (ValueError, AttributeError):
            raise malformed("a frame is not a JSON object") from None
        if channel is None:
            return self._refused(said)
        events, number = [], integer(said, "sequence_num")
        last, self._number = self._number, number
        if last is not None and number <= last:
            self._number = last
            return ()
        if last is not None and number > last + 1:
            lost = tuple(dict.fromkeys(watch for known in self._watches.values() for watch in known))
            events.append(Gap(lost, f"after sequence {last} came {number}"))
            if channel not in ("subscriptions", "heartbeats"):
                return events  # of what follows only whole answers count, and those come after the new subscriptions
        return [*events, *self._understood(channel, said)]

    def _understood(self, channel: str, said: dict[str, Any]) -> Iterable[Event]:
        match channel:
            case "subscriptions":
                return self._accepted(said)
            case "user":
                return self._own(said)
        read = _READERS.get(channel)
        return () if read is None else [event for row in children(said, "events") for event in read(self, said, row)]

    def _refused(self, said: dict[str, Any]) -> Iterable[Event]:
        """No channel and no number: answers come in the order of the questions, so it is about the oldest."""
        if said.get("type") != "error":
            return ()
        fault = CATALOGUE.fault("", message=text_or_none(said, "message") or "", surfaces=_SURFACES)
        oldest = next(iter(self._pending), None)
        if oldest is not None:
            del self._pending[oldest]
        return (Refused(oldest, fault),)

    def _accepted(self, said: dict[str, Any]) -> Iterable[Event]:
        """An acknowledgement lists all that is subscribed now."""
        active: dict[str, list[Any]] = {}
        for row in children(said, "events"):
            active |= child(obj(row, "events[]"), "subscriptions")
        found = [watch for watch in self._pending if self._is_in(active, watch)]
        for watch in found:
            del self._pending[watch]
        return [Accepted(watch) for watch in found]

    def _is_in(self, active: Mapping[str, Sequence[Any]], watch: Watch[Any]) -> bool:
        """Of the account's channel the list holds the user, whose number nobody knows."""
        return any(
            channel in active and (not product or product in active[channel]) for channel, product in _keys(watch)
        )

    def _news_of(
        self, channel: str, row: dict[str, Any], raw: Any, read: Callable[[Any, Any], Any], key: str = ""
    ) -> list[Event]:
        known = self._watches.get((channel, text(row, "product_id")), ())
        return [News(watch, raw, read, key) for watch in known]

    def _book(self, said: dict[str, Any], row: dict[str, Any]) -> Iterable[Event]:
        known = self._watches.get(("level2", row["product_id"]), ())
        watches = [watch for watch in known if isinstance(watch, WatchBook)]
        if not watches:
            return ()
        bids: list[tuple[str, str]] = []
        asks: list[tuple[str, str]] = []
        for level in row["updates"]:
            (bids if level["side"] == "bid" else asks).append((level["price_level"], level["new_quantity"]))
        when, number = said.get("timestamp"), said["sequence_num"]
        if row["type"] == "snapshot":
            return [Snapshot(watch, bids, asks, sequence=number, time=when) for watch in watches]
        return [Delta(watch, bids, asks, sequence=number, time=when) for watch in watches]

    def _tickers(self, said: dict[str, Any], row: dict[str, Any]) -> Iterable[Event]:
        found = [obj(one, "tickers[]") for one in children(row, "tickers")]
        return [
            event for one in found for event in self._news_of("ticker", one, (one, said.get("timestamp")), read_ticker)
        ]

    def _trades(self, _said: dict[str, Any], row: dict[str, Any]) -> Iterable[Event]:
        """Newest first. The snapshot's lie before the subscription."""
        if row.get("type") == "snapshot":
            return ()
        found = [obj(one, "trades[]") for one in reversed(children(row, "trades"))]
        return [
            event
            for one in found
            for event in self._news_of("market_trades", one, one, read_trade, text(one, "trade_id"))
        ]

    def _candles(self, _said: dict[str, Any], row: dict[str, Any]) -> Iterable[Event]:
        """The last of each product is the running one."""
        found = sorted(
            (obj(one, "candles[]") for one in children(row, "candles")), key=lambda one: integer(one, "start")
        )
        return [event for one in found for event in self._news_of("candles", one, one, read_candle)]

    def _own(self, said: dict[str, Any]) -> Iterable[Event]:
        """States of orders; what they did to the balances is asked for: no channel tells it."""
        events: list[Event] = []
        for row in (obj(row, "events[]") for row in children(said, "events")):
            if self._orders is not None:
                events += self._orders.receive(item(row, "orders") or ())
        watches = self._watches.get(("user", ""), ())
        return [*events, *(Unclear(watch) for watch in watches if isinstance(watch, WatchBalances))]


_READERS: Mapping[str, Callable[[CoinbaseStream, dict[str, Any], dict[str, Any]], Iterable[Event]]] = {
    "l2_data": CoinbaseStream._book,  # subscribed as level2
    "ticker": CoinbaseStream._tickers,
    "market_trades": CoinbaseStream._trades,
    "candles": CoinbaseStream._candles,
}


def _keys(watch: Watch[Any]) -> list[tuple[str, str]]:
    """Under which channel and products its frames come: BTC-USDC is answered as BTC-USD, whose book it shares."""
    channel = _CHANNELS[type(watch)]
    if not isinstance(watch, InstrumentWatch):
        return [(channel, "")]
    names = dict.fromkeys((watch.instrument.symbol, watch.instrument.native or watch.instrument.symbol))
    return [(channel, name) for name in names]


# --- the table


def _line(name: str, dialect: Callable[[], StreamDialect], most_watches: int) -> Line:
    return Line(
        name=name,
        dialect=dialect,
        # Heartbeats come every second; 5 s without a frame are taken for death.
        silence=5.0,
        most_watches=most_watches,
        batch=10,
        connect=(Charge(STREAM_CONNECTS),),
        frame_weight=(Charge(STREAM_MESSAGES),),
        source="docs.cdp.coinbase.com, websocket-overview (2026-08-22); no lifetime is documented",
    )


def streams_of(auth: Auth) -> Streams:
    """Busy products are spread over several connections, as the docs advise; the user has one."""
    market = _line(MARKET, partial(CoinbaseStream, auth, signs=False), 50)
    books = _line(MARKET, partial(CoinbaseStream, auth, signs=False), 10)
    user = _line(USER, partial(CoinbaseStream, auth, signs=True), 10)
    spot = Product.SPOT
    return {
        (WatchTicker, spot): Feed(line=market, example="ticker"),
        (WatchBook, spot): Feed(line=books, fit=_whole_book, book=BOOK, example="level2"),
        (WatchTrades, spot): Feed(line=market, example="market_trades"),
        (WatchCandles, spot): Feed(line=market, fit=_five_minutes, example="candles"),
        (WatchExecutions, spot): Feed(line=user, example="user, then the lists of orders and fills"),
        (WatchBalances, spot): Feed(line=user, example="user, then GET /accounts"),
    }
