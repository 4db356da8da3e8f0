"""What clients of one venue share in a process, and one client's access to it.

Clients of the same venue and hosts share buckets, bans and clocks, and those of one account also its nonces and
retry budget, without being told to: the venue counts them together. Decides nothing; introduces the services of
the floor below to each other and to the loop's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from math import inf
from typing import Any
from weakref import WeakKeyDictionary

from unified.adapter import Adapter, Charge, ClockRule, Endpoint, Expiry, Stamp
from unified.admission import Admission, DoorClocks
from unified.calls import deadline as deadline_of_call
from unified.carryover import Carryover
from unified.clock import ClockReading
from unified.connection import Means
from unified.doubt import Pending
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.guards import Guards
from unified.health import Health, health_of
from unified.hooks import BanEvent, Hooks, WaitEvent
from unified.http import HttpRequest, HttpResponse
from unified.limiter import ARRIVAL_SECONDS, Limiter, LimitState, Permit
from unified.nonce import NonceSource
from unified.operations import (
    AmendOrder,
    FetchServerTime,
    Operation,
    PlaceBatch,
    PlaceOrder,
    Priority,
)
from unified.ports import Chance, Dialer, Pool
from unified.retry import RetryBudget
from unified.timekeeper import Ask, Timekeeper
from unified.world import World

_EXPIRING = (PlaceOrder, AmendOrder, PlaceBatch)
"""Operations whose request carries its own last moment, where the venue has a way to say it."""
FRESH_SECONDS = 1.0
"""A measurement of the clock that is younger than this is not repeated for a refusal that may mean the clock."""
_UNCHECKED_WINDOW_MS = 5000
"""For venues that check no time: how wide our own idea of it may be."""


class Passage:
    """One attempt's way out: its permit, and how far it has come."""

    __slots__ = (
        "endpoint",
        "handed_at",
        "operation",
        "permit",
        "priority",
        "request",
        "response",
        "sent",
        "settled",
        "stamp",
        "stamped_at",
    )

    def __init__(
        self, endpoint: Endpoint[Any, Any], operation: Operation[Any], priority: Priority, permit: Permit
    ) -> None:
        self.endpoint = endpoint
        self.priority = priority
        self.operation = operation
        self.permit = permit
        self.stamp: Stamp | None = None
        self.stamped_at = 0.0
        self.sent = False
        """About to be handed to the transport: from here on it may have left."""
        self.handed_at = 0.0
        self.request: HttpRequest | None = None
        """What the transport was handed at that time, if it was."""
        self.response: HttpResponse | None = None
        self.settled = False
        """Answered: the permit is spent."""

    @property
    def pool(self) -> Pool:
        """The connections that it uses."""
        return _pool(self.priority)


def _pool(priority: Priority) -> Pool:
    return Pool.READS if priority >= Priority.PRIVATE_READ else Pool.ORDERS


