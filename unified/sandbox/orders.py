"""What is asked of the engine, and the records that it keeps: orders and fills.

Decides nothing: the engine and its execution change these records, a dialect reads them.
Times ending in `_us` are microseconds since the epoch as the venue's clock showed them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from attrs import define, field, frozen

from unified.account import MarginMode
from unified.instrument import ZERO, Instrument
from unified.order import Liquidity, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.sandbox.refusal import Reason


class SelfTrade(StrEnum):
    """What happens when an order would trade with another of the same account."""

    ALLOW = "allow"
    CANCEL_TAKER = "cancel_taker"
    CANCEL_MAKER = "cancel_maker"
    CANCEL_BOTH = "cancel_both"


@frozen(kw_only=True)
class NewOrder:
    """One order as a dialect has understood it. Quantities are base units."""

    instrument: Instrument
    side: Side
    order_type: OrderType = OrderType.LIMIT
    quantity: Decimal | None = None
    quote_quantity: Decimal | None = None
    """Quote units to spend or receive instead of `quantity`; market orders only."""
    price: Decimal | None = None
    stop_price: Decimal | None = None
    trigger: Trigger | None = None
    """Of a stop; None means the stop of a loss: a buy when the price rises, a sell when it falls."""
    time_in_force: TimeInForce = TimeInForce.GTC
    expires_us: int | None = None
    """Of a good-till-date order: venue time at which it leaves the book."""
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide | None = None
    margin_mode: MarginMode | None = None
    client_order_id: str | None = None
    self_trade: SelfTrade = SelfTrade.CANCEL_TAKER
    words: Mapping[str, str] = field(factory=dict)
    """The dialect's own notes, kept with the order: native type, native flags, whatever an answer must repeat."""


class EndReason(StrEnum):
    """Why an order is no longer open. A dialect picks its venue's status and reason from it."""

    FILLED = "filled"
    CANCELED = "canceled"
    """By the account."""
    IOC_REST = "ioc_rest"
    """The rest of an IOC or market order that the book could not fill."""
    EXPIRED = "expired"
    """Good-till-date is over."""
    AMENDED_AWAY = "amended_away"
    """Amended to no more than was filled already."""
    SELF_TRADE = "self_trade"
    REDUCE_ONLY = "reduce_only"
    """Nothing was left to reduce."""
    OUT_OF_FUNDS = "out_of_funds"
    REFUSED = "refused"
    """Acknowledged, then refused by the engine: `VenueOrder.refusal` says why."""


@define(kw_only=True, eq=False)
class VenueOrder:
    """An accepted order, as it stands. Changed by the engine only."""

    order_id: int
    account: str
    asked: NewOrder
    client_order_id: str | None
    price: Decimal | None
    quantity: Decimal | None
    """None for a market order by quote quantity."""
    created_us: int
    updated_us: int
    visible_from_us: int
    """True time before which queries do not show it."""
    status: OrderStatus = OrderStatus.PENDING_NEW
    filled_quantity: Decimal = ZERO
    filled_quote: Decimal = ZERO
    fees: dict[str, Decimal] = field(factory=dict)
    """Paid so far, by currency."""
    triggered: bool = False
    """A stop whose price was reached."""
    end: EndReason | None = None
    refusal: Reason | None = None
    """Why it was refused after its acknowledgement."""
    amendments: int = 0
    last_fill: VenueFill | None = None
    held: Decimal = ZERO
    """What is left of the spot funds set aside for it: quote units for a buy, base units for a sell."""

    @property
    def instrument(self) -> Instrument:
        return self.asked.instrument

    @property
    def side(self) -> Side:
        return self.asked.side

    @property
    def order_type(self) -> OrderType:
        return self.asked.order_type

    @property
    def time_in_force(self) -> TimeInForce:
        return self.asked.time_in_force

    @property
    def words(self) -> Mapping[str, str]:
        return self.asked.words

    @property
    def is_open(self) -> bool:
        return self.status.is_open

    @property
    def is_waiting_stop(self) -> bool:
        """A stop that has not triggered and is not over."""
        return self.is_open and self.order_type.is_stop and not self.triggered

    @property
    def remaining(self) -> Decimal:
        """Base units still to fill; zero for an order by quote quantity."""
        return ZERO if self.quantity is None else self.quantity - self.filled_quantity

    @property
    def average_price(self) -> Decimal | None:
        """None while nothing is filled."""
        return self.filled_quote / self.filled_quantity if self.filled_quantity else None


@frozen(kw_only=True)
class VenueFill:
    """One execution of an order."""

    trade_id: int
    """That of the public trade; see `EngineRules.trade_ids_by_market`."""
    order: VenueOrder = field(repr=False)
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    """Negative where the account earns a rebate."""
    fee_currency: str
    liquidity: Liquidity
    realized_pnl: Decimal = ZERO
    time_us: int

    @property
    def quote_quantity(self) -> Decimal:
        return self.price * self.quantity
