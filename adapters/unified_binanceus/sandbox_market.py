"""Public data of the simulated Binance.US: its filters, and the table with its weights. Shows only; changes nothing.

Source: binance-us-api-docs rest-api.md and filters.md at 6b62304 (2024-06-17).
"""

from __future__ import annotations

from unified.instrument import Instrument
from unified.sandbox.dialect import RequestClass
from unified_binance_dialect import sandbox_market as shared
from unified_binance_dialect.sandbox_calls import Call, Fields, Security, per_symbol
from unified_binance_dialect.sandbox_market import AGG_TRADES, OLD_TRADES, public
from unified_binance_dialect.sandbox_rows import Row, spot8

_DEPTHS = ((100, 1), (500, 5), (1000, 10))


def exchange_info(call: Call) -> Row:
    return shared.spot_info(call, _symbol)


def _symbol(call: Call, item: Instrument) -> Row:
    told = shared.spot_symbol(call, item)
    more = [
        {"filterType": "PERCENT_PRICE", "multiplierUp": "5", "multiplierDown": "0.2", "avgPriceMins": 5},
        {
            "filterType": "MIN_NOTIONAL",
            "minNotional": spot8(item.min_notional),
            "applyToMarket": True,
            "avgPriceMins": 5,
        },
    ]
    return {**told, "filters": [*told["filters"], *more], "permissions": ["SPOT"]}


def depth_weight(fields: Fields) -> int:
    limit = shared.digits(fields, 100)
    return next((weight for most, weight in _DEPTHS if limit <= most), 50)


PUBLIC = (
    public("/api/v3/ping", shared.ping),
    public("/api/v3/time", shared.time, kind=RequestClass.TIME),
    public("/sapi/v1/system/status", shared.system_status),
    public("/api/v3/exchangeInfo", exchange_info, "symbol symbols permissions", weight=10),
    public("/api/v3/depth", shared.depth, "symbol! limit", weight=depth_weight),
    public("/api/v3/trades", shared.trades, "symbol! limit"),
    public("/api/v3/historicalTrades", shared.old_trades, OLD_TRADES, weight=25, security=Security.KEY),
    public("/api/v3/aggTrades", shared.agg_trades, AGG_TRADES),
    public("/api/v3/klines", shared.klines, "symbol! interval! startTime endTime limit"),
    public("/api/v3/ticker/24hr", shared.day, "symbol symbols type", weight=per_symbol(1, 40)),
    public("/api/v3/ticker/bookTicker", shared.book_ticker, "symbol symbols", weight=per_symbol(1, 2)),
    public("/api/v3/ticker/price", shared.price, "symbol symbols", weight=per_symbol(1, 2)),
)
