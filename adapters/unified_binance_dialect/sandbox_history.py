"""Own orders and fills at a door of a simulated venue: queries and lists with their windows. Changes nothing.

Sources: Binance spot `rest-api.md` (2026-07-21); USD-M pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import VenueFill, VenueOrder
from unified_binance_dialect.sandbox_calls import Call, Endpoint, Error, Refusal, Security, error
from unified_binance_dialect.sandbox_rows import Row, spot_fill, spot_order
from unified_binance_dialect.sandbox_spot import find

DAY_MS = 86_400_000
NOT_THERE = error(-2013, "Order does not exist.")
_MORE_THAN_A_DAY = error(-1127, "More than 24 hours between startTime and endTime.")


@frozen(kw_only=True)
class Lists:
    """How one door finds and shows what an account did. As it stands, a spot door."""

    find: Callable[[Call], VenueOrder | None] = find
    order_row: Callable[[Call, VenueOrder], Row] = spot_order
    fill_row: Callable[[Call, VenueFill], Row] = spot_fill
    records: Callable[[VenueOrder], bool] = lambda _order: True
    """Which orders it ever shows."""
    window_ms: int = DAY_MS
    too_long: Error = _MORE_THAN_A_DAY
    windowed: bool = False
    """Without times it shows the last window, and it refuses times in the wrong order."""
    fills_kept_ms: int | None = None

    # --- orders

    def get_order(self, call: Call) -> Row:
        """An order, open or closed, once queries show it."""
        order = self.find(call)
        if order is None or not call.engine.visible(order):
            raise NOT_THERE()
        return self.order_row(call, order)

    def get_open_order(self, call: Call) -> Row:
        """The same, of open orders only."""
        order = self.find(call)
        if order is None or not order.is_open or not call.engine.visible(order):
            raise NOT_THERE()
        return self.order_row(call, order)

    def open_orders(self, call: Call) -> list[Row]:
        found = call.engine.open_orders(call.account, call.door.product, call.instrument_if_any)
        return [self.order_row(call, order) for order in found if self.records(order)]

    def all_orders(self, call: Call) -> list[Row]:
        fields, limit = call.fields, call.fields.limit(500, 1000)
        start, end = self._window(call)
        first = fields.whole("orderId")
        every = call.engine.orders(call.account, call.door.product, call.instrument_if_any)
        found = [order for order in every if self.records(order)]
        if first is not None:
            page = [order for order in found if order.order_id >= first][:limit]
        else:
            found = [order for order in found if _inside(call, order.created_us, start, end)]
            page = found[-limit:] if "startTime" not in fields else found[:limit]
        return [self.order_row(call, order) for order in page]

    # --- fills

    def fills(self, call: Call) -> list[Row]:
        fields, limit = call.fields, call.fields.limit(500, 1000)
        first = fields.whole("fromId")
        if first is not None and ("startTime" in fields or "endTime" in fields):
            raise Refusal(-1128, "Combination of optional parameters invalid.")
        start, end = self._window(call)
        order_id = fields.whole("orderId")
        every = call.engine.fills(call.account, call.door.product, call.instrument_if_any, order_id=order_id)
        kept = [fill for fill in every if self._keeps(call, fill)]
        if first is not None:
            page = [fill for fill in kept if fill.trade_id >= first][:limit]
        else:
            kept = [fill for fill in kept if _inside(call, fill.time_us, start, end)]
            page = kept[-limit:] if "startTime" not in fields else kept[:limit]
        return [self.fill_row(call, fill) for fill in page]

    def _keeps(self, call: Call, fill: VenueFill) -> bool:
        return self.fills_kept_ms is None or fill.time_us >= call.engine.now_us - self.fills_kept_ms * 1000

    # --- windows

    def _window(self, call: Call) -> tuple[int | None, int | None]:
        """Start and end, ms. A start alone reaches one window on; nothing at all may mean the last window."""
        start, end = call.fields.whole("startTime"), call.fields.whole("endTime")
        if start is not None and end is not None:
            if start > end and self.windowed:
                raise Refusal(-1023, "Start time is greater than end time.")
            if end - start > self.window_ms:
                raise self.too_long()
        if start is not None and end is None:
            return start, start + self.window_ms
        if start is None and end is not None:
            return end - self.window_ms, end
        if start is None and self.windowed and "orderId" not in call.fields and "fromId" not in call.fields:
            return call.now_us // 1000 - self.window_ms, None
        return start, end


def _inside(call: Call, shown_us: int, start_ms: int | None, end_ms: int | None) -> bool:
    time_ms = (shown_us + call.door.ahead_us) // 1000
    return (start_ms is None or time_ms >= start_ms) and (end_ms is None or time_ms <= end_ms)


# --- for the tables

LIST = "orderId startTime endTime limit"
"""The parameters of every list."""


def private(path: str, answer: Callable[[Call], Any], takes: str = "", **more: Any) -> Endpoint:
    """A row of a table: a read of an account."""
    kind, security = RequestClass.PRIVATE_READ, Security.READ
    return Endpoint(method="GET", path=path, answer=answer, kind=kind, security=security, takes=takes, **more)
