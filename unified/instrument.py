"""What can be traded, under which rules, and finding it by any common spelling.

Never fetches a listing (`operations.FetchInstruments` does) and never sends an order: it only says
whether an order keeps the instrument's rules, and what the nearest order is that would.

Quantities are base units on every venue. Where a venue counts contracts, its adapter converts with
`contract_size`, so a strategy can change venues without changing its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from difflib import get_close_matches
from enum import StrEnum

from attrs import field, frozen

from unified.errors import Fault, Kind, Outcome, VenueError

ZERO = Decimal(0)
ONE = Decimal(1)


class Product(StrEnum):
    """A market segment with rules of its own."""

    SPOT = "spot"
    LINEAR = "linear"
    """Perpetual swaps settled in the quote currency."""


class InstrumentStatus(StrEnum):
    """Whether orders are taken now."""

    TRADING = "trading"
    RESTRICTED = "restricted"
    """Some orders only: cancel-only, post-only, limit-only or reduce-only."""
    CLOSED = "closed"
    UNLISTED = "unlisted"
    """Not in the listing at hand: rules are unknown."""


class Rounding(StrEnum):
    """Which way to go when a value lies between two allowed ones."""

    DOWN = "down"
    UP = "up"
    NEAREST = "nearest"


_MODES = {Rounding.DOWN: ROUND_FLOOR, Rounding.UP: ROUND_CEILING, Rounding.NEAREST: ROUND_HALF_EVEN}


def to_step(value: Decimal, step: Decimal, rounding: Rounding) -> Decimal:
    """The multiple of `step` next to `value`; `value` itself where there is no step."""
    if step <= ZERO:
        return value
    return (value / step).to_integral_value(_MODES[rounding]) * step


@frozen(kw_only=True)
class Instrument:
    """One thing to trade on one venue, with the venue's own rules for it."""

    symbol: str
    """The venue's spelling."""
    product: Product
    base: str
    quote: str
    settle: str | None = None
    """The currency of profit and loss; None for spot."""
    tick_size: Decimal
    """Prices are multiples of it."""
    lot_size: Decimal
    """Quantities (base units) are multiples of it."""
    min_quantity: Decimal = ZERO
    max_quantity: Decimal | None = None
    max_market_quantity: Decimal | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    min_notional: Decimal = ZERO
    """Least price x quantity, in quote units."""
    max_notional: Decimal | None = None
    quote_step: Decimal = ZERO
    """Step of a quote quantity (market orders by amount); zero where the venue has none."""
    contract_size: Decimal = ONE
    """Base units in one of the venue's contracts."""
    status: InstrumentStatus = InstrumentStatus.TRADING
    aliases: tuple[str, ...] = ()
    """Other spellings that the venue uses for it."""
    native: str = ""
    """An id of the venue beside the symbol, where one of its doors needs it."""
    name: str = field(init=False, eq=False)
    """`BTC/USDT` for spot, `BTC/USDT:USDT` for a perpetual: the same word on every venue."""

    @name.default
    def _name(self) -> str:
        if self.status is InstrumentStatus.UNLISTED:
            return self.symbol
        name = f"{self.base}/{self.quote}"
        return name if self.settle is None else f"{name}:{self.settle}"

    def __str__(self) -> str:
        return self.name

    def round_price(self, price: Decimal, rounding: Rounding = Rounding.NEAREST) -> Decimal:
        """The allowed price next to `price`."""
        return to_step(price, self.tick_size, rounding)

    def round_quantity(self, quantity: Decimal, rounding: Rounding = Rounding.DOWN) -> Decimal:
        """The allowed quantity next to `quantity`; down unless asked otherwise, so that it stays affordable."""
        return to_step(quantity, self.lot_size, rounding)

    def quantity_for(self, budget: Decimal, price: Decimal) -> Decimal:
        """The largest allowed quantity that `budget` (quote units) buys at `price`; zero if none is allowed."""
        quantity = self.round_quantity((budget / price).quantize(Decimal("1e-18"), ROUND_DOWN))
        if self.max_quantity is not None:
            quantity = min(quantity, self.round_quantity(self.max_quantity))
        too_small = quantity < self.min_quantity or quantity * price < self.min_notional
        return ZERO if too_small else quantity

    def check(
        self,
        *,
        price: Decimal | None = None,
        quantity: Decimal | None = None,
        quote_quantity: Decimal | None = None,
        stop_price: Decimal | None = None,
        market: bool = False,
    ) -> None:
        """Raise `OrderError` (not_sent) if an order with these values breaks a rule of the instrument.

        The error names the rule, the value and the nearest allowed value. Rules that depend on the
        market (bands, balances) are the venue's to judge.
        """
        for label, value in (("price", price), ("stop_price", stop_price)):
            if value is not None:
                self._check_price(label, value)
        if quantity is not None:
            self._check_quantity(quantity, market)
        if quote_quantity is not None:
            self._check_quote_quantity(quote_quantity)
        notional = quote_quantity
        if notional is None and price is not None and quantity is not None:
            notional = price * quantity
        if notional is not None:
            self._check_notional(notional, price)

    def _check_price(self, label: str, value: Decimal) -> None:
        kind = Kind.INVALID_PRICE
        if not value.is_finite() or value <= ZERO:
            raise _broken(self, kind, f"{label} {value} is not above zero", None)
        if self.min_price is not None and value < self.min_price:
            raise _broken(self, kind, f"{label} {value} is below the minimum {self.min_price}", self.min_price)
        if self.max_price is not None and value > self.max_price:
            raise _broken(self, kind, f"{label} {value} is above the maximum {self.max_price}", self.max_price)
        nearest = self.round_price(value)
        if nearest != value:
            nearest = max(nearest, self.tick_size)
            raise _broken(self, kind, f"{label} {value} is no multiple of tick_size {self.tick_size}", nearest)

    def _check_quantity(self, value: Decimal, market: bool) -> None:
        kind = Kind.INVALID_QUANTITY
        least = max(self.min_quantity, self.lot_size)
        most = self.max_market_quantity if market and self.max_market_quantity else self.max_quantity
        if not value.is_finite() or value < least:
            raise _broken(self, kind, f"quantity {value} is below the minimum {least}", least)
        if most is not None and value > most:
            raise _broken(self, kind, f"quantity {value} is above the maximum {most}", self.round_quantity(most))
        nearest = self.round_quantity(value)
        if nearest != value:
            raise _broken(self, kind, f"quantity {value} is no multiple of lot_size {self.lot_size}", nearest)

    def _check_quote_quantity(self, value: Decimal) -> None:
        kind = Kind.INVALID_NOTIONAL
        if not value.is_finite() or value <= ZERO:
            raise _broken(self, kind, f"quote_quantity {value} is not above zero", self.min_notional or None)
        nearest = to_step(value, self.quote_step, Rounding.DOWN)
        if nearest != value:
            raise _broken(self, kind, f"quote_quantity {value} is no multiple of {self.quote_step}", nearest)

    def _check_notional(self, value: Decimal, price: Decimal | None) -> None:
        kind = Kind.INVALID_NOTIONAL
        if value < self.min_notional:
            enough = self.min_notional if price is None else self.round_quantity(self.min_notional / price, Rounding.UP)
            text = f"notional {value} {self.quote} is below the minimum {self.min_notional}"
            raise _broken(self, kind, text, enough, "quote_quantity" if price is None else "quantity")
        if self.max_notional is not None and value > self.max_notional:
            enough = self.max_notional if price is None else self.round_quantity(self.max_notional / price)
            text = f"notional {value} {self.quote} is above the maximum {self.max_notional}"
            raise _broken(self, kind, text, enough, "quote_quantity" if price is None else "quantity")


