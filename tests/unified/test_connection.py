"""The life of a connection; what goes over it is tested in test_link and test_asking."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from attrs import evolve

from tests.toy import virtual
from tests.toy_entry import ToyEntry, entry_line
from tests.toy_stream import ToyDialer, means
from unified.connection import Connection
from unified.errors import Kind, VenueError


def connection(dialer: ToyDialer, **changes: Any) -> Connection:
    return Connection(entry_line(**changes), ToyEntry(), "wss://toy", "main", means(dialer))


def test_it_opens_logs_in_pings_and_answers_what_must_be_sent_back() -> None:
    async def story() -> None:
        dialer = ToyDialer()
        one = connection(dialer, login=True, ping_every=2.0, silence=60.0)
        await one.open()
        (socket,) = dialer.sockets
        socket.say("say", '["pong"]')
        await asyncio.sleep(4.5)
        assert socket.sent == [["login"], ["pong"], ["ping"], ["ping"]]
        assert not one.over.done()
        await one.aclose()
        assert socket.closed

    virtual(story)


def test_silence_ends_it_and_a_frame_of_any_kind_is_a_sign_of_life() -> None:
    async def story() -> None:
        dialer = ToyDialer()
        one = connection(dialer, silence=5.0)
        await one.open()
        await asyncio.sleep(4.0)
        dialer.sockets[0].say("pong")
        await asyncio.sleep(4.0)
        assert not one.over.done()
        await asyncio.sleep(2.0)
        assert one.over.result().kind is Kind.CONNECTION_LOST
        await one.aclose()

    virtual(story)


@pytest.mark.parametrize(
    ("kind", "doubted"), [(Kind.TIMESTAMP_OUT_OF_WINDOW, ["main"]), (Kind.BAD_CREDENTIALS, [])], ids=str
)
def test_a_refused_login_is_raised_and_one_for_the_time_doubts_the_clock(kind: Kind, doubted: list[str]) -> None:
    async def story() -> None:
        dialer = ToyDialer()
        dialer.answers = False
        doors: list[str] = []
        able = evolve(means(dialer), doubt=lambda door, _at: doors.append(door))
        one = Connection(entry_line(login=True), ToyEntry(), "wss://toy", "main", able)
        opening = asyncio.create_task(one.open())
        await asyncio.sleep(0.1)
        dialer.sockets[0].say("out", kind)
        with pytest.raises(VenueError) as caught:
            await opening
        assert caught.value.kind is kind
        assert doors == doubted
        await one.aclose()

    virtual(story)


def test_an_announced_end_is_noted_and_ends_nothing_yet() -> None:
    async def story() -> None:
        dialer = ToyDialer()
        one = connection(dialer)
        await one.open()
        dialer.sockets[0].say("end")
        await asyncio.sleep(0.1)
        assert one.ending.is_set()
        assert not one.over.done()
        await one.aclose()

    virtual(story)
