"""Recorded answers of the corpus, the operations that read them, and which of their fields are read. Holds no test.

A field counts as read where the adapter looks it up by its name: the keys of the parsed answer notice that they are
compared. Where numbers stand in a row without names, a place counts as read if another value there changes the result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from attrs import evolve, frozen

from tests.adapters.calls import recorded_text
from tests.adapters.tried import endpoint, line_of
from tests.shared import require_shared
from unified import exact, wire
from unified.adapter import Adapter
from unified.errors import VenueError
from unified.http import HttpResponse
from unified.instrument import Instrument, Instruments, Product, unlisted
from unified.market_data import Book, Trade
from unified.operations import (
    CancelBatch,
    FetchOrder,
    InstrumentOperation,
    ListingOperation,
    Operation,
    PlaceBatch,
    PlaceOrder,
)

_DATA = re.compile(r"[A-Z0-9][A-Z0-9./-]{2,}")
"""Keys that are data (symbols, assets, ids of orders), as Kraken writes them: all share one place, `*`."""
_SYMBOLS = ("symbol", "instId", "product_id", "pair")
_CLIENT_IDS = ("clientOrderId", "orderLinkId", "clOrdId", "algoClOrdId", "client_order_id", "cl_ord_id")
_ROW = {"orderId", "ordId", "txid", "order_id"}
"""What a row about an order has at least."""


@frozen
class Recording:
    """One file of the corpus."""

    name: str
    line: str
    """Method and path."""
    product: Product
    text: str
    """The answer as it came, to the digit."""

    def response(self, body: bytes | None = None) -> HttpResponse:
        return HttpResponse(status=200, body=self.text.encode() if body is None else body)


def recordings(venue: str) -> Iterator[Recording]:
    """The REST answers of a venue. Skips the test where the corpus is absent."""
    corpus = require_shared("corpus", venue)
    for path in sorted(corpus.rglob("*.json")):
        name = path.relative_to(corpus).as_posix()
        if "stream" in path.parts or name.startswith("futures/"):
            continue
        whole = json.loads(path.read_text(encoding="utf-8"))
        answer = recorded_text(path)
        for product in _products(name):
            yield Recording(name, f"{whole['method']} {whole['path']}", product, answer)


def _products(name: str) -> tuple[Product, ...]:
    """A folder may tell the product; where it does not, answers of both look alike."""
    folder = name.partition("/")[0]
    return (Product(folder),) if folder in ("spot", "linear") else tuple(Product)


# --- who reads a recording


def readers(adapter: Adapter, examples: Iterable[Operation[Any]], recording: Recording) -> list[Operation[Any]]:
    """The examples whose request would have got this answer, on the instruments that stand in it."""
    asked = [one for one in examples if one.product is recording.product and _asks(adapter, one, recording.line)]
    document = json.loads(recording.text)
    symbols = _symbols(document) | set(recording.line.split("/"))
    return [fitted for one in asked for fitted in _fitted(one, symbols, list(_client_ids(document)))]


def _asks(adapter: Adapter, operation: Operation[Any], line: str) -> bool:
    """Whether it is the same call; symbols and ids in a path may be others."""
    own = {getattr(operation, name, None) for name in ("venue_order_id", "client_order_id")}
    own |= {getattr(getattr(operation, "instrument", None), "symbol", None)}
    parts, recorded = line_of(adapter, operation).split("/"), line.split("/")
    return len(parts) == len(recorded) and all(
        part == other or part in own for part, other in zip(parts, recorded, strict=True)
    )


def _symbols(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value[name] for name in _SYMBOLS if isinstance(value.get(name), str)}
        keys = {key for key in value if _DATA.fullmatch(key)}
        return own.union(keys, *map(_symbols, value.values()))
    return set().union(*map(_symbols, value)) if isinstance(value, list) else set()


def _client_ids(value: Any) -> Iterator[str]:
    """Ids of ours in the order of the answer; one nameless id for each row that has none."""
    if isinstance(value, list):
        for item in value:
            yield from _client_ids(item)
    elif isinstance(value, dict):
        named = [value[name] for name in _CLIENT_IDS if value.get(name)]
        yield from named[:1] or ([""] if {*value} & _ROW else ())
        for inner in value.values():
            yield from _client_ids(inner)


def _fitted(operation: Operation[Any], symbols: set[str], ids: list[str]) -> Iterator[Operation[Any]]:
    """The operation as it is, and about everything that the answer names."""
    yield operation
    if isinstance(operation, PlaceBatch):
        yield PlaceBatch(
            orders=tuple(evolve(operation.orders[0], client_order_id=one) for one in ids) or operation.orders
        )
    elif isinstance(operation, CancelBatch):
        yield evolve(operation, cancels=operation.cancels[:1] * max(len(ids), 1))
    elif isinstance(operation, PlaceOrder):
        yield from (evolve(operation, client_order_id=one) for one in ids)
    elif isinstance(operation, ListingOperation):
        listed = [evolve(unlisted(symbol, operation.product), base=symbol, quote="X") for symbol in symbols]
        yield evolve(operation, instrument=None, listing=Instruments([*operation.listing, *listed]))
    elif isinstance(operation, InstrumentOperation):
        for symbol in sorted(symbols):
            yield evolve(operation, instrument=evolve(operation.instrument, symbol=symbol))
            if isinstance(operation, FetchOrder) and operation.venue_order_id:
                yield evolve(operation, venue_order_id=symbol)


Answer = tuple[Operation[Any], Any]


def answers(adapter: Adapter, operations: list[Operation[Any]], recording: Recording) -> list[Answer]:
    """What those that can read it make of it."""
    found = []
    for operation in operations:
        try:
            value = endpoint(adapter, operation).parse(operation, recording.response())
        except VenueError:
            continue
        found.append((operation, value))
    return found


# --- which fields are read


class _Key(str):
    """The name of a field that notes when it is looked up."""

    __slots__ = ("note",)
    note: Callable[[], None]
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        same = str.__eq__(self, other)
        if same is True and self is not other:
            self.note()
        return same


def fields_of(adapter: Adapter, operations: list[Operation[Any]], recording: Recording) -> tuple[set[str], set[str]]:
    """The places of a recorded answer that are read, and those that are not."""
    seen: set[str] = set()
    read: set[str] = set()
    with pytest.MonkeyPatch.context() as patch:
        noting = SimpleNamespace(
            loads=lambda body: noted(orjson.loads(body), "", seen, read), JSONDecodeError=orjson.JSONDecodeError
        )
        exact = SimpleNamespace(loads=lambda body, **how: noted(json.loads(body, **how), "", seen, read))
        patch.setattr(wire, "orjson", noting)
        patch.setattr(wire, "json", exact)
        able = [operation for operation, _ in answers(adapter, operations, recording)]
    places, told = _numbered(adapter, able, recording)
    return read | told, topmost(seen - read | places - told, read)


def noted(value: Any, place: str, seen: set[str], read: set[str]) -> Any:
    """The same document with keys that note."""
    if isinstance(value, list):
        return [noted(item, f"{place}[]", seen, read) for item in value]
    if not isinstance(value, dict):
        return value
    known: dict[str, Any] = {}
    for name, inner in value.items():
        data = _DATA.fullmatch(name) is not None
        path = f"{place}.{'*' if data else name}".lstrip(".")
        key: str = name
        if not data:
            key = _Key(name)
            key.note = partial(read.add, path)
            seen.add(path)
        known[key] = noted(inner, path, seen, read)
    return known


def topmost(unread: set[str], read: set[str]) -> set[str]:
    """Without what lies in something that is not read as a whole."""
    closed = {place for place in unread if not any(one.startswith((f"{place}.", f"{place}[")) for one in read)}
    return {place for place in closed if not any(place.startswith((f"{one}.", f"{one}[")) for one in closed)}


# --- rows of numbers without names


def _numbered(adapter: Adapter, able: list[Operation[Any]], recording: Recording) -> tuple[set[str], set[str]]:
    """Every place in rows of numbers, and those that make a difference."""
    document = json.loads(recording.text, parse_float=lambda text: Decimal(text))
    widths: dict[str, int] = {}
    _measure(document, "", widths)
    before = _outcome(adapter, able, recording, document)
    told = {
        f"{place}[{index}]"
        for place, width in widths.items()
        for index in range(width)
        if _outcome(adapter, able, recording, _spoiled(document, "", place, index)) != before
    }
    return {f"{place}[{index}]" for place, width in widths.items() for index in range(width)}, told


def _measure(value: Any, place: str, widths: dict[str, int]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _measure(inner, f"{place}.{'*' if _DATA.fullmatch(name) else name}".lstrip("."), widths)
    elif isinstance(value, list):
        if _is_row(value):
            widths[place] = max(len(value), widths.get(place, 0))
        for inner in value:
            _measure(inner, f"{place}[]", widths)


def _is_row(value: list[Any]) -> bool:
    return len(value) > 1 and not any(isinstance(item, list | dict) for item in value) and any(map(_is_number, value))


def _is_number(value: Any) -> bool:
    """Whole numbers alone are a set of ids or levels as often as a row."""
    return isinstance(value, Decimal) or (isinstance(value, str) and value[:1].isdigit())


def _spoiled(value: Any, here: str, place: str, index: int) -> Any:
    """A copy in which one place of every such row holds what is no value."""
    if isinstance(value, dict):
        return {
            name: _spoiled(inner, f"{here}.{'*' if _DATA.fullmatch(name) else name}".lstrip("."), place, index)
            for name, inner in value.items()
        }
    if not isinstance(value, list):
        return value
    if here == place and _is_row(value) and index < len(value):
        return [*value[:index], {"spoiled": True}, *value[index + 1 :]]
    return [_spoiled(inner, f"{here}[]", place, index) for inner in value]


def _outcome(adapter: Adapter, able: list[Operation[Any]], recording: Recording, document: Any) -> list[str]:
    response = recording.response(_written(deepcopy(document)).encode())
    told = []
    for operation in able:
        try:
            value = endpoint(adapter, operation).parse(operation, response)
            told.append(repr((value, value.bids, value.asks) if isinstance(value, Book) else value))
        except VenueError as error:
            told.append(str(error))
    return told


def _written(value: Any) -> str:
    """JSON with Decimals as the numbers they were."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_written(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


