"""Tables: aligned text in a pipe, drawn on a terminal."""

from __future__ import annotations

import sys
from io import StringIO

import pytest
from rich.console import Console

from unified.cli.tables import Table, drawn, lines, pairs, say, show

TABLE = Table(
    title="Fills", columns=("side", "price"), rows=[("buy", "1.5"), ("sell", "12.25")], right=("price",), note="Two."
)


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def painted(table: Table, width: int = 60) -> str:
    stream = StringIO()
    Console(file=stream, width=width).print(drawn(table))
    return stream.getvalue()


def test_plain_text_is_aligned_and_ends_where_it_ends() -> None:
    assert list(lines(TABLE)) == ["Fills", "side  price", "buy     1.5", "sell  12.25", "Two."]


def test_an_empty_list_is_its_note() -> None:
    assert list(lines(Table(columns=(), rows=[], note="Nothing."))) == ["Nothing."]


def test_a_drawn_table_holds_the_same() -> None:
    assert all(word in painted(TABLE) for word in ("Fills", "side", "price", "buy", "12.25", "Two."))


def test_what_a_venue_says_is_no_markup() -> None:
    assert "[bold]x[/bold]" in painted(Table(columns=("message",), rows=[("[bold]x[/bold]",)]))


def test_words_are_not_broken_in_a_narrow_column() -> None:
    table = Table(columns=("operation", "hint"), rows=[("place_order", "a long text " * 10)])
    assert "place_order" in painted(table, width=40)


def test_in_a_pipe_nothing_is_drawn_or_coloured(capsys: pytest.CaptureFixture[str]) -> None:
    show(TABLE)
    say("All is well.", "green")
    said = capsys.readouterr().out
    assert said.isascii()
    assert "\x1b" not in said
    assert said.endswith("All is well.\n")


def test_on_a_terminal_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    show(TABLE)
    say("All is well.", "green")
    assert "─" in terminal.getvalue()
    assert "\x1b[1;32m" in terminal.getvalue()


def test_facts_are_broken_between_words_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "44")
    monkeypatch.setenv("LINES", "20")
    assert list(pairs([("kind", "one two three four five six seven eight"), ("said", "")])) == [
        "  kind  one two three four five six seven",
        "        eight",
    ]


def test_facts_are_one_line_each_in_a_pipe() -> None:
    assert list(pairs([("a", "x " * 200 + "x"), ("long", "y")])) == [f"  a     {'x ' * 200}x", "  long  y"]
