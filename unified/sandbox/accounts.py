"""Accounts: balances with holds, and cross-margin positions in linear perpetuals.

Keeps the money exact and refuses nothing: whether an order is allowed is for `checks.py` to say.
Nothing is ever liquidated here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from attrs import define, field

from unified.account import MarginMode, PositionMode
from unified.instrument import ZERO, Instrument, Product
from unified.order import PositionSide, Side
from unified.sandbox.listing import FeeRates
from unified.sandbox.orders import VenueFill, VenueOrder

InstrumentKey = tuple[Product, str]
_COST_STEP = Decimal("1e-12")
DEFAULT_LEVERAGE = Decimal(10)


def key_of(instrument: Instrument) -> InstrumentKey:
    """What tells instruments of one venue apart."""
    return instrument.product, instrument.symbol


@define
class Wallet:
    """Currencies and what open orders hold of them."""

    total: dict[str, Decimal] = field(factory=dict)
    held: dict[str, Decimal] = field(factory=dict)

    def free(self, currency: str) -> Decimal:
        return self.total.get(currency, ZERO) - self.held.get(currency, ZERO)

    def add(self, currency: str, change: Decimal) -> None:
        self.total[currency] = self.total.get(currency, ZERO) + change

    def hold(self, currency: str, change: Decimal) -> None:
        """Set funds aside, or give them back if negative."""
        self.held[currency] = self.held.get(currency, ZERO) + change


@define(kw_only=True)
class VenuePosition:
    """An open position. `cost` is what its quantity was bought for, negative for a short."""

    instrument: Instrument
    side: PositionSide | None
    quantity: Decimal = ZERO
    """Base units, negative when short."""
    cost: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    updated_us: int = 0

    @property
    def entry_price(self) -> Decimal:
        """Zero while the position is closed."""
        return self.cost / self.quantity if self.quantity else ZERO

    def unrealized(self, mark: Decimal) -> Decimal:
        return self.quantity * mark - self.cost

    def closable(self, side: Side) -> Decimal:
        """How much an order of `side` can reduce it by."""
        return max(ZERO, -self.quantity if side is Side.BUY else self.quantity)

    def apply(self, side: Side, quantity: Decimal, price: Decimal) -> Decimal:
        """Trade; the profit that this realizes."""
        signed = quantity if side is Side.BUY else -quantity
        closed = min(quantity, self.closable(side))
        pnl = ZERO
        if closed:
            part = (self.cost * closed / abs(self.quantity)).quantize(_COST_STEP, ROUND_HALF_EVEN)
            if closed == abs(self.quantity):
                part = self.cost
            signed_closed = closed if side is Side.BUY else -closed
            pnl = -signed_closed * price - part
            self.cost -= part
            self.quantity += signed_closed
            signed -= signed_closed
        self.quantity += signed
        self.cost += signed * price
        self.realized_pnl += pnl
        return pnl


MarkOf = Callable[[Instrument], Decimal]


@define(kw_only=True, eq=False)
class Account:
    """One client of the venue."""

    name: str
    spot: Wallet
    margin: Wallet
    """The same wallet as `spot` where the venue has one for all."""
    positions: dict[tuple[InstrumentKey, PositionSide | None], VenuePosition] = field(factory=dict, repr=False)
    leverage: dict[InstrumentKey, Decimal] = field(factory=dict, repr=False)
    margin_modes: dict[InstrumentKey, MarginMode] = field(factory=dict, repr=False)
    position_mode: PositionMode = PositionMode.ONE_WAY
    fees: dict[Product, FeeRates] = field(factory=dict, repr=False)
    """Rates of its own, where they differ from the venue's."""
    orders: list[VenueOrder] = field(factory=list, repr=False)
    """Every accepted order, oldest first."""
    by_id: dict[int, VenueOrder] = field(factory=dict, repr=False)
    by_client_id: dict[str, list[VenueOrder]] = field(factory=dict, repr=False)
    """The orders that have or had a client id, oldest first."""
    open: dict[int, VenueOrder] = field(factory=dict, repr=False)
    """Those of them that are open, by order id."""
    fills: list[VenueFill] = field(factory=list, repr=False)
    """Of all orders, oldest first."""
    fills_of: dict[int, list[VenueFill]] = field(factory=dict, repr=False)
    """The same by order id."""

    def wallet(self, product: Product) -> Wallet:
        return self.spot if product is Product.SPOT else self.margin

    def position(self, instrument: Instrument, side: PositionSide | None) -> VenuePosition:
        """The position, which may be of zero size."""
        key = (key_of(instrument), side)
        found = self.positions.get(key)
        if found is None:
            found = self.positions[key] = VenuePosition(instrument=instrument, side=side)
        return found

    def add(self, order: VenueOrder) -> None:
        """Take in a new order."""
        self.orders.append(order)
        self.by_id[order.order_id] = self.open[order.order_id] = order
        self.name_order(order, order.client_order_id)

    def name_order(self, order: VenueOrder, client_order_id: str | None) -> None:
        """Give an order a client id, beside those that it had."""
        order.client_order_id = client_order_id
        if client_order_id is not None:
            self.by_client_id.setdefault(client_order_id, []).append(order)

    def add_fill(self, fill: VenueFill) -> None:
        """Take in an execution of one of its orders."""
        self.fills.append(fill)
        self.fills_of.setdefault(fill.order.order_id, []).append(fill)

    def leverage_of(self, instrument: Instrument) -> Decimal:
        return self.leverage.get(key_of(instrument), DEFAULT_LEVERAGE)

    def open_positions(self) -> tuple[VenuePosition, ...]:
        return tuple(position for position in self.positions.values() if position.quantity)

    def unrealized(self, currency: str, mark_of: MarkOf) -> Decimal:
        """Of all positions settled in `currency`."""
        return sum((position.unrealized(mark_of(position.instrument)) for position in self._settled_in(currency)), ZERO)

    def position_margin(self, currency: str, mark_of: MarkOf) -> Decimal:
        """Initial margin of the open positions."""
        return sum(
            (
                abs(position.quantity) * mark_of(position.instrument) / self.leverage_of(position.instrument)
                for position in self._settled_in(currency)
            ),
            ZERO,
        )

    def order_margin(self, currency: str, mark_of: MarkOf, *, with_stops: bool) -> Decimal:
        """Initial margin of the open orders that could enlarge a position."""
        return sum(
            (
                self.margin_for(order, order.remaining, order.price or mark_of(order.instrument))
                for order in self.open.values()
                if order.instrument.settle == currency and (with_stops or not order.is_waiting_stop)
            ),
            ZERO,
        )

    def margin_for(self, order: VenueOrder, quantity: Decimal, price: Decimal) -> Decimal:
        """Initial margin that `quantity` of an order asks for; what only closes a position asks for none."""
        if order.asked.reduce_only:
            return ZERO
        closable = self.position(order.instrument, order.asked.position_side).closable(order.side)
        return max(ZERO, quantity - closable) * price / self.leverage_of(order.instrument)

    def available(self, product: Product, currency: str, mark_of: MarkOf, *, with_stops: bool = True) -> Decimal:
        """What a new order may use: free funds less margin in use, with unrealized profit and loss."""
        free = self.wallet(product).free(currency)
        if self.wallet(product) is not self.margin:
            return free
        margin = self.position_margin(currency, mark_of)
        margin += self.order_margin(currency, mark_of, with_stops=with_stops)
        return free + self.unrealized(currency, mark_of) - margin

    def _settled_in(self, currency: str) -> Iterable[VenuePosition]:
        return [position for position in self.open_positions() if position.instrument.settle == currency]
