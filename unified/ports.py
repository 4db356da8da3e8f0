"""The protocols through which the world comes in. Nothing here does anything.

Time and tasks come from the running event loop (`loop.time()` is the only clock of the I/O floor), so a
loop with its own clock is all that virtual time needs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping
from enum import StrEnum
from typing import Protocol

from unified.errors import Outcome
from unified.http import HttpRequest, HttpResponse
from unified.records import LimitRecord, OrderRecord


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


class Socket(Protocol):
    """One WebSocket connection. Answers the peer's pings by itself."""

    async def receive(self) -> str | bytes:
        """The next frame. Raises `connection_lost`, with the close code as `code`, when there are no more."""
        ...

    async def send(self, frame: str) -> None:
        """Hand a text frame over. Raises `connection_lost`: whether it arrived is unknown."""
        ...

    async def ping(self) -> None:
        """Send a ping of the protocol. Raises `connection_lost`."""
        ...

    async def aclose(self) -> None:
        """Close it, politely but without waiting for long. May be called twice, and while others receive."""
        ...


class Dialer(Protocol):
    """Opens WebSocket connections."""

    async def connect(self, address: str, *, timeout: float) -> Socket:
        """A connection to a ws or wss address. Raises `connect_failed` (not_sent) within `timeout` seconds."""
        ...

    async def aclose(self) -> None:
        """Close every connection. May be called twice."""
        ...


class Journal(Protocol):
    """Where wanted orders stand before they leave, so that a later process can settle what this one could not."""

    @property
    def left_over(self) -> Mapping[str, OrderRecord]:
        """Orders that earlier processes left without a known outcome, by client order id."""
        ...

    def sending(self, record: OrderRecord) -> Awaitable[None] | None:
        """A copy is about to leave. None says that its record is safe; else it is when what is returned is done.

        Either raises VenueError (not_sent) if the record cannot be made safe.
        """
        ...

    def ended(self, client_order_id: str, outcome: Outcome) -> None:
        """The outcome of an order is known; of one that is not on record nothing is kept."""
        ...

    @property
    def limits(self) -> Collection[LimitRecord]:
        """What earlier processes used of the venue's limits, and where it asked them to wait."""
        ...

    def limited(self, record: LimitRecord) -> None:
        """What a later process must know of a limit. Not synced: a machine that crashed is down for longer."""
        ...

    async def aclose(self) -> None:
        """Finish what is being written. May be called twice."""
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
