"""The order endpoints of the simulated Bybit: place, amend, cancel, one by one and in batches, and the queries.

A success of a write is an acknowledgement: the engine acts some milliseconds later. Parameters and checks: Bybit V5
pages of order (2026-07-24). TP/SL of an order, spot margin and RPI orders are not simulated, and refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from unified.account import PositionMode
from unified.instrument import ZERO, Instrument, Product
from unified.order import OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import NewOrder, SelfTrade, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_bybit.sandbox_calls import Answer, Call, Endpoint, Fields, Paged, Refusal, Right, Row, page, wrong
from unified_bybit.sandbox_market import price_limits
from unified_bybit.sandbox_refusals import refusal_of
from unified_bybit.sandbox_rows import fill_number, fill_row, order_id, order_row, price

_SIDES = {"Buy": Side.BUY, "Sell": Side.SELL}
_TIMES = {"GTC": TimeInForce.GTC, "PostOnly": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}
_TYPES = {
    ("Limit", False): OrderType.LIMIT,
    ("Market", False): OrderType.MARKET,
    ("Limit", True): OrderType.STOP_LIMIT,
    ("Market", True): OrderType.STOP_MARKET,
}
_SELF_TRADES = {
    "None": SelfTrade.ALLOW,
    "CancelMaker": SelfTrade.CANCEL_MAKER,
    "CancelTaker": SelfTrade.CANCEL_TAKER,
    "CancelBoth": SelfTrade.CANCEL_BOTH,
}
_FILTERS = ("Order", "StopOrder", "tpslOrder", "OcoOrder", "BidirectionalTpslOrder")
"""The last two have no orders here."""
_INDEXES = {0: None, 1: PositionSide.LONG, 2: PositionSide.SHORT}
_TRIGGERS = {1: Trigger.RISES, 2: Trigger.FALLS}
_LINK_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")
_NOT_SIMULATED = ("takeProfit", "stopLoss", "slippageTolerance")
_SLIPPAGE = Decimal("0.05")
"""How far from the last price the limit lies into which the venue turns a market order in a contract."""
_MOST_IN_BATCH = {Product.SPOT: 10, Product.LINEAR: 20}
_MOST_CLOSED = 500
"""Closed orders that realtime remembers, by account and category."""
_HISTORY_LAG_US = 300_000
_UNFILLED_KEPT_US = 86_400_000_000
"""History forgets orders that ended without a fill after a day."""

# --- what is asked


def new_order(call: Call, fields: Fields) -> NewOrder:
    """The order of a create, checked as the venue checks before it acknowledges."""
    item = call.engine.instrument(call.product, fields.text("symbol"))
    _check_simulated(fields, item)
    native, is_stop = fields.text("orderType"), "triggerPrice" in fields
    if native not in ("Limit", "Market"):
        raise Refusal(170116, "Invalid orderType.") if item.settle is None else wrong("OrderType invalid")
    side = fields.word("side", _SIDES)
    tif = "IOC" if native == "Market" else fields.get("timeInForce", "GTC")
    if tif not in _TIMES:
        raise Refusal(170115, "Invalid timeInForce.") if item.settle is None else wrong("TimeInForce invalid")
    by_quote = _is_by_quote(fields, item, side, native, is_stop=is_stop)
    position_side = _position_side(call, fields, item)
    limit = _needed(fields, "price") if native == "Limit" else None
    asked = _needed(fields, "qty")
    if asked == ZERO and item.settle is not None and fields.flag("reduceOnly") and fields.flag("closeOnTrigger"):
        asked = _whole_position(call, item, side, position_side)
    return NewOrder(
        instrument=item,
        side=side,
        order_type=_TYPES[native, is_stop],
        quantity=None if by_quote else asked,
        quote_quantity=asked if by_quote else None,
        price=limit if is_stop or limit is None else _within_limits(call, item, side, limit),
        stop_price=fields.number("triggerPrice"),
        trigger=_trigger(call, fields, item) if is_stop else None,
        time_in_force=_TIMES[tif],
        post_only=tif == "PostOnly",
        reduce_only=item.settle is not None and fields.flag("reduceOnly"),
        position_side=position_side,
        client_order_id=_link_id(fields),
        self_trade=fields.word("smpType", _SELF_TRADES, "None"),
        words={
            "type": native,
            "tif": tif,
            "stop": _stop_word(fields, item) if is_stop else "",
            "by": fields.get("triggerBy", "LastPrice") if is_stop else "",
            "close": str(fields.flag("closeOnTrigger")).lower(),
            "unit": _unit(item, native, by_quote=by_quote),
            "last": price(item, call.engine.market(item).last),
            "bound": _bound(call, item, side),
        },
    )


def _needed(fields: Fields, name: str) -> Decimal:
    found = fields.number(name)
    if found is None:
        raise wrong(f"{name} is required")
    return found


def _whole_position(call: Call, item: Instrument, side: Side, position_side: PositionSide | None) -> Decimal:
    closable = call.account.position(item, position_side).closable(side)
    if not closable:
        raise EngineRefusal(Reason.REDUCE_ONLY, "nothing to close")
    return closable


def _check_simulated(fields: Fields, item: Instrument) -> None:
    for name in _NOT_SIMULATED:
        if name in fields:
            raise wrong(f"{name} is not simulated")
    if fields.whole("isLeverage"):
        raise Refusal(170036, "Spot margin trading is not enabled.")
    if fields.get("timeInForce") == "RPI":
        raise Refusal(170355 if item.settle is None else 110119, "RPI orders are for approved market makers.")


def _is_by_quote(fields: Fields, item: Instrument, side: Side, native: str, *, is_stop: bool) -> bool:
    """Only spot market orders may be; a buy is unless it says otherwise."""
    if item.settle is not None or native != "Market":
        return False
    default = "quoteCoin" if side is Side.BUY else "baseCoin"
    by_quote = fields.word("marketUnit", {"baseCoin": False, "quoteCoin": True}, default)
    if by_quote and is_stop:
        raise wrong("marketUnit quoteCoin of a stop is not simulated")
    return by_quote


def _position_side(call: Call, fields: Fields, item: Instrument) -> PositionSide | None:
    index = fields.whole("positionIdx") or 0
    if item.settle is None:
        return None
    is_hedge = call.account.position_mode is PositionMode.HEDGE
    if index not in _INDEXES or is_hedge is (index == 0):
        raise Refusal(10001, "position idx not match position mode")
    return _INDEXES[index]


def _link_id(fields: Fields) -> str | None:
    said = fields.get("orderLinkId")
    if said and _LINK_ID.fullmatch(said) is None:
        raise wrong("OrderLinkId invalid" if len(said) <= 36 else "order link id is longer than 36")
    return said or None


def _trigger(call: Call, fields: Fields, item: Instrument) -> Trigger:
    """Spot has no direction: it lies where the trigger price lies."""
    level, last = fields.number("triggerPrice") or ZERO, call.engine.market(item).last
    if item.settle is None:
        return Trigger.RISES if level > last else Trigger.FALLS
    direction = _TRIGGERS.get(fields.whole("triggerDirection") or 0)
    if direction is None:
        raise wrong("TriggerDirection invalid")
    if direction is Trigger.RISES and level <= last:
        raise Refusal(110092, f"expect Rising, but trigger_price[{_scaled(level)}] <= current[{_scaled(last)}]")
    if direction is Trigger.FALLS and level >= last:
        raise Refusal(110093, f"expect Falling, but trigger_price[{_scaled(level)}] >= current[{_scaled(last)}]")
    return direction


def _scaled(value: Decimal) -> int:
    """As the venue's texts write prices of contracts."""
    return int(value * 10_000)


