"""The public client as code that a type checker reads: what each of its methods answers. Never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import assert_type

from unified import Client, ClientConfig, Credentials, Interval, OrderType, Product, Secret, Side, TimeInForce
from unified.account import Balance, Fee, KeyPermissions, Position, VenueStatus
from unified.book import LiveBook
from unified.clock import ClockReading
from unified.doubt import Pending
from unified.errors import Outcome, VenueError
from unified.health import Health
from unified.hooks import (
    AttemptEvent,
    BanEvent,
    CallEvent,
    ErrorEvent,
    ResyncEvent,
    SettledEvent,
    StreamEvent,
    WaitEvent,
)
from unified.instrument import Instrument, Instruments
from unified.limit_states import LimitState
from unified.market_data import Book, Candle, FundingRate, Ticker, Trade
from unified.operations import FetchTicker, PlaceOrder
from unified.order import Fill, Order


def made(config: ClientConfig) -> None:
    assert_type(Client("paper"), Client)
    assert_type(Client(config), Client)
    assert_type(Client.from_file("unified.toml", "main"), Client)
    Client("okx", credentials=Credentials(key="k", secret=Secret("s"), passphrase=Secret("p")))


async def life(client: Client) -> None:
    async with client as entered:
        assert_type(entered, Client)
    await client.aclose()
    assert_type(client.venue, str)
    assert_type(client.products, tuple[Product, ...])
    assert_type(client.supports(FetchTicker, Product.LINEAR), bool)


async def streams(client: Client) -> None:
    async for book in client.watch_book("BTC/USDT", depth=5):
        assert_type(book, LiveBook)
        assert_type(book.age, float)
    async for ticker in client.watch_ticker("BTC/USDT"):
        assert_type(ticker, Ticker)


async def public_reads(client: Client, start: datetime) -> None:
    btc = await client.instrument("BTC/USDT")
    assert_type(btc, Instrument)
    assert_type(await client.instruments(Product.LINEAR), Instruments)
    assert_type(await client.run(FetchTicker(instrument=btc)), Ticker)
    assert_type(await client.server_time(), datetime)
    assert_type(await client.venue_status(), VenueStatus)
    assert_type(await client.ticker("BTC/USDT"), Ticker)
    assert_type(await client.ticker(btc), Ticker)
    assert_type(await client.tickers(), tuple[Ticker, ...])
    assert_type(await client.book(btc, depth=5), Book)
    assert_type(client.trades(btc), AsyncIterator[Trade])
    assert_type(client.candles(btc, Interval.H1, start=start), AsyncIterator[Candle])
    assert_type(client.candles(btc, "1h"), AsyncIterator[Candle])
    assert_type(await client.funding_rate("BTC/USDT:USDT"), FundingRate)


async def account(client: Client, order: Order, start: datetime) -> None:
    assert_type(await client.balances(), Mapping[str, Balance])
    assert_type(await client.trading_fees("BTC/USDT"), Fee)
    assert_type(await client.key_permissions(), KeyPermissions)
    assert_type(await client.positions(), tuple[Position, ...])
    await client.set_leverage("BTC/USDT:USDT", 3)
    await client.set_margin_mode("BTC/USDT:USDT", "cross")
    await client.set_position_mode("one_way")
    assert_type(await client.get_order("BTC/USDT", client_order_id="a1"), Order)
    assert_type(client.open_orders(), AsyncIterator[Order])
    assert_type(client.closed_orders("BTC/USDT", start=start), AsyncIterator[Order])
    assert_type(client.fills(order=order), AsyncIterator[Fill])


async def orders(client: Client, expires_at: datetime) -> None:
    wish = await client.order("BTC/USDT", "buy", quantity="0.1", price=Decimal(50000))
    assert_type(wish, PlaceOrder)
    order = await client.place_order(
        "BTC/USDT",
        Side.BUY,
        quantity="0.1",
        price=50000,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTD,
        expires_at=expires_at,
        post_only=True,
        client_order_id="a1",
        confirm=True,
        deadline=5.0,
    )
    assert_type(order, Order)
    assert_type(await client.place_order("BTC/USDT", "sell", quantity="1", stop_price="40000"), Order)
    assert_type(await client.place_order("BTC/USDT", "buy", quote_quantity=100), Order)
    assert_type(await client.place(wish, deadline=1), Order)
    assert_type(await client.place_batch([wish]), tuple[Order | VenueError, ...])
    await client.test_order("BTC/USDT", "buy", quantity=1)
    assert_type(await client.cancel_order(order, confirm=True), Order)
    assert_type(await client.cancel_batch([order]), tuple[Order | VenueError, ...])
    await client.cancel_all(instrument="BTC/USDT")
    assert_type(await client.amend_order(order, price="49000"), Order)


async def knowledge(client: Client) -> None:
    assert_type(client.pending(), tuple[Pending, ...])
    assert_type(await client.settle(timeout=3), tuple[Pending, ...])
    client.resolve("a1", Outcome.REJECTED)
    client.resolve("a1", "done")
    assert_type(client.limits(), tuple[LimitState, ...])
    assert_type(client.clock(), Mapping[str, ClockReading])
    assert_type(client.health(), Health)


def attempted(event: AttemptEvent) -> None:
    assert_type(event.http_status, int | None)


def called(event: CallEvent) -> None:
    assert_type(event.attempts, tuple[AttemptEvent, ...])


def waited(event: WaitEvent) -> None:
    assert_type(event.seconds, float)


def failed(event: ErrorEvent) -> None:
    assert_type(event.error, VenueError)


def resynced(event: ResyncEvent) -> None:
    assert_type(event.half_width, float)


def banned(event: BanEvent) -> None:
    assert_type(event.seconds, float)


def settled(event: SettledEvent) -> None:
    assert_type(event.client_order_id, str)


def streamed(event: StreamEvent) -> None:
    assert_type(event.venue, str)


def watching(client: Client) -> None:
    client.hooks.on_attempt.add(attempted)
    client.hooks.on_call.add(called)
    client.hooks.on_wait.add(waited)
    client.hooks.on_error.add(failed)
    client.hooks.on_resync.add(resynced)
    client.hooks.on_ban.add(banned)
    client.hooks.on_stream.add(streamed)
    stop = client.hooks.on_settled.add(settled)
    stop()
