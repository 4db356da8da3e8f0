"""What the simulated Coinbase lists, and what its rows say of each product beyond the engine's rules. Values only.

Increments and sizes are those of the live row of 2026-04-07 (BTC-USD) and of the same shape (others). BTC-USDC is an
alias of BTC-USD at the venue, one book with two wallets; here it has a book of its own around the same price.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from unified.instrument import Instrument, Product
from unified.sandbox.listing import Listing

MAX_OPEN_ORDERS = 500
"""An account's open orders in one product."""


@frozen(kw_only=True)
class Facts:
    """What a product row tells beyond the rules that the engine keeps."""

    base_name: str
    quote_name: str
    alias: str = ""
    alias_to: tuple[str, ...] = ()


FACTS = {
    "BTC-USD": Facts(base_name="Bitcoin", quote_name="US Dollar", alias_to=("BTC-USDC",)),
    "ETH-USD": Facts(base_name="Ethereum", quote_name="US Dollar"),
    "BTC-USDC": Facts(base_name="Bitcoin", quote_name="USDC", alias="BTC-USD"),
}


def _spot(symbol: str, price: int, most: int) -> Listing:
    base, _, quote = symbol.partition("-")
    instrument = Instrument(
        symbol=symbol,
        product=Product.SPOT,
        base=base,
        quote=quote,
        tick_size=Decimal("0.01"),
        lot_size=Decimal("0.00000001"),
        min_quantity=Decimal("0.00000001"),
        max_quantity=Decimal(most),
        min_notional=Decimal(1),
        max_notional=Decimal(150_000_000),
        quote_step=Decimal("0.01"),
    )
    return Listing(instrument=instrument, price=Decimal(price), max_open_orders=MAX_OPEN_ORDERS)


LISTINGS = (_spot("BTC-USD", 60_000, 3_400), _spot("ETH-USD", 3_000, 46_000), _spot("BTC-USDC", 60_000, 3_400))
