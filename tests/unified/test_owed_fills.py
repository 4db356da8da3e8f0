from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.toy import BTC, virtual
from unified.errors import Fault, Kind, VenueError
from unified.instrument import Instruments, Product
from unified.merging import Story
from unified.operations import FetchFills, Operation, Page
from unified.order import Fill, Order, OrderStatus, Side
from unified.owed_fills import PAUSES, OwedFills

ONE = Decimal(1)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def order(filled: int, id_: str = "v1", client_order_id: str | None = None) -> Order:
    return Order(
        instrument=BTC,
        venue_order_id=id_,
        client_order_id=client_order_id,
        status=OrderStatus.PARTIALLY_FILLED,
        filled_quantity=Decimal(filled),
    )


def fill(trade_id: str, id_: str = "v1") -> Fill:
    return Fill(instrument=BTC, trade_id=trade_id, venue_order_id=id_, side=Side.BUY, price=ONE, quantity=ONE, time=NOW)


class Venue:
    """Lists one fill a page, or fails; and the client that asks it."""

    def __init__(self, *listed: Fill, known: Story | None = None) -> None:
        self.listed, self.errors = list(listed), list[VenueError]()
        self.asked: list[tuple[float, FetchFills]] = []
        self.given_up: list[tuple[Order, Decimal]] = []
        self.told: list[Fill] = []
        self.story = known or Story()
        listing = Instruments([BTC])
        self.owed = OwedFills(
            self.run, Product.SPOT, listing, self.story, self.tell, lambda *gone: self.given_up.append(gone)
        )

    async def run(self, operation: Operation[Any]) -> Any:
        assert isinstance(operation, FetchFills)
        if operation.cursor is None:
            self.asked.append((asyncio.get_running_loop().time(), operation))
        await asyncio.sleep(0.01)
        if self.errors:
            raise self.errors.pop(0)
        number = int(operation.cursor or 0)
        left = len(self.listed) - number
        return Page(items=tuple(self.listed[number : number + 1]), cursor=str(number + 1) if left > 1 else None)

    def tell(self, told: Fill) -> None:
        if self.story.take_fill(told):
            self.told.append(told)

    def says(self, told: Order) -> None:
        self.story.take_order(told)
        self.owed.note(told)


def test_an_order_that_is_filled_further_than_its_fills_has_them_asked_for() -> None:
    async def story() -> None:
        venue = Venue(fill("1"), fill("2"), fill("3"))
        venue.owed.begin()
        venue.tell(fill("1"))
        venue.says(order(3))
        await asyncio.sleep(600)
        ((at, asked),) = venue.asked
        assert at == pytest.approx(PAUSES[0], abs=0.01)
        assert (asked.instrument, asked.venue_order_id, asked.start) == (BTC, "v1", None), "by order, by no time"
        assert venue.told == [fill("1"), fill("2"), fill("3")], "each once"
        assert venue.given_up == []

    virtual(story)


def test_a_fill_whose_frame_follows_its_orders_is_not_asked_for() -> None:
    async def story() -> None:
        venue = Venue()
        venue.owed.begin()
        venue.says(order(1))
        await asyncio.sleep(PAUSES[0] / 2)
        venue.tell(fill("1"))
        await asyncio.sleep(600)
        assert venue.asked == []

    virtual(story)


def test_a_fill_that_is_listed_late_is_asked_for_again_and_one_that_never_is_is_given_up() -> None:
    async def story() -> None:
        venue = Venue()
        venue.owed.begin()
        venue.says(order(2))
        await asyncio.sleep(5)
        venue.listed.append(fill("1"))
        await asyncio.sleep(1000)
        assert venue.told == [fill("1")]
        assert len(venue.asked) == len(PAUSES), "no more questions than that"
        ((known, owed),) = venue.given_up
        assert (known.venue_order_id, owed) == ("v1", ONE)
        venue.listed.append(fill("2"))
        venue.says(order(3))
        await asyncio.sleep(1000)
        assert venue.told == [fill("1"), fill("2")], "what is filled later is asked for anew"

    virtual(story)


def test_errors_that_can_pass_do_not_count_and_others_do() -> None:
    async def story() -> None:
        venue = Venue()
        venue.errors = [VenueError.of(Fault(kind=Kind.OVERLOADED, retry_after=3.0))] * 20
        venue.owed.begin()
        venue.says(order(1))
        await asyncio.sleep(59)
        gaps = [second - first for (first, _), (second, _) in zip(venue.asked, venue.asked[1:], strict=False)]
        assert gaps == pytest.approx([3.01] * len(gaps), abs=0.01)
        venue.listed.append(fill("1"))
        await asyncio.sleep(600)
        assert venue.told == [fill("1")]
        venue.asked.clear()
        venue.errors = [VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND))] * 1000
        venue.says(order(2))
        await asyncio.sleep(1000)
        assert len(venue.asked) == len(PAUSES)
        assert len(venue.given_up) == 1

    virtual(story)


def test_questions_go_one_at_a_time_however_many_orders_owe() -> None:
    async def story() -> None:
        venue = Venue()
        venue.listed = [fill(str(number), f"v{number}") for number in range(20)]
        venue.owed.begin()
        for number in range(20):
            venue.says(order(1, f"v{number}"))
        await asyncio.sleep(600)
        assert len(venue.told) == 20
        assert len(venue.asked) == 1, "here one answer held them all: the others had no question left"

    virtual(story)


def test_what_was_filled_before_the_account_was_looked_at_is_of_the_past() -> None:
    async def story() -> None:
        venue = Venue(fill("1"), fill("2", "ours"))
        venue.owed.placing("c2")
        venue.says(order(1))
        venue.says(order(1, "ours", "c2"))
        await asyncio.sleep(60)
        assert venue.asked == [], "the first look will tell"
        venue.owed.begin()
        venue.listed = [fill("2", "ours")]
        await asyncio.sleep(60)
        assert [asked.venue_order_id for _, asked in venue.asked] == ["ours"]
        assert venue.told == [fill("2", "ours")], "an order of our own had no past"
        venue.owed.begin()
        venue.says(order(2))
        venue.listed = [fill("3")]
        await asyncio.sleep(60)
        assert venue.told[1:] == [fill("3")], "what follows counts"

    virtual(story)


def test_whoever_has_stopped_asks_no_more_until_the_account_is_looked_at_again() -> None:
    async def story() -> None:
        venue = Venue()
        venue.owed.begin()
        venue.says(order(1))
        venue.owed.stop()
        venue.says(order(1, "v2"))
        await asyncio.sleep(600)
        assert venue.asked == []
        venue.listed = [fill("1"), fill("2", "v2")]
        venue.owed.begin()
        await asyncio.sleep(600)
        assert venue.told == venue.listed, "only the first look has a past"

    virtual(story)
