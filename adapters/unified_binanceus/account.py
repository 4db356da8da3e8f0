"""Fees as Binance.US tells them. Parameters are the dialect's; signs nothing.

Source: the answers that ccxt 4.5.90 reads (`sapi/v1/asset/query/trading-fee`, 2026-10); the venue's pages of
2024-06-17 do not hold the call yet.
"""

from __future__ import annotations

from unified.account import Fee
from unified.operations import FetchTradingFees
from unified.wire import Json, decimal, malformed, obj, rows, text


def parse_fees(operation: FetchTradingFees, answer: Json) -> Fee:
    """The row of the instrument: a list comes back, of one symbol or of all."""
    found = (obj(row, "trading-fee[]") for row in rows(answer))
    row = next((row for row in found if text(row, "symbol") == operation.instrument.symbol), None)
    if row is None:
        raise malformed(f"trading-fee: no row of {operation.instrument.symbol}")
    return Fee(
        instrument=operation.instrument,
        product=operation.product,
        maker=decimal(row, "makerCommission"),
        taker=decimal(row, "takerCommission"),
    )
