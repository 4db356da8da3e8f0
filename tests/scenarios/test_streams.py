"""Streams through every fault there is, in virtual time: a book is the engine's or absent, and no fill is lost.

The judge of books is that of the figures (benchmarks/books.py), which run the same for longer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from attrs import evolve

from benchmarks.books import DEPTH, EVERYTHING, SLACK, Judge
from benchmarks.grounds import COINBASE, COUNTED, GROUNDS, JOINED, KRAKEN, OKX, Ground
from tests.streaming import stage
from tests.toy import virtual
from unified.book import BookBuilder
from unified.book_side import BookSide
from unified.catching_up import CatchUp
from unified.errors import Fault, Kind, VenueError
from unified.feeds import Delta, Step, streams_of, unsequenced
from unified.hooks import StreamChange
from unified.order import Fill
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


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ground", _params(GROUNDS))
def test_a_book_is_the_engines_after_every_applied_frame_or_absent(
    ground: Ground, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, counts = watched_book(ground, seed, 600.0, monkeypatch)
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
    delta = BookBuilder.delta

    def stops(self: BookBuilder, told: Delta, now: float) -> Step:
        return Step.SKIP if now - first.setdefault(self, now) > 30 else delta(self, told, now)

    first: dict[BookBuilder, float] = {}
    monkeypatch.setattr(BookBuilder, "delta", stops)
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
