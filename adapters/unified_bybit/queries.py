"""Questions about orders and fills: parameters out, values in. Sends nothing, and reads rows with order_rows.

Source: Bybit V5 docs, order/open-order.mdx (2026-03-16), order/order-list.mdx (2026-05-19), order/execution.mdx.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from unified.account import VenueTime
from unified.adapter import Steps, unsupported
from unified.errors import Fault, Kind, Scope, VenueError
from unified.instrument import Instrument, Product
from unified.operations import (
    FetchClosedOrders,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    FetchServerTime,
    ListingOperation,
    Page,
)
from unified.order import Commission, Fill, Liquidity, Order, Side
from unified.values import frozen
from unified.wire import (
    at_ms,
    ceil_milliseconds,
    choice,
    decimal,
    decimal_or_none,
    flag,
    is_digits,
    moment,
    text,
    text_or_none,
)
from unified_bybit.door import Parameters
from unified_bybit.faults import Answer
from unified_bybit.market_data import SIDE, VENUE, category, instrument_only, instrument_or_all, rows_of
from unified_bybit.order_rows import order_of
from unified_bybit.orders import which
from unified_bybit.symbols import SETTLE, instrument_in, next_cursor

Listed = FetchClosedOrders | FetchFills

# --- one order


class FetchRecentOrder(FetchOrder):
    """One order, if it is open or among the 500 closed last. A restart of the venue empties the latter."""

    __slots__ = ()


class FetchFiledOrder(FetchOrder):
    """One order, if it is in the history, which is written some time after the fact."""

    __slots__ = ()


def fetch_order(operation: FetchOrder) -> Steps[Order]:
    """The order, wherever the venue shows it. Raises `order_not_found` where both lists are empty."""
    asked: dict[str, Any] = {
        "instrument": operation.instrument,
        "venue_order_id": operation.venue_order_id,
        "client_order_id": operation.client_order_id,
    }
    try:
        recent: Order = yield FetchRecentOrder(**asked)
    except VenueError as missing:
        if missing.kind is not Kind.ORDER_NOT_FOUND:
            raise
    else:
        return recent
    filed: Order = yield FetchFiledOrder(**asked)
    return filed


def order_parameters(operation: FetchOrder) -> Parameters:
    """By id every kind of order is found, stops included."""
    return {**instrument_only(operation), **which(operation.venue_order_id, operation.client_order_id)}


def parse_order(operation: FetchOrder, answer: Answer) -> Order:
    rows = rows_of(answer)
    if not rows:
        fault = Fault(
            kind=Kind.ORDER_NOT_FOUND, scope=Scope.ORDER, http_status=200, message="the answer holds no order"
        )
        raise VenueError.of(fault)
    return order_of(operation.instrument, rows[0])


# --- open orders

_MOST_ORDERS = 50
_MOST_FILLS = 100


def open_parameters(operation: FetchOpenOrders) -> Parameters:
    """Every kind of order. Linear wants a bound: without an instrument it is the currency of settlement."""
    parameters = {**instrument_or_all(operation), "openOnly": "0", "limit": str(_MOST_ORDERS)}
    if operation.product is Product.LINEAR and operation.instrument is None:
        parameters["settleCoin"] = SETTLE
    return parameters if operation.cursor is None else {**parameters, "cursor": operation.cursor}


def parse_open(operation: FetchOpenOrders, answer: Answer) -> Page[Order]:
    orders = (order_of(instrument, row) for instrument, row in _ours(operation, answer))
    return Page(items=tuple(order for order in orders if order.is_open), cursor=next_cursor(answer))


def _ours(operation: ListingOperation[Any], answer: Answer) -> list[tuple[Instrument, dict[str, Any]]]:
    """The rows of the product with their instruments, oldest first."""
    found = (
        (instrument_in(operation.listing, text(row, "symbol"), operation.product), row)
        for row in reversed(rows_of(answer))
    )
    return [(instrument, row) for instrument, row in found if instrument is not None]


# --- closed orders and fills: weeks, walked one after the other


class FetchClosedPage(FetchClosedOrders):
    """One page of one week; with a start there is an end too."""

    __slots__ = ()


class FetchFillPage(FetchFills):
    """One page of one week; with a start there is an end too."""

    __slots__ = ()


_WEEK_MS = 7 * 86_400_000


@frozen
class _Place:
    """Where a walk stands: in the week from `start_ms` on, at the venue's own cursor in it.

    Without a start it is the newest week, before `end_ms` if there is one.
    """

    start_ms: int | None
    end_ms: int | None
    inner: str = ""

    @property
    def cursor(self) -> str:
        return f"{_written(self.start_ms)}:{_written(self.end_ms)}:{self.inner}"

    @property
    def week(self) -> tuple[int, int] | None:
        """First millisecond, and the one after the last; None: as the venue chooses."""
        if self.end_ms is None:
            return None
        if self.start_ms is None:
            return self.end_ms - _WEEK_MS, self.end_ms
        return self.start_ms, min(self.start_ms + _WEEK_MS, self.end_ms)

    def after(self, cursor: str | None) -> _Place | None:
        """The next page of this week, else the next week; None at the end."""
        if cursor is not None:
            return _Place(self.start_ms, self.end_ms, cursor)
        if self.start_ms is None or self.end_ms is None or self.start_ms + _WEEK_MS >= self.end_ms:
            return None
        return _Place(self.start_ms + _WEEK_MS, self.end_ms)


def _written(ms: int | None) -> str:
    return "" if ms is None else str(ms)


def _place(operation: Listed) -> _Place:
    if operation.cursor is None:
        start, end = operation.start, operation.end
        return _Place(
            None if start is None else ceil_milliseconds(start), None if end is None else ceil_milliseconds(end)
        )
    start_text, _, rest = operation.cursor.partition(":")
    end_text, colon, inner = rest.partition(":")
    wrong = any(part and not is_digits(part, 15) for part in (start_text, end_text)) or (start_text and not end_text)
    if wrong or not colon:
        raise unsupported(VENUE, operation, "this cursor is not from a page of this list")
    return _Place(int(start_text) if start_text else None, int(end_text) if end_text else None, inner)


def closed_steps(operation: FetchClosedOrders) -> Steps[Page[Order]]:
    return (yield from _walk(operation, FetchClosedPage))


def fills_steps(operation: FetchFills) -> Steps[Page[Fill]]:
    return (yield from _walk(operation, FetchFillPage))


def _walk(operation: Listed, page: type[Any]) -> Steps[Page[Any]]:
    """One page. A walk without an end goes on until now, by the venue's clock."""
    start, end = operation.start, operation.end
    asked = {name: getattr(operation, name) for name in ("product", "instrument", "listing", "limit", "cursor")}
    if isinstance(operation, FetchFills):
        asked["venue_order_id"] = operation.venue_order_id
    if start is not None and end is None and operation.cursor is None and not asked.get("venue_order_id"):
        now: VenueTime = yield FetchServerTime(product=operation.product)
        end = moment(now.time_us + 1000, "now")
    if start is not None and end is not None and start >= end:
        return Page(items=())
    found: Page[Any] = yield page(**asked, start=start, end=end)
    return found


