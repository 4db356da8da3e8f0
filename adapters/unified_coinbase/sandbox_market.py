"""The market endpoints of the simulated Coinbase: time, products, books, trades, candles. Changes nothing.

Each stands twice in the venue's table: open to anybody below `/market`, and behind a key. Rows: live answers of
2026-04-07 and the reference pages of 2026-08-22.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from unified.instrument import Instrument
from unified.market_data import Interval, Level
from unified.sandbox.dialect import Outgoing, json_answer
from unified.sandbox.listing import MarketMode
from unified.sandbox.tape import TapeCandle, TapeTrade
from unified.sandbox.wording import at_step, plain, rfc3339
from unified_coinbase.sandbox_calls import Call, Row, invalid, unparsed
from unified_coinbase.sandbox_listings import FACTS

_GRANULARITIES = {
    "ONE_MINUTE": Interval.M1,
    "FIVE_MINUTE": Interval.M5,
    "FIFTEEN_MINUTE": Interval.M15,
    "THIRTY_MINUTE": Interval.M30,
    "ONE_HOUR": Interval.H1,
    "TWO_HOUR": Interval.H2,
    "FOUR_HOUR": Interval.H4,
    "SIX_HOUR": Interval.H6,
    "ONE_DAY": Interval.D1,
}
PRODUCT_TYPES = ("UNKNOWN_PRODUCT_TYPE", "SPOT", "FUTURE", "EQUITY", "OPTION_GROUP", "FUTURE_GROUP")
MOST_CANDLES = 350
_SECOND_US = 1_000_000
_WHOLE_BOOK = 10_000


def time(call: Call) -> Outgoing:
    content = {
        "iso": rfc3339(call.now_us, digits=0),
        "epochSeconds": str(call.now_us // _SECOND_US),
        "epochMillis": str(call.now_us // 1000),
    }
    return json_answer(content, stamped=True)


# --- products


def products(call: Call) -> Outgoing:
    """All of them are spot: another `product_type` finds nothing."""
    kind = call.query.word("product_type", PRODUCT_TYPES, "SPOT")
    listed = call.engine.instruments if kind in PRODUCT_TYPES[:2] or call.query.flag("get_all_products") else ()
    wanted = call.query.all("product_ids")
    found = [item for item in listed if not wanted or item.symbol in wanted]
    first, limit = call.query.whole("offset") or 0, call.query.whole("limit")
    shown = found[first : None if limit is None else first + limit]
    pages = {"prev_cursor": "", "next_cursor": "", "has_next": first + len(shown) < len(found), "has_prev": first > 0}
    return json_answer(
        {"products": [_product_row(call, item) for item in shown], "num_products": len(shown), "pagination": pages}
    )


def product(call: Call) -> Outgoing:
    return json_answer(_product_row(call, call.need_product(call.names["product_id"])))


def _product_row(call: Call, item: Instrument) -> Row:
    day, facts = call.engine.ticker(item), FACTS[item.symbol]
    mode = call.engine.market(item).mode
    return {
        "product_id": item.symbol,
        "price": plain(day.last),
        "price_percentage_change_24h": plain((day.change_fraction * 100).quantize(Decimal("1e-14"))),
        "volume_24h": plain(day.volume),
        "volume_percentage_change_24h": "0",
        "base_increment": plain(item.lot_size),
        "quote_increment": plain(item.quote_step),
        "quote_min_size": plain(item.min_notional),
        "quote_max_size": plain(item.max_notional or Decimal(0)),
        "base_min_size": plain(item.min_quantity),
        "base_max_size": plain(item.max_quantity or Decimal(0)),
        "base_name": facts.base_name,
        "quote_name": facts.quote_name,
        "watched": False,
        "is_disabled": False,
        "new": False,
        "status": "online",
        "cancel_only": mode is MarketMode.CANCEL_ONLY,
        "limit_only": False,
        "post_only": mode is MarketMode.POST_ONLY,
        "trading_disabled": mode is MarketMode.CLOSED,
        "auction_mode": False,
        "product_type": "SPOT",
        "quote_currency_id": item.quote,
        "base_currency_id": item.base,
        "fcm_trading_session_details": None,
        "mid_market_price": "",
        "alias": facts.alias,
        "alias_to": list(facts.alias_to),
        "base_display_symbol": item.base,
        "quote_display_symbol": item.quote,
        "view_only": False,
        "price_increment": plain(item.tick_size),
        "display_name": f"{item.base}-{item.quote}",
        "product_venue": "CBE",
        "approximate_quote_24h_volume": at_step(day.quote_volume, Decimal("0.01")),
        "new_at": "2023-01-01T00:00:00Z",
        "best_bid_price": "" if day.bid is None else plain(day.bid),
        "best_ask_price": "" if day.ask is None else plain(day.ask),
        "high_24h": plain(day.high),
        "low_24h": plain(day.low),
    }


# --- books


def product_book(call: Call) -> Outgoing:
    item = call.need_product(call.query.need("product_id"))
    depth = call.query.whole("limit") or _WHOLE_BOOK
    row = _pricebook(call, item, depth)
    best = call.engine.book(item, 1)
    content: Row = {"pricebook": row, "last": plain(call.engine.market(item).last)}
    if best.bids and best.asks:
        bid, ask = best.bids[0].price, best.asks[0].price
        middle = (bid + ask) / 2
        content |= {
            "mid_market": plain(middle),
            "spread_bps": plain(((ask - bid) / middle * 10_000).quantize(Decimal("1e-12"))),
            "spread_absolute": plain(ask - bid),
        }
    return json_answer(content)


def best_bid_ask(call: Call) -> Outgoing:
    wanted = [call.need_product(symbol) for symbol in call.query.all("product_ids")]
    return json_answer({"pricebooks": [_pricebook(call, item, 1) for item in wanted or call.engine.instruments]})


def _pricebook(call: Call, item: Instrument, depth: int) -> Row:
    book = call.engine.book(item, depth)
    return {
        "product_id": item.symbol,
        "bids": _levels(item, book.bids),
        "asks": _levels(item, book.asks),
        "time": rfc3339(book.time_us),
    }


def _levels(item: Instrument, levels: Iterable[Level]) -> list[Row]:
    return [{"price": at_step(level.price, item.tick_size), "size": plain(level.quantity)} for level in levels]


# --- trades and candles


def ticker(call: Call) -> Outgoing:
    """The newest trades, and the best prices."""
    item = call.need_product(call.names["product_id"])
    call.query.need("limit")
    first, last = call.query.whole("start"), call.query.whole("end")
    found = [
        trade
        for trade in call.engine.trades(item, _WHOLE_BOOK)
        if (first is None or trade.time_us >= first * _SECOND_US)
        and (last is None or trade.time_us < last * _SECOND_US)
    ]
    limit = call.query.whole("limit") or 0
    best = call.engine.book(item, 1)
    return json_answer(
        {
            "trades": [trade_row(item, trade) for trade in reversed(found[-limit:] if limit else [])],
            "best_bid": at_step(best.bids[0].price, item.tick_size) if best.bids else "",
            "best_ask": at_step(best.asks[0].price, item.tick_size) if best.asks else "",
        }
    )


def trade_row(item: Instrument, trade: TapeTrade) -> Row:
    """`side` is the maker's, as on the exchange behind: in the live answer a trade at the best ask is a SELL."""
    return {
        "trade_id": str(trade.trade_id),
        "product_id": item.symbol,
        "price": at_step(trade.price, item.tick_size),
        "size": plain(trade.quantity),
        "time": rfc3339(trade.time_us),
        "side": trade.side.opposite.value.upper(),
        "bid": "",
        "ask": "",
        "exchange": "coinbase",
    }


def candles(call: Call) -> Outgoing:
    item = call.need_product(call.names["product_id"])
    for name in ("start", "end", "granularity"):
        call.query.need(name)
    word = call.query.text("granularity")
    if word not in _GRANULARITIES:
        raise unparsed("granularity", word)
    first, last = call.query.whole("start") or 0, call.query.whole("end") or 0
    interval = _GRANULARITIES[word]
    length = interval.length
    asked = 0 if length is None else (last - first) // round(length.total_seconds())
    if last < first:
        raise invalid("end must be after start")
    if max(asked, call.query.whole("limit") or 0) > MOST_CANDLES:
        raise invalid(f"number of candles requested should be less than {MOST_CANDLES}")
    found = call.engine.candles(item, interval, start_us=first * _SECOND_US, end_us=last * _SECOND_US)
    shown = found[-(call.query.whole("limit") or MOST_CANDLES) :]
    return json_answer({"candles": [candle_row(candle) for candle in reversed(shown)]})


def candle_row(candle: TapeCandle) -> Row:
    return {
        "start": str(candle.opened_us // _SECOND_US),
        "low": plain(candle.low),
        "high": plain(candle.high),
        "open": plain(candle.open),
        "close": plain(candle.close),
        "volume": plain(candle.volume),
    }
