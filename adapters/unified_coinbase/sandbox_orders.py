"""What an order sent to the simulated Coinbase asks for, read from its configuration. Places nothing.

One key of `order_configuration` tells type and time in force. Spot only. Market orders fill-or-kill are refused as
the venue refuses them; bracket, TWAP and scaled orders, and limit orders by quote amount, are not simulated and
answer as a configuration that the product does not support.
"""

from __future__ import annotations

from decimal import Decimal

import orjson
from attrs import frozen

from unified.instrument import ZERO
from unified.order import OrderType, Side, TimeInForce, Trigger
from unified.sandbox.orders import NewOrder
from unified.sandbox.wording import microseconds
from unified_coinbase.sandbox_calls import ApiError, Body, Call, invalid
from unified_coinbase.sandbox_refusals import (
    BAD_PRICE,
    BAD_PRODUCT,
    BAD_SIDE,
    BAD_STOP_PRICE,
    NO_END_TIME,
    NOT_NUMERIC,
    POST_ONLY_FOK,
    UNSUPPORTED,
    OrderRefused,
)


@frozen
class _Kind:
    order_type: OrderType
    time_in_force: TimeInForce


_KINDS = {
    "market_market_ioc": _Kind(OrderType.MARKET, TimeInForce.IOC),
    "limit_limit_gtc": _Kind(OrderType.LIMIT, TimeInForce.GTC),
    "limit_limit_gtd": _Kind(OrderType.LIMIT, TimeInForce.GTD),
    "limit_limit_fok": _Kind(OrderType.LIMIT, TimeInForce.FOK),
    "sor_limit_ioc": _Kind(OrderType.LIMIT, TimeInForce.IOC),
    "stop_limit_stop_limit_gtc": _Kind(OrderType.STOP_LIMIT, TimeInForce.GTC),
    "stop_limit_stop_limit_gtd": _Kind(OrderType.STOP_LIMIT, TimeInForce.GTD),
}
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_TRIGGERS = {"STOP_DIRECTION_STOP_UP": Trigger.RISES, "STOP_DIRECTION_STOP_DOWN": Trigger.FALLS}


def new_order(call: Call, client_order_id: str | None) -> NewOrder:
    """What the body asks for. Raises `OrderRefused`, or `ApiError` for a body that makes no order at all."""
    body = call.body
    item, side = call.product(body.text("product_id")), _SIDES.get(body.text("side"))
    name, part = _configuration(body)
    if item is None:
        raise OrderRefused(BAD_PRODUCT)
    if side is None:
        raise OrderRefused(BAD_SIDE)
    kind = _KINDS.get(name)
    if kind is None:
        raise OrderRefused(UNSUPPORTED)
    if item.quote not in call.account.spot.total:
        raise ApiError(400, "unknown", "account is not available")
    quantity, quote = _sizes(part, kind)
    is_stop = kind.order_type.is_stop
    return NewOrder(
        instrument=item,
        side=side,
        order_type=kind.order_type,
        quantity=quantity,
        quote_quantity=quote,
        price=_price(part, "limit_price") if kind.order_type.has_price else None,
        stop_price=_price(part, "stop_price") if is_stop else None,
        trigger=_trigger(part) if is_stop else None,
        time_in_force=kind.time_in_force,
        expires_us=_end(part) if kind.time_in_force is TimeInForce.GTD else None,
        post_only=_post_only(part, kind),
        client_order_id=client_order_id,
        words={"configuration": orjson.dumps({name: dict(part.values)}).decode()},
    )


def _configuration(body: Body) -> tuple[str, Body]:
    """The only key, and what stands under it."""
    found = body.part("order_configuration")
    names = [] if found is None else list(found.values)
    part = found.part(names[0]) if found is not None and len(names) == 1 else None
    if part is None:
        raise invalid("order_configuration must have exactly one configuration")
    return names[0], part


def _sizes(part: Body, kind: _Kind) -> tuple[Decimal | None, Decimal | None]:
    """Base units or quote units."""
    for name in ("base_size", "quote_size"):
        if part.text(name) and part.number(name) is None:
            raise OrderRefused(NOT_NUMERIC)
    base, quote = part.number("base_size"), part.number("quote_size")
    if (base is None) is (quote is None):
        raise OrderRefused(UNSUPPORTED)
    if quote is not None and kind.order_type is not OrderType.MARKET:
        raise OrderRefused(UNSUPPORTED)
    return base, quote


def _price(part: Body, name: str) -> Decimal:
    found = part.number(name)
    if found is None or found <= ZERO:
        raise OrderRefused(BAD_PRICE if name == "limit_price" else BAD_STOP_PRICE)
    return found


def _trigger(part: Body) -> Trigger:
    found = _TRIGGERS.get(part.text("stop_direction"))
    if found is None:
        raise OrderRefused(UNSUPPORTED)
    return found


def _end(part: Body) -> int:
    found = microseconds(part.text("end_time"))
    if found is None:
        raise OrderRefused(NO_END_TIME)
    return found


def _post_only(part: Body, kind: _Kind) -> bool:
    wanted = part.flag("post_only")
    if wanted and kind.time_in_force is TimeInForce.FOK:
        raise OrderRefused(POST_ONLY_FOK)
    return wanted
