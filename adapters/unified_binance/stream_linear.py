"""The account of USD-M behind a listen key: the key, orders, stops, fills, positions. Opens no socket.

A key lives for an hour and is renewed every half; the connection that was opened with it brings everything. Keys of one
letter become those of the REST answers, which `rows` and `stops` read. A row that cannot be read is `Unclear`: the
account is asked over REST. So it is with balances: frames tell the wallet, not what is available.

Source: USD-M "User Data Streams" pages (2026-05-28) and SDK 18.1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import evolve

from unified.account import MarginMode, Position
from unified.errors import VenueError
from unified.feeds import Event, Gap, Own, Ticket
from unified.operations import Operation, Priority
from unified.order import Fill, Order, OrderStatus, PositionSide
from unified.secret import Secret
from unified.watches import Watch, WatchBalances, WatchExecutions, WatchPositions
from unified.wire import Json, child, children, decimal, decimal_or_none, integer, obj, positive_or_none, text
from unified_binance.stops import stop_of
from unified_binance_dialect.rows import Row, fill_of, order_of
from unified_binance_dialect.stream import MarketStream, frame_of
from unified_binance_dialect.stream_account import Watched, renamed

# --- the listen key


class StartUserStream(Operation[Secret]):
    """A listen key for an hour; while there is one the venue answers the same and lets it live for another hour."""

    __slots__ = ()
    name = "start_user_stream"
    priority = Priority.PRIVATE_READ


class KeepUserStream(Operation[None]):
    """Let the listen key live for another hour. `session_expired` where it is over."""

    __slots__ = ()
    name = "keep_user_stream"
    priority = Priority.PRIVATE_READ


def parse_started(_operation: StartUserStream, answer: Json) -> Secret:
    return Secret(text(obj(answer), "listenKey"))


# --- the connection


class LinearUserStream:
    """One connection to a listen key's path."""

    def __init__(self, requests: MarketStream) -> None:
        self._requests = requests
        """Words the pings: any request is answered on this path too."""
        self._watched = Watched()

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Nothing: the path holds the key."""
        return ()

    def ping(self) -> str | None:
        return self._requests.ping()

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """Nothing: the key brings everything."""
        self._watched.add(watches)
        return ()

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        self._watched.drop(watches)
        return ()

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says. Raises `malformed_response`."""
        said = frame_of(frame)
        row = said.get("data", said)
        match row.get("e"):
            case "ORDER_TRADE_UPDATE":
                return self._read(row, _order_events)
            case "ALGO_UPDATE":
                return self._read(row, _stop_events)
            case "ACCOUNT_UPDATE":
                return (*self._watched.unclear(WatchBalances), *self._positions(row))
            case "CONDITIONAL_ORDER_TRIGGER_REJECT":
                return self._watched.unclear(WatchExecutions)
            case "listenKeyExpired":
                return (Gap(None, "the listen key has expired"),)
            case None:
                return self._requests.receive(frame)
        return ()

    def _read(self, row: Row, read: Any) -> Iterable[Event]:
        watch = self._watched.executions
        if watch is None:
            return ()
        try:
            return [Own(watch, value) for value in read(watch, child(row, "o"))]
        except VenueError:
            return self._watched.unclear(WatchExecutions)

    def _positions(self, row: Row) -> Iterable[Event]:
        watch = self._watched.of(WatchPositions)
        if watch is None:
            return ()
        try:
            told = [obj(part, "P") for part in children(child(row, "a"), "P")]
            return [Own(watch, position_of(watch, part)) for part in told]
        except VenueError:
            return self._watched.unclear(WatchPositions)


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
