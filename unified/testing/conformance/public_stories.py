"""Public data against the engine of the sandbox: instruments, prices, trades, candles, time. Places nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from unified.instrument import Instrument
from unified.market_data import Interval, Level
from unified.operations import (
    FetchBook,
    FetchCandles,
    FetchFundingRate,
    FetchInstruments,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchVenueStatus,
)
from unified.testing.conformance.rules import PRICES
from unified.testing.conformance.stage import Stage, Story, first, require

_CLOCK_S = 1.1
"""Some venues tell their time in whole seconds."""


async def listing(stage: Stage) -> None:
    """Every instrument of the sandbox is read, with the rules that the engine keeps."""
    listing = await stage.client.instruments(stage.product)
    require(len(listing) >= len(stage.natives), f"{len(listing)} of {len(stage.natives)} instruments were read")
    for native in stage.natives:
        read = listing.listed(native.symbol, stage.product)
        if read is not None:
            _same_rules(read, native)


def _same_rules(read: Instrument, native: Instrument) -> None:
    for rule in ("tick_size", "lot_size", "contract_size", "min_quantity"):
        ours, theirs = getattr(read, rule), getattr(native, rule)
        require(ours == theirs, f"{native.symbol}: {rule} is read as {ours}, the venue keeps {theirs}")


async def time(stage: Stage) -> None:
    told = (await stage.client.server_time(stage.product)).timestamp()
    off = abs(told - stage.venue.now_us / 1e6)
    require(off < _CLOCK_S, f"the venue's time is read {off:.3f} s off")


async def status(stage: Stage) -> None:
    await stage.client.venue_status(stage.product)


async def book(stage: Stage) -> None:
    """The best levels are those of the engine, on the right side and in order."""
    await asyncio.sleep(30)
    read = await stage.client.book(await stage.instrument(), depth=5)
    held = stage.venue.engine.book(await stage.native(), 5)
    for side, ours, theirs in (("bids", read.bids, held.bids), ("asks", read.asks, held.asks)):
        require(bool(ours), f"no {side} were read")
        _same_levels(side, ours, theirs)
    best = (read.bids[0].price, read.asks[0].price)
    require(best[0] < best[1], f"the best bid {best[0]} is not below the best ask {best[1]}")


def _same_levels(side: str, ours: Sequence[Level], theirs: Sequence[Level]) -> None:
    for level, other in zip(ours, theirs, strict=False):
        require(level.price == other.price, f"{side}: price {level.price} was read, the venue has {other.price}")
        exact = rounds_to(other.quantity, level.quantity)
        require(exact, f"{side}: quantity {level.quantity} was read, it is {other.quantity}")


def rounds_to(held: Decimal, told: Decimal) -> bool:
    """Whether these are the digits of it that a venue shows: some show fewer than they keep."""
    return held == told or abs(held - told) < Decimal(1).scaleb(int(told.as_tuple().exponent))


async def ticker(stage: Stage) -> None:
    await asyncio.sleep(30)
    read, held = await stage.client.ticker(await stage.instrument()), stage.venue.engine.ticker(await stage.native())
    for name, theirs in (
        *((name, getattr(held, name)) for name in ("bid", "ask", "last", "bid_quantity", "ask_quantity")),
        *(("open_24h", held.open), ("volume_24h", held.volume)),
    ):
        ours = getattr(read, name)
        require(ours is None or rounds_to(theirs, ours), f"{name} is read as {ours}, the venue has {theirs}")
    require(not (read.last is None and read.bid is None), "neither the last price nor a bid was read")


async def tickers(stage: Stage) -> None:
    read = {item.instrument.symbol for item in await stage.client.tickers(stage.product)}
    require(len(read) >= len(stage.natives), f"{len(read)} of {len(stage.natives)} tickers were read")


async def trades(stage: Stage) -> None:
    """A page holds what the engine has traded, oldest first, and the next page goes on without repeating any."""
    await asyncio.sleep(120)
    native = await stage.native()
    known = {(trade.price, trade.quantity, trade.side) for trade in stage.venue.engine.trades(native, 100_000)}
    read = await first(stage.client.trades(await stage.instrument(), limit=20), 50)
    require(bool(read), "no trades were read")
    strange = [trade for trade in read if (trade.price, trade.quantity, trade.side) not in known]
    require(not strange, f"a trade was read that the venue never had: {strange[:1]}")
    ids = [trade.trade_id for trade in read]
    require(len(set(ids)) == len(ids), "paging into the past repeats trades")
    times = [trade.time for trade in read[:20]]
    require(times == sorted(times), "the trades of a page are not oldest first")


_CANDLE = ("open", "high", "low", "close", "volume")


async def candles(stage: Stage) -> None:
    """Three hours of minutes, with an end and until now: each once, in order, with the engine's own numbers."""
    end = await stage.client.server_time(stage.product)
    await _walk_of_candles(stage, end - timedelta(hours=3), end)
    start = await stage.client.server_time(stage.product) - timedelta(hours=3)
    await _walk_of_candles(stage, start, None)


async def _walk_of_candles(stage: Stage, start: datetime, end: datetime | None) -> None:
    candles = stage.client.candles(await stage.instrument(), Interval.M1, start=start, end=end, limit=50)
    read = await first(candles, 1000)
    opened = [candle.opened_at for candle in read]
    require(opened == sorted(set(opened)), "candles are repeated or out of order")
    require(len(read) in (179, 180, 181), f"{len(read)} candles were read for three hours of minutes")
    last = end or datetime.max.replace(tzinfo=UTC)
    require(all(start - timedelta(minutes=1) < when < last for when in opened), "a candle lies outside of [start, end)")
    first_us = round(opened[0].timestamp() * 1_000_000)
    held = stage.venue.engine.candles(await stage.native(), Interval.M1, start_us=first_us)
    for ours, theirs in zip(read[:-1], held, strict=False):
        same = all(getattr(ours, name) == getattr(theirs, name) for name in _CANDLE)
        require(same, f"the candle of {ours.opened_at} is not the venue's")


async def funding(stage: Stage) -> None:
    read = await stage.client.funding_rate(await stage.instrument())
    held = stage.venue.engine.funding(await stage.native())
    require(read.rate == held.rate, f"the funding rate is read as {read.rate}, the venue has {held.rate}")


STORIES = (
    Story(rule=PRICES, name="instruments", needs=(FetchInstruments,), play=listing),
    Story(rule=PRICES, name="server time", needs=(FetchServerTime,), play=time),
    Story(rule=PRICES, name="venue status", needs=(FetchVenueStatus,), play=status),
    Story(rule=PRICES, name="book", needs=(FetchInstruments, FetchBook), play=book),
    Story(rule=PRICES, name="ticker", needs=(FetchInstruments, FetchTicker), play=ticker),
    Story(rule=PRICES, name="tickers", needs=(FetchInstruments, FetchTickers), play=tickers),
    Story(rule=PRICES, name="trades", needs=(FetchInstruments, FetchTrades), play=trades),
    Story(
        rule=PRICES,
        name="candles",
        needs=(FetchInstruments, FetchCandles, FetchServerTime),
        play=candles,
        history_minutes=200,
    ),
    Story(rule=PRICES, name="funding rate", needs=(FetchInstruments, FetchFundingRate), play=funding),
)
