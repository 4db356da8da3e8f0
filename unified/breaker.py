"""Whether calls of one class may go to a venue that seems broken: one `Breaker` per venue, product and class.

Waits for nothing, sends nothing and reads no clock. It hears of trouble of the network and of the venue only;
limits belong to the limiter, and a refused order is the sign of a venue at work. The budget of `retry.py` is the
first line against overload; this is the second, against a venue that answers nobody.

A breaker that has opened stays so for a while, then lets single probes through. A probe is a cheap public read
of ours (the server's time), never a user's order. Cancels pass in any state.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from enum import StrEnum

from attrs import define

from unified.errors import Family, Fault, Kind, Outcome, Scope
from unified.values import frozen

WINDOW_SECONDS = 10.0
SLICE_SECONDS = 0.1
"""Calls that ended within it are counted as one number, and forgotten together."""
LEAST_CALLS = 10
"""Fewer calls in the window prove nothing."""
FAILED_SHARE = 0.5
FIRST_OPEN_SECONDS = 1.0
LONGEST_OPEN_SECONDS = 30.0
PROBES_TO_CLOSE = 3
PROBE_TIMEOUT_SECONDS = 10.0
"""A probe that is not answered by then is given up, so that a caller who went away leaves no breaker stuck."""
CANCEL_PROBE_SECONDS = 1.0
"""Of the cancels that pass, one in so many seconds counts as a probe."""


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@frozen
class Pass:
    """Go."""


@frozen
class Probe:
    """Read the server's time first, report that answer, and ask again."""


@frozen
class Refuse:
    """Do not go: `overloaded`, not_sent."""

    retry_after: float
    """Seconds until it makes sense to ask again."""


Admission = Pass | Probe | Refuse


@frozen(kw_only=True)
class BreakerReading:
    """A breaker as people and metrics see it."""

    state: State
    calls: int
    """In the window."""
    failures: int
    """Of them."""
    opened: int
    """How often in a row it opened; each time lasts twice as long."""
    retry_after: float
    """Seconds until the next probe; 0 where calls or a probe may go."""


@define
class _Slice:
    """Calls that ended within a tenth of a second."""

    since: float
    calls: int = 0
    failures: int = 0


class Breaker:
    """One class of calls to one venue. Times are monotonic seconds; `chance` gives uniform numbers in [0, 1)."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._state = State.CLOSED
        self.closed = True
        """Whether every call may go: there is no need to ask `allowed`."""
        self._since = -math.inf
        """When it last opened or closed. Calls begun before tell nothing of what came after."""
        self._until = -math.inf
        """When the open state ends, or a probe under way is given up."""
        self._slices: deque[_Slice] = deque()
        """The calls of the window, by when they ended: a busy client makes tens of thousands of them."""
        self._calls = 0
        self._failures = 0
        self._opened = 0
        self._probed = 0
        self._cancel_probed_at = -math.inf

    def allowed(self, now: float, *, cancel: bool) -> Admission:
        """Whether a call may go. A `Probe` is handed to one caller at a time."""
        if self._state is State.CLOSED or cancel:
            return Pass()
        if now < self._until:
            return Refuse(self._until - now)
        self._state = State.HALF_OPEN
        self._until = now + PROBE_TIMEOUT_SECONDS
        return Probe()

    def observe(self, fault: Fault | None, *, started_at: float, now: float, cancel: bool) -> None:
        """An attempt of this class, or a probe, begun at `started_at`, has ended. None says that it succeeded."""
        if fault is not None and _never_left(fault):
            return
        if fault is not None and fault.kind is Kind.MAINTENANCE and fault.scope is Scope.VENUE:
            self._announced(fault.retry_after, now)
        elif started_at >= self._since:
            failed = fault is not None and _shows_trouble(fault)
            if self._state is State.CLOSED:
                self._count(failed, now)
            else:
                self._judge_probe(failed, now, cancel)

    def reading(self, now: float) -> BreakerReading:
        """Its state, for people and metrics."""
        self._drop_old(now)
        return BreakerReading(
            state=self._state,
            calls=self._calls,
            failures=self._failures,
            opened=self._opened,
            retry_after=0.0 if self._state is State.CLOSED else max(0.0, self._until - now),
        )

    def _announced(self, retry_after: float | None, now: float) -> None:
        if retry_after is not None:
            self._open(now, retry_after)
        elif self._state is not State.OPEN:
            self._open(now, self._pause(now))

    def _count(self, failed: bool, now: float) -> None:
        slices = self._slices
        if not slices or now >= slices[-1].since + SLICE_SECONDS:
            self._drop_old(now)
            slices.append(_Slice(now))
        slices[-1].calls += 1
        slices[-1].failures += failed
        self._calls += 1
        self._failures += failed
        if self._calls >= LEAST_CALLS and self._failures >= FAILED_SHARE * self._calls:
            self._open(now, self._pause(now))

    def _judge_probe(self, failed: bool, now: float, cancel: bool) -> None:
        if cancel:
            if now < self._cancel_probed_at + CANCEL_PROBE_SECONDS:
                return
            self._cancel_probed_at = now
        if not failed:
            self._probed += 1
            if self._probed >= PROBES_TO_CLOSE:
                self._close(now)
            elif not cancel:
                self._until = now
        elif self._state is State.HALF_OPEN:
            self._open(now, self._pause(now))

    def _pause(self, now: float) -> float:
        """Seconds to stay open: twice as long each time, from the start again after a healthy window."""
        if self._state is State.CLOSED and now >= self._since + WINDOW_SECONDS:
            self._opened = 0
        longest = min(LONGEST_OPEN_SECONDS, FIRST_OPEN_SECONDS * 2.0 ** min(self._opened, 10))
        self._opened += 1
        return longest * (0.75 + 0.25 * self._chance())

    def _open(self, now: float, seconds: float) -> None:
        self._state, self._since, self._until = State.OPEN, now, now + seconds
        self.closed = False
        self._probed = 0
        self._slices.clear()
        self._calls = self._failures = 0

    def _close(self, now: float) -> None:
        self._state, self._since = State.CLOSED, now
        self.closed = True

    def _drop_old(self, now: float) -> None:
        while self._slices and self._slices[0].since <= now - WINDOW_SECONDS:
            gone = self._slices.popleft()
            self._calls -= gone.calls
            self._failures -= gone.failures


def _never_left(fault: Fault) -> bool:
    """Whether we stopped the call ourselves: the venue had no part in it."""
    return fault.outcome is Outcome.NOT_SENT and fault.family is not Family.TRANSPORT


def _shows_trouble(fault: Fault) -> bool:
    """Whether the venue or the way to it is in trouble, rather than one order or instrument."""
    wide = fault.scope not in (Scope.ORDER, Scope.SYMBOL)
    return wide and fault.family in (Family.TRANSPORT, Family.AVAILABILITY)
