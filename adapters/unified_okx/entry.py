"""Orders over OKX's WebSocket: the rows of orders in frames, answers back into the envelopes of REST. Opens no socket.

The instrument is its `instIdCode` here, which the listing tells; what has none (an instrument of an older listing), and
stops, which have no words on this connection, go over REST. Counts and deadlines are those of REST.
Source: OKX API v5 docs, #order-book-trading-trade-ws-place-order (2026-07-05), change log of 2026-03-26 and 2026-04-07.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from unified.adapter import Endpoint, Endpoints, Stamp
from unified.entry import Answered, Entry, EntryEvent, EntryLine, where
from unified.feeds import Ending
from unified.http import HttpRequest, HttpResponse, Method
from unified.instrument import Instrument, Product
from unified.operations import AmendOrder, CancelBatch, CancelOrder, Operation, PlaceBatch, PlaceOrder
from unified_okx import orders
from unified_okx.auth import Auth
from unified_okx.door import NAME
from unified_okx.faults import TRADE, items_of, rows_of
from unified_okx.line import SURFACES, TERMS, OkxLine
from unified_okx.procedures import CancelDirectly

ORDERS = "orders"
PATH = "/ws/v5/private"
_ENTRY = (*TRADE, *SURFACES)
_LOGIN_OVER = "60011"


class OkxEntry(OkxLine):
    """One connection for orders."""

    def ask(self, number: int, request: HttpRequest, _access: Any) -> str:
        """The request's own object with a number in front."""
        return f'{{"id":"{number}",{request.body[1:].decode()}'

    def receive(self, frame: str | bytes) -> Iterable[EntryEvent]:
        """An answer names the request by its id; a malformed request is answered with an error event of that id."""
        said = self._said(frame)
        if said is None:
            return ()
        event, number = said.get("event"), said.get("id")
        told = None if event is None else self._control(event, said)
        if told is not None:
            return told
        if type(number) is not str or not number.isdecimal():
            return ()
        answered = Answered(int(number), frame.encode() if isinstance(frame, str) else frame)
        return (answered, Ending("the login is over")) if said.get("code") == _LOGIN_OVER else (answered,)


# --- the table

Item = tuple[Instrument, Mapping[str, Any]]
"""One row of a request, and the instrument that it names."""
Items = Callable[[Any], Sequence[Item]]


def entry_of(base: str, auth: Auth, terms: orders.Terms, http: Endpoints) -> Entry:
    """`base` is the address of the private streams, `http` the endpoints of REST."""
    line = EntryLine(name=ORDERS, dialect=partial(OkxEntry, auth), path=lambda _access: PATH, login=True, **TERMS)
    table: dict[Any, Any] = {}
    for op, operation, items, parse, expires in _ways(terms):
        for product in (Product.SPOT, Product.LINEAR):
            rest = http[operation, product]
            assert isinstance(rest, Endpoint)
            socket = Endpoint(
                build=partial(_request, base, op, items, expires),
                parse=parse,
                charges=rest.charges,
                door=NAME,
                signed=True,
                example=f"op {op}",
            )
            table[operation, product] = where(_sayable, socket, rest)
    return Entry(lines=(line,), endpoints=table)


def _ways(terms: orders.Terms) -> Iterator[tuple[str, type[Operation[Any]], Items, Callable[..., Any], bool]]:
    """Word, operation, rows, reader, and whether the request bears its own last moment."""
    place, place_batch = partial(orders.place_body, terms), partial(orders.batch_body, terms)
    yield "order", PlaceOrder, _one(place), _rows(orders.parse_placed), True
    yield "amend-order", AmendOrder, _one(orders.amend_body), _rows(orders.parse_amended), True
    yield "cancel-order", CancelDirectly, _one(orders.cancel_body), _rows(orders.parse_canceled), False
    yield "batch-orders", PlaceBatch, _many(place_batch), _each(orders.parse_placed_batch), True
    yield "batch-cancel-orders", CancelBatch, _many(orders.cancel_batch_body), _each(orders.parse_canceled_batch), False


def _one(body: Callable[[Any], Any]) -> Items:
    return lambda operation: [(operation.instrument, body(operation))]


def _many(body: Callable[[Any], Any]) -> Items:
    return lambda operation: [
        (part.instrument, row) for part, row in zip(_parts(operation), body(operation), strict=True)
    ]


def _rows(read: Callable[[Any, Any], Any]) -> Callable[[Any, HttpResponse], Any]:
    return lambda operation, response: read(operation, rows_of(response, _ENTRY))


def _each(read: Callable[[Any, Any], Any]) -> Callable[[Any, HttpResponse], Any]:
    return lambda operation, response: read(operation, items_of(response, _ENTRY))


def _parts(operation: Operation[Any]) -> Sequence[Any]:
    match operation:
        case PlaceBatch():
            return operation.orders
        case CancelBatch():
            return operation.cancels
    return (operation,)


def _sayable(operation: Operation[Any]) -> bool:
    """Whether this connection has words for all of it."""
    return all(part.instrument.native.isdecimal() and not _is_stop(part) for part in _parts(operation))


def _is_stop(part: Operation[Any]) -> bool:
    match part:
        case PlaceOrder():
            return part.order_type.is_stop
        case CancelOrder():
            return part.is_stop
    return False


def _request(base: str, op: str, items: Items, expires: bool, operation: Operation[Any], stamp: Stamp) -> HttpRequest:
    said = {
        "op": op,
        **({"expTime": str(stamp.expires_ms)} if expires else {}),
        "args": [_coded(instrument, row) for instrument, row in items(operation)],
    }
    return HttpRequest(method=Method.POST, base=base, path=PATH, body=orjson.dumps(said))


def _coded(instrument: Instrument, row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"instIdCode": int(instrument.native), **{name: value for name, value in row.items() if name != "instId"}}
