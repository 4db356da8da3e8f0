"""Questions about orders and fills: parameters out, values in. Sends nothing, and reads rows with order_rows.

Lists show orders of the advanced interface only, which is where all orders of an API key come from; it is said
with every question, since the default might change.
Source: docs.cdp.coinbase.com, list-orders, get-order, list-fills (2026-08-22, 2026-09-08).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from unified.errors import Fault, Kind, Scope, VenueError
from unified.instrument import Instrument, Rounding
from unified.operations import FetchClosedOrders, FetchFills, FetchOrder, ListingOperation, Page, Priority
from unified.order import Commission, Fill, Liquidity, Order
from unified.values import frozen
from unified.wire import (
    child,
    children,
    choice,
    decimal,
    decimal_or_none,
    flag,
    item,
    malformed,
    obj,
    text,
    text_or_none,
    to_moment,
)
from unified_coinbase.door import segment
from unified_coinbase.order_rows import FINAL, SIDE, order_of
from unified_coinbase.orders import rfc3339
from unified_coinbase.symbols import SPOT, is_spot

Parameters = Mapping[str, str | Sequence[str]]
Body = Mapping[str, Any]

_ORDERS_PAGE = 250
"""No largest page is documented for orders; accounts have this one."""
_FILLS_PAGE = 100
"""The default; no largest page is documented."""

# --- one order


class FetchById(FetchOrder):
    """One order, by the venue's own id."""

    __slots__ = ()


def order_path(operation: FetchById) -> str:
    """/orders/historical/{order_id}"""
    return f"/orders/historical/{segment(operation.venue_order_id or '')}"


def parse_order(operation: FetchById, body: Body) -> Order:
    row = child(body, "order")
    symbol = text(row, "product_id")
    if symbol != operation.instrument.symbol:
        words = f"order {operation.venue_order_id} is one of {symbol}"
        raise VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND, scope=Scope.ORDER, http_status=200, message=words))
    return order_of(operation.instrument, row)


# --- lists of orders


@frozen(kw_only=True)
class FetchOrderList(ListingOperation[Page[Order]]):
    """One page of orders in the venue's own order."""

    name = "order_list"
    priority = Priority.PRIVATE_READ
    statuses: tuple[str, ...] = ()
    """Empty for all."""
    start: datetime | None = None
    end: datetime | None = None
    limit: int | None = None
    cursor: str | None = None
    client_order_id: str | None = None
    """Read only the order of this id. The venue cannot be asked for it, and sends the others too."""


def list_parameters(operation: FetchOrderList) -> Parameters:
    return {
        "product_type": SPOT,
        "order_placement_source": "RETAIL_ADVANCED",
        **_products(operation),
        **({"order_status": operation.statuses} if operation.statuses else {}),
        **({} if operation.start is None else {"start_date": rfc3339(operation.start)}),
        **({} if operation.end is None else {"end_date": rfc3339(operation.end)}),
        **_page(operation.limit, _ORDERS_PAGE, operation.cursor),
    }


def parse_list(operation: FetchOrderList, body: Body) -> Page[Order]:
    wanted = operation.client_order_id
    orders = (
        order_of(instrument, row)
        for instrument, row in _ours(operation, body, "orders")
        if wanted is None or row.get("client_order_id") == wanted
    )
    return Page(items=tuple(orders), cursor=_following_list(operation.cursor, body))


def parse_closed(operation: FetchClosedOrders, body: Body) -> Page[Order]:
    orders = tuple(order_of(instrument, row) for instrument, row in _ours(operation, body, "orders"))
    return Page(items=orders, cursor=_following_list(operation.cursor, body))


def _following_list(cursor: str | None, body: Body) -> str | None:
    return _following(cursor, body) if flag(body, "has_next", False) else None


def closed_parameters(operation: FetchClosedOrders) -> Parameters:
    """Both dates bound the time of creation: the first belongs to the range, the last does not."""
    return list_parameters(
        FetchOrderList(
            product=operation.product,
            instrument=operation.instrument,
            listing=operation.listing,
            statuses=FINAL,
            start=operation.start,
            end=operation.end,
            limit=operation.limit,
            cursor=operation.cursor,
        )
    )


# --- fills

_BOOKED = timedelta(seconds=60)
"""The bounds are about the time of booking, which is not quite that of the trade."""


def fills_parameters(operation: FetchFills) -> Parameters:
    start, end = operation.start, operation.end
    return {
        **({"order_ids": operation.venue_order_id} if operation.venue_order_id else {}),
        **_products(operation),
        **({} if start is None else {"start_sequence_timestamp": rfc3339(start - _BOOKED)}),
        **({} if end is None else {"end_sequence_timestamp": rfc3339(end + _BOOKED)}),
        **_page(operation.limit, _FILLS_PAGE, operation.cursor),
    }


def parse_fills(operation: FetchFills, body: Body) -> Page[Fill]:
    """Reversals, corrections and synthetic rows are no executions: they are left out."""
    found = (
        _fill(instrument, row)
        for instrument, row in _ours(operation, body, "fills")
        if (text_or_none(row, "trade_type") or "FILL") == "FILL"
    )
    fills = tuple(fill for fill in found if _within(fill.time, operation.start, operation.end))
    return Page(items=fills, cursor=_following(operation.cursor, body))


_LIQUIDITY = {"MAKER": Liquidity.MAKER, "TAKER": Liquidity.TAKER}


def _fill(instrument: Instrument, row: Body) -> Fill:
    """The id is that of the entry: trade ids are not unique."""
    paid = decimal_or_none(row, "commission")
    known = paid is not None and bool(instrument.quote)
    return Fill(
        instrument=instrument,
        trade_id=text_or_none(row, "entry_id") or text(row, "trade_id"),
        venue_order_id=text(row, "order_id"),
        side=choice(SIDE, text(row, "side"), "side"),
        price=decimal(row, "price"),
        quantity=_quantity(instrument, row),
        commission=Commission(currency=instrument.quote, amount=paid) if paid is not None and known else None,
        liquidity=_LIQUIDITY.get(text_or_none(row, "liquidity_indicator") or ""),
        time=to_moment(item(row, "trade_time"), "trade_time"),
    )


def _quantity(instrument: Instrument, row: Body) -> Decimal:
    """Base units; where the order was sized in quote units the fill may be too."""
    size = decimal(row, "size")
    if not flag(row, "size_in_quote", False):
        return size
    price = decimal(row, "price")
    if price <= 0:
        raise malformed("price: a fill without a price")
    return instrument.round_quantity(size / price, Rounding.NEAREST)


# --- what lists share


def _products(operation: ListingOperation[Any]) -> Parameters:
    return {} if operation.instrument is None else {"product_ids": operation.instrument.symbol}


def _page(limit: int | None, most: int, cursor: str | None) -> Parameters:
    size = str(max(1, min(limit or most, most)))
    return {"limit": size} if cursor is None else {"limit": size, "cursor": cursor}


def _following(asked: str | None, body: Body) -> str | None:
    """The next page; none where the venue names none or the one that was just read."""
    cursor = text_or_none(body, "cursor")
    return None if cursor == asked else cursor


def _ours(operation: ListingOperation[Any], body: Body, key: str) -> list[tuple[Instrument, dict[str, Any]]]:
    """The rows about spot, with their instruments."""
    found = (obj(row, f"{key}[]") for row in children(body, key))
    return [(operation.listing.of(text(row, "product_id"), operation.product), row) for row in found if is_spot(row)]


def _within(when: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or when >= start) and (end is None or when < end)
