"""What a venue's refusal shuts, and for how long: bans and throttling, each for exactly its scope. Waits for nothing.

The gates themselves are kept by `gates.py`; which faults come to be is the adapters' affair.
"""

from __future__ import annotations

from unified.errors import Fault, Kind, Scope
from unified.gates import Gate, Gates
from unified.permits import SHARED, Permit

BAN_SECONDS = 120.0
"""A ban whose end the venue did not tell: the shortest that venues are known to impose (Binance, 2 minutes)."""
LONGEST_WINDOW = 60.0
"""Seconds to keep a scope shut after a refusal without a wait: one window of the bucket, but no more than this."""
THROTTLES = frozenset({Kind.RATE_LIMITED, Kind.ORDER_RATE_LIMITED, Kind.BANNED})


def shut(gates: Gates, permit: Permit, fault: Fault, now: float) -> tuple[Gate, ...]:
    """Shut what a throttling fault reaches, for every caller, at once. Other faults shut nothing.

    Where the venue named no wait, a ban lasts two minutes and anything else one window of the bucket.
    """
    if fault.kind not in THROTTLES:
        return ()
    wait = fault.retry_after
    if wait is None:
        wait = BAN_SECONDS if fault.kind is Kind.BANNED else _window(permit, fault.scope in SHARED)
    keys = dict.fromkeys(charge.key for charge in permit.charges) if fault.scope is Scope.SYMBOL else ("",)
    closed = (
        gates.close(
            fault.scope,
            owner=permit.owner,
            key=key,
            until=now + wait,
            reason=fault.message or str(fault.kind),
            banned=fault.kind is Kind.BANNED,
        )
        for key in keys
    )
    return tuple(gate for gate in closed if gate is not None)


def _window(permit: Permit, shared: bool) -> float:
    """Seconds after which the shortest window of that reach is surely a fresh one; 1 s where there is no window."""
    reached = (bucket for bucket, *_ in permit.taken if (bucket.scope in SHARED) is shared)
    periods = [bucket.period for bucket in reached if bucket.period is not None]
    return min(*periods, LONGEST_WINDOW) if periods else 1.0
