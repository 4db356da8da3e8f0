"""Balances, positions, fees and settings of the account: parameters out, values in. Signs nothing.

Spot and swaps share one account. Source: OKX API v5 docs, #trading-account-rest-api (2026-07-09 to 2026-07-20).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve

from unified.account import Balance, Fee, KeyPermissions, MarginMode, Position, PositionMode
from unified.adapter import Steps
from unified.errors import Fault, Kind, VenueError
from unified.instrument import ZERO, Instrument
from unified.operations import (
    FetchBalances,
    FetchKeyPermissions,
    FetchPositions,
    FetchTradingFees,
    InstrumentOperation,
    Operation,
    Priority,
    SetLeverage,
    SetPositionMode,
)
from unified.order import PositionSide
from unified.values import frozen
from unified.wire import (
    Json,
    at_ms_or_none,
    children,
    decimal,
    decimal_or_none,
    malformed,
    obj,
    plain,
    positive_or_none,
    text,
    text_or_none,
)
from unified_okx.limits import FetchOrderRate, OrderRate
from unified_okx.market_data import first
from unified_okx.orders import Terms
from unified_okx.symbols import NATIVE_TYPE, instrument_in, to_base

Parameters = Mapping[str, str]

# --- balances


def parse_balances(_operation: FetchBalances, rows: list[Json]) -> tuple[Balance, ...]:
    """The trading account only: what lies in the funding account is not shown here."""
    return balances_of(first(rows))


def balances_of(row: Mapping[str, Any]) -> tuple[Balance, ...]:
    """The currencies of an account's row, of an answer or of a stream."""
    found = (obj(detail, "details[]") for detail in children(row, "details"))
    return tuple(
        Balance(currency=text(row, "ccy"), free=_free(row), locked=max(decimal_or_none(row, "frozenBal") or ZERO, ZERO))
        for row in found
    )


def _free(row: Mapping[str, Any]) -> Decimal:
    """`availBal`, or `availEq` where the account's mode leaves that empty."""
    free = decimal_or_none(row, "availBal")
    return decimal(row, "availEq") if free is None else free


# --- positions

_POSITION_SIDE = {"long": PositionSide.LONG, "short": PositionSide.SHORT}
_MARGIN_MODE = {"cross": MarginMode.CROSS, "isolated": MarginMode.ISOLATED}


def positions_parameters(operation: FetchPositions) -> Parameters:
    parameters = {"instType": NATIVE_TYPE[operation.product]}
    return parameters if operation.instrument is None else {**parameters, "instId": operation.instrument.symbol}


def parse_positions(operation: FetchPositions, rows: list[Json]) -> tuple[Position, ...]:
    found = []
    for row in (obj(row, "data[]") for row in rows):
        instrument = instrument_in(operation.listing, text(row, "instId"), operation.product)
        if instrument is not None and decimal_or_none(row, "pos"):
            found.append(position_of(instrument, row))
    return tuple(found)


def position_of(instrument: Instrument, row: Mapping[str, Any]) -> Position:
    """`pos` counts contracts: signed in one-way mode, positive on both sides in hedge mode."""
    side = _POSITION_SIDE.get(text(row, "posSide"))
    quantity = to_base(instrument, decimal(row, "pos"))
    return Position(
        instrument=instrument,
        quantity=-abs(quantity) if side is PositionSide.SHORT else quantity,
        entry_price=positive_or_none(row, "avgPx"),
        mark_price=positive_or_none(row, "markPx"),
        liquidation_price=positive_or_none(row, "liqPx"),
        unrealized_pnl=decimal_or_none(row, "upl"),
        leverage=positive_or_none(row, "lever"),
        margin_mode=_MARGIN_MODE.get(text_or_none(row, "mgnMode") or ""),
        position_side=side,
        updated_at=at_ms_or_none(row, "uTime"),
    )


# --- fees: by group, and the instrument list tells the group


class FetchFeeGroup(InstrumentOperation[str]):
    """The group by whose rates an instrument is charged."""

    __slots__ = ()
    name = "fee_group"
    priority = Priority.PUBLIC_READ


@frozen(kw_only=True)
class FetchGroupFee(InstrumentOperation[Fee]):
    """The account's rates of one group."""

    name = "group_fee"
    priority = Priority.PRIVATE_READ
    group: str


