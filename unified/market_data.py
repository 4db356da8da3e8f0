"""Public market data as values: tickers, books, trades, candles, funding.

Fetches nothing. A book keeps the venue's text and makes Decimals of the levels that are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from attrs import field, frozen

from unified import exact
from unified.errors import Fault, Kind, VenueError
from unified.instrument import ONE, ZERO, Instrument
from unified.order import Side


@frozen(kw_only=True)
class Ticker:
    """The state of a market at one moment. None where the venue does not tell."""

    instrument: Instrument = field(repr=str)
    bid: Decimal | None = None
    bid_quantity: Decimal | None = None
    ask: Decimal | None = None
    ask_quantity: Decimal | None = None
    last: Decimal | None = None
    open_24h: Decimal | None = None
    high_24h: Decimal | None = None
    low_24h: Decimal | None = None
    volume_24h: Decimal | None = None
    """Base units."""
    quote_volume_24h: Decimal | None = None
    time: datetime | None = None
    """The venue's time; None where its answer carries none."""


class Level(NamedTuple):
    price: Decimal
    quantity: Decimal
    """Base units."""


RawLevel = Sequence[str]
"""Price and quantity first, as the venue wrote them; what follows is ignored."""


def levels_of(instrument: Instrument, raw: Iterable[RawLevel], quantity_unit: Decimal = ONE) -> tuple[Level, ...]:
    """Levels as exact numbers; `quantity_unit` is the base units in one unit of the raw quantities.

    Raises VenueError (`malformed_response`) where one is not two numbers.
    """
    make = tuple.__new__  # as Level(...) does after a call of its own, which doubles the time of a long book
    try:
        rows = list(raw)
        read = Decimal if _are_digits(rows) else exact.number
        levels = tuple([make(Level, (read(row[0]), read(row[1]))) for row in rows])
    except (ArithmeticError, ValueError, TypeError, LookupError):
        text = f"{instrument}: a level of the book is not two numbers"
        raise VenueError.of(Fault(kind=Kind.MALFORMED_RESPONSE, message=text)) from None
    if quantity_unit is ONE:
        return levels
    return tuple([Level(price, quantity * quantity_unit) for price, quantity in levels])


def _are_digits(rows: Sequence[RawLevel]) -> bool:
    """Whether all of it is digits and points, into which Decimal reads nothing else: faster than to ask each number."""
    try:
        together = "".join([row[0] + row[1] for row in rows]).replace(".", "")
    except TypeError:
        return False
    return together.isdigit() and together.isascii()


@frozen(kw_only=True)
class Book:
    """Bids from high to low and asks from low to high, as fetched at one moment."""

    instrument: Instrument = field(repr=str)
    raw_bids: Sequence[RawLevel] = field(repr=False)
    raw_asks: Sequence[RawLevel] = field(repr=False)
    quantity_unit: Decimal = ONE
    """Base units in one unit of the raw quantities."""
    sequence: int | None = None
    time: datetime | None = None

    @cached_property
    def bids(self) -> tuple[Level, ...]:
        """All of them; made of the venue's text when they are first read."""
        return levels_of(self.instrument, self.raw_bids, self.quantity_unit)

    @cached_property
    def asks(self) -> tuple[Level, ...]:
        """All of them; made of the venue's text when they are first read."""
        return levels_of(self.instrument, self.raw_asks, self.quantity_unit)

    @property
    def best_bid(self) -> Level | None:
        return self._first(self.raw_bids)

    @property
    def best_ask(self) -> Level | None:
        return self._first(self.raw_asks)

    @property
    def mid(self) -> Decimal | None:
        """Half-way between best bid and best ask; None while a side is empty."""
        bid, ask = self.best_bid, self.best_ask
        return None if bid is None or ask is None else (bid.price + ask.price) / 2

    def volume_to(self, side: Side, price: Decimal) -> Decimal:
        """Base units that an order of `side` limited at `price` would take from the book."""
        levels, reached = self._against(side)
        return sum((level.quantity for level in levels if reached(level.price, price)), ZERO)

    def price_for(self, side: Side, quantity: Decimal) -> Decimal | None:
        """Average price of taking `quantity` base units; None where the book is too thin.

        Raises ValueError where `quantity` is not above zero.
        """
        if quantity <= ZERO:
            raise ValueError(f"quantity must be above zero, not {quantity}")
        left, paid = quantity, ZERO
        for level in self._against(side)[0]:
            taken = min(left, level.quantity)
            paid, left = paid + taken * level.price, left - taken
            if left <= ZERO:
                return paid / quantity
        return None

    def _against(self, side: Side) -> tuple[tuple[Level, ...], Callable[[Decimal, Decimal], bool]]:
        return (self.asks, Decimal.__le__) if side is Side.BUY else (self.bids, Decimal.__ge__)

    def _first(self, raw: Sequence[RawLevel]) -> Level | None:
        return levels_of(self.instrument, raw[:1], self.quantity_unit)[0] if raw else None


@frozen(kw_only=True)
class Trade:
    """One public trade."""

    instrument: Instrument = field(repr=str)
    trade_id: str
    price: Decimal
    quantity: Decimal
    side: Side | None
    """The taker's side."""
    time: datetime


class Interval(StrEnum):
    """Length of a candle. A minute is `1m`; the month is `1M`."""

    S1 = "1s"
    M1 = "1m"
    M3 = "3m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H8 = "8h"
    H12 = "12h"
    D1 = "1d"
    D3 = "3d"
    W1 = "1w"
    MONTH = "1M"

    @property
    def length(self) -> timedelta | None:
        """None for the month, which has no fixed length."""
        if self is Interval.MONTH:
            return None
        return timedelta(seconds=int(self.value[:-1]) * _UNIT_SECONDS[self.value[-1]])


_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@frozen(kw_only=True)
class Candle:
    """Prices over one interval, oldest first in every list."""

    instrument: Instrument = field(repr=str)
    interval: Interval
    opened_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    """Base units."""
    quote_volume: Decimal | None = None
    closed: bool | None = None
    """False while it still moves; None where the venue does not tell."""


@frozen(kw_only=True)
class FundingRate:
    """What a perpetual's longs pay its shorts, as a fraction per interval."""

    instrument: Instrument = field(repr=str)
    rate: Decimal
    """The rate of the coming settlement, as far as it is known now."""
    next_time: datetime | None = None
    interval: timedelta | None = None
    mark_price: Decimal | None = None
    index_price: Decimal | None = None
    time: datetime | None = None


@frozen(kw_only=True)
class MarkPrice:
    """The price by which a perpetual's profit, loss and liquidation are reckoned."""

    instrument: Instrument = field(repr=str)
    mark_price: Decimal
    index_price: Decimal | None = None
    time: datetime | None = None
