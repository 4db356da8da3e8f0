"""The front door: one short async method per thing that a trading loop wants.

Knows no venue. Names become instruments here, rules are checked here, and every call ends in the scheduler;
what may happen to an order is `placement.py`'s affair.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, Unpack

from attrs import evolve

from unified.account import Balance, Fee, KeyPermissions, MarginMode, Position, PositionMode, VenueStatus
from unified.adapter import AdapterClass
from unified.clock import ClockReading
from unified.config import ClientConfig, load
from unified.doubt import Pending
from unified.errors import Outcome
from unified.health import Health
from unified.hooks import Hooks
from unified.instrument import Instrument, Instruments, Product
from unified.limit_states import LimitState
from unified.market_data import Book, Candle, FundingRate, Interval, Ticker, Trade
from unified.operations import (
    CancelAll,
    FetchBalances,
    FetchBook,
    FetchCandles,
    FetchClosedOrders,
    FetchFills,
    FetchFundingRate,
    FetchKeyPermissions,
    FetchOpenOrders,
    FetchOrder,
    FetchPositions,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchTradingFees,
    FetchVenueStatus,
    Operation,
    PlaceBatch,
    Placed,
    PlaceOrder,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
    TestOrder,
)
from unified.order import Fill, Order, Side
from unified.order_ids import check as check_id
from unified.ports import Dialer, Journal, Transport
from unified.terms import Number, Terms, check_order, exact, exact_or_none, order_of, word
from unified.watcher import Watcher
from unified.wire import moment
from unified.wiring import assemble
from unified.world import World

T = TypeVar("T")

Named = Instrument | str
"""An instrument, or its name: `BTC/USDT`, `BTC/USDT:USDT`, the venue's symbol or a common spelling."""


