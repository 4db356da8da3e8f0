"""How Kraken's sandbox writes what the engine holds: orders, fills, books, tickers, candles, balances.

Pure; the shapes and digits are those of recorded answers and of docs.kraken.com (2026-05-27).
Times are Unix seconds with a fraction, money is text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import Any

from unified.instrument import ZERO
from unified.market_data import Level
from unified.order import Liquidity, OrderStatus
from unified.sandbox.markets import VenueBook
from unified.sandbox.orders import EndReason, VenueFill, VenueOrder
from unified.sandbox.refusal import Reason
from unified.sandbox.tape import DayTicker, TapeCandle, TapeTrade
from unified.sandbox.wording import base32_of, fixed
from unified_kraken.sandbox_call import SECOND_US
from unified_kraken.sandbox_orders import describe
from unified_kraken.sandbox_pairs import Asset, Pair

_STATUS = {
    OrderStatus.PENDING_NEW: "pending",
    OrderStatus.FILLED: "closed",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.REJECTED: "canceled",
    OrderStatus.EXPIRED: "expired",
}
"""Any other is `open`."""
_REASONS = {
    EndReason.CANCELED: "User requested",
    EndReason.AMENDED_AWAY: "User requested",
}
"""Why an order was canceled, as far as the words are known."""


@cache
def order_id(number: int) -> str:
    """`OUF4EM-FRGI2-MQMWZD`, the same for the same order ever."""
    return "O" + base32_of(number, (5, 5, 6))


def fill_id(fill: VenueFill) -> str:
    return _fill_id(fill.trade_id, fill.order.order_id)


@cache
def _fill_id(trade: int, order: int) -> str:
    """Both sides of one trade have their own."""
    return "T" + base32_of(trade, (5, 5, 6), f"fill of {order}")


def amend_id(order: VenueOrder) -> str:
    return "T" + base32_of(order.amendments, (5, 5, 6), f"amendment of {order.order_id}")


def seconds(time_us: int) -> float:
    return time_us / SECOND_US


# --- orders and fills


def order_row(order: VenueOrder, pair: Pair, trades: Sequence[str] | None) -> dict[str, Any]:
    """An entry of OpenOrders, ClosedOrders and QueryOrders; with the ids of its trades where they were asked for."""
    asked = order.asked
    row: dict[str, Any] = {
        "refid": None,
        "userref": int(order.words["userref"] or 0),
        "cl_ord_id": order.client_order_id,
        "status": _STATUS.get(order.status, "open"),
        "opentm": seconds(order.created_us),
        "starttm": 0,
        "expiretm": seconds(asked.expires_us) if asked.expires_us else 0,
        "descr": _description(order, pair),
        "vol": fixed(order.quantity or asked.quote_quantity or ZERO, pair.lot_decimals),
        "vol_exec": fixed(order.filled_quantity, pair.lot_decimals),
        "cost": fixed(order.filled_quote, pair.cost_decimals),
        "fee": fixed(order.fees.get(pair.quote.id, ZERO), pair.cost_decimals),
        "price": price(order.average_price or ZERO, pair),
        "stopprice": price((asked.stop_price or ZERO) if order.triggered else ZERO, pair),
        "limitprice": price((order.price or ZERO) if order.triggered else ZERO, pair),
        "misc": _misc(order),
        "oflags": _flags(order),
    }
    if trades:
        row["trades"] = list(trades)
    return row if order.is_open else {**row, "reason": _reason(order), "closetm": seconds(order.updated_us)}


def fill_row(fill: VenueFill, pair: Pair) -> dict[str, Any]:
    """An entry of TradesHistory and QueryTrades."""
    return {
        "ordertxid": order_id(fill.order.order_id),
        "postxid": "",
        "pair": pair.id,
        "aclass": "forex",
        "time": seconds(fill.time_us),
        "type": fill.side.value,
        "ordertype": fill.order.words["ordertype"],
        "price": price(fill.price, pair),
        "cost": fixed(fill.quote_quantity, pair.cost_decimals),
        "fee": fixed(fill.fee, pair.cost_decimals),
        "vol": fixed(fill.quantity, pair.lot_decimals),
        "margin": fixed(ZERO, pair.cost_decimals),
        "leverage": "0",
        "misc": "",
        "trade_id": fill.trade_id,
        "maker": fill.liquidity is Liquidity.MAKER,
    }


def _description(order: VenueOrder, pair: Pair) -> dict[str, str]:
    first, second = order.asked.stop_price, order.price
    if first is None:
        first, second = second, None
    return {
        "pair": pair.altname,
        "aclass": "forex",
        "type": order.side.value,
        "ordertype": order.words["ordertype"],
        "price": "0" if first is None else fixed(first, pair.price_decimals),
        "price2": "0" if second is None else fixed(second, pair.price_decimals),
        "leverage": "none",
        "order": describe(order.asked, pair),
        "close": "",
    }


def _misc(order: VenueOrder) -> str:
    loss = order.words["ordertype"].startswith("stop-loss")
    marks = {
        "stopped": order.triggered and loss,
        "touched": order.triggered and not loss,
        "partial": bool(order.filled_quantity) and order.status is not OrderStatus.FILLED,
        "amended": order.amendments > 0,
    }
    return ",".join(word for word, is_so in marks.items() if is_so)


def _flags(order: VenueOrder) -> str:
    marks = {"post": order.asked.post_only, "viqc": order.asked.quote_quantity is not None, "fciq": True}
    return ",".join(word for word, is_so in marks.items() if is_so)


def _reason(order: VenueOrder) -> str | None:
    if order.refusal is Reason.WOULD_TAKE:
        return "Post only order"
    return _REASONS.get(order.end) if order.end is not None else None


# --- markets


def price(value: Decimal, pair: Pair) -> str:
    """Five decimals at least, whatever the pair's own are."""
    return fixed(value, max(5, pair.price_decimals))


