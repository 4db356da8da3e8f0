"""A venue's own keeping of its limits: exact counts, refusals, bans, and what a client did wrong.

Counts as a venue counts, on its own clock and without slack; it does not know how a client keeps limits.
Injected refusals never reach this module, so every breach here is the client's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from attrs import define, field, frozen

from unified.sandbox.clock import Moment

SECOND_US = 1_000_000
ANNOUNCED_AFTER_US = 50_000
"""A request that arrives later than this after a ban was announced was sent by someone who could know of it."""

Amount = int | Fraction
"""Exact either way; whole numbers, which nearly all are, are reckoned with in a fraction of the time."""


class LimitScope(StrEnum):
    """Whose requests are counted together."""

    IP = "ip"
    KEY = "key"


# --- how a venue counts


@frozen(kw_only=True)
class CalendarWindow:
    """So much per interval of the venue's shown clock: a minute begins at :00."""

    limit: int
    period_s: int


@frozen(kw_only=True)
class RollingWindow:
    """So much in any stretch of `period_s`."""

    limit: int
    period_s: float


@frozen(kw_only=True)
class TokenBucket:
    """`rate` tokens a second, at most `burst` saved up."""

    rate: Fraction
    burst: int


@frozen(kw_only=True)
class DecayingCounter:
    """A counter that falls by `decay` a second and must not pass `limit`."""

    limit: int
    decay: Fraction


Counting = CalendarWindow | RollingWindow | TokenBucket | DecayingCounter


@frozen(kw_only=True)
class Escalation:
    """Refusals that turn into a ban: more than `refusals` within `within_s` bans for `first_s`, doubling each time."""

    refusals: int
    within_s: float
    first_s: float
    longest_s: float


@frozen(kw_only=True, cache_hash=True)
class VenueLimit:
    """One limit. Several may share a `name` (a minute and a day of one count): a use is charged to all of them."""

    name: str
    counting: Counting
    scope: LimitScope = LimitScope.IP
    counts_refused: bool = True
    """A refused request is counted too."""
    escalation: Escalation | None = None


@frozen(kw_only=True)
class Use:
    """What one request takes from a limit."""

    limit: str
    key: str
    """Whose count: the address, the API key, or the key with an instrument or endpoint behind it."""
    cost: Amount = 1


@frozen(kw_only=True)
class Breach:
    """A request that found its limit full."""

    limit: VenueLimit
    use: Use
    retry_after_us: int
    """Until a request of this cost would fit again."""


# --- meters: one count each


class _Meter(Protocol):
    def used(self, moment: Moment) -> Amount: ...
    def add(self, cost: Amount, moment: Moment) -> None: ...
    def wait_us(self, cost: Amount, moment: Moment) -> int:
        """Zero if a use of this cost fits now."""
        ...


class _CalendarMeter:
    def __init__(self, rule: CalendarWindow) -> None:
        self._rule = rule
        self._period_us = rule.period_s * SECOND_US
        self._window = -1
        self._count: Amount = 0

    def used(self, moment: Moment) -> Amount:
        window = moment.shown_us // self._period_us
        if window != self._window:
            self._window, self._count = window, 0
        return self._count

    def add(self, cost: Amount, moment: Moment) -> None:
        self._count = self.used(moment) + cost

    def wait_us(self, cost: Amount, moment: Moment) -> int:
        if self.used(moment) + cost <= self._rule.limit:
            return 0
        return self._period_us - moment.shown_us % self._period_us


class _RollingMeter:
    def __init__(self, rule: RollingWindow) -> None:
        self._rule = rule
        self._period_us = round(rule.period_s * SECOND_US)
        self._log: deque[tuple[int, Amount]] = deque()
        self._count: Amount = 0

    def used(self, moment: Moment) -> Amount:
        while self._log and self._log[0][0] <= moment.true_us - self._period_us:
            self._count -= self._log.popleft()[1]
        return self._count

    def add(self, cost: Amount, moment: Moment) -> None:
        self._count = self.used(moment) + cost
        self._log.append((moment.true_us, cost))

    def wait_us(self, cost: Amount, moment: Moment) -> int:
        excess = self.used(moment) + cost - self._rule.limit
        if excess <= 0:
            return 0
        for at_us, spent in self._log:
            excess -= spent
            if excess <= 0:
                return at_us + self._period_us - moment.true_us
        return self._period_us


