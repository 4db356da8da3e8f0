"""What is due when, in true venue time. Runs nothing by itself: the engine takes what is due."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count


class Agenda:
    """Actions in order of their time; those of the same time in order of their entry."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = count()

    def add(self, at_us: int, action: Callable[[], None]) -> None:
        heappush(self._heap, (at_us, next(self._numbers), action))

    def take(self, until_us: int) -> tuple[int, Callable[[], None]] | None:
        """The next action that is due by `until_us`, with its time."""
        if not self._heap or self._heap[0][0] > until_us:
            return None
        at_us, _, action = heappop(self._heap)
        return at_us, action
