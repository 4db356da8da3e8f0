"""What stands between calls and a venue in trouble: a breaker per door and kind of call, a bulkhead per door and pool.

Decides nothing (`breaker.py` and `bulkhead.py` do); asks for the server's time where a breaker wants to know whether
the venue is back, and gives the slots of a bulkhead to the limiter, in whose queue requests wait for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from unified.adapter import Charge
from unified.admission import Admission
from unified.breaker import Breaker, BreakerReading, Probe, Refuse
from unified.bulkhead import Bulkhead
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.operations import Priority
from unified.ports import Pool

_MOST_URGENT = {Pool.ORDERS: Priority.CLOSE, Pool.READS: Priority.PRIVATE_READ}
"""Who may use the last slots of a pool."""
Ask = Callable[[], Awaitable[object]]
"""Fetches the server's time once."""


class Guards:
    """The breakers and bulkheads of one venue environment, shared by its clients."""

    def __init__(self, admission: Admission, chance: Callable[[], float], connections: int) -> None:
        """`connections` is how many of a pool there are to a door: never more are under way."""
        self._admission = admission
        self._chance = chance
        self._connections = connections
        self._breakers: dict[tuple[str, bool], Breaker] = {}
        self._bulkheads: dict[str, tuple[Pool, Bulkhead]] = {}
        """By the bucket of their slots."""
        self._slots: dict[tuple[str, Pool], Charge] = {}

    # --- breakers

    async def passed(self, door: str, *, writes: bool, cancel: bool, ask: Ask | None) -> None:
        """Let the call through, or probe first. Raises `overloaded` (not_sent) while the venue answers nobody."""
        breaker, loop = self.breaker(door, writes=writes), asyncio.get_running_loop()
        while True:
            verdict = breaker.allowed(loop.time(), cancel=cancel)
            if isinstance(verdict, Refuse):
                raise _broken(verdict.retry_after)
            if not isinstance(verdict, Probe) or ask is None:
                return
            await _probe(breaker, ask)

    def breaker(self, door: str, *, writes: bool) -> Breaker:
        """The one of a kind of call; made when first asked for."""
        breaker = self._breakers.get((door, writes))
        if breaker is None:
            breaker = self._breakers[door, writes] = Breaker(self._chance)
        return breaker

    def readings(self) -> Mapping[str, BreakerReading]:
        """The breakers by door and kind of call, as `spot writes`."""
        now = asyncio.get_running_loop().time()
        named = {f"{door} {'writes' if writes else 'reads'}": found for (door, writes), found in self._breakers.items()}
        return {name: breaker.reading(now) for name, breaker in sorted(named.items())}

    # --- bulkheads

    def slot(self, door: str, pool: Pool) -> Charge:
        """What a request is charged for its place among those under way."""
        charge = self._slots.get((door, pool))
        if charge is None:
            charge = self._slots[door, pool] = Charge(f"under way, {door} {pool}")
            bulkhead = Bulkhead(self._connections)
            self._bulkheads[charge.bucket] = pool, bulkhead
            self._admission.cap(charge.bucket, bulkhead.slots, _MOST_URGENT[pool])
        return charge

    def freed(self, slot: Charge, fault: Fault | None, *, started_at: float, now: float) -> None:
        """A request that held a slot since `started_at` (loop seconds) has ended; None says that it succeeded."""
        pool, bulkhead = self._bulkheads[slot.bucket]
        if bulkhead.observe(fault, started_at=started_at, now=now):
            self._admission.cap(slot.bucket, bulkhead.slots, _MOST_URGENT[pool])


async def _probe(breaker: Breaker, ask: Ask) -> None:
    """Ask for the server's time, so that no order has to find out whether the venue is back."""
    loop = asyncio.get_running_loop()
    started, fault = loop.time(), None
    try:
        await ask()
    except VenueError as error:
        fault = error.fault
    breaker.observe(fault, started_at=started, now=loop.time(), cancel=False)


def _broken(retry_after: float) -> VenueError:
    return VenueError.of(
        Fault(
            kind=Kind.OVERLOADED,
            outcome=Outcome.NOT_SENT,
            scope=Scope.VENUE,
            retry_after=retry_after,
            hint="Most recent calls failed, so none is sent until the venue answers again. Cancels still go out.",
        )
    )