def _stop_word(fields: Fields, item: Instrument) -> str:
    if item.settle is not None:
        return "Stop"
    said = fields.get("orderFilter", "Order")
    if said not in ("StopOrder", "tpslOrder"):
        raise Refusal(170201, "Invalid orderFilter parameter.")
    return "Stop" if said == "StopOrder" else said


def _within_limits(call: Call, item: Instrument, side: Side, asked: Decimal) -> Decimal:
    """Beyond the price limit spot refuses, while contracts move the price to it; the account may have it otherwise."""
    highest, lowest = price_limits(call, item)
    kept = min(asked, highest) if side is Side.BUY else max(asked, lowest)
    moves = not call.records.kept_prices.get((call.account.name, item.product), item.settle is None)
    if kept == asked or moves:
        return kept
    word, code = ("higher", 0) if side is Side.BUY else ("lower", 1)
    text = f"{word} than {price(item, kept)}{item.quote}."
    if item.settle is None:
        raise Refusal((170193, 170194)[code], f"{side.value.capitalize()} order price cannot be {text}")
    raise Refusal((110121, 110120)[code], f"Order price cannot be {text}")


def _unit(item: Instrument, native: str, *, by_quote: bool) -> str:
    if item.settle is not None or native != "Market":
        return ""
    return "quoteCoin" if by_quote else "baseCoin"


