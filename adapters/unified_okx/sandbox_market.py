"""The public endpoints of the simulated OKX: time, status, instruments, prices, trades, candles, funding.

Needs no key and changes nothing. Rows: OKX docs (2026-06-29 to 2026-07-18) and answers that others recorded.
Sizes of swaps are contracts. Bars of six hours and more open at UTC+8 unless their name ends in `utc`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from attrs import frozen

from unified.instrument import Instrument, Product
from unified.market_data import Interval, Level
from unified.sandbox.dialect import Outgoing, json_answer
from unified.sandbox.engine import Engine
from unified.sandbox.listing import MarketMode
from unified.sandbox.tape import DAY_US, TapeCandle, TapeTrade, bounds
from unified.sandbox.wording import at_step, plain
from unified_okx.sandbox_calls import TYPE_OF, Call, Row, ms, rows
from unified_okx.sandbox_listings import FACTS, MAX_LIMIT_VALUE, MAX_MARKET_VALUE
from unified_okx.sandbox_orders import band
from unified_okx.sandbox_rows import price, size
from unified_okx.sandbox_sayings import Refusal

_EAST_US = 8 * 3_600_000_000
"""UTC+8 opens its days so much earlier."""
_SHORT_BARS = {
    "1s": Interval.S1,
    "1m": Interval.M1,
    "3m": Interval.M3,
    "5m": Interval.M5,
    "15m": Interval.M15,
    "30m": Interval.M30,
    "1H": Interval.H1,
    "2H": Interval.H2,
    "4H": Interval.H4,
}
_LONG_BARS = {
    "6H": Interval.H6,
    "12H": Interval.H12,
    "1D": Interval.D1,
    "3D": Interval.D3,
    "1W": Interval.W1,
    "1M": Interval.MONTH,
}
_STATES = {
    MarketMode.OPEN: "live",
    MarketMode.POST_ONLY: "post_only",
    MarketMode.CANCEL_ONLY: "suspend",
    MarketMode.CLOSED: "suspend",
}
_STATUS_STATES = ("scheduled", "ongoing", "pre_open", "completed", "canceled")
_FUNDING_MOST = "0.015"


def time(call: Call) -> Outgoing:
    return json_answer({"code": "0", "msg": "", "data": [{"ts": ms(call.now_us)}]}, stamped=True)


def status(call: Call) -> Outgoing:
    """Nothing is ever announced: maintenance here comes unannounced, and this endpoint is then down as well."""
    if call.fields.text("state") and call.fields.text("state") not in _STATUS_STATES:
        raise Refusal("51000", "state")
    return rows([])


# --- instruments


def instruments(call: Call) -> Outgoing:
    product = call.fields.product(required=True)
    symbol, family = call.fields.text("instId"), call.fields.text("instFamily")
    listed = [item for item in call.engine.instruments if item.product is product]
    if symbol and symbol not in {item.symbol for item in listed}:
        raise Refusal("51001")
    return rows(
        _instrument_row(call, item)
        for item in listed
        if symbol in ("", item.symbol) and (not family or family == _family(item))
    )


def _family(item: Instrument) -> str:
    return "" if item.product is Product.SPOT else f"{item.base}-{item.quote}"


def _instrument_row(call: Call, item: Instrument) -> Row:
    facts = FACTS[item.symbol]
    is_spot = item.product is Product.SPOT
    return {
        "instType": TYPE_OF[item.product],
        "instId": item.symbol,
        "instIdCode": facts.code,
        "instFamily": _family(item),
        "uly": _family(item),
        "baseCcy": item.base if is_spot else "",
        "quoteCcy": item.quote if is_spot else "",
        "settleCcy": item.settle or "",
        "state": _STATES[call.engine.market(item).mode],
        "ruleType": "normal",
        "tickSz": plain(item.tick_size),
        "lotSz": facts.lot,
        "minSz": facts.least,
        "maxLmtSz": facts.most_limit,
        "maxMktSz": facts.most_market,
        "maxLmtAmt": plain(MAX_LIMIT_VALUE),
        "maxMktAmt": plain(MAX_MARKET_VALUE) if is_spot else "",
        "maxTwapSz": facts.most_limit,
        "maxIcebergSz": facts.most_limit,
        "maxTriggerSz": facts.most_limit,
        "maxStopSz": facts.most_market,
        "ctVal": "" if is_spot else plain(item.contract_size),
        "ctMult": "" if is_spot else "1",
        "ctType": "" if is_spot else "linear",
        "ctValCcy": "" if is_spot else item.base,
        "lever": facts.lever,
        "groupId": facts.group,
        "category": "1",
        "alias": "",
        "optType": "",
        "stk": "",
        "listTime": facts.listed_ms,
        "contTdSwTime": "",
        "expTime": "",
        "openType": "fix_price" if is_spot else "",
        "futureSettlement": False,
        "tradeQuoteCcyList": [item.quote] if is_spot else [],
        "upcChg": [],
    }


# --- prices


def _needed(call: Call) -> Instrument:
    return call.instrument(call.fields.need("instId"))


def ticker(call: Call) -> Outgoing:
    return rows([ticker_row(call.engine, _needed(call))])


def tickers(call: Call) -> Outgoing:
    product = call.fields.product(required=True)
    return rows(ticker_row(call.engine, item) for item in call.engine.instruments if item.product is product)


def ticker_row(engine: Engine, item: Instrument) -> Row:
    day, now_us = engine.ticker(item), engine.now_us
    return {
        "instType": TYPE_OF[item.product],
        "instId": item.symbol,
        "last": price(day.last),
        "lastSz": size(item, day.last_quantity),
        "askPx": price(day.ask),
        "askSz": size(item, day.ask_quantity),
        "bidPx": price(day.bid),
        "bidSz": size(item, day.bid_quantity),
        "open24h": price(day.open),
        "high24h": price(day.high),
        "low24h": price(day.low),
        "vol24h": size(item, day.volume),
        "volCcy24h": plain(day.volume if item.product is Product.LINEAR else day.quote_volume),
        "sodUtc0": price(_opened_since(engine, item, now_us - now_us % DAY_US)),
        "sodUtc8": price(_opened_since(engine, item, now_us - (now_us + _EAST_US) % DAY_US)),
        "ts": ms(now_us),
    }


def _opened_since(engine: Engine, item: Instrument, start_us: int) -> Decimal | None:
    found = engine.market(item).tape.since(start_us)
    return found[0].open if found else None


def book(call: Call) -> Outgoing:
    item = _needed(call)
    depth = call.fields.whole("sz")
    if depth is not None and not 1 <= depth <= 400:
        raise Refusal("51000", "sz")
    found = call.engine.book(item, depth or 1)
    row = {
        "asks": [level_row(item, level) for level in found.asks],
        "bids": [level_row(item, level) for level in found.bids],
        "ts": ms(call.now_us),
        "seqId": found.sequence,
    }
    return rows([row])


def level_row(item: Instrument, level: Level) -> list[str]:
    """The third field is dead; the fourth counts orders, which the engine does not."""
    return [price(level.price), size(item, level.quantity), "0", "1"]


def price_limit(call: Call) -> Outgoing:
    item = _needed(call)
    highest, lowest = band(call.engine, item)
    row = {
        "instType": TYPE_OF[item.product],
        "instId": item.symbol,
        "buyLmt": at_step(highest, item.tick_size),
        "sellLmt": at_step(lowest, item.tick_size),
        "enabled": True,
        "ts": ms(call.now_us),
    }
    return rows([row])


def trades(call: Call) -> Outgoing:
    item = _needed(call)
    return _trades(item, call.engine.trades(item, call.fields.limit(100, 500)))


def old_trades(call: Call) -> Outgoing:
    """Older than the trade `after`, newest first. Paging by time (`type` 2) is not played."""
    item, most, after = _needed(call), call.fields.limit(100, 100), call.fields.whole("after")
    if call.fields.text("type") not in ("", "1"):
        raise Refusal("51000", "type")
    found = [trade for trade in call.engine.trades(item, _KEPT) if after is None or trade.trade_id < after]
    return _trades(item, found[-most:])


_KEPT = 1_000_000
"""More trades than a tape holds."""


def _trades(item: Instrument, found: Sequence[TapeTrade]) -> Outgoing:
    return rows(
        {
            "instId": item.symbol,
            "side": trade.side.value,
            "sz": size(item, trade.quantity),
            "px": price(trade.price),
            "tradeId": str(trade.trade_id),
            "source": "0",
            "ts": ms(trade.time_us),
        }
        for trade in reversed(found)
    )


# --- candles


@frozen
class Bar:
    interval: Interval
    shift_us: int

    def opens(self, time_us: int) -> tuple[int, int]:
        opened_us, closes_us = bounds(self.interval, time_us + self.shift_us)
        return opened_us - self.shift_us, closes_us - self.shift_us


def bar_of(name: str) -> Bar:
    if name in _SHORT_BARS:
        return Bar(_SHORT_BARS[name], 0)
    if name.removesuffix("utc") in _LONG_BARS:
        return Bar(_LONG_BARS[name.removesuffix("utc")], 0 if name.endswith("utc") else _EAST_US)
    raise Refusal("51000", "bar")


def candles(call: Call) -> Outgoing:
    """Newest first; `after` asks for those that opened before a time, `before` for those after one."""
    item = _needed(call)
    bar = bar_of(call.fields.text("bar") or "1m")
    older_than, newer_than = call.fields.whole("after"), call.fields.whole("before")
    limit = call.fields.limit(100, 300)
    found = [
        candle
        for candle in reversed(candles_of(call.engine, item, bar))
        if (older_than is None or candle.opened_us < older_than * 1000)
        and (newer_than is None or candle.opened_us > newer_than * 1000)
    ]
    content = [candle_row(item, candle, call.now_us) for candle in found[:limit]]
    return json_answer({"code": "0", "msg": "", "data": content})


def candles_of(engine: Engine, item: Instrument, bar: Bar) -> list[TapeCandle]:
    if not bar.shift_us:
        return engine.candles(item, bar.interval)
    return _joined(engine.candles(item, Interval.H1), bar)


def _joined(hours: Iterable[TapeCandle], bar: Bar) -> list[TapeCandle]:
    """Hours, oldest first, as bars that open at UTC+8."""
    made: dict[int, TapeCandle] = {}
    for hour in hours:
        opened_us, closes_us = bar.opens(hour.opened_us)
        if opened_us in made:
            made[opened_us].join(hour)
        else:
            hour.opened_us, hour.closes_us = opened_us, closes_us
            made[opened_us] = hour
    return list(made.values())


def candle_row(item: Instrument, candle: TapeCandle, now_us: int) -> list[str]:
    quote = plain(candle.quote_volume)
    return [
        ms(candle.opened_us),
        price(candle.open),
        price(candle.high),
        price(candle.low),
        price(candle.close),
        size(item, candle.volume),
        plain(candle.volume) if item.product is Product.LINEAR else quote,
        quote,
        "1" if candle.closes_us <= now_us else "0",
    ]


# --- funding


def funding_rate(call: Call) -> Outgoing:
    if call.fields.need("instId") == "ANY":
        items = [item for item in call.engine.instruments if item.product is Product.LINEAR]
    else:
        items = [_needed(call)]
    if items[0].product is not Product.LINEAR:
        raise Refusal("51000", "instId")
    return rows(funding_row(call.engine, item) for item in items)


def funding_row(engine: Engine, item: Instrument) -> Row:
    found = engine.funding(item)
    interval_us = found.interval_s * 1_000_000
    return {
        "instType": TYPE_OF[item.product],
        "instId": item.symbol,
        "method": "current_period",
        "formulaType": "withRate",
        "fundingRate": plain(found.rate),
        "fundingTime": ms(found.next_us),
        "prevFundingTime": ms(found.next_us - interval_us),
        "nextFundingRate": "",
        "nextFundingTime": ms(found.next_us + interval_us),
        "minFundingRate": f"-{_FUNDING_MOST}",
        "maxFundingRate": _FUNDING_MOST,
        "settFundingRate": plain(found.rate),
        "settState": "settled",
        "premium": "0",
        "interestRate": "0.0001",
        "impactValue": "",
        "ts": ms(engine.now_us),
    }
