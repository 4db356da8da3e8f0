"""The files of docs/write-an-adapter.md: each code block below a mark is a file of examples/plugin. Runs none of it.

`python -m unified.testing.tutorial_page` writes the files of this checkout into the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_BLOCK = re.compile(
    r"<!-- file: (?P<name>\S+) -->\n\n```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_ROOT = Path(__file__).resolve().parents[2]
PAGE = _ROOT / "docs" / "write-an-adapter.md"
PLUGIN = _ROOT / "examples" / "plugin"


def files(page: str) -> Mapping[str, str]:
    """The files that a reader of the page has written at its end, by name."""
    return {found["name"]: found["text"] for found in _BLOCK.finditer(page)}


def with_files(page: str, folder: Path) -> str:
    """The page with the present text of every file in its block."""

    def filled(found: re.Match[str]) -> str:
        text = (folder / found["name"]).read_text(encoding="utf-8")
        return f"<!-- file: {found['name']} -->\n\n```{found['language']}\n{text}```"

    return _BLOCK.sub(filled, page)


def main() -> None:
    """Bring the page of this checkout up to date."""
    PAGE.write_text(with_files(PAGE.read_text(encoding="utf-8"), PLUGIN), encoding="utf-8")


if __name__ == "__main__":
    main()
