"""One side of a book that changes: levels by their price, put in order when somebody asks which are best.

Levels stay as the venue wrote them and are found by the text of their price: nearly every change costs one look-up. A
price that is new becomes a number, which finds its place when an order is needed. A venue writes a price always in the
same way on one stream; its snapshots may have other digits. Knows no sequence and no other side (`book.py` does).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from decimal import Decimal
from math import inf

from unified import exact
from unified.market_data import RawLevel

Key = float | Decimal
"""Where a price belongs: the less, the better. Floats as long as they tell all prices of the side apart."""

_ZEROS = frozenset(
    form for count in range(40) for form in ("0." + "0" * count, "." + "0" * count, f"0e-{count}", f"0E-{count}", "0")
) - {"."}
"""How venues write that there is nothing: in whatever digits."""
_MOST_DIGITS = 15
"""Decimal numbers of so many digits all differ as floats."""
_FEW = 4
"""Up to the fourth part of a side finds its place one by one; more is put in order with all the rest."""


class BookSide:
    """Bids or asks."""

    __slots__ = (
        "_changed",
        "_keys",
        "_longest",
        "_shuffled",
        "_sign",
        "_texts",
        "furthest",
        "is_bounded",
        "levels",
        "nearest",
    )

    def __init__(self, *, highest_first: bool) -> None:
        """Of bids the highest is best, of asks the lowest."""
        self._sign = -1.0 if highest_first else 1.0
        self.set_all(())

    def set_all(self, levels: Iterable[RawLevel]) -> None:
        """These and no others. Raises ArithmeticError, ValueError, TypeError or LookupError if one cannot be read."""
        self.levels: dict[str, str] = {}
        """Quantities by price."""
        self._keys: list[Key] = []
        """Prices in order, as of the last time that there was one."""
        self._texts: dict[Key, str] = {}
        """How the venue writes each of them."""
        self._changed: list[str] = []
        """What came or went since."""
        self._shuffled = False
        """So much that it is no longer kept."""
        self._longest = _MOST_DIGITS
        """Prices of so many characters are surely told apart by floats; -1 where all keys have to be Decimals."""
        self.nearest = inf
        """No price is better, as floats go. Exact after `ordered`."""
        self.furthest: Key = inf
        """Beyond it changes are told of levels that were never shown: those are left out."""
        self.is_bounded = False
        """Whether there are such levels."""
        for level in levels:
            if not _is_none(level[1]):
                self._insert(level[0], level[1])
        self._shuffled = True
        self.ordered()

    def apply(self, levels: Iterable[RawLevel]) -> None:
        """What has changed; a quantity of zero takes a level out. Raises as `set_all` does."""
        known, changed = self.levels, self._changed
        for level in levels:
            price, quantity = level[0], level[1]
            if quantity in _ZEROS:
                if price in known:
                    del known[price]
                    changed.append(price)
                else:
                    self._drop(price)
            elif price in known:
                known[price] = quantity
            else:
                self._insert(price, quantity)
        if len(changed) * _FEW > len(known):
            self._shuffled = True
            changed.clear()

    def bound(self) -> None:
        """There are levels beyond those that are known."""
        self.furthest, self.is_bounded = self.ordered()[-1], True

    def cut(self, depth: int) -> None:
        """Keep the `depth` best."""
        if len(self.levels) > depth:
            keys = self.ordered()
            for key in keys[depth:]:
                del self.levels[self._texts.pop(key)]
            del keys[depth:]

    def best(self, count: int) -> list[RawLevel]:
        """The best levels, best first."""
        keys = self.ordered()[:count]
        levels, texts = self.levels, self._texts
        return [(price := texts[key], levels[price]) for key in keys]

    # --- order

    def ordered(self) -> list[Key]:
        """All prices as keys, best first."""
        if self._changed or self._shuffled:
            if self._shuffled:
                self._order_all()
            else:
                self._order_changed()
            self._changed.clear()
            self.nearest = float(self._keys[0]) if self._keys else inf
        return self._keys

    def _order_all(self) -> None:
        sign, levels = self._sign, self.levels
        if self._longest > 0:
            self._texts = {sign * float(price): price for price in levels}
        else:
            self._texts = {self._key_of(price): price for price in levels}
        if len(self._texts) < len(levels):  # one price in two ways: the later one counts
            self.levels = {price: levels[price] for price in self._texts.values()}
        self._keys = sorted(self._texts)
        self._shuffled = False

    def _order_changed(self) -> None:
        levels, texts, keys, sign = self.levels, self._texts, self._keys, self._sign
        key_of = self._key_of if self._longest < 0 else None
        for price in self._changed:
            key = sign * float(price) if key_of is None else key_of(price)
            known = texts.get(key)
            if price in levels:
                if known is None:
                    insort(keys, key)
                elif known != price:
                    levels.pop(known, None)
                texts[key] = price
            elif known is not None and known not in levels:
                del texts[key], keys[bisect_left(keys, key)]

    # --- one price

    def _insert(self, price: str, quantity: str) -> None:
        key = self._key_of(price)
        if key <= self.furthest:
            other = self._texts.get(key)
            if other is not None:  # the same price in other digits, or what was here once
                self.levels.pop(other, None)
            self.levels[price] = quantity
            self._changed.append(price)
            if key < self.nearest:
                self.nearest = float(key)

    def _drop(self, price: str) -> None:
        """Take out what is not known by this text."""
        other = self._texts.get(self._key_of(price))
        if other is not None and self.levels.pop(other, None) is not None:
            self._changed.append(other)

    def _key_of(self, price: str) -> Key:
        """Where a price belongs. Raises ValueError where it is no number."""
        if len(price) > self._longest:
            return self._long_key(price)
        key = self._sign * float(price)
        if -inf < key < inf:
            return key
        raise ValueError("a price without a place")

    def _long_key(self, price: str) -> Key:
        """Of a price with so many digits that, were it a float, another price could have the same one."""
        number = exact.number(price)
        if self._longest > 0:
            if len(number.normalize().as_tuple().digits) <= _MOST_DIGITS:
                return self._sign * float(number)
            self._be_exact()
        return number.copy_negate() if self._sign < 0 else number

    def _be_exact(self) -> None:
        """Have Decimals for keys until the next snapshot."""
        self._longest = -1
        if self.is_bounded:
            self.furthest = Decimal(repr(self.furthest))  # tells all of its digits, being a float
        self._order_all()


def _is_none(quantity: str) -> bool:
    """Whether a quantity is zero. Raises ArithmeticError or TypeError where it is no number."""
    return quantity in _ZEROS or Decimal(quantity) == 0
