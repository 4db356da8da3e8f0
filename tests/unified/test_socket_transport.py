"""Requests over sockets through a client's own parts: the toy venue with a line for orders."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from tests.toy import Toy, Wire, placed, virtual, world
from tests.toy_entry import entry_line, request
from tests.toy_stream import ToyDialer
from unified.adapter import Environment, StreamHost
from unified.config import ClientConfig
from unified.entry import Entry
from unified.errors import Kind, Outcome, VenueError
from unified.hooks import StreamChange
from unified.http import HttpRequest, HttpResponse, Method
from unified.ports import Pool
from unified.settings import OrderSettings
from unified.socket_transport import SocketTransport
from unified.wiring import Parts, assemble


class SocketToy(Toy):
    """The toy venue, which takes orders over a socket too."""

    environments: ClassVar[Mapping[str, Environment]] = {
        "production": Environment(
            name="production",
            hosts={"main": "http://127.0.0.1:1"},
            streams={"toy": StreamHost(base="wss://toy", door="main")},
            real_money=False,
        )
    }
    entry = Entry(lines=(entry_line(login=True, silence=1000.0),))


class Stage:
    def __init__(self, failures: int = 0) -> None:
        self.dialer, self.wire = ToyDialer(failures), Wire()
        config = ClientConfig(adapter=SocketToy, orders=OrderSettings(entry="socket"))
        self.parts: Parts = assemble(config, self.wire, world(), dialer=self.dialer)
        assert isinstance(self.parts.transport, SocketTransport)
        self.transport = self.parts.transport
        self.events: list[StreamChange] = []
        self.parts.hooks.on_stream.add(lambda event: self.events.append(event.change))

    def send(self, body: str = "buy", seconds: float = 5.0) -> asyncio.Task[HttpResponse]:
        return asyncio.create_task(self.transport.send(request(body), timeout=seconds, pool=Pool.ORDERS))

    async def aclose(self) -> None:
        await self.transport.aclose()
        await self.parts.access.aclose()


async def failure(sent: asyncio.Task[Any]) -> VenueError:
    with pytest.raises(VenueError) as caught:
        await sent
    return caught.value


def test_the_first_request_connects_and_all_share_the_connection() -> None:
    async def story() -> None:
        stage = Stage()
        assert not stage.dialer.sockets
        first, second = stage.send("buy"), stage.send("sell")
        await asyncio.sleep(0.5)
        (socket,) = stage.dialer.sockets
        assert [words[0] for words in socket.sent] == ["login", "ask", "ask"]
        socket.say("did", 2, "sold")
        socket.say("did", 1, "bought")
        socket.say("did", 1, "bought")
        assert ((await first).body, (await second).body) == (b"bought", b"sold")
        await asyncio.sleep(0.1)
        assert stage.events == [StreamChange.CONNECTED, StreamChange.STRAY], "the answer that came twice"
        await stage.aclose()
        assert socket.closed

    virtual(story)


def test_what_is_no_request_for_a_socket_goes_over_http() -> None:
    async def story() -> None:
        stage = Stage()
        stage.wire.on("get_order", placed())
        asked = HttpRequest(method=Method.POST, base="http://127.0.0.1:1", path="/get_order", body=b"{}")
        assert (await stage.transport.send(asked, timeout=1.0, pool=Pool.READS)).status == 200
        assert not stage.dialer.sockets
        await stage.aclose()
        assert stage.wire.closed

    virtual(story)


def test_no_connection_means_not_sent_and_the_next_request_may_find_one() -> None:
    async def story() -> None:
        stage = Stage(failures=1)
        error = await failure(stage.send())
        assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
        again = stage.send()
        await asyncio.sleep(1)
        (socket,) = stage.dialer.sockets
        socket.say("did", 1, "done")
        assert (await again).body == b"done"
        await stage.aclose()

    virtual(story)


def test_a_connection_that_takes_too_long_means_not_sent() -> None:
    async def story() -> None:
        stage = Stage()
        stage.dialer.answers = False
        error = await failure(stage.send(seconds=1.0))
        assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
        await stage.aclose()

    virtual(story)


def test_a_refused_login_is_what_the_request_meets_and_is_tried_again_only_when_asked() -> None:
    async def story() -> None:
        stage = Stage()
        stage.dialer.answers = False
        for number in range(2):
            sent = stage.send()
            await asyncio.sleep(1)
            stage.dialer.sockets[number].say("out", "bad_credentials")
            error = await failure(sent)
            assert (error.kind, error.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)
            await asyncio.sleep(60)
            assert len(stage.dialer.sockets) == number + 1
        await stage.aclose()

    virtual(story)


def test_a_lost_connection_makes_unknown_what_had_left_and_the_next_begins_at_once() -> None:
    async def story() -> None:
        stage = Stage()
        one = stage.send()
        await asyncio.sleep(0.5)
        stage.dialer.sockets[0].die()
        error = await failure(one)
        assert (error.kind, error.outcome) == (Kind.CONNECTION_LOST, Outcome.UNKNOWN)
        two = stage.send()
        await asyncio.sleep(1)
        stage.dialer.sockets[1].say("did", 1, "done")
        assert (await two).body == b"done"
        assert stage.events == [StreamChange.CONNECTED, StreamChange.LOST, StreamChange.CONNECTED]
        await stage.aclose()

    virtual(story)


@pytest.mark.parametrize("words", [("end",), ("over", 1)], ids=["an announced end", "a login that is over"])
def test_requests_go_over_to_a_new_connection_while_the_old_one_is_drained(words: tuple[Any, ...]) -> None:
    async def story() -> None:
        stage = Stage()
        one, two = stage.send("one"), stage.send("two")
        await asyncio.sleep(0.5)
        old = stage.dialer.sockets[0]
        old.say(*words)
        three = stage.send("three")
        await asyncio.sleep(1)
        new = stage.dialer.sockets[1]
        assert new.sent[-1][2] == "three"
        assert not old.closed, "an answer is still to come"
        old.say("did", 1, "done")
        old.say("did", 2, "done")
        new.say("did", 1, "done")
        assert (await one).body in (b"done", b"log in")
        assert (await two).body == (await three).body == b"done"
        await asyncio.sleep(1)
        assert old.closed
        await stage.aclose()

    virtual(story)


def test_closing_ends_what_waits_and_what_is_under_way() -> None:
    async def story() -> None:
        stage = Stage()
        under_way = stage.send()
        await asyncio.sleep(0.5)
        await stage.aclose()
        assert (await failure(under_way)).outcome is Outcome.UNKNOWN
        assert (await failure(stage.send())).outcome is Outcome.NOT_SENT
        await stage.aclose()

    virtual(story)
