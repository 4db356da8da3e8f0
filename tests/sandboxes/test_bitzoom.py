"""Bitzoom's adapter against its sandbox, through the client: two readings of the same papers must agree."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar

import pytest

from unified.account import MarginMode, PositionMode
from unified.client import Client
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.order import OrderStatus, PositionSide
from unified.sandbox.dialect import Incoming, Outgoing, RequestClass, Setting
from unified.sandbox.network import SandboxNetwork
from unified.testing.loop import run
from unified_bitzoom.sandbox import BitzoomSandbox

T = TypeVar("T")
BTC, LINEAR = "BTC/USDT:USDT", Product.LINEAR

Story = Callable[[Client, BitzoomSandbox], Awaitable[T]]


def visit(story: Story[T], who: str = "main", sandbox_class: type[BitzoomSandbox] = BitzoomSandbox) -> T:
    """Play a story in virtual time, without faults of the network; the venue's verdict must be clean."""

    async def main() -> T:
        sandbox = sandbox_class(Setting(now=asyncio.get_running_loop().time))
        network = SandboxNetwork(sandbox)
        client = Client(
            "bitzoom",
            credentials=sandbox.credentials(who),
            endpoint=network.urls,
            transport=network.transport(),
            options={"auth": "bearer" if who == "bearer" else "hmac"},
        )
        async with client:
            told = await story(client, sandbox)
        assert network.ledger.verdict().is_clean
        return told

    return run(main())


def test_public_data_are_the_venues() -> None:
    async def story(client: Client, sandbox: BitzoomSandbox) -> None:
        found, own = await client.instrument(BTC), sandbox.engine.instrument(LINEAR, "BTCUSDT")
        for value in ("symbol", "base", "quote", "settle", "tick_size", "lot_size", "status"):
            assert getattr(found, value) == getattr(own, value), value
        await asyncio.sleep(90)
        book = await client.book(BTC, depth=10)
        assert (book.bids[0], book.asks[0]) == (
            sandbox.engine.book(own, 5).bids[0],
            sandbox.engine.book(own, 5).asks[0],
        )
        ticker, day = await client.ticker(BTC), sandbox.engine.ticker(own)
        assert (ticker.last, ticker.bid, ticker.ask, ticker.volume_24h) == (day.last, day.bid, day.ask, day.volume)
        assert len(await client.tickers(LINEAR)) == 2
        candles = [candle async for candle in client.candles(BTC, "1m")]
        assert [one.opened_at for one in candles] == sorted(one.opened_at for one in candles)
        assert (await client.funding_rate(BTC)).mark_price is not None
        assert (await client.venue_status(LINEAR)).state.value == "online"

    visit(story)


@pytest.mark.parametrize("who", ["main", "bearer"])
def test_an_order_lives_and_is_canceled_with_either_way_in(who: str) -> None:
    async def story(client: Client, sandbox: BitzoomSandbox) -> None:
        placed = await client.place_order(BTC, "buy", quantity="0.01", price="60000", post_only=True)
        assert placed.status is OrderStatus.NEW
        seen = await client.get_order(BTC, client_order_id=placed.client_order_id)
        assert (seen.venue_order_id, seen.post_only) == (placed.venue_order_id, True)
        assert [order.venue_order_id async for order in client.open_orders(LINEAR)] == [placed.venue_order_id]
        assert (await client.cancel_order(placed)).status is OrderStatus.CANCELED
        closed = await client.get_order(BTC, venue_order_id=placed.venue_order_id)
        assert closed.status is OrderStatus.CANCELED
        assert sandbox.engine.accounts[who].orders[-1].status is OrderStatus.CANCELED

    visit(story, who)


def test_a_market_order_makes_a_position_and_fills() -> None:
    async def story(client: Client, _sandbox: BitzoomSandbox) -> None:
        done = await client.place_order(BTC, "buy", order_type="market", quantity="0.01")
        assert done.status is OrderStatus.FILLED
        fills = [fill async for fill in client.fills(BTC)]
        assert sum(fill.quantity for fill in fills) == Decimal("0.01")
        assert [order.venue_order_id async for order in client.closed_orders(BTC)] == [done.venue_order_id]
        (position,) = await client.positions(LINEAR)
        assert position.quantity == Decimal("0.01")
        assert (await client.balances(LINEAR))["USDT"].locked > 0
        assert (await client.trading_fees(BTC)).taker == Decimal("0.0005")
        await client.place_order(BTC, "sell", order_type="market", quantity="0.01", reduce_only=True)
        assert await client.positions(LINEAR) == ()

    visit(story)


