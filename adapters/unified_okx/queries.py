"""Questions about orders and fills: parameters out, values in. Sends nothing, and reads rows with order_rows.

A cursor is `list:after`: which of OKX's lists is being read, and the oldest id seen of it. Lists are newest
first; the rows of a page are turned to oldest first.
Source: OKX API v5 docs, #order-book-trading-trade (2026-06-30, 2026-07-08, 2026-07-17) and the algo pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from unified.adapter import unsupported
from unified.instrument import Instrument, Product
from unified.operations import (
    FetchClosedOrders,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    InstrumentOperation,
    ListingOperation,
    Operation,
    Page,
    Priority,
)
from unified.order import Fill, Order
from unified.values import frozen
from unified.wire import (
    Json,
    milliseconds,
    obj,
    text,
)
from unified_okx.faults import no_such_order
from unified_okx.order_rows import Stop, fill_of, order_of, stop_of
from unified_okx.orders import which
from unified_okx.symbols import NATIVE_TYPE, own_instrument

Parameters = Mapping[str, str]

_PAGE = 100
"""The longest page of every list here."""

# --- one order


class FetchPlainOrder(FetchOrder):
    """One order, among those that are no stops."""

    __slots__ = ()


@frozen(kw_only=True)
class FetchStop(InstrumentOperation[Stop]):
    """One stop, waiting or triggered."""

    name = "get_stop"
    priority = Priority.PRIVATE_READ
    venue_order_id: str | None = None
    client_order_id: str | None = None


def order_parameters(operation: FetchPlainOrder) -> Parameters:
    """By client id OKX answers with the latest order of that id."""
    named = which(False, operation.venue_order_id, operation.client_order_id)
    return {"instId": operation.instrument.symbol, **named}


def parse_order(operation: FetchPlainOrder, rows: list[Json]) -> Order:
    if not rows:
        raise no_such_order(rows)
    return order_of(operation.instrument, obj(rows[0], "data[]"))


def stop_parameters(operation: FetchStop) -> Parameters:
    return which(True, operation.venue_order_id, operation.client_order_id)


def parse_stop(operation: FetchStop, rows: list[Json]) -> Stop:
    if not rows:
        raise no_such_order(rows)
    return stop_of(operation.instrument, obj(rows[0], "data[]"))


# --- cursors


@frozen
class _Place:
    """Where in which list a page begins."""

    source: str
    after: str = ""

    @property
    def cursor(self) -> str:
        return f"{self.source}:{self.after}"


def _place(operation: Operation[Any], cursor: str | None, first: str, known: Sequence[str]) -> _Place:
    if cursor is None:
        return _Place(first)
    source, colon, after = cursor.rpartition(":")
    if not colon or source not in known:
        raise unsupported("okx", operation, f"{cursor!r} is no cursor of {operation.name}")
    return _Place(source, after)


def _following(place: _Place, oldest: str | None, following: Mapping[str, str]) -> str | None:
    """The page after this one: older rows of the list, or the next list. `oldest` is None after the last page."""
    if oldest is not None:
        return _Place(place.source, oldest).cursor
    return _Place(following[place.source]).cursor if place.source in following else None


def _oldest(rows: list[Json], key: str, page: int) -> str | None:
    """The oldest id of a full page; None where the list ended."""
    return text(obj(rows[-1], "data[]"), key) if rows and len(rows) >= page else None


def _page(place: _Place, limit: int) -> Parameters:
    return {"limit": str(limit), **({"after": place.after} if place.after else {})}


# --- open orders

_ORDERS = "orders"
_AFTER_OPEN = {_ORDERS: "conditional,oco", "conditional,oco": "trigger"}
"""Plain orders, then the two lists of stops. Trailing stops and the web site's executions are not orders here."""
_OPEN_LISTS = (_ORDERS, *_AFTER_OPEN.values())


def holds_stops(operation: FetchOpenOrders) -> bool:
    """Whether this page is one of stops."""
    return _open_place(operation).source != _ORDERS


def open_path(operation: FetchOpenOrders, _time_ms: int) -> str:
    """/trade/orders-pending, then /trade/orders-algo-pending for stops"""
    return "/trade/orders-algo-pending" if holds_stops(operation) else "/trade/orders-pending"


def open_parameters(margin_types: bool, operation: FetchOpenOrders) -> Parameters:
    """`margin_types`: the account may have spot orders under another type, so none is asked for."""
    place = _open_place(operation)
    every_type = margin_types and operation.product is Product.SPOT
    return {
        **({} if every_type else {"instType": NATIVE_TYPE[operation.product]}),
        **_instrument(operation),
        **({"ordType": place.source} if holds_stops(operation) else {}),
        **_page(place, _PAGE),
    }


def parse_open(operation: FetchOpenOrders, rows: list[Json]) -> Page[Order]:
    stops = holds_stops(operation)
    orders = tuple(
        stop_of(instrument, row).order if stops else order_of(instrument, row)
        for instrument, row in _ours(operation, rows)
    )
    oldest = _oldest(rows, "algoId" if stops else "ordId", _PAGE)
    return Page(items=orders, cursor=_following(_open_place(operation), oldest, _AFTER_OPEN))


