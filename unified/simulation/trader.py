"""A program that places orders and believes what its client says: limit orders that fill at once, market, IOC, resting.

Knows the client's public methods alone. What it wants follows from the seed and the number of the order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from random import Random

from unified.client import Client
from unified.errors import Kind, VenueError
from unified.hooks import SettledEvent
from unified.instrument import Instrument, Rounding
from unified.operations import CancelOrder, PlaceOrder
from unified.order import Order, OrderStatus, Side, TimeInForce
from unified.simulation.beliefs import Belief, Beliefs
from unified.simulation.chronicle import SUBJECT, Chronicle
from unified.simulation.process import OWNER

WORKERS = 12
"""Calls under way at the same time."""
_PATIENCE_S = (2.0, 6.0, 15.0, 40.0)
"""Deadlines of calls, drawn for each."""
_AFTER_REFUSAL_S, _BUSY_S = 1.0, 6.0


class Trader:
    """One life of the program."""

    def __init__(
        self,
        client: Client,
        names: tuple[str, ...],
        price_of: Callable[[Instrument], Decimal],
        seed: str,
        beliefs: Beliefs,
        chronicle: Chronicle,
    ) -> None:
        self._client = client
        self._names = names
        self._price_of = price_of
        self._seed = seed
        self._beliefs = beliefs
        self._chronicle = chronicle
        client.hooks.on_settled.add(self._settled)

    async def run(self, numbers: Iterator[int]) -> None:
        """Place an order for each number; several at a time."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work(numbers))

    async def _work(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            chance = Random(f"{self._seed}/{number}")
            await self._place(await self._listed(chance), chance)

    async def _listed(self, chance: Random) -> PlaceOrder:
        """An order as the listing allows it; the listing is asked for until it comes."""
        while True:
            try:
                return await self._order(chance)
            except VenueError as error:
                await asyncio.sleep(error.retry_after or _AFTER_REFUSAL_S)

    async def _order(self, chance: Random) -> PlaceOrder:
        instrument = await self._client.instrument(chance.choice(self._names))
        side = chance.choice((Side.BUY, Side.SELL))
        price = self._price_of(instrument)
        least = max(instrument.min_quantity, instrument.lot_size, instrument.min_notional / price)
        quantity = instrument.round_quantity(chance.randint(2, 4) * least, Rounding.UP)
        match chance.randrange(10):
            case 0 | 1:
                return await self._client.order(instrument, side, quantity=quantity)
            case 2 | 3:
                return await self._client.order(
                    instrument,
                    side,
                    quantity=quantity,
                    price=_beyond(instrument, side, price, "0.004"),
                    time_in_force=TimeInForce.IOC,
                )
            case 4 | 5:
                return await self._client.order(
                    instrument, side, quantity=quantity, price=_beyond(instrument, side, price, "-0.01")
                )
        return await self._client.order(
            instrument, side, quantity=quantity, price=_beyond(instrument, side, price, "0.004")
        )

    async def _place(self, order: PlaceOrder, chance: Random) -> None:
        id_, patience = order.client_order_id, chance.choice(_PATIENCE_S)
        beliefs, token = self._beliefs, SUBJECT.set(id_)
        beliefs.orders[id_], beliefs.of[id_] = order, Belief.WANTED
        beliefs.deadlines[id_] = asyncio.get_running_loop().time() + patience
        self._chronicle.tell("wanted", id_, f"{order.side} {order.quantity} {order.instrument.name} {order.order_type}")
        try:
            placed = await self._client.place(order, deadline=patience)
        except VenueError as error:
            self._heard(id_, Belief.of(error.outcome), f"{error.kind}, {error.outcome}")
            self._count(error)
            await asyncio.sleep(error.retry_after or (_BUSY_S if error.kind is Kind.ORDER_BUSY else _AFTER_REFUSAL_S))
        else:
            self._heard(id_, Belief.DONE, placed.status)
            if self._rests(order):
                await self._make_room(placed)
        finally:
            SUBJECT.reset(token)

    def _rests(self, order: PlaceOrder) -> bool:
        """Whether the order was meant to wait on its side of the market."""
        if order.price is None or order.time_in_force is TimeInForce.IOC:
            return False
        away = self._price_of(order.instrument) - order.price
        return (away if order.side is Side.BUY else -away) > 0

    async def _make_room(self, placed: Order) -> None:
        """Take back what rests: a venue keeps only so many open orders."""
        if placed.status not in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_NEW):
            return
        if not self._client.supports(CancelOrder, placed.instrument.product):
            return
        with suppress(VenueError):  # then it rests; the account has room for many
            await self._client.cancel_order(placed)

    def _heard(self, id_: str, belief: Belief, detail: str) -> None:
        self._beliefs.of[id_] = belief
        self._beliefs.unknown += belief is Belief.UNKNOWN
        self._chronicle.tell("heard", id_, detail)

    def _settled(self, event: SettledEvent) -> None:
        process = OWNER.get()
        if event.operation != PlaceOrder.name or (process is not None and process.dead):
            return
        settled, id_ = self._beliefs.settled, event.client_order_id
        settled[event.outcome] = settled.get(event.outcome, 0) + 1
        self._beliefs.of[id_] = Belief.of(event.outcome)
        self._chronicle.tell("settled", id_, event.outcome)

    def _count(self, error: VenueError) -> None:
        name = f"{error.kind} ({error.outcome})"
        self._beliefs.kinds[name] = self._beliefs.kinds.get(name, 0) + 1


def _beyond(instrument: Instrument, side: Side, price: Decimal, fraction: str) -> Decimal:
    """A price that far beyond the market, or on this side of it where the fraction is negative."""
    share = Decimal(fraction) if side is Side.BUY else -Decimal(fraction)
    return instrument.round_price(price * (1 + share), Rounding.UP if share > 0 else Rounding.DOWN)
