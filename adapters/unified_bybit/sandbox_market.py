"""The public endpoints of the simulated Bybit: time, status, instruments, prices, candles. Changes nothing.

Fields, defaults and bounds: Bybit V5 pages of market (2026-07-24).
"""

from __future__ import annotations

from decimal import Decimal

from unified.instrument import Instrument, Product
from unified.market_data import Interval, Level
from unified.sandbox.dialect import RequestClass
from unified.sandbox.engine import Engine
from unified.sandbox.listing import Listing, MarketMode
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.wording import fixed, plain, uuid_of
from unified_bybit.sandbox_calls import Announcement, Answer, Call, Endpoint, Paged, Refusal, Row, page, wrong
from unified_bybit.sandbox_rows import price, quantity, sided, trade_id

# --- what is listed


def _spot(base: str, tick: str, lot: str, at: int, most: str, market: str) -> Listing:
    instrument = Instrument(
        symbol=f"{base}USDT",
        product=Product.SPOT,
        base=base,
        quote="USDT",
        tick_size=Decimal(tick),
        lot_size=Decimal(lot),
        max_quantity=Decimal(most),
        max_market_quantity=Decimal(market),
        min_notional=Decimal(5),
        max_notional=Decimal(8_000_000),
        quote_step=Decimal("0.0000001"),
    )
    return Listing(instrument=instrument, price=Decimal(at), max_open_orders=500)


def _linear(base: str, tick: str, lot: str, at: int, most: str, market: str) -> Listing:
    instrument = Instrument(
        symbol=f"{base}USDT",
        product=Product.LINEAR,
        base=base,
        quote="USDT",
        settle="USDT",
        tick_size=Decimal(tick),
        lot_size=Decimal(lot),
        min_quantity=Decimal(lot),
        max_quantity=Decimal(most),
        max_market_quantity=Decimal(market),
        min_price=Decimal(tick),
        max_price=Decimal("1999999.80"),
        min_notional=Decimal(5),
    )
    return Listing(instrument=instrument, price=Decimal(at), max_open_orders=500, max_leverage=Decimal(100))


LISTINGS = (
    _spot("BTC", "0.1", "0.000001", 60_000, "83", "41.5"),
    _spot("ETH", "0.01", "0.00001", 3_000, "1800", "900"),
    _linear("BTC", "0.10", "0.001", 60_000, "1190.000", "500.000"),
    _linear("ETH", "0.01", "0.01", 3_000, "7240.00", "3600.00"),
)
_RATIOS = {Product.SPOT: ("0.005", "0.01"), Product.LINEAR: ("0.01", "0.02")}
_LAUNCHED_MS = 1_585_526_400_000
_INTERVALS = {
    "1": Interval.M1,
    "3": Interval.M3,
    "5": Interval.M5,
    "15": Interval.M15,
    "30": Interval.M30,
    "60": Interval.H1,
    "120": Interval.H2,
    "240": Interval.H4,
    "360": Interval.H6,
    "720": Interval.H12,
    "D": Interval.D1,
    "W": Interval.W1,
    "M": Interval.MONTH,
}


def interval_of(word: str) -> Interval | None:
    """The length of candles that goes by this word."""
    return _INTERVALS.get(word)


def price_limits(call: Call, instrument: Instrument) -> tuple[Decimal, Decimal]:
    """The highest price of a buy and the lowest of a sell, now."""
    ratio = Decimal(_RATIOS[instrument.product][1])
    mark = call.engine.market(instrument).mark
    return instrument.round_price(mark * (1 + ratio)), instrument.round_price(mark * (1 - ratio))


# --- endpoints


