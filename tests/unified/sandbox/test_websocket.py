"""Judged by aiohttp's client, over a real socket."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.unified.sandbox.toy import Toy
from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.sandbox.server import SandboxServer
from unified.sandbox.streams import Opening, Talk
from unified.sandbox.websocket import is_upgrade


class Echo(Talk):
    def opened(self) -> list[str]:
        return ["hello"]

    def receive(self, frame: str) -> list[str]:
        return [frame]

    def pulse(self) -> list[str]:
        return []


class Streaming(Toy):
    def talk(self, opening: Opening) -> Talk | Outgoing:
        return Echo() if opening.path == "/echo" else self.overloaded(Incoming(door="main", method="GET", path="/"))


async def test_frames_of_every_size_pass_both_ways() -> None:
    dialect = Streaming(Setting(now=asyncio.get_running_loop().time))
    async with SandboxServer(dialect) as server, aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{server.urls['main']}/echo")
        assert await socket.receive_str() == "hello"
        for text in ("", "a", "b" * 125, "c" * 126, "d" * 65_535, "é" * 70_000):
            await socket.send_str(text)
            assert await socket.receive_str() == text
        await socket.ping(b"are you there")
        await socket.send_str("after a ping")
        assert await socket.receive_str() == "after a ping"
        await socket.close()


async def test_a_refused_stream_is_an_answer() -> None:
    dialect = Streaming(Setting(now=asyncio.get_running_loop().time))
    async with SandboxServer(dialect) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{server.urls['main']}/elsewhere")
    assert refused.value.status == 503


async def test_a_venue_without_streams_knows_no_such_path() -> None:
    dialect = Toy(Setting(now=asyncio.get_running_loop().time))
    talk = dialect.talk(Opening(door="main", path="/"))
    assert isinstance(talk, Outgoing)
    assert talk.status == 404


def test_only_a_wish_for_a_websocket_is_one() -> None:
    assert is_upgrade({"upgrade": "WebSocket", "sec-websocket-key": "x"})
    assert not is_upgrade({"upgrade": "h2c"})
