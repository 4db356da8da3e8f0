"""What the simulated OKX lists, and what its rows say of each instrument. Values only.

Ticks, lots and contract sizes are those of the live rows of 2026-04-27 (BTC) and of the same shape (others).
Inside the sandbox all quantities are base units; a swap counts contracts of `contract_size` on the wire.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from unified.instrument import Instrument, Product
from unified.sandbox.listing import Listing

MAX_PENDING = 500
"""An account's pending orders in one instrument (51102)."""
MAX_LIMIT_VALUE = Decimal(20_000_000)
MAX_MARKET_VALUE = Decimal(1_000_000)
"""Largest value of one order, USD; the second for spot market orders."""


@frozen(kw_only=True)
class Facts:
    """What an instrument row tells beyond the rules that the engine keeps."""

    code: int
    group: str
    """Fee group."""
    lot: str
    least: str
    """In the venue's unit: base for spot, contracts for swaps."""
    most_limit: str
    most_market: str
    """Spot: in USDT."""
    lever: str
    listed_ms: str
    band: Decimal
    """How far from the last price a buy may go up and a sell down, as a fraction."""


def _spot(base: str, price: int, tick: str, facts: Facts) -> tuple[Listing, Facts]:
    instrument = Instrument(
        symbol=f"{base}-USDT",
        product=Product.SPOT,
        base=base,
        quote="USDT",
        tick_size=Decimal(tick),
        lot_size=Decimal(facts.lot),
        min_quantity=Decimal(facts.least),
        max_quantity=Decimal(facts.most_limit),
        max_notional=MAX_LIMIT_VALUE,
    )
    return Listing(instrument=instrument, price=Decimal(price), max_open_orders=MAX_PENDING), facts


def _swap(base: str, price: int, tick: str, contract: str, facts: Facts) -> tuple[Listing, Facts]:
    size = Decimal(contract)
    instrument = Instrument(
        symbol=f"{base}-USDT-SWAP",
        product=Product.LINEAR,
        base=base,
        quote="USDT",
        settle="USDT",
        tick_size=Decimal(tick),
        lot_size=Decimal(facts.lot) * size,
        min_quantity=Decimal(facts.least) * size,
        max_quantity=Decimal(facts.most_limit) * size,
        max_market_quantity=Decimal(facts.most_market) * size,
        max_notional=MAX_LIMIT_VALUE,
        contract_size=size,
    )
    listing = Listing(
        instrument=instrument,
        price=Decimal(price),
        max_open_orders=MAX_PENDING,
        max_position=Decimal(2_000_000) / price,
        max_leverage=Decimal(facts.lever),
    )
    return listing, facts


_ALL = (
    _spot(
        "BTC",
        60_000,
        "0.1",
        Facts(
            code=3,
            group="12",
            lot="0.00000001",
            least="0.00001",
            most_limit="9999999999",
            most_market="1000000",
            lever="10",
            listed_ms="1611907686000",
            band=Decimal("0.05"),
        ),
    ),
    _spot(
        "ETH",
        3_000,
        "0.01",
        Facts(
            code=5,
            group="12",
            lot="0.000001",
            least="0.0001",
            most_limit="999999999999",
            most_market="1000000",
            lever="10",
            listed_ms="1611907686000",
            band=Decimal("0.05"),
        ),
    ),
    _spot(
        "SOL",
        150,
        "0.01",
        Facts(
            code=19,
            group="1",
            lot="0.000001",
            least="0.01",
            most_limit="999999999999",
            most_market="1000000",
            lever="10",
            listed_ms="1611907686000",
            band=Decimal("0.05"),
        ),
    ),
    _swap(
        "BTC",
        60_000,
        "0.1",
        "0.01",
        Facts(
            code=10459,
            group="4",
            lot="0.01",
            least="0.01",
            most_limit="100000000",
            most_market="34000",
            lever="100",
            listed_ms="1573557408000",
            band=Decimal("0.03"),
        ),
    ),
    _swap(
        "ETH",
        3_000,
        "0.01",
        "0.1",
        Facts(
            code=10461,
            group="4",
            lot="0.01",
            least="0.01",
            most_limit="100000000",
            most_market="20000",
            lever="100",
            listed_ms="1573557408000",
            band=Decimal("0.03"),
        ),
    ),
)

LISTINGS = tuple(listing for listing, _ in _ALL)
FACTS = {listing.instrument.symbol: facts for listing, facts in _ALL}
