"""One instrument's order book: price first, then time. Moves no money and knows no accounts."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from unified.instrument import ZERO
from unified.market_data import Level
from unified.order import Side
from unified.sandbox.orders import VenueOrder


class Resting:
    """An entry in the book: a client's order, or one of the background's (`order` is None)."""

    __slots__ = ("order", "price", "quantity", "side")

    def __init__(self, side: Side, price: Decimal, quantity: Decimal, order: VenueOrder | None = None) -> None:
        self.side = side
        self.price = price
        self.quantity = quantity
        self.order = order


class _BookSide:
    """Entries of one side; `sign` makes the best price the smallest key."""

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._keys: list[Decimal] = []
        self._at: dict[Decimal, list[Resting]] = {}

    def add(self, entry: Resting) -> None:
        key = entry.price * self._sign
        queue = self._at.get(key)
        if queue is None:
            insort(self._keys, key)
            self._at[key] = [entry]
        else:
            queue.append(entry)

    def remove(self, entry: Resting) -> None:
        key = entry.price * self._sign
        queue = self._at[key]
        queue.remove(entry)
        if not queue:
            del self._at[key]
            del self._keys[bisect_left(self._keys, key)]

    def best(self) -> Resting | None:
        return self._at[self._keys[0]][0] if self._keys else None

    def entries(self) -> Iterator[Resting]:
        for key in self._keys:
            yield from self._at[key]

    def levels(self, depth: int) -> tuple[Level, ...]:
        return tuple([Level(key.copy_abs(), _total(self._at[key])) for key in self._keys[:depth]])


def _total(queue: list[Resting]) -> Decimal:
    return queue[0].quantity if len(queue) == 1 else sum((entry.quantity for entry in queue), ZERO)


_TOUCHES = 10_000
"""Changes that are remembered one by one: far more than happen between two frames of any stream."""


class OrderBook:
    """Both sides, and a sequence number that grows with every change."""

    def __init__(self) -> None:
        self._sides = {Side.BUY: _BookSide(-1), Side.SELL: _BookSide(1)}
        self.sequence = 1
        self._touched: deque[tuple[Side, Decimal]] = deque(maxlen=_TOUCHES)
        """What each of the last changes changed."""

    def add(self, entry: Resting) -> None:
        """Put an entry at the end of its price's queue. It must not cross the other side."""
        self._sides[entry.side].add(entry)
        self._touch(entry)

    def remove(self, entry: Resting) -> None:
        self._sides[entry.side].remove(entry)
        self._touch(entry)

    def take(self, entry: Resting, quantity: Decimal) -> None:
        """Shrink an entry in its place; an emptied one leaves the book."""
        entry.quantity -= quantity
        self._touch(entry)
        if entry.quantity <= ZERO:
            self._sides[entry.side].remove(entry)

    def _touch(self, entry: Resting) -> None:
        self.sequence += 1
        self._touched.append((entry.side, entry.price))

    def touched_since(self, sequence: int) -> set[tuple[Side, Decimal]]:
        """Levels that changed after this sequence, those included that are as they were before."""
        return set(islice(reversed(self._touched), self.sequence - sequence))

    def best(self, side: Side) -> Resting | None:
        return self._sides[side].best()

    def levels(self, side: Side, depth: int) -> tuple[Level, ...]:
        """The best `depth` levels, best first."""
        return self._sides[side].levels(depth)

    def crossing(self, side: Side, limit: Decimal | None) -> Iterator[Resting]:
        """The entries that an order of `side` limited at `limit` would meet, in their order."""
        for entry in self._sides[side.opposite].entries():
            if not reaches(side, limit, entry.price):
                return
            yield entry

    def crosses(self, side: Side, limit: Decimal | None) -> bool:
        """Whether an order of `side` limited at `limit` would trade now."""
        best = self.best(side.opposite)
        return best is not None and reaches(side, limit, best.price)


def reaches(side: Side, limit: Decimal | None, price: Decimal) -> bool:
    """Whether an order of `side` limited at `limit` accepts `price`. No limit accepts every price."""
    if limit is None:
        return True
    return price <= limit if side is Side.BUY else price >= limit