class Client(Watcher):
    """One account at one venue.

    ```python
    async with Client("binance", environment="testnet", credentials=Credentials(...)) as client:
        order = await client.place_order("BTC/USDT", "buy", quantity="0.001", price="50000")
    ```

    Made of a configuration (`Client.from_file`, `Client(ClientConfig(...))`) or of arguments. Every method
    raises VenueError; `kind` says what happened, `outcome` whether it took effect.
    """

    def __init__(
        self,
        adapter: str | AdapterClass | ClientConfig,
        /,
        *,
        transport: Transport | None = None,
        world: World | None = None,
        journal: Journal | None = None,
        dialer: Dialer | None = None,
        **settings: Any,
    ) -> None:
        """`settings` are the fields of `ClientConfig`; the other arguments stand in for the machine's.

        Raises ConfigurationError.
        """
        config = adapter if isinstance(adapter, ClientConfig) else ClientConfig(adapter=adapter, **settings)
        parts = assemble(config, transport, world, journal, dialer)
        self._adapter = parts.adapter
        self._scheduler = parts.scheduler
        self._access = parts.access
        self._placement = parts.placement
        self._settlement = parts.settlement
        self._changes = parts.changes
        self._transport = parts.transport
        self._ids = parts.ids
        self._journal = parts.journal
        self._hub = parts.hub
        self._dialer = parts.dialer
        self._deadlines = config.deadlines
        self._products = config.adapter_class.products
        self._listing = parts.listing
        self.hooks: Hooks = parts.hooks
        """Typed events of everything that happens: see `hooks.py`."""

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        section: str | None = None,
        *,
        transport: Transport | None = None,
        dialer: Dialer | None = None,
    ) -> Client:
        """A client as a TOML file describes it. Raises ConfigurationError naming file, section and key."""
        return cls(load(path, section), transport=transport, dialer=dialer)

    @property
    def venue(self) -> str:
        """The venue's name, as in configuration and errors."""
        return self._adapter.venue

    @property
    def products(self) -> tuple[Product, ...]:
        """What the adapter trades."""
        return self._products

    def supports(self, operation: type[Operation[Any]], product: Product = Product.SPOT) -> bool:
        """Whether the venue can do it; what it cannot raises `not_supported` before anything leaves."""
        return (operation, product) in self._adapter.endpoints

    # --- life

    async def __aenter__(self) -> Client:
        self._settlement.recover()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Settle orders in doubt within the configured time, then close everything. May be called twice."""
        await self._hub.aclose()
        await self._settlement.aclose()
        if self._journal is not None:
            await self._journal.aclose()
        await self._listing.aclose()
        await self._transport.aclose()  # what keeps its connections asks for limits and tokens until then
        await self._access.aclose()
        await self._dialer.aclose()

    # --- instruments

    async def instrument(self, name: Named, product: Product | None = None) -> Instrument:
        """The instrument that a name means, exactly. Raises `unknown_symbol` naming the nearest three."""
        return name if isinstance(name, Instrument) else await self._listing.find(name, product)

    async def instruments(self, product: Product = Product.SPOT) -> Instruments:
        """The venue's listing, kept and refreshed in the background."""
        return await self._listing.of(product)

    # --- public reads

    async def run(self, operation: Operation[T]) -> T:
        """Perform any operation; the methods below make the usual ones."""
        return await self._scheduler.run(operation)

    async def server_time(self, product: Product = Product.SPOT) -> datetime:
        """The venue's clock, to its own resolution."""
        answer = await self._scheduler.run(FetchServerTime(product=product))
        return moment(answer.time_us, "server time")

    async def venue_status(self, product: Product = Product.SPOT) -> VenueStatus:
        """Whether the venue trades now, and what it has announced."""
        return await self._scheduler.run(FetchVenueStatus(product=product))

    async def ticker(self, instrument: Named) -> Ticker:
        """Best prices and the last day of one market."""
        return await self._scheduler.run(FetchTicker(instrument=await self.instrument(instrument)))

    async def tickers(self, product: Product = Product.SPOT) -> tuple[Ticker, ...]:
        """Tickers of every listed instrument of the product."""
        return await self._scheduler.run(FetchTickers(product=product, listing=await self.instruments(product)))

    async def book(self, instrument: Named, depth: int = 100) -> Book:
        """Bids and asks, at least `depth` levels a side where the venue has them."""
        return await self._scheduler.run(FetchBook(instrument=await self.instrument(instrument), depth=depth))

    async def trades(self, instrument: Named, limit: int | None = None) -> AsyncIterator[Trade]:
        """Public trades, page by page into the past; `async for` stops when it has seen enough."""
        start = FetchTrades(instrument=await self.instrument(instrument), limit=limit)
        async for trade in self._pages(start):
            yield trade

    async def candles(
        self,
        instrument: Named,
        interval: Interval | str = Interval.M1,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[Candle]:
        """Candles opened in [start, end), oldest first; without a start the newest page."""
        first = FetchCandles(
            instrument=await self.instrument(instrument),
            interval=word(Interval, interval, "interval"),
            start=start,
            end=end,
            limit=limit,
        )
        async for candle in self._pages(first):
            yield candle

    async def funding_rate(self, instrument: Named) -> FundingRate:
        """What a perpetual's longs pay its shorts at the next settlement."""
        return await self._scheduler.run(FetchFundingRate(instrument=await self.instrument(instrument)))

    # --- account

    async def balances(self, product: Product = Product.SPOT) -> Mapping[str, Balance]:
        """What the account holds, by currency; currencies that it does not hold may be missing."""
        return {item.currency: item for item in await self._scheduler.run(FetchBalances(product=product))}

    async def trading_fees(self, instrument: Named) -> Fee:
        """What this account pays for trading the instrument."""
        return await self._scheduler.run(FetchTradingFees(instrument=await self.instrument(instrument)))

    async def key_permissions(self, product: Product = Product.SPOT) -> KeyPermissions:
        """What the API key may do."""
        return await self._scheduler.run(FetchKeyPermissions(product=product))

    async def positions(
        self, product: Product = Product.LINEAR, instrument: Named | None = None
    ) -> tuple[Position, ...]:
        """Open positions, of one instrument or of the product."""
        return await self._scheduler.run(
            FetchPositions(
                product=product,
                listing=await self.instruments(product),
                instrument=None if instrument is None else await self.instrument(instrument, product),
            )
        )

    async def set_leverage(self, instrument: Named, leverage: Number) -> None:
        """Set the leverage of a perpetual. Raises `no_change` (done) where it is so already and the venue says so."""
        await self._scheduler.run(
            SetLeverage(instrument=await self.instrument(instrument), leverage=exact(leverage, "leverage"))
        )

    async def set_margin_mode(self, instrument: Named, mode: MarginMode | str) -> None:
        """Set cross or isolated margin; on some venues for the whole account."""
        await self._scheduler.run(
            SetMarginMode(instrument=await self.instrument(instrument), mode=word(MarginMode, mode, "mode"))
        )

    async def set_position_mode(self, mode: PositionMode | str, product: Product = Product.LINEAR) -> None:
        """Choose one net position an instrument, or long and short side by side."""
        await self._scheduler.run(SetPositionMode(product=product, mode=word(PositionMode, mode, "mode")))

    # --- orders

    async def order(self, instrument: Named, side: Side | str, **terms: Unpack[Terms]) -> PlaceOrder:
        """The order that these words mean, numbered and checked against the instrument's rules. Sends nothing.

        Raises VenueError (not_sent) naming the rule, the value and the nearest allowed value.
        """
        return self._order(await self.instrument(instrument), side, terms)

    async def place_order(
        self,
        instrument: Named,
        side: Side | str,
        *,
        confirm: bool = False,
        deadline: float | None = None,
        **terms: Unpack[Terms],
    ) -> Order:
        """Place one order; `terms` are those of `Terms`. At most one order comes of it, whatever happens.

        With `confirm` the venue's definite word is awaited where it first only acknowledges. `deadline` is in
        seconds from now. Raises VenueError whose outcome is true: `unknown` means that the deadline came
        before the proof, the order stands in `pending()` and is settled in the background.
        """
        named = instrument if isinstance(instrument, Instrument) else await self._listing.find(instrument, None)
        return await self._place(self._order(named, side, terms), confirm, self._until(deadline))

    async def place(self, order: PlaceOrder, *, confirm: bool = False, deadline: float | None = None) -> Order:
        """Place an order that was made before; see `place_order`."""
        return await self._place(self._numbered(order), confirm, self._until(deadline))

    async def _place(self, order: PlaceOrder, confirm: bool, until: float) -> Order:
        self._hub.account.placing(order)
        placed = await self._placement.place(order, until)
        self._changes.touch(placed)
        self._hub.account.shown(placed)
        return await self._confirmed(placed, until) if confirm else placed

    async def _confirmed(self, placed: Order, until: float) -> Order:
        confirmed = await self._changes.confirmed(placed, until)
        self._hub.account.shown(confirmed)
        return confirmed

    async def place_batch(self, orders: Iterable[PlaceOrder], *, deadline: float | None = None) -> tuple[Placed, ...]:
        """Place several orders in one request; the answer says of each what became of it, in their order."""
        batch = PlaceBatch(orders=tuple(self._numbered(order) for order in orders))
        for order in batch.orders:
            self._hub.account.placing(order)
        answers = await self._placement.place_batch(batch, self._until(deadline))
        for answer in answers:
            if isinstance(answer, Order):
                self._hub.account.shown(answer)
        return answers

    async def test_order(self, instrument: Named, side: Side | str, **terms: Unpack[Terms]) -> None:
        """Let the venue check an order without placing it. Raises what placing it would."""
        order = await self.order(instrument, side, **terms)
        await self._scheduler.run(TestOrder(instrument=order.instrument, order=order))

    async def cancel_order(self, order: Order, *, confirm: bool = False, deadline: float | None = None) -> Order:
        """Cancel an order. Answers its state; one that was already gone tells filled from canceled."""
        return await self._changes.cancel(order, self._until(deadline), confirm=confirm)

    async def cancel_batch(self, orders: Iterable[Order], *, deadline: float | None = None) -> tuple[Placed, ...]:
        """Cancel several orders in one request; the answer says of each what became of it, in their order."""
        return await self._changes.cancel_batch(tuple(orders), self._until(deadline))

    async def cancel_all(self, product: Product = Product.SPOT, instrument: Named | None = None) -> None:
        """Cancel every open order, of one instrument or of the product."""
        await self._scheduler.run(
            CancelAll(
                product=product,
                listing=await self.instruments(product),
                instrument=None if instrument is None else await self.instrument(instrument, product),
            )
        )

    async def amend_order(
        self,
        order: Order,
        *,
        price: Number | None = None,
        quantity: Number | None = None,
        deadline: float | None = None,
    ) -> Order:
        """Change price or total quantity of an open order. Never repeated blindly: in doubt the order is looked up."""
        price_, quantity_ = exact_or_none(price, "price"), exact_or_none(quantity, "quantity")
        order.instrument.check(price=price_, quantity=quantity_)
        return await self._changes.amend(order, price_, quantity_, self._until(deadline))

    async def get_order(
        self, instrument: Named, *, venue_order_id: str | None = None, client_order_id: str | None = None
    ) -> Order:
        """One order by either id. Raises `order_not_found` where the venue shows none."""
        order = await self._scheduler.run(
            FetchOrder(
                instrument=await self.instrument(instrument),
                venue_order_id=venue_order_id,
                client_order_id=client_order_id,
            )
        )
        self._hub.account.shown(order)
        return order

    async def open_orders(
        self, product: Product = Product.SPOT, instrument: Named | None = None
    ) -> AsyncIterator[Order]:
        """Every open order, of one instrument or of the product."""
        async for order in self._pages(
            FetchOpenOrders(
                product=product,
                listing=await self.instruments(product),
                instrument=None if instrument is None else await self.instrument(instrument, product),
            )
        ):
            yield order

    async def closed_orders(
        self,
        instrument: Named | None = None,
        *,
        product: Product = Product.SPOT,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> AsyncIterator[Order]:
        """Orders that are no longer open, created in [start, end), as far back as the venue remembers.

        Each once; without a start, as many as the venue lists as its newest. Their sequence is the venue's (oldest
        first, newest first, or by page): sort by `created_at` where it matters.
        """
        named = None if instrument is None else await self.instrument(instrument)
        product = product if named is None else named.product
        async for order in self._pages(
            FetchClosedOrders(
                product=product,
                listing=await self.instruments(product),
                instrument=named,
                start=start,
                end=end,
            )
        ):
            yield order

    async def fills(
        self,
        instrument: Named | None = None,
        *,
        product: Product = Product.SPOT,
        order: Order | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> AsyncIterator[Fill]:
        """Executions of own orders in [start, end); of one order where it is given.

        Each once; without a start, as many as the venue lists as its newest. Their sequence is the venue's (oldest
        first, newest first, or by page): sort by `time` where it matters.
        """
        named = order.instrument if order is not None else None
        if instrument is not None:
            named = await self.instrument(instrument)
        product = product if named is None else named.product
        async for fill in self._pages(
            FetchFills(
                product=product,
                listing=await self.instruments(product),
                instrument=named,
                venue_order_id=None if order is None else order.venue_order_id,
                start=start,
                end=end,
            )
        ):
            yield fill

    # --- what the library knows

    def pending(self) -> tuple[Pending, ...]:
        """Orders whose outcome is not known yet, the oldest first."""
        return self._settlement.pending()

    async def settle(self, timeout: float | None = None) -> tuple[Pending, ...]:
        """Wait until no order is in doubt, at most `timeout` seconds; answers those that still are."""
        return await self._settlement.settle(timeout)

    def resolve(self, client_order_id: str, outcome: Outcome | str) -> None:
        """Say what became of an order in doubt that nothing here can decide: `pending()` shows it without a fence.

        `done` if it exists at the venue, in whatever state, `rejected` if it does not and cannot come to be: you
        looked there, and it is your word. The journal is told, `on_settled` too, and the gate opens for its
        instrument. Raises `invalid_request` (not_sent) for an order that is not in doubt, or whose proof will come.
        """
        self._settlement.resolve(client_order_id, word(Outcome, outcome, "outcome"))

    def limits(self) -> tuple[LimitState, ...]:
        """Every bucket: its limit, what we count, what the venue counted, the queue, the ban."""
        return self._access.limits()

    def clock(self) -> Mapping[str, ClockReading]:
        """The venue's clocks by door: offset, bound, age, epoch."""
        return self._access.clocks()

    def health(self) -> Health:
        """Whether orders and cancels can leave now: bans, breakers, the budget for retries, orders in doubt."""
        return self._access.health(self.pending())

    # --- inside

    def _until(self, deadline: float | None) -> float:
        return asyncio.get_running_loop().time() + (self._deadlines.order if deadline is None else deadline)

    def _order(self, instrument: Instrument, side: Side | str, terms: Terms) -> PlaceOrder:
        """The order that these words mean, checked, with an id: the caller's or a new one."""
        if terms.get("client_order_id"):
            return self._numbered(order_of(instrument, side, terms))
        terms["client_order_id"] = self._ids.next(self._adapter.client_ids)
        order = order_of(instrument, side, terms)
        check_order(order)
        return order

    def _numbered(self, order: PlaceOrder) -> PlaceOrder:
        """The order with an id: the caller's, checked, or a new one."""
        check_order(order)
        if order.client_order_id:
            check_id(order.client_order_id, self._adapter.client_ids)
            return order
        return evolve(order, client_order_id=self._ids.next(self._adapter.client_ids))

    async def _pages(self, operation: Any) -> AsyncIterator[Any]:
        while True:
            page = await self._scheduler.run(operation)
            for item in page.items:
                yield item
            if page.cursor is None:
                return
            operation = evolve(operation, cursor=page.cursor)
