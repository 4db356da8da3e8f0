"""Closed orders and own fills, walked page by page so that nothing between two moments is skipped.

The venue gives them by windows of time (a day on spot, a week on USD-M) or from an id on. A walk goes window by
window, and from a page that came back full it goes on by id. Signs nothing.

Source: Binance spot rest-api.md (2026-07-21), USD-M trade pages (2026-05-28) and change log (2026-08-26).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from attrs import evolve

from unified.account import VenueTime
from unified.adapter import Steps
from unified.instrument import Product
from unified.operations import FetchClosedOrders, FetchFills, FetchServerTime, Page
from unified.order import Fill, Order
from unified.values import frozen
from unified.wire import Json, ceil_milliseconds, integer, is_digits, moment, obj, rows
from unified_binance_dialect.auth import Parameters, cannot
from unified_binance_dialect.rows import fill_of, instrument_of, order_of

Listed = FetchClosedOrders | FetchFills
Item = TypeVar("Item", Order, Fill)

_MOST = 1000
"""Rows a page, on both products and for all of these lists."""
_END_OF_TIME_MS = 4_102_444_800_000  # the year 2100: where a walk by id alone ends
_DAY_MS = 86_400_000
_WINDOW_MS = {Product.SPOT: _DAY_MS, Product.LINEAR: 7 * _DAY_MS}


class FetchClosedResting(FetchClosedOrders):
    """One page of the main door."""

    __slots__ = ()


class FetchFillPage(FetchFills):
    """One page of fills."""

    __slots__ = ()


# --- where a walk stands


@frozen
class Place:
    """The next request of a walk that ends at `end_ms`: a window from `start_ms`, or the ids from `from_id` on."""

    end_ms: int
    start_ms: int | None = None
    from_id: int | None = None

    def cursor(self) -> str:
        return f"t{self.start_ms}-{self.end_ms}" if self.from_id is None else f"i{self.from_id}-{self.end_ms}"


def place_of(operation: Listed) -> Place | None:
    """Where this page stands; None for the newest rows, which is what a call without a start asks for."""
    if operation.cursor:
        start, _, end = operation.cursor[1:].partition("-")
        if not (operation.cursor[0] in "ti" and is_digits(start, 19) and is_digits(end, 19)):
            raise cannot(operation, "this cursor is not from a page of this list")
        by_id = operation.cursor[0] == "i"
        return Place(int(end), None if by_id else int(start), int(start) if by_id else None)
    if isinstance(operation, FetchFills) and operation.venue_order_id is not None:
        return Place(_END_OF_TIME_MS, from_id=0)
    if operation.start is None or operation.end is None:
        return None
    return Place(ceil_milliseconds(operation.end), ceil_milliseconds(operation.start))


def walk(operation: Listed, pages: Sequence[type[Any]]) -> Steps[Page[Any]]:
    """One page. The lists of `pages` are walked one after the other; the cursor begins with the one it is in.

    Without an end the walk ends now, by the venue's clock.
    """
    number, _, inner = (operation.cursor or "0:").partition(":")
    if not is_digits(number, 19) or int(number) >= len(pages):
        raise cannot(operation, "this cursor is not from a page of this list")
    end = operation.end
    if operation.start is not None and end is None and not inner:
        now: VenueTime = yield FetchServerTime(product=operation.product)
        end = moment(now.time_us, "server time")
    asked = {name: getattr(operation, name) for name in ("product", "instrument", "listing", "start", "limit")}
    if isinstance(operation, FetchFills):
        asked["venue_order_id"] = operation.venue_order_id
    page: Page[Any] = yield pages[int(number)](**asked, end=end, cursor=inner or None)
    if page.cursor is not None:
        return evolve(page, cursor=f"{number}:{page.cursor}")
    following = int(number) + 1
    return evolve(page, cursor=f"{following}:" if following < len(pages) else None)


def closed_steps(operation: FetchClosedOrders) -> Steps[Page[Order]]:
    return (yield from walk(operation, (FetchClosedResting,)))


def fills_steps(operation: FetchFills) -> Steps[Page[Fill]]:
    return (yield from walk(operation, (FetchFillPage,)))


# --- one page


def closed_parameters(operation: FetchClosedOrders) -> Parameters:
    return list_parameters(operation, "orderId")


def fills_parameters(operation: FetchFills) -> Parameters:
    """Of one order, which needs no window, or of a symbol."""
    if operation.venue_order_id is None:
        return list_parameters(operation, "fromId")
    asked = {"symbol": _symbol(operation), "orderId": operation.venue_order_id, "limit": str(_limit(operation))}
    place = place_of(operation)
    return {**asked, "fromId": str(place.from_id)} if place is not None and place.from_id else asked


def list_parameters(operation: Listed, id_name: str) -> Parameters:
    """One page of a list whose ids go by this name."""
    asked = {"symbol": _symbol(operation), "limit": str(_limit(operation))}
    place = place_of(operation)
    if place is None:
        end = None if operation.end is None else ceil_milliseconds(operation.end)
        return asked if end is None else {**asked, "endTime": str(end - 1)}
    if place.start_ms is None:
        return {**asked, id_name: str(place.from_id)}
    # Both ends are included, and a window may not be longer than the venue's.
    return {**asked, "startTime": str(place.start_ms), "endTime": str(_window_end(operation, place) - 1)}


def _symbol(operation: Listed) -> str:
    if operation.instrument is None:
        raise cannot(operation, f"{operation.name} is asked for symbol by symbol; give an instrument")
    return operation.instrument.symbol


def _limit(operation: Listed) -> int:
    return min(operation.limit or _MOST, _MOST)


def _window_end(operation: Listed, place: Place) -> int:
    return min((place.start_ms or 0) + _WINDOW_MS[operation.product], place.end_ms)


def parse_closed(operation: FetchClosedOrders, answer: Json) -> Page[Order]:
    orders = (order_of(instrument_of(operation, row), row) for row in _objects(answer))
    closed = (order for order in orders if order.status.is_final)
    return page_of(operation, closed, answer, "orderId", "time", lambda order: order.created_at)


def parse_fills(operation: FetchFills, answer: Json) -> Page[Fill]:
    fills = (fill_of(instrument_of(operation, row), row) for row in _objects(answer))
    return page_of(operation, fills, answer, "id", "time", lambda fill: fill.time)


def page_of(
    operation: Listed,
    items: Iterable[Item],
    answer: Json,
    id_key: str,
    time_key: str,
    time_of: Callable[[Item], datetime | None],
) -> Page[Item]:
    """The rows that lie within the walk, and where it goes on. Rows come oldest first, ids rise with time."""
    place = place_of(operation)
    end = operation.end if place is None else moment(place.end_ms * 1000, "cursor")
    kept = tuple(item for item in items if _is_within(time_of(item), operation.start, end))
    following = None if place is None else _after(operation, place, _objects(answer), id_key, time_key)
    return Page(items=kept, cursor=None if following is None else following.cursor())


def _after(
    operation: Listed, place: Place, found: Sequence[dict[str, Any]], id_key: str, time_key: str
) -> Place | None:
    """Where the walk goes on after these rows; None at its end."""
    if len(found) >= _limit(operation):
        last = max(found, key=lambda row: integer(row, id_key))
        is_over = integer(last, time_key) >= place.end_ms
        return None if is_over else Place(place.end_ms, from_id=integer(last, id_key) + 1)
    if place.start_ms is None or _window_end(operation, place) >= place.end_ms:
        return None
    return Place(place.end_ms, start_ms=_window_end(operation, place))


def _is_within(time: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    return time is None or ((start is None or time >= start) and (end is None or time < end))


def _objects(answer: Json) -> list[dict[str, Any]]:
    return [obj(row, "list[]") for row in rows(answer)]
