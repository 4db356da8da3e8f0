"""What the simulated Bybit says when its engine refuses. A table for each category; decides nothing.

Codes: Bybit V5 "Error Codes" (2026-07-20); texts partly as public recordings show them.
"""

from __future__ import annotations

from unified.instrument import Product
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_bybit.sandbox_calls import Refusal

_SPOT: dict[Reason, tuple[int, str]] = {
    Reason.UNKNOWN_INSTRUMENT: (170121, "Invalid symbol."),
    Reason.MARKET_CLOSED: (170151, "This trading pair is not available at the moment."),
    Reason.CANCEL_ONLY: (170151, "This trading pair is not available at the moment."),
    Reason.POST_ONLY_MODE: (170217, "Only LIMIT-MAKER order is supported for the current pair."),
    Reason.BAD_ORDER: (170130, "Data sent for paramter is not valid."),
    Reason.BAD_TICK: (170134, "Order price has too many decimals."),
    Reason.BAD_LOT: (170137, "Order quantity has too many decimals."),
    Reason.BAD_QUOTE_STEP: (170148, "Market order amount decimal too long."),
    Reason.PRICE_OUT_OF_RANGE: (170133, "Order price lower than the minimum."),
    Reason.BELOW_MIN_QUANTITY: (170136, "Order quantity lower than the minimum."),
    Reason.ABOVE_MAX_QUANTITY: (170381, "Order quantity exceeded upper limit."),
    Reason.BELOW_MIN_NOTIONAL: (170140, "Order value exceeded lower limit."),
    Reason.ABOVE_MAX_NOTIONAL: (170124, "Order amount too large."),
    Reason.INSUFFICIENT_FUNDS: (170131, "Insufficient balance."),
    Reason.WOULD_TAKE: (170218, "The LIMIT-MAKER order is rejected due to invalid price."),
    Reason.WOULD_TRIGGER: (170210, "New order rejected."),
    Reason.DUPLICATE_CLIENT_ID: (170141, "Duplicate clientOrderId"),
    Reason.NOT_FOUND: (170213, "Order does not exist."),
    Reason.ALREADY_CLOSED: (170213, "Order does not exist."),
    Reason.BUSY: (170212, "Cancel order is being processed."),
    Reason.NO_CHANGE: (10001, "order not modified"),
    Reason.TOO_MANY_OPEN_ORDERS: (170810, "Cannot exceed maximum of 500 conditional, TP/SL and active orders."),
}

_LINEAR: dict[Reason, tuple[int, str]] = {
    Reason.UNKNOWN_INSTRUMENT: (10001, "params error: symbol invalid"),
    Reason.MARKET_CLOSED: (110074, "This contract is not live"),
    Reason.CANCEL_ONLY: (110066, "No trading is allowed at the current time"),
    Reason.POST_ONLY_MODE: (110103, "Only Post-Only orders are available at this stage"),
    Reason.BAD_ORDER: (110032, "Illegal order"),
    Reason.BAD_TICK: (10001, "params error: Price invalid"),
    Reason.BAD_LOT: (10001, "Qty invalid"),
    Reason.PRICE_OUT_OF_RANGE: (110003, "Order price exceeds the allowable range."),
    Reason.BELOW_MIN_QUANTITY: (10001, "The number of contracts exceeds minimum limit allowed"),
    Reason.ABOVE_MAX_QUANTITY: (10001, "The number of contracts exceeds maximum limit allowed"),
    Reason.BELOW_MIN_NOTIONAL: (110094, "Order does not meet minimum order value 5USDT"),
    Reason.INSUFFICIENT_FUNDS: (110007, "ab not enough for new order"),
    Reason.WOULD_TAKE: (110032, "Illegal order"),
    Reason.DUPLICATE_CLIENT_ID: (110072, "OrderLinkedID is duplicate"),
    Reason.NOT_FOUND: (110001, "order not exists or too late to cancel"),
    Reason.ALREADY_CLOSED: (110001, "order not exists or too late to cancel"),
    Reason.BUSY: (110079, "The order is processing and can not be operated, please try again later"),
    Reason.NO_CHANGE: (10001, "order not modified"),
    Reason.REDUCE_ONLY: (110017, "current position is zero, cannot fix reduce-only order qty"),
    Reason.TOO_MANY_OPEN_ORDERS: (110020, "Cannot have more than 500 active orders"),
    Reason.POSITION_LIMIT: (110090, "Order placement failed as your position may exceed the max limit"),
}

TABLES = {Product.SPOT: _SPOT, Product.LINEAR: _LINEAR}
"""By product. A reason that is missing cannot come up in that category."""


def refusal_of(error: EngineRefusal, product: Product) -> Refusal:
    """The venue's words for a refusal of the engine."""
    return Refusal(*TABLES[product][error.reason])
