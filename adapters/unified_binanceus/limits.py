"""The limits of Binance.US as rows, and which headers tell them. Keeps no count: the limiter does.

Source: binance-us-api-docs rest-api.md and web-socket-streams.md at 6b62304 (2024-06-17). `exchangeInfo` tells what
holds now.
"""

from __future__ import annotations

from unified.adapter import Charge, FixedWindow, Limit, TokenBucket
from unified.errors import Scope
from unified_binance_dialect.limits import Counts

LIMITS = (
    Limit(bucket="weight", scope=Scope.IP, rule=FixedWindow(limit=1200, period=60), door="spot"),
    Limit(
        bucket="raw",
        scope=Scope.IP,
        rule=FixedWindow(limit=5000, period=300),
        door="spot",
        about="Calls, whatever they weigh.",
    ),
    Limit(bucket="orders_1s", scope=Scope.ACCOUNT, rule=FixedWindow(limit=10, period=1), door="spot"),
    Limit(
        bucket="orders_1d",
        scope=Scope.ACCOUNT,
        rule=FixedWindow(limit=100_000, period=86_400),
        door="spot",
        about="Not on the venue's own pages; kept to be safe.",
    ),
    Limit(
        bucket="stream_connects",
        scope=Scope.IP,
        rule=TokenBucket(rate=0.5, burst=150),
        door="spot",
        about="New stream connections: 300 in any five minutes, as at Binance; not on the venue's own pages.",
    ),
    Limit(
        bucket="stream_frames",
        scope=Scope.CONNECTION,
        rule=TokenBucket(rate=2, burst=2),
        door="spot",
        about="Frames of ours: 5 in any second, pongs included.",
    ),
)

COUNTS = Counts(
    limits=LIMITS,
    headers={
        "spot": (
            ("x-mbx-used-weight-1m", "weight"),
            ("x-mbx-order-count-1s", "orders_1s"),
            ("x-mbx-order-count-1d", "orders_1d"),
        )
    },
    published={
        ("spot", "REQUEST_WEIGHT", "MINUTE", 1): "weight",
        ("spot", "RAW_REQUESTS", "MINUTE", 5): "raw",
        ("spot", "ORDERS", "SECOND", 1): "orders_1s",
        ("spot", "ORDERS", "DAY", 1): "orders_1d",
    },
)


ORDER = Charge("orders_1s"), Charge("orders_1d")
"""Filled orders are not said to be taken off the count (2024-06-17), so every order stays on it."""
