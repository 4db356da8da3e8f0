"""Whether a venue can be traded on now, in one value. Reads what others know; decides and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from unified.breaker import BreakerReading, State
from unified.doubt import Pending
from unified.values import frozen


@frozen(kw_only=True)
class Health:
    """What `client.health()` tells. Limits and clocks in detail: `client.limits()`, `client.clock()`."""

    closed_for: float
    """Seconds until a ban or a wait that the venue asked for is over, of its address or of the account; 0 if none."""
    breakers: Mapping[str, BreakerReading]
    """By door and kind of call, as `spot writes`; only those that calls have met."""
    retry_tokens: int
    """What is left of the budget for retries; the last hundred are for cancels."""
    in_doubt: int
    """Orders whose outcome is not known."""
    oldest_doubt: float
    """Seconds since the oldest of those doubts began; 0 if there is none."""

    @property
    def cancels(self) -> bool:
        """Whether cancels can leave."""
        return not self.closed_for

    @property
    def orders(self) -> bool:
        """Whether new orders can leave: nothing is closed and no breaker of theirs is open."""
        shut = any(known.state is State.OPEN for name, known in self.breakers.items() if name.endswith(" writes"))
        return self.cancels and not shut


def health_of(
    closed_for: float, breakers: Mapping[str, BreakerReading], retry_tokens: int, pending: tuple[Pending, ...]
) -> Health:
    """The value, from what its owners know."""
    return Health(
        closed_for=closed_for,
        breakers=breakers,
        retry_tokens=retry_tokens,
        in_doubt=len(pending),
        oldest_doubt=max((doubt.age for doubt in pending), default=0.0),
    )
