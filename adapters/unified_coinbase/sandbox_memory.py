"""What the simulated Coinbase remembers of orders beside the engine: their public ids, edits, numbers of fills, and the
rows of those that have ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import orjson
from attrs import define, field, frozen

from unified.sandbox.accounts import Account
from unified.sandbox.orders import VenueOrder
from unified.sandbox.wording import uuid_of


@frozen(kw_only=True)
class Edit:
    """One change of an order, as its row tells it."""

    price: str
    size: str
    time_us: int


@define
class _Notes:
    """Of one account; `seen` orders and fills are already in."""

    orders: dict[str, VenueOrder] = field(factory=dict)
    fills: Counter[int] = field(factory=Counter)
    seen_fills: int = 0


class Memory:
    """Grows with the engine; every look brings it up to date."""

    def __init__(self) -> None:
        self._notes: defaultdict[str, _Notes] = defaultdict(_Notes)
        self._edits: dict[int, list[Edit]] = {}
        self._ended: dict[int, orjson.Fragment] = {}

    def order(self, account: Account, public_id: str) -> VenueOrder | None:
        """An order by the UUID that clients know it by, whether queries show it already or not."""
        orders = self._notes[account.name].orders
        for order in account.orders[len(orders) :]:
            orders[public_id_of(order)] = order
        return orders.get(public_id)

    def count_fills(self, account: Account, order: VenueOrder) -> int:
        notes = self._notes[account.name]
        for fill in account.fills[notes.seen_fills :]:
            notes.fills[fill.order.order_id] += 1
        notes.seen_fills = len(account.fills)
        return notes.fills[order.order_id]

    def note_edit(self, order: VenueOrder, edit: Edit) -> None:
        self._edits.setdefault(order.order_id, []).append(edit)

    def edits(self, order: VenueOrder) -> list[Edit]:
        """Oldest first."""
        return self._edits.get(order.order_id, [])

    def written(self, order: VenueOrder, write: Callable[[], dict[str, Any]]) -> orjson.Fragment:
        """The row of an order as JSON. That of one that has ended is written once: it never changes again, and lists
        show it over and over."""
        row = self._ended.get(order.order_id)
        if row is None:
            row = orjson.Fragment(orjson.dumps(write()))
            if not order.is_open:
                self._ended[order.order_id] = row
        return row


def public_id_of(order: VenueOrder) -> str:
    return uuid_of(order.order_id, "coinbase order")
