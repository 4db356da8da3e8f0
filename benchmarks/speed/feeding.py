"""Who reads frames: our connection with its books and hub, ccxt.pro's handler, cryptofeed's. Measures nothing.

Each is handed the texts of frames as its socket would hand them over, and does all that it does with them: decoding,
verifying, keeping the book, telling whoever waits. Nobody takes a book, since what that costs depends on what is read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from attrs import frozen

from benchmarks.speed import frames
from unified.book import BookBuilder
from unified.client import Client
from unified.consumers import Newest
from unified.errors import VenueError
from unified.feeds import Snapshot
from unified.instrument import Instrument, Product
from unified.link import Link
from unified.sockets import lost
from unified.topics import Topic
from unified.watches import Watch, WatchBook

Feeding = Callable[[Iterable[str]], Awaitable[None]]
"""Takes frames, all of them."""
SYMBOLS: Mapping[str, tuple[str, str]] = {
    "binance": ("BTCUSDT", "USDT"),
    "bybit": ("BTCUSDT", "USDT"),
    "coinbase": ("BTC-USD", "USD"),
    "kraken": ("XXBTZUSD", "USD"),
    "okx": ("BTC-USDT", "USDT"),
}
"""Symbol and quote currency."""
_DEPTHS = {"binance": 500, "bybit": 1000, "kraken": 500}


def instrument(venue: str, number: int = 0) -> Instrument:
    """Bitcoin as the venue lists it; with a number another one like it."""
    symbol, quote = SYMBOLS[venue]
    return Instrument(
        symbol=symbol if not number else f"{symbol}{number}",
        product=Product.SPOT,
        base="BTC" if not number else f"BTC{number}",
        quote=quote,
        tick_size=Decimal("0.01"),
        lot_size=Decimal("0.00000001"),
    )


def book_of(venue: str, item: Instrument | None = None) -> WatchBook:
    """Four hundred levels or the next depth beyond."""
    return WatchBook(instrument=item or instrument(venue), depth=_DEPTHS.get(venue, frames.LEVELS))


class Burst:
    """A socket that hands over frames as fast as they are taken, and then ends."""

    def __init__(self, said: Iterable[str]) -> None:
        self._left: Iterator[str] = iter(said)

    async def receive(self) -> str:
        for frame in self._left:
            return frame
        raise lost(None, "all frames were taken")

    async def send(self, frame: str) -> None: ...

    async def ping(self) -> None: ...

    async def aclose(self) -> None: ...


class Ours:
    """A link of the production client with everything behind it: dialect, book, hub, a consumer that waits."""

    name = "unified"

    def __init__(self, venue: str, watches: Iterable[Watch[Any]] | None = None) -> None:
        self._client = Client(venue)
        hub = self._client._hub
        wanted = [book_of(venue)] if watches is None else list(watches)
        line = hub._feed(wanted[0]).line
        nothing: Any = None  # of the world: nothing is sent, and nothing goes wrong
        self.link = Link(1, line, "", "", nothing, hub)
        self.topics = [Topic(watch, hub._feed(watch)) for watch in wanted]
        for topic in self.topics:
            hub._topics[topic.watch] = topic
            topic.newest[Newest(lambda topic: topic)] = None

    async def subscribe(self, base: Mapping[str, Any] | None = None) -> None:
        """Ask for the watches; `base` is the snapshot of books that are joined with one over REST."""
        ticket: Any = None
        for topic in self.topics:
            self.link.asked[topic.watch] = 0.0
            if isinstance(topic.watch, WatchBook):
                builder = self.link.books[topic.watch] = BookBuilder(topic.watch, topic.feed.book or _no_rule())
                if base is not None:
                    taken = Snapshot(topic.watch, base["bids"], base["asks"], base["lastUpdateId"])
                    builder.snapshot(taken, 0.0)
        dialect: Any = self.link._dialect
        dialect.subscribe([topic.watch for topic in self.topics], ticket)

    async def feed(self, said: Iterable[str]) -> None:
        """Take all of them, as the link's reading task does."""
        try:
            await self.link._read(Burst(said))
        except VenueError as end:
            if end.message != "all frames were taken":
                raise

    def builder(self) -> BookBuilder:
        """The first book."""
        return self.link.books[self.topics[0].watch]

    async def close(self) -> None:
        self.topics.clear()
        self.link.end(lost(None, "closed by us"))
        await self._client.aclose()


def _no_rule() -> Any:
    raise AssertionError("a feed of books has a rule")


@frozen
class Fed:
    """Somebody who is ready for frames."""

    name: str
    feed: Feeding
    best: Callable[[], tuple[Decimal, Decimal]]
    """Best bid and ask as it knows them now: who is fast and wrong does not count."""
    close: Callable[[], Awaitable[None]]


