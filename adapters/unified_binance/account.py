"""Balances and settings of the account: parameters out, values in. Signs nothing.

Source: Binance spot rest-api.md (2026-07-21), USD-M account pages (2026-05-28).
"""

from __future__ import annotations

from unified.account import Balance
from unified.instrument import ZERO, Product
from unified.operations import FetchBalances
from unified.wire import Json, children, decimal, obj, rows, text
from unified_binance.auth import Parameters


def balances_parameters(operation: FetchBalances) -> Parameters:
    return {"omitZeroBalances": "true"} if operation.product is Product.SPOT else {}


def parse_spot_balances(operation: FetchBalances, answer: Json) -> tuple[Balance, ...]:
    found = (obj(row, "balances[]") for row in children(obj(answer), "balances"))
    return tuple(Balance(currency=text(row, "asset"), free=decimal(row, "free"), locked=decimal(row, "locked")) for row in found)


def parse_linear_balances(operation: FetchBalances, answer: Json) -> tuple[Balance, ...]:
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
