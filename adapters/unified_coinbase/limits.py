"""The venue's limits as rows, and what answers tell about them and about time. Keeps no count: the limiter does.

The figures come from pages of 2022 to 2024 that every client still goes by; the documentation of 2026 has none, and
says that limits may be tightened in busy markets. The `x-ratelimit-*` headers are read by the official SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from attrs import field

from unified.account import VenueTime
from unified.adapter import Charge, Limit, Observation, RollingWindow, Usage
from unified.errors import ConfigurationError, Scope, VenueError
from unified.http import HttpResponse
from unified.operations import FetchServerTime, Operation
from unified.values import frozen
from unified.wire import integer, is_digits, json_of, microseconds, obj

PUBLIC, PRIVATE, HOURLY = "public", "private", "hourly"
STREAM_CONNECTS, STREAM_MESSAGES = "stream connections", "stream messages"

_LONG = 1000
"""An `x-ratelimit-limit` of so many is no count of one second."""
_CACHED_US = 1_000_000
"""`/time` may come out of a cache that is up to a second old; one second is far less than a token's two minutes."""


@frozen(kw_only=True)
class Buckets:
    """The limits that hold for one adapter."""

    public: int
    """Requests a second of one address."""
    private: int
    """Requests a second of one key."""
    hourly: int | None
    """Requests an hour of one key, where that rule of the Coinbase App is taken to bind here too."""
    limits: tuple[Limit, ...] = field(init=False)
    private_charges: tuple[Charge, ...] = field(init=False)

    @limits.default
    def _limits(self) -> tuple[Limit, ...]:
        second = (
            Limit(bucket=PUBLIC, scope=Scope.IP, rule=RollingWindow(limit=self.public, period=1)),
            Limit(bucket=PRIVATE, scope=Scope.KEY, rule=RollingWindow(limit=self.private, period=1)),
            # docs.cdp.coinbase.com, websocket-overview (2026-08); earlier pages had other figures.
            Limit(bucket=STREAM_CONNECTS, scope=Scope.IP, rule=RollingWindow(limit=8, period=1)),
            Limit(bucket=STREAM_MESSAGES, scope=Scope.IP, rule=RollingWindow(limit=8, period=1)),
        )
        if self.hourly is None:
            return second
        about = "The general rule of the Coinbase App; whether it binds Advanced Trade is not said."
        rule = RollingWindow(limit=self.hourly, period=3600)
        return *second, Limit(bucket=HOURLY, scope=Scope.KEY, rule=rule, about=about)

    @private_charges.default
    def _private_charges(self) -> tuple[Charge, ...]:
        return (Charge(PRIVATE),) if self.hourly is None else (Charge(PRIVATE), Charge(HOURLY))


def buckets_of(options: Mapping[str, str]) -> Buckets:
    """The limits that the adapter's options ask for. Raises ConfigurationError."""
    hourly = options["requests_per_hour"]
    return Buckets(
        public=_count(options, "public_per_second"),
        private=_count(options, "private_per_second"),
        hourly=_count(options, "requests_per_hour") if hourly else None,
    )


def _count(options: Mapping[str, str], name: str) -> int:
    value = options[name]
    if not (is_digits(value, 6) and int(value) > 0):
        raise ConfigurationError(f"options.{name}: {value!r:.40} is not a whole number above zero")
    return int(value)


# --- what answers tell


def observe(bucket: str, operation: Operation[Any], response: HttpResponse) -> Observation:
    """The venue's time and, where the answer says it, what is left of the bucket. Never raises."""
    return Observation(time=_time(operation, response), usage=_usage(bucket, response))


def venue_time(body: Mapping[str, Any]) -> VenueTime:
    """What `/time` says."""
    return VenueTime(time_us=integer(body, "epochMillis") * 1000, unit_us=_CACHED_US)


def _time(operation: Operation[Any], response: HttpResponse) -> VenueTime | None:
    """By its own call to a millisecond, else by the Date header."""
    try:
        if isinstance(operation, FetchServerTime):
            return venue_time(obj(json_of(response)))
        when = parsedate_to_datetime(response.header("date") or "")
        return VenueTime(time_us=microseconds(when), unit_us=1_000_000)
    except (VenueError, ValueError, TypeError, OverflowError):
        return None


def _usage(bucket: str, response: HttpResponse) -> tuple[Usage, ...]:
    """What is left counts, not the limit beside it: a tightened limit then holds too."""
    limit, left = _told(response, "x-ratelimit-limit"), _told(response, "x-ratelimit-remaining")
    if limit is None or left is None or left > limit:
        return ()
    counted = HOURLY if limit >= _LONG else bucket
    return (Usage(bucket=counted, remaining=left, reset_after=_told(response, "x-ratelimit-reset")),)


def _told(response: HttpResponse, header: str) -> int | None:
    value = response.header(header) or ""
    return int(value) if is_digits(value, 6) else None
