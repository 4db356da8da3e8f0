"""Streams through every fault there is, in virtual time: a book is the engine's or absent, and no fill is lost.

The judge knows nothing of the client but what it shows: each applied frame must leave the book that the engine had when
the frame was made, and what can be read must not be older than the silence after which a connection counts as dead.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve, frozen

from tests.streaming import Stage, stage
from tests.toy import virtual
from unified.book import BookBuilder, LiveBook, _Side
from unified.catching_up import CatchUp
from unified.errors import Fault, Kind, VenueError
from unified.feeds import Delta, Step, streams_of, unsequenced
from unified.hooks import StreamChange
from unified.instrument import Product
from unified.order import Fill
from unified.sandbox.accounts import Account, Wallet
from unified.sandbox.orders import VenueFill
from unified.sandbox.stream_faults import StreamMishap
from unified.watches import WatchBook
from unified.watching import Hub
from unified.wire import microseconds
from unified_bybit.sandbox_rows import fill_number, trade_id
from unified_coinbase.sandbox_rows import fill_row
from unified_kraken.sandbox_rows import fill_id
from unified_okx import stream as okx_stream

EVERYTHING = {
    StreamMishap.DROPPED: 10.0,
    StreamMishap.DOUBLED: 10.0,
    StreamMishap.REORDERED: 10.0,
    StreamMishap.CUT: 3.0,
    StreamMishap.WRONG_CHECKSUM: 10.0,
    StreamMishap.SILENCE: 1.0,
    StreamMishap.HALF_OPEN: 1.0,
    StreamMishap.DISCONNECTED: 5.0,
    StreamMishap.LATE: 10.0,
}
DEPTH = 10
SLACK = 1.0
"""Seconds beyond the silence of a line until what it brought must be gone."""
Levels = tuple[tuple[Decimal, Decimal], ...]
State = tuple[Levels, Levels]
Story = tuple["Judge", Counter[StreamChange]]


@frozen(kw_only=True)
class Ground:
    """What the stories have to know of a venue."""

    venue: str
    symbol: str
    name: str
    product: Product = Product.SPOT
    numbered: bool
    """Whether frames bear the engine's own count; else their times tell when they were made."""
    unit_us: int = 1
    """Of the times in frames."""
    losses: Mapping[StreamMishap, float]
    """What may happen to the stream of own orders: frames can only be missing unseen where they are counted."""
    fill_id: Callable[[VenueFill], str]


NOBODY = Account(name="nobody", spot=Wallet(), margin=Wallet())
KRAKEN = Ground(
    venue="kraken",
    symbol="XXBTZUSD",
    name="BTC/USD",
    numbered=False,
    losses={StreamMishap.DISCONNECTED: 150.0, StreamMishap.DROPPED: 50.0},
    fill_id=fill_id,
)
OKX = Ground(
    venue="okx",
    symbol="BTC-USDT",
    name="BTC/USDT",
    numbered=True,
    losses={StreamMishap.DISCONNECTED: 150.0, StreamMishap.DOUBLED: 50.0, StreamMishap.REORDERED: 50.0},
    fill_id=lambda fill: str(fill.trade_id),
)
COINBASE = Ground(
    venue="coinbase",
    symbol="BTC-USD",
    name="BTC/USD",
    numbered=False,
    losses={StreamMishap.DISCONNECTED: 150.0, StreamMishap.DROPPED: 50.0},
    fill_id=lambda fill: str(fill_row(NOBODY, fill)["entry_id"]),
)
BINANCE = Ground(
    venue="binance",
    symbol="BTCUSDT",
    name="BTC/USDT",
    numbered=True,
    losses=OKX.losses,
    fill_id=lambda fill: str(fill.trade_id),
)
BINANCE_LINEAR = evolve(BINANCE, name="BTC/USDT:USDT", product=Product.LINEAR)
BYBIT = Ground(
    venue="bybit",
    symbol="BTCUSDT",
    name="BTC/USDT",
    numbered=False,
    unit_us=1000,
    losses=OKX.losses,
    fill_id=lambda fill: trade_id(fill.order.instrument.product, fill_number(fill)),
)
BYBIT_LINEAR = evolve(BYBIT, name="BTC/USDT:USDT", product=Product.LINEAR)
COUNTED = [pytest.param(ground, id=f"{ground.venue}-{ground.product}") for ground in (BYBIT, BYBIT_LINEAR)]
"""Where the numbers of a book are of one subscription."""
JOINED = [pytest.param(ground, id=f"{ground.venue}-{ground.product}") for ground in (BINANCE, BINANCE_LINEAR)]
"""Where books are joined with a snapshot over REST."""
GROUNDS = [*(pytest.param(ground, id=ground.venue) for ground in (KRAKEN, OKX, COINBASE)), *JOINED, *COUNTED]


