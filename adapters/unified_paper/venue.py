"""The venue itself, in memory: give its ways in to a client. No socket is opened.

    venue = PaperVenue()                                    # inside a running loop
    client = Client("paper", transport=venue.transport(), dialer=venue.dialer(), credentials=venue.credentials)

What it says is the sandbox's affair (`sandbox.py`).
"""

from __future__ import annotations

import asyncio

from unified.ports import Dialer, Transport
from unified.sandbox.dialect import Setting
from unified.sandbox.faults import FaultPlan, Profile
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.stream_faults import StreamPlan
from unified_paper.sandbox import PaperDialect
from unified_paper.sandbox_keys import CREDENTIALS

__all__ = ["CREDENTIALS", "PaperDialect", "PaperVenue"]


class PaperVenue:
    """One paper market, and the ways to it."""

    credentials = CREDENTIALS

    def __init__(self, *, seed: int = 0, faults: str = "none") -> None:
        """To be made inside a running loop, whose clock is the venue's. `faults`: none, mild or harsh."""
        now = asyncio.get_running_loop().time
        profile = Profile(faults)
        self.dialect = PaperDialect(Setting(now=now, seed=seed))
        self.network = SandboxNetwork(
            self.dialect, FaultPlan(profile, seed), seed=seed, streams=StreamPlan(profile, seed)
        )

    def transport(self) -> Transport:
        """What a client is given instead of sockets for its requests."""
        return self.network.transport()

    def dialer(self) -> Dialer:
        """What a client is given instead of sockets for its streams."""
        return self.network.dialer()
