"""What comes back: whole, or malformed, lost or late, and never more than the limit."""

from __future__ import annotations

import asyncio
import tracemalloc
import zlib
from contextlib import suppress
from typing import Any

import pytest

from tests.unified.transport.servers import (
    CHUNK,
    HEAD_WITHOUT_END,
    OK,
    SHORT,
    Script,
    answer,
    closes,
    dies,
    failure,
    forever,
    half_closes,
    open_transport,
    request,
    says,
    send,
    serving,
    stalls,
)
from unified.errors import Kind, Outcome, VenueError
from unified.http import Method

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


CAP = 4 * 2**20


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(BOMB, "Content-Encoding: gzip"), id="a gzip bomb"),
        pytest.param(forever(HEAD_WITHOUT_END, CHUNK), id="a body without end"),
        pytest.param(answer(bytes(CAP)), id="a body as large as the cap"),
        pytest.param(
            answer(zlib.compress(bytes(CAP), wbits=31), "Content-Encoding: gzip"), id="gzip as large as the cap"
        ),
    ],
)
async def test_no_answer_takes_more_than_three_times_the_cap(reply: bytes | Script) -> None:
    async with serving(reply, OK) as server, open_transport(body_limit=CAP) as transport:
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            with suppress(VenueError):
                await send(transport, server)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak - before < 3 * CAP


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
