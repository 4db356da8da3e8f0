"""All that could be seen at a simulated venue since it is followed: books, trades, orders. Judges nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from unified.instrument import Instrument
from unified.sandbox.engine import Engine

DEPTH = 5


class Shown:
    """One market, and the orders of all accounts."""

    def __init__(self, engine: Engine, instrument: Instrument) -> None:
        self._engine, self._instrument = engine, instrument
        self.books: list[dict[str, list[list[Decimal]]]] = []
        advance = engine.advance

        def watched(to_us: int) -> None:
            advance(to_us)
            self._note()

        patched: Any = engine
        patched.advance = watched

    def _note(self) -> None:
        book = self._engine.book(self._instrument, DEPTH)
        sides = {"bids": [list(level) for level in book.bids], "asks": [list(level) for level in book.asks]}
        if not self.books or self.books[-1] != sides:
            self.books.append(sides)

    def trades(self) -> list[dict[str, Any]]:
        """Public ones that the venue still remembers."""
        return [
            {"price": trade.price, "quantity": trade.quantity, "side": trade.side.value}
            for trade in self._engine.market(self._instrument).tape.trades()
        ]

    def orders(self) -> list[dict[str, Any]]:
        """All that were placed, as they were when they were placed."""
        asked = [order.asked for account in self._engine.accounts.values() for order in account.orders]
        return [
            {"side": order.side.value, "price": order.price, "quantity": order.quantity, "status": "open"}
            for order in asked
        ]
