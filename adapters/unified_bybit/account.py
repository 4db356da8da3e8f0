"""Balances, positions, fees and settings of the account: parameters out, values in. Signs nothing.

Spot and perpetuals share the one wallet of a unified account.
Source: Bybit V5 docs, account/wallet-balance.mdx, position/*, user/apikey-info.mdx (2026-05 to 2026-07).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from unified.account import Balance, Fee, KeyPermissions, MarginMode, Position, PositionMode
from unified.adapter import Steps
from unified.instrument import ZERO, Instrument, Product
from unified.operations import (
    FetchBalances,
    FetchKeyPermissions,
    FetchPositions,
    FetchTradingFees,
    ListingOperation,
    Operation,
    Page,
    Priority,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.order import PositionSide
from unified.values import frozen
from unified.wire import (
    at_ms_or_none,
    child,
    children,
    decimal,
    decimal_or_none,
    integer,
    obj,
    plain,
    positive_or_none,
    text,
    text_or_none,
    to_moment,
)
from unified_bybit.door import Body, Parameters
from unified_bybit.faults import Answer
from unified_bybit.market_data import instrument_only, instrument_or_all, rows_of, the_row
from unified_bybit.symbols import SETTLE, instrument_in, next_cursor

# --- balances


def balances_parameters(_operation: FetchBalances) -> Parameters:
    return {"accountType": "UNIFIED"}


def parse_balances(_operation: FetchBalances, answer: Answer) -> tuple[Balance, ...]:
    """The unified wallet only: what lies in the funding account is not shown here."""
    found = (obj(row, "coin[]") for account in rows_of(answer) for row in children(account, "coin"))
    return tuple(balance_of(row) for row in found)


def balance_of(row: Mapping[str, Any]) -> Balance:
    """What is borrowed for spot margin is part of `walletBalance` since 2025-09, and not free to be used.

    A debt leaves nothing free. What positions hold as margin is not taken off: it is counted in USD, over all coins.
    """
    locked = decimal_or_none(row, "locked") or ZERO
    free = decimal(row, "walletBalance") - locked - (decimal_or_none(row, "spotBorrow") or ZERO)
    return Balance(currency=text(row, "coin"), free=max(free, ZERO), locked=locked)


# --- positions


@frozen(kw_only=True)
class FetchPositionPage(ListingOperation[Page[Position]]):
    """One page of positions."""

    name = "positions_page"
    priority = Priority.PRIVATE_READ
    cursor: str | None = None


_MOST = 200
_POSITION_SIDE = {1: PositionSide.LONG, 2: PositionSide.SHORT}


def fetch_positions(operation: FetchPositions) -> Steps[tuple[Position, ...]]:
    """All pages."""
    found: tuple[Position, ...] = ()
    question = FetchPositionPage(product=operation.product, instrument=operation.instrument, listing=operation.listing)
    while True:
        page: Page[Position] = yield question
        found += page.items
        if page.cursor is None:
            return found
        question = evolve(question, cursor=page.cursor)


def positions_parameters(operation: FetchPositionPage) -> Parameters:
    """By symbol flat positions are shown too; by settle currency only open ones."""
    parameters = {**instrument_or_all(operation), "limit": str(_MOST)}
    if operation.instrument is None:
        parameters["settleCoin"] = SETTLE
    return parameters if operation.cursor is None else {**parameters, "cursor": operation.cursor}


def parse_positions(operation: FetchPositionPage, answer: Answer) -> Page[Position]:
    found = ((instrument_in(operation.listing, text(row, "symbol"), operation.product), row) for row in rows_of(answer))
    held = tuple(
        position_of(instrument, row) for instrument, row in found if instrument is not None and decimal(row, "size")
    )
    return Page(items=held, cursor=next_cursor(answer))


def position_of(instrument: Instrument, row: Mapping[str, Any]) -> Position:
    """`size` is never negative. The margin mode is the account's, not the position's."""
    size = decimal(row, "size")
    return Position(
        instrument=instrument,
        quantity=-size if text(row, "side") == "Sell" else size,
        entry_price=positive_or_none(row, "avgPrice"),
        mark_price=positive_or_none(row, "markPrice"),
        liquidation_price=positive_or_none(row, "liqPrice"),
        unrealized_pnl=decimal_or_none(row, "unrealisedPnl"),
        leverage=positive_or_none(row, "leverage"),
        position_side=_POSITION_SIDE.get(integer(row, "positionIdx")),
        updated_at=at_ms_or_none(row, "updatedTime"),
    )


# --- fees


def parse_fee(operation: FetchTradingFees, answer: Answer) -> Fee:
    """Negative is a rebate, as it is here."""
    row = the_row(operation, answer)
    return Fee(
        instrument=operation.instrument,
        product=operation.product,
        maker=decimal(row, "makerFeeRate"),
        taker=decimal(row, "takerFeeRate"),
    )


# --- the key

_TRADES = {
    Product.SPOT: (("Spot", "SpotTrade"),),
    Product.LINEAR: (("ContractTrade", "Order"), ("Derivatives", "DerivativesTrade")),
}
"""Group and word of the permissions, one of which trading a product needs."""


def parse_permissions(operation: FetchKeyPermissions, answer: Answer) -> KeyPermissions:
    """Keys that are bound to no address expire after 90 days."""
    row = answer.result
    granted, writes = child(row, "permissions"), integer(row, "readOnly") == 0
    bound = tuple(str(address) for address in children(row, "ips") if address != "*")
    ends = text_or_none(row, "expiredAt")
    return KeyPermissions(
        read=True,
        trade=writes and any(_grants(granted, group, word) for group, word in _TRADES[operation.product]),
        withdraw=writes and _grants(granted, "Wallet", "Withdraw"),
        addresses=bound,
        expires_at=None if ends is None or bound else to_moment(ends, "expiredAt"),
        notes=tuple(_notes(row, bound)),
    )


def _grants(granted: Mapping[str, Any], group: str, word: str) -> bool:
    words = granted.get(group)
    return type(words) is list and word in words


def _notes(row: Mapping[str, Any], bound: tuple[str, ...]) -> list[str]:
    notes = []
    if level := text_or_none(row, "vipLevel"):
        notes.append(f"tier: {level}")
    if row.get("uta") == 0:
        notes.append("not a unified account: orders are refused")
    if not bound:
        notes.append("bound to no address: Bybit lets such a key expire after 90 days")
    return notes


# --- settings


def leverage_body(operation: SetLeverage) -> Body:
    """The same for both sides, which is what one-way mode and cross margin require."""
    leverage = plain(operation.leverage)
    return {**instrument_only(operation), "buyLeverage": leverage, "sellLeverage": leverage}


_MARGIN_MODE = {MarginMode.CROSS: "REGULAR_MARGIN", MarginMode.ISOLATED: "ISOLATED_MARGIN"}


def margin_mode_body(operation: SetMarginMode) -> Body:
    """Of the whole account, whatever instrument is named."""
    return {"setMarginMode": _MARGIN_MODE[operation.mode]}


_POSITION_MODE = {PositionMode.ONE_WAY: 0, PositionMode.HEDGE: 3}


def position_mode_body(operation: SetPositionMode) -> Body:
    """Of all perpetuals that settle in this currency; refused while there are positions or orders."""
    return {"category": "linear", "coin": SETTLE, "mode": _POSITION_MODE[operation.mode]}


def parse_set(_operation: Operation[None], _answer: Answer) -> None:
    """A success says nothing more."""
