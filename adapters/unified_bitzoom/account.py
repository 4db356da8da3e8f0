"""Balances, fees, positions and settings: parameters out, values in. Signs nothing.

Two of the settings are set by GET: what is sent here changes the account, whatever the method says.

Source: bitzoom-futures/futures.doc, examples/bitzoom.gateway.json and guides at 42521de (2026-02-13).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.account import Balance, Fee, MarginMode, Position, PositionMode
from unified.adapter import unsupported
from unified.instrument import ZERO
from unified.operations import (
    FetchBalances,
    FetchPositions,
    FetchTradingFees,
    Operation,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.order import PositionSide
from unified.wire import Json, at_ms_or_none, decimal, decimal_or_none, obj, plain, positive_or_none, text, text_or_none
from unified_bitzoom.market_data import VENUE
from unified_bitzoom.rows import TOTALS, Row, instrument_of, list_of, named

_SIDES = {"LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
_MARGIN_TYPES = {MarginMode.CROSS: "CROSSED", MarginMode.ISOLATED: "ISOLATED"}


def parse_balances(_operation: FetchBalances, answer: Json) -> tuple[Balance, ...]:
    """What margin holds counts as locked."""
    found = list_of(answer if type(answer) is list or "asset" not in obj(answer, "data") else [answer])
    return tuple(_balance(row) for row in found)


def _balance(row: Row) -> Balance:
    total = decimal(row, named(row, TOTALS))
    free = decimal(row, named(row, ("availableBalance", "available", "free")))
    return Balance(currency=text(row, "asset"), free=free, locked=max(total - free, ZERO))


def parse_fees(operation: FetchTradingFees, answer: Json) -> Fee:
    row = obj(answer, "data")
    return Fee(
        instrument=operation.instrument,
        product=operation.product,
        maker=decimal(row, named(row, ("makerCommissionRate", "maker"))),
        taker=decimal(row, named(row, ("takerCommissionRate", "taker"))),
    )


def positions_parameters(operation: FetchPositions) -> Mapping[str, str]:
    return {} if operation.instrument is None else {"symbol": operation.instrument.symbol}


def parse_positions(operation: FetchPositions, answer: Json) -> tuple[Position, ...]:
    found = (row for row in list_of(answer) if decimal(row, "positionAmt") != ZERO)
    return tuple(_position(operation, row) for row in found)


def _position(operation: FetchPositions, row: Row) -> Position:
    side, amount = _SIDES.get(text_or_none(row, "positionSide") or ""), decimal(row, "positionAmt")
    mode = (text_or_none(row, "marginType") or "").lower()
    return Position(
        instrument=instrument_of(operation, row),
        # The documented example shows the amount of a long; that of a short is negative or named by its side.
        quantity=-abs(amount) if side is PositionSide.SHORT else amount,
        entry_price=positive_or_none(row, "entryPrice"),
        mark_price=positive_or_none(row, "markPrice"),
        liquidation_price=positive_or_none(row, "liquidationPrice"),
        unrealized_pnl=decimal_or_none(row, "unrealizedProfit"),
        leverage=positive_or_none(row, "leverage"),
        margin_mode={"cross": MarginMode.CROSS, "crossed": MarginMode.CROSS, "isolated": MarginMode.ISOLATED}.get(mode),
        position_side=side,
        updated_at=at_ms_or_none(row, "updateTime"),
    )


# --- settings


def leverage_parameters(operation: SetLeverage) -> Mapping[str, str]:
    """Sets by GET; zero or nothing would only read."""
    whole = operation.leverage.to_integral_value()
    if operation.leverage != whole or not 1 <= whole <= 125:
        raise unsupported(VENUE, operation, "leverage is a whole number here, from 1 to 125")
    return {"symbol": operation.instrument.symbol, "leverage": plain(whole)}


def margin_mode_parameters(operation: SetMarginMode) -> Mapping[str, str]:
    """Sets by GET."""
    return {"symbol": operation.instrument.symbol, "marginType": _MARGIN_TYPES[operation.mode]}


def position_mode_parameters(operation: SetPositionMode) -> Mapping[str, Any]:
    return {"dualSidePosition": operation.mode is PositionMode.HEDGE}


def parse_set(_operation: Operation[Any], _answer: Json) -> None:
    """What comes back is not documented; a refusal has been raised before."""
