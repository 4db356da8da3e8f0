"""The rules that a new order must keep, apart from funds. Raises `EngineRefusal`; changes nothing."""

from __future__ import annotations

from decimal import Decimal

from unified.account import PositionMode
from unified.instrument import ZERO, Product, Rounding, to_step
from unified.order import OrderStatus, OrderType, Side, TimeInForce
from unified.sandbox.accounts import Account
from unified.sandbox.listing import EngineRules, MarketMode
from unified.sandbox.market import Market, reached
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason

_MARKET_TYPES = (OrderType.MARKET, OrderType.STOP_MARKET)


def check_mode(market: Market, asked: NewOrder) -> None:
    """The market takes orders of this sort now."""
    refused = {
        MarketMode.CLOSED: Reason.MARKET_CLOSED,
        MarketMode.CANCEL_ONLY: Reason.CANCEL_ONLY,
        MarketMode.POST_ONLY: None if asked.post_only else Reason.POST_ONLY_MODE,
        MarketMode.OPEN: None,
    }[market.mode]
    if refused is not None:
        raise EngineRefusal(refused, market.instrument.symbol)


def check_shape(asked: NewOrder, now_us: int) -> None:
    """Type, values and flags go together."""
    is_market = asked.order_type in _MARKET_TYPES
    wrong = {
        "a price": (asked.price is None) is not is_market,
        "either quantity or quote quantity": (asked.quantity is None) is (asked.quote_quantity is None),
        "a stop price": asked.order_type.is_stop is (asked.stop_price is None),
        "quote quantity of a spot market order": asked.quote_quantity is not None and not _takes_quote(asked),
        "post-only of a plain limit order": asked.post_only and not _may_post(asked),
        "an expiry of a good-till-date order": (asked.time_in_force is TimeInForce.GTD) is (asked.expires_us is None),
        "reduce-only of a perpetual": asked.reduce_only and asked.instrument.product is Product.SPOT,
    }
    for what, is_wrong in wrong.items():
        if is_wrong:
            raise EngineRefusal(Reason.BAD_ORDER, what)
    if asked.expires_us is not None and asked.expires_us <= now_us:
        raise EngineRefusal(Reason.EXPIRY_PASSED)


def _takes_quote(asked: NewOrder) -> bool:
    return asked.order_type is OrderType.MARKET and asked.instrument.product is Product.SPOT


def _may_post(asked: NewOrder) -> bool:
    return asked.order_type.has_price and asked.time_in_force in (TimeInForce.GTC, TimeInForce.GTD)


def check_values(market: Market, asked: NewOrder) -> None:
    """Prices and quantities keep the instrument's rules."""
    for price in (asked.price, asked.stop_price):
        if price is not None:
            check_price(market, price)
    if asked.quantity is not None:
        check_quantity(market, asked.quantity, is_market=asked.order_type in _MARKET_TYPES)
    step = asked.instrument.quote_step
    if asked.quote_quantity is not None and to_step(asked.quote_quantity, step, Rounding.DOWN) != asked.quote_quantity:
        raise EngineRefusal(Reason.BAD_QUOTE_STEP, str(asked.quote_quantity))
    check_notional(market, asked)


def check_price(market: Market, price: Decimal) -> None:
    rules = market.instrument
    least, most = rules.min_price or ZERO, rules.max_price
    if price <= ZERO or price < least or (most is not None and price > most):
        raise EngineRefusal(Reason.PRICE_OUT_OF_RANGE, str(price))
    if to_step(price, rules.tick_size, Rounding.DOWN) != price:
        raise EngineRefusal(Reason.BAD_TICK, str(price))


def check_quantity(market: Market, quantity: Decimal, *, is_market: bool) -> None:
    rules = market.instrument
    most = rules.max_market_quantity if is_market and rules.max_market_quantity else rules.max_quantity
    if quantity <= ZERO or quantity < rules.min_quantity:
        raise EngineRefusal(Reason.BELOW_MIN_QUANTITY, str(quantity))
    if most is not None and quantity > most:
        raise EngineRefusal(Reason.ABOVE_MAX_QUANTITY, str(quantity))
    if to_step(quantity, rules.lot_size, Rounding.DOWN) != quantity:
        raise EngineRefusal(Reason.BAD_LOT, str(quantity))


