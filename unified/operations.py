"""One frozen class per thing that a caller can want of a venue.

Says what is wanted, never how a venue does it (`adapter.Endpoint` does). Each class carries the type
of its answer, so that `await client.run(FetchTicker(btc))` is a `Ticker` to the type checker.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, ClassVar, Generic, TypeVar

from attrs import field

from unified.account import (
    Balance,
    Fee,
    KeyPermissions,
    MarginMode,
    Position,
    PositionMode,
    VenueStatus,
    VenueTime,
)
from unified.errors import VenueError
from unified.instrument import Instrument, Instruments, Product
from unified.market_data import Book, Candle, FundingRate, Interval, Ticker, Trade
from unified.order import Fill, Order, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.values import frozen

T = TypeVar("T")


class Priority(IntEnum):
    """Who goes first when a limit is short; lower goes first."""

    CANCEL = 0
    CLOSE = 1
    ORDER = 2
    PRIVATE_READ = 3
    PUBLIC_READ = 4


@frozen(kw_only=True)
class Page(Generic[T]):
    """Some of the rows; `cursor` asks for those that follow, None when these were the last."""

    items: tuple[T, ...]
    cursor: str | None = None


@frozen(kw_only=True)
class Operation(Generic[T]):
    """What is wanted. `T` is the type of the answer."""

    name: ClassVar[str]
    priority: ClassVar[Priority]
    writes: ClassVar[bool] = False
    """Changes something at the venue: never repeated while its outcome is unknown."""

    product: Product = Product.SPOT


@frozen(kw_only=True)
class InstrumentOperation(Operation[T]):
    """An operation on one instrument, which decides the product."""

    instrument: Instrument
    product: Product = field(init=False)

    @product.default
    def _product_of_instrument(self) -> Product:
        return self.instrument.product


@frozen(kw_only=True)
class ListingOperation(Operation[T]):
    """An operation over many instruments: `listing` turns the venue's symbols in the answer into ours."""

    instrument: Instrument | None = None
    """None for all."""
    listing: Instruments = field(repr=False, eq=False, hash=False)


# --- public reads


class FetchServerTime(Operation[VenueTime]):
    __slots__ = ()
    name = "server_time"
    priority = Priority.PUBLIC_READ


class FetchVenueStatus(Operation[VenueStatus]):
    __slots__ = ()
    name = "venue_status"
    priority = Priority.PUBLIC_READ


class FetchInstruments(Operation[tuple[Instrument, ...]]):
    __slots__ = ()
    name = "instruments"
    priority = Priority.PUBLIC_READ


class FetchTicker(InstrumentOperation[Ticker]):
    __slots__ = ()
    name = "ticker"
    priority = Priority.PUBLIC_READ


class FetchTickers(ListingOperation[tuple[Ticker, ...]]):
    """Tickers of all listed instruments of the product; symbols that the listing does not hold are left out."""

    __slots__ = ()
    name = "tickers"
    priority = Priority.PUBLIC_READ


@frozen(kw_only=True)
class FetchBook(InstrumentOperation[Book]):
    name = "book"
    priority = Priority.PUBLIC_READ
    depth: int = 100
    """Levels a side; an adapter asks for the least depth its venue offers that holds as many."""


@frozen(kw_only=True)
class FetchTrades(InstrumentOperation[Page[Trade]]):
    """Public trades, newest page first; the rows of a page are oldest first."""

    name = "trades"
    priority = Priority.PUBLIC_READ
    limit: int | None = None
    """Rows a page; None for the venue's largest."""
    cursor: str | None = None


@frozen(kw_only=True)
class FetchCandles(InstrumentOperation[Page[Candle]]):
    """Candles opened in [start, end), oldest first; without a start the newest."""

    name = "candles"
    priority = Priority.PUBLIC_READ
    interval: Interval = Interval.M1
    start: datetime | None = None
    end: datetime | None = None
    limit: int | None = None
    cursor: str | None = None


class FetchFundingRate(InstrumentOperation[FundingRate]):
    __slots__ = ()
    name = "funding_rate"
    priority = Priority.PUBLIC_READ


# --- private reads


class FetchBalances(Operation[tuple[Balance, ...]]):
    __slots__ = ()
    name = "balances"
    priority = Priority.PRIVATE_READ


class FetchTradingFees(InstrumentOperation[Fee]):
    __slots__ = ()
    name = "trading_fees"
    priority = Priority.PRIVATE_READ


class FetchKeyPermissions(Operation[KeyPermissions]):
    __slots__ = ()
    name = "key_permissions"
    priority = Priority.PRIVATE_READ


@frozen(kw_only=True)
class FetchOrder(InstrumentOperation[Order]):
    """One order, by either id. Raises `order_not_found` where the venue shows none."""

    name = "get_order"
    priority = Priority.PRIVATE_READ
    venue_order_id: str | None = None
    client_order_id: str | None = None
    since: datetime | None = None
    """Venue time before which the order cannot exist; narrows venues that can only be asked for lists."""
    is_stop: bool | None = None
    """Whether it was placed as a stop; None if not known. Where stops stand behind another door, an order that is none
    is not looked for there."""


@frozen(kw_only=True)
class FetchOpenOrders(ListingOperation[Page[Order]]):
    name = "open_orders"
    priority = Priority.PRIVATE_READ
    cursor: str | None = None


@frozen(kw_only=True)
class FetchClosedOrders(ListingOperation[Page[Order]]):
    """Orders that are no longer open, created in [start, end); as far back as the venue remembers."""

    name = "closed_orders"
    priority = Priority.PRIVATE_READ
    start: datetime | None = None
    end: datetime | None = None
    limit: int | None = None
    cursor: str | None = None


