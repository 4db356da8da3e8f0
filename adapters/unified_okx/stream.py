"""OKX's WebSocket v5: which path and channel brings what, login, subscriptions, books by their chain. Opens no socket.

How rows are read stands in stream_rows. Books are verified by `seqId` and `prevSeqId` alone: the checksum is always 0
since 2026-06. What every connection has stands in line.

Source: OKX API v5 docs, #overview-websocket (2026-07-06), #order-book-trading-market-data-ws-order-book-channel
(2026-07-07), change log of 2026-02-12 on checksum and snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve

from unified.errors import Fault, Kind, Outcome, VenueError
from unified.feeds import (
    Accepted,
    BookRule,
    Delta,
    Event,
    Feed,
    Line,
    News,
    Own,
    Refused,
    Snapshot,
    StreamDialect,
    Streams,
    Ticket,
    linked,
)
from unified.instrument import Product
from unified.operations import FetchBook
from unified.values import frozen
from unified.watches import (
    InstrumentWatch,
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
from unified.wire import Json, child, children, malformed, obj, sent_ms, text, text_or_none
from unified_okx.account import balances_of, position_of
from unified_okx.auth import Auth
from unified_okx.candles import BAR
from unified_okx.faults import fault_of_code
from unified_okx.line import FRAME, SURFACES, TERMS, OkxLine, fault_of, text_of
from unified_okx.stream_rows import (
    Orders,
    read_candle,
    read_funding,
    read_mark_price,
    read_ticker,
    read_trade,
)
from unified_okx.symbols import NATIVE_TYPE, instrument_in

PUBLIC, PRIVATE, BUSINESS = "public", "private", "business"
DEPTH = 400
"""Levels a side of the channel `books`, the deepest there is."""
_ANY_TYPE = "ANY"

# --- what fits


def _all_levels(watch: WatchBook) -> WatchBook:
    if watch.depth > DEPTH:
        raise _not_offered(watch, f"books have {DEPTH} levels a side at most")
    return evolve(watch, depth=DEPTH)


def _of_known_length(watch: WatchCandles) -> WatchCandles:
    if watch.interval not in BAR:
        raise _not_offered(watch, f"candles of {watch.interval} are not offered; there are: {', '.join(BAR)}")
    return watch


def _one_account(watch: WatchBalances) -> WatchBalances:
    """One wallet for both products: whoever watches either shares one subscription."""
    return evolve(watch, product=Product.SPOT)


def _not_offered(watch: Watch[Any], why: str) -> VenueError:
    fault = Fault(kind=Kind.NOT_SUPPORTED, outcome=Outcome.NOT_SENT, message=why)
    return VenueError.of(fault, venue="okx", operation=watch.name)


BOOK = BookRule(
    follows=linked,
    fallback=lambda watch: FetchBook(instrument=watch.instrument, depth=watch.depth),
    # In auctions and before an opening the best bid may exceed the best ask (docs, books channel).
    may_cross=True,
    moment=sent_ms,
    contracts=True,
)

# --- the dialect

_CHANNELS: Mapping[type[Watch[Any]], str] = {
    WatchTicker: "tickers",
    WatchBook: "books",
    WatchTrades: "trades",
    WatchMarkPrice: "mark-price",
    WatchFundingRate: "funding-rate",
    WatchExecutions: "orders",
    WatchBalances: "account",
    WatchPositions: "positions",
}
_READ: Mapping[type[Watch[Any]], Callable[[Any, Any], Any]] = {
    WatchTicker: read_ticker,
    WatchTrades: read_trade,
    WatchCandles: read_candle,
    WatchMarkPrice: read_mark_price,
    WatchFundingRate: read_funding,
}
_Read = Callable[[dict[str, Any]], Iterable[Event]]


@frozen
class _Channel:
    """What a subscription brings, and who reads it."""

    watch: Watch[Any]
    read: _Read


class OkxStream(OkxLine):
    """One connection."""

    def __init__(self, auth: Auth, spot_orders: str) -> None:
        """`spot_orders` is the `instType` under which the account's spot orders are listed."""
        super().__init__(auth)
        self._spot_orders = spot_orders
        self._last_id = 0
        self._asked: dict[str, Watch[Any]] = {}
        """Request id -> what it subscribes. One request each: a refusal names nothing but the id."""
        self._channels: dict[tuple[str, str], _Channel] = {}

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        frames = []
        for watch in watches:
            arg = self._arg(watch)
            self._channels[_key(arg)] = _Channel(watch, self._reader(watch))
            self._last_id += 1
            self._asked[str(self._last_id)] = watch
            frames.append(text_of({"id": str(self._last_id), "op": "subscribe", "args": [arg]}))
        return frames

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """One frame for all; its refusal would say nothing that matters."""
        self._last_id += 1
        args = [self._arg(watch) for watch in watches]
        return [text_of({"id": str(self._last_id), "op": "unsubscribe", "args": args})]

    def _arg(self, watch: Watch[Any]) -> dict[str, str]:
        match watch:
            case WatchCandles():
                return {"channel": f"candle{BAR[watch.interval]}", "instId": watch.instrument.symbol}
            case InstrumentWatch():
                return {"channel": _CHANNELS[type(watch)], "instId": watch.instrument.symbol}
            case WatchBalances():
                return {"channel": "account"}
            case WatchExecutions(product=Product.SPOT):
                return {"channel": "orders", "instType": self._spot_orders}
        return {"channel": _CHANNELS[type(watch)], "instType": NATIVE_TYPE[watch.product]}

    # --- reading

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says. Raises `malformed_response`."""
        said = self._said(frame)
        if said is None:
            return ()
        event = said.get("event")
        if event is not None:
            told = self._control(event, said)
            return self._answer(event, said) if told is None else told
        arg = said.get("arg")
        if type(arg) is not dict:
            raise malformed("a frame does not say what it is about")
        channel = self._channels.get((arg.get("channel", ""), arg.get("instType") or arg.get("instId") or ""))
        return () if channel is None else channel.read(said)

    def _answer(self, event: str, said: dict[str, Any]) -> Iterable[Event]:
        match event:
            case "subscribe":
                channel = self._channels.get(_key(child(said, "arg")))
                return () if channel is None else (Accepted(channel.watch),)
            case "error":
                return self._refused(said)
            case "channel-conn-count-error":
                return self._too_many(text(said, "channel"))
        return ()

    def _refused(self, said: dict[str, Any]) -> Iterable[Event]:
        """By the request's id."""
        number = text_or_none(said, "id")
        watch = self._asked.pop(number, None) if number else None
        if watch is not None:
            return (Refused(watch, fault_of(said)),)
        # With an id that is not known it was the end of a subscription; without one nobody can tell what it was.
        return () if number else (Refused(None, fault_of(said)),)

    def _too_many(self, channel: str) -> Iterable[Event]:
        """Comes after the acknowledgement: more connections hold this channel than the account may have."""
        fault = fault_of_code("channel-conn-count-error", "too many connections", None, SURFACES)
        return [Refused(known.watch, fault) for (name, _), known in self._channels.items() if name == channel]

    def _reader(self, watch: Watch[Any]) -> _Read:
        match watch:
            case WatchBook():
                return partial(_book, watch)
            case WatchTrades():
                return lambda said: [News(watch, row, read_trade, row["tradeId"]) for row in said["data"]]
            case WatchExecutions():
                orders = Orders(watch)
                return lambda said: orders.receive(children(said, "data"))
            case WatchBalances():
                return partial(_balances, watch)
            case WatchPositions():
                return partial(_positions, watch)
        read = _READ[type(watch)]
        return lambda said: [News(watch, row, read) for row in said["data"]]


