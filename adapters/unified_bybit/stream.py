"""Bybit's WebSocket V5: topics, subscriptions, books by their update number, the login. Opens no socket.

How rows are read stands in stream_rows. One request for each watch, for a refusal names nothing but the request.

Source: Bybit V5 docs, ws/connect.mdx and the pages of each topic (2026-07-24).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    consecutive,
)
from unified.instrument import Product
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
from unified.wire import malformed, obj, sent_ms, text
from unified_bybit.auth import Auth
from unified_bybit.candles import INTERVALS
from unified_bybit.faults import fault_of_code
from unified_bybit.limits import STREAM_CONNECTS, STREAM_FRAMES
from unified_bybit.queries import fill_of
from unified_bybit.stream_rows import (
    Row,
    best_of,
    read_candle,
    read_funding,
    read_mark,
    read_ticker,
    read_trade,
    told_balances,
    told_order,
    told_position,
)
from unified_bybit.symbols import instrument_in

SPOT_LINE, LINEAR_LINE, PRIVATE = "spot", "linear", "private"
DEPTHS = (50, 200, 1000)
_PUBLIC_SURFACES, _PRIVATE_SURFACES = ("ws_public",), ("ws_private",)
SPOT, LINEAR = Product.SPOT, Product.LINEAR

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


def _one_account(watch: WatchBalances) -> WatchBalances:
    """One wallet for both products: whoever watches either shares one subscription."""
    return evolve(watch, product=SPOT)


def _not_offered(watch: Watch[Any], why: str) -> VenueError:
    fault = Fault(kind=Kind.NOT_SUPPORTED, outcome=Outcome.NOT_SENT, message=why)
    return VenueError.of(fault, venue="bybit", operation=watch.name)


BOOK = BookRule(follows=consecutive, cuts=True, moment=sent_ms)


def topics_of(watch: Any) -> list[str]:
    """The topics that bring what is watched. Spot tells best prices only in the book of one level."""
    match watch:
        case WatchTicker(product=Product.SPOT):
            return [f"tickers.{watch.instrument.symbol}", f"orderbook.1.{watch.instrument.symbol}"]
        case WatchTicker() | WatchMarkPrice() | WatchFundingRate():
            return [f"tickers.{watch.instrument.symbol}"]
        case WatchBook():
            return [f"orderbook.{watch.depth}.{watch.instrument.symbol}"]
        case WatchTrades():
            return [f"publicTrade.{watch.instrument.symbol}"]
        case WatchCandles():
            return [f"kline.{INTERVALS[watch.interval]}.{watch.instrument.symbol}"]
        case WatchExecutions():
            return [f"order.{watch.product}", f"execution.{watch.product}"]
        case WatchPositions():
            return ["position.linear"]
    return ["wallet"]


_READ: Mapping[type[Watch[Any]], Callable[[Any, Any], Any]] = {
    WatchTicker: read_ticker,
    WatchMarkPrice: read_mark,
    WatchFundingRate: read_funding,
}


class BybitStream:
    """One connection."""

    def __init__(self, auth: Auth, surfaces: tuple[str, ...]) -> None:
        self._auth, self._surfaces = auth, surfaces
        self._last_id = 0
        self._asked: dict[str, Watch[Any]] = {}
        self._watches: dict[str, dict[Any, None]] = {}
        """Topic -> what it is for."""
        self._tickers: dict[str, dict[str, Any]] = {}
        """Symbol -> all that its ticker has told; deltas tell what changed."""

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Raises `bad_credentials` (not_sent) without a key."""
        return [self._request("auth", self._auth.login(ticket.stamp))]

    def ping(self) -> str | None:
        """A frame of JSON: pings of the protocol alone did not keep the connection (pybit #164)."""
        return self._request("ping", None)

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        frames = []
        for watch in watches:
            topics = topics_of(watch)
            for topic in topics:
                self._watches.setdefault(topic, {})[watch] = None
            frames.append(self._request("subscribe", topics))
            self._asked[str(self._last_id)] = watch
        return frames

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """What nobody else on this connection needs."""
        unused = []
        for watch in watches:
            for topic in topics_of(watch):
                needed_by = self._watches.get(topic, {})
                needed_by.pop(watch, None)
                if not needed_by and self._watches.pop(topic, None) is not None:
                    unused.append(topic)
        return [self._request("unsubscribe", [topic]) for topic in unused]

    def _request(self, op: str, args: Sequence[Any] | None) -> str:
        self._last_id += 1
        said = {"req_id": str(self._last_id), "op": op, **({} if args is None else {"args": args})}
        return orjson.dumps(said).decode()

    # --- reading

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says. Raises `malformed_response`."""
        try:
            said = orjson.loads(frame)
            topic = said.get("topic")
        except (ValueError, AttributeError):
            raise malformed("a frame is not a JSON object") from None
        if topic is None:
            return self._answer(said)
        watches = tuple(self._watches.get(topic, ()))
        match topic.partition(".")[0]:
            case "orderbook":
                return self._books(watches, said)
            case "tickers":
                return self._ticker(watches, said["data"], said)
            case "publicTrade":
                return [News(watch, row, read_trade, row["i"]) for watch in watches for row in said["data"]]
            case "kline":
                return [News(watch, row, read_candle) for watch in watches for row in said["data"]]
        return [event for watch in watches for event in _account(watch, topic, said["data"])]

    def _answer(self, said: Row) -> Iterable[Event]:
        """By `success`; the answer to a ping has one too, and means nothing."""
        op, fine = said.get("op"), said.get("success") is True
        if op == "auth":
            return (LoggedIn() if fine else LoginRefused(self._fault(said)),)
        if op != "subscribe":
            return ()
        watch = self._asked.pop(said.get("req_id", ""), None)
        if fine:
            return () if watch is None else (Accepted(watch),)
        return (Refused(watch, self._fault(said)),)

    def _fault(self, said: Row) -> Fault:
        return fault_of_code("", str(said.get("ret_msg", "")), None, self._surfaces)

    def _books(self, watches: tuple[Any, ...], said: Row) -> Iterable[Event]:
        row, when = said["data"], said.get("ts")
        found: list[Event] = []
        for watch in watches:
            if isinstance(watch, WatchTicker):
                found += self._ticker((watch,), {"symbol": row["s"], **best_of(row)}, said)
            elif said["type"] == "snapshot":
                found.append(Snapshot(watch, row["b"], row["a"], row["u"], when))
            else:
                found.append(Delta(watch, row["b"], row["a"], row["u"], time=when))
        return found

    def _ticker(self, watches: tuple[Any, ...], row: Row, said: Row) -> Iterable[Event]:
        """What is known of the market with this added. A snapshot of spot tells no best prices: they stay."""
        known = self._tickers[row["symbol"]] = {**self._tickers.get(row["symbol"], {}), **row, "ts": said.get("ts")}
        return [News(watch, known, _READ[type(watch)]) for watch in watches]


def _account(watch: Any, topic: str, rows: Sequence[Any]) -> Iterable[Event]:
    """Own events; what cannot be read is asked for."""
    try:
        return [Own(watch, value) for row in rows for value in _told(watch, topic, obj(row, "data[]"))]
    except VenueError:
        return (Unclear(watch),)


def _told(watch: Any, topic: str, row: Row) -> Iterable[Any]:
    if isinstance(watch, WatchBalances):
        return told_balances(row)
    instrument = instrument_in(watch.listing, text(row, "symbol"), watch.product)
    if instrument is None:
        return ()
    if isinstance(watch, WatchPositions):
        return (told_position(instrument, row),)
    if topic.startswith("order"):
        return (told_order(instrument, row),)
    return (fill_of(instrument, row),) if row.get("execType") == "Trade" else ()


# --- the table


def _line(name: str, path: str, dialect: Callable[[], BybitStream], *, login: bool = False) -> Line:
    return Line(
        name=name,
        dialect=dialect,
        path=lambda _access: path,
        login=login,
        # A ping of ours, wanted every 20 s, is answered at once; two unanswered ones are death.
        ping_every=8.0,
        silence=18.0,
        most_watches=200,  # 21,000 characters of topics on one connection
        batch=20,
        connect=(Charge(STREAM_CONNECTS),),
        frame=(Charge(STREAM_FRAMES),),
        source="Bybit V5 docs, ws/connect.mdx (2026-07-24); no lifetime is documented",
    )


def streams_of(auth: Auth) -> Streams:
    """What can be watched, by product."""
    private = _line(PRIVATE, "/v5/private", lambda: BybitStream(auth, _PRIVATE_SURFACES), login=True)
    table: dict[Any, Feed] = {}
    for product, name in ((SPOT, SPOT_LINE), (LINEAR, LINEAR_LINE)):
        public = _line(name, f"/v5/public/{name}", lambda: BybitStream(auth, _PUBLIC_SURFACES))
        table |= {
            (WatchTicker, product): Feed(
                line=public, example="tickers and orderbook.1" if name == "spot" else "tickers"
            ),
            (WatchBook, product): Feed(line=public, fit=fitted, book=BOOK, example="orderbook.50 ..."),
            (WatchTrades, product): Feed(line=public, example="publicTrade"),
            (WatchCandles, product): Feed(line=public, fit=_of_known_length, example="kline.1 ..."),
            (WatchExecutions, product): Feed(line=private, example="order and execution"),
            (WatchBalances, product): Feed(line=private, fit=_one_account, example="wallet"),
        }
        if product is LINEAR:
            table |= {
                (WatchMarkPrice, LINEAR): Feed(line=public, example="tickers"),
                (WatchFundingRate, LINEAR): Feed(line=public, example="tickers"),
                (WatchPositions, LINEAR): Feed(line=private, example="position"),
            }
    return table
