"""A small two-sided quoting loop, the same on every venue: it knows instruments, books and error kinds, no venue.

Made to exercise the library rather than to earn money. It keeps one post-only order a side near the best price,
moves it when the market moves (by amending where the venue can, else by cancel and place), now and then takes
what it sees, and remembers every order that it wanted in `Records`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from attrs import define, field

from unified.client import Client
from unified.errors import Family, Kind, Outcome, VenueError
from unified.instrument import Instrument, Product, Rounding
from unified.market_data import Book
from unified.operations import AmendOrder, PlaceOrder
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce

STEPS_AWAY = 3
"""Ticks between our quote and the best price of its side."""
TAKE_SHARE = 0.15
"""Of the rounds, how many take liquidity instead of making it."""
REST_SECONDS = 0.15
"""Between rounds."""
_AT_ONCE = 2
"""Orders that are tidied up together: where a look takes several requests, many would get half an answer each."""


@define
class Records:
    """Every order that one run wanted, and what it believes of each."""

    wanted: dict[str, PlaceOrder] = field(factory=dict)
    known: dict[str, Order] = field(factory=dict)
    """By client order id: the last state that the venue showed."""
    refused: dict[str, Kind] = field(factory=dict)
    """By client order id: orders that surely do not exist, and why."""
    errors: dict[Kind, int] = field(factory=dict)

    def saw(self, order: Order) -> None:
        """The venue showed an order of ours. A state that is final stays."""
        id_ = order.client_order_id
        if id_ is None or id_ not in self.wanted:
            return
        before = self.known.get(id_)
        if before is None or not before.status.is_final:
            self.known[id_] = order

    def failed(self, error: VenueError) -> None:
        self.errors[error.kind] = self.errors.get(error.kind, 0) + 1

    def open_orders(self) -> tuple[Order, ...]:
        return tuple(order for order in self.known.values() if order.status.is_open)


class Sight(Protocol):
    """Prices and own orders as they come by themselves."""

    async def book(self, instrument: Instrument, /) -> Book:
        """Raises VenueError."""
        ...

    def streams_orders(self, product: Product, /) -> bool:
        """Whether `Records` hears of own orders by itself."""
        ...


class Quoter:
    """One quoting loop on one instrument of one client."""

    def __init__(
        self, client: Client, name: str, records: Records, chance: Callable[[], float], sight: Sight | None = None
    ) -> None:
        """`sight` sees by streams; without one the venue is asked for everything."""
        self._sight = sight
        self._client = client
        self._name = name
        self._records = records
        self._chance = chance
        self._quotes: dict[Side, Order] = {}

    async def run(self, until: float) -> None:
        """Quote until the loop's clock reads `until`; errors are part of the day's work."""
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            rest = REST_SECONDS
            try:
                await self._round()
            except VenueError as error:
                self._records.failed(error)
                rest = self._patience(error)
            await asyncio.sleep(min(rest, max(0.0, until - loop.time())))

    def _patience(self, error: VenueError) -> float:
        """How long to stay away: as long as the venue asks, a second when it is unwell, else the usual rest."""
        if error.retry_after is not None:
            return error.retry_after
        unwell = error.fault.family in (Family.TRANSPORT, Family.AVAILABILITY, Family.THROTTLE)
        return 1.0 if unwell else REST_SECONDS

    async def _round(self) -> None:
        instrument = await self._client.instrument(self._name)
        book = await (self._client.book(instrument, depth=5) if self._sight is None else self._sight.book(instrument))
        self._forget_what_ended()
        if self._chance() < TAKE_SHARE:
            await self._take(instrument, book)
        for side in Side:
            await self._quote(instrument, side, book)
        if self._chance() < 0.3:
            await self._look_around(instrument)

    def _forget_what_ended(self) -> None:
        """Quotes that a stream has told the end of make room for new ones."""
        for side, quote in tuple(self._quotes.items()):
            known = self._records.known.get(quote.client_order_id or "")
            if known is not None and known.status.is_final:
                del self._quotes[side]

    # --- making

    async def _quote(self, instrument: Instrument, side: Side, book: Book) -> None:
        price = _quote_price(instrument, side, book)
        if price is None:
            return
        resting = self._quotes.get(side)
        if resting is None:
            await self._place(instrument, side, price)
        elif resting.price is not None and abs(resting.price - price) > 2 * instrument.tick_size:
            await self._move(resting, side, price)

    async def _place(self, instrument: Instrument, side: Side, price: Decimal) -> None:
        quantity = _small_quantity(instrument, price)
        order = await self._client.order(instrument, side, quantity=quantity, price=price, post_only=True)
        placed = await self._submit(order)
        if placed is not None and placed.status.is_open:
            self._quotes[side] = placed

    async def _move(self, resting: Order, side: Side, price: Decimal) -> None:
        """Bring a quote to its new price."""
        if self._client.supports(AmendOrder, resting.instrument.product) and self._chance() < 0.5:
            try:
                amended = await self._client.amend_order(resting, price=price)
            except VenueError as error:
                if error.kind is not Kind.NOT_SUPPORTED:
                    self._quotes.pop(side, None)
                    raise
            else:
                self._records.saw(amended)
                self._quotes[side] = amended
                return
        del self._quotes[side]
        self._records.saw(await self._client.cancel_order(resting))
        await self._place(resting.instrument, side, price)

    # --- taking

    async def _take(self, instrument: Instrument, book: Book) -> None:
        """Take a little of what is offered: a market order, or a limit that does not rest."""
        side = Side.BUY if self._chance() < 0.5 else Side.SELL
        level = book.best_ask if side is Side.BUY else book.best_bid
        if level is None:
            return
        quantity = _small_quantity(instrument, level.price)
        if self._chance() < 0.5:
            order = await self._client.order(instrument, side, quantity=quantity)
        else:
            order = await self._client.order(
                instrument, side, quantity=quantity, price=level.price, time_in_force=TimeInForce.IOC
            )
        await self._submit(order)

    async def _submit(self, order: PlaceOrder) -> Order | None:
        """Place an order and remember what became of it."""
        self._records.wanted[order.client_order_id] = order
        try:
            placed = await self._client.place(order, confirm=order.order_type is OrderType.MARKET)
        except VenueError as error:
            if error.outcome in (Outcome.NOT_SENT, Outcome.REJECTED):
                self._records.refused[order.client_order_id] = error.kind
            if error.kind in (Kind.WOULD_TAKE, Kind.UNFILLABLE):
                return None
            if error.kind is Kind.INSUFFICIENT_FUNDS:
                await self._make_room()
            raise
        self._records.saw(placed)
        return placed

    async def _make_room(self) -> None:
        """Cancel what rests, so that its funds are free again."""
        resting, self._quotes = self._quotes, {}
        for order in resting.values():
            self._records.saw(await self._client.cancel_order(order))

    # --- looking

    async def _look_around(self, instrument: Instrument) -> None:
        """Compare with the venue: what is open there, what became of our quotes, what the account holds."""
        if self._sight is None or not self._sight.streams_orders(instrument.product):
            await self._ask_about_quotes(instrument)
        await self._client.balances(instrument.product)

    async def _ask_about_quotes(self, instrument: Instrument) -> None:
        open_ids = set()
        async for order in self._client.open_orders(instrument.product, instrument):
            open_ids.add(order.venue_order_id)
            self._records.saw(order)
        for side, quote in tuple(self._quotes.items()):
            if quote.venue_order_id not in open_ids:
                seen = await self._client.get_order(
                    instrument, venue_order_id=quote.venue_order_id, client_order_id=quote.client_order_id
                )
                self._records.saw(seen)
                if seen.status.is_final:
                    self._quotes.pop(side, None)


async def tidy_up(client: Client, records: Records, deadline: float) -> None:
    """Cancel what rests, settle what is in doubt and learn the final state of every order, within the deadline."""
    loop, turns = asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE)

    async def finish(id_: str) -> None:
        async with turns:
            await _finish(client, records, records.wanted[id_])

    while loop.time() < deadline:
        left = [id_ for id_ in records.wanted if not _is_settled(records, id_)]
        if not left:
            return
        in_doubt = {item.client_order_id for item in client.pending()}
        await asyncio.gather(*(finish(id_) for id_ in left if id_ not in in_doubt))
        await asyncio.sleep(0.2)


def _is_settled(records: Records, id_: str) -> bool:
    order = records.known.get(id_)
    return id_ in records.refused if order is None else order.status.is_final


async def _finish(client: Client, records: Records, wanted: PlaceOrder) -> None:
    """Cancel an order, or look at it where it cannot be canceled."""
    known = records.known.get(wanted.client_order_id)
    try:
        if known is not None and known.status is not OrderStatus.PENDING_CANCEL:
            records.saw(await client.cancel_order(known))
            return
    except VenueError as error:
        records.failed(error)
    try:
        records.saw(
            await client.get_order(
                wanted.instrument,
                venue_order_id=None if known is None else known.venue_order_id,
                client_order_id=wanted.client_order_id,
            )
        )
    except VenueError as error:
        records.failed(error)
        if known is None and error.kind is Kind.ORDER_NOT_FOUND:
            records.refused[wanted.client_order_id] = error.kind


def _quote_price(instrument: Instrument, side: Side, book: Book) -> Decimal | None:
    level = book.best_bid if side is Side.BUY else book.best_ask
    if level is None:
        return None
    away = STEPS_AWAY * instrument.tick_size
    price = level.price - away if side is Side.BUY else level.price + away
    return instrument.round_price(price, Rounding.DOWN if side is Side.BUY else Rounding.UP)


def _small_quantity(instrument: Instrument, price: Decimal) -> Decimal:
    """Three times the least order that the venue takes, so that a moving price does not push it below."""
    least = max(instrument.min_quantity, instrument.lot_size, instrument.min_notional / price)
    return instrument.round_quantity(3 * least, Rounding.UP)
