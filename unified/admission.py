"""The queue in front of the limiter: the only place where a request waits for its turn. Counts nothing itself.

    permit = await admission.acquire(charges, priority=..., deadline=..., owner=..., door=...)
    admission.settle(permit) / refund(permit) / lost(permit, until)        exactly one end for every permit
    admission.observe(permit, observation) / refused(permit, fault)        what the venue said beside that

Who goes first: cancels, closes, orders, private reads, public reads; first come, first served among equals; who
has waited a quarter of its time moves up one class, but never before a cancel (`lanes.py`). Whoever is first and does
not fit keeps its turn: lighter requests behind it may use the gap only if it can start no later for that. Granting
is one synchronous function, `_dispatch`; nothing polls, nothing locks. Time is `loop.time()` alone.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import Sequence
from itertools import count

from unified.adapter import Charge, Observation
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.gates import Gate
from unified.lanes import Lane, LaneKey, Round, Waiter, known_start
from unified.limit_states import LimitState
from unified.limiter import Limiter
from unified.operations import Priority
from unified.permits import Clocks, Delay, Permit


class Admission:
    """Lets requests of one venue environment through, as fast as its limits allow."""

    def __init__(self, limiter: Limiter, clocks: Clocks, *, venue: str = "") -> None:
        self._limiter = limiter
        self._clocks = clocks
        self._venue = venue
        self._lanes: dict[LaneKey, Lane] = {}
        self._waiting = 0
        self._deadlines: list[tuple[float, int, Waiter]] = []
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
        return await self._wait(charges, now, priority, deadline, owner, door) if permit is None else permit

    def granted(
        self, charges: Sequence[Charge], now: float, priority: Priority, deadline: float, owner: str, door: str
    ) -> Permit | None:
        """The permit that `acquire` gives without waiting; None where it would wait, or refuse for want of time."""
        if now > deadline or (self._waiting and self._must_queue(charges, owner, door)):
            return None
        got = self._limiter.reserve(charges, now, priority, owner, door, self._clocks)
        return got if type(got) is Permit else None

    def _must_queue(self, charges: Sequence[Charge], owner: str, door: str) -> bool:
        line = self._limiter.lines.line
        for charge in charges:  # noqa: SIM110  # asked for each request that meets a queue: a generator is dearer
            if line(charge, owner, door).waiting:
                return True
        return False

    async def _wait(
        self, charges: Sequence[Charge], now: float, priority: Priority, deadline: float, owner: str, door: str
    ) -> Permit:
        lane = self._lane(charges, priority, owner, door)
        waiter = Waiter(charges, lane, now, deadline, asyncio.get_running_loop().create_future())
        self._enter(waiter)
        try:
            first = lane.waiters[0]
            if first is waiter or first.future.done():
                self._dispatch()
            elif deadline < math.inf:
                self._stand_behind(waiter, now)
            return await waiter.future
        except asyncio.CancelledError:
            self._give_up(waiter)
            raise

    def _lane(self, charges: Sequence[Charge], priority: Priority, owner: str, door: str) -> Lane:
        """Where such a request waits."""
        costs = self._limiter.costs(charges, owner, door)
        key = priority, owner, door, tuple(costs.items())
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(key, costs)
        return lane

    def _enter(self, waiter: Waiter) -> None:
        waiter.lane.waiters.append(waiter)
        if waiter.deadline < math.inf:
            heapq.heappush(self._deadlines, (waiter.deadline, next(self._tickets), waiter))
        self._count(waiter, 1)

    def _stand_behind(self, waiter: Waiter, now: float) -> None:
        """Join those like it: nothing changes for anybody, but it may be too late already."""
        lane = waiter.lane
        delay = self._limiter.behind(lane.costs, len(lane.waiters) - 1, now, self._clocks)
        delay = max(delay, lane.delay, key=known_start)
        if waiter.deadline < known_start(delay):
            self._refuse(waiter, delay, now)
        elif self._timer is None or waiter.deadline < self._timer.when():
            self._arm(waiter.deadline)

    def _count(self, waiter: Waiter, more: int) -> None:
        self._waiting += more
        for line in waiter.lane.costs:
            line.waiting += more

    def _give_up(self, waiter: Waiter) -> None:
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
        if observation.limits or observation.usage:
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
            self._limiter.lines.publish(observation.limits, now, self._clocks)
        if observation.usage:
            self._limiter.observe(permit, observation.usage, now, self._clocks)

    def refused(self, permit: Permit, fault: Fault) -> tuple[Gate, ...]:
        """Shut what a throttling fault reaches, for every caller, at once. Other faults shut nothing."""
        gates = self._limiter.refused(permit, fault, asyncio.get_running_loop().time())
        self._wake()
        return gates

    def cap(self, bucket: str, slots: int, most_urgent: Priority) -> None:
        """Let no more than so many be under way in a bucket of our own."""
        self._limiter.lines.cap(bucket, slots, most_urgent)
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
        turn = Round(asyncio.get_running_loop().time())
        for lane in self._in_turn(turn.now):
            self._serve(lane, turn)
            if not lane.waiters:
                del self._lanes[lane.key]
        if turn.left:  # else the next turn looks at all of them
            self._drop_hopeless(turn.now)
        self._arm(min(turn.wake, self._limiter.next_release(), self._deadlines[0][0] if self._deadlines else math.inf))

    def _in_turn(self, now: float) -> list[Lane]:
        lanes = list(self._lanes.values())
        if len(lanes) > 1:
            lanes.sort(key=lambda lane: lane.rank(now))
        return lanes

    def _serve(self, lane: Lane, turn: Round) -> None:
        waiters = lane.waiters
        while waiters and turn.left:
            waiter = waiters[0]
            if not waiter.future.done() and not self._let(waiter, lane, turn):
                return
            waiters.popleft()

    def _let(self, waiter: Waiter, lane: Lane, turn: Round) -> bool:
        """Whether the request need wait no longer: granted, or refused for good."""
        now = turn.now
        if now > waiter.deadline:
            self._refuse(waiter, lane.delay, now)
            return True
        delay = lane.hopeless(turn.full) if turn.full else None
        if delay is None:
            if turn.first and self._held_back(lane, turn):
                lane.delay = Delay(now, lane.delay.line)  # it depends on others from here on
                return False
            try:
                got = self._limiter.reserve(
                    waiter.charges, now, lane.priority, lane.owner, lane.door, self._clocks, lane.costs
                )
            except VenueError as error:
                self._end(waiter, error)
                return True
            if isinstance(got, Permit):
                self._count(waiter, -1)
                lane.moved()
                waiter.future.set_result(got)
                turn.granted()
                return True
            delay = got
        lane.delay = delay
        if waiter.deadline < known_start(delay):
            self._refuse(waiter, delay, now)
            return True
        turn.blocked(lane)
        return False

    def _held_back(self, lane: Lane, turn: Round) -> bool:
        """Whether it would take from those before it what they wait for."""
        before = {turn.first[line] for line in lane.costs if line in turn.first}
        return any(
            self._limiter.moves(
                first.costs, first.delay.at, lane.costs, turn.now, priority=first.priority, clocks=self._clocks
            )
            for first in before
        )

    # --- refusing

    def _drop_hopeless(self, now: float) -> None:
        """Refuse whose deadline comes before the first of their kind can start."""
        while self._deadlines:
            deadline, _, waiter = self._deadlines[0]
            if not waiter.future.done():
                delay = waiter.lane.delay
                if deadline > now and deadline >= known_start(delay):
                    return
                self._refuse(waiter, delay, now)
            heapq.heappop(self._deadlines)

    def _end(self, waiter: Waiter, error: VenueError) -> None:
        self._count(waiter, -1)
        waiter.future.set_exception(error)

    def _refuse(self, waiter: Waiter, delay: Delay, now: float) -> None:
        self._end(waiter, VenueError.of(_too_late(delay, now), venue=self._venue))

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


# --- why it was refused


def _too_late(delay: Delay, now: float) -> Fault:
    banned = delay.gate is not None and delay.gate.banned
    return Fault(
        kind=Kind.BANNED if banned else Kind.RATE_LIMITED,
        outcome=Outcome.NOT_SENT,
        scope=_scope(delay),
        retry_after=max(0.0, delay.at - now) if delay.at < math.inf else None,
        hint=_hint(delay),
    )


def _scope(delay: Delay) -> Scope:
    if delay.gate is not None:
        return delay.gate.scope
    return Scope.REQUEST if delay.line is None else delay.line.scope


def _hint(delay: Delay) -> str:
    if delay.gate is not None:
        return f"The venue asked to be left alone: {delay.gate.reason}. Nothing was sent."
    what = "the queue" if delay.line is None else f"limit {delay.line.name!r}"
    return f"Kept back by our own count of {what}: it could not start before its deadline. Nothing was sent."
