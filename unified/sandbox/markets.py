"""What anybody can see of a simulated venue: instruments, books, trades, candles, tickers, funding.

Changes nothing; the engine builds on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attrs import frozen

from unified.instrument import ZERO, Instrument, Product
from unified.market_data import Interval, Level
from unified.order import Side
from unified.sandbox.accounts import InstrumentKey, key_of
from unified.sandbox.clock import VenueClock
from unified.sandbox.listing import Listing
from unified.sandbox.market import Market
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.tape import DAY_US, MINUTE_US, DayTicker, TapeCandle, TapeTrade

_SECOND_US = 1_000_000


@frozen(kw_only=True)
class VenueBook:
    """A market's book at one moment."""

    bids: tuple[Level, ...]
    """Best first."""
    asks: tuple[Level, ...]
    sequence: int
    time_us: int


@frozen(kw_only=True)
class Funding:
    """A perpetual's funding as it stands."""

    rate: Decimal
    next_us: int
    """Shown time of the next settlement."""
    interval_s: int
    mark_price: Decimal


class Markets:
    """All markets of one venue, at one moment."""

    def __init__(self, listings: Iterable[Listing], clock: VenueClock) -> None:
        self.clock = clock
        self.moment = clock.moment()
        """The present of everything here; moved on by the engine."""
        self._markets: dict[InstrumentKey, Market] = {key_of(item.instrument): Market(item) for item in listings}

    @property
    def now_us(self) -> int:
        """What the venue's clock shows at this present."""
        return self.moment.shown_us

    @property
    def true_us(self) -> int:
        """This present in true time."""
        return self.moment.true_us

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        return tuple(market.instrument for market in self._markets.values())

    def instrument(self, product: Product, symbol: str) -> Instrument:
        """The instrument of a symbol. Refuses UNKNOWN_INSTRUMENT."""
        found = self._markets.get((product, symbol))
        if found is None:
            raise EngineRefusal(Reason.UNKNOWN_INSTRUMENT, symbol)
        return found.instrument

    def market(self, instrument: Instrument) -> Market:
        """The inside of a market: listing, mode, mark price. Refuses UNKNOWN_INSTRUMENT."""
        found = self._markets.get(key_of(instrument))
        if found is None:
            raise EngineRefusal(Reason.UNKNOWN_INSTRUMENT, instrument.symbol)
        return found

    def book(self, instrument: Instrument, depth: int) -> VenueBook:
        book = self.market(instrument).book
        return VenueBook(
            bids=book.levels(Side.BUY, depth),
            asks=book.levels(Side.SELL, depth),
            sequence=book.sequence,
            time_us=self.now_us,
        )

    def trades(self, instrument: Instrument, limit: int) -> tuple[TapeTrade, ...]:
        """The newest public trades, oldest first."""
        return tuple(self.market(instrument).tape.trades())[-limit:] if limit else ()

    def candles(
        self, instrument: Instrument, interval: Interval, *, start_us: int | None = None, end_us: int | None = None
    ) -> list[TapeCandle]:
        """Candles opened in [start, end), oldest first; the last may still move (`closes_us` beyond now)."""
        return self.market(instrument).tape.candles(interval, start_us, end_us)

    def ticker(self, instrument: Instrument) -> DayTicker:
        market = self.market(instrument)
        bids, asks = market.book.levels(Side.BUY, 1), market.book.levels(Side.SELL, 1)
        day = market.tape.since(self.now_us - DAY_US - self.now_us % MINUTE_US)
        last = market.last
        return DayTicker(
            bid=bids[0].price if bids else None,
            bid_quantity=bids[0].quantity if bids else None,
            ask=asks[0].price if asks else None,
            ask_quantity=asks[0].quantity if asks else None,
            last=last,
            last_quantity=market.tape.last_quantity,
            open=day[0].open if day else last,
            high=max((candle.high for candle in day), default=last),
            low=min((candle.low for candle in day), default=last),
            volume=sum((candle.volume for candle in day), ZERO),
            quote_volume=sum((candle.quote_volume for candle in day), ZERO),
            trades=sum(candle.trades for candle in day),
            opened_us=self.now_us - DAY_US,
            time_us=self.now_us,
        )

    def funding(self, instrument: Instrument) -> Funding:
        market = self.market(instrument)
        return Funding(
            rate=market.listing.funding_rate,
            next_us=self.clock.at(self.next_funding_us(market)).shown_us,
            interval_s=market.listing.funding_interval_s,
            mark_price=market.mark,
        )

    def next_funding_us(self, market: Market) -> int:
        """True time of the next settlement; settlements keep to the calendar of true time."""
        interval_us = market.listing.funding_interval_s * _SECOND_US
        return (self.true_us // interval_us + 1) * interval_us
