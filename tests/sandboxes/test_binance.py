"""Binance's adapter against Binance's sandbox, through the client: two readings of the same papers must agree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import pytest

from unified.account import MarginMode, PositionMode
from unified.client import Client
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instrument, Product
from unified.market_data import Interval
from unified.operations import (
    AmendOrder,
    CancelBatch,
    FetchFundingRate,
    FetchKeyPermissions,
    FetchPositions,
    FetchVenueStatus,
    PlaceBatch,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import Setting
from unified.sandbox.engine import Engine
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.orders import VenueOrder
from unified.testing.loop import run
from unified_binance.sandbox import BinanceSandbox

T = TypeVar("T")
NAMES = {Product.SPOT: "BTC/USDT", Product.LINEAR: "BTC/USDT:USDT"}


class Market:
    """A client, and the venue that it talks to."""

    def __init__(self, client: Client, sandbox: BinanceSandbox, product: Product, who: str) -> None:
        self.client = client
        self.sandbox = sandbox
        self.product = product
        self.name = NAMES[product]
        self._who = who

    @property
    def engine(self) -> Engine:
        return self.sandbox.engine

    @property
    def account(self) -> Account:
        return self.engine.accounts[self._who]

    @property
    def listed(self) -> Instrument:
        """The sandbox's own instrument."""
        return self.engine.instrument(self.product, "BTCUSDT")

    @property
    def last(self) -> VenueOrder:
        return self.account.orders[-1]

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.sandbox.now_us / 1e6, UTC)


def visit(story: Callable[[Market], Awaitable[T]], product: Product = Product.SPOT, who: str = "hmac") -> T:
    """Play a story in virtual time, without faults; the venue's verdict must be clean."""

    async def main() -> T:
        sandbox = BinanceSandbox(Setting(now=asyncio.get_running_loop().time))
        network = SandboxNetwork(sandbox)
        client = Client(
            "binance",
            credentials=sandbox.credentials(who),
            endpoint=network.urls,
            transport=network.transport(),
        )
        async with client:
            told = await story(Market(client, sandbox, product, who))
        assert network.ledger.verdict().is_clean
        return told

    return run(main())


@pytest.fixture(params=list(Product), ids=lambda product: product.value)
def product(request: pytest.FixtureRequest) -> Product:
    found: Product = request.param
    return found


async def listed(items: AsyncIterator[T]) -> list[T]:
    return [item async for item in items]


async def refused(call: Awaitable[object]) -> VenueError:
    with pytest.raises(VenueError) as error:
        await call
    return error.value


def near(told: datetime | None, moment: datetime) -> bool:
    return told is not None and abs(told - moment) < timedelta(seconds=2)


# --- public data


def test_time_and_state(product: Product) -> None:
    async def story(at: Market) -> None:
        assert near(await at.client.server_time(product), at.time)
        if at.client.supports(FetchVenueStatus, product):
            assert (await at.client.venue_status(product)).state.value == "online"

    visit(story, product)


def test_instruments_are_the_venues_to_the_digit(product: Product) -> None:
    async def story(at: Market) -> None:
        found, own = await at.client.instrument(at.name), at.listed
        for value in ("symbol", "base", "quote", "settle", "tick_size", "lot_size", "min_quantity", "max_quantity"):
            assert getattr(found, value) == getattr(own, value), value
        for value in ("max_market_quantity", "min_price", "max_price", "min_notional", "status", "contract_size"):
            assert getattr(found, value) == getattr(own, value), value

    visit(story, product)


def test_books_trades_candles_and_tickers(product: Product) -> None:
    async def story(at: Market) -> None:
        await at.client.instrument(at.name)
        await asyncio.sleep(90)
        book = await at.client.book(at.name, depth=10)
        own = at.engine.book(at.listed, 500)
        assert book.bids[0] in own.bids
        assert len(book.asks) >= 10
        ticker = await at.client.ticker(at.name)
        day = at.engine.ticker(at.listed)
        assert (ticker.last, ticker.bid, ticker.ask) == (day.last, day.bid, day.ask)
        assert (ticker.open_24h, ticker.volume_24h) == (day.open, day.volume)
        tickers = await at.client.tickers(product)
        assert {item.instrument.symbol for item in tickers} == {"BTCUSDT", "ETHUSDT"}
        trades = [trade async for trade in at.client.trades(at.name, limit=5)]
        assert {trade.trade_id for trade in trades} == {str(t.trade_id) for t in at.engine.trades(at.listed, 1000)}
        start = at.time - timedelta(hours=2)
        candles = await listed(at.client.candles(at.name, Interval.M15, start=start, end=at.time))
        own_candles = at.engine.candles(
            at.listed, Interval.M15, start_us=round(start.timestamp() * 1e6), end_us=at.engine.now_us
        )
        assert [(c.open, c.high, c.low, c.close, c.volume) for c in candles][:-1] == [
            (c.open, c.high, c.low, c.close, c.volume) for c in own_candles
        ][:-1]

    visit(story, product)


