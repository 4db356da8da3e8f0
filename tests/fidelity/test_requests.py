"""Our requests beside those of other people's clients: what is wanted is the same, so whatever differs has a reason.

`differences.json` lists each difference at its intent, and `reasons.py` says why it is there. A difference that is
not listed fails, and so do one that is listed and gone, a difference without a reason and a reason without one.
`UNIFIED_LIST_DIFFERENCES=1` writes the list anew, to be read before it is kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from functools import cache
from pathlib import Path

import pytest
from attrs import frozen

from tests.fidelity.intents import intents
from tests.fidelity.plays import PLAYS, Play
from tests.fidelity.reasons import REASONS
from tests.fidelity.sending import differences, signs_alike
from tests.fidelity.stage import VENUES, Stage
from tests.toy import world
from unified.adapter import AdapterSettings
from unified.client import Client
from unified.instrument import Instrument, Instruments, Product
from unified.registry import adapter_class
from unified.sandbox.dialect import Setting
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.registry import sandbox_class
from unified.secret import Credentials
from unified.testing.loop import run

ASKED = tuple(play for play in PLAYS if play.client != "krakenex")
"""krakenex sends whatever fields it is given: its user writes the request."""
FILE = Path(__file__).with_name("differences.json")
LISTED: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text()) if FILE.exists() else {}


@frozen(kw_only=True)
class Side:
    """What our side needs to build requests at a venue."""

    listing: Instruments
    item: Instrument
    credentials: Credentials


@frozen(kw_only=True)
class Measured:
    """What came of one client at one venue."""

    differences: dict[str, list[str]]
    """By intent; those without are not there."""
    signed: int
    """Requests whose signature was compared."""
    signed_otherwise: list[str]
    """Intents of those whose signature our code does not come to."""


@cache
def side_of(venue: str, product: Product) -> Side:
    """Instruments as our own client reads them from the sandbox."""

    async def main() -> Side:
        dialect = sandbox_class(venue)(Setting(now=asyncio.get_running_loop().time))
        network = SandboxNetwork(dialect)
        client = Client(adapter_class(venue), transport=network.transport(), world=world(), endpoint=network.urls)
        async with client:
            listing = Instruments(await client.instruments(product))
        item = listing.of(VENUES[venue].symbols[product], product)
        return Side(listing=listing, item=item, credentials=dialect.accounts[0].credentials)

    return run(main())


def measured(play: Play) -> Measured:
    side = side_of(play.venue, play.product)
    adapter = adapter_class(play.venue)(AdapterSettings(credentials=side.credentials))
    wanted = intents(
        play.venue, play.product, VENUES[play.venue].quantities.get(play.product, "0.02"), int(time.time())
    )
    stage = Stage(client=play.program, name=play.venue, product=play.product, part="asking", more={"intents": wanted})
    steps = stage.run().steps
    unlike = {
        intent["name"]: differences(intent, steps.get(intent["name"], []), adapter, side.listing, side.item)
        for intent in wanted
    }
    alike = [
        (name, signs_alike(play.venue, side.credentials, exchange.incoming))
        for name, exchanges in steps.items()
        for exchange in exchanges
    ]
    return Measured(
        differences={name: words for name, words in unlike.items() if words},
        signed=sum(is_alike is not None for _, is_alike in alike),
        signed_otherwise=[name for name, is_alike in alike if is_alike is False],
    )


@pytest.mark.parametrize("play", ASKED, ids=lambda play: play.name)
def test_requests_differ_where_it_is_listed_and_nowhere_else(play: Play) -> None:
    found = measured(play)
    if os.environ.get("UNIFIED_LIST_DIFFERENCES"):
        _list(play, found)
    assert found.differences == LISTED.get(play.name, {})
    assert found.signed_otherwise == []
    # Tokens of Coinbase are signed with chance in them: their claims are compared instead, as fields.
    assert found.signed >= 15 or play.venue == "coinbase"


def _list(play: Play, found: Measured) -> None:
    LISTED[play.name] = found.differences
    FILE.write_text(json.dumps(LISTED, indent=1, sort_keys=True) + "\n")


def reasons_needed() -> set[tuple[str, str]]:
    venues = {play.name: play.venue for play in ASKED}
    return {(venues[name], word) for name, found in LISTED.items() for words in found.values() for word in words}


def test_every_difference_has_a_reason_and_every_reason_a_difference() -> None:
    given = {(venue, word) for venue, reasons in REASONS.items() for word in reasons}
    assert sorted(reasons_needed() - given) == []
    assert sorted(given - reasons_needed()) == []


def test_everybody_who_is_asked_is_listed() -> None:
    assert {play.name for play in ASKED} == set(LISTED)
