"""The machine's sources of chance and time, other than the event loop. Measures nothing and waits for nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial

from unified.ports import Chance, WallClock
from unified.values import frozen


@frozen(kw_only=True)
class World:
    """The machine's sources of chance and time of day; tests and simulations bring their own."""

    chance: Chance
    wall: WallClock
    boottime: Callable[[], float]
    """Seconds of a clock that goes on while the machine sleeps."""


class SystemClock:
    """The machine's time of day."""

    def time_ns(self) -> int:
        return time.time_ns()


_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)
boottime: Callable[[], float] = time.monotonic if _CLOCK is None else partial(time.clock_gettime, _CLOCK)
"""Seconds that go on while the machine sleeps; the ordinary monotonic clock where there is no such clock."""


def real_world() -> World:
    """The machine's own chance and clocks."""
    return World(chance=random.SystemRandom(), wall=SystemClock(), boottime=boottime)
