"""Questions about orders and fills: fields out, values in, one request each. Reads rows with order_rows.

Lists are newest first and 50 rows long; a cursor is the number of rows to leave out. Rows that come in while a list
is read move the others back: a row may then be seen twice, never missed.
Source: docs.kraken.com, rest-api account data pages (2026-05-27).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import field

from unified.adapter import unsupported
from unified.errors import Fault, Kind, Scope, VenueError
from unified.instrument import Instrument, Product, unlisted
from unified.operations import (
    FetchClosedOrders,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    InstrumentOperation,
    ListingOperation,
    Page,
    Priority,
)
from unified.order import Fill, Order
from unified.values import frozen
from unified.wire import Json, child, children, integer, is_digits, obj, text, text_or_none
from unified_kraken.order_rows import fill_of, order_of, pair_of
from unified_kraken.orders import VENUE, Fields, which
from unified_kraken.seconds import whole_after, whole_before
from unified_kraken.symbols import instrument_in, is_wanted, names_of

_PAGE = 50

# --- one order


class FetchByTransaction(FetchOrder):
    """One order by the venue's id."""

    __slots__ = ()


@frozen(kw_only=True)
class FetchOpenByClientId(InstrumentOperation[tuple[Order, ...]]):
    """Open orders with this client order id: at most one, since it is unique among them."""

    name = "get_order"
    priority = Priority.PRIVATE_READ
    client_order_id: str


@frozen(kw_only=True)
class FetchClosedByClientId(FetchOpenByClientId):
    """Finished orders with this client order id, the newest first: it may have been used before."""

    since: datetime | None = None


def transaction_fields(operation: FetchByTransaction) -> Fields:
    return which(operation, operation.venue_order_id, None)


def parse_transaction(operation: FetchByTransaction, result: Json) -> Order:
    found = obj(result, "result")
    for txid, row in found.items():
        if txid == operation.venue_order_id:
            return _order(operation.instrument, txid, obj(row, txid))
    text_ = f"the answer holds {len(found)} other orders"
    raise VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND, scope=Scope.ORDER, http_status=200, message=text_))


def client_id_fields(operation: FetchOpenByClientId) -> Fields:
    return {"cl_ord_id": operation.client_order_id}


def closed_client_id_fields(operation: FetchClosedByClientId) -> Fields:
    start = {} if operation.since is None else {"start": str(whole_before(operation.since))}
    return {"cl_ord_id": operation.client_order_id, **start}


def parse_open_by_client_id(operation: FetchOpenByClientId, result: Json) -> tuple[Order, ...]:
    return _with_id(operation, child(obj(result, "result"), "open"))


def parse_closed_by_client_id(operation: FetchClosedByClientId, result: Json) -> tuple[Order, ...]:
    orders = _with_id(operation, child(obj(result, "result"), "closed"))
    since = operation.since
    return tuple(order for order in orders if since is None or order.created_at is None or order.created_at >= since)


def _with_id(operation: FetchOpenByClientId, found: Mapping[str, Any]) -> tuple[Order, ...]:
    """Only rows that carry the id: were the filter ignored one day, every order would come."""
    rows = ((txid, obj(row, txid)) for txid, row in found.items())
    wanted = _number(operation.client_order_id)
    return tuple(
        _order(operation.instrument, txid, row)
        for txid, row in rows
        if _number(text_or_none(row, "cl_ord_id") or "") == wanted
    )


def _number(client_order_id: str) -> str:
    """Kraken keeps a UUID as a number of 128 bits: hyphens and case may come back otherwise than they went."""
    return client_order_id.replace("-", "").casefold()


def _order(asked: Instrument, txid: str, row: Mapping[str, Any]) -> Order:
    """The order, under the instrument that it is of: an id may have been asked for on the wrong one."""
    pair = pair_of(row)
    return order_of(asked if pair in names_of(asked) else unlisted(pair, Product.SPOT), txid, row)


# --- lists of orders


def open_fields(_operation: FetchOpenOrders) -> Fields:
    """All of them come in one answer."""
    return {}


def parse_open(operation: FetchOpenOrders, result: Json) -> Page[Order]:
    found = child(obj(result, "result"), "open").items()
    return Page(items=tuple(_ours(operation, [(txid, obj(row, txid)) for txid, row in found])))


def closed_fields(operation: FetchClosedOrders) -> Fields:
    """Bounds count the time of creation; they are widened to whole seconds, since `start` is exclusive."""
    return {"closetime": "open", **_window(operation.start, operation.end), **_offset(operation)}