def test_the_funding_rate() -> None:
    async def story(at: Market) -> None:
        assert at.client.supports(FetchFundingRate, Product.LINEAR)
        for name, hours in (("BTC/USDT:USDT", 8), ("ETH/USDT:USDT", 4)):
            told = await at.client.funding_rate(name)
            assert told.rate == Decimal("0.0001")
            assert told.interval == timedelta(hours=hours)
            assert told.next_time is not None
            assert told.next_time > at.time

    visit(story, Product.LINEAR)


# --- account


def test_balances_and_fees(product: Product) -> None:
    async def story(at: Market) -> None:
        await at.client.place_order(at.name, "buy", quantity="1", price="60000")
        own = at.account.wallet(product)
        told = (await at.client.balances(product))["USDT"]
        assert told.total == own.total["USDT"]
        assert told.free == at.engine.available(at.account, product, "USDT")
        fee, rates = await at.client.trading_fees(at.name), at.engine.fees(at.account, product)
        assert (fee.maker, fee.taker) == (rates.maker, rates.taker)

    visit(story, product)


@pytest.mark.parametrize(("who", "trades"), [("rsa", True), ("reader", False)])
def test_what_a_key_may_do(who: str, trades: bool) -> None:
    async def story(at: Market) -> None:
        assert at.client.supports(FetchKeyPermissions)
        told = await at.client.key_permissions()
        assert (told.read, told.trade, told.withdraw) == (True, trades, False)

    visit(story, who=who)


def test_positions_and_settings() -> None:
    async def story(at: Market) -> None:
        for operation in (FetchPositions, SetLeverage, SetMarginMode, SetPositionMode):
            assert at.client.supports(operation, Product.LINEAR)
        await at.client.set_leverage(at.name, 21)
        await at.client.set_margin_mode(at.name, MarginMode.ISOLATED)
        assert (await refused(at.client.set_margin_mode(at.name, "isolated"))).kind is Kind.NO_CHANGE
        assert (await refused(at.client.set_position_mode(PositionMode.ONE_WAY))).kind is Kind.NO_CHANGE
        await at.client.place_order(at.name, "sell", quantity="0.1", order_type="market")
        (told,) = await at.client.positions()
        own = at.account.position(at.listed, None)
        assert told.quantity == own.quantity == Decimal("-0.1")
        assert told.entry_price == own.entry_price
        assert told.instrument.symbol == "BTCUSDT"
        assert told.mark_price is not None
        assert (await refused(at.client.set_position_mode("hedge"))).outcome is Outcome.REJECTED

    visit(story, Product.LINEAR)


def test_two_positions_in_hedge_mode() -> None:
    async def story(at: Market) -> None:
        await at.client.set_position_mode(PositionMode.HEDGE)
        for side, position in (("buy", PositionSide.LONG), ("sell", PositionSide.SHORT)):
            await at.client.place_order(at.name, side, quantity="0.1", order_type="market", position_side=position)
        told = await at.client.positions()
        assert {(item.position_side, item.quantity) for item in told} == {
            (PositionSide.LONG, Decimal("0.1")),
            (PositionSide.SHORT, Decimal("-0.1")),
        }

    visit(story, Product.LINEAR)


# --- orders


@pytest.mark.parametrize("who", ["hmac", "ed25519", "rsa"])
def test_an_order_lives_and_is_canceled_with_every_type_of_key(product: Product, who: str) -> None:
    async def story(at: Market) -> None:
        placed = await at.client.place_order(at.name, "buy", quantity="0.01", price="60000")
        assert (placed.status, placed.venue_order_id) == (OrderStatus.NEW, str(at.last.order_id))
        assert at.last.client_order_id == placed.client_order_id
        assert (at.last.price, at.last.quantity, at.last.side) == (Decimal(60_000), Decimal("0.01"), Side.BUY)
        found = await at.client.get_order(at.name, client_order_id=placed.client_order_id)
        assert (found.status, found.price, found.quantity) == (OrderStatus.NEW, Decimal(60_000), Decimal("0.01"))
        assert near(found.created_at, at.time)
        assert [order.venue_order_id for order in await listed(at.client.open_orders(product))] == [
            placed.venue_order_id
        ]
        canceled = await at.client.cancel_order(placed)
        assert (canceled.status, canceled.client_order_id) == (OrderStatus.CANCELED, placed.client_order_id)
        assert await listed(at.client.open_orders(product, at.name)) == []
        again = await at.client.cancel_order(placed)
        assert again.status is OrderStatus.CANCELED

    visit(story, product, who)


