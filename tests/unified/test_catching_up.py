from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.toy import BTC, virtual
from unified.catching_up import LOOK_AGAIN_SECONDS, OVERLAP_MS, CatchUp
from unified.errors import Fault, Kind, VenueError
from unified.instrument import Instrument, Instruments, Product
from unified.merging import Story
from unified.operations import FetchClosedOrders, FetchFills, FetchOpenOrders, FetchOrder, Operation, Page
from unified.order import Fill, Order, OrderStatus, Side
from unified.owed_fills import OwedFills
from unified.wire import milliseconds

ONE = Decimal(1)


def order(venue_order_id: str, status: OrderStatus = OrderStatus.NEW) -> Order:
    return Order(instrument=BTC, venue_order_id=venue_order_id, status=status)


class Venue:
    """Answers with two pages of open orders, single orders, and fills."""

    def __init__(self) -> None:
        self.asked: list[Operation[Any]] = []

    async def run(self, operation: Operation[Any]) -> Any:
        self.asked.append(operation)
        match operation:
            case FetchOpenOrders(cursor=None):
                return Page(items=(order("a"),), cursor="2")
            case FetchOpenOrders():
                return Page(items=(order("b"),))
            case FetchClosedOrders():
                raise VenueError.of(Fault(kind=Kind.NOT_SUPPORTED))
            case FetchOrder(venue_order_id="gone"):
                return order("gone", OrderStatus.FILLED)
            case FetchOrder():
                raise VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND))
        when = datetime(2026, 11, 21, tzinfo=UTC)
        fill = Fill(
            instrument=BTC, trade_id="1", venue_order_id="gone", side=Side.BUY, price=ONE, quantity=ONE, time=when
        )
        return Page(items=(fill,))


def catching_up(
    venue: Venue,
    known: Story | None = None,
    tell: Callable[[Any], None] = lambda _value: None,
    now_ms: Callable[[], int] = lambda: 0,
    traded: Callable[[], Iterable[Instrument]] = tuple,
) -> CatchUp:
    """One that tells nobody of itself; orders that owe fills are `test_owed_fills.py`'s affair."""
    listing, known = Instruments([BTC]), known or Story()
    owed = OwedFills(venue.run, Product.SPOT, listing, known, tell, lambda _order, _owed: None)
    return CatchUp(venue.run, Product.SPOT, listing, known, owed, tell, now_ms, traded)


def test_it_asks_for_what_is_open_for_what_is_no_longer_and_for_fills() -> None:
    async def story() -> None:
        venue, known, told = Venue(), Story(), list[Any]()
        for open_before in ("a", "gone", "not-listed-yet"):
            known.take_order(order(open_before))
        catch_up = catching_up(venue, known, told.append, lambda: 100_000)
        await catch_up.look()
        assert [getattr(value, "venue_order_id", None) for value in told] == ["a", "b", "gone", "gone"]
        assert told[2].status is OrderStatus.FILLED
        fills = venue.asked[-1]
        assert isinstance(fills, FetchFills)
        assert fills.start is not None
        assert milliseconds(fills.start) == 100_000 - OVERLAP_MS

    virtual(story)


def starts(venue: Venue) -> list[int]:
    """Since when fills were asked for."""
    return [milliseconds(asked.start) for asked in venue.asked if isinstance(asked, FetchFills) and asked.start]


def test_fills_are_asked_for_since_the_stream_was_surely_complete() -> None:
    async def story() -> None:
        venue, now = Venue(), asyncio.get_running_loop().time
        catch_up = catching_up(venue, now_ms=lambda: round(now() * 1000))
        await asyncio.sleep(100)
        catch_up.begin()
        await asyncio.sleep(400)
        catch_up.begin()
        catch_up.complete_until(20.0)
        await catch_up.run()
        assert starts(venue) == [480_000 - OVERLAP_MS] * 2, "twice: a fill may not be listed at once"
        assert LOOK_AGAIN_SECONDS > 0
        catch_up.complete_until(400.0)
        await catch_up.look()
        assert starts(venue)[-1] == 500_000 - OVERLAP_MS, "what two looks have shown is known"

    virtual(story)


class SetClock:
    """A venue's clock in milliseconds, ten thousand seconds ahead of ours, and by `step_ms` more."""

    step_ms = 0

    def __call__(self) -> int:
        return 10_000_000 + round(asyncio.get_running_loop().time() * 1000) + self.step_ms


@pytest.mark.parametrize("step_s", [-3600, 0, 3600])
def test_a_clock_that_is_set_hides_no_fill(step_s: int) -> None:
    """Fills from before it have times of the old clock, those after it of the new one: the earlier of both counts."""

    async def story() -> None:
        venue, clock = Venue(), SetClock()
        catch_up = catching_up(venue, now_ms=clock)
        catch_up.begin()
        await asyncio.sleep(60)
        clock.step_ms = 1000 * step_s
        await catch_up.look()
        assert starts(venue) == [10_000_000 + min(0, clock.step_ms) - OVERLAP_MS]

    virtual(story)


def test_a_clock_that_was_set_back_for_a_while_hides_no_fill() -> None:
    """What was filled meanwhile bears earlier times than all that is known, although the clock is right again."""

    async def story() -> None:
        venue, clock = Venue(), SetClock()
        catch_up = catching_up(venue, now_ms=clock)
        catch_up.begin()
        for clock.step_ms in (-3_600_000, 0):
            await asyncio.sleep(20)
            catch_up.note_time()
        await asyncio.sleep(20)
        await catch_up.run()
        assert starts(venue) == [10_000_000 - 3_600_000 - OVERLAP_MS] * 2
        await catch_up.look()
        assert starts(venue)[-1] == 10_000_000 + 60_000 - OVERLAP_MS, "what was shown is known, and forgotten"

    virtual(story)


class ByInstrument(Venue):
    """A venue that lists closed orders and fills by instrument only."""

    async def run(self, operation: Operation[Any]) -> Any:
        if isinstance(operation, FetchClosedOrders | FetchFills):
            self.asked.append(operation)
            if operation.instrument is None:
                raise VenueError.of(Fault(kind=Kind.NOT_SUPPORTED))
            return Page(items=())
        return await super().run(operation)


def test_a_venue_that_lists_by_instrument_is_asked_for_each_that_is_known_to_be_traded() -> None:
    async def story() -> None:
        venue, known = ByInstrument(), Story()
        known.take_order(order("a"))
        traded, elsewhere = evolve(BTC, symbol="ETH"), evolve(BTC, symbol="PERP", product=Product.LINEAR)
        known.take_order(Order(instrument=elsewhere, venue_order_id="far", status=OrderStatus.NEW))
        catch_up = catching_up(venue, known, traded=lambda: (traded, BTC))
        await catch_up.look()
        await catch_up.look()
        for kind in (FetchClosedOrders, FetchFills):
            asked = [one.instrument and one.instrument.symbol for one in venue.asked if type(one) is kind]
            assert asked == [None, "ETH", BTC.symbol, "ETH", BTC.symbol], "the refusal is remembered"
        looked_up = [one.venue_order_id for one in venue.asked if isinstance(one, FetchOrder)]
        assert "far" not in looked_up, "another product's order is another stream's affair"

    virtual(story)