class Judge:
    """Remembers the engine's book at every moment, and counts what the client shows that it was not."""

    def __init__(self, on: Stage, ground: Ground) -> None:
        engine = on.dialect.engine
        self._instrument = engine.instrument(ground.product, ground.symbol)
        self._engine, self._numbered, self._unit_us = engine, ground.numbered, ground.unit_us
        self._times: list[int] = []
        self._numbers: list[int] = []
        self._states: list[State] = []
        self.seen = self.wrong = self.looks = self.old = 0
        advance = engine.advance

        def watched(to_us: int) -> None:
            advance(to_us)
            self.note()

        engine.advance = watched
        self.note()

    def note(self) -> None:
        book = self._engine.book(self._instrument, DEPTH)
        if self._numbers and self._numbers[-1] == book.sequence:
            return
        self._times.append(self._engine.now_us)
        self._numbers.append(book.sequence)
        self._states.append((tuple(map(tuple, book.bids)), tuple(map(tuple, book.asks))))

    def judge(self, builder: BookBuilder) -> None:
        """After an applied frame: is it the book that the frame stood for?"""
        shown = _shown(builder)
        self.seen += 1
        at = self._stood_for(shown)
        self.wrong += at is None or _plain(shown) != self._states[at]

    def look(self, builder: BookBuilder, oldest: float) -> None:
        """At any time: is what can be read no older than this many seconds?"""
        at = self._stood_for(_shown(builder))
        self.looks += 1
        ended = self._times[at + 1] if at is not None and at + 1 < len(self._times) else self._engine.now_us
        self.old += at is None or self._engine.now_us - ended > oldest * 1_000_000

    def _stood_for(self, shown: LiveBook) -> int | None:
        """Which of the engine's books it claims to be."""
        if not self._numbered:
            assert shown.time is not None
            return bisect_right(self._times, microseconds(shown.time) + self._unit_us - 1) - 1
        assert shown.sequence is not None
        at = bisect_right(self._numbers, shown.sequence) - 1
        return at if self._numbers[at] == shown.sequence else None


def _shown(builder: BookBuilder) -> LiveBook:
    return builder.book(DEPTH, lambda: 0.0)


def _plain(book: LiveBook) -> State:
    def side(levels: Any) -> Levels:
        return tuple((level.price, level.quantity) for level in levels[:DEPTH])

    return side(book.bids), side(book.asks)


def watched_book(
    ground: Ground,
    seed: int,
    seconds: float,
    monkeypatch: pytest.MonkeyPatch,
    faults: Mapping[StreamMishap, float] = EVERYTHING,
) -> Story:
    async def story() -> Story:
        async with stage(ground.venue, faults, seed) as on:
            judge = Judge(on, ground)
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
                    if topic.builder is not None and topic.builder.available:
                        judge.look(topic.builder, silence + SLACK)
            monkeypatch.setattr(Hub, "book", told)
            return judge, on.counts

    return virtual(story)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ground", GROUNDS)
def test_a_book_is_the_engines_after_every_applied_frame_or_absent(
    ground: Ground, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, counts = watched_book(ground, seed, 600.0, monkeypatch)
    assert judge.seen > 500
    assert judge.looks > 1000
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


@pytest.mark.parametrize("ground", [*JOINED, *COUNTED])
def test_the_judge_finds_a_client_that_joins_without_counting(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    rule_of = Hub.rule_of
    monkeypatch.setattr(Hub, "rule_of", lambda self, watch: evolve(rule_of(self, watch), follows=unsequenced))
    judge, _ = watched_book(ground, 0, 300.0, monkeypatch)
    assert judge.wrong > 0


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_judge_finds_a_book_that_is_stale(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that stands still after a while was the engine's once, and must not pass for that."""
    delta = BookBuilder.delta

    def stops(self: BookBuilder, told: Delta, now: float) -> Step:
        return Step.SKIP if now - first.setdefault(self, now) > 30 else delta(self, told, now)

    first: dict[BookBuilder, float] = {}
    monkeypatch.setattr(BookBuilder, "delta", stops)
    judge, _ = watched_book(ground, 0, 120.0, monkeypatch, {})
    assert judge.wrong == 0
    assert judge.old > 0


def test_the_judge_finds_old_levels_under_a_new_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Side, "apply", lambda _self, _levels: None)
    judge, _ = watched_book(OKX, 0, 60.0, monkeypatch)
    assert judge.wrong > 0


def fills_of(
    ground: Ground, seed: int, monkeypatch: pytest.MonkeyPatch, *, catching_up: bool = True
) -> tuple[list[str], list[str]]:
    """What the venue executed, and what the client was told, over many forced disconnects."""

    async def story() -> tuple[list[str], list[str]]:
        async with stage(ground.venue, ground.losses, seed) as on:
            if not catching_up:
                monkeypatch.setattr(Hub, "_catch_up", lambda _self, _topic: None)
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
            on.network.streams._chances = {}
            await asyncio.sleep(60)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            account = on.dialect.engine.accounts[on.dialect.accounts[0].name]
            assert on.counts[StreamChange.LOST] > 10
            return sorted(map(ground.fill_id, account.fills)), sorted(fill.trade_id for fill in told)

    return virtual(story)


# In the last, orders of OKX are filled before the first connection has come about.
@pytest.mark.parametrize("seed", [0, 1, 20])
@pytest.mark.parametrize("ground", GROUNDS)
def test_no_fill_is_lost_and_none_comes_twice_whatever_the_connection_does(
    ground: Ground, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed, told = fills_of(ground, seed, monkeypatch)
    assert len(executed) >= 40
    assert len(set(executed)) == len(executed)
    assert told == executed


@pytest.mark.parametrize("ground", GROUNDS)
def test_without_catching_up_fills_are_lost(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    executed, told = fills_of(ground, 0, monkeypatch, catching_up=False)
    assert len(told) < len(executed)


def test_a_fill_that_was_told_of_and_could_not_be_asked_for_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coinbase tells of fills and does not tell them; here REST is down when it does, and then the connection goes."""
    look = CatchUp.look

    async def broken(self: CatchUp) -> None:
        if 5 < asyncio.get_running_loop().time() < 60:
            raise VenueError.of(Fault(kind=Kind.OVERLOADED))
        await look(self)

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

    monkeypatch.setattr(CatchUp, "look", broken)
    executed, told = virtual(story)
    assert len(executed) >= 2
    assert told == executed
