"""What one market shows of its past: public trades, candles and the last 24 hours. Trades nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from attrs import define, frozen

from unified.instrument import ZERO, to_step
from unified.instrument import Rounding as _Rounding
from unified.market_data import Interval
from unified.order import Side

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
_WEEK_US = 7 * DAY_US
_MONDAY_US = 4 * DAY_US
"""The first Monday after the epoch, where weeks begin."""
_KEPT_TRADES = 5_000


@frozen(kw_only=True)
class TapeTrade:
    """One public trade."""

    trade_id: int
    price: Decimal
    quantity: Decimal
    side: Side
    """The taker's."""
    time_us: int


@define(kw_only=True)
class TapeCandle:
    """Prices over one interval."""

    opened_us: int
    closes_us: int
    """Where the next one opens."""
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = ZERO
    quote_volume: Decimal = ZERO
    taker_buy_volume: Decimal = ZERO
    taker_buy_quote_volume: Decimal = ZERO
    trades: int = 0

    def take(self, trade: TapeTrade) -> None:
        self._reach(trade.price, trade.price)
        self.close = trade.price
        self.volume += trade.quantity
        quote = trade.price * trade.quantity
        self.quote_volume += quote
        self.trades += 1
        if trade.side is Side.BUY:
            self.taker_buy_volume += trade.quantity
            self.taker_buy_quote_volume += quote

    def join(self, later: TapeCandle) -> None:
        """Continue with a later candle."""
        self._reach(later.high, later.low)
        self.close = later.close
        self.volume += later.volume
        self.quote_volume += later.quote_volume
        self.taker_buy_volume += later.taker_buy_volume
        self.taker_buy_quote_volume += later.taker_buy_quote_volume
        self.trades += later.trades

    def _reach(self, high: Decimal, low: Decimal) -> None:
        self.high, self.low = max(self.high, high), min(self.low, low)


@frozen(kw_only=True)
class DayTicker:
    """The last 24 hours of a market, and the best prices now."""

    bid: Decimal | None
    bid_quantity: Decimal | None
    ask: Decimal | None
    ask_quantity: Decimal | None
    last: Decimal
    last_quantity: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
    opened_us: int
    time_us: int

    @property
    def change(self) -> Decimal:
        return self.last - self.open

    @property
    def change_fraction(self) -> Decimal:
        return self.change / self.open


class Tape:
    """Trades as they happen, and minutes made of them."""

    def __init__(self) -> None:
        self._trades: deque[TapeTrade] = deque(maxlen=_KEPT_TRADES)
        self._minutes: dict[int, TapeCandle] = {}
        self.last = ZERO
        self.last_quantity = ZERO

    def add(self, trade: TapeTrade) -> None:
        self._trades.append(trade)
        self.last, self.last_quantity = trade.price, trade.quantity
        opened_us = trade.time_us - trade.time_us % MINUTE_US
        candle = self._minutes.get(opened_us)
        if candle is None:
            candle = self._minutes[opened_us] = _empty(opened_us, opened_us + MINUTE_US, trade.price)
        candle.take(trade)

    def remember(self, candle: TapeCandle) -> None:
        """Add a minute of the time before the start."""
        self._minutes[candle.opened_us] = candle
        self.last = candle.close

    def trades(self) -> Iterable[TapeTrade]:
        """The kept trades, oldest first."""
        return self._trades

    def candles(self, interval: Interval, start_us: int | None, end_us: int | None) -> list[TapeCandle]:
        """Candles opened in [start, end), oldest first. Intervals without a trade have none."""
        made: dict[int, TapeCandle] = {}
        for part in self._parts(interval):
            opened_us, closes_us = bounds(interval, part.opened_us)
            if (start_us is not None and opened_us < start_us) or (end_us is not None and opened_us >= end_us):
                continue
            whole = made.get(opened_us)
            if whole is None:
                whole = made[opened_us] = _empty(opened_us, closes_us, part.open)
            whole.join(part)
        return sorted(made.values(), key=lambda candle: candle.opened_us)

    def since(self, time_us: int) -> list[TapeCandle]:
        """The minutes that opened at `time_us` or later, oldest first."""
        return [candle for candle in self._in_order() if candle.opened_us >= time_us]

    def _in_order(self) -> list[TapeCandle]:
        return sorted(self._minutes.values(), key=lambda candle: candle.opened_us)

    def _parts(self, interval: Interval) -> Iterable[TapeCandle]:
        return self._seconds() if interval is Interval.S1 else self._in_order()

    def _seconds(self) -> Iterator[TapeCandle]:
        for trade in self._trades:
            candle = _empty(trade.time_us, trade.time_us, trade.price)
            candle.take(trade)
            yield candle


def _empty(opened_us: int, closes_us: int, price: Decimal) -> TapeCandle:
    return TapeCandle(opened_us=opened_us, closes_us=closes_us, open=price, high=price, low=price, close=price)


def bounds(interval: Interval, time_us: int) -> tuple[int, int]:
    """Begin and end of the interval that holds a time. Weeks begin on Monday, months on their first day (UTC)."""
    if interval is Interval.MONTH:
        return _month(time_us)
    length = interval.length
    if length is None:
        raise ValueError(interval)
    length_us = round(length.total_seconds()) * 1_000_000
    shift_us = _MONDAY_US if length_us == _WEEK_US else 0
    opened_us = time_us - (time_us - shift_us) % length_us
    return opened_us, opened_us + length_us


def _month(time_us: int) -> tuple[int, int]:
    first = datetime.fromtimestamp(time_us // 1_000_000, UTC).replace(day=1, hour=0, minute=0, second=0)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return int(first.timestamp()) * 1_000_000, int(following.timestamp()) * 1_000_000


def history(
    chance: Random, *, price: Decimal, step: Decimal, quantity: Decimal, lot: Decimal, end_us: int, minutes: int
) -> Iterator[TapeCandle]:
    """Minutes of a random walk that ends at `price` before `end_us`, oldest first."""
    moves = [chance.choice((-1, 0, 1)) for _ in range(minutes * 4)]
    at = max(price - sum(moves) * step, step)
    opened_us = end_us - end_us % MINUTE_US - minutes * MINUTE_US
    for minute in range(minutes):
        candle = _empty(opened_us, opened_us + MINUTE_US, at)
        for number, move in enumerate(moves[minute * 4 : minute * 4 + 4]):
            at = max(at + move * step, step)
            traded = max(lot, to_step(quantity * chance.randrange(1, 20) / 10, lot, _Rounding.DOWN))
            side = chance.choice((Side.BUY, Side.SELL))
            candle.take(TapeTrade(trade_id=number, price=at, quantity=traded, side=side, time_us=opened_us))
        yield candle
        opened_us += MINUTE_US