def server_time(call: Call) -> Answer:
    now_us = call.engine.now_us
    return Answer(result={"timeSecond": str(now_us // 1_000_000), "timeNano": f"{now_us}000"})


def status(call: Call) -> Answer:
    told = [_announced(item, call.engine.now_us) for item in reversed(call.records.announcements)]
    for name in ("id", "state"):
        if name in call.fields:
            told = [row for row in told if row[name] == call.fields.get(name)]
    return Answer(result={"list": told}, message="")


def _announced(item: Announcement, now_us: int) -> Row:
    state = "scheduled" if now_us < item.begin_us else "ongoing" if now_us < item.end_us else "completed"
    return {
        "id": uuid_of(item.begin_us, item.title),
        "title": item.title,
        "state": state,
        "begin": str(item.begin_us // 1000),
        "end": str(item.end_us // 1000),
        "href": "",
        "serviceTypes": [1, 2, 3, 4, 5],
        "product": [1, 2],
        "uidSuffix": [],
        "maintainType": 1,
        "env": 1,
    }


def instruments(call: Call) -> Answer:
    """Only those that trade, unless another status is asked for. Spot is never paged."""
    asked = call.fields.get("status", "Trading")
    found = [item for item in _known(call) if _status(call, item) == asked]
    if call.product is Product.SPOT:
        return _list(call, [_spot_terms(call, item) for item in found])
    rows = [Paged(len(found) - index, _linear_terms(call, item)) for index, item in enumerate(found)]
    shown, further = page(rows, call.fields, default=500, most=1000)
    return _list(call, shown, nextPageCursor=further)


def _known(call: Call) -> list[Instrument]:
    """What is asked for: of spot an unknown symbol is no error but an empty list (recorded 2026-09)."""
    try:
        return call.listed()
    except EngineRefusal:
        if call.product is Product.SPOT:
            return []
        raise


def _one(call: Call) -> Instrument:
    """The instrument of an endpoint that has no list to leave empty."""
    try:
        return call.instrument
    except EngineRefusal:
        if call.product is Product.SPOT:
            raise Refusal(10001, "Not supported symbols") from None
        raise


def _list(call: Call, rows: list[Row], **more: str) -> Answer:
    return Answer(result={"category": call.fields.text("category"), "list": rows, **more})


def _status(call: Call, item: Instrument) -> str:
    return "Closed" if call.engine.market(item).mode is MarketMode.CLOSED else "Trading"


def _terms(call: Call, item: Instrument) -> Row:
    return {
        "symbol": item.symbol,
        "symbolId": 9 if item.product is Product.SPOT else 5,
        "status": _status(call, item),
        "baseCoin": item.base,
        "quoteCoin": item.quote,
        "riskParameters": dict(zip(("priceLimitRatioX", "priceLimitRatioY"), _RATIOS[item.product], strict=True)),
        "symbolType": "",
    }


def _spot_terms(call: Call, item: Instrument) -> Row:
    return {
        **_terms(call, item),
        "innovation": "0",
        "marginTrading": "utaOnly",
        "stTag": "0",
        "lotSizeFilter": {
            "basePrecision": plain(item.lot_size),
            "quotePrecision": plain(item.quote_step),
            "minOrderQty": plain(item.lot_size * 11),
            "maxOrderQty": str(item.max_quantity),
            "minOrderAmt": plain(item.min_notional),
            "maxOrderAmt": str(item.max_notional),
            "maxLimitOrderQty": str(item.max_quantity),
            "maxMarketOrderQty": str(item.max_market_quantity),
            "postOnlyMaxLimitOrderSize": "60000",
        },
        "priceFilter": {"tickSize": plain(item.tick_size)},
    }


def _linear_terms(call: Call, item: Instrument) -> Row:
    return {
        **_terms(call, item),
        "contractType": "LinearPerpetual",
        "launchTime": str(_LAUNCHED_MS),
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": "2",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {
            "minPrice": str(item.min_price),
            "maxPrice": str(item.max_price),
            "tickSize": str(item.tick_size),
        },
        "lotSizeFilter": {
            "maxOrderQty": str(item.max_quantity),
            "minOrderQty": str(item.min_quantity),
            "qtyStep": str(item.lot_size),
            "postOnlyMaxOrderQty": str(item.max_quantity),
            "maxMktOrderQty": str(item.max_market_quantity),
            "minNotionalValue": str(item.min_notional),
        },
        "unifiedMarginTrade": True,
        "fundingInterval": call.engine.funding(item).interval_s // 60,
        "settleCoin": item.settle,
        "copyTrading": "both",
        "upperFundingRate": "0.00375",
        "lowerFundingRate": "-0.00375",
        "isPreListing": False,
        "preListingInfo": None,
    }


def tickers(call: Call) -> Answer:
    return _list(call, [ticker_row(call.engine, item) for item in _known(call)])


def ticker_row(engine: Engine, item: Instrument) -> Row:
    """The ticker of an instrument."""
    return _spot_ticker(engine, item) if item.product is Product.SPOT else _linear_ticker(engine, item)


def _spot_ticker(engine: Engine, item: Instrument) -> Row:
    now = engine.ticker(item)
    return {
        "symbol": item.symbol,
        "bid1Price": price(item, now.bid) if now.bid else "",
        "bid1Size": plain(now.bid_quantity) if now.bid_quantity else "",
        "ask1Price": price(item, now.ask) if now.ask else "",
        "ask1Size": plain(now.ask_quantity) if now.ask_quantity else "",
        "lastPrice": price(item, now.last),
        "prevPrice24h": price(item, now.open),
        "price24hPcnt": fixed(now.change_fraction, 6),
        "highPrice24h": price(item, now.high),
        "lowPrice24h": price(item, now.low),
        "turnover24h": plain(now.quote_volume),
        "volume24h": plain(now.volume),
        "usdIndexPrice": fixed(engine.market(item).mark, 8),
    }


def _linear_ticker(engine: Engine, item: Instrument) -> Row:
    funding = engine.funding(item)
    row = _spot_ticker(engine, item)
    del row["usdIndexPrice"]
    return {
        **row,
        "indexPrice": price(item, funding.mark_price),
        "markPrice": price(item, funding.mark_price),
        "prevPrice1h": row["lastPrice"],
        "openInterest": "50000",
        "openInterestValue": plain(50_000 * funding.mark_price),
        "fundingRate": plain(funding.rate),
        "nextFundingTime": str(funding.next_us // 1000),
        "fundingIntervalHour": str(funding.interval_s // 3600),
        "fundingCap": "0.005",
        "deliveryFeeRate": "",
        "deliveryTime": "0",
        "basis": "",
        "basisRate": "",
    }


def book(call: Call) -> Answer:
    item = _one(call)
    depth = call.fields.limit(1 if item.product is Product.SPOT else 25, 1000)
    found = call.engine.book(item, depth)
    return Answer(
        result={
            "s": item.symbol,
            "b": [book_level(item, level) for level in found.bids],
            "a": [book_level(item, level) for level in found.asks],
            "ts": call.now_ms,
            "u": found.sequence,
            "seq": 7_000_000_000 + found.sequence,
            "cts": call.now_ms,
        }
    )


def book_level(item: Instrument, level: Level) -> list[str]:
    """A level of a book."""
    return [price(item, level.price), quantity(item, level.quantity)]


def trades(call: Call) -> Answer:
    most, default = (60, 60) if call.product is Product.SPOT else (1000, 500)
    size = call.fields.limit(default, most)
    call.fields.text("symbol")
    found = [(item, trade) for item in _known(call) for trade in call.engine.trades(item, size)]
    rows: list[Row] = [
        {
            "execId": trade_id(item.product, trade.trade_id * 2),
            "symbol": item.symbol,
            "price": price(item, trade.price),
            "size": plain(trade.quantity),
            "side": sided(trade.side),
            "time": str(trade.time_us // 1000),
            "isBlockTrade": False,
            "isRPITrade": False,
            "seq": str(trade.trade_id),
        }
        for item, trade in reversed(found)
    ]
    return _list(call, rows)


def candles(call: Call) -> Answer:
    """Newest first. From a start alone the first candles after it, else the last before the end."""
    fields = call.fields
    interval = fields.word("interval", _INTERVALS)
    start, end, size = fields.whole("start"), fields.whole("end"), fields.limit(200, 1000)
    item = _one(call)
    found = call.engine.candles(
        item,
        interval,
        start_us=None if start is None else start * 1000,
        end_us=None if end is None else end * 1000 + 1,
    )
    found = found[:size] if start is not None and end is None else found[-size:]
    rows = [
        [
            str(candle.opened_us // 1000),
            *(price(item, value) for value in (candle.open, candle.high, candle.low, candle.close)),
            plain(candle.volume),
            plain(candle.quote_volume),
        ]
        for candle in reversed(found)
    ]
    return Answer(result={"symbol": item.symbol, "category": fields.text("category"), "list": rows})


def funding_history(call: Call) -> Answer:
    """Past settlements, newest first: the rate never changes here. A start without an end is refused."""
    item, fields = call.instrument, call.fields
    if item.settle is None:
        raise wrong("category invalid")
    start, end = fields.whole("startTime"), fields.whole("endTime")
    if start is not None and end is None:
        raise wrong("endTime is required with startTime")
    funding = call.engine.funding(item)
    step_ms = funding.interval_s * 1000
    times = [funding.next_us // 1000 - step_ms * number for number in range(1, 401)]
    chosen = [time for time in times if (start or 0) <= time <= (call.now_ms if end is None else end)]
    rows: list[Row] = [
        {"symbol": item.symbol, "fundingRate": plain(funding.rate), "fundingRateTimestamp": str(time)}
        for time in chosen[: fields.limit(200, 200)]
    ]
    return _list(call, rows)


def limits(call: Call) -> Answer:
    item = _one(call)
    highest, lowest = price_limits(call, item)
    told = {"symbol": item.symbol, "buyLmt": price(item, highest), "sellLmt": price(item, lowest)}
    return Answer(result={**told, "ts": str(call.now_ms)}, message="")


MARKET = (
    Endpoint(method="GET", path="/v5/market/time", answer=server_time, kind=RequestClass.TIME),
    Endpoint(method="GET", path="/v5/system/status", answer=status),
    Endpoint(method="GET", path="/v5/market/instruments-info", answer=instruments),
    Endpoint(method="GET", path="/v5/market/tickers", answer=tickers),
    Endpoint(method="GET", path="/v5/market/orderbook", answer=book),
    Endpoint(method="GET", path="/v5/market/recent-trade", answer=trades),
    Endpoint(method="GET", path="/v5/market/kline", answer=candles, defaults={"category": "linear"}),
    Endpoint(method="GET", path="/v5/market/funding/history", answer=funding_history),
    Endpoint(method="GET", path="/v5/market/price-limit", answer=limits),
)
