"""What the holder of the key may ask the simulated Paper: balances, orders, fills."""

from __future__ import annotations

from typing import Any

from unified.instrument import Product
from unified.order import OrderType, Side, TimeInForce, Trigger
from unified.sandbox.dialect import RequestClass
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.wording import plain
from unified_paper.sandbox_calls import Call, Endpoint, Table
from unified_paper.sandbox_rows import balance_row, fill_row, order_row

PAGE = 100
"""Rows of one page of orders or fills."""


# --- the account


def balances(call: Call) -> Any:
    wallet = call.account.wallet(Product.SPOT)
    return {"balances": [balance_row(wallet, name) for name in sorted(wallet.total)]}


def fees(call: Call) -> Any:
    call.instrument()
    rates = call.engine.fees(call.account, Product.SPOT)
    return {"maker": plain(rates.maker), "taker": plain(rates.taker)}


def key(_call: Call) -> Any:
    return {"read": True, "trade": True}


# --- orders


def place(call: Call) -> Any:
    return order_row(call.engine.place(call.account, _asked(call)))


def test(call: Call) -> Any:
    call.engine.test(call.account, _asked(call))
    return {}


def show(call: Call) -> Any:
    return order_row(call.engine.query(call.account, **call.which()))


def cancel(call: Call) -> Any:
    order = call.engine.order(call.account, **call.which())
    return order_row(call.engine.cancel(call.account, order))


def amend(call: Call) -> Any:
    order = call.engine.order(call.account, **call.which())
    price, quantity = call.number("price"), call.number("quantity")
    return order_row(call.engine.amend(call.account, order, price=price, quantity=quantity))


def cancel_all(call: Call) -> Any:
    instrument = call.instrument() if "symbol" in call.fields else None
    call.engine.cancel_all(call.account, product=Product.SPOT, instrument=instrument)
    return {}


def open_orders(call: Call) -> Any:
    return _page("orders", [order_row(order) for order in _orders(call, is_open=True)], call)


def closed_orders(call: Call) -> Any:
    return _page("orders", [order_row(order) for order in _orders(call, is_open=False)], call)


def fills(call: Call) -> Any:
    found = [
        fill_row(fill)
        for fill in call.account.fills
        if call.about(fill.order.instrument)
        and call.fields.get("id") in (None, str(fill.order.order_id))
        and call.within(fill.time_us)
    ]
    return _page("fills", found, call)


def _orders(call: Call, *, is_open: bool) -> list[VenueOrder]:
    return [
        order
        for order in call.account.orders
        if order.is_open == is_open
        and call.engine.visible(order)
        and call.about(order.instrument)
        and call.within(order.created_us)
    ]


def _page(name: str, rows: list[dict[str, Any]], call: Call) -> Any:
    start = int(call.fields.get("cursor", "0"))
    more = len(rows) > start + PAGE
    return {name: rows[start : start + PAGE], "cursor": str(start + PAGE) if more else ""}


def _asked(call: Call) -> NewOrder:
    said = call.fields
    expires = said.get("expires_ms")
    return NewOrder(
        instrument=call.instrument(),
        side=Side(said["side"]),
        order_type=OrderType(said["type"]),
        quantity=call.number("quantity"),
        quote_quantity=call.number("quote_quantity"),
        price=call.number("price"),
        stop_price=call.number("stop_price"),
        trigger=Trigger(said["trigger"]) if "trigger" in said else None,
        time_in_force=TimeInForce(said.get("time_in_force", "gtc")),
        expires_us=None if expires is None else int(expires) * 1000,
        post_only=said.get("post_only") == "true",
        client_order_id=said["client_order_id"],
    )


_READ, _CANCEL = RequestClass.PRIVATE_READ, RequestClass.CANCEL
PRIVATE: Table = {
    ("GET", "/balances"): Endpoint(answer=balances, kind=_READ),
    ("GET", "/fees"): Endpoint(answer=fees, kind=_READ),
    ("GET", "/key"): Endpoint(answer=key, kind=_READ),
    ("POST", "/orders"): Endpoint(answer=place, kind=RequestClass.ORDER, orders=1),
    ("POST", "/orders/test"): Endpoint(answer=test, kind=_READ),
    ("GET", "/orders"): Endpoint(answer=show, kind=_READ),
    ("DELETE", "/orders"): Endpoint(answer=cancel, kind=_CANCEL),
    ("PUT", "/orders"): Endpoint(answer=amend, kind=RequestClass.WRITE, orders=1),
    ("DELETE", "/orders/open"): Endpoint(answer=cancel_all, kind=_CANCEL),
    ("GET", "/orders/open"): Endpoint(answer=open_orders, kind=_READ),
    ("GET", "/orders/closed"): Endpoint(answer=closed_orders, kind=_READ),
    ("GET", "/fills"): Endpoint(answer=fills, kind=_READ),
}
