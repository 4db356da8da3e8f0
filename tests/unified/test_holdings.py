"""Balances and positions: what frames and answers tell together."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.toy import BTC, virtual
from tests.toy_stream import line
from unified.account import Balance, Position
from unified.consumers import Queue
from unified.feeds import Feed
from unified.holdings import Holding, Holdings
from unified.instrument import Instruments, Product
from unified.operations import FetchBalances, FetchPositions, Operation
from unified.reconciling import OwnMeans
from unified.topics import Topic
from unified.watches import Watch, WatchBalances, WatchPositions

LISTING = Instruments([BTC])
PERPETUAL = evolve(BTC, symbol="PERP", product=Product.LINEAR, settle="USDT")


def btc(free: int) -> Balance:
    return Balance(currency="BTC", free=Decimal(free), locked=Decimal(0))


def usd(free: int) -> Balance:
    return Balance(currency="USD", free=Decimal(free), locked=Decimal(0))


def position(quantity: int) -> Position:
    return Position(instrument=PERPETUAL, quantity=Decimal(quantity))


class Account:
    """Answers a second after it is asked."""

    def __init__(self, watch: Watch[Any], *held: Holding) -> None:
        self.held: tuple[Holding, ...] = held
        self.asked: list[Operation[Any]] = []
        topic = Topic(watch, Feed(line=line()))
        self.queue = Queue(watch.name)
        topic.add(self.queue)
        start = asyncio.get_running_loop().create_task
        means = OwnMeans(
            run=self.run,
            start=start,
            refused=lambda _watch, _fault: None,
            whole=lambda topic: setattr(topic, "whole", 1),
        )
        self.holdings = Holdings(topic, means)

    async def run(self, operation: Operation[Any]) -> Any:
        self.asked.append(operation)
        answer = self.held
        await asyncio.sleep(1)
        return answer

    async def told(self) -> list[Holding]:
        """All that waits."""
        self.queue.offer(None)
        return [value async for value in _until_none(self.queue)]


async def _until_none(queue: Queue) -> Any:
    while (value := await queue.take()) is not None:
        yield value


def test_all_is_told_first_and_then_what_changes() -> None:
    async def story() -> None:
        account = Account(WatchBalances(listing=LISTING), btc(1), usd(2))
        await account.holdings.look()
        assert await account.told() == [btc(1), usd(2)]
        account.holdings.told(btc(1))
        account.holdings.told(btc(3))
        assert await account.told() == [btc(3)]
        assert account.holdings.known() == (btc(3), usd(2))
        assert [type(asked) for asked in account.asked] == [FetchBalances]

    virtual(story)


@pytest.mark.parametrize(
    ("watch", "before", "after"),
    [
        (WatchBalances(listing=LISTING), btc(1), btc(0)),
        (WatchPositions(product=Product.LINEAR, listing=LISTING), position(1), position(0)),
    ],
    ids=["a currency", "a position"],
)
def test_what_is_no_longer_listed_is_told_as_nothing(watch: Watch[Any], before: Holding, after: Holding) -> None:
    async def story() -> None:
        account = Account(watch, before)
        await account.holdings.look()
        account.held = ()
        await account.holdings.look()
        assert await account.told() == [before, after]

    virtual(story)


def test_positions_are_asked_for_with_the_listing_that_names_them() -> None:
    async def story() -> None:
        account = Account(WatchPositions(product=Product.LINEAR, listing=LISTING), position(2))
        account.holdings.catch_up()
        await asyncio.sleep(5)
        (asked,) = account.asked
        assert isinstance(asked, FetchPositions)
        assert asked.listing is LISTING

    virtual(story)


def test_an_answer_that_was_on_its_way_does_not_undo_what_frames_told_meanwhile() -> None:
    async def story() -> None:
        account = Account(WatchBalances(listing=LISTING), btc(1))
        look = asyncio.create_task(account.holdings.look())
        await asyncio.sleep(0.5)
        account.holdings.told(btc(7))
        await look
        assert account.holdings.known() == (btc(7),)
        await account.holdings.look()
        assert account.holdings.known() == (btc(1),), "the next answer is newer again"

    virtual(story)
