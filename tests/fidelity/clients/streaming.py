"""The play of streams: a book, trades, an own order as it comes, a subscription that is refused. Knows no client.

Each client is a peer with some of these methods; a step whose method is missing is not told.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from tests.fidelity.clients.telling import Script

STEPS = ("book", "ticker", "trades", "own_order", "refused")
PATIENCE_S = 30.0


async def play(script: Script, peer: Any) -> None:
    """Take every step that the client can take, and tell what came of it."""
    for step in script.given.get("steps", STEPS):
        take = getattr(peer, step, None)
        if take is None:
            continue
        script.enter(step)
        try:
            async with asyncio.timeout(PATIENCE_S):
                saw = await take()
        except TimeoutError:
            script.tell(step, refused={"as": "silence", "text": f"nothing came in {PATIENCE_S:g} s"})
        except Exception as refusal:  # noqa: BLE001 - every client has its own, and all are told
            script.tell(step, refused={"as": type(refusal).__name__, "text": str(refusal)[:600]})
        else:
            script.tell(step, saw=saw)
    script.enter("")
    closing = peer.close()
    if inspect.isawaitable(closing):
        await closing
