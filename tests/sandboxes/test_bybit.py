"""The adapter for Bybit against the sandbox for Bybit: two readings of the same papers, made apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

import pytest

from tests.sandboxes import scene, stories
from tests.sandboxes.scene import play, refused
from unified.account import MarginMode, PositionMode, VenueState
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instrument, Product
from unified.order import OrderStatus, OrderType, PositionSide, Trigger
from unified_bybit.sandbox import BybitSandbox

SPOT, LINEAR = "BTC/USDT", "BTC/USDT:USDT"
BOTH = pytest.mark.parametrize("name", [pytest.param(SPOT, id="spot"), pytest.param(LINEAR, id="linear")])


class Scene(scene.Scene):
    dialect = BybitSandbox

    def native(self, name: str) -> Instrument:
        product = Product.SPOT if name == SPOT else Product.LINEAR
        found: Instrument = self.venue.engine.instrument(product, "BTCUSDT")
        return found

    def jump(self, name: str, price: str) -> None:
        self.move(self.native(name), price)


def played(story: Callable[[Scene], Coroutine[Any, Any, None]], who: str = "one") -> None:
    play(lambda: Scene(who), story)


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
        assert (read.tick_size, read.lot_size, read.min_notional) == (
            native.tick_size,
            native.lot_size,
            native.min_notional,
        )
        assert (read.max_quantity, read.max_market_quantity) == (native.max_quantity, native.max_market_quantity)

    played(story)


def test_funding_status_and_time() -> None:
    async def story(scene: Scene) -> None:
        client, engine = scene.client, scene.venue.engine
        funding = await client.funding_rate(LINEAR)
        assert funding.rate == engine.funding(scene.native(LINEAR)).rate
        assert (await client.venue_status()).state is VenueState.ONLINE
        assert abs((await client.server_time()).timestamp() * 1e6 - scene.venue.now_us) < 50_000
        now_us = scene.venue.now_us
        scene.venue.announce("work", begin_us=now_us, end_us=now_us + 60_000_000)
        assert (await client.venue_status()).state is VenueState.MAINTENANCE

    played(story)


# --- the account


def test_balances_fees_and_the_key() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        await client.place_order(SPOT, "buy", quantity="1", price="59500", confirm=True)
        balances = await client.balances()
        assert (balances["USDT"].locked, balances["USDT"].total) == (Decimal(59_500), Decimal(3_000_000))
        assert balances["BTC"].free == Decimal(40)
        fee = await client.trading_fees(LINEAR)
        assert (fee.maker, fee.taker) == (Decimal("0.0002"), Decimal("0.00055"))
        key = await client.key_permissions()
        assert (key.read, key.trade, key.withdraw) == (True, True, False)

    played(story)


def test_a_key_of_ones_own_signs_by_rsa() -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.client.balances())["BTC"].total == Decimal(40)
        order = await scene.client.place_order(SPOT, "buy", quantity="0.01", price="59500", confirm=True)
        assert order.status is OrderStatus.NEW

    played(story, "rsa")


def test_settings_of_perpetuals() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        await client.set_leverage(LINEAR, 20)
        assert scene.account.leverage_of(scene.native(LINEAR)) == 20
        assert (await refused(client.set_leverage(LINEAR, 20))).kind is Kind.NO_CHANGE
        await client.set_position_mode("hedge")
        assert scene.account.position_mode is PositionMode.HEDGE
        assert (await refused(client.set_position_mode(PositionMode.HEDGE))).kind is Kind.NO_CHANGE
        await client.place_order(LINEAR, "buy", quantity="0.02", position_side="long", confirm=True)
        await client.place_order(LINEAR, "sell", quantity="0.01", position_side="short", confirm=True)
        long, short = sorted(await client.positions(), key=lambda item: -item.quantity)
        assert (long.quantity, long.position_side, long.leverage) == (Decimal("0.02"), PositionSide.LONG, Decimal(20))
        assert (short.quantity, short.position_side) == (Decimal("-0.01"), PositionSide.SHORT)
        held = scene.account.position(scene.native(LINEAR), PositionSide.LONG)
        assert long.entry_price == held.entry_price
        assert (await refused(client.set_position_mode("one_way"))).kind is Kind.MARGIN_REJECTED

    played(story)


def test_the_margin_mode_belongs_to_the_account() -> None:
    async def story(scene: Scene) -> None:
        await scene.client.set_margin_mode(LINEAR, MarginMode.ISOLATED)
        assert scene.venue.records.margin_modes == {"one": "ISOLATED_MARGIN"}

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
    async def story(scene: Scene) -> None:
        order = await scene.client.place_order(SPOT, "buy", quote_quantity="1000", confirm=True)
        (known,) = scene.account.orders
        assert order.status.is_final
        assert order.filled_quantity == known.filled_quantity > 0

    played(story)


def test_a_position_is_read_reduced_and_closed() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        await client.place_order(LINEAR, "sell", quantity="0.5", confirm=True)
        (position,) = await client.positions()
        held = scene.account.position(scene.native(LINEAR), None)
        assert (position.quantity, position.entry_price) == (Decimal("-0.5"), held.entry_price)
        assert position.instrument.name == LINEAR
        await client.place_order(LINEAR, "buy", quantity="0.5", reduce_only=True, confirm=True)
        assert await client.positions() == ()
        error = await refused(client.place_order(LINEAR, "buy", quantity="0.5", reduce_only=True))
        assert (error.kind, error.outcome) == (Kind.REDUCE_ONLY_REJECTED, Outcome.REJECTED)

    played(story)


@BOTH
def test_stops_wait_trigger_and_are_cancelled(name: str) -> None:
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
        gone = await client.cancel_order(falls, confirm=True)
        assert gone.status in (OrderStatus.CANCELED, OrderStatus.EXPIRED)
        assert not scene.account.open

    played(story)


@BOTH
def test_cancel_all_leaves_nothing(name: str) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        for price in ("59500", "59400", "59300"):
            await client.place_order(name, "buy", quantity="0.01", price=price)
        await client.place_order(name, "sell", quantity="0.01", stop_price="59000")
        await scene.pause()
        await client.cancel_all(scene.native(name).product)
        await scene.pause()
        assert not scene.account.open

    played(story)


@BOTH
def test_batches_say_of_each_order_what_became_of_it(name: str) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        orders = [await client.order(name, "buy", quantity="0.01", price=price) for price in ("59500", "59400")]
        broke = await client.order(name, "buy", quantity="80" if name == SPOT else "1000", price="59500")
        first, second, third = await client.place_batch([orders[0], broke, orders[1]])
        assert isinstance(second, VenueError)
        assert second.kind is Kind.INSUFFICIENT_FUNDS
        assert not isinstance(first, VenueError)
        assert not isinstance(third, VenueError)
        await scene.pause()
        assert len(scene.account.open) == 2
        ended = await client.cancel_batch([first, third])
        assert not any(isinstance(item, VenueError) for item in ended)
        await scene.pause()
        assert not scene.account.open

    played(story)


def test_an_order_is_tried_without_being_placed() -> None:
    async def story(scene: Scene) -> None:
        await scene.client.test_order(LINEAR, "buy", quantity="0.01", price="59500")
        error = await refused(scene.client.test_order(LINEAR, "buy", quantity="900", price="59500"))
        assert error.kind is Kind.INSUFFICIENT_FUNDS
        assert scene.account.orders == []

    played(story)


# --- refusals


@BOTH
@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        pytest.param({"quantity": "80", "price": "59500"}, Kind.INSUFFICIENT_FUNDS, id="more than there is"),
        pytest.param({"quantity": "0.01", "price": "60100", "post_only": True}, Kind.WOULD_TAKE, id="post-only"),
    ],
)
def test_what_the_venue_refuses_is_recognised(name: str, terms: dict[str, Any], kind: Kind) -> None:
    async def story(scene: Scene) -> None:
        if name == LINEAR and kind is Kind.INSUFFICIENT_FUNDS:
            terms["quantity"] = "1000"
        error = await refused(scene.client.place_order(name, "buy", confirm=True, **terms))
        assert (error.kind, error.outcome) == (kind, Outcome.REJECTED)
        assert not scene.account.open

    played(story)


@BOTH
def test_orders_that_the_engine_ends_at_once_say_why(name: str) -> None:
    async def story(scene: Scene) -> None:
        killed = await scene.client.place_order(
            name, "buy", quantity="30", price="59990", time_in_force="fok", confirm=True
        )
        assert killed.status in (OrderStatus.EXPIRED, OrderStatus.REJECTED)
        assert killed.refusal is not None
        assert killed.refusal.kind is Kind.UNFILLABLE

    played(story)


@BOTH
def test_an_order_that_is_gone_is_told_apart(name: str) -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        order = await client.place_order(name, "buy", quantity="0.01", price="59900", confirm=True)
        scene.jump(name, "59000")
        assert (await client.cancel_order(order)).status is OrderStatus.FILLED

    played(story)


def test_a_key_that_only_reads_is_recognised() -> None:
    async def story(scene: Scene) -> None:
        error = await refused(scene.client.place_order(SPOT, "buy", quantity="0.01", price="59500"))
        assert (error.kind, error.outcome) == (Kind.PERMISSION_DENIED, Outcome.REJECTED)

    played(story, "reader")


def test_a_key_that_is_bound_to_another_address_is_recognised() -> None:
    async def story(scene: Scene) -> None:
        assert (await refused(scene.client.balances())).kind is Kind.ADDRESS_NOT_ALLOWED

    played(story, "elsewhere")


def test_a_clock_that_was_set_is_learned_anew() -> None:
    played(lambda scene: stories.clock_set_before_an_order(scene, SPOT, "59500"))


def test_a_crowd_of_requests_keeps_every_limit() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        orders = [client.place_order(SPOT, "buy", quantity="0.01", price="59500") for _ in range(60)]
        reads = [client.trading_fees(LINEAR) for _ in range(15)]
        await asyncio.gather(*orders, *reads)
        await client.cancel_all()
        await scene.pause()
        assert (len(scene.account.orders), len(scene.account.open)) == (60, 0)

    played(story)
