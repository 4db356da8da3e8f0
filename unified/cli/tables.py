"""Tables for people: drawn on a terminal, aligned columns of plain text anywhere else. Colours only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import typer
from attrs import frozen

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable


@frozen(kw_only=True)
class Table:
    """Rows of text under headings."""

    title: str = ""
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    right: Collection[str] = ()
    """Columns of numbers."""
    note: str = ""


def on_terminal() -> bool:
    """Whether a person looks at stdout."""
    return sys.stdout.isatty()


def console() -> Console:
    """The terminal."""
    from rich.console import Console

    return Console(highlight=False)


def show(table: Table) -> None:
    """Print a table."""
    if on_terminal():
        console().print(drawn(table))
    else:
        typer.echo("\n".join(lines(table)))


def drawn(table: Table) -> RichTable:
    """The table as rich draws it. What stands in a cell is text, never markup."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    made = RichTable(
        title=Text(table.title, style="bold") if table.title else None,
        title_justify="left",
        caption=Text(table.note) if table.note else None,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in table.columns:
        made.add_column(column, justify="right" if column in table.right else "left", overflow="fold")
    for row in table.rows:
        made.add_row(*map(Text, row))
    return made


def lines(table: Table) -> Iterator[str]:
    """The table as plain text, a line a row."""
    if table.title:
        yield table.title
    rows = [table.columns, *table.rows]
    widths = [max(len(row[number]) for row in rows) for number in range(len(table.columns))]
    for row in rows:
        cells = (
            cell.rjust(width) if column in table.right else cell.ljust(width)
            for cell, width, column in zip(row, widths, table.columns, strict=True)
        )
        yield "  ".join(cells).rstrip()
    if table.note:
        yield table.note
