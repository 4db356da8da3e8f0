"""Public data at both doors of the simulated Binance: time, rules, books, trades, candles, tickers, funding.

Shows what anybody can see; changes nothing. Sources: spot `rest-api.md` (2026-07-21), USD-M pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from unified.instrument import ZERO, Instrument, Product
from unified.market_data import Interval
from unified.order import Side
from unified.sandbox.dialect import RequestClass
from unified.sandbox.listing import MarketMode
from unified.sandbox.tape import DayTicker, TapeCandle, TapeTrade
from unified.sandbox.wording import at_step, fixed, plain
from unified_binance.sandbox_calls import Call, Endpoint, Fields, Refusal, Security, not_valid, per_symbol
from unified_binance.sandbox_rows import Row, spot8
from unified_binance.sandbox_spot import ORDER_TYPES

_HOUR_S = 3600
_USUAL_FUNDING_S = 8 * _HOUR_S
_SPOT_STATUS = {MarketMode.CLOSED: "BREAK", MarketMode.CANCEL_ONLY: "CANCEL_ONLY"}
_LINEAR_STATUS = {MarketMode.CLOSED: "CLOSE", MarketMode.CANCEL_ONLY: "SETTLING"}
_SPOT_DEPTHS = ((100, 5), (500, 25), (1000, 50), (5000, 250))
_LINEAR_DEPTHS = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1000: 20}
_ONLY_SPOT = "1s"

SPOT_RATES = (
    ("REQUEST_WEIGHT", "MINUTE", 1, 6000),
    ("ORDERS", "SECOND", 10, 100),
    ("ORDERS", "DAY", 1, 200_000),
    ("RAW_REQUESTS", "MINUTE", 5, 300_000),
)
LINEAR_RATES = (
    ("REQUEST_WEIGHT", "MINUTE", 1, 2400),
    ("ORDERS", "MINUTE", 1, 1200),
    ("ORDERS", "SECOND", 10, 300),
)


def _rates(rates: tuple[tuple[str, str, int, int], ...]) -> list[Row]:
    return [
        {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}
        for kind, interval, number, limit in rates
    ]


def order_rates(call: Call) -> list[Row]:
    """The limits of orders, without their counts."""
    rates = SPOT_RATES if call.door.product is Product.SPOT else LINEAR_RATES
    return [rate for rate in _rates(rates) if rate["rateLimitType"] == "ORDERS"]


def chosen(call: Call, one: Callable[[Call, Instrument], Row]) -> Row | list[Row]:
    """One row for `symbol`, a list for `symbols` or for all."""
    if "symbol" in call.fields:
        return one(call, call.instrument)
    symbols = call.fields.array("symbols")
    items = [call.engine.instrument(call.door.product, str(name)) for name in symbols] or call.instruments
    return [one(call, item) for item in items]


# --- time and rules


def ping(_call: Call) -> Row:
    return {}


def time(call: Call) -> Row:
    return {"serverTime": call.now_us // call.unit_us}


def system_status(_call: Call) -> Row:
    return {"status": 0, "msg": "normal"}


def spot_info(call: Call) -> Row:
    told = chosen(call, _spot_symbol)
    return {
        "timezone": "UTC",
        "serverTime": call.now_us // call.unit_us,
        "rateLimits": _rates(SPOT_RATES),
        "exchangeFilters": [],
        "symbols": told if isinstance(told, list) else [told],
    }


def _spot_symbol(call: Call, item: Instrument) -> Row:
    market = call.engine.market(item)
    return {
        "symbol": item.symbol,
        "status": _SPOT_STATUS.get(market.mode, "TRADING"),
        "baseAsset": item.base,
        "baseAssetPrecision": 8,
        "quoteAsset": item.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": list(ORDER_TYPES),
        "icebergAllowed": True,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _spot_filters(item, market.listing.max_open_orders),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


def _spot_filters(item: Instrument, most_orders: int) -> list[Row]:
    band = dict.fromkeys(("bidMultiplierUp", "askMultiplierUp"), "5")
    band |= dict.fromkeys(("bidMultiplierDown", "askMultiplierDown"), "0.2")
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": spot8(item.min_price),
            "maxPrice": spot8(item.max_price),
            "tickSize": spot8(item.tick_size),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": spot8(item.min_quantity),
            "maxQty": spot8(item.max_quantity),
            "stepSize": spot8(item.lot_size),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": spot8(ZERO),
            "maxQty": spot8(item.max_market_quantity),
            "stepSize": spot8(ZERO),
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": spot8(item.min_notional),
            "applyMinToMarket": True,
            "maxNotional": spot8(item.max_notional),
            "applyMaxToMarket": True,
            "avgPriceMins": 5,
        },
        {"filterType": "PERCENT_PRICE_BY_SIDE", **band, "avgPriceMins": 5},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": most_orders},
        {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": 10},
    ]


def linear_info(call: Call) -> Row:
    return {
        "timezone": "UTC",
        "serverTime": call.now_us // 1000,
        "futuresType": "U_MARGINED",
        "rateLimits": _rates(LINEAR_RATES),
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


# --- numbers as the door writes them


def _price(item: Instrument, value: Decimal | None) -> str:
    return spot8(value) if item.product is Product.SPOT else fixed(value or ZERO, 2)


def _quantity(item: Instrument, value: Decimal | None) -> str:
    return spot8(value) if item.product is Product.SPOT else at_step(value or ZERO, item.lot_size)


# --- book and trades


def spot_depth_weight(fields: Fields) -> int:
    limit = _digits(fields, 100)
    return next((weight for most, weight in _SPOT_DEPTHS if limit <= most), 250)


def linear_depth_weight(fields: Fields) -> int:
    return _LINEAR_DEPTHS.get(_digits(fields, 500), 20)


def _digits(fields: Fields, default: int) -> int:
    text = fields.get("limit")
    return int(text) if text.isdecimal() and len(text) < 10 else default


def depth(call: Call) -> Row:
    item, is_spot = call.instrument, call.door.product is Product.SPOT
    limit = call.fields.limit(100, 5000) if is_spot else call.fields.limit(500, 5000)
    if not is_spot and limit not in _LINEAR_DEPTHS:
        raise Refusal(-4021, f"{limit} is not valid depth limit.")
    book = call.engine.book(item, limit)
    told: Row = {"lastUpdateId": book.sequence}
    if not is_spot:
        told |= {"E": call.time(book.time_us), "T": call.time(book.time_us)}
    for side, levels in (("bids", book.bids), ("asks", book.asks)):
        told[side] = [[_price(item, level.price), _quantity(item, level.quantity)] for level in levels]
    return told


def trades(call: Call) -> list[Row]:
    item = call.instrument
    return [_trade(call, item, trade) for trade in call.engine.trades(item, call.fields.limit(500, 1000))]


def _trade(call: Call, item: Instrument, trade: TapeTrade) -> Row:
    extra = {"isBestMatch": True} if item.product is Product.SPOT else {"isRPITrade": False}
    return {
        "id": trade.trade_id,
        "price": _price(item, trade.price),
        "qty": _quantity(item, trade.quantity),
        "quoteQty": _price(item, trade.price * trade.quantity),
        "time": call.time(trade.time_us),
        "isBuyerMaker": trade.side is Side.SELL,
        **extra,
    }


def old_trades(call: Call) -> list[Row]:
    """Public trades from one on; without it the newest."""
    item, first = call.instrument, call.fields.whole("fromId")
    limit = call.fields.limit(500, 1000) if call.door.product is Product.SPOT else call.fields.limit(100, 500)
    found = [trade for trade in call.engine.trades(item, 5000) if first is None or trade.trade_id >= first]
    return [_trade(call, item, trade) for trade in (found[-limit:] if first is None else found[:limit])]


def agg_trades(call: Call) -> list[Row]:
    """Here every trade is an aggregate of itself."""
    item, fields = call.instrument, call.fields
    first = fields.whole("fromId")
    start, end = fields.whole("startTime"), fields.whole("endTime")
    found = [
        trade
        for trade in call.engine.trades(item, 5000)
        if (first is None or trade.trade_id >= first)
        and (start is None or trade.time_us >= call.shown_us(start))
        and (end is None or trade.time_us < call.shown_us(end + 1))
    ]
    limit = fields.limit(500, 1000)
    page = found[-limit:] if first is None and start is None else found[:limit]
    return [
        {
            "a": trade.trade_id,
            "p": _price(item, trade.price),
            "q": _quantity(item, trade.quantity),
            "f": trade.trade_id,
            "l": trade.trade_id,
            "T": call.time(trade.time_us),
            "m": trade.side is Side.SELL,
        }
        for trade in page
    ]


# --- candles


def klines(call: Call) -> list[list[Any]]:
    item, fields = call.instrument, call.fields
    interval = fields.get("interval")
    if interval not in set(Interval) or (interval == _ONLY_SPOT and call.door.product is Product.LINEAR):
        raise Refusal(-1120, "Invalid interval.")
    start, end = fields.whole("startTime"), fields.whole("endTime")
    limit = fields.limit(500, 1000 if call.door.product is Product.SPOT else 1500)
    candles = call.engine.candles(
        item,
        Interval(interval),
        start_us=None if start is None else start * 1000,
        end_us=None if end is None else end * 1000 + 1,
    )
    page = candles[-limit:] if start is None else candles[:limit]
    return [_kline(item, candle, call.unit_us) for candle in page]


def _kline(item: Instrument, candle: TapeCandle, unit_us: int) -> list[Any]:
    return [
        candle.opened_us // unit_us,
        *(_price(item, value) for value in (candle.open, candle.high, candle.low, candle.close)),
        _quantity(item, candle.volume),
        candle.closes_us // unit_us - 1,
        spot8(candle.quote_volume),
        candle.trades,
        _quantity(item, candle.taker_buy_volume),
        spot8(candle.taker_buy_quote_volume),
        "0",
    ]


def linear_kline_weight(fields: Fields) -> int:
    limit = _digits(fields, 500)
    return next((weight for below, weight in ((100, 1), (500, 2), (1001, 5)) if limit < below), 10)


# --- tickers


def day_weight(fields: Fields) -> int:
    """Spot's 24 hour tickers: by the number of symbols."""
    if "symbol" in fields:
        return 2
    count = fields.get("symbols").count(",") + 1 if "symbols" in fields else 101
    return 2 if count <= 20 else 40 if count <= 100 else 80


