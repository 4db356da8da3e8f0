"""One client's way to the services: the right to send, and what the services learn of what became of it.

What is shared, and with whom, stands in `sharing.py`; clocks and stamps in `stamping.py`. Decides nothing: introduces
the services of the floor below to each other and to the loop's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from math import inf
from typing import Any

from unified.adapter import Adapter, Charge, Endpoint
from unified.carryover import Carryover
from unified.clock import ClockReading
from unified.connection import Means
from unified.doubt import Pending
from unified.errors import Fault, Kind, Outcome
from unified.health import Health, health_of
from unified.hooks import BanEvent, Hooks, WaitEvent
from unified.http import HttpResponse
from unified.instrument import Product
from unified.limit_states import LimitState
from unified.limiter import ARRIVAL_SECONDS
from unified.operations import (
    AmendOrder,
    FetchServerTime,
    Operation,
    PlaceBatch,
    PlaceOrder,
    Priority,
)
from unified.passages import Passage, Route, needs_slot, pool_of
from unified.ports import Chance, Dialer
from unified.sharing import Membership
from unified.stamping import Stamping
from unified.world import World

_EXPIRING = (PlaceOrder, AmendOrder, PlaceBatch)
"""Operations whose request carries its own last moment, where the venue has a way to say it."""


class Access:
    """Knows its adapter, its account and its settings."""

    def __init__(
        self,
        adapter: Adapter,
        hooks: Hooks,
        world: World,
        share: float,
        window_ms: int | None,
        connections: int,
        carryover: Carryover | None = None,
    ) -> None:
        self._adapter = adapter
        self._hooks = hooks
        self._world = world
        self._carryover = carryover
        self.shared = Membership(adapter, world, share, connections, carryover)
        self.stamping = Stamping(adapter, self.shared, world, hooks, window_ms)
        self.routes: dict[tuple[type[Operation[Any]], Product, Priority], Route] = {}
        """How calls leave, of what was called at least once: see `route`."""

    # --- routes

    def route(
        self, endpoint: Endpoint[Any, Any], kind: type[Operation[Any]], product: Product, priority: Priority
    ) -> Route:
        """How calls of an operation leave through its endpoint: found at the first of them."""
        known = self.routes.get((kind, product, priority))
        if known is None:
            known = self.routes[kind, product, priority] = self._found(endpoint, kind, product, priority)
        return known

    def _found(
        self, endpoint: Endpoint[Any, Any], kind: type[Operation[Any]], product: Product, priority: Priority
    ) -> Route:
        services, door = self.shared.services, endpoint.door
        placement = self._adapter.placement[product] if issubclass(kind, _EXPIRING) else None
        window_ms, timed = self.stamping.window_of(endpoint, None if placement is None else placement.expiry)
        return Route(
            endpoint,
            priority,
            writes=kind.writes,
            clock=services.timekeeper.clocks[door],
            breaker=None if issubclass(kind, FetchServerTime) else services.guards.breaker(door, writes=kind.writes),
            slot=services.guards.slot(door, pool_of(priority)) if needs_slot(kind, priority) else None,
            window_ms=window_ms,
            timed=timed,
            varies=issubclass(kind, PlaceOrder) and placement is not None and placement.stops is not None,
        )

    # --- limits

    def enter(self, route: Route, operation: Operation[Any], deadline: float, now: float) -> Passage | None:
        """The right to send one request now, where nothing has to be waited for; else None: see `admit`."""
        window_ms, timed = self.stamping.window(route, operation) if route.varies else (route.window_ms, route.timed)
        if timed and not self.stamping.is_good(route.clock, window_ms, now):
            return None
        if route.breaker is not None and not route.breaker.closed:
            return None
        charges, account = route.charges or route.charged(operation, now), self._adapter.account
        services = self.shared.services
        permit = services.admission.granted(charges, now, route.priority, deadline, account, route.door)
        if permit is None:
            return None
        if self._carryover is not None:
            self._carryover.spent(permit, services.limiter)
        return Passage(route, operation, permit, window_ms)

    async def clock_ready(self, route: Route, operation: Operation[Any]) -> None:
        """Make sure that the clock can be trusted for this request: see `Stamping.ready`."""
        window_ms, timed = self.stamping.window(route, operation)
        if timed:
            await self.stamping.ready(route.door, window_ms)

    async def admit(self, route: Route, operation: Operation[Any], deadline: float) -> Passage:
        """The right to send one request, as soon as there is one. Say `clock_ready` before and after it.

        Raises `rate_limited` or `banned` (not_sent) where it would come too late.
        """
        if route.breaker is not None:
            ask, cancel = self.stamping.asking(route.door), route.priority is Priority.CANCEL
            await self.shared.services.guards.passed(route.door, writes=route.writes, cancel=cancel, ask=ask)
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        permit = await self.shared.services.admission.acquire(
            route.charged(operation, asked_at),
            owner=self._adapter.account,
            door=route.door,
            priority=route.priority,
            deadline=deadline,
        )
        if self._hooks.on_wait and loop.time() > asked_at:
            self._hooks.on_wait.emit(
                WaitEvent(
                    venue=self._adapter.venue,
                    operation=operation.name,
                    seconds=loop.time() - asked_at,
                    reason="limit",
                )
            )
        if self._carryover is not None:
            self._carryover.spent(permit, self.shared.services.limiter)
        return Passage(route, operation, permit, self.stamping.window(route, operation)[0])

    # --- streams

    @property
    def chance(self) -> Chance:
        """Where jitter comes from."""
        return self._world.chance

    def means(self, dialer: Dialer, run: Callable[[Operation[Any]], Coroutine[Any, Any, Any]]) -> Means:
        """What connections of this client need of the world."""
        return Means(
            dialer=dialer,
            run=run,
            spend=self.spend,
            stamp=self.stamping.stamp_of,
            doubt=self.stamping.doubt,
            chance=self.chance,
        )

    async def spend(self, charges: Sequence[Charge], door: str) -> None:
        """Wait for the right to do what no endpoint does (to open a stream, to send a frame), and spend it."""
        if charges:
            admission = self.shared.services.admission
            permit = await admission.acquire(
                charges, owner=self._adapter.account, door=door, priority=Priority.PUBLIC_READ, deadline=inf
            )
            admission.settle(permit)

    # --- what became of an attempt

    def answered(self, passage: Passage, response: HttpResponse, now: float) -> None:
        """An answer came, good or bad: learn what it tells about time and limits."""
        passage.settled = True
        seen = self._adapter.observe(passage.operation, response)
        if seen.time is not None:
            passage.route.clock.observe(response.sent_at, response.received_at, seen.time, response.fresh_connection)
        self.shared.services.admission.answered(passage.permit, seen, now)

    def failed(self, passage: Passage | None, fault: Fault) -> None:
        """The attempt failed: permits are given back or kept, gates close, clocks and breakers take note."""
        if passage is None:
            return  # it was never let out
        if not passage.settled:
            self._spend(passage, left=passage.sent and fault.outcome is not Outcome.NOT_SENT)
        gates = self.shared.services.admission.refused(passage.permit, fault)
        if self._carryover is not None:
            self._carryover.shut(gates)
        now = asyncio.get_running_loop().time()
        for gate in gates:
            self._show_ban(fault, gate.until - now)
        if fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW and passage.sent:
            passage.route.clock.suspect(passage.stamped_at)
        self.ended(passage, fault, now)

    def abandoned(self, passage: Passage) -> None:
        """The caller was cancelled in the middle of the attempt."""
        if not passage.settled:
            self._spend(passage, left=passage.sent)

    def _spend(self, passage: Passage, *, left: bool) -> None:
        """Give back the permit of what never left; keep that of what may still arrive for as long as it may."""
        if left:
            self.shared.services.admission.lost(passage.permit, asyncio.get_running_loop().time() + ARRIVAL_SECONDS)
        else:
            self.shared.services.admission.refund(passage.permit)

    def ended(self, passage: Passage, fault: Fault | None, now: float) -> None:
        """Tell breaker and bulkhead; None says that the answer was what was wanted."""
        route = passage.route
        if passage.request is None or route.breaker is None:
            return  # it was never handed over, or is a probe and reports for itself
        cancel = route.priority is Priority.CANCEL
        route.breaker.observe(fault, started_at=passage.handed_at, now=now, cancel=cancel)
        if route.slot is not None:
            self.shared.services.guards.freed(route.slot, fault, started_at=passage.handed_at, now=now)

    def _show_ban(self, fault: Fault, seconds: float) -> None:
        if self._hooks.on_ban:
            self._hooks.on_ban.emit(
                BanEvent(venue=self._adapter.venue, scope=fault.scope, kind=fault.kind, seconds=seconds)
            )

    # --- what is known

    def limits(self) -> tuple[LimitState, ...]:
        """Every bucket of the venue."""
        return self.shared.services.admission.snapshot()

    def clocks(self) -> Mapping[str, ClockReading]:
        """Every clock of the venue, by door."""
        now, wall_us = asyncio.get_running_loop().time(), self._world.wall.time_ns() // 1000
        return {door: clock.reading(now, wall_us) for door, clock in self.shared.services.timekeeper.clocks.items()}

    def health(self, pending: tuple[Pending, ...]) -> Health:
        """Whether the venue can be traded on, given the orders in doubt."""
        services = self.shared.services
        closed_for = services.admission.closed_for(self._adapter.account)
        return health_of(closed_for, services.guards.readings(), self.shared.budget.tokens, pending)

    async def aclose(self) -> None:
        """Leave; the last one to leave stops what runs."""
        self.routes.clear()
        await self.shared.leave()
