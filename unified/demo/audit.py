"""Judges what streams showed by what the simulated venue knows: books that it never had, fills lost or told twice.

Looks at the engine from outside; the client knows nothing of it. A book counts as proven where the venue had the very
same levels at a moment not long before it was shown, by a time that nobody sets: the venue's clock may step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from attrs import frozen

from unified.book import LiveBook
from unified.hooks import StreamChange, StreamEvent
from unified.instrument import Instrument, Product
from unified.market_data import Level
from unified.order import Fill
from unified.sandbox.accounts import Account
from unified.sandbox.engine import Engine

OLDEST_S = 30
"""How long ago the venue may have left a book that is shown: longer than any connection may be silent."""
_KEPT = 4_000
State = tuple[tuple[Level, ...], tuple[Level, ...]]
Done = tuple[Product, str, Decimal, Decimal]
"""An execution, whatever its number is called: product, symbol, price, quantity."""


@frozen(kw_only=True)
class StreamVerdict:
    """What was found."""

    watched: bool = False
    """Whether the venue streams books and own orders at all."""
    faults: int = 0
    """Mishaps that befell frames and connections."""
    gaps: int = 0
    """How often something of the streams was marked unavailable."""
    books: int = 0
    """Books that were shown and proven."""
    wrong_books: int = 0
    """Books that were shown and that the venue never had, or not for long."""
    fills: int = 0
    late_fills: int = 0
    """Told only once nothing went wrong any more, which breaks no promise. Whoever ends the run counts them."""
    lost_fills: int = 0
    """Not told, however long one waited."""
    doubled_fills: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.wrong_books or self.lost_fills or self.doubled_fills)


class Audit:
    """One venue and one account."""

    def __init__(
        self, engine: Engine, account: Account, names: Iterable[str], depth: int, now: Callable[[], float]
    ) -> None:
        """`now` is monotonic, in seconds."""
        self._engine, self._account, self._depth, self._now = engine, account, depth, now
        wanted = set(names)
        self._states: dict[Instrument, dict[State, float]] = {
            item: {} for item in engine.instruments if item.name in wanted
        }
        """Instrument -> its book -> until when it was so."""
        self._items = {(item.product, item.symbol): item for item in self._states}
        self._sequences: dict[Instrument, int] = {}
        self._told: Counter[Done] = Counter()
        self._shown = self._wrong = self._gaps = 0
        advance, followed = engine.advance, engine

        def watched(to_us: int) -> None:
            advance(to_us)
            self._note()

        patched: Any = followed
        patched.advance = watched
        self._note()

    def _note(self) -> None:
        for item, states in self._states.items():
            sequence = self._engine.market(item).book.sequence
            if self._sequences.get(item) == sequence:
                continue
            now = self._now()
            if states:
                states[next(reversed(states))] = now
            self._sequences[item] = sequence
            book = self._engine.book(item, self._depth)
            state = book.bids, book.asks
            states.pop(state, None)
            states[state] = now
            if len(states) > _KEPT:
                del states[next(iter(states))]

    # --- what the client shows

    def event(self, event: StreamEvent) -> None:
        self._gaps += event.change is StreamChange.GAP

    def book(self, book: LiveBook) -> None:
        item = self._items.get((book.instrument.product, book.instrument.symbol))
        if item is None:
            return
        states, state = self._states[item], (tuple(book.bids), tuple(book.asks))
        until = states.get(state)
        current = bool(states) and next(reversed(states)) == state
        fresh = until is not None and self._now() - until <= OLDEST_S
        if current or fresh:
            self._shown += 1
        else:
            self._wrong += 1

    def fill(self, fill: Fill) -> None:
        self._told[fill.instrument.product, fill.instrument.symbol, fill.price, fill.quantity] += 1

    # --- the judgement

    def verdict(self, faults: int) -> StreamVerdict:
        """As things stand."""
        return StreamVerdict(
            watched=True,
            faults=faults,
            gaps=self._gaps,
            books=self._shown,
            wrong_books=self._wrong,
            fills=self._told.total(),
            lost_fills=(self._done() - self._told).total(),
            doubled_fills=(self._told - self._done()).total(),
        )

    def _done(self) -> Counter[Done]:
        """What the venue has executed since this began."""
        found: Counter[Done] = Counter()
        for fill in self._account.fills:
            item = fill.order.instrument
            found[item.product, item.symbol, fill.price, fill.quantity] += 1
        return found
