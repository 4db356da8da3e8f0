"""What one client did during a run, counted from its hooks. Judges nothing: the venue's own ledger does."""

from __future__ import annotations

from collections import Counter

from attrs import define, field

from unified.client import Client
from unified.hooks import AttemptEvent, ResyncEvent, SettledEvent, WaitEvent
from unified.sandbox.ledger import AttemptRecord


@define
class Watch:
    """Counters of one client."""

    attempts: list[AttemptRecord] = field(factory=list)
    retries: Counter[str] = field(factory=Counter)
    """Attempts after the first, by operation."""
    resyncs: Counter[str] = field(factory=Counter)
    """Measurements of the venue's clocks, by reason."""
    waited: float = 0.0
    """Seconds in queues and between attempts, added up over all calls."""
    settled: Counter[str] = field(factory=Counter)
    """Doubts that ended, by what became known."""

    def follow(self, client: Client) -> None:
        """Count what this client does from now on."""
        client.hooks.on_attempt.add(self._attempt)
        client.hooks.on_wait.add(self._wait)
        client.hooks.on_resync.add(self._resync)
        client.hooks.on_settled.add(self._settled)

    def _attempt(self, event: AttemptEvent) -> None:
        self.attempts.append(AttemptRecord(event.method, event.path, event.digest))
        if event.attempt.number > 1:
            self.retries[event.attempt.operation] += 1

    def _wait(self, event: WaitEvent) -> None:
        self.waited += event.seconds

    def _resync(self, event: ResyncEvent) -> None:
        self.resyncs[event.reason] += 1

    def _settled(self, event: SettledEvent) -> None:
        self.settled[str(event.outcome)] += 1
