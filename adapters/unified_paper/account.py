"""Balances, fees and the key: values in. What to ask stands in `market_data` (nothing, or a symbol)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.account import Balance, Fee, KeyPermissions
from unified.operations import FetchBalances, FetchKeyPermissions, FetchTradingFees
from unified.wire import Json, children, decimal, flag, obj, text


def parse_balances(_operation: FetchBalances, answer: Json) -> tuple[Balance, ...]:
    rows = (obj(row, "balances[]") for row in children(obj(answer), "balances"))
    return tuple(map(balance_of, rows))


def balance_of(row: Mapping[str, Any]) -> Balance:
    return Balance(currency=text(row, "currency"), free=decimal(row, "free"), locked=decimal(row, "locked"))


def parse_fees(operation: FetchTradingFees, answer: Json) -> Fee:
    row = obj(answer)
    return Fee(
        instrument=operation.instrument,
        product=operation.product,
        maker=decimal(row, "maker"),
        taker=decimal(row, "taker"),
    )


def parse_permissions(_operation: FetchKeyPermissions, answer: Json) -> KeyPermissions:
    row = obj(answer)
    return KeyPermissions(read=flag(row, "read"), trade=flag(row, "trade"), withdraw=False)
