"""The venue's limits as rows, and where its usage headers stand. Keeps no count: the limiter does.

Source: Binance spot rest-api.md "Limits" (2026-07-21), USD-M general info and exchangeInfo (2026-05-28; order
counts seen 2026-10), wallet general info (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from unified.account import VenueTime
from unified.adapter import Charge, FixedWindow, Limit, Observation, Usage
from unified.errors import Scope, VenueError
from unified.http import HttpResponse
from unified.operations import FetchInstruments, FetchServerTime, Operation, PlaceBatch
from unified.wire import Json, children, integer, json_of, obj, text


def _fixed(bucket: str, scope: Scope, limit: int, seconds: int, door: str, about: str = "") -> Limit:
    return Limit(bucket=bucket, scope=scope, rule=FixedWindow(limit=limit, period=seconds), door=door, about=about)


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
)


def spot_order(_operation: Operation[Any]) -> tuple[Charge, ...]:
    return Charge("orders_spot_10s"), Charge("orders_spot_1d")


def linear_order(_operation: Operation[Any]) -> tuple[Charge, ...]:
    return Charge("orders_linear_10s"), Charge("orders_linear_1m")


def linear_batch(operation: PlaceBatch) -> tuple[Charge, ...]:
    """A batch counts its orders in the ten seconds, and once in the minute."""
    return Charge("orders_linear_10s", len(operation.orders)), Charge("orders_linear_1m")


def funding(_operation: Operation[Any]) -> tuple[Charge, ...]:
    return (Charge("funding_linear"),)


# --- what an answer tells

_HEADERS: Mapping[str, tuple[tuple[str, str], ...]] = {
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

_PUBLISHED = {
    ("spot", "REQUEST_WEIGHT", "MINUTE", 1): "weight_spot",
    ("spot", "RAW_REQUESTS", "MINUTE", 5): "raw_spot",
    ("spot", "ORDERS", "SECOND", 10): "orders_spot_10s",
    ("spot", "ORDERS", "DAY", 1): "orders_spot_1d",
    ("linear", "REQUEST_WEIGHT", "MINUTE", 1): "weight_linear",
    ("linear", "ORDERS", "SECOND", 10): "orders_linear_10s",
    ("linear", "ORDERS", "MINUTE", 1): "orders_linear_1m",
}
_BY_BUCKET = {limit.bucket: limit for limit in LIMITS}


def observe(door: str, operation: Operation[Any], response: HttpResponse, *, weight_is_true: bool) -> Observation:
    """Time, usage and limits in an answer. Never raises.

    `weight_is_true` is False for the answers whose weight header is wrong. The Date header is left alone:
    `/time` tells the clock in milliseconds, and front servers write dates too.
    """
    return Observation(
        time=_time(response) if isinstance(operation, FetchServerTime) else None,
        usage=tuple(_usage(door, response, weight_is_true)),
        limits=tuple(_limits(door, response)) if isinstance(operation, FetchInstruments) else (),
    )


def _time(response: HttpResponse) -> VenueTime | None:
    try:
        return VenueTime(time_us=integer(obj(json_of(response)), "serverTime") * 1000, unit_us=1000)
    except VenueError:
        return None


def _usage(door: str, response: HttpResponse, weight_is_true: bool) -> Iterator[Usage]:
    for header, bucket in _HEADERS.get(door, ()):
        told = response.header(header) or ""
        if told.isdecimal() and len(told) < 10 and (weight_is_true or not bucket.startswith("weight")):
            yield Usage(bucket=bucket, used=int(told))


def _limits(door: str, response: HttpResponse) -> Iterator[Limit]:
    """The rows of `rateLimits` that have a bucket here, with the numbers that hold now."""
    try:
        found = children(obj(json_of(response)), "rateLimits")
    except VenueError:
        return
    for row in found:
        try:
            limit = _limit(door, obj(row))
        except VenueError:
            continue
        if limit is not None:
            yield limit


def _limit(door: str, row: Mapping[str, Json]) -> Limit | None:
    window = door, text(row, "rateLimitType"), text(row, "interval"), integer(row, "intervalNum")
    known = _BY_BUCKET.get(_PUBLISHED.get(window, ""))
    most = integer(row, "limit")
    if known is None or not isinstance(known.rule, FixedWindow) or most <= 0:
        return None
    return evolve(known, rule=evolve(known.rule, limit=most))
