from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest

from tests.unified.sandbox.toy import Toy, signature
from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.sandbox.faults import Fate, FaultPlan, Mishap, Profile
from unified.sandbox.ledger import AttemptRecord, Verdict, digest_of
from unified.sandbox.server import SandboxServer
from unified.testing.loop import run


class Doomed(FaultPlan):
    """A plan that gives every arrival the same fate."""

    def __init__(self, mishap: Mishap) -> None:
        super().__init__()
        self._always = mishap

    def fate(self, route: str, *, is_time: bool) -> Fate:
        return Fate(mishap=self._always, delay_s=0.02, retry_after=1.0)


def toy() -> Toy:
    return Toy(Setting(now=time.monotonic))


def order_body(name: str, price: str = "59000") -> bytes:
    return json.dumps({"symbol": "BTC-USD", "side": "buy", "price": price, "quantity": "0.1", "id": name}).encode()


def signed(dialect: Toy, method: str, path: str, body: bytes = b"") -> dict[str, str]:
    stamp = str(dialect.now_ms)
    return {"X-Time": stamp, "X-Sign": signature(stamp, method, path, body)}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        opened._retry_connection = False
        yield opened


async def place(session: aiohttp.ClientSession, server: SandboxServer, name: str) -> tuple[int, Any]:
    body = order_body(name)
    headers = signed(_toy_of(server), "POST", "/orders", body)
    async with session.post(server.urls["main"] + "/orders", data=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


def _toy_of(server: SandboxServer) -> Toy:
    assert isinstance(server.dialect, Toy)
    return server.dialect


async def test_a_client_places_sees_and_cancels_an_order(session: aiohttp.ClientSession) -> None:
    async with SandboxServer(toy()) as server:
        assert (await place(session, server, "one"))[1]["status"] == "new"
        for method, status in (("GET", "new"), ("DELETE", "canceled")):
            headers = signed(_toy_of(server), method, "/orders/one")
            async with session.request(method, server.urls["main"] + "/orders/one", headers=headers) as answer:
                assert (await answer.json())["status"] == status
        assert server.ledger.verdict().orders == 1


async def test_one_connection_serves_many_requests() -> None:
    async with SandboxServer(toy()) as server:
        reader, writer = await _connect(server)
        for _ in range(3):
            writer.write(b"GET /time HTTP/1.1\r\nHost: toy\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"connection: keep-alive" in head
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
        writer.close()


async def test_a_client_that_wants_the_connection_closed_gets_that() -> None:
    async with SandboxServer(toy()) as server:
        reader, writer = await _connect(server)
        writer.write(b"GET /time HTTP/1.1\r\nHost: toy\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).endswith(b"}")
        writer.close()


async def test_a_body_in_chunks_is_put_together() -> None:
    dialect = toy()
    async with SandboxServer(dialect) as server:
        reader, writer = await _connect(server)
        body = order_body("chunked")
        head = "".join(f"{name}: {value}\r\n" for name, value in signed(dialect, "POST", "/orders", body).items())
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:10], body[10:]))
        writer.write(
            f"POST /orders HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n{head}\r\n".encode()
        )
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(chunks + b"0\r\n\r\n")
        assert (await reader.readuntil(b"\r\n")) == b"HTTP/1.1 200 OK\r\n"
        writer.close()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"nonsense\r\n\r\n", id="a first line of one word"),
        pytest.param(b"GET / HTTP/1.1\r\nno colon\r\n\r\n", id="a header without a colon"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", id="a length that is no number"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", id="a body that is too large"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", id="a chunk without a size"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", id="a chunk of negative size"),
    ],
)
async def test_what_is_not_http_closes_the_connection(raw: bytes) -> None:
    async with SandboxServer(toy()) as server:
        reader, writer = await _connect(server)
        writer.write(raw)
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    ("mishap", "orders"),
    [
        pytest.param(Mishap.LOST_REQUEST, 0, id="a reset before it ran"),
        pytest.param(Mishap.LOST_ANSWER, 1, id="a reset after it ran"),
        pytest.param(Mishap.HALF_CLOSED, 1, id="a half-closed connection"),
        pytest.param(Mishap.RESET_IN_ANSWER, 1, id="a reset in the middle of the answer"),
    ],
)
async def test_a_broken_connection_shows_the_client_nothing_whole(
    session: aiohttp.ClientSession, mishap: Mishap, orders: int
) -> None:
    async with SandboxServer(toy(), Doomed(mishap)) as server:
        with pytest.raises(aiohttp.ClientError):
            await place(session, server, "one")
        assert server.ledger.verdict().orders == orders


