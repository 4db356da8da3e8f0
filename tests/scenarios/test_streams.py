"""Streams through every fault there is, in virtual time: a book is the engine's or absent, and no fill is lost.

The judge of books is that of the figures (benchmarks/books.py), which run the same for longer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from benchmarks.books import DEPTH, EVERYTHING, SLACK, Judge
from benchmarks.grounds import COINBASE, COUNTED, GROUNDS, JOINED, KRAKEN, OKX, Ground
from tests.streaming import Stage, stage
from tests.toy import virtual
from unified.book import BookBuilder
from unified.book_side import BookSide
from unified.catching_up import CatchUp
from unified.errors import Fault, Kind, VenueError
from unified.executions import Executions
from unified.feeds import Delta, Snapshot, Step, streams_of, unsequenced
from unified.hooks import StreamChange, StreamEvent
from unified.order import Fill, Order, OrderType, Side, TimeInForce
from unified.owed_fills import OwedFills
from unified.sandbox.orders import NewOrder
from unified.sandbox.stream_faults import StreamMishap
from unified.watches import WatchBook
from unified.watching import Hub
from unified_okx import stream as okx_stream

Story = tuple[Judge, Counter[StreamChange]]


def _params(grounds: Iterable[Ground]) -> list[Any]:
    return [pytest.param(ground, id=f"{ground.venue}-{ground.product}") for ground in grounds]


def watched_book(
    ground: Ground,
    seed: int,
    seconds: float,
    monkeypatch: pytest.MonkeyPatch,
    faults: Mapping[StreamMishap, float] = EVERYTHING,
) -> Story:
    async def story() -> Story:
        async with stage(ground.venue, faults, seed) as on:
            judge = Judge(on.dialect.engine, ground)
            judge.follow()
            hub = on.client._hub
            silence = streams_of(hub._adapter)[WatchBook, ground.product].line.silence
            told = Hub.book

            def judged(self: Hub, link: Any, builder: BookBuilder) -> None:
                judge.judge(builder)
                told(self, link, builder)

            monkeypatch.setattr(Hub, "book", judged)
            async with on.client.watch_book(ground.name, depth=DEPTH):
                (topic,) = hub._topics.values()
                for _ in range(int(seconds * 4)):
                    await asyncio.sleep(0.25)
                    on.dialect.engine.advance(on.dialect.clock.true_us())
                    judge.look(topic.builder, silence + SLACK)
            monkeypatch.setattr(Hub, "book", told)
            return judge, on.counts

    return virtual(story)


@pytest.mark.parametrize("ground", _params(GROUNDS))
def test_a_book_is_the_engines_after_every_applied_frame_or_absent(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, counts = watched_book(ground, 0, 600.0, monkeypatch)
    assert judge.seen > 500
    assert judge.looks - judge.absent > 1000
    assert (judge.wrong, judge.old) == (0, 0)
    assert counts[StreamChange.GAP] > 5
    assert counts[StreamChange.HEALED] >= counts[StreamChange.GAP] - 1


def test_the_judge_finds_a_client_that_believes_every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the checksum dropped frames go unnoticed, and the books are wrong."""
    monkeypatch.setattr(BookBuilder, "_checked", lambda _self, _checksum: Step.APPLY)
    judge, _ = watched_book(KRAKEN, 0, 300.0, monkeypatch)
    assert judge.wrong > 0


def test_the_judge_finds_a_client_that_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(okx_stream, "BOOK", evolve(okx_stream.BOOK, follows=unsequenced))
    judge, _ = watched_book(OKX, 0, 300.0, monkeypatch)
    assert judge.wrong > 0


