"""The background of one market: a seeded price path, a maker's ladder around it and random takers.

Has no account and unlimited funds. It meets clients' orders only through the execution, as anyone would.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random

from unified.instrument import Rounding, to_step
from unified.order import Side
from unified.sandbox.execution import Execution
from unified.sandbox.market import Market
from unified.sandbox.matching import Resting
from unified.sandbox.tape import history

_TAKER_CHANCE = 0.5
"""Of a taker at each step."""


class Crowd:
    """Everybody else in a market."""

    def __init__(self, market: Market, seed: int) -> None:
        self._market = market
        listing, instrument = market.listing, market.instrument
        self._chance = Random(f"{seed}/{instrument.product}/{instrument.symbol}")
        tick, lot = instrument.tick_size, instrument.lot_size
        self._grid = max(tick, to_step(listing.price * listing.grid_fraction, tick, Rounding.DOWN))
        self._at = int(listing.price / self._grid)
        self._unit = max(lot, to_step(listing.level_notional / listing.price / 10, lot, Rounding.DOWN))
        self._ladder: dict[Side, dict[int, Resting]] = {Side.BUY: {}, Side.SELL: {}}

    def remember(self, now_us: int, minutes: int) -> None:
        """Write the candles of the time before the start."""
        rules = self._market.instrument
        for candle in history(
            self._chance,
            price=self._grid * self._at,
            step=self._grid,
            quantity=self._unit * 10,
            lot=rules.lot_size,
            end_us=now_us,
            minutes=minutes,
        ):
            self._market.tape.remember(candle)

    def step(self, execution: Execution) -> None:
        """Move the path, set the ladder around it, and perhaps take."""
        self._at = max(self._market.listing.levels + 2, self._at + self._chance.choice((-1, 0, 0, 1)))
        self._market.mark = self._grid * self._at
        self.set_ladder(execution)
        if self._chance.random() < _TAKER_CHANCE:
            side = self._chance.choice((Side.BUY, Side.SELL))
            execution.background_take(self._market, side, self._some(5), self._reach(side))

    def move_to(self, price: Decimal, execution: Execution) -> None:
        """Jump to a price: what a test calls to fill resting orders or to trigger stops."""
        self._at = max(self._market.listing.levels + 2, int(price / self._grid))
        self._market.mark = self._grid * self._at
        self.set_ladder(execution)
        for side in (Side.BUY, Side.SELL):
            execution.background_take(self._market, side, self._unit, self._reach(side))

    def set_ladder(self, execution: Execution) -> None:
        """Withdraw levels that no longer belong to the ladder, then add those that are missing."""
        wanted = {side: self._indexes(side) for side in (Side.BUY, Side.SELL)}
        for side, indexes in wanted.items():
            for index in [index for index in self._ladder[side] if index not in indexes]:
                self._withdraw(side, index)
        for side, indexes in wanted.items():
            for index in indexes:
                self._restock(side, index, execution)

    def _indexes(self, side: Side) -> range:
        levels = self._market.listing.levels
        return (
            range(self._at - 1, self._at - 1 - levels, -1)
            if side is Side.BUY
            else range(self._at + 1, self._at + 1 + levels)
        )

    def _withdraw(self, side: Side, index: int) -> None:
        entry = self._ladder[side].pop(index)
        if entry.quantity > 0:
            self._market.book.remove(entry)

    def _restock(self, side: Side, index: int, execution: Execution) -> None:
        entry = self._ladder[side].get(index)
        if entry is not None and entry.quantity > 0:
            return
        self._ladder[side].pop(index, None)
        made = execution.background_limit(self._market, side, self._grid * index, self._some(20))
        if made is not None:
            self._ladder[side][index] = made

    def _some(self, most: int) -> Decimal:
        """A random quantity, the ladder's average being ten units."""
        return self._unit * self._chance.randrange(1, most)

    def _reach(self, side: Side) -> Decimal:
        """How far a taker goes: two levels beyond the middle."""
        return self._grid * (self._at + (2 if side is Side.BUY else -2))
