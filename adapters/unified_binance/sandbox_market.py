"""Public data as Binance alone tells it: rules and filters of both doors, funding, and the tables with their weights.

Shows what anybody can see; changes nothing. Sources: spot `rest-api.md` (2026-07-21), USD-M pages (2026-05-28).
"""

from __future__ import annotations

from unified.instrument import ZERO, Instrument
from unified.sandbox.dialect import RequestClass
from unified.sandbox.listing import MarketMode
from unified.sandbox.wording import fixed, plain
from unified_binance_dialect import sandbox_market as shared
from unified_binance_dialect.sandbox_calls import Call, Fields, Security, not_valid, per_symbol
from unified_binance_dialect.sandbox_market import (
    AGG_TRADES,
    OLD_TRADES,
    agg_trades,
    book_ticker,
    chosen,
    day,
    depth,
    digits,
    klines,
    old_trades,
    ping,
    price,
    public,
    published_rates,
    system_status,
    time,
    trades,
)
from unified_binance_dialect.sandbox_rows import Row, spot8

_HOUR_S = 3600
_USUAL_FUNDING_S = 8 * _HOUR_S
_LINEAR_STATUS = {MarketMode.CLOSED: "CLOSE", MarketMode.CANCEL_ONLY: "SETTLING"}
_SPOT_DEPTHS = ((100, 5), (500, 25), (1000, 50), (5000, 250))
LINEAR_DEPTHS = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1000: 20}

# --- rules


def spot_info(call: Call) -> Row:
    return shared.spot_info(call, _spot_symbol)


def _spot_symbol(call: Call, item: Instrument) -> Row:
    told = shared.spot_symbol(call, item)
    band = dict.fromkeys(("bidMultiplierUp", "askMultiplierUp"), "5")
    band |= dict.fromkeys(("bidMultiplierDown", "askMultiplierDown"), "0.2")
    more = [
        {
            "filterType": "NOTIONAL",
            "minNotional": spot8(item.min_notional),
            "applyMinToMarket": True,
            "maxNotional": spot8(item.max_notional),
            "applyMaxToMarket": True,
            "avgPriceMins": 5,
        },
        {"filterType": "PERCENT_PRICE_BY_SIDE", **band, "avgPriceMins": 5},
        {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": 10},
    ]
    return {
        **told,
        "otoAllowed": False,
        "opoAllowed": False,
        "amendAllowed": True,
        "pegInstructionsAllowed": False,
        "filters": [*told["filters"], *more],
        "permissions": [],
        "permissionSets": [["SPOT"]],
    }


def linear_info(call: Call) -> Row:
    return {
        "timezone": "UTC",
        "serverTime": call.now_us // 1000,
        "futuresType": "U_MARGINED",
        "rateLimits": published_rates(call),
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [_linear_symbol(call, item) for item in call.instruments],
    }


def _linear_symbol(call: Call, item: Instrument) -> Row:
    market = call.engine.market(item)
    return {
        "symbol": item.symbol,
        "pair": item.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
        "onboardDate": 1_569_398_400_000,
        "status": _LINEAR_STATUS.get(market.mode, "TRADING"),
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": item.base,
        "quoteAsset": item.quote,
        "marginAsset": item.settle,
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": _linear_filters(item, market.listing.max_open_orders),
        "orderTypes": [
            "LIMIT",
            "MARKET",
            "STOP",
            "STOP_MARKET",
            "TAKE_PROFIT",
            "TAKE_PROFIT_MARKET",
            "TRAILING_STOP_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }


def _linear_filters(item: Instrument, most_orders: int) -> list[Row]:
    lot = {"minQty": plain(item.min_quantity), "stepSize": plain(item.lot_size)}
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": fixed(item.min_price or ZERO, 2),
            "maxPrice": plain(item.max_price or ZERO),
            "tickSize": fixed(item.tick_size, 2),
        },
        {"filterType": "LOT_SIZE", **lot, "maxQty": plain(item.max_quantity or ZERO)},
        {"filterType": "MARKET_LOT_SIZE", **lot, "maxQty": plain(item.max_market_quantity or ZERO)},
        {"filterType": "MAX_NUM_ORDERS", "limit": most_orders},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": plain(item.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.0500",
            "multiplierDown": "0.9500",
            "multiplierDecimal": "4",
        },
    ]


# --- weights


def spot_depth_weight(fields: Fields) -> int:
    limit = digits(fields, 100)
    return next((weight for most, weight in _SPOT_DEPTHS if limit <= most), 250)


def linear_depth_weight(fields: Fields) -> int:
    return LINEAR_DEPTHS.get(digits(fields, 500), 20)


def linear_kline_weight(fields: Fields) -> int:
    limit = digits(fields, 500)
    return next((weight for below, weight in ((100, 1), (500, 2), (1001, 5)) if limit < below), 10)


def day_weight(fields: Fields) -> int:
    """Spot's 24 hour tickers: by the number of symbols."""
    if "symbol" in fields:
        return 2
    count = fields.get("symbols").count(",") + 1 if "symbols" in fields else 101
    return 2 if count <= 20 else 40 if count <= 100 else 80


# --- funding