@frozen(kw_only=True)
class FetchFills(ListingOperation[Page[Fill]]):
    name = "fills"
    priority = Priority.PRIVATE_READ
    venue_order_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit: int | None = None
    cursor: str | None = None


class FetchPositions(ListingOperation[tuple[Position, ...]]):
    """Open positions only."""

    __slots__ = ()
    name = "positions"
    priority = Priority.PRIVATE_READ


# --- orders


@frozen(kw_only=True)
class PlaceOrder(InstrumentOperation[Order]):
    """One new order. Rules of the instrument are checked by the client, not here."""

    name = "place_order"
    priority = Priority.ORDER
    writes = True
    side: Side
    order_type: OrderType = OrderType.LIMIT
    quantity: Decimal | None = None
    """Base units. Either this or `quote_quantity`."""
    quote_quantity: Decimal | None = None
    """Quote units to spend or receive; market orders only."""
    price: Decimal | None = None
    stop_price: Decimal | None = None
    trigger: Trigger | None = None
    """Of a stop: None means the stop of a loss, a buy when the price rises and a sell when it falls."""
    time_in_force: TimeInForce = TimeInForce.GTC
    expires_at: datetime | None = None
    """For GTD: when the order leaves the book."""
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide | None = None
    """Required in hedge mode, None in one-way mode."""
    margin_mode: MarginMode | None = None
    """For venues that take it with each order; None for the venue's default."""
    client_order_id: str = ""
    """The client fills it in: no order leaves without one."""

    @property
    def waits_for(self) -> Trigger:
        """The side of the market on which a stop waits."""
        if self.trigger is not None:
            return self.trigger
        return Trigger.RISES if self.side is Side.BUY else Trigger.FALLS


@frozen(kw_only=True)
class TestOrder(InstrumentOperation[None]):
    """Let the venue check an order without placing it."""

    __test__: ClassVar[bool] = False
    name = "test_order"
    priority = Priority.ORDER
    order: PlaceOrder


@frozen(kw_only=True)
class CancelOrder(InstrumentOperation[Order]):
    """Cancel one order by either id; the venue's id wins where both are given."""

    name = "cancel_order"
    priority = Priority.CANCEL
    writes = True
    venue_order_id: str | None = None
    client_order_id: str | None = None
    is_stop: bool = False
    """Whether it is a stop that has not triggered: some venues keep those behind another door."""
    touched_ms: int | None = None
    """Venue time at which it was placed or last amended; None if not known. Some venues charge by age."""


class CancelAll(ListingOperation[None]):
    """Cancel every open order, of one instrument or of the product."""

    __slots__ = ()
    name = "cancel_all"
    priority = Priority.CANCEL
    writes = True


@frozen(kw_only=True)
class AmendOrder(InstrumentOperation[Order]):
    """Change price or quantity of an open order. What is None stays as it is."""

    name = "amend_order"
    priority = Priority.ORDER
    writes = True
    order: Order
    """As last seen: venues want side and old values repeated."""
    price: Decimal | None = None
    quantity: Decimal | None = None
    """New total in base units, what is filled included."""
    touched_ms: int | None = None


def _product_of(items: Sequence[InstrumentOperation[Any]]) -> Product:
    """The one product of a batch. Raises ValueError for an empty or a mixed one."""
    products = {item.product for item in items}
    if len(products) != 1:
        raise ValueError("a batch needs at least one item, and all of one product")
    return products.pop()


Placed = Order | VenueError
"""What became of one item of a batch."""


@frozen(kw_only=True)
class PlaceBatch(Operation[tuple[Placed, ...]]):
    """Several orders in one request; the answer has one item per order, in the same order."""

    name = "place_batch"
    priority = Priority.ORDER
    writes = True
    orders: tuple[PlaceOrder, ...]
    product: Product = field(init=False)

    @product.default
    def _product_of_orders(self) -> Product:
        return _product_of(self.orders)


@frozen(kw_only=True)
class CancelBatch(Operation[tuple[Placed, ...]]):
    """Several cancels in one request; the answer has one item per cancel, in the same order."""

    name = "cancel_batch"
    priority = Priority.CANCEL
    writes = True
    cancels: tuple[CancelOrder, ...]
    product: Product = field(init=False)

    @product.default
    def _product_of_cancels(self) -> Product:
        return _product_of(self.cancels)


# --- account settings


@frozen(kw_only=True)
class SetLeverage(InstrumentOperation[None]):
    name = "set_leverage"
    priority = Priority.ORDER
    writes = True
    leverage: Decimal


@frozen(kw_only=True)
class SetMarginMode(InstrumentOperation[None]):
    name = "set_margin_mode"
    priority = Priority.ORDER
    writes = True
    mode: MarginMode


@frozen(kw_only=True)
class SetPositionMode(Operation[None]):
    name = "set_position_mode"
    priority = Priority.ORDER
    writes = True
    mode: PositionMode


OPERATIONS: tuple[type[Operation[Any]], ...] = (
    FetchServerTime,
    FetchVenueStatus,
    FetchInstruments,
    FetchTicker,
    FetchTickers,
    FetchBook,
    FetchTrades,
    FetchCandles,
    FetchFundingRate,
    FetchBalances,
    FetchTradingFees,
    FetchKeyPermissions,
    FetchOrder,
    FetchOpenOrders,
    FetchClosedOrders,
    FetchFills,
    FetchPositions,
    PlaceOrder,
    TestOrder,
    CancelOrder,
    CancelAll,
    AmendOrder,
    PlaceBatch,
    CancelBatch,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
"""Every operation of the library, in the order in which tables show them."""
