"""What is said between a limiter and those who ask it: lines of buckets, permits to send, delays. Decides nothing.

Who hands them out: `limiter.py`. Who makes the lines: `lines.py`. How a bucket counts: `bucket.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from unified.adapter import Charge
from unified.bucket import Bucket, Theta
from unified.errors import Scope
from unified.gates import Gate

SHARED = frozenset({Scope.IP, Scope.VENUE})
"""Scopes that reach the requests of all accounts."""


class Clocks(Protocol):
    """The venue's time, per door."""

    def theta(self, door: str, now: float) -> Theta | None:
        """Lowest and highest (venue seconds - monotonic seconds) now; None while nothing is known."""
        ...


class Line:
    """The buckets that one charge goes to: one limit for one owner and key, one bucket per window of it."""

    __slots__ = ("buckets", "key", "most", "name", "only", "owner", "scope", "waiting")

    def __init__(self, name: str, owner: str, key: str, scope: Scope, buckets: tuple[Bucket, ...]) -> None:
        self.name = name
        self.owner = owner
        self.key = key
        self.scope = scope
        self.waiting = 0
        """Requests that queue for it; whoever keeps the queue counts them here."""
        self.put_under(buckets)

    def put_under(self, buckets: tuple[Bucket, ...]) -> None:
        """Count in these from now on."""
        self.buckets = buckets
        self.most = min(bucket.limit for bucket in buckets)
        """The heaviest request that could ever go."""
        self.only = buckets[0] if len(buckets) == 1 else None
        """The bucket that is meant where no window is named; None where there are several."""


Taken = tuple[Bucket, float, float, int, float]
"""Bucket, cost, what the bucket had answered at that moment, tag for a refund, what was used with it."""


class Permit:
    """The right to send one request. Ends with exactly one of settle and refund; `lost` may come before settle."""

    __slots__ = ("charges", "door", "held", "owner", "sent_at", "taken")

    def __init__(
        self, charges: Sequence[Charge], owner: str, door: str, sent_at: float, taken: Sequence[Taken]
    ) -> None:
        self.charges = charges
        self.owner = owner
        self.door = door
        self.sent_at = sent_at
        self.taken = taken
        self.held = True

    @property
    def eases(self) -> bool:
        """Whether its end can let others start sooner."""
        for taken in self.taken:  # noqa: SIM110  # asked at every answer: a generator takes twice as long
            if taken[0].eased_by_answers:
                return True
        return False


class Delay(NamedTuple):
    """Not now."""

    at: float
    """The earliest time worth another try; infinity where only an answer can make room."""
    line: Line | None = None
    """The limit that is the cause; None where it is a gate."""
    gate: Gate | None = None
    """The gate that is the cause; None where it is a limit."""


def take_back(taken: Sequence[Taken]) -> None:
    """Forget charges, as if nothing had been asked for."""
    for bucket, cost, _, tag, _ in reversed(taken):
        bucket.refund(cost, tag)
