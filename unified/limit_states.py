"""What `client.limits()` shows: one row for each bucket. Looks, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable

from unified.adapter import LimitRule
from unified.bucket import Bucket
from unified.errors import Scope
from unified.gates import Gates
from unified.permits import Clocks, Line
from unified.values import frozen


@frozen(kw_only=True)
class LimitState:
    """One row of `client.limits()`."""

    bucket: str
    key: str
    owner: str
    scope: Scope
    rule: LimitRule
    limit: float
    """What we allow ourselves: the venue's limit times our share of it."""
    used: float
    """Our count: the venue's is no higher, as far as we can know."""
    venue_used: float | None
    """The venue's own last word; None where it never said."""
    in_flight: float
    queued: int
    """Requests waiting for this limit."""
    closed_until: float | None
    """Monotonic seconds; None while open."""
    reason: str
    """Why it is closed, in the venue's words."""


def states(lines: Iterable[Line], gates: Gates, now: float, clocks: Clocks) -> tuple[LimitState, ...]:
    """A row for each bucket of each line, as things are now (monotonic seconds)."""
    return tuple(_state(line, bucket, gates, now, clocks) for line in lines for bucket in line.buckets)


def _state(line: Line, bucket: Bucket, gates: Gates, now: float, clocks: Clocks) -> LimitState:
    gate = gates.shut(line.owner, (line.key,), now)
    bucket.advance(now, clocks.theta(bucket.door, now))
    return LimitState(
        bucket=line.name,
        key=line.key,
        owner=line.owner,
        scope=line.scope,
        rule=bucket.rule,
        limit=bucket.limit,
        used=bucket.used,
        venue_used=bucket.venue_used,
        in_flight=bucket.in_flight,
        queued=line.waiting,
        closed_until=None if gate is None else gate.until,
        reason="" if gate is None else gate.reason,
    )