# --- the numbers of an answer


def numbers_in(value: object, left_out: frozenset[str]) -> Iterator[tuple[str, Decimal]]:
    """Every number that a value shows, with its field; those of its instrument and `left_out` are not."""
    if isinstance(value, tuple | list) and not isinstance(value, Trade):
        for item in value:
            yield from numbers_in(item, left_out)
    elif isinstance(value, Book):
        for level in (*value.bids, *value.asks):
            yield from (("price", level.price), ("quantity", level.quantity))
    elif not isinstance(value, VenueError):
        for name in names_of(value):
            inner = getattr(value, name)
            if name in left_out or (name == "instrument" and isinstance(inner, Instrument)):
                continue
            if isinstance(inner, Decimal):
                yield name, inner
            else:
                yield from numbers_in(inner, left_out)


def names_of(value: object) -> tuple[str, ...]:
    """The names of a value's fields; none for what is no value of ours."""
    return getattr(value, "_fields", ()) or tuple(one.name for one in getattr(value, "__attrs_attrs__", ()))


def numbers_written(value: object) -> Iterator[Decimal]:
    """Every number that an answer holds, as text or as JSON."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from numbers_written(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_written(item)
    elif not isinstance(value, bool):
        with suppress(ValueError):
            yield exact.number(value)
