"""The clocks of a venue's doors, as a limiter wants them: an interval for each, worked out once a second.

Measures nothing. What a clock knows stands in `clock.py`, who measures it in `timekeeper.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.bucket import DRIFT, Theta
from unified.clock import ClockSync

_CACHED_SECONDS = 1.0


class DoorClocks:
    """The `Clocks` of one venue environment."""

    def __init__(self, clocks: Mapping[str, ClockSync]) -> None:
        self._clocks = clocks
        self._known: dict[str, tuple[int, float, Theta]] = {}

    def theta(self, door: str, now: float) -> Theta | None:
        """Lowest and highest (venue seconds - monotonic seconds) now; None while nothing is known."""
        clock = self._clocks.get(door)
        if clock is None:
            return None
        known = self._known.get(door)
        if known is not None and now < known[1] and known[0] == clock.epoch:
            return known[2]  # it would be another epoch if what was known had been given up
        if not clock.known:
            return None
        lowest, highest = clock.interval_us(now)
        slack = _CACHED_SECONDS * DRIFT
        theta = lowest / 1e6 - now - slack, highest / 1e6 - now + slack
        self._known[door] = clock.epoch, now + _CACHED_SECONDS, theta
        return theta
