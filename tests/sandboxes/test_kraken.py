"""The adapter for Kraken against the sandbox for Kraken: two readings of the same papers, made apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandboxes import scene, stories
from tests.sandboxes.scene import play, refused
from unified.account import VenueState
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instrument, Product
from unified.order import Liquidity, OrderStatus, OrderType, TimeInForce, Trigger
from unified.sandbox.dialect import ClientAccount
from unified.sandbox.faults import FaultPlan, Profile
from unified_kraken.sandbox import KrakenSandbox
from unified_kraken.sandbox_trading import PostOnly

DOLLARS, TETHER, DOGE = "BTC/USD", "BTC/USDT", "DOGE/USD"
TIERS = {"maker": "pro", "taker": "intermediate", "starter": "starter", "poor": "starter", "reader": "pro"}


class Scene(scene.Scene):
    dialect = KrakenSandbox

    def __init__(self, who: str = "maker", plan: FaultPlan | None = None) -> None:
        super().__init__(who, plan, options={"tier": TIERS[who]})

    def chosen(self, who: str) -> ClientAccount:
        found: ClientAccount = dict(zip(TIERS, self.venue.accounts, strict=True))[who]
        return found

    async def native(self, name: str) -> Instrument:
        """The engine's own, found by the symbol that the adapter has for it."""
        symbol = (await self.client.instrument(name)).symbol
        found: Instrument = self.venue.engine.instrument(Product.SPOT, symbol)
        return found

    async def jump(self, name: str, price: str) -> None:
        self.move(await self.native(name), price)


def played(
    story: Callable[[Scene], Coroutine[Any, Any, None]], who: str = "maker", plan: FaultPlan | None = None
) -> None:
    play(lambda: Scene(who, plan), story)


# --- public data


@pytest.mark.parametrize(
    ("name", "symbol"),
    [(DOLLARS, "XXBTZUSD"), ("ETH/USD", "XETHZUSD"), (TETHER, "XBTUSDT"), (DOGE, "XDGUSD"), ("SOL/USD", "SOLUSD")],
)
def test_instruments_keep_the_rules_that_the_engine_keeps(name: str, symbol: str) -> None:
    async def story(scene: Scene) -> None:
        read, native = await scene.client.instrument(name), await scene.native(name)
        assert (read.name, read.symbol) == (name, symbol)
        assert (read.tick_size, read.lot_size) == (native.tick_size, native.lot_size)
        assert (read.min_quantity, read.min_notional) == (native.min_quantity, native.min_notional)

    played(story)


def test_the_listing_holds_every_pair() -> None:
    async def story(scene: Scene) -> None:
        listed = {item.symbol for item in await scene.client.instruments()}
        assert listed == {item.symbol for item in scene.venue.engine.instruments}

    played(story)


@pytest.mark.parametrize("name", [DOLLARS, TETHER, DOGE])
def test_prices_are_those_of_the_engine(name: str) -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(30)
        native, engine = await scene.native(name), scene.venue.engine
        book = await scene.client.book(name, depth=5)
        shown = engine.book(native, 5)
        for read, held in ((book.bids, shown.bids), (book.asks, shown.asks)):
            assert [level.price for level in read[:5]] == [level.price for level in held]
            assert all(
                abs(level.quantity - other.quantity) <= Decimal("0.0005")
                for level, other in zip(read, held, strict=False)
            )
        ticker, now = await scene.client.ticker(name), engine.ticker(native)
        assert (ticker.bid, ticker.ask, ticker.last) == (now.bid, now.ask, now.last)
        trades = await scene.all(scene.client.trades(name, limit=5), 5)
        assert sorted((trade.price, trade.quantity, trade.side) for trade in trades) == sorted(
            (trade.price, trade.quantity, trade.side) for trade in engine.trades(native, 5)
        )

    played(story)


def test_status_and_time() -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.client.venue_status()).state is VenueState.ONLINE
        assert abs((await scene.client.server_time()).timestamp() * 1e6 - scene.venue.now_us) <= 1_050_000

    played(story)


# --- the account


def test_balances_fees_and_the_key() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        await client.place_order(DOLLARS, "buy", quantity="1", price="50000")
        balances = await client.balances()
        assert (balances["USD"].total, balances["BTC"].total) == (Decimal(1_000_000), Decimal(20))
        assert balances["USD"].locked == scene.account.spot.held["ZUSD"] == Decimal(50_175)
        assert balances["DOGE"].free == Decimal(1_000_000)
        fee = await client.trading_fees(DOLLARS)
        assert (fee.maker, fee.taker) == (Decimal("0.002"), Decimal("0.0035"))
        key = await client.key_permissions()
        assert (key.read, key.trade, key.withdraw) == (True, True, False)

    played(story)


def test_a_key_that_only_reads_is_recognised() -> None:
    async def story(scene: Scene) -> None:
        key = await scene.client.key_permissions()
        assert (key.read, key.trade) == (True, False)
        error = await refused(scene.client.place_order(DOLLARS, "buy", quantity="0.01", price="50000"))
        assert (error.kind, error.outcome) == (Kind.PERMISSION_DENIED, Outcome.REJECTED)

    played(story, "reader")


