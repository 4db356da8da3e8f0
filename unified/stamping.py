"""One client and the venue's time: whether the clock is known well enough, and the stamps that requests carry.

Computes no time (`clock.py` does) and measures none (`timekeeper.py` does); says when it has to be measured.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from unified.adapter import Adapter, ClockRule, Endpoint, Expiry, Stamp
from unified.calls import deadline as deadline_of_call
from unified.clock import ClockSync
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.hooks import Hooks
from unified.nonce import TokenSource
from unified.operations import FetchServerTime, Operation, PlaceOrder
from unified.passages import Passage, Route
from unified.sharing import Membership
from unified.timekeeper import Ask
from unified.world import World

FRESH_SECONDS = 1.0
"""A measurement of the clock that is younger than this is not repeated for a refusal that may mean the clock."""
_UNCHECKED_WINDOW_MS = 5000
"""For venues that check no time: how wide our own idea of it may be."""


class Stamping:
    """One client's stamps."""

    def __init__(
        self, adapter: Adapter, membership: Membership, world: World, hooks: Hooks, window_ms: int | None
    ) -> None:
        """`window_ms`: how long orders may be accepted, where the venue lets us say it; None for its default."""
        self._adapter = adapter
        self._membership = membership
        self._world = world
        self._hooks = hooks
        self._window_ms = window_ms
        self._tokens = TokenSource(world.chance.getrandbits)
        self._ask: Callable[[Operation[Any]], Any] | None = None
        self._time_questions = {
            how.door: operation(product=product)
            for (operation, product), how in adapter.endpoints.items()
            if operation is FetchServerTime and isinstance(how, Endpoint)
        }

    def ask_with(self, run: Callable[[Operation[Any]], Any]) -> None:
        """Who fetches the server's time when it has to be measured."""
        self._ask = run

    def asking(self, door: str) -> Ask | None:
        """How the time is asked for at a door; None where it is not told."""
        question, run = self._time_questions.get(door), self._ask
        if question is None:
            return None
        if run is None:
            raise RuntimeError("nobody to ask for the time: ask_with was not called")
        return lambda: run(question)

    def clock(self, door: str) -> ClockSync:
        """What is known of the door's time."""
        return self._membership.services.timekeeper.clocks[door]

    # --- windows

    def rule(self, door: str) -> ClockRule:
        """How the door treats time."""
        return self._adapter.clocks[door]

    def window(self, route: Route, operation: Operation[Any]) -> tuple[int, bool]:
        """How long the request may be accepted, and whether the venue checks that."""
        if route.varies and isinstance(operation, PlaceOrder):
            return self.window_of(route.endpoint, self._adapter.placement[operation.product].of(operation).expiry)
        return route.window_ms, route.timed

    def window_of(self, endpoint: Endpoint[Any, Any], expiry: Expiry | None) -> tuple[int, bool]:
        """The window of requests that carry their own last moment, else that of the door."""
        if expiry is None:
            window_ms = self.rule(endpoint.door).window_ms
            return window_ms or _UNCHECKED_WINDOW_MS, endpoint.signed and window_ms is not None
        wanted = expiry.default_ms if self._window_ms is None else self._window_ms
        return min(max(wanted, expiry.min_ms), expiry.max_ms), endpoint.signed

    # --- whether the clock is known

    def is_good(self, clock: ClockSync, window_ms: int, now: float) -> bool:
        """Whether nobody need look closer at the clock, the machine having been awake."""
        clock.heartbeat(now, self._world.boottime())
        return clock.good(now, window_ms)

    async def ready(self, door: str, window_ms: int) -> None:
        """Make sure that the door's clock can be trusted; measure beside the call where that is enough.

        Raises `timestamp_out_of_window` (not_sent) where the clock cannot be known well enough.
        """
        ask = self.asking(door)
        if ask is None:
            return
        loop, clock = asyncio.get_running_loop(), self.clock(door)
        if self.is_good(clock, window_ms, loop.time()):
            return
        if not clock.usable(loop.time(), window_ms):
            await self._measured(door, ask, "first use" if not clock.epoch else "not known well enough")
            if not clock.usable(loop.time(), window_ms):
                raise _clock_too_vague(clock.half_width(loop.time()), window_ms)
        elif clock.needs_sync(loop.time(), window_ms):
            self._membership.services.timekeeper.measure(door, ask, "age", self._hooks)

    async def resync(self, door: str, reason: Kind) -> None:
        """Measure the clock anew after the venue refused a time; callers at the same moment share it.

        A refusal of what was stamped before the last measurement has been answered by it already.
        """
        ask = self.asking(door)
        if ask is None:
            return
        clock, now = self.clock(door), asyncio.get_running_loop().time()
        age = clock.reading(now, 0).age
        # "Unauthorized" may mean the clock without saying so: look, unless somebody just has.
        in_doubt = reason is Kind.UNAUTHORIZED and (age is None or age > FRESH_SECONDS)
        if in_doubt or clock.needs_sync(now, self.rule(door).window_ms or _UNCHECKED_WINDOW_MS):
            await self._measured(door, ask, reason)

    async def _measured(self, door: str, ask: Ask, reason: str) -> None:
        """Wait for a measurement, no longer than the call lasts: the next step of the call finds its time over."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline_of_call()):
                await self._membership.services.timekeeper.measured(door, ask, reason, self._hooks)

    def doubt(self, door: str, stamped_at: float) -> None:
        """A stamp that was made at that loop time was refused outside of any call: measure before the next one."""
        self.clock(door).suspect(stamped_at)

    # --- what it is

    def venue_ms(self, door: str) -> int | None:
        """Venue time that has surely passed; None while it is not known."""
        return self.clock(door).passed_ms(asyncio.get_running_loop().time())

    def now_ms(self, door: str) -> int:
        """The venue's time, at the latest that has surely passed; the machine's own where it was never told."""
        known = self.venue_ms(door)
        return self._world.wall.time_ns() // 1_000_000 if known is None else known

    def stamp(self, passage: Passage, now: float) -> Stamp:
        """What the world gives to this attempt, `now` in loop seconds."""
        passage.stamped_at = now
        route = passage.route
        stamp = passage.stamp = self._stamp(route.clock, passage.window_ms, now, signed=route.endpoint.signed)
        return stamp

    async def stamp_of(self, door: str) -> Stamp:
        """What the world gives to frames of a stream, the door's clock being known well enough for its window."""
        window_ms = self.rule(door).window_ms
        if window_ms is not None:
            await self.ready(door, window_ms)
        now = asyncio.get_running_loop().time()
        return self._stamp(self.clock(door), window_ms or _UNCHECKED_WINDOW_MS, now, signed=True)

    def _stamp(self, clock: ClockSync, window_ms: int, now: float, *, signed: bool) -> Stamp:
        return Stamp(
            time_ms=clock.passed_ms(now) or 0,
            window_ms=window_ms,
            nonce=self._membership.nonces.next(self._world.wall.time_ns()) if signed else 0,
            token=self._tokens.next() if signed else "",
        )


def _clock_too_vague(half_width: float, window_ms: int) -> VenueError:
    return VenueError.of(
        Fault(
            kind=Kind.TIMESTAMP_OUT_OF_WINDOW,
            outcome=Outcome.NOT_SENT,
            message=f"the venue's time is known to {half_width:.3f} s only, the window is {window_ms} ms",
            hint="The way to the venue is too slow or too uneven for this window: widen it or find a better line.",
        )
    )
