"""Orders over Kraken's WebSocket v2: words of the socket out, answers back into the envelope of REST. Opens no socket.

Every request carries the connection's token; a subscription to own executions proves the token before the first order
and keeps the connection alive, which without one would be closed. Money leaves as JSON numbers, written by hand: no
float ever holds it. Stops and batches of cancels go over REST, as does an amendment of an order whose quantity is not
known.

Source: docs.kraken.com, websocket-v2 add_order, batch_add, amend_order, cancel_order (2026-05-27); the engine's counter
is shared with REST (guide spot-ratelimits), the counter of REST calls and the nonce are not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from unified.adapter import Charge, Endpoint, Endpoints, Stamp
from unified.entry import Answered, Entry, EntryEvent, EntryLine, where
from unified.feeds import Ending, LoggedIn, LoginRefused, Ticket
from unified.http import HttpRequest, HttpResponse, Method
from unified.instrument import Instrument, Product
from unified.operations import AmendOrder, CancelOrder, Operation, PlaceBatch, Placed, PlaceOrder
from unified.order import Order
from unified.wire import Json, malformed, milliseconds, obj, plain, text
from unified_kraken import orders
from unified_kraken.door import NAME, deadline, rfc3339
from unified_kraken.faults import CANCEL, SPOT, answer_of, fault_of
from unified_kraken.stream import FetchStreamToken

ORDERS = "orders"
PATH = "/v2"
_WS = ("ws",)
_LOGIN = 0
"""The number of the subscription that stands for a login."""
_STALE = ("EAPI:Invalid token", "ESession:Invalid session")
_POLICY_VIOLATION = 1008
_REST_ONLY = ("nonces", "calls")
"""Limits of signed REST calls."""
Params = Mapping[str, Any]


class KrakenEntry:
    """One connection."""

    def login(self, ticket: Ticket) -> Sequence[str]:
        """A subscription to own executions, without anything of the past."""
        channel = {"channel": "executions", "snap_orders": False, "snap_trades": False}
        params = {**channel, "token": ticket.access.reveal()}
        return [orjson.dumps({"method": "subscribe", "req_id": _LOGIN, "params": params}).decode()]

    def ping(self) -> str | None:
        """The venue's own ping, which it answers on any connection."""
        return '{"method":"ping"}'

    def ask(self, number: int, request: HttpRequest, access: Any) -> str:
        """The request's own object with a number and the token put into it."""
        head, params = request.body.decode().split('"params":{', 1)
        return f'{head}"req_id":{number},"params":{{"token":"{access.reveal()}",{params}'

    def receive(self, frame: str | bytes) -> Iterable[EntryEvent]:
        """What a frame says. Reports of executions and heartbeats are signs of life only."""
        try:
            said = json.loads(frame, parse_float=str, parse_int=str)
            number = said.get("req_id")
        except (ValueError, AttributeError, RecursionError):
            raise malformed("a frame is not a JSON object") from None
        if type(number) is not str or not number.isdecimal():
            return ()
        words = None if said.get("success") is True else str(said.get("error", ""))
        if int(number) == _LOGIN:
            return (LoggedIn() if words is None else LoginRefused(fault_of(words, (*_WS, *SPOT))),)
        answered = Answered(int(number), orjson.dumps(_envelope(words, said)))
        return (answered, Ending("the token is over")) if words in _STALE else (answered,)


def _envelope(words: str | None, said: Mapping[str, Any]) -> Mapping[str, Any]:
    result = said.get("result")
    if type(result) is list:  # a batch: what is told of each order weighs more than a word about all
        return {"error": [], "result": {"orders": result}}
    return {"error": [], "result": result} if words is None else {"error": [words]}


# --- the table


def entry_of(base: str, http: Endpoints) -> Entry:
    """`base` is the address of the private streams, `http` the endpoints of REST."""
    line = EntryLine(
        name=ORDERS,
        dialect=KrakenEntry,
        path=lambda _access: PATH,
        access=FetchStreamToken(product=Product.SPOT),
        login=True,
        ping_every=30.0,
        silence=5.0,  # a heartbeat comes every second
        connect=(Charge("stream_connects"),),
        frame=(Charge("stream_frames"),),
        terminal=frozenset({_POLICY_VIOLATION}),
        source="docs.kraken.com, websocket-v2 (2026-05-27); no lifetime is documented",
    )
    over = partial(_endpoint, base, http)
    return Entry(
        lines=(line,),
        endpoints={
            (PlaceOrder, Product.SPOT): over(PlaceOrder, "add_order", _placing, _read(parse_placed, SPOT), _is_plain),
            (PlaceBatch, Product.SPOT): over(
                PlaceBatch, "batch_add", _placing_batch, _read(parse_placed_batch, SPOT), _all_plain
            ),
            (AmendOrder, Product.SPOT): over(
                AmendOrder, "amend_order", _amending, _read(orders.parse_amended, CANCEL), _is_whole
            ),
            (CancelOrder, Product.SPOT): over(
                CancelOrder, "cancel_order", _canceling, _read(parse_canceled, CANCEL), lambda _cancel: True
            ),
        },
    )


