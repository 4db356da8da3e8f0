"""The measured promises of the shared services, as one table: `make figures`. Its own modules measure; it prints.

Ends with status 1 where a promise does not hold. Figures in CPU time are told, and marked, but do not decide:
a busy machine is no defect.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    books,
    clocks,
    disconnects,
    healing,
    listeners,
    queue,
    silence,
    soak,
    stalled,
    storm,
    struggle,
    time_and_order,
    traffic,
    windows,
)
from benchmarks.figure import LONG, QUICK, USUAL, Figure, Sizes

SERVICES: dict[str, Callable[[Sizes], Iterator[Figure]]] = {
    "limiter": windows.figures,
    "queue": queue.figures,
    "clock": clocks.figures,
    "clock and nonce of a client": time_and_order.figures,
    "retry": storm.figures,
    "bulkhead": struggle.figures,
    "client": traffic.figures,
    "hooks": listeners.figures,
    "streams: books": books.figures,
    "streams: gaps": healing.figures,
    "streams: fills": disconnects.figures,
    "streams: silence": silence.figures,
    "streams: consumers": stalled.figures,
    "everything at once": soak.figures,
}
_MARKS = {True: "yes", False: "**no**"}


def head() -> str:
    """When and on what it was measured."""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {_processor()}"
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {system}; {platform.python_implementation()} {sys.version.split()[0]}"
    )


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unnamed processor"
    )


def rows(sizes: Sizes) -> Iterator[tuple[str, Figure]]:
    """Service and figure, as they are measured."""
    for service, figures in SERVICES.items():
        for figure in figures(sizes):
            yield service, figure


def table(measured: Iterable[tuple[str, Figure]]) -> Iterator[str]:
    """The lines of a Markdown table, each as soon as it is known."""
    yield "| service | figure | required | measured | holds |"
    yield "| --- | --- | --- | --- | --- |"
    for service, figure in measured:
        holds = _MARKS[figure.holds] + (" (CPU)" if figure.by_machine else "")
        yield f"| {service} | {figure.what} | {figure.required} | {figure.measured} | {holds} |"


def main(arguments: Sequence[str]) -> int:
    """Print the table. 1 where a promise that does not depend on the machine is not held."""
    parser = argparse.ArgumentParser(description="Measure what the shared services promise.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_const", const=QUICK, dest="sizes", help="seconds instead of minutes")
    size.add_argument("--long", action="store_const", const=LONG, dest="sizes", help="ten times as much")
    sizes = parser.parse_args(arguments).sizes or USUAL
    began, seen = time.monotonic(), list[Figure]()

    def noted() -> Iterator[tuple[str, Figure]]:
        for service, figure in rows(sizes):
            seen.append(figure)
            yield service, figure

    print(head(), end="\n\n")
    for line in table(noted()):
        print(line, flush=True)
    broken = [figure for figure in seen if not figure.holds and not figure.by_machine]
    missed = sum(not figure.holds for figure in seen) - len(broken)
    seconds = time.monotonic() - began
    print(f"\n{len(seen)} figures in {seconds:.0f} s; {len(broken)} promises broken, {missed} CPU bars missed.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