async def ours(venue: str, told: frames.Story) -> Fed:
    """Ready for the venue's frames."""
    made = Ours(venue)
    await made.subscribe(frames.binance_book(told) if venue == "binance" else None)

    def best() -> tuple[Decimal, Decimal]:
        bids, asks = made.builder().levels(1)
        return Decimal(bids[0][0]), Decimal(asks[0][0])

    return Fed(made.name, made.feed, best, made.close)


# --- ccxt

_URLS = {
    "binance": "wss://stream.binance.com:9443/stream",
    "bybit": "wss://stream.bybit.com/v5/public/spot",
    "coinbase": "wss://advanced-trade-ws.coinbase.com",
    "kraken": "wss://ws.kraken.com/v2",
    "okx": "wss://ws.okx.com:8443/ws/v5/public",
}


async def ccxt_pro(venue: str, told: frames.Story) -> Fed:
    """The handler of ccxt's streams, decoding included."""
    exchange: Any = getattr(import_module("ccxt.pro"), venue)()
    symbol, quote = SYMBOLS[venue]
    name = f"BTC/{quote}"
    market = {"id": symbol, "symbol": name, "base": "BTC", "quote": quote, "spot": True, "type": "spot"}
    market |= {"precision": {"price": 0.01, "amount": 1e-8}, "limits": {}, "active": True, "info": {}}
    market |= {"wsId": name, "contract": False, "swap": False, "future": False, "option": False, "linear": None}
    exchange.markets = {name: market}
    exchange.markets_by_id = {symbol: [market]}
    exchange.symbols, exchange.ids = [name], [symbol]
    client = exchange.client(_URLS[venue])
    client.subscriptions[_ccxt_hash(venue, name)] = {"limit": frames.LEVELS}
    if venue == "binance":
        book = exchange.parse_order_book(frames.binance_book(told), name)
        exchange.orderbooks[name] = exchange.order_book(book)
        exchange.orderbooks[name]["nonce"] = 100

    async def feed(said: Iterable[str]) -> None:
        for frame in said:
            client.handle_text_or_binary_message(frame)

    def best() -> tuple[Decimal, Decimal]:
        book = exchange.orderbooks[name]
        return Decimal(str(book["bids"][0][0])), Decimal(str(book["asks"][0][0]))

    return Fed("ccxt.pro", feed, best, exchange.close)


def _ccxt_hash(venue: str, name: str) -> str:
    return {"okx": f"books:{name}", "kraken": f"orderbook:{name}"}.get(venue, f"orderbook::{name}")


# --- cryptofeed


async def cryptofeed(venue: str, told: frames.Story) -> Fed:
    """The handler of cryptofeed, where it speaks the protocol of today: Binance."""
    symbols: Any = import_module("cryptofeed.symbols").Symbols
    defines: Any = import_module("cryptofeed.defines")
    kind: Any = import_module("cryptofeed.exchanges").Binance
    symbol, quote = SYMBOLS[venue]
    symbols.set(kind.id, {f"BTC-{quote}": symbol}, {"instrument_type": {f"BTC-{quote}": "spot"}})
    seen: list[Any] = []

    async def keep(book: Any, _when: float) -> None:
        seen[:] = [book]

    feeding = kind(symbols=[f"BTC-{quote}"], channels=[defines.L2_BOOK], callbacks={defines.L2_BOOK: keep})
    base = frames.binance_book(told)
    sides = {name: {Decimal(price): Decimal(size) for price, size in base[name]} for name in ("bids", "asks")}
    book = import_module("cryptofeed.types").OrderBook(kind.id, f"BTC-{quote}", **sides)
    feeding._l2_book = {f"BTC-{quote}": book}
    feeding.last_update_id = {f"BTC-{quote}": 100}

    async def feed(said: Iterable[str]) -> None:
        for frame in said:
            await feeding.message_handler(frame, None, 0.0)

    def best() -> tuple[Decimal, Decimal]:
        book = seen[0].book
        return book.bids.index(0)[0], book.asks.index(0)[0]

    async def close() -> None: ...

    return Fed("cryptofeed", feed, best, close)


Make = Callable[[str, frames.Story], Awaitable[Fed]]
PEERS: Mapping[str, tuple[Make, ...]] = {
    "binance": (ccxt_pro, cryptofeed),
    "bybit": (ccxt_pro,),
    "coinbase": (ccxt_pro,),
    "kraken": (ccxt_pro,),
    "okx": (ccxt_pro,),
}
"""cryptofeed 2.0.3 speaks of these protocols only Binance's: for OKX it asks its book for a checksum that the book does
not know, and of Bybit, Coinbase and Kraken it speaks the versions before."""
_PACKAGES: Mapping[Make, str] = {ccxt_pro: "ccxt", cryptofeed: "cryptofeed"}


async def everybody(venue: str, told: frames.Story) -> list[Fed]:
    """Ours first, then those who are installed."""
    makes = [make for make in PEERS[venue] if find_spec(_PACKAGES[make])]
    return [await ours(venue, told), *[await make(venue, told) for make in makes]]
