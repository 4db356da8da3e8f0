"""Own orders and fills at both doors of the simulated Binance: queries and lists with their windows. Changes nothing.

Sources: spot `rest-api.md` (2026-07-21); USD-M pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unified.instrument import Product
from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import VenueFill, VenueOrder
from unified_binance import sandbox_linear, sandbox_spot
from unified_binance.sandbox_calls import Call, Endpoint, Refusal, Security, error, per_symbol
from unified_binance.sandbox_rows import Row, linear_fill, linear_order, spot_fill, spot_order

_DAY_MS = 86_400_000
_WINDOW_MS = {Product.SPOT: _DAY_MS, Product.LINEAR: 7 * _DAY_MS}
_FILLS_KEPT_MS = 92 * _DAY_MS
"""USD-M shows the fills of three months."""
_TOO_LONG = {
    Product.SPOT: error(-1127, "More than 24 hours between startTime and endTime."),
    Product.LINEAR: error(-4165, "Maximum time interval is 7 days"),
}


def _is_spot(call: Call) -> bool:
    return call.door.product is Product.SPOT


def order_row(call: Call, order: VenueOrder) -> Row:
    return spot_order(call, order) if _is_spot(call) else linear_order(call, order)


# --- one order


def get_order(call: Call) -> Row:
    """An order, open or closed, once queries show it."""
    order = sandbox_spot.find(call) if _is_spot(call) else sandbox_linear.find(call)
    if order is None or not call.engine.visible(order):
        raise sandbox_linear.NOT_THERE()
    return order_row(call, order)


def get_open_order(call: Call) -> Row:
    """USD-M: the same, of open orders only."""
    order = sandbox_linear.find(call)
    if order is None or not order.is_open or not call.engine.visible(order):
        raise sandbox_linear.NOT_THERE()
    return order_row(call, order)


# --- lists of orders


def _shown(call: Call, orders: tuple[VenueOrder, ...]) -> list[VenueOrder]:
    return [order for order in orders if _is_spot(call) or sandbox_linear.is_recorded(order)]


def open_orders(call: Call) -> list[Row]:
    found = call.engine.open_orders(call.account, call.door.product, call.instrument_if_any)
    return [order_row(call, order) for order in _shown(call, found)]


def all_orders(call: Call) -> list[Row]:
    fields, limit = call.fields, call.fields.limit(500, 1000)
    start, end = _window(call)
    first = fields.whole("orderId")
    found = _shown(call, call.engine.orders(call.account, call.door.product, call.instrument_if_any))
    if first is not None:
        page = [order for order in found if order.order_id >= first][:limit]
    else:
        found = [order for order in found if _inside(call, order.created_us, start, end)]
        page = found[-limit:] if "startTime" not in fields else found[:limit]
    return [order_row(call, order) for order in page]


# --- fills


def fills(call: Call) -> list[Row]:
    fields, limit = call.fields, call.fields.limit(500, 1000)
    first = fields.whole("fromId")
    if first is not None and ("startTime" in fields or "endTime" in fields):
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    start, end = _window(call)
    found = call.engine.fills(call.account, call.door.product, call.instrument_if_any, order_id=fields.whole("orderId"))
    kept = [fill for fill in found if _is_kept(call, fill)]
    if first is not None:
        page = [fill for fill in kept if fill.trade_id >= first][:limit]
    else:
        kept = [fill for fill in kept if _inside(call, fill.time_us, start, end)]
        page = kept[-limit:] if "startTime" not in fields else kept[:limit]
    row = spot_fill if _is_spot(call) else linear_fill
    return [row(call, fill) for fill in page]


def _is_kept(call: Call, fill: VenueFill) -> bool:
    return _is_spot(call) or fill.time_us >= call.engine.now_us - _FILLS_KEPT_MS * 1000


# --- windows


def _window(call: Call) -> tuple[int | None, int | None]:
    """Start and end, ms. A start alone reaches one window on; nothing at all means, on USD-M, the last window."""
    start, end = call.fields.whole("startTime"), call.fields.whole("endTime")
    most = _WINDOW_MS[call.door.product]
    if start is not None and end is not None:
        if start > end and not _is_spot(call):
            raise Refusal(-1023, "Start time is greater than end time.")
        if end - start > most:
            raise _TOO_LONG[call.door.product]()
    if start is not None and end is None:
        return start, start + most
    if start is None and end is not None:
        return end - most, end
    if start is None and not _is_spot(call) and "orderId" not in call.fields and "fromId" not in call.fields:
        return call.now_us // 1000 - most, None
    return start, end


def _inside(call: Call, shown_us: int, start_ms: int | None, end_ms: int | None) -> bool:
    time_ms = (shown_us + call.door.ahead_us) // 1000
    return (start_ms is None or time_ms >= start_ms) and (end_ms is None or time_ms <= end_ms)


# --- the tables


def _get(path: str, answer: Callable[[Call], Any], **more: Any) -> Endpoint:
    return Endpoint(
        method="GET", path=path, answer=answer, kind=RequestClass.PRIVATE_READ, security=Security.READ, **more
    )


_LIST = "orderId startTime endTime limit"

SPOT = (
    _get("/api/v3/order", get_order, takes="symbol! orderId origClientOrderId", weight=4),
    _get("/api/v3/openOrders", open_orders, takes="symbol", weight=per_symbol(6, 80)),
    _get("/api/v3/allOrders", all_orders, takes=f"symbol! {_LIST}", weight=20),
    _get(
        "/api/v3/myTrades",
        fills,
        takes=f"symbol! fromId {_LIST}",
        weight=lambda fields: 5 if "orderId" in fields else 20,
    ),
)

LINEAR = (
    _get("/fapi/v1/order", get_order, takes="symbol! orderId origClientOrderId"),
    _get("/fapi/v1/openOrder", get_open_order, takes="symbol! orderId origClientOrderId"),
    _get("/fapi/v1/openOrders", open_orders, takes="symbol", weight=per_symbol(1, 40)),
    _get("/fapi/v1/allOrders", all_orders, takes=f"symbol {_LIST}", weight=5),
    _get("/fapi/v1/userTrades", fills, takes=f"symbol! fromId {_LIST}", weight=5),
)
