"""What can be traded, under which rules, and finding it by any common spelling.

Never fetches a listing (`operations.FetchInstruments` does) and never sends an order: it only says
whether an order keeps the instrument's rules, and what the nearest order is that would.

Quantities are base units on every venue. Where a venue counts contracts, its adapter converts with
`contract_size`, so a strategy can change venues without changing its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from functools import cached_property

from attrs import evolve, field

from unified.errors import Fault, Kind, Outcome, VenueError
from unified.values import frozen

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


_WIDE = Context(prec=100, rounding=ROUND_DOWN)
"""Digits enough for every price times every quantity: the usual 28 round a large quantity of a cheap coin."""
_FINEST = Decimal("1e-18")
_FARTHEST = 40
"""Powers of ten beyond which no price, quantity or step lies."""


def to_step(value: Decimal, step: Decimal, rounding: Rounding) -> Decimal:
    """The multiple of `step` next to `value`; `value` itself where there is no step."""
    if step <= ZERO:
        return value
    return _WIDE.multiply(_WIDE.divide(value, step).to_integral_value(_MODES[rounding]), step)


@frozen
class _Grid:
    """The allowed values of a price or a quantity: multiples of `step` above zero, from `low` to `high`."""

    step_name: str
    step: Decimal
    low: Decimal
    high: Decimal | None

    def nearest(self, value: Decimal, rounding: Rounding) -> Decimal | None:
        """The allowed value next to `value`; None where there is none."""
        if not value.is_finite():
            return None
        found = max(to_step(value, self.step, rounding), to_step(self.low, self.step, Rounding.UP), self.step)
        if self.high is not None:
            found = min(found, to_step(self.high, self.step, Rounding.DOWN))
        return found if found > ZERO and found >= self.low else None

    def holds(self, value: Decimal) -> bool:
        """Whether `value` is surely allowed; False for digits beyond any instrument's, too."""
        if not value.is_finite() or not -_FARTHEST < value.adjusted() < _FARTHEST:
            return False
        if value <= ZERO or value < self.low or (self.high is not None and value > self.high):
            return False
        return self.step <= ZERO or not _WIDE.remainder(value, self.step)

    def require(self, item: Instrument, kind: Kind, label: str, value: Decimal, rounding: Rounding) -> None:
        """Raise an error of this kind where `value` is not allowed."""
        if self.holds(value):
            return
        nearest = self.nearest(value, rounding)
        if nearest is None or nearest != value:
            raise _broken(item, kind, f"{label} {value} is {self._problem(value)}", nearest)

    def _problem(self, value: Decimal) -> str:
        if not value.is_finite() or value <= ZERO:
            return "not above zero"
        if value < self.low:
            return f"below the minimum {self.low}"
        if self.high is not None and value > self.high:
            return f"above the maximum {self.high}"
        return f"no multiple of {self.step_name} {self.step}"


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
        """The largest allowed quantity that `budget` (quote units) buys at `price`; zero if none is allowed.

        Raises ValueError where `price` is not above zero.
        """
        if price <= ZERO:
            raise ValueError(f"price must be above zero, not {price}")
        spent = budget if self.max_notional is None else min(budget, self.max_notional)
        quantity = self.round_quantity(_WIDE.quantize(_WIDE.divide(spent, price), _FINEST))
        if self.max_quantity is not None:
            quantity = min(quantity, self.round_quantity(self.max_quantity))
        too_small = quantity < self.min_quantity or _WIDE.multiply(quantity, price) < self.min_notional
        return ZERO if too_small or quantity <= ZERO else quantity

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
                self._prices.require(self, Kind.INVALID_PRICE, label, value, Rounding.NEAREST)
        if quantity is not None:
            self._quantities(market).require(self, Kind.INVALID_QUANTITY, "quantity", quantity, Rounding.DOWN)
        if quote_quantity is not None:
            amounts = _Grid("quote_step", self.quote_step, self.min_notional, self.max_notional)
            amounts.require(self, Kind.INVALID_NOTIONAL, "quote_quantity", quote_quantity, Rounding.DOWN)
        elif price is not None and quantity is not None:
            self._check_notional(price, quantity, market)

    @cached_property
    def _prices(self) -> _Grid:
        return _Grid("tick_size", self.tick_size, self.min_price or ZERO, self.max_price)

    @cached_property
    def _lots(self) -> _Grid:
        return _Grid("lot_size", self.lot_size, self.min_quantity, self.max_quantity)

    @cached_property
    def _market_lots(self) -> _Grid:
        return _Grid("lot_size", self.lot_size, self.min_quantity, self.max_market_quantity or self.max_quantity)

    def _quantities(self, market: bool) -> _Grid:
        return self._market_lots if market else self._lots

    def _check_notional(self, price: Decimal, quantity: Decimal, market: bool) -> None:
        value, low, high = _WIDE.multiply(price, quantity), self.min_notional, self.max_notional
        if value >= low and (high is None or value <= high):
            return
        limit = f"below the minimum {low}" if value < low else f"above the maximum {high}"
        text = f"notional {value:f} {self.quote} is {limit}"
        nearest = self._within_notional(price, market).nearest(quantity, Rounding.DOWN)
        raise _broken(self, Kind.INVALID_NOTIONAL, text, nearest, "quantity")

    def _within_notional(self, price: Decimal, market: bool) -> _Grid:
        """The quantities that keep every rule at this price."""
        grid = self._quantities(market)
        low, high = max(grid.low, _WIDE.divide(self.min_notional, price)), grid.high
        if self.max_notional is not None:
            most = _WIDE.divide(self.max_notional, price)
            high = most if high is None else min(high, most)
        return evolve(grid, low=low, high=high)


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

    @cached_property
    def _by_name(self) -> dict[str, list[Instrument]]:
        index: dict[str, list[Instrument]] = {}
        for item in self._by_symbol.values():
            index.setdefault(item.name, []).append(item)
        return index

    @cached_property
    def _by_spelling(self) -> dict[str, list[Instrument]]:
        """Made when the first name is looked up that is not our own: it takes longer than all else."""
        index: dict[str, list[Instrument]] = {}
        for item in self._by_symbol.values():
            for spelling in _spellings(item):
                index.setdefault(spelling, []).append(item)
        return index

    @property
    def is_indexed(self) -> bool:
        """Whether all spellings are at hand. To make them takes milliseconds for thousands of instruments."""
        return "_by_spelling" in self.__dict__

    def indexed(self) -> Instruments:
        """The same with all spellings at hand: for threads, so that no look-up holds up a loop."""
        _ = self._by_spelling
        return self

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

    def named(self, name: str, product: Product | None = None) -> Instrument | None:
        """The one instrument of this name of ours; None for other spellings, which `find` knows."""
        found = _of(product, self._by_name.get(name, []))
        return found[0] if len(found) == 1 else None

    def find(self, name: str, product: Product | None = None) -> Instrument | None:
        """The one instrument that `name` means: our name, the venue's symbol or a common spelling of either.

        Spot wins over a perpetual of the same spelling unless `product` says otherwise, and `BTC/USDT`, our name
        of a spot instrument, never means a perpetual unless `product` does. Ambiguous is None.
        """
        if product is None and "/" in name and ":" not in name:
            product = Product.SPOT
        named = self.named(name, product)
        if named is not None:
            return named
        found = _of(product, self._by_spelling.get(_plain(name), []))
        found = (
            [item for item in found if item.name == name] or [item for item in found if item.symbol == name] or found
        )
        if len(found) > 1:
            found = [item for item in found if item.product is Product.SPOT] or found
        return found[0] if len(found) == 1 else None

    def nearest(self, name: str, count: int = 3) -> tuple[str, ...]:
        """Names that look like `name`, best first."""
        from difflib import get_close_matches  # only who misspells needs it

        close = get_close_matches(_plain(name), self._by_spelling, n=count * 4, cutoff=0.3)
        names = dict.fromkeys(item.name for spelling in close for item in self._by_spelling[spelling])
        return tuple(names)[:count]