def day(call: Call) -> Row | list[Row]:
    kind = call.fields.get("type", "FULL")
    if kind not in ("FULL", "MINI"):
        raise Refusal(-1139, "Invalid ticker type.")
    return chosen(call, _day_mini if kind == "MINI" else _day)


def _day_mini(call: Call, item: Instrument) -> Row:
    ticker = call.engine.ticker(item)
    return {"symbol": item.symbol, **_day_values(call, item, ticker)}


def _day_values(call: Call, item: Instrument, ticker: DayTicker) -> Row:
    last = call.engine.trades(item, 1)
    last_id = last[0].trade_id if last else -1
    return {
        "openPrice": _price(item, ticker.open),
        "highPrice": _price(item, ticker.high),
        "lowPrice": _price(item, ticker.low),
        "lastPrice": _price(item, ticker.last),
        "volume": _quantity(item, ticker.volume),
        "quoteVolume": _price(item, ticker.quote_volume),
        "openTime": call.time(ticker.opened_us),
        "closeTime": call.time(ticker.time_us),
        "firstId": max(last_id - ticker.trades + 1, 0) if last else -1,
        "lastId": last_id,
        "count": ticker.trades,
    }


def _day(call: Call, item: Instrument) -> Row:
    ticker = call.engine.ticker(item)
    average = ticker.quote_volume / ticker.volume if ticker.volume else ticker.last
    row = {
        "symbol": item.symbol,
        "priceChange": _price(item, ticker.change),
        "priceChangePercent": fixed(ticker.change_fraction * 100, 3),
        "weightedAvgPrice": _price(item, average),
        "lastQty": _quantity(item, ticker.last_quantity),
        **_day_values(call, item, ticker),
    }
    if item.product is Product.SPOT:
        row |= {"prevClosePrice": _price(item, ticker.open), **_best(call, item)}
    return row


