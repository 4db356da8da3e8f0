"""The front door's streams, on Kraken's sandbox in virtual time."""

from __future__ import annotations

import asyncio
import gc
from decimal import Decimal
from typing import Any

import pytest

from tests.streaming import stage
from tests.toy import Wire, toy_client, virtual
from unified.book import LiveBook
from unified.errors import Kind, Outcome, VenueError
from unified.hooks import StreamChange
from unified.market_data import Book, Interval
from unified.order import Fill, Order, OrderStatus
from unified.sandbox.stream_faults import StreamMishap
from unified.watcher import Stream
from unified.watches import WatchBook, WatchPositions


async def some(stream: Stream[Any], count: int) -> list[Any]:
    found = []
    async for value in stream:
        found.append(value)
        if len(found) == count:
            break
    return found


def test_a_book_is_the_venues_and_knows_its_age() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            async for book in on.client.watch_book("BTC/USD", depth=5):
                assert isinstance(book, Book)
                assert isinstance(book, LiveBook)
                assert len(book.bids) == len(book.asks) == 5
                assert 0 <= book.age < 0.1
                assert book.best_bid is not None
                assert book.best_ask is not None
                assert book.best_bid.price < book.best_ask.price
                break

    virtual(story)


def test_many_instruments_come_over_one_connection() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            tickers = await some(on.client.watch_ticker("BTC/USD", "ETH/USD", "SOL/USD"), 12)
            assert {ticker.instrument.name for ticker in tickers} == {"BTC/USD", "ETH/USD", "SOL/USD"}
            assert on.counts[StreamChange.CONNECTED] == 1

    virtual(story)


def test_leaving_the_loop_ends_the_subscription_unless_somebody_else_shares_it() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            kept = on.client.watch_book("BTC/USD", depth=10)
            await some(kept, 1)
            await some(on.client.watch_book("BTC/USD", depth=10), 1)
            gc.collect()
            await asyncio.sleep(1)
            assert len(on.client._hub._topics) == 1
            await some(kept, 1)
            kept.close()
            await asyncio.sleep(1)
            assert on.client._hub._topics == {}
            assert on.client._hub._sessions == []

    virtual(story)


def test_trades_and_candles_have_the_types_of_the_fetches() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            trades = await some(on.client.watch_trades("BTC/USD"), 5)
            ids = [int(trade.trade_id) for trade in trades]
            assert ids == sorted(set(ids))
            (candle,) = await some(on.client.watch_candles("BTC/USD", interval="5m"), 1)
            assert candle.interval is Interval.M5

    virtual(story)


def test_own_orders_and_fills_come_as_they_happen() -> None:
    async def story() -> None:
        async with stage("kraken") as on, on.client.watch_orders() as orders, on.client.watch_fills() as fills:
            await asyncio.sleep(1)
            placed = await on.client.place_order("BTC/USD", "buy", quantity="0.01", order_type="market")
            seen: list[Order] = await some(orders, 4)
            assert [order.status for order in seen] == [
                OrderStatus.PENDING_NEW,  # by the answer to the request
                OrderStatus.PENDING_NEW,  # and since when, by the first frame
                OrderStatus.NEW,
                OrderStatus.FILLED,
            ]
            assert {order.client_order_id for order in seen} == {placed.client_order_id}
            (fill,) = await some(fills, 1)
            assert isinstance(fill, Fill)
            assert fill.venue_order_id == seen[0].venue_order_id
            assert [order.status for order in on.client.orders] == [OrderStatus.FILLED]

    virtual(story)


def test_an_order_that_was_open_before_is_told_first_and_to_whoever_comes_later_too() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            await on.client.place_order("BTC/USD", "buy", quantity="0.01", price="50000")
            one = on.client.watch_orders()
            assert (await some(one, 1))[0].status is OrderStatus.NEW
            other = on.client.watch_orders()
            assert (await some(other, 1))[0].status is OrderStatus.NEW

    virtual(story)


def test_balances_come_whole_and_then_as_they_change() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            balances = on.client.watch_balances()
            first = await some(balances, 6)
            assert {balance.currency for balance in first} == {"BTC", "USD", "USDT", "ETH", "SOL", "DOGE"}
            before = next(balance.free for balance in first if balance.currency == "BTC")
            await on.client.place_order("BTC/USD", "buy", quantity="0.01", order_type="market")
            changed = await some(balances, 2)
            assert {balance.currency: balance.free for balance in changed}["BTC"] == before + Decimal("0.01")

    virtual(story)


def test_a_gap_is_an_event_and_the_next_book_is_whole_again() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            books = on.client.watch_book("BTC/USD", depth=10)
            await some(books, 3)
            on.strike(StreamMishap.WRONG_CHECKSUM)
            while on.counts[StreamChange.HEALED] == 0:
                await some(books, 1)
            (book,) = await some(books, 1)
            assert book.gaps == 1
            gap = next(event for event in on.events if event.change is StreamChange.GAP)
            assert gap.reason.startswith("checksum")
            assert (gap.watch, gap.about) == ("watch_book", "BTC/USD")

    virtual(story)


def test_what_the_venue_does_not_stream_is_said_before_anything_leaves() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            assert on.client.watches(WatchBook)
            assert not on.client.watches(WatchPositions)
            for stream in (
                on.client.watch_mark_price("BTC/USD"),
                on.client.watch_book("BTC/USD", depth=5_000),
                on.client.watch_candles("BTC/USD", interval="3m"),
                on.client.watch_positions(),
                on.client.watch_funding_rate("BTC/USD"),
            ):
                with pytest.raises(VenueError) as refused:
                    await some(stream, 1)
                assert (refused.value.kind, refused.value.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)
            assert on.counts[StreamChange.CONNECTED] == 0

    virtual(story)


def test_a_key_that_may_not_stream_is_told_so() -> None:
    async def story() -> None:
        async with stage("kraken", account=4) as on:
            with pytest.raises(VenueError) as refused:
                await some(on.client.watch_orders(), 1)
            assert refused.value.kind is Kind.PERMISSION_DENIED

    virtual(story)


def test_an_adapter_without_streams_has_none_and_nothing_to_watch_is_a_mistake() -> None:
    async def story() -> None:
        async with toy_client(Wire()) as client:
            with pytest.raises(VenueError) as refused:
                await some(client.watch_ticker("BTC/USDT"), 1)
            assert refused.value.kind is Kind.NOT_SUPPORTED
            with pytest.raises(ValueError, match="at least one"):
                client.watch_ticker()

    virtual(story)


def test_a_consumer_that_stalls_holds_up_nobody_and_is_told() -> None:
    async def story() -> None:
        async with stage("kraken") as on:
            stalled, other = on.client.watch_trades("BTC/USD", bound=5), on.client.watch_trades("BTC/USD")
            async with stalled, other:
                before = len(await some(other, 30))
                assert before == 30
                assert on.counts[StreamChange.OVERFLOW] == 1
                with pytest.raises(VenueError) as gap:
                    await some(stalled, 1)
                assert gap.value.kind is Kind.SEQUENCE_GAP
                assert len(await some(stalled, 5)) == 5

    virtual(story)
