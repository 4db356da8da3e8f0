"""Time, status, prices and books: parameters out, values in, one pair per endpoint. Signs nothing.

Answers are keyed by the id of the pair, however it was asked for.
Source: docs.kraken.com, rest-api market data pages (2026-05-27).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.account import VenueState, VenueStatus, VenueTime
from unified.instrument import Instrument
from unified.market_data import Book, Ticker
from unified.operations import (
    FetchBook,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchVenueStatus,
    InstrumentOperation,
    Operation,
)
from unified.wire import Json, children, choice, integer, malformed, obj, text, to_decimal
from unified_kraken.symbols import is_wanted, listed, names_of

Parameters = Mapping[str, str]


def nothing(_operation: Operation[Any]) -> Parameters:
    """No parameters."""
    return {}


def pair_only(operation: InstrumentOperation[Any]) -> Parameters:
    return {"pair": operation.instrument.symbol}


def of_pair(result: Json, instrument: Instrument) -> Json:
    """What the answer says of the one pair that was asked about."""
    found = obj(result, "result")
    for name in names_of(instrument):
        if name in found:
            return found[name]
    others = [name for name in found if name != "last"]
    if len(others) != 1:
        raise malformed(f"{instrument.symbol}: the answer is about {len(others)} other pairs")
    return found[others[0]]


# --- time and status


def parse_server_time(_operation: FetchServerTime, result: Json) -> VenueTime:
    """Whole seconds: there is nothing finer on REST."""
    return VenueTime(time_us=integer(obj(result, "result"), "unixtime") * 1_000_000, unit_us=1_000_000)


_STATE = {
    "online": VenueState.ONLINE,
    "maintenance": VenueState.MAINTENANCE,
    "cancel_only": VenueState.DEGRADED,
    "post_only": VenueState.DEGRADED,
    "limit_only": VenueState.DEGRADED,
}


def parse_status(_operation: FetchVenueStatus, result: Json) -> VenueStatus:
    word = text(obj(result, "result"), "status")
    state = choice(_STATE, word, "status")
    return VenueStatus(state=state, message="" if state is VenueState.ONLINE else word)


# --- prices


def parse_ticker(operation: FetchTicker, result: Json) -> Ticker:
    return _ticker(operation.instrument, of_pair(result, operation.instrument))


def tickers_parameters(operation: FetchTickers) -> Parameters:
    """Without a pair all are told in one answer."""
    return {} if operation.instrument is None else {"pair": operation.instrument.symbol}


def parse_tickers(operation: FetchTickers, result: Json) -> tuple[Ticker, ...]:
    found = ((listed(operation.listing, pair), row) for pair, row in obj(result, "result").items())
    return tuple(
        _ticker(instrument, row)
        for instrument, row in found
        if instrument is not None and is_wanted(operation, instrument)
    )


def _ticker(instrument: Instrument, answer: Json) -> Ticker:
    """The answer carries no time. Its `o` is today's open, not that of 24 hours ago: left out."""
    row = obj(answer, instrument.symbol)
    return Ticker(
        instrument=instrument,
        bid=_at(row, "b", 0),
        bid_quantity=_at(row, "b", 2),
        ask=_at(row, "a", 0),
        ask_quantity=_at(row, "a", 2),
        last=_at(row, "c", 0),
        high_24h=_at(row, "h", 1),
        low_24h=_at(row, "l", 1),
        volume_24h=_at(row, "v", 1),
    )


def _at(row: Mapping[str, Any], key: str, index: int) -> Decimal:
    values = children(row, key)
    if len(values) <= index:
        raise malformed(f"{key}: expected more than {index} values, found {len(values)}")
    return to_decimal(values[index], f"{key}[{index}]")


# --- book

_DEEPEST = 500


def book_parameters(operation: FetchBook) -> Parameters:
    return {"pair": operation.instrument.symbol, "count": str(max(1, min(operation.depth, _DEEPEST)))}


def parse_book(operation: FetchBook, result: Json) -> Book:
    """Levels are [price, quantity, seconds]. The answer has neither a time nor a sequence of its own."""
    row = obj(of_pair(result, operation.instrument), operation.instrument.symbol)
    return Book(instrument=operation.instrument, raw_bids=children(row, "bids"), raw_asks=children(row, "asks"))
