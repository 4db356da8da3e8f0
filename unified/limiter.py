"""How much of a venue's limits is used, and whether a request may go now. Decides; never waits, never reads a clock.

One `Limiter` per venue environment and process: it holds every bucket of every account. `admission.py` is the
queue in front of it. How a single bucket counts stands in `bucket.py`, which buckets there are in `lines.py`, what the
venue's own counts change in `recounting.py`, what its refusals shut in `refusals.py`.

    got = limiter.reserve(charges, now, priority, owner, door, clocks)   # Permit, or Delay: not yet
    limiter.settle(permit, now, clocks)        an answer came, of whatever kind
    limiter.refund(permit)                     nothing was sent
    limiter.lost(permit, until)                no answer came; the request may arrive until then
    limiter.observe(permit, usages, now, clocks)      what the venue itself has counted
    limiter.inherit(spent, form, now, ...)     what an earlier process left
    limiter.refused(permit, fault, now)        rate_limited, order_rate_limited, banned: shuts the fault's scope
    limiter.lines.publish(limits, now, clocks)        what the venue says that it allows

Times called `now`, `until`, `at` are monotonic seconds. An owner is the fingerprint of the account whose
requests an account's limits count; limits of an ip or of the venue are shared by all owners.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from unified.adapter import Charge, Limit, Usage
from unified.buckets import Concurrent
from unified.errors import Fault
from unified.gates import Gate, Gates
from unified.limit_states import LimitState, states
from unified.lines import Lines, impossible
from unified.operations import Priority
from unified.permits import Clocks, Delay, Line, Permit, Taken, take_back
from unified.recounting import reconcile
from unified.refusals import shut

ARRIVAL_SECONDS = 10.0
"""A request without an answer has lost its connection or its process: the venue has counted it by so much later, or
never will. That it would be too old to be accepted by then changes nothing: most venues count what they refuse."""
_SAME_TIME = 1e-4
"""Seconds by which two answers to "when" may differ only because the venue's clock is known a little less."""