def test_a_market_order_tells_what_it_cost(product: Product) -> None:
    async def story(at: Market) -> None:
        placed = await at.client.place_order(at.name, "buy", quantity="1", order_type="market", confirm=True)
        assert (placed.status, placed.filled_quantity) == (OrderStatus.FILLED, Decimal(1))
        # Since July 2026 placing on USD-M no longer tells the average price; asking for the order does.
        found = await at.client.get_order(at.name, venue_order_id=placed.venue_order_id)
        assert at.last.average_price is not None
        assert found.average_price is not None
        assert abs(found.average_price - at.last.average_price) < Decimal("0.001")
        fills = await listed(at.client.fills(order=placed))
        assert [(int(fill.trade_id), fill.price, fill.quantity) for fill in fills] == [
            (own.trade_id, own.price, own.quantity) for own in at.account.fills
        ]
        for fill, own in zip(fills, at.account.fills, strict=True):
            assert fill.commission is not None
            assert (fill.commission.currency, fill.commission.amount) == (own.fee_currency, own.fee)
            assert fill.liquidity is own.liquidity

    visit(story, product)


def test_a_market_order_by_amount() -> None:
    async def story(at: Market) -> None:
        placed = await at.client.place_order(at.name, "buy", quote_quantity="100", order_type="market")
        assert placed.status is OrderStatus.FILLED
        assert placed.filled_quantity == at.last.filled_quantity

    visit(story)


@pytest.mark.parametrize("tif", ["ioc", "fok"])
def test_an_order_for_now_that_finds_nothing_leaves_nothing(product: Product, tif: str) -> None:
    async def story(at: Market) -> None:
        order = at.client.place_order(at.name, "buy", quantity="0.01", price="60000", time_in_force=tif, confirm=True)
        if product is Product.LINEAR and tif == "fok":
            error = await refused(order)
            assert (error.kind, error.outcome) == (Kind.UNFILLABLE, Outcome.REJECTED)
        else:
            placed = await order
            assert (placed.status, placed.filled_quantity) == (OrderStatus.EXPIRED, Decimal(0))
        assert at.account.open == {}

    visit(story, product)


def test_an_amendment(product: Product) -> None:
    async def story(at: Market) -> None:
        assert at.client.supports(AmendOrder, product)
        placed = await at.client.place_order(at.name, "buy", quantity="0.02", price="60000")
        amended = await at.client.amend_order(placed, quantity="0.01")
        assert (amended.quantity, at.last.quantity) == (Decimal("0.01"), Decimal("0.01"))
        assert amended.client_order_id == placed.client_order_id == at.last.client_order_id
        assert amended.venue_order_id == placed.venue_order_id

    visit(story, product)


def test_all_orders_are_canceled_at_once_and_so_is_nothing(product: Product) -> None:
    async def story(at: Market) -> None:
        for price in ("60000", "59999"):
            await at.client.place_order(at.name, "buy", quantity="0.01", price=price)
        await at.client.cancel_all(product, at.name)
        assert at.account.open == {}
        await at.client.cancel_all(product, at.name)
        await at.client.cancel_all(product)

    visit(story, product)


def test_closed_orders(product: Product) -> None:
    async def story(at: Market) -> None:
        filled = await at.client.place_order(at.name, "buy", quantity="0.01", order_type="market")
        canceled = await at.client.place_order(at.name, "buy", quantity="0.01", price="60000")
        await at.client.cancel_order(canceled)
        await at.client.place_order(at.name, "buy", quantity="0.01", price="60000")
        closed = await listed(at.client.closed_orders(at.name))
        assert {(order.venue_order_id, order.status) for order in closed} == {
            (filled.venue_order_id, OrderStatus.FILLED),
            (canceled.venue_order_id, OrderStatus.CANCELED),
        }

    visit(story, product)


