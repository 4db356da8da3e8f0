"""The venue's limits as rows, what a call costs, and what answers tell about them and about time.

Keeps no count: the limiter does. All calls of an address are counted together; most calls of an account have a
count of their own besides. Public calls have none, yet 10006 was seen on them (2026-01).

Source: Bybit V5 docs, rate-limit.mdx (2026-05-22), default tier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from unified.account import VenueTime
from unified.adapter import Charge, Limit, Observation, RollingWindow, TokenBucket, Usage
from unified.errors import Scope
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import CancelBatch, Operation, PlaceBatch
from unified.wire import is_digits

Cost = Callable[[Any, int], tuple[Charge, ...]]

ADDRESS = "requests"
"""Every call of one IP address, over all hosts; breaking it shuts the address out for ten minutes."""

STREAM_CONNECTS, STREAM_FRAMES, ORDER_FRAMES = "stream_connects", "stream_frames", "order_frames"

_ORDER_CALLS = (
    # path, spot, linear: requests (of batches: orders) a second
    ("POST /v5/order/create", 20, 10),
    ("POST /v5/order/cancel", 20, 10),
    ("POST /v5/order/cancel-all", 20, 10),
    ("POST /v5/order/amend", 10, 10),
    ("POST /v5/order/create-batch", 20, 10),
    ("POST /v5/order/cancel-batch", 20, 10),
    ("POST /v5/order/pre-check", 10, 10),
)
_ACCOUNT_CALLS = (
    ("GET /v5/order/realtime", 50),
    ("GET /v5/order/history", 50),
    ("GET /v5/execution/list", 50),
    ("GET /v5/position/list", 50),
    ("GET /v5/account/wallet-balance", 50),
    ("GET /v5/account/fee-rate", 5),
    ("GET /v5/user/query-api", 10),
    ("POST /v5/account/set-margin-mode", 5),
    ("POST /v5/position/set-leverage", 10),
    ("POST /v5/position/switch-mode", 10),
)


def _a_second(bucket: str, count: int) -> Limit:
    return Limit(bucket=bucket, scope=Scope.ACCOUNT, rule=RollingWindow(limit=count, period=1))


LIMITS = (
    Limit(
        bucket=ADDRESS,
        scope=Scope.IP,
        rule=RollingWindow(limit=600, period=5),
        about="All calls of an address; 403 and ten minutes of silence when it is broken.",
    ),
    *(_a_second(f"{call} {Product.SPOT}", spot) for call, spot, _ in _ORDER_CALLS),
    *(_a_second(f"{call} {Product.LINEAR}", linear) for call, _, linear in _ORDER_CALLS),
    *(_a_second(call, count) for call, count in _ACCOUNT_CALLS),
    Limit(
        bucket=STREAM_CONNECTS,
        scope=Scope.IP,
        rule=TokenBucket(rate=0.8, burst=250),
        about="New stream connections: 500 in any five minutes.",
    ),
    Limit(
        bucket=STREAM_FRAMES,
        scope=Scope.CONNECTION,
        rule=TokenBucket(rate=10, burst=20),
        about="Frames of ours on one connection; Bybit publishes no number.",
    ),
    Limit(
        bucket=ORDER_FRAMES,
        scope=Scope.IP,
        rule=RollingWindow(limit=3000, period=1),
        about="Orders in frames, of all accounts of an address (10403).",
    ),
)
_BY_BUCKET: Mapping[str, Limit] = {limit.bucket: limit for limit in LIMITS}


def charges(call: str, operation: Operation[Any], cost: int = 1) -> tuple[Charge, ...]:
    """One request of the address, and what `call` costs the account. A batch is one request and many orders."""
    for bucket in (f"{call} {operation.product}", call):
        if bucket in _BY_BUCKET:
            return Charge(ADDRESS), Charge(bucket, cost)
    return (Charge(ADDRESS),)


def one_request(call: str) -> Cost:
    return lambda operation, _time_ms: charges(call, operation)


def place_batch_charges(operation: PlaceBatch, _time_ms: int) -> tuple[Charge, ...]:
    return charges("POST /v5/order/create-batch", operation, len(operation.orders))


def cancel_batch_charges(operation: CancelBatch, _time_ms: int) -> tuple[Charge, ...]:
    return charges("POST /v5/order/cancel-batch", operation, len(operation.cancels))


# --- what answers tell

_ENVELOPE_TIME = re.compile(rb'"time"\s*:\s*(\d{13})\s*\}\s*\Z')
"""The last field of every envelope. Read off the end: a listing is not parsed twice for it."""


def observe(charged: tuple[Charge, ...], response: HttpResponse) -> Observation:
    """Time and usage in an answer to a call that was charged so. Never raises.

    A limit lower than the one that is kept replaces it. A higher one does not: it is this account's own, and
    limits are kept for all accounts of the process.
    """
    bucket = next((charge.bucket for charge in charged if charge.bucket != ADDRESS), None)
    most, remaining = _count(response, "x-bapi-limit"), _count(response, "x-bapi-limit-status")
    if bucket is None or not most:
        return Observation(time=_time(response))
    known = _BY_BUCKET[bucket]
    told = evolve(known, rule=RollingWindow(limit=most, period=1))
    return Observation(
        time=_time(response),
        usage=() if remaining is None else (Usage(bucket=bucket, remaining=min(remaining, most), limit=most),),
        limits=(told,) if isinstance(known.rule, RollingWindow) and most < known.rule.limit else (),
    )


def _count(response: HttpResponse, header: str) -> int | None:
    told = response.header(header) or ""
    return int(told) if is_digits(told, 9) else None


def _time(response: HttpResponse) -> VenueTime | None:
    """When the answer was made, cut off to the millisecond: by its envelope, else by its header."""
    found = _ENVELOPE_TIME.search(response.body[-64:])
    told = found[1].decode() if found else response.header("timenow") or ""
    if not (told.isascii() and told.isdecimal() and len(told) == 13):
        return None
    return VenueTime(time_us=int(told) * 1000, unit_us=1000)
