"""What can be traded at the simulated Binance.US: bitcoin and ether against USDT. Values only."""

from __future__ import annotations

from decimal import Decimal

from unified.instrument import Instrument, Product
from unified.sandbox.listing import Listing


def _spot(base: str, price: int, lot: str, most: str, most_at_market: str) -> Listing:
    return Listing(
        instrument=Instrument(
            symbol=f"{base}USDT",
            product=Product.SPOT,
            base=base,
            quote="USDT",
            tick_size=Decimal("0.01"),
            lot_size=Decimal(lot),
            min_quantity=Decimal(lot),
            max_quantity=Decimal(most),
            max_market_quantity=Decimal(most_at_market),
            min_price=Decimal("0.01"),
            max_price=Decimal(100_000),
            min_notional=Decimal(10),
            quote_step=Decimal("0.00000001"),
        ),
        price=Decimal(price),
    )


LISTINGS = (
    _spot("BTC", 61_120, "0.00001", "9000", "3.5"),
    _spot("ETH", 3_060, "0.0001", "9000", "90"),
)
