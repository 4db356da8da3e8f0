"""One market of the venue: its listing, book, tape and waiting stops. Holds them together; decides nothing."""

from __future__ import annotations

from decimal import Decimal

from unified.instrument import Instrument
from unified.order import OrderType, Side, Trigger
from unified.sandbox.listing import Listing, MarketMode
from unified.sandbox.matching import OrderBook, Resting
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.tape import Tape


class Market:
    """Where one instrument trades."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.book = OrderBook()
        self.tape = Tape()
        self.mode = MarketMode.OPEN
        self.mark = listing.price
        """The middle of the price path: mark and index price of a perpetual."""
        self.stops: list[VenueOrder] = []
        """Waiting ones, oldest first."""
        self.resting: dict[int, Resting] = {}
        """Entries of clients' orders in the book, by order id."""

    @property
    def instrument(self) -> Instrument:
        return self.listing.instrument

    @property
    def last(self) -> Decimal:
        return self.tape.last or self.mark

    def add_resting(self, order: VenueOrder, quantity: Decimal) -> None:
        if order.price is None:
            raise ValueError(f"order {order.order_id} has no price to rest at")
        entry = self.resting[order.order_id] = Resting(order.side, order.price, quantity, order)
        self.book.add(entry)

    def drop(self, order: VenueOrder) -> None:
        """Take an order out of the book and the stops, wherever it stands."""
        entry = self.resting.pop(order.order_id, None)
        if entry is not None and entry.quantity > 0:
            self.book.remove(entry)
        if order in self.stops:
            self.stops.remove(order)

    def next_triggered(self) -> VenueOrder | None:
        """The oldest waiting stop whose price is reached."""
        return next((order for order in self.stops if reached(order.asked, self.last)), None)


def trigger_of(asked: NewOrder) -> Trigger:
    """The direction of a stop, with the default of the stop of a loss."""
    if asked.trigger is not None:
        return asked.trigger
    return Trigger.RISES if asked.side is Side.BUY else Trigger.FALLS


def reached(asked: NewOrder, price: Decimal) -> bool:
    """Whether a stop triggers at this price."""
    if asked.stop_price is None:
        return False
    return price >= asked.stop_price if trigger_of(asked) is Trigger.RISES else price <= asked.stop_price


def limit_of(order: VenueOrder) -> Decimal | None:
    """The worst price that an order accepts; None for market orders."""
    return None if order.order_type in (OrderType.MARKET, OrderType.STOP_MARKET) else order.price
