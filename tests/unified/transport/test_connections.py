"""What never left, who waits for whom, and what cancelling and closing do."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest

from tests.unified.transport.servers import (
    OK,
    SHORT,
    Authority,
    answer,
    dies,
    failure,
    open_transport,
    request,
    rounds,
    send,
    serving,
    stalls,
)
from unified.errors import Kind, Outcome
from unified.http import Method
from unified.ports import Pool
from unified.settings import TransportSettings
from unified.transport import AiohttpTransport

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
        await rounds()
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
        await rounds()
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
