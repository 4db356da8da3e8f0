"""Tables for people: drawn on a terminal, aligned columns of plain text anywhere else. Colours only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING

import typer
from attrs import frozen

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable


LONGEST_WORD = 20
"""Words up to this length are not broken."""


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
    if on_terminal() and table.columns:
        console().print(drawn(table))
    else:
        typer.echo("\n".join(lines(table)))


def say(text: str, colour: str) -> None:
    """Print a sentence that matters, broken between words."""
    if on_terminal():
        console().print(text, style=f"bold {colour}", markup=False)
    else:
        typer.echo(text)


def pairs(facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names and texts as indented lines, broken between words on a terminal. A fact without a text is left out."""
    told = [(name, text) for name, text in facts if text]
    width = max((len(name) for name, _ in told), default=0)
    columns = get_terminal_size().columns if on_terminal() else sys.maxsize
    for name, text in told:
        yield from wrap(
            text,
            max(columns, 40),
            initial_indent=f"  {name:<{width}}  ",
            subsequent_indent=" " * (width + 4),
            break_long_words=False,
        )


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
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for number, column in enumerate(table.columns):
        words = [word for text in (column, *(row[number] for row in table.rows)) for word in text.split()]
        made.add_column(
            column,
            justify="right" if column in table.right else "left",
            overflow="fold",
            min_width=min(LONGEST_WORD, max(map(len, words), default=1)),
        )
    for row in table.rows:
        made.add_row(*map(Text, row))
    return made


def lines(table: Table) -> Iterator[str]:
    """The table as plain text, a line a row."""
    if table.title:
        yield table.title
    rows = [table.columns, *table.rows] if table.columns else []
    widths = [max(len(row[number]) for row in rows) for number in range(len(table.columns))]
    for row in rows:
        cells = (
            cell.rjust(width) if column in table.right else cell.ljust(width)
            for cell, width, column in zip(row, widths, table.columns, strict=True)
        )
        yield "  ".join(cells).rstrip()
    if table.note:
        yield table.note
