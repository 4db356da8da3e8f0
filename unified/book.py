"""Builds an order book from a snapshot and deltas: consistent, or absent with a reason. Knows no venue, no socket.

The venue says how its books are joined (`feeds.BookRule`); here it is done, on two sides that keep their levels
(`book_side.py`). Never waits and never fetches: whoever holds a builder asks for a new snapshot when it has none
(`link.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from attrs import field

from unified.book_side import BookSide
from unified.errors import Fault, Kind, VenueError
from unified.feeds import APPLY, GAP, SKIP, BookRule, Delta, Snapshot, Step
from unified.instrument import ONE
from unified.market_data import Book, RawLevel
from unified.values import frozen
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


class BookBuilder:
    """One book of one connection."""

    def __init__(self, watch: WatchBook, rule: BookRule) -> None:
        self.watch = watch
        self.rule = rule
        self._checksum = None if rule.checksum is None else rule.checksum(watch)
        self.available = False
        """Whether it is consistent. While it is not, nothing of it can be read."""
        self.sequence: int | None = None
        self.problem = "no snapshot has come yet"
        """Why it is not available."""
        self.received_at = 0.0
        self.fell_back = False
        """Whether a snapshot over REST was asked for, because deltas came and the stream's own did not."""
        self._time: object = None
        self._bids, self._asks = BookSide(highest_first=True), BookSide(highest_first=False)
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
        if self._checked(snapshot.checksum) is GAP:
            return GAP
        waiting, self._waiting = self._waiting, []
        for delta in waiting:
            if self.delta(delta, now) is GAP:
                return GAP
        return APPLY

    def delta(self, delta: Delta, now: float) -> Step:
        """Apply a delta, or find that it must not be: then the book is absent at once."""
        if not self.available:
            return self._wait(delta)
        rule, bids, asks, depth = self.rule, self._bids, self._asks, self.watch.depth
        step = rule.follows(self.sequence, self._fresh, delta)
        if step is not APPLY:
            if step is GAP:
                return self.lose(f"after sequence {self.sequence} came {delta.first or delta.sequence}")
            return step
        try:
            bids.apply(delta.bids)
            asks.apply(delta.asks)
        except (ArithmeticError, ValueError, TypeError, LookupError):
            return self.lose("a delta that cannot be read")
        self.sequence, self._time, self.received_at, self._fresh = delta.sequence, delta.time, now, False
        if rule.cuts:
            bids.cut(depth)
            asks.cut(depth)
        if (bids.is_bounded and len(bids.levels) < depth) or (asks.is_bounded and len(asks.levels) < depth):
            return self.lose("the market has left the levels that the snapshot showed")
        return self._checked(delta.checksum)

    def lose(self, problem: str) -> Step:
        """Give the book up: it is absent until a snapshot comes."""
        self.available, self.problem = False, problem
        self.sequence = None
        self._waiting.clear()
        return GAP

    def _wait(self, delta: Delta) -> Step:
        if self.rule.base is None and self.rule.fallback is None:
            return SKIP  # the stream's own snapshot holds it
        if len(self._waiting) >= MOST_WAITING:
            return self.lose("too many deltas without a snapshot")
        self._waiting.append(delta)
        return SKIP

    def _bound(self, reach: int | None) -> None:
        """Remember where a snapshot of so many levels ended."""
        for side in (self._bids, self._asks):
            if reach is not None and len(side.levels) >= reach:
                side.bound()

    def _checked(self, checksum: int | None) -> Step:
        rule, sums = self.rule, self._checksum
        if sums is not None and checksum is not None:
            count = rule.checksum_levels
            found = sums(self._bids.best(count), self._asks.best(count))
            return APPLY if found == checksum else self.lose(f"checksum {found}, the venue says {checksum}")
        if -self._bids.nearest >= self._asks.nearest and not rule.may_cross and self._crosses():
            return self.lose("bids reach asks")
        return APPLY

    def _crosses(self) -> bool:
        """Whether bids reach asks: what `nearest` tells of a side may be out of date, and is only a float."""
        bids, asks = self._bids.best(1), self._asks.best(1)
        return bool(bids and asks) and Decimal(bids[0][0]) >= Decimal(asks[0][0])

    # --- reading

    def levels(self, depth: int) -> tuple[Sequence[RawLevel], Sequence[RawLevel]]:
        """Bids from high to low and asks from low to high, as sent. Raises `sequence_gap` while absent."""
        if not self.available:
            raise gap(self.watch, self.problem)
        return self._bids.best(depth), self._asks.best(depth)

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