_SEPARATORS = str.maketrans("", "", "/-_. ")
_OTHER_NAMES = {"BTC": "XBT", "DOGE": "XDG"}
"""Assets that venues and people call by two names (ISO 4217 style codes that Kraken keeps)."""


def _of(product: Product | None, found: list[Instrument]) -> list[Instrument]:
    return found if product is None else [item for item in found if item.product is product]


def _plain(name: str) -> str:
    return name.upper().translate(_SEPARATORS)


def _spellings(item: Instrument) -> set[str]:
    names = {item.name, item.symbol, *item.aliases}
    for base in {item.base, _OTHER_NAMES.get(item.base, item.base)}:
        for quote in {item.quote, _OTHER_NAMES.get(item.quote, item.quote)}:
            names.add(f"{base}/{quote}")
            if item.settle is not None:
                names.add(f"{base}/{quote}:{item.settle}")
    return {_plain(name) for name in names if _plain(name)}


def _broken(item: Instrument, kind: Kind, text: str, nearest: Decimal | None, label: str = "") -> VenueError:
    """A rule of the instrument that the order breaks."""
    hint = "" if nearest is None else f"Nearest allowed{' ' + label if label else ''}: {_WIDE.normalize(nearest):f}"
    fault = Fault(kind=kind, outcome=Outcome.NOT_SENT, message=f"{item.name}: {text}", hint=hint)
    return VenueError.of(fault)
