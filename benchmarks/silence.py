"""Sockets that hang: how long after the last frame a client knows, and what it does without a watchdog.

A half-open connection takes frames and brings none, for ever, and no close ever tells: only time does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from unittest.mock import patch

from benchmarks.figure import Figure, Sizes
from benchmarks.grounds import GROUNDS, OKX, Ground
from benchmarks.scene import Scene
from unified.hooks import StreamChange, StreamEvent
from unified.link import Link
from unified.sandbox.stream_faults import StreamMishap
from unified.testing.loop import run

_APART = 20.0
_PATIENCE = 600.0


async def noticed(ground: Ground, silences: int) -> list[float]:
    """Seconds from the last frame until the connection was given up, for each of so many that hang."""
    scene = Scene(ground.venue, busy=(ground.product, ground.symbol))
    client, _ = scene.client()
    loop, hub, found, lost = asyncio.get_running_loop(), client._hub, list[float](), asyncio.Event()
    heard = 0.0

    def note(event: StreamEvent) -> None:
        if event.change is StreamChange.GAP:
            found.append(loop.time() - heard)
            lost.set()

    client.hooks.on_stream.add(note)
    async with client, client.watch_book(ground.name, depth=10) as books:
        await anext(books)
        for _ in range(silences):
            await asyncio.sleep(_APART)
            (topic,) = hub._topics.values()
            link = topic.source
            assert link is not None
            scene.network.streams.strike(StreamMishap.HALF_OPEN)
            lost.clear()
            await asyncio.sleep(1)
            heard = link.heard
            try:
                async with asyncio.timeout(_PATIENCE):
                    await lost.wait()
            except TimeoutError:
                found.append(_PATIENCE)
    return found


def figures(sizes: Sizes) -> Iterator[Figure]:
    """Each venue by what its papers call dead, and a client that waits for the socket to say so."""
    for ground in GROUNDS:
        seconds = max(run(noticed(ground, sizes.silences)))
        yield Figure(
            what=f"a silent socket is noticed: {ground}",
            required=f"{ground.dead_after:g} s + 1 s",
            measured=f"{seconds:.2f} s at worst of {sizes.silences}",
            holds=seconds <= ground.dead_after + 1.0,
        )
    with patch.object(Link, "_watch_over", _asleep):
        seconds = min(run(noticed(OKX, 1)))
    yield Figure(
        what="control: the same by a client without a watchdog",
        required=f"more than {OKX.dead_after:g} s + 1 s",
        measured=f"not in {seconds:.0f} s",
        holds=seconds >= _PATIENCE,
    )


async def _asleep(_link: Link) -> None:
    return None