def _endpoint(
    base: str,
    http: Endpoints,
    operation: type[Operation[Any]],
    method: str,
    params: Callable[[Any, Stamp], Params],
    parse: Callable[[Any, HttpResponse], Any],
    fits: Callable[[Any], bool],
) -> Endpoint[Any, Any]:
    rest = http[operation, Product.SPOT]
    assert isinstance(rest, Endpoint)

    def request(asked: Operation[Any], stamp: Stamp) -> HttpRequest:
        body = orjson.dumps({"method": method, "params": params(asked, stamp)})
        return HttpRequest(method=Method.POST, base=base, path=PATH, body=body)

    def charges(asked: Operation[Any], time_ms: int) -> tuple[Charge, ...]:
        return tuple(charge for charge in rest.charges(asked, time_ms) if charge.bucket not in _REST_ONLY)

    socket = Endpoint(build=request, parse=parse, charges=charges, door=NAME, signed=True, example=method)
    return where(fits, socket, rest)


def _read(read: Callable[[Any, Json], Any], surfaces: Sequence[str]) -> Callable[[Any, HttpResponse], Any]:
    return lambda operation, response: read(operation, answer_of(response, (*_WS, *surfaces)))


# --- place


def _is_plain(order: PlaceOrder) -> bool:
    return not order.order_type.is_stop


def _all_plain(batch: PlaceBatch) -> bool:
    return all(_is_plain(order) for order in batch.orders)


def _placing(order: PlaceOrder, stamp: Stamp) -> Params:
    return {"symbol": symbol_of(order.instrument), **_terms(order), **deadline(stamp)}


def _placing_batch(batch: PlaceBatch, stamp: Stamp) -> Params:
    together = orders.batched(batch)
    terms = [_terms(order) for order in together]
    return {"symbol": symbol_of(together[0].instrument), "orders": terms, **deadline(stamp)}


def _terms(order: PlaceOrder) -> Params:
    """The terms of REST, which refuses what Kraken has no words for, under the names of the socket."""
    terms = orders.place_fields(order)
    size = "cash_order_qty" if order.quote_quantity is not None else "order_qty"
    return {
        "side": terms["type"],
        "order_type": terms["ordertype"],
        size: _number(terms["volume"]),
        **({"limit_price": _number(terms["price"])} if "price" in terms else {}),
        **({"time_in_force": terms["timeinforce"].lower()} if "timeinforce" in terms else {}),
        **({} if order.expires_at is None else {"expire_time": rfc3339(milliseconds(order.expires_at))}),
        **({"post_only": True} if order.post_only else {}),
        "cl_ord_id": order.client_order_id,
    }


def parse_placed(order: PlaceOrder, result: Json) -> Order:
    """Here the id is a text of its own name."""
    return orders.placed(order, text(obj(result, "result"), "order_id"))


def parse_placed_batch(batch: PlaceBatch, result: Json) -> tuple[Placed, ...]:
    """In the order of the request, each with its id or its refusal."""
    return orders.parse_placed_batch(batch, result, "order_id")


# --- amend and cancel


def _is_whole(operation: AmendOrder) -> bool:
    """The socket wants the quantity with every amendment."""
    return operation.quantity is not None or operation.order.quantity is not None


def _amending(operation: AmendOrder, stamp: Stamp) -> Params:
    terms = orders.amend_fields(operation)
    quantity = operation.order.quantity if operation.quantity is None else operation.quantity
    assert quantity is not None
    return {
        **({"order_id": terms["txid"]} if "txid" in terms else {"cl_ord_id": terms["cl_ord_id"]}),
        "order_qty": _number(plain(quantity)),
        **({"limit_price": _number(terms["limit_price"])} if "limit_price" in terms else {}),
        **deadline(stamp),
    }


def _canceling(operation: CancelOrder, _stamp: Stamp) -> Params:
    """Ids are lists here, and each order is answered by a frame of its own: one is named."""
    terms = orders.cancel_fields(operation)
    return {"order_id": [terms["txid"]]} if "txid" in terms else {"cl_ord_id": [terms["cl_ord_id"]]}


def parse_canceled(operation: CancelOrder, result: Json) -> Order:
    """Accepted; whether it is done shows when the order is asked for."""
    obj(result, "result")
    return orders.canceled(operation, done=False)


# --- what they share


def symbol_of(instrument: Instrument) -> str:
    """`BTC/USD`, as everybody says it: WebSocket v2 knows neither XBT nor XDG."""
    return f"{instrument.base}/{instrument.quote}"


def _number(written: str) -> orjson.Fragment:
    """A JSON number with exactly these digits."""
    return orjson.Fragment(written.encode())
