"""Against real loopback sockets."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.unified.sandbox.test_websocket import Streaming
from unified import sockets
from unified.errors import Kind, Outcome, VenueError
from unified.sandbox.dialect import Setting
from unified.sandbox.server import SandboxServer
from unified.sandbox.stream_faults import StreamMishap
from unified.sockets import AiohttpDialer


def address(server: SandboxServer, path: str = "/echo") -> str:
    return server.urls["main"].replace("http", "ws") + path


async def test_frames_go_out_and_come_in() -> None:
    async with SandboxServer(Streaming(Setting(now=asyncio.get_running_loop().time))) as server:
        dialer = AiohttpDialer()
        socket = await dialer.connect(address(server), timeout=5.0)
        assert await socket.receive() == "hello"
        await socket.send("you")
        assert await socket.receive() == "you"
        await socket.ping()
        await socket.aclose()
        await socket.aclose()
        await dialer.aclose()


async def test_a_reset_is_a_lost_connection() -> None:
    async with SandboxServer(Streaming(Setting(now=asyncio.get_running_loop().time))) as server:
        dialer = AiohttpDialer()
        socket = await dialer.connect(address(server), timeout=5.0)
        await socket.receive()
        server.streams.strike(StreamMishap.DISCONNECTED)
        await socket.send("the last word")
        with pytest.raises(VenueError) as lost:
            await socket.receive()
        assert lost.value.kind is Kind.CONNECTION_LOST
        with pytest.raises(VenueError):
            await socket.send("too late")
        await dialer.aclose()


async def test_a_frame_beyond_all_measure_ends_the_connection_and_no_compression_is_agreed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So a frame holds no more than its own bytes, and those are bounded."""
    monkeypatch.setattr(sockets, "LARGEST_FRAME", 1000)
    agreed: list[bool] = []

    async def endless(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=True)
        await socket.prepare(request)
        agreed.append(bool(socket.compress))
        for size in (100, 10_000):
            await socket.send_str("x" * size)
        return socket

    app = web.Application()
    app.router.add_get("/", endless)
    async with TestServer(app) as server:
        dialer = AiohttpDialer()
        socket = await dialer.connect(str(server.make_url("/")).replace("http", "ws"), timeout=5.0)
        assert await socket.receive() == "x" * 100
        with pytest.raises(VenueError) as lost:
            await socket.receive()
        assert lost.value.kind is Kind.CONNECTION_LOST
        await socket.aclose()
        await dialer.aclose()
    assert agreed == [False]


async def test_a_frame_that_would_become_too_many_values_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "LARGEST_FRAME", 10_000)
    frames = [f'"{"x" * 9_000}"', f"[{'[],' * 1_000}0]"]

    async def heavy(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for frame in frames:
            await socket.send_str(frame)
        return socket

    app = web.Application()
    app.router.add_get("/", heavy)
    async with TestServer(app) as server:
        dialer = AiohttpDialer()
        socket = await dialer.connect(str(server.make_url("/")).replace("http", "ws"), timeout=5.0)
        assert await socket.receive() == frames[0]
        with pytest.raises(VenueError, match="too many values"):
            await socket.receive()
        await socket.aclose()
        await dialer.aclose()


@pytest.mark.parametrize("path", ["/elsewhere", None], ids=["refused", "nobody there"])
async def test_what_never_connected_was_not_sent(path: str | None) -> None:
    async with SandboxServer(Streaming(Setting(now=asyncio.get_running_loop().time))) as server:
        dialer = AiohttpDialer()
        with pytest.raises(VenueError) as failed:
            await dialer.connect("ws://127.0.0.1:9/" if path is None else address(server, path), timeout=5.0)
        assert (failed.value.kind, failed.value.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
        await dialer.aclose()
