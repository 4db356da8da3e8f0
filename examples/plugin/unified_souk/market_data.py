"""Public data of Souk: what to ask and how to read it, a pair per call."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.account import VenueTime
from unified.instrument import Instrument, InstrumentStatus, Product
from unified.market_data import Book, Ticker
from unified.operations import FetchBook, FetchInstruments, FetchServerTime, FetchTicker, InstrumentOperation, Operation
from unified.wire import Json, children, decimal, decimal_or_none, integer, obj, text


def nothing(_operation: Operation[Any]) -> Mapping[str, Any]:
    """Nothing to say."""
    return {}


def pair(operation: InstrumentOperation[Any]) -> Mapping[str, Any]:
    return {"pair": operation.instrument.symbol}


def read_time(_operation: FetchServerTime, answer: Json) -> VenueTime:
    return VenueTime(time_us=integer(obj(answer), "clock_ms") * 1000, unit_us=1000)


def read_instruments(_operation: FetchInstruments, answer: Json) -> tuple[Instrument, ...]:
    return tuple(_instrument(obj(row, "pairs[]")) for row in children(obj(answer), "pairs"))


def _instrument(row: Mapping[str, Any]) -> Instrument:
    """Souk tells decimals, not steps: `rate_digits` 2 is a tick of 0.01."""
    return Instrument(
        symbol=text(row, "pair"),
        product=Product.SPOT,
        base=text(row, "ware"),
        quote=text(row, "coin"),
        tick_size=_step(row, "rate_digits"),
        lot_size=_step(row, "volume_digits"),
        min_quantity=decimal(row, "least_volume"),
        min_notional=decimal(row, "least_worth"),
        status=InstrumentStatus.TRADING if text(row, "stall") == "open" else InstrumentStatus.CLOSED,
    )


def _step(row: Mapping[str, Any], key: str) -> Decimal:
    return Decimal(1).scaleb(-min(max(integer(row, key), 0), 18))


def read_ticker(operation: FetchTicker, answer: Json) -> Ticker:
    row = obj(answer)
    return Ticker(
        instrument=operation.instrument,
        bid=decimal_or_none(row, "bid"),
        ask=decimal_or_none(row, "offer"),
        last=decimal_or_none(row, "last"),
    )


def depth(operation: FetchBook) -> Mapping[str, Any]:
    return {**pair(operation), "rows": operation.depth}


def read_book(operation: FetchBook, answer: Json) -> Book:
    body = obj(answer)
    return Book(
        instrument=operation.instrument,
        raw_bids=children(body, "bids"),
        raw_asks=children(body, "offers"),
        sequence=integer(body, "turn"),
    )
