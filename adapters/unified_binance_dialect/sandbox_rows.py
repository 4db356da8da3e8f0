"""How a simulated spot door writes orders and fills. Reads the engine's records; changes nothing.

Field names and number formats: Binance spot `rest-api.md` (2026-07-21).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from unified.instrument import ZERO
from unified.order import Liquidity, OrderStatus, Side
from unified.sandbox.orders import EndReason, VenueFill, VenueOrder
from unified.sandbox.wording import fixed
from unified_binance_dialect.sandbox_calls import Call

Row = dict[str, Any]

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
