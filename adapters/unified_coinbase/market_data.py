"""Public market data: parameters out, values in, one pair per endpoint. Signs nothing.

Source: docs.cdp.coinbase.com, Advanced Trade public pages (2026-09-08); answers seen live 2026-04-07.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.account import VenueTime
from unified.adapter import unsupported
from unified.instrument import Instrument
from unified.market_data import Book, RawLevel, Ticker, Trade
from unified.operations import (
    FetchBook,
    FetchServerTime,
    FetchTicker,
    FetchTrades,
    InstrumentOperation,
    Operation,
    Page,
)
from unified.order import Side
from unified.values import frozen
from unified.wire import (
    child,
    children,
    decimal,
    is_digits,
    item,
    malformed,
    microseconds,
    obj,
    positive_or_none,
    text,
    text_or_none,
    to_moment,
)
from unified_coinbase.door import segment
from unified_coinbase.limits import venue_time

VENUE = "coinbase"

Parameters = Mapping[str, str]
Body = Mapping[str, Any]


def nothing(_operation: Operation[Any]) -> Parameters:
    """No parameters."""
    return {}


def parse_server_time(_operation: FetchServerTime, body: Body) -> VenueTime:
    return venue_time(body)


# --- ticker


def ticker_path(operation: InstrumentOperation[Any]) -> str:
    """/market/products/{product_id}/ticker"""
    return f"/market/products/{segment(operation.instrument.symbol)}/ticker"


def ticker_parameters(_operation: FetchTicker) -> Parameters:
    return {"limit": "1"}


def parse_ticker(operation: FetchTicker, body: Body) -> Ticker:
    """Best prices and the last trade. The trade's time is not the ticker's; the day's figures are in `tickers`."""
    trades = children(body, "trades")
    return Ticker(
        instrument=operation.instrument,
        bid=positive_or_none(body, "best_bid"),
        ask=positive_or_none(body, "best_ask"),
        last=decimal(obj(trades[0], "trades[]"), "price") if trades else None,
    )


# --- book


def book_parameters(operation: FetchBook) -> Parameters:
    return {"product_id": operation.instrument.symbol, "limit": str(operation.depth)}


def parse_book(operation: FetchBook, body: Body) -> Book:
    """The venue numbers no book."""
    book = child(body, "pricebook")
    time = text_or_none(book, "time")
    return Book(
        instrument=operation.instrument,
        raw_bids=_levels(book, "bids"),
        raw_asks=_levels(book, "asks"),
        time=None if time is None else to_moment(time, "time"),
    )


def _levels(book: Body, side: str) -> tuple[RawLevel, ...]:
    try:
        return tuple([(level["price"], level["size"]) for level in children(book, side)])
    except (KeyError, TypeError):
        raise malformed(f"{side}: a level without price or size") from None


# --- trades

_MOST_TRADES = 1000
_TAKER = {"BUY": Side.SELL, "SELL": Side.BUY}
"""`side` is the maker's (market_trades channel, 2026-08-22; a sale at the best ask seen live 2026-04-07)."""


@frozen
class _Place:
    """Where a page of older trades begins: before this second, after the trade of this id."""

    end: int
    seen: str

    @property
    def cursor(self) -> str:
        return f"{self.end}:{self.seen}"


def _place(operation: FetchTrades) -> _Place | None:
    if operation.cursor is None:
        return None
    end, colon, seen = operation.cursor.partition(":")
    if not (colon and is_digits(end, 12)):
        raise unsupported(VENUE, operation, f"{operation.cursor!r:.60} is no cursor of {operation.name}")
    return _Place(int(end), seen)


def _asked(operation: FetchTrades) -> int:
    return max(1, min(operation.limit or _MOST_TRADES, _MOST_TRADES))


def trades_parameters(operation: FetchTrades) -> Parameters:
    place = _place(operation)
    parameters = {"limit": str(_asked(operation))}
    return parameters if place is None else {**parameters, "end": str(place.end)}


def parse_trades(operation: FetchTrades, body: Body) -> Page[Trade]:
    """Pages are bounded by whole seconds, so each begins with trades of the one before: those are dropped."""
    newest_first = tuple(trade_of(operation.instrument, obj(row, "trades[]")) for row in children(body, "trades"))
    place = _place(operation)
    fresh = newest_first if place is None else _after(newest_first, place.seen)
    return Page(items=fresh[::-1], cursor=_older(operation, newest_first, fresh, place))


def _after(trades: tuple[Trade, ...], seen: str) -> tuple[Trade, ...]:
    """What follows the trade that was seen last; all of it where that trade does not show."""
    ids = [trade.trade_id for trade in trades]
    return trades[ids.index(seen) + 1 :] if seen in ids else trades


def _older(
    operation: FetchTrades, trades: tuple[Trade, ...], fresh: tuple[Trade, ...], place: _Place | None
) -> str | None:
    if len(trades) < _asked(operation):
        return None
    if not fresh and place is not None:
        # A second with more trades than a page: nothing reaches what is left of it, older seconds are reached.
        return _Place(place.end - 1, place.seen).cursor
    oldest = trades[-1]
    return _Place(oldest.time_us // 1_000_000 + 1, oldest.trade_id).cursor


def trade_of(instrument: Instrument, row: Body) -> Trade:
    return Trade(
        instrument=instrument,
        trade_id=text(row, "trade_id"),
        price=decimal(row, "price"),
        quantity=decimal(row, "size"),
        side=_TAKER.get(text_or_none(row, "side") or ""),
        time_us=microseconds(to_moment(item(row, "time"), "time")),
    )
