"""Books of streams against the simulated venue's own, after every applied frame, through every fault there is.

The judge knows nothing of the client but what it shows: each applied frame must leave the book that the engine had when
the frame was made, and what can be read must not be older than the silence after which a connection counts as dead.

`python -m benchmarks.books --frames 1000000 kraken okx` prints the rows of some venues alone, all where none is named.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from attrs import asdict, evolve, frozen

from benchmarks.figure import USUAL, Figure, Sizes
from benchmarks.grounds import BUILT, GROUNDS, Ground
from benchmarks.scene import Scene
from unified.book import BookBuilder, LiveBook
from unified.feeds import BookRule, streams_of, unsequenced
from unified.hooks import StreamChange
from unified.link import Link
from unified.market_data import Level
from unified.sandbox.engine import Engine
from unified.sandbox.stream_faults import StreamMishap, StreamPlan
from unified.testing.loop import run
from unified.watches import WatchBook
from unified.wire import microseconds

EVERYTHING = {
    StreamMishap.DROPPED: 10.0,
    StreamMishap.DOUBLED: 10.0,
    StreamMishap.REORDERED: 10.0,
    StreamMishap.CUT: 3.0,
    StreamMishap.WRONG_CHECKSUM: 10.0,
    StreamMishap.SILENCE: 1.0,
    StreamMishap.HALF_OPEN: 1.0,
    StreamMishap.DISCONNECTED: 5.0,
    StreamMishap.LATE: 10.0,
}
DEPTH = 10
SLACK = 1.0
"""Seconds beyond the silence of a line until what it brought must be gone."""
LOOK_EVERY = 0.25
_KEPT = 20_000
"""States of the engine that are remembered: more than half an hour of a busy market."""
_RUN_FRAMES = 100_000
"""Applied in one run; more are several runs, each of a seed of its own, so that none repeats another."""
_BLIND_FRAMES = 1_000
"""Enough for a client that believes everything to be wrong on every venue."""
State = tuple[tuple[Level, ...], tuple[Level, ...]]
"""Bids and asks."""


class Judge:
    """Remembers the engine's book at every moment, and counts what the client shows that it was not."""

    def __init__(self, engine: Engine, ground: Ground) -> None:
        self._instrument = engine.instrument(ground.product, ground.symbol)
        self._engine, self._numbered, self._unit_us = engine, ground.numbered, ground.unit_us
        self._book = engine.market(self._instrument).book
        self._times: list[int] = []
        self._numbers: list[int] = []
        self._states: list[State] = []
        self.seen = self.wrong = self.looks = self.old = self.absent = 0

    def follow(self) -> None:
        """Remember every state from now on."""
        advance, engine = self._engine.advance, self._engine

        def watched(to_us: int) -> None:
            advance(to_us)
            self._note()

        patched: Any = engine
        patched.advance = watched
        self._note()

    def _note(self) -> None:
        if self._numbers and self._numbers[-1] == self._book.sequence:
            return
        book = self._engine.book(self._instrument, DEPTH)
        self._times.append(self._engine.now_us)
        self._numbers.append(book.sequence)
        self._states.append((book.bids, book.asks))
        if len(self._states) > 2 * _KEPT:
            del self._times[:_KEPT], self._numbers[:_KEPT], self._states[:_KEPT]

    def judge(self, builder: BookBuilder) -> None:
        """After an applied frame: is it the book that the frame stood for?"""
        shown = _shown(builder)
        self.seen += 1
        at = self._stood_for(shown)
        self.wrong += at is None or (tuple(shown.bids), tuple(shown.asks)) != self._states[at]

    def look(self, builder: BookBuilder | None, oldest: float) -> None:
        """At any time: is what can be read no older than this many seconds?"""
        self.looks += 1
        if builder is None or not builder.available:
            self.absent += 1
            return
        at = self._stood_for(_shown(builder))
        ended = self._times[at + 1] if at is not None and at + 1 < len(self._times) else self._engine.now_us
        self.old += at is None or self._engine.now_us - ended > oldest * 1_000_000

    def _stood_for(self, shown: LiveBook) -> int | None:
        """Which of the engine's books it claims to be."""
        if not self._numbered:
            assert shown.time is not None
            at = bisect_right(self._times, microseconds(shown.time) + self._unit_us - 1) - 1
            return None if at < 0 else at
        assert shown.sequence is not None
        at = bisect_right(self._numbers, shown.sequence) - 1
        return at if at >= 0 and self._numbers[at] == shown.sequence else None


def _shown(builder: BookBuilder) -> LiveBook:
    return builder.book(DEPTH, lambda: 0.0)


@frozen(kw_only=True)
class Seen:
    """What a run showed, or several together."""

    frames: int
    wrong: int
    looks: int
    old: int
    absent: int
    gaps: int
    healed: int
    runs: int = 1


