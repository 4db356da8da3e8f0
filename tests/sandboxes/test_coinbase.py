"""The adapter for Coinbase against the sandbox for Coinbase: two readings of the same papers, made apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandboxes import scene, stories
from tests.sandboxes.scene import play, refused
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instrument, InstrumentStatus, Product
from unified.market_data import Interval
from unified.order import OrderStatus, OrderType, TimeInForce, Trigger
from unified.sandbox.faults import FaultPlan, Profile
from unified.sandbox.listing import MarketMode
from unified.testing.loop import run
from unified_coinbase.sandbox import CoinbaseSandbox

NAME = "BTC/USD"
TWICE = "00000000-0000-4000-8000-00000000dead"


class Scene(scene.Scene):
    dialect = CoinbaseSandbox

    def __init__(self, who: str = "first", plan: FaultPlan | None = None) -> None:
        super().__init__(who, plan)

    @property
    def native(self) -> Instrument:
        found: Instrument = self.venue.engine.instrument(Product.SPOT, "BTC-USD")
        return found

    def jump(self, price: str) -> None:
        self.move(self.native, price)


def played(story: Callable[[Scene], Coroutine[Any, Any, None]], who: str = "first") -> None:
    play(lambda: Scene(who), story)


# --- public data


def test_instruments_keep_the_rules_that_the_engine_keeps() -> None:
    async def story(scene: Scene) -> None:
        listed = {item.symbol: item for item in await scene.client.instruments()}
        assert set(listed) == {"BTC-USD", "ETH-USD", "BTC-USDC"}
        for native in scene.venue.engine.instruments:
            read = listed[native.symbol]
            for rule in (
                "product", "base", "quote", "tick_size", "lot_size", "min_quantity", "max_quantity", "min_notional",
                "max_notional", "quote_step", "status",
            ):  # fmt: skip
                assert getattr(read, rule) == getattr(native, rule), (native.symbol, rule)

    played(story)


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        pytest.param(MarketMode.CLOSED, InstrumentStatus.CLOSED, id="closed"),
        pytest.param(MarketMode.CANCEL_ONLY, InstrumentStatus.RESTRICTED, id="cancels only"),
        pytest.param(MarketMode.POST_ONLY, InstrumentStatus.RESTRICTED, id="post-only orders only"),
    ],
)
def test_a_restricted_market_is_seen(mode: MarketMode, status: InstrumentStatus) -> None:
    async def story(scene: Scene) -> None:
        scene.venue.engine.set_mode(scene.native, mode)
        assert (await scene.client.instrument(NAME)).status is status

    played(story)


def test_prices_are_those_of_the_engine() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(30)
        engine = scene.venue.engine
        book, shown = await scene.client.book(NAME, depth=5), engine.book(scene.native, 5)
        assert (tuple(book.bids[:5]), tuple(book.asks[:5])) == (shown.bids, shown.asks)
        ticker, now = await scene.client.ticker(NAME), engine.ticker(scene.native)
        assert (ticker.bid, ticker.ask, ticker.last) == (now.bid, now.ask, now.last)
        tickers = {item.instrument.symbol: item for item in await scene.client.tickers()}
        now = engine.ticker(scene.native)
        assert set(tickers) == {"BTC-USD", "ETH-USD", "BTC-USDC"}
        assert (tickers["BTC-USD"].last, tickers["BTC-USD"].volume_24h) == (now.last, now.volume)
        trades = await scene.all(scene.client.trades(NAME, limit=5), 5)
        known = engine.trades(scene.native, 5)
        assert sorted((trade.price, trade.quantity, trade.side) for trade in trades) == sorted(
            (trade.price, trade.quantity, trade.side) for trade in known
        )

    played(story)


def test_candles_are_those_of_the_engine() -> None:
    async def story(scene: Scene) -> None:
        end = await scene.client.server_time()
        start = end - timedelta(hours=12)
        candles = await scene.all(scene.client.candles(NAME, Interval.M1, start=start, end=end), 1000)
        opened = [candle.opened_at for candle in candles]
        assert opened == sorted(set(opened))
        assert len(opened) in (719, 720)
        first_us = round(opened[0].timestamp() * 1_000_000)
        known = scene.venue.engine.candles(scene.native, Interval.M1, start_us=first_us)
        assert [(row.open, row.high, row.low, row.close, row.volume) for row in candles] == [
            (row.open, row.high, row.low, row.close, row.volume) for row in known[: len(candles)]
        ]

    played(story)


def test_the_time() -> None:
    async def story(scene: Scene) -> None:
        told = await scene.client.server_time()
        assert abs(told.timestamp() * 1e6 - scene.venue.now_us) < 1_000_000

    played(story)


# --- the account


def test_balances_fees_and_the_key() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        await client.place_order(NAME, "buy", quantity="1", price="59500", confirm=True)
        balances = await client.balances()
        assert (balances["USD"].locked, balances["USD"].total) == (Decimal(59_857), Decimal(3_000_000))
        assert balances["BTC"].free == Decimal(40)
        fee = await client.trading_fees(NAME)
        assert (fee.maker, fee.taker) == (Decimal("0.004"), Decimal("0.006"))
        key = await client.key_permissions()
        assert (key.read, key.trade, key.withdraw) == (True, True, False)

    played(story)


@pytest.mark.parametrize("who", ["first", "second", "third", "poor", "reader"])
def test_keys_of_every_form_open_their_account(who: str) -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.client.balances())["BTC"].total == scene.account.spot.total["BTC"]
        assert (await scene.client.key_permissions()).trade is (who != "reader")

    played(story, who)


# --- orders


def test_an_order_from_placing_to_its_end() -> None:
    played(lambda scene: stories.from_placing_to_its_end(scene, NAME, "59500", "59400"))


def test_an_order_is_pending_until_the_engine_has_it() -> None:
    async def story(scene: Scene) -> None:
        scene.venue.engine.rules = scene.venue.engine.rules.__class__(acceptance_us=(2_000_000, 2_000_000))
        order = await scene.client.place_order(NAME, "buy", quantity="0.02", price="59500")
        assert order.status is OrderStatus.PENDING_NEW
        (listed,) = await scene.all(scene.client.open_orders())
        assert (listed.venue_order_id, listed.status.is_open) == (order.venue_order_id, True)
        await asyncio.sleep(2)
        found = await scene.client.get_order(NAME, venue_order_id=order.venue_order_id)
        assert found.status is OrderStatus.NEW

    played(story)


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param({"quantity": "1.5"}, id="by quantity"),
        pytest.param({"quote_quantity": "90000"}, id="by amount"),
        pytest.param({"quantity": "1.5", "price": "60100", "time_in_force": "ioc"}, id="immediate or cancel"),
        pytest.param({"quantity": "0.5", "price": "60100", "time_in_force": "fok"}, id="fill or kill"),
    ],
)
def test_an_order_that_trades_at_once_and_its_fills(terms: dict[str, Any]) -> None:
    played(lambda scene: stories.traded_at_once(scene, NAME, "USD", **terms))


def test_stops_wait_trigger_and_are_canceled() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        rises = await client.place_order(NAME, "buy", quantity="0.01", stop_price="60300", price="62000", confirm=True)
        falls = await client.place_order(
            NAME, "sell", quantity="0.01", stop_price="59000", price="58900", trigger=Trigger.FALLS, confirm=True
        )
        assert {rises.status, falls.status} == {OrderStatus.NEW}
        assert {rises.order_type, falls.order_type} == {OrderType.STOP_LIMIT}
        assert (rises.stop_price, falls.price) == (Decimal(60_300), Decimal(58_900))
        scene.jump("60400")
        done = await client.get_order(NAME, venue_order_id=rises.venue_order_id)
        assert (done.status, done.filled_quantity) == (OrderStatus.FILLED, Decimal("0.01"))
        gone = await client.cancel_order(falls, confirm=True)
        assert gone.status is OrderStatus.CANCELED
        assert not scene.account.open

    played(story)


def test_a_dated_order_expires() -> None:
    async def story(scene: Scene) -> None:
        ends = await scene.client.server_time() + timedelta(seconds=20)
        order = await scene.client.place_order(
            NAME, "buy", quantity="0.01", price="50000", time_in_force="gtd", expires_at=ends, confirm=True
        )
        assert (order.status, order.time_in_force) == (OrderStatus.NEW, TimeInForce.GTD)
        await asyncio.sleep(21)
        found = await scene.client.get_order(NAME, venue_order_id=order.venue_order_id)
        assert found.status is OrderStatus.EXPIRED

    played(story)


def test_cancel_all_leaves_nothing_of_what_it_was_asked_for() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        for price in ("59500", "59400", "59300"):
            await client.place_order(NAME, "buy", quantity="0.01", price=price)
        await client.place_order("ETH/USD", "buy", quantity="1", price="2900")
        await client.cancel_all(instrument=NAME)
        await scene.pause()
        assert [order.instrument.symbol for order in scene.account.open.values()] == ["ETH-USD"]
        await client.cancel_all()
        await scene.pause()
        assert not scene.account.open

    played(story)


def test_a_batch_of_cancels_says_of_each_order_what_became_of_it() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        orders = [
            await client.place_order(NAME, "buy", quantity="0.01", price=price, confirm=True)
            for price in ("59500", "59400")
        ]
        filled = await client.place_order(NAME, "buy", quantity="0.01", confirm=True)
        first, second, third = await client.cancel_batch([orders[0], filled, orders[1]])
        assert isinstance(second, VenueError)
        assert second.kind is Kind.ORDER_CLOSED
        assert not isinstance(first, VenueError)
        assert not isinstance(third, VenueError)
        await scene.pause()
        assert not scene.account.open

    played(story)


def test_an_order_is_tried_without_being_placed() -> None:
    async def story(scene: Scene) -> None:
        await scene.client.test_order(NAME, "buy", quantity="0.01", price="59500")
        error = await refused(scene.client.test_order(NAME, "buy", quantity="80", price="59500"))
        assert error.kind is Kind.INSUFFICIENT_FUNDS
        assert scene.account.orders == []

    played(story)


def test_lists_are_read_page_after_page() -> None:
    """A page holds 250 rows at most."""

    async def story(scene: Scene) -> None:
        sides = ("buy", "sell") * 130
        await asyncio.gather(*(scene.client.place_order(NAME, side, quantity="0.001") for side in sides))
        await scene.pause()
        fills = await scene.all(scene.client.fills(NAME))
        assert len({fill.trade_id for fill in fills}) == len(fills) == len(scene.account.fills) >= 260
        closed = await scene.all(scene.client.closed_orders(NAME))
        assert len({order.venue_order_id for order in closed}) == len(closed) == 260

    played(story)


# --- refusals


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        pytest.param({"quantity": "80", "price": "59500"}, Kind.INSUFFICIENT_FUNDS, id="more than there is"),
        pytest.param({"quantity": "0.01", "price": "60100", "post_only": True}, Kind.WOULD_TAKE, id="post-only"),
        pytest.param(
            {"quantity": "0.01", "price": "62000", "stop_price": "59000"}, Kind.WOULD_TRIGGER, id="a stop too low"
        ),
    ],
)
def test_what_the_venue_refuses_is_recognised(terms: dict[str, Any], kind: Kind) -> None:
    async def story(scene: Scene) -> None:
        error = await refused(scene.client.place_order(NAME, "buy", confirm=True, **terms))
        assert (error.kind, error.outcome) == (kind, Outcome.REJECTED)
        assert not scene.account.orders

    played(story)


def test_a_fill_or_kill_order_that_finds_too_little_is_told_to_have_ended() -> None:
    async def story(scene: Scene) -> None:
        order = await scene.client.place_order(
            NAME, "buy", quantity="30", price="60010", time_in_force="fok", confirm=True
        )
        assert (order.status, order.filled_quantity) == (OrderStatus.CANCELED, Decimal(0))

    played(story)


def test_a_late_refusal_is_told() -> None:
    async def story(scene: Scene) -> None:
        scene.venue.engine.rules = scene.venue.engine.rules.__class__(acceptance_us=(2_000_000, 2_000_000))
        order = await scene.client.place_order(NAME, "buy", quantity="0.02", price="59500", post_only=True)
        scene.jump("58000")
        await asyncio.sleep(2)
        found = await scene.client.get_order(NAME, venue_order_id=order.venue_order_id)
        assert (found.status, found.filled_quantity) == (OrderStatus.REJECTED, Decimal(0))

    played(story)


def test_orders_that_are_over_or_were_never_there() -> None:
    async def story(scene: Scene) -> None:
        client = scene.client
        order = await client.place_order(NAME, "buy", quantity="0.01", price="60100", confirm=True)
        error = await refused(client.amend_order(order, price="59000"))
        assert (error.kind, error.outcome) == (Kind.ORDER_CLOSED, Outcome.REJECTED)
        assert (await client.cancel_order(order)).status is OrderStatus.FILLED
        missing = "00000000-0000-4000-8000-000000000000"
        error = await refused(client.get_order(NAME, venue_order_id=missing))
        assert error.kind is Kind.ORDER_NOT_FOUND
        error = await refused(client.get_order(NAME, client_order_id=missing))
        assert error.kind is Kind.ORDER_NOT_FOUND

    played(story)


def test_an_order_sent_twice_under_one_id_is_one_order() -> None:
    async def story(scene: Scene) -> None:
        order = await scene.client.order(NAME, "buy", quantity="0.01", price="59500", client_order_id=TWICE)
        first = await scene.client.place(order, confirm=True)
        second = await scene.client.place(order, confirm=True)
        assert (first.venue_order_id, len(scene.account.orders)) == (second.venue_order_id, 1)

    played(story)


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        pytest.param("reader", Kind.PERMISSION_DENIED, id="a key that may only look"),
        pytest.param("elsewhere", Kind.UNAUTHORIZED, id="a key of another address"),
    ],
)
def test_keys_that_may_not(who: str, kind: Kind) -> None:
    async def story(scene: Scene) -> None:
        error = await refused(scene.client.place_order(NAME, "buy", quantity="0.01", price="59500"))
        assert (error.kind, error.outcome) == (kind, Outcome.REJECTED)
        assert not scene.account.orders

    played(story, who)


def test_a_clock_that_steps_is_followed() -> None:
    async def story(scene: Scene) -> None:
        await scene.client.balances()
        for seconds in (3600.0, -3600.0, -3600.0):
            scene.venue.clock.step(seconds)
            scene.network.ledger.clock_stepped()
            await asyncio.sleep(30)
            assert (await scene.client.balances())["BTC"].total == Decimal(40)

    played(story)


def test_many_calls_at_once_keep_the_limits() -> None:
    async def story(scene: Scene) -> None:
        await scene.client.instrument(NAME)
        await asyncio.gather(
            *(scene.client.get_order(NAME, venue_order_id=order.venue_order_id) for order in await placed(scene, 40)),
            *(scene.client.ticker(NAME) for _ in range(30)),
        )
        assert scene.venue.keeper.violations == 0

    played(story)


async def placed(scene: Scene, count: int) -> list[Any]:
    return await asyncio.gather(
        *(scene.client.place_order(NAME, "buy", quantity="0.001", price="50000") for _ in range(count))
    )


# --- faults


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_order_is_placed_twice_under_mild_faults(seed: int) -> None:
    async def main() -> None:
        scene = Scene(plan=FaultPlan(Profile.MILD, seed))
        async with scene.client:
            results = [await attempted(scene, f"{50000 + number}") for number in range(40)]
            await scene.client.settle(60)
        verdict = scene.network.ledger.verdict()
        assert (verdict.duplicate_orders, verdict.limit_violations, verdict.requests_while_banned) == (0, 0, 0)
        assert len(scene.account.orders) >= sum(results) >= 35

    run(main())


async def attempted(scene: Scene, price: str) -> bool:
    try:
        await scene.client.place_order(NAME, "buy", quantity="0.001", price=price)
    except VenueError:
        return False
    return True
