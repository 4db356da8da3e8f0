"""How much of a venue's limits is used, and whether a request may go now. Decides; never waits, never reads a clock.

One `Limiter` per venue environment and process: it holds every bucket of every account. `admission.py` is the
queue in front of it. How a single bucket counts stands in `bucket.py`.

    got = limiter.reserve(charges, now, priority, owner, door, clocks)   # Permit, or Delay: not yet
    limiter.settle(permit, now, clocks)        an answer came, of whatever kind
    limiter.refund(permit)                     nothing was sent
    limiter.lost(permit, until)                no answer came; the request may arrive until then
    limiter.observe(permit, usages, now, clocks)      what the venue itself has counted
    limiter.publish(limits, now, clocks)       what the venue says that it allows
    limiter.inherit(spent, form, now, ...)     what an earlier process left
    limiter.refused(permit, fault, now)        rate_limited, order_rate_limited, banned: shuts the fault's scope

Times called `now`, `until`, `at` are monotonic seconds. An owner is the fingerprint of the account whose
requests an account's limits count; limits of an ip or of the venue are shared by all owners.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Protocol

from unified.adapter import Charge, Concurrency, Limit, LimitRule, Usage
from unified.bucket import Bucket, Theta, Word, allowed, window_of
from unified.buckets import Concurrent, bucket_of
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.gates import Gate, Gates
from unified.operations import Priority
from unified.values import frozen

BAN_SECONDS = 120.0
"""A ban whose end the venue did not tell: the shortest that venues are known to impose (Binance, 2 minutes)."""
LONGEST_WINDOW = 60.0
"""Seconds to keep a scope shut after a refusal without a wait: one window of the bucket, but no more than this."""
ARRIVAL_SECONDS = 10.0
"""A request without an answer has lost its connection or its process: the venue has counted it by so much later, or
never will. That it would be too old to be accepted by then changes nothing: most venues count what they refuse."""
THROTTLES = frozenset({Kind.RATE_LIMITED, Kind.ORDER_RATE_LIMITED, Kind.BANNED})
SHARED = frozenset({Scope.IP, Scope.VENUE})


class Clocks(Protocol):
    """The venue's time, per door."""

    def theta(self, door: str, now: float) -> Theta | None:
        """Lowest and highest (venue seconds - monotonic seconds) now; None while nothing is known."""
        ...


class Line:
    """The buckets that one charge goes to: one limit for one owner and key, one bucket per window of it."""

    __slots__ = ("buckets", "key", "most", "name", "owner", "scope", "waiting")

    def __init__(self, name: str, owner: str, key: str, scope: Scope, buckets: tuple[Bucket, ...]) -> None:
        self.name = name
        self.owner = owner
        self.key = key
        self.scope = scope
        self.waiting = 0
        """Requests that queue for it; whoever keeps the queue counts them here."""
        self.put_under(buckets)

    def put_under(self, buckets: tuple[Bucket, ...]) -> None:
        """Count in these from now on."""
        self.buckets = buckets
        self.most = min(bucket.limit for bucket in buckets)
        """The heaviest request that could ever go."""


Taken = tuple[Bucket, float, float, int, float]
"""Bucket, cost, what the bucket had answered at that moment, tag for a refund, what was used with it."""


class Permit:
    """The right to send one request. Ends with exactly one of settle and refund; `lost` may come before settle."""

    __slots__ = ("charges", "door", "held", "owner", "sent_at", "taken")

    def __init__(
        self, charges: Sequence[Charge], owner: str, door: str, sent_at: float, taken: Sequence[Taken]
    ) -> None:
        self.charges = charges
        self.owner = owner
        self.door = door
        self.sent_at = sent_at
        self.taken = taken
        self.held = True

    @property
    def eases(self) -> bool:
        """Whether its end can let others start sooner."""
        return any(bucket.eased_by_answers for bucket, *_ in self.taken)


@frozen
class Delay:
    """Not now."""

    at: float
    """The earliest time worth another try; infinity where only an answer can make room."""
    line: Line | None = None
    """The limit that is the cause; None where it is a gate."""
    gate: Gate | None = None
    """The gate that is the cause; None where it is a limit."""


@frozen(kw_only=True)
class LimitState:
    """One row of `client.limits()`."""

    bucket: str
    key: str
    owner: str
    scope: Scope
    rule: LimitRule
    limit: float
    """What we allow ourselves: the venue's limit times our share of it."""
    used: float
    """Our count: the venue's is no higher, as far as we can know."""
    venue_used: float | None
    """The venue's own last word; None where it never said."""
    in_flight: float
    queued: int
    """Requests waiting for this limit."""
    closed_until: float | None
    """Monotonic seconds; None while open."""
    reason: str
    """Why it is closed, in the venue's words."""


