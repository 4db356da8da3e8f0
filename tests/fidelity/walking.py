"""The requests that one operation becomes with us: the first and all that follow from what was answered. Compares none.

Each step of a procedure is asked of a sandbox of our own, in memory, and its answer given back, so that the walk is the
one that our client would take there. The venue's time is told as of the moment at which the other client asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import frozen

from unified.account import VenueTime
from unified.adapter import Adapter, Endpoint, Procedure, Stamp, Steps
from unified.client import Client
from unified.errors import VenueError
from unified.operations import FetchServerTime, Operation

LONGEST = 20
"""Steps; a walk that is longer would be one that does not end."""


@frozen(kw_only=True)
class Walker:
    """Our adapter, and a client of ours at a sandbox that answers its steps."""

    adapter: Adapter
    client: Client

    async def walk(self, wanted: Operation[Any], now_ms: int) -> list[Operation[Any]]:
        """The operations of one request each, in their order; none where our adapter declines."""
        how = self.adapter.endpoints.get((type(wanted), wanted.product))
        if isinstance(how, Procedure):
            return await self._follow(how.steps(wanted), now_ms)
        return [wanted] if how is not None and self._builds(how, wanted) else []

    async def _follow(self, steps: Steps[Any], now_ms: int) -> list[Operation[Any]]:
        taken = list[Operation[Any]]()
        step = _went_on(lambda: next(steps))
        while step is not None:
            assert len(taken) < LONGEST, f"a walk without an end: {taken}"
            taken += await self.walk(step, now_ms)
            step = _went_on(await self._reply(steps, step, now_ms))
        return taken

    async def _reply(self, steps: Steps[Any], step: Operation[Any], now_ms: int) -> Callable[[], Operation[Any]]:
        try:
            answer = await self._answer(step, now_ms)
        except VenueError as refusal:
            return partial(steps.throw, refusal)
        return partial(steps.send, answer)

    async def _answer(self, step: Operation[Any], now_ms: int) -> Any:
        if isinstance(step, FetchServerTime):
            return VenueTime(time_us=now_ms * 1000, unit_us=1000)
        return await self.client.run(step)

    @staticmethod
    def _builds(how: Endpoint[Any, Any], wanted: Operation[Any]) -> bool:
        try:
            how.build(wanted, _ANY)
        except VenueError:
            return False
        return True


def _went_on(go: Callable[[], Operation[Any]]) -> Operation[Any] | None:
    """The next step; None where the procedure has its answer, or declines."""
    try:
        return go()
    except (StopIteration, VenueError):
        return None


_ANY = Stamp(time_ms=0, window_ms=5_000, nonce=1, token="0" * 32)
