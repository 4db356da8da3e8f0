"""Good answers: recorded, or heard from the sandbox. Each must be read, exactly and alike every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import fields, has

from unified.adapter import Endpoint
from unified.errors import Fault, Kind, VenueError
from unified.instrument import Instrument, Instruments, InstrumentStatus, Product
from unified.market_data import Book, Levels
from unified.operations import OPERATIONS, FetchInstruments, Operation, PlaceBatch, PlaceOrder
from unified.testing.conformance.rules import ANSWERS, EVIDENCE, INSTRUMENTS, Finding
from unified.testing.conformance.subject import Subject
from unified.testing.conformance.watch import Exchange

Value = Any


def touched(value: Value) -> Value:
    """The value with everything looked at that is only read when it is looked at."""
    if isinstance(value, Book):
        return value, value.bids, value.asks
    return value


def answers(subject: Subject) -> Iterator[Finding]:
    """Every answer that is no refusal."""
    for exchange in subject.exchanges:
        endpoint = subject.endpoint(exchange.operation)
        if endpoint is None:
            continue
        where = f"{exchange.operation.name} {exchange.operation.product}, {exchange.source}"
        try:
            value = touched(endpoint.parse(exchange.operation, exchange.response))
        except VenueError as error:
            if error.kind is Kind.MALFORMED_RESPONSE and exchange.response.status < 300:
                yield Finding(ANSWERS, where, f"cannot be read: {error.message}")
        except Exception as error:
            yield Finding(ANSWERS, where, f"parse raises {type(error).__name__}: {error}")
        else:
            again = touched(endpoint.parse(exchange.operation, exchange.response))
            if _comparable(again) != _comparable(value):
                yield Finding(ANSWERS, where, "read a second time, the same answer is another value")
            yield from (Finding(ANSWERS, where, problem) for problem in _problems(value, exchange.operation.name))
            yield from _echoed(where, exchange, value)


def _comparable(value: Value) -> Value:
    """Errors of a batch are told apart by what they say, not by which object they are."""
    if isinstance(value, VenueError):
        return value.fault
    return tuple(map(_comparable, value)) if type(value) is tuple else value


def _echoed(where: str, exchange: Exchange, value: Value) -> Iterator[Finding]:
    asked = exchange.operation
    if exchange.stamp is None:
        return  # a recording may be about another order than the example
    if isinstance(asked, PlaceOrder) and value.client_order_id not in (None, asked.client_order_id):
        yield Finding(ANSWERS, where, f"client id {asked.client_order_id!r} is read as {value.client_order_id!r}")
    if isinstance(asked, PlaceBatch) and len(value) != len(asked.orders):
        yield Finding(ANSWERS, where, f"{len(asked.orders)} orders were asked for, {len(value)} answers were read")


def _problems(value: Value, place: str) -> Iterator[str]:
    """Floats where money stands, and times without a zone."""
    if isinstance(value, float):
        yield f"{place} is a float: read numbers with unified.wire"
    elif isinstance(value, Decimal) and not value.is_finite():
        yield f"{place} is {value}"
    elif isinstance(value, datetime) and value.tzinfo is None:
        yield f"{place} has no time zone"
    elif isinstance(value, tuple | list | Levels):
        yield from (problem for inner in value for problem in _problems(inner, f"{place}[]"))
    elif isinstance(value, Mapping):
        yield from (problem for inner in value.values() for problem in _problems(inner, f"{place}[]"))
    elif has(type(value)) and not isinstance(value, Fault):
        for part in fields(type(value)):
            yield from _problems(getattr(value, part.name), f"{place}.{part.name}")


# --- is there an answer for everything?


def evidence(subject: Subject) -> Iterator[Finding]:
    """Calls whose answers have never been read."""
    read = {(type(exchange.operation), exchange.operation.product) for exchange in _read(subject)}
    for (kind, product), how in subject.adapter.endpoints.items():
        if isinstance(how, Endpoint) and (kind, product) not in read and not _of_streams(kind):
            yield Finding(
                EVIDENCE,
                f"{_file_of(kind)} {product}",
                f"no answer was read: record one as {_file_of(kind)}.{product}.http, or let the sandbox give one",
            )


def _file_of(kind: type[Operation[Any]]) -> str:
    """Calls of the venue's own go by their class: several may stand for one operation."""
    return kind.name if kind in OPERATIONS else kind.__name__


