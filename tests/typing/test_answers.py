"""The public types hold for a type checker, and it finds what is wrong.

It reads `answers.py` (what operations are answered with), `front_door.py` (what the client's methods answer) and the
program of README.md.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import fields

from tests.documents import code_blocks
from unified import Client
from unified.hooks import Hooks
from unified.operations import OPERATIONS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

HEADER = """
from decimal import Decimal
from tests.typing.answers import Runs
from tests.typing.front_door import waited
from unified import Client
from unified.errors import *
from unified.instrument import Instrument
from unified.market_data import Book
from unified.operations import *
from unified.order import Order, Side

async def wrong(venue: Runs, btc: Instrument, error: VenueError, client: Client, order: Order) -> None:
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
    "a price of an order is no float": "await client.place_order('BTC/USDT', 'buy', quantity=1, price=50000.5)",
    "a quantity is no float": "await client.order('BTC/USDT', 'buy', quantity=0.1)",
    "an order has no unknown term": "await client.place_order('BTC/USDT', 'buy', quantity=1, prize=1)",
    "a tested order has the same terms": "await client.test_order('BTC/USDT', 'buy', quantity=1, confirm=True)",
    "a flag is no text": "await client.place_order('BTC/USDT', 'buy', quantity=1, post_only='yes')",
    "terms have names": "await client.place_order('BTC/USDT', 'buy', 1)",
    "an order is canceled, not its id": "await client.cancel_order('1')",
    "a new price is no float": "await client.amend_order(order, price=1.5)",
    "a leverage is no float": "await client.set_leverage('BTC/USDT:USDT', 2.5)",
    "pages are walked, not awaited": "await client.fills()",
    "the best bid may be missing": "(await client.book(btc)).best_bid.price",
    "a listener takes its event": "client.hooks.on_ban.add(waited)",
}


def complaints(*arguments: str) -> str:
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--no-pretty", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_checker_agrees_with_every_answer(tmp_path: Path) -> None:
    """All in one run: a checker takes its time to start."""
    (program,) = code_blocks(ROOT / "README.md")
    readme = tmp_path / "readme_program.py"
    readme.write_text(program)
    assert complaints(str(HERE / "answers.py"), str(HERE / "front_door.py"), str(readme)) == ""


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


METHODS = sorted(name for name in vars(Client) if not name.startswith("_"))


@pytest.mark.parametrize("name", METHODS)
def test_every_public_name_of_the_client_is_pinned(name: str) -> None:
    written = (HERE / "front_door.py").read_text()
    assert re.search(rf"\b(client|Client)\.{name}\b", written)


@pytest.mark.parametrize("signal", [attribute.name for attribute in fields(Hooks)])
def test_every_hook_is_pinned(signal: str) -> None:
    assert f"client.hooks.{signal}.add(" in (HERE / "front_door.py").read_text()