@pytest.mark.parametrize(
    ("mishap", "status", "body", "orders"),
    [
        pytest.param(Mishap.ERROR, 503, b'{"error":"overloaded"}', 0, id="the venue's error before it ran"),
        pytest.param(Mishap.ERROR_AFTER, 503, b'{"error":"overloaded"}', 1, id="the same error after it ran"),
        pytest.param(Mishap.THROTTLED, 429, b'{"error":"throttled"}', 0, id="a throttle"),
        pytest.param(Mishap.EMPTY_BODY, 200, b"", 1, id="an empty body"),
        pytest.param(Mishap.LATE, 200, None, 1, id="a late arrival"),
        pytest.param(Mishap.SLOW_ANSWER, 200, None, 1, id="a slow answer"),
    ],
)
async def test_a_mishap_with_an_answer_shows_the_venues_form(
    session: aiohttp.ClientSession, mishap: Mishap, status: int, body: bytes | None, orders: int
) -> None:
    async with SandboxServer(toy(), Doomed(mishap)) as server:
        raw = order_body("one")
        headers = signed(_toy_of(server), "POST", "/orders", raw)
        async with session.post(server.urls["main"] + "/orders", data=raw, headers=headers) as answer:
            assert answer.status == status
            assert body in (None, await answer.read())
        assert server.ledger.verdict().orders == orders


class Broken(Toy):
    """A dialect with a fault of its own."""

    def time(self, _incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        raise LookupError("a fault in the dialect")

    def handle(self, incoming: Incoming) -> Outgoing:
        return self.time(incoming, {})


async def test_a_failing_dialect_is_told_at_the_end(session: aiohttp.ClientSession) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with (
            SandboxServer(Broken(Setting(now=time.monotonic))) as server,
            session.get(server.urls["main"] + "/time") as answer,
        ):
            assert answer.status == 500
    assert isinstance(caught.value.exceptions[0], LookupError)


async def test_the_end_of_the_server_ends_what_it_still_serves(session: aiohttp.ClientSession) -> None:
    async with SandboxServer(toy(), Doomed(Mishap.NONE)) as server:
        reader, writer = await _connect(server)
    with pytest.raises(ConnectionError):
        await asyncio.open_connection(*_address(server))
    assert await reader.read() == b""
    writer.close()


async def test_limits_count_over_real_sockets(session: aiohttp.ClientSession) -> None:
    async with SandboxServer(toy()) as server:
        statuses = []
        for _ in range(101):
            async with session.get(server.urls["main"] + "/time") as answer:
                statuses.append(answer.status)
        assert statuses.count(200) in (100, 101)
        assert server.ledger.verdict().limit_violations == statuses.count(429)


def _address(server: SandboxServer) -> tuple[str, int]:
    host, port = server.urls["main"].removeprefix("http://").split(":")
    return host, int(port)


async def _connect(server: SandboxServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*_address(server))


async def _storm() -> tuple[Counter[str], Verdict]:
    """Ten minutes of orders over real sockets and everything that can go wrong, in virtual time."""
    dialect = Toy(Setting(now=asyncio.get_running_loop().time))
    seen: Counter[str] = Counter()
    attempts: list[AttemptRecord] = []
    async with SandboxServer(dialect, FaultPlan(Profile.HARSH, 5)) as server, aiohttp.ClientSession() as session:
        session._retry_connection = False
        for number in range(300):
            body = order_body(str(number))
            attempts.append(AttemptRecord("POST", "/orders", digest_of("", body)))
            try:
                async with asyncio.timeout(2.5):
                    seen[str((await place(session, server, str(number)))[0])] += 1
            except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as error:
                seen[type(error).__name__] += 1
            await asyncio.sleep(1)
        return seen, server.ledger.verdict(attempts=attempts)


def test_a_storm_over_real_sockets_hides_no_request_and_leaves_nothing_open() -> None:
    seen, verdict = run(_storm())
    assert (verdict.requests, verdict.unattributed_requests) == (300, 0)
    assert {"200", "418", "429", "503", "TimeoutError", "JSONDecodeError"} <= set(seen)
    assert seen["ClientOSError"] + seen["ServerDisconnectedError"] > 0
    assert 150 < verdict.orders < 300
