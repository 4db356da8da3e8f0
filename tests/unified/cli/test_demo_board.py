"""What is seen while the demo runs."""

from __future__ import annotations

import sys
from io import StringIO

import pytest
from rich.console import Console

from tests.unified.cli.stages import PLAN, stage
from unified.cli.demo_board import LINES_EVERY, Board, Lines, line, row, table
from unified.cli.tables import drawn
from unified.clock import ClockReading
from unified.sandbox.ledger import AttemptRecord


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


async def test_a_row_counts_what_was_done() -> None:
    async with stage() as venue:
        venue.watch.attempts += [AttemptRecord("GET", "/time", "")] * 3
        venue.watch.retries.update(book=2, place_order=3, balances=1)
        venue.watch.settled.update(done=2)
        venue.watch.waited = 12.4
        cells = row(venue)
    assert (cells["venue"], cells["requests"], cells["waited"]) == ("paper", "3", "12 s")
    assert cells["retries"] == "6 (place_order 3, book 2, ...)"
    assert cells["doubts"] == "2 (2 settled)"
    assert (cells["clock"], cells["limit"], cells["open"]) == ("measuring", "0 %", "0")


@pytest.mark.parametrize("width", [80, 100, 150])
async def test_a_row_fits_the_terminal(width: int) -> None:
    async with stage() as venue:
        venue.watch.retries.update({"place_order": 111, "cancel_order": 111, "book": 111})
        shown = table(PLAN, [venue], 3.0, width)
    needed = sum(max(map(len, column)) + 2 for column in zip(shown.columns, *shown.rows, strict=True))
    assert needed <= width


async def test_a_clock_that_is_known_keeps_its_unit_beside_it_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with stage() as venue:
        reading = ClockReading(offset=-1.146, bound=0.503, age=1.0, epoch=1, samples=3)
        monkeypatch.setattr(venue.client, "clock", lambda: {"main": reading})
        terminal = Console(width=80, file=StringIO())
        with terminal.capture() as screen:
            terminal.print(drawn(table(PLAN, [venue], 3.0, 80)))
    assert "-1146 ±503 ms" in screen.get()


async def test_the_title_says_what_goes_on() -> None:
    async with stage() as venue:
        assert table(PLAN, [venue], 3.4, 100).title == "1 simulated venue, mild faults, seed 7: 3 s left"
        assert "settling" in table(PLAN, [venue], 0.0, 100).title


async def test_lines_come_every_few_seconds_and_once_at_the_end() -> None:
    stream = StringIO()
    async with stage() as venue:
        with Lines(PLAN, stream) as lines:
            for quarter in range(80, -1, -1):
                await lines.show([venue], quarter / 4)
            await lines.show([venue], 0.0)
    first, *written = stream.getvalue().splitlines()
    assert first == "1 simulated venue, mild faults, seed 7, 20 s: paper"
    assert [text.partition("paper")[0].strip() for text in written] == [
        *(f"{20 - LINES_EVERY * number:.0f} s left" for number in (1, 2, 3)),
        "settling",
    ]


def test_a_line_names_every_figure() -> None:
    assert line({"venue": "paper", "requests": "3", "limit": "5 %"}) == "paper: requests 3, limit 5 %"


async def test_on_a_terminal_the_table_is_drawn_again_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    async with stage() as venue:
        with Board(PLAN) as board:
            await board.show([venue], 12.0)
            await board.show([venue], 0.0)
    drawn = terminal.getvalue()
    assert "12 s left" in drawn
    assert drawn.rindex("seed 7, 20 s") > drawn.rindex("settling")