def unlisted(symbol: str, product: Product) -> Instrument:
    """A stand-in for a symbol that the listing does not hold, so that no row is lost for want of its rules."""
    return Instrument(
        symbol=symbol,
        product=product,
        base="",
        quote="",
        tick_size=ZERO,
        lot_size=ZERO,
        status=InstrumentStatus.UNLISTED,
    )


class Instruments:
    """The listing of a venue: exact by symbol, forgiving by name, and never a guess.

    A name stands for one instrument only; `find` answers None rather than the likeliest.
    """

    def __init__(self, instruments: Iterable[Instrument] = ()) -> None:
        self._by_symbol = {(item.product, item.symbol): item for item in instruments}
        self._by_spelling: dict[str, list[Instrument]] = {}
        for item in self._by_symbol.values():
            for spelling in _spellings(item):
                self._by_spelling.setdefault(spelling, []).append(item)

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._by_symbol.values())

    def __len__(self) -> int:
        return len(self._by_symbol)

    def of(self, symbol: str, product: Product) -> Instrument:
        """The instrument of a venue's own symbol; a stand-in where the listing does not hold it."""
        found = self._by_symbol.get((product, symbol))
        return unlisted(symbol, product) if found is None else found

    def listed(self, symbol: str, product: Product) -> Instrument | None:
        """The instrument of a venue's own symbol, if the listing holds it."""
        return self._by_symbol.get((product, symbol))

    def find(self, name: str, product: Product | None = None) -> Instrument | None:
        """The one instrument that `name` means: our name, the venue's symbol or a common spelling of either.

        Spot wins over a perpetual of the same spelling unless `product` says otherwise. Ambiguous is None.
        """
        found = self._by_spelling.get(_plain(name), [])
        if product is not None:
            found = [item for item in found if item.product is product]
        found = (
            [item for item in found if item.name == name] or [item for item in found if item.symbol == name] or found
        )
        if len(found) > 1:
            found = [item for item in found if item.product is Product.SPOT] or found
        return found[0] if len(found) == 1 else None

    def nearest(self, name: str, count: int = 3) -> tuple[str, ...]:
        """Names that look like `name`, best first."""
        close = get_close_matches(_plain(name), self._by_spelling, n=count * 4, cutoff=0.3)
        names = dict.fromkeys(item.name for spelling in close for item in self._by_spelling[spelling])
        return tuple(names)[:count]


_SEPARATORS = str.maketrans("", "", "/-_. ")
_OTHER_NAMES = {"BTC": "XBT", "DOGE": "XDG"}
"""Assets that venues and people call by two names (ISO 4217 style codes that Kraken keeps)."""


def _plain(name: str) -> str:
    return name.upper().translate(_SEPARATORS)


def _spellings(item: Instrument) -> set[str]:
    names = {item.name, item.symbol, *item.aliases}
    for base in {item.base, _OTHER_NAMES.get(item.base, item.base)}:
        for quote in {item.quote, _OTHER_NAMES.get(item.quote, item.quote)}:
            names.add(f"{base}/{quote}" if item.settle is None else f"{base}/{quote}:{item.settle}")
    return {_plain(name) for name in names}


def _broken(item: Instrument, kind: Kind, text: str, nearest: Decimal | None, label: str = "") -> VenueError:
    """A rule of the instrument that the order breaks."""
    hint = "" if nearest is None else f"nearest allowed{' ' + label if label else ''}: {nearest.normalize():f}"
    fault = Fault(kind=kind, outcome=Outcome.NOT_SENT, message=f"{item.name}: {text}", hint=hint)
    return VenueError.of(fault)
