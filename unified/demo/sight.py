"""What a quoting strategy sees: books and own orders from streams, questions where a venue streams nothing.

A book that has not been heard of for a moment is not used: a gap, or a connection that hangs, makes the strategy ask.
Judges nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from unified.book import LiveBook
from unified.client import Client
from unified.demo.strategy import Records
from unified.errors import VenueError
from unified.instrument import Instrument, Product
from unified.market_data import Book
from unified.order import Fill
from unified.watcher import Stream
from unified.watches import WatchBook, WatchExecutions

DEPTH = 5
FRESH_SECONDS = 1.0
"""Simulated markets move twice a second: a book that was silent for longer may be out of date."""
AGAIN_SECONDS = 1.0
"""Until a stream that failed is watched again."""
JOIN_SECONDS = 30.0
"""How long trading waits for the streams of the account at most."""


class Listener(Protocol):
    """Whoever looks at all that streams bring."""

    def book(self, book: LiveBook) -> None: ...

    def fill(self, fill: Fill) -> None: ...


class Sight:
    """The eyes of all quoting loops of one client."""

    def __init__(self, client: Client, records: Records, names: Sequence[str], listener: Listener) -> None:
        self._client, self._records, self._names, self._listener = client, records, names, listener
        self._books: dict[Instrument, LiveBook] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._products: set[Product] = set()

    async def __aenter__(self) -> Self:
        """Watch books and the account, wherever they are streamed; fills count from here on."""
        self._products = {(await self._patiently(name)).product for name in self._names}
        joined = []
        for product in self._products:
            if self._client.watches(WatchExecutions, product):
                joined += [self._start(self._orders_of(product)), self._start(self._fills_of(product))]
        for name in self._names:
            if self._client.watches(WatchBook, (await self._client.instrument(name)).product):
                self._start(self._books_of(name))
        if joined:
            await asyncio.wait([asyncio.ensure_future(event.wait()) for event in joined], timeout=JOIN_SECONDS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def streams_orders(self, product: Product) -> bool:
        """Whether own orders come by themselves."""
        return self._client.watches(WatchExecutions, product)

    @property
    def streams_all(self) -> bool:
        """Whether books and own orders of every product that is traded come by themselves."""
        return bool(self._products) and all(
            self._client.watches(kind, product) for product in self._products for kind in (WatchBook, WatchExecutions)
        )

    async def book(self, instrument: Instrument) -> Book:
        """The book now: the streamed one if it is fresh, else the venue is asked. Raises VenueError."""
        known = self._books.get(instrument)
        if known is not None and known.age <= FRESH_SECONDS:
            return known
        return await self._client.book(instrument, depth=DEPTH)

    # --- following

    def _orders_of(self, product: Product) -> Callable[[asyncio.Event], Any]:
        return lambda joined: self._follow(lambda: self._client.watch_orders(product), self._records.saw, joined)

    def _fills_of(self, product: Product) -> Callable[[asyncio.Event], Any]:
        return lambda joined: self._follow(lambda: self._client.watch_fills(product), self._listener.fill, joined)

    def _books_of(self, name: str) -> Callable[[asyncio.Event], Any]:
        return lambda joined: self._follow(lambda: self._client.watch_book(name, depth=DEPTH), self._keep, joined)

    def _start(self, follow: Callable[[asyncio.Event], Any]) -> asyncio.Event:
        joined = asyncio.Event()
        self._tasks.append(asyncio.get_running_loop().create_task(follow(joined)))
        return joined

    def _keep(self, book: Book) -> None:
        assert isinstance(book, LiveBook)
        self._books[book.instrument] = book
        self._listener.book(book)

    async def _follow(
        self, watch: Callable[[], Stream[Any]], take: Callable[[Any], None], joined: asyncio.Event
    ) -> None:
        while True:
            try:
                async with watch() as values:
                    joined.set()
                    async for value in values:
                        take(value)
            except VenueError as error:
                self._records.failed(error)
                await asyncio.sleep(error.retry_after or AGAIN_SECONDS)

    async def _patiently(self, name: str) -> Instrument:
        """The instrument, through whatever the venue does at first."""
        while True:
            try:
                return await self._client.instrument(name)
            except VenueError as error:
                if not error.transient:
                    raise
                self._records.failed(error)
                await asyncio.sleep(error.retry_after or AGAIN_SECONDS)
