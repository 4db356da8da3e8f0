"""The demo's strategy on every simulated venue at once, through harsh faults, in virtual time: `make soak`.

What `unified demo` does in real seconds over sockets happens here in memory, for as long as one likes, and alike each
time. The venues judge their clients; this prints what they say, and ends with 1 where any count is not zero.

The end is orderly: after the trading, orders are tidied up through the same faults; then nothing goes wrong any more,
and streams have five minutes to tell what they still owe. A fill that is told only then is late: that is printed, and
breaks no promise. One that is not told then either is lost.

A control has a line that delivers each request twice: the venues must notice, or their zeros would prove nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from random import Random

from attrs import frozen

from benchmarks.figure import Figure, Sizes
from benchmarks.scene import Scene, Tap
from unified.demo.audit import StreamVerdict
from unified.demo.run import Plan, Stage, settles, stream_plan, traded
from unified.http import HttpRequest, HttpResponse
from unified.ports import Pool
from unified.sandbox.faults import FaultPlan, Profile
from unified.sandbox.registry import installed, sandbox_class
from unified.testing.loop import run

COUNTS = (
    "duplicate_orders",
    "lost_orders",
    "limit_violations",
    "clock_rejections",
    "requests_while_banned",
    "unattributed_requests",
)
STREAM_COUNTS = ("wrong_books", "lost_fills", "doubled_fills")

TIDY_S = 3600.0
"""A venue that lets one question a second through, and whose faults go on, takes its time to tell of every order."""


@frozen(kw_only=True)
class Judged:
    """What one venue says of its client."""

    venue: str
    requests: int
    orders: int
    doubts: int
    """Orders whose outcome was unknown at first."""
    undecidable: int
    """Doubts that were left where the venue promises nothing that could end them."""
    counts: dict[str, int]
    """What must be zero."""
    streams: StreamVerdict


class _Twice(Tap):
    """A line that delivers everything twice, as a transport with retries of its own would."""

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        await super().send(request, timeout=timeout, pool=pool)
        return await super().send(request, timeout=timeout, pool=pool)


def soak(seconds: float, seed: int = 1, venues: Sequence[str] = (), *, line: type[Tap] = Tap) -> tuple[Judged, ...]:
    """Trade for so many virtual seconds, on all venues where none are named."""
    return run(_soak(Plan(venues=tuple(venues) or installed(), seconds=seconds, seed=seed, faults=Profile.HARSH), line))


async def _soak(plan: Plan, line: type[Tap]) -> tuple[Judged, ...]:
    async with AsyncExitStack() as stack:
        stages = [await _stage(stack, plan, venue, line) for venue in plan.venues]
        await traded(stages, plan, _unseen, tidy_s=TIDY_S)
        return tuple(map(_judged, stages))


async def _stage(stack: AsyncExitStack, plan: Plan, venue: str, line: type[Tap]) -> Stage:
    seed = Random(f"{plan.seed}/{venue}").randrange(10**6)
    streams = stream_plan(plan.faults, seed, sandbox_class(venue))
    scene = Scene(venue, FaultPlan(plan.faults, seed), seed, streams=streams)
    client, _ = scene.tapped(line)
    stage = Stage(venue, scene.network, await stack.enter_async_context(client))
    stage.watch.follow(client)
    return stage


async def _unseen(_stages: Sequence[Stage], _left: float) -> None:
    """Nobody watches."""


def _judged(stage: Stage) -> Judged:
    verdict, ends = stage.verdict, settles(stage.venue)
    assert verdict is not None
    return Judged(
        venue=stage.venue,
        requests=verdict.requests,
        orders=verdict.orders,
        doubts=stage.unknown_outcomes,
        streams=stage.streams,
        undecidable=0 if ends else stage.unknown_open,
        counts={
            **{name: getattr(verdict, name) or 0 for name in COUNTS},
            **{name: getattr(stage.streams, name) for name in STREAM_COUNTS},
            "left_in_doubt": stage.unknown_open if ends else 0,
        },
    )


def figures(sizes: Sizes) -> Iterator[Figure]:
    """All counts of all venues, and those of a control."""
    judged = soak(sizes.soak_seconds)
    wrong = sum(sum(venue.counts.values()) for venue in judged)
    requests, orders, doubts = (
        sum(counted) for counted in zip(*((of.requests, of.orders, of.doubts) for of in judged), strict=True)
    )
    yield Figure(
        what=f"{sizes.soak_seconds / 60:g} virtual minutes of the demo on {len(judged)} venues at once, harsh faults",
        required="0 of everything",
        measured=f"{wrong} in {requests:,} requests, {orders:,} orders, {doubts:,} doubts",
        holds=wrong == 0 and orders > 0 and doubts > 0,
    )
    (control,) = soak(min(sizes.soak_seconds, 30.0), venues=["paper"], line=_Twice)
    found = control.counts["unattributed_requests"]
    yield Figure(
        what="control: a line that delivers everything twice",
        required="more than 0",
        measured=f"{found:,} requests that the client knows nothing of",
        holds=found > 0,
    )


def main(arguments: Sequence[str]) -> int:
    """Print what each venue counted. 1 where any count is not zero."""
    parser = argparse.ArgumentParser(description="Trade on all simulated venues at once, in virtual time.")
    parser.add_argument("--minutes", type=float, default=30.0, help="virtual minutes to trade")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("venues", nargs="*", help="all that can be simulated, where none are named")
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    judged = soak(60 * asked.minutes, asked.seed, asked.venues)
    for of in judged:
        told = ", ".join(f"{name} {count}" for name, count in of.counts.items())
        told += f"; {of.undecidable} in doubt that nothing can decide" if of.undecidable else ""
        seen = f"{of.streams.faults} stream faults, {of.streams.books:,} books, {of.streams.gaps} gaps, "
        seen += f"{of.streams.fills:,} fills, {of.streams.late_fills} of them late; "
        print(
            f"{of.venue}: {of.requests:,} requests, {of.orders:,} orders, {of.doubts} doubts, "
            f"{seen if of.streams.watched else 'no streams; '}{told}"
        )
    wrong = sum(sum(of.counts.values()) for of in judged)
    spent = time.monotonic() - began
    print(f"{asked.minutes:g} virtual minutes, seed {asked.seed}, in {spent:.0f} s; {wrong} promises broken.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
