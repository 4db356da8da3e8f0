"""Streams of markets against the engine of the sandbox: what comes is the venue's, and what is missing is told.

Books are compared with every state that the engine has had; a book that it never had is wrong, whatever the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from unified.errors import Kind, VenueError
from unified.feeds import streams_of
from unified.hooks import StreamChange
from unified.instrument import Instrument
from unified.market_data import Book, Interval, Level, Ticker
from unified.operations import FetchInstruments
from unified.sandbox.stream_faults import StreamMishap
from unified.testing.conformance.rules import STREAMED, TORN
from unified.testing.conformance.stage import Broken, Stage, Story, require
from unified.watcher import Stream
from unified.watches import (
    WatchBook,
    WatchCandles,
    WatchFundingRate,
    WatchMarkPrice,
    WatchTicker,
    WatchTrades,
)

T = TypeVar("T")

DEPTH = 5
SECONDS = 30.0
"""How long a healthy stream is watched."""
HEALING = 40.0
"""Seconds in which anything that was torn is whole again: longer than any connection may be silent."""
State = tuple[tuple[Level, ...], tuple[Level, ...]]


async def taken(stream: Stream[T], seconds: float = SECONDS) -> list[T]:
    """All that comes in this time."""
    found: list[T] = []
    try:
        async with asyncio.timeout(seconds), stream:
            async for value in stream:
                found.append(value)  # noqa: PERF401 - the time-out keeps what has come
    except TimeoutError:
        pass
    return found


@frozen
class Past:
    """Every state that a market's book has had while it was followed."""

    states: dict[State, int] = field(factory=dict)
    """With the venue's time at which it was seen last (us)."""

    def judge(self, books: Sequence[Book]) -> None:
        """Raises Broken for a book that the venue never had."""
        for book in books:
            shown = (_levels(book.bids), _levels(book.asks))
            require(shown in self.states, f"a book was brought that the venue never had: {_best(book)}")


def _levels(levels: Sequence[Level]) -> tuple[Level, ...]:
    return tuple(Level(level.price, level.quantity) for level in levels[:DEPTH])


def _best(book: Book) -> str:
    return f"best bid {book.best_bid}, best ask {book.best_ask}, sequence {book.sequence}"


def followed(stage: Stage, native: Instrument) -> Past:
    """Remember every state from now on."""
    past, engine = Past(), stage.venue.engine
    advance = engine.advance

    def noted(to_us: int) -> None:
        advance(to_us)
        book = engine.book(native, DEPTH)
        past.states[_levels(book.bids), _levels(book.asks)] = engine.now_us

    watched: Any = engine
    watched.advance = noted
    return past


# --- healthy streams


async def book(stage: Stage) -> None:
    past = followed(stage, await stage.native())
    books = await taken(stage.client.watch_book(await stage.instrument(), depth=DEPTH))
    require(len(books) > 1, f"{len(books)} books came in {SECONDS:g} s")
    past.judge(books)
    require(len({_levels(one.bids) + _levels(one.asks) for one in books}) > 1, "the book never changed")


async def again(stage: Stage) -> None:
    """A subscription that has ended brings nothing; one that begins again begins whole."""
    past = followed(stage, await stage.native())
    for _ in range(3):
        books = await taken(stage.client.watch_book(await stage.instrument(), depth=DEPTH), 10.0)
        require(bool(books), "no book came after an earlier subscription had ended")
        past.judge(books)
        await asyncio.sleep(1)


async def ticker(stage: Stage) -> None:
    native, engine = await stage.native(), stage.venue.engine
    past, before = followed(stage, native), engine.ticker(native).last or Decimal(0)
    found = await taken(stage.client.watch_ticker(await stage.instrument()))
    require(bool(found), f"no ticker came in {SECONDS:g} s")
    traded = {trade.price for trade in engine.trades(native, 100_000)} | {before}
    bids = {side[0].price for side, _ in past.states if side}
    asks = {side[0].price for _, side in past.states if side}
    for name, known in (("last", traded), ("bid", bids), ("ask", asks)):
        _known(found, name, known)


