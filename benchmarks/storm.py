"""A server that stalls for ten seconds at 80 % load, and callers who follow a retry policy.

A queue on paper: no client and no network, so that nothing but policy and budget decides what happens.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from enum import IntEnum
from itertools import count
from random import Random

from attrs import define, field

from benchmarks.figure import Figure, Sizes
from unified.errors import Fault, Kind
from unified.operations import Priority
from unified.retry import Effect, Facts, RetryBudget, RetryPolicy, RetrySettings, Wait

TIMEOUT = Fault(kind=Kind.REQUEST_TIMEOUT)
STALL_BEGINS, STALL_ENDS, END = 20.0, 30.0, 140.0
CALLS = int(END * 80)


class Step(IntEnum):
    SEND = 0
    ANSWER = 1
    TIMEOUT = 2


@define
class Storm:
    """80 calls a second with a time-out of 1 s, at a server that answers 100 a second in the order of arrival.

    For ten seconds it answers nothing. Requests whose caller has gone are worked off like all others.
    """

    settings: RetrySettings
    budget: RetryBudget | None
    sent: int = 0
    served_at: list[float] = field(factory=list)
    timed_out_at: list[float] = field(factory=list)
    _free_at: float = 0.0

    def run(self) -> Storm:
        policy, tie = RetryPolicy(self.settings, Random(3).random), count()
        # time, tie-breaker, what happens, when the call began, its attempt, what its last retry took
        events = [(number / 80, next(tie), Step.SEND, number / 80, 1, 0) for number in range(CALLS)]
        heapq.heapify(events)
        while events:
            now, _, step, began, attempt, taken = heapq.heappop(events)
            if step is Step.SEND:
                happens, at = self._send(now)
                heapq.heappush(events, (at, next(tie), happens, began, attempt, taken))
            elif step is Step.ANSWER:
                self.served_at.append(now)
                if self.budget:
                    self.budget.succeeded(taken)
            else:
                self.timed_out_at.append(now)
                after = _timed_out(attempt, began + 10 - now)
                decision = policy.decide(after)
                taken = self.budget.take(TIMEOUT, Priority.PUBLIC_READ) if self.budget else 1
                if isinstance(decision, Wait) and taken:
                    heapq.heappush(events, (now + decision.seconds, next(tie), Step.SEND, began, attempt + 1, taken))
        return self

    def _send(self, now: float) -> tuple[Step, float]:
        self.sent += 1
        start = max(self._free_at, now)
        self._free_at = 0.01 + (STALL_ENDS if STALL_BEGINS <= start < STALL_ENDS else start)
        return (Step.ANSWER, self._free_at) if self._free_at <= now + 1 else (Step.TIMEOUT, now + 1)

    @property
    def load(self) -> float:
        return self.sent / CALLS

    @property
    def recovered_after(self) -> float:
        """Seconds from the end of the stall to the last call that timed out."""
        return self.timed_out_at[-1] - STALL_ENDS

    @property
    def goodput(self) -> float:
        """Answers a second in the last minute but the last seconds, when nothing new comes."""
        return sum(END - 65 <= at < END - 5 for at in self.served_at) / 60


def _timed_out(attempt: int, remaining: float) -> Facts:
    return Facts(
        fault=TIMEOUT,
        outcome=TIMEOUT.outcome,
        attempt=attempt,
        effect=Effect.READ,
        remaining=remaining,
        met=frozenset(),
    )


def figures(_sizes: Sizes) -> Iterator[Figure]:
    """What retries cost a venue that stalled, against callers who never retry and callers without a budget."""
    alone = Storm(RetrySettings(enabled=False), None).run()
    budgeted = Storm(RetrySettings(), RetryBudget()).run()
    endless = Storm(RetrySettings(), None).run()
    yield Figure(
        what="load after a stall of 10 s at 80 % load",
        required="at most 1.1x",
        measured=f"{budgeted.load:.3f}x of the calls",
        holds=1.0 < budgeted.load <= 1.1,
    )
    ratio = budgeted.recovered_after / alone.recovered_after
    yield Figure(
        what="recovery from it, against no retry",
        required="at most 1.2x",
        measured=f"{ratio:.3f}x: {budgeted.recovered_after:.1f} s against {alone.recovered_after:.1f} s",
        holds=ratio <= 1.2,
    )
    yield Figure(
        what="control: retries without a budget",
        required="no recovery",
        measured=f"load {endless.load:.2f}x, {endless.goodput:.0f} answers a second in the last minute",
        holds=endless.goodput == 0,
    )
