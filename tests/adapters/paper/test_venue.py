"""The venue in memory through the client: every operation of the table once, its refusals, and its faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from unified.client import Client
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.market_data import Interval
from unified.order import Fill, Liquidity, OrderStatus, OrderType, Side
from unified.testing.loop import run
from unified_paper.venue import PaperVenue

Story = Callable[[Client], Awaitable[None]]


def tell(story: Story, *, faults: str = "none", seed: int = 1) -> None:
    """Run a story on a fresh venue in virtual time."""

    async def whole() -> None:
        venue = PaperVenue(seed=seed, faults=faults)
        async with Client(
            "paper", transport=venue.transport(), dialer=venue.dialer(), credentials=venue.credentials
        ) as client:
            await story(client)

    run(whole())


def test_everything_public_can_be_read() -> None:
    async def story(client: Client) -> None:
        before = await client.server_time()
        await asyncio.sleep(10)
        assert timedelta(seconds=10) <= await client.server_time() - before < timedelta(seconds=11)
        assert (await client.venue_status()).state == "online"
        assert {item.name for item in await client.instruments()} == {"BTC/USDT", "ETH/USDT"}
        ticker, book = await client.ticker("BTC/USDT"), await client.book("BTC/USDT", depth=5)
        assert book.best_bid is not None
        assert book.best_ask is not None
        assert (ticker.bid, ticker.ask) == (book.best_bid.price, book.best_ask.price)
        assert len(book.bids) == len(book.asks) == 5
        assert {item.instrument.name for item in await client.tickers()} == {"BTC/USDT", "ETH/USDT"}

    tell(story)


def test_trades_are_walked_into_the_past_without_a_gap() -> None:
    async def story(client: Client) -> None:
        for _ in range(5):
            await client.place_order("BTC/USDT", "sell", quantity="0.001")
        ids = [int(trade.trade_id) async for trade in client.trades("BTC/USDT", limit=2)]
        assert len(ids) == len(set(ids))
        pages = [ids[start : start + 2] for start in range(0, len(ids), 2)]
        assert all(page == sorted(page) for page in pages)

    tell(story)


def test_candles_of_a_span_are_complete_and_oldest_first() -> None:
    async def story(client: Client) -> None:
        end = (await client.server_time()).replace(second=0, microsecond=0)
        start = end - timedelta(minutes=700)
        found = [candle async for candle in client.candles("BTC/USDT", Interval.M1, start=start, end=end)]
        assert [candle.opened_at for candle in found] == [start + timedelta(minutes=n) for n in range(700)]
        assert all(candle.low <= min(candle.open, candle.close) <= candle.high for candle in found)

    tell(story)


def test_an_order_lives_from_its_placing_to_its_end() -> None:
    async def story(client: Client) -> None:
        book = await client.book("BTC/USDT")
        assert book.best_bid is not None
        price = book.best_bid.price - 500
        placed = await client.place_order("BTC/USDT", "buy", quantity="0.01", price=price, post_only=True)
        assert (placed.status, placed.side, placed.order_type) == (OrderStatus.NEW, Side.BUY, OrderType.LIMIT)
        assert [order.venue_order_id async for order in client.open_orders()] == [placed.venue_order_id]
        amended = await client.amend_order(placed, price=price - 1)
        assert amended.price == price - 1
        balance = (await client.balances())["USDT"]
        assert balance.locked == amended.price * Decimal("0.01")
        canceled = await client.cancel_order(amended)
        assert canceled.status is OrderStatus.CANCELED
        again = await client.cancel_order(amended)
        assert again.status is OrderStatus.CANCELED
        assert [order.venue_order_id async for order in client.closed_orders("BTC/USDT")] == [placed.venue_order_id]

    tell(story)


def test_a_market_order_fills_and_is_paid_for() -> None:
    async def story(client: Client) -> None:
        order = await client.place_order("BTC/USDT", "buy", quote_quantity="600")
        assert order.status is OrderStatus.FILLED
        fills = [fill async for fill in client.fills(order=order)]
        assert sum(fill.quantity for fill in fills) == order.filled_quantity
        assert {fill.liquidity for fill in fills} == {Liquidity.TAKER}
        fee = await client.trading_fees("BTC/USDT")
        paid = sum(fill.commission.amount for fill in fills if fill.commission is not None)
        assert paid == sum(fill.quantity for fill in fills) * fee.taker

    tell(story)


def test_stops_and_orders_with_an_end_are_understood() -> None:
    async def story(client: Client) -> None:
        book = await client.book("BTC/USDT")
        assert book.mid is not None
        low = (book.mid - 5000).quantize(Decimal(1))
        stop = await client.place_order("BTC/USDT", "sell", quantity="0.01", stop_price=low, price=low - 1)
        assert (stop.order_type, stop.stop_price) == (OrderType.STOP_LIMIT, low)
        ends = await client.server_time() + timedelta(seconds=30)
        dated = await client.place_order(
            "BTC/USDT", "buy", quantity="0.01", price=low, time_in_force="gtd", expires_at=ends
        )
        await asyncio.sleep(60)
        seen = await client.get_order("BTC/USDT", venue_order_id=dated.venue_order_id)
        assert seen.status is OrderStatus.EXPIRED
        await client.cancel_all(instrument="BTC/USDT")
        assert [order async for order in client.open_orders()] == []

    tell(story)


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        pytest.param(Kind.INSUFFICIENT_FUNDS, {"quantity": "500", "price": "50000"}, id="funds"),
        pytest.param(Kind.WOULD_TAKE, {"quantity": "0.01", "price": "90000", "post_only": True}, id="post-only"),
        pytest.param(Kind.UNFILLABLE, {"quantity": "1", "price": "10000", "time_in_force": "fok"}, id="fill or kill"),
        pytest.param(Kind.WOULD_TRIGGER, {"quantity": "0.01", "stop_price": "10000"}, id="a stop that would trigger"),
    ],
)
def test_the_venues_refusals_keep_their_kind(kind: Kind, terms: dict[str, str]) -> None:
    async def story(client: Client) -> None:
        for act in (client.place_order, client.test_order):
            with pytest.raises(VenueError) as caught:
                await act("BTC/USDT", "buy", **terms)  # type: ignore[arg-type] # terms come from the table above
            assert (caught.value.kind, caught.value.outcome) == (kind, Outcome.REJECTED)

    tell(story)


def test_the_key_may_not_withdraw() -> None:
    async def story(client: Client) -> None:
        permissions = await client.key_permissions()
        assert (permissions.trade, permissions.withdraw) == (True, False)

    tell(story)


@pytest.mark.parametrize("seed", range(5))
def test_under_harsh_faults_no_order_is_placed_twice_and_none_is_lost(seed: int) -> None:
    async def story(client: Client) -> None:
        outcomes = [await outcome_of_an_order(client) for _ in range(30)]
        assert await client.settle() == ()
        await asyncio.sleep(5)
        found = await resting(client)
        assert Outcome.UNKNOWN not in outcomes
        assert len(found) == outcomes.count(Outcome.DONE) > 20

    tell(story, faults="harsh", seed=seed)


async def outcome_of_an_order(client: Client) -> Outcome:
    try:
        await client.place_order("BTC/USDT", "buy", quantity="0.001", price="50000", deadline=60)
    except VenueError as error:
        return error.outcome
    return Outcome.DONE


async def resting(client: Client) -> set[str]:
    """Ids of the orders that the venue shows as open, however often it has to be asked."""
    while True:
        try:
            return {order.venue_order_id async for order in client.open_orders(instrument="BTC/USDT")}
        except VenueError:
            await asyncio.sleep(1)


@pytest.mark.parametrize("seed", range(3))
def test_under_harsh_faults_streams_tell_every_fill_once(seed: int) -> None:
    async def story(client: Client) -> None:
        told: list[Fill] = []

        async def listen() -> None:
            async for fill in client.watch_fills():
                told.append(fill)  # noqa: PERF401 - the stream has no end

        listening = asyncio.create_task(listen())
        await asyncio.sleep(10)
        for _ in range(10):
            with suppress(VenueError):
                await client.place_order("BTC/USDT", "buy", quantity="0.01", deadline=60)
            await asyncio.sleep(10)
        assert await client.settle() == ()
        await asyncio.sleep(120)
        listening.cancel()
        held = await fills_held(client)
        assert sorted(fill.trade_id for fill in told) == sorted(held)
        assert len(held) >= 5

    tell(story, faults="harsh", seed=seed)


async def fills_held(client: Client) -> set[str]:
    """Ids of the fills that the venue lists, however often it has to be asked."""
    while True:
        try:
            return {fill.trade_id async for fill in client.fills()}
        except VenueError:
            await asyncio.sleep(1)


def test_a_book_is_watched_in_memory() -> None:
    async def story(client: Client) -> None:
        async for book in client.watch_book("ETH/USDT", depth=7):
            assert len(book.bids) == len(book.asks) == 7
            assert book.sequence is not None
            break

    tell(story)


def test_time_at_the_venue_is_that_of_the_loop() -> None:
    async def story(client: Client) -> None:
        assert (await client.server_time()).tzinfo is UTC
        assert (await client.server_time(Product.SPOT)) < datetime.now(UTC) + timedelta(days=3650)

    tell(story)
