"""A program that places orders and believes what its client says: limit orders that fill at once, market, IOC, resting
ones that it amends and cancels, and several in one request.

Knows the client's public methods alone. What it wants follows from the seed and the number of the order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import islice
from random import Random

from unified.client import Client
from unified.errors import Kind, VenueError
from unified.hooks import SettledEvent
from unified.instrument import Instrument, Rounding
from unified.operations import AmendOrder, CancelOrder, PlaceBatch, PlaceOrder
from unified.order import Order, OrderStatus, Side, TimeInForce
from unified.simulation.beliefs import Belief, Beliefs
from unified.simulation.chronicle import SUBJECTS, Chronicle
from unified.simulation.process import OWNER

WORKERS = 12
"""Calls under way at the same time."""
_PATIENCE_S = (2.0, 6.0, 15.0, 40.0)
"""Deadlines of calls, drawn for each."""
_AFTER_REFUSAL_S, _BUSY_S = 1.0, 6.0
_BATCH, _BATCH_SHARE = 3, 0.05
"""Orders of a batch, and the share of turns that are one."""
_AMEND_SHARE = 0.5
"""Share of resting orders that are amended before they are taken back."""


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
            more = tuple(islice(numbers, _BATCH - 1)) if chance.random() < _BATCH_SHARE else ()
            orders = await self._listed(chance, 1 + len(more))
            if len(orders) > 1 and self._client.supports(PlaceBatch, orders[0].product):
                await self._place_batch(orders, chance)
                continue
            for order in orders:
                await self._place(order, chance)

    async def _listed(self, chance: Random, count: int) -> list[PlaceOrder]:
        """Orders on one instrument as the listing allows them; the listing is asked for until it comes."""
        while True:
            try:
                instrument = await self._client.instrument(chance.choice(self._names))
                return [await self._order(instrument, chance) for _ in range(count)]
            except VenueError as error:
                await asyncio.sleep(error.retry_after or _AFTER_REFUSAL_S)

    async def _order(self, instrument: Instrument, chance: Random) -> PlaceOrder:
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
        patience, token = self._want((order,), chance), SUBJECTS.set((order.client_order_id,))
        try:
            placed = await self._client.place(order, deadline=patience)
        except VenueError as error:
            self._refused(order, error)
            await asyncio.sleep(error.retry_after or (_BUSY_S if error.kind is Kind.ORDER_BUSY else _AFTER_REFUSAL_S))
        else:
            self._heard(order.client_order_id, Belief.DONE, placed.status)
            if self._rests(order):
                await self._make_room(order, placed, chance)
        finally:
            SUBJECTS.reset(token)

    async def _place_batch(self, orders: Sequence[PlaceOrder], chance: Random) -> None:
        patience, token = self._want(orders, chance), SUBJECTS.set(tuple(order.client_order_id for order in orders))
        items: Sequence[Order | VenueError]
        try:
            items = await self._client.place_batch(orders, deadline=patience)
        except VenueError as error:
            items = [error] * len(orders)
        finally:
            SUBJECTS.reset(token)
        for order, item in zip(orders, items, strict=True):
            if isinstance(item, VenueError):
                self._refused(order, item)
            else:
                self._heard(order.client_order_id, Belief.DONE, item.status)
        if any(isinstance(item, VenueError) for item in items):
            await asyncio.sleep(_AFTER_REFUSAL_S)

    def _want(self, orders: Sequence[PlaceOrder], chance: Random) -> float:
        """Write down what is wanted, and for how long."""
        patience, beliefs = chance.choice(_PATIENCE_S), self._beliefs
        for order in orders:
            id_ = order.client_order_id
            beliefs.orders[id_], beliefs.of[id_] = order, Belief.WANTED
            beliefs.deadlines[id_] = asyncio.get_running_loop().time() + patience
            wanted = f"{order.side} {order.quantity} {order.instrument.name} {order.order_type}"
            self._chronicle.tell("wanted", id_, wanted)
        return patience

    def _refused(self, order: PlaceOrder, error: VenueError) -> None:
        self._heard(order.client_order_id, Belief.of(error.outcome), f"{error.kind}, {error.outcome}")
        self._count(error)

    def _rests(self, order: PlaceOrder) -> bool:
        """Whether the order was meant to wait on its side of the market."""
        if order.price is None or order.time_in_force is TimeInForce.IOC:
            return False
        away = self._price_of(order.instrument) - order.price
        return (away if order.side is Side.BUY else -away) > 0

    async def _make_room(self, order: PlaceOrder, placed: Order, chance: Random) -> None:
        """Take back what rests, some of it after an amendment: a venue keeps only so many open orders."""
        if placed.status not in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_NEW):
            return
        product = placed.instrument.product
        amends = self._client.supports(AmendOrder, product) and chance.random() < _AMEND_SHARE
        if amends and not await self._is_amended(order, placed, chance.choice(_PATIENCE_S)):
            return  # it rests, so that an amendment that comes late shows
        if self._client.supports(CancelOrder, product):
            with suppress(VenueError):  # then it rests; the account has room for many
                await self._client.cancel_order(placed)

    async def _is_amended(self, order: PlaceOrder, placed: Order, patience: float) -> bool:
        """Ask for a lot less, which every venue that amends can do; whether the client says that it was done."""
        id_, quantity = order.client_order_id, order.quantity
        if quantity is None:
            return True
        self._beliefs.amended[id_] = Belief.WANTED
        smaller = quantity - order.instrument.lot_size
        self._chronicle.tell("amending", id_, f"to {smaller}")
        try:
            await self._client.amend_order(placed, quantity=smaller, deadline=patience)
        except VenueError as error:
            told = Belief.of(error.outcome)
        else:
            told = Belief.DONE
        self._beliefs.amended[id_] = told
        self._chronicle.tell("heard", id_, f"amendment {told}")
        return told is Belief.DONE

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