def _known(tickers: Sequence[Ticker], name: str, prices: set[Decimal]) -> None:
    strange = {value for one in tickers if (value := getattr(one, name)) is not None} - prices
    require(not strange, f"{name} is read as {min(strange, default=None)}, which the venue never had")


async def trades(stage: Stage) -> None:
    """Each once, in order, at the venue's prices, and together what was traded: some venues put several into one."""
    native, engine = await stage.native(), stage.venue.engine
    began = engine.now_us
    found = await taken(stage.client.watch_trades(await stage.instrument()), 2 * SECONDS)
    require(bool(found), f"no trade came in {2 * SECONDS:g} s")
    ids = [trade.trade_id for trade in found]
    require(len(set(ids)) == len(ids), "a trade came twice")
    times = [trade.time for trade in found]
    require(times == sorted(times), "trades are not in order")
    held = [trade for trade in engine.trades(native, 100_000) if trade.time_us >= began]
    strange = {trade.price for trade in found} - {trade.price for trade in held}
    require(not strange, f"a trade was read at {min(strange, default=None)}, where nothing was traded")
    amount, most = (sum(trade.quantity for trade in rows) for rows in (found, held))
    inner = [t for t in held if t.time_us > began + 2_000_000 and t.time_us < engine.now_us - 2_000_000]
    least = sum(trade.quantity for trade in inner)
    require(least <= amount <= most, f"{amount} was read as traded, it was from {least} to {most}")


async def candles(stage: Stage) -> None:
    """The running candle opens where the venue's does, and lies between what was traded."""
    item, native, engine = await stage.instrument(), await stage.native(), stage.venue.engine
    interval = _offered(stage, item)
    found = await taken(stage.client.watch_candles(item, interval=interval), 2 * SECONDS)
    require(bool(found), f"no candle came in {2 * SECONDS:g} s")
    held = {candle.opened_us: candle for candle in engine.candles(native, interval, start_us=0)}
    for candle in found:
        known = held.get(round(candle.opened_at.timestamp() * 1_000_000))
        require(known is not None, f"a candle was read that opened at {candle.opened_at}; the venue's did not")
        if known is not None:
            require(candle.open == known.open, f"open is read as {candle.open}, it is {known.open}")
            inside = known.low <= candle.low <= candle.close <= candle.high <= known.high
            require(inside, f"{candle.low} to {candle.high} lies outside of {known.low} to {known.high}")


def _offered(stage: Stage, item: Instrument) -> Interval:
    """The shortest interval that the venue streams."""
    feed = streams_of(stage.adapter)[WatchCandles, stage.product]
    for interval in (Interval.M1, Interval.M5, Interval.M15, Interval.H1):
        try:
            feed.fit(WatchCandles(instrument=item, interval=interval))
        except VenueError:
            continue
        return interval
    raise Broken("candles of no usual length are streamed")


async def mark_price(stage: Stage) -> None:
    found = await taken(stage.client.watch_mark_price(await stage.instrument()))
    require(bool(found), f"no mark price came in {SECONDS:g} s")
    last = stage.venue.engine.ticker(await stage.native()).last or Decimal(1)
    near = all(abs(one.mark_price / last - 1) < Decimal("0.1") for one in found)
    require(near, f"mark prices are read as {found[0].mark_price}, trades are at {last}")


async def funding(stage: Stage) -> None:
    found = await taken(stage.client.watch_funding_rate(await stage.instrument()))
    require(bool(found), f"no funding rate came in {SECONDS:g} s")
    held = stage.venue.engine.funding(await stage.native())
    require(found[-1].rate == held.rate, f"the funding rate is read as {found[-1].rate}, it is {held.rate}")


# --- torn streams

TEARS = (
    StreamMishap.DROPPED,
    StreamMishap.DOUBLED,
    StreamMishap.REORDERED,
    StreamMishap.CUT,
    StreamMishap.WRONG_CHECKSUM,
    StreamMishap.DISCONNECTED,
    StreamMishap.SILENCE,
)


