from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.toy import virtual
from tests.toy_stream import BOOK, TICKER, Ears, ToyDialer, line, means
from unified.errors import Kind, VenueError
from unified.hooks import StreamChange
from unified.retry import RetryBudget
from unified.stream import Session, first_with_room
from unified.watches import WatchBook


class Stage:
    def __init__(self, failures: int = 0, **changes: Any) -> None:
        self.dialer, self.ears = ToyDialer(failures), Ears()
        self.shown: list[StreamChange] = []
        self.session = Session(
            line(**changes), "wss://toy", "main", means(self.dialer), self.ears, RetryBudget(), self.show
        )

    def show(self, change: StreamChange, _reason: str, _error: VenueError | None) -> None:
        self.shown.append(change)


def test_a_lost_connection_is_made_again_with_everything_that_is_watched() -> None:
    async def story() -> None:
        stage = Stage()
        stage.session.add(BOOK)
        stage.session.add(TICKER)
        await asyncio.sleep(0.5)
        stage.dialer.sockets[0].die()
        await asyncio.sleep(2)
        assert len(stage.dialer.sockets) == 2
        assert sorted(words[1] for words in stage.dialer.sockets[1].sent) == sorted([BOOK.name, TICKER.name])
        assert stage.shown == [StreamChange.CONNECTED, StreamChange.LOST, StreamChange.CONNECTED]
        await stage.session.aclose()
        assert stage.dialer.sockets[1].closed

    virtual(story)


def test_attempts_to_connect_back_off() -> None:
    async def story() -> None:
        stage = Stage(failures=8)
        stage.session.add(TICKER)
        await asyncio.sleep(120)
        at = stage.dialer.tried_at
        assert len(at) == 9 + len(stage.dialer.sockets) - 1
        assert at[8] - at[0] > 2.0, "pauses grow"
        await stage.session.aclose()

    virtual(story)


@pytest.mark.parametrize("announced", [True, False], ids=["an announced end", "the end of its life"])
def test_a_planned_end_is_bridged_make_before_break(announced: bool) -> None:
    async def story() -> None:
        stage = Stage(lifetime=None if announced else 100.0, silence=1000.0)
        stage.session.add(BOOK)
        await asyncio.sleep(11)
        if announced:
            stage.dialer.sockets[0].say("end")
        await asyncio.sleep(0.01 if announced else 78)
        assert len(stage.dialer.sockets) == (2 if announced else 1)
        await asyncio.sleep(3)
        old, new = stage.dialer.sockets
        assert old.closed
        assert not new.closed
        assert ("book", 10) in stage.ears.heard[2:], "the new one was complete"
        assert stage.shown == [StreamChange.CONNECTED, StreamChange.RENEWED]
        await stage.session.aclose()

    virtual(story)


def test_the_old_connection_stays_until_the_new_one_is_complete() -> None:
    async def story() -> None:
        stage = Stage(silence=1000.0)
        stage.session.add(BOOK)
        await asyncio.sleep(1)
        stage.dialer.answers = False
        stage.dialer.sockets[0].say("end")
        await asyncio.sleep(2)
        old, new = stage.dialer.sockets
        assert not old.closed
        new.say("ok", BOOK.name)
        new.say("book", 20, [["100", "1"]], [["101", "2"]])
        await asyncio.sleep(0.2)
        assert old.closed
        await stage.session.aclose()

    virtual(story)


def test_a_close_code_that_is_final_is_told_and_not_tried_again() -> None:
    async def story() -> None:
        stage = Stage(terminal=frozenset({1006}))
        stage.session.add(TICKER)
        await asyncio.sleep(1)
        stage.dialer.sockets[0].die()
        await asyncio.sleep(60)
        assert len(stage.dialer.sockets) == 1
        assert ("refused", TICKER.name, Kind.CONNECTION_LOST) in stage.ears.heard
        await stage.session.aclose()

    virtual(story)


def test_a_session_has_room_up_to_its_bound_and_for_one_depth_of_a_book() -> None:
    async def story() -> None:
        stage = Stage(most_watches=2)
        assert first_with_room([stage.session], BOOK) is stage.session
        stage.session.add(BOOK)
        assert not stage.session.has_room(WatchBook(instrument=BOOK.instrument, depth=50))
        assert stage.session.has_room(TICKER)
        stage.session.add(TICKER)
        assert first_with_room([stage.session], TICKER) is None
        await stage.session.aclose()

    virtual(story)
