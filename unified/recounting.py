"""What the venue itself has counted, held against our count: more is believed, less only where it is proved.

An answer may carry the venue's own count of a bucket. Others may use the bucket too, so a higher count is taken over at
once; a lower one may only not hold yet what was under way together with its request. How each form of bucket takes a
count in stands in its module (`bucket.py`, `aligned.py`, `rolling.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from unified.adapter import Charge, Usage
from unified.bucket import Bucket, Word, allowed
from unified.lines import Lines
from unified.permits import Clocks, Line, Permit


def reconcile(lines: Lines, permit: Permit, usages: Iterable[Usage], now: float, clocks: Clocks) -> None:
    """Take in the counts that the answer to the permit's request carried. Never loosens what may be wrong."""
    known, asked, theta = lines.of(permit.owner), None, None
    for usage in usages:
        line = known.get((usage.bucket, usage.key)) or _untouched(lines, usage, permit)
        if line is None:
            continue
        bucket = line.only if usage.period is None else _of_period(usage.period, line.buckets)
        if bucket is None:
            continue
        used = _used(bucket, usage) if usage.used is None else usage.used
        if used is None:
            continue
        if bucket.aligned and bucket.door != asked:
            asked = bucket.door
            theta = clocks.theta(asked, now)
        if bucket.now != now:
            bucket.advance(now, theta)
        if bucket.in_flight > 0 and used <= bucket.used:
            bucket.venue_used = used  # others are under way, which it may not hold yet: it proves nothing
            continue
        bucket.observe(Word(used, _pending(bucket, permit), permit.sent_at, usage.reset_after))


def _untouched(lines: Lines, usage: Usage, permit: Permit) -> Line | None:
    """The line of a limit that the owner has not charged; None where no limit has that name."""
    if not lines.knows(usage.bucket):
        return None
    return lines.line(Charge(usage.bucket, 0, usage.key), permit.owner, permit.door)


def _of_period(period: float, buckets: tuple[Bucket, ...]) -> Bucket | None:
    """The bucket whose window is so many seconds long."""
    return next((bucket for bucket in buckets if bucket.period == period), None)


def _pending(bucket: Bucket, permit: Permit) -> float:
    """Cost of what was under way together with the permit's request, itself left out."""
    under_way = bucket.in_flight
    for taken, cost, answered, _, _ in permit.taken:
        if taken is bucket:
            return under_way + bucket.answered - answered - cost
    return under_way


def _used(bucket: Bucket, usage: Usage) -> float | None:
    """What is used, where only the rest is told."""
    if usage.remaining is None:
        return None
    return (allowed(bucket.rule) if usage.limit is None else usage.limit) - usage.remaining
