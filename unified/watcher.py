"""The front door's streams: `async for` over tickers, books, trades, candles, own orders, fills, balances.

Knows no venue; `watching.py` brings what is asked for. The values are those of the fetches. Leaving the loop ends the
subscription; `async with` does so at a place of your choice:

    async with client.watch_book("BTC/USDT", "ETH/USDT", depth=50) as books:
        async for book in books:
            ...
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, TypeVar

from unified.account import Balance, Position
from unified.book import LiveBook
from unified.consumers import QUEUE_BOUND, Consumer, Newest, Queue
from unified.feeds import News, value_of
from unified.instrument import Instrument, Instruments, Product
from unified.market_data import Candle, FundingRate, Interval, MarkPrice, Ticker, Trade
from unified.order import Fill, Order
from unified.terms import word
from unified.topics import Topic, keeps_all
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
from unified.watching import Hub

T = TypeVar("T")

_SKIP = object()


class Stream(Generic[T]):
    """Values as they come. One consumer each; several streams of the same thing share its subscription."""

    def __init__(
        self,
        hub: Hub,
        watches: Callable[[], Awaitable[Sequence[Watch[Any]]]],
        read: Callable[[Any], Any],
        bound: int = QUEUE_BOUND,
    ) -> None:
        self._hub, self._watches, self._read, self._bound = hub, watches, read, bound
        self._joined: list[Watch[Any]] = []
        self._consumer: Consumer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __aiter__(self) -> Stream[T]:
        return self

    async def __anext__(self) -> T:
        """The next value. Raises VenueError: a refused subscription, or a gap that a queue's bound has torn."""
        consumer = self._consumer if self._consumer is not None else await self._join()
        while True:
            value: Any = await consumer.take()
            if isinstance(consumer, Queue):
                value = value_of(value) if type(value) is News else value
                value = self._read(value)
            if value is not _SKIP:
                found: T = value
                return found

    async def __aenter__(self) -> Stream[T]:
        """Subscribe now."""
        if self._consumer is None:
            await self._join()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the subscription, unless somebody else shares it. May be called twice."""
        consumer, joined = self._consumer, self._joined
        self._joined = []
        if consumer is not None:
            consumer.close()
            for watch in joined:
                self._hub.leave(watch, consumer)

    def __del__(self) -> None:
        """Whoever leaves the loop has dropped the stream; the subscription ends in the loop that it belongs to."""
        if self._joined and self._loop is not None and not self._loop.is_closed():
            hub, consumer, joined = self._hub, self._consumer, self._joined
            assert consumer is not None
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_leave, hub, consumer, joined)

    async def _join(self) -> Consumer:
        watches = [self._hub.fit(watch) for watch in await self._watches()]
        self._loop = asyncio.get_running_loop()
        self._consumer = self._made(watches[0])
        for watch in watches:
            self._hub.join(watch, self._consumer)
            self._joined.append(watch)
        return self._consumer

    def _made(self, watch: Watch[Any]) -> Consumer:
        if keeps_all(watch):
            hub = self._hub
            return Queue(watch.name, self._bound, lambda waiting: hub.overflowed(watch, waiting))
        read: Callable[[Topic], Any] = self._read
        return Newest(read)


def _leave(hub: Hub, consumer: Consumer, watches: list[Watch[Any]]) -> None:
    for watch in watches:
        hub.leave(watch, consumer)


def _news(topic: Topic) -> Any:
    """The newest value of a public topic."""
    news = topic.latest
    return None if news is None else value_of(news)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _same(value: Any) -> Any:
    return value


def _only(kind: type[Any]) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, kind) else _SKIP


class Watcher(ABC):
    """The streaming half of a client."""

    _hub: Hub

    @abstractmethod
    async def instrument(self, name: Instrument | str, product: Product | None = None) -> Instrument:
        """The instrument that a name means."""

    @abstractmethod
    async def instruments(self, product: Product = Product.SPOT) -> Instruments:
        """The venue's listing."""

    def watches(self, watch: type[Watch[Any]], product: Product = Product.SPOT) -> bool:
        """Whether the venue streams it; what it does not raises `not_supported` before anything leaves."""
        return self._hub.offers(watch, product)

    @property
    def orders(self) -> tuple[Order, ...]:
        """Own orders as streams, catching up and answers have told them; complete only while `watch_orders` runs."""
        return self._hub.story.orders

    # --- markets

    def watch_ticker(self, *instruments: Instrument | str) -> Stream[Ticker]:
        """Tickers, the newest of each: what a slow consumer misses is out of date."""
        return self._of(instruments, lambda item: WatchTicker(instrument=item), _news)

    def watch_book(self, *instruments: Instrument | str, depth: int = 100) -> Stream[LiveBook]:
        """Books that are consistent, the newest of each; while one is not (a gap), none of it comes.

        Each has `book.age`, `book.sequence`, `book.gaps`, and all that a fetched book has.
        """

        def read(topic: Topic) -> Any:
            builder = topic.builder
            if builder is None or not builder.available:
                return None
            return builder.book(depth, _now, topic.gaps)

        return self._of(instruments, lambda item: WatchBook(instrument=item, depth=depth), read)

    def watch_trades(self, *instruments: Instrument | str, bound: int = QUEUE_BOUND) -> Stream[Trade]:
        """Public trades, each once and in order. `bound` of them may wait; beyond, `sequence_gap` is raised once."""
        return self._of(instruments, lambda item: WatchTrades(instrument=item), _same, bound)

    def watch_candles(self, *instruments: Instrument | str, interval: Interval | str = Interval.M1) -> Stream[Candle]:
        """The running candle of each instrument as it changes."""
        length = word(Interval, interval, "interval")
        return self._of(instruments, lambda item: WatchCandles(instrument=item, interval=length), _news)

    def watch_mark_price(self, *instruments: Instrument | str) -> Stream[MarkPrice]:
        """Mark prices of perpetuals."""
        return self._of(instruments, lambda item: WatchMarkPrice(instrument=item), _news)

    def watch_funding_rate(self, *instruments: Instrument | str) -> Stream[FundingRate]:
        """What longs will pay shorts at the next settlement, as it changes."""
        return self._of(instruments, lambda item: WatchFundingRate(instrument=item), _news)

    # --- the account

    def watch_orders(self, product: Product = Product.SPOT, *, bound: int = QUEUE_BOUND) -> Stream[Order]:
        """Own orders, each time one changes: first those that are open, after a reconnect what was missed."""
        return self._account(WatchExecutions, product, _only(Order), bound)

    def watch_fills(self, product: Product = Product.SPOT, *, bound: int = QUEUE_BOUND) -> Stream[Fill]:
        """Executions of own orders from now on, each once, whatever happens to the connection."""
        return self._account(WatchExecutions, product, _only(Fill), bound)

    def watch_balances(self, product: Product = Product.SPOT, *, bound: int = QUEUE_BOUND) -> Stream[Balance]:
        """Balances: first all, then each that changes."""
        return self._account(WatchBalances, product, _same, bound)

    def watch_positions(self, product: Product = Product.LINEAR, *, bound: int = QUEUE_BOUND) -> Stream[Position]:
        """Positions: first all, then each that changes; one that was closed comes with quantity zero."""
        return self._account(WatchPositions, product, _same, bound)

    # --- inside

    def _of(
        self,
        names: Sequence[Instrument | str],
        made: Callable[[Instrument], Watch[Any]],
        read: Callable[[Any], Any],
        bound: int = QUEUE_BOUND,
    ) -> Stream[Any]:
        if not names:
            raise ValueError("say what to watch: at least one instrument")
        instrument = self.instrument

        async def watches() -> list[Watch[Any]]:
            return list(dict.fromkeys([made(await instrument(name)) for name in names]))

        return Stream(self._hub, watches, read, bound)

    def _account(
        self, kind: Callable[..., Watch[Any]], product: Product, read: Callable[[Any], Any], bound: int
    ) -> Stream[Any]:
        instruments = self.instruments

        async def watches() -> list[Watch[Any]]:
            return [kind(product=product, listing=await instruments(product))]

        return Stream(self._hub, watches, read, bound)