def _open_place(operation: FetchOpenOrders) -> _Place:
    return _place(operation, operation.cursor, _ORDERS, _OPEN_LISTS)


# --- closed orders

_RECENT, _ARCHIVE = "recent", "archive"
_LISTS = (_RECENT, _ARCHIVE)
_DAY_MS = 86_400_000
_HISTORY_MS = 7 * _DAY_MS - 3_600_000
_FILLS_MS = 3 * _DAY_MS - 3_600_000
"""An hour less than OKX promises, so that a list does not lose its end while it is being read."""


def closed_path(operation: FetchClosedOrders, time_ms: int) -> str:
    """/trade/orders-history (7 days) or /trade/orders-history-archive (3 months)"""
    recent = _is_recent(operation, operation.cursor, operation.start, time_ms - _HISTORY_MS)
    return "/trade/orders-history" if recent else "/trade/orders-history-archive"


def closed_parameters(operation: FetchClosedOrders) -> Parameters:
    """`begin` and `end` bound the time of creation."""
    return {
        "instType": NATIVE_TYPE[operation.product],
        **_instrument(operation),
        **_between(operation.start, operation.end, 0),
        **_page(_place(operation, operation.cursor, "", ("", *_LISTS)), _asked(operation.limit)),
    }


def parse_closed(operation: FetchClosedOrders, rows: list[Json]) -> Page[Order]:
    found = (order_of(instrument, row) for instrument, row in _ours(operation, rows))
    orders = tuple(order for order in found if _within(order.created_at, operation.start, operation.end))
    return Page(items=orders, cursor=_next_cursor(operation, rows, "ordId"))


# --- fills


def fills_path(operation: FetchFills, time_ms: int) -> str:
    """/trade/fills (3 days) or /trade/fills-history (3 months)"""
    recent = _is_recent(operation, operation.cursor, operation.start, time_ms - _FILLS_MS)
    return "/trade/fills" if recent else "/trade/fills-history"


_BOOKED_LATER_MS = 60_000
"""`begin` and `end` bound the time of booking, which follows the fill by milliseconds."""


def fills_parameters(operation: FetchFills) -> Parameters:
    return {
        "instType": NATIVE_TYPE[operation.product],
        **_instrument(operation),
        **({"ordId": operation.venue_order_id} if operation.venue_order_id else {}),
        **_between(operation.start, operation.end, _BOOKED_LATER_MS),
        **_page(_place(operation, operation.cursor, "", ("", *_LISTS)), _asked(operation.limit)),
    }


def parse_fills(operation: FetchFills, rows: list[Json]) -> Page[Fill]:
    found = (fill_of(instrument, row) for instrument, row in _ours(operation, rows))
    fills = tuple(fill for fill in found if _within(fill.time, operation.start, operation.end))
    return Page(items=fills, cursor=_next_cursor(operation, rows, "billId"))


# --- what lists share


def _instrument(operation: ListingOperation[Any]) -> Parameters:
    return {} if operation.instrument is None else {"instId": operation.instrument.symbol}


def _ours(operation: ListingOperation[Any], rows: list[Json]) -> list[tuple[Instrument, dict[str, Any]]]:
    """The rows of the product with their instruments, oldest first."""
    found = []
    for row in (obj(row, "data[]") for row in reversed(rows)):
        instrument = own_instrument(operation.listing, row, operation.product)
        if instrument is not None:
            found.append((instrument, row))
    return found


def _asked(limit: int | None) -> int:
    return min(limit or _PAGE, _PAGE)


def _between(start: datetime | None, end: datetime | None, later_ms: int) -> Parameters:
    """One millisecond wider than asked, since the docs do not say whether the bounds are inclusive."""
    begin = {} if start is None else {"begin": str(milliseconds(start) - 1)}
    return begin if end is None else {**begin, "end": str(milliseconds(end) + 1 + later_ms)}


def _within(when: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    return when is None or ((start is None or when >= start) and (end is None or when < end))


def _is_recent(operation: Operation[Any], cursor: str | None, start: datetime | None, since_ms: int) -> bool:
    """Where the caller asks for a time, it decides; without one both lists are read, the recent one first."""
    if start is not None:
        return milliseconds(start) >= since_ms
    return _place(operation, cursor, _RECENT, _LISTS).source == _RECENT


def _next_cursor(operation: FetchClosedOrders | FetchFills, rows: list[Json], key: str) -> str | None:
    oldest = _oldest(rows, key, _asked(operation.limit))
    if operation.start is not None:
        return None if oldest is None else _Place("", oldest).cursor
    place = _place(operation, operation.cursor, _RECENT, _LISTS)
    if oldest is None and place.source == _RECENT:
        # Ids fall with age, so the archive goes on where the recent list ended.
        last = text(obj(rows[-1], "data[]"), key) if rows else place.after
        return _Place(_ARCHIVE, last).cursor
    return _following(place, oldest, {})
