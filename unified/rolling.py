"""A window that rolls: so much in any stretch of a period. One form of `bucket.py`; knows no clock and no calendar."""

from __future__ import annotations

from collections import deque

from unified.adapter import Limit
from unified.bucket import DRIFT, ROUNDING, Bucket, Theta, Word

STAMP_UNIT = 0.001
"""Seconds; venues keep arrival times in whole milliseconds or finer."""
_CELLS = 256
"""A rolling window is remembered in so many steps: what falls into one step expires together, at its end."""


class RollingLog:
    """What was answered within a window that rolls, in cells that expire together."""

    __slots__ = ("_cells", "_life", "_step", "total")

    def __init__(self, period: float) -> None:
        self._cells: deque[list[float]] = deque()
        """Expiry, cost, birth; oldest first."""
        self._life = period * (1 + DRIFT) + STAMP_UNIT
        self._step = period / _CELLS
        self.total = 0.0

    def drop(self, now: float) -> float:
        """Forget what has expired; what is left."""
        cells = self._cells
        while cells and cells[0][0] <= now:
            self.total -= cells.popleft()[1]
        if not cells:
            self.total = 0.0
        return self.total

    def add(self, cost: float, now: float, reset_after: float | None = None) -> float:
        """Count what was answered now; the new total."""
        life = self._life if reset_after is None else min(self._life, reset_after + STAMP_UNIT)
        expiry = now + life
        self.total += cost
        if self._cells:
            last = self._cells[-1]
            expiry = max(expiry, last[0])
            if now - last[2] < self._step:
                last[0] = expiry
                last[1] += cost
                return self.total
        self._cells.append([expiry, cost, now])
        return self.total

    def frees(self, excess: float, now: float) -> float:
        """When so much has expired; what is in flight can do so no sooner than a whole life from now."""
        for expiry, cost, _ in self._cells:
            excess -= cost
            if excess <= ROUNDING:
                return expiry
        return now + self._life


class Rolling(Bucket):
    """So much in any stretch of `period` seconds."""

    __slots__ = ("_log",)

    def __init__(self, limit: Limit, share: float, door: str) -> None:
        super().__init__(limit, share, door)
        self._log = RollingLog(self.period or 0.0)

    def advance(self, now: float, _theta: Theta | None, /) -> None:
        self.now = now
        if self.counted:
            self.counted = self._log.drop(now)

    def _frees(self, excess: float) -> float:
        return self._log.frees(excess, self.now)

    def seed(self, cost: float) -> None:
        self.counted = self._log.add(cost, self.now)

    def observe(self, word: Word) -> None:
        self.venue_used = word.used
        if word.used > self.used:
            self.counted = self._log.add(word.used + word.pending - self.used, self.now, word.reset_after)
