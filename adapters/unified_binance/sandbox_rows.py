"""How the simulated Binance writes orders, algo orders and fills. Reads the engine's records; changes nothing.

Field names and number formats: spot `rest-api.md` (2026-07-21); USD-M pages (2026-05-28) and SDK 18.1.0, whose
place, cancel and amend answers carry no avgPrice and no cumQuote since 2026-07-15.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from unified.instrument import ZERO, Instrument
from unified.order import Liquidity, OrderStatus, OrderType, PositionSide, Side
from unified.sandbox.orders import EndReason, VenueFill, VenueOrder
from unified.sandbox.wording import at_step, fixed, plain
from unified_binance.sandbox_calls import Call

Row = dict[str, Any]

ALGO_BASE = 1_000_000_000_000_000
"""Conditional orders of USD-M have numbers of their own; here that of the order plus this."""

_OPEN_STATUS = {
    OrderStatus.PENDING_NEW: "NEW",
    OrderStatus.NEW: "NEW",
    OrderStatus.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    OrderStatus.PENDING_CANCEL: "NEW",
}
_ENDED_STATUS = {
    EndReason.FILLED: "FILLED",
    EndReason.CANCELED: "CANCELED",
    EndReason.AMENDED_AWAY: "CANCELED",
    EndReason.SELF_TRADE: "EXPIRED_IN_MATCH",
}
"""Every other end is EXPIRED: what a market, IOC or FOK order could not fill, and good-till-date."""
_SPOT_PLACES = 8


def status(order: VenueOrder) -> str:
    if order.end is None:
        return _OPEN_STATUS[order.status]
    return _ENDED_STATUS.get(order.end, "EXPIRED")


def sided(side: Side) -> str:
    return side.value.upper()


def position_side(side: PositionSide | None) -> str:
    return "BOTH" if side is None else side.value.upper()


# --- spot


def spot8(value: Decimal | None) -> str:
    """Eight decimals, as spot writes everything; zero where there is no value."""
    return fixed(value or ZERO, _SPOT_PLACES)


def spot_terms(order: VenueOrder) -> Row:
    """What all longer answers about a spot order share."""
    row: Row = {
        "price": spot8(order.price),
        "origQty": spot8(order.quantity if order.quantity is not None else order.filled_quantity),
        "executedQty": spot8(order.filled_quantity),
        "origQuoteOrderQty": spot8(order.asked.quote_quantity),
        "cummulativeQuoteQty": spot8(order.filled_quote),
        "status": status(order),
        "timeInForce": order.words["tif"],
        "type": order.words["type"],
        "side": sided(order.side),
        "selfTradePreventionMode": order.words["stp"],
    }
    if order.asked.stop_price is not None:
        row["stopPrice"] = spot8(order.asked.stop_price)
    return row


def spot_head(call: Call, order: VenueOrder) -> Row:
    return {
        "symbol": order.instrument.symbol,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "transactTime": call.time(order.updated_us),
    }


def spot_placed(call: Call, order: VenueOrder, depth: str, fills: list[VenueFill]) -> Row:
    """The answer to a placement: ACK, RESULT or FULL."""
    row = spot_head(call, order)
    if depth == "ACK":
        return row
    row |= spot_terms(order)
    if not order.is_waiting_stop:
        row["workingTime"] = call.time(order.created_us)
    return {**row, "fills": [_spot_part(fill) for fill in fills]} if depth == "FULL" else row


def _spot_part(fill: VenueFill) -> Row:
    return {
        "price": spot8(fill.price),
        "qty": spot8(fill.quantity),
        "commission": spot8(fill.fee),
        "commissionAsset": fill.fee_currency,
        "tradeId": fill.trade_id,
    }


def spot_canceled(call: Call, order: VenueOrder, cancel_id: str) -> Row:
    """Here `clientOrderId` is the id of the cancel."""
    head = spot_head(call, order)
    return {**head, "origClientOrderId": order.client_order_id, "clientOrderId": cancel_id, **spot_terms(order)}


def spot_order(call: Call, order: VenueOrder) -> Row:
    """An order as queries and lists show it."""
    head = spot_head(call, order)
    del head["transactTime"]
    row = {
        **head,
        **spot_terms(order),
        "stopPrice": spot8(order.asked.stop_price),
        "icebergQty": order.words.get("iceberg", spot8(None)),
        "time": call.time(order.created_us),
        "updateTime": call.time(order.updated_us),
        "isWorking": not order.is_waiting_stop,
        "workingTime": -1 if order.is_waiting_stop else call.time(order.created_us),
    }
    if row["status"].startswith("EXPIRED"):
        row["expiryReason"] = "INSUFFICIENT_LIQUIDITY" if row["status"] == "EXPIRED" else "EXECUTION_RULE"
    return row


def spot_fill(call: Call, fill: VenueFill) -> Row:
    return {
        "symbol": fill.order.instrument.symbol,
        "id": fill.trade_id,
        "orderId": fill.order.order_id,
        "orderListId": -1,
        "price": spot8(fill.price),
        "qty": spot8(fill.quantity),
        "quoteQty": spot8(fill.quote_quantity),
        "commission": spot8(fill.fee),
        "commissionAsset": fill.fee_currency,
        "time": call.time(fill.time_us),
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.liquidity is Liquidity.MAKER,
        "isBestMatch": True,
    }


# --- USD-M


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
