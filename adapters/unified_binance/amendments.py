"""What Binance can change about an open order: parameters out, values in. Signs nothing.

Source: Binance spot rest-api.md and faqs/order_amend_keep_priority.md (2026-07-21), USD-M trade pages (2026-05-28).
"""

from __future__ import annotations

from unified.operations import AmendOrder
from unified.order import Order, OrderType
from unified.wire import Json, child, obj, plain
from unified_binance_dialect.auth import Parameters, cannot
from unified_binance_dialect.orders import either_id, numbers
from unified_binance_dialect.rows import order_of


def amend_spot_parameters(operation: AmendOrder) -> Parameters:
    """Less quantity in the same place of the queue: all that spot can change.

    The order's own id is repeated, since without it the venue gives the order a new one.
    """
    order = operation.order
    moves = operation.price is not None and operation.price != order.price
    grows = operation.quantity is None or (order.quantity is not None and operation.quantity > order.quantity)
    if moves or grows or operation.quantity is None:
        raise cannot(operation, "spot can only lower the quantity; cancel the order and place another")
    own = {"newClientOrderId": order.client_order_id} if order.client_order_id else {}
    return {
        "symbol": operation.instrument.symbol,
        **either_id(operation, order.venue_order_id, order.client_order_id),
        "newQty": plain(operation.quantity),
        **own,
    }


def parse_amended_spot(operation: AmendOrder, answer: Json) -> Order:
    body = obj(answer)
    row = child(body, "amendedOrder")
    return order_of(operation.instrument, {"transactTime": body.get("transactTime"), **row})


def amend_linear_parameters(operation: AmendOrder) -> Parameters:
    """Price and quantity are both repeated; the order loses its place in the queue."""
    order = operation.order
    price = order.price if operation.price is None else operation.price
    quantity = order.quantity if operation.quantity is None else operation.quantity
    if order.order_type is not OrderType.LIMIT or order.side is None or price is None or quantity is None:
        raise cannot(operation, "USD-M amends limit orders only; cancel the order and place another")
    return {
        "symbol": operation.instrument.symbol,
        **either_id(operation, order.venue_order_id, order.client_order_id),
        "side": order.side.value.upper(),
        **numbers(quantity=quantity, price=price),
    }


def parse_amended_linear(operation: AmendOrder, answer: Json) -> Order:
    return order_of(operation.instrument, obj(answer))
