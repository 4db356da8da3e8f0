"""The simulated Paper's rows: the same over REST and on streams. Looks at the engine, changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from unified.instrument import Instrument
from unified.market_data import Level
from unified.sandbox.accounts import Wallet
from unified.sandbox.engine import Engine
from unified.sandbox.orders import VenueFill, VenueOrder
from unified.sandbox.tape import TapeCandle, TapeTrade
from unified.sandbox.wording import plain

Row = dict[str, Any]


def instrument_row(item: Instrument) -> Row:
    numbers = ("tick_size", "lot_size", "min_quantity", "min_notional")
    return {
        "symbol": item.symbol,
        "base": item.base,
        "quote": item.quote,
        **{name: plain(getattr(item, name)) for name in numbers},
        "trading": True,
    }


def ticker_row(engine: Engine, instrument: Instrument) -> Row:
    day = engine.ticker(instrument)
    numbers = ("bid", "bid_quantity", "ask", "ask_quantity", "last", "open", "high", "low", "volume")
    known = {name: getattr(day, name) for name in numbers}
    return {
        "symbol": instrument.symbol,
        **{name: plain(value) for name, value in known.items() if value is not None},
        "time_ms": engine.now_us // 1000,
    }


def level_rows(levels: Iterable[Level]) -> list[list[str]]:
    return [[plain(price), plain(quantity)] for price, quantity in levels]


def trade_row(trade: TapeTrade) -> Row:
    return {
        "id": trade.trade_id,
        "price": plain(trade.price),
        "quantity": plain(trade.quantity),
        "side": trade.side.value,
        "time_ms": trade.time_us // 1000,
    }


def candle_row(candle: TapeCandle, now_us: int) -> Row:
    return {
        "opened_ms": candle.opened_us // 1000,
        **{name: plain(getattr(candle, name)) for name in ("open", "high", "low", "close", "volume")},
        "closed": candle.closes_us <= now_us,
    }


def balance_row(wallet: Wallet, currency: str) -> Row:
    return {
        "currency": currency,
        "free": plain(wallet.free(currency)),
        "locked": plain(wallet.held.get(currency, Decimal(0))),
    }


def order_row(order: VenueOrder) -> Row:
    asked = order.asked
    numbers = {
        "quantity": order.quantity,
        "quote_quantity": asked.quote_quantity,
        "price": order.price,
        "stop_price": asked.stop_price,
        "average_price": order.average_price,
    }
    return {
        "id": order.order_id,
        "client_order_id": order.client_order_id or "",
        "symbol": order.instrument.symbol,
        "status": order.status.value,
        "side": order.side.value,
        "type": order.order_type.value,
        "time_in_force": order.time_in_force.value,
        "expires_ms": None if asked.expires_us is None else asked.expires_us // 1000,
        "post_only": asked.post_only,
        **{name: plain(value) for name, value in numbers.items() if value is not None},
        "filled_quantity": plain(order.filled_quantity),
        "created_ms": order.created_us // 1000,
        "updated_ms": order.updated_us // 1000,
        "refusal": "" if order.refusal is None else order.refusal.value,
    }


def fill_row(fill: VenueFill) -> Row:
    return {
        "trade_id": fill.trade_id,
        "order_id": fill.order.order_id,
        "client_order_id": fill.order.client_order_id or "",
        "symbol": fill.order.instrument.symbol,
        "side": fill.side.value,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "fee": plain(fill.fee),
        "fee_currency": fill.fee_currency,
        "liquidity": fill.liquidity.value,
        "time_ms": fill.time_us // 1000,
    }