def together(seen: Iterable[Seen]) -> Seen:
    """The sums."""
    sums = Counter[str]()
    for one in seen:
        sums.update(asdict(one))
    return Seen(**sums)


async def watched(
    ground: Ground, frames: int, seed: int = 1, faults: Mapping[StreamMishap, float] = EVERYTHING
) -> Seen:
    """Watch a busy book through faults until so many frames have been applied."""
    plan = StreamPlan(seed=seed, chances=faults)
    scene = Scene(ground.venue, seed=seed, streams=plan, busy=(ground.product, ground.symbol))
    client, _ = scene.client()
    engine, counts = scene.dialect.engine, Counter[StreamChange]()
    judge, hub = Judge(engine, ground), client._hub
    judge.follow()
    told, judged = hub.book, judge.judge

    def book(link: Link, builder: BookBuilder) -> None:
        judged(builder)
        told(link, builder)

    patched: Any = hub
    patched.book = book
    client.hooks.on_stream.add(lambda event: counts.update([event.change]))
    oldest = streams_of(hub._adapter)[WatchBook, ground.product].line.silence + SLACK
    async with client, client.watch_book(ground.name, depth=DEPTH):
        (topic,) = hub._topics.values()
        while judge.seen < frames:
            await asyncio.sleep(LOOK_EVERY)
            engine.advance(scene.dialect.clock.true_us())
            judge.look(topic.builder, oldest)
    assert scene.dialer.failures == []
    return Seen(
        frames=judge.seen,
        wrong=judge.wrong,
        looks=judge.looks,
        old=judge.old,
        absent=judge.absent,
        gaps=counts[StreamChange.GAP],
        healed=counts[StreamChange.HEALED],
    )


def runs(ground: Ground, frames: int) -> Iterator[Seen]:
    """So many frames, in as many runs as they need."""
    for seed, done in enumerate(range(0, frames, _RUN_FRAMES), 1):
        yield run(watched(ground, min(_RUN_FRAMES, frames - done), seed))


def blind() -> ExitStack:
    """A client that believes every frame: it counts nothing, checks no sum and shrugs at gaps."""
    stack = ExitStack()
    applied = BookBuilder.__init__

    def trusting(self: BookBuilder, watch: WatchBook, rule: BookRule) -> None:
        applied(self, watch, evolve(rule, follows=unsequenced, checksum=None, may_cross=True))

    stack.enter_context(patch.object(BookBuilder, "__init__", trusting))
    stack.enter_context(patch.object(Link, "_on_gap", lambda _self, _event: None))
    return stack


def figures(sizes: Sizes) -> Iterator[Figure]:
    """Each venue's book through faults, and what the same judge says of a client that believes every frame."""
    for ground in GROUNDS:
        yield figure(ground, together(runs(ground, sizes.book_frames)))
    frames = min(_BLIND_FRAMES, sizes.book_frames)
    with blind():
        wrong = {str(ground): together(runs(ground, frames)).wrong for ground in BUILT}
    yield Figure(
        what="control: wrong books of a client that believes every frame",
        required="more than 0 of each",
        measured=f"{', '.join(f'{name} {count}' for name, count in wrong.items())} of {frames:,} each",
        holds=all(wrong.values()),
    )


def figure(ground: Ground, seen: Seen) -> Figure:
    """The row of a venue."""
    return Figure(
        what=f"books that were not the engine's, or stale: {ground}",
        required="0, 0",
        measured=f"{seen.wrong} of {seen.frames:,} applied frames, {seen.old} of {seen.looks:,} looks; "
        f"{seen.gaps:,} gaps, unavailable in {seen.absent / seen.looks:.1%} of the looks",
        holds=seen.wrong == seen.old == 0 and seen.gaps > 0 and seen.healed >= seen.gaps - seen.runs,
    )


def main(arguments: Sequence[str]) -> int:
    """Print the rows of the venues that are named. 1 where one does not hold."""
    parser = argparse.ArgumentParser(description="Compare books of streams with the simulated venues' own.")
    parser.add_argument("venues", nargs="*", metavar="venue")
    parser.add_argument("--frames", type=int, default=USUAL.book_frames, help="to apply, of each venue and product")
    chosen = parser.parse_args(arguments)
    known = {ground.venue: None for ground in GROUNDS}
    strange = [venue for venue in chosen.venues if venue not in known]
    if strange:
        parser.error(f"no books are judged of {', '.join(strange)}; there are: {', '.join(known)}")
    holds = True
    for ground in GROUNDS:
        if not chosen.venues or ground.venue in chosen.venues:
            row = figure(ground, together(runs(ground, chosen.frames)))
            print(f"{row.what}: {row.measured}", flush=True)
            holds = holds and row.holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
