"""What one look asks and tells; nothing waits here, so questions are answered by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.toy import BTC
from unified.account_look import AccountLook
from unified.errors import Fault, Kind, VenueError
from unified.instrument import Instrument, Instruments, Product
from unified.merging import Story
from unified.operations import FetchClosedOrders, FetchFills, FetchOpenOrders, FetchOrder, Operation, Page
from unified.order import Fill, Order, OrderStatus, Side

ONE = Decimal(1)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
NOT_SUPPORTED = VenueError.of(Fault(kind=Kind.NOT_SUPPORTED))
NOT_FOUND = VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND))


def order(venue_order_id: str, status: OrderStatus = OrderStatus.NEW) -> Order:
    return Order(instrument=BTC, venue_order_id=venue_order_id, status=status)


def fill(trade_id: str, of: str) -> Fill:
    return Fill(instrument=BTC, trade_id=trade_id, venue_order_id=of, side=Side.BUY, price=ONE, quantity=ONE, time=NOW)


class Asked:
    """A look at an account of whose orders some are known, answered by a function that may raise."""

    def __init__(self, answer: Callable[[Any], Any], traded: Iterable[Instrument] = ()) -> None:
        self.story, self.told, self.asked = Story(), list[Any](), list[Operation[Any]]()
        self._answer = answer
        self.look = AccountLook(Product.SPOT, Instruments([BTC]), self.story, self.tell, lambda: traded)

    def tell(self, value: Any) -> None:
        self.told.append(value)
        if isinstance(value, Order):
            self.story.take_order(value)

    def go(self) -> None:
        steps = self.look.steps(NOW)
        try:
            question = next(steps)
            while True:
                self.asked.append(question)
                try:
                    answer = self._answer(question)
                except VenueError as error:
                    question = steps.throw(error)
                else:
                    question = steps.send(answer)
        except StopIteration:
            return

    def of(self, kind: type[Any]) -> list[Any]:
        return [asked for asked in self.asked if type(asked) is kind]


def venue(operation: Any) -> Any:
    """Two pages of open orders, one order that closed, one that is found by itself, and a fill."""
    match operation:
        case FetchOpenOrders(cursor=None):
            return Page(items=(order("a"),), cursor="2")
        case FetchOpenOrders():
            return Page(items=(order("b"),))
        case FetchClosedOrders():
            return Page(items=(order("closed", OrderStatus.CANCELED),))
        case FetchOrder(venue_order_id="gone"):
            return order("gone", OrderStatus.FILLED)
        case FetchOrder():
            raise NOT_FOUND
    return Page(items=(fill("1", "gone"),))


def test_it_asks_for_what_is_open_what_closed_what_no_list_shows_and_for_fills() -> None:
    on = Asked(venue)
    for open_before in ("a", "gone", "closed", "not-listed-yet"):
        on.story.take_order(order(open_before))
    on.go()
    kinds = [FetchOpenOrders, FetchOpenOrders, FetchClosedOrders, FetchOrder, FetchOrder, FetchFills]
    assert [type(asked) for asked in on.asked] == kinds
    assert [asked.venue_order_id for asked in on.of(FetchOrder)] == ["gone", "not-listed-yet"], "lists told of others"
    assert [value.venue_order_id for value in on.told] == ["a", "b", "closed", "gone", "gone"]
    (closed,), (fills,) = on.of(FetchClosedOrders), on.of(FetchFills)
    assert closed.start == fills.start == NOW


def test_each_page_is_told_before_the_next_is_asked_for() -> None:
    on = Asked(venue)
    steps = on.look.steps(NOW)
    first = next(steps)
    following: Any = steps.send(venue(first))
    assert [value.venue_order_id for value in on.told] == ["a"]
    assert (type(following), following.cursor) == (FetchOpenOrders, "2")


def test_the_order_of_a_fill_that_nobody_knows_is_told_before_the_fill() -> None:
    on = Asked(venue)
    on.go()
    assert [type(value) for value in on.told[-2:]] == [Order, Fill]
    assert [asked.venue_order_id for asked in on.of(FetchOrder)] == ["gone"]


def test_an_order_that_frames_ended_meanwhile_is_not_looked_up() -> None:
    def answer(operation: Any) -> Any:
        on.story.take_order(order("gone", OrderStatus.CANCELED))
        return venue(operation)

    on = Asked(answer)
    on.story.take_order(order("gone"))
    on.go()
    assert on.of(FetchOrder) == []


def test_a_venue_without_a_list_of_closed_orders_is_asked_for_fills_all_the_same() -> None:
    def answer(operation: Any) -> Any:
        if isinstance(operation, FetchClosedOrders):
            raise NOT_SUPPORTED
        return venue(operation)

    on = Asked(answer)
    on.go()
    assert on.look.shows_all_fills
    assert len(on.of(FetchFills)) == 1


def test_a_venue_that_lists_by_instrument_is_asked_for_each_that_is_known_to_be_traded() -> None:
    def answer(operation: Any) -> Any:
        if isinstance(operation, FetchClosedOrders | FetchFills):
            if operation.instrument is None:
                raise NOT_SUPPORTED
            return Page(items=())
        return venue(operation)

    traded, elsewhere = evolve(BTC, symbol="ETH"), evolve(BTC, symbol="PERP", product=Product.LINEAR)
    on = Asked(answer, (traded, BTC))
    on.story.take_order(order("a"))
    on.story.take_order(Order(instrument=elsewhere, venue_order_id="far", status=OrderStatus.NEW))
    for _ in range(2):
        on.go()
    for kind in (FetchClosedOrders, FetchFills):
        asked = [one.instrument and one.instrument.symbol for one in on.of(kind)]
        assert asked == [None, "ETH", BTC.symbol, "ETH", BTC.symbol], "the refusal is remembered"
    assert not on.look.shows_all_fills, "a list of known instruments says nothing about others"
    looked_up = [one.venue_order_id for one in on.of(FetchOrder)]
    assert "far" not in looked_up, "another product's order is another stream's affair"


def test_an_error_that_means_nothing_to_it_ends_it() -> None:
    def answer(_operation: Any) -> Any:
        raise VenueError.of(Fault(kind=Kind.BAD_CREDENTIALS))

    with pytest.raises(VenueError):
        Asked(answer).go()
