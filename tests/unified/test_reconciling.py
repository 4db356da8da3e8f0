"""When a stream of the account asks, and when its gap is over."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from tests.toy import BTC, virtual
from tests.toy_stream import Ears, ToyDialer, line, link
from unified.errors import Fault, Kind, VenueError
from unified.feeds import Feed
from unified.instrument import Instruments
from unified.reconciling import LONGEST_PAUSE, OwnMeans, OwnStream, until_answered
from unified.topics import Topic
from unified.watches import WatchBalances

BUSY = VenueError.of(Fault(kind=Kind.OVERLOADED))


class Probe(OwnStream):
    """Asks for a second, and is proved when a test says so."""

    def __init__(self) -> None:
        topic = Topic(WatchBalances(listing=Instruments([BTC])), Feed(line=line()))
        self.refusals, self.healed_at = list[Fault](), list[float]()
        self.asked, self.error = 0, None
        self.proof = asyncio.Event()
        self.proof.set()
        means = OwnMeans(
            run=self._unused,
            start=asyncio.get_running_loop().create_task,
            refused=lambda _watch, fault: self.refusals.append(fault),
            whole=self._whole,
        )
        super().__init__(topic, means)
        self.stands()

    error: VenueError | None

    async def _unused(self, _operation: Any) -> Any:
        raise AssertionError("this one asks nobody")

    def _whole(self, topic: Topic) -> None:
        topic.whole = True
        self.healed_at.append(round(asyncio.get_running_loop().time(), 3))

    def stands(self) -> None:
        """A new connection."""
        self.topic.source = link(ToyDialer(), Ears())

    def told(self, value: Any) -> None: ...

    def down(self) -> None: ...

    def known(self) -> tuple[Any, ...]:
        return ()

    async def _ask(self) -> None:
        self.asked += 1
        await asyncio.sleep(1)
        if self.error is not None:
            raise self.error

    async def _proved(self) -> None:
        await self.proof.wait()


def test_it_is_whole_when_the_answer_is_there_and_not_before() -> None:
    async def story() -> None:
        probe = Probe()
        probe.catch_up()
        await asyncio.sleep(0.5)
        assert not probe.topic.whole, "the connection stands, but nobody has answered yet"
        await asyncio.sleep(60)
        assert probe.healed_at == [1.0]

    virtual(story)


def test_what_changes_while_it_asks_is_asked_for_again_once() -> None:
    async def story() -> None:
        probe = Probe()
        for _ in range(5):
            probe.catch_up()
            await asyncio.sleep(0.1)
        await asyncio.sleep(60)
        assert probe.asked == 2
        assert probe.healed_at == [1.0], "what changed since is news, and no gap"

    virtual(story)


@pytest.mark.parametrize("next_one", [True, False])
def test_an_answer_from_before_the_connection_went_heals_nothing(next_one: bool) -> None:
    async def story() -> None:
        probe = Probe()
        probe.catch_up()
        await asyncio.sleep(0.5)
        probe.topic.source = None
        if next_one:
            probe.stands()
            probe.catch_up()
        await asyncio.sleep(60)
        assert probe.healed_at == ([2.0] if next_one else []), "the second question was put after the second connection"

    virtual(story)


def test_a_proof_that_comes_after_the_connection_went_heals_nothing() -> None:
    async def story() -> None:
        probe = Probe()
        probe.proof.clear()
        probe.catch_up()
        await asyncio.sleep(10)
        assert not probe.topic.whole, "what is owed has still to come"
        probe.topic.source = None
        probe.proof.set()
        await asyncio.sleep(10)
        assert probe.healed_at == []

    virtual(story)


def test_an_error_that_cannot_pass_ends_the_watch() -> None:
    async def story() -> None:
        probe = Probe()
        probe.error = BUSY
        probe.catch_up()
        await asyncio.sleep(10)
        assert [fault.kind for fault in probe.refusals] == [Kind.OVERLOADED], "who asks decides what can pass"
        assert not probe.is_asking
        assert probe.healed_at == []

    virtual(story)


def test_who_stops_asks_no_more() -> None:
    async def story() -> None:
        probe = Probe()
        probe.stop()
        probe.catch_up()
        await asyncio.sleep(0.5)
        probe.stop()
        await asyncio.sleep(10)
        assert (probe.asked, probe.is_asking, probe.healed_at) == (1, False, [])

    virtual(story)


def test_questions_are_repeated_with_growing_pauses_or_as_the_venue_asks() -> None:
    async def story() -> None:
        now, at = asyncio.get_running_loop().time, list[float]()
        errors = [BUSY] * 12 + [VenueError.of(Fault(kind=Kind.RATE_LIMITED, retry_after=60.0))]

        async def ask() -> None:
            at.append(now())
            if errors:
                raise errors.pop(0)

        await until_answered(ask)
        pauses = [round(after - before, 3) for before, after in pairwise(at)]
        assert pauses == sorted(pauses)
        assert pauses[-2:] == [LONGEST_PAUSE, 60.0]
        errors.append(VenueError.of(Fault(kind=Kind.BAD_CREDENTIALS)))
        with pytest.raises(VenueError):
            await until_answered(ask)

    virtual(story)