class Limiter:
    """All buckets and gates of one venue environment. Never awaits, so needs no lock."""

    def __init__(self, limits: Iterable[Limit], *, share: float = 1.0) -> None:
        """`share` in (0, 1] is the part of every limit that is ours, where other processes use the rest."""
        if not 0 < share <= 1:
            raise ValueError(f"share: {share} is not above 0 and at most 1")
        self._share = share
        self._limits: dict[str, tuple[Limit, ...]] = {}
        for limit in limits:
            self._limits[limit.bucket] = (*self._limits.get(limit.bucket, ()), limit)
        self._shared: dict[tuple[str, str], Line] = {}
        self._lines: dict[str, dict[tuple[str, str], Line]] = {}
        """Owner -> bucket and key -> line; lines of shared limits stand under every owner that met them."""
        self._gates = Gates()
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
        if self._gates.any:
            gate = self._gate(charges, owner, now)
            if gate is not None:
                return Delay(gate.until, gate=gate)
        lines = self._lines.get(owner)
        if lines is None:
            lines = self._lines[owner] = {}
        taken: list[Taken] = []
        asked, theta = None, None
        for charge in charges:
            line = lines.get((charge.bucket, charge.key))
            if line is None:
                line = self.line(charge, owner, door)
            cost = charge.cost
            for bucket in line.buckets:
                if bucket.aligned and bucket.door != asked:
                    asked = bucket.door
                    theta = clocks.theta(asked, now)
                used = bucket.take(cost, priority, now, theta)
                if used is None:
                    _take_back(taken)
                    return self._delay(costs or self.costs(charges, owner, door), now, priority, clocks)
                taken.append((bucket, cost, bucket.answered, bucket.window, used))
        return Permit(charges, owner, door, now, taken)

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

    def costs(self, charges: Sequence[Charge], owner: str, door: str) -> dict[Line, float]:
        """What a request costs, by the limits that it meets.

        Raises VenueError (`invalid_request`, not_sent) where it is heavier than a whole limit.
        """
        costs: dict[Line, float] = {}
        for charge in charges:
            line = self.line(charge, owner, door)
            costs[line] = costs.get(line, 0.0) + charge.cost
        for line, cost in costs.items():
            if cost > line.most:
                raise _impossible(f"one request costs {cost:g}, but all of {line.name} is {line.most:g}")
        return costs

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

    def line(self, charge: Charge, owner: str, door: str) -> Line:
        """The buckets that a charge goes to, made when first asked for.

        A limit that names no door follows the clock of the door through which it was first charged.
        """
        lines = self._lines.get(owner)
        if lines is None:
            lines = self._lines[owner] = {}
        name = (charge.bucket, charge.key)
        line = lines.get(name)
        if line is None:
            limits = self._limits.get(charge.bucket)
            if limits is None:
                raise _impossible(f"the adapter charges {charge.bucket!r}, but its limits do not name it")
            line = lines[name] = self._make(charge, owner, door, limits)
        return line

    def _make(self, charge: Charge, owner: str, door: str, limits: tuple[Limit, ...]) -> Line:
        scope = limits[0].scope
        name = (charge.bucket, charge.key)
        if scope not in SHARED:
            return self._new_line(charge, owner, door, limits)
        if name not in self._shared:
            self._shared[name] = self._new_line(charge, "", door, limits)
        return self._shared[name]

    def _new_line(self, charge: Charge, owner: str, door: str, limits: tuple[Limit, ...]) -> Line:
        buckets = tuple(bucket_of(limit, self._share, door) for limit in limits)
        return Line(charge.bucket, owner, charge.key, limits[0].scope, buckets)

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
            _take_back(permit.taken)

    def lost(self, permit: Permit, until: float) -> None:
        """No answer, but the venue may accept and count the request until then: it stays in flight so long.

        A slot of concurrency is free at once: the connection is closed, nobody waits for the answer any more.
        """
        if permit.held:
            slots = [taken for taken in permit.taken if isinstance(taken[0], Concurrent)]
            permit.taken = [taken for taken in permit.taken if not isinstance(taken[0], Concurrent)]
            _take_back(slots)
            heapq.heappush(self._lost, (until, next(self._tickets), permit))

    def next_release(self) -> float:
        """When the next lost request is given up; infinity if there is none."""
        return self._lost[0][0] if self._lost else math.inf

    def _give_up(self, now: float, clocks: Clocks) -> None:
        while self._lost and self._lost[0][0] <= now:
            self.settle(heapq.heappop(self._lost)[2], now, clocks)

    # --- what the venue says

    def observe(self, permit: Permit, usages: Iterable[Usage], now: float, clocks: Clocks) -> None:
        """Reconcile with the venue's own counts, which the answer to the permit's request carried.

        Never loosens what may be wrong: a count may not hold yet what was under way together with its request.
        """
        asked, theta = None, None
        for usage in usages:
            bucket = self._meant(usage, permit)
            used = usage.used if usage.used is not None or bucket is None else _used(bucket, usage)
            if bucket is None or used is None:
                continue
            if bucket.aligned and bucket.door != asked:
                asked = bucket.door
                theta = clocks.theta(asked, now)
            if bucket.now != now:
                bucket.advance(now, theta)
            if used <= bucket.used and bucket.in_flight > 0:
                bucket.venue_used = used  # others are under way, which it may not hold yet: it proves nothing
                continue
            bucket.observe(Word(used, _pending(bucket, permit), permit.sent_at, usage.reset_after))

    def _meant(self, usage: Usage, permit: Permit) -> Bucket | None:
        """The bucket that a count is about; None where it names none, or does not say which of several windows."""
        line = self._lines[permit.owner].get((usage.bucket, usage.key))
        if line is None:
            if usage.bucket not in self._limits:
                return None
            line = self.line(Charge(usage.bucket, 0, usage.key), permit.owner, permit.door)
        buckets = line.buckets
        if usage.period is None:
            return buckets[0] if len(buckets) == 1 else None
        return next((bucket for bucket in buckets if bucket.period == usage.period), None)

    def line_of(self, bucket: Bucket, permit: Permit) -> Line:
        """The line of a bucket that the permit's request is counted in."""
        lines = (self.line(charge, permit.owner, permit.door) for charge in permit.charges)
        return next(line for line in lines if bucket in line.buckets)

    def inherit(
        self, spent: Charge, form: str, now: float, *, owner: str, door: str, under_way: float, until: float
    ) -> None:
        """An earlier process of the same owner may have used so much of the bucket of that form, up to now.

        `under_way` is the part of it that the venue may not have counted before `until`.
        """
        if spent.bucket not in self._limits:
            return
        for bucket in self.line(spent, owner, door).buckets:
            if bucket.form == form:
                bucket.advance(now, None)
                left = max(0.0, min(spent.cost, bucket.limit) - bucket.used)
                late = min(under_way, left)
                bucket.seed(left - late)
                bucket.charge(late)
                taken = (bucket, late, bucket.answered, bucket.window, bucket.used)
                self.lost(Permit((), owner, door, now, (taken,)), until)

    def publish(self, limits: Iterable[Limit], now: float, clocks: Clocks) -> None:
        """The venue published limits: they replace those of the same bucket and rule type; counts go on."""
        fresh: dict[tuple[str, type[LimitRule]], list[Limit]] = {}
        for limit in limits:
            fresh.setdefault((limit.bucket, type(limit.rule)), []).append(limit)
        for (name, form), rows in fresh.items():
            kept = tuple(row for row in self._limits.get(name, ()) if type(row.rule) is not form)
            self._limits[name] = (*kept, *rows)
            for line in self._all_lines():
                if line.name == name:
                    self._renew(line, self._limits[name], now, clocks)

    def cap(self, bucket: str, slots: int, most_urgent: Priority) -> None:
        """At most so many under way in a bucket of our own, of which a share takes no part; counts go on."""
        limit = Limit(bucket=bucket, scope=Scope.IP, rule=Concurrency(limit=slots), most_urgent=most_urgent)
        self._limits[bucket] = (limit,)
        line = self._shared.get((bucket, ""))
        if line is None:
            line = self._shared[bucket, ""] = Line(bucket, "", "", limit.scope, (bucket_of(limit, 1.0, ""),))
            self._lines.setdefault("", {})[bucket, ""] = line
        for counted in line.buckets:
            counted.set_rule(limit.rule, limit.most_urgent, 1.0)
        line.put_under(line.buckets)

    def _renew(self, line: Line, limits: tuple[Limit, ...], now: float, clocks: Clocks) -> None:
        """Put a line under other limits. A window that is new to it starts as full as the fullest of the old."""
        old = {(type(bucket.rule), bucket.period): bucket for bucket in line.buckets}
        buckets: list[Bucket] = []
        most = 0.0
        for bucket in line.buckets:
            bucket.advance(now, clocks.theta(bucket.door, now))
            most = max(most, bucket.used)
        for limit in limits:
            known = old.get((type(limit.rule), window_of(limit.rule)))
            if known is None:
                known = bucket_of(limit, self._share, line.buckets[0].door)
                known.advance(now, clocks.theta(known.door, now))
                known.seed(min(most, known.limit))
            else:
                known.set_rule(limit.rule, limit.most_urgent, self._share)
            buckets.append(known)
        line.put_under(tuple(buckets))

    def _all_lines(self) -> list[Line]:
        return list({id(line): line for lines in self._lines.values() for line in lines.values()}.values())

    # --- gates

    def refused(self, permit: Permit, fault: Fault, now: float) -> tuple[Gate, ...]:
        """Shut what a throttling fault reaches, for every caller, at once. Other faults shut nothing.

        Where the venue named no wait, a ban lasts two minutes and anything else one window of the bucket.
        """
        if fault.kind not in THROTTLES:
            return ()
        wait = fault.retry_after
        if wait is None:
            wait = BAN_SECONDS if fault.kind is Kind.BANNED else _window(permit, fault.scope in SHARED)
        keys = dict.fromkeys(charge.key for charge in permit.charges) if fault.scope is Scope.SYMBOL else ("",)
        gates = (
            self.close(
                fault.scope,
                owner=permit.owner,
                key=key,
                until=now + wait,
                reason=fault.message or str(fault.kind),
                banned=fault.kind is Kind.BANNED,
            )
            for key in keys
        )
        return tuple(gate for gate in gates if gate is not None)

    def close(
        self, scope: Scope, *, owner: str = "", key: str = "", until: float, reason: str, banned: bool = False
    ) -> Gate | None:
        """Shut ip/venue: everything; account/key: one owner; symbol: one key of one owner. Else nothing."""
        return self._gates.close(scope, owner=owner, key=key, until=until, reason=reason, banned=banned)

    def closed(self, owner: str, now: float) -> Gate | None:
        """What keeps all requests of one owner from leaving; None if nothing does."""
        return self._gates.shut(owner, (), now)

    def _gate(self, charges: Sequence[Charge], owner: str, now: float) -> Gate | None:
        gate = self._gates.shut(owner, (charge.key for charge in charges), now)
        if gate is None:
            self._gates.open_past(now)
        return gate

    # --- showing

    def snapshot(self, now: float, clocks: Clocks) -> tuple[LimitState, ...]:
        """Every limit, per owner and key that ever charged it; once, and empty, where nobody did."""
        lines = self._all_lines()
        charged = {line.name for line in lines}
        untouched = (limits for name, limits in self._limits.items() if name not in charged)
        lines += [self._new_line(Charge(limits[0].bucket), "", "", limits) for limits in untouched]
        return tuple(self._row(line, bucket, now, clocks) for line in lines for bucket in line.buckets)

    def _row(self, line: Line, bucket: Bucket, now: float, clocks: Clocks) -> LimitState:
        gate = self._gates.shut(line.owner, (line.key,), now)
        bucket.advance(now, clocks.theta(bucket.door, now))
        return LimitState(
            bucket=line.name,
            key=line.key,
            owner=line.owner,
            scope=line.scope,
            rule=bucket.rule,
            limit=bucket.limit,
            used=bucket.used,
            venue_used=bucket.venue_used,
            in_flight=bucket.in_flight,
            queued=line.waiting,
            closed_until=None if gate is None else gate.until,
            reason="" if gate is None else gate.reason,
        )


