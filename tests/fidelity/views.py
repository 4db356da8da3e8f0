"""What a sandbox's engine shows at one moment, in the words in which every client tells what it saw.

The truth that other people's clients are measured by: it is read from the engine, before any dialect has spoken.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import frozen

from unified.instrument import Instrument
from unified.market_data import Interval, Level
from unified.sandbox.accounts import Account
from unified.sandbox.engine import Engine
from unified.sandbox.orders import VenueOrder

_CANDLES = 3
DEPTH = 5


@frozen(kw_only=True)
class View:
    """A market and an account of the engine, as they are when it is made."""

    now_ms: int
    market: dict[str, Any]
    balances: dict[str, Any]
    order: dict[str, Any]
    """The account's newest order; empty while there is none."""
    fills: dict[str, Any]
    """What was filled of that order."""

    @classmethod
    def of(cls, engine: Engine, instrument: Instrument, account: Account, unit: Decimal) -> View:
        """`unit` is what the venue counts quantities in, in base units: the contract, where it counts contracts."""
        newest = account.orders[-1] if account.orders else None
        return cls(
            now_ms=engine.now_us // 1000,
            market=_market(engine, instrument, unit),
            balances=_balances(engine, instrument, account),
            order=_order(newest, unit) if newest else {},
            fills=_fills(account, newest, unit) if newest else {},
        )

    def shows(self, step: str) -> dict[str, Any]:
        """Everything that a client may tell of a step."""
        if step == "time":
            return {"ms": self.now_ms}
        if step == "balances":
            return self.balances
        if step == "fills":
            return self.fills
        if step in ("instruments", "ticker", "book", "candles"):
            found: dict[str, Any] = self.market[step]
            return found
        return self.order


def _market(engine: Engine, instrument: Instrument, unit: Decimal) -> dict[str, dict[str, Any]]:
    return {
        "instruments": {
            "tick": instrument.tick_size,
            "lot": instrument.lot_size / unit,
            "min_quantity": instrument.min_quantity / unit,
            "min_notional": instrument.min_notional,
        },
        "ticker": _ticker(engine, instrument, unit),
        "book": _book(engine, instrument, unit),
        "candles": {"rows": _candles(engine, instrument)},
    }


def _ticker(engine: Engine, instrument: Instrument, unit: Decimal) -> dict[str, Any]:
    day = engine.ticker(instrument)
    prices = {name: getattr(day, name) for name in ("bid", "ask", "last", "high", "low", "open", "quote_volume")}
    quantities = {name: getattr(day, name) / unit for name in ("bid_quantity", "ask_quantity", "volume")}
    return {**prices, **quantities}


def _book(engine: Engine, instrument: Instrument, unit: Decimal) -> dict[str, Any]:
    def rows(levels: tuple[Level, ...]) -> list[list[Decimal]]:
        return [[level.price, level.quantity / unit] for level in levels]

    book = engine.book(instrument, DEPTH)
    return {"bids": rows(book.bids), "asks": rows(book.asks)}


def _candles(engine: Engine, instrument: Instrument) -> list[list[Any]]:
    """The newest that are over: opened (ms), open, high, low, close, volume."""
    minute_us = 60_000_000
    end_us = engine.now_us // minute_us * minute_us
    found = engine.candles(instrument, Interval.M1, start_us=end_us - _CANDLES * minute_us, end_us=end_us)
    return [[c.opened_us // 1000, c.open, c.high, c.low, c.close, c.volume] for c in found]


def _balances(engine: Engine, instrument: Instrument, account: Account) -> dict[str, Any]:
    wallet = account.wallet(instrument.product)
    shown: dict[str, Any] = {}
    for name, currency in (("base", instrument.base), ("quote", instrument.settle or instrument.quote)):
        total, free = wallet.total.get(currency, Decimal(0)), engine.available(account, instrument.product, currency)
        shown |= {f"{name}_total": total, f"{name}_free": free, f"{name}_held": total - free}
    return shown


def _order(order: VenueOrder, unit: Decimal) -> dict[str, Any]:
    return {
        "client_order_id": order.client_order_id,
        "side": order.side.value,
        "order_type": order.order_type.value,
        "time_in_force": order.time_in_force.value,
        "post_only": order.asked.post_only,
        "price": order.price,
        "quantity": order.quantity / unit if order.quantity else None,
        "filled": order.filled_quantity / unit,
        "average": order.average_price,
        "status": _STATUS.get(order.status.value, order.status.value),
        "amended": order.amendments,
    }


_STATUS = {"pending_new": "pending", "new": "open", "partially_filled": "open", "filled": "closed"}
"""In the words of ccxt, which the programs use for all clients."""


def _fills(account: Account, order: VenueOrder, unit: Decimal) -> dict[str, Any]:
    fills = [fill for fill in account.fills if fill.order is order]
    return {
        "side": order.side.value,
        "count": len(fills),
        "quantity": sum((fill.quantity for fill in fills), Decimal(0)) / unit,
        "cost": sum((fill.quote_quantity for fill in fills), Decimal(0)),
        "fee": sum((fill.fee for fill in fills), Decimal(0)),
        "fee_currency": fills[0].fee_currency if fills else None,
        "liquidity": fills[0].liquidity.value if fills else None,
    }
