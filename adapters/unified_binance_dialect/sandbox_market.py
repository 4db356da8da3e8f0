"""Public data at the doors of a simulated venue: time, rules, books, trades, candles, tickers.

Shows what anybody can see; changes nothing. Sources: Binance spot `rest-api.md` (2026-07-21), USD-M pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from unified.instrument import ZERO, Instrument, Product
from unified.market_data import Interval
from unified.order import Side
from unified.sandbox.listing import MarketMode
from unified.sandbox.tape import DayTicker, TapeCandle, TapeTrade
from unified.sandbox.wording import at_step, fixed
from unified_binance_dialect.sandbox_calls import Call, Endpoint, Fields, Refusal
from unified_binance_dialect.sandbox_rows import Row, spot8
from unified_binance_dialect.sandbox_spot import ORDER_TYPES

_SPOT_STATUS = {MarketMode.CLOSED: "BREAK", MarketMode.CANCEL_ONLY: "CANCEL_ONLY"}


def published_rates(call: Call) -> list[Row]:
    """The limits as the listing tells them."""
    return [
        {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}
        for kind, interval, number, limit in call.door.rates
    ]


def order_rates(call: Call) -> list[Row]:
    """The limits of orders, without their counts."""
    return [rate for rate in published_rates(call) if rate["rateLimitType"] == "ORDERS"]


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


def spot_info(call: Call, symbol: Callable[[Call, Instrument], Row]) -> Row:
    """The listing, with a row for each symbol as the venue writes one."""
    told = chosen(call, symbol)
    return {
        "timezone": "UTC",
        "serverTime": call.now_us // call.unit_us,
        "rateLimits": published_rates(call),
        "exchangeFilters": [],
        "symbols": told if isinstance(told, list) else [told],
    }


def spot_symbol(call: Call, item: Instrument) -> Row:
    """What every venue of this make tells of a symbol; features and further filters are its own."""
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
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _spot_filters(item, market.listing.max_open_orders),
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


def _spot_filters(item: Instrument, most_orders: int) -> list[Row]:
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
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": most_orders},
    ]


# --- numbers as the door writes them


def _price(item: Instrument, value: Decimal | None) -> str:
    return spot8(value) if item.product is Product.SPOT else fixed(value or ZERO, 2)


def _quantity(item: Instrument, value: Decimal | None) -> str:
    return spot8(value) if item.product is Product.SPOT else at_step(value or ZERO, item.lot_size)


# --- book and trades


def digits(fields: Fields, default: int) -> int:
    """The limit that a request asks for, as far as it is a number: for what it weighs."""
    text = fields.get("limit")
    return int(text) if text.isdecimal() and len(text) < 10 else default


def depth(call: Call) -> Row:
    item, is_spot = call.instrument, call.door.product is Product.SPOT
    limit = call.fields.limit(100 if is_spot else 500, 5000)
    if call.door.depths and limit not in call.door.depths:
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
    if interval not in set(Interval) or (interval == Interval.S1 and not call.door.seconds):
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


# --- tickers


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


# --- for the tables

OLD_TRADES = "symbol! limit fromId"
AGG_TRADES = "symbol! fromId startTime endTime limit"


def public(path: str, answer: Callable[[Call], Any], takes: str = "", **more: Any) -> Endpoint:
    """A row of a table: what anybody may read."""
    return Endpoint(method="GET", path=path, answer=answer, takes=takes, **more)