def fetch_fee(operation: FetchTradingFees) -> Steps[Fee]:
    """Two questions: which group, and what the group costs."""
    group: str = yield FetchFeeGroup(instrument=operation.instrument)
    fee: Fee = yield FetchGroupFee(instrument=operation.instrument, group=group)
    return fee


def group_parameters(operation: FetchFeeGroup) -> Parameters:
    return {"instType": NATIVE_TYPE[operation.product], "instId": operation.instrument.symbol}


def parse_group(operation: FetchFeeGroup, rows: list[Json]) -> str:
    if not rows:
        text_ = f"no instrument {operation.instrument.symbol}"
        raise VenueError.of(Fault(kind=Kind.UNKNOWN_SYMBOL, http_status=200, message=text_))
    return text(obj(rows[0], "data[]"), "groupId")


def fee_parameters(operation: FetchGroupFee) -> Parameters:
    return {"instType": NATIVE_TYPE[operation.product], "groupId": operation.group}


def parse_fee(operation: FetchGroupFee, rows: list[Json]) -> Fee:
    """Rates come with the sign of the account's gain: negative is paid. The fields beside `feeGroup` are retired."""
    groups = [obj(group, "feeGroup[]") for group in children(first(rows), "feeGroup")]
    for group in groups:
        if text(group, "groupId") == operation.group:
            return Fee(
                instrument=operation.instrument,
                product=operation.product,
                maker=-decimal(group, "maker"),
                taker=-decimal(group, "taker"),
            )
    raise malformed(f"feeGroup: no group {operation.group}")


# --- the key


class FetchKeyConfiguration(Operation[KeyPermissions]):
    """What the account's configuration tells of the key."""

    __slots__ = ()
    name = "key_configuration"
    priority = Priority.PRIVATE_READ


def fetch_permissions(operation: FetchKeyPermissions) -> Steps[KeyPermissions]:
    """What the key may do, and how many orders its account may send. The latter is left out where OKX does not tell."""
    key: KeyPermissions = yield FetchKeyConfiguration(product=operation.product)
    try:
        rate: OrderRate = yield FetchOrderRate(product=operation.product)
    except VenueError:
        return key
    told = f"orders: {rate.now} in 2 s for the account"
    if rate.following != rate.now:
        told += f", {rate.following} from the next 08:00 UTC on"
    return evolve(key, notes=(*key.notes, told))


_ACCOUNT_LEVELS = {
    "1": "spot mode",
    "2": "futures mode",
    "3": "multi-currency margin",
    "4": "portfolio margin",
}


def parse_permissions(_operation: FetchKeyConfiguration, rows: list[Json]) -> KeyPermissions:
    row = first(rows)
    permissions = text(row, "perm").split(",")
    addresses = tuple(address for address in (text_or_none(row, "ip") or "").split(",") if address)
    level = _ACCOUNT_LEVELS.get(text_or_none(row, "acctLv") or "")
    notes = [f"account: {level}"] if level else []
    if mode := text_or_none(row, "posMode"):
        notes.append(f"position mode: {mode}")
    if not addresses and ("trade" in permissions or "withdraw" in permissions):
        notes.append("bound to no address: OKX deletes such a key after 14 days without a call")
    return KeyPermissions(
        read="read_only" in permissions,
        trade="trade" in permissions,
        withdraw="withdraw" in permissions,
        addresses=addresses,
        notes=tuple(notes),
    )


# --- settings


def leverage_body(terms: Terms, operation: SetLeverage) -> Mapping[str, str]:
    """Per contract and margin mode. Isolated positions of hedge mode want a side, which OKX will ask for."""
    return {
        "instId": operation.instrument.symbol,
        "lever": plain(operation.leverage),
        "mgnMode": terms.swap_mode,
    }


_POSITION_MODE = {PositionMode.ONE_WAY: "net_mode", PositionMode.HEDGE: "long_short_mode"}


def position_mode_body(operation: SetPositionMode) -> Mapping[str, str]:
    """Of the whole account; refused while it holds positions or orders (59000)."""
    return {"posMode": _POSITION_MODE[operation.mode]}


def parse_set(operation: SetLeverage | SetPositionMode, rows: list[Json]) -> None:
    """A success echoes what was set."""
