"""The limits of the simulated Binance: figures only. How they are counted, the dialect's `sandbox_limits` knows.

Sources: `exchangeInfo.rateLimits` (2026-07-21), USD-M "General Info" (2026-05-28).
"""

from __future__ import annotations

from unified_binance_dialect.sandbox_limits import by_account, by_address

LIMITS = (
    by_address("spot weight", 6000, 60),
    by_address("spot raw", 300_000, 300),
    by_account("spot orders 1", 100, 10),
    by_account("spot orders 2", 200_000, 86_400),
    by_address("linear weight", 2400, 60),
    by_address("linear funding", 500, 300),
    by_account("linear orders 1", 300, 10),
    by_account("linear orders 2", 1200, 60),
)

SPOT_RATES = (
    ("REQUEST_WEIGHT", "MINUTE", 1, 6000),
    ("ORDERS", "SECOND", 10, 100),
    ("ORDERS", "DAY", 1, 200_000),
    ("RAW_REQUESTS", "MINUTE", 5, 300_000),
)
LINEAR_RATES = (
    ("REQUEST_WEIGHT", "MINUTE", 1, 2400),
    ("ORDERS", "MINUTE", 1, 1200),
    ("ORDERS", "SECOND", 10, 300),
)
"""As `exchangeInfo` tells them."""