def check_notional(market: Market, asked: NewOrder) -> None:
    notional = asked.quote_quantity
    if notional is None:
        notional = (asked.quantity or ZERO) * (asked.price or asked.stop_price or market.last)
    most = market.instrument.max_notional
    if notional < market.instrument.min_notional and not asked.reduce_only:
        raise EngineRefusal(Reason.BELOW_MIN_NOTIONAL, str(notional))
    if most is not None and notional > most:
        raise EngineRefusal(Reason.ABOVE_MAX_NOTIONAL, str(notional))


def check_open_orders(market: Market, account: Account, *, acting: VenueOrder | None = None) -> None:
    """For a new order, or for one that was acknowledged and is `acting` now: beside that count only acting ones."""
    count = sum(
        order.instrument is market.instrument
        and (acting is None or (order is not acting and order.status is not OrderStatus.PENDING_NEW))
        for order in account.open.values()
    )
    if count >= market.listing.max_open_orders:
        raise EngineRefusal(Reason.TOO_MANY_OPEN_ORDERS, str(count))


def check_trigger(market: Market, asked: NewOrder, rules: EngineRules) -> None:
    if asked.order_type.is_stop and not rules.stops_may_trigger_at_once and reached(asked, market.last):
        raise EngineRefusal(Reason.WOULD_TRIGGER, f"{asked.stop_price}, last {market.last}")


def reducible(market: Market, account: Account, asked: NewOrder, rules: EngineRules) -> Decimal | None:
    """The quantity that a reduce-only order gets; what was asked for any other order."""
    if not _must_reduce(account, asked) or asked.quantity is None:
        return asked.quantity
    closable = account.position(market.instrument, asked.position_side).closable(asked.side)
    if closable == ZERO:
        raise EngineRefusal(Reason.REDUCE_ONLY, "nothing to reduce")
    if asked.quantity > closable and not rules.trims_reduce_only:
        raise EngineRefusal(Reason.REDUCE_ONLY, f"{asked.quantity} is more than the position of {closable}")
    return min(asked.quantity, closable)


def _must_reduce(account: Account, asked: NewOrder) -> bool:
    """In hedge mode an order against its position's side can only close it."""
    if account.position_mode is PositionMode.HEDGE and asked.position_side is not None:
        opening = Side.BUY if asked.position_side.value == "long" else Side.SELL
        return asked.reduce_only or asked.side is not opening
    return asked.reduce_only


def check_position(market: Market, account: Account, asked: NewOrder, quantity: Decimal | None) -> None:
    """The position would stay within the listing's largest."""
    most = market.listing.max_position
    if most is None or quantity is None or asked.reduce_only:
        return
    held = account.position(market.instrument, asked.position_side).quantity
    after = held + (quantity if asked.side is Side.BUY else -quantity)
    if abs(after) > most and abs(after) > abs(held):
        raise EngineRefusal(Reason.POSITION_LIMIT, f"{after} is beyond {most}")


def check_immediate(market: Market, asked: NewOrder, quantity: Decimal | None) -> None:
    """What only the book can tell: post-only that would trade, fill-or-kill and market orders without liquidity."""
    limit = None if asked.order_type is OrderType.MARKET else asked.price
    if asked.post_only and market.book.crosses(asked.side, limit):
        raise EngineRefusal(Reason.WOULD_TAKE, str(asked.price))
    if asked.time_in_force is TimeInForce.FOK and quantity is not None:
        available = sum((entry.quantity for entry in market.book.crossing(asked.side, limit)), ZERO)
        if available < quantity:
            raise EngineRefusal(Reason.UNFILLABLE_FOK, f"{available} of {quantity}")
    if asked.order_type is OrderType.MARKET and market.book.best(asked.side.opposite) is None:
        raise EngineRefusal(Reason.NO_LIQUIDITY)
