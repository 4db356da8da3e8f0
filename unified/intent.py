"""The life of one wanted order, as a pure state machine: what is known, and what may be done next.

Never waits, sends or asks; time arrives as venue milliseconds of which the caller is sure (the lower bound
of the venue's clock). `placement.py` does what is decided here. The rules are I1 to I8 of docs/exactly-once.md:
a copy of the order goes out again only when no earlier copy can be accepted any more, or when the venue
promises that a repeated id never makes a second order.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import evolve

from unified.adapter import Dedup, PlacementRule
from unified.values import frozen


class Phase(StrEnum):
    READY = "ready"
    """No copy can be at the venue: never sent, refused before it left, or proved absent."""
    SENT = "sent"
    """A copy is under way; its answer is awaited."""
    UNKNOWN = "unknown"
    """A copy may have been accepted, or may still be."""
    KNOWN = "known"
    """The venue showed the order."""
    REFUSED = "refused"
    """The venue refused the only copy that could have been accepted."""


@frozen(kw_only=True)
class Intent:
    """What is known of one wanted order."""

    phase: Phase = Phase.READY
    sends: int = 0
    fence_ms: int | None = None
    """Venue time after which no copy sent so far can be accepted; None where nothing limits it."""
    doubtful: bool = False
    """An earlier copy is undecided: a refusal of a later one proves nothing about it."""

    @property
    def settled(self) -> bool:
        return self.phase in (Phase.KNOWN, Phase.REFUSED)


BEGUN = Intent()
"""Nothing has happened yet."""


# --- what happens to it


def sent(intent: Intent, expires_ms: int | None) -> Intent:
    """A copy was handed to the transport. `expires_ms` is its last moment at the venue, if it has one."""
    if intent.phase in (Phase.SENT, Phase.KNOWN):
        raise ValueError(f"an order that is {intent.phase} is not sent again")
    fence = expires_ms
    if intent.doubtful:
        fence = None if intent.fence_ms is None or expires_ms is None else max(intent.fence_ms, expires_ms)
    return Intent(phase=Phase.SENT, sends=intent.sends + 1, fence_ms=fence, doubtful=intent.doubtful)


def not_sent(intent: Intent) -> Intent:
    """The copy never left: as if it had not been tried."""
    return evolve(intent, phase=Phase.UNKNOWN if intent.doubtful else Phase.READY, sends=intent.sends - 1)


def lost(intent: Intent) -> Intent:
    """No definite answer came."""
    return evolve(intent, phase=Phase.UNKNOWN, doubtful=True)


def refused(intent: Intent) -> Intent:
    """The venue refused this copy; that settles the order only if no other copy is in doubt."""
    return evolve(intent, phase=Phase.UNKNOWN if intent.doubtful else Phase.REFUSED)


def found(intent: Intent) -> Intent:
    """The venue showed the order, in an answer or when asked."""
    return Intent(phase=Phase.KNOWN, sends=intent.sends, fence_ms=intent.fence_ms)


def not_found(intent: Intent, asked_ms: int, rule: PlacementRule) -> Intent:
    """The venue, asked at a moment when its clock surely read `asked_ms` or later, does not show the order.

    Proves absence only after the fence, and after the time that an accepted order may stay invisible.
    """
    if intent.phase is not Phase.UNKNOWN or not proves_absence(intent, asked_ms, rule):
        return intent
    return evolve(intent, phase=Phase.READY, doubtful=False)


def told(intent: Intent, *, exists: bool) -> Intent:
    """Somebody looked at the venue where no answer proves anything, and takes the responsibility for what he saw."""
    return found(intent) if exists else evolve(intent, phase=Phase.READY, doubtful=False)


# --- what may be done


def proves_absence(intent: Intent, asked_ms: int, rule: PlacementRule) -> bool:
    """Whether 'not found', asked at `asked_ms`, means that no copy exists and none can come to be."""
    settled_ms = settled_at_ms(intent, rule)
    return settled_ms is not None and asked_ms > settled_ms


def settled_at_ms(intent: Intent, rule: PlacementRule) -> int | None:
    """Venue time from which an answer 'not found' is proof; None where it never is."""
    if not rule.queryable or rule.expiry is None or intent.fence_ms is None:
        return None
    return intent.fence_ms + round(rule.visibility * 1000)


def may_send(intent: Intent, rule: PlacementRule) -> bool:
    """Whether a copy may go out now."""
    if intent.phase is Phase.READY:
        return True
    return intent.phase is Phase.UNKNOWN and rule.dedup is Dedup.EVER
