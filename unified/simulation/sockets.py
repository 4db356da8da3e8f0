"""The way to a simulated venue's sockets for one life of a program: tells what passes, and ends with the process.

The counterpart of `venue.Line`, which does the same for requests over HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from unified.errors import VenueError
from unified.ports import Dialer, Socket
from unified.simulation.process import OWNER, Process

_PLACEMENTS = ('"op":"order"', '"op":"batch-orders"', "order.create", "order.place", "add_order", "batch_add")
"""How the venues call a frame that would place an order."""

Tell = Callable[[str, Sequence[str], str], None]


class LifeSocket:
    """One connection of one life: nothing passes once the process is dead."""

    def __init__(self, socket: Socket, dialer: LifeDialer) -> None:
        self._socket, self._dialer = socket, dialer

    async def receive(self) -> str | bytes:
        """The venue's next frame."""
        frame = await self._socket.receive()
        self._dialer.passed("answered", frame if isinstance(frame, str) else frame.decode())
        return frame

    async def send(self, frame: str) -> None:
        """Hand a frame over."""
        self._dialer.passed("sent", frame)
        await self._socket.send(frame)

    async def ping(self) -> None:
        await self._socket.ping()

    async def aclose(self) -> None:
        await self._socket.aclose()


class LifeDialer:
    """`unified.ports.Dialer` of one life."""

    def __init__(
        self,
        way: Dialer,
        process: Process,
        tell: Tell,
        ids_in: Callable[[str], Sequence[str]],
        placed: Callable[[Sequence[str]], None],
    ) -> None:
        """`ids_in` finds client order ids; `placed` is told those of frames that would place an order."""
        self._way, self._process = way, process
        self._tell, self._ids_in, self._placed = tell, ids_in, placed
        self._sockets: list[Socket] = []

    async def connect(self, address: str, *, timeout: float) -> LifeSocket:
        """A connection; what the venue does with it is no affair of the process."""
        if self._process.dead:
            raise asyncio.CancelledError
        owner = OWNER.set(None)
        try:
            socket = await self._way.connect(address, timeout=timeout)
        except VenueError:
            self._tell("lost", (), "no stream")
            raise
        finally:
            OWNER.reset(owner)
        self._sockets.append(socket)
        return LifeSocket(socket, self)

    def passed(self, step: str, frame: str) -> None:
        """A frame passes: tell it, and let the process die of it."""
        if self._process.dead:
            raise asyncio.CancelledError
        ids = self._ids_in(frame)
        if not ids:
            return
        self._tell(step, ids, "a frame")
        if step == "sent" and any(word in frame for word in _PLACEMENTS):
            self._placed(ids)
        self._process.reached()

    async def hang_up(self) -> None:
        """What the system does for a process that has ended: its connections are closed."""
        for socket in self._sockets:
            await socket.aclose()

    async def aclose(self) -> None:
        """What is under way goes on: a venue does not stop because a client went."""
