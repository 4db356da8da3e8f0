"""The adapter for OKX against the sandbox for OKX: two readings of the same papers, made apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandboxes import scene, stories
from tests.sandboxes.scene import play, refused
from unified.account import PositionMode, VenueState
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instrument, Product
from unified.market_data import Interval
from unified.order import OrderStatus, OrderType, PositionSide, Trigger
from unified_okx.sandbox import OkxSandbox

SPOT, LINEAR = "BTC/USDT", "BTC/USDT:USDT"
BOTH = pytest.mark.parametrize("name", [pytest.param(SPOT, id="spot"), pytest.param(LINEAR, id="linear")])


class Scene(scene.Scene):
    dialect = OkxSandbox

    def native(self, name: str) -> Instrument:
        is_spot = name == SPOT
        product = Product.SPOT if is_spot else Product.LINEAR
        found: Instrument = self.venue.engine.instrument(product, "BTC-USDT" if is_spot else "BTC-USDT-SWAP")
        return found

    def jump(self, name: str, price: str) -> None:
        self.move(self.native(name), price)


def played(story: Callable[[Scene], Coroutine[Any, Any, None]], who: str = "first", **settings: Any) -> None:
    play(lambda: Scene(who, **settings), story)


# --- public data


@BOTH
def test_instruments_keep_the_rules_that_the_engine_keeps(name: str) -> None:
    async def story(scene: Scene) -> None:
        read, native = await scene.client.instrument(name), scene.native(name)
        assert (read.symbol, read.product, read.base, read.quote, read.settle) == (
            native.symbol,
            native.product,
            native.base,
            native.quote,
            native.settle,
        )
        assert (read.tick_size, read.lot_size, read.min_quantity, read.contract_size) == (
            native.tick_size,
            native.lot_size,
            native.min_quantity,
            native.contract_size,
        )
        assert read.max_quantity == native.max_quantity

    played(story)


@BOTH
@pytest.mark.parametrize("interval", [Interval.M1, Interval.D1], ids=["minutes", "days of UTC"])
def test_candles_are_those_of_the_engine(name: str, interval: Interval) -> None:
    async def story(scene: Scene) -> None:
        end = await scene.client.server_time()
        start = end - timedelta(hours=3 if interval is Interval.M1 else 72)
        candles = await scene.all(scene.client.candles(name, interval, start=start, end=end, limit=50), 1000)
        opened = [candle.opened_at for candle in candles]
        assert opened == sorted(set(opened))
        assert len(opened) in ((179, 180) if interval is Interval.M1 else (2, 3))
        first_us = round(opened[0].timestamp() * 1_000_000)
        known = scene.venue.engine.candles(scene.native(name), interval, start_us=first_us)
        assert [(row.open, row.high, row.low, row.close, row.volume) for row in candles] == [
            (row.open, row.high, row.low, row.close, row.volume) for row in known[: len(candles)]
        ]

    played(story)


def test_funding_status_and_time() -> None:
    async def story(scene: Scene) -> None:
        client, engine = scene.client, scene.venue.engine
        funding = await client.funding_rate(LINEAR)
        assert funding.rate == engine.funding(scene.native(LINEAR)).rate
        assert (await client.venue_status()).state is VenueState.ONLINE
        assert abs((await client.server_time()).timestamp() * 1e6 - scene.venue.now_us) < 50_000

    played(story)


# --- the account


def test_balances_fees_and_the_key() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        await client.place_order(SPOT, "buy", quantity="1", price="59500", confirm=True)
        balances = await client.balances()
        assert (balances["USDT"].locked, balances["USDT"].total) == (Decimal(59_500), Decimal(3_000_000))
        assert balances["BTC"].free == Decimal(40)
        spot, linear = await client.trading_fees(SPOT), await client.trading_fees(LINEAR)
        assert (spot.maker, spot.taker) == (Decimal("0.0008"), Decimal("0.001"))
        assert (linear.maker, linear.taker) == (Decimal("0.0002"), Decimal("0.0005"))
        key = await client.key_permissions()
        assert (key.read, key.trade, key.withdraw) == (True, True, False)
        assert "orders: 1000 in 2 s for the account" in key.notes

    played(story)


def test_settings_of_perpetuals() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        await client.set_leverage(LINEAR, 20)
        assert scene.account.leverage_of(scene.native(LINEAR)) == 20
        await client.set_leverage(LINEAR, 20)
        assert (await refused(client.set_leverage(LINEAR, 500))).kind is Kind.MARGIN_REJECTED
        await client.set_position_mode("hedge")
        assert scene.account.position_mode is PositionMode.HEDGE
        await client.set_position_mode(PositionMode.HEDGE)
        await client.place_order(LINEAR, "buy", quantity="0.02", position_side="long", confirm=True)
        await client.place_order(LINEAR, "sell", quantity="0.01", position_side="short", confirm=True)
        long, short = sorted(await client.positions(), key=lambda item: -item.quantity)
        assert (long.quantity, long.position_side, long.leverage) == (Decimal("0.02"), PositionSide.LONG, Decimal(20))
        assert (short.quantity, short.position_side) == (Decimal("-0.01"), PositionSide.SHORT)
        held = scene.account.position(scene.native(LINEAR), PositionSide.LONG)
        assert long.entry_price == held.entry_price
        assert (await refused(client.set_position_mode("one_way"))).kind is Kind.MARGIN_REJECTED

    played(story)


# --- orders


@BOTH
def test_an_order_from_placing_to_its_end(name: str) -> None:
    played(lambda scene: stories.from_placing_to_its_end(scene, name, "59500", "59400"))


@BOTH
def test_a_market_order_and_its_fills(name: str) -> None:
    paid_in = "BTC" if name == SPOT else "USDT"
    played(lambda scene: stories.traded_at_once(scene, name, paid_in, quantity="1.5"))


def test_a_market_order_by_quote_quantity() -> None:
    played(lambda scene: stories.traded_at_once(scene, SPOT, "BTC", quote_quantity="1000"))


def test_a_position_is_read_reduced_and_closed() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        await client.place_order(LINEAR, "sell", quantity="0.5", confirm=True)
        (position,) = await client.positions()
        held = scene.account.position(scene.native(LINEAR), None)
        assert position.quantity == Decimal("-0.5")
        assert position.entry_price is not None
        assert abs(position.entry_price - held.entry_price) < Decimal("1e-6")
        assert position.instrument.name == LINEAR
        await client.place_order(LINEAR, "buy", quantity="0.5", reduce_only=True, confirm=True)
        assert await client.positions() == ()
        error = await refused(client.place_order(LINEAR, "buy", quantity="0.5", reduce_only=True))
        assert (error.kind, error.outcome) == (Kind.REDUCE_ONLY_REJECTED, Outcome.REJECTED)

    played(story)


@BOTH
def test_stops_wait_trigger_and_are_canceled(name: str) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        rises = await client.place_order(name, "buy", quantity="0.01", stop_price="60300", confirm=True)
        falls = await client.place_order(
            name, "sell", quantity="0.01", stop_price="59000", price="58900", trigger=Trigger.FALLS, confirm=True
        )
        assert {rises.status, falls.status} == {OrderStatus.NEW}
        assert (rises.order_type, falls.order_type) == (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)
        assert (rises.stop_price, falls.price) == (Decimal(60_300), Decimal(58_900))
        scene.jump(name, "60400")
        done = await client.get_order(name, venue_order_id=rises.venue_order_id)
        assert (done.status, done.filled_quantity) == (OrderStatus.FILLED, Decimal("0.01"))
        by_own_id = await client.get_order(name, client_order_id=rises.client_order_id)
        assert (by_own_id.status, by_own_id.filled_quantity) == (done.status, done.filled_quantity)
        gone = await client.cancel_order(falls, confirm=True)
        assert gone.status is OrderStatus.CANCELED
        assert not scene.account.open

    played(story)


@BOTH
def test_cancel_all_leaves_nothing(name: str) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        for price in ("59500", "59400", "59300"):
            await client.place_order(name, "buy", quantity="0.01", price=price)
        await client.place_order(name, "sell", quantity="0.01", stop_price="59000")
        await asyncio.sleep(1)
        assert len(scene.account.open) == 4
        await client.cancel_all(scene.native(name).product)
        await asyncio.sleep(1)
        scene.venue.engine.advance(scene.venue.clock.true_us())
        assert not scene.account.open

    played(story)


@BOTH
def test_batches_say_of_each_order_what_became_of_it(name: str) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        orders = [await client.order(name, "buy", quantity="0.01", price=price) for price in ("59500", "59400")]
        broke = await client.order(name, "buy", quantity="80" if name == SPOT else "300", price="59500")
        first, second, third = await client.place_batch([orders[0], broke, orders[1]])
        assert isinstance(second, VenueError)
        assert second.kind is (Kind.INSUFFICIENT_FUNDS if name == SPOT else Kind.POSITION_LIMIT)
        assert not isinstance(first, VenueError)
        assert not isinstance(third, VenueError)
        await asyncio.sleep(1)
        assert len(scene.account.open) == 2
        ended = await client.cancel_batch([first, third])
        assert not any(isinstance(item, VenueError) for item in ended)
        await asyncio.sleep(1)
        scene.venue.engine.advance(scene.venue.clock.true_us())
        assert not scene.account.open

    played(story)


MULTI = {"account_level": "multi_currency"}


def test_an_order_is_tried_without_being_placed() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        await client.test_order(LINEAR, "buy", quantity="0.01", price="59500")
        error = await refused(client.test_order(SPOT, "buy", quantity="80", price="59500"))
        assert (error.kind, error.outcome) == (Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED)
        assert scene.account.orders == []

    played(story, "multi", options=MULTI)


def test_an_account_that_only_claims_to_be_multi_currency_is_told_so() -> None:
    async def story(scene: Scene) -> None:
        error = await refused(scene.client.test_order(LINEAR, "buy", quantity="0.01", price="59500"))
        assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.REJECTED)

    played(story, options=MULTI)


def test_multi_currency_accounts_trade_spot_as_cross() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        order = await client.place_order(SPOT, "buy", quantity="0.01", price="59500", confirm=True)
        assert order.status is OrderStatus.NEW
        (found,) = await scene.all(client.open_orders())
        assert found.venue_order_id == order.venue_order_id
        assert (await client.cancel_order(found, confirm=True)).status is OrderStatus.CANCELED

    played(story, "multi", options=MULTI)


# --- refusals


@BOTH
@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        pytest.param({"quantity": "0.01", "price": "70000"}, Kind.INVALID_PRICE, id="a price outside the band"),
        pytest.param({"quantity": "0.01", "price": "60100", "post_only": True}, Kind.WOULD_TAKE, id="post-only"),
    ],
)
def test_what_the_venue_refuses_is_recognised(name: str, terms: dict[str, Any], kind: Kind) -> None:
    async def story(scene: Scene) -> None:
        error = await refused(scene.client.place_order(name, "buy", confirm=True, **terms))
        assert (error.kind, error.outcome) == (kind, Outcome.REJECTED)
        assert not scene.account.open

    played(story)


@BOTH
def test_a_poor_account_is_told_so(name: str) -> None:
    async def story(scene: Scene) -> None:
        error = await refused(scene.client.place_order(name, "buy", quantity="0.01", price="59500"))
        assert (error.kind, error.outcome) == (Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED)

    played(story, "poor")


@BOTH
def test_orders_that_the_engine_ends_at_once_say_why(name: str) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        killed = await client.place_order(name, "buy", quantity="30", price="59990", time_in_force="fok", confirm=True)
        assert killed.status in (OrderStatus.EXPIRED, OrderStatus.REJECTED)
        rest = await client.place_order(name, "buy", quantity="30", price="60006", time_in_force="ioc", confirm=True)
        known = scene.account.orders[-1]
        assert rest.status in (OrderStatus.EXPIRED, OrderStatus.CANCELED)
        assert rest.filled_quantity == known.filled_quantity > 0

    played(story)


@BOTH
def test_an_order_that_is_gone_is_told_apart(name: str) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        order = await client.place_order(name, "buy", quantity="0.01", price="59900", confirm=True)
        scene.jump(name, "59000")
        assert (await client.cancel_order(order)).status is OrderStatus.FILLED
        assert (await refused(client.amend_order(order, quantity="0.02"))).kind is Kind.ORDER_CLOSED

    played(story)


def test_an_id_of_a_pending_order_is_not_given_twice() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        first = await client.place_order(SPOT, "buy", quantity="0.01", price="59500", client_order_id="mine1")
        again = await client.place_order(SPOT, "buy", quantity="0.01", price="59500", client_order_id="mine1")
        assert again.venue_order_id == first.venue_order_id
        assert len(scene.account.orders) == 1

    played(story)


def test_a_key_that_only_reads_is_recognised() -> None:
    async def story(scene: Scene) -> None:
        error = await refused(scene.client.place_order(SPOT, "buy", quantity="0.01", price="59500"))
        assert (error.kind, error.outcome) == (Kind.PERMISSION_DENIED, Outcome.REJECTED)

    played(story, "reader")


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        pytest.param("elsewhere", Kind.ADDRESS_NOT_ALLOWED, id="a key bound to another address"),
        pytest.param("demo", Kind.BAD_CREDENTIALS, id="a key of demo trading"),
    ],
)
def test_keys_that_do_not_fit_are_recognised(who: str, kind: Kind) -> None:
    async def story(scene: Scene) -> None:
        assert (await refused(scene.client.balances())).kind is kind

    played(story, who, environment="production")


def test_a_key_of_demo_trading_works_there() -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.client.balances())["BTC"].total == Decimal(40)

    played(story, "demo", environment="demo")


def test_a_clock_that_was_set_is_learned_anew() -> None:
    played(lambda scene: stories.clock_set_before_an_order(scene, SPOT, "59500"))


def test_a_crowd_of_requests_keeps_every_limit() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        orders = [client.place_order(SPOT, "buy", quantity="0.01", price="59500") for _ in range(150)]
        reads = [client.trading_fees(LINEAR) for _ in range(15)]
        await asyncio.gather(*orders, *reads)
        await client.cancel_all()
        await asyncio.sleep(1)
        scene.venue.engine.advance(scene.venue.clock.true_us())
        assert (len(scene.account.orders), len(scene.account.open)) == (150, 0)

    played(story)