@pytest.mark.parametrize(
    ("side", "stop_price", "trigger", "moved_to"),
    [
        pytest.param("sell", "60000", None, 59_900, id="a stop of a loss"),
        pytest.param("sell", "62000", "rises", 62_100, id="a take-profit"),
    ],
)
@pytest.mark.parametrize("order_type", [OrderType.STOP_MARKET, OrderType.STOP_LIMIT])
def test_a_stop_waits_and_fires(
    product: Product, order_type: OrderType, side: str, stop_price: str, trigger: str | None, moved_to: int
) -> None:
    async def story(at: Market) -> None:
        placed = await at.client.place_order(
            at.name,
            side,
            quantity="0.01",
            order_type=order_type,
            stop_price=stop_price,
            trigger=trigger,
            price="59500" if order_type.has_price else None,
        )
        assert at.last.is_waiting_stop
        found = await at.client.get_order(at.name, client_order_id=placed.client_order_id)
        assert (found.status, found.order_type, found.stop_price) == (OrderStatus.NEW, order_type, Decimal(stop_price))
        assert [order.venue_order_id for order in await listed(at.client.open_orders(product))] == [
            placed.venue_order_id
        ]
        at.engine.move_price(at.listed, Decimal(moved_to))
        found = await at.client.get_order(at.name, client_order_id=placed.client_order_id)
        assert (found.status, found.filled_quantity) == (OrderStatus.FILLED, Decimal("0.01"))

    visit(story, product)


def test_a_stop_is_canceled(product: Product) -> None:
    async def story(at: Market) -> None:
        placed = await at.client.place_order(
            at.name, "sell", quantity="0.01", order_type="stop_market", stop_price="60000"
        )
        assert (await at.client.cancel_order(placed)).status is OrderStatus.CANCELED
        assert at.account.open == {}

    visit(story, product)


def test_a_test_order_places_nothing(product: Product) -> None:
    async def story(at: Market) -> None:
        await at.client.test_order(at.name, "buy", quantity="0.01", price="60000")
        assert at.account.orders == []

    visit(story, product)


def test_orders_in_one_request() -> None:
    async def story(at: Market) -> None:
        assert at.client.supports(PlaceBatch, Product.LINEAR)
        assert at.client.supports(CancelBatch, Product.LINEAR)
        orders = [await at.client.order(at.name, "buy", quantity="0.01", price=price) for price in ("60000", "59000")]
        bad = await at.client.order(at.name, "buy", quantity="0.01", price="70000")
        placed = await at.client.place_batch([*orders, bad])
        assert [item.kind for item in placed if isinstance(item, VenueError)] == [Kind.INVALID_PRICE]
        made = [item for item in placed if isinstance(item, Order)]
        assert [order.client_order_id for order in made] == [order.client_order_id for order in orders]
        assert [str(order_id) for order_id in at.account.open] == [order.venue_order_id for order in made]
        canceled = await at.client.cancel_batch(made)
        assert [isinstance(item, Order) and item.status for item in canceled] == [OrderStatus.CANCELED] * 2
        assert at.account.open == {}

    visit(story, Product.LINEAR)


# --- refusals


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        pytest.param({"quantity": "120", "price": "60000"}, Kind.INSUFFICIENT_FUNDS, id="too little money"),
        pytest.param({"quantity": "0.01", "price": "62000", "post_only": True}, Kind.WOULD_TAKE, id="post-only"),
        pytest.param({"quantity": "0.01", "price": "400000"}, Kind.INVALID_PRICE, id="a price far away"),
        pytest.param(
            {"quantity": "0.01", "order_type": "stop_market", "stop_price": "60000"},
            Kind.WOULD_TRIGGER,
            id="a stop that is reached",
        ),
    ],
)
def test_a_refusal_is_recognised(product: Product, terms: dict[str, object], kind: Kind) -> None:
    async def story(at: Market) -> None:
        placing: Callable[..., Awaitable[object]] = at.client.place_order
        error = await refused(placing(at.name, "buy", **terms))
        assert (error.kind, error.outcome) == (kind, Outcome.REJECTED)
        assert at.account.orders == []

    visit(story, product, "rsa" if kind is not Kind.INSUFFICIENT_FUNDS else "poor")


def test_a_key_that_only_reads_is_unauthorized(product: Product) -> None:
    async def story(at: Market) -> None:
        error = await refused(at.client.place_order(at.name, "buy", quantity="0.01", price="60000"))
        assert (error.kind, error.outcome) == (Kind.UNAUTHORIZED, Outcome.REJECTED)

    visit(story, product, "reader")


def test_nothing_can_be_reduced_without_a_position() -> None:
    async def story(at: Market) -> None:
        error = await refused(at.client.place_order(at.name, "buy", quantity="0.01", price="60000", reduce_only=True))
        assert error.kind is Kind.REDUCE_ONLY_REJECTED

    visit(story, Product.LINEAR)
