"""What the simulated Bybit tells of orders and fills when it is asked: open, closed, executed. Changes nothing.

Source: Bybit V5, pages of order and execution (2026-07-24).
"""

from __future__ import annotations

from collections.abc import Callable

from unified.instrument import Product
from unified.order import OrderStatus
from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import VenueOrder
from unified_bybit.sandbox_calls import Answer, Call, Endpoint, Fields, Paged, Refusal, Right, page, wrong
from unified_bybit.sandbox_rows import fill_number, fill_row, order_id, order_row

MOST_CLOSED = 500
"""Closed orders that realtime remembers, by account and category."""
_FILTERS = ("Order", "StopOrder", "tpslOrder", "OcoOrder", "BidirectionalTpslOrder")
"""The last two have no orders here."""
_HISTORY_LAG_US = 300_000
_UNFILLED_KEPT_US = 86_400_000_000
"""History forgets orders that ended without a fill after a day."""


def filter_asked(fields: Fields, default: str) -> str:
    said = fields.get("orderFilter", default)
    if said and said not in _FILTERS:
        raise Refusal(170201, "Invalid orderFilter parameter.")
    return said


def filter_of(order: VenueOrder) -> str:
    if not order.order_type.is_stop or order.triggered:
        return "Order"
    return "StopOrder" if order.words["stop"] == "Stop" else order.words["stop"]


def _shown(call: Call, client_order_id: str | None = None) -> list[VenueOrder]:
    """The account's orders of the category that queries see, newest first: not those still on their way in."""
    orders = call.engine.orders(call.account, call.product, client_order_id=client_order_id)
    return [order for order in reversed(orders) if order.status is not OrderStatus.PENDING_NEW]


def _by_id(call: Call) -> list[VenueOrder] | None:
    """The one order of an id, if there is one; None where no id was sent. `orderId` wins."""
    fields = call.fields
    if "orderId" in fields:
        return [order for order in _shown(call) if order_id(order) == fields.get("orderId")]
    if "orderLinkId" in fields:
        return _shown(call, fields.get("orderLinkId"))
    return None


def _newest_closed(call: Call) -> list[VenueOrder]:
    """As far back as `realtime` shows them."""
    return [order for order in _shown(call) if not order.is_open][:MOST_CLOSED]


def _is_recent(call: Call, order: VenueOrder) -> bool:
    """Whether `realtime` shows an order that is closed."""
    return len(call.account.orders) <= MOST_CLOSED or order in _newest_closed(call)


def _order_list(call: Call, orders: list[VenueOrder]) -> Answer:
    wanted = filter_asked(call.fields, "")
    rows = [Paged(order.order_id, order) for order in orders if wanted in ("", filter_of(order))]
    shown, further = page(rows, call.fields, default=20, most=50)
    told = [order_row(order) for order in shown]
    return Answer(result={"list": told, "nextPageCursor": further, "category": call.fields.text("category")})


def realtime(call: Call) -> Answer:
    """Open orders, or with an id or `openOnly=1` the newest closed ones. Nothing found is an empty list."""
    fields = call.fields
    if call.product is Product.LINEAR and not any(name in fields for name in ("symbol", "baseCoin", "settleCoin")):
        raise wrong("symbol, baseCoin or settleCoin is required")
    items, found = call.listed(), _by_id(call)
    if found is not None:
        alive = [order for order in found if order.is_open]
        closed = [order for order in found if not order.is_open and _is_recent(call, order)]
        return _order_list(call, [*alive, *closed])
    chosen = _newest_closed(call) if fields.whole("openOnly") else [order for order in _shown(call) if order.is_open]
    return _order_list(call, [order for order in chosen if order.instrument in items])


def history(call: Call) -> Answer:
    """Closed orders of at most seven days, behind the engine by a moment."""
    now_us, items = call.engine.now_us, call.listed()
    begin_us, end_us = call.span_us(7)
    found = _by_id(call)
    if found is None:
        found = [
            order
            for order in _shown(call)
            if order.instrument in items
            and begin_us <= order.created_us
            and (end_us is None or order.created_us <= end_us)
        ]
    found = [order for order in found if not order.is_open and _in_history(order, now_us)]
    if "orderStatus" in call.fields:
        found = [order for order in found if order_row(order)["orderStatus"] == call.fields.get("orderStatus")]
    return _order_list(call, found)


def _in_history(order: VenueOrder, now_us: int) -> bool:
    """A clock that was set back hides nothing."""
    age_us = now_us - order.updated_us
    if 0 <= age_us < _HISTORY_LAG_US:
        return False
    return bool(order.filled_quantity) or age_us < _UNFILLED_KEPT_US


def executions(call: Call) -> Answer:
    """Fills, newest first. An order's id makes every other filter moot."""
    fields, engine = call.fields, call.engine
    begin_us, end_us = call.span_us(7)
    found = list(reversed(engine.fills(call.account, call.product)))
    if "orderId" in fields:
        found = [fill for fill in found if order_id(fill.order) == fields.get("orderId")]
    elif "orderLinkId" in fields:
        found = [fill for fill in found if fill.order.client_order_id == fields.get("orderLinkId")]
    else:
        items = call.listed() if fields.get("execType", "Trade") == "Trade" else []
        found = [
            fill
            for fill in found
            if fill.order.instrument in items
            and begin_us <= fill.time_us
            and (end_us is None or fill.time_us <= end_us)
        ]
    rates = engine.fees(call.account, call.product)
    rows = [
        Paged(
            fill_number(fill),
            fill_row(
                fill,
                engine.market(fill.order.instrument).mark,
                rates.maker if fill.liquidity.value == "maker" else rates.taker,
            ),
        )
        for fill in found
    ]
    shown, further = page(rows, fields, default=50, most=100)
    return Answer(result={"nextPageCursor": further, "category": fields.text("category"), "list": shown})


def _read(path: str, answer: Callable[[Call], Answer]) -> Endpoint:
    return Endpoint(method="GET", path=path, answer=answer, kind=RequestClass.PRIVATE_READ, right=Right.READ, rate=50)


QUERIES = (
    _read("/v5/order/realtime", realtime),
    _read("/v5/order/history", history),
    _read("/v5/execution/list", executions),
)