def closed_parameters(operation: FetchClosedOrders) -> Parameters:
    return {**instrument_or_all(operation), **_page(operation, _MOST_ORDERS)}


def parse_closed(operation: FetchClosedOrders, answer: Answer) -> Page[Order]:
    orders = (order_of(instrument, row) for instrument, row in _ours(operation, answer))
    closed = tuple(
        order
        for order in orders
        if order.status.is_final and _is_within(order.created_at, operation.start, operation.end)
    )
    return Page(items=closed, cursor=_following(operation, answer))


def fills_parameters(operation: FetchFills) -> Parameters:
    """An id makes the venue ignore everything else, the time included."""
    if operation.venue_order_id is not None:
        asked = {"orderId": operation.venue_order_id, "limit": str(_limit(operation, _MOST_FILLS))}
        inner = _place(operation).inner
        return {**category(operation), **asked, **({"cursor": inner} if inner else {})}
    return {**instrument_or_all(operation), "execType": "Trade", **_page(operation, _MOST_FILLS)}


def parse_fills(operation: FetchFills, answer: Answer) -> Page[Fill]:
    """Funding, liquidation, delivery and moved positions stand in the same list: they are no fills of orders."""
    fills = (fill_of(instrument, row) for instrument, row in _ours(operation, answer) if row.get("execType") == "Trade")
    kept = tuple(fill for fill in fills if _is_within(fill.time, operation.start, operation.end))
    return Page(items=kept, cursor=_following(operation, answer))


def _page(operation: Listed, most: int) -> Parameters:
    place = _place(operation)
    week = {} if place.week is None else {"startTime": str(place.week[0]), "endTime": str(place.week[1] - 1)}
    cursor = {"cursor": place.inner} if place.inner else {}
    return {**week, "limit": str(_limit(operation, most)), **cursor}


def _limit(operation: Listed, most: int) -> int:
    return min(operation.limit or most, most)


def _following(operation: Listed, answer: Answer) -> str | None:
    cursor = next_cursor(answer)
    if isinstance(operation, FetchFills) and operation.venue_order_id is not None:
        return None if cursor is None else _Place(None, None, cursor).cursor
    following = _place(operation).after(cursor)
    return None if following is None else following.cursor


def _is_within(when: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    return when is None or ((start is None or when >= start) and (end is None or when < end))


def fill_of(instrument: Instrument, row: Mapping[str, Any]) -> Fill:
    return Fill(
        instrument=instrument,
        trade_id=text(row, "execId"),
        venue_order_id=text(row, "orderId"),
        client_order_id=text_or_none(row, "orderLinkId"),
        side=choice(SIDE, text(row, "side"), "side"),
        price=decimal(row, "execPrice"),
        quantity=decimal(row, "execQty"),
        commission=_commission(instrument, row),
        liquidity=Liquidity.MAKER if flag(row, "isMaker") else Liquidity.TAKER,
        time=at_ms(row, "execTime"),
    )


def _commission(instrument: Instrument, row: Mapping[str, Any]) -> Commission | None:
    """Where no currency is named: linear pays in the settle currency, spot in what the order receives.

    A maker's rebate on spot comes in the other one of the pair.
    """
    amount = decimal_or_none(row, "execFee")
    if amount is None:
        return None
    is_rebate = flag(row, "isMaker") and (decimal_or_none(row, "feeRate") or amount) < 0
    receives_base = (choice(SIDE, text(row, "side"), "side") is Side.BUY) is not is_rebate
    usual = instrument.settle or (instrument.base if receives_base else instrument.quote)
    currency = text_or_none(row, "feeCurrency") or usual
    return Commission(currency=currency, amount=amount) if currency else None
