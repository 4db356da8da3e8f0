"""How USD-M of the simulated Binance writes orders, algo orders and fills. Reads the engine's records; changes nothing.

Field names and number formats: USD-M pages (2026-05-28) and SDK 18.1.0, whose place, cancel and amend answers carry no
avgPrice and no cumQuote since 2026-07-15.
"""

from __future__ import annotations

from decimal import Decimal

from unified.instrument import ZERO, Instrument
from unified.order import Liquidity, OrderType, PositionSide, Side
from unified.sandbox.orders import EndReason, VenueFill, VenueOrder
from unified.sandbox.wording import at_step, fixed, plain
from unified_binance_dialect.sandbox_calls import Call
from unified_binance_dialect.sandbox_rows import Row, sided, status

ALGO_BASE = 1_000_000_000_000_000
"""Conditional orders of USD-M have numbers of their own; here that of the order plus this."""


def position_side(side: PositionSide | None) -> str:
    return "BOTH" if side is None else side.value.upper()


def _price(instrument: Instrument, value: Decimal | None) -> str:
    return "0" if value is None else at_step(value, instrument.tick_size)


def _quantity(instrument: Instrument, value: Decimal | None) -> str:
    return at_step(value or ZERO, instrument.lot_size)


def working_type(order: VenueOrder) -> str:
    """The type of the order that works in the book: what a conditional order has become."""
    native = order.words["type"]
    if not order.order_type.is_stop:
        return native
    return "MARKET" if order.order_type is OrderType.STOP_MARKET else "LIMIT"


def linear_placed(call: Call, order: VenueOrder, *, bare: bool = False) -> Row:
    """The answer to place, amend and cancel. `bare` (ACK) tells of the order as it was taken, before it traded."""
    item = order.instrument
    done = ZERO if bare else order.filled_quantity
    return {
        "orderId": order.order_id,
        "symbol": item.symbol,
        "status": "NEW" if bare else status(order),
        "clientOrderId": order.client_order_id,
        "price": _price(item, order.price),
        "origQty": _quantity(item, order.quantity),
        "executedQty": _quantity(item, done),
        "cumQty": _quantity(item, done),
        "timeInForce": order.words["tif"],
        "type": working_type(order),
        "reduceOnly": order.asked.reduce_only,
        "closePosition": False,
        "side": sided(order.side),
        "positionSide": position_side(order.asked.position_side),
        "stopPrice": "0",
        "workingType": order.words.get("working", "CONTRACT_PRICE"),
        "priceProtect": False,
        "origType": working_type(order),
        "priceMatch": "NONE",
        "selfTradePreventionMode": order.words["stp"],
        "goodTillDate": _till(call, order),
        "updateTime": call.time(order.updated_us),
    }


def _till(call: Call, order: VenueOrder) -> int:
    return 0 if order.asked.expires_us is None else call.time(order.asked.expires_us)


def linear_order(call: Call, order: VenueOrder) -> Row:
    """An order as queries and lists show it."""
    row = linear_placed(call, order)
    del row["cumQty"]
    return {
        **row,
        "avgPrice": plain(fixed_average(order)),
        "cumQuote": plain(order.filled_quote),
        "time": call.time(order.created_us),
    }


def fixed_average(order: VenueOrder) -> Decimal:
    """The average price, rounded to five decimals as the venue shows it."""
    return (order.average_price or ZERO).quantize(Decimal("0.00001"))


def linear_fill(call: Call, fill: VenueFill) -> Row:
    return {
        "symbol": fill.order.instrument.symbol,
        "id": fill.trade_id,
        "orderId": fill.order.order_id,
        "side": sided(fill.side),
        "price": _price(fill.order.instrument, fill.price),
        "qty": _quantity(fill.order.instrument, fill.quantity),
        "realizedPnl": fixed(fill.realized_pnl, 8),
        "quoteQty": plain(fill.quote_quantity),
        "commission": fixed(fill.fee, 8),
        "commissionAsset": fill.fee_currency,
        "time": call.time(fill.time_us),
        "positionSide": position_side(fill.order.asked.position_side),
        "buyer": fill.side is Side.BUY,
        "maker": fill.liquidity is Liquidity.MAKER,
    }


def algo_status(order: VenueOrder) -> str:
    if order.is_waiting_stop:
        return "NEW"
    if order.triggered:
        return "TRIGGERED" if order.is_open else "FINISHED"
    return {EndReason.CANCELED: "CANCELED", EndReason.REFUSED: "REJECTED"}.get(
        order.end or EndReason.EXPIRED, "EXPIRED"
    )


def algo_placed(call: Call, order: VenueOrder) -> Row:
    """A conditional order as placing it answers."""
    item = order.instrument
    return {
        "algoId": ALGO_BASE + order.order_id,
        "clientAlgoId": order.client_order_id,
        "algoType": "CONDITIONAL",
        "orderType": order.words["type"],
        "symbol": item.symbol,
        "side": sided(order.side),
        "positionSide": position_side(order.asked.position_side),
        "timeInForce": order.words["tif"],
        "quantity": _quantity(item, order.quantity),
        "algoStatus": algo_status(order),
        "triggerPrice": _price(item, order.asked.stop_price),
        "price": _price(item, order.price),
        "icebergQuantity": None,
        "selfTradePreventionMode": order.words["stp"],
        "workingType": order.words["working"],
        "priceMatch": "NONE",
        "closePosition": order.words["close"] == "true",
        "priceProtect": False,
        "reduceOnly": order.asked.reduce_only,
        "createTime": call.time(order.created_us),
        "updateTime": call.time(order.updated_us),
        "triggerTime": call.time(order.updated_us) if order.triggered else 0,
        "goodTillDate": 0,
    }


def algo_order(call: Call, order: VenueOrder) -> Row:
    """A conditional order as queries show it, with the order that it has become."""
    return {
        **algo_placed(call, order),
        "actualOrderId": str(order.order_id) if order.triggered else "",
        "actualPrice": plain(fixed_average(order)),
        "actualQty": _quantity(order.instrument, order.filled_quantity),
        "actualType": working_type(order) if order.triggered else "",
    }
