"""Prints what an environment needs, one requirement a line: the source of its lock file.

`wanted.py dev` is for those who work on the library, `wanted.py peers` for measuring it beside other people's clients,
`wanted.py audit` for asking after known holes.

Uses the standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import sys
import tomllib
from itertools import chain
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def wanted(group: str) -> list[str]:
    """Requirements of the library, of all its extras and of a dependency group."""
    with PYPROJECT.open("rb") as file:
        known = tomllib.load(file)
    project = known["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    return [*project["dependencies"], *extras, *known["dependency-groups"][group]]


if __name__ == "__main__":
    print("\n".join(wanted(sys.argv[1])))  # noqa: T201 - printing is what it is for
