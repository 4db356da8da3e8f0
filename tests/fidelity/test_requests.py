"""Our requests beside those of other people's clients: what is wanted is the same, so whatever differs has a reason.

`differences.json` lists each difference at its intent, and `reasons.py` says why it is there. A difference that is
not listed fails, and so do one that is listed and gone, a difference without a reason and a reason without one.
`UNIFIED_LIST_DIFFERENCES=1` writes the list anew, to be read before it is kept.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest
from attrs import frozen

from tests.fidelity import listed
from tests.fidelity.intents import Intent, intents
from tests.fidelity.plays import PLAYS, Play
from tests.fidelity.reasons import REASONS
from tests.fidelity.sending import differences, signs_alike
from tests.fidelity.stage import VENUES, Exchange, Played, Stage
from tests.fidelity.walking import Walker
from tests.fidelity.wanting import operation
from tests.toy import world
from unified.adapter import AdapterSettings
from unified.client import Client
from unified.instrument import Instruments, Product
from unified.order import OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.registry import adapter_class
from unified.sandbox.dialect import Setting
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.registry import sandbox_class
from unified.testing.loop import run

ASKED = tuple(play for play in PLAYS if play.client != "krakenex")
"""krakenex sends whatever fields it is given: its user writes the request."""
LISTED = listed.read()
FAR_BELOW, QUANTITY = "50000", "0.02"
"""Of an order that rests, so that there is something to cancel."""


@frozen(kw_only=True)
class Measured:
    """What came of one client at one venue."""

    differences: dict[str, list[str]]
    """By intent; those without are not there."""
    signed: int
    """Requests whose signature was compared."""
    signed_otherwise: list[str]
    """Intents of those whose signature our code does not come to."""


def measured(play: Play) -> Measured:
    wanted = intents(
        play.venue, play.product, VENUES[play.venue].quantities.get(play.product, "0.02"), int(time.time())
    )
    stage = Stage(client=play.program, name=play.venue, product=play.product, part="asking", more={"intents": wanted})
    return run(compared(play, wanted, stage.run()))


async def compared(play: Play, wanted: list[Intent], played: Played) -> Measured:
    """Beside what our own client would send, as its adapter goes on from the answers of a sandbox in memory."""
    dialect = sandbox_class(play.venue)(Setting(now=asyncio.get_running_loop().time, base_us=time.time_ns() // 1000))
    network, credentials = SandboxNetwork(dialect), dialect.accounts[0].credentials
    kind = adapter_class(play.venue)
    client = Client(kind, transport=network.transport(), world=world(), endpoint=network.urls, credentials=credentials)
    walker = Walker(adapter=kind(AdapterSettings(credentials=credentials)), client=client)
    unlike = {}
    async with client:
        listing = Instruments(await client.instruments(play.product))
        item = listing.of(VENUES[play.venue].symbols[play.product], play.product)
        for intent in wanted:
            sent = played.steps.get(intent["name"], [])
            if intent["do"] == "cancel_all":
                await client.place_order(item, "buy", quantity=QUANTITY, price=FAR_BELOW)
            ours = await walker.walk(operation(intent, item, listing), sent[-1].view.now_ms if sent else 0)
            unlike[intent["name"]] = [
                *_declined(played.told[intent["name"]], sent),
                *differences(intent, sent, ours, walker.adapter),
            ]
    alike = [
        (name, signs_alike(play.venue, credentials, exchange.incoming))
        for name, exchanges in played.steps.items()
        for exchange in exchanges
    ]
    return Measured(
        differences={name: words for name, words in unlike.items() if words},
        signed=sum(is_alike is not None for _, is_alike in alike),
        signed_otherwise=[name for name, is_alike in alike if is_alike is False],
    )


def _declined(told: Mapping[str, Any], sent: list[Exchange]) -> list[str]:
    """How a client refuses what it was asked for, by itself."""
    return [f"theirs: {told['refused']['as']}"] if "refused" in told and not sent else []


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
    listed.write(LISTED)


def reasons_needed() -> set[tuple[str, str]]:
    venues = {play.name: play.venue for play in ASKED}
    return {(venues[name], word) for name, found in LISTED.items() for words in found.values() for word in words}


def test_every_difference_has_a_reason_and_every_reason_a_difference() -> None:
    given = {(venue, word) for venue, reasons in REASONS.items() for word in reasons}
    assert sorted(reasons_needed() - given) == []
    assert sorted(given - reasons_needed()) == []


def test_everybody_who_is_asked_is_listed() -> None:
    assert {play.name for play in ASKED} == set(LISTED)


WORDS: tuple[tuple[str, type[StrEnum]], ...] = (
    ("side", Side),
    ("type", OrderType),
    ("tif", TimeInForce),
    ("trigger", Trigger),
    ("position_side", PositionSide),
)


@pytest.mark.parametrize(("term", "words"), [pytest.param(*one, id=one[0]) for one in WORDS])
def test_every_word_of_an_order_is_asked_for(term: str, words: type[StrEnum]) -> None:
    """A word that the library learns is compared too, or fails here."""
    asked = [intent for intent in intents("okx", Product.LINEAR, "2", 0) if intent["do"] == "place"]
    assert {intent[term] for intent in asked if term in intent} == {word.value for word in words}
    assert {name for intent in asked for name in intent} >= {
        "post_only",
        "reduce_only",
        "margin_mode",
        "quote_quantity",
    }
