"""Orders, account and settings of the simulated Bitzoom. Two settings are set by GET, as the venue has it.

Ids of clients are neither checked nor unique: the papers promise nothing. Source: bitzoom-futures/futures.doc,
examples/bitzoom.gateway.json at 42521de (2026-02-13) and docs/guides/place-order.md (after it).
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from attrs import evolve

from unified.account import MarginMode, PositionMode
from unified.instrument import Product
from unified.order import OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.sandbox.accounts import key_of
from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import fixed, plain
from unified_bitzoom.sandbox_calls import Call, Endpoint, Refusal
from unified_bitzoom.sandbox_rows import Row, fill, listed, placed, position

_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_TYPES = {
    "LIMIT": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP_MARKET,
    "TAKE_PROFIT_MARKET": OrderType.STOP_MARKET,
}
_TIFS = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK, "GTX": TimeInForce.GTC}
_POSITION_SIDES = {"LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
_MARGIN_TYPES = {"ISOLATED": MarginMode.ISOLATED, "CROSSED": MarginMode.CROSS}


# --- orders


def place(call: Call) -> Row:
    side: Side = call.word("side", _SIDES, -1116)
    native = str(call.fields.get("type"))
    order_type: OrderType = call.word("type", _TYPES, -1115)
    in_force: TimeInForce = call.word("timeInForce", _TIFS, -1114, TimeInForce.GTC)
    position_side: PositionSide | None = None
    if "positionSide" in call.fields:
        position_side = call.word("positionSide", _POSITION_SIDES, -2102)
    if (call.account.position_mode is PositionMode.HEDGE) is (position_side is None):
        raise Refusal(-2024, "Position side mismatch")
    profit = native.startswith("TAKE_PROFIT")
    rises = (side is Side.BUY) is not profit
    name = call.fields.get("clientOrderId")
    asked = NewOrder(
        instrument=call.instrument,
        side=side,
        order_type=order_type,
        quantity=call.number("quantity"),
        price=call.number("price"),
        stop_price=call.number("stopPrice"),
        trigger=(Trigger.RISES if rises else Trigger.FALLS) if order_type.is_stop else None,
        time_in_force=in_force,
        post_only=call.fields.get("timeInForce") == "GTX",
        reduce_only=call.fields.get("reduceOnly") is True,
        position_side=position_side,
        client_order_id=None if name is None else str(name),
        words={"type": native, "tif": str(call.fields.get("timeInForce", "GTC"))},
    )
    return placed(call.engine.place(call.account, asked))


def _named(call: Call) -> VenueOrder:
    """The order that a cancel names. Raises Refusal."""
    found: VenueOrder | None
    if "orderId" in call.fields:
        found = call.account.by_id.get(call.whole("orderId", 0))
    else:
        found = next(reversed(call.account.by_client_id.get(call.text("origClientOrderId"), [])), None)
    if found is None or found.instrument is not call.instrument:
        raise Refusal(-2011, "Order not found")
    return found


def cancel(call: Call) -> Row:
    order = _named(call)
    if not order.is_open:
        filled = order.quantity is not None and order.filled_quantity == order.quantity
        raise Refusal(-2013, "Order filled") if filled else Refusal(-2012, "Order cancelled")
    call.engine.cancel(call.account, order)
    return {"orderId": order.order_id}


def open_orders(call: Call) -> list[Row]:
    return [listed(order) for order in call.engine.open_orders(call.account, Product.LINEAR, call.instrument_if_any)]


def history(call: Call) -> Row:
    """Newest first, page by page."""
    every = call.engine.orders(call.account, Product.LINEAR, call.instrument_if_any)
    found = [listed(order) for order in reversed(every) if not order.is_open]
    return _page(call, found, "created_at")


def trades(call: Call) -> Row:
    found = call.engine.fills(call.account, Product.LINEAR, call.instrument_if_any)
    return _page(call, [fill(made) for made in reversed(found)], "time")


def _page(call: Call, found: list[Row], time: str) -> Row:
    start, end = call.whole("starttime", 0), call.whole("endtime", 0)
    within = [row for row in found if row[time] >= start and (not end or row[time] <= end)]
    limit, page = min(call.whole("limit", 100), 1000), call.whole("page", 1)
    return {"total": len(within), "rows": within[(page - 1) * limit : page * limit]}


# --- account


def balance(call: Call) -> list[Row]:
    total = call.account.margin.total.get("USDT", Decimal(0))
    free = max(call.engine.available(call.account, Product.LINEAR, "USDT"), Decimal(0))
    return [{"asset": "USDT", "balance": fixed(total, 8), "availableBalance": fixed(free, 8)}]


def commission(call: Call) -> Row:
    rates = call.engine.fees(call.account, Product.LINEAR)
    return {
        "symbol": call.instrument.symbol,
        "makerCommissionRate": plain(rates.maker),
        "takerCommissionRate": plain(rates.taker),
    }


def positions(call: Call) -> list[Row]:
    wanted = call.instrument_if_any
    found = call.engine.positions(call.account)
    return [position(call.engine, call.account, one) for one in found if wanted in (None, one.instrument)]


# --- settings


def leverage(call: Call) -> Row:
    """With a number above zero it sets; without one it reads."""
    item, wanted = call.instrument, call.whole("leverage", 0)
    if wanted:
        try:
            call.engine.set_leverage(call.account, item, Decimal(wanted))
        except EngineRefusal as refusal:
            if refusal.reason is not Reason.NO_CHANGE:
                raise
    return {"symbol": item.symbol, "leverage": int(call.account.leverage_of(item))}


def margin_type(call: Call) -> Row:
    """With a word it sets; without one it reads."""
    item = call.instrument
    now = call.account.margin_modes.get(key_of(item), MarginMode.CROSS)
    if call.fields.get("marginType"):
        wanted: MarginMode = call.word("marginType", _MARGIN_TYPES, -1130)
        if wanted is now:
            raise Refusal(-2200, "Margin type already set")
        try:
            call.engine.set_margin_mode(call.account, item, wanted)
        except EngineRefusal as refusal:
            raise Refusal(-2201, "Cannot change margin type") from refusal
        now = wanted
    return {"symbol": item.symbol, "marginType": "ISOLATED" if now is MarginMode.ISOLATED else "CROSSED"}


def position_mode(call: Call) -> Row:
    hedge = call.fields.get("dualSidePosition")
    if not isinstance(hedge, bool):
        raise Refusal(-1130, "Invalid data in 'dualSidePosition'")
    wanted = PositionMode.HEDGE if hedge else PositionMode.ONE_WAY
    if call.account.position_mode is wanted:
        raise Refusal(-2100, "Position mode already set")
    call.engine.set_position_mode(call.account, wanted)
    return {}


_read = partial(Endpoint, method="GET", kind=RequestClass.PRIVATE_READ, signed=True)
_change = partial(Endpoint, signed=True, changes=True)

CANCEL = _change(method="DELETE", path="/api/v1/deleteorder", answer=cancel, kind=RequestClass.CANCEL)
"""As the gateway's specification has it."""
CANCEL_BY_GUIDE = evolve(CANCEL, path="/api/v1/order", by_guide=True)
"""As the guides have it; the specification knows no such call."""

PRIVATE = (
    _change(method="POST", path="/api/v1/order", answer=place, kind=RequestClass.ORDER, by_guide=True),
    CANCEL,
    _read(path="/api/v1/openorders", answer=open_orders),
    _read(path="/api/v1/historyorder", answer=history),
    _read(path="/api/v1/historytrade", answer=trades),
    _read(path="/api/v1/balance", answer=balance),
    _read(path="/api/v1/commissionrate", answer=commission),
    _read(path="/api/v1/positionrisk", answer=positions),
    _change(method="GET", path="/api/v1/leverage", answer=leverage, kind=RequestClass.WRITE),
    _change(method="GET", path="/api/v1/margintype", answer=margin_type, kind=RequestClass.WRITE),
    _change(
        method="POST", path="/api/v1/positionSide/dual", answer=position_mode, kind=RequestClass.WRITE, by_guide=True
    ),
)
