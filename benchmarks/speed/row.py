"""A row of a table of speed: what was asked for, what was measured, and whether it holds. Measures nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import thread_time
from typing import Any

from attrs import evolve, field, frozen


@frozen(kw_only=True)
class Row:
    """One line. `measured` is for people, `numbers` for plots and for whoever compares runs."""

    table: str
    what: str
    bar: str = ""
    """What is asked for; empty for a row that only tells."""
    measured: str
    holds: bool | None = None
    """None where nothing is asked for."""
    numbers: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Effort:
    """How much is run."""

    rounds: int
    requests: int
    """Per client, call and round."""
    blocks: int
    """Interleaved blocks of a comparison of two functions."""
    starts: int
    """Fresh interpreters, for what an import costs."""
    calls: int
    """Of the run that must not grow."""
    loops: tuple[str, ...]
    deltas: int
    """Per reader, venue and round."""
    tickers: int
    """Per reader and round."""
    frames: int
    """Of the run of a book that must not grow."""


USUAL = Effort(
    rounds=7,
    requests=1500,
    blocks=25,
    starts=9,
    calls=1_000_000,
    loops=("asyncio", "uvloop"),
    deltas=3000,
    tickers=3000,
    frames=1_000_000,
)
QUICK = Effort(
    rounds=3,
    requests=250,
    blocks=7,
    starts=3,
    calls=5_000,
    loops=("asyncio", "uvloop"),
    deltas=500,
    tickers=500,
    frames=20_000,
)
LONG = evolve(USUAL, frames=10_000_000)


def bounded(table: str, what: str, value: float, bar: float, unit: str, *, beside: str = "") -> Row:
    """A row of something that has a unit and a bar; `beside` is told with it and not judged."""
    return Row(
        table=table,
        what=what,
        bar=f"at most {bar:g} {unit}",
        measured=f"{value:.1f} {unit}{beside}",
        holds=value <= bar,
        numbers={"value": value, "bar": bar},
    )


def at_most(value: float, bar: float) -> bool:
    """Whether a value keeps its bar, compared as it is shown: two digits."""
    return round(value, 2) <= bar


def at_least(value: float, bar: float) -> bool:
    """The same for what must not be less."""
    return round(value, 2) >= bar


@frozen(kw_only=True)
class Beside:
    """Two functions measured in turns."""

    ours_us: float
    base_us: float
    ratio: float
    """Median of the ratios of neighbouring blocks: what else the machine does falls out of it."""


def beside(ours: Callable[[], object], base: Callable[[], object], *, blocks: int, times: int) -> Beside:
    """Both, block by block, each block of so many calls."""
    ours(), base()
    pairs = [(_block_us(ours, times), _block_us(base, times)) for _ in range(blocks)]
    return Beside(
        ours_us=median(one for one, _ in pairs),
        base_us=median(other for _, other in pairs),
        ratio=median(one / other for one, other in pairs),
    )


def _block_us(call: Callable[[], object], times: int) -> float:
    began = thread_time()  # CPU: what else the machine does must not count
    for _ in range(times):
        call()
    return (thread_time() - began) / times * 1e6