_SAME_TIME = 1e-4
"""Seconds by which two answers to "when" may differ only because the venue's clock is known a little less."""


def _take_back(taken: Sequence[Taken]) -> None:
    for bucket, cost, _, tag, _ in reversed(taken):
        bucket.refund(cost, tag)


def _pending(bucket: Bucket, permit: Permit) -> float:
    """Cost of what was under way together with the permit's request, itself left out."""
    under_way = bucket.in_flight
    for taken, cost, answered, _, _ in permit.taken:
        if taken is bucket:
            return under_way + bucket.answered - answered - cost
    return under_way


def _used(bucket: Bucket, usage: Usage) -> float | None:
    """What is used, where only the rest is told."""
    if usage.remaining is None:
        return None
    return (allowed(bucket.rule) if usage.limit is None else usage.limit) - usage.remaining


def _window(permit: Permit, shared: bool) -> float:
    """Seconds after which the shortest window of that reach is surely a fresh one; 1 s where there is no window."""
    reached = (bucket for bucket, *_ in permit.taken if (bucket.scope in SHARED) is shared)
    periods = [bucket.period for bucket in reached if bucket.period is not None]
    return min(*periods, LONGEST_WINDOW) if periods else 1.0


def _impossible(why: str) -> VenueError:
    return VenueError.of(Fault(kind=Kind.INVALID_REQUEST, outcome=Outcome.NOT_SENT, message=why, hint=why))
