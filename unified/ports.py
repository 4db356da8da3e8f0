"""The protocols through which the world comes in. Nothing here does anything.

Time and tasks come from the running event loop (`loop.time()` is the only clock of the I/O floor), so a
loop with its own clock is all that virtual time needs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from unified.http import HttpRequest, HttpResponse


class Pool(StrEnum):
    """Which connections a request uses: a slow history download must not hold an order's socket."""

    ORDERS = "orders"
    READS = "reads"


class Transport(Protocol):
    """Bytes out, bytes in. Sends exactly once, follows no redirect, retries nothing."""

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        """The whole answer. Raises VenueError of the transport family: `not_sent` before the first byte
        was handed to the socket, `unknown` after it. Cancellation closes the connection.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection. May be called twice."""
        ...


class Chance(Protocol):
    """Randomness."""

    def random(self) -> float:
        """Uniform in [0, 1)."""
        ...

    def getrandbits(self, k: int) -> int: ...


class WallClock(Protocol):
    """The machine's idea of the time of day; used for nonces and log lines, never to measure."""

    def time_ns(self) -> int: ...