def heard(stage: Stage) -> list[StreamChange]:
    """What happens to streams from now on."""
    changes: list[StreamChange] = []
    stage.client.hooks.on_stream.add(lambda event: changes.append(event.change))
    return changes


async def torn_book(stage: Stage) -> None:
    """Whatever happens to its frames: no book comes that the venue never had, and it is whole again."""
    past = followed(stage, await stage.native())
    watching = asyncio.create_task(
        taken(stage.client.watch_book(await stage.instrument(), depth=DEPTH), len(TEARS) * 10 + HEALING)
    )
    for mishap in TEARS:
        await asyncio.sleep(10)
        stage.network.streams.strike(*[mishap] * 3)
    books = await watching
    past.judge(books)
    last = past.states[_levels(books[-1].bids), _levels(books[-1].asks)] if books else 0
    old = (stage.venue.engine.now_us - last) / 1e6
    require(old < HEALING / 2, f"the last book that came is {old:.0f} s old: it was not made whole again")


async def wrong_sum(stage: Stage) -> None:
    """Where books bear checksums, one that does not fit is told as a gap."""
    rule = streams_of(stage.adapter)[WatchBook, stage.product].book
    if rule is None or rule.checksum is None:
        return
    changes = heard(stage)
    watching = asyncio.create_task(
        taken(stage.client.watch_book(await stage.instrument(), depth=DEPTH), SECONDS + HEALING)
    )
    await asyncio.sleep(10)
    stage.network.streams.strike(*[StreamMishap.WRONG_CHECKSUM] * 20)
    books = await watching
    require(StreamChange.GAP in changes, "a book whose checksum does not fit was believed")
    require(StreamChange.HEALED in changes and bool(books), "after a wrong checksum no book came any more")


# --- refusals


async def strange(stage: Stage) -> None:
    """A symbol that is not there is refused or brings nothing; what else the connection brings goes on."""
    item, changes = await stage.instrument(), heard(stage)
    good = asyncio.create_task(taken(stage.client.watch_ticker(item), 2 * SECONDS))
    await asyncio.sleep(5)
    try:
        nowhere = evolve(item, symbol=f"ZZ{item.symbol}", base=f"ZZ{item.base}")
        found = await taken(stage.client.watch_ticker(nowhere), SECONDS)
        require(not found, "a symbol that is not there has a ticker")
    except VenueError as error:
        clear = error.kind in (Kind.UNKNOWN_SYMBOL, Kind.SUBSCRIPTION_REJECTED, Kind.INVALID_REQUEST)
        require(clear, f"a symbol that is not there is recognised as {error.kind}: {error.code} {error.message}")
    survived = len(await good) > 1 and StreamChange.LOST not in changes
    require(survived, "what else the connection brings did not survive the refused subscription")


_NEEDS = (FetchInstruments,)
STORIES = (
    Story(rule=STREAMED, name="watched book", needs=_NEEDS, watches=(WatchBook,), play=book),
    Story(rule=STREAMED, name="watched again", needs=_NEEDS, watches=(WatchBook,), play=again),
    Story(rule=STREAMED, name="watched ticker", needs=_NEEDS, watches=(WatchTicker,), play=ticker),
    Story(rule=STREAMED, name="watched trades", needs=_NEEDS, watches=(WatchTrades,), play=trades),
    Story(rule=STREAMED, name="watched candles", needs=_NEEDS, watches=(WatchCandles,), play=candles),
    Story(rule=STREAMED, name="watched mark price", needs=_NEEDS, watches=(WatchMarkPrice,), play=mark_price),
    Story(rule=STREAMED, name="watched funding rate", needs=_NEEDS, watches=(WatchFundingRate,), play=funding),
    Story(rule=STREAMED, name="a refused subscription", needs=_NEEDS, watches=(WatchTicker,), play=strange),
    Story(rule=TORN, name="a torn book", needs=_NEEDS, watches=(WatchBook,), play=torn_book),
    Story(rule=TORN, name="a wrong checksum", needs=_NEEDS, watches=(WatchBook,), play=wrong_sum),
)
