"""What clients of one venue share in a process, and one client's access to it.

Clients of the same venue and hosts share buckets, bans and clocks, and those of one account also its nonces and
retry budget, without being told to: the venue counts them together. Decides nothing; introduces the services of
the floor below to each other and to the loop's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from math import inf
from typing import Any
from weakref import WeakKeyDictionary

from unified.adapter import Adapter, Charge, ClockRule, Endpoint, Expiry, Stamp
from unified.admission import Admission, DoorClocks
from unified.calls import deadline as deadline_of_call
from unified.carryover import Carryover
from unified.clock import ClockReading, ClockSync
from unified.connection import Means
from unified.doubt import Pending
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.guards import Guards
from unified.health import Health, health_of
from unified.hooks import BanEvent, Hooks, WaitEvent
from unified.http import HttpResponse
from unified.instrument import Product
from unified.limiter import ARRIVAL_SECONDS, Limiter, LimitState, Permit
from unified.nonce import NonceSource, TokenSource
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
from unified.retry import RetryBudget
from unified.timekeeper import Ask, Timekeeper
from unified.world import World

_EXPIRING = (PlaceOrder, AmendOrder, PlaceBatch)
"""Operations whose request carries its own last moment, where the venue has a way to say it."""
FRESH_SECONDS = 1.0
"""A measurement of the clock that is younger than this is not repeated for a refusal that may mean the clock."""
_UNCHECKED_WINDOW_MS = 5000
"""For venues that check no time: how wide our own idea of it may be."""


class Services:
    """Everything that clients of one venue environment share."""

    def __init__(self, adapter: Adapter, share: float, chance: Callable[[], float], connections: int) -> None:
        self.users = 0
        self.share = share
        self.timekeeper = Timekeeper(adapter.venue, tuple(adapter.environment.hosts))
        self.limiter = Limiter(adapter.limits, share=share)
        self.admission = Admission(self.limiter, DoorClocks(self.timekeeper.clocks), venue=adapter.venue)
        self.guards = Guards(self.admission, chance, connections)
        self.nonces: dict[str, NonceSource] = {}
        self.budgets: dict[str, RetryBudget] = {}


_SHARED: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[Any, ...], Services]] = WeakKeyDictionary()


def forget_shared() -> None:
    """Forget what clients of the running loop share, as the end of a process does: simulations crash their clients."""
    _SHARED.pop(asyncio.get_running_loop(), None)


def _key(adapter: Adapter) -> tuple[Any, ...]:
    return adapter.venue, tuple(sorted(adapter.environment.hosts.items()))


class Access:
    """One client's way to the services: knows its adapter, its account and its settings."""

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
        self._share = share
        self._window_ms = window_ms
        self._connections = connections
        self._carryover = carryover
        self._tokens = TokenSource(world.chance.getrandbits)
        self.routes: dict[tuple[type[Operation[Any]], Product, Priority], Route] = {}
        """How calls leave, of what was called at least once: see `route`."""
        self._ask: Callable[[Operation[Any]], Any] | None = None
        self._time_questions = {
            how.door: operation(product=product)
            for (operation, product), how in adapter.endpoints.items()
            if operation is FetchServerTime and isinstance(how, Endpoint)
        }

    def ask_with(self, run: Callable[[Operation[Any]], Any]) -> None:
        """Who fetches the server's time when it has to be measured."""
        self._ask = run

    @cached_property
    def shared(self) -> Services:
        """The services of this venue on the running loop; joined at the first use, left by `aclose`."""
        known = _SHARED.setdefault(asyncio.get_running_loop(), {})
        key = _key(self._adapter)
        if key not in known:
            known[key] = Services(self._adapter, self._share, self._world.chance.random, self._connections)
        known[key].users += 1
        if self._carryover is not None:
            self._carryover.inherit(known[key].limiter, self._adapter.account)
        return known[key]

    @cached_property
    def budget(self) -> RetryBudget:
        """The tokens that retries of this account take."""
        return self.shared.budgets.setdefault(self._adapter.account, RetryBudget())

    @cached_property
    def _nonces(self) -> NonceSource:
        return self.shared.nonces.setdefault(self._adapter.account, NonceSource())

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
        shared, door = self.shared, endpoint.door
        placement = self._adapter.placement[product] if issubclass(kind, _EXPIRING) else None
        window_ms, timed = self._window_of(endpoint, None if placement is None else placement.expiry)
        return Route(
            endpoint,
            priority,
            writes=kind.writes,
            clock=shared.timekeeper.clocks[door],
            breaker=None if issubclass(kind, FetchServerTime) else shared.guards.breaker(door, writes=kind.writes),
            slot=shared.guards.slot(door, pool_of(priority)) if needs_slot(kind, priority) else None,
            window_ms=window_ms,
            timed=timed,
            varies=issubclass(kind, PlaceOrder) and placement is not None and placement.stops is not None,
        )

    # --- time

    def rule(self, door: str) -> ClockRule:
        """How the door treats time."""
        return self._adapter.clocks[door]

    def _window(self, route: Route, operation: Operation[Any]) -> tuple[int, bool]:
        """How long the request may be accepted, and whether the venue checks that."""
        if route.varies and isinstance(operation, PlaceOrder):
            return self._window_of(route.endpoint, self._adapter.placement[operation.product].of(operation).expiry)
        return route.window_ms, route.timed

    def _window_of(self, endpoint: Endpoint[Any, Any], expiry: Expiry | None) -> tuple[int, bool]:
        """The window of requests that carry their own last moment, else that of the door."""
        if expiry is None:
            window_ms = self.rule(endpoint.door).window_ms
            return window_ms or _UNCHECKED_WINDOW_MS, endpoint.signed and window_ms is not None
        wanted = expiry.default_ms if self._window_ms is None else self._window_ms
        return min(max(wanted, expiry.min_ms), expiry.max_ms), endpoint.signed

    async def clock_ready(self, route: Route, operation: Operation[Any]) -> None:
        """Make sure that the door's clock can be trusted for this request; measure beside it where that is enough.

        Raises `timestamp_out_of_window` (not_sent) where the clock cannot be known well enough.
        """
        window_ms, timed = self._window(route, operation)
        if timed:
            await self._door_ready(route.door, window_ms)

    def _is_good(self, clock: ClockSync, window_ms: int, now: float) -> bool:
        """Whether nobody need look closer at the clock, the machine having been awake."""
        clock.heartbeat(now, self._world.boottime())
        return clock.good(now, window_ms)

    async def _door_ready(self, door: str, window_ms: int) -> None:
        if door not in self._time_questions:
            return
        loop = asyncio.get_running_loop()
        clock = self.shared.timekeeper.clocks[door]
        if self._is_good(clock, window_ms, loop.time()):
            return
        if not clock.usable(loop.time(), window_ms):
            await self._measured(door, "first use" if not clock.epoch else "not known well enough")
            if not clock.usable(loop.time(), window_ms):
                raise _clock_too_vague(clock.half_width(loop.time()), window_ms)
        elif clock.needs_sync(loop.time(), window_ms):
            self.shared.timekeeper.measure(door, self._asking(door), "age", self._hooks)

    async def resync(self, door: str, reason: Kind) -> None:
        """Measure the clock anew after the venue refused a time; callers at the same moment share it.

        A refusal of what was stamped before the last measurement has been answered by it already.
        """
        if door not in self._time_questions:
            return
        clock, now = self.shared.timekeeper.clocks[door], asyncio.get_running_loop().time()
        age = clock.reading(now, 0).age
        # "Unauthorized" may mean the clock without saying so: look, unless somebody just has.
        in_doubt = reason is Kind.UNAUTHORIZED and (age is None or age > FRESH_SECONDS)
        if in_doubt or clock.needs_sync(now, self.rule(door).window_ms or _UNCHECKED_WINDOW_MS):
            await self._measured(door, reason)

    async def _measured(self, door: str, reason: str) -> None:
        """Wait for a measurement, no longer than the call lasts: the next step of the call finds its time over."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline_of_call()):
                await self.shared.timekeeper.measured(door, self._asking(door), reason, self._hooks)

    def _asking(self, door: str) -> Ask:
        run = self._ask
        if run is None:
            raise RuntimeError("nobody to ask for the time: ask_with was not called")
        return lambda: run(self._time_questions[door])

    def venue_ms(self, door: str) -> int | None:
        """Venue time that has surely passed; None while it is not known."""
        return self.shared.timekeeper.clocks[door].passed_ms(asyncio.get_running_loop().time())

    def stamp(self, passage: Passage, now: float) -> Stamp:
        """What the world gives to this attempt, `now` in loop seconds."""
        passage.stamped_at = now
        route = passage.route
        stamp = passage.stamp = self._stamp(route.clock, passage.window_ms, now, signed=route.endpoint.signed)
        return stamp

    async def stamp_of(self, door: str) -> Stamp:
        """What the world gives to frames of a stream, the door's clock being known well enough for its window."""
        window_ms = self.rule(door).window_ms
        if window_ms is not None:
            await self._door_ready(door, window_ms)
        clock = self.shared.timekeeper.clocks[door]
        return self._stamp(clock, window_ms or _UNCHECKED_WINDOW_MS, asyncio.get_running_loop().time(), signed=True)

    def _stamp(self, clock: ClockSync, window_ms: int, now: float, *, signed: bool) -> Stamp:
        return Stamp(
            time_ms=clock.passed_ms(now) or 0,
            window_ms=window_ms,
            nonce=self._nonces.next(self._world.wall.time_ns()) if signed else 0,
            token=self._tokens.next() if signed else "",
        )

    def now_ms(self, door: str) -> int:
        """The venue's time, at the latest that has surely passed; the machine's own where it was never told."""
        known = self.venue_ms(door)
        return self._world.wall.time_ns() // 1_000_000 if known is None else known

    @property
    def chance(self) -> Chance:
        """Where jitter comes from."""
        return self._world.chance

    def doubt(self, door: str, stamped_at: float) -> None:
        """A stamp that was made at that loop time was refused outside of any call: measure before the next one."""
        self.shared.timekeeper.clocks[door].suspect(stamped_at)

    def means(self, dialer: Dialer, run: Callable[[Operation[Any]], Coroutine[Any, Any, Any]]) -> Means:
        """What connections of this client need of the world."""
        return Means(
            dialer=dialer, run=run, spend=self.spend, stamp=self.stamp_of, doubt=self.doubt, chance=self.chance
        )

    # --- limits

    def enter(self, route: Route, operation: Operation[Any], deadline: float, now: float) -> Passage | None:
        """The right to send one request now, where nothing has to be waited for; else None: see `admit`."""
        window_ms, timed = self._window(route, operation) if route.varies else (route.window_ms, route.timed)
        if timed and not self._is_good(route.clock, window_ms, now):
            return None
        if route.breaker is not None and not route.breaker.closed:
            return None
        charges, account = route.charges or route.charged(operation, now), self._adapter.account
        permit = self.shared.admission.granted(charges, now, route.priority, deadline, account, route.door)
        return None if permit is None else self._passage(route, operation, permit, window_ms)

    async def admit(self, route: Route, operation: Operation[Any], deadline: float) -> Passage:
        """The right to send one request, as soon as there is one. Say `clock_ready` before it and after it.

        Raises `rate_limited` or `banned` (not_sent) where it would come too late.
        """
        if route.breaker is not None:
            ask = self._asking(route.door) if route.door in self._time_questions else None
            cancel = route.priority is Priority.CANCEL
            await self.shared.guards.passed(route.door, writes=route.writes, cancel=cancel, ask=ask)
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        permit = await self.shared.admission.acquire(
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
        return self._passage(route, operation, permit, self._window(route, operation)[0])

    def _passage(self, route: Route, operation: Operation[Any], permit: Permit, window_ms: int) -> Passage:
        if self._carryover is not None:
            self._carryover.spent(permit, self.shared.limiter)
        return Passage(route, operation, permit, window_ms)

    async def spend(self, charges: Sequence[Charge], door: str) -> None:
        """Wait for the right to do what no endpoint does (to open a stream, to send a frame), and spend it."""
        if charges:
            admission = self.shared.admission
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
        self.shared.admission.answered(passage.permit, seen, now)

    def succeeded(self, passage: Passage, now: float) -> None:
        """The answer was what was wanted."""
        self._tell_guards(passage, None, now)

    def failed(self, passage: Passage | None, fault: Fault) -> None:
        """The attempt failed: permits are given back or kept, gates close, clocks and breakers take note."""
        if passage is None:
            return  # it was never let out
        if not passage.settled:
            self._spend(passage, left=passage.sent and fault.outcome is not Outcome.NOT_SENT)
        gates = self.shared.admission.refused(passage.permit, fault)
        if self._carryover is not None:
            self._carryover.shut(gates)
        now = asyncio.get_running_loop().time()
        for gate in gates:
            self._show_ban(fault, gate.until - now)
        if fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW and passage.sent:
            passage.route.clock.suspect(passage.stamped_at)
        self._tell_guards(passage, fault, now)

    def abandoned(self, passage: Passage) -> None:
        """The caller was cancelled in the middle of the attempt."""
        if not passage.settled:
            self._spend(passage, left=passage.sent)

    def _spend(self, passage: Passage, *, left: bool) -> None:
        """Give back the permit of what never left; keep that of what may still arrive for as long as it may."""
        if left:
            self.shared.admission.lost(passage.permit, asyncio.get_running_loop().time() + ARRIVAL_SECONDS)
        else:
            self.shared.admission.refund(passage.permit)

    def _tell_guards(self, passage: Passage, fault: Fault | None, now: float) -> None:
        route = passage.route
        if passage.request is None or route.breaker is None:
            return  # it was never handed over, or is a probe and reports for itself
        cancel = route.priority is Priority.CANCEL
        route.breaker.observe(fault, started_at=passage.handed_at, now=now, cancel=cancel)
        if route.slot is not None:
            self.shared.guards.freed(route.slot, fault, started_at=passage.handed_at, now=now)

    def _show_ban(self, fault: Fault, seconds: float) -> None:
        if self._hooks.on_ban:
            self._hooks.on_ban.emit(
                BanEvent(venue=self._adapter.venue, scope=fault.scope, kind=fault.kind, seconds=seconds)
            )

    # --- what is known

    def limits(self) -> tuple[LimitState, ...]:
        """Every bucket of the venue."""
        return self.shared.admission.snapshot()

    def clocks(self) -> Mapping[str, ClockReading]:
        """Every clock of the venue, by door."""
        now, wall_us = asyncio.get_running_loop().time(), self._world.wall.time_ns() // 1000
        return {door: clock.reading(now, wall_us) for door, clock in self.shared.timekeeper.clocks.items()}

    def health(self, pending: tuple[Pending, ...]) -> Health:
        """Whether the venue can be traded on, given the orders in doubt."""
        shared = self.shared
        closed_for = shared.admission.closed_for(self._adapter.account)
        return health_of(closed_for, shared.guards.readings(), self.budget.tokens, pending)

    async def aclose(self) -> None:
        """Leave; the last one to leave stops what runs."""
        services = vars(self).pop("shared", None)
        if services is None:
            return
        vars(self).pop("budget", None)
        vars(self).pop("_nonces", None)
        self.routes.clear()
        services.users -= 1
        if not services.users:
            _SHARED.get(asyncio.get_running_loop(), {}).pop(_key(self._adapter), None)
            await services.timekeeper.aclose()


def _clock_too_vague(half_width: float, window_ms: int) -> VenueError:
    return VenueError.of(
        Fault(
            kind=Kind.TIMESTAMP_OUT_OF_WINDOW,
            outcome=Outcome.NOT_SENT,
            message=f"the venue's time is known to {half_width:.3f} s only, the window is {window_ms} ms",
            hint="The way to the venue is too slow or too uneven for this window: widen it or find a better line.",
        )
    )