@pytest.mark.parametrize("ground", _params((*JOINED, *COUNTED)))
def test_the_judge_finds_a_client_that_joins_without_counting(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    rule_of = Hub.rule_of
    monkeypatch.setattr(Hub, "rule_of", lambda self, watch: evolve(rule_of(self, watch), follows=unsequenced))
    judge, _ = watched_book(ground, 0, 300.0, monkeypatch)
    assert judge.wrong > 0


@pytest.mark.parametrize("ground", _params(GROUNDS))
def test_the_judge_finds_a_book_that_is_stale(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that stands still after a while was the engine's once, and must not pass for that."""
    delta, snapshot = BookBuilder.delta, BookBuilder.snapshot

    def stops(self: BookBuilder, told: Delta, now: float) -> Step:
        return Step.SKIP if now - first.setdefault(self, now) > 30 else delta(self, told, now)

    def stays(self: BookBuilder, told: Snapshot, now: float) -> Step:
        return Step.SKIP if now - first.setdefault(self, now) > 30 else snapshot(self, told, now)

    first: dict[BookBuilder, float] = {}
    monkeypatch.setattr(BookBuilder, "snapshot" if ground.whole else "delta", stays if ground.whole else stops)
    judge, _ = watched_book(ground, 0, 120.0, monkeypatch, {})
    assert judge.wrong == 0
    assert judge.old > 0


def test_the_judge_finds_old_levels_under_a_new_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BookSide, "apply", lambda _self, _levels: None)
    judge, _ = watched_book(OKX, 0, 60.0, monkeypatch)
    assert judge.wrong > 0


def fills_of(
    ground: Ground, seed: int, monkeypatch: pytest.MonkeyPatch, *, catching_up: bool = True
) -> tuple[list[str], list[str]]:
    """What the venue executed, and what the client was told, over many forced disconnects."""

    async def story() -> tuple[list[str], list[str]]:
        async with stage(ground.venue, ground.losses, seed) as on:
            if not catching_up:
                monkeypatch.setattr(Executions, "catch_up", lambda _self: None)
            told: list[Fill] = []

            async def listen() -> None:
                async with on.client.watch_fills(ground.product) as fills:
                    while True:
                        told.append(await anext(fills))

            listening = asyncio.create_task(listen())
            await asyncio.sleep(3)
            for number in range(40):
                side = "buy" if number % 2 else "sell"
                await on.client.place_order(ground.name, side, quantity="0.01", order_type="market")
                await asyncio.sleep(7)
            on.network.streams.calm()
            await asyncio.sleep(60)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            account = on.dialect.engine.accounts[on.dialect.accounts[0].name]
            assert on.counts[StreamChange.LOST] > 10
            return sorted(map(ground.fill_id, account.fills)), sorted(fill.trade_id for fill in told)

    return virtual(story)


# In the last, orders of OKX are filled before the first connection has come about.
@pytest.mark.parametrize("seed", [0, 1, 20])
@pytest.mark.parametrize("ground", _params(GROUNDS))
def test_no_fill_is_lost_and_none_comes_twice_whatever_the_connection_does(
    ground: Ground, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed, told = fills_of(ground, seed, monkeypatch)
    assert len(executed) >= 40
    assert len(set(executed)) == len(executed)
    assert told == executed


@pytest.mark.parametrize("ground", _params(GROUNDS))
def test_without_catching_up_fills_are_lost(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    executed, told = fills_of(ground, 0, monkeypatch, catching_up=False)
    assert len(told) < len(executed)


def test_a_fill_that_was_told_of_and_could_not_be_asked_for_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coinbase tells of fills and does not tell them; here REST is down when it does, and then the connection goes."""
    look, ask = CatchUp.look, OwedFills._ask
    down = VenueError.of(Fault(kind=Kind.OVERLOADED))

    def is_down() -> bool:
        return 5 < asyncio.get_running_loop().time() < 60

    async def broken_look(self: CatchUp) -> None:
        if is_down():
            raise down
        await look(self)

    async def broken_ask(self: OwedFills, order: Order) -> VenueError | None:
        return down if is_down() else await ask(self, order)

    async def story() -> tuple[list[str], list[str]]:
        async with stage("coinbase") as on:
            told: list[Fill] = []

            async def listen() -> None:
                async with on.client.watch_fills() as fills:
                    while True:
                        told.append(await anext(fills))

            listening = asyncio.create_task(listen())
            await asyncio.sleep(20)
            for side in ("buy", "sell"):
                await on.client.place_order(COINBASE.name, side, quantity="0.01", order_type="market")
                await asyncio.sleep(15)
            assert told == []
            on.strike(StreamMishap.DISCONNECTED)
            await asyncio.sleep(60)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            assert on.counts[StreamChange.LOST] == 1
            account = on.dialect.engine.accounts[on.dialect.accounts[0].name]
            return sorted(map(COINBASE.fill_id, account.fills)), sorted(fill.trade_id for fill in told)

    monkeypatch.setattr(CatchUp, "look", broken_look)
    monkeypatch.setattr(OwedFills, "_ask", broken_ask)
    executed, told = virtual(story)
    assert len(executed) >= 2
    assert told == executed


def _take(on: Stage, ground: Ground, price: Decimal) -> None:
    """Somebody takes all that is bid at this price or a better one."""
    engine = on.dialect.engine
    item = next(item for item in engine.instruments if (item.product, item.symbol) == (ground.product, ground.symbol))
    bids = [level.quantity for level in engine.book(item, 10_000).bids if level.price >= price]
    rich = Decimal(1_000_000_000)
    somebody = engine.open_account("somebody", spot={item.base: rich}, margin={item.settle or item.quote: rich})
    engine.place(
        somebody,
        NewOrder(
            instrument=item,
            side=Side.SELL,
            order_type=OrderType.LIMIT,
            quantity=sum(bids, start=Decimal(0)),
            price=price,
            time_in_force=TimeInForce.IOC,
        ),
    )
    engine.advance(engine.true_us + 100_000)  # some venues let an order wait before it acts


def filled_at_a_wrong_hour(ground: Ground) -> tuple[list[str], list[str], list[StreamEvent]]:
    """What was executed, what was told: the clock is wrong for the moment of the fill, and the frame is lost."""

    async def story() -> tuple[list[str], list[str], list[StreamEvent]]:
        async with stage(ground.venue) as on:
            told: list[Fill] = []

            async def listen() -> None:
                async with on.client.watch_fills(ground.product) as fills:
                    while True:
                        told.append(await anext(fills))

            listening = asyncio.create_task(listen())
            await asyncio.sleep(20)
            book = await on.client.book(ground.name, depth=5)
            assert book.best_bid is not None
            instrument = await on.client.instrument(ground.name)
            price = instrument.round_price(book.best_bid.price * Decimal("0.99"))
            await on.client.place_order(ground.name, "buy", quantity="0.01", price=price)
            await asyncio.sleep(5)
            on.strike(StreamMishap.DISCONNECTED)
            on.set_clock(-3600)
            _take(on, ground, price)
            on.set_clock(3600)
            await asyncio.sleep(180)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            account = on.dialect.engine.accounts[on.dialect.accounts[0].name]
            return sorted(map(ground.fill_id, account.fills)), sorted(fill.trade_id for fill in told), on.events

    return virtual(story)


@pytest.mark.parametrize("ground", _params(GROUNDS))
def test_a_fill_at_a_wrong_hour_whose_frame_is_lost_is_told(ground: Ground) -> None:
    executed, told, _ = filled_at_a_wrong_hour(ground)
    assert told == executed != []


@pytest.mark.parametrize("ground", _params(GROUNDS))
def test_without_counting_what_orders_owe_it_is_lost(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OwedFills, "note", lambda _self, _order: None)
    executed, told, _ = filled_at_a_wrong_hour(ground)
    assert told == []
    assert executed != []


def test_a_fill_that_the_venue_never_lists_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lists_none(_self: OwedFills, _order: Order) -> None:
        return None

    monkeypatch.setattr(OwedFills, "_ask", lists_none)
    _, told, events = filled_at_a_wrong_hour(KRAKEN)
    assert told == []
    assert any(event.change is StreamChange.GAP and "of order" in event.reason for event in events)
