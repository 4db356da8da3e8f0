"""Orders at the spot door of the simulated Binance: the dialect's, and amending in place. Shows no lists of orders.

Rules: spot `rest-api.md` (2026-07-21), `faqs/order_amend_keep_priority.md`.
"""

from __future__ import annotations

from unified.sandbox.dialect import RequestClass
from unified_binance_dialect.sandbox_calls import Call, Endpoint, Refusal, Security, missing
from unified_binance_dialect.sandbox_rows import Row, spot8, status
from unified_binance_dialect.sandbox_spot import amount, client_id, find, trading, trial

_MOST_AMENDS = 10


def amend(call: Call) -> Row:
    """Lower the quantity of an order in its place in the queue."""
    order = find(call)
    quantity = amount(call.fields, "newQty")
    if order is None or not order.is_open:
        raise Refusal(-2038, "Unknown order sent.")
    if quantity is None:
        raise missing("newQty")
    if order.quantity is None or order.price is None or order.is_waiting_stop:
        raise Refusal(-2038, "Order amend is not supported for this symbol.")
    if quantity > order.quantity:
        raise Refusal(-2038, "Order amend (quantity increase) is not supported.")
    if order.amendments >= _MOST_AMENDS:
        raise Refusal(-2038, "Filter failure: MAX_NUM_ORDER_AMENDS")
    former, fresh = order.client_order_id, client_id(call, "newClientOrderId")
    call.engine.amend(call.account, order, quantity=quantity, client_order_id=fresh)
    return {
        "transactTime": call.time(order.updated_us),
        "executionId": order.order_id * 100 + order.amendments,
        "amendedOrder": {
            "symbol": order.instrument.symbol,
            "orderId": order.order_id,
            "orderListId": -1,
            "origClientOrderId": former,
            "clientOrderId": order.client_order_id,
            "price": spot8(order.price),
            "qty": spot8(order.quantity),
            "executedQty": spot8(order.filled_quantity),
            "preventedQty": spot8(None),
            "quoteOrderQty": spot8(order.asked.quote_quantity),
            "cumulativeQuoteQty": spot8(order.filled_quote),
            "status": status(order),
            "timeInForce": order.words["tif"],
            "type": order.words["type"],
            "side": order.side.value.upper(),
            "workingTime": call.time(order.created_us),
            "selfTradePreventionMode": order.words["stp"],
        },
    }


ENDPOINTS = (
    *trading(orders=(1, 1), free_when_done=True),
    trial("computeCommissionRates", lambda fields: 20 if fields.get("computeCommissionRates") == "true" else 1),
    Endpoint(
        method="PUT",
        path="/api/v3/order/amend/keepPriority",
        answer=amend,
        kind=RequestClass.WRITE,
        security=Security.TRADE,
        takes="symbol! orderId origClientOrderId newClientOrderId newQty!",
        weight=4,
    ),
)
