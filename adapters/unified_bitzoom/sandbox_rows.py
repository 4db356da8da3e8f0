"""How the simulated Bitzoom writes orders, fills and positions. Reads the engine's records; changes nothing.

Names: bitzoom-futures/futures.doc, guides and the order model of examples/bitzoom.gateway.json at 42521de (2026-02-13).
"""

from __future__ import annotations

from typing import Any

from unified.account import MarginMode
from unified.order import Liquidity, OrderStatus, PositionSide
from unified.sandbox.accounts import Account, VenuePosition, key_of
from unified.sandbox.engine import Engine
from unified.sandbox.orders import EndReason, VenueFill, VenueOrder
from unified.sandbox.wording import plain

Row = dict[str, Any]

_OPEN = {OrderStatus.PARTIALLY_FILLED: "partiallyFilled", OrderStatus.PENDING_CANCEL: "pendingCancel"}
_ENDED = {EndReason.FILLED: "filled", EndReason.CANCELED: "canceled", EndReason.REFUSED: "rejected"}


def status(order: VenueOrder) -> str:
    """The words of the history's filter."""
    return _OPEN.get(order.status, "new") if order.end is None else _ENDED.get(order.end, "expired")


def placed(order: VenueOrder) -> Row:
    """The answer to a placement, as the guide shows it: without the client's id."""
    return {
        "orderId": order.order_id,
        "symbol": order.instrument.symbol,
        "side": order.side.value.upper(),
        "type": order.words["type"],
        "price": None if order.price is None else plain(order.price),
        "quantity": plain(order.quantity or order.filled_quantity),
        "status": status(order).upper() if status(order) != "partiallyFilled" else "PARTIALLY_FILLED",
        "createTime": order.created_us // 1000,
    }


def listed(order: VenueOrder) -> Row:
    """An order in a list, by the gateway's own model."""
    return {
        "order_id": order.order_id,
        "client_order_id": order.client_order_id,
        "symbol": order.instrument.symbol,
        "side": order.side.value,
        "position_side": None if order.asked.position_side is None else order.asked.position_side.value,
        "type": order.words["type"],
        "time_in_force": order.words["tif"],
        "price": None if order.price is None else plain(order.price),
        "stop_price": None if order.asked.stop_price is None else plain(order.asked.stop_price),
        "orig_qty": plain(order.quantity or order.filled_quantity),
        "executed_qty": plain(order.filled_quantity),
        "avg_price": None if order.average_price is None else plain(order.average_price),
        "status": status(order),
        "created_at": order.created_us // 1000,
        "updated_at": order.updated_us // 1000,
        "is_adl": False,
        "is_liquidation": False,
    }


def fill(made: VenueFill) -> Row:
    return {
        "tradeId": made.trade_id,
        "orderId": made.order.order_id,
        "clientOrderId": made.order.client_order_id,
        "symbol": made.order.instrument.symbol,
        "side": made.side.value,
        "price": plain(made.price),
        "quantity": plain(made.quantity),
        "fee": plain(made.fee),
        "commissionAsset": made.fee_currency,
        "isMaker": made.liquidity is Liquidity.MAKER,
        "time": made.time_us // 1000,
    }


def position(engine: Engine, account: Account, found: VenuePosition) -> Row:
    item = found.instrument
    mark = engine.market(item).mark
    isolated = account.margin_modes.get(key_of(item)) is MarginMode.ISOLATED
    side = {PositionSide.LONG: "LONG", PositionSide.SHORT: "SHORT", None: "BOTH"}[found.side]
    return {
        "symbol": item.symbol,
        "positionSide": side,
        "positionAmt": plain(found.quantity),
        "entryPrice": plain(found.entry_price),
        "markPrice": plain(mark),
        "unrealizedProfit": plain(found.unrealized(mark)),
        "liquidationPrice": "0",
        "leverage": int(account.leverage_of(item)),
        "marginType": "isolated" if isolated else "cross",
    }
