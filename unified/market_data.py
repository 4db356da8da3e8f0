"""Public market data as values: tickers, books, trades, candles, funding.

Fetches nothing. A book keeps the venue's text and makes Decimals of the levels that are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import islice, repeat
from typing import NamedTuple, overload

from attrs import field

from unified import exact
from unified.errors import Fault, Kind, VenueError
from unified.instrument import ONE, ZERO, Instrument
from unified.order import Side
from unified.values import frozen


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


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

RawLevel = Sequence[str]
"""Price and quantity first, as the venue wrote them; what follows is ignored."""


class Levels(Sequence[Level]):
    """One side of a book, best level first. Holds its numbers by column; a `Level` is made when one is looked at."""

    __slots__ = ("prices", "quantities")

    def __init__(self, prices: Sequence[Decimal] = (), quantities: Sequence[Decimal] = ()) -> None:
        self.prices = prices
        self.quantities = quantities
        """Base units."""

    def __len__(self) -> int:
        return len(self.prices)

    def __iter__(self) -> Iterator[Level]:
        # As Level(...) does after a call of its own, which doubles the time of a long book.
        return map(tuple.__new__, repeat(Level), zip(self.prices, self.quantities, strict=True))

    @overload
    def __getitem__(self, place: int) -> Level: ...
    @overload
    def __getitem__(self, place: slice) -> Levels: ...
    def __getitem__(self, place: int | slice) -> Level | Levels:
        if isinstance(place, slice):
            return Levels(self.prices[place], self.quantities[place])
        return Level(self.prices[place], self.quantities[place])

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Levels | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def levels_of(instrument: Instrument, raw: Sequence[RawLevel], quantity_unit: Decimal = ONE) -> Levels:
    """Levels as exact numbers; `quantity_unit` is the base units in one unit of the raw quantities.

    Raises VenueError (`malformed_response`) where one is not two numbers.
    """
    if not raw:
        return Levels()
    try:
        prices, quantities = map(exact.numbers, islice(zip(*raw, strict=False), 2))
    except (ValueError, TypeError):
        raise _no_level(instrument) from None
    if quantity_unit is not ONE:
        quantities = [quantity * quantity_unit for quantity in quantities]
    return Levels(prices, quantities)


def _level_of(instrument: Instrument, raw: RawLevel, quantity_unit: Decimal) -> Level:
    """One of them, without its neighbours."""
    try:
        price, quantity = exact.number(raw[0]), exact.number(raw[1])
    except (ValueError, TypeError, LookupError):
        raise _no_level(instrument) from None
    return Level(price, quantity if quantity_unit is ONE else quantity * quantity_unit)


def _no_level(instrument: Instrument) -> VenueError:
    text = f"{instrument}: a level of the book is not two numbers"
    return VenueError.of(Fault(kind=Kind.MALFORMED_RESPONSE, message=text))


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
    def bids(self) -> Levels:
        """All of them; made of the venue's text when they are first read."""
        return levels_of(self.instrument, self.raw_bids, self.quantity_unit)

    @cached_property
    def asks(self) -> Levels:
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

    def _against(self, side: Side) -> tuple[Levels, Callable[[Decimal, Decimal], bool]]:
        return (self.asks, Decimal.__le__) if side is Side.BUY else (self.bids, Decimal.__ge__)

    def _first(self, raw: Sequence[RawLevel]) -> Level | None:
        return _level_of(self.instrument, raw[0], self.quantity_unit) if raw else None


class Trade(NamedTuple):
    """One public trade. A tuple, because they come by the thousand."""

    instrument: Instrument
    trade_id: str
    price: Decimal
    quantity: Decimal
    side: Side | None
    """The taker's side."""
    time_us: int
    """Microseconds since the epoch."""

    @property
    def time(self) -> datetime:
        """The venue's time of the trade."""
        return _EPOCH + timedelta(microseconds=self.time_us)

    def __repr__(self) -> str:
        _, *rest = (f"{name}={value!r}" for name, value in self._asdict().items())
        return f"Trade(instrument={self.instrument}, {', '.join(rest)})"


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


@frozen(kw_only=True, slots=True)
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