def _best(call: Call, item: Instrument) -> Row:
    ticker = call.engine.ticker(item)
    return {
        "bidPrice": _price(item, ticker.bid),
        "bidQty": _quantity(item, ticker.bid_quantity),
        "askPrice": _price(item, ticker.ask),
        "askQty": _quantity(item, ticker.ask_quantity),
    }


def _book_row(call: Call, item: Instrument) -> Row:
    row = {"symbol": item.symbol, **_best(call, item)}
    if item.product is Product.LINEAR:
        book = call.engine.book(item, 1)
        row |= {"lastUpdateId": book.sequence, "time": call.time(book.time_us)}
    return row


def book_ticker(call: Call) -> Row | list[Row]:
    return chosen(call, _book_row)


def _price_row(call: Call, item: Instrument) -> Row:
    row: Row = {"symbol": item.symbol, "price": _price(item, call.engine.market(item).last)}
    return row if item.product is Product.SPOT else {**row, "time": call.now_us // 1000}


def price(call: Call) -> Row | list[Row]:
    return chosen(call, _price_row)


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


def _get(path: str, answer: Callable[[Call], Any], **more: Any) -> Endpoint:
    return Endpoint(method="GET", path=path, answer=answer, **more)


_INFO = "symbol symbols permissions symbolStatus showPermissionSets"
_KLINES = "symbol! interval! startTime endTime timeZone limit"
_OLD = "symbol! limit fromId"
_AGG = "symbol! fromId startTime endTime limit"

SPOT = (
    _get("/api/v3/ping", ping),
    _get("/api/v3/time", time, kind=RequestClass.TIME),
    _get("/sapi/v1/system/status", system_status),
    _get("/api/v3/exchangeInfo", spot_info, takes=_INFO, weight=20),
    _get("/api/v3/depth", depth, takes="symbol! limit symbolStatus", weight=spot_depth_weight),
    _get("/api/v3/trades", trades, takes="symbol! limit", weight=25),
    _get("/api/v3/historicalTrades", old_trades, takes=_OLD, weight=25),
    _get("/api/v3/aggTrades", agg_trades, takes=_AGG, weight=4),
    _get("/api/v3/klines", klines, takes=_KLINES, weight=2),
    _get("/api/v3/ticker/24hr", day, takes="symbol symbols type symbolStatus", weight=day_weight),
    _get("/api/v3/ticker/bookTicker", book_ticker, takes="symbol symbols symbolStatus", weight=per_symbol(2, 4)),
    _get("/api/v3/ticker/price", price, takes="symbol symbols symbolStatus", weight=per_symbol(2, 4)),
)

LINEAR = (
    _get("/fapi/v1/ping", ping),
    _get("/fapi/v1/time", time, kind=RequestClass.TIME),
    _get("/fapi/v1/exchangeInfo", linear_info),
    _get("/fapi/v1/depth", depth, takes="symbol! limit", weight=linear_depth_weight),
    _get("/fapi/v1/trades", trades, takes="symbol! limit", weight=5),
    _get("/fapi/v1/historicalTrades", old_trades, takes=_OLD, weight=20, security=Security.KEY),
    _get("/fapi/v1/aggTrades", agg_trades, takes=_AGG, weight=20),
    _get("/fapi/v1/klines", klines, takes=_KLINES, weight=linear_kline_weight),
    _get("/fapi/v1/ticker/24hr", day, takes="symbol", weight=per_symbol(1, 40)),
    _get("/fapi/v1/ticker/bookTicker", book_ticker, takes="symbol", weight=per_symbol(2, 5), misleads=True),
    _get("/fapi/v1/ticker/price", price, takes="symbol", weight=per_symbol(1, 2)),
    _get("/fapi/v2/ticker/price", price, takes="symbol", weight=per_symbol(1, 2), misleads=True),
    _get("/fapi/v1/premiumIndex", premium_index, takes="symbol", weight=per_symbol(1, 10)),
    _get("/fapi/v1/fundingRate", funding_history, takes="symbol startTime endTime limit", weight=0, funding=True),
    _get("/fapi/v1/fundingInfo", funding_info, weight=0, funding=True),
)
