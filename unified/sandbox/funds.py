"""How much of an account an order binds, and whether the account has it. Spot is held, margin is reckoned."""

from __future__ import annotations

from decimal import Decimal

from unified.instrument import ONE, ZERO, Instrument, Product, Rounding, to_step
from unified.order import OrderType, Side
from unified.sandbox.accounts import Account, MarkOf
from unified.sandbox.listing import EngineRules, FeeCurrency, FeeRates
from unified.sandbox.market import Market
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason

_MARKET_CUSHION = Decimal("1.01")
"""A market buy sets aside a little more than the book asks for now."""


class Funds:
    """The reckoning for all accounts of one venue."""

    def __init__(self, rules: EngineRules, mark_of: MarkOf) -> None:
        self._rules = rules
        self.mark_of = mark_of

    def rates(self, account: Account, product: Product) -> FeeRates:
        return account.fees.get(product, self._rules.rates(product))

    def fee_on_top(self, account: Account, side: Side) -> Decimal:
        """What a spot buy costs beyond its notional, as a factor: one, or one and the taker fee."""
        if side is Side.SELL or self._rules.fee_currency is FeeCurrency.RECEIVED:
            return ONE
        return ONE + max(ZERO, self.rates(account, Product.SPOT).taker)

    def currency_of(self, asked: NewOrder) -> str:
        """What the order pays with."""
        instrument = asked.instrument
        if instrument.settle is not None:
            return instrument.settle
        return instrument.quote if asked.side is Side.BUY else instrument.base

    def available(self, account: Account, instrument: Instrument, currency: str) -> Decimal:
        return account.available(instrument.product, currency, self.mark_of, with_stops=self._rules.stops_hold_funds)

    def hold_for(
        self, market: Market, account: Account, asked: NewOrder, price: Decimal | None, left: Decimal | None
    ) -> Decimal:
        """Spot funds that an order with `left` base units to fill sets aside."""
        if asked.side is Side.SELL:
            return left if left is not None else self._base_for(market, asked)
        on_top = self.fee_on_top(account, asked.side)
        if left is None:
            return asked.quote_quantity or ZERO
        if asked.order_type is OrderType.MARKET:
            return self._cost_of(market, left) * on_top * _MARKET_CUSHION
        return left * (price or (asked.stop_price or ZERO) * _MARKET_CUSHION) * on_top

    def check(
        self, market: Market, account: Account, asked: NewOrder, quantity: Decimal | None, *, released: Decimal = ZERO
    ) -> Decimal:
        """Refuse what the account cannot afford; the spot funds to hold. `released` comes free with it."""
        currency = self.currency_of(asked)
        available = self.available(account, asked.instrument, currency) + released
        if asked.instrument.product is Product.SPOT:
            needed = self._affordable_market(market, account, asked, quantity, available)
        else:
            needed = self._margin(account, market, asked, quantity)
        if needed > available:
            raise EngineRefusal(Reason.INSUFFICIENT_FUNDS, f"{needed} {currency} needed, {available} available")
        return needed if asked.instrument.product is Product.SPOT else ZERO

    def rehold(self, account: Account, order: VenueOrder, wanted: Decimal) -> None:
        """Change what is set aside for an order."""
        if order.instrument.product is Product.SPOT:
            account.spot.hold(self.currency_of(order.asked), wanted - order.held)
            order.held = wanted

    def _affordable_market(
        self, market: Market, account: Account, asked: NewOrder, quantity: Decimal | None, available: Decimal
    ) -> Decimal:
        """The hold; without its cushion where that alone would be too much."""
        needed = self.hold_for(market, account, asked, asked.price, quantity)
        if asked.order_type is OrderType.MARKET and asked.side is Side.BUY and quantity is not None:
            bare = needed / _MARKET_CUSHION
            return available if bare <= available < needed else needed
        return needed

    def _margin(self, account: Account, market: Market, asked: NewOrder, quantity: Decimal | None) -> Decimal:
        if asked.reduce_only or (asked.order_type.is_stop and not self._rules.stops_hold_funds):
            return ZERO
        closable = account.position(market.instrument, asked.position_side).closable(asked.side)
        opened = max(ZERO, (quantity or ZERO) - closable)
        price = asked.price or asked.stop_price or market.mark
        return (
            opened * price * (ONE / account.leverage_of(market.instrument) + self.rates(account, Product.LINEAR).taker)
        )

    def _cost_of(self, market: Market, quantity: Decimal) -> Decimal:
        """What a market buy of `quantity` would pay; beyond the book's end, its last price."""
        left, cost, price = quantity, ZERO, market.last
        for entry in market.book.crossing(Side.BUY, None):
            taken, price = min(left, entry.quantity), entry.price
            left, cost = left - taken, cost + taken * price
            if not left:
                break
        return cost + left * price

    def _base_for(self, market: Market, asked: NewOrder) -> Decimal:
        """Base units that a market sell by quote quantity takes, with a cushion for a moving price."""
        best = market.book.best(Side.BUY)
        price = market.last if best is None else best.price
        wanted = (asked.quote_quantity or ZERO) / price * _MARKET_CUSHION
        return to_step(wanted, asked.instrument.lot_size, Rounding.UP)
