"""The transport against servers that die, stall, cut, dribble, flood and lie. Every server listens on loopback."""

from __future__ import annotations

import asyncio
import gc
import pickle
import ssl
import sys
import traceback
import tracemalloc
import warnings
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from aioresponses import aioresponses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from unified.errors import ConfigurationError, Kind, Outcome, VenueError
from unified.http import HttpRequest, HttpResponse, Method
from unified.ports import Pool, Transport
from unified.settings import TransportSettings
from unified.transport import AiohttpTransport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CANARY = "c4n4ryS3cr3t"
SHORT = 0.08
"""Seconds, where a test must see a time-out; nothing else waits."""

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers the n-th request with the n-th script: bytes, or a coroutine that has the streams to itself."""

    def __init__(self, *answers: bytes | Script) -> None:
        self._answers = list(answers)
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[bytes] = []
        self._news = asyncio.Event()
        self.connections = 0
        self.peers: list[str] = []
        self.port = 0
        self.scheme = "http"

    @property
    def base(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=tls, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        self.scheme = "https" if tls else "http"

    async def stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def asked(self, count: int) -> None:
        """Wait until so many requests have arrived."""
        while len(self.requests) < count:
            self._news.clear()
            await self._news.wait()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.peers.append(writer.get_extra_info("peername")[0])
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                self.requests.append(await _whole_request(reader))
                self._news.set()
                answer = self._answers.pop(0)
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await writer.drain()
                else:
                    await answer(reader, writer)
        writer.transport.abort()


async def _whole_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    sizes = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(sizes[0]) if sizes else 0)


async def dies(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def closes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def half_closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write_eof()
    await reader.read()


async def stalls(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


def says(data: bytes, then: Script = closes) -> Script:
    """These bytes, and then the end."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await then(reader, writer)

    return script


