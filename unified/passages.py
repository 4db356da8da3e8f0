"""One attempt's way out to the venue, and what is the same for all calls of one kind. Decides, waits and sends nothing.

A `Route` is found once for each operation and priority, so that a call looks nothing up that never changes; a `Passage`
is one attempt on it. Who makes them: `services.py`; who goes through them: `scheduler.py`.
"""

from __future__ import annotations

from typing import Any

from unified.adapter import Charge, Endpoint, FixedPrice, Stamp
from unified.breaker import Breaker
from unified.clock import ClockSync
from unified.http import HttpRequest, HttpResponse
from unified.operations import FetchServerTime, Operation, Priority
from unified.permits import Permit
from unified.ports import Pool


class Route:
    """What all calls of one operation at one priority have in common."""

    __slots__ = (
        "breaker",
        "charges",
        "clock",
        "door",
        "endpoint",
        "pool",
        "priority",
        "slot",
        "timed",
        "varies",
        "window_ms",
        "writes",
    )

    def __init__(
        self,
        endpoint: Endpoint[Any, Any],
        priority: Priority,
        *,
        writes: bool,
        clock: ClockSync,
        breaker: Breaker | None,
        slot: Charge | None,
        window_ms: int,
        timed: bool,
        varies: bool,
    ) -> None:
        self.endpoint = endpoint
        self.door = endpoint.door
        self.priority = priority
        self.pool = pool_of(priority)
        """The connections that it uses."""
        self.writes = writes
        self.clock = clock
        self.breaker = breaker
        """None for the question for the time, by which a breaker finds out whether the venue is back."""
        self.slot = slot
        """What its place among those under way is charged to; None where it needs none."""
        price = endpoint.charges
        self.charges = self._with_slot(price.charges) if isinstance(price, FixedPrice) else None
        """What each of them is charged; None where it depends on the operation or on the time."""
        self.window_ms = window_ms
        """How long the venue accepts a request of them."""
        self.timed = timed
        """Whether the venue checks its time."""
        self.varies = varies
        """Whether these two depend on the order: stops may go through a door that promises something else."""

    def charged(self, operation: Operation[Any], now: float) -> tuple[Charge, ...]:
        """What this one is charged, asked for at that time (monotonic seconds)."""
        if self.charges is not None:
            return self.charges
        return self._with_slot(self.endpoint.charges(operation, self.clock.passed_ms(now) or 0))

    def _with_slot(self, charges: tuple[Charge, ...]) -> tuple[Charge, ...]:
        return charges if self.slot is None else (*charges, self.slot)


class Passage:
    """One attempt's way out: its permit, and how far it has come."""

    stamp: Stamp | None = None
    stamped_at = 0.0
    sent = False
    """About to be handed to the transport: from here on it may have left."""
    handed_at = 0.0
    request: HttpRequest | None = None
    """What the transport was handed at that time, if it was."""
    response: HttpResponse | None = None
    settled = False
    """Answered: the permit is spent."""

    def __init__(self, route: Route, operation: Operation[Any], permit: Permit, window_ms: int) -> None:
        self.route = route
        self.operation = operation
        self.permit = permit
        self.window_ms = window_ms
        """How long the request may be accepted."""


def pool_of(priority: Priority) -> Pool:
    """The connections that requests of a priority use."""
    return Pool.READS if priority >= Priority.PRIVATE_READ else Pool.ORDERS


def needs_slot(kind: type[Operation[Any]], priority: Priority) -> bool:
    """Whether it waits while too much is under way: cancels never do, and the time is asked for by others who wait."""
    return priority is not Priority.CANCEL and not issubclass(kind, FetchServerTime)
