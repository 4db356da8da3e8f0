"""What to do after a failed attempt. Decides; never waits, never sends, never looks at a venue's own code.

`RetryPolicy` reads the facts of one failed attempt and says what may follow. It decides whether another
attempt is safe and sensible; whether it is affordable is the question of `RetryBudget`: jitter spreads a storm
of retries, only a budget shared by all calls ends it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from unified.errors import Family, Fault, Kind, Outcome
from unified.operations import CancelBatch, CancelOrder, Operation, PlaceOrder, Priority
from unified.settings import FLAG, number, setting, whole
from unified.values import frozen

TRANSIENT_BASE = 0.05
"""Seconds of the first wait after trouble of the network or the venue."""
THROTTLE_BASE = 1.0
"""Seconds of the first wait after a limit, where the venue did not say how long."""


class Effect(StrEnum):
    """What a call changes at the venue: decides what may follow an unknown outcome."""

    READ = "read"
    """Nothing."""
    ORDER = "order"
    """Makes an order that can be looked up by its client order id."""
    CANCEL = "cancel"
    """Ends orders that it names one by one: a second cancel meets the same orders and finds them closed.

    Rests on I6: an id is never used for a second order.
    """
    WRITE = "write"
    """Anything else. A cancel of everything is here: repeated, it would meet orders placed since."""


def effect_of(operation: Operation[Any]) -> Effect:
    """What the operation changes."""
    if isinstance(operation, PlaceOrder) and operation.client_order_id:
        return Effect.ORDER
    if isinstance(operation, CancelOrder | CancelBatch):
        return Effect.CANCEL
    return Effect.WRITE if operation.writes else Effect.READ


@frozen(kw_only=True)
class RetrySettings:
    """How often and how patiently a failed call is tried again. Raises ConfigurationError."""

    enabled: bool = setting(
        True, FLAG, "Whether failed calls are tried again. An order of unknown outcome is looked up in any case."
    )
    attempts: int = setting(3, whole(1, 20), "Requests for one read or one change of settings, the first included.")
    cancel_attempts: int = setting(5, whole(1, 20), "Requests for one cancel, the first included.")
    trading_cap: float = setting(
        5.0, number(0, 60), "Longest wait in seconds before an order or cancel is tried again."
    )
    other_cap: float = setting(20.0, number(0, 600), "Longest wait in seconds before another call is tried again.")


@frozen(kw_only=True)
class Facts:
    """What the policy knows of a call after a failed attempt."""

    fault: Fault
    outcome: Outcome
    """Of the call so far: the join over those of its attempts that no look-up has settled."""
    attempt: int
    """Number of the attempt that failed, from 1."""
    effect: Effect
    remaining: float
    """Seconds until the call's deadline; infinite where it has none."""
    met: frozenset[Kind] = frozenset()
    """Kinds that earlier attempts of this call met: a resync, a login, a fresh nonce is tried once."""


@frozen
class Wait:
    """Try again after so many seconds, with a new stamp, nonce and signature."""

    seconds: float


@frozen
class Resync:
    """Measure the venue's clock anew, then try again at once."""


@frozen
class Relogin:
    """Log in anew, then try again at once."""


@frozen
class Resolve:
    """Ask the venue what became of the order. Sending it again is no answer."""


@frozen
class Stop:
    """Raise now, with what is known. `retry_after` stays on the error."""


Decision = Wait | Resync | Relogin | Resolve | Stop

_REMEDIES: Mapping[Kind, Decision] = {
    Kind.TIMESTAMP_OUT_OF_WINDOW: Resync(),
    Kind.UNAUTHORIZED: Resync(),
    Kind.NONCE_REJECTED: Wait(0.0),
    Kind.SESSION_EXPIRED: Relogin(),
}
_ONCE = frozenset({*_REMEDIES, Kind.UNKNOWN})


class RetryPolicy:
    """The tables "what may follow an error" as code. `chance` gives uniform numbers in [0, 1)."""

    def __init__(self, settings: RetrySettings, chance: Callable[[], float]) -> None:
        self._settings = settings
        self._chance = chance

    def decide(self, facts: Facts) -> Decision:
        """What may follow. Never a wait that would end at the deadline or after it."""
        # A ban is never sat out inside a call, not even to look an order up: each request prolongs it.
        if facts.outcome is Outcome.DONE or facts.remaining <= 0 or facts.fault.kind is Kind.BANNED:
            return Stop()
        if facts.outcome is Outcome.UNKNOWN and facts.effect is Effect.ORDER:
            return Resolve()
        if not self._may_repeat(facts):
            return Stop()
        decision = _REMEDIES.get(facts.fault.kind) or Wait(self._delay(facts))
        if isinstance(decision, Wait) and decision.seconds >= facts.remaining:
            return Stop()
        return decision

    def _may_repeat(self, facts: Facts) -> bool:
        kind = facts.fault.kind
        if not self._settings.enabled or facts.attempt >= self._attempts(facts.effect):
            return False
        if facts.outcome is Outcome.UNKNOWN and facts.effect is Effect.WRITE:
            return False
        if kind in _ONCE and kind in facts.met:
            return False
        return facts.fault.transient or (kind is Kind.UNKNOWN and facts.effect is Effect.READ)

    def _attempts(self, effect: Effect) -> float:
        match effect:
            case Effect.ORDER:
                # Deadline and budget bound it: no copy goes out before the last one is known not to count.
                return math.inf
            case Effect.CANCEL:
                return self._settings.cancel_attempts
            case _:
                return self._settings.attempts

    def _delay(self, facts: Facts) -> float:
        """Full jitter: fewest requests of all jitters, and no state."""
        asked = facts.fault.retry_after
        if asked is not None:
            return asked + self._chance() * max(0.05, 0.1 * asked)
        base = THROTTLE_BASE if facts.fault.family is Family.THROTTLE else TRANSIENT_BASE
        cap = self._settings.other_cap if facts.effect is Effect.READ else self._settings.trading_cap
        return self._chance() * min(cap, base * 2.0 ** min(facts.attempt - 1, 30))


class RetryBudget:
    """Tokens that all calls of one venue and scope share. A retry without tokens is not made: raise instead.

    First attempts are free. What a retry took comes back when it succeeds, and each success at the first
    attempt adds one, so that a healthy venue can be retried for ever and a sick one cannot be beaten.
    """

    SIZE = 500
    RESERVE = 100
    """Kept for cancels."""
    TRANSIENT_COST = 14
    THROTTLE_COST = 5

    def __init__(self) -> None:
        self._tokens = self.SIZE

    @property
    def tokens(self) -> int:
        """What is left, the reserve for cancels included."""
        return self._tokens

    def take(self, fault: Fault, priority: Priority) -> int:
        """Pay for a retry after `fault`. Tells what it took; 0 means that the retry must not be made."""
        cost = self.THROTTLE_COST if fault.family is Family.THROTTLE else self.TRANSIENT_COST
        untouchable = 0 if priority is Priority.CANCEL else self.RESERVE
        if self._tokens - cost < untouchable:
            return 0
        self._tokens -= cost
        return cost

    def succeeded(self, taken: int) -> None:
        """A call succeeded; `taken` is what its last retry took, 0 if it had none."""
        self._tokens = min(self.SIZE, self._tokens + max(1, taken))
