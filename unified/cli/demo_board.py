"""What is seen while the demo runs: a live table on a terminal, plain lines elsewhere. Judges nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self, TextIO

from attrs import frozen

from unified.cli.tables import Table, console, drawn
from unified.clock import ClockReading
from unified.demo.run import Plan, Stage

LINES_EVERY = 5.0
"""Seconds between plain lines."""
NUMBERS = frozenset({"requests", "waited", "limit used", "orders", "open", "fills"})


@frozen(kw_only=True)
class Row:
    """One venue at one moment, in words."""

    venue: str
    requests: str
    retries: str
    waited: str
    clock: str
    limit: str
    orders: str
    open: str
    fills: str
    unknown: str

    @staticmethod
    def of(stage: Stage) -> Row:
        watch, verdict = stage.watch, stage.server.ledger.verdict()
        return Row(
            venue=stage.venue,
            requests=str(len(watch.attempts)),
            retries=_retries(watch.retries),
            waited=f"{watch.waited:.1f} s",
            clock=_clock(tuple(stage.client.clock().values())),
            limit=f"{100 * _fullest(stage):.0f} %",
            orders=str(verdict.orders),
            open=str(len(stage.records.open_orders())),
            fills=str(verdict.fills),
            unknown=f"{stage.unknown_outcomes} found, {watch.settled.total()} settled",
        )

    @property
    def cells(self) -> tuple[str, ...]:
        return (
            self.venue,
            self.requests,
            self.retries,
            self.waited,
            self.clock,
            self.limit,
            self.orders,
            self.open,
            self.fills,
            self.unknown,
        )


COLUMNS = (
    "venue",
    "requests",
    "retries",
    "waited",
    "clock offset",
    "limit used",
    "orders",
    "open",
    "fills",
    "unknown outcomes",
)


def _retries(retries: Counter[str]) -> str:
    """How many, and of what: the two operations that were repeated most."""
    if not retries:
        return "0"
    most = ", ".join(f"{name} {count}" for name, count in retries.most_common(2))
    return f"{retries.total()} ({most}{', ...' if len(retries) > 2 else ''})"


def _clock(readings: Sequence[ClockReading]) -> str:
    """The door that is known worst: how far the venue is ahead of this machine, and how sure that is."""
    if not readings or any(reading.offset is None or math.isinf(reading.bound) for reading in readings):
        return "measuring"
    worst = max(readings, key=lambda reading: reading.bound)
    return f"{1000 * (worst.offset or 0):+.1f} ± {1000 * worst.bound:.1f} ms"


def _fullest(stage: Stage) -> float:
    """How much of its fullest limit a client uses, as a fraction."""
    return max((state.used / state.limit for state in stage.client.limits() if state.limit > 0), default=0.0)


def table(plan: Plan, stages: Sequence[Stage], left: float) -> Table:
    """The state of all venues."""
    phase = f"{left:.0f} s left" if left > 0 else "canceling what rests, settling what is in doubt"
    return Table(
        title=f"{len(stages)} simulated venues, faults {plan.faults}, seed {plan.seed}: {phase}",
        columns=COLUMNS,
        rows=[Row.of(stage).cells for stage in stages],
        right=NUMBERS,
    )


class Board:
    """A table that stays in place and moves."""

    def __init__(self, plan: Plan) -> None:
        from rich.live import Live

        self._plan = plan
        self._live = Live(console=console(), auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    async def show(self, stages: Sequence[Stage], left: float) -> None:
        """Draw the state of all venues over the last drawing."""
        self._live.update(drawn(table(self._plan, stages, left)), refresh=True)


class Lines:
    """A line a venue every few seconds, for logs and pipes."""

    def __init__(self, plan: Plan, stream: TextIO) -> None:
        self._plan = plan
        self._stream = stream
        self._next = plan.seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.flush()

    async def show(self, stages: Sequence[Stage], left: float) -> None:
        """Write the state of all venues, unless that was done a moment ago."""
        if left > self._next or self._next < 0:
            return
        self._next = left - LINES_EVERY if left > 0 else -1.0
        for stage in stages:
            self._stream.write(f"{left:5.1f} s left  {line(Row.of(stage))}\n")
        self._stream.flush()


def line(row: Row) -> str:
    """One venue in one line."""
    return (
        f"{row.venue}: {row.requests} requests, {row.retries} retries, waited {row.waited}, clock {row.clock}, "
        f"limit {row.limit}, {row.orders} orders, {row.open} open, {row.fills} fills, unknown outcomes {row.unknown}"
    )
