"""A consumer that takes nothing for a minute: what the others get meanwhile, what is kept for it, what it is told.

The same minute is run twice, with and without the stalled consumer: the others must not be able to tell which it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from attrs import field, frozen

from benchmarks.figure import Figure, Sizes
from benchmarks.grounds import GROUNDS, OKX, Ground
from benchmarks.scene import Scene
from unified.errors import Kind, VenueError
from unified.hooks import StreamChange
from unified.testing.loop import run
from unified.watcher import Stream

STALL_S = 60.0
BOUND = 20
"""Trades that may wait: far fewer than a minute brings."""


@frozen(kw_only=True)
class Minute:
    """What one minute was like."""

    others: list[tuple[float, str]] = field(factory=list)
    """When the others got what."""
    most_waiting: int = 0
    """Values kept for the stalled consumers at the end of their sleep."""
    said: int = 0
    """Overflows that were told while it slept."""
    told: int = 0
    """Gaps that were told to the one who slept, when it woke."""
    newest: bool = False
    """Whether the first book after the sleep is that of now."""


async def minute(ground: Ground, *, stalled: bool, bound: int = BOUND) -> Minute:
    """Watch a busy market with three consumers, and two more that sleep."""
    scene = Scene(ground.venue, busy=(ground.product, ground.symbol))
    client, _ = scene.client()
    loop, others, said = asyncio.get_running_loop(), list[tuple[float, str]](), list[StreamChange]()
    client.hooks.on_stream.add(lambda event: said.append(event.change))

    async def follow(stream: Stream[Any]) -> None:
        async with stream as values:
            async for value in values:
                others.append((loop.time(), repr(value)))

    async with client:
        name = ground.name
        streams = (client.watch_book(name, depth=10), client.watch_trades(name), client.watch_ticker(name))
        followers = [asyncio.create_task(follow(stream)) for stream in streams]
        await asyncio.sleep(5)
        if not stalled:
            await asyncio.sleep(STALL_S)
            found = Minute(others=others)
        else:
            trades, books = client.watch_trades(name, bound=bound), client.watch_book(name, depth=10)
            async with trades, books:
                await asyncio.sleep(STALL_S)
                waiting = [_kept(trades), _kept(books)]
                found = Minute(
                    others=list(others),
                    most_waiting=max(waiting),
                    said=said.count(StreamChange.OVERFLOW),
                    told=await _gaps(trades),
                    newest=getattr(await anext(books), "age", STALL_S) < 1.0,
                )
        for follower in followers:
            follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
    return found


def _kept(stream: Stream[Any]) -> int:
    """Values that wait for a consumer."""
    consumer: Any = stream._consumer
    return len(consumer._kept) if hasattr(consumer, "_kept") else len(consumer._changed)


async def _gaps(trades: Stream[Any]) -> int:
    """How often the next twenty values are a gap instead."""
    found = 0
    for _ in range(BOUND):
        try:
            await anext(trades)
        except VenueError as error:
            found += error.kind is Kind.SEQUENCE_GAP
    return found


def figures(sizes: Sizes) -> Iterator[Figure]:
    """What a stalled consumer costs the others, and what it is told, on every venue."""
    del sizes
    held, seen, different, most = True, 0, 0, 0
    for ground in GROUNDS:
        alone, beside = run(minute(ground, stalled=False)), run(minute(ground, stalled=True))
        seen += len(alone.others)
        different += sum(one != other for one, other in zip(alone.others, beside.others, strict=True))
        most = max(most, beside.most_waiting)
        held = held and beside.newest and beside.said == beside.told == 1
    yield Figure(
        what=f"a consumer stalled for {STALL_S:.0f} s: what the others got differently or later, all venues",
        required="0",
        measured=f"{different} of {seen:,} values",
        holds=different == 0 and seen > 0,
    )
    yield Figure(
        what="values kept for it; overflows shown to the hook, told to itself; its next book is that of now",
        required=f"{BOUND}; 1, 1; yes",
        measured=f"{most}; {'1, 1; yes' if held else 'not on every venue'}",
        holds=held and most == BOUND,
    )
    loose = run(minute(OKX, stalled=True, bound=10**9))
    yield Figure(
        what="control: values kept for it without a bound",
        required=f"more than {BOUND}",
        measured=f"{loose.most_waiting}",
        holds=loose.most_waiting > BOUND,
    )
