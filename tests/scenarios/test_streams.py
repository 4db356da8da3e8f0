"""Streams through every fault there is, in virtual time: a book is the engine's or absent, and no fill is lost.

The judge knows nothing of the client: after every applied frame the book is compared with the ones that the engine had.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.streaming import Stage, stage
from tests.toy import virtual
from unified.book import BookBuilder
from unified.feeds import Step
from unified.hooks import StreamChange
from unified.instrument import Product
from unified.order import Fill
from unified.sandbox.stream_faults import StreamMishap
from unified.watching import Hub

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
Levels = tuple[tuple[Decimal, Decimal], ...]


class Judge:
    """Remembers every state of the engine's book, and counts the states of the client's that are none of them."""

    def __init__(self, on: Stage, symbol: str) -> None:
        engine = on.dialect.engine
        self._instrument = engine.instrument(Product.SPOT, symbol)
        self._engine = engine
        self.states: set[tuple[Levels, Levels]] = set()
        self.seen = self.wrong = 0
        advance = engine.advance

        def watched(to_us: int) -> None:
            advance(to_us)
            self.note()

        engine.advance = watched
        self.note()

    def note(self) -> None:
        book = self._engine.book(self._instrument, DEPTH)
        self.states.add((tuple(map(tuple, book.bids)), tuple(map(tuple, book.asks))))

    def judge(self, builder: BookBuilder) -> None:
        bids, asks = builder.levels(DEPTH)
        self.seen += 1
        self.wrong += (_plain(bids), _plain(asks)) not in self.states


def _plain(levels: Any) -> Levels:
    return tuple((Decimal(level[0]), Decimal(level[1])) for level in levels)


@pytest.mark.parametrize("seed", range(3))
def test_a_book_is_the_engines_after_every_applied_frame_or_absent(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    judge, counts = watched_book(seed, 600.0, monkeypatch)
    assert judge.seen > 500
    assert judge.wrong == 0
    assert counts[StreamChange.GAP] > 5
    assert counts[StreamChange.HEALED] >= counts[StreamChange.GAP] - 1


def test_the_judge_finds_a_client_that_believes_every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the checksum dropped frames go unnoticed, and the books are wrong."""
    monkeypatch.setattr(BookBuilder, "_checked", lambda _self, _checksum: Step.APPLY)
    judge, _ = watched_book(0, 300.0, monkeypatch)
    assert judge.wrong > 0


def watched_book(seed: int, seconds: float, monkeypatch: pytest.MonkeyPatch) -> tuple[Judge, Counter[StreamChange]]:
    async def story() -> tuple[Judge, Counter[StreamChange]]:
        async with stage("kraken", EVERYTHING, seed) as on:
            judge = Judge(on, "XXBTZUSD")
            hub = on.client._hub
            told = type(hub).book

            def judged(self: Any, link: Any, builder: BookBuilder) -> None:
                judge.judge(builder)
                told(self, link, builder)

            monkeypatch.setattr(type(hub), "book", judged)
            async with on.client.watch_book("BTC/USD", depth=DEPTH):
                await asyncio.sleep(seconds)
            return judge, on.counts

    return virtual(story)


def fills_of(seed: int, monkeypatch: pytest.MonkeyPatch, *, catching_up: bool = True) -> tuple[list[str], list[str]]:
    """What the venue executed, and what the client was told, over many forced disconnects."""

    async def story() -> tuple[list[str], list[str]]:
        async with stage("kraken", {StreamMishap.DISCONNECTED: 150.0, StreamMishap.DROPPED: 50.0}, seed) as on:
            if not catching_up:
                monkeypatch.setattr(Hub, "_catch_up", lambda _self, _topic: None)
            told: list[Fill] = []

            async def listen() -> None:
                async with on.client.watch_fills() as fills:
                    while True:
                        told.append(await anext(fills))

            listening = asyncio.create_task(listen())
            await asyncio.sleep(3)
            for number in range(40):
                side = "buy" if number % 2 else "sell"
                await on.client.place_order("BTC/USD", side, quantity="0.01", order_type="market")
                await asyncio.sleep(7)
            on.network.streams._chances = {}
            await asyncio.sleep(60)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            account = on.dialect.engine.accounts["maker"]
            assert on.counts[StreamChange.LOST] > 10
            return sorted(_row(fill.price, fill.quantity) for fill in account.fills), sorted(
                _row(fill.price, fill.quantity) for fill in told
            )

    return virtual(story)


def _row(price: Decimal, quantity: Decimal) -> str:
    return f"{price.normalize():f} {quantity.normalize():f}"


@pytest.mark.parametrize("seed", range(2))
def test_no_fill_is_lost_and_none_comes_twice_whatever_the_connection_does(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed, told = fills_of(seed, monkeypatch)
    assert len(executed) >= 40
    assert told == executed


def test_without_catching_up_fills_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    executed, told = fills_of(0, monkeypatch, catching_up=False)
    assert len(told) < len(executed)
