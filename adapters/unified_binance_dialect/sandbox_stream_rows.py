"""What market streams of a simulated venue of this make say: books, best prices, days, trades, candles.

Field names: web-socket-streams.md (2026-07-21), USD-M "Websocket Market Streams" (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attrs import define, field

from unified.instrument import ZERO, Instrument, Product
from unified.market_data import Interval, Level
from unified.order import Side
from unified.sandbox.engine import Engine
from unified.sandbox.streams import BookFeed, TradeFeed
from unified.sandbox.wording import at_step, fixed
from unified_binance_dialect.sandbox_calls import Door
from unified_binance_dialect.sandbox_rows import Row, spot8
from unified_binance_dialect.sandbox_stream import SECOND_US, Maker, Source

_WHOLE_BOOK = 100_000
_TENTH_US = SECOND_US // 10


@define(eq=False)
class Market:
    """The streams of one instrument at one door."""

    engine: Engine
    door: Door
    item: Instrument
    _told: int | None = field(default=None, init=False)

    @property
    def is_spot(self) -> bool:
        return self.item.product is Product.SPOT

    def now_ms(self) -> int:
        """What the door's clock shows."""
        return (self.engine.now_us + self.door.ahead_us) // 1000

    def time_ms(self, shown_us: int) -> int:
        """A time of the engine as the door writes it."""
        return (shown_us + self.door.ahead_us) // 1000

    def price(self, value: Decimal | None) -> str:
        return spot8(value) if self.is_spot else fixed(value or ZERO, 2)

    def quantity(self, value: Decimal | None) -> str:
        return spot8(value) if self.is_spot else at_step(value or ZERO, self.item.lot_size)

    def head(self, event: str) -> Row:
        return {"e": event, "E": self.now_ms(), "s": self.item.symbol}

    def levels(self, levels: Iterable[Level]) -> list[list[str]]:
        return [[self.price(level.price), self.quantity(level.quantity)] for level in levels]


