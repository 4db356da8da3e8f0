"""Public market data: parameters out, values in, one pair per endpoint. Signs nothing.

Source: Bybit V5 docs, market/* (2026-03 to 2026-07) and system-status.mdx (2025-07-08).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from unified.account import VenueState, VenueStatus, VenueTime
from unified.adapter import unsupported
from unified.errors import Fault, Kind, Scope, VenueError
from unified.instrument import Instrument, Product
from unified.market_data import Book, FundingRate, Ticker, Trade
from unified.operations import (
    FetchBook,
    FetchFundingRate,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchVenueStatus,
    InstrumentOperation,
    ListingOperation,
    Operation,
    Page,
)
from unified.order import Side
from unified.wire import (
    at_ms_or_none,
    children,
    choice,
    decimal,
    decimal_or_none,
    integer,
    is_digits,
    moment,
    ms_as_us,
    obj,
    text,
    text_or_none,
)
from unified_bybit.door import Parameters
from unified_bybit.faults import Answer
from unified_bybit.symbols import CATEGORY

VENUE = "bybit"
SIDE = {"Buy": Side.BUY, "Sell": Side.SELL}


def nothing(_operation: Operation[Any]) -> Parameters:
    """No parameters."""
    return {}


def category(operation: Operation[Any]) -> Parameters:
    return {"category": CATEGORY[operation.product]}


def instrument_only(operation: InstrumentOperation[Any]) -> Parameters:
    return {**category(operation), "symbol": operation.instrument.symbol}


def instrument_or_all(operation: ListingOperation[Any]) -> Parameters:
    return category(operation) if operation.instrument is None else instrument_only_of(operation, operation.instrument)


def instrument_only_of(operation: Operation[Any], instrument: Instrument) -> Parameters:
    return {**category(operation), "symbol": instrument.symbol}


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    """The objects of `result.list`."""
    return [obj(row, "list[]") for row in children(answer.result, "list")]


# --- time and status


def parse_server_time(_operation: FetchServerTime, answer: Answer) -> VenueTime:
    """To the millisecond: that is what the checks of other calls are made with."""
    return VenueTime(time_us=integer(answer.result, "timeNano") // 1_000_000 * 1000, unit_us=1000)


_PRODUCT_NUMBER = {Product.LINEAR: 1, Product.SPOT: 2}
_TRADING_SERVICES = {1, 2}
"""Trading altogether, and trading over HTTP; the others are order entry over sockets, streams and market data."""


def parse_status(environment: str, operation: FetchVenueStatus, answer: Answer) -> VenueStatus:
    """`environment` is Bybit's number: 1 production, 2 demo. Cuts of less than ten seconds are never announced."""
    number = _PRODUCT_NUMBER[operation.product]
    plans = [
        row
        for row in rows_of(answer)
        if str(row.get("env", environment)) == environment and number in _numbers(row, "product", number)
    ]
    ongoing = sorted((row for row in plans if row.get("state") == "ongoing"), key=_is_partial)
    if ongoing:
        state = VenueState.DEGRADED if _is_partial(ongoing[0]) else VenueState.MAINTENANCE
        return _status(state, ongoing[0])
    scheduled = sorted((row for row in plans if row.get("state") == "scheduled"), key=lambda row: integer(row, "begin"))
    return _status(VenueState.ONLINE, scheduled[0]) if scheduled else VenueStatus(state=VenueState.ONLINE)


def _is_partial(row: Mapping[str, Any]) -> bool:
    """Not trading itself, or only accounts whose number ends so."""
    return not _TRADING_SERVICES & _numbers(row, "serviceTypes", 1) or bool(row.get("uidSuffix"))


def _numbers(row: Mapping[str, Any], key: str, otherwise: int) -> set[int]:
    """A list of numbers, written as such or as text; `otherwise` stands for an empty one."""
    found = row.get(key)
    named = {str(value) for value in found} if type(found) is list else set()
    return {int(value) for value in named if is_digits(value, 4)} or {otherwise}


def _status(state: VenueState, row: Mapping[str, Any]) -> VenueStatus:
    return VenueStatus(
        state=state,
        message=text_or_none(row, "title") or "",
        starts_at=at_ms_or_none(row, "begin"),
        ends_at=at_ms_or_none(row, "end"),
    )


# --- prices


