"""Own orders and fills as one story, whichever way and however often they are told. Pure; fetches nothing.

A fill counts once by its instrument and trade id, an order is known by its instrument and venue id: venues number both
market by market, and the symbol of a perpetual may be that of a spot market. An order's state never goes backwards: a
late or repeated report changes nothing, and fields that a report leaves out keep their last value. What ended long ago
is forgotten, oldest first.

An order that is filled further than its fills tell owes the rest: proof that fills are missing, which needs no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import evolve

from unified.instrument import ZERO, Instrument, Product
from unified.order import Fill, Order, OrderStatus

KEPT_ORDERS = 20_000
"""Orders that are over and still remembered, so that their late reports are known for what they are."""
KEPT_FILLS = 200_000

_RANK: Mapping[OrderStatus, int] = {
    OrderStatus.PENDING_NEW: 0,
    OrderStatus.NEW: 1,
    OrderStatus.PARTIALLY_FILLED: 2,
    OrderStatus.PENDING_CANCEL: 3,
}
_FINAL = 4
_KEPT_FIELDS = (
    "client_order_id",
    "side",
    "order_type",
    "quantity",
    "quote_quantity",
    "price",
    "stop_price",
    "time_in_force",
    "created_at",
    "average_price",
    "refusal",
)
"""None in a later report means that it does not say, not that it is no more."""


Key = tuple[Product, str, str]
"""Product, symbol, and the venue's id in that market."""


def key_of(instrument: Instrument, number: str) -> Key:
    """What tells orders, or fills, of one account apart."""
    return instrument.product, instrument.symbol, number


class Story:
    """What is known of an account's orders and fills."""

    def __init__(self) -> None:
        self._orders: dict[Key, Order] = {}
        self._over: dict[Key, None] = {}
        self._fills: dict[Key, None] = {}
        self._told: dict[Key, Decimal] = {}
        """By order: the quantity of its fills so far."""
        self._owing: dict[Key, None] = {}
        """Orders that are filled further than that."""
        self._newest: dict[str, Key] = {}
        """By client order id: the order that was told of last, since ids may be used again."""

    @property
    def orders(self) -> tuple[Order, ...]:
        """Every order that is remembered, the first known first."""
        return tuple(self._orders.values())

    @property
    def open_orders(self) -> tuple[Order, ...]:
        """Those that may still change."""
        return tuple(order for order in self._orders.values() if order.is_open)

    def order(self, instrument: Instrument, venue_order_id: str) -> Order | None:
        """One order, as the reports so far tell it."""
        return self._orders.get(key_of(instrument, venue_order_id))

    def owing(self, product: Product) -> tuple[Order, ...]:
        """Orders that are filled further than their fills tell."""
        return tuple(self._orders[key] for key in self._owing if key[0] is product)

    def owed(self, order: Order) -> Decimal:
        """How much of it is filled and told by no fill; zero where nothing is."""
        key = key_of(order.instrument, order.venue_order_id)
        return self._orders[key].filled_quantity - self._told.get(key, ZERO) if key in self._owing else ZERO

    def write_off(self, order: Order) -> None:
        """What was filled of it so far needs no fill any more."""
        key = key_of(order.instrument, order.venue_order_id)
        self._told[key] = self._orders[key].filled_quantity
        self._weigh(key)

    def newest(self, instrument: Instrument, client_order_id: str) -> Order | None:
        """The last order of this id that was told of there."""
        key = self._newest.get(client_order_id)
        known = None if key is None else self._orders.get(key)
        return known if known is not None and known.instrument == instrument else None

    def take_order(self, told: Order) -> Order | None:
        """The order with this report merged in; None where the report says nothing new."""
        key = key_of(told.instrument, told.venue_order_id)
        known = self._orders.get(key)
        merged = told if known is None else merge(known, told)
        if merged == known:
            return None
        self._orders[key] = merged
        if merged.client_order_id and (known is None or not known.client_order_id):
            self._newest[merged.client_order_id] = key
        self._weigh(key)
        if merged.status.is_final:
            self._forget(key)
        return merged

    def take_fill(self, fill: Fill) -> bool:
        """Whether the fill is new."""
        key = key_of(fill.instrument, fill.trade_id)
        if key in self._fills:
            return False
        self._fills[key] = None
        if len(self._fills) > KEPT_FILLS:
            del self._fills[next(iter(self._fills))]
        of = key_of(fill.instrument, fill.venue_order_id)
        self._told[of] = self._told.get(of, ZERO) + fill.quantity
        self._weigh(of)
        return True

    def _weigh(self, key: Key) -> None:
        """Compare what is filled of an order with what its fills tell."""
        known = self._orders.get(key)
        if known is not None and known.filled_quantity > self._told.get(key, ZERO):
            self._owing[key] = None
        else:
            self._owing.pop(key, None)

    def _forget(self, key: Key) -> None:
        self._over[key] = None
        if len(self._over) > KEPT_ORDERS:
            oldest = next(iter(self._over))
            del self._over[oldest]
            id_ = self._orders.pop(oldest).client_order_id or ""
            self._told.pop(oldest, None)
            self._owing.pop(oldest, None)
            if self._newest.get(id_) == oldest:
                del self._newest[id_]


def merge(known: Order, told: Order) -> Order:
    """What two reports of one order tell together, in whichever order they came."""
    filled = max(known.filled_quantity, told.filled_quantity)
    older = _is_older(known, told)
    first, second = (told, known) if older else (known, told)
    fields = {name: getattr(second, name) for name in _KEPT_FIELDS}
    fields |= {name: getattr(first, name) for name, value in fields.items() if value is None}
    times = [order.updated_at for order in (known, told) if order.updated_at is not None]
    return evolve(
        second,
        **fields,
        filled_quantity=filled,
        post_only=known.post_only or told.post_only,
        reduce_only=known.reduce_only or told.reduce_only,
        updated_at=max(times, default=None),
    )


def _is_older(known: Order, told: Order) -> bool:
    """Whether the report is of an earlier state than what is known: an end is final, fills only grow."""
    before, after = _rank(known), _rank(told)
    if before != after:
        return after < before
    if known.filled_quantity != told.filled_quantity:
        return told.filled_quantity < known.filled_quantity
    if known.status.is_final:
        return True  # the end was told already; venues word it differently here and there
    if known.updated_at is not None and told.updated_at is not None:
        return told.updated_at < known.updated_at
    return False


def _rank(order: Order) -> int:
    return _RANK.get(order.status, _FINAL)