class _LeakMeter:
    """A level that leaks away: token buckets and decaying counters are both that.

    Reckoned in grains, of which a microsecond leaks a whole number: so a level is a whole number too.
    """

    def __init__(self, capacity: int, rate: Fraction) -> None:
        self._grains = SECOND_US * rate.denominator
        """In one unit of cost."""
        self._leak = rate.numerator
        """Grains a microsecond."""
        self._capacity = capacity * self._grains
        self._level: Amount = 0
        self._at_us: int | None = None

    def used(self, moment: Moment) -> Amount:
        return Fraction(self._left(moment), self._grains)

    def add(self, cost: Amount, moment: Moment) -> None:
        self._level = self._left(moment) + cost * self._grains

    def wait_us(self, cost: Amount, moment: Moment) -> int:
        excess = self._left(moment) + cost * self._grains - self._capacity
        return 0 if excess <= 0 else int(-(-excess // self._leak))

    def _left(self, moment: Moment) -> Amount:
        """Grains that have not leaked away by now."""
        if self._at_us is not None:
            self._level = max(0, self._level - (moment.true_us - self._at_us) * self._leak)
        self._at_us = moment.true_us
        return self._level


def _meter(counting: Counting) -> _Meter:
    match counting:
        case CalendarWindow():
            return _CalendarMeter(counting)
        case RollingWindow():
            return _RollingMeter(counting)
        case TokenBucket(rate=rate, burst=burst):
            return _LeakMeter(burst, rate)
        case DecayingCounter(limit=limit, decay=decay):
            return _LeakMeter(limit, decay)


# --- bans


@define
class _Ban:
    ends_us: int
    announced_us: int | None
    """True time; None until an answer has told of it."""


@define
class _Record:
    """The refusals of one key under one limit, and the bans that followed."""

    refusals: deque[int] = field(factory=deque)
    bans: int = 0


class LimitKeeper:
    """All counts and bans of one venue."""

    def __init__(self, limits: Iterable[VenueLimit] = ()) -> None:
        self._limits: dict[str, list[VenueLimit]] = {}
        for limit in limits:
            self._limits.setdefault(limit.name, []).append(limit)
        self._meters: dict[tuple[VenueLimit, str], _Meter] = {}
        self._records: dict[tuple[VenueLimit, str], _Record] = {}
        self._bans: dict[tuple[LimitScope, str], _Ban] = {}
        self._stepped = False
        self._told_us: int | None = None
        """When an answer first told the shown time as it is since the last step."""
        self.violations = 0
        """Requests that arrived when their limit was full."""
        self.violations_at_clock_step = 0
        """Those of calendar windows that ran before a client could know of a step of the shown clock;
        not in `violations`."""
        self.while_banned = 0
        """Requests that arrived more than 50 ms after their ban was announced and before its end."""

    def admit(self, uses: Iterable[Use], moment: Moment) -> Breach | None:
        """Count a request. A breach means: refuse it; it has been recorded as a violation."""
        asked = [(limit, use, self._meter_of(limit, use.key)) for use in uses for limit in self._limits[use.limit]]
        breach = _worst(asked, moment)
        for limit, use, meter in asked:
            if breach is None or limit.counts_refused:
                meter.add(use.cost, moment)
        if breach is not None:
            self._record(breach, moment)
        return breach

    def charge(self, use: Use, moment: Moment) -> None:
        """Count a cost that is known only after the request ran. Never a breach."""
        for limit in self._limits[use.limit]:
            self._meter_of(limit, use.key).add(use.cost, moment)

    def used(self, name: str, key: str, moment: Moment, *, which: int = 0) -> int:
        """The count for a usage header, rounded up; `which` of the limits that share the name."""
        limit = self._limits[name][which]
        return -int(-self._meter_of(limit, key).used(moment) // 1)

    def wait_us(self, use: Use, moment: Moment) -> int:
        """Until a request of this cost fits under all limits of the name; zero if now."""
        return max(self._meter_of(limit, use.key).wait_us(use.cost, moment) for limit in self._limits[use.limit])

    def clock_stepped(self) -> None:
        """The shown clock was stepped: calendar windows are not the client's to know until it is told the time."""
        self._stepped, self._told_us = True, None

    def clock_told(self, moment: Moment) -> None:
        """An answer told the time as it is since the step: windows that begin from now on can be known."""
        self._told_us = moment.true_us

    def ban(self, scope: LimitScope, key: str, seconds: float, moment: Moment, *, announced: bool) -> None:
        """Refuse everything of `key` from now on. A longer ban in force stays.

        `announced`: the answer that goes out now tells of it; else the first answer that meets it will.
        """
        ends_us = moment.true_us + round(seconds * SECOND_US)
        known = self._bans.get((scope, key))
        if known is None or known.ends_us <= moment.true_us:
            known = self._bans[scope, key] = _Ban(ends_us, None)
        known.ends_us = max(known.ends_us, ends_us)
        if announced and known.announced_us is None:
            known.announced_us = moment.true_us

    def meet(self, keys: Iterable[tuple[LimitScope, str]], moment: Moment) -> float | None:
        """Seconds left of the longest ban that a request of these keys meets; None if it may pass.

        Records a request that arrived more than 50 ms after the ban was announced. The answer to a first one,
        sent by somebody who could not know, is the announcement.
        """
        found = [ban for key in keys if (ban := self._bans.get(key)) is not None and ban.ends_us > moment.true_us]
        if not found:
            return None
        longest = max(found, key=lambda ban: ban.ends_us)
        if longest.announced_us is None:
            longest.announced_us = moment.true_us
        elif moment.true_us - longest.announced_us > ANNOUNCED_AFTER_US:
            self.while_banned += 1
        return (longest.ends_us - moment.true_us) / SECOND_US

    def reader_died(self, died: Moment) -> None:
        """A process that died then, and is followed by another one now, heard none of the answers since."""
        for ban in self._bans.values():
            if ban.announced_us is not None and ban.announced_us >= died.true_us - ANNOUNCED_AFTER_US:
                ban.announced_us = None

    def _meter_of(self, limit: VenueLimit, key: str) -> _Meter:
        found = self._meters.get((limit, key))
        if found is None:
            found = self._meters[limit, key] = _meter(limit.counting)
        return found

    def _record(self, breach: Breach, moment: Moment) -> None:
        if self._excused(breach.limit, moment):
            self.violations_at_clock_step += 1
            return
        self.violations += 1
        rule = breach.limit.escalation
        if rule is None:
            return
        record = self._records.setdefault((breach.limit, breach.use.key), _Record())
        record.refusals.append(moment.true_us)
        while record.refusals[0] <= moment.true_us - rule.within_s * SECOND_US:
            record.refusals.popleft()
        if len(record.refusals) > rule.refusals:
            seconds = min(rule.longest_s, rule.first_s * 2**record.bans)
            record.bans += 1
            self.ban(breach.limit.scope, breach.use.key, seconds, moment, announced=False)

    def _excused(self, limit: VenueLimit, moment: Moment) -> bool:
        if not self._stepped or not isinstance(limit.counting, CalendarWindow):
            return False
        return self._told_us is None or moment.true_us - self._told_us < limit.counting.period_s * SECOND_US


def _worst(asked: Iterable[tuple[VenueLimit, Use, _Meter]], moment: Moment) -> Breach | None:
    worst: Breach | None = None
    for limit, use, meter in asked:
        wait_us = meter.wait_us(use.cost, moment)
        if wait_us and (worst is None or wait_us > worst.retry_after_us):
            worst = Breach(limit=limit, use=use, retry_after_us=wait_us)
    return worst
