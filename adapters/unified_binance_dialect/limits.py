"""What answers tell of time and limits: usage headers, published limits. Keeps no count and knows no venue's figures.

Source: Binance spot rest-api.md "Limits" (2026-07-21), USD-M general info and exchangeInfo (2026-05-28).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import evolve, field

from unified.account import VenueTime
from unified.adapter import FixedWindow, Limit, Observation, Usage
from unified.errors import VenueError
from unified.http import HttpResponse
from unified.operations import FetchInstruments, FetchServerTime, Operation
from unified.values import frozen
from unified.wire import Json, integer, json_of, obj, rows, text


@frozen(kw_only=True)
class Counts:
    """The limits of one venue, and where its answers tell of them."""

    limits: tuple[Limit, ...]
    headers: Mapping[str, tuple[tuple[str, str], ...]]
    """Door -> header and bucket."""
    published: Mapping[tuple[str, str, str, int], str] = field(factory=dict)
    """Door and what names a row of `rateLimits` (type, interval, number) -> bucket."""

    @cached_property
    def _by_bucket(self) -> Mapping[str, Limit]:
        return {limit.bucket: limit for limit in self.limits}

    def observe(
        self, door: str, operation: Operation[Any], response: HttpResponse, *, weight_is_true: bool = True
    ) -> Observation:
        """Time, usage and limits in an answer. Never raises.

        `weight_is_true` is False for the answers whose weight header is wrong. The Date header is left alone:
        `/time` tells the clock in milliseconds, and front servers write dates too.
        """
        return Observation(
            time=_time(response) if isinstance(operation, FetchServerTime) else None,
            usage=self._usage(door, response, weight_is_true),
            limits=tuple(self._limits(door, response)) if isinstance(operation, FetchInstruments) else (),
        )

    def _usage(self, door: str, response: HttpResponse, weight_is_true: bool) -> tuple[Usage, ...]:
        found, headers = [], response.headers
        for header, bucket in self.headers.get(door, ()):
            told = headers.get(header)
            if told is None or not told.isdecimal() or len(told) >= 10:
                continue
            if weight_is_true or not bucket.startswith("weight"):
                found.append(Usage(bucket=bucket, used=int(told)))
        return tuple(found)

    def _limits(self, door: str, response: HttpResponse) -> Iterator[Limit]:
        """The rows of `rateLimits` that have a bucket here, with the numbers that hold now."""
        for row in _published(response):
            try:
                limit = self._limit(door, obj(row))
            except VenueError:
                continue
            if limit is not None:
                yield limit

    def _limit(self, door: str, row: Mapping[str, Json]) -> Limit | None:
        window = door, text(row, "rateLimitType"), text(row, "interval"), integer(row, "intervalNum")
        known = self._by_bucket.get(self.published.get(window, ""))
        most = integer(row, "limit")
        if known is None or not isinstance(known.rule, FixedWindow) or most <= 0:
            return None
        return evolve(known, rule=evolve(known.rule, limit=most))


_PUBLISHED = re.compile(rb'"rateLimits"\s*:\s*(\[[^\[\]]*\])')
"""The one list of its name, of flat objects: found without reading the megabytes around it a second time."""


def _published(response: HttpResponse) -> list[Json]:
    found = _PUBLISHED.search(response.body)
    try:
        return [] if found is None else rows(json_of(HttpResponse(status=200, body=found[1])))
    except VenueError:
        return []


def _time(response: HttpResponse) -> VenueTime | None:
    try:
        return VenueTime(time_us=integer(obj(json_of(response)), "serverTime") * 1000, unit_us=1000)
    except VenueError:
        return None
