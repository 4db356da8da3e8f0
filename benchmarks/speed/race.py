"""The race: every client makes the same requests of the same venue, in turns, fifty at a time.

A round lets each client make each call so many times; its figures are compared with those of raw aiohttp in the same
round, and the medians of these ratios are what is told. Nothing is left out: slow rounds are rounds.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from attrs import frozen

from benchmarks.heap import settled_heap
from benchmarks.speed.clients import AT_ONCE, CALLS, Call, Runner, runners
from benchmarks.speed.row import Effort, Row, at_least, at_most
from benchmarks.speed.venue import serving

RATES = {"book": 0.80, "ticker": 0.85, "order": 0.80}
"""Least share of raw requests a second."""
COSTS = {"book": 1.25, "ticker": 1.2, "order": 1.3}
"""Most CPU of a call, against raw."""
CCXT = 2.0
WARM = 1500
"""Calls of each kind before the first round: connections are made, caches fill, and our slots grow to fifty."""
_NAMES = {"book": "book, 100 levels", "ticker": "ticker", "order": "signed order"}


@frozen(kw_only=True)
class Lap:
    """One client, one call, one round."""

    rate: float
    """Requests a second."""
    cpu_us: float
    """Of this process, for one call."""


Laps = dict[tuple[str, str], list[Lap]]
"""Client and call -> one lap for each round."""


async def lap(call: Call, requests: int) -> Lap:
    """So many calls, fifty under way at a time."""
    left = iter(range(requests))

    async def lane() -> None:
        for _ in left:
            await call()

    gc.collect()
    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*(lane() for _ in range(AT_ONCE)))
    return Lap(rate=requests / (time.perf_counter() - began), cpu_us=(time.process_time() - spent) / requests * 1e6)


@asynccontextmanager
async def opened(base: str, racers: list[Runner]) -> AsyncIterator[None]:
    """All of them open, and what they have imported out of the garbage collector's way, since they share a heap."""
    with TemporaryDirectory() as folder:
        for racer in racers:
            await racer.open(base, Path(folder))
        try:
            with settled_heap():
                yield
        finally:
            for racer in racers:
                await racer.close()


async def run(base: str, effort: Effort, calls: tuple[str, ...] = CALLS, racers: list[Runner] | None = None) -> Laps:
    """All rounds on the running loop."""
    racers = runners() if racers is None else racers
    laps: Laps = {(racer.name, call): [] for racer in racers for call in calls}
    async with opened(base, racers):
        for racer in racers:
            for call in calls:
                await lap(racer.calls[call], WARM)
        for _ in range(effort.rounds):
            for call in calls:
                for racer in racers:
                    laps[racer.name, call].append(await lap(racer.calls[call], effort.requests))
    return laps


def ratio(laps: Laps, name: str, call: str, of: Callable[[Lap], float], to: str = "raw") -> float:
    """Median over the rounds of a client's figure against another one's in the same round."""
    return median(of(one) / of(other) for one, other in zip(laps[name, call], laps[to, call], strict=True))


def rows(effort: Effort) -> Iterator[Row]:
    """The race on each event loop."""
    with serving() as base:
        for loop in effort.loops:
            laps = _on(loop)(run(base, effort))
            for call in CALLS:
                yield from _ours(laps, call, loop)
            yield from _others(laps, loop)


def _on(loop: str) -> Callable[..., Laps]:
    run: Callable[..., Laps] = import_module("uvloop").run if loop == "uvloop" else asyncio.run
    return run


def _ours(laps: Laps, call: str, loop: str) -> Iterator[Row]:
    rate, cpu = ratio(laps, "unified", call, _rate), ratio(laps, "unified", call, _cpu)
    told = median(one.rate for one in laps["unified", call])
    spent = median(one.cpu_us for one in laps["unified", call])
    where = f"{_NAMES[call]} ({loop})"
    yield Row(
        table="race",
        what=f"requests/s against raw: {where}",
        bar=f"at least {RATES[call]:.2f}",
        measured=f"{rate:.2f} ({told:,.0f}/s)",
        holds=at_least(rate, RATES[call]),
        numbers={"loop": loop, "call": call, "ratio": rate},
    )
    yield Row(
        table="race",
        what=f"CPU per call against raw: {where}",
        bar=f"at most {COSTS[call]:g}",
        measured=f"{cpu:.2f} ({spent:.0f} us)",
        holds=at_most(cpu, COSTS[call]),
        numbers={"loop": loop, "call": call, "ratio": cpu},
    )
    if ("ccxt", call) in laps:
        ahead = ratio(laps, "unified", call, _rate, "ccxt")
        yield Row(
            table="race",
            what=f"requests/s against ccxt: {where}",
            bar=f"at least {CCXT:g}",
            measured=f"{ahead:.2f}",
            holds=at_least(ahead, CCXT),
            numbers={"loop": loop, "call": call, "ratio": ahead},
        )


def _others(laps: Laps, loop: str) -> Iterator[Row]:
    """How all of them did, for the table of peers and for the plot."""
    for name in dict.fromkeys(name for name, _ in laps):
        rates = {call: ratio(laps, name, call, _rate) for call in CALLS}
        costs = {call: ratio(laps, name, call, _cpu) for call in CALLS}
        seen = " / ".join(f"{median(one.rate for one in laps[name, call]):,.0f}" for call in CALLS)
        yield Row(
            table="peers",
            what=f"{name} ({loop})",
            measured=(
                f"{' / '.join(f'{rates[call]:.2f}' for call in CALLS)} of raw's requests/s, "
                f"{' / '.join(f'{costs[call]:.2f}' for call in CALLS)} of its CPU ({seen} requests/s)"
            ),
            numbers={"loop": loop, "client": name, "rates": rates, "costs": costs},
        )


def _rate(one: Lap) -> float:
    return one.rate


def _cpu(one: Lap) -> float:
    return one.cpu_us
