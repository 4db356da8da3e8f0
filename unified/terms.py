"""What a caller writes, made exact: numbers without floats, and order terms that make sense together.

Knows no venue and rounds nothing: what does not fit is refused, `not_sent`, naming what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any, TypedDict, TypeVar

from unified.account import MarginMode
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.instrument import Instrument
from unified.operations import PlaceOrder
from unified.order import OrderType, PositionSide, Side, TimeInForce, Trigger

W = TypeVar("W", bound=StrEnum)

Number = Decimal | str | int
"""Money and quantities: exact values only."""


class Terms(TypedDict, total=False):
    """The terms of an order beside instrument and side. Words may be given as text: `time_in_force="ioc"`."""

    quantity: Number | None
    """Base units. Either this or `quote_quantity`."""
    price: Number | None
    order_type: OrderType | str | None
    """Left out, a price makes a limit order, none a market order; a stop price makes a stop of either."""
    quote_quantity: Number | None
    """Quote units to spend or receive; market orders only."""
    stop_price: Number | None
    trigger: Trigger | str | None
    """Of a stop: left out, a buy waits for the price to rise and a sell for it to fall."""
    time_in_force: TimeInForce | str
    expires_at: datetime | None
    """For GTD: when the order leaves the book. Aware."""
    post_only: bool
    reduce_only: bool
    position_side: PositionSide | str | None
    """Required in hedge mode."""
    margin_mode: MarginMode | str | None
    client_order_id: str | None
    """An id of the caller's own; left out, the client makes one."""


def order_of(instrument: Instrument, side: Side | str, terms: Terms) -> PlaceOrder:
    """The order that these terms mean, not checked yet.

    Raises `invalid_request` for a number that is not exact or a term that there is not, `invalid_order` for a word that
    is none (both not_sent).
    """
    try:
        said: dict[str, Any] = {name: _READ[name](value, name) for name, value in terms.items() if value is not None}
    except KeyError as unknown:
        problem = f"{unknown.args[0]!s:.40}: an order has no such term; it has {', '.join(_READ)}"
        raise refused(Kind.INVALID_REQUEST, problem) from None
    if "order_type" not in said:
        said["order_type"] = implied_type(said.get("price"), said.get("stop_price"))
    return PlaceOrder(instrument=instrument, side=word(Side, side, "side"), **said)


def word(choices: type[W], value: str, name: str) -> W:
    """A member of a word list. Raises `invalid_order` (not_sent) naming the allowed words."""
    if type(value) is choices:
        return value
    try:
        member: W = _member(choices, value)
    except (ValueError, TypeError):
        raise refused(Kind.INVALID_ORDER, f"{name}: {value!r:.40} is not one of {', '.join(choices)}") from None
    return member


@lru_cache
def _member(choices: type[W], value: str) -> W:
    """Looked up once: an enumeration is slow to ask."""
    return choices(value)


def refused(kind: Kind, message: str, hint: str = "") -> VenueError:
    """The caller's own mistake: nothing was sent."""
    return VenueError.of(Fault(kind=kind, outcome=Outcome.NOT_SENT, message=message, hint=hint))


def exact(value: Number, name: str) -> Decimal:
    """`value` as a Decimal, digit for digit. Raises `invalid_request` (not_sent) for floats and non-numbers."""
    if type(value) is bool or not isinstance(value, (Decimal, str, int)):
        hint = f"Pass a Decimal, an int or text, for example Decimal('{value!s:.24}')."
        raise refused(Kind.INVALID_REQUEST, f"{name}: {type(value).__name__} is not exact", hint)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise refused(Kind.INVALID_REQUEST, f"{name}: {value!r:.40} is not a number") from None
    if not number.is_finite():
        raise refused(Kind.INVALID_REQUEST, f"{name}: {value!s:.40} is not a finite number")
    return number


def exact_or_none(value: Number | None, name: str) -> Decimal | None:
    """`exact`, or None for None."""
    return None if value is None else exact(value, name)


def _as_it_is(value: Any, _name: str) -> Any:
    return value


_READ: Mapping[str, Callable[[Any, str], Any]] = {
    "quantity": exact,
    "price": exact,
    "order_type": partial(word, OrderType),
    "quote_quantity": exact,
    "stop_price": exact,
    "trigger": partial(word, Trigger),
    "time_in_force": partial(word, TimeInForce),
    "expires_at": _as_it_is,
    "post_only": _as_it_is,
    "reduce_only": _as_it_is,
    "position_side": partial(word, PositionSide),
    "margin_mode": partial(word, MarginMode),
    "client_order_id": _as_it_is,
}
"""How each of the `Terms` is read, where it is said; what is left out, or None, is as `PlaceOrder` has it."""


def implied_type(price: object, stop_price: object) -> OrderType:
    """The order type that prices imply: a price makes a limit order, a stop price a stop."""
    if stop_price is not None:
        return OrderType.STOP_MARKET if price is None else OrderType.STOP_LIMIT
    return OrderType.MARKET if price is None else OrderType.LIMIT


def check_order(order: PlaceOrder) -> None:
    """Raise (not_sent) if terms contradict each other or break a rule of the instrument."""
    message = _contradiction_of_amounts(order) or _contradiction_of_conditions(order)
    if message:
        raise refused(Kind.INVALID_ORDER, f"{order.instrument}: {message}")
    order.instrument.check(
        price=order.price,
        quantity=order.quantity,
        quote_quantity=order.quote_quantity,
        stop_price=order.stop_price,
        market=not order.order_type.has_price,
    )


def _contradiction_of_amounts(order: PlaceOrder) -> str:
    type_ = order.order_type
    if (order.quantity is None) == (order.quote_quantity is None):
        return "an order has either quantity or quote_quantity"
    if order.quote_quantity is not None and type_ is not OrderType.MARKET:
        return "quote_quantity is for market orders"
    if type_.has_price != (order.price is not None):
        return f"a {type_} order {'needs a' if type_.has_price else 'has no'} price"
    is_stop = type_.is_stop
    if is_stop != (order.stop_price is not None):
        return f"a {type_} order {'needs a' if is_stop else 'has no'} stop_price"
    if order.trigger is not None and not is_stop:
        return "trigger is for stop orders"
    return ""


def _contradiction_of_conditions(order: PlaceOrder) -> str:
    tif = order.time_in_force
    if order.post_only and order.order_type is not OrderType.LIMIT:
        return "post_only is for limit orders"
    if order.post_only and tif in (TimeInForce.IOC, TimeInForce.FOK):
        return f"a post-only order rests, {tif} does not"
    if (tif is TimeInForce.GTD) != (order.expires_at is not None):
        return "gtd and expires_at go together"
    if order.expires_at is not None and order.expires_at.tzinfo is None:
        return "expires_at has no time zone"
    return ""
