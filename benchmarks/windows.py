"""The limiter's counting against a venue that counts on arrival: windows over the limit, and how much is used.

Every run has a control that leaves out one part of the counting, and so shows that the traffic could exceed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from attrs import evolve

from benchmarks.figure import Figure, Sizes
from benchmarks.line import NARROW, OFFSET, Trip, VenueCount, around_edges, run, tails
from unified.adapter import AdapterSettings, Concurrency, FixedWindow, LimitRule, RollingWindow
from unified.bucket import Theta, allowed
from unified.registry import adapter_class
from unified.sandbox.registry import installed

MINUTE = FixedWindow(limit=1200, period=60)
SKEWS = (-0.005, 0.0, 0.005)
"""Where the venue's clock lies within what is known of it."""
WRONG_CLOCK = (OFFSET + 0.05, OFFSET + 0.05)
"""Surely known, and 50 ms off: what a limiter without slack for the clock believes."""


_HEAVIEST = 9
_SCALED = 20
"""A window so large that the run would not fill it so often is made smaller: its form is what is tried."""


def figures(sizes: Sizes) -> Iterator[Figure]:
    """Windows over the limit by venue, the controls, and the use of saturated limits."""
    for venue in installed():
        yield _exceeded(venue, sizes.requests)
    yield _control("without slack for the clock (eps = 0)", sizes, theta=WRONG_CLOCK)
    yield _control("without the carry of what is in flight", sizes, settle_at_once=True)
    yield _used("minute window", MINUTE, 600, 0.97)
    yield _used("10 s window", FixedWindow(limit=50, period=10), 400, 0.90)
    yield _used("1 s rolling window", RollingWindow(limit=20, period=1), 200, 0.80)


def rules_of(venue: str) -> tuple[LimitRule, ...]:
    """Every different rule by which a venue counts requests over time."""
    rules = (limit.rule for limit in adapter_class(venue)(AdapterSettings()).limits)
    return tuple(dict.fromkeys(rule for rule in rules if not isinstance(rule, Concurrency)))


def _exceeded(venue: str, requests: int) -> Figure:
    rules = rules_of(venue)
    each = math.ceil(requests / len(rules) / len(SKEWS))
    runs = [_pressed(_scaled(rule, each), each, skew, seed) for rule in rules for seed, skew in enumerate(SKEWS)]
    over, sent = sum(run.over for run in runs), sum(run.arrivals for run in runs)
    fullest, least = max(run.worst / run.most for run in runs), min(run.worst / run.most for run in runs)
    return Figure(
        what=f"windows above the limit, {venue}: {len(rules)} rules",
        required="0",
        measured=f"{over} in {sent:,} requests; the fullest at {fullest:.2%} of its limit",
        holds=over == 0 and least > 0.8 and sent >= requests,
    )


def _scaled(rule: LimitRule, requests: int) -> LimitRule:
    if isinstance(rule, FixedWindow | RollingWindow) and rule.limit > requests // _SCALED:
        return evolve(rule, limit=requests // _SCALED)
    return rule


def _pressed(rule: LimitRule, requests: int, skew: float, seed: int) -> VenueCount:
    """Bursts around the edges of a calendar's windows; elsewhere a queue that never ends, of all weights."""
    chance, heaviest = random.Random(seed), min(_HEAVIEST, int(allowed(rule)))
    if isinstance(rule, FixedWindow):
        burst, heaviest = math.ceil(1.25 * rule.limit), 1
        wanted = around_edges(rule.period, max(2, math.ceil(requests / burst)), burst, 1)
    else:
        wanted = [0.0] * requests
    return run(rule, wanted, tails(seed), offset=OFFSET + skew, costs=lambda: float(chance.randint(1, heaviest)))


def _control(what: str, sizes: Sizes, *, theta: Theta = NARROW, settle_at_once: bool = False) -> Figure:
    trips = tails(2, 0.01) if theta is WRONG_CLOCK else tails(2)
    wanted = around_edges(60, max(6, sizes.requests // 3000), 1500, 1)
    venue = run(MINUTE, wanted, trips, theta, settle_at_once=settle_at_once)
    return Figure(
        what=f"control: windows above the limit {what}",
        required="more than 0",
        measured=f"{venue.over} in {venue.arrivals:,} requests; worst {venue.worst:.0f} of {MINUTE.limit:g}",
        holds=venue.over > 0,
    )


def _used(what: str, rule: FixedWindow | RollingWindow, seconds: int, least: float) -> Figure:
    share, worst = saturated(rule, seconds)
    return Figure(
        what=f"used of a saturated {what}",
        required=f"at least {least:.0%}",
        measured=f"{share:.1%}",
        holds=share >= least and worst <= rule.limit,
    )


def saturated(rule: FixedWindow | RollingWindow, seconds: int) -> tuple[float, float]:
    """Which part of the limit a queue that never ends uses, and the highest count, on a line of 60 ms there and back.

    Of calendar windows only those count that began after the queue and ended before the end.
    """
    chance = random.Random(7)
    venue = run(
        rule,
        [0.0] * int(rule.limit * (seconds / rule.period + 2)),
        lambda: Trip(0.03 * chance.lognormvariate(0, 0.4), 0.03 * chance.lognormvariate(0, 0.4)),
        until=seconds,
    )
    if isinstance(rule, RollingWindow):
        return venue.total / (rule.limit / rule.period * seconds), venue.worst
    windows = venue.whole_windows(OFFSET, OFFSET + seconds)
    return sum(windows) / (rule.limit * len(windows)), venue.worst
