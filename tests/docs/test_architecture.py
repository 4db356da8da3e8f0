"""docs/architecture.md names the modules as they stand, each on its floor, and every decision is listed."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import library
from tests.architecture.test_floors import FLOORS, WINGS
from tests.documents import DOCS

PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")
DECISIONS = DOCS / "decisions"
PRESENT = {module.name.split(".")[1] for module in library() if "." in module.name}
"""The modules and packages directly below `unified`."""


def drawn() -> dict[int, set[str]]:
    """Floor -> the modules that the drawing puts there: the words of its second column."""
    (block,) = re.findall(r"^```\n(floor 4.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    found: dict[int, set[str]] = {}
    floor = -1
    for line in block.splitlines():
        floor = int(line[6]) if line.startswith("floor") else floor
        column = line[22:].split("   ")[0]
        found.setdefault(floor, set()).update(re.findall(r"\w+", column))
    return found


@pytest.mark.parametrize("floor", FLOORS)
def test_the_drawing_holds_every_module_on_its_floor(floor: int) -> None:
    assert drawn()[floor] == set(FLOORS[floor].split()) & PRESENT


def test_the_wings_are_those_of_the_code() -> None:
    assert set(re.findall(r"^\| `unified\.(\w+)` \|", PAGE, re.MULTILINE)) == WINGS


def test_every_decision_is_listed_under_its_title() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    pages = sorted(path for path in DECISIONS.glob("0*.md"))
    titles = {path.name: path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2] for path in pages}
    assert [name for name, title in titles.items() if f"({name}) | {title}" not in index] == []
