"""What can be traded at the simulated Bitzoom: perpetuals on bitcoin and ether against USDT. Values only."""

from __future__ import annotations

from decimal import Decimal

from unified.instrument import Instrument, Product
from unified.sandbox.listing import Listing


def _linear(base: str, price: int, tick: str, lot: str) -> Listing:
    return Listing(
        instrument=Instrument(
            symbol=f"{base}USDT",
            product=Product.LINEAR,
            base=base,
            quote="USDT",
            settle="USDT",
            tick_size=Decimal(tick),
            lot_size=Decimal(lot),
            min_quantity=Decimal(lot),
        ),
        price=Decimal(price),
        max_leverage=Decimal(125),
    )


LISTINGS = (_linear("BTC", 61_120, "0.01", "0.001"), _linear("ETH", 3_060, "0.01", "0.01"))