class Limiter:
    """All buckets and gates of one venue environment. Never awaits, so needs no lock."""

    def __init__(self, limits: Iterable[Limit], *, share: float = 1.0) -> None:
        """`share` in (0, 1] is the part of every limit that is ours, where other processes use the rest."""
        self.lines = Lines(limits, share)
        self.gates = Gates()
        self._lost: list[tuple[float, int, Permit]] = []
        self._tickets = count()

    # --- asking

    def reserve(
        self,
        charges: Sequence[Charge],
        now: float,
        priority: Priority,
        owner: str,
        door: str,
        clocks: Clocks,
        costs: Mapping[Line, float] | None = None,
    ) -> Permit | Delay:
        """Charge everything and say go, or charge nothing and say when to ask again. `costs`, where they are known.

        Raises VenueError (`invalid_request`, not_sent) for a request that could never go: heavier than a whole
        limit, or charged to a limit that the adapter does not name.
        """
        if self._lost and self._lost[0][0] <= now:
            self._give_up(now, clocks)
        if self.gates.any:
            gate = self._gate(charges, owner, now)
            if gate is not None:
                return Delay(gate.until, gate=gate)
        lines = self.lines.known.get(owner) or self.lines.of(owner)
        taken: list[Taken] = []
        asked, theta = None, None
        for charge in charges:
            line = lines.get((charge.bucket, charge.key)) or self.lines.line(charge, owner, door)
            cost = charge.cost
            for bucket in line.buckets:
                if bucket.aligned and bucket.door != asked:
                    asked = bucket.door
                    theta = clocks.theta(asked, now)
                used = bucket.take(cost, priority, now, theta)
                if used is None:
                    take_back(taken)
                    return self._delay(costs or self.costs(charges, owner, door), now, priority, clocks)
                taken.append((bucket, cost, bucket.answered, bucket.window, used))
        return Permit(charges, owner, door, now, taken)

    def _gate(self, charges: Sequence[Charge], owner: str, now: float) -> Gate | None:
        gate = self.gates.shut(owner, (charge.key for charge in charges), now)
        if gate is None:
            self.gates.open_past(now)
        return gate

    def _delay(self, costs: Mapping[Line, float], now: float, priority: Priority, clocks: Clocks) -> Delay:
        """Why a request cannot go: the last of its buckets to have room for it."""
        at, cause = 0.0, None
        for line, cost in costs.items():
            for bucket in line.buckets:
                if bucket.now != now:
                    bucket.advance(now, clocks.theta(bucket.door, now))
                start = bucket.start(cost, priority)
                if start > at:
                    at, cause = start, line
        return Delay(at, cause)

    # --- what a queue wants to know

    def costs(self, charges: Sequence[Charge], owner: str, door: str) -> dict[Line, float]:
        """What a request costs, by the limits that it meets.

        Raises VenueError (`invalid_request`, not_sent) where it is heavier than a whole limit.
        """
        costs: dict[Line, float] = {}
        for charge in charges:
            line = self.lines.line(charge, owner, door)
            costs[line] = costs.get(line, 0.0) + charge.cost
        for line, cost in costs.items():
            if cost > line.most:
                raise impossible(f"one request costs {cost:g}, but all of {line.name} is {line.most:g}")
        return costs

    def moves(
        self,
        costs: Mapping[Line, float],
        at: float,
        extra: Mapping[Line, float],
        now: float,
        *,
        priority: Priority,
        clocks: Clocks,
    ) -> bool:
        """Whether a request that can start at `at` could no longer do so after another took `extra` now.

        Slots of concurrency come back within moments: they are kept only for a request that waits for nothing else.
        """
        for line in costs.keys() & extra.keys():
            for bucket in line.buckets:
                if bucket.now != now:
                    bucket.advance(now, clocks.theta(bucket.door, now))
                start = bucket.start(costs[line], priority, extra[line])
                if at == start == math.inf or at + _SAME_TIME < start < math.inf:
                    return True
        return False

    def behind(self, costs: Mapping[Line, float], ahead: int, now: float, clocks: Clocks) -> Delay:
        """When a request can go at the earliest before which so many like it have to; never later than the truth."""
        at, cause = now, None
        for line, cost in costs.items():
            for bucket in line.buckets:
                if bucket.now != now:
                    bucket.advance(now, clocks.theta(bucket.door, now))
                start = bucket.behind(cost * ahead)
                if start > at:
                    at, cause = start, line
        return Delay(at, cause)

    # --- what became of it

    def settle(self, permit: Permit, now: float, clocks: Clocks) -> None:
        """An answer came: the request was counted no later than now. May be said twice."""
        if not permit.held:
            return
        permit.held = False
        asked, theta = None, None
        for bucket, cost, _, _, _ in permit.taken:
            if bucket.aligned and bucket.door != asked:
                asked = bucket.door
                theta = clocks.theta(asked, now)
            bucket.settle(cost, now, theta)

    def refund(self, permit: Permit) -> None:
        """Not a byte was handed to the transport: nothing was counted. Does nothing after settle."""
        if permit.held:
            permit.held = False
            take_back(permit.taken)

    def lost(self, permit: Permit, until: float) -> None:
        """No answer, but the venue may accept and count the request until then: it stays in flight so long.

        A slot of concurrency is free at once: the connection is closed, nobody waits for the answer any more.
        """
        if permit.held:
            slots = [taken for taken in permit.taken if isinstance(taken[0], Concurrent)]
            permit.taken = [taken for taken in permit.taken if not isinstance(taken[0], Concurrent)]
            take_back(slots)
            heapq.heappush(self._lost, (until, next(self._tickets), permit))

    def next_release(self) -> float:
        """When the next lost request is given up; infinity if there is none."""
        return self._lost[0][0] if self._lost else math.inf

    def _give_up(self, now: float, clocks: Clocks) -> None:
        while self._lost and self._lost[0][0] <= now:
            self.settle(heapq.heappop(self._lost)[2], now, clocks)

    def inherit(
        self, spent: Charge, form: str, now: float, *, owner: str, door: str, under_way: float, until: float
    ) -> None:
        """An earlier process of the same owner may have used so much of the bucket of that form, up to now.

        `under_way` is the part of it that the venue may not have counted before `until`.
        """
        if not self.lines.knows(spent.bucket):
            return
        for bucket in self.lines.line(spent, owner, door).buckets:
            if bucket.form == form:
                bucket.advance(now, None)
                left = max(0.0, min(spent.cost, bucket.limit) - bucket.used)
                late = min(under_way, left)
                bucket.seed(left - late)
                bucket.charge(late)
                taken = (bucket, late, bucket.answered, bucket.window, bucket.used)
                self.lost(Permit((), owner, door, now, (taken,)), until)

    # --- what the venue says

    def observe(self, permit: Permit, usages: Iterable[Usage], now: float, clocks: Clocks) -> None:
        """Reconcile with the venue's own counts, which the answer to the permit's request carried."""
        reconcile(self.lines, permit, usages, now, clocks)

    def refused(self, permit: Permit, fault: Fault, now: float) -> tuple[Gate, ...]:
        """Shut what a throttling fault reaches, for every caller, at once. Other faults shut nothing."""
        return shut(self.gates, permit, fault, now)

    def closed(self, owner: str, now: float) -> Gate | None:
        """What keeps all requests of one owner from leaving; None if nothing does."""
        return self.gates.shut(owner, (), now)

    # --- showing

    def snapshot(self, now: float, clocks: Clocks) -> tuple[LimitState, ...]:
        """Every limit, per owner and key that ever charged it; once, and empty, where nobody did."""
        return states(self.lines.all(), self.gates, now, clocks)
