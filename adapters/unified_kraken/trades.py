"""Public trades. Kraken tells the newest, or walks forward from a moment; pages that go back are made of such walks.

A cursor is `id:moment:span`: the oldest trade seen, its time, and how far before it to begin, both in microseconds.
Source: docs.kraken.com, rest-api get-recent-trades (2026-05-27).
"""

from __future__ import annotations

from collections.abc import Mapping

from unified.adapter import Steps, unsupported
from unified.instrument import Instrument
from unified.market_data import Trade
from unified.operations import FetchTrades, InstrumentOperation, Page, Priority
from unified.order import Side
from unified.values import frozen
from unified.wire import Json, choice, integer, is_digits, malformed, microseconds, obj, rows, to_decimal, to_integer
from unified_kraken.market_data import of_pair
from unified_kraken.orders import VENUE
from unified_kraken.seconds import to_seconds

_MOST = 1000
_SECOND_US = 1_000_000
_HOUR_US = 3600 * _SECOND_US


@frozen(kw_only=True)
class Tape:
    """Consecutive trades, oldest first."""

    trades: tuple[Trade, ...]
    last_ns: int
    """From where the venue goes on with those after them."""


@frozen(kw_only=True)
class FetchTape(InstrumentOperation[Tape]):
    """The first trades after `since_ns`; without it the newest."""

    name = "trades"
    priority = Priority.PUBLIC_READ
    since_ns: int | None = None
    count: int = _MOST


def tape_parameters(operation: FetchTape) -> Mapping[str, str]:
    since = {} if operation.since_ns is None else {"since": str(operation.since_ns)}
    return {"pair": operation.instrument.symbol, "count": str(operation.count), **since}


def parse_tape(operation: FetchTape, result: Json) -> Tape:
    found = rows(of_pair(result, operation.instrument), operation.instrument.symbol)
    trades = tuple(_trade(operation.instrument, rows(row, "trade")) for row in found)
    return Tape(trades=trades, last_ns=integer(obj(result, "result"), "last"))


_SIDE = {"b": Side.BUY, "s": Side.SELL}


def _trade(instrument: Instrument, row: list[Json]) -> Trade:
    """[price, quantity, seconds, taker's side, market or limit, remarks, id]"""
    if len(row) < 7:
        raise malformed(f"trade: expected 7 fields, found {len(row)}")
    price, quantity, seconds, side, _type, _remarks, trade_id = row[:7]
    return Trade(
        instrument=instrument,
        trade_id=str(to_integer(trade_id, "trade id")),
        price=to_decimal(price, "price"),
        quantity=to_decimal(quantity, "volume"),
        side=choice(_SIDE, side, "side"),
        time_us=microseconds(to_seconds(seconds, "time")),
    )


# --- pages that go back


@frozen
class _Place:
    """Trades before this id are wanted; `span_us` before its time there should be a page of them."""

    id: int
    at_us: int
    span_us: int

    @property
    def cursor(self) -> str:
        return f"{self.id}:{self.at_us}:{self.span_us}"


def fetch_trades(operation: FetchTrades) -> Steps[Page[Trade]]:
    """The newest page in one call; an older one by walking forward to the place where the last page began."""
    most = max(1, min(operation.limit or _MOST, _MOST))
    if operation.cursor is None:
        tape: Tape = yield FetchTape(instrument=operation.instrument, count=most)
        return _page(tape.trades, most, is_all=len(tape.trades) < most)
    place = _place(operation, operation.cursor)
    span_us = place.span_us
    older = yield from _before(operation.instrument, place, place.at_us - span_us)
    while not older and span_us < place.at_us:
        span_us *= 8
        older = yield from _before(operation.instrument, place, place.at_us - span_us)
    return _page(older, most, is_all=span_us >= place.at_us)


def _before(instrument: Instrument, place: _Place, since_us: int) -> Steps[tuple[Trade, ...]]:
    """Every trade from a moment up to the place."""
    found: list[Trade] = []
    since_ns = max(since_us, 0) * 1000
    while True:
        tape: Tape = yield FetchTape(instrument=instrument, since_ns=since_ns)
        found += [trade for trade in tape.trades if int(trade.trade_id) < place.id]
        if len(tape.trades) < _MOST or int(tape.trades[-1].trade_id) >= place.id:
            return tuple(found)
        if tape.last_ns <= since_ns:
            raise malformed("last: the walk through the trades does not go on")
        since_ns = tape.last_ns


def _page(trades: tuple[Trade, ...], most: int, *, is_all: bool) -> Page[Trade]:
    """The newest of them; a cursor unless there are no older ones."""
    page = trades[-most:]
    if not page or (is_all and len(page) == len(trades)):
        return Page(items=page)
    first_us, last_us = microseconds(page[0].time), microseconds(page[-1].time)
    # A page at the pace of this one, and a fifth less, so that one request usually does.
    span_us = (last_us - first_us) * most * 4 // (5 * len(page)) if len(page) > 1 else _HOUR_US
    return Page(items=page, cursor=_Place(int(page[0].trade_id), first_us, max(span_us, _SECOND_US)).cursor)


def _place(operation: FetchTrades, cursor: str) -> _Place:
    parts = cursor.split(":")
    if len(parts) != 3 or not all(is_digits(part, 19) for part in parts):
        raise unsupported(VENUE, operation, f"{cursor!r:.40} is no cursor of {operation.name}")
    id_, at_us, span_us = map(int, parts)
    return _Place(id_, at_us, max(span_us, _SECOND_US))