# --- orders


@pytest.mark.parametrize("name", [DOLLARS, TETHER])
def test_an_order_from_placing_to_its_end(name: str) -> None:
    played(lambda scene: stories.from_placing_to_its_end(scene, name, "50000", "50000.1"))


def test_a_market_order_and_its_fills() -> None:
    played(lambda scene: stories.traded_at_once(scene, DOLLARS, "USD", within="0.001", quantity="1.5"))


def test_a_market_order_by_quote_quantity() -> None:
    async def story(scene: Scene) -> None:
        order = await scene.client.place_order(DOLLARS, "buy", quote_quantity="1000", confirm=True)
        (known,) = scene.account.orders
        assert order.status is OrderStatus.FILLED
        assert order.filled_quantity == known.filled_quantity > 0
        assert (order.quantity, order.quote_quantity) == (None, Decimal(1000))

    played(story)


def test_a_resting_order_fills_as_a_maker() -> None:
    async def story(scene: Scene) -> None:
        order = await scene.client.place_order(DOLLARS, "buy", quantity="0.01", price="59900", confirm=True)
        await scene.jump(DOLLARS, "59000")
        found = await scene.client.get_order(DOLLARS, venue_order_id=order.venue_order_id)
        assert (found.status, found.average_price) == (OrderStatus.FILLED, Decimal(59_900))
        (fill,) = await scene.all(scene.client.fills(order=found))
        assert (fill.liquidity, fill.price) == (Liquidity.MAKER, Decimal(59_900))

    played(story)


def test_orders_that_do_not_stay() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        taken = await client.place_order(
            DOLLARS, "buy", quantity="0.01", price="61000", time_in_force="fok", confirm=True
        )
        assert taken.status is OrderStatus.FILLED
        for word in ("ioc", "fok"):
            missed = await client.place_order(
                DOLLARS, "buy", quantity="0.01", price="50000", time_in_force=word, confirm=True
            )
            assert (missed.status.is_final, missed.filled_quantity) == (True, Decimal(0))
        now = await client.server_time()
        dated = await client.place_order(
            DOLLARS,
            "buy",
            quantity="0.01",
            price="50000",
            time_in_force="gtd",
            expires_at=now + timedelta(seconds=30),
            confirm=True,
        )
        assert (dated.status, dated.time_in_force) == (OrderStatus.NEW, TimeInForce.GTD)
        await asyncio.sleep(31)
        over = await client.get_order(DOLLARS, venue_order_id=dated.venue_order_id)
        assert over.status is OrderStatus.EXPIRED

    played(story)


def test_stops_wait_trigger_and_are_cancelled() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        rises = await client.place_order(DOLLARS, "buy", quantity="0.01", stop_price="61000", confirm=True)
        falls = await client.place_order(
            DOLLARS, "sell", quantity="0.01", stop_price="58000", price="57900", trigger=Trigger.FALLS, confirm=True
        )
        profit = await client.place_order(
            DOLLARS, "sell", quantity="0.02", stop_price="62000", trigger=Trigger.RISES, confirm=True
        )
        assert {rises.status, falls.status, profit.status} == {OrderStatus.NEW}
        assert (rises.order_type, falls.order_type) == (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)
        assert (rises.stop_price, falls.price, falls.stop_price) == (Decimal(61_000), Decimal(57_900), Decimal(58_000))
        await scene.jump(DOLLARS, "61100")
        done = await client.get_order(DOLLARS, venue_order_id=rises.venue_order_id)
        assert (done.status, done.filled_quantity) == (OrderStatus.FILLED, Decimal("0.01"))
        waiting = await client.get_order(DOLLARS, venue_order_id=profit.venue_order_id)
        assert waiting.status is OrderStatus.NEW
        assert (await client.cancel_order(falls, confirm=True)).status is OrderStatus.CANCELED
        assert [order.order_id for order in scene.account.open.values()] == [scene.account.orders[2].order_id]

    played(story)


@pytest.mark.parametrize(
    "name", [pytest.param(None, id="whatever their pair"), pytest.param(DOLLARS, id="of one pair")]
)
def test_cancel_all_leaves_nothing(name: str | None) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        for price in ("50000", "50001", "50002"):
            await client.place_order(DOLLARS, "buy", quantity="0.01", price=price)
        await client.place_order(DOLLARS, "sell", quantity="0.01", stop_price="50000")
        await client.place_order(TETHER, "buy", quantity="0.01", price="50000")
        await client.cancel_all(instrument=name)
        assert len(scene.account.open) == (0 if name is None else 1)

    played(story)


