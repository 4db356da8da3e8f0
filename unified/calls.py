"""What a call has behind it: its deadline, which nested calls inherit, and the trace of its attempts.

Sends nothing and decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from unified.adapter import Stamp
from unified.errors import VenueError

_DEADLINE: ContextVar[float | None] = ContextVar("unified_deadline", default=None)


class within:  # noqa: N801  # said as a word; a class, since every call passes here and a generator takes three times as long
    """Run under `deadline` (loop seconds) or the caller's, whichever is nearer; gives the one that holds.

    Everything started inside inherits it: resync, login and look-ups count against the same time.
    """

    __slots__ = ("_holds", "_token")

    def __init__(self, deadline: float | None) -> None:
        inherited = _DEADLINE.get()
        holds = math.inf if deadline is None else deadline
        self._holds = holds if inherited is None or holds < inherited else inherited

    def __enter__(self) -> float:
        self._token = _DEADLINE.set(self._holds)
        return self._holds

    def __exit__(self, *_failure: object) -> None:
        _DEADLINE.reset(self._token)


def deadline() -> float | None:
    """Loop seconds until which the running call must have ended; None where there is no such time."""
    holds = _DEADLINE.get()
    return None if holds == float("inf") else holds


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

    def sending(self, stamp: Stamp) -> Awaitable[None] | None:
        """The request is built and about to leave. Whatever must be durable before it does is made so here.

        What is returned is awaited before it leaves; None where there is nothing to wait for.
        """

    def failed(self, error: VenueError, sent: bool) -> None:
        """The attempt failed. `sent` is false where `sending` was not reached; `error` tells the outcome."""

    def interrupted(self) -> None:
        """The attempt was cancelled after `sending`: it may have left."""

    def answered(self) -> None:
        """The attempt succeeded."""