def _bound(call: Call, item: Instrument, side: Side) -> str:
    """What an order without a price shows: contracts the limit that a market order has become."""
    last = call.engine.market(item).last
    return "0" if item.settle is None else price(item, last * (1 + (_SLIPPAGE if side is Side.BUY else -_SLIPPAGE)))


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
    if item.settle is None and _filter_of(found) != _filter(fields, "Order"):
        raise EngineRefusal(Reason.NOT_FOUND, native or link)
    return found


def _filter(fields: Fields, default: str) -> str:
    said = fields.get("orderFilter", default)
    if said and said not in _FILTERS:
        raise Refusal(170201, "Invalid orderFilter parameter.")
    return said


def _filter_of(order: VenueOrder) -> str:
    if not order.order_type.is_stop or order.triggered:
        return "Order"
    return "StopOrder" if order.words["stop"] == "Stop" else order.words["stop"]


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
    wanted = _filter(call.fields, "Order" if is_spot else "")
    items = call.listed()
    chosen = [
        order
        for order in tuple(call.account.open.values())
        if order.instrument in items
        and order.status is not OrderStatus.PENDING_CANCEL
        and wanted in ("", _filter_of(order))
    ]
    done = [call.engine.cancel(call.account, order) for order in chosen[:_MOST_CLOSED]]
    return Answer(result={"list": [_ids(order) for order in done], "success": "1"})


def _amend(call: Call, fields: Fields) -> VenueOrder:
    order = _find(call, fields)
    for name in ("triggerPrice", *_NOT_SIMULATED):
        if name in fields:
            raise wrong(f"{name} is not simulated")
    wanted, item = fields.number("qty"), order.instrument
    if wanted is not None and wanted <= order.filled_quantity:
        code = 170313 if item.settle is None else 110064
        raise Refusal(code, "The quantity must be greater than what is filled.")
    limit = fields.number("price")
    if limit is not None and not order.order_type.is_stop:
        limit = _within_limits(call, item, order.side, limit)
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


# --- queries


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
    return [order for order in _shown(call) if not order.is_open][:_MOST_CLOSED]


def _is_recent(call: Call, order: VenueOrder) -> bool:
    """Whether `realtime` shows an order that is closed."""
    return len(call.account.orders) <= _MOST_CLOSED or order in _newest_closed(call)


def _order_list(call: Call, orders: list[VenueOrder]) -> Answer:
    wanted = _filter(call.fields, "")
    rows = [Paged(order.order_id, order) for order in orders if wanted in ("", _filter_of(order))]
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


def _read(path: str, answer: Callable[[Call], Answer]) -> Endpoint:
    return Endpoint(method="GET", path=path, answer=answer, kind=RequestClass.PRIVATE_READ, right=Right.READ, rate=50)


ORDERS = (
    _write("create", create, RequestClass.ORDER),
    _write("cancel", cancel, RequestClass.CANCEL),
    _write("cancel-all", cancel_all, RequestClass.CANCEL),
    _write("amend", amend, RequestClass.WRITE, 10),
    _write("create-batch", create_batch, RequestClass.ORDER, by_order=True),
    _write("cancel-batch", cancel_batch, RequestClass.CANCEL, by_order=True),
    _write("amend-batch", amend_batch, RequestClass.WRITE, by_order=True),
    _write("pre-check", pre_check, RequestClass.PRIVATE_READ),
    _read("/v5/order/realtime", realtime),
    _read("/v5/order/history", history),
    _read("/v5/execution/list", executions),
)
"""Rates: Bybit V5 "Rate Limit Rules" (2026-05-22), default tier."""
