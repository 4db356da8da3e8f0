"""What can be traded at the simulated Binance: bitcoin and ether against USDT, on spot and as perpetuals. Values only.

Steps and bounds are those of the venue's own listings as its papers print them (2026-07-21 and 2026-05-28).
"""

from __future__ import annotations

from decimal import Decimal

from unified.instrument import Instrument, Product
from unified.sandbox.listing import Listing

_MILLION = 1_000_000


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
            max_price=Decimal(_MILLION),
            min_notional=Decimal(5),
            max_notional=Decimal(9 * _MILLION),
            quote_step=Decimal("0.00000001"),
        ),
        price=Decimal(price),
    )


def _linear(base: str, price: int, tick: str, lowest: str, least: int, hours: int) -> Listing:
    return Listing(
        instrument=Instrument(
            symbol=f"{base}USDT",
            product=Product.LINEAR,
            base=base,
            quote="USDT",
            settle="USDT",
            tick_size=Decimal(tick),
            lot_size=Decimal("0.001"),
            min_quantity=Decimal("0.001"),
            max_quantity=Decimal(1000),
            max_market_quantity=Decimal(120),
            min_price=Decimal(lowest),
            max_price=Decimal(4_529_764),
            min_notional=Decimal(least),
        ),
        price=Decimal(price),
        max_leverage=Decimal(125),
        funding_interval_s=hours * 3600,
    )


LISTINGS = (
    _spot("BTC", 61_120, "0.00001", "9000", "120.5"),
    _spot("ETH", 3_060, "0.0001", "9000", "2800"),
    _linear("BTC", 61_120, "0.1", "556.80", 50, 8),
    _linear("ETH", 3_060, "0.01", "39.86", 20, 4),
)
