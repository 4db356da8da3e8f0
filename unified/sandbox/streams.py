"""What a venue's sandbox implements to stream, and what dialects share for it: changes of books, trades and accounts.

Synchronous and pure over the engine, like `dialect.py`: opens no socket, sleeps never, injects no faults
(`conversation.py` does). A talk is asked now and then what has become due (`pulse`), and compares the engine with what
it told before; so nothing in the engine knows that anybody listens.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from attrs import define, field, frozen

from unified.instrument import ZERO, Instrument
from unified.market_data import Level
from unified.order import Side
from unified.sandbox.accounts import Account, Wallet
from unified.sandbox.engine import Engine
from unified.sandbox.markets import VenueBook
from unified.sandbox.orders import VenueFill, VenueOrder
from unified.sandbox.tape import TapeTrade

PULSE_S = 0.05
"""How often a talk is asked what is due; the finest rate of any simulated stream."""


@frozen(kw_only=True)
class Opening:
    """A client's wish to stream."""

    door: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    peer: str = "127.0.0.1"


class Talk(ABC):
    """One stream connection as the venue leads it. Frames are texts."""

    refuse_logins = 0
    """So many of the next logins (or private subscriptions) are refused: set by the fault plan."""

    def opened(self) -> list[str]:
        """What the venue says first."""
        return []

    @abstractmethod
    def receive(self, frame: str) -> list[str]:
        """Answer a frame of the client. The engine has been advanced to now."""

    @abstractmethod
    def pulse(self) -> list[str]:
        """Everything that has become due since the last call, in the venue's order."""

    def announced_end(self) -> list[str]:
        """What the venue says some time before it closes the connection; nothing where it does not announce it."""
        return []

    def spoiled(self, frame: str) -> str | None:  # noqa: ARG002 - for those with checksums
        """The frame with a checksum that does not fit; None where it has none."""
        return None

    def wants_close(self) -> int | None:
        """The close code with which the venue ends the connection by its rules (idle, login missing), if it does."""
        return None


# --- books

_ANYTHING = Decimal(-1)
"""A quantity that no level has."""


@frozen
class BookChange:
    """Levels that changed; of one that is gone the quantity is zero."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    book: VenueBook
    """As it is now, at the subscribed depth."""
    previous: int
    """Sequence of the last one told."""


class BookFeed:
    """What has changed in a book since it was told last."""

    def __init__(self, engine: Engine, instrument: Instrument, depth: int, *, passing: bool = False) -> None:
        """`passing`: all that moved is told, also what is again as it was: a snapshot may have shown it otherwise."""
        self._engine, self._instrument, self._depth, self._passing = engine, instrument, depth, passing
        self._bids: dict[Decimal, Decimal] = {}
        self._asks: dict[Decimal, Decimal] = {}
        self._sequence = 0

    def snapshot(self) -> VenueBook:
        """The whole book; what is told next builds on it."""
        book = self._engine.book(self._instrument, self._depth)
        self._bids, self._asks = dict(book.bids), dict(book.asks)
        self._sequence = book.sequence
        return book

    def change(self, *, tell_fallen: bool = True) -> BookChange | None:
        """What changed; None if nothing. Without `tell_fallen` levels that only fell out of the depth are left out."""
        if self._engine.market(self._instrument).book.sequence == self._sequence:
            return None
        book, previous = self._engine.book(self._instrument, self._depth), self._sequence
        told_bids, told_asks = self._told(Side.BUY), self._told(Side.SELL)
        bids = self._changed(told_bids, book.bids, best_is_high=True, tell_fallen=tell_fallen)
        asks = self._changed(told_asks, book.asks, best_is_high=False, tell_fallen=tell_fallen)
        self._bids, self._asks, self._sequence = dict(book.bids), dict(book.asks), book.sequence
        return BookChange(bids, asks, book, previous) if bids or asks else None

    def _told(self, side: Side) -> dict[Decimal, Decimal]:
        """What a client may hold, which is more than it was told by frames where it asks for snapshots beside them."""
        told = self._bids if side is Side.BUY else self._asks
        if not self._passing:
            return told
        touched = self._engine.market(self._instrument).book.touched_since(self._sequence)
        return {**told, **{price: _ANYTHING for of, price in touched if of is side}}

    def _changed(
        self, told: dict[Decimal, Decimal], now: tuple[Level, ...], *, best_is_high: bool, tell_fallen: bool
    ) -> tuple[Level, ...]:
        changed = [level for level in now if told.get(level.price) != level.quantity]
        worst = now[-1].price if len(now) == self._depth else None
        for price in told.keys() - dict(now).keys():
            fallen = worst is not None and (price < worst if best_is_high else price > worst)
            if tell_fallen or not fallen:
                changed.append(Level(price, ZERO))
        return tuple(sorted(changed, reverse=best_is_high))


class TradeFeed:
    """Public trades since the last call."""

    def __init__(self, engine: Engine, instrument: Instrument) -> None:
        self._tape = engine.market(instrument).tape
        self._last = max((trade.trade_id for trade in self._tape.trades()), default=0)

    def new(self) -> list[TapeTrade]:
        """Those that were not told yet, oldest first."""
        found: list[TapeTrade] = []
        for trade in reversed(tuple(self._tape.trades())):
            if trade.trade_id <= self._last:
                break
            found.append(trade)
        if found:
            self._last = found[0].trade_id
        return found[::-1]


# --- accounts


class Happening(StrEnum):
    """What happened to an order."""

    PLACED = "placed"
    FILLED = "filled"
    """In part or in whole: one execution."""
    AMENDED = "amended"
    ENDED = "ended"


@frozen(kw_only=True)
class AccountChange:
    """One thing that happened to an account's order."""

    what: Happening
    order: VenueOrder
    fill: VenueFill | None = None
    filled_quantity: Decimal = ZERO
    """Of the order up to and with this."""
    filled_quote: Decimal = ZERO


