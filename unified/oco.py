"""The price rule of one-cancels-the-other pairs, checked before anything is sent. Places nothing.

A pair is a limit order that waits for a better price and a stop that waits for a worse one, so the market must lie
between them: a sell wants limit > last > stop, a buy wants limit < last < stop. Binance and Binance.US refuse any
other relation with -2010 (spot rest-api.md "New Order list - OCO", 2026-07-21).
"""

from __future__ import annotations

from decimal import Decimal

from unified.errors import Fault, Kind, Outcome, VenueError
from unified.order import Side


def check_oco(side: Side, *, limit_price: Decimal, last: Decimal, stop_price: Decimal) -> None:
    """Raise `invalid_price` (not_sent), naming the broken half of the rule, unless `last` lies between the legs.

    `limit_price` is the price of the leg that waits for a better market; where that leg is a take-profit order, its
    stop price. The limit price of the stop leg is free: no venue compares it with the market.
    """
    sells = side is Side.SELL
    above, below = ("limit_price", "stop_price") if sells else ("stop_price", "limit_price")
    upper, lower = (limit_price, stop_price) if sells else (stop_price, limit_price)
    if not upper > last:
        raise _broken(side, f"{above} {upper} is not above the last price {last}")
    if not lower < last:
        raise _broken(side, f"{below} {lower} is not below the last price {last}")


def _broken(side: Side, what: str) -> VenueError:
    rule = "limit_price > last > stop_price" if side is Side.SELL else "limit_price < last < stop_price"
    hint = f"The pair of a {side} needs {rule}. Fetch the ticker again if the market has moved."
    return VenueError.of(Fault(kind=Kind.INVALID_PRICE, outcome=Outcome.NOT_SENT, message=what, hint=hint))
