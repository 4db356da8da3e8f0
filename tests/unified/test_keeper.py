"""A keeper with a connection that nothing goes over; sessions of streams (test_stream) show handovers and pauses."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from tests.toy import virtual
from tests.toy_entry import ToyEntry, entry_line
from tests.toy_stream import ToyDialer, means
from unified.calls import deadline, within
from unified.connection import Connection
from unified.errors import VenueError
from unified.hooks import StreamChange
from unified.keeper import Keeper
from unified.retry import RetryBudget


class Bare(Keeper[Connection]):
    """Keeps a connection and writes down what happens."""

    def __init__(self, failures: int = 0, **changes: Any) -> None:
        self.dialer = ToyDialer(failures)
        self.told: list[str] = []
        self.useful = False
        line = entry_line(**changes)
        super().__init__(line, means(self.dialer), RetryBudget(), lambda change, _reason, _error: self.tell(change))

    def tell(self, word: str) -> None:
        self.told.append(str(word))

    def begin(self) -> bool:
        return self._keep()

    def _made(self) -> Connection:
        made = Connection(self._kept, ToyEntry(), "wss://toy", "main", self._means)
        made.useful = self.useful
        return made

    def _up(self, link: Connection) -> None:
        self.tell("up")

    async def _handed_over(self, old: Connection, new: Connection) -> None:
        self.tell("handed over")

    def _not_up(self, error: VenueError) -> None:
        self.tell("not up")

    def _given_up(self, error: VenueError) -> None:
        self.tell("given up")


def test_failed_attempts_are_told_until_one_succeeds() -> None:
    async def story() -> None:
        bare = Bare(failures=2, silence=1000.0)
        assert bare.begin()
        assert not bare.begin(), "it is kept already"
        await asyncio.sleep(5)
        assert bare.told == [StreamChange.LOST, "not up", StreamChange.LOST, "not up", "up", StreamChange.CONNECTED]
        await bare.aclose()

    virtual(story)


def test_a_successor_takes_over_before_an_announced_end() -> None:
    async def story() -> None:
        bare = Bare(silence=1000.0)
        bare.begin()
        await asyncio.sleep(1)
        bare.dialer.sockets[0].say("end")
        await asyncio.sleep(1)
        assert bare.told[-3:] == ["up", StreamChange.RENEWED, "handed over"]
        assert bare.dialer.sockets[0].closed
        await bare.aclose()
        assert bare.dialer.sockets[1].closed

    virtual(story)


@pytest.mark.parametrize("useful", [True, False])
def test_after_a_connection_of_use_the_next_begins_at_once(useful: bool) -> None:
    async def story() -> None:
        bare = Bare(silence=1000.0)
        bare.useful = useful
        bare.begin()
        for _ in range(6):
            await asyncio.sleep(3)
            if not bare.dialer.sockets[-1].closed:
                bare.dialer.sockets[-1].die()
        at = bare.dialer.tried_at
        longest = max(later - earlier for earlier, later in pairwise(at))
        assert (longest < 3.1) == useful
        await bare.aclose()

    virtual(story)


def test_a_connection_outlives_the_call_that_wanted_it_first() -> None:
    async def story() -> None:
        deadlines: list[float | None] = []

        class Asks(Bare):
            def _made(self) -> Connection:
                deadlines.append(deadline())
                return super()._made()

        bare = Asks(silence=1000.0)
        with within(asyncio.get_running_loop().time() + 1.0):
            bare.begin()
        await asyncio.sleep(2)
        bare.dialer.sockets[0].die()
        await asyncio.sleep(2)
        assert deadlines == [None, None]
        await bare.aclose()

    virtual(story)


def test_what_is_hopeless_is_not_tried_again() -> None:
    async def story() -> None:
        bare = Bare(login=True)
        bare.dialer.answers = False
        bare.begin()
        await asyncio.sleep(0.1)
        bare.dialer.sockets[0].say("out", "bad_credentials")
        await asyncio.sleep(60)
        assert bare.told == [StreamChange.LOST, "given up"]
        assert len(bare.dialer.sockets) == 1
        assert bare.begin(), "who asks again may try again"
        await bare.aclose()

    virtual(story)
