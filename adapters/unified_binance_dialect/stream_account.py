"""What streams of a spot account say: orders, fills, funds. Reads the rows; who sends them the connections know.

Keys of one letter become those of the REST answers, which `rows` reads. A row that cannot be read, or that tells less
than is needed, is `Unclear`: the account is asked over REST.

Source: Binance user-data-stream.md (2026-07-21).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from unified.account import Balance
from unified.errors import VenueError
from unified.feeds import Event, Own, Unclear
from unified.instrument import Instrument
from unified.watches import Watch, WatchBalances, WatchExecutions
from unified.wire import children, decimal, obj, text
from unified_binance_dialect.rows import Row, fill_of, order_of

_ORDER = {
    "i": "orderId",
    "X": "status",
    "q": "origQty",
    "z": "executedQty",
    "Z": "cummulativeQuoteQty",
    "Q": "origQuoteOrderQty",
    "p": "price",
    "P": "stopPrice",
    "o": "type",
    "f": "timeInForce",
    "S": "side",
    "O": "time",
    "T": "updateTime",
    "eR": "expiryReason",
}
_FILL = {
    "t": "id",
    "i": "orderId",
    "L": "price",
    "l": "qty",
    "n": "commission",
    "N": "commissionAsset",
    "T": "time",
    "m": "isMaker",
}


def renamed(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    """The row under the names that its REST sibling has."""
    return {name: row[key] for key, name in names.items() if key in row}


class Watched:
    """What is watched of an account on one connection."""

    def __init__(self) -> None:
        self._by_kind: dict[type[Watch[Any]], Any] = {}

    def add(self, watches: Iterable[Watch[Any]]) -> None:
        self._by_kind |= {type(watch): watch for watch in watches}

    def drop(self, watches: Iterable[Watch[Any]]) -> None:
        for watch in watches:
            self._by_kind.pop(type(watch), None)

    @property
    def executions(self) -> WatchExecutions | None:
        return self._by_kind.get(WatchExecutions)

    def of(self, kind: type[Watch[Any]]) -> Any:
        """The watch of this kind, if any."""
        return self._by_kind.get(kind)

    def unclear(self, kind: type[Watch[Any]]) -> Iterable[Event]:
        """Whoever watches this has to ask."""
        watch = self.of(kind)
        return () if watch is None else (Unclear(watch),)


def spot_events(watched: Watched, row: Row) -> Iterable[Event]:
    """What one event of a spot account says."""
    match row.get("e"):
        case "executionReport":
            return _report(watched.executions, row)
        case "outboundAccountPosition":
            return _funds(watched.of(WatchBalances), row)
        case "balanceUpdate" | "externalLockUpdate":
            return watched.unclear(WatchBalances)
    return ()


def _report(watch: WatchExecutions | None, row: Row) -> Iterable[Event]:
    if watch is None:
        return ()
    try:
        instrument = watch.listing.of(text(row, "s"), watch.product)
        client_id = _client_id(row)
        order = order_of(instrument, {**renamed(row, _ORDER), "clientOrderId": client_id})
        fill = _fill(instrument, row) if row.get("x") == "TRADE" else None
    except VenueError:
        return (Unclear(watch),)
    told = Own(watch, order)
    return (told,) if fill is None else (Own(watch, evolve(fill, client_order_id=client_id)), told)


def _client_id(row: Row) -> str:
    """Of the order itself: after a cancel `c` is the cancel's and `C` the order's own; an amendment gives a new one."""
    original = text(row, "C") if row.get("C") else ""
    return original if original and row.get("x") != "REPLACED" else text(row, "c")


def _fill(instrument: Instrument, row: Row) -> Any:
    return fill_of(instrument, {**renamed(row, _FILL), "isBuyer": row.get("S") == "BUY"})


def _funds(watch: WatchBalances | None, row: Row) -> Iterable[Event]:
    """All of the funds that may have changed."""
    if watch is None:
        return ()
    try:
        found = [obj(part, "B") for part in children(row, "B")]
        return [
            Own(watch, Balance(currency=text(part, "a"), free=decimal(part, "f"), locked=decimal(part, "l")))
            for part in found
        ]
    except VenueError:
        return (Unclear(watch),)
