"""What topics of the simulated Paper's streams tell: their state first, then what has changed. Knows no connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from unified.instrument import Instrument, Product
from unified.market_data import Interval
from unified.sandbox.accounts import Account
from unified.sandbox.engine import Engine
from unified.sandbox.streams import AccountFeed, BookFeed, TradeFeed, WalletFeed
from unified_paper.sandbox_rows import (
    balance_row,
    candle_row,
    fill_row,
    level_rows,
    order_row,
    ticker_row,
    trade_row,
)

Due = Callable[[], list[Any]]
"""What has to be told since the last call, in its order."""
_DEEPEST = 1000


def ticker(engine: Engine, instrument: Instrument) -> Due:
    """Whenever anything but the time of it has changed."""
    told: dict[str, Any] = {}

    def due() -> list[Any]:
        row = ticker_row(engine, instrument)
        changed = {**row, "time_ms": 0} != {**told, "time_ms": 0}
        told.update(row)
        return [row] if changed else []

    return due


def book(engine: Engine, instrument: Instrument, depth: str) -> Due:
    """The whole of so many levels, then each change; a level that leaves them has the quantity zero."""
    levels = int(depth)
    if not 0 < levels <= _DEEPEST:
        raise ValueError(f"a book has 1 to {_DEEPEST} levels")
    feed, begun = BookFeed(engine, instrument, levels), list[bool]()

    def due() -> list[Any]:
        if begun:
            change = feed.change()
            return [] if change is None else [row("change", change, change.book)]
        begun.append(True)
        whole = feed.snapshot()
        return [row("whole", whole, whole)]

    def row(kind: str, sides: Any, whole: Any) -> dict[str, Any]:
        return {
            "kind": kind,
            "bids": level_rows(sides.bids),
            "asks": level_rows(sides.asks),
            "sequence": whole.sequence,
            "time_ms": whole.time_us // 1000,
        }

    return due


def trades(engine: Engine, instrument: Instrument) -> Due:
    """Those since the subscription, several to a frame."""
    feed = TradeFeed(engine, instrument)

    def due() -> list[Any]:
        rows = [trade_row(trade) for trade in feed.new()]
        return [rows] if rows else []

    return due


def candles(engine: Engine, instrument: Instrument, interval: str) -> Due:
    """The running one whenever it has changed, and once more when it is closed."""
    length, told = Interval(interval), dict[str, Any]()

    def due() -> list[Any]:
        found = engine.candles(instrument, length, start_us=told.get("opened_ms", 0) * 1000)
        rows = [candle_row(candle, engine.now_us) for candle in found[-2 if told else -1 :]]
        new = [row for row in rows if row != told]
        told.update(rows[-1] if rows else {})
        return new

    return due


def orders(account: Account) -> Due:
    """Own orders that changed, as they are now, and own fills."""
    feed = AccountFeed(account)

    def due() -> list[Any]:
        changes = feed.new()
        changed = {change.order.order_id: change.order for change in changes}
        fills = [fill_row(change.fill) for change in changes if change.fill is not None]
        return [{"orders": [order_row(order) for order in changed.values()], "fills": fills}] if changes else []

    return due


def balances(account: Account) -> Due:
    """Currencies that changed."""
    wallet = account.wallet(Product.SPOT)
    feed = WalletFeed(wallet)

    def due() -> list[Any]:
        rows = [balance_row(wallet, currency) for currency in feed.new()]
        return [rows] if rows else []

    return due


MARKETS: Mapping[str, Callable[..., Due]] = {"ticker": ticker, "book": book, "trades": trades, "candles": candles}
ACCOUNT: Mapping[str, Callable[[Account], Due]] = {"orders": orders, "balances": balances}
