"""Public market data: parameters out, values in, one pair per endpoint. Signs nothing.

Source: Binance spot rest-api.md (2026-07-21), USD-M market data pages (2026-05-28).
"""

from __future__ import annotations

from unified.account import VenueTime
from unified.adapter import Charge, Steps
from unified.instrument import Product
from unified.market_data import Book, Ticker
from unified.operations import FetchBook, FetchServerTime, FetchTicker, InstrumentOperation, Operation, Priority
from unified.wire import Json, at_ms_or_none, children, decimal, integer, obj, positive_or_none
from unified_binance.auth import Parameters

NOTHING: Parameters = {}


def nothing(operation: Operation[object]) -> Parameters:
    """No parameters."""
    return NOTHING


def symbol_only(operation: InstrumentOperation[object]) -> Parameters:
    return {"symbol": operation.instrument.symbol}


def parse_server_time(operation: FetchServerTime, answer: Json) -> VenueTime:
    return VenueTime(time_us=integer(obj(answer), "serverTime") * 1000, unit_us=1000)


_SPOT_BOOK_WEIGHTS = ((100, 5), (500, 25), (1000, 50), (5000, 250))
_LINEAR_BOOK_WEIGHTS = ((5, 2), (10, 2), (20, 2), (50, 2), (100, 5), (500, 10), (1000, 20))


def _book_depth(operation: FetchBook) -> tuple[int, int]:
    """The depth to ask for and its weight: spot takes any number, linear a step."""
    if operation.product is Product.SPOT:
        asked = min(operation.depth, 5000)
        return asked, next(weight for most, weight in _SPOT_BOOK_WEIGHTS if asked <= most)
    return next((step for step in _LINEAR_BOOK_WEIGHTS if operation.depth <= step[0]), _LINEAR_BOOK_WEIGHTS[-1])


def book_parameters(operation: FetchBook) -> Parameters:
    return {"symbol": operation.instrument.symbol, "limit": str(_book_depth(operation)[0])}


def book_charges(operation: FetchBook, time_ms: int) -> tuple[Charge, ...]:
    return (Charge(f"weight_{operation.product}", _book_depth(operation)[1]),)


def parse_book(operation: FetchBook, answer: Json) -> Book:
    body = obj(answer)
    return Book(
        instrument=operation.instrument,
        raw_bids=children(body, "bids"),
        raw_asks=children(body, "asks"),
        sequence=integer(body, "lastUpdateId"),
        time=at_ms_or_none(body, "T"),
    )
