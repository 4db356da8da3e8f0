"""What a call has behind it: its deadline, which nested calls inherit, and the trace of its attempts.

Sends nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from unified.adapter import Stamp
from unified.errors import VenueError

_DEADLINE: ContextVar[float | None] = ContextVar("unified_deadline", default=None)


@contextmanager
def within(deadline: float | None) -> Iterator[float]:
    """Run under `deadline` (loop seconds) or the caller's, whichever is nearer; gives the one that holds.

    Everything started inside inherits it: resync, login and look-ups count against the same time.
    """
    inherited = _DEADLINE.get()
    holds = min((limit for limit in (deadline, inherited) if limit is not None), default=float("inf"))
    token = _DEADLINE.set(holds)
    try:
        yield holds
    finally:
        _DEADLINE.reset(token)


@contextmanager
def without_deadline() -> Iterator[None]:
    """Run free of the caller's deadline: work that goes on after the caller has gone."""
    token = _DEADLINE.set(None)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


class Trace:
    """Told of each attempt of one call, in order. The base class listens to nothing."""

    async def sending(self, stamp: Stamp) -> None:
        """The request is built and about to leave. Whatever must be durable before it does is made so here."""

    def failed(self, error: VenueError, sent: bool) -> None:
        """The attempt failed. `sent` is false where `sending` was not reached; `error` tells the outcome."""

    def interrupted(self) -> None:
        """The attempt was cancelled after `sending`: it may have left."""

    def answered(self) -> None:
        """The attempt succeeded."""