def forever(start: bytes, more: bytes) -> Script:
    """An answer without an end, as fast as it is taken."""

    async def script(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.transport.is_closing():
            writer.write(more)
            await writer.drain()

    return script


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@asynccontextmanager
async def serving(*answers: bytes | Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(*answers)
    await server.start(tls)
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def open_transport(**settings: Any) -> AsyncIterator[AiohttpTransport]:
    transport = AiohttpTransport(TransportSettings(**settings))
    try:
        yield transport
    finally:
        await transport.aclose()


def request(
    base: str,
    path: str = "/api/v3/order",
    query: str = "",
    method: Method = Method.GET,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> HttpRequest:
    return HttpRequest(method=method, base=base, path=path, query=query, body=body, headers=headers or {})


async def send(
    transport: Transport, what: HttpRequest | Server, timeout: float = 10.0, pool: Pool = Pool.READS
) -> HttpResponse:
    asked = request(what.base) if isinstance(what, Server) else what
    return await transport.send(asked, timeout=timeout, pool=pool)


async def failure(
    transport: Transport, what: HttpRequest | Server, timeout: float = 10.0, pool: Pool = Pool.READS
) -> VenueError:
    with pytest.raises(VenueError) as caught:
        await send(transport, what, timeout, pool)
    return caught.value


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
        await _rounds()
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
        await _rounds()
        async with session.get(server.base) as second:
            assert await second.read() == b"stale"


async def _rounds() -> None:
    """Let both ends of a loopback socket do what they have to."""
    for _ in range(20):
        await asyncio.sleep(0.001)


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


# --- what comes back


async def test_the_answer_whole() -> None:
    reply = answer(b'{"a":1}', "X-MBX-Used-Weight: 7", status="418 I'm a teapot")
    async with serving(reply) as server, open_transport() as transport:
        response = await send(transport, server)
    assert response.status == 418
    assert response.header("x-mbx-used-weight") == "7"
    assert response.body == b'{"a":1}'


async def test_times_and_age_of_the_connection() -> None:
    clock = asyncio.get_running_loop().time
    async with serving(OK, OK) as server, open_transport() as transport:
        for fresh in (True, False):
            before = clock()
            response = await send(transport, server)
            assert before <= response.sent_at <= response.received_at <= clock()
            assert response.fresh_connection is fresh


async def test_chunks_are_put_together() -> None:
    reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    async with serving(reply, OK) as server, open_transport() as transport:
        assert (await send(transport, server)).body == b"abcde"
        assert not (await send(transport, server)).fresh_connection


async def test_gzip_is_inflated() -> None:
    packed = zlib.compress(b"x" * 5000, wbits=31)
    async with serving(answer(packed, "Content-Encoding: gzip")) as server, open_transport() as transport:
        assert (await send(transport, server)).body == b"x" * 5000


BOMB = zlib.compress(bytes(60_000_000), 9, wbits=31)
HEAD_WITHOUT_END = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + bytes(0x10000) + b"\r\n"
UNUSABLE: list[Any] = [
    pytest.param(answer(BOMB, "Content-Encoding: gzip"), id="a gzip bomb"),
    pytest.param(forever(HEAD_WITHOUT_END, CHUNK), id="a body without end"),
    pytest.param(forever(b"HTTP/1.1 200 OK\r\n\r\n", bytes(0x10000)), id="a body without end or length"),
    pytest.param(answer(bytes(300_000)), id="a body larger than the limit"),
    pytest.param(answer(b"{}", "Content-Encoding: gzip"), id="gzip that is none"),
    pytest.param(answer(b"{}", "Content-Encoding: br"), id="an encoding that was not asked for"),
    pytest.param(answer(zlib.compress(b"x" * 99, wbits=31)[:-9], "Content-Encoding: gzip"), id="gzip without its end"),
    pytest.param(forever(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 100), id="a head without end"),
    pytest.param(forever(b"HTTP/1.1 200 OK\r\nA: ", b"b" * 1000), id="a header without end"),
    pytest.param(says(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"), id="too many headers"),
    pytest.param(says(b"this is not HTTP\r\n\r\n"), id="another protocol"),
    pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), id="a length that is no number"),
    pytest.param(says(HEAD_WITHOUT_END + b"ZZ\r\n"), id="a chunk size that is no number"),
    pytest.param(
        says(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), id="a change of protocol"
    ),
]


@pytest.mark.parametrize("reply", UNUSABLE)
async def test_an_unusable_answer_stops_at_the_limit_and_is_malformed(reply: bytes | Script) -> None:
    async with serving(reply) as server, open_transport(body_limit=200_000) as transport:
        tracemalloc.start()
        try:
            error = await failure(transport, request(server.base, method=Method.POST))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (error.kind, error.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)
    assert peak < 4_000_000


LOST = [
    pytest.param(dies, id="a connection that is reset"),
    pytest.param(closes, id="a connection that is closed"),
    pytest.param(half_closes, id="a connection that is half closed"),
    pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Le"), id="a head that is cut"),
    pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), id="a body that is cut"),
    pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", half_closes), id="a body, then half closed"),
    pytest.param(says(HEAD_WITHOUT_END + b"9\r\nabc"), id="a chunk that is cut"),
    pytest.param(says(HEAD_WITHOUT_END + b"3\r\nabc\r\n"), id="chunks without the last"),
]


@pytest.mark.parametrize("script", LOST)
@pytest.mark.parametrize("method", [Method.GET, Method.POST])
async def test_a_connection_that_dies_after_sending_leaves_the_outcome_unknown(script: Script, method: Method) -> None:
    async with serving(script) as server, open_transport() as transport:
        error = await failure(transport, request(server.base, method=method, body=b"x" * 10))
    assert (error.kind, error.outcome) == (Kind.CONNECTION_LOST, Outcome.UNKNOWN)


LATE = [
    pytest.param(stalls, id="no answer"),
    pytest.param(says(b"HTTP/1.1 200 OK\r\n", stalls), id="half a head"),
    pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", stalls), id="half a body"),
    pytest.param(says(HEAD_WITHOUT_END, stalls), id="a head and no chunk"),
]


@pytest.mark.parametrize("script", LATE)
async def test_an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown(script: Script) -> None:
    async with serving(script, OK) as server, open_transport() as transport:
        error = await failure(transport, request(server.base, method=Method.POST, body=b"a"), timeout=SHORT)
        assert (await send(transport, server)).fresh_connection
    assert (error.kind, error.outcome) == (Kind.REQUEST_TIMEOUT, Outcome.UNKNOWN)


async def test_dribbling_does_not_prolong_the_time() -> None:
    async def dribbles(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.transport.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.005)

    async with serving(dribbles) as server, open_transport() as transport:
        error = await failure(transport, server, timeout=SHORT)
    assert error.kind is Kind.REQUEST_TIMEOUT


# --- what never left


async def test_a_refused_connection_means_not_sent() -> None:
    async with serving() as server:
        base = server.base
    async with open_transport() as transport:
        error = await failure(transport, request(base, method=Method.POST))
    assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)


