"""The queue in front of the limiter: the only place where a request waits for its turn. Counts nothing itself.

    permit = await admission.acquire(charges, priority=..., deadline=..., owner=..., door=...)
    admission.settle(permit) / refund(permit) / lost(permit, until)        exactly one end for every permit
    admission.observe(permit, observation) / refused(permit, fault)        what the venue said beside that

Who goes first: cancels, closes, orders, private reads, public reads; first come, first served among equals; who
has waited a quarter of its time moves up one class, but never before a cancel. Whoever is first and does not
fit keeps its turn: lighter requests behind it may use the gap only if it can start no later for that. Granting
is one synchronous function, `_dispatch`; nothing polls, nothing locks. Time is `loop.time()` alone.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import count

from unified.adapter import Charge, Observation
from unified.bucket import DRIFT, Theta
from unified.clock import ClockSync
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.gates import Gate
from unified.limiter import Clocks, Delay, Limiter, LimitState, Line, Permit
from unified.operations import Priority

AGEING_SECONDS = 15.0
"""Who has all the time in the world still moves up one class this often."""
GRANTS_AT_ONCE = 250
"""So many are let out in one turn of the loop, the next ones in the next: a full window must not stop the loop."""
_CACHED_SECONDS = 1.0


class DoorClocks:
    """The clocks of all doors, as the limiter wants them: each interval is worked out once a second."""

    def __init__(self, clocks: Mapping[str, ClockSync]) -> None:
        self._clocks = clocks
        self._known: dict[str, tuple[int, float, Theta]] = {}

    def theta(self, door: str, now: float) -> Theta | None:
        """Lowest and highest (venue seconds - monotonic seconds) now; None while nothing is known."""
        clock = self._clocks.get(door)
        if clock is None:
            return None
        known = self._known.get(door)
        if known is not None and now < known[1] and known[0] == clock.epoch:
            return known[2]  # it would be another epoch if what was known had been given up
        if not clock.known:
            return None
        lowest, highest = clock.interval_us(now)
        slack = _CACHED_SECONDS * DRIFT
        theta = lowest / 1e6 - now - slack, highest / 1e6 - now + slack
        self._known[door] = clock.epoch, now + _CACHED_SECONDS, theta
        return theta


class _Waiter:
    """A request that could not go at once. Its future is done when it was granted, refused or given up."""

    __slots__ = ("charges", "costs", "deadline", "delay", "door", "future", "owner", "priority", "queue", "since")

    def __init__(
        self,
        charges: Sequence[Charge],
        costs: Mapping[Line, float],
        priority: Priority,
        owner: str,
        door: str,
        since: float,
        deadline: float,
        future: asyncio.Future[Permit],
    ) -> None:
        self.charges = charges
        self.costs = costs
        self.priority = priority
        self.owner = owner
        self.door = door
        self.since = since
        self.deadline = deadline
        self.future = future
        self.delay = Delay(since)
        """Why it did not go when it was last looked at."""
        self.queue: deque[_Waiter] = deque()
        """It and all who differ in nothing but their deadlines."""

    @property
    def lane(self) -> _Lane:
        return self.priority, self.owner, self.door, tuple(self.costs.items())

    def rank(self, now: float) -> tuple[int, float]:
        """Who goes first has the lower rank."""
        if self.priority is Priority.CANCEL:
            return 0, self.since
        step = min((self.deadline - self.since) / 4, AGEING_SECONDS)
        aged = int((now - self.since) / step) if step > 0 else 0
        return max(Priority.CLOSE, self.priority - aged), self.since

    def hopeless(self, full: Mapping[Line, _Waiter]) -> Delay | None:
        """The delay of a request that could not go, where this one asks no less of the same limit."""
        for line, cost in self.costs.items():
            first = full.get(line)
            if first is not None and cost >= first.costs[line] and self.priority >= first.priority:
                return first.delay
        return None


_Lane = tuple[Priority, str, str, tuple[tuple[Line, float], ...]]
"""Requests that differ in nothing but their deadlines: if the first cannot go, none of them can."""


class _Round:
    """What one round of dispatching has found so far."""

    __slots__ = ("first", "full", "left", "now", "wake")

    def __init__(self, now: float) -> None:
        self.now = now
        self.left = GRANTS_AT_ONCE
        self.first: dict[Line, _Waiter] = {}
        """Who waits first for a limit, and so keeps its turn there."""
        self.full: dict[Line, _Waiter] = {}
        """The first whom a limit itself had no room for."""
        self.wake = math.inf

    def granted(self) -> None:
        self.left -= 1
        if not self.left:
            self.wake = self.now

    def blocked(self, waiter: _Waiter) -> None:
        for line in waiter.costs:
            self.first.setdefault(line, waiter)
        if waiter.delay.line is not None:
            self.full.setdefault(waiter.delay.line, waiter)
        self.wake = min(self.wake, waiter.delay.at)


class Admission:
    """Lets requests of one venue environment through, as fast as its limits allow."""

    def __init__(self, limiter: Limiter, clocks: Clocks, *, venue: str = "") -> None:
        self._limiter = limiter
        self._clocks = clocks
        self._venue = venue
        self._lanes: dict[_Lane, deque[_Waiter]] = {}
        self._waiting = 0
        self._deadlines: list[tuple[float, int, _Waiter]] = []
        self._tickets = count()
        self._timer: asyncio.TimerHandle | None = None

    # --- asking

    async def acquire(
        self, charges: Sequence[Charge], *, priority: Priority, deadline: float, owner: str = "", door: str = ""
    ) -> Permit:
        """The right to send one request, as soon as all its limits allow it.

        `deadline` is in loop seconds. Raises VenueError, always `not_sent`: `rate_limited` (or `banned`, where a
        ban is the cause) with `retry_after`, at once when the request cannot start before its deadline, and no
        later than the deadline; `invalid_request` for a request that is heavier than a whole limit.
        """
        now = asyncio.get_running_loop().time()
        permit = self.granted(charges, now, priority, deadline, owner, door)
        return await self._wait(charges, priority, deadline, owner, door) if permit is None else permit

    def granted(
        self, charges: Sequence[Charge], now: float, priority: Priority, deadline: float, owner: str, door: str
    ) -> Permit | None:
        """The permit that `acquire` gives without waiting; None where it would wait, or refuse for want of time."""
        if now > deadline or (self._waiting and self._must_queue(charges, owner, door)):
            return None
        got = self._limiter.reserve(charges, now, priority, owner, door, self._clocks)
        return got if type(got) is Permit else None

    def _must_queue(self, charges: Sequence[Charge], owner: str, door: str) -> bool:
        return any(self._limiter.line(charge, owner, door).waiting for charge in charges)

    async def _wait(
        self, charges: Sequence[Charge], priority: Priority, deadline: float, owner: str, door: str
    ) -> Permit:
        loop = asyncio.get_running_loop()
        costs = self._limiter.costs(charges, owner, door)
        waiter = _Waiter(charges, costs, priority, owner, door, loop.time(), deadline, loop.create_future())
        self._enter(waiter)
        try:
            if waiter is waiter.queue[0] or waiter.queue[0].future.done():
                self._dispatch()
            else:
                self._stand_behind(waiter)
            return await waiter.future
        except asyncio.CancelledError:
            self._give_up(waiter)
            raise

    def _enter(self, waiter: _Waiter) -> None:
        waiter.queue = self._lanes.setdefault(waiter.lane, waiter.queue)
        waiter.queue.append(waiter)
        if waiter.deadline < math.inf:
            heapq.heappush(self._deadlines, (waiter.deadline, next(self._tickets), waiter))
        self._count(waiter, 1)

    def _stand_behind(self, waiter: _Waiter) -> None:
        """Join those like it: nothing changes for anybody, but it may be too late already."""
        if waiter.deadline == math.inf:
            return
        now, first = asyncio.get_running_loop().time(), waiter.queue[0]
        delay = self._limiter.behind(waiter.costs, len(waiter.queue) - 1, now, self._clocks)
        waiter.delay = max(delay, first.delay, key=_known_start)
        if waiter.deadline < _known_start(waiter.delay):
            self._end(waiter, self._too_late(waiter, now))
        elif self._timer is None or waiter.deadline < self._timer.when():
            self._arm(waiter.deadline)

    def _count(self, waiter: _Waiter, more: int) -> None:
        self._waiting += more
        for line in waiter.costs:
            line.waiting += more

    def _give_up(self, waiter: _Waiter) -> None:
        """The caller was cancelled: before its turn, or after it was granted but before it could go on."""
        if waiter.future.cancelled():
            self._count(waiter, -1)
        elif waiter.future.exception() is None:
            self._limiter.refund(waiter.future.result())
        self._wake()

    # --- what became of it

    def settle(self, permit: Permit) -> None:
        """An answer came, of whatever kind. May be said twice."""
        self._limiter.settle(permit, asyncio.get_running_loop().time(), self._clocks)
        if self._waiting and permit.eases:
            self._dispatch()

    def answered(self, permit: Permit, observation: Observation, now: float) -> None:
        """`settle` and `observe` in one step."""
        self._limiter.settle(permit, now, self._clocks)
        self._learn(permit, observation, now)
        if self._waiting and (permit.eases or observation.limits or observation.usage):
            self._dispatch()

    def refund(self, permit: Permit) -> None:
        """Not a byte was handed to the transport. Does nothing after settle."""
        self._limiter.refund(permit)
        self._wake()

    def lost(self, permit: Permit, until: float) -> None:
        """No answer, but the venue may accept and count the request until then (loop seconds)."""
        self._limiter.lost(permit, until)
        self._wake()

    def observe(self, permit: Permit, observation: Observation) -> None:
        """What the answer to the permit's request tells about limits: counts and published limits."""
        self._learn(permit, observation, asyncio.get_running_loop().time())
        if observation.limits or observation.usage:
            self._wake()

    def _learn(self, permit: Permit, observation: Observation, now: float) -> None:
        if observation.limits:
            self._limiter.publish(observation.limits, now, self._clocks)
        if observation.usage:
            self._limiter.observe(permit, observation.usage, now, self._clocks)

    def refused(self, permit: Permit, fault: Fault) -> tuple[Gate, ...]:
        """Shut what a throttling fault reaches, for every caller, at once. Other faults shut nothing."""
        gates = self._limiter.refused(permit, fault, asyncio.get_running_loop().time())
        self._wake()
        return gates

    def cap(self, bucket: str, slots: int, most_urgent: Priority) -> None:
        """Let no more than so many be under way in a bucket of our own."""
        self._limiter.cap(bucket, slots, most_urgent)
        self._wake()

    def closed_for(self, owner: str) -> float:
        """Seconds until requests of this account may leave again; 0 where nothing that reaches all of them is shut."""
        now = asyncio.get_running_loop().time()
        gate = self._limiter.closed(owner, now)
        return 0.0 if gate is None else gate.until - now

    def snapshot(self) -> tuple[LimitState, ...]:
        """Every limit: how much is used, how many wait, until when it is closed."""
        return self._limiter.snapshot(asyncio.get_running_loop().time(), self._clocks)

    # --- granting

    def _wake(self) -> None:
        if self._waiting:
            self._dispatch()

    def _dispatch(self) -> None:
        """Grant all that can go now, in order; refuse what cannot start in time. The only place that grants."""
        turn = _Round(asyncio.get_running_loop().time())
        for lane in self._in_turn(turn.now):
            self._serve(self._lanes[lane], turn)
            if not self._lanes[lane]:
                del self._lanes[lane]
        if turn.left:  # else the next turn looks at all of them
            self._drop_hopeless(turn.now)
        self._arm(min(turn.wake, self._limiter.next_release(), self._deadlines[0][0] if self._deadlines else math.inf))

    def _in_turn(self, now: float) -> list[_Lane]:
        if len(self._lanes) == 1:
            return list(self._lanes)
        return sorted(self._lanes, key=lambda lane: self._lanes[lane][0].rank(now))

    def _serve(self, lane: deque[_Waiter], turn: _Round) -> None:
        while lane and turn.left:
            waiter = lane[0]
            if not waiter.future.done() and not self._let(waiter, turn):
                return
            lane.popleft()

    def _let(self, waiter: _Waiter, turn: _Round) -> bool:
        """Whether the request need wait no longer: granted, or refused for good."""
        if turn.now > waiter.deadline:
            self._end(waiter, self._too_late(waiter, turn.now))
            return True
        delay = waiter.hopeless(turn.full) if turn.full else None
        if delay is None:
            if turn.first and self._held_back(waiter, turn):
                waiter.delay = Delay(turn.now, waiter.delay.line)  # it depends on others from here on
                return False
            try:
                got = self._reserve(waiter, turn.now)
            except VenueError as error:
                self._end(waiter, error)
                return True
            if isinstance(got, Permit):
                self._count(waiter, -1)
                waiter.future.set_result(got)
                turn.granted()
                return True
            delay = got
        waiter.delay = delay
        if waiter.deadline < _known_start(delay):
            self._end(waiter, self._too_late(waiter, turn.now))
            return True
        turn.blocked(waiter)
        return False

    def _held_back(self, waiter: _Waiter, turn: _Round) -> bool:
        """Whether it would take from those before it what they wait for."""
        before = {turn.first[line] for line in waiter.costs if line in turn.first}
        return any(
            self._limiter.moves(
                first.costs, first.delay.at, waiter.costs, turn.now, priority=first.priority, clocks=self._clocks
            )
            for first in before
        )

    def _reserve(self, waiter: _Waiter, now: float) -> Permit | Delay:
        owner, door = waiter.owner, waiter.door
        return self._limiter.reserve(waiter.charges, now, waiter.priority, owner, door, self._clocks, waiter.costs)

    # --- refusing

    def _drop_hopeless(self, now: float) -> None:
        """Refuse whose deadline comes before the first of their kind can start."""
        while self._deadlines:
            deadline, _, waiter = self._deadlines[0]
            if not waiter.future.done():
                first = waiter.queue[0].delay
                if deadline > now and deadline >= _known_start(first):
                    return
                waiter.delay = first
                self._end(waiter, self._too_late(waiter, now))
            heapq.heappop(self._deadlines)

    def _end(self, waiter: _Waiter, error: VenueError) -> None:
        self._count(waiter, -1)
        waiter.future.set_exception(error)

    def _too_late(self, waiter: _Waiter, now: float) -> VenueError:
        delay = waiter.delay
        banned = delay.gate is not None and delay.gate.banned
        fault = Fault(
            kind=Kind.BANNED if banned else Kind.RATE_LIMITED,
            outcome=Outcome.NOT_SENT,
            scope=_scope(delay),
            retry_after=max(0.0, delay.at - now) if delay.at < math.inf else None,
            hint=_hint(delay),
        )
        return VenueError.of(fault, venue=self._venue)

    # --- waking up

    def _arm(self, at: float) -> None:
        """One timer, for the next moment at which anything can change by itself. Too early, it only looks again."""
        if not self._waiting or at == math.inf or (self._timer is not None and self._timer.when() <= at):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._wake()


def _known_start(delay: Delay) -> float:
    """The earliest start, where it can be known: an answer may make room at any moment."""
    return delay.at if delay.at < math.inf else 0.0


def _scope(delay: Delay) -> Scope:
    if delay.gate is not None:
        return delay.gate.scope
    return Scope.REQUEST if delay.line is None else delay.line.scope


def _hint(delay: Delay) -> str:
    if delay.gate is not None:
        return f"The venue asked to be left alone: {delay.gate.reason}. Nothing was sent."
    what = "the queue" if delay.line is None else f"limit {delay.line.name!r}"
    return f"Kept back by our own count of {what}: it could not start before its deadline. Nothing was sent."
