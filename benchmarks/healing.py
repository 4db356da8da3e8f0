"""How long a book is absent after a gap: from the frame that shows the hole to the next consistent book.

Every way takes the same time here, so that one round trip is a number and not a guess. Gaps are a minute apart: of
several in a row the later ones are answered with growing pauses, so that a venue in trouble is not asked ever more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from math import inf
from typing import Any
from unittest.mock import patch

from benchmarks.figure import Figure, Sizes
from benchmarks.grounds import BUILT, OKX, Ground
from benchmarks.scene import Scene
from unified.hooks import StreamChange, StreamEvent
from unified.sandbox.stream_faults import StreamMishap
from unified.testing.loop import run

ONE_WAY = 0.04
ALLOWED = 2 * ONE_WAY + 0.05
"""Seconds: one round trip and 50 ms."""
APART = 60.0
_A_FEW_FRAMES = 0.5


async def healed(ground: Ground, gaps: int) -> list[float]:
    """Seconds without a book after each of so many gaps."""
    scene = Scene(ground.venue, busy=(ground.product, ground.symbol))
    network: Any = scene.network
    network.travel_s = lambda: ONE_WAY
    client, _ = scene.client()
    loop, took, lost = asyncio.get_running_loop(), list[float](), list[float]()

    def note(event: StreamEvent) -> None:
        if event.change is StreamChange.GAP:
            lost.append(loop.time())
        elif event.change is StreamChange.HEALED:
            took.append(loop.time() - lost[-1])

    client.hooks.on_stream.add(note)
    async with client, client.watch_book(ground.name, depth=10) as books:
        await anext(books)
        for number in range(1, gaps + 1):
            await asyncio.sleep(APART)
            while len(lost) < number:
                network.streams.strike(StreamMishap.DROPPED)
                await asyncio.sleep(_A_FEW_FRAMES)
        await asyncio.sleep(APART)
    assert len(took) == len(lost)
    return took


def figures(sizes: Sizes) -> Iterator[Figure]:
    """The longest absence of each venue's book, and what the same gaps cost a client that forgives none of them."""
    worst = {str(ground): max(run(healed(ground, sizes.gaps))) for ground in BUILT}
    yield Figure(
        what="from a gap to a consistent book, at worst",
        required=f"one round trip ({2 * ONE_WAY * 1000:.0f} ms) + 50 ms",
        measured=", ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in worst.items())
        + f"; {sizes.gaps} gaps each",
        holds=max(worst.values()) <= ALLOWED,
    )
    with patch("unified.link.QUIET_AGAIN", inf):
        slow = max(run(healed(OKX, 10)))
    yield Figure(
        what="control: the same by a client that holds earlier gaps against the venue for ever",
        required="more than that",
        measured=f"{OKX} {slow * 1000:.0f} ms",
        holds=slow > ALLOWED,
    )