def _needs_slot(operation: Operation[Any], priority: Priority) -> bool:
    """Whether it waits while too much is under way: cancels never do, and the time is asked for by others who wait."""
    return priority is not Priority.CANCEL and not isinstance(operation, FetchServerTime)


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
        self._services: Services | None = None
        self._ask: Callable[[Operation[Any]], Any] | None = None
        self._time_questions = {
            how.door: operation(product=product)
            for (operation, product), how in adapter.endpoints.items()
            if operation is FetchServerTime and isinstance(how, Endpoint)
        }

    def ask_with(self, run: Callable[[Operation[Any]], Any]) -> None:
        """Who fetches the server's time when it has to be measured."""
        self._ask = run

    @property
    def shared(self) -> Services:
        """The services of this venue on the running loop; joined at the first use."""
        if self._services is None:
            known = _SHARED.setdefault(asyncio.get_running_loop(), {})
            key = _key(self._adapter)
            if key not in known:
                known[key] = Services(self._adapter, self._share, self._world.chance.random, self._connections)
            self._services = known[key]
            self._services.users += 1
            if self._carryover is not None:
                self._carryover.inherit(self._services.limiter, self._adapter.account)
        return self._services

    @property
    def budget(self) -> RetryBudget:
        """The tokens that retries of this account take."""
        return self.shared.budgets.setdefault(self._adapter.account, RetryBudget())

    # --- time

    def rule(self, door: str) -> ClockRule:
        """How the door treats time."""
        return self._adapter.clocks[door]

    def window_ms(self, endpoint: Endpoint[Any, Any], operation: Operation[Any]) -> int:
        """How long the request may be accepted: an order's own window, else the door's."""
        expiry = self._expiry(operation)
        if expiry is not None:
            wanted = expiry.default_ms if self._window_ms is None else self._window_ms
            return min(max(wanted, expiry.min_ms), expiry.max_ms)
        return self.rule(endpoint.door).window_ms or _UNCHECKED_WINDOW_MS

    async def clock_ready(self, endpoint: Endpoint[Any, Any], operation: Operation[Any], window_ms: int) -> None:
        """Make sure that the door's clock can be trusted for this request; measure beside it where that is enough.

        Raises `timestamp_out_of_window` (not_sent) where the clock cannot be known well enough.
        """
        if self._needs_time(endpoint, operation):
            await self._door_ready(endpoint.door, window_ms)

    async def _door_ready(self, door: str, window_ms: int) -> None:
        if door not in self._time_questions:
            return
        loop = asyncio.get_running_loop()
        clock = self.shared.timekeeper.clocks[door]
        clock.heartbeat(loop.time(), self._world.boottime())
        if clock.good(loop.time(), window_ms):
            return
        if not clock.usable(loop.time(), window_ms):
            await self._measured(door, "first use" if not clock.epoch else "not known well enough")
            if not clock.usable(loop.time(), window_ms):
                raise _clock_too_vague(clock.half_width(loop.time()), window_ms)
        elif clock.needs_sync(loop.time(), window_ms):
            self.shared.timekeeper.measure(door, self._asking(door), "age", self._hooks)

    def _needs_time(self, endpoint: Endpoint[Any, Any], operation: Operation[Any]) -> bool:
        if not endpoint.signed:
            return False
        if self.rule(endpoint.door).window_ms is not None:
            return True
        return self._expiry(operation) is not None

    def _expiry(self, operation: Operation[Any]) -> Expiry | None:
        """How the request carries its own last moment, if it does."""
        if not isinstance(operation, _EXPIRING):
            return None
        rule = self._adapter.placement[operation.product]
        return (rule.of(operation) if isinstance(operation, PlaceOrder) else rule).expiry

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
        clock = self.shared.timekeeper.clocks[door]
        return clock.now_ms(asyncio.get_running_loop().time()) if clock.known else None

    def stamp(self, passage: Passage, window_ms: int) -> Stamp:
        """What the world gives to this attempt."""
        passage.stamped_at = asyncio.get_running_loop().time()
        passage.stamp = self._stamp(passage.endpoint.door, window_ms)
        return passage.stamp

    async def stamp_of(self, door: str) -> Stamp:
        """What the world gives to frames of a stream, the door's clock being known well enough for its window."""
        window_ms = self.rule(door).window_ms
        if window_ms is not None:
            await self._door_ready(door, window_ms)
        return self._stamp(door, window_ms or _UNCHECKED_WINDOW_MS)

    def _stamp(self, door: str, window_ms: int) -> Stamp:
        account = self._adapter.account
        nonces = self.shared.nonces.get(account)
        if nonces is None:
            nonces = self.shared.nonces[account] = NonceSource()
        return Stamp(
            time_ms=self.venue_ms(door) or 0,
            window_ms=window_ms,
            nonce=nonces.next(self._world.wall.time_ns()),
            token=f"{self._world.chance.getrandbits(128):032x}",
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

    async def admit(
        self, endpoint: Endpoint[Any, Any], operation: Operation[Any], priority: Priority, deadline: float
    ) -> Passage:
        """The right to send one request now. Raises `rate_limited` or `banned` (not_sent) where it comes too late."""
        guards = self.shared.guards
        if not isinstance(operation, FetchServerTime):  # which is the probe itself
            ask = self._asking(endpoint.door) if endpoint.door in self._time_questions else None
            await guards.passed(endpoint.door, writes=operation.writes, cancel=priority is Priority.CANCEL, ask=ask)
        time_ms = self.venue_ms(endpoint.door) or 0
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        charges = endpoint.charges(operation, time_ms)
        if _needs_slot(operation, priority):
            charges = (*charges, guards.slot(endpoint.door, _pool(priority)))
        permit = await self.shared.admission.acquire(
            charges,
            owner=self._adapter.account,
            door=endpoint.door,
            priority=priority,
            deadline=deadline,
        )
        if self._carryover is not None:
            self._carryover.spent(permit, self.shared.limiter)
        if self._hooks.on_wait and loop.time() > asked_at:
            self._hooks.on_wait.emit(
                WaitEvent(
                    venue=self._adapter.venue,
                    operation=operation.name,
                    seconds=loop.time() - asked_at,
                    reason="limit",
                )
            )
        return Passage(endpoint, operation, priority, permit)

    async def spend(self, charges: Sequence[Charge], door: str) -> None:
        """Wait for the right to do what no endpoint does (to open a stream, to send a frame), and spend it."""
        if charges:
            admission = self.shared.admission
            permit = await admission.acquire(
                charges, owner=self._adapter.account, door=door, priority=Priority.PUBLIC_READ, deadline=inf
            )
            admission.settle(permit)

    # --- what became of an attempt

    def answered(self, passage: Passage, response: HttpResponse) -> None:
        """An answer came, good or bad: learn what it tells about time and limits."""
        shared, passage.settled = self.shared, True
        seen = self._adapter.observe(passage.operation, response)
        if seen.time is not None:
            shared.timekeeper.clocks[passage.endpoint.door].observe(
                response.sent_at, response.received_at, seen.time, response.fresh_connection
            )
        shared.admission.settle(passage.permit)
        shared.admission.observe(passage.permit, seen)

    def succeeded(self, passage: Passage) -> None:
        """The answer was what was wanted."""
        self._tell_guards(passage, None)

    def failed(self, passage: Passage | None, fault: Fault) -> None:
        """The attempt failed: permits are given back or kept, gates close, clocks and breakers take note."""
        if passage is None:
            return  # it was never let out
        if not passage.settled:
            self._spend(passage, left=passage.sent and fault.outcome is not Outcome.NOT_SENT)
        gates = self.shared.admission.refused(passage.permit, fault)
        if self._carryover is not None:
            self._carryover.shut(gates)
        for gate in gates:
            self._show_ban(fault, gate.until - asyncio.get_running_loop().time())
        if fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW and passage.sent:
            self.shared.timekeeper.clocks[passage.endpoint.door].suspect(passage.stamped_at)
        self._tell_guards(passage, fault)

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

    def _tell_guards(self, passage: Passage, fault: Fault | None) -> None:
        if passage.request is None or isinstance(passage.operation, FetchServerTime):
            return  # it was never handed over, or is a probe and reports for itself
        self.shared.guards.observe(
            fault,
            door=passage.endpoint.door,
            writes=passage.operation.writes,
            pool=passage.pool if _needs_slot(passage.operation, passage.priority) else None,
            cancel=passage.priority is Priority.CANCEL,
            started_at=passage.handed_at,
        )

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
        services, self._services = self._services, None
        if services is None:
            return
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
