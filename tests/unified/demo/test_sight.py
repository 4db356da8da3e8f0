"""What the demo's strategy sees: streams where there are any, questions where not or where they are silent."""

from __future__ import annotations

import asyncio

import pytest

import unified_paper.stream
from tests.streaming import stage
from tests.toy import virtual
from unified.book import LiveBook
from unified.demo.sight import FRESH_SECONDS, Sight
from unified.demo.strategy import Records
from unified.errors import Kind
from unified.instrument import Product
from unified.order import Fill
from unified.sandbox.stream_faults import StreamMishap


class Noted:
    """Whatever streams bring."""

    def __init__(self) -> None:
        self.books: list[LiveBook] = []
        self.fills: list[Fill] = []

    def book(self, book: LiveBook) -> None:
        self.books.append(book)

    def fill(self, fill: Fill) -> None:
        self.fills.append(fill)


def test_books_and_own_orders_come_by_themselves() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            records, noted = Records(), Noted()
            async with Sight(on.client, records, ["BTC/USD"], noted) as sight:
                await asyncio.sleep(2)
                instrument = await on.client.instrument("BTC/USD")
                assert sight.streams_all
                assert sight.streams_orders(Product.SPOT)
                assert await sight.book(instrument) is noted.books[-1]
                order = await on.client.order(instrument, "buy", quantity="0.01")
                records.wanted[order.client_order_id] = order
                await on.client.place(order, confirm=False)
                await asyncio.sleep(3)
                assert records.known[order.client_order_id].status.is_final
                assert sum(fill.quantity for fill in noted.fills) == order.quantity

    virtual(story)


def test_a_book_that_is_silent_is_asked_for() -> None:
    async def story() -> None:
        async with stage("kraken") as on, Sight(on.client, Records(), ["BTC/USD"], noted := Noted()) as sight:
            await asyncio.sleep(2)
            on.strike(*[StreamMishap.HALF_OPEN] * 5)  # both connections, whichever speaks first
            await asyncio.sleep(FRESH_SECONDS + 1.5)
            book = await sight.book(await on.client.instrument("BTC/USD"))
            assert not isinstance(book, LiveBook)
            assert noted.books

    virtual(story)


def test_where_nothing_is_streamed_the_venue_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unified_paper.stream, "streams_of", lambda _auth: {})

    async def story() -> None:
        async with stage("paper") as on, Sight(on.client, Records(), ["BTC/USDT"], Noted()) as sight:
            assert not sight.streams_all
            assert not sight.streams_orders(Product.SPOT)
            assert (await sight.book(await on.client.instrument("BTC/USDT"))).best_bid is not None

    virtual(story)


def test_a_stream_that_is_refused_is_counted_and_watched_again() -> None:
    async def story() -> None:
        async with stage("okx") as on:
            records = Records()
            on.strike(StreamMishap.LOGIN_REFUSED)
            async with Sight(on.client, records, ["BTC/USDT"], Noted()) as sight:
                await asyncio.sleep(20)
                assert sight.streams_all
                assert set(records.errors) <= {Kind.BAD_SIGNATURE, Kind.BAD_CREDENTIALS}

    virtual(story)
