"""Speed is kept: functions of Python are counted, which repeats exactly, and ratios have margins for any machine.

How fast it is says `make bench`; these tests say that it has not become slower without anybody noticing.
"""

from __future__ import annotations

import asyncio
import sys
import time
from decimal import Decimal
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Any

import pytest

from benchmarks.speed import __main__ as bench
from benchmarks.speed import feeding, frames, parts, race, streams
from benchmarks.speed.clients import Call, Ours, Raw, config
from benchmarks.speed.row import Effort, Row, beside
from benchmarks.speed.venue import serving
from unified.book import BookBuilder
from unified.client import Client
from unified.feeds import Delta, Step

AT_MOST = {"order": 214, "ticker": 117, "book": 111}
"""Python functions entered for one call over an instant transport, a thirtieth to spare. Lower it with the count."""
CPU_AT_MOST = 6.0
"""Against raw aiohttp in the same run; several times what it is, since a test machine does other things as well."""
HELD = Row(table="parts", what="sign", bar="at most 1.1x", measured="0.50x", holds=True)
SHORT = Row(table="parts", what="trades", bar="at most 3.5x", measured="9.00x", holds=False)


async def entered(call: Call) -> int:
    """Functions of Python entered for one call: the median of some, after as many to warm up."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    async def one() -> int:
        nonlocal count
        count = 0
        sys.setprofile(note)
        try:
            await call()
        finally:
            sys.setprofile(None)
        return count

    for _ in range(20):
        await call()
    return int(median([await one() for _ in range(15)]))


async def counts(folder: Path, *, watched: bool = False) -> dict[str, int]:
    """Of every call, with everything on; `watched` adds a listener, which makes each call dearer."""
    async with Client(config("http://127.0.0.1:1", folder), transport=parts.Instant()) as client:
        bitcoin = await client.instrument("BTC/USDT")
        if watched:
            client.hooks.on_attempt.add(lambda _event: None)
        calls: dict[str, Call] = {
            "order": lambda: client.place_order(bitcoin, "buy", quantity="0.001", price="50000"),
            "ticker": lambda: client.ticker(bitcoin),
            "book": lambda: client.book(bitcoin),
        }
        return {name: await entered(call) for name, call in calls.items()}


async def test_a_call_enters_no_more_functions_than_it_did(tmp_path: Path) -> None:
    found = await counts(tmp_path)
    assert {name: count for name, count in found.items() if count > AT_MOST[name]} == {}


async def test_the_count_repeats_and_tells_of_a_dearer_call(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    (tmp_path / "third").mkdir()
    first, second = await counts(tmp_path / "first"), await counts(tmp_path / "second")
    watched = await counts(tmp_path / "third", watched=True)
    assert all(abs(first[name] - second[name]) <= 2 for name in first)
    assert all(watched[name] > first[name] + 2 for name in first)


class Slow(Ours):
    """Our client with two milliseconds of work added to each call: what the check must find."""

    async def open(self, base: str, folder: Path, /) -> None:
        await super().open(base, folder)
        self.calls = {name: self._slowed(call) for name, call in self.calls.items()}

    def _slowed(self, call: Call) -> Call:
        async def slowed() -> object:
            until = time.process_time() + 0.002
            while time.process_time() < until:
                pass
            return await call()

        return slowed


@pytest.mark.parametrize(
    ("ours", "keeps"),
    [pytest.param(Ours, True, id="our client"), pytest.param(Slow, False, id="control: the same made slow")],
)
def test_a_call_costs_no_multiple_of_a_bare_one(ours: type[Ours], keeps: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "WARM", 100)
    effort = Effort(
        rounds=3, requests=100, blocks=1, starts=1, calls=1, loops=("asyncio",), deltas=1, tickers=1, frames=1
    )
    with serving() as base:
        laps = asyncio.run(race.run(base, effort, ("book", "order"), [Raw(), ours()]))
    dearest = max(race.ratio(laps, "unified", call, lambda lap: lap.cpu_us) for call in ("book", "order"))
    assert (dearest <= CPU_AT_MOST) is keeps


@pytest.mark.parametrize("venue", frames.FRAMES)
def test_the_frames_that_are_measured_tell_the_story_of_one_book(venue: str) -> None:
    told = frames.story(200)

    async def fed() -> tuple[list[Decimal], list[Decimal]]:
        made = feeding.Ours(venue)
        await made.subscribe(frames.binance_book(told) if venue == "binance" else None)
        await made.feed(frames.FRAMES[venue](told))
        bids, asks = made.builder().levels(10)
        await made.close()
        return [Decimal(price) for price, _ in bids], [Decimal(price) for price, _ in asks]

    bids, asks = told.changes[-1].best
    assert asyncio.run(fed()) == ([Decimal(cents) / 100 for cents in bids], [Decimal(cents) / 100 for cents in asks])


def test_books_do_not_grow_and_what_grows_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asyncio.run(streams._grown(4_000)) < 40
    kept, delta = list[Delta](), BookBuilder.delta

    def hoards(self: BookBuilder, told: Delta, now: float) -> Step:
        kept.append(told)
        return delta(self, told, now)

    monkeypatch.setattr(BookBuilder, "delta", hoards)
    assert asyncio.run(streams._grown(4_000)) > 4_000


def test_a_comparison_finds_what_takes_twice_as_long() -> None:
    def work(count: int) -> int:
        return sum(range(count))

    found = beside(lambda: work(4000), lambda: work(2000), blocks=15, times=50)
    assert found.ratio > 1.3


def test_what_does_not_hold_is_shown() -> None:
    said = bench.tables([HELD, SHORT])
    assert "| sign | at most 1.1x | 0.50x | yes |" in said
    assert "| trades | at most 3.5x | 9.00x | **no** |" in said
    assert bench.verdict([HELD, SHORT]) == "1 of 2 bars hold."


def test_the_table_goes_between_its_marks_and_nowhere_else() -> None:
    page = "before\n<!-- speed: made by make bench -->\nold\n<!-- end of speed -->\nafter"
    assert bench.between(page, "new") == page.replace("old", "new")
    with pytest.raises(ValueError, match="no place for the table"):
        bench.between("nothing", "new")
