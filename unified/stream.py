"""Keeps one connection of a line alive for a set of watches (`keeper.py` says how).

Reads no frame (`link.py` does). What its watches bring, and that it is gone, the audience is told by the links.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from unified.connection import Means
from unified.errors import VenueError
from unified.feeds import Line
from unified.keeper import HANDOVER_SECONDS, Keeper, Show
from unified.link import Audience, Link
from unified.retry import RetryBudget
from unified.watches import Watch, WatchBook

_NUMBERS = count(1)


class Session(Keeper[Link]):
    """One connection, ever renewed, and what is watched over it."""

    def __init__(
        self, line: Line, base: str, door: str, means: Means, audience: Audience, budget: RetryBudget, show: Show
    ) -> None:
        super().__init__(line, means, budget, show)
        self.line = line
        self.watches: dict[Watch[Any], None] = {}
        self._base, self._door, self._audience = base, door, audience
        self._doubted: set[Watch[Any]] = set()
        """Refused for what may be the clock, by this connection or the one before."""

    def has_room(self, watch: Watch[Any]) -> bool:
        """Whether the watch fits beside the others: frames of two depths of one book cannot be told apart."""
        if len(self.watches) >= self.line.most_watches:
            return False
        return not isinstance(watch, WatchBook) or not any(
            isinstance(other, WatchBook) and other.instrument == watch.instrument for other in self.watches
        )

    def add(self, watch: Watch[Any]) -> None:
        """Watch this too."""
        self.watches[watch] = None
        if not self._keep() and self._link is not None:
            self._link.want([watch])

    def remove(self, watch: Watch[Any]) -> None:
        """Watch this no longer."""
        self.watches.pop(watch, None)
        if self._link is not None:
            self._link.drop(watch)

    # --- what it is to the keeper

    def _made(self) -> Link:
        return Link(next(_NUMBERS), self.line, self._base, self._door, self._means, self._audience, self._doubted)

    def _up(self, link: Link) -> None:
        link.want(self.watches)

    async def _handed_over(self, _old: Link, new: Link) -> None:
        await new.settled(HANDOVER_SECONDS)

    def _not_up(self, error: VenueError) -> None:
        """Those who watch wait for the next attempt."""

    def _given_up(self, error: VenueError) -> None:
        for watch in tuple(self.watches):
            self._audience.refused(watch, error.fault)


def first_with_room(sessions: Iterable[Session], watch: Watch[Any]) -> Session | None:
    """The first session that can take the watch too."""
    return next((session for session in sessions if session.has_room(watch)), None)
