"""One frozen class per thing that a caller can watch: the streaming side of `operations.py`.

Says what is wanted, never how a venue streams it (`feeds.Feed` does). Each class carries the type of what it
brings, the same that the fetches answer. Watches are dictionary keys: equal ones share one subscription.
"""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from attrs import field

from unified.account import Balance, Position
from unified.instrument import Instrument, Instruments, Product
from unified.market_data import Book, Candle, FundingRate, Interval, MarkPrice, Ticker, Trade
from unified.order import Fill, Order
from unified.values import frozen

T_co = TypeVar("T_co", covariant=True)


@frozen(kw_only=True, cache_hash=True)
class Watch(Generic[T_co]):
    """What is wanted. `T` is the type of what comes."""

    name: ClassVar[str]
    private: ClassVar[bool] = False
    """Of one account: goes over a connection that has proved who we are."""

    product: Product = Product.SPOT

    @property
    def about(self) -> str:
        """What it is about, for people: an instrument, or a product."""
        return str(self.product)


@frozen(kw_only=True, cache_hash=True)
class InstrumentWatch(Watch[T_co]):
    """A watch of one instrument, which decides the product."""

    instrument: Instrument
    product: Product = field(init=False)

    @product.default
    def _product_of_instrument(self) -> Product:
        return self.instrument.product

    @property
    def about(self) -> str:
        """The instrument's name."""
        return self.instrument.name


class WatchTicker(InstrumentWatch[Ticker]):
    """The state of a market."""

    __slots__ = ()
    name = "watch_ticker"


@frozen(kw_only=True, cache_hash=True)
class WatchBook(InstrumentWatch[Book]):
    """A book, always consistent."""

    name = "watch_book"
    depth: int = 100
    """Levels a side; `Feed.fit` makes it the least depth of the venue that holds as many."""


class WatchTrades(InstrumentWatch[Trade]):
    """Public trades."""

    __slots__ = ()
    name = "watch_trades"


@frozen(kw_only=True, cache_hash=True)
class WatchCandles(InstrumentWatch[Candle]):
    """The running candle."""

    name = "watch_candles"
    interval: Interval = Interval.M1


class WatchMarkPrice(InstrumentWatch[MarkPrice]):
    """A perpetual's mark price."""

    __slots__ = ()
    name = "watch_mark_price"


class WatchFundingRate(InstrumentWatch[FundingRate]):
    """A perpetual's funding."""

    __slots__ = ()
    name = "watch_funding_rate"


@frozen(kw_only=True, cache_hash=True)
class AccountWatch(Watch[T_co]):
    """A watch of the account; `listing` turns the venue's symbols into instruments."""

    private = True
    listing: Instruments = field(repr=False, eq=False, hash=False)


class WatchExecutions(AccountWatch[Order | Fill]):
    """Own orders and their fills, which are one story: venues that have two channels for it subscribe both."""

    __slots__ = ()
    name = "watch_executions"


class WatchBalances(AccountWatch[Balance]):
    """What the account holds."""

    __slots__ = ()
    name = "watch_balances"


class WatchPositions(AccountWatch[Position]):
    """Open positions."""

    __slots__ = ()
    name = "watch_positions"
