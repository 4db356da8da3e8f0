"""Refusals that a shared clock and a shared nonce should spare: production clients against sandboxes in memory.

The controls leave out one part each: the clock that takes a refusal for news, and the nonces that clients share.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from unittest.mock import patch

from attrs import frozen

from benchmarks.figure import Figure, Sizes, none_of
from benchmarks.scene import Scene
from unified.clock import ClockSync
from unified.errors import Kind, VenueError
from unified.hooks import ResyncEvent
from unified.settings import Deadlines
from unified.sharing import forget_shared
from unified.testing.loop import run

HOUR = 3600.0
DRIFT_PPM = 100
_AT_ONCE = 50
_EVERY = 5
"""Steps of the clock in a run."""
_CONTROL_CALLS = 500


def figures(sizes: Sizes) -> Iterator[Figure]:
    """Refused timestamps through drift and steps, and refused nonces of many calls at once."""
    story = run(_through_steps(sizes.signed_calls))
    yield Figure(
        what=f"clock refusals in {story.calls:,} signed calls, drift {DRIFT_PPM} ppm, {story.steps} steps of an hour",
        required="one for each step, one resync each",
        measured=f"{story.refusals} refusals, {story.resyncs} resyncs, {story.excused} calls failed",
        holds=story.refusals == story.resyncs == story.steps and story.excused == 0,
    )
    with patch.object(ClockSync, "suspect", _stay_sure):
        deaf = run(_through_steps(_CONTROL_CALLS))
    yield Figure(
        what="control: clock refusals with a clock that learns nothing of a refusal",
        required=f"more than {deaf.steps}",
        measured=f"{deaf.refusals} in {deaf.calls} calls through {deaf.steps} steps; {deaf.excused} calls failed",
        holds=deaf.refusals > deaf.steps,
    )
    refused, calls = run(_at_once(together=True))
    yield none_of("nonce refusals, 5 to 15 ms each way", refused, f"{calls} calls at once by two clients")
    refused, calls = run(_at_once(together=False))
    yield Figure(
        what="control: the same by two clients that share nothing",
        required="more than 0",
        measured=f"{refused} refusals in {calls} requests",
        holds=refused > 0,
    )


def _stay_sure(_clock: ClockSync, _stamped_at: float) -> None:
    """Takes no notice of a refused time."""


@frozen
class _Steps:
    calls: int
    steps: int
    refusals: int
    """Requests whose time the venue refused."""
    resyncs: int
    excused: int
    """Calls that did not succeed."""


async def _through_steps(calls: int) -> _Steps:
    scene = Scene("binance")
    scene.dialect.clock.drift_ppm = DRIFT_PPM
    client, _ = scene.client(deadlines=Deadlines(call=120))
    resyncs: list[ResyncEvent] = []
    client.hooks.on_resync.add(resyncs.append)
    steps = succeeded = 0
    async with client:
        for number in range(calls):
            if number % (calls // _EVERY) == calls // _EVERY // 2:
                scene.step_clock(HOUR if steps % 2 else -HOUR)
                steps += 1
            with suppress(VenueError):
                await client.balances()
                succeeded += 1
    return _Steps(
        calls=calls,
        steps=steps,
        refusals=scene.network.ledger.verdict().clock_rejections_total,
        resyncs=sum(event.reason is Kind.TIMESTAMP_OUT_OF_WINDOW for event in resyncs),
        excused=calls - succeeded,
    )


async def _at_once(*, together: bool) -> tuple[int, int]:
    """Refused nonces and requests of 50 signed calls that two clients of one account make in the same moment.

    Clients that are not together know nothing of each other, as if they were two processes.
    """
    scene = Scene("kraken")
    (one, one_tap), (two, two_tap) = (scene.client(deadlines=Deadlines(call=120)) for _ in range(2))
    async with one, two:
        await one.instruments()
        if not together:
            forget_shared()
        calls = (client.balances() for _ in range(_AT_ONCE // 2) for client in (one, two))
        await asyncio.gather(*calls, return_exceptions=True)
    answers = one_tap.answers + two_tap.answers
    return sum(b"Invalid nonce" in answer.body for answer in answers), one_tap.count("/BalanceEx") + two_tap.count(
        "/BalanceEx"
    )
