"""Builds an order book from a snapshot and deltas: consistent, or absent with a reason. Knows no venue, no socket.

The venue says how its books are joined (`feeds.BookRule`); here it is done. Levels stay as the venue wrote them; only
a price that is new to the book becomes a number, to find its place. Never waits and never fetches: whoever holds a
builder asks for a new snapshot when it has none (`stream.py`).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from math import inf

from attrs import field, frozen

from unified.errors import Fault, Kind, VenueError
from unified.feeds import BookRule, Delta, Snapshot, Step
from unified.instrument import ONE
from unified.market_data import Book, RawLevel
from unified.watches import WatchBook

MOST_WAITING = 5_000
"""Deltas that wait for a snapshot; more mean that none is coming."""


@frozen(kw_only=True)
class LiveBook(Book):
    """A book of a stream, as it stood when it was taken: later changes make new ones."""

    received_at: float = field(repr=False)
    """Loop seconds at which the last word about it came."""
    gaps: int = 0
    """How often it was lost and built anew since it is watched."""
    _now: Callable[[], float] = field(repr=False, eq=False)

    @property
    def age(self) -> float:
        """Seconds since the venue last said anything about it. A quiet market ages; a dead connection ends the book."""
        return self._now() - self.received_at


class _Side:
    """Levels of one side, the order of their prices beside them.

    Levels are found by the text of their price: nearly every change is of a price that is known, and costs one look-up.
    Their order is that of floats, which is exact as long as no price has more digits than tell floats apart.
    """

    __slots__ = ("highest_known", "keys", "levels", "lowest_known", "texts")

    def __init__(self) -> None:
        self.levels: dict[str, str] = {}
        """Quantities by price."""
        self.keys: list[float] = []
        """Prices, ascending."""
        self.texts: dict[float, str] = {}
        """How the venue writes each of `keys`."""
        self.lowest_known = -inf
        self.highest_known = inf
        """Beyond them changes are told of levels that were never shown: those are left out."""

    def set_all(self, levels: Iterable[RawLevel]) -> None:
        found = [level for level in levels if not _is_none(level[1])]
        self.texts = {_key_of(level[0]): level[0] for level in found}
        self.keys = sorted(self.texts)
        self.levels = {level[0]: level[1] for level in found if self.texts[float(level[0])] == level[0]}
        self.lowest_known, self.highest_known = -inf, inf

    @property
    def is_bounded(self) -> bool:
        """Whether there are levels that were never shown."""
        return self.lowest_known != -inf or self.highest_known != inf

    def apply(self, levels: Iterable[RawLevel]) -> None:
        known = self.levels
        for level in levels:
            price, quantity = level[0], level[1]
            if quantity in _ZEROS:
                self._drop(float(price))
            elif price in known:
                known[price] = quantity
            else:
                self._insert(price, quantity)

    def _insert(self, price: str, quantity: str) -> None:
        key, texts = _key_of(price), self.texts
        if self.lowest_known <= key <= self.highest_known:
            if key in texts:  # the same price in other digits
                del self.levels[texts[key]]
            else:
                insort(self.keys, key)
            texts[key] = price
            self.levels[price] = quantity

    def _drop(self, key: float) -> None:
        text = self.texts.pop(key, None)
        if text is not None:
            keys = self.keys
            del self.levels[text], keys[bisect_left(keys, key)]

    def cut(self, depth: int, *, lowest: bool) -> None:
        """Keep the `depth` best: the lowest prices of asks, the highest of bids."""
        beyond = len(self.keys) - depth
        if beyond <= 0:
            return
        gone = slice(depth, None) if lowest else slice(0, beyond)
        for key in self.keys[gone]:
            del self.levels[self.texts.pop(key)]
        del self.keys[gone]

    def lowest(self, count: int) -> list[RawLevel]:
        return self._shown(self.keys[:count])

    def highest(self, count: int) -> list[RawLevel]:
        return self._shown(self.keys[: -count - 1 : -1])

    def _shown(self, keys: list[float]) -> list[RawLevel]:
        levels, texts = self.levels, self.texts
        return [(price := texts[key], levels[price]) for key in keys]


_ZEROS = frozenset(
    form for count in range(40) for form in ("0." + "0" * count, "." + "0" * count, f"0e-{count}", f"0E-{count}", "0")
) - {"."}
"""How venues write that there is nothing: in whatever digits."""
_MOST_DIGITS = 15
"""Decimal numbers of so many digits all differ as floats."""


def _is_none(quantity: str) -> bool:
    """Whether a quantity is zero. Raises ArithmeticError or TypeError where it is no number."""
    return quantity in _ZEROS or Decimal(quantity) == 0


def _key_of(price: str) -> float:
    """Where a price belongs. Raises ValueError where it is no number, or one that floats do not tell from another."""
    key = float(price)
    if not -inf < key < inf or (len(price) > _MOST_DIGITS and len(_digits_of(price)) > _MOST_DIGITS):
        raise ValueError("a price without a place")
    return key


def _digits_of(price: str) -> tuple[int, ...]:
    return Decimal(price).normalize().as_tuple().digits


class BookBuilder:
    """One book of one connection."""

    def __init__(self, watch: WatchBook, rule: BookRule) -> None:
        self.watch = watch
        self.rule = rule
        self.available = False
        """Whether it is consistent. While it is not, nothing of it can be read."""
        self.sequence: int | None = None
        self.problem = "no snapshot has come yet"
        """Why it is not available."""
        self.received_at = 0.0
        self.fell_back = False
        """Whether a snapshot over REST was asked for, because deltas came and the stream's own did not."""
        self._time: object = None
        self._bids, self._asks = _Side(), _Side()
        self._fresh = True
        self._waiting: list[Delta] = []

    # --- building

    def snapshot(self, snapshot: Snapshot, now: float) -> Step:
        """Begin anew from a snapshot; deltas that waited for it follow. APPLY, or GAP where it does not fit."""
        try:
            self._bids.set_all(snapshot.bids)
            self._asks.set_all(snapshot.asks)
        except (ArithmeticError, ValueError, TypeError, LookupError):
            return self.lose("a snapshot that cannot be read")
        self._bound(snapshot.reach)
        self.available, self._fresh = True, True
        self.sequence, self._time, self.received_at = snapshot.sequence, snapshot.time, now
        if self._checked(snapshot.checksum) is Step.GAP:
            return Step.GAP
        waiting, self._waiting = self._waiting, []
        for delta in waiting:
            if self.delta(delta, now) is Step.GAP:
                return Step.GAP
        return Step.APPLY

    def delta(self, delta: Delta, now: float) -> Step:
        """Apply a delta, or find that it must not be: then the book is absent at once."""
        if not self.available:
            return self._wait(delta)
        step = self.rule.follows(self.sequence, self._fresh, delta)
        if step is not Step.APPLY:
            if step is Step.GAP:
                return self.lose(f"after sequence {self.sequence} came {delta.first or delta.sequence}")
            return step
        try:
            self._bids.apply(delta.bids)
            self._asks.apply(delta.asks)
        except (ArithmeticError, ValueError, TypeError, LookupError):
            return self.lose("a delta that cannot be read")
        self.sequence, self._time, self.received_at, self._fresh = delta.sequence, delta.time, now, False
        if self.rule.cuts:
            self._bids.cut(self.watch.depth, lowest=False)
            self._asks.cut(self.watch.depth, lowest=True)
        if self._is_used_up():
            return self.lose("the market has left the levels that the snapshot showed")
        return self._checked(delta.checksum)

    def lose(self, problem: str) -> Step:
        """Give the book up: it is absent until a snapshot comes."""
        self.available, self.problem = False, problem
        self.sequence = None
        self._waiting.clear()
        return Step.GAP

    def _wait(self, delta: Delta) -> Step:
        if self.rule.base is None and self.rule.fallback is None:
            return Step.SKIP  # the stream's own snapshot holds it
        if len(self._waiting) >= MOST_WAITING:
            return self.lose("too many deltas without a snapshot")
        self._waiting.append(delta)
        return Step.SKIP

    def _bound(self, reach: int | None) -> None:
        """Remember where a snapshot of so many levels ended."""
        bids, asks = self._bids, self._asks
        if reach is not None and len(bids.keys) >= reach:
            bids.lowest_known = bids.keys[0]
        if reach is not None and len(asks.keys) >= reach:
            asks.highest_known = asks.keys[-1]

    def _is_used_up(self) -> bool:
        """Whether fewer levels are known than wanted, though there are more."""
        bids, asks, depth = self._bids, self._asks, self.watch.depth
        return (len(bids.keys) < depth and bids.is_bounded) or (len(asks.keys) < depth and asks.is_bounded)

    def _checked(self, checksum: int | None) -> Step:
        rule = self.rule
        if rule.checksum is not None and checksum is not None:
            count = rule.checksum_levels
            found = rule.checksum(self.watch, self._bids.highest(count), self._asks.lowest(count))
            return Step.APPLY if found == checksum else self.lose(f"checksum {found}, the venue says {checksum}")
        bids, asks = self._bids.keys, self._asks.keys
        if not rule.may_cross and bids and asks and bids[-1] >= asks[0]:
            return self.lose("bids reach asks")
        return Step.APPLY

    # --- reading

    def levels(self, depth: int) -> tuple[Sequence[RawLevel], Sequence[RawLevel]]:
        """Bids from high to low and asks from low to high, as sent. Raises `sequence_gap` while absent."""
        if not self.available:
            raise gap(self.watch, self.problem)
        return self._bids.highest(depth), self._asks.lowest(depth)

    def book(self, depth: int, now: Callable[[], float], gaps: int = 0) -> LiveBook:
        """The book as it stands. Raises `sequence_gap` while it is absent."""
        bids, asks = self.levels(depth)
        instrument = self.watch.instrument
        return LiveBook(
            instrument=instrument,
            raw_bids=bids,
            raw_asks=asks,
            quantity_unit=instrument.contract_size if self.rule.contracts else ONE,
            sequence=self.sequence,
            time=self.rule.moment(self._time),
            received_at=self.received_at,
            gaps=gaps,
            now=now,
        )


def gap(watch: WatchBook, problem: str) -> VenueError:
    """The book is not consistent now."""
    hint = "The book is absent until a new snapshot has come; it is being fetched."
    fault = Fault(kind=Kind.SEQUENCE_GAP, message=f"{watch.instrument}: {problem}", hint=hint)
    return VenueError.of(fault, operation=watch.name)
