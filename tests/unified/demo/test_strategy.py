"""The demo's quoting loop, on a venue in memory and in virtual time."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from random import Random
from typing import cast

import pytest

from tests.toy import BTC, order_of, placed, virtual, world
from unified.client import Client
from unified.demo import strategy
from unified.demo.strategy import Quoter, Records, tidy_up
from unified.errors import Fault, Kind, VenueError
from unified.instrument import Instrument
from unified.operations import PlaceOrder
from unified.order import Order, OrderStatus, Side
from unified.sandbox.ledger import Intent, Verdict
from unified_paper.venue import PaperVenue


def traded(faults: str, seed: int = 3, seconds: float = 30.0) -> tuple[Records, Verdict]:
    """One quoting loop for a while, then everything tidied up: its records, and the venue's judgement of them."""

    async def story() -> tuple[Records, Verdict]:
        venue, records = PaperVenue(seed=seed, faults=faults), Records()
        transport = venue.transport()
        async with Client("paper", transport=transport, world=world(), credentials=venue.credentials) as client:
            now = asyncio.get_running_loop().time
            await Quoter(client, "BTC/USDT", records, Random(seed).random).run(now() + seconds)
            await tidy_up(client, records, now() + 60)
        intents = [
            Intent(
                client_order_id=id_,
                status=records.known[id_].status if id_ in records.known else None,
                filled_quantity=records.known[id_].filled_quantity if id_ in records.known else Decimal(0),
            )
            for id_ in records.wanted
        ]
        return records, venue.network.ledger.verdict(intents=intents)

    return virtual(story)


@pytest.mark.parametrize("faults", ["none", "mild", "harsh"])
def test_it_knows_the_end_of_every_order_and_the_venue_agrees(faults: str) -> None:
    records, verdict = traded(faults)
    assert verdict.is_clean
    assert verdict.orders > 3
    assert records.open_orders() == ()
    assert set(records.wanted) == {id_ for id_ in records.wanted if id_ in records.known or id_ in records.refused}


def test_without_faults_it_makes_and_takes() -> None:
    records, verdict = traded("none")
    assert {order.side for order in records.known.values()} == set(Side)
    assert {order.status for order in records.known.values()} <= {OrderStatus.FILLED, OrderStatus.CANCELED}
    assert verdict.fills > 0


def test_a_state_that_is_final_stays() -> None:
    records = Records(wanted={"a": PlaceOrder(instrument=BTC, side=Side.BUY, client_order_id="a")})
    filled, late = (order_of(placed(client_order_id="a", status=status)) for status in ("filled", "new"))
    records.saw(filled)
    records.saw(late)
    assert records.known == {"a": filled}


def test_an_order_of_somebody_else_is_not_recorded() -> None:
    records = Records()
    records.saw(order_of(placed(client_order_id="foreign")))
    assert records.known == {}


def test_errors_are_counted_by_kind() -> None:
    records = Records()
    for _ in range(2):
        records.failed(VenueError.of(Fault(kind=Kind.OVERLOADED)))
    assert records.errors == {Kind.OVERLOADED: 2}


class Narrow:
    """A client of a venue that lets one question a second through, where a look takes three, within ten seconds."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    def pending(self) -> tuple[()]:
        return ()

    async def get_order(
        self, _instrument: Instrument, *, venue_order_id: str | None, client_order_id: str | None
    ) -> Order:
        del venue_order_id
        try:
            async with asyncio.timeout(10):
                for _ in range(3):
                    async with self._turn:
                        await asyncio.sleep(1)
        except TimeoutError:
            raise VenueError.of(Fault(kind=Kind.RATE_LIMITED)) from None
        return order_of(placed(client_order_id=client_order_id, status="filled"))


@pytest.mark.parametrize(
    ("at_once", "known"),
    [
        pytest.param(None, 20, id="in turns every look ends"),
        pytest.param(20, 0, id="control: all at once get half an answer each, again and again"),
    ],
)
def test_what_became_of_many_orders_is_asked_in_turns(
    at_once: int | None, known: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if at_once is not None:
        monkeypatch.setattr(strategy, "_AT_ONCE", at_once)
    ids = [f"o{number}" for number in range(20)]
    records = Records(wanted={id_: PlaceOrder(instrument=BTC, side=Side.BUY, client_order_id=id_) for id_ in ids})

    async def story() -> None:
        await tidy_up(cast(Client, Narrow()), records, asyncio.get_running_loop().time() + 90)

    virtual(story)
    assert len(records.known) == known