def _of_streams(kind: type[Operation[Any]]) -> bool:
    """What a stream asks for itself (a token, a snapshot) is for the rules of streams to judge, once there are any."""
    return kind not in OPERATIONS and kind.__module__.rpartition(".")[2].startswith("stream")


def _read(subject: Subject) -> Iterator[Exchange]:
    for exchange in subject.exchanges:
        endpoint = subject.endpoint(exchange.operation)
        if endpoint is not None:
            try:
                endpoint.parse(exchange.operation, exchange.response)
            except VenueError as error:
                # Calls of the venue's own are steps of a procedure: stories judge what comes of them.
                if type(exchange.operation) in OPERATIONS or error.kind in (Kind.MALFORMED_RESPONSE, Kind.UNKNOWN):
                    continue
            except Exception:
                continue
            yield exchange


# --- instruments


def listings(subject: Subject) -> dict[Product, Instruments]:
    """The largest listing of each product among the answers."""
    found: dict[Product, Instruments] = dict(subject.listings)
    for exchange in subject.exchanges:
        endpoint = subject.endpoint(exchange.operation)
        if isinstance(exchange.operation, FetchInstruments) and endpoint is not None:
            try:
                listed = Instruments(endpoint.parse(exchange.operation, exchange.response))
            except Exception:
                continue
            if len(listed) > len(found.get(exchange.operation.product, ())):
                found[exchange.operation.product] = listed
    return found


def instruments(subject: Subject) -> Iterator[Finding]:
    """Names and symbols lead to one instrument and back, and rules are usable."""
    for product, listing in subject.listings.items():
        names: dict[str, list[Instrument]] = {}
        for item in listing:
            names.setdefault(item.name, []).append(item)
            yield from _of_instrument(item, product, listing)
        for name, same in names.items():
            if len(same) > 1:
                symbols = ", ".join(item.symbol for item in same)
                yield Finding(INSTRUMENTS, f"{name} {product}", f"is the name of several instruments: {symbols}")


def _of_instrument(item: Instrument, product: Product, listing: Instruments) -> Iterator[Finding]:
    where = f"{item.symbol} {product}"
    if item.product is not product:
        yield Finding(INSTRUMENTS, where, f"stands in the listing of {product} as {item.product}")
    if not item.base or not item.quote:
        yield Finding(INSTRUMENTS, where, "has no base or no quote: read them from the venue's own fields")
    if (item.settle is None) is not (product is Product.SPOT):
        yield Finding(INSTRUMENTS, where, f"settle is {item.settle!r}: None for spot, a currency otherwise")
    trades = item.status is InstrumentStatus.TRADING
    if trades and not (item.tick_size > 0 and item.lot_size > 0 and item.contract_size > 0):
        yield Finding(INSTRUMENTS, where, "trades, but tick, lot or contract size is not above zero")
    if listing.of(item.symbol, product) != item:
        yield Finding(INSTRUMENTS, where, "its symbol leads to another instrument")
    if trades and listing.find(item.name, product) not in (None, item):
        yield Finding(INSTRUMENTS, where, f"its name {item.name} leads to another instrument")


def samples(exchanges: Sequence[Exchange], most: int = 3) -> dict[tuple[type[Operation[Any]], Product], list[Exchange]]:
    """A few answers of every call, the longest first: they hold the most fields."""
    found: dict[tuple[type[Operation[Any]], Product], list[Exchange]] = {}
    for exchange in sorted(exchanges, key=lambda item: -len(item.response.body)):
        known = found.setdefault((type(exchange.operation), exchange.operation.product), [])
        if len(known) < most and exchange.response.status < 300:
            known.append(exchange)
    return found
