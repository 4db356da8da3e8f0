"""The limits of Binance as rows, and what its usage headers count. Keeps no count: the limiter does.

Source: Binance spot rest-api.md "Limits" (2026-07-21), USD-M general info and exchangeInfo (2026-05-28; order
counts seen 2026-10), wallet general info (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.adapter import Charge, FixedWindow, Limit, TokenBucket
from unified.errors import Scope
from unified.instrument import Product
from unified.operations import FetchCandles, FetchFills, PlaceBatch
from unified_binance_dialect.limits import Counts
from unified_binance_dialect.market_history import candle_limit


def _fixed(bucket: str, scope: Scope, limit: int, seconds: int, door: str, about: str = "") -> Limit:
    return Limit(bucket=bucket, scope=scope, rule=FixedWindow(limit=limit, period=seconds), door=door, about=about)


def _paced(bucket: str, scope: Scope, rate: float, burst: int, door: str, about: str) -> Limit:
    return Limit(bucket=bucket, scope=scope, rule=TokenBucket(rate=rate, burst=burst), door=door, about=about)


LIMITS = (
    _fixed("weight_spot", Scope.IP, 6000, 60, "spot"),
    _fixed("raw_spot", Scope.IP, 300_000, 300, "spot", "Calls, whatever they weigh."),
    _fixed("weight_sapi", Scope.IP, 12_000, 60, "spot", "Documented for each endpoint; counted here for all."),
    _fixed("orders_spot_10s", Scope.ACCOUNT, 50, 10, "spot", "Orders that have not traded yet."),
    _fixed("orders_spot_1d", Scope.ACCOUNT, 160_000, 86_400, "spot", "Orders that have not traded yet."),
    _fixed("weight_linear", Scope.IP, 2400, 60, "linear", "Shared with COIN-M since the merge of 2026."),
    _fixed("orders_linear_10s", Scope.ACCOUNT, 300, 10, "linear"),
    _fixed("orders_linear_1m", Scope.ACCOUNT, 1200, 60, "linear"),
    _fixed("funding_linear", Scope.IP, 500, 300, "linear", "fundingRate and fundingInfo together."),
    # 300 attempts in any five minutes, whichever way they are counted; USD-M publishes the number for one kind only.
    _paced("stream_connects_spot", Scope.IP, 0.5, 150, "spot", "New stream connections: 300 in any five minutes."),
    _paced("stream_connects_linear", Scope.IP, 0.5, 150, "linear", "New stream connections, as on spot."),
    _paced("stream_frames_spot", Scope.CONNECTION, 2, 2, "spot", "Frames of ours: 5 in any second, pongs included."),
    _paced("stream_frames_linear", Scope.CONNECTION, 4, 4, "linear", "Frames of ours: 10 in any second."),
)


SPOT_ORDER = Charge("orders_spot_10s"), Charge("orders_spot_1d")
LINEAR_ORDER = Charge("orders_linear_10s"), Charge("orders_linear_1m")
FUNDING = (Charge("funding_linear"),)


def linear_batch(operation: PlaceBatch) -> tuple[Charge, ...]:
    """A batch counts its orders in the ten seconds, and once in the minute."""
    return Charge("orders_linear_10s", len(operation.orders)), Charge("orders_linear_1m")


def spot_fills_weight(operation: FetchFills) -> int:
    return 20 if operation.venue_order_id is None else 5


def candles_weight(operation: FetchCandles) -> int:
    """Spot has one price; USD-M charges by the rows that are asked for."""
    if operation.product is Product.SPOT:
        return 2
    limit = candle_limit(operation)
    return next((weight for below, weight in ((100, 1), (500, 2), (1001, 5)) if limit < below), 10)


# --- what an answer tells

HEADERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "spot": (
        ("x-mbx-used-weight-1m", "weight_spot"),
        ("x-mbx-order-count-10s", "orders_spot_10s"),
        ("x-mbx-order-count-1d", "orders_spot_1d"),
    ),
    "linear": (
        ("x-mbx-used-weight-1m", "weight_linear"),
        ("x-mbx-order-count-10s", "orders_linear_10s"),
        ("x-mbx-order-count-1m", "orders_linear_1m"),
    ),
}

PUBLISHED = {
    ("spot", "REQUEST_WEIGHT", "MINUTE", 1): "weight_spot",
    ("spot", "RAW_REQUESTS", "MINUTE", 5): "raw_spot",
    ("spot", "ORDERS", "SECOND", 10): "orders_spot_10s",
    ("spot", "ORDERS", "DAY", 1): "orders_spot_1d",
    ("linear", "REQUEST_WEIGHT", "MINUTE", 1): "weight_linear",
    ("linear", "ORDERS", "SECOND", 10): "orders_linear_10s",
    ("linear", "ORDERS", "MINUTE", 1): "orders_linear_1m",
}

COUNTS = Counts(limits=LIMITS, headers=HEADERS, published=PUBLISHED)
