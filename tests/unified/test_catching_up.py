from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.toy import BTC, virtual
from unified.catching_up import LISTED_SECONDS, OVERLAP_MS, CatchUp
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
        await catch_up.look()
        assert starts(venue) == [480_000 - OVERLAP_MS]
        catch_up.complete_until(400.0)
        await catch_up.look()
        shown_until = 500_000 - 1000 * LISTED_SECONDS
        assert starts(venue)[1:] == [shown_until - OVERLAP_MS], "what a look has shown is known, but for the newest"

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
        await asyncio.sleep(20 + LISTED_SECONDS)
        await catch_up.look()
        assert starts(venue) == [10_000_000 - 3_600_000 - OVERLAP_MS]
        await catch_up.look()
        assert starts(venue)[1:] == [10_000_000 + 60_000 - OVERLAP_MS], "what was shown is known, and forgotten"

    virtual(story)


class Paged(Venue):
    """Lists fills page by page, and refuses what it is told to refuse."""

    def __init__(self, pages: int) -> None:
        super().__init__()
        self.pages, self.errors = pages, list[VenueError | None]()
        self.answered: list[str | None] = []
        """The cursors of fills that were asked for, and got."""

    async def run(self, operation: Operation[Any]) -> Any:
        answer = await super().run(operation)
        if not isinstance(operation, FetchFills):
            return answer
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.answered.append(operation.cursor)
        number = int(operation.cursor or "1")
        fills = tuple(evolve(fill, trade_id=str(number)) for fill in answer.items)
        return Page(items=fills, cursor=str(number + 1) if number < self.pages else None)


BUSY = VenueError.of(Fault(kind=Kind.OVERLOADED))


def test_however_often_a_look_is_refused_each_page_is_asked_for_once() -> None:
    async def story() -> None:
        venue, told = Paged(5), list[Any]()
        venue.errors = [None, None, *[BUSY] * 3, None, BUSY]
        catch_up = catching_up(venue, tell=told.append)
        refusals = 0
        while True:
            try:
                await catch_up.look()
                break
            except VenueError:
                refusals += 1
                fills = [value.trade_id for value in told if isinstance(value, Fill)]
                assert fills == [str(number + 1) for number in range(len(venue.answered))], "told as they come"
        assert refusals == 4
        assert venue.answered == [None, "2", "3", "4", "5"]
        assert sum(isinstance(asked, FetchOpenOrders) for asked in venue.asked) == 2, "two pages, once"

    virtual(story)


def test_nothing_is_known_before_a_look_has_come_to_its_end() -> None:
    async def story() -> None:
        venue, now = Paged(2), asyncio.get_running_loop().time
        venue.errors = [None, BUSY]
        catch_up = catching_up(venue, now_ms=lambda: round(now() * 1000))
        catch_up.begin()
        await asyncio.sleep(100)
        with pytest.raises(VenueError):
            await catch_up.look()
        await asyncio.sleep(100)
        await catch_up.look()
        assert set(starts(venue)) == {-OVERLAP_MS}, "the second try went on with the first's question"
        await catch_up.look()
        assert starts(venue)[-1] == 100_000 - 1000 * LISTED_SECONDS - OVERLAP_MS, "known is what preceded the first try"

    virtual(story)


def test_a_look_that_was_cancelled_goes_on_too() -> None:
    async def story() -> None:
        venue = Paged(3)
        run = venue.run

        async def slow(operation: Operation[Any]) -> Any:
            await asyncio.sleep(1)
            return await run(operation)

        venue.run = slow  # type: ignore[method-assign]
        catch_up = catching_up(venue)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5.5):
                await catch_up.look()
        await catch_up.look()
        assert venue.answered == [None, "2", "3"]

    virtual(story)


def test_a_place_that_became_void_is_given_up_and_an_error_that_cannot_pass_is_raised() -> None:
    async def story() -> None:
        venue, void = Paged(3), VenueError.of(Fault(kind=Kind.INVALID_REQUEST))
        venue.errors = [None, BUSY, void]
        catch_up = catching_up(venue)
        with pytest.raises(VenueError) as busy:
            await catch_up.look()
        assert busy.value.kind is Kind.OVERLOADED
        await catch_up.look()
        assert venue.answered == [None, None, "2", "3"], "an old cursor may be refused: the look began again"
        venue.errors = [void]
        with pytest.raises(VenueError) as refused:
            await catch_up.look()
        assert refused.value.kind is Kind.INVALID_REQUEST, "a new look has no such excuse"

    virtual(story)


def test_what_breaks_a_look_does_not_pass_for_its_end() -> None:
    async def story() -> None:
        venue = Paged(1)

        def breaks(_value: Any) -> None:
            raise RuntimeError("a bug")

        catch_up = catching_up(venue, tell=breaks)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                await catch_up.look()
        assert venue.answered == []

    virtual(story)
