"""The limits of the simulated Binance.US: figures only. How they are counted, the dialect's `sandbox_limits` knows.

Source: binance-us-api-docs rest-api.md at 6b62304 (2024-06-17).
"""

from __future__ import annotations

from unified_binance_dialect.sandbox_limits import by_account, by_address

LIMITS = (
    by_address("spot weight", 1200, 60),
    by_address("spot raw", 5000, 300),
    by_account("spot orders 1", 10, 1),
)

RATES = (
    ("REQUEST_WEIGHT", "MINUTE", 1, 1200),
    ("ORDERS", "SECOND", 1, 10),
    ("RAW_REQUESTS", "MINUTE", 5, 5000),
)
"""As `exchangeInfo` tells them."""
