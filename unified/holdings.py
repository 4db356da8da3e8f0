"""Balances or positions of the account, told as they change: what frames say, completed by asking for all of them.

An answer may be older than a frame that came while it was on its way: what frames have told since the question left
stays. Orders and fills are another story (`executions.py`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from attrs import evolve

from unified.account import Balance, Position
from unified.operations import FetchBalances, FetchPositions
from unified.reconciling import OwnMeans, OwnStream, until_answered
from unified.topics import Topic
from unified.watches import WatchBalances, WatchPositions

Holding = Balance | Position


class Holdings(OwnStream):
    """What one account holds of one product."""

    def __init__(self, topic: Topic, means: OwnMeans) -> None:
        super().__init__(topic, means)
        self.values: dict[Hashable, Holding] = {}
        """What was told last, by currency or instrument."""
        self._fresh: set[Hashable] = set()
        """What frames have told since the venue was asked last: its answer may be older than they are."""

    def told(self, value: Holding) -> None:
        self._fresh.add(_key_of(value))
        self._tell(value)

    def down(self) -> None:
        """All of it is asked for anew."""

    def known(self) -> tuple[Holding, ...]:
        return tuple(self.values.values())

    def _tell(self, value: Holding) -> None:
        key = _key_of(value)
        if self.values.get(key) != value:
            self.values[key] = value
            self.topic.queue(value)

    async def _ask(self) -> None:
        await until_answered(self.look)

    async def _proved(self) -> None:
        """One answer holds all of them."""

    async def look(self) -> None:
        """Tell what is held now; what is no longer listed is told as nothing. Raises VenueError."""
        self._fresh.clear()
        listed = {_key_of(item): item for item in await self._listed()}
        gone = {key: _none_of(value) for key, value in self.values.items()}
        for key, value in (gone | listed).items():
            if key not in self._fresh:
                self._tell(value)

    async def _listed(self) -> Iterable[Holding]:
        watch = self.topic.watch
        if isinstance(watch, WatchBalances):
            balances: tuple[Balance, ...] = await self._means.run(FetchBalances(product=watch.product))
            return balances
        assert isinstance(watch, WatchPositions)
        asked = FetchPositions(product=watch.product, listing=watch.listing)
        positions: tuple[Position, ...] = await self._means.run(asked)
        return positions


def _key_of(value: Holding) -> Hashable:
    """What it is about: a currency, or a position."""
    if isinstance(value, Balance):
        return value.currency
    return value.instrument.symbol, value.position_side


def _none_of(value: Holding) -> Holding:
    if isinstance(value, Balance):
        return evolve(value, free=0 * value.free, locked=0 * value.locked)
    return evolve(value, quantity=0 * value.quantity)
