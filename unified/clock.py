"""What time it is at a venue: an interval that surely holds it, one `ClockSync` per door.

Reads no clock and asks nobody: monotonic seconds arrive as arguments, venue time as samples. The wall clock
of the machine plays no part in any decision.

A sample is an answer that carries the venue's time S (cut off to a unit q), the monotonic time t1 just before
the request was written and t4 when the head of the answer was read. The venue took S somewhere between, so
that, for any asymmetry of the way, its clock shows at least S at t4 and less than S + q at t1. Each of the two
is the start of a line: the machine's clock may run at most `DRIFT_PPM` wrong against the venue's, so the lower
bound rises that much slower than ours, the upper one that much faster. The highest lower line and the lowest
upper line of all samples hold the venue's time between them.

Integers throughout: microseconds for time, picoseconds for the lines, so that a million intersections do
not round the truth out of the interval and `now_ms` never falls while an epoch lasts.
"""

from __future__ import annotations

import math

from unified.account import VenueTime
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.values import frozen

DRIFT_PPM = 50
"""How far the rates of two clocks may be apart: quartz is 20 to 30 ppm off at worst, slewing comes on top."""
RESYNC_SECONDS = 300.0
"""A clock is measured anew at least this often."""
GROWTH_SECONDS = 0.005
"""The half-width may grow so much, or one hundredth of the window if that is more, before a new measurement."""
SUSPEND_SECONDS = 0.1
"""The two clocks of the machine differ by more only if it slept."""

_LOOKED_AT_SECONDS = 1.0

_PS = 1_000_000
"""Picoseconds in a microsecond; one ppm of a microsecond is one picosecond."""


