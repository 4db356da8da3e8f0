"""Orders over Bybit's WebSocket: the bodies of REST in frames, answers back into the envelope of REST. Opens no socket.

The login stands for the signature; each frame bears its time and window in a header of its own. Counts of the account
are shared with REST, frames are counted by address. Demo trading has no such door.
Source: Bybit V5 docs, websocket/trade/guideline.mdx (2026-07-24), rate-limit.mdx (2026-05-22).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from unified.adapter import Charge, Endpoint, Endpoints, Stamp
from unified.entry import Answered, Entry, EntryEvent, EntryLine
from unified.errors import Fault, Kind
from unified.feeds import Ending, LoggedIn, LoginRefused, Ticket
from unified.http import HttpRequest, HttpResponse, Method
from unified.instrument import Product
from unified.operations import AmendOrder, CancelBatch, CancelOrder, Operation, PlaceBatch, PlaceOrder
from unified.wire import malformed, text_or_none
from unified_bybit import batches, orders
from unified_bybit.auth import Auth
from unified_bybit.door import NAME, Body, surfaces_of
from unified_bybit.faults import answer_of, fault_of_code, items_of
from unified_bybit.limits import ADDRESS, ORDER_FRAMES, STREAM_CONNECTS

TRADE = "trade"
PATH = "/v5/trade"
_SURFACE = "ws_trade"
_PRIVATE = ("ws_private",)
_FINE = ("0", "20001")
"""Of a login: accepted, and accepted before."""
_LEAVING = ("10016", "10019")
"""The server restarts, or takes nothing new: whatever is sent next belongs on another connection."""


class BybitEntry:
    """One connection."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._word = ""
        """In front of our numbers: no id may come twice."""

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Raises `bad_credentials` (not_sent) without a key."""
        self._word = ticket.stamp.token[:16]
        return [_text({"reqId": f"{self._word}-0", "op": "auth", "args": self._auth.login(ticket.stamp)})]

    def ping(self) -> str | None:
        return '{"op":"ping"}'

    def ask(self, number: int, request: HttpRequest, _access: Any) -> str:
        """The request's own object with an id in front."""
        return f'{{"reqId":"{self._word}-{number}",{request.body[1:].decode()}'

    def receive(self, frame: str | bytes) -> Iterable[EntryEvent]:
        """An answer names the request by its id; those that name none (ccxt #29361) answer nobody."""
        try:
            said = orjson.loads(frame)
            op, told = said.get("op"), said.get("reqId")
        except (ValueError, AttributeError):
            raise malformed("a frame is not a JSON object") from None
        code = text_or_none(said, "retCode") or ""
        if op == "auth":
            return (LoggedIn() if code in _FINE else LoginRefused(_login_fault(code, said)),)
        word, _, number = told.rpartition("-") if type(told) is str else ("", "", "")
        answered = (_answered(int(number), said),) if word == self._word and number.isdecimal() else ()
        return (*answered, Ending("the server is leaving")) if code in _LEAVING else answered


def _login_fault(code: str, said: Mapping[str, Any]) -> Fault:
    """A time that is over is refused in the words of the private door."""
    words = str(said.get("retMsg", ""))
    private = fault_of_code("", words, None, _PRIVATE)
    return private if private.kind is Kind.TIMESTAMP_OUT_OF_WINDOW else fault_of_code(code, words, None, (_SURFACE,))


def _answered(number: int, said: Mapping[str, Any]) -> Answered:
    """The envelope of REST, with what stands in its headers there."""
    header = said.get("header")
    told = {str(name).lower(): str(value) for name, value in header.items()} if type(header) is dict else {}
    body = {
        "retCode": said.get("retCode"),
        "retMsg": said.get("retMsg"),
        "result": said.get("data"),
        "retExtInfo": said.get("retExtInfo"),
    }
    return Answered(number, orjson.dumps(body), headers=told)


def _text(content: Mapping[str, Any]) -> str:
    return orjson.dumps(content).decode()


# --- the table

SOURCE = "Bybit V5 docs, websocket/trade/guideline.mdx and ws/connect.mdx (2026-07-24); no lifetime is documented"


def entry_of(base: str, auth: Auth, http: Endpoints) -> Entry:
    """`base` is the address of the trading socket, `http` the endpoints of REST."""
    line = EntryLine(
        name=TRADE,
        dialect=partial(BybitEntry, auth),
        path=lambda _access: PATH,
        login=True,
        ping_every=8.0,
        silence=18.0,
        connect=(Charge(STREAM_CONNECTS),),
        source=SOURCE,
    )
    table: dict[Any, Any] = {}
    for op, operation, products, body, parse in _ways():
        for product in products:
            rest = http[operation, product]
            assert isinstance(rest, Endpoint)
            table[operation, product] = Endpoint(
                build=partial(_request, base, op, body),
                parse=parse,
                charges=partial(_charges, rest),
                door=NAME,
                signed=True,
                example=f"op {op}",
            )
    return Entry(lines=(line,), endpoints=table)


_BOTH = (Product.SPOT, Product.LINEAR)
_Way = tuple[str, type[Operation[Any]], Sequence[Product], Callable[[Any], Body], Callable[[Any, HttpResponse], Any]]


def _ways() -> Iterator[_Way]:
    """Word, operation, products, body and reader."""
    yield "order.create", PlaceOrder, _BOTH, orders.place_body, _one(orders.parse_placed)
    yield "order.amend", AmendOrder, _BOTH, orders.amend_body, _one(orders.parse_amended)
    yield "order.cancel", CancelOrder, _BOTH[1:], orders.cancel_body, _one(orders.parse_canceled)
    yield "order.cancel", orders.CancelBehind, _BOTH[:1], orders.cancel_behind_body, _one(orders.parse_canceled)
    yield "order.create-batch", PlaceBatch, _BOTH, batches.place_batch_body, _each(batches.parse_placed_batch)
    yield "order.cancel-batch", CancelBatch, _BOTH, batches.cancel_batch_body, _each(batches.parse_canceled_batch)


def _one(read: Callable[[Any, Any], Any]) -> Callable[[Any, HttpResponse], Any]:
    return lambda operation, response: read(operation, answer_of(response, (_SURFACE, *surfaces_of(operation))))


def _each(read: Callable[[Any, Any], Any]) -> Callable[[Any, HttpResponse], Any]:
    return lambda operation, response: read(operation, items_of(response, (_SURFACE, *surfaces_of(operation))))


def _charges(rest: Endpoint[Any, Any], operation: Operation[Any], time_ms: int) -> tuple[Charge, ...]:
    """What REST charges the account, and a frame in place of a call of the address."""
    account = (charge for charge in rest.charges(operation, time_ms) if charge.bucket != ADDRESS)
    return Charge(ORDER_FRAMES), *account


def _request(base: str, op: str, body: Callable[[Any], Body], operation: Operation[Any], stamp: Stamp) -> HttpRequest:
    header = {"X-BAPI-TIMESTAMP": str(stamp.time_ms), "X-BAPI-RECV-WINDOW": str(stamp.window_ms)}
    said = {"header": header, "op": op, "args": [body(operation)]}
    return HttpRequest(method=Method.POST, base=base, path=PATH, body=orjson.dumps(said))