def source_of(market: Market, name: str) -> Source | None:
    """The stream of this name, without its symbol."""
    if name.startswith("kline_"):
        return _candles(market, name.removeprefix("kline_"))
    match name:
        case "depth@100ms":
            return _depth(market, _TENTH_US)
        case "depth":
            return _depth(market, SECOND_US if market.is_spot else SECOND_US // 4)
        case "bookTicker":
            return _best(market)
        case "ticker":
            return Source(due=lambda: [_day(market)], every_us=SECOND_US if market.is_spot else 2 * SECOND_US)
        case "trade" if market.is_spot:
            return _trades(market)
        case "aggTrade":
            return _aggregates(market)
    return None


def maker(engine: Engine, door: Door, also: Maker = lambda _name: None, only: frozenset[str] | None = None) -> Maker:
    """Streams of the door by their whole name; `only` some kinds, where the door's path has no others."""
    symbols = {item.symbol.lower(): item for item in engine.instruments if item.product is door.product}

    def make(stream: str) -> Source | None:
        symbol, _, name = stream.partition("@")
        item = symbols.get(symbol)
        if item is None or (only is not None and name.partition("@")[0].partition("_")[0] not in only):
            return None
        return source_of(Market(engine, door, item), name) or also(stream)

    return make


def _depth(market: Market, every_us: int) -> Source:
    """Every change since the last frame; numbers go on where that one ended.

    A snapshot over REST may stand between two frames: levels that came and went are told as gone. Source:
    web-socket-streams.md (2026-07-21), where removals of levels that one does not know are normal.
    """
    feed = BookFeed(market.engine, market.item, _WHOLE_BOOK, passing=True)
    told = feed.snapshot().sequence

    def due() -> list[Row]:
        nonlocal told
        change = feed.change()
        if change is None:
            return []
        first, previous, told = told + 1, told, change.book.sequence
        row = {**market.head("depthUpdate"), "U": first, "u": told}
        if not market.is_spot:
            row |= {"T": row["E"], "pu": previous}
        return [{**row, "b": market.levels(change.bids), "a": market.levels(change.asks)}]

    return Source(due=due, every_us=every_us)


def _best(market: Market) -> Source:
    """Whenever best prices or their quantities have changed; spot tells no time."""
    told: Row = {}

    def due() -> list[Row]:
        book = market.engine.book(market.item, 1)
        bid, ask = (levels[0] if levels else Level(ZERO, ZERO) for levels in (book.bids, book.asks))
        best = {"b": market.price(bid.price), "B": market.quantity(bid.quantity)}
        best |= {"a": market.price(ask.price), "A": market.quantity(ask.quantity)}
        if best == told:
            return []
        told.update(best)
        row = {"u": book.sequence, "s": market.item.symbol, **best}
        return [row if market.is_spot else {"e": "bookTicker", **row, "E": market.now_ms(), "T": market.now_ms()}]

    return Source(due=due, every_us=SECOND_US // 20)


def _day(market: Market) -> Row:
    day = market.engine.ticker(market.item)
    average = day.quote_volume / day.volume if day.volume else day.last
    row = {
        **market.head("24hrTicker"),
        "p": market.price(day.change),
        "P": fixed(day.change_fraction * 100, 3),
        "w": market.price(average),
        "c": market.price(day.last),
        "Q": market.quantity(day.last_quantity),
        "o": market.price(day.open),
        "h": market.price(day.high),
        "l": market.price(day.low),
        "v": market.quantity(day.volume),
        "q": market.price(day.quote_volume),
        "O": market.time_ms(day.opened_us),
        "C": market.time_ms(day.time_us),
        "n": day.trades,
    }
    if market.is_spot:
        row |= {"b": market.price(day.bid), "B": market.quantity(day.bid_quantity)}
        row |= {"a": market.price(day.ask), "A": market.quantity(day.ask_quantity)}
    return row


def _trades(market: Market) -> Source:
    feed = TradeFeed(market.engine, market.item)

    def due() -> list[Row]:
        return [
            {
                **market.head("trade"),
                "t": trade.trade_id,
                "p": market.price(trade.price),
                "q": market.quantity(trade.quantity),
                "T": market.time_ms(trade.time_us),
                "m": trade.side is Side.SELL,
                "M": True,
            }
            for trade in feed.new()
        ]

    return Source(due=due, every_us=SECOND_US // 20)


def _aggregates(market: Market) -> Source:
    """Here every trade is an aggregate of itself."""
    feed = TradeFeed(market.engine, market.item)

    def due() -> list[Row]:
        return [
            {
                **market.head("aggTrade"),
                "a": trade.trade_id,
                "p": market.price(trade.price),
                "q": market.quantity(trade.quantity),
                "f": trade.trade_id,
                "l": trade.trade_id,
                "T": market.time_ms(trade.time_us),
                "m": trade.side is Side.SELL,
            }
            for trade in feed.new()
        ]

    return Source(due=due, every_us=_TENTH_US)


def _candles(market: Market, length: str) -> Source | None:
    if length not in set(Interval) or (length == Interval.S1 and not market.door.seconds):
        return None
    every_us = (SECOND_US if length == Interval.S1 else 2 * SECOND_US) if market.is_spot else SECOND_US // 4

    def due() -> list[Row]:
        rows = []
        for candle in market.engine.candles(market.item, Interval(length))[-1:]:
            told = {
                "t": candle.opened_us // 1000,
                "T": candle.closes_us // 1000 - 1,
                "s": market.item.symbol,
                "i": length,
                "o": market.price(candle.open),
                "c": market.price(candle.close),
                "h": market.price(candle.high),
                "l": market.price(candle.low),
                "v": market.quantity(candle.volume),
                "n": candle.trades,
                "x": candle.closes_us <= market.engine.now_us,
                "q": spot8(candle.quote_volume),
                "V": market.quantity(candle.taker_buy_volume),
                "Q": spot8(candle.taker_buy_quote_volume),
                "B": "0",
            }
            rows.append({**market.head("kline"), "k": told})
        return rows

    return Source(due=due, every_us=every_us)
