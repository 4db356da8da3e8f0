"""Orders meeting the book: matching, settling, ending. Accepts nothing new (`engine.py` does)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_UP, Decimal
from itertools import count

from unified.instrument import ZERO, Product, Rounding, to_step
from unified.order import Liquidity, OrderStatus, OrderType, Side, TimeInForce
from unified.sandbox.accounts import Account, InstrumentKey, key_of
from unified.sandbox.checks import check_immediate
from unified.sandbox.clock import Moment
from unified.sandbox.funds import Funds
from unified.sandbox.listing import EngineRules, FeeCurrency
from unified.sandbox.market import Market, limit_of
from unified.sandbox.matching import Resting, reaches
from unified.sandbox.orders import EndReason, SelfTrade, VenueFill, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.tape import TapeTrade

_FEE_STEP = Decimal("1e-8")
_STATUS = {
    EndReason.FILLED: OrderStatus.FILLED,
    EndReason.EXPIRED: OrderStatus.EXPIRED,
    EndReason.REFUSED: OrderStatus.REJECTED,
}
"""Of an ended order; every other end is CANCELED."""


class Execution:
    """What happens in the markets of one venue."""

    def __init__(
        self, accounts: Mapping[str, Account], rules: EngineRules, funds: Funds, now: Callable[[], Moment]
    ) -> None:
        self._accounts = accounts
        self._rules = rules
        self._funds = funds
        self._trade_ids: defaultdict[InstrumentKey | None, Iterator[int]] = defaultdict(
            lambda: count(rules.first_trade_id)
        )
        self._now = now

    # --- orders

    def act(self, market: Market, order: VenueOrder) -> None:
        """Let an accepted order do what it can: wait as a stop, trade, rest, or end."""
        if order.is_waiting_stop:
            self._set(order, OrderStatus.NEW)
            market.stops.append(order)
            return
        try:
            if not order.triggered:
                check_immediate(market, order.asked, order.quantity)
        except EngineRefusal as refusal:
            self.refuse(market, order, refusal.reason)
            return
        self._set(order, OrderStatus.NEW)
        self.run(market, order)

    def run(self, market: Market, order: VenueOrder) -> None:
        """Match a taker, then rest or end what is left of it."""
        ended = self._match(market, order)
        if ended is not None:
            self.end(market, order, ended)
        elif order.order_type in (OrderType.MARKET, OrderType.STOP_MARKET) or order.time_in_force in (
            TimeInForce.IOC,
            TimeInForce.FOK,
        ):
            self.end(market, order, EndReason.IOC_REST)
        else:
            market.add_resting(order, order.remaining)

    def fire_stops(self, market: Market) -> None:
        """Trigger every stop whose price is reached, oldest first; those that their trades reach too."""
        while (stop := market.next_triggered()) is not None:
            market.stops.remove(stop)
            stop.triggered = True
            stop.updated_us = self._now().shown_us
            if self._fund_stop(market, stop):
                self.run(market, stop)

    def _fund_stop(self, market: Market, stop: VenueOrder) -> bool:
        if self._rules.stops_hold_funds:
            return True
        account = self._accounts[stop.account]
        try:
            held = self._funds.check(market, account, stop.asked, stop.quantity)
        except EngineRefusal as refusal:
            self.refuse(market, stop, refusal.reason)
            return False
        self._funds.rehold(account, stop, held)
        return True

    def refuse(self, market: Market, order: VenueOrder, reason: Reason) -> None:
        """End an acknowledged order that the engine does not take."""
        order.refusal = reason
        self.end(market, order, EndReason.REFUSED)

    def end(self, market: Market, order: VenueOrder, reason: EndReason) -> None:
        """Take an order out of everything and give its funds back."""
        market.drop(order)
        account = self._accounts[order.account]
        self._funds.rehold(account, order, ZERO)
        order.end = reason
        self._set(order, _STATUS.get(reason, OrderStatus.CANCELED))
        account.open.pop(order.order_id, None)

    def _set(self, order: VenueOrder, status: OrderStatus) -> None:
        order.status = status
        order.updated_us = self._now().shown_us

    # --- the background

    def background_limit(self, market: Market, side: Side, price: Decimal, quantity: Decimal) -> Resting | None:
        """Put a background level into the book; it first trades with clients' orders that it crosses."""
        left = self.background_take(market, side, quantity, price)
        if not left or market.book.crosses(side, price):
            return None
        entry = Resting(side, price, left)
        market.book.add(entry)
        return entry

    def background_take(self, market: Market, side: Side, quantity: Decimal, limit: Decimal | None) -> Decimal:
        """Let an anonymous taker trade; what it could not fill."""
        left = quantity
        while left and (maker := market.book.best(side.opposite)) is not None:
            if not reaches(side, limit, maker.price):
                break
            taken = min(left, self._offered(market, maker))
            if taken:
                self._trade(market, maker, side, taken, None)
                left -= taken
        return left

    # --- matching

    def _match(self, market: Market, order: VenueOrder) -> EndReason | None:
        """Trade until the order is done or the book has no more for it; why it is over, None if it may rest."""
        limit = limit_of(order)
        while (maker := market.book.best(order.side.opposite)) is not None:
            if not reaches(order.side, limit, maker.price):
                break
            if maker.order is not None and _is_self_trade(order, maker.order):
                if self._self_trade(market, order, maker.order):
                    return EndReason.SELF_TRADE
                continue
            appetite, if_none = self._appetite(order, maker.price)
            if not appetite:
                return if_none
            taken = min(appetite, self._offered(market, maker))
            if taken:
                self._trade(market, maker, order.side, taken, order)
            if order.quantity is not None and not order.remaining:
                return EndReason.FILLED
        return None

    def _self_trade(self, market: Market, taker: VenueOrder, maker: VenueOrder) -> bool:
        """Apply the taker's choice; whether the taker ends."""
        choice = taker.asked.self_trade
        if choice in (SelfTrade.CANCEL_MAKER, SelfTrade.CANCEL_BOTH):
            self.end(market, maker, EndReason.SELF_TRADE)
        return choice in (SelfTrade.CANCEL_TAKER, SelfTrade.CANCEL_BOTH)

    def _appetite(self, order: VenueOrder, price: Decimal) -> tuple[Decimal, EndReason]:
        """How much a taker can take at this price, and why it ends if that is nothing."""
        account, asked = self._accounts[order.account], order.asked
        if order.quantity is None:
            # Where not even one lot was affordable, nothing was filled either.
            reason = EndReason.FILLED if order.filled_quantity else EndReason.IOC_REST
            appetite = self._left_of_quote(account, order, price)
        else:
            appetite, reason = order.remaining, EndReason.FILLED
        if asked.reduce_only:
            closable = account.position(order.instrument, asked.position_side).closable(order.side)
            appetite, reason = min(appetite, closable), EndReason.REDUCE_ONLY
        return self._affordable(account, order, price, appetite, reason)

    def _left_of_quote(self, account: Account, order: VenueOrder, price: Decimal) -> Decimal:
        """Base units that the rest of an order by quote quantity is worth; its fee comes out of it."""
        spent = order.filled_quote
        if self._fee_on_top(order):
            spent += order.fees.get(order.instrument.quote, ZERO)
        per_unit = price * self._funds.fee_on_top(account, order.side)
        left = (order.asked.quote_quantity or ZERO) - spent
        return max(ZERO, to_step(left / per_unit, order.instrument.lot_size, Rounding.DOWN))

    def _affordable(
        self, account: Account, order: VenueOrder, price: Decimal, appetite: Decimal, reason: EndReason
    ) -> tuple[Decimal, EndReason]:
        """A spot market order can outrun its hold while the price moves: never beyond what is free."""
        if order.instrument.product is not Product.SPOT or limit_of(order) is not None:
            return appetite, reason
        currency = self._funds.currency_of(order.asked)
        funds = order.held + max(ZERO, account.spot.free(currency))
        per_unit = price * self._funds.fee_on_top(account, order.side) if order.side is Side.BUY else Decimal(1)
        affordable = to_step(funds / per_unit, order.instrument.lot_size, Rounding.DOWN)
        return (affordable, EndReason.OUT_OF_FUNDS) if affordable < appetite else (appetite, reason)

    def _fee_on_top(self, order: VenueOrder) -> bool:
        return order.side is Side.BUY and self._rules.fee_currency is FeeCurrency.QUOTE

    def _offered(self, market: Market, maker: Resting) -> Decimal:
        """How much a resting entry gives: a reduce-only order no more than its position. Nothing ends it."""
        order = maker.order
        if order is None or not order.asked.reduce_only:
            return maker.quantity
        position = self._accounts[order.account].position(order.instrument, order.asked.position_side)
        offered = min(maker.quantity, position.closable(order.side))
        if not offered:
            self.end(market, order, EndReason.REDUCE_ONLY)
        return offered

    # --- settling

    def _trade(self, market: Market, maker: Resting, side: Side, quantity: Decimal, taker: VenueOrder | None) -> None:
        trade = TapeTrade(
            trade_id=self._trade_id(market),
            price=maker.price,
            quantity=quantity,
            side=side,
            time_us=self._now().shown_us,
        )
        market.book.take(maker, quantity)
        market.tape.add(trade)
        if taker is not None:
            self._settle(market, taker, trade, Liquidity.TAKER)
        if maker.order is not None:
            self._settle(market, maker.order, trade, Liquidity.MAKER)
            if not maker.order.remaining:
                self.end(market, maker.order, EndReason.FILLED)

    def _trade_id(self, market: Market) -> int:
        return next(self._trade_ids[key_of(market.instrument) if self._rules.trade_ids_by_market else None])

    def _settle(self, market: Market, order: VenueOrder, trade: TapeTrade, liquidity: Liquidity) -> None:
        account = self._accounts[order.account]
        rates = self._funds.rates(account, order.instrument.product)
        rate = rates.maker if liquidity is Liquidity.MAKER else rates.taker
        order.filled_quantity += trade.quantity
        order.filled_quote += trade.price * trade.quantity
        settle = self._settle_spot if order.instrument.product is Product.SPOT else self._settle_linear
        fee, currency, pnl = settle(market, account, order, trade, rate)
        order.fees[currency] = order.fees.get(currency, ZERO) + fee
        if order.status is not OrderStatus.PENDING_CANCEL:
            order.status = OrderStatus.PARTIALLY_FILLED
        order.updated_us = trade.time_us
        fill = VenueFill(
            trade_id=trade.trade_id,
            order=order,
            side=order.side,
            price=trade.price,
            quantity=trade.quantity,
            fee=fee,
            fee_currency=currency,
            liquidity=liquidity,
            realized_pnl=pnl,
            time_us=trade.time_us,
        )
        order.last_fill = fill
        account.add_fill(fill)

    def _settle_spot(
        self, market: Market, account: Account, order: VenueOrder, trade: TapeTrade, rate: Decimal
    ) -> tuple[Decimal, str, Decimal]:
        base, quote = order.instrument.base, order.instrument.quote
        notional = trade.price * trade.quantity
        sign = 1 if order.side is Side.BUY else -1
        account.spot.add(base, sign * trade.quantity)
        account.spot.add(quote, -sign * notional)
        in_base = order.side is Side.BUY and self._rules.fee_currency is FeeCurrency.RECEIVED
        currency, charged = (base, trade.quantity) if in_base else (quote, notional)
        fee = (charged * rate).quantize(_FEE_STEP, ROUND_UP)
        account.spot.add(currency, -fee)
        spent = notional + (fee if self._fee_on_top(order) else ZERO)
        self._funds.rehold(account, order, self._still_held(market, account, order, trade, spent))
        return fee, currency, ZERO

    def _still_held(
        self, market: Market, account: Account, order: VenueOrder, trade: TapeTrade, spent: Decimal
    ) -> Decimal:
        if limit_of(order) is not None and order.quantity is not None:
            return self._funds.hold_for(market, account, order.asked, order.price, order.remaining)
        used = spent if order.side is Side.BUY else trade.quantity
        return max(ZERO, order.held - used)

    def _settle_linear(
        self, market: Market, account: Account, order: VenueOrder, trade: TapeTrade, rate: Decimal
    ) -> tuple[Decimal, str, Decimal]:
        currency = market.instrument.settle or market.instrument.quote
        position = account.position(market.instrument, order.asked.position_side)
        pnl = position.apply(order.side, trade.quantity, trade.price)
        position.updated_us = trade.time_us
        fee = (trade.price * trade.quantity * rate).quantize(_FEE_STEP, ROUND_UP)
        account.margin.add(currency, pnl - fee)
        return fee, currency, pnl


def _is_self_trade(taker: VenueOrder, maker: VenueOrder) -> bool:
    return taker.account == maker.account and taker.asked.self_trade is not SelfTrade.ALLOW
