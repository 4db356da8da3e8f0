"""The limiter's counting against a venue that counts on arrival: windows over the limit, and how much is used.

Every run has a control that leaves out one part of the counting, and so shows that the traffic could exceed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from attrs import frozen

from benchmarks.figure import Figure, Sizes
from benchmarks.line import NARROW, OFFSET, Trip, VenueCount, around_edges, run, tails
from unified.adapter import DecayingCounter, FixedWindow, LimitRule, RollingWindow, TokenBucket
from unified.buckets import Theta, allowed

MINUTE = FixedWindow(limit=1200, period=60)
SKEWS = (-0.005, 0.0, 0.005)
"""Where the venue's clock lies within what is known of it."""
WRONG_CLOCK = (OFFSET + 0.05, OFFSET + 0.05)
"""Surely known, and 50 ms off: what a limiter without slack for the clock believes."""


@frozen
class Form:
    """One form of rule, and how its venue is pressed."""

    name: str
    rule: LimitRule
    wanted: Callable[[int], list[float]]
    """Times at which so many requests are wanted."""
    cost: int
    """Of one request at most."""


def _edges(requests: int) -> list[float]:
    return around_edges(60, max(2, math.ceil(requests / 1500)), 1500, 1)


def _at_once(requests: int) -> list[float]:
    return [0.0] * requests


FORMS = (
    Form("fixed", MINUTE, _edges, 1),
    Form("rolling", RollingWindow(limit=300, period=10), _at_once, 9),
    Form("token bucket", TokenBucket(rate=50, burst=100), _at_once, 9),
    Form("decaying", DecayingCounter(limit=180, decay=3.75), _at_once, 9),
)


def figures(sizes: Sizes) -> Iterator[Figure]:
    """Windows over the limit by form, the controls, and the use of saturated limits."""
    for form in FORMS:
        yield _exceeded(form, sizes.requests)
    yield _control("without slack for the clock (eps = 0)", sizes, theta=WRONG_CLOCK)
    yield _control("without the carry of what is in flight", sizes, settle_at_once=True)
    yield _used("minute window", MINUTE, 600, 0.97)
    yield _used("10 s window", FixedWindow(limit=50, period=10), 400, 0.90)
    yield _used("1 s rolling window", RollingWindow(limit=20, period=1), 200, 0.80)


def _exceeded(form: Form, requests: int) -> Figure:
    runs = [_pressed(form, math.ceil(requests / len(SKEWS)), skew, seed) for seed, skew in enumerate(SKEWS)]
    worst, over = max(venue.worst for venue in runs), sum(venue.over for venue in runs)
    sent = sum(venue.arrivals for venue in runs)
    return Figure(
        what=f"windows above the limit, {form.name}",
        required="0",
        measured=f"{over} in {sent:,} requests; worst {worst:.1f} of {allowed(form.rule):g}",
        holds=over == 0 and worst > 0.8 * allowed(form.rule),
    )


def _pressed(form: Form, requests: int, skew: float, seed: int) -> VenueCount:
    chance = random.Random(seed)
    return run(
        form.rule,
        form.wanted(requests),
        tails(seed),
        offset=OFFSET + skew,
        costs=lambda: float(chance.randint(1, form.cost)),
    )


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
