"""Public data of the simulated Bitzoom. Shows what anybody can see; changes nothing.

No page shows the shape of these answers: written here are the names of the documents that the venue's guides follow.
Paths: examples/bitzoom.gateway.json at 42521de (2026-02-13).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from unified.instrument import Instrument
from unified.market_data import Interval
from unified.order import Side
from unified.sandbox.dialect import RequestClass
from unified.sandbox.listing import MarketMode
from unified.sandbox.wording import fixed, plain
from unified_bitzoom.sandbox_calls import Call, Endpoint, Refusal
from unified_bitzoom.sandbox_rows import Row

_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)


def server_time(call: Call) -> Row:
    return {"serverTime": call.engine.now_us // 1000}


def ping(_call: Call) -> Row:
    return {}


def exchange_info(call: Call) -> Row:
    return {"symbols": [_symbol(call, item) for item in call.engine.instruments]}


def _symbol(call: Call, item: Instrument) -> Row:
    is_open = call.engine.market(item).mode is MarketMode.OPEN
    return {
        "symbol": item.symbol,
        "baseAsset": item.base,
        "quoteAsset": item.quote,
        "pricePrecision": _places(item.tick_size),
        "quantityPrecision": _places(item.lot_size),
        "status": "TRADING" if is_open else "BREAK",
    }


def _places(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def day(call: Call) -> Row | list[Row]:
    if call.instrument_if_any is not None:
        return _day(call, call.instrument)
    return [_day(call, item) for item in call.engine.instruments]


def _day(call: Call, item: Instrument) -> Row:
    ticker = call.engine.ticker(item)
    return {
        "symbol": item.symbol,
        "lastPrice": plain(ticker.last),
        "openPrice": plain(ticker.open),
        "highPrice": plain(ticker.high),
        "lowPrice": plain(ticker.low),
        "volume": plain(ticker.volume),
        "quoteVolume": plain(ticker.quote_volume),
        "bidPrice": plain(ticker.bid or Decimal(0)),
        "bidQty": plain(ticker.bid_quantity or Decimal(0)),
        "askPrice": plain(ticker.ask or Decimal(0)),
        "askQty": plain(ticker.ask_quantity or Decimal(0)),
        "closeTime": ticker.time_us // 1000,
    }


def depth(call: Call) -> Row:
    """Bids as pairs and asks as objects: both forms are to be expected."""
    limit = call.whole("limit", 500)
    if limit not in _DEPTHS:
        raise Refusal(-1130, "Invalid data in 'limit'")
    book = call.engine.book(call.instrument, limit)
    return {
        "bids": [[plain(level.price), plain(level.quantity)] for level in book.bids],
        "asks": [{"price": plain(level.price), "amount": plain(level.quantity)} for level in book.asks],
        "time": book.time_us // 1000,
    }


def trades(call: Call) -> list[Row]:
    return [
        {
            "id": trade.trade_id,
            "price": plain(trade.price),
            "qty": plain(trade.quantity),
            "time": trade.time_us // 1000,
            "isBuyerMaker": trade.side is Side.SELL,
        }
        for trade in call.engine.trades(call.instrument, min(call.whole("limit", 50), 50))
    ]


def klines(call: Call) -> list[list[Any]]:
    """Newest first: the order is documented nowhere, so a client must not count on one."""
    interval = call.text("interval")
    if interval not in set(Interval) - {Interval.S1}:
        raise Refusal(-1119, "Invalid interval")
    start, end = call.whole("startTime", 0), call.whole("endTime", 0)
    found = call.engine.candles(
        call.instrument,
        Interval(interval),
        start_us=start * 1000 if start else None,
        end_us=end * 1000 + 1 if end else None,
    )
    limit = min(call.whole("limit", 100), 500)
    page = found[:limit] if start else found[-limit:]
    return [
        [
            candle.opened_us // 1000,
            *(plain(value) for value in (candle.open, candle.high, candle.low, candle.close, candle.volume)),
            candle.closes_us // 1000 - 1,
            plain(candle.quote_volume),
        ]
        for candle in reversed(page)
    ]


def premium(call: Call) -> Row:
    funding = call.engine.funding(call.instrument)
    return {
        "symbol": call.instrument.symbol,
        "markPrice": plain(funding.mark_price),
        "lastFundingRate": fixed(funding.rate, 8),
        "nextFundingTime": funding.next_us // 1000,
        "time": call.engine.now_us // 1000,
    }


PUBLIC = (
    Endpoint(method="GET", path="/api/gateway/time", answer=server_time, kind=RequestClass.TIME),
    Endpoint(method="GET", path="/api/gateway/ping", answer=ping),
    Endpoint(method="GET", path="/api/v1/exchangeinfo", answer=exchange_info, by_guide=True),
    Endpoint(method="GET", path="/api/v1/ticker/hr24", answer=day),
    Endpoint(method="GET", path="/api/v1/depth", answer=depth),
    Endpoint(method="GET", path="/api/v1/trades", answer=trades),
    Endpoint(method="GET", path="/api/v1/klines", answer=klines),
    Endpoint(method="GET", path="/api/v1/premiumindex", answer=premium),
)
