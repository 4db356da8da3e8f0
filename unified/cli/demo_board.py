"""What is seen while the demo runs: a live table on a terminal, plain lines elsewhere. Judges nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self, TextIO

from attrs import evolve

from unified.cli.tables import Table, console, drawn
from unified.clock import ClockReading
from unified.demo.run import Plan, Stage

NARROW, WIDE = 100, 120
"""Columns of a terminal: below the one, details go; from the other on, there is room for more."""
LEGEND = (
    "clock: how far the venue is ahead, and how sure that is. limit: the fullest one. "
    "doubts: orders of unknown outcome so far{settled}."
)
LINES_EVERY = 5.0
"""Seconds between plain lines."""


def row(stage: Stage, width: int = WIDE) -> Mapping[str, str]:
    """One venue at this moment: heading -> text, as much as fits."""
    watch, verdict = stage.watch, stage.server.ledger.verdict()
    settled = watch.settled.total()
    narrow = width < NARROW
    cells = {
        "venue": stage.venue,
        "requests": str(len(watch.attempts)),
        "retries": _retries(watch.retries, 2 if width >= WIDE else 0),
        "waited": f"{watch.waited:.0f} s",
        "clock": _clock(tuple(stage.client.clock().values()), digits=0 if narrow else 1),
        "limit": f"{100 * _fullest(stage):.0f} %",
        "orders": str(verdict.orders),
        "open": str(_open_orders(stage)),
        "fills": str(verdict.fills),
        "doubts": f"{stage.unknown_outcomes}/{settled}" if narrow else f"{stage.unknown_outcomes} ({settled} settled)",
    }
    if narrow:
        del cells["open"], cells["waited"]
    return cells


def _retries(retries: Mapping[str, int], shown: int) -> str:
    """How many, and the operations that were repeated most."""
    ranked = sorted(retries.items(), key=lambda item: item[1], reverse=True)
    total = str(sum(retries.values()))
    if not shown or not ranked:
        return total
    most = ", ".join(f"{name} {count}" for name, count in ranked[:shown])
    return f"{total} ({most}{', ...' if len(ranked) > shown else ''})"


def _clock(readings: Sequence[ClockReading], *, digits: int) -> str:
    """The door that is known worst: milliseconds that the venue is ahead of this machine, and how sure that is."""
    known = [reading for reading in readings if reading.offset is not None and not math.isinf(reading.bound)]
    if not known:
        return "measuring"
    worst = max(known, key=lambda reading: reading.bound)
    return f"{1000 * (worst.offset or 0):+.{digits}f} ±{1000 * worst.bound:.{digits}f} ms"


def _open_orders(stage: Stage) -> int:
    """Orders that rest at the venue, whatever the client knows of them."""
    accounts = stage.server.dialect.engine.accounts.values()
    return sum(order.is_open for account in accounts for order in account.orders)


def _fullest(stage: Stage) -> float:
    """How much of its fullest limit a client uses, as a fraction."""
    return max((state.used / state.limit for state in stage.client.limits() if state.limit > 0), default=0.0)


def table(plan: Plan, stages: Sequence[Stage], left: float, width: int) -> Table:
    """The state of all venues."""
    rows = [row(stage, width) for stage in stages]
    phase = f"{left:.0f} s left" if left > 0 else "canceling and settling"
    return Table(
        title=f"{_terms(plan)}: {phase}",
        columns=tuple(rows[0]),
        rows=[tuple(cells.values()) for cells in rows],
        right=("requests", "waited", "clock", "limit", "orders", "open", "fills"),
        note=LEGEND.format(settled=" / settled since" if width < NARROW else ""),
    )


def _terms(plan: Plan) -> str:
    count = len(plan.venues)
    return f"{count} simulated venue{'s' if count > 1 else ''}, {plan.faults} faults, seed {plan.seed}"


class Board:
    """A table that stays in place and moves."""

    def __init__(self, plan: Plan) -> None:
        from rich.live import Live

        self._plan = plan
        self._live = Live(console=console(), auto_refresh=False)
        self._last: Table | None = None

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last is not None:
            title = f"{_terms(self._plan)}, {self._plan.seconds:g} s"
            self._live.update(drawn(evolve(self._last, title=title)), refresh=True)
        self._live.stop()

    async def show(self, stages: Sequence[Stage], left: float) -> None:
        """Draw the state of all venues over the last drawing."""
        self._last = table(self._plan, stages, left, self._live.console.width)
        self._live.update(drawn(self._last), refresh=True)


class Lines:
    """A line a venue every few seconds, for logs and pipes."""

    def __init__(self, plan: Plan, stream: TextIO) -> None:
        self._plan = plan
        self._stream = stream
        self._next = max(0.0, plan.seconds - LINES_EVERY)
        self._over = False

    def __enter__(self) -> Self:
        self._stream.write(f"{_terms(self._plan)}, {self._plan.seconds:g} s: {', '.join(self._plan.venues)}\n")
        self._stream.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()

    async def show(self, stages: Sequence[Stage], left: float) -> None:
        """Write the state of all venues, unless that was done a moment ago."""
        if left > self._next or self._over:
            return
        self._next = max(0.0, left - LINES_EVERY)
        self._over = left <= 0
        phase = "settling  " if self._over else f"{left:3.0f} s left"
        for stage in stages:
            self._stream.write(f"{phase}  {line(row(stage))}\n")
        self._stream.flush()


def line(cells: Mapping[str, str]) -> str:
    """One venue in one line."""
    venue, *rest = cells.items()
    return f"{venue[1]}: {', '.join(f'{heading} {text}' for heading, text in rest)}"
