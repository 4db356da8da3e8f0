"""Which buckets a charge goes to: every limit of a venue, and every line that was ever charged. Counts nothing itself.

Limits of an ip or of the venue have one line for all owners; others have one for each owner and key. What the buckets
allow and hold is theirs (`bucket.py`); who is let through by them is the limiter's affair (`limiter.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from unified.adapter import Charge, Concurrency, Limit, LimitRule
from unified.bucket import Bucket, window_of
from unified.buckets import bucket_of
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.operations import Priority
from unified.permits import SHARED, Clocks, Line, Permit

Name = tuple[str, str]
"""Bucket and key."""


class Lines:
    """The limits of one venue environment and their lines."""

    def __init__(self, limits: Iterable[Limit], share: float) -> None:
        """`share` in (0, 1] is the part of every limit that is ours."""
        if not 0 < share <= 1:
            raise ValueError(f"share: {share} is not above 0 and at most 1")
        self._share = share
        self._limits: dict[str, tuple[Limit, ...]] = {}
        for limit in limits:
            self._limits[limit.bucket] = (*self._limits.get(limit.bucket, ()), limit)
        self._shared: dict[Name, Line] = {}
        self.known: dict[str, dict[Name, Line]] = {}
        """Owner -> name -> line; shared lines stand under every owner that met them."""

    # --- finding

    def of(self, owner: str) -> dict[Name, Line]:
        """The lines that the owner has charged, shared ones too; the same object at every call."""
        lines = self.known.get(owner)
        if lines is None:
            lines = self.known[owner] = {}
        return lines

    def line(self, charge: Charge, owner: str, door: str) -> Line:
        """The buckets that a charge goes to, made when first asked for.

        A limit that names no door follows the clock of the door through which it was first charged. Raises VenueError
        (`invalid_request`, not_sent) where no limit has the name.
        """
        lines, name = self.of(owner), (charge.bucket, charge.key)
        line = lines.get(name)
        if line is None:
            limits = self._limits.get(charge.bucket)
            if limits is None:
                raise impossible(f"the adapter charges {charge.bucket!r}, but its limits do not name it")
            line = lines[name] = self._joined(name, owner, door, limits)
        return line

    def line_of(self, bucket: Bucket, permit: Permit) -> Line:
        """The line of a bucket that the permit's request is counted in."""
        lines = (self.line(charge, permit.owner, permit.door) for charge in permit.charges)
        return next(line for line in lines if bucket in line.buckets)

    def knows(self, bucket: str) -> bool:
        """Whether a limit has that name."""
        return bucket in self._limits

    def charged(self) -> list[Line]:
        """Every line that was ever asked for, once."""
        return list({id(line): line for lines in self.known.values() for line in lines.values()}.values())

    def all(self) -> list[Line]:
        """Every line that was ever asked for, and an empty one of each limit that nobody charged."""
        lines = self.charged()
        names = {line.name for line in lines}
        untouched = (name for name in self._limits if name not in names)
        return lines + [self._made((name, ""), "", "", self._limits[name]) for name in untouched]

    def _joined(self, name: Name, owner: str, door: str, limits: tuple[Limit, ...]) -> Line:
        if limits[0].scope not in SHARED:
            return self._made(name, owner, door, limits)
        if name not in self._shared:
            self._shared[name] = self._made(name, "", door, limits)
        return self._shared[name]

    def _made(self, name: Name, owner: str, door: str, limits: tuple[Limit, ...]) -> Line:
        buckets = tuple(bucket_of(limit, self._share, door) for limit in limits)
        return Line(name[0], owner, name[1], limits[0].scope, buckets)

    # --- changing

    def publish(self, limits: Iterable[Limit], now: float, clocks: Clocks) -> None:
        """The venue published limits: they replace those of the same bucket and rule type; counts go on."""
        fresh: dict[tuple[str, type[LimitRule]], list[Limit]] = {}
        for limit in limits:
            fresh.setdefault((limit.bucket, type(limit.rule)), []).append(limit)
        for (name, form), rows in fresh.items():
            kept = tuple(row for row in self._limits.get(name, ()) if type(row.rule) is not form)
            self._limits[name] = (*kept, *rows)
            for line in self.charged():
                if line.name == name:
                    self._renew(line, self._limits[name], now, clocks)

    def cap(self, bucket: str, slots: int, most_urgent: Priority) -> None:
        """At most so many under way in a bucket of our own, of which a share takes no part; counts go on."""
        limit = Limit(bucket=bucket, scope=Scope.IP, rule=Concurrency(limit=slots), most_urgent=most_urgent)
        self._limits[bucket] = (limit,)
        line = self._shared.get((bucket, ""))
        if line is None:
            line = self._shared[bucket, ""] = Line(bucket, "", "", limit.scope, (bucket_of(limit, 1.0, ""),))
            self.of("")[bucket, ""] = line
        for counted in line.buckets:
            counted.set_rule(limit.rule, limit.most_urgent, 1.0)
        line.put_under(line.buckets)

    def _renew(self, line: Line, limits: tuple[Limit, ...], now: float, clocks: Clocks) -> None:
        """Put a line under other limits. A window that is new to it starts as full as the fullest of the old."""
        old = {(type(bucket.rule), bucket.period): bucket for bucket in line.buckets}
        buckets: list[Bucket] = []
        most = 0.0
        for bucket in line.buckets:
            bucket.advance(now, clocks.theta(bucket.door, now))
            most = max(most, bucket.used)
        for limit in limits:
            known = old.get((type(limit.rule), window_of(limit.rule)))
            if known is None:
                known = bucket_of(limit, self._share, line.buckets[0].door)
                known.advance(now, clocks.theta(known.door, now))
                known.seed(min(most, known.limit))
            else:
                known.set_rule(limit.rule, limit.most_urgent, self._share)
            buckets.append(known)
        line.put_under(tuple(buckets))


def impossible(why: str) -> VenueError:
    """The refusal of a request that could never go."""
    return VenueError.of(Fault(kind=Kind.INVALID_REQUEST, outcome=Outcome.NOT_SENT, message=why, hint=why))
