"""Every row of speed with its bar: `make bench` in minutes, `make bench-quick` in seconds.

    python -m benchmarks.speed [--quick | --long] [--write] [--only TABLE]

Ends with 0 whether or not the bars hold, since a busy machine is no defect: what must hold on any machine is a test
(tests/benchmarks/test_speed.py). `--write` puts the table, the JSON and the pictures into the repository.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import orjson
from attrs import asdict

from benchmarks.figures import head as machine
from benchmarks.speed import footprint, parts, race, streams
from benchmarks.speed.plots import draw
from benchmarks.speed.row import LONG, QUICK, USUAL, Effort, Row

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TABLES: dict[str, Callable[[Effort], Iterator[Row]]] = {
    "race": race.rows,
    "parts": parts.rows,
    "streams": streams.rows,
    "footprint": footprint.rows,
}
TITLES = {
    "race": "Against raw aiohttp and ccxt",
    "peers": "Everybody against raw aiohttp (book / ticker / signed order)",
    "parts": "Steps of a call",
    "streams": "Streams",
    "footprint": "What it weighs",
}
_PACKAGES = ("unified-trading", "aiohttp", "orjson", "attrs", "ccxt", "cryptofeed", "python-binance", "uvloop")
_BEGIN, _END = "<!-- speed: made by make bench -->", "<!-- end of speed -->"


def head() -> str:
    """When, on what and with which versions."""
    return f"{machine()}, load average {os.getloadavg()[0]:.0f}; {', '.join(_versions())}"


def _versions() -> Iterator[str]:
    for package in _PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue


def line(row: Row) -> str:
    """A row of Markdown."""
    holds = {True: "yes", False: "**no**", None: ""}[row.holds]
    return f"| {row.what} | {row.bar} | {row.measured} | {holds} |"


def tables(rows: Sequence[Row]) -> str:
    """All tables in Markdown."""
    said = []
    for table, title in TITLES.items():
        chosen = [row for row in rows if row.table == table]
        if chosen:
            said += [f"### {title}", "", "| what | asked for | measured | holds |", "| --- | --- | --- | --- |"]
            said += [*map(line, chosen), ""]
    return "\n".join(said)


def verdict(rows: Iterable[Row]) -> str:
    """How many of the rows with a bar hold."""
    asked = [row for row in rows if row.holds is not None]
    return f"{sum(bool(row.holds) for row in asked)} of {len(asked)} bars hold."


def between(text: str, inside: str) -> str:
    """The text with another inside between its marks. Raises ValueError where there are none."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"no place for the table: {_BEGIN} and {_END} are missing")
    return f"{before}{_BEGIN}\n{inside}\n{_END}{after}"


def write(rows: Sequence[Row], said: str) -> None:
    """The table into benchmarks/README.md and the README, the numbers beside this module, the pictures into docs."""
    whole = f"{said}\n\n{verdict(rows)}\n\n{tables(rows)}"
    readme = ROOT / "benchmarks" / "README.md"
    readme.write_text(between(readme.read_text(), whole))
    front = ROOT / "README.md"
    front.write_text(between(front.read_text(), _front(rows, said)))
    (HERE / "results.json").write_bytes(
        orjson.dumps({"head": said, "rows": [asdict(row) for row in rows]}, option=orjson.OPT_INDENT_2) + b"\n"
    )
    draw(rows, ROOT / "benchmarks", said)


def _front(rows: Sequence[Row], said: str) -> str:
    """What the front page shows: the race on the standard loop."""
    chosen = [row for row in rows if row.table == "race" and "asyncio" in row.what]
    head_lines = ["| what | asked for | measured | holds |", "| --- | --- | --- | --- |"]
    return "\n".join([*head_lines, *map(line, chosen), "", f"Measured {said}."])


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description="How fast the library is.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_const", const=QUICK, default=USUAL, dest="effort")
    size.add_argument("--long", action="store_const", const=LONG, dest="effort", help="ten million frames of a book")
    parser.add_argument("--write", action="store_true", help="put table, numbers and pictures into the repository")
    parser.add_argument("--only", choices=TABLES, help="one table")
    chosen = parser.parse_args(arguments)
    began, rows, said = time.monotonic(), list[Row](), head()
    print(said, end="\n\n")
    for name, measured in TABLES.items():
        if chosen.only in (None, name):
            for row in measured(chosen.effort):
                rows.append(row)
                print(line(row), flush=True)
    print(f"\n{verdict(rows)} {time.monotonic() - began:.0f} s.")
    if chosen.write:
        write(rows, said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
