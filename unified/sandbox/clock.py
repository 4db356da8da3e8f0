"""The venue's clock: a true time that only ever runs on, and the time of day that the venue shows.

Never reads the host's clock: it is driven by `now()`, monotonic seconds, so that virtual time works.
What is shown may drift and step; timestamps, order times and calendar windows follow what is shown,
while delays, bans and the simulated market follow the true time.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

DEFAULT_BASE_US = 1_795_262_400_000_000
"""2026-11-21 12:00:00 UTC, microseconds since the epoch."""


@frozen
class Moment:
    """One instant, told both ways, in microseconds since the epoch."""

    true_us: int
    shown_us: int


class VenueClock:
    """base + time since the start + drift + steps."""

    def __init__(self, now: Callable[[], float], *, base_us: int = DEFAULT_BASE_US, drift_ppm: int = 0) -> None:
        self._now = now
        self._start = now()
        self.base_us = base_us
        self.drift_ppm = drift_ppm
        self._stepped_us = 0

    @property
    def stepped_us(self) -> int:
        """Sum of all steps so far."""
        return self._stepped_us

    def true_us(self) -> int:
        """Time that neither steps nor drifts."""
        return self.base_us + round((self._now() - self._start) * 1_000_000)

    def shown_at(self, true_us: int) -> int:
        """What the venue's clock shows at a true time, with the steps made so far."""
        elapsed = true_us - self.base_us
        return true_us + elapsed * self.drift_ppm // 1_000_000 + self._stepped_us

    def at(self, true_us: int) -> Moment:
        """An instant of true time, as the clock shows it with the steps made so far."""
        return Moment(true_us, self.shown_at(true_us))

    def moment(self) -> Moment:
        """Now."""
        return self.at(self.true_us())

    def step(self, seconds: float) -> None:
        """Set the shown clock forward, or back if negative."""
        self._stepped_us += round(seconds * 1_000_000)