def parse_ticker(operation: FetchTicker, answer: Answer) -> Ticker:
    return _ticker(operation.instrument, the_row(operation, answer), answer)


def parse_tickers(operation: FetchTickers, answer: Answer) -> tuple[Ticker, ...]:
    found = ((operation.listing.listed(text(row, "symbol"), operation.product), row) for row in rows_of(answer))
    return tuple(_ticker(instrument, row, answer) for instrument, row in found if instrument is not None)


def the_row(operation: InstrumentOperation[Any], answer: Answer) -> dict[str, Any]:
    """The row of an answer about one instrument. Spot answers an unknown symbol with an empty list."""
    rows = rows_of(answer)
    if not rows:
        problem = f"no row for {operation.instrument.symbol}"
        fault = Fault(kind=Kind.UNKNOWN_SYMBOL, scope=Scope.SYMBOL, http_status=200, message=problem)
        raise VenueError.of(fault)
    return rows[0]


def _ticker(instrument: Instrument, row: Mapping[str, Any], answer: Answer) -> Ticker:
    return Ticker(
        instrument=instrument,
        bid=decimal_or_none(row, "bid1Price"),
        bid_quantity=decimal_or_none(row, "bid1Size"),
        ask=decimal_or_none(row, "ask1Price"),
        ask_quantity=decimal_or_none(row, "ask1Size"),
        last=decimal_or_none(row, "lastPrice"),
        open_24h=decimal_or_none(row, "prevPrice24h"),
        high_24h=decimal_or_none(row, "highPrice24h"),
        low_24h=decimal_or_none(row, "lowPrice24h"),
        volume_24h=decimal_or_none(row, "volume24h"),
        quote_volume_24h=decimal_or_none(row, "turnover24h"),
        time=None if answer.time_ms is None else moment(answer.time_ms * 1000, "time"),
    )


def parse_funding_rate(operation: FetchFundingRate, answer: Answer) -> FundingRate:
    """Of the ticker: its rate is that of the coming settlement."""
    row = the_row(operation, answer)
    hours = text_or_none(row, "fundingIntervalHour")
    return FundingRate(
        instrument=operation.instrument,
        rate=decimal(row, "fundingRate"),
        next_time=at_ms_or_none(row, "nextFundingTime"),
        interval=None if hours is None else _hours(row),
        mark_price=decimal_or_none(row, "markPrice"),
        index_price=decimal_or_none(row, "indexPrice"),
        time=None if answer.time_ms is None else moment(answer.time_ms * 1000, "time"),
    )


_HOURS_OF_A_YEAR = 8784


def _hours(row: Mapping[str, Any]) -> timedelta | None:
    hours = integer(row, "fundingIntervalHour")
    return timedelta(hours=hours) if 0 < hours <= _HOURS_OF_A_YEAR else None


# --- book

_DEEPEST = 1000


def book_parameters(operation: FetchBook) -> Parameters:
    return {**instrument_only(operation), "limit": str(max(1, min(operation.depth, _DEEPEST)))}


def parse_book(operation: FetchBook, answer: Answer) -> Book:
    """`u` counts the changes of the book with 1000 levels."""
    row = answer.result
    return Book(
        instrument=operation.instrument,
        raw_bids=children(row, "b"),
        raw_asks=children(row, "a"),
        sequence=integer(row, "u") if "u" in row else None,
        time=at_ms_or_none(row, "ts"),
    )


# --- trades

_MOST_TRADES = {Product.SPOT: 60, Product.LINEAR: 1000}


def trades_parameters(operation: FetchTrades) -> Parameters:
    """The newest only: Bybit shows no older ones."""
    if operation.cursor is not None:
        raise unsupported(VENUE, operation, "only the newest page of trades is offered")
    most = _MOST_TRADES[operation.product]
    return {**instrument_only(operation), "limit": str(min(operation.limit or most, most))}


def parse_trades(operation: FetchTrades, answer: Answer) -> Page[Trade]:
    return Page(items=tuple(_trade(operation.instrument, row) for row in reversed(rows_of(answer))))


def _trade(instrument: Instrument, row: Mapping[str, Any]) -> Trade:
    return Trade(
        instrument=instrument,
        trade_id=text(row, "execId"),
        price=decimal(row, "price"),
        quantity=decimal(row, "size"),
        side=choice(SIDE, text(row, "side"), "side"),
        time_us=ms_as_us(row, "time"),
    )
