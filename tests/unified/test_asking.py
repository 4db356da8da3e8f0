from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.toy import virtual
from tests.toy_entry import Room, request
from unified.adapter import Charge
from unified.errors import Kind, Outcome, VenueError
from unified.http import HttpResponse
from unified.sockets import lost


def now() -> float:
    return asyncio.get_running_loop().time()


async def failure(asked: asyncio.Task[HttpResponse]) -> VenueError:
    with pytest.raises(VenueError) as caught:
        await asked
    return caught.value


async def opened(**changes: Any) -> tuple[Room, Any]:
    room = Room(**changes)
    await room.asking.open()
    return room, room.dialer.sockets[0]


def asked(room: Room, body: str = "buy", seconds: float = 2.0) -> asyncio.Task[HttpResponse]:
    return asyncio.create_task(room.asking.ask(request(body), now() + seconds))


def test_answers_find_their_requests_by_number_in_any_order() -> None:
    async def story() -> None:
        room, socket = await opened(login=True)
        first, second = asked(room, "buy"), asked(room, "sell")
        await asyncio.sleep(0.1)
        assert socket.sent == [["login"], ["ask", 1, "buy", None], ["ask", 2, "sell", None]]
        socket.say("did", 2, "sold")
        await asyncio.sleep(0.1)
        socket.say("did", 1, "bought")
        assert ((await first).body, (await second).body) == (b"bought", b"sold")
        response = await first
        assert response.status == 200
        assert response.received_at - response.sent_at == pytest.approx(0.2, abs=0.01)
        await room.asking.aclose()

    virtual(story)


def test_late_doubled_and_foreign_answers_are_dropped_and_told_of() -> None:
    async def story() -> None:
        room, socket = await opened()
        one = asked(room)
        await asyncio.sleep(0.1)
        for words in (("did", 1, "first"), ("did", 1, "again"), ("did", 77, "whose?")):
            socket.say(*words)
        assert (await one).body == b"first"
        await asyncio.sleep(0.1)
        assert room.strays == [1, 77]
        given_up = asked(room)
        await asyncio.sleep(0.1)
        given_up.cancel()
        socket.say("did", 2, "late")
        await asyncio.sleep(0.1)
        assert given_up.cancelled()
        assert room.strays == [1, 77, 2]
        await room.asking.aclose()

    virtual(story)


@pytest.mark.parametrize("how", ["the line goes dead", "we close it", "the frame cannot be handed over"])
def test_what_has_left_when_the_connection_ends_is_unknown(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        room, socket = await opened()
        if how == "the frame cannot be handed over":

            async def refuse(_frame: str) -> None:
                raise lost(1006)

            monkeypatch.setattr(socket, "send", refuse)
        one = asked(room)
        await asyncio.sleep(0.1)
        if how == "the line goes dead":
            socket.die()
        elif how == "we close it":
            await room.asking.aclose()
        error = await failure(one)
        assert (error.kind, error.outcome) == (Kind.CONNECTION_LOST, Outcome.UNKNOWN)
        assert room.asking.over.done()
        await room.asking.aclose()

    virtual(story)


def test_what_has_not_left_is_not_sent() -> None:
    async def story() -> None:
        room, socket = await opened(most_under_way=1)
        first, second = asked(room), asked(room, seconds=1.0)
        error = await failure(second)
        assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT), "no turn came"
        assert len(socket.sent) == 1, "one under way at a time"
        socket.say("did", 1, "done")
        await first
        assert (await failure(asked(room, seconds=0.0))).outcome is Outcome.NOT_SENT, "no time was left"
        socket.die()
        await asyncio.sleep(0.1)
        assert (await failure(asked(room))).outcome is Outcome.NOT_SENT, "the connection had ended"
        assert len(socket.sent) == 1
        await room.asking.aclose()

    virtual(story)


def test_an_answer_that_stays_away_is_unknown_and_a_dead_connection_is_left() -> None:
    async def story() -> None:
        room, socket = await opened(ping_every=0.5)
        one = asked(room, seconds=1.2)
        await asyncio.sleep(1.0)
        socket.say("pong")
        error = await failure(one)
        assert (error.kind, error.outcome) == (Kind.REQUEST_TIMEOUT, Outcome.UNKNOWN)
        assert not room.asking.over.done(), "something came: only this answer is missing"
        assert (await failure(asked(room, seconds=1.2))).outcome is Outcome.UNKNOWN
        assert room.asking.over.done(), "nothing at all came"
        await room.asking.aclose()

    virtual(story)


def test_requests_count_for_their_connection_and_pay_by_their_endpoints() -> None:
    async def story() -> None:
        room, socket = await opened(frame=(Charge("frames"),), frame_weight=(Charge("weight", 2),))
        one = asked(room)
        await asyncio.sleep(0.1)
        socket.say("did", 1, "done")
        await one
        (((own),),) = room.spent
        assert (own.bucket, bool(own.key)) == ("frames", True)
        await room.asking.aclose()

    virtual(story)


def test_a_connection_is_drained_when_nothing_is_under_way() -> None:
    async def story() -> None:
        room, socket = await opened()
        await room.asking.drained(5.0)
        began = now()
        one = asked(room)
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(1.0, socket.say, "did", 1, "done")
        await room.asking.drained(5.0)
        assert now() - began == pytest.approx(1.0, abs=0.1)
        await one
        await room.asking.aclose()

    virtual(story)
