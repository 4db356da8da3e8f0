"""The clock of a door against venues whose true time is known: is it inside what the clock claims, and how narrow?

Time is a number; nothing waits and nothing is sent. The venue's clock may drift and be stepped by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

from attrs import define, field, frozen

from benchmarks.figure import Figure, Sizes
from unified.account import VenueTime
from unified.clock import ClockSync

EPOCH_US = 1_790_000_000_000_000


@define
class Venue:
    """A clock that runs `ppm` fast against ours; `way` is a network that takes any time in each direction."""

    ppm: float = 0.0
    offset_us: int = EPOCH_US
    unit_us: int = 1000
    chance: Random = field(factory=lambda: Random(7))

    def true_us(self, now: float) -> float:
        return self.offset_us + now * (1_000_000 + self.ppm)

    def answer(self, clock: ClockSync, sent_at: float, up: float, down: float, fresh: bool = False) -> float:
        """One request; returns the moment at which its answer was read."""
        stamp = int(self.true_us(sent_at + up))
        time = VenueTime(time_us=stamp - stamp % self.unit_us, unit_us=self.unit_us)
        clock.observe(sent_at, sent_at + up + down, time, fresh)
        return sent_at + up + down

    def holds(self, clock: ClockSync, now: float) -> bool:
        low, high = clock.interval_us(now)
        return low <= self.true_us(now) <= high

    def would_hold(self, clock: ClockSync, known_at: float, now: float) -> bool:
        """The same of an interval that is carried on as wide as it was at `known_at`."""
        low, high = clock.interval_us(known_at)
        return low <= self.true_us(now) - (now - known_at) * 1_000_000 <= high


@frozen
class Eight:
    """What eight samples of a line taught a clock."""

    half_width: float
    first_half_width: float
    """After the first of them."""
    best_rtt: float
    held: bool
    """Whether the true time was inside the interval after each of them, and an hour later."""
    unwidened_held: bool
    """The same an hour later, had the interval not widened."""


def eight_samples(seed: int) -> Eight:
    """A line with 5 ms each way, and on top of it up to any time, independent in each direction; 10 ms on average."""
    chance, widths = Random(seed), list[float]()
    clock, now, best, held = ClockSync(), 5.0, math.inf, True
    venue = Venue(ppm=chance.uniform(-50, 50), offset_us=EPOCH_US + chance.randrange(10**10), chance=chance)
    for sample in range(8):
        up, down = (0.005 + chance.expovariate(100) for _ in range(2))
        now = venue.answer(clock, now + 0.1, up, down, fresh=sample == 0)
        best = min(best, up + down)
        held &= venue.holds(clock, now) and venue.holds(clock, now + 3600)
        widths.append(clock.half_width(now))
    return Eight(widths[-1], widths[0], best, held, venue.would_hold(clock, now, now + 3600))


def figures(sizes: Sizes) -> Iterator[Figure]:
    """Truth and narrowness of what a clock claims."""
    runs = [eight_samples(seed) for seed in range(sizes.clocks)]
    inside = sum(run.held for run in runs)
    yield Figure(
        what="true offset inside the claimed interval",
        required="100 %",
        measured=f"{inside / len(runs):.2%} of {len(runs):,} clocks, also an hour after their last sample",
        holds=inside == len(runs),
    )
    lost = sum(not run.unwidened_held for run in runs)
    yield Figure(
        what="control: the same an hour later, had the interval not widened with its age",
        required="more than 0 outside",
        measured=f"{lost:,} of {len(runs):,} clocks outside",
        holds=lost > 0,
    )
    excess = max(run.half_width - run.best_rtt / 2 for run in runs)
    yield Figure(
        what="half-width after eight samples",
        required="rtt_min/2 + 2 ms",
        measured=f"rtt_min/2 + {excess * 1000:.2f} ms at worst",
        holds=excess <= 0.002,
    )
    excess = max(run.first_half_width - run.best_rtt / 2 for run in runs)
    yield Figure(
        what="control: half-width after the first sample alone",
        required="more than rtt_min/2 + 2 ms",
        measured=f"rtt_min/2 + {excess * 1000:.2f} ms at worst",
        holds=excess > 0.002,
    )
