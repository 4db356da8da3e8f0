"""Reads the tables and code blocks of our own Markdown pages, so that tests can hold the pages to the code."""

from __future__ import annotations

import re
from pathlib import Path

from tests.shared import CHECKOUT

DOCS = CHECKOUT / "docs"
_CELL_EDGE = re.compile(r"(?<!\\)\|")


def table(path: Path, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its two head lines. Raises LookupError."""
    _, found, below = path.read_text(encoding="utf-8").partition(f"\n{heading}\n")
    if not found:
        raise LookupError(f"{path.name} has no heading {heading!r}")
    lines = [line for line in re.split(r"\n#+ ", below)[0].splitlines() if line.startswith("|")]
    return [[cell.strip().replace("\\|", "|") for cell in _CELL_EDGE.split(line)[1:-1]] for line in lines[2:]]


def venue_named(cell: str) -> str:
    """The venue that a table means: `[Binance.US](...)` is `binanceus`."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\[([^]]+)\].*", r"\1", cell).lower())


def code_blocks(path: Path, language: str = "python") -> list[str]:
    """The code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
