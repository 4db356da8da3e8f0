"""The account: balances, fees, permissions, positions and settings. Parameters out, values in; signs nothing.

Source: Binance spot rest-api.md (2026-07-21), wallet pages (2026-05-28), USD-M account and trade pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from unified.account import Balance, Fee, KeyPermissions, MarginMode, Position, PositionMode
from unified.instrument import ZERO, Product
from unified.operations import (
    FetchBalances,
    FetchKeyPermissions,
    FetchPositions,
    FetchTradingFees,
    Operation,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.order import PositionSide
from unified.wire import (
    Json,
    at_ms_or_none,
    child,
    decimal,
    decimal_or_none,
    flag,
    obj,
    plain,
    positive_or_none,
    rows,
    text,
)
from unified_binance_dialect.auth import Parameters, cannot
from unified_binance_dialect.rows import Row, instrument_of

# --- balances


def balances_parameters(operation: FetchBalances) -> Parameters:
    return {"omitZeroBalances": "true"} if operation.product is Product.SPOT else {}


def parse_linear_balances(_operation: FetchBalances, answer: Json) -> tuple[Balance, ...]:
    """What margin holds counts as locked: the venue tells the wallet's total and what is still available."""
    found = (obj(row, "balance[]") for row in rows(answer))
    return tuple(
        Balance(
            currency=text(row, "asset"),
            free=decimal(row, "availableBalance"),
            locked=max(decimal(row, "balance") - decimal(row, "availableBalance"), ZERO),
        )
        for row in found
    )


# --- fees


def parse_spot_fees(operation: FetchTradingFees, answer: Json) -> Fee:
    """The most an order can cost: standard, special and tax together, without the discount for paying in BNB."""
    body = obj(answer)
    parts = [child(body, name) for name in ("standardCommission", "specialCommission", "taxCommission") if name in body]
    # The part of the side comes on top of maker or taker; the dearer side is taken.
    by_side = max(_sum(parts, "buyer"), _sum(parts, "seller"))
    return Fee(
        instrument=operation.instrument,
        product=operation.product,
        maker=_sum(parts, "maker") + by_side,
        taker=_sum(parts, "taker") + by_side,
    )


def _sum(parts: Sequence[Row], key: str) -> Decimal:
    return sum((decimal_or_none(part, key) or ZERO for part in parts), ZERO)


def parse_linear_fees(operation: FetchTradingFees, answer: Json) -> Fee:
    row = obj(answer)
    return Fee(
        instrument=operation.instrument,
        product=operation.product,
        maker=decimal(row, "makerCommissionRate"),
        taker=decimal(row, "takerCommissionRate"),
    )


# --- permissions


def parse_permissions(operation: FetchKeyPermissions, answer: Json) -> KeyPermissions:
    """What the key may do for the product that was asked about. Which addresses are allowed is not told."""
    row = obj(answer)
    is_bound = flag(row, "ipRestrict")
    trades = "enableFutures" if operation.product is Product.LINEAR else "enableSpotAndMarginTrading"
    return KeyPermissions(
        read=flag(row, "enableReading"),
        trade=flag(row, trades),
        withdraw=flag(row, "enableWithdrawals"),
        addresses=None if is_bound else (),
        expires_at=at_ms_or_none(row, "tradingAuthorityExpirationTime"),
        notes=("bound to addresses that the venue does not name",) if is_bound else (),
    )


# --- positions


def positions_parameters(operation: FetchPositions) -> Parameters:
    return {} if operation.instrument is None else {"symbol": operation.instrument.symbol}


_POSITION_SIDES = {"LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}


def parse_positions(operation: FetchPositions, answer: Json) -> tuple[Position, ...]:
    found = (obj(row, "positionRisk[]") for row in rows(answer))
    return tuple(_position(operation, row) for row in found if decimal(row, "positionAmt") != ZERO)


def _position(operation: FetchPositions, row: Row) -> Position:
    return Position(
        instrument=instrument_of(operation, row),
        quantity=decimal(row, "positionAmt"),
        entry_price=positive_or_none(row, "entryPrice"),
        mark_price=positive_or_none(row, "markPrice"),
        liquidation_price=positive_or_none(row, "liquidationPrice"),
        unrealized_pnl=decimal_or_none(row, "unRealizedProfit"),
        leverage=positive_or_none(row, "leverage"),
        margin_mode=MarginMode.CROSS if _is_cross(row) else MarginMode.ISOLATED,
        position_side=_POSITION_SIDES.get(text(row, "positionSide")),
        updated_at=at_ms_or_none(row, "updateTime"),
    )


def _is_cross(row: Row) -> bool:
    """Version 3 of the answer leaves the mode out; only an isolated position has a wallet of its own."""
    told = row.get("marginType")
    return bool(told == "cross") if told is not None else not decimal_or_none(row, "isolatedWallet")


# --- settings


def leverage_parameters(operation: SetLeverage) -> Parameters:
    if operation.leverage != operation.leverage.to_integral_value():
        raise cannot(operation, "leverage is a whole number here, from 1 to 125")
    return {"symbol": operation.instrument.symbol, "leverage": plain(operation.leverage.to_integral_value())}


_MARGIN_TYPES = {MarginMode.CROSS: "CROSSED", MarginMode.ISOLATED: "ISOLATED"}


def margin_mode_parameters(operation: SetMarginMode) -> Parameters:
    return {"symbol": operation.instrument.symbol, "marginType": _MARGIN_TYPES[operation.mode]}


def position_mode_parameters(operation: SetPositionMode) -> Parameters:
    return {"dualSidePosition": "true" if operation.mode is PositionMode.HEDGE else "false"}


def parse_set(_operation: Operation[Any], answer: Json) -> None:
    """The venue repeats the setting or says success; a refusal has been raised before."""
    obj(answer)