def _premium(call: Call, item: Instrument) -> Row:
    funding = call.engine.funding(item)
    return {
        "symbol": item.symbol,
        "markPrice": fixed(funding.mark_price, 8),
        "indexPrice": fixed(funding.mark_price, 8),
        "estimatedSettlePrice": fixed(funding.mark_price, 8),
        "lastFundingRate": fixed(funding.rate, 8),
        "interestRate": "0.00010000",
        "nextFundingTime": funding.next_us // 1000,
        "time": call.now_us // 1000,
    }


def premium_index(call: Call) -> Row | list[Row]:
    return chosen(call, _premium)


def funding_history(call: Call) -> list[Row]:
    """Past settlements, oldest first: they lie on the calendar, at the rate of the listing."""
    fields, limit = call.fields, call.fields.limit(100, 1000)
    start, end = fields.whole("startTime"), fields.whole("endTime")
    if start is not None and end is not None and start > end:
        raise not_valid("startTime")
    items = [call.instrument] if "symbol" in fields else call.instruments
    rows: list[Row] = []
    for item in items:
        market, funding = call.engine.market(item), call.engine.funding(item)
        interval_ms = funding.interval_s * 1000
        last = min(call.engine.now_us // 1000, end if end is not None else call.engine.now_us // 1000)
        newest = last - last % interval_ms
        oldest = newest - (limit - 1) * interval_ms if start is None else -(-start // interval_ms) * interval_ms
        rows += [
            {
                "symbol": item.symbol,
                "fundingRate": fixed(market.listing.funding_rate, 8),
                "fundingTime": moment,
                "markPrice": fixed(market.listing.price, 8),
            }
            for moment in range(oldest, newest + 1, interval_ms)[:limit]
        ]
    rows.sort(key=lambda row: row["fundingTime"])
    return rows[-limit:] if start is None else rows[:limit]


def funding_info(call: Call) -> list[Row]:
    """Only what differs from eight hours."""
    return [
        {
            "symbol": item.symbol,
            "adjustedFundingRateCap": "0.02000000",
            "adjustedFundingRateFloor": "-0.02000000",
            "fundingIntervalHours": call.engine.funding(item).interval_s // _HOUR_S,
            "disclaimer": False,
        }
        for item in call.instruments
        if call.engine.funding(item).interval_s != _USUAL_FUNDING_S
    ]


# --- the tables


_INFO = "symbol symbols permissions symbolStatus showPermissionSets"
_KLINES = "symbol! interval! startTime endTime timeZone limit"

SPOT = (
    public("/api/v3/ping", ping),
    public("/api/v3/time", time, kind=RequestClass.TIME),
    public("/sapi/v1/system/status", system_status),
    public("/api/v3/exchangeInfo", spot_info, takes=_INFO, weight=20),
    public("/api/v3/depth", depth, takes="symbol! limit symbolStatus", weight=spot_depth_weight),
    public("/api/v3/trades", trades, takes="symbol! limit", weight=25),
    public("/api/v3/historicalTrades", old_trades, takes=OLD_TRADES, weight=25),
    public("/api/v3/aggTrades", agg_trades, takes=AGG_TRADES, weight=4),
    public("/api/v3/klines", klines, takes=_KLINES, weight=2),
    public("/api/v3/ticker/24hr", day, takes="symbol symbols type symbolStatus", weight=day_weight),
    public("/api/v3/ticker/bookTicker", book_ticker, takes="symbol symbols symbolStatus", weight=per_symbol(2, 4)),
    public("/api/v3/ticker/price", price, takes="symbol symbols symbolStatus", weight=per_symbol(2, 4)),
)

LINEAR = (
    public("/fapi/v1/ping", ping),
    public("/fapi/v1/time", time, kind=RequestClass.TIME),
    public("/fapi/v1/exchangeInfo", linear_info),
    public("/fapi/v1/depth", depth, takes="symbol! limit", weight=linear_depth_weight),
    public("/fapi/v1/trades", trades, takes="symbol! limit", weight=5),
    public("/fapi/v1/historicalTrades", old_trades, takes=OLD_TRADES, weight=20, security=Security.KEY),
    public("/fapi/v1/aggTrades", agg_trades, takes=AGG_TRADES, weight=20),
    public("/fapi/v1/klines", klines, takes=_KLINES, weight=linear_kline_weight),
    public("/fapi/v1/ticker/24hr", day, takes="symbol", weight=per_symbol(1, 40)),
    public("/fapi/v1/ticker/bookTicker", book_ticker, takes="symbol", weight=per_symbol(2, 5), misleads=True),
    public("/fapi/v1/ticker/price", price, takes="symbol", weight=per_symbol(1, 2)),
    public("/fapi/v2/ticker/price", price, takes="symbol", weight=per_symbol(1, 2), misleads=True),
    public("/fapi/v1/premiumIndex", premium_index, takes="symbol", weight=per_symbol(1, 10)),
    public(
        "/fapi/v1/fundingRate",
        funding_history,
        takes="symbol startTime endTime limit",
        weight=0,
        counts=("linear funding",),
    ),
    public("/fapi/v1/fundingInfo", funding_info, weight=0, counts=("linear funding",)),
)
