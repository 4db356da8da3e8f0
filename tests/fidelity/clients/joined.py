"""A book joined from a snapshot and its changes, for clients that leave that to their users. Knows no client."""

from __future__ import annotations

from typing import Any

CHANGES = 5
"""Of a book, until it is told: what it shows then was joined by deltas."""
_DEPTH = 5


class JoinedBook:
    """Both sides by price; a level of nothing is gone."""

    def __init__(self) -> None:
        self._sides: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}

    def put(self, side: str, price: str, quantity: str) -> None:
        self._sides[side][price] = quantity

    def top(self) -> dict[str, Any]:
        """The best levels of `bids` and `asks`, as they were written."""
        rows = {
            side: sorted(([price, size] for price, size in held.items() if float(size)), key=lambda row: float(row[0]))
            for side, held in self._sides.items()
        }
        return {"bids": rows["bids"][::-1][:_DEPTH], "asks": rows["asks"][:_DEPTH]}