def _book(watch: WatchBook, said: dict[str, Any]) -> Iterable[Event]:
    row = said["data"][0]
    bids, asks, number, when = row["bids"], row["asks"], row["seqId"], row.get("ts")
    if said.get("action") == "snapshot":
        return (Snapshot(watch, bids, asks, sequence=number, time=when),)
    return (Delta(watch, bids, asks, number, None, row["prevSeqId"], when),)


def _balances(watch: WatchBalances, said: dict[str, Any]) -> Iterable[Event]:
    return [Own(watch, balance) for row in said["data"] for balance in balances_of(obj(row, "data[]"))]


def _positions(watch: WatchPositions, said: dict[str, Any]) -> Iterable[Event]:
    """One that was closed comes with quantity zero."""
    rows = [obj(row, "data[]") for row in said["data"]]
    found = [(instrument_in(watch.listing, text(row, "instId"), watch.product), row) for row in rows]
    return [Own(watch, position_of(instrument, row)) for instrument, row in found if instrument is not None]


def _key(arg: Mapping[str, Json]) -> tuple[str, str]:
    """What tells subscriptions apart; pushes add the account's number to it."""
    return text(arg, "channel"), text_or_none(arg, "instType") or text_or_none(arg, "instId") or ""


# --- the table


def _line(name: str, dialect: Callable[[], StreamDialect], *, login: bool = False, most_watches: int = 100) -> Line:
    return Line(
        name=name,
        dialect=dialect,
        path=lambda _access: f"/ws/v5/{name}",
        login=login,
        most_watches=most_watches,
        batch=20,
        frame=FRAME,
        **TERMS,
    )


def streams_of(auth: Auth, *, spot_as_margin: bool) -> Streams:
    """`spot_as_margin`: whether the account's mode may list spot orders under another type."""
    dialect = partial(OkxStream, auth, _ANY_TYPE if spot_as_margin else NATIVE_TYPE[Product.SPOT])
    public, business = _line(PUBLIC, dialect), _line(BUSINESS, dialect)
    # The docs advise fewer than 30 deep books on one connection.
    books, private = _line(PUBLIC, dialect, most_watches=25), _line(PRIVATE, dialect, login=True)
    table: dict[Any, Feed] = {}
    for product in (Product.SPOT, Product.LINEAR):
        table |= {
            (WatchTicker, product): Feed(line=public, example="tickers"),
            (WatchBook, product): Feed(line=books, fit=_all_levels, book=BOOK, example="books"),
            (WatchTrades, product): Feed(line=public, example="trades"),
            (WatchCandles, product): Feed(line=business, fit=_of_known_length, example="candle1m ..."),
            (WatchExecutions, product): Feed(line=private, example="orders"),
            (WatchBalances, product): Feed(line=private, fit=_one_account, example="account"),
        }
    return {
        **table,
        (WatchMarkPrice, Product.LINEAR): Feed(line=public, example="mark-price"),
        (WatchFundingRate, Product.LINEAR): Feed(line=public, example="funding-rate"),
        (WatchPositions, Product.LINEAR): Feed(line=private, example="positions"),
    }
