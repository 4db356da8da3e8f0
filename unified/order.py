"""Orders and fills as values, in the words of FIX.

Knows no venue and changes nothing: a venue's answer becomes a new value.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import field

from unified.errors import Fault
from unified.instrument import ZERO, Instrument
from unified.values import frozen


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    LIMIT = "limit"
    MARKET = "market"
    STOP_LIMIT = "stop_limit"
    """A limit order that enters the book when `stop_price` is reached."""
    STOP_MARKET = "stop_market"
    """A market order that is sent when `stop_price` is reached."""

    @property
    def is_stop(self) -> bool:
        return self in (OrderType.STOP_LIMIT, OrderType.STOP_MARKET)

    @property
    def has_price(self) -> bool:
        return self in (OrderType.LIMIT, OrderType.STOP_LIMIT)


class Trigger(StrEnum):
    """On which side of the market a stop waits."""

    RISES = "rises"
    """Triggers when the price rises to `stop_price`: a buy stop, or a sell that takes profit."""
    FALLS = "falls"
    """Triggers when the price falls to `stop_price`: a sell stop, or a buy that takes profit."""


class TimeInForce(StrEnum):
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    GTD = "gtd"


class PositionSide(StrEnum):
    """The side of a position that an order works on, where the account keeps two (hedge mode)."""

    LONG = "long"
    SHORT = "short"


class OrderStatus(StrEnum):
    PENDING_NEW = "pending_new"
    """Acknowledged; the engine has not spoken yet. Ask again, or place with `confirm=True`."""
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    PENDING_CANCEL = "pending_cancel"
    """The cancel is accepted but not done: the order may still fill."""
    CANCELED = "canceled"
    REJECTED = "rejected"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        return self in _OPEN

    @property
    def is_final(self) -> bool:
        return self not in _OPEN


_OPEN = frozenset(
    {
        OrderStatus.PENDING_NEW,
        OrderStatus.NEW,
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.PENDING_CANCEL,
    }
)


@frozen(kw_only=True, slots=True)
class Order:
    """What a venue said of an order. Fields that this answer did not carry are None."""

    instrument: Instrument = field(repr=str)
    venue_order_id: str
    client_order_id: str | None = None
    status: OrderStatus
    side: Side | None = None
    """None only where a bare acknowledgement does not repeat it."""
    order_type: OrderType | None = None
    """None also for types of the venue that have no word here."""
    quantity: Decimal | None = None
    """Base units; None for a market order by quote amount."""
    quote_quantity: Decimal | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce | None = None
    expires_at: datetime | None = None
    """When a GTD order leaves the book."""
    post_only: bool = False
    reduce_only: bool = False
    filled_quantity: Decimal = ZERO
    average_price: Decimal | None = None
    """None while nothing is filled, or where the answer does not tell."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    refusal: Fault | None = None
    """Why the engine refused or ended an order that was acknowledged before."""

    @property
    def remaining_quantity(self) -> Decimal | None:
        """What is still to be filled; None for a market order by quote amount."""
        return None if self.quantity is None else self.quantity - self.filled_quantity

    @property
    def is_open(self) -> bool:
        return self.status.is_open


@frozen(kw_only=True, slots=True)
class Commission:
    """What was paid for a fill; negative where the venue paid a rebate."""

    currency: str
    amount: Decimal


class Liquidity(StrEnum):
    MAKER = "maker"
    TAKER = "taker"


@frozen(kw_only=True, slots=True)
class Fill:
    """One execution of an own order. (instrument, trade_id) counts it once, however often it is seen."""

    instrument: Instrument = field(repr=str)
    trade_id: str
    venue_order_id: str
    client_order_id: str | None = None
    side: Side
    price: Decimal
    quantity: Decimal
    commission: Commission | None = None
    liquidity: Liquidity | None = None
    time: datetime
