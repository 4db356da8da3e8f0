"""What leaves: once, byte for byte, and only to where it may go."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiohttp
import pytest

from tests.unified.transport.servers import (
    CANARY,
    OK,
    answer,
    dies,
    failure,
    open_transport,
    request,
    rounds,
    send,
    serving,
)
from unified.errors import Kind, Outcome
from unified.http import Method

# --- once


@pytest.mark.parametrize("method", list(Method))
async def test_a_request_on_a_connection_that_dies_is_sent_once(method: Method) -> None:
    async with serving(OK, dies, OK) as server, open_transport() as transport:
        await send(transport, request(server.base, "/first"))
        error = await failure(transport, request(server.base, "/second", method=method))
        await send(transport, request(server.base, "/third"))
        assert [line.split(b" ")[1] for line in server.requests] == [b"/first", b"/second", b"/third"]
        assert server.connections == 2
    assert (error.kind, error.outcome) == (Kind.CONNECTION_LOST, Outcome.UNKNOWN)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_control_aiohttp_alone_sends_it_twice(method: str) -> None:
    async with serving(OK, dies, OK) as server, aiohttp.ClientSession() as session:
        for path in ("/first", "/second"):
            async with session.request(method, server.base + path) as reply:
                await reply.read()
        assert [line.split(b" ")[1] for line in server.requests] == [b"/first", b"/second", b"/second"]


async def test_an_answer_that_nobody_asked_for_is_never_the_answer_to_the_next_request() -> None:
    unasked = asyncio.Event()

    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"mine"))
        await unasked.wait()
        writer.write(answer(b"stale"))
        await reader.read()

    async with serving(twice, answer(b"yours")) as server, open_transport() as transport:
        assert (await send(transport, server)).body == b"mine"
        unasked.set()
        await rounds()
        second = await send(transport, server)
        assert (second.body, second.fresh_connection) == (b"yours", True)
        assert len(server.requests) == 2


async def test_control_aiohttp_alone_takes_the_stale_answer_for_the_next() -> None:
    unasked = asyncio.Event()

    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"mine"))
        await unasked.wait()
        writer.write(answer(b"stale"))
        await reader.read()

    async with serving(twice, answer(b"yours")) as server, aiohttp.ClientSession() as session:
        async with session.get(server.base) as first:
            assert await first.read() == b"mine"
        unasked.set()
        await rounds()
        async with session.get(server.base) as second:
            assert await second.read() == b"stale"


# --- the bytes that leave

TARGETS = [
    pytest.param("/a%20b", "x=%2B%2f&y=a+b", id="percent-encoding keeps its spelling, upper or lower case"),
    pytest.param("/v5/order/", "symbols=[%22BTCUSDT%22]&j={a:b}", id="brackets and braces stay as they are"),
    pytest.param("/x/../y/./z", "", id="dots in a path are not resolved"),
    pytest.param("/q", "s=%E2%82%AC&t=~-._!*'()&u=%7E", id="escaped letters and marks stay as they are"),
    pytest.param("/q", "a=1&a=2&b=&c&=d", id="repeated and empty parameters keep their order"),
    pytest.param("//double//slash", "u=https://a.b/c?d=e;f", id="slashes, colons and question marks in values stay"),
    pytest.param("/q", "s=%25%00%zz", id="what is no valid escape stays too"),
]


@pytest.mark.parametrize(("path", "query"), TARGETS)
async def test_what_was_signed_is_what_leaves(path: str, query: str) -> None:
    async with serving(OK) as server, open_transport() as transport:
        await send(transport, request(server.base, path, query))
        target = f"{path}?{query}" if query else path
        assert server.requests[0].split(b"\r\n")[0] == f"GET {target} HTTP/1.1".encode()


async def test_headers_are_ours_and_the_adapters_and_nothing_else() -> None:
    async with serving(OK) as server, open_transport() as transport:
        await send(
            transport, request(server.base, method=Method.POST, body=b"a=1", headers={"X-Key": "k", "Accept": "a/b"})
        )
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        assert headers.pop("User-Agent").startswith("unified/")
        assert headers == {
            "Host": f"127.0.0.1:{server.port}",
            "Accept": "a/b",
            "Accept-Encoding": "gzip",
            "X-Key": "k",
            "Content-Length": "3",
        }
        assert body == b"a=1"


@pytest.mark.parametrize("method", [Method.GET, Method.DELETE])
async def test_a_body_travels_with_any_method(method: Method) -> None:
    async with serving(OK) as server, open_transport() as transport:
        await send(transport, request(server.base, method=method, body=b'{"a":1}'))
        assert server.requests[0].endswith(b'\r\n\r\n{"a":1}')


async def test_cookies_are_neither_kept_nor_sent() -> None:
    async with serving(answer(b"{}", "Set-Cookie: a=b"), OK) as server, open_transport() as transport:
        named = request(server.base.replace("127.0.0.1", "localhost"))  # cookie jars ignore bare addresses
        await send(transport, named)
        await send(transport, named)
        assert b"ookie" not in server.requests[1]


UNSENDABLE = [
    pytest.param({"path": "order"}, id="a path without its slash, which could change the host"),
    pytest.param({"path": "@evil.test/"}, id="a path that makes the host a user name"),
    pytest.param({"path": "/a b"}, id="a space in the path"),
    pytest.param({"path": "/a?b=c"}, id="a query in the path"),
    pytest.param({"query": "a=1\r\nX-Evil: 1"}, id="a line break in the query"),
    pytest.param({"query": "a=1#b"}, id="a fragment, which would be cut off"),
    pytest.param({"query": "a=\u20ac"}, id="a letter that was not encoded"),
    pytest.param({"headers": {"X-Key": "a\r\nX-Evil: 1"}}, id="a line break in a header"),
    pytest.param({"headers": {"X-Key": "\u20ac"}}, id="a letter beyond ASCII in a header"),
]


@pytest.mark.parametrize("parts", UNSENDABLE)
async def test_what_cannot_be_sent_as_it_stands_is_not_sent(parts: dict[str, Any]) -> None:
    async with serving() as server, open_transport() as transport:
        error = await failure(transport, request(server.base, **parts))
        assert (error.kind, error.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)
        assert server.connections == 0


# --- where it goes


@pytest.mark.parametrize("base", ["http://api.example.com", "https://user:pass@example.com", "ftp://127.0.0.1", ""])
async def test_addresses_that_may_not_be_used_get_nothing(base: str) -> None:
    async with open_transport() as transport:
        error = await failure(transport, request(base))
    assert (error.kind, error.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    async with serving() as target:
        moved = answer(b"", f"Location: {target.base}/{CANARY}", status=f"{status} Moved")
        async with serving(moved) as server, open_transport() as transport:
            error = await failure(transport, server)
        assert target.connections == 0
    assert (error.kind, error.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)
    assert error.fault.http_status == status
    assert str(status) in str(error)
    assert "127.0.0.1" in str(error)
    assert CANARY not in str(error)


async def test_a_proxy_gets_the_request_instead_of_the_host() -> None:
    async with serving(OK) as proxy, open_transport(proxy=proxy.base) as transport:
        await send(transport, request("http://127.0.0.1:9", "/a", "b=%2B"))
        assert proxy.requests[0].startswith(b"GET http://127.0.0.1:9/a?b=%2B HTTP/1.1\r\n")


async def test_a_proxy_that_refuses_the_tunnel_means_not_sent() -> None:
    refusal = answer(b"", status="407 Proxy Authentication Required")
    async with serving(refusal) as proxy:
        secret = proxy.base.replace("//", f"//user:{CANARY}@")
        async with open_transport(proxy=secret) as transport:
            error = await failure(transport, request("https://127.0.0.1:9", query=f"signature={CANARY}"))
            assert CANARY not in repr(transport._settings)
        assert proxy.requests[0].startswith(b"CONNECT 127.0.0.1:9 ")
        assert CANARY.encode() not in proxy.requests[0]
    assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
    assert CANARY not in str(error)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 on its loopback")
async def test_the_source_address_is_the_one_that_was_set() -> None:
    async with serving(OK) as server, open_transport(source_address="127.0.0.2") as transport:
        await send(transport, server)
        assert server.peers == ["127.0.0.2"]
