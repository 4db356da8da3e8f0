"""What belongs to an account of the simulated Binance.US: balances, fees, orders and fills, and the table of them.

Source: binance-us-api-docs rest-api.md at 6b62304 (2024-06-17); fees as ccxt 4.5.90 reads them (2026-10).
"""

from __future__ import annotations

from unified.instrument import Product
from unified.sandbox.wording import fixed
from unified_binance_dialect.sandbox_account import order_counts, spot_account
from unified_binance_dialect.sandbox_calls import Call, per_symbol
from unified_binance_dialect.sandbox_history import LIST, Lists, private
from unified_binance_dialect.sandbox_market import chosen
from unified_binance_dialect.sandbox_rows import Row
from unified_binance_dialect.sandbox_spot import trading, trial

_LISTS = Lists()


def trading_fees(call: Call) -> list[Row]:
    """A list, also for one symbol."""
    rates = call.engine.fees(call.account, Product.SPOT)
    told = {"makerCommission": fixed(rates.maker, 4), "takerCommission": fixed(rates.taker, 4)}
    rows = chosen(call, lambda _call, item: {"symbol": item.symbol, **told})
    return rows if isinstance(rows, list) else [rows]


PRIVATE = (
    *trading(orders=(1,), free_when_done=False),
    trial(),
    private("/api/v3/account", spot_account, weight=10),
    private("/sapi/v1/asset/query/trading-fee", trading_fees, "symbol"),
    private("/api/v3/rateLimit/order", order_counts, weight=20),
    private("/api/v3/order", _LISTS.get_order, "symbol! orderId origClientOrderId", weight=2),
    private("/api/v3/openOrders", _LISTS.open_orders, "symbol", weight=per_symbol(3, 40)),
    private("/api/v3/allOrders", _LISTS.all_orders, f"symbol! {LIST}", weight=10),
    private("/api/v3/myTrades", _LISTS.fills, f"symbol! fromId {LIST}", weight=10),
)
