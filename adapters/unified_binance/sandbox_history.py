"""Own orders and fills at both doors of the simulated Binance: what each shows, and for how long. Changes nothing.

Sources: spot `rest-api.md` (2026-07-21); USD-M pages (2026-05-28).
"""

from __future__ import annotations

from unified_binance import sandbox_linear
from unified_binance.sandbox_rows import linear_fill, linear_order
from unified_binance_dialect.sandbox_calls import error, per_symbol
from unified_binance_dialect.sandbox_history import DAY_MS, LIST, Lists, private

_SPOT = Lists()
_LINEAR = Lists(
    find=sandbox_linear.find,
    order_row=linear_order,
    fill_row=linear_fill,
    records=sandbox_linear.is_recorded,
    window_ms=7 * DAY_MS,
    too_long=error(-4165, "Maximum time interval is 7 days"),
    windowed=True,
    fills_kept_ms=92 * DAY_MS,  # USD-M shows the fills of three months
)
_IDS = "symbol! orderId origClientOrderId"

SPOT = (
    private("/api/v3/order", _SPOT.get_order, _IDS, weight=4),
    private("/api/v3/openOrders", _SPOT.open_orders, "symbol", weight=per_symbol(6, 80)),
    private("/api/v3/allOrders", _SPOT.all_orders, f"symbol! {LIST}", weight=20),
    private(
        "/api/v3/myTrades",
        _SPOT.fills,
        f"symbol! fromId {LIST}",
        weight=lambda fields: 5 if "orderId" in fields else 20,
    ),
)

LINEAR = (
    private("/fapi/v1/order", _LINEAR.get_order, _IDS),
    private("/fapi/v1/openOrder", _LINEAR.get_open_order, _IDS),
    private("/fapi/v1/openOrders", _LINEAR.open_orders, "symbol", weight=per_symbol(1, 40)),
    private("/fapi/v1/allOrders", _LINEAR.all_orders, f"symbol {LIST}", weight=5),
    private("/fapi/v1/userTrades", _LINEAR.fills, f"symbol! fromId {LIST}", weight=5),
)