def test_settings_are_made() -> None:
    async def story(client: Client, sandbox: BitzoomSandbox) -> None:
        await client.set_leverage(BTC, 20)
        await client.set_margin_mode(BTC, MarginMode.ISOLATED)
        await client.set_position_mode(PositionMode.HEDGE)
        account = sandbox.engine.accounts["main"]
        assert (account.position_mode, list(account.leverage.values())) == (PositionMode.HEDGE, [Decimal(20)])
        await client.place_order(BTC, "buy", order_type="market", quantity="0.01", position_side=PositionSide.LONG)
        (position,) = await client.positions(LINEAR)
        assert (position.leverage, position.position_side) == (Decimal(20), PositionSide.LONG)
        await client.cancel_all(LINEAR)

    visit(story)


def test_who_has_no_money_or_may_not_trade_is_told_so() -> None:
    async def story(client: Client, _sandbox: BitzoomSandbox) -> Kind:
        with pytest.raises(VenueError) as raised:
            await client.place_order(BTC, "buy", quantity="0.01", price="60000")
        assert raised.value.outcome is Outcome.REJECTED
        return raised.value.kind

    assert visit(story, "poor") is Kind.INSUFFICIENT_FUNDS
    assert visit(story, "reader") is Kind.PERMISSION_DENIED


class Losing(BitzoomSandbox):
    """Answers 504 to everything that changes something, without or after doing it."""

    runs = False
    looks = 0

    def handle(self, incoming: Incoming) -> Outgoing:
        self.looks += self.classify(incoming) is RequestClass.PRIVATE_READ
        if self.classify(incoming) not in (RequestClass.ORDER, RequestClass.WRITE):
            return super().handle(incoming)
        if self.runs:
            super().handle(incoming)
        self.asked = getattr(self, "asked", 0) + 1
        return self.overloaded(incoming)


class LosingAnswers(Losing):
    runs = True


def test_an_order_that_nobody_can_prove_absent_stays_unknown_and_is_never_sent_again() -> None:
    async def story(client: Client, sandbox: BitzoomSandbox) -> None:
        assert isinstance(sandbox, Losing)
        with pytest.raises(VenueError) as raised:
            await client.place_order(BTC, "buy", quantity="0.01", price="60000")
        error = raised.value
        assert (error.kind, error.outcome, error.fence_ms) == (Kind.VENUE_TIMEOUT, Outcome.UNKNOWN, None)
        assert [attempt.operation for attempt in error.attempts] == ["place_order"]
        assert (error.client_order_id or "-") in str(error)
        assert error.hint
        await asyncio.sleep(60)
        looked = sandbox.looks
        await asyncio.sleep(600)
        assert sandbox.looks - looked <= 2 * 600 / 30
        (left,) = client.pending()
        assert (left.client_order_id, left.fence, left.sends) == (error.client_order_id, None, 1)
        assert sandbox.asked == 1

    visit(story, sandbox_class=Losing)


def test_an_order_whose_answer_is_lost_is_found_by_looking() -> None:
    async def story(client: Client, sandbox: BitzoomSandbox) -> None:
        assert isinstance(sandbox, Losing)
        placed = await client.place_order(BTC, "buy", quantity="0.01", price="60000")
        assert placed.status is OrderStatus.NEW
        assert (sandbox.asked, len(sandbox.engine.accounts["main"].orders)) == (1, 1)

    visit(story, sandbox_class=LosingAnswers)


def test_a_get_that_changes_something_is_not_repeated() -> None:
    async def story(client: Client, sandbox: BitzoomSandbox) -> None:
        assert isinstance(sandbox, Losing)
        with pytest.raises(VenueError) as raised:
            await client.set_leverage(BTC, 20)
        assert (raised.value.outcome, sandbox.asked) == (Outcome.UNKNOWN, 1)

    visit(story, sandbox_class=Losing)
