"""The table of what an adapter can do, for its README.md: operation by product, from its endpoint table. Sends nothing.

`python -m unified.testing.capabilities` writes it into the README of every adapter of this checkout, between two marks.
"""

from __future__ import annotations

import re
from pathlib import Path

from unified.adapter import AdapterClass, AdapterSettings
from unified.operations import OPERATIONS
from unified.registry import adapter_class, installed

BEGIN, END = "<!-- operations: generated from the endpoint table -->", "<!-- operations end -->"
"""What stands around the table. Text outside of the marks is written by people."""

_MARKED = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)


def capabilities(adapter: AdapterClass) -> str:
    """A Markdown table: each operation, and the venue's request for it per product; `-` where there is none.

    It is the one of production: other environments may lack some of it.
    """
    endpoints = adapter(AdapterSettings()).endpoints
    rows = [("operation", *adapter.products), ("---",) * (1 + len(adapter.products))]
    for operation in OPERATIONS:
        ways = (endpoints.get((operation, product)) for product in adapter.products)
        rows.append((f"`{operation.name}`", *("-" if how is None else how.example or "yes" for how in ways)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_capabilities(page: str, adapter: AdapterClass) -> str:
    """The page with the present table between its marks. Raises LookupError where it has none."""
    if not _MARKED.search(page):
        raise LookupError(f"the page has no place for the table: {BEGIN} ... {END}")
    table = f"{BEGIN}\n\n{capabilities(adapter)}\n\n{END}"
    return _MARKED.sub(lambda _found: table, page)


def main() -> None:
    """Bring the READMEs of this checkout up to date."""
    adapters = Path(__file__).resolve().parents[2] / "adapters"
    for name in installed():
        page = adapters / f"unified_{name}" / "README.md"
        if page.exists():
            page.write_text(with_capabilities(page.read_text(encoding="utf-8"), adapter_class(name)), encoding="utf-8")


if __name__ == "__main__":
    main()
