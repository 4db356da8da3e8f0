"""The tables of docs/configuration.md: every setting, from the classes that declare them. Reads no configuration.

`python -m unified.testing.settings_page` writes them into the page of this checkout, between two marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from inspect import getdoc
from pathlib import Path

from unified.config import PARTS
from unified.registry import adapter_class, installed
from unified.settings import described

BEGIN, END = "<!-- settings: generated from the code -->", "<!-- settings end -->"
"""What stands around the tables. Text outside of the marks is written by people."""

_MARKED = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)


def settings_tables() -> str:
    """A Markdown table for each table of a section, and one for the adapters' own options."""
    parts = (_table(name, kind) for name, kind in PARTS.items())
    return "\n\n".join([*parts, _options()])


def _table(name: str, kind: type) -> str:
    rows = [
        (f"`{setting.name}`", _written(setting.default), setting.allowed, setting.about) for setting in described(kind)
    ]
    about = _first_sentence(getdoc(kind) or "")
    return f"## `[main.{name}]`\n\n{about}\n\n{_markdown(('setting', 'default', 'allowed', 'meaning'), rows)}"


def _options() -> str:
    rows = list(_option_rows())
    head = "## `options`\n\nWhat single adapters can be told; all of it is text.\n\n"
    return head + _markdown(("adapter", "option", "default", "allowed", "meaning"), rows)


def _option_rows() -> Iterator[tuple[str, ...]]:
    for venue in installed():
        for option in adapter_class(venue).options:
            allowed = ", ".join(f"`{word}`" for word in option.allowed) or "any text"
            yield venue, f"`{option.name}`", _written(option.default), allowed, option.about


def _written(value: object) -> str:
    """A value as it would be written into the file; an empty cell for what is left out."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _first_sentence(text: str) -> str:
    return f"{text.partition('. ')[0].rstrip('.')}."


def _markdown(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    table = [head, ("---",) * len(head), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in table)
    return "\n".join(f"| {' | '.join(row)} |" for row in escaped)


def with_settings(page: str) -> str:
    """The page with the present tables between its marks. Raises LookupError where it has none."""
    if not _MARKED.search(page):
        raise LookupError(f"the page has no place for the tables: {BEGIN} ... {END}")
    return _MARKED.sub(lambda _found: f"{BEGIN}\n\n{settings_tables()}\n\n{END}", page)


def main() -> None:
    """Bring the page of this checkout up to date."""
    page = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
    page.write_text(with_settings(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
