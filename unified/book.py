"""Builds an order book from a snapshot and deltas: consistent, or absent with a reason. Knows no venue, no socket.

The venue says how its books are joined (`feeds.BookRule`); here it is done. Levels stay as the venue wrote them; only
a price that is new to the book becomes a number, to find its place. Never waits and never fetches: whoever holds a
builder asks for a new snapshot when it has none (`stream.py`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

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
    """Levels of one side, their prices in ascending order beside them."""

    __slots__ = ("highest_known", "keys", "levels", "lowest_known", "prices")

    def __init__(self) -> None:
        self.levels: dict[str, RawLevel] = {}
        """By the price's text: nearly every change is of a price that is known, and costs one look-up."""
        self.keys: list[Decimal] = []
        self.prices: list[str] = []
        """Texts of `keys`, one for one."""
        self.lowest_known: Decimal | None = None
        self.highest_known: Decimal | None = None
        """Beyond them changes are told of levels that were never shown: those are left out. None: all are known."""

    def set_all(self, levels: Iterable[RawLevel]) -> None:
        ordered = sorted((Decimal(level[0]), level) for level in levels if _is_some(level[1]))
        self.keys = [key for key, _ in ordered]
        self.prices = [level[0] for _, level in ordered]
        self.levels = {level[0]: level for _, level in ordered}
        self.lowest_known = self.highest_known = None

    @property
    def is_bounded(self) -> bool:
        """Whether there are levels that were never shown."""
        return self.lowest_known is not None or self.highest_known is not None

    def apply(self, levels: Iterable[RawLevel]) -> None:
        known = self.levels
        for level in levels:
            price, quantity = level[0], level[1]
            if not _is_some(quantity):
                self._drop(price)
            elif price in known:
                known[price] = level
            else:
                self._insert(price, level)

    def _insert(self, price: str, level: RawLevel) -> None:
        key = Decimal(price)
        if (self.lowest_known is not None and key < self.lowest_known) or (
            self.highest_known is not None and key > self.highest_known
        ):
            return
        at = bisect_left(self.keys, key)
        if at < len(self.keys) and self.keys[at] == key:  # the same price in other digits
            del self.levels[self.prices[at]]
            self.prices[at] = price
        else:
            self.keys.insert(at, key)
            self.prices.insert(at, price)
        self.levels[price] = level

    def _drop(self, price: str) -> None:
        key = Decimal(price)
        at = bisect_left(self.keys, key)
        if at < len(self.keys) and self.keys[at] == key:
            del self.keys[at]
            del self.levels[self.prices.pop(at)]

    def cut(self, depth: int, *, lowest: bool) -> None:
        """Keep the `depth` best: the lowest prices of asks, the highest of bids."""
        beyond = len(self.keys) - depth
        if beyond <= 0:
            return
        gone = slice(depth, None) if lowest else slice(0, beyond)
        for price in self.prices[gone]:
            del self.levels[price]
        del self.keys[gone], self.prices[gone]

    def lowest(self, count: int) -> list[RawLevel]:
        levels = self.levels
        return [levels[price] for price in self.prices[:count]]

    def highest(self, count: int) -> list[RawLevel]:
        levels = self.levels
        return [levels[price] for price in self.prices[: -count - 1 : -1]]


_ZEROS = frozenset("0.")


def _is_some(quantity: str) -> bool:
    """Whether a quantity is not zero, in whatever digits: `0`, `0.00000000`, `0e-8`."""
    if quantity[0] != "0":
        return quantity[0] != "." or Decimal(quantity) != 0
    return not _ZEROS.issuperset(quantity) and Decimal(quantity) != 0


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
        depth = self.watch.depth
        return any(side.is_bounded and len(side.keys) < depth for side in (self._bids, self._asks))

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