async def test_without_any_time_left_nothing_is_sent_even_on_a_warm_connection() -> None:
    async with serving(OK, OK) as server, open_transport() as transport:
        await send(transport, server)
        error = await failure(transport, request(server.base, method=Method.POST), timeout=0)
        assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
        assert len(server.requests) == 1


async def test_no_free_connection_in_time_means_not_sent() -> None:
    async with serving(stalls) as server, open_transport(connections=1) as transport:
        first = asyncio.create_task(failure(transport, server, timeout=3 * SHORT))
        await server.asked(1)
        queued = await failure(transport, request(server.base, method=Method.POST), timeout=SHORT)
        assert (queued.kind, queued.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
        assert (await first).outcome is Outcome.UNKNOWN
        assert len(server.requests) == 1


async def test_a_handshake_that_does_not_end_in_time_means_not_sent() -> None:
    hello = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1):
            hello.set()
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    base = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with open_transport() as transport:
        error = await failure(transport, request(base, method=Method.POST), timeout=SHORT)
    listener.close()
    assert hello.is_set()
    assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)


async def test_a_server_that_speaks_before_it_is_asked_gets_nothing() -> None:
    async def banner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail\r\n")
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(banner, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with open_transport() as transport:
        error = await failure(transport, request(base))
    listener.close()
    assert error.kind in (Kind.CONNECT_FAILED, Kind.MALFORMED_RESPONSE)  # whichever end is faster


# --- TLS


class Authority:
    """A certificate authority made for a test, and the server identities it issues."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's authority")])
        self.file = folder / "ca.pem"
        certificate = self._issued(self._name, self._key.public_key(), x509.BasicConstraints(ca=True, path_length=0))
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, name: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            names: x509.GeneralName = x509.IPAddress(ip_address(name))
        except ValueError:
            names = x509.DNSName(name)
        certificate = self._issued(x509.Name([]), key.public_key(), x509.SubjectAlternativeName([names]))
        file = self._folder / f"{name}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _issued(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=True)
            .sign(self._key, hashes.SHA256())
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


async def test_a_server_of_a_trusted_authority_is_spoken_to(authority: Authority) -> None:
    async with (
        serving(OK, OK, tls=authority.server("127.0.0.1")) as server,
        open_transport(ca_file=str(authority.file)) as transport,
    ):
        assert (await send(transport, server)).fresh_connection
        assert not (await send(transport, server)).fresh_connection


@pytest.mark.parametrize(
    ("name", "trusted"),
    [
        pytest.param("127.0.0.1", False, id="an authority that the system does not know"),
        pytest.param("other.example", True, id="a certificate of another host"),
    ],
)
async def test_other_servers_get_nothing(authority: Authority, name: str, trusted: bool) -> None:
    settings = {"ca_file": str(authority.file)} if trusted else {}
    async with serving(tls=authority.server(name)) as server, open_transport(**settings) as transport:
        error = await failure(transport, server)
        assert server.requests == []
    assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
    assert "certificate" in error.hint


def test_a_ca_file_that_cannot_be_read_is_a_configuration_error(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate")
    for file in (empty, tmp_path / "absent.pem"):
        with pytest.raises(ConfigurationError, match="ca_file"):
            AiohttpTransport(TransportSettings(ca_file=str(file)))


# --- cancelling and closing


async def test_a_cancelled_request_closes_its_connection_and_leaves_no_task() -> None:
    gone = asyncio.Event()

    async def late(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()
        gone.set()

    async with serving(OK, late, answer(b"yours")) as server, open_transport() as transport:
        await send(transport, server)
        before = asyncio.all_tasks()
        task = asyncio.create_task(send(transport, request(server.base, method=Method.POST, body=b"x")))
        await server.asked(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert isinstance(caught.value.__context__, (asyncio.CancelledError, type(None)))
        assert asyncio.all_tasks() == before
        await gone.wait()
        assert (await send(transport, server)).body == b"yours"


async def test_a_request_cancelled_in_the_queue_gives_its_turn_away() -> None:
    release = asyncio.Event()

    async def held(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(OK)

    async with serving(held, OK) as server, open_transport(connections=1) as transport:
        first = asyncio.create_task(send(transport, server))
        await server.asked(1)
        queued = asyncio.create_task(send(transport, request(server.base, "/never")))
        last = asyncio.create_task(send(transport, request(server.base, "/last")))
        await _rounds()
        queued.cancel()
        with pytest.raises(asyncio.CancelledError):
            await queued
        release.set()
        await asyncio.gather(first, last)
        assert [line.split(b" ")[1] for line in server.requests] == [b"/api/v3/order", b"/last"]


async def test_reads_do_not_hold_the_connections_of_orders() -> None:
    async with serving(stalls, OK) as server, open_transport(connections=1) as transport:
        slow = asyncio.create_task(send(transport, server, pool=Pool.READS))
        await server.asked(1)
        assert (await send(transport, server, pool=Pool.ORDERS)).status == 200
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow


async def test_closing_ends_what_is_under_way_and_says_whether_it_had_left() -> None:
    async with serving(stalls) as server, open_transport(connections=1) as transport:
        sent = asyncio.create_task(failure(transport, server))
        await server.asked(1)
        queued = asyncio.create_task(failure(transport, server))
        await _rounds()
        await transport.aclose()
        assert (await sent).outcome is Outcome.UNKNOWN
        assert (await queued).outcome is Outcome.NOT_SENT


async def test_a_closed_transport_stays_closed_and_says_so() -> None:
    async with serving(OK) as server, open_transport() as transport:
        await send(transport, server)
        await transport.aclose()
        await transport.aclose()
        error = await failure(transport, server)
        assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
        assert "closed" in str(error)


def test_nothing_is_left_when_the_loop_ends(authority: Authority) -> None:
    async def story() -> None:
        for tls in (None, authority.server("127.0.0.1")):
            async with serving(OK, dies, OK, stalls, tls=tls) as server:
                transport = AiohttpTransport(TransportSettings(ca_file=str(authority.file)))
                await send(transport, server)
                await failure(transport, server)
                await send(transport, server, pool=Pool.ORDERS)
                await failure(transport, server, timeout=SHORT)
                await transport.aclose()

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        asyncio.run(story())
        gc.collect()
    assert [str(warning.message) for warning in seen] == []


# --- secrets


FAILING: list[Any] = [
    pytest.param(dies, id="a connection that dies"),
    pytest.param(stalls, id="a time-out"),
    pytest.param(says(b"not HTTP\r\n\r\n"), id="an answer that is not HTTP"),
    pytest.param(says(HEAD_WITHOUT_END + b"9\r\na"), id="a body that is cut"),
    pytest.param(says(b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n"), id="a redirect"),
    pytest.param(answer(b"{}", "Content-Encoding: gzip"), id="broken gzip"),
    pytest.param(None, id="no server"),
]


@pytest.mark.parametrize("script", FAILING)
async def test_no_secret_is_in_anything_that_an_error_shows(script: Script | bytes | None) -> None:
    async with serving(*([script] if script else [])) as server, open_transport() as transport:
        secret = request(
            "http://127.0.0.1:1" if script is None else server.base,
            query=f"signature={CANARY}",
            method=Method.POST,
            body=f"passphrase={CANARY}".encode(),
            headers={"X-MBX-APIKEY": CANARY},
        )
        error = await failure(transport, secret, timeout=SHORT)
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = [str(error), repr(error), repr(error.args), repr(vars(error)), repr(pickle.dumps(error))]
    shown += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    assert CANARY not in "".join(_without_test_frames(shown))


def _without_test_frames(lines: list[str]) -> list[str]:
    """The frames of this file hold the canary by design."""
    return [line for line in lines if "test_transport.py" not in line]


# --- aiohttp's failures, played by aioresponses


class Played(aiohttp.ClientResponse):
    """What aioresponses 0.7.9 makes lacks an argument that aiohttp 3.14 wants; this is that argument."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, stream_writer=Mock(), **options)


VENUE = "https://api.venue.example"
KEY: Any = Mock(host="api.venue.example", port=443, is_ssl=True, ssl=True)
PLAYED = [
    pytest.param(TimeoutError(), Kind.REQUEST_TIMEOUT, Outcome.UNKNOWN, id="a time-out"),
    pytest.param(
        aiohttp.ServerDisconnectedError(CANARY), Kind.CONNECTION_LOST, Outcome.UNKNOWN, id="the server went away"
    ),
    pytest.param(aiohttp.ClientOSError(104, CANARY), Kind.CONNECTION_LOST, Outcome.UNKNOWN, id="a reset"),
    pytest.param(aiohttp.ClientPayloadError(CANARY), Kind.CONNECTION_LOST, Outcome.UNKNOWN, id="a body that is cut"),
    pytest.param(
        aiohttp.ClientResponseError(Mock(), (), message=CANARY),
        Kind.MALFORMED_RESPONSE,
        Outcome.UNKNOWN,
        id="an unreadable head",
    ),
    pytest.param(ValueError(CANARY), Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="something that nobody foresaw"),
    pytest.param(
        aiohttp.ClientConnectorError(KEY, OSError(111, CANARY)),
        Kind.CONNECT_FAILED,
        Outcome.NOT_SENT,
        id="a refused connection",
    ),
    pytest.param(
        aiohttp.ClientConnectorDNSError(KEY, OSError(-2, CANARY)),
        Kind.CONNECT_FAILED,
        Outcome.NOT_SENT,
        id="an unknown name",
    ),
    pytest.param(
        aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError(CANARY)),
        Kind.CONNECT_FAILED,
        Outcome.NOT_SENT,
        id="a certificate that is not trusted",
    ),
    pytest.param(
        aiohttp.ClientProxyConnectionError(KEY, OSError(111, CANARY)),
        Kind.CONNECT_FAILED,
        Outcome.NOT_SENT,
        id="a proxy that is away",
    ),
]


@pytest.mark.parametrize(("cause", "kind", "outcome"), PLAYED)
async def test_every_failure_of_aiohttp_becomes_ours(cause: Exception, kind: Kind, outcome: Outcome) -> None:
    with aioresponses() as played:
        played.post(f"{VENUE}/api/v3/order", exception=cause)
        async with open_transport() as transport:
            error = await failure(transport, request(VENUE, method=Method.POST))
    assert (error.kind, error.outcome) == (kind, outcome)
    assert error.__context__ is None
    assert CANARY not in str(error)


@pytest.mark.parametrize("status", [200, 400, 404, 418, 429, 500, 503])
async def test_a_status_is_for_the_adapter_to_judge(status: int) -> None:
    with aioresponses() as played:
        played.get(
            f"{VENUE}/api/v3/order",
            status=status,
            body=b'{"code":1}',
            headers={"Retry-After": "7"},
            response_class=Played,
        )
        async with open_transport() as transport:
            response = await send(transport, request(VENUE))
    assert (response.status, response.body, response.header("retry-after")) == (status, b'{"code":1}', "7")
