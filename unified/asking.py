"""One connection over which requests go and their answers come back, matched by number. (`connection.py`: its life.)

Repeats nothing. A request that has not left when the connection ends is `not_sent`; one that has is `unknown`. Answers
that nobody waits for (late, doubled, or of a request that was given up) are told of and dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from unified.connection import Connection, Means
from unified.entry import Answered, EntryDialect, EntryLine
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.http import HttpRequest, HttpResponse
from unified.sockets import lost


class Asking(Connection):
    """One connection for orders."""

    def __init__(self, line: EntryLine, base: str, door: str, means: Means, stray: Callable[[int], None]) -> None:
        """`stray` is called for each answer that nobody waits for, with its number."""
        self._stray = stray
        self._entry: EntryDialect = line.dialect()
        self._waiting: dict[int, asyncio.Future[Answered]] = {}
        self._turns = asyncio.Semaphore(line.most_under_way)
        self._last = 0
        super().__init__(line, self._entry, base, door, means)

    def _own_handlers(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {Answered: self._on_answered}

    async def ask(self, request: HttpRequest, until: float) -> HttpResponse:
        """The answer, which must come before that loop time.

        Raises VenueError: `not_sent` before the frame is handed to the socket; from then on `unknown`,
        `request_timeout` or `connection_lost`.
        """
        await self._turn(until)
        try:
            return await self._asked(request, until)
        finally:
            self._turns.release()

    async def drained(self, seconds: float) -> None:
        """Wait until nothing is under way, `seconds` at most."""
        under_way = tuple(self._waiting.values())
        if under_way:
            await asyncio.wait(under_way, timeout=seconds)

    # --- inside

    async def _turn(self, until: float) -> None:
        try:
            async with asyncio.timeout_at(until):
                await self._turns.acquire()
        except TimeoutError:
            raise not_sent("too many requests wait for their answers") from None
        try:
            async with asyncio.timeout_at(until):
                await self._means.spend(self._own(self._line.frame), self._door)
        except TimeoutError:
            self._turns.release()
            raise not_sent("the connection's own limit left no time for it") from None
        except BaseException:
            self._turns.release()
            raise

    async def _asked(self, request: HttpRequest, until: float) -> HttpResponse:
        if self._socket is None or self.over.done():
            raise not_sent("the connection ended before the request left")
        if self._loop.time() >= until:
            raise not_sent("no time was left to send it")
        self._last += 1
        number, frame = self._last, self._entry.ask(self._last, request, self._access)
        answer = self._waiting[number] = self._loop.create_future()
        sent_at = self._loop.time()
        try:
            async with asyncio.timeout_at(until):
                await self._handed(self._socket.send(frame))
                answered = await answer
        except TimeoutError:
            self._suspect(sent_at)
            raise _unknown(Kind.REQUEST_TIMEOUT, f"no answer came in {self._loop.time() - sent_at:.3g} s") from None
        finally:
            self._waiting.pop(number, None)
            if answer.done() and not answer.cancelled():
                answer.exception()  # it may have come while the frame was still being handed over
        return HttpResponse(
            status=answered.status,
            headers=answered.headers,
            body=answered.body,
            sent_at=sent_at,
            received_at=self.heard,
        )

    async def _handed(self, sending: Any) -> None:
        try:
            await sending
        except VenueError as error:
            self.end(error)
            raise _gone(error) from None

    def _suspect(self, sent_at: float) -> None:
        """Nothing at all has come since: the connection is dead, and the next request shall not meet it."""
        if self.heard < sent_at:
            self.end(lost(None, "nothing came after a request"))

    def _on_answered(self, event: Answered) -> None:
        self.useful = True
        waiting = self._waiting.pop(event.number, None)
        if waiting is None or waiting.done():
            self._stray(event.number)
        else:
            waiting.set_result(event)

    def _ended(self, why: VenueError) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(_gone(why))


def not_sent(message: str) -> VenueError:
    """The request has not left."""
    fault = Fault(kind=Kind.CONNECT_FAILED, outcome=Outcome.NOT_SENT, scope=Scope.CONNECTION, message=message)
    return VenueError.of(fault)


def _gone(why: VenueError) -> VenueError:
    return _unknown(Kind.CONNECTION_LOST, f"the connection ended before the answer came: {why.message or why.kind}")


def _unknown(kind: Kind, message: str) -> VenueError:
    hint = "The request may have taken effect: check the state before repeating a write."
    return VenueError.of(Fault(kind=kind, outcome=Outcome.UNKNOWN, scope=Scope.CONNECTION, message=message, hint=hint))
