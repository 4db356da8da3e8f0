"""The venue's limits as rows, what a call costs, and what answers tell about time. Keeps no count: the limiter does.

Two counters run side by side: one per key for REST calls, and the matching engine's, one per pair, in which
cancelling a young order costs up to eight times what placing it did. Kraken sends no usage headers.

Source: docs.kraken.com, guides spot-rest-ratelimits and spot-ratelimits (2026-05-27 and 2026-10-03);
support article 360045239571 (2025-12-11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from unified.account import VenueTime
from unified.adapter import Charge, Concurrency, DecayingCounter, Limit, Observation, TokenBucket, costs
from unified.errors import Scope, VenueError
from unified.http import HttpResponse
from unified.operations import (
    AmendOrder,
    CancelBatch,
    CancelOrder,
    FetchServerTime,
    Operation,
    PlaceBatch,
    PlaceOrder,
    TestOrder,
)
from unified.values import frozen
from unified.wire import child, exact_json, integer, microseconds, obj

Cost = Callable[[Any, int], tuple[Charge, ...]]


@frozen
class Tier:
    """What an account's verification level grants."""

    calls: float
    calls_decay: float
    engine: float
    engine_decay: float


TIERS: Mapping[str, Tier] = {
    "starter": Tier(15, 0.33, 60, 1),
    "intermediate": Tier(20, 0.5, 125, 2.34),
    "pro": Tier(20, 1, 180, 3.75),
}


def limits_of(tier: Tier) -> tuple[Limit, ...]:
    return (
        Limit(
            bucket="public",
            scope=Scope.IP,
            # A burst of three, so that one lost answer does not hold up everything public until it can be written off.
            rule=TokenBucket(rate=1, burst=3),
            about="Kraken publishes no number; one call a second in the long run is what is known to be safe.",
        ),
        Limit(
            bucket="nonces",
            scope=Scope.KEY,
            rule=Concurrency(limit=1),
            about="Signed calls go one by one: a nonce that arrives after a higher one is refused.",
        ),
        Limit(
            bucket="calls",
            scope=Scope.KEY,
            rule=DecayingCounter(limit=tier.calls, decay=tier.calls_decay),
            about="REST calls; placing and cancelling single orders is free.",
        ),
        Limit(
            bucket="engine",
            scope=Scope.ACCOUNT,
            rule=DecayingCounter(limit=tier.engine, decay=tier.engine_decay),
            about="Orders, per pair; cancelling or amending young ones is dear.",
        ),
        Limit(
            bucket="stream_connects",
            scope=Scope.IP,
            rule=TokenBucket(rate=0.15, burst=60),
            about="New stream connections: 150 in any ten minutes; beyond the address is shut out for ten more.",
        ),
        Limit(
            bucket="stream_frames",
            scope=Scope.CONNECTION,
            rule=TokenBucket(rate=10, burst=20),
            about="Frames of ours on one connection; Kraken publishes no number, clients keep to 20 a second.",
        ),
    )


PUBLIC: Cost = costs(Charge("public"))
_NONCE = Charge("nonces")


def calls(count: int) -> Cost:
    """So many on the counter of REST calls."""
    return costs(_NONCE, Charge("calls", count))


# --- the engine's counter

_AGES = (
    # younger than so many seconds: what an amend and a cancel cost beside the fixed part
    (5, 3, 8),
    (10, 2, 6),
    (15, 1, 5),
    (45, 0, 4),
    (90, 0, 2),
    (300, 0, 1),
)


def place_charges(order: PlaceOrder | TestOrder, _time_ms: int) -> tuple[Charge, ...]:
    """A test may be charged like an order: Kraken does not say."""
    return _NONCE, Charge("engine", 1, order.instrument.symbol)


def place_batch_charges(operation: PlaceBatch, _time_ms: int) -> tuple[Charge, ...]:
    """Whether the counter of calls is raised too is not documented: counted."""
    symbol = operation.orders[0].instrument.symbol
    return _NONCE, Charge("calls"), Charge("engine", len(operation.orders) / 2, symbol)


def amend_charges(operation: AmendOrder, time_ms: int) -> tuple[Charge, ...]:
    penalty, _ = _penalties(operation.touched_ms, time_ms)
    return _NONCE, Charge("calls"), Charge("engine", 1 + penalty, operation.instrument.symbol)


def cancel_charges(operation: CancelOrder, time_ms: int) -> tuple[Charge, ...]:
    _, penalty = _penalties(operation.touched_ms, time_ms)
    return (_NONCE, Charge("engine", penalty, operation.instrument.symbol)) if penalty else (_NONCE,)


def cancel_batch_charges(operation: CancelBatch, time_ms: int) -> tuple[Charge, ...]:
    """Each order at its own age."""
    by_symbol: dict[str, int] = {}
    for cancel in operation.cancels:
        _, penalty = _penalties(cancel.touched_ms, time_ms)
        by_symbol[cancel.instrument.symbol] = by_symbol.get(cancel.instrument.symbol, 0) + penalty
    dear = (Charge("engine", penalty, symbol) for symbol, penalty in by_symbol.items() if penalty)
    return _NONCE, Charge("calls"), *dear


def _penalties(touched_ms: int | None, time_ms: int) -> tuple[int, int]:
    """Of an amend and of a cancel. An order of unknown age may be a moment old, so it costs the most there is."""
    if touched_ms is None or not time_ms:
        return _AGES[0][1:]
    age = (time_ms - touched_ms) / 1000
    return next((row[1:] for row in _AGES if age < row[0]), (0, 0))


# --- what answers tell


def observe(operation: Operation[Any], response: HttpResponse) -> Observation:
    """The venue's time, in whole seconds: from its own call, else from the Date header. Never raises."""
    if isinstance(operation, FetchServerTime):
        try:
            seconds = integer(child(obj(exact_json(response)), "result"), "unixtime")
        except VenueError:
            pass  # a refusal: the header may still tell
        else:
            return Observation(time=VenueTime(time_us=seconds * 1_000_000, unit_us=1_000_000))
    return Observation(time=_date(response))


def _date(response: HttpResponse) -> VenueTime | None:
    try:
        when = parsedate_to_datetime(response.header("date") or "")
        return VenueTime(time_us=microseconds(when), unit_us=1_000_000)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
