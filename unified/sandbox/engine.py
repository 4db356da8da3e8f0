"""The simulated venue: accounts, orders and markets in one deterministic machine.

Speaks no dialect, reads no host clock and sleeps never: `advance(to_us)` moves it on, and everything
follows from its seed, its clock and the order of the calls. Refusals are `EngineRefusal` with a reason
of the closed list in `refusal.py`. What anybody can see of the markets is in `markets.py`.

Times named `_us` are microseconds since the epoch. Records carry the time that the venue's clock showed;
`advance` takes true time, which never steps (see `clock.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import count
from random import Random

from attrs import evolve

from unified.account import MarginMode, PositionMode
from unified.instrument import ZERO, Instrument, Product
from unified.order import OrderStatus
from unified.sandbox import checks
from unified.sandbox.accounts import Account, InstrumentKey, VenuePosition, Wallet, key_of
from unified.sandbox.agenda import Agenda
from unified.sandbox.clock import VenueClock
from unified.sandbox.crowd import Crowd
from unified.sandbox.execution import Execution
from unified.sandbox.funds import Funds
from unified.sandbox.listing import ClientIds, EngineRules, FeeRates, Listing, MarketMode
from unified.sandbox.market import Market
from unified.sandbox.markets import Markets
from unified.sandbox.orders import EndReason, NewOrder, VenueFill, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason

_SECOND_US = 1_000_000


class Engine(Markets):
    """One venue."""

    def __init__(
        self, listings: Iterable[Listing], *, clock: VenueClock, rules: EngineRules | None = None, seed: int = 0
    ) -> None:
        super().__init__(listings, clock)
        self.rules = rules or EngineRules()
        self.accounts: dict[str, Account] = {}
        self.visibility_us: Callable[[int], int] = lambda _order_id: 0
        """How long a new order is missing from queries, by its id. Set by the fault plan."""
        self._funds = Funds(self.rules, lambda instrument: self.market(instrument).mark)
        self._chance = Random(f"{seed}/engine")
        self._order_ids = count(self.rules.first_order_id)
        self._agenda = Agenda()
        self._dated: list[VenueOrder] = []
        self._execution = Execution(self.accounts, self.rules, self._funds, lambda: self.moment)
        self._crowds = {key: Crowd(market, seed) for key, market in self._markets.items()}
        for key in self._markets:
            self._open_market(key)

    # --- time

    def advance(self, to_us: int) -> None:
        """Let everything happen that is due until `to_us` (true time). Going back is ignored."""
        while (due := self._agenda.take(to_us)) is not None:
            self.moment = self.clock.at(max(self.true_us, due[0]))
            due[1]()
        self.moment = self.clock.at(max(self.true_us, to_us))
        self._expire()

    def _expire(self) -> None:
        now_us = self.now_us
        for order in [order for order in self._dated if (order.asked.expires_us or 0) <= now_us]:
            self._dated.remove(order)
            if order.is_open:
                self._execution.end(self.market(order.instrument), order, EndReason.EXPIRED)

    def _open_market(self, key: InstrumentKey) -> None:
        market, crowd = self._markets[key], self._crowds[key]
        crowd.remember(self.now_us, self.rules.history_minutes)
        crowd.set_ladder(self._execution)
        self._agenda.add(self.true_us + market.listing.step_us, lambda: self._step(key))
        if market.instrument.product is Product.LINEAR:
            self._agenda.add(self.next_funding_us(market), lambda: self._pay_funding(market))

    def _step(self, key: InstrumentKey) -> None:
        market = self._markets[key]
        if market.mode is not MarketMode.CLOSED:
            self._crowds[key].step(self._execution)
            self._execution.fire_stops(market)
        self._agenda.add(self.true_us + market.listing.step_us, lambda: self._step(key))

    # --- accounts

    def open_account(
        self, name: str, *, spot: dict[str, Decimal] | None = None, margin: dict[str, Decimal] | None = None
    ) -> Account:
        """A new account with funds. Where the venue has one wallet, both funds go into it."""
        wallet = Wallet()
        account = Account(name=name, spot=wallet, margin=wallet if self.rules.unified_wallet else Wallet())
        for funds, purse in ((spot, account.spot), (margin, account.margin)):
            for currency, amount in (funds or {}).items():
                purse.add(currency, amount)
        self.accounts[name] = account
        return account

    def available(self, account: Account, product: Product, currency: str) -> Decimal:
        """What a new order may use of a currency: free, and for margin less what positions and orders bind."""
        return account.available(product, currency, self._mark_of, with_stops=self.rules.stops_hold_funds)

    def unrealized(self, account: Account, currency: str) -> Decimal:
        """Profit and loss of the open positions settled in a currency."""
        return account.unrealized(currency, self._mark_of)

    def margin_in_use(self, account: Account, currency: str) -> Decimal:
        """Initial margin of positions and open orders."""
        return account.position_margin(currency, self._mark_of) + account.order_margin(
            currency, self._mark_of, with_stops=self.rules.stops_hold_funds
        )

    def fees(self, account: Account, product: Product) -> FeeRates:
        return self._funds.rates(account, product)

    def positions(self, account: Account) -> tuple[VenuePosition, ...]:
        """Those that are open."""
        return account.open_positions()

    def set_leverage(self, account: Account, instrument: Instrument, leverage: Decimal) -> None:
        """Refuses LEVERAGE, NO_CHANGE (the caller may ignore that) or INSUFFICIENT_FUNDS."""
        market = self.market(instrument)
        if leverage < 1 or leverage > market.listing.max_leverage:
            raise EngineRefusal(Reason.LEVERAGE, str(leverage))
        before = account.leverage_of(instrument)
        if leverage == before:
            raise EngineRefusal(Reason.NO_CHANGE)
        account.leverage[key_of(instrument)] = leverage
        if (
            instrument.settle
            and leverage < before
            and self.available(account, Product.LINEAR, instrument.settle) < ZERO
        ):
            account.leverage[key_of(instrument)] = before
            raise EngineRefusal(Reason.INSUFFICIENT_FUNDS, "margin for a lower leverage")

    def set_margin_mode(self, account: Account, instrument: Instrument, mode: MarginMode) -> None:
        """A note only: positions are reckoned cross in either mode. Refuses NO_CHANGE or POSITION_OPEN."""
        self.market(instrument)
        if account.margin_modes.get(key_of(instrument), MarginMode.CROSS) is mode:
            raise EngineRefusal(Reason.NO_CHANGE)
        if any(key_of(position.instrument) == key_of(instrument) for position in account.open_positions()):
            raise EngineRefusal(Reason.POSITION_OPEN)
        account.margin_modes[key_of(instrument)] = mode

    def set_position_mode(self, account: Account, mode: PositionMode) -> None:
        """Refuses NO_CHANGE or POSITION_OPEN (a position or a perpetual's order is open)."""
        if account.position_mode is mode:
            raise EngineRefusal(Reason.NO_CHANGE)
        if account.open_positions() or any(order.instrument.settle for order in account.open.values()):
            raise EngineRefusal(Reason.POSITION_OPEN)
        account.position_mode = mode

    # --- orders

    def test(self, account: Account, asked: NewOrder) -> None:
        """Refuse what `place` would refuse; place nothing."""
        self._admit(account, self.market(asked.instrument), asked)

    def place(self, account: Account, asked: NewOrder) -> VenueOrder:
        """Accept an order and let it act, or refuse it.

        Where the venue keeps client ids for ever (`ClientIds.FOR_EVER`) a repeated id returns the first order,
        whatever is asked now. With `EngineRules.acceptance_us` the answer is PENDING_NEW and the order acts later.
        """
        first = self._repeated(account, asked.client_order_id)
        if first is not None:
            return first
        market = self.market(asked.instrument)
        quantity, held = self._admit(account, market, asked)
        order = self._record(account, asked, quantity)
        self._funds.rehold(account, order, held)
        delay_us = self._drawn(self.rules.acceptance_us)
        if delay_us:
            self._agenda.add(self.true_us + delay_us, lambda: self._begin(market, order))
        else:
            self._begin(market, order)
        return order

    def cancel(self, account: Account, order: VenueOrder) -> VenueOrder:
        """End an open order. Refuses ALREADY_CLOSED with the order, or BUSY while it is being canceled.

        With `EngineRules.cancel_us` the order is PENDING_CANCEL first and may still fill.
        """
        if order.account != account.name:
            raise EngineRefusal(Reason.NOT_FOUND)
        self._must_be_open(order)
        market = self.market(order.instrument)
        if market.mode is MarketMode.CLOSED:
            raise EngineRefusal(Reason.MARKET_CLOSED, order.instrument.symbol, order=order)
        delay_us = self._drawn(self.rules.cancel_us)
        if delay_us:
            order.status = OrderStatus.PENDING_CANCEL
            self._agenda.add(self.true_us + delay_us, lambda: self._finish_cancel(market, order))
        else:
            self._execution.end(market, order, EndReason.CANCELED)
        return order

    def cancel_all(
        self, account: Account, product: Product | None = None, instrument: Instrument | None = None
    ) -> tuple[VenueOrder, ...]:
        """Cancel every open order of the product or instrument; those that were."""
        chosen = [
            order
            for order in account.open.values()
            if _matches(order, product, instrument) and order.status is not OrderStatus.PENDING_CANCEL
        ]
        return tuple(self.cancel(account, order) for order in chosen)

    def amend(
        self,
        account: Account,
        order: VenueOrder,
        *,
        price: Decimal | None = None,
        quantity: Decimal | None = None,
        client_order_id: str | None = None,
        keeps_priority: bool = True,
    ) -> VenueOrder:
        """Change an open limit order. `quantity` is the new total; None leaves a value as it is.

        It keeps its place in the queue if only the quantity falls and `keeps_priority` allows; else it goes
        to the end, and trades if its new price crosses. A quantity of no more than what is filled ends it
        (AMENDED_AWAY). Refuses as `place` does, or NOT_FOUND, ALREADY_CLOSED, BUSY, NO_CHANGE, BAD_ORDER.
        """
        if order.account != account.name:
            raise EngineRefusal(Reason.NOT_FOUND)
        self._must_be_open(order)
        if order.status is OrderStatus.PENDING_NEW:
            raise EngineRefusal(Reason.BUSY, order=order)
        if order.price is None or order.quantity is None:
            raise EngineRefusal(Reason.BAD_ORDER, "only limit orders are amended", order=order)
        wanted = evolve(order.asked, price=price or order.price, quantity=quantity or order.quantity)
        if (wanted.price, wanted.quantity) == (order.price, order.quantity):
            raise EngineRefusal(Reason.NO_CHANGE, order=order)
        market = self.market(order.instrument)
        self._change(account, market, order, wanted, keeps_priority=keeps_priority)
        if client_order_id not in (None, order.client_order_id):
            account.name_order(order, client_order_id)
        order.amendments += 1
        self._execution.fire_stops(market)
        return order

    def order(self, account: Account, *, order_id: int | None = None, client_order_id: str | None = None) -> VenueOrder:
        """An order by its id, else by its present client id: of one that was used again, the latest.
        Refuses NOT_FOUND.

        For a write: it finds orders that queries do not show yet. A query asks `visible(order)` too.
        """
        found = None
        if order_id is not None:
            found = account.by_id.get(order_id)
        elif client_order_id is not None:
            named = account.by_client_id.get(client_order_id, [])
            # An amendment may have given an order another client id since.
            found = next((order for order in reversed(named) if order.client_order_id == client_order_id), None)
        if found is None:
            raise EngineRefusal(Reason.NOT_FOUND, str(order_id or client_order_id))
        return found

    def visible(self, order: VenueOrder) -> bool:
        """Whether queries show the order already; a fresh one may be missing though it lives and can fill."""
        return order.visible_from_us <= self.true_us

    def query(self, account: Account, *, order_id: int | None = None, client_order_id: str | None = None) -> VenueOrder:
        """Like `order`, but as queries see it: NOT_FOUND while it is not visible."""
        found = self.order(account, order_id=order_id, client_order_id=client_order_id)
        if not self.visible(found):
            raise EngineRefusal(Reason.NOT_FOUND, str(order_id or client_order_id))
        return found

    def open_orders(
        self, account: Account, product: Product | None = None, instrument: Instrument | None = None
    ) -> tuple[VenueOrder, ...]:
        """Visible open orders, oldest first."""
        return self._visible(account.open.values(), product, instrument)

    def orders(
        self,
        account: Account,
        product: Product | None = None,
        instrument: Instrument | None = None,
        *,
        client_order_id: str | None = None,
    ) -> tuple[VenueOrder, ...]:
        """All visible orders, open and closed, oldest first; or only those that bear this client id now."""
        if client_order_id is None:
            return self._visible(account.orders, product, instrument)
        named = account.by_client_id.get(client_order_id, ())
        return self._visible(
            [order for order in named if order.client_order_id == client_order_id], product, instrument
        )

    def _visible(
        self, orders: Iterable[VenueOrder], product: Product | None, instrument: Instrument | None
    ) -> tuple[VenueOrder, ...]:
        now_us = self.true_us
        return tuple(
            order for order in orders if order.visible_from_us <= now_us and _matches(order, product, instrument)
        )

    def fills(
        self,
        account: Account,
        product: Product | None = None,
        instrument: Instrument | None = None,
        *,
        order_id: int | None = None,
    ) -> tuple[VenueFill, ...]:
        """Fills of visible orders, oldest first."""
        fills = account.fills if order_id is None else account.fills_of.get(order_id, ())
        return tuple(fill for fill in fills if _matches(fill.order, product, instrument) and self.visible(fill.order))

    # --- markets

    def set_mode(self, instrument: Instrument, mode: MarketMode) -> None:
        """Open, restrict or close a market."""
        self.market(instrument).mode = mode

    def move_price(self, instrument: Instrument, price: Decimal) -> None:
        """Let the market jump to a price, trading with what it meets: for tests of fills and stops."""
        market = self.market(instrument)
        self._crowds[key_of(instrument)].move_to(price, self._execution)
        self._execution.fire_stops(market)

    # --- inside

    def _mark_of(self, instrument: Instrument) -> Decimal:
        return self.market(instrument).mark

    def _repeated(self, account: Account, client_order_id: str | None) -> VenueOrder | None:
        """The first order of a repeated id, where the venue answers with it; a refusal where it refuses."""
        rule = self.rules.client_ids
        if client_order_id is None or rule is ClientIds.UNCHECKED:
            return None
        same = account.by_client_id.get(client_order_id, [])
        if rule is ClientIds.FOR_EVER:
            return same[0] if same else None
        if rule is ClientIds.WHILE_OPEN:
            same = [order for order in same if order.is_open]
        if same:
            raise EngineRefusal(Reason.DUPLICATE_CLIENT_ID, client_order_id, order=same[0])
        return None

    def _admit(self, account: Account, market: Market, asked: NewOrder) -> tuple[Decimal | None, Decimal]:
        """Everything that is checked before an order is acknowledged; its quantity and the funds to hold."""
        checks.check_mode(market, asked)
        checks.check_shape(asked, self.now_us)
        checks.check_values(market, asked)
        if Reason.TOO_MANY_OPEN_ORDERS not in self.rules.late:
            checks.check_open_orders(market, account)
        checks.check_trigger(market, asked, self.rules)
        quantity = checks.reducible(market, account, asked, self.rules)
        checks.check_position(market, account, asked, quantity)
        held = ZERO
        if self.rules.stops_hold_funds or not asked.order_type.is_stop:
            held = self._funds.check(market, account, asked, quantity)
        self._check_immediate(market, asked, quantity)
        return quantity, held

    def _check_immediate(self, market: Market, asked: NewOrder, quantity: Decimal | None) -> None:
        if asked.order_type.is_stop:
            return
        try:
            checks.check_immediate(market, asked, quantity)
        except EngineRefusal as refusal:
            if refusal.reason not in self.rules.late:
                raise

    def _record(self, account: Account, asked: NewOrder, quantity: Decimal | None) -> VenueOrder:
        order_id = next(self._order_ids)
        order = VenueOrder(
            order_id=order_id,
            account=account.name,
            asked=asked,
            client_order_id=asked.client_order_id,
            price=asked.price,
            quantity=quantity,
            created_us=self.now_us,
            updated_us=self.now_us,
            visible_from_us=self.true_us + self.visibility_us(order_id),
        )
        account.add(order)
        if asked.expires_us is not None:
            self._dated.append(order)
        return order

    def _drawn(self, bounds: tuple[int, int]) -> int:
        return self._chance.randint(*bounds) if bounds[1] else 0

    def _begin(self, market: Market, order: VenueOrder) -> None:
        if not order.is_open:
            return
        try:
            checks.check_open_orders(market, self.accounts[order.account], acting=order)
        except EngineRefusal as refusal:
            self._execution.refuse(market, order, refusal.reason)
            return
        self._execution.act(market, order)
        self._execution.fire_stops(market)

    def _finish_cancel(self, market: Market, order: VenueOrder) -> None:
        if order.is_open:
            self._execution.end(market, order, EndReason.CANCELED)

    def _must_be_open(self, order: VenueOrder) -> None:
        if not order.is_open:
            raise EngineRefusal(Reason.ALREADY_CLOSED, order.status, order=order)
        if order.status is OrderStatus.PENDING_CANCEL:
            raise EngineRefusal(Reason.BUSY, order=order)

    def _change(
        self, account: Account, market: Market, order: VenueOrder, wanted: NewOrder, *, keeps_priority: bool
    ) -> None:
        """Carry out an amendment after checking all that could refuse it."""
        quantity = wanted.quantity or ZERO
        if quantity <= order.filled_quantity:
            self._execution.end(market, order, EndReason.AMENDED_AWAY)
            return
        checks.check_mode(market, wanted)
        checks.check_values(market, wanted)
        left = quantity - order.filled_quantity
        if wanted.post_only and market.book.crosses(order.side, wanted.price):
            raise EngineRefusal(Reason.WOULD_TAKE, str(wanted.price), order=order)
        held = self._funds.check(market, account, wanted, left, released=self._released(account, order))
        entry = market.resting.get(order.order_id)
        in_place = keeps_priority and wanted.price == order.price and quantity < (order.quantity or ZERO)
        order.asked, order.price, order.quantity = wanted, wanted.price, quantity
        order.updated_us = self.now_us
        self._funds.rehold(account, order, held)
        if order.is_waiting_stop or entry is None:
            return
        if in_place:
            market.book.take(entry, entry.quantity - left)
            return
        market.drop(order)
        self._execution.run(market, order)

    def _released(self, account: Account, order: VenueOrder) -> Decimal:
        """What an order binds now and would give back."""
        if order.instrument.product is Product.SPOT:
            return order.held
        return account.margin_for(order, order.remaining, order.price or ZERO)

    def _pay_funding(self, market: Market) -> None:
        currency = market.instrument.settle or market.instrument.quote
        for account in self.accounts.values():
            for position in account.open_positions():
                if position.instrument is market.instrument:
                    paid = position.quantity * market.mark * market.listing.funding_rate
                    account.margin.add(currency, -paid)
        self._agenda.add(self.next_funding_us(market), lambda: self._pay_funding(market))


def _matches(order: VenueOrder, product: Product | None, instrument: Instrument | None) -> bool:
    if instrument is not None:
        return key_of(order.instrument) == key_of(instrument)
    return product is None or order.instrument.product is product