def parse_closed(operation: FetchClosedOrders, result: Json) -> Page[Order]:
    rows, cursor = _page(operation, result, "closed")
    orders = (order for order in _ours(operation, rows))
    return Page(
        items=tuple(order for order in orders if _within(order.created_at, operation.start, operation.end)),
        cursor=cursor,
    )


def _ours(operation: ListingOperation[Any], rows: list[tuple[str, dict[str, Any]]]) -> Iterator[Order]:
    for txid, row in rows:
        instrument = instrument_in(operation.listing, pair_of(row))
        if is_wanted(operation, instrument):
            yield order_of(instrument, txid, row)


# --- fills


class FetchFillHistory(FetchFills):
    """A page of all fills of the account."""

    __slots__ = ()


@frozen(kw_only=True)
class FetchFillIds(InstrumentOperation[tuple[str, ...]]):
    """Which fills an order had."""

    name = "fill_ids"
    priority = Priority.PRIVATE_READ
    venue_order_id: str


@frozen(kw_only=True)
class FetchFillsById(ListingOperation[tuple[Fill, ...]]):
    """At most `MOST_FILLS` fills by their ids."""

    name = "fills"
    priority = Priority.PRIVATE_READ
    trade_ids: tuple[str, ...] = field()


MOST_FILLS = 20


def history_fields(operation: FetchFillHistory) -> Fields:
    return {**_window(operation.start, operation.end), **_offset(operation)}


def parse_history(operation: FetchFillHistory, result: Json) -> Page[Fill]:
    rows, cursor = _page(operation, result, "trades")
    return Page(items=_fills(operation, rows, operation.start, operation.end), cursor=cursor)


def fill_ids_fields(operation: FetchFillIds) -> Fields:
    return {**which(operation, operation.venue_order_id, None), "trades": "true"}


def parse_fill_ids(operation: FetchFillIds, result: Json) -> tuple[str, ...]:
    row = child(obj(result, "result"), operation.venue_order_id)
    found = children(row, "trades") if "trades" in row else []
    return tuple(text({"trades": trade}, "trades") for trade in found)


def fills_by_id_fields(operation: FetchFillsById) -> Fields:
    return {"txid": ",".join(operation.trade_ids)}


def parse_fills_by_id(operation: FetchFillsById, result: Json) -> tuple[Fill, ...]:
    rows = [(trade_id, obj(row, trade_id)) for trade_id, row in obj(result, "result").items()]
    return _fills(operation, rows, None, None)


def _fills(
    operation: ListingOperation[Any],
    rows: list[tuple[str, dict[str, Any]]],
    start: datetime | None,
    end: datetime | None,
) -> tuple[Fill, ...]:
    found = []
    for trade_id, row in rows:
        instrument = instrument_in(operation.listing, text(row, "pair"))
        if is_wanted(operation, instrument):
            found.append(fill_of(instrument, trade_id, row))
    return tuple(fill for fill in found if _within(fill.time, start, end))


# --- what lists share


def _window(start: datetime | None, end: datetime | None) -> Fields:
    begin = {} if start is None else {"start": str(whole_before(start) - 1)}
    return begin if end is None else {**begin, "end": str(whole_after(end))}


def _within(when: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    return when is None or ((start is None or when >= start) and (end is None or when < end))


def _offset(operation: FetchClosedOrders | FetchFills) -> Fields:
    return {"ofs": str(_skipped(operation))} if operation.cursor else {}


def _skipped(operation: FetchClosedOrders | FetchFills) -> int:
    cursor = operation.cursor or "0"
    if not is_digits(cursor, 12):
        raise unsupported(VENUE, operation, f"{cursor!r:.40} is no cursor of {operation.name}")
    return int(cursor)


def _page(
    operation: FetchClosedOrders | FetchFills, result: Json, key: str
) -> tuple[list[tuple[str, dict[str, Any]]], str | None]:
    """The rows of a page, oldest first, and where the next one begins. `count` is that of all pages together."""
    body, asked = obj(result, "result"), min(operation.limit or _PAGE, _PAGE)
    found = list(child(body, key).items())[:asked]
    read = _skipped(operation) + len(found)
    # An answer without a count leaves only its length: a full page may not be the last.
    more = read < integer(body, "count") if "count" in body else len(found) == asked
    cursor = str(read) if found and more else None
    return [(name, obj(row, name)) for name, row in reversed(found)], cursor
