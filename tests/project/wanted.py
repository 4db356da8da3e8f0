"""Prints what a development environment needs, one requirement a line: the source of the lock file.

Uses the standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import tomllib
from itertools import chain
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def wanted() -> list[str]:
    """Requirements of the library, of all its extras and of those who work on it."""
    with PYPROJECT.open("rb") as file:
        known = tomllib.load(file)
    project = known["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    return [*project["dependencies"], *extras, *known["dependency-groups"]["dev"]]


if __name__ == "__main__":
    print("\n".join(wanted()))  # noqa: T201 - printing is what it is for