@frozen
class _Lines:
    """Bounds of the venue's clock as functions of ours."""

    floor_ps: int
    ceiling_ps: int

    def lower_us(self, now: float) -> int:
        return (math.floor(now * 1_000_000) * (_PS - DRIFT_PPM) + self.floor_ps) // _PS

    def upper_us(self, now: float) -> int:
        return -(-(_after(now) * (_PS + DRIFT_PPM) + self.ceiling_ps) // _PS)

    def half_width(self, now: float) -> float:
        return (self.upper_us(now) - self.lower_us(now)) / 2_000_000

    def apart(self, other: _Lines, now: float) -> bool:
        return self.lower_us(now) > other.upper_us(now) or other.lower_us(now) > self.upper_us(now)

    def within(self, other: _Lines) -> _Lines:
        return _Lines(max(self.floor_ps, other.floor_ps), min(self.ceiling_ps, other.ceiling_ps))


def _before(seconds: float) -> int:
    return math.floor(seconds * 1_000_000)


def _after(seconds: float) -> int:
    return math.ceil(seconds * 1_000_000)


def _lines(sent_at: float, received_at: float, time: VenueTime) -> _Lines:
    earliest, latest = time.time_us * _PS, (time.time_us + time.unit_us) * _PS
    return _Lines(
        floor_ps=earliest - _after(received_at) * (_PS - DRIFT_PPM),
        ceiling_ps=latest - _before(sent_at) * (_PS + DRIFT_PPM),
    )


@frozen(kw_only=True)
class ClockReading:
    """What is known of a door's clock, for people and metrics."""

    offset: float | None
    """Seconds by which the venue's clock is ahead of the machine's wall clock; None while nothing is known."""
    bound: float
    """Seconds: the offset is wrong by no more than this. Infinite while nothing is known."""
    age: float | None
    """Seconds since the last sample that measured the clock."""
    epoch: int
    """How often what was known had to be given up: a step, a suspend, a refused time."""
    samples: int
    """Samples of this epoch."""


class ClockSync:
    """The clock of one door. Times called `now`, `..._at` are monotonic seconds of one and the same clock."""

    def __init__(self) -> None:
        self._lines: _Lines | None = None
        self._samples = 0
        self.epoch = 0
        """How often what was known had to be given up."""
        self._began_at = -math.inf
        """Samples of requests sent before this say nothing about the present epoch."""
        self._unit_us: int | None = None
        """The finest unit seen: a Date header in whole seconds is no measurement where milliseconds are offered."""
        self._measured_at = -math.inf
        self._measured_half_width = math.inf
        self._resync_wanted = True
        self._asleep: float | None = None
        self._good_until: dict[int, float] = {}
        """By window: until when nobody need look closer. Emptied by whatever is learned."""

    # --- what arrives

    def observe(self, sent_at: float, received_at: float, time: VenueTime, fresh_connection: bool) -> None:
        """Learn from an answer. Any stamp counts that the venue took between `sent_at` and `received_at`.

        A sample that contradicts what is known is a step of a clock: knowledge starts again from that sample.
        The first sample of a connection is slow and therefore wide: where it agrees it counts only if nothing better
        is known.
        """
        if sent_at < self._began_at:
            return
        sample = _lines(sent_at, received_at, time)
        known = self._lines
        if known is None:
            self._start(sample, sent_at)
        elif known.apart(sample, received_at):
            self._forget(sent_at)
            self._start(sample, sent_at)
        elif fresh_connection and known.half_width(received_at) <= sample.half_width(received_at):
            return
        else:
            self._lines = known.within(sample)
            self._good_until.clear()
            self._resync_wanted = False
        self._samples += 1
        self._note(received_at, time.unit_us)

    def suspect(self, stamped_at: float) -> None:
        """The venue refused the time of a request stamped at `stamped_at`: what was known then is wrong.

        Changes nothing where all that is known was learned later: that refusal has been answered already.
        """
        if self.known and stamped_at >= self._began_at:
            self._forget(stamped_at)

    def heartbeat(self, monotonic: float, boottime: float) -> bool:
        """Compare the clock that stops while the machine sleeps with the one that does not; call each second.

        True means that the machine slept: nothing is known any more, and requests under way are undecided.
        """
        asleep, before = boottime - monotonic, self._asleep
        if before is None:
            self._asleep = asleep
            return False
        if abs(asleep - before) <= SUSPEND_SECONDS:
            return False
        self._asleep = asleep
        self._forget(monotonic)
        return True

    # --- what is known

    @property
    def known(self) -> bool:
        """Whether there is any sample to go by."""
        return self._lines is not None

    def now_ms(self, now: float) -> int:
        """Venue time in ms, cut off: never ahead of the venue, never falling within an epoch.

        Raises VenueError (not_sent) while nothing is known.
        """
        return self._known().lower_us(now) // 1000

    def passed_ms(self, now: float) -> int | None:
        """As `now_ms`; None while nothing is known."""
        return None if self._lines is None else self._lines.lower_us(now) // 1000

    def interval_us(self, now: float) -> tuple[int, int]:
        """Venue time lies between these microseconds since the epoch.

        Raises VenueError (not_sent) while nothing is known.
        """
        known = self._known()
        return known.lower_us(now), known.upper_us(now)

    def _known(self) -> _Lines:
        if self._lines is None:
            hint = "The venue's time is not known yet: measure it before a request needs it."
            raise VenueError.of(Fault(kind=Kind.TIMESTAMP_OUT_OF_WINDOW, outcome=Outcome.NOT_SENT, hint=hint))
        return self._lines

    def theta(self, now: float) -> tuple[float, float] | None:
        """Lowest and highest (venue seconds - monotonic seconds), exact to a microsecond; None while unknown."""
        if self._lines is None:
            return None
        lower_us, upper_us = self.interval_us(now)
        return lower_us / 1_000_000 - now, upper_us / 1_000_000 - now

    def half_width(self, now: float) -> float:
        """Seconds by which the middle of the interval may be wrong; infinite while nothing is known."""
        return math.inf if self._lines is None else self._lines.half_width(now)

    def good(self, now: float, window_ms: int) -> bool:
        """Usable and not to be measured anew: looked at closely once a second, since every request asks."""
        if now < self._good_until.get(window_ms, -math.inf):
            return True
        later = now + _LOOKED_AT_SECONDS
        if self.needs_sync(later, window_ms):
            return False
        self._good_until[window_ms] = later
        return True

    def usable(self, now: float, window_ms: int) -> bool:
        """Whether a stamp can be trusted to fall into the window: the interval takes at most half of it."""
        return self.half_width(now) * 4000 <= window_ms

    def needs_sync(self, now: float, window_ms: int) -> bool:
        """Whether the clock should be measured now. Not for a caller's hot path: measure beside it."""
        if self._resync_wanted or not self.usable(now, window_ms) or now - self._measured_at >= RESYNC_SECONDS:
            return True
        growth = self.half_width(now) - self._measured_half_width
        return growth >= max(GROWTH_SECONDS, window_ms / 100_000)

    def reading(self, now: float, wall_us: int) -> ClockReading:
        """What is known, against the wall clock's microseconds since the epoch at the same moment."""
        offset = None if self._lines is None else (sum(self.interval_us(now)) - 2 * wall_us) / 2_000_000
        return ClockReading(
            offset=offset,
            bound=self.half_width(now),
            age=now - self._measured_at if self._samples else None,
            epoch=self.epoch,
            samples=self._samples,
        )

    # --- how it changes

    def _start(self, sample: _Lines, sent_at: float) -> None:
        self._lines = sample
        self._good_until.clear()
        self._began_at = sent_at
        # One sample after a step may itself be the odd one out; the very first has nothing to be odd against.
        self._resync_wanted = self.epoch > 0

    def _forget(self, at: float) -> None:
        self._lines = None
        self._good_until.clear()
        self._samples = 0
        self.epoch += 1
        self._began_at = at
        self._unit_us = None
        self._measured_at = -math.inf
        self._measured_half_width = math.inf
        self._resync_wanted = True

    def _note(self, received_at: float, unit_us: int) -> None:
        if self._unit_us is None or unit_us <= self._unit_us:
            self._unit_us = unit_us
            self._measured_at = received_at
            self._measured_half_width = self.half_width(received_at)
