"""What the stream of a USD-M account says: orders, stops, fills, positions. Opens no socket.

The connection is the dialect's (stream_keys). Keys of one letter become those of the REST answers, which `rows` and
`stops` read. A row that cannot be read is `Unclear`: the account is asked over REST. So it is with balances: frames
tell the wallet, not what is available.

Source: USD-M "User Data Streams" pages (2026-05-28) and SDK 18.1.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import evolve

from unified.account import MarginMode, Position
from unified.errors import VenueError
from unified.feeds import Event, Own
from unified.order import Fill, Order, OrderStatus, PositionSide
from unified.watches import WatchBalances, WatchExecutions, WatchPositions
from unified.wire import child, children, decimal, decimal_or_none, integer, obj, positive_or_none, text
from unified_binance.stops import stop_of
from unified_binance_dialect.rows import Row, fill_of, order_of
from unified_binance_dialect.stream_account import Watched, renamed


def linear_events(watched: Watched, row: Row) -> Iterable[Event]:
    """What one event of a USD-M account says."""
    match row.get("e"):
        case "ORDER_TRADE_UPDATE":
            return _read(watched, row, _order_events)
        case "ALGO_UPDATE":
            return _read(watched, row, _stop_events)
        case "ACCOUNT_UPDATE":
            return (*watched.unclear(WatchBalances), *_position_events(watched, row))
        case "CONDITIONAL_ORDER_TRIGGER_REJECT":
            return watched.unclear(WatchExecutions)
    return ()


def _read(
    watched: Watched, row: Row, read: Callable[[WatchExecutions, Row], Iterable[Order | Fill]]
) -> Iterable[Event]:
    watch = watched.executions
    if watch is None:
        return ()
    try:
        return [Own(watch, value) for value in read(watch, child(row, "o"))]
    except VenueError:
        return watched.unclear(WatchExecutions)


def _position_events(watched: Watched, row: Row) -> Iterable[Event]:
    watch = watched.of(WatchPositions)
    if watch is None:
        return ()
    try:
        told = [obj(part, "P") for part in children(child(row, "a"), "P")]
        return [Own(watch, position_of(watch, part)) for part in told]
    except VenueError:
        return watched.unclear(WatchPositions)


# --- orders and fills

_ORDER = {
    "i": "orderId",
    "c": "clientOrderId",
    "X": "status",
    "q": "origQty",
    "z": "executedQty",
    "ap": "avgPrice",
    "p": "price",
    "sp": "stopPrice",
    "ot": "origType",
    "o": "type",
    "f": "timeInForce",
    "S": "side",
    "R": "reduceOnly",
    "gtd": "goodTillDate",
    "T": "updateTime",
}
_FILL = {
    "t": "id",
    "i": "orderId",
    "L": "price",
    "l": "qty",
    "n": "commission",
    "N": "commissionAsset",
    "T": "time",
    "m": "maker",
}
_TRADED = ("TRADE", "CALCULATED")
"""Execution types that bring a fill; the second is a liquidation."""


def _order_events(watch: WatchExecutions, row: Row) -> Iterable[Order | Fill]:
    instrument = watch.listing.of(text(row, "s"), watch.product)
    order = order_of(instrument, renamed(row, _ORDER))
    if text(row, "x") not in _TRADED or not integer(row, "t"):
        return (order,)
    fill = fill_of(instrument, {**renamed(row, _FILL), "buyer": row.get("S") == "BUY"})
    return evolve(fill, client_order_id=order.client_order_id), order


# --- stops

_STOP = {
    "aid": "algoId",
    "caid": "clientAlgoId",
    "o": "orderType",
    "S": "side",
    "f": "timeInForce",
    "q": "quantity",
    "X": "algoStatus",
    "ai": "actualOrderId",
    "ap": "actualPrice",
    "aq": "actualQty",
    "tp": "triggerPrice",
    "p": "price",
    "R": "reduceOnly",
}


def _stop_events(watch: WatchExecutions, row: Row) -> Iterable[Order]:
    """A stop; once it has become an order it is over under its own id, and the order tells the rest."""
    instrument = watch.listing.of(text(row, "s"), watch.product)
    stop = stop_of(instrument, renamed(row, _STOP))
    if stop.actual_order_id is None:
        return (stop.order,)
    return (evolve(stop.order, status=OrderStatus.EXPIRED, filled_quantity=0 * stop.order.filled_quantity),)


# --- positions

_SIDES = {"LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}


def position_of(watch: WatchPositions, row: Row) -> Position:
    """What a frame tells of a position: neither mark price nor leverage, which the fetch tells."""
    return Position(
        instrument=watch.listing.of(text(row, "s"), watch.product),
        quantity=decimal(row, "pa"),
        entry_price=positive_or_none(row, "ep"),
        unrealized_pnl=decimal_or_none(row, "up"),
        margin_mode=MarginMode.CROSS if text(row, "mt") == "cross" else MarginMode.ISOLATED,
        position_side=_SIDES.get(text(row, "ps")),
    )
