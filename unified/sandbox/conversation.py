"""Leads one stream connection of a sandbox: brings frames to the talk, its frames to the client, faults to both.

Knows no socket: the server and the network in memory bring a `Wire` each, so that the same seed makes the same faults
in both. Waiting is `asyncio.sleep` on the running loop, which may be a loop of virtual time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from unified.sandbox.entry import Asked, EntryTalk, said_in
from unified.sandbox.reception import Breakage, Reception
from unified.sandbox.stream_faults import StreamFate, StreamMishap, StreamPlan
from unified.sandbox.streams import PULSE_S, Talk

RESTARTED = 1012
"""Close code of a service that restarts (RFC 6455 registry)."""


class Wire(Protocol):
    """The venue's end of a connection."""

    async def receive(self) -> str:
        """The client's next frame. Raises ConnectionError when there are no more."""
        ...

    async def send(self, frame: str) -> None:
        """Raises ConnectionError when the client has gone."""
        ...

    async def close(self, code: int) -> None:
        """End it politely."""
        ...

    def abort(self) -> None:
        """Reset it."""
        ...


class Conversation:
    """One connection."""

    def __init__(self, reception: Reception, talk: Talk, wire: Wire, plan: StreamPlan) -> None:
        self._reception, self._talk, self._wire = reception, talk, wire
        self._served: set[asyncio.Task[None]] = set()
        self._course = plan.course()
        self._held: str | None = None
        """A frame that comes after the next one."""
        self._mute_until = 0.0
        self._sending = asyncio.Lock()
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Until either side ends it. A failure of the dialect is raised."""
        tasks = [self._loop.create_task(work) for work in (self._listen(), self._speak())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        # What the venue has taken it carries out, whether or not anybody is left to hear of it.
        ends += await asyncio.gather(*self._served, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception) and not isinstance(end, ConnectionError):
                raise end

    async def _listen(self) -> None:
        while True:
            frame = await self._wire.receive()
            self._advance()
            talk = self._talk
            asked = talk.asked(frame) if isinstance(talk, EntryTalk) else None
            if asked is None or not isinstance(talk, EntryTalk):
                await self._say(talk.receive(frame))
            else:
                task = self._loop.create_task(self._serve(talk, asked))
                self._served.add(task)
                task.add_done_callback(self._served_one)

    def _served_one(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            self._served.discard(task)  # a failure is kept for `run`

    async def _serve(self, talk: EntryTalk, asked: Asked) -> None:
        """A request in a frame: what would break its connection over HTTP breaks this one."""
        delivery = await self._reception.receive(asked.incoming)
        said = said_in(delivery.answer)
        if delivery.breakage is not Breakage.NONE or said is None:
            self._wire.abort()
        else:
            await self._say(talk.answered(asked, delivery.answer, said))

    async def _speak(self) -> None:
        await self._say(self._talk.opened())
        while True:
            await asyncio.sleep(PULSE_S)
            self._advance()
            await self._say(self._talk.pulse())
            code = self._talk.wants_close()
            if code is not None:
                await self._wire.close(code)
                return

    def _advance(self) -> None:
        dialect = self._reception.dialect
        dialect.engine.advance(dialect.clock.true_us())

    async def _say(self, frames: Iterable[str]) -> None:
        async with self._sending:
            for frame in frames:
                await self._deliver(frame, self._course.next())

    async def _deliver(self, frame: str, fate: StreamFate) -> None:
        """One frame, and after it the one that was held back: whatever befalls this one, that one is only late."""
        held, self._held = self._held, None
        if fate.mishap is StreamMishap.NONE:
            await self._send(frame)
        else:
            await self._befall(frame, fate)
        if held is not None:
            await self._send(held)

    async def _befall(self, frame: str, fate: StreamFate) -> None:
        match fate.mishap:
            case StreamMishap.DROPPED:
                return
            case StreamMishap.DOUBLED:
                await self._send(frame)
                await self._send(frame)
            case StreamMishap.REORDERED:
                self._held = frame
            case StreamMishap.CUT:
                await self._send(frame[: int(len(frame) * fate.cut)])
            case StreamMishap.WRONG_CHECKSUM:
                await self._send(self._talk.spoiled(frame) or frame)
            case _:
                await self._interrupt(frame, fate)

    async def _interrupt(self, frame: str, fate: StreamFate) -> None:
        """What happens to the connection rather than to the frame."""
        match fate.mishap:
            case StreamMishap.SILENCE:
                self._mute_until = self._loop.time() + fate.seconds
            case StreamMishap.HALF_OPEN:
                self._mute_until = float("inf")
            case StreamMishap.DISCONNECTED:
                self._wire.abort()
                raise ConnectionResetError
            case StreamMishap.RESTART:
                await self._send(frame)
                for notice in self._talk.announced_end():
                    await self._send(notice)
                self._loop.call_later(fate.seconds, self._wire.abort)
            case StreamMishap.LOGIN_REFUSED:
                self._talk.refuse_logins += 1
                await self._send(frame)
            case _:  # LATE
                await asyncio.sleep(fate.seconds)
                await self._send(frame)

    async def _send(self, frame: str) -> None:
        if self._loop.time() >= self._mute_until:
            await self._wire.send(frame)