def lots(value: Decimal) -> str:
    """Three decimals, as books and tickers show them; all eight of what would round to nothing."""
    text = fixed(value, 3)
    return fixed(value, 8) if text == "0.000" else text


def book_row(book: VenueBook, pair: Pair) -> dict[str, Any]:
    def side(levels: Iterable[Level]) -> list[list[Any]]:
        return [[price(level.price, pair), lots(level.quantity), book.time_us // SECOND_US] for level in levels]

    return {"asks": side(book.asks), "bids": side(book.bids)}


def ticker_row(day: DayTicker, today: Sequence[TapeCandle], pair: Pair) -> dict[str, Any]:
    """Today since 00:00 UTC, and the last 24 hours."""
    volume = sum((candle.volume for candle in today), ZERO)
    cost = sum((candle.quote_volume for candle in today), ZERO)
    low, high = min((c.low for c in today), default=day.last), max((c.high for c in today), default=day.last)
    return {
        "a": _best(day.ask, day.ask_quantity, pair),
        "b": _best(day.bid, day.bid_quantity, pair),
        "c": [price(day.last, pair), fixed(day.last_quantity, pair.lot_decimals)],
        "v": [fixed(volume, pair.lot_decimals), fixed(day.volume, pair.lot_decimals)],
        "p": [_mean(cost, volume, pair), _mean(day.quote_volume, day.volume, pair)],
        "t": [sum(candle.trades for candle in today), day.trades],
        "l": [price(low, pair), price(day.low, pair)],
        "h": [price(high, pair), price(day.high, pair)],
        "o": price(today[0].open if today else day.last, pair),
    }


def _best(value: Decimal | None, quantity: Decimal | None, pair: Pair) -> list[str]:
    """Price, whole lots (at least one), lots."""
    whole = max(1, int(quantity or ZERO))
    return [price(value or ZERO, pair), str(whole), lots(quantity or ZERO)]


def _mean(cost: Decimal, volume: Decimal, pair: Pair) -> str:
    return price(cost / volume if volume else ZERO, pair)


def trade_rows(trades: Iterable[TapeTrade], pair: Pair) -> list[tuple[int, list[Any]]]:
    """Public trades, oldest first, each behind its time in nanoseconds, which is the cursor and never the same."""
    rows: list[tuple[int, list[Any]]] = []
    for time_us, together in groupby(trades, lambda trade: trade.time_us):
        for number, trade in enumerate(together):
            time_ns = time_us * 1000 + number
            volume = fixed(trade.quantity, pair.lot_decimals)
            row = [price(trade.price, pair), volume, time_ns / 1e9, trade.side.value[0], "m", "", trade.trade_id]
            rows.append((time_ns, row))
    return rows


def candle_row(candle: TapeCandle, pair: Pair) -> list[Any]:
    """time, open, high, low, close, vwap, volume, count"""
    mean = candle.quote_volume / candle.volume if candle.volume else candle.close
    prices = (candle.open, candle.high, candle.low, candle.close, mean)
    return [
        candle.opened_us // SECOND_US,
        *(fixed(value, pair.price_decimals) for value in prices),
        fixed(candle.volume, pair.lot_decimals),
        candle.trades,
    ]


# --- balances


def balance_row(asset: Asset, total: Decimal, held: Decimal) -> dict[str, str]:
    """An entry of BalanceEx of an account without credit."""
    return {"balance": fixed(total, asset.decimals), "hold_trade": fixed(held, asset.decimals)}