@define
class _Seen:
    amendments: int = 0
    filled_quantity: Decimal = ZERO
    filled_quote: Decimal = ZERO


class AccountFeed:
    """What happened to an account's orders since the last call, each order's story in its order."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._orders = len(account.orders)
        self._fills = len(account.fills)
        self._open = {
            order.order_id: (order, _Seen(order.amendments, order.filled_quantity, order.filled_quote))
            for order in account.open.values()
        }

    def new(self) -> list[AccountChange]:
        """Placements first, then executions, amendments and ends."""
        found: list[AccountChange] = []
        for order in self.account.orders[self._orders :]:
            self._open[order.order_id] = order, _Seen()
            found.append(AccountChange(what=Happening.PLACED, order=order))
        self._orders = len(self.account.orders)
        found += [self._filled(fill) for fill in self.account.fills[self._fills :]]
        self._fills = len(self.account.fills)
        for order, seen in tuple(self._open.values()):
            if order.amendments != seen.amendments:
                seen.amendments = order.amendments
                found.append(_change(Happening.AMENDED, order, seen))
            if not order.is_open:
                del self._open[order.order_id]
                found.append(_change(Happening.ENDED, order, seen))
        return found

    def _filled(self, fill: VenueFill) -> AccountChange:
        _, seen = self._open.get(fill.order.order_id, (fill.order, _Seen()))
        seen.filled_quantity += fill.quantity
        seen.filled_quote += fill.quote_quantity
        return _change(Happening.FILLED, fill.order, seen, fill)


def _change(what: Happening, order: VenueOrder, seen: _Seen, fill: VenueFill | None = None) -> AccountChange:
    return AccountChange(
        what=what, order=order, fill=fill, filled_quantity=seen.filled_quantity, filled_quote=seen.filled_quote
    )


class WalletFeed:
    """Currencies whose total or held funds changed since the last call."""

    def __init__(self, wallet: Wallet) -> None:
        self._wallet = wallet
        self._told = self._now()

    def new(self) -> list[str]:
        """Their names."""
        now = self._now()
        changed = [currency for currency, amounts in now.items() if self._told.get(currency) != amounts]
        self._told = now
        return changed

    def _now(self) -> dict[str, tuple[Decimal, Decimal]]:
        held = self._wallet.held
        return {currency: (total, held.get(currency, ZERO)) for currency, total in self._wallet.total.items()}
