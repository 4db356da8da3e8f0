"""The public types hold for a type checker, and it finds what is wrong. `answers.py` is the code it reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from unified.operations import OPERATIONS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

HEADER = """
from decimal import Decimal
from tests.typing.answers import Runs
from unified.errors import *
from unified.instrument import Instrument
from unified.market_data import Book
from unified.operations import *
from unified.order import Side

async def wrong(venue: Runs, btc: Instrument, error: VenueError) -> None:
"""

WRONG = {
    "a ticker is no book": "book: Book = await venue.run(FetchTicker(instrument=btc))",
    "an operation on an instrument needs one": "await venue.run(FetchTicker())",
    "a name is no instrument": "FetchTicker(instrument='BTC/USDT')",
    "money is no float": "PlaceOrder(instrument=btc, side=Side.BUY, quantity=0.1)",
    "a side is no text": "PlaceOrder(instrument=btc, side='buy')",
    "a batch item may be an error": "(await venue.run(PlaceBatch(orders=())))[0].venue_order_id",
    "an answer that may be missing is not a number": "error.retry_after + 1",
    "a wish is not changed": "FetchTicker(instrument=btc).instrument = btc",
    "arguments have names": "FetchTicker(btc)",
}


def complaints(*arguments: str) -> str:
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--no-pretty", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_checker_agrees_with_every_answer() -> None:
    assert complaints(str(HERE / "answers.py")) == ""


def test_the_checker_finds_every_mistake(tmp_path: Path) -> None:
    """All in one program, one a line: a checker takes its time to start."""
    program = HEADER + "".join(f"    {line}\n" for line in WRONG.values())
    file = tmp_path / "wrong.py"
    file.write_text(program)
    found = complaints(str(file))
    first = HEADER.count("\n") + 1
    missed = [what for number, what in enumerate(WRONG, first) if f":{number}: error:" not in found]
    assert missed == [], found


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_answer_to_every_operation_is_pinned(operation: type) -> None:
    written = (HERE / "answers.py").read_text().replace("venue.run(wish)", "venue.run(PlaceOrder(")
    assert f"venue.run({operation.__name__}(" in written
