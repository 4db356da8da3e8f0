"""Orders at the simulated Bybit: placed, amended, cancelled, one by one and in batches.

A success is an acknowledgement: the engine acts some milliseconds later. What an order may be stands in
`sandbox_order_terms.py`, the queries in `sandbox_queries.py`. Source: Bybit V5, pages of order (2026-07-24).
"""

from __future__ import annotations

from collections.abc import Callable

from unified.instrument import ZERO, Product
from unified.order import OrderStatus
from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_bybit.sandbox_calls import Answer, Call, Endpoint, Fields, Refusal, Right, Row, wrong
from unified_bybit.sandbox_order_terms import NOT_SIMULATED, new_order, within_limits
from unified_bybit.sandbox_queries import MOST_CLOSED, QUERIES, filter_asked, filter_of
from unified_bybit.sandbox_refusals import refusal_of
from unified_bybit.sandbox_rows import order_id

_MOST_IN_BATCH = {Product.SPOT: 10, Product.LINEAR: 20}


# --- placing


def _place(call: Call, fields: Fields) -> VenueOrder:
    asked = new_order(call, fields)
    if asked.post_only and asked.instrument.settle is None:
        _check_maker_only(call, asked)
    order = call.engine.place(call.account, asked)
    call.records.orders[order_id(order)] = order
    return order


def _check_maker_only(call: Call, asked: NewOrder) -> None:
    """Spot sees it at once if it can; what crosses only when it reaches the engine ends there, as in contracts."""
    taken = call.account.by_client_id.get(asked.client_order_id or "")
    if not taken and call.engine.market(asked.instrument).book.crosses(asked.side, asked.price):
        raise EngineRefusal(Reason.WOULD_TAKE, str(asked.price))


def _ids(order: VenueOrder) -> Row:
    return {"orderId": order_id(order), "orderLinkId": order.client_order_id or ""}


def create(call: Call) -> Answer:
    return Answer(result=_ids(_place(call, call.fields)))


def pre_check(call: Call) -> Answer:
    """What the order would do to the margin rates; contracts only, no conditional orders."""
    if call.product is Product.SPOT or "triggerPrice" in call.fields:
        raise wrong("not supported")
    asked = new_order(call, call.fields)
    call.engine.test(call.account, asked)
    before = call.engine.margin_in_use(call.account, "USDT")
    value = (asked.quantity or ZERO) * (asked.price or call.engine.market(asked.instrument).mark)
    after = before + value / call.account.leverage_of(asked.instrument)
    equity = call.account.margin.total.get("USDT", ZERO) + call.engine.unrealized(call.account, "USDT")
    rates = [int(margin / equity * 10_000) if equity > ZERO else 0 for margin in (before, after)]
    return Answer(
        result={
            "orderId": "",
            "orderLinkId": asked.client_order_id or "",
            "preImrE4": rates[0],
            "preMmrE4": rates[0] // 10,
            "postImrE4": rates[1],
            "postMmrE4": rates[1] // 10,
        }
    )


# --- finding


def _find(call: Call, fields: Fields) -> VenueOrder:
    """The order of a write, by `orderId` before `orderLinkId`. Spot finds stops only under their filter."""
    item = call.engine.instrument(call.product, fields.text("symbol"))
    native, link = fields.get("orderId"), fields.get("orderLinkId")
    if not native and not link:
        raise wrong("orderId or orderLinkId is required")
    found = call.records.orders.get(native) if native else call.engine.order(call.account, client_order_id=link)
    if found is None or found.account != call.account.name or found.instrument is not item:
        raise EngineRefusal(Reason.NOT_FOUND, native or link)
    if item.settle is None and filter_of(found) != filter_asked(fields, "Order"):
        raise EngineRefusal(Reason.NOT_FOUND, native or link)
    return found


# --- cancelling and amending


def _cancel(call: Call, fields: Fields) -> VenueOrder:
    return call.engine.cancel(call.account, _find(call, fields))


def cancel(call: Call) -> Answer:
    return Answer(result=_ids(_cancel(call, call.fields)))


