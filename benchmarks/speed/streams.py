"""What streams cost: deltas of books against other people's handlers, tickers against a bare socket, memory.

Books are fed with frames made before (`frames.py`), decoding included, by whoever is compared, in turns; what counts is
CPU time. The venues whose books are cut or summed after each frame cost us more: others do not verify Kraken's
checksums by default, we always do. Tickers come over a real socket on loopback, from a process of its own.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from statistics import median

import aiohttp
import orjson

from benchmarks.speed import feeding, frames
from benchmarks.speed.row import Effort, Row, at_least, at_most, bounded
from benchmarks.speed.venue import spawned
from unified.consumers import Newest
from unified.errors import VenueError
from unified.sockets import AiohttpDialer
from unified.watcher import _news
from unified.watches import WatchTicker

AHEAD = 3.0
TICKER = 1.5
BOOKS = 500
BOOKS_MIB = 150.0
_CYCLE = 2_000
"""Deltas of one story, told again and again from its snapshot on."""
_PACE_S = 0.0005
"""Between two tickers: each comes by itself, as in life."""


def rows(effort: Effort) -> Iterator[Row]:
    """Books, tickers, memory."""
    for venue in frames.FRAMES:
        yield from _deltas(venue, effort)
    yield _ticker(effort)
    yield _memory()
    yield _growth(effort)


# --- deltas


async def _rates(venue: str, told: frames.Story, rounds: int) -> dict[str, list[float]]:
    """Deltas a second of CPU, by who read them, one number a round. Raises AssertionError where a book is wrong."""
    said = list(frames.FRAMES[venue](told))
    deltas, last = said[-len(told.changes) :], told.changes[-1].best
    right = max(last[0]) / 100, min(last[1]) / 100
    rates: dict[str, list[float]] = {}
    for _ in range(rounds):
        for fed in await feeding.everybody(venue, told):
            await fed.feed(said[: -len(deltas)])
            gc.collect()
            gc.freeze()
            began = time.thread_time()
            await fed.feed(deltas)
            rates.setdefault(fed.name, []).append(len(deltas) / (time.thread_time() - began))
            gc.unfreeze()
            bid, ask = fed.best()
            assert (float(bid), float(ask)) == right, f"{fed.name} does not know {venue}'s book"
            await fed.close()
    return rates


def _deltas(venue: str, effort: Effort) -> Iterator[Row]:
    told = frames.story(effort.deltas)
    rates = asyncio.run(_rates(venue, told, effort.rounds))
    mine = rates.pop("unified")
    ratios = {
        name: median(one / other for one, other in zip(mine, others, strict=True)) for name, others in rates.items()
    }
    yield Row(
        table="streams",
        what=f"deltas applied per CPU second, {frames.LEVELS} levels, {venue}: against the best of others",
        bar=f"at least {AHEAD:g}x" if ratios else "",
        measured=f"{median(mine):,.0f}/s; "
        + (", ".join(f"{ratio:.2f}x {name} ({median(rates[name]):,.0f}/s)" for name, ratio in ratios.items()) or "-"),
        holds=at_least(min(ratios.values()), AHEAD) if ratios else None,
        numbers={"venue": venue, "rate": median(mine), "ratios": ratios},
    )


# --- tickers


async def _serve(count: int) -> None:
    """Send so many tickers of OKX to whoever connects, one by one: `python -m benchmarks.speed.streams COUNT`."""
    from aiohttp import web

    async def talk(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()  # whoever listens is ready
        for number in range(count):
            await socket.send_str(frames.okx_ticker(number))
            await asyncio.sleep(_PACE_S)
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/", talk)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def _raw(address: str) -> tuple[float, int]:
    """CPU seconds and tickers: aiohttp receives, orjson reads."""
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        await socket.send_str("ready")
        began, taken = time.thread_time(), 0
        while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            orjson.loads(message.data)
            taken += 1
        return time.thread_time() - began, taken


async def _mine(address: str) -> tuple[float, int]:
    """CPU seconds and tickers that a consumer has taken, typed: socket, dialect, hub, consumer."""
    made = feeding.Ours("okx", [WatchTicker(instrument=feeding.instrument("okx"))])
    await made.subscribe()
    consumer = Newest(_news)
    made.topics[0].newest = {consumer: None}
    dialer = AiohttpDialer()
    socket = await dialer.connect(address, timeout=5)
    taken = 0

    async def take() -> None:
        nonlocal taken
        while True:
            await consumer.take()
            taken += 1

    taking = asyncio.create_task(take())
    await asyncio.sleep(0)
    await socket.send("ready")
    began = time.thread_time()
    with suppress(VenueError):  # so it ends
        await made.link._read(socket)
    spent = time.thread_time() - began
    taking.cancel()
    await dialer.aclose()
    await made.close()
    return spent, taken


async def _tickers(effort: Effort, address: str) -> tuple[list[float], float, float]:
    """Ratios of the rounds, microseconds of ours, and the least share of tickers that the consumer was given."""
    ratios, spent, share = list[float](), list[float](), 1.0
    for _ in range(effort.rounds):
        (raw, of), (mine, taken) = await _raw(address), await _mine(address)
        ratios.append(mine / raw)
        spent.append(mine / of * 1e6)
        share = min(share, taken / of)
    return ratios, median(spent), share


def _ticker(effort: Effort) -> Row:
    with spawned("benchmarks.speed.streams", str(effort.tickers)) as port:
        ratios, spent, share = asyncio.run(_tickers(effort, f"ws://127.0.0.1:{port}/"))
    ratio = median(ratios)
    return Row(
        table="streams",
        what="CPU from frame to consumer, ticker, against aiohttp's receive + orjson",
        bar=f"at most {TICKER:g}x",
        measured=f"{ratio:.2f}x ({spent:.0f} us; {share:.0%} taken one by one)",
        holds=at_most(ratio, TICKER),
        numbers={"ratio": ratio, "us": spent, "share": share},
    )


# --- memory


async def _of_books() -> float:
    """MiB of so many books of OKX, each with a snapshot and some deltas."""
    said = list(frames.okx(frames.story(20)))
    items = [feeding.instrument("okx", number) for number in range(1, BOOKS + 1)]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    made = feeding.Ours("okx", [feeding.book_of("okx", item) for item in items])
    await made.subscribe()
    for item in items:
        await made.feed(frame.replace('"BTC-USDT"', f'"{item.symbol}"') for frame in said)
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert all(builder.available for builder in made.link.books.values())
    await made.close()
    return taken / 2**20


def _memory() -> Row:
    taken = asyncio.run(_of_books())
    return bounded("streams", f"memory of {BOOKS} books of {frames.LEVELS} levels a side", taken, BOOKS_MIB, "MiB")


async def _grown(count: int) -> int:
    """Blocks of memory that so many frames left behind."""
    said = list(frames.okx(frames.story(_CYCLE)))
    made = feeding.Ours("okx")
    await made.subscribe()
    await made.feed(said)
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(max(1, count // len(said))):
        await made.feed(said)
    gc.collect()
    grown = sys.getallocatedblocks() - before
    await made.close()
    return grown


def _growth(effort: Effort) -> Row:
    blocks = asyncio.run(_grown(effort.frames))
    return Row(
        table="streams",
        what=f"growth over {effort.frames:,} frames",
        bar="none: under one block of memory in a thousand frames",
        measured=f"{blocks:,} blocks",
        holds=blocks < effort.frames / 1000,
        numbers={"value": blocks, "frames": effort.frames},
    )


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