def test_batches_say_of_each_order_what_became_of_it() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        good = [await client.order(DOLLARS, "buy", quantity="0.01", price=price) for price in ("50000", "50001")]
        broke = await client.order(DOLLARS, "buy", quantity="100", price="50000")
        first, second, third = await client.place_batch([good[0], broke, good[1]])
        assert isinstance(second, VenueError)
        assert (second.kind, second.outcome) == (Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED)
        assert not isinstance(first, VenueError)
        assert not isinstance(third, VenueError)
        assert [order.client_order_id for order in scene.account.open.values()] == [
            first.client_order_id,
            third.client_order_id,
        ]
        ended = await client.cancel_batch([first, third])
        assert not any(isinstance(item, VenueError) for item in ended)
        assert not scene.account.open

    played(story)


def test_a_batch_of_cancels_tells_those_that_were_gone() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        gone = await client.place_order(DOLLARS, "buy", quantity="0.01", price="61000")
        rests = await client.place_order(DOLLARS, "buy", quantity="0.01", price="50000")
        first, second = await client.cancel_batch([gone, rests])
        assert not isinstance(first, VenueError)
        assert first.status is OrderStatus.FILLED
        assert not isinstance(second, VenueError)
        assert not scene.account.open

    played(story)


def test_an_order_is_tried_without_being_placed() -> None:
    async def story(scene: Scene) -> None:
        await scene.client.test_order(DOLLARS, "buy", quantity="0.01", price="50000")
        error = await refused(scene.client.test_order(DOLLARS, "buy", quantity="900", price="50000"))
        assert error.kind is Kind.INSUFFICIENT_FUNDS
        assert scene.account.orders == []

    played(story)


# --- refusals


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        pytest.param({"quantity": "80", "price": "59500"}, Kind.INSUFFICIENT_FUNDS, id="more than there is"),
        pytest.param({"quantity": "0.01", "price": "61000", "post_only": True}, Kind.WOULD_TAKE, id="post-only"),
    ],
)
def test_what_the_venue_refuses_is_recognised(terms: dict[str, Any], kind: Kind) -> None:
    async def story(scene: Scene) -> None:
        scene.venue.trading.post_only = PostOnly.AT_ONCE
        error = await refused(scene.client.place_order(DOLLARS, "buy", **terms))
        assert (error.kind, error.outcome) == (kind, Outcome.REJECTED)
        assert not scene.account.orders

    played(story)


def test_a_post_only_order_that_is_refused_after_its_acknowledgement_is_recognised() -> None:
    async def story(scene: Scene) -> None:
        scene.venue.trading.post_only = PostOnly.LATER
        order = await scene.client.order(DOLLARS, "buy", quantity="0.01", price="61000", post_only=True)
        error = await refused(scene.client.place(order, confirm=True))
        assert (error.kind, error.outcome) == (Kind.WOULD_TAKE, Outcome.REJECTED)
        assert not scene.account.open

    played(story)


def test_an_order_that_is_gone_is_told_apart() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        order = await client.place_order(DOLLARS, "buy", quantity="0.01", price="59900")
        await scene.jump(DOLLARS, "59000")
        assert (await client.cancel_order(order)).status is OrderStatus.FILLED
        other = await client.place_order(DOLLARS, "buy", quantity="0.01", price="50000")
        await client.cancel_order(other)
        assert (await client.cancel_order(other)).status is OrderStatus.CANCELED

    played(story)


def test_a_client_id_that_is_in_use_is_not_placed_again() -> None:
    async def story(scene: Scene) -> None:
        order = await scene.client.order(DOLLARS, "buy", quantity="0.01", price="50000")
        first, again = await scene.client.place(order), await scene.client.place(order)
        assert again.venue_order_id == first.venue_order_id
        assert len(scene.account.orders) == 1

    played(story)


# --- limits and trouble


@pytest.mark.parametrize("step", [3.0, -3.0, 3600.0, -3600.0])
def test_a_clock_that_was_set_is_learned_anew(step: float) -> None:
    """No request bears a time, but a deadline is measured by the venue's clock."""
    played(lambda scene: stories.clock_set_before_an_order(scene, DOLLARS, "50000", step=step))


@pytest.mark.parametrize("who", ["starter", "taker", "maker"])
def test_a_crowd_of_requests_keeps_every_limit(who: str) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        orders = [client.place_order(DOLLARS, "buy", quantity="0.001", price="50000", deadline=900) for _ in range(40)]
        reads = [client.trading_fees(DOLLARS) for _ in range(10)]
        placed = await asyncio.gather(*orders)
        await asyncio.gather(*reads)
        for order in placed[:5]:
            await client.cancel_order(order, deadline=900)
        await client.cancel_all()
        assert (len(scene.account.orders), len(scene.account.open)) == (40, 0)

    played(story, who)


@pytest.mark.parametrize("seed", range(3))
def test_under_faults_no_order_is_placed_twice_and_none_is_lost(seed: int) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        for number in range(15):
            try:
                order = await client.place_order(DOLLARS, "buy", quantity="0.001", price=str(50_000 + number))
                await client.cancel_order(order)
            except VenueError:
                continue
        assert await client.settle(120) == ()
        ids = [order.client_order_id for order in scene.account.orders]
        assert len(ids) == len(set(ids))

    played(story, plan=FaultPlan(Profile.MILD, seed))
