"""What a caller writes, made exact: numbers without floats, and order terms that make sense together.

Knows no venue and rounds nothing: what does not fit is refused, `not_sent`, naming what is allowed.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from unified.errors import Fault, Kind, Outcome, VenueError
from unified.operations import PlaceOrder
from unified.order import OrderType, TimeInForce

Number = Decimal | str | int
"""Money and quantities: exact values only."""


def refused(kind: Kind, message: str, hint: str = "") -> VenueError:
    """The caller's own mistake: nothing was sent."""
    return VenueError.of(Fault(kind=kind, outcome=Outcome.NOT_SENT, message=message, hint=hint))


def exact(value: Number, name: str) -> Decimal:
    """`value` as a Decimal, digit for digit. Raises `invalid_request` (not_sent) for floats and non-numbers."""
    if isinstance(value, bool) or not isinstance(value, Decimal | str | int):
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


def implied_type(price: object, stop_price: object) -> OrderType:
    """The order type that prices imply: a price makes a limit order, a stop price a stop."""
    if stop_price is not None:
        return OrderType.STOP_MARKET if price is None else OrderType.STOP_LIMIT
    return OrderType.MARKET if price is None else OrderType.LIMIT


def check_order(order: PlaceOrder) -> None:
    """Raise (not_sent) if terms contradict each other or break a rule of the instrument."""
    for broken, message in _contradictions(order):
        if broken:
            raise refused(Kind.INVALID_ORDER, f"{order.instrument}: {message}")
    market = not order.order_type.has_price
    order.instrument.check(
        price=order.price,
        quantity=order.quantity,
        quote_quantity=order.quote_quantity,
        stop_price=order.stop_price,
        market=market,
    )


def _contradictions(order: PlaceOrder) -> tuple[tuple[bool, str], ...]:
    type_, tif = order.order_type, order.time_in_force
    both = (order.quantity is None) == (order.quote_quantity is None)
    return (
        (both, "an order has either quantity or quote_quantity"),
        (order.quote_quantity is not None and type_ is not OrderType.MARKET, "quote_quantity is for market orders"),
        (type_.has_price and order.price is None, f"a {type_} order needs a price"),
        (not type_.has_price and order.price is not None, f"a {type_} order has no price"),
        (type_.is_stop and order.stop_price is None, f"a {type_} order needs a stop_price"),
        (not type_.is_stop and order.stop_price is not None, f"a {type_} order has no stop_price"),
        (order.trigger is not None and not type_.is_stop, "trigger is for stop orders"),
        (order.post_only and type_ is not OrderType.LIMIT, "post_only is for limit orders"),
        (
            order.post_only and tif in (TimeInForce.IOC, TimeInForce.FOK),
            f"a post-only order rests, {tif} does not",
        ),
        ((tif is TimeInForce.GTD) != (order.expires_at is not None), "gtd and expires_at go together"),
        (
            order.expires_at is not None and order.expires_at.tzinfo is None,
            "expires_at has no time zone",
        ),
    )