def cancel_all(call: Call) -> Answer:
    """Contracts need a symbol or a coin; spot cancels plain orders unless a filter says otherwise."""
    is_spot = call.product is Product.SPOT
    if not is_spot and not any(name in call.fields for name in ("symbol", "baseCoin", "settleCoin")):
        raise wrong("symbol, baseCoin or settleCoin is required")
    wanted = filter_asked(call.fields, "Order" if is_spot else "")
    items = call.listed()
    chosen = [
        order
        for order in tuple(call.account.open.values())
        if order.instrument in items
        and order.status is not OrderStatus.PENDING_CANCEL
        and wanted in ("", filter_of(order))
    ]
    done = [call.engine.cancel(call.account, order) for order in chosen[:MOST_CLOSED]]
    return Answer(result={"list": [_ids(order) for order in done], "success": "1"})


def _amend(call: Call, fields: Fields) -> VenueOrder:
    order = _find(call, fields)
    for name in ("triggerPrice", *NOT_SIMULATED):
        if name in fields:
            raise wrong(f"{name} is not simulated")
    wanted, item = fields.number("qty"), order.instrument
    if wanted is not None and wanted <= order.filled_quantity:
        code = 170313 if item.settle is None else 110064
        raise Refusal(code, "The quantity must be greater than what is filled.")
    limit = fields.number("price")
    if limit is not None and not order.order_type.is_stop:
        limit = within_limits(call, item, order.side, limit)
    try:
        return call.engine.amend(call.account, order, price=limit, quantity=wanted)
    except EngineRefusal as refusal:
        if refusal.reason in (Reason.NOT_FOUND, Reason.ALREADY_CLOSED) and item.settle is not None:
            raise Refusal(110001, "order not exists or too late to replace") from None
        if refusal.reason is Reason.BAD_ORDER and item.settle is None:
            raise Refusal(170312, "This order cannot be amended.") from None
        raise


def amend(call: Call) -> Answer:
    return Answer(result=_ids(_amend(call, call.fields)))


# --- batches


def _batch(call: Call, act: Callable[[Call, Fields], VenueOrder]) -> Answer:
    """Two parallel lists: the outer code is zero whatever becomes of the items."""
    product, items = call.product, call.fields.items("request")
    if len(items) > _MOST_IN_BATCH[product]:
        raise wrong(f"the batch holds more than {_MOST_IN_BATCH[product]} orders")
    results, codes = [], []
    for item in items:
        told: Row = {"category": call.fields.text("category"), "symbol": item.get("symbol")}
        try:
            order = _one_of_batch(call, item, act)
            told |= {**_ids(order), "createAt": str(order.created_us // 1000)}
            codes.append({"code": 0, "msg": "OK"})
        except Refusal as refusal:
            told |= {"orderId": "", "orderLinkId": item.get("orderLinkId"), "createAt": ""}
            codes.append({"code": refusal.code, "msg": refusal.message})
        results.append(told)
    return Answer(result={"list": results}, extra={"list": codes})


def _one_of_batch(call: Call, item: Fields, act: Callable[[Call, Fields], VenueOrder]) -> VenueOrder:
    """What does not fit under the limit fails by itself; those before it pass."""
    if not call.admit():
        raise Refusal(10006, "Too many visits. Exceeded the API Rate Limit.")
    try:
        return act(call, item)
    except EngineRefusal as refusal:
        raise refusal_of(refusal, call.product) from None


def create_batch(call: Call) -> Answer:
    return _batch(call, _place)


def cancel_batch(call: Call) -> Answer:
    return _batch(call, _cancel)


def amend_batch(call: Call) -> Answer:
    return _batch(call, _amend)


# --- the table


def _write(
    path: str, answer: Callable[[Call], Answer], kind: RequestClass, spot_rate: int = 20, *, by_order: bool = False
) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"/v5/order/{path}",
        answer=answer,
        kind=kind,
        right=Right.TRADE,
        rate=10,
        spot_rate=spot_rate,
        by_order=by_order,
    )


ORDERS = (
    _write("create", create, RequestClass.ORDER),
    _write("cancel", cancel, RequestClass.CANCEL),
    _write("cancel-all", cancel_all, RequestClass.CANCEL),
    _write("amend", amend, RequestClass.WRITE, 10),
    _write("create-batch", create_batch, RequestClass.ORDER, by_order=True),
    _write("cancel-batch", cancel_batch, RequestClass.CANCEL, by_order=True),
    _write("amend-batch", amend_batch, RequestClass.WRITE, by_order=True),
    _write("pre-check", pre_check, RequestClass.PRIVATE_READ),
    *QUERIES,
)
"""Rates: Bybit V5 "Rate Limit Rules" (2026-05-22), default tier."""
