"""Binance.US's adapter against its sandbox, through the client: two readings of the same papers must agree."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar

import pytest

from unified.client import Client
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import FetchVenueStatus
from unified.order import OrderStatus, OrderType, Side
from unified.sandbox.dialect import Setting
from unified.sandbox.network import SandboxNetwork
from unified.testing.loop import run
from unified_binanceus.sandbox import BinanceUsSandbox

T = TypeVar("T")
BTC = "BTC/USDT"

Story = Callable[[Client, BinanceUsSandbox], Awaitable[T]]


def visit(story: Story[T], who: str = "main") -> T:
    """Play a story in virtual time, without faults; the venue's verdict must be clean."""

    async def main() -> T:
        sandbox = BinanceUsSandbox(Setting(now=asyncio.get_running_loop().time))
        network = SandboxNetwork(sandbox)
        client = Client(
            "binanceus",
            credentials=sandbox.credentials(who),
            endpoint=network.urls,
            transport=network.transport(),
        )
        async with client:
            told = await story(client, sandbox)
        assert network.ledger.verdict().is_clean
        return told

    return run(main())


def test_public_data_are_the_venues() -> None:
    async def story(client: Client, sandbox: BinanceUsSandbox) -> None:
        found = await client.instrument(BTC)
        own = sandbox.engine.instrument(Product.SPOT, "BTCUSDT")
        for value in ("symbol", "base", "quote", "tick_size", "lot_size", "min_quantity", "max_quantity", "min_price"):
            assert getattr(found, value) == getattr(own, value), value
        assert (found.min_notional, found.max_market_quantity) == (own.min_notional, own.max_market_quantity)
        await asyncio.sleep(90)
        book = await client.book(BTC, depth=10)
        assert book.bids[0] in sandbox.engine.book(own, 500).bids
        ticker, day = await client.ticker(BTC), sandbox.engine.ticker(own)
        assert (ticker.last, ticker.bid, ticker.ask, ticker.volume_24h) == (day.last, day.bid, day.ask, day.volume)
        assert [ticker.instrument.base for ticker in await client.tickers(Product.SPOT)] == ["BTC", "ETH"]
        assert client.supports(FetchVenueStatus, Product.SPOT)
        assert (await client.venue_status(Product.SPOT)).state.value == "online"

    visit(story)


def test_balances_and_fees() -> None:
    async def story(client: Client, _sandbox: BinanceUsSandbox) -> None:
        balances = await client.balances(Product.SPOT)
        assert {name: balance.free for name, balance in balances.items()} == {
            "USDT": Decimal(2_000_000),
            "BTC": Decimal(40),
            "ETH": Decimal(800),
        }
        fee = await client.trading_fees(BTC)
        assert (fee.maker, fee.taker) == (Decimal("0.001"), Decimal("0.001"))

    visit(story)


def test_an_order_lives_and_is_canceled() -> None:
    async def story(client: Client, sandbox: BinanceUsSandbox) -> None:
        placed = await client.place_order(BTC, "buy", quantity="0.01", price="60000")
        assert (placed.status, placed.side, placed.price) == (OrderStatus.NEW, Side.BUY, Decimal(60_000))
        seen = await client.get_order(BTC, client_order_id=placed.client_order_id)
        assert seen.venue_order_id == placed.venue_order_id
        assert [order.venue_order_id async for order in client.open_orders(Product.SPOT)] == [placed.venue_order_id]
        canceled = await client.cancel_order(placed)
        assert canceled.status is OrderStatus.CANCELED
        assert sandbox.engine.accounts["main"].orders[-1].status is OrderStatus.CANCELED

    visit(story)


def test_a_market_order_is_found_among_the_closed_with_its_fills() -> None:
    async def story(client: Client, _sandbox: BinanceUsSandbox) -> None:
        done = await client.place_order(BTC, "buy", order_type="market", quantity="0.01")
        assert done.status is OrderStatus.FILLED
        fills = [fill async for fill in client.fills(instrument=BTC)]
        assert sum(fill.quantity for fill in fills) == Decimal("0.01")
        assert {fill.venue_order_id for fill in fills} == {done.venue_order_id}
        assert [order.venue_order_id async for order in client.closed_orders(instrument=BTC)] == [done.venue_order_id]

    visit(story)


def test_a_stop_waits() -> None:
    async def story(client: Client, _sandbox: BinanceUsSandbox) -> None:
        stop = await client.place_order(BTC, "sell", order_type="stop_market", quantity="0.01", stop_price="60000")
        assert (stop.status, stop.order_type) == (OrderStatus.NEW, OrderType.STOP_MARKET)
        await client.cancel_all(instrument=BTC)
        await client.cancel_all(instrument=BTC)
        assert [order async for order in client.open_orders(instrument=BTC)] == []

    visit(story)


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        pytest.param({"post_only": True, "price": "62000"}, Kind.WOULD_TAKE, id="post-only that would take"),
        pytest.param({"price": "1000"}, Kind.INVALID_PRICE, id="a price far away"),
    ],
)
def test_a_refusal_is_recognised(terms: dict[str, object], kind: Kind) -> None:
    async def story(client: Client, _sandbox: BinanceUsSandbox) -> None:
        with pytest.raises(VenueError) as raised:
            await client.place_order(BTC, "buy", quantity="0.05", **terms)  # type: ignore[arg-type]  # - a table
        assert (raised.value.kind, raised.value.outcome) == (kind, Outcome.REJECTED)

    visit(story)


def test_who_has_no_money_or_may_not_trade_is_told_so() -> None:
    async def story(client: Client, _sandbox: BinanceUsSandbox) -> Kind:
        with pytest.raises(VenueError) as raised:
            await client.place_order(BTC, "buy", quantity="0.01", price="60000")
        return raised.value.kind

    assert visit(story, "poor") is Kind.INSUFFICIENT_FUNDS
    assert visit(story, "reader") is Kind.UNAUTHORIZED


def test_many_orders_stay_within_ten_a_second() -> None:
    async def story(client: Client, _sandbox: BinanceUsSandbox) -> None:
        orders = (client.place_order(BTC, "buy", quantity="0.01", price=f"{60_000 - n}") for n in range(25))
        assert len({order.venue_order_id for order in await asyncio.gather(*orders)}) == 25

    visit(story)
